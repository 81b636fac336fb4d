package queue

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	bolt "go.etcd.io/bbolt"
)

// Lease gives the caller the next Ready job of the account and waits for one if need be: the lowest Priority first, then
// the newest file. The job is the caller's until it calls a verb that ends the lease.
//
// A job is passed over as long as another one with the same account and digest is leased: when that one is delivered,
// the copy turns out to be known. While there is a hold on the account, or on all, nothing is leased.
//
// The error is ctx's when ctx ends, [ErrClosed] when the queue does.
func (q *Queue) Lease(ctx context.Context, account string) (Job, error) {
	for {
		q.mu.Lock()
		changed := q.changed
		c := q.tallies[account]
		worth := c != nil && c.jobs[Ready] > 0 && !q.heldLocked(account, time.Now())
		q.mu.Unlock()
		if err := ctx.Err(); err != nil {
			return Job{}, fmt.Errorf("wait for a job: %w", err)
		}
		if worth {
			j, err := q.tryLease(account)
			if err != nil {
				return Job{}, fmt.Errorf("lease a job: %w", err)
			}
			if j != nil {
				return j.Job, nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
		case <-q.closed:
			return Job{}, ErrClosed
		}
	}
}

// tryLease returns nil if there is nothing to lease.
func (q *Queue) tryLease(account string) (*job, error) {
	var leased *job
	err := q.do(func(t *txn) error {
		leased = nil
		old, err := t.candidate(account)
		if old == nil || err != nil {
			return err
		}
		j := *old
		j.State = Leased
		j.Leases++
		if j.Mark == "" && !j.Again {
			if j.Mark, err = t.doubt(account, j.SHA256); err != nil {
				return err
			}
		}
		leased = &j
		return t.move(old, &j)
	})
	return leased, err
}

// candidate finds the next job that may be leased.
func (t *txn) candidate(account string) (*job, error) {
	if held, err := t.isHeld(account); held || err != nil {
		return nil, err
	}
	busy := map[[32]byte]bool{}
	err := t.eachJob(Leased, account, func(j *job) (bool, error) {
		busy[j.SHA256] = j.SHA256 != [32]byte{}
		return true, nil
	})
	if err != nil {
		return nil, err
	}
	var found *job
	err = t.eachJob(Ready, account, func(j *job) (bool, error) {
		if !busy[j.SHA256] {
			found = j
		}
		return found == nil, nil
	})
	return found, err
}

// eachJob calls fn for the jobs of an account in one state, in order, until it returns false.
func (t *txn) eachJob(s State, account string, fn func(j *job) (bool, error)) error {
	prefix := appendIndexPrefix(nil, s, account)
	c := t.index.Cursor()
	for k, _ := c.Seek(prefix); bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		j, err := t.job(idOf(k))
		if err != nil {
			return notRefused(err)
		}
		if more, err := fn(j); err != nil || !more {
			return err
		}
	}
	return nil
}

// notRefused turns a missing row that the index promised into what it is.
func notRefused(err error) error {
	if errors.Is(err, ErrNotFound) {
		return fmt.Errorf("%w: %s", ErrDamaged, err.Error())
	}
	return err
}

// requeueOrphans takes back what a dead process had leased, and counts the crash if exactly one photo was being read.
func (q *Queue) requeueOrphans() error {
	suspect := q.reading.suspect()
	if suspect&fileToken != 0 {
		k := noteKey(unreadKey(suspect))
		err := q.db.Update(func(tx *bolt.Tx) error {
			return tx.Bucket(bucketMeta).Put(k, seal(k, []byte(time.Now().Format(time.RFC3339))))
		})
		if err != nil {
			return full(err)
		}
	}
	for more := true; more; {
		tx, err := q.db.Begin(true)
		if err != nil {
			return err
		}
		t := newTxn(tx)
		n, err := t.requeueSlice(suspect)
		if err != nil || !t.dirty {
			return errors.Join(err, tx.Rollback())
		}
		if err := t.flush(); err != nil {
			return errors.Join(full(err), tx.Rollback())
		}
		due := map[string]int64{}
		for account := range t.waiting {
			due[account] = t.firstDue(account)
		}
		if err := tx.Commit(); err != nil {
			return full(err)
		}
		q.learn(t, due, nil)
		more = n == sliceSize
	}
	return q.reading.reset()
}

func (t *txn) requeueSlice(suspect uint64) (int, error) {
	orphans, err := t.leasedAnywhere(sliceSize)
	if err != nil {
		return 0, err
	}
	for _, old := range orphans {
		j := *old
		j.State = Ready
		text := "PhotoFerry ended while it had this photo"
		if old.ID == suspect {
			j.Crashes++
			text = "PhotoFerry ended while it read this photo"
		}
		what := EventInterrupted
		if j.Crashes >= maxCrashes {
			what = EventFailed
			j.State = Failed
			blame(&j, Cause{
				Error: fmt.Sprintf("PhotoFerry crashed %d times while it read this photo", j.Crashes),
				Hint:  "The file may be broken. Open it in another program, save it again, then retry.",
				Kind:  "Rejected",
			})
			text = j.Error
		}
		if err := t.endLease(old, &j, what, text); err != nil {
			return 0, err
		}
	}
	return len(orphans), nil
}

// leasedAnywhere returns up to limit leased jobs of all accounts.
func (t *txn) leasedAnywhere(limit int) ([]*job, error) {
	var jobs []*job
	c := t.index.Cursor()
	for k, _ := c.Seek([]byte{byte(Leased)}); len(k) > 0 && State(k[0]) == Leased && len(jobs) < limit; k, _ = c.Next() {
		j, err := t.job(idOf(k))
		if err != nil {
			return nil, notRefused(err)
		}
		jobs = append(jobs, j)
	}
	return jobs, nil
}
