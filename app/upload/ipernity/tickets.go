package ipernity

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// maxTickets is how many tickets one call may ask for.
const maxTickets = 50

// maxETA bounds what the site's estimate can make an upload wait between two
// questions.
const maxETA = 10 * time.Minute

// fate is what became of a ticket. All false means that the site still works
// on it.
type fate struct {
	done, invalid, unknown bool
	doc                    string // with done; "" when the site does not say
	eta                    time.Duration
}

// tickets asks for the tickets of all uploads that wait, together. While
// nobody waits nothing of it runs.
type tickets struct {
	// ask asks for at most maxTickets tickets. Those that are missing from the
	// result count as still worked on.
	ask  func(ctx context.Context, ids []string) (map[string]fate, error)
	pace *pace

	mu      sync.Mutex
	waiting []*waiter
	poller  *poller   // nil while nobody waits
	asked   time.Time // when the last question ended
}

// waiter is an upload that waits for its ticket.
type waiter struct {
	id     string
	due    time.Time // not asked for before
	round  int       // questions so far
	answer chan result
}

type result struct {
	fate fate
	err  error
}

// poller is one run of questions.
type poller struct {
	cancel context.CancelFunc
	wake   chan struct{} // somebody new waits
}

// wait returns a ticket's fate as soon as the site has decided it, or an error
// of kind Transient when that takes too long.
func (t *tickets) wait(ctx context.Context, id string) (fate, error) {
	w := &waiter{id: id, due: time.Now().Add(t.pace.first), answer: make(chan result, 1)}
	t.add(w)
	defer t.remove(w)
	timer := time.NewTimer(t.pace.patience)
	defer timer.Stop()
	select {
	case r := <-w.answer:
		return r.fate, r.err
	case <-ctx.Done():
		return fate{}, ctx.Err()
	case <-timer.C:
		return fate{}, &upload.Error{
			Op: opTicket, Reason: "the site has the photo and still works on it",
			Hint: "It is asked again later. The photo is not sent twice.",
		}
	}
}

func (t *tickets) add(w *waiter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting = append(t.waiting, w)
	if t.poller == nil {
		ctx, cancel := context.WithCancel(context.Background())
		t.poller = &poller{cancel: cancel, wake: make(chan struct{}, 1)}
		go t.poll(ctx, t.poller)
		return
	}
	select {
	case t.poller.wake <- struct{}{}:
	default:
	}
}

// remove takes a waiter out; with the last one the questions end.
func (t *tickets) remove(w *waiter) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.waiting = slices.DeleteFunc(t.waiting, func(x *waiter) bool { return x == w })
	if len(t.waiting) == 0 && t.poller != nil {
		t.poller.cancel()
		t.poller = nil
	}
}

// poll asks until nobody waits.
func (t *tickets) poll(ctx context.Context, p *poller) {
	for ctx.Err() == nil {
		timer := time.NewTimer(time.Until(t.next()))
		select {
		case <-ctx.Done():
		case <-p.wake:
		case <-timer.C:
			t.question(ctx)
		}
		timer.Stop()
	}
}

// next returns when the next question is due.
func (t *tickets) next() time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	at := time.Now().Add(maxETA)
	for _, w := range t.waiting {
		if w.due.Before(at) {
			at = w.due
		}
	}
	if gap := t.asked.Add(t.pace.poll); gap.After(at) {
		at = gap
	}
	return at
}

// question asks once for what is due and tells those who wait for it.
func (t *tickets) question(ctx context.Context) {
	now := time.Now()
	var ids []string
	t.mu.Lock()
	for _, w := range t.waiting {
		if !w.due.After(now) && !slices.Contains(ids, w.id) && len(ids) < maxTickets {
			ids = append(ids, w.id)
		}
	}
	t.mu.Unlock()
	if len(ids) == 0 {
		return
	}
	fates, err := t.ask(ctx, ids)
	if codeOf(err) == 1 && len(ids) > 1 {
		fates, err = t.each(ctx, ids)
	} else if codeOf(err) == 1 {
		fates, err = map[string]fate{ids[0]: {unknown: true}}, nil
	}
	if ctx.Err() == nil { // otherwise nobody of these waits any more
		t.tell(ids, fates, err)
	}
}

// each asks for tickets one by one, because the site does not know some of
// them and does not say which.
func (t *tickets) each(ctx context.Context, ids []string) (map[string]fate, error) {
	all := make(map[string]fate, len(ids))
	for _, id := range ids {
		one, err := t.ask(ctx, []string{id})
		switch {
		case codeOf(err) == 1:
			all[id] = fate{unknown: true}
		case err != nil:
			return nil, err
		default:
			all[id] = one[id]
		}
	}
	return all, nil
}

// tell hands out the answers and sets when to ask for the rest.
func (t *tickets) tell(ids []string, fates map[string]fate, err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.asked = time.Now()
	for _, w := range t.waiting {
		if !slices.Contains(ids, w.id) {
			continue
		}
		f := fates[w.id]
		if err != nil || f.done || f.invalid || f.unknown {
			select {
			case w.answer <- result{f, err}:
			default: // it has an answer already and is about to leave
			}
		}
		w.round++
		w.due = t.asked.Add(t.pause(w.round, f.eta))
	}
}

// pause is how long to leave a ticket alone after so many questions: it grows,
// and is never shorter than the site's estimate.
func (t *tickets) pause(round int, eta time.Duration) time.Duration {
	d := t.pace.poll
	for range min(round-1, 20) {
		d = min(d*3/2, t.pace.pollMax)
	}
	return max(d, min(eta, maxETA))
}

// askTickets asks the site for at most maxTickets tickets.
func (c *Client) askTickets(ctx context.Context, ids []string) (map[string]fate, error) {
	var a ticketsAnswer
	if err := c.call(ctx, opTicket, checkTickets, params{"tickets": strings.Join(ids, ",")}, &a); err != nil {
		return nil, err
	}
	fates := make(map[string]fate, len(ids))
	for _, x := range a.Tickets.v.Ticket {
		fates[string(x.ID)] = fate{
			done: bool(x.Done), invalid: bool(x.Invalid), doc: string(x.Doc),
			eta: time.Duration(min(max(x.ETA, 0), 86400)) * c.pace.second,
		}
	}
	return fates, nil
}
