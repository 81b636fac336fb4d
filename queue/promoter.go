package queue

import (
	"errors"
	"time"
)

const (
	// longestNap bounds the promoter's timer: timers stand still while the machine sleeps, and clocks are set.
	longestNap = time.Minute
	// promoteAgain is the pause after a promotion that failed, such as on a full disk.
	promoteAgain = 5 * time.Second
	// idleAfter is how long nothing must have happened before the mapping's memory is given back.
	idleAfter = 30 * time.Second
)

// promoter makes Waiting jobs Ready when they are due and ends holds whose time has come. It sleeps until the next of
// these, but never longer than a minute.
func (q *Queue) promoter() {
	defer q.done.Done()
	timer := time.NewTimer(0)
	defer timer.Stop()
	var idle idleTrim
	for {
		select {
		case <-q.closed:
			return
		case <-q.plan:
		case <-timer.C:
		}
		nap, err := q.promote()
		switch {
		case errors.Is(err, ErrClosed):
			return
		case err != nil:
			q.log.Warn("Waiting jobs could not be moved", "err", err)
			nap = promoteAgain
		}
		timer.Reset(idle.nap(q, nap))
	}
}

// promote moves what is due and returns how long there is nothing to do.
func (q *Queue) promote() (time.Duration, error) {
	for {
		now := time.Now()
		next, ok := q.nextDue()
		if !ok {
			return longestNap, nil
		}
		if next.After(now) {
			return min(next.Sub(now), longestNap), nil
		}
		if err := q.do((*txn).promote); err != nil {
			return 0, err
		}
	}
}

// nextDue is the earliest time at which a job is due or a hold ends; ok is false if there is none.
func (q *Queue) nextDue() (next time.Time, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	sooner := func(t time.Time) {
		if !ok || t.Before(next) {
			next, ok = t, true
		}
	}
	for _, c := range q.tallies {
		if c.due != never {
			sooner(fromNanos(c.due))
		}
	}
	for _, h := range q.holds {
		if !h.Until.IsZero() {
			sooner(h.Until)
		}
	}
	return next, ok
}

// promote moves up to a slice of due jobs, and drops the holds that are over.
func (t *txn) promote() error {
	holds, err := readHolds(t.held)
	if err != nil {
		return err
	}
	for k, h := range holds {
		if h.over(t.now) {
			if err := t.dropHold(k); err != nil {
				return err
			}
		}
	}
	jobs, err := t.dueJobs(sliceSize)
	if err != nil {
		return err
	}
	for _, old := range jobs {
		j := *old
		j.State = Ready
		if err := t.move(old, &j); err != nil {
			return err
		}
	}
	return nil
}

// dueJobs returns up to limit Waiting jobs of all accounts whose time has come. It jumps from account to account.
func (t *txn) dueJobs(limit int) ([]*job, error) {
	var jobs []*job
	now := nanos(t.now)
	c := t.index.Cursor()
	k, _ := c.Seek([]byte{byte(Waiting)})
	for len(jobs) < limit {
		s, account, rest, ok := splitIndexKey(k)
		if !ok || s != Waiting {
			break
		}
		if dueOf(rest) > now {
			// The first key behind all of this account's.
			next := append(append([]byte{byte(Waiting)}, account...), 1)
			k, _ = c.Seek(next)
			continue
		}
		j, err := t.job(idOf(k))
		if err != nil {
			return nil, notRefused(err)
		}
		jobs = append(jobs, j)
		k, _ = c.Next()
	}
	return jobs, nil
}

// idleTrim gives the mapping's memory back when nothing has happened for a while.
type idleTrim struct {
	at   time.Time
	seen int64
	done bool
}

// nap shortens or lengthens the promoter's sleep so that it looks in when the queue may have become idle.
func (i *idleTrim) nap(q *Queue, d time.Duration) time.Duration {
	now, active := time.Now(), q.active.Load()
	switch {
	case active != i.seen:
		i.at, i.seen, i.done = now, active, false
	case !i.done && now.Sub(i.at) >= idleAfter:
		q.trim()
		i.seen, i.done = q.active.Load(), true
	}
	if i.done {
		return d
	}
	return min(d, idleAfter)
}
