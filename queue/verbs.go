package queue

import (
	"errors"
	"fmt"
	"time"
)

// verb is something that can be done to one job.
type verb uint8

const (
	verbMark verb = iota
	verbComplete
	verbRetry
	verbSnooze
	verbFail
	verbSkip
	verbUnlease
	verbRemove
	verbCancel
	verbSendAgain
)

var verbNames = [...]string{
	verbMark: "mark", verbComplete: "complete", verbRetry: "retry", verbSnooze: "snooze", verbFail: "fail",
	verbSkip: "skip", verbUnlease: "unlease", verbRemove: "remove", verbCancel: "cancel", verbSendAgain: "send again",
}

// allowed is the table of states in which a verb may be called; the package comment has it in words.
var allowed = [...][]State{
	verbMark:      {Leased},
	verbComplete:  {Leased, Failed, Skipped},
	verbRetry:     {Leased},
	verbSnooze:    {Leased},
	verbFail:      {Leased},
	verbSkip:      {Leased, Ready, Waiting, Failed},
	verbUnlease:   {Leased},
	verbRemove:    {Leased, Ready, Waiting, Failed, Skipped},
	verbCancel:    {Leased, Ready, Waiting, Failed, Skipped},
	verbSendAgain: {Failed, Skipped},
}

func (v verb) allows(s State) bool {
	for _, a := range allowed[v] {
		if a == s {
			return true
		}
	}
	return false
}

// act does a verb to one job: fn gets it as it is and a copy to change.
func (q *Queue) act(v verb, id uint64, fn func(t *txn, old, changed *job) error) error {
	err := q.do(func(t *txn) error {
		old, err := t.job(id)
		if err != nil {
			return err
		}
		if !v.allows(old.State) {
			return fmt.Errorf("it is %s: %w", old.State, ErrState)
		}
		changed := *old
		return fn(t, old, &changed)
	})
	if err != nil {
		return fmt.Errorf("%s job %d: %w", verbNames[v], id, err)
	}
	return nil
}

// Mark stores what the uploader must not forget about the job it has leased, such as a ticket. Durable before it returns.
// Other jobs of the account with the same digest get it when they are leased, also when this one is gone.
func (q *Queue) Mark(id uint64, mark string) error {
	return q.act(verbMark, id, func(t *txn, old, changed *job) error {
		if err := t.setDoubt(old.Account, old.SHA256, mark); err != nil {
			return err
		}
		changed.Mark = mark
		changed.Updated = old.Updated
		return t.rewrite(old, changed)
	})
}

// Complete ends a leased job that was delivered: record in, job out, event in, in one commit. A Failed or Skipped job
// can be completed, too, by a person who knows that it is there.
//
// Account, Path, SHA256, MD5, Size, Album and At are taken from the job, or the present time, where r leaves them zero.
// An Outcome Known never overwrites an existing record. That the photo was delivered is recorded even when the job has
// been removed meanwhile, as long as r names account and digest; such a call returns nil.
//
// If the file got new bytes while it was leased, the job stays and stands for those.
func (q *Queue) Complete(id uint64, r Record) error {
	err := q.do(func(t *txn) error {
		r := r
		old, err := t.job(id)
		if errors.Is(err, ErrNotFound) && r.Account != "" && r.SHA256 != [32]byte{} {
			return t.record(&r)
		}
		if err != nil {
			return err
		}
		if !verbComplete.allows(old.State) {
			return fmt.Errorf("it is %s: %w", old.State, ErrState)
		}
		fillRecord(&r, old)
		if r.SHA256 == [32]byte{} {
			return fmt.Errorf("no digest is known: %w", ErrState)
		}
		if err := t.record(&r); err != nil {
			return err
		}
		t.sent(old, &r)
		// New bytes are another photo. The same bytes once more are a "send again", which has just been done unless
		// they turned out to be known.
		if n := old.next; n != nil && (n.SHA256 != r.SHA256 || r.Outcome == Known) {
			return t.takeNext(old, fateBy(r.Outcome))
		}
		return t.leave(old, fateBy(r.Outcome))
	})
	if err != nil {
		return fmt.Errorf("complete job %d: %w", id, err)
	}
	return nil
}

func fillRecord(r *Record, j *job) {
	r.Account = j.Account
	if r.Path == "" {
		r.Path = j.Path
	}
	if r.SHA256 == [32]byte{} {
		r.SHA256 = j.SHA256
	}
	if r.SHA256 == j.SHA256 {
		if r.MD5 == [16]byte{} {
			r.MD5 = j.MD5
		}
		if r.Size == 0 {
			r.Size = j.Size
		}
	}
	if r.Album == "" {
		r.Album = j.Album
	}
	r.Session = j.Session
	if r.Taken = j.Taken; r.Taken.IsZero() {
		r.Taken = j.ModTime
	}
}

// Retry ends a lease that failed for a passing reason: Waiting until at (Ready if that is not in the future), Attempt
// grows by one.
func (q *Queue) Retry(id uint64, at time.Time, c Cause) error {
	return q.act(verbRetry, id, func(t *txn, old, changed *job) error {
		changed.Attempt++
		wait(t, changed, at, c)
		return t.endLease(old, changed, EventRetry, c.Error)
	})
}

// Snooze is Retry without counting the attempt: it was not the photo's fault.
func (q *Queue) Snooze(id uint64, at time.Time, c Cause) error {
	return q.act(verbSnooze, id, func(t *txn, old, changed *job) error {
		wait(t, changed, at, c)
		return t.endLease(old, changed, EventSnooze, c.Error)
	})
}

func wait(t *txn, j *job, at time.Time, c Cause) {
	j.State, j.Due, j.Cooling, j.Crashes = Waiting, at, false, 0
	if !at.After(t.now) {
		j.State = Ready
	}
	blame(j, c)
}

func blame(j *job, c Cause) { j.Error, j.Hint, j.ErrKind = clip(c.Error), clip(c.Hint), c.Kind }

// Fail ends a lease for good: Failed, until a person says otherwise.
func (q *Queue) Fail(id uint64, c Cause) error {
	return q.act(verbFail, id, func(t *txn, old, changed *job) error {
		changed.State, changed.Crashes = Failed, 0
		blame(changed, c)
		return t.endLease(old, changed, EventFailed, c.Error)
	})
}

// Skip makes a job Skipped: it is not to be sent, with the rule or reason.
func (q *Queue) Skip(id uint64, reason string) error {
	return q.act(verbSkip, id, func(t *txn, old, changed *job) error {
		changed.State, changed.Crashes = Skipped, 0
		blame(changed, Cause{Error: reason})
		return t.endLease(old, changed, EventSkipped, reason)
	})
}

// Unlease gives a leased job back: Ready, nothing counted.
func (q *Queue) Unlease(id uint64) error {
	return q.act(verbUnlease, id, func(t *txn, old, changed *job) error {
		changed.State, changed.Crashes = Ready, 0
		return t.endLease(old, changed, "", "")
	})
}

// Remove takes a job out at once, in whatever state. A Leased one may be removed only by who leased it; everybody else
// calls [Queue.Cancel], so that the digest stays reserved for as long as bytes may be on their way.
func (q *Queue) Remove(id uint64, why string) error {
	return q.act(verbRemove, id, func(t *txn, old, _ *job) error {
		if err := t.tell(old, EventRemoved, why); err != nil {
			return err
		}
		if old.next != nil {
			return t.takeNext(old, fateRemoved)
		}
		return t.leave(old, fateRemoved)
	})
}

// Cancel takes a job out because a person says so. A Leased one gets Job.Cancelled and goes when its lease ends, by
// whatever verb; if that is Complete, the record stays.
func (q *Queue) Cancel(id uint64, why string) error {
	return q.act(verbCancel, id, func(t *txn, old, changed *job) error {
		return t.cancel(old, changed, why)
	})
}

func (t *txn) cancel(old, changed *job, why string) error {
	if old.State == Leased {
		changed.next, changed.Cancelled = nil, clip(why)
		if why == "" {
			changed.Cancelled = EventRemoved
		}
		changed.Updated = old.Updated
		return t.rewrite(old, changed)
	}
	if err := t.tell(old, EventRemoved, why); err != nil {
		return err
	}
	return t.leave(old, fateRemoved)
}

// SendAgain makes a Failed or Skipped job Ready, to be sent whatever ledger and server remember, and whatever an earlier
// attempt marked.
func (q *Queue) SendAgain(id uint64) error {
	return q.act(verbSendAgain, id, func(t *txn, old, changed *job) error {
		changed.Again, changed.Skip, changed.Mark = true, "", ""
		ready(changed)
		if err := t.setDoubt(old.Account, old.SHA256, ""); err != nil {
			return err
		}
		if err := t.tell(old, EventAgain, ""); err != nil {
			return err
		}
		return t.move(old, changed)
	})
}

// ready makes a job fresh: as if nothing had gone wrong yet. Leases stay, they are facts.
func ready(j *job) {
	j.State, j.Attempt, j.Crashes = Ready, 0, 0
	blame(j, Cause{})
}

// endLease moves a job on, unless new bytes or a cancel came while it was leased.
func (t *txn) endLease(old, changed *job, what, text string) error {
	if what != "" {
		if err := t.tell(old, what, text); err != nil {
			return err
		}
	}
	switch {
	case old.next != nil:
		return t.takeNext(old, fateLeft)
	case old.Cancelled != "":
		if err := t.tell(old, EventRemoved, old.Cancelled); err != nil {
			return err
		}
		return t.leave(old, fateRemoved)
	}
	return t.move(old, changed)
}

// takeNext gives the job the request that came while it was leased; end is what became of the photo that it stood for
// until now, if anything did.
func (t *txn) takeNext(old *job, end fate) error {
	changed := *old
	changed.next = nil
	t.place(&changed, *old.next)
	return t.step(old, &changed, end)
}

// rewrite stores a job under the same keys; state, last move and counts stay.
func (t *txn) rewrite(old, changed *job) error {
	changed.State, changed.Updated = old.State, old.Updated
	return t.put(t.jobs, u64key(old.ID), encodeJob(changed))
}
