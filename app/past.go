package app

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/queue"
)

// groupJobs is how many jobs of a group are shown with it.
const groupJobs = 5

// ignored is the reason of jobs that a person does not want sent.
const ignored = "ignored by you"

// arrival is what comes together. Its session begins with the first photo, so
// that files which are none leave nothing behind. It is used by one goroutine.
type arrival struct {
	kind   queue.SessionKind
	source string
	ids    []string // accounts
	album  string
	id     uint64 // of the session, once it has begun
}

// openSession lets what came of a candidate belong to the session that it came
// with.
func (a *App) openSession(t taken) error {
	with := t.cand.with
	if with == nil || len(t.requests) == 0 {
		return nil
	}
	if with.id == 0 {
		id, err := a.queue.OpenSession(with.kind, with.source, with.ids, with.album)
		a.wrote(err)
		if err != nil {
			return err
		}
		with.id = id
	}
	for i := range t.requests {
		t.requests[i].Session = with.id
	}
	return nil
}

// Sessions implements [control.PastEngine].
func (a *App) Sessions(q control.SessionQuery) (control.SessionPage, error) {
	page := control.SessionPage{Sessions: []control.Session{}}
	kind := queue.SessionKind(q.Kind)
	switch kind {
	case "", queue.SessionFolder, queue.SessionDrop, queue.SessionCard:
	default:
		return page, problem(2, fmt.Sprintf("There is no kind %q of sessions", q.Kind), "Kinds are folder, drop and card.")
	}
	list, next, err := a.queue.Sessions(queue.SessionQuery{
		Account: a.accountOrGone(q.Account), Text: q.Text, Kind: kind, After: q.After, Limit: q.Limit,
	})
	if err != nil {
		return page, err
	}
	for _, s := range list {
		out := control.Session{
			ID: s.ID, Kind: string(s.Kind), Source: s.Source, Accounts: []string{}, Album: s.Album, Begun: s.Begun, Changed: s.Changed,
			Found: s.Found, Sent: s.Sent, Known: s.Known, Skipped: s.Skipped, Failed: s.Failed, Removed: s.Removed, Left: s.Left, Bytes: s.Bytes,
		}
		for _, id := range s.Accounts {
			out.Accounts = append(out.Accounts, a.accountName(id))
		}
		page.Sessions = append(page.Sessions, out)
	}
	page.Next = next
	return page, nil
}

// accountOrGone returns the ID of the account with this name, or the name: it
// may be the ID of an account that was removed.
func (a *App) accountOrGone(name string) string {
	if name == "" {
		return ""
	}
	if acc, err := a.account(name); err == nil {
		return acc.id
	}
	return name
}

// group is what JobGroup.Key stands for.
type group struct {
	state   queue.State
	reason  uint64
	account string // ID
}

func (g group) key() string { return fmt.Sprintf("%s.%016x.%s", g.state, g.reason, g.account) }

func parseGroup(key string) (g group, err error) {
	state, rest, ok1 := strings.Cut(key, ".")
	reason, account, ok2 := strings.Cut(rest, ".")
	g.account = account
	g.state, err = queue.ParseState(state)
	if err == nil {
		g.reason, err = strconv.ParseUint(reason, 16, 64)
	}
	if err != nil || !ok1 || !ok2 || account == "" || g.reason == 0 || g.state != queue.Failed && g.state != queue.Skipped {
		return g, problem(2, fmt.Sprintf("There is no group %q", key), "The list of groups has their keys.")
	}
	return g, nil
}

// Groups implements [control.PastEngine].
func (a *App) Groups(state string) ([]control.JobGroup, error) {
	st, err := queue.ParseState(state)
	if err != nil || st != queue.Failed && st != queue.Skipped {
		return nil, problem(2, fmt.Sprintf("There are no groups of the state %q", state), "There are groups of failed and of skipped photos.")
	}
	groups, err := a.queue.Groups(st, groupJobs)
	if err != nil {
		return nil, err
	}
	out := make([]control.JobGroup, 0, len(groups))
	for _, g := range groups {
		if len(g.Jobs) == 0 {
			continue // they have all moved on since they were counted
		}
		first := a.job(g.Jobs[0])
		jg := control.JobGroup{
			Key: group{st, g.Reason, g.Account}.key(), Account: first.Account, Service: first.Service, State: state,
			Error: g.Jobs[0].Reason(), Hint: first.Hint, Kind: first.Kind, Count: g.Count, Bytes: g.Bytes,
		}
		for _, j := range g.Jobs {
			jg.Jobs = append(jg.Jobs, a.job(j))
		}
		out = append(out, jg)
	}
	return out, nil
}

// RetryGroup implements [control.PastEngine].
func (a *App) RetryGroup(key string) (int, error) {
	g, err := parseGroup(key)
	if err != nil {
		return 0, err
	}
	a.tryOffline()
	return a.queue.RequeueGroup(g.account, g.state, g.reason)
}

// IgnoreGroup implements [control.PastEngine].
func (a *App) IgnoreGroup(key string) (int, error) {
	g, err := parseGroup(key)
	if err != nil {
		return 0, err
	}
	if g.state != queue.Failed {
		return 0, nil // it is skipped already
	}
	return a.queue.IgnoreGroup(g.account, g.reason, ignored)
}

// Ignore implements [control.PastEngine].
func (a *App) Ignore(ids []uint64) (int, error) {
	n, err := a.queue.Ignore(ignored, ids...)
	if errors.Is(err, queue.ErrNotFound) {
		return n, problem(1, fmt.Sprintf("%s ignored; of the numbers some are no photo's", plural(n, "photo")), "They may be finished: `photoferry list` shows what is left.")
	}
	return n, err
}
