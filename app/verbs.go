package app

import (
	"fmt"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/queue"
)

// Jobs implements [control.Engine].
func (a *App) Jobs(q control.JobQuery) (control.JobPage, error) {
	page := control.JobPage{Jobs: []control.Job{}}
	jq := queue.JobQuery{Text: q.Text, Session: q.Session, After: q.After, Limit: q.Limit}
	if q.Folder != "" {
		jq.Folder = a.folderPath(q.Folder)
	}
	if q.Account != "" {
		acc, err := a.account(q.Account)
		if err != nil {
			return page, err
		}
		jq.Account = acc.id
	}
	if q.State != "" {
		st, err := queue.ParseState(q.State)
		if err != nil {
			return page, problem(2, err.Error(), "States are ready, leased, waiting, failed and skipped.")
		}
		jq.State = st
	}
	if q.Group != "" {
		g, err := parseGroup(q.Group)
		if err != nil {
			return page, err
		}
		jq.Account, jq.State, jq.Reason = g.account, g.state, g.reason
	}
	jobs, next, err := a.queue.Jobs(jq)
	if err != nil {
		return page, err
	}
	for _, j := range jobs {
		page.Jobs = append(page.Jobs, a.job(j))
	}
	page.Next = next
	return page, nil
}

// Records implements [control.Engine].
func (a *App) Records(q control.RecordQuery) (control.RecordPage, error) {
	page := control.RecordPage{Records: []control.Record{}}
	rq := queue.RecordQuery{
		Account: a.accountOrGone(q.Account), Text: q.Text, Session: q.Session, Outcome: queue.Outcome(q.Outcome), After: q.After, Limit: q.Limit,
	}
	switch rq.Outcome {
	case "", queue.Sent, queue.Known, queue.Adopted:
	default:
		return page, problem(2, fmt.Sprintf("There is no outcome %q", q.Outcome), "Outcomes are sent, known and adopted.")
	}
	if q.Since != nil {
		rq.Since = *q.Since
	}
	if q.Until != nil {
		rq.Until = *q.Until
	}
	rs, next, err := a.queue.Records(rq)
	if err != nil {
		return page, err
	}
	for _, r := range rs {
		page.Records = append(page.Records, a.record(r))
	}
	page.Next = next
	return page, nil
}

// Retry implements [control.Engine]. An account that only waits for its next
// try is tried at once.
func (a *App) Retry(ids []uint64) (int, error) {
	a.tryOffline()
	return a.queue.Requeue(ids...)
}

// tryOffline lets accounts that only wait for their next try be tried at once.
func (a *App) tryOffline() {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, acc := range a.accounts {
		if state, _, _, _, _ := acc.gate.closed(); state == control.AccountOffline {
			acc.gate.open()
		}
	}
}

// Cancel implements [control.Engine].
func (a *App) Cancel(ids []uint64) (int, error) {
	n := 0
	for _, id := range ids {
		if err := a.queue.Cancel(id, "cancelled by the user"); err != nil {
			return n, a.verbError(id, err)
		}
		n++
	}
	return n, nil
}

// First implements [control.Engine].
func (a *App) First(ids []uint64) (int, error) {
	if err := a.queue.First(ids...); err != nil {
		return 0, a.verbError(0, err)
	}
	return len(ids), nil
}

// Again implements [control.Engine].
func (a *App) Again(ids []uint64) (int, error) {
	n := 0
	for _, id := range ids {
		if err := a.queue.SendAgain(id); err != nil {
			return n, a.verbError(id, err)
		}
		n++
	}
	return n, nil
}

// markedByYou is how a photo is verified of which only a person says that it is
// there.
const markedByYou = "marked as sent by you"

// Sent implements [control.Engine]. The record says whose word it rests on.
func (a *App) Sent(ids []uint64) (int, error) {
	for n, id := range ids {
		err := a.queue.Complete(id, queue.Record{Outcome: queue.Adopted, Verified: markedByYou})
		if err != nil {
			return n, a.verbError(id, err)
		}
	}
	return len(ids), nil
}

// Pause implements [control.Engine].
func (a *App) Pause(r control.PauseRequest) error {
	h := queue.Hold{By: queue.ByUser, Reason: "paused by the user", Since: time.Now()}
	if r.Until != nil {
		if !r.Until.After(h.Since) {
			return problem(2, "The end of the pause is in the past", "Give a duration such as 1h.")
		}
		h.Until = *r.Until
	}
	if r.Account != "" {
		acc, err := a.account(r.Account)
		if err != nil {
			return err
		}
		h.Account = acc.id
	}
	return a.queue.Hold(h)
}

// Resume implements [control.Engine]. It ends what the user paused, or lets go
// of a rule that pauses; an account that the service held is tried again, and
// held again if nothing has changed.
func (a *App) Resume(name string) error {
	if name != "" {
		acc, err := a.account(name)
		if err != nil {
			return err
		}
		acc.gate.open()
		if err := a.queue.Resume(acc.id, queue.ByService); err != nil {
			return err
		}
		return a.queue.Resume(acc.id, queue.ByUser)
	}
	a.brake.waive()
	defer a.touch()
	for _, h := range a.queue.Holds() {
		if h.By == queue.ByUser {
			if err := a.queue.Resume(h.Account, queue.ByUser); err != nil {
				return err
			}
		}
	}
	return nil
}

// Release implements [control.Engine].
func (a *App) Release(folder string) (int, error) {
	if folder != "" {
		folder = a.folderPath(folder)
	}
	return a.queue.Release(folder)
}
