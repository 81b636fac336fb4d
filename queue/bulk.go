package queue

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
)

// each runs fn on the jobs with these ids, 1,000 to a commit, and returns how many it changed. Unknown ids are reported
// at the end, as ErrNotFound; the others are done all the same.
func (q *Queue) each(ids []uint64, fn func(t *txn, old, changed *job) (bool, error)) (n int, err error) {
	var missing []uint64
	for len(ids) > 0 {
		var part []uint64
		part, ids = cut(ids, sliceSize)
		var lost []uint64
		did := 0
		err := q.do(func(t *txn) error {
			lost, did = nil, 0
			for _, id := range part {
				old, err := t.job(id)
				if errors.Is(err, ErrNotFound) {
					lost = append(lost, id)
					continue
				}
				if err != nil {
					return err
				}
				changed := *old
				ok, err := fn(t, old, &changed)
				if err != nil {
					return err
				}
				if ok {
					did++
				}
			}
			return nil
		})
		if err != nil {
			return n, err
		}
		n += did
		missing = append(missing, lost...)
	}
	if len(missing) > 0 {
		return n, fmt.Errorf("jobs %d: %w", missing, ErrNotFound)
	}
	return n, nil
}

// sweep collects ids by a pass over the index of some states, of what the query selects, and then runs each. Jobs that
// have moved on in between are for want to tell; those that are gone do not matter.
func (q *Queue) sweep(query JobQuery, states []State, want func(j *job) bool, fn func(t *txn, old, changed *job) (bool, error)) (n int, err error) {
	query.After, query.Limit = "", sliceSize
	for {
		var jobs []*job
		jobs, query.After, err = q.page(query, states, want)
		if err != nil {
			return n, err
		}
		ids := make([]uint64, len(jobs))
		for i, j := range jobs {
			ids[i] = j.ID
		}
		did, err := q.each(ids, func(t *txn, old, changed *job) (bool, error) {
			if !want(old) {
				return false, nil
			}
			return fn(t, old, changed)
		})
		n += did
		if err != nil && !errors.Is(err, ErrNotFound) {
			return n, err
		}
		if query.After == "" {
			return n, nil
		}
	}
}

// Requeue makes jobs Ready with Attempt 0, because a person asked: those with the ids that are Failed, Waiting or Skipped;
// without ids all Failed ones, and all Waiting ones that are not cooling. It returns how many. An id that does not exist
// gives ErrNotFound after the others were done.
func (q *Queue) Requeue(ids ...uint64) (n int, err error) {
	if len(ids) > 0 {
		n, err = q.each(ids, (*txn).requeue)
	} else {
		n, err = q.sweep(JobQuery{}, []State{Waiting, Failed}, func(j *job) bool {
			return j.State == Failed || j.State == Waiting && !j.Cooling
		}, (*txn).requeue)
	}
	if err != nil {
		return n, fmt.Errorf("requeue: %w", err)
	}
	return n, nil
}

// requeue reports whether the job was in a state from which it can be made Ready.
func (t *txn) requeue(old, changed *job) (bool, error) {
	if old.State != Failed && old.State != Waiting && old.State != Skipped {
		return false, nil
	}
	changed.Skip = ""
	ready(changed)
	if err := t.tell(old, EventRequeued, ""); err != nil {
		return false, err
	}
	return true, t.move(old, changed)
}

// Adopt ends the jobs with these ids that are Ready, because the account has their photos: records in, jobs out, 1,000
// to a commit. Jobs that have moved on, or whose digest is not the record's any more, are passed over. It returns how
// many it ended.
func (q *Queue) Adopt(records map[uint64]Record) (n int, err error) {
	n, err = q.each(slices.Sorted(maps.Keys(records)), func(t *txn, old, _ *job) (bool, error) {
		r := records[old.ID]
		if old.State != Ready || r.SHA256 != old.SHA256 {
			return false, nil
		}
		fillRecord(&r, old)
		if err := t.record(&r); err != nil {
			return false, err
		}
		return true, t.leave(old, fateBy(r.Outcome))
	})
	if err != nil && !errors.Is(err, ErrNotFound) { // gone by another way is as good
		return n, fmt.Errorf("adopt: %w", err)
	}
	return n, nil
}

// First gives jobs, in whatever state, Manual priority.
func (q *Queue) First(ids ...uint64) error {
	_, err := q.each(ids, func(t *txn, old, changed *job) (bool, error) {
		if old.Priority == Manual {
			return false, nil
		}
		changed.Priority = Manual
		if old.State == Leased {
			return true, t.rewrite(old, changed)
		}
		return true, t.move(old, changed)
	})
	if err != nil {
		return fmt.Errorf("put first: %w", err)
	}
	return nil
}

// Release ends the cooling of the jobs that came from a folder, of all with "", and returns how many.
func (q *Queue) Release(folder string) (n int, err error) {
	n, err = q.sweep(JobQuery{}, []State{Waiting}, func(j *job) bool {
		return j.State == Waiting && j.Cooling && (folder == "" || j.Folder == folder)
	}, func(t *txn, old, changed *job) (bool, error) {
		changed.State = Ready
		if err := t.tell(old, EventReleased, ""); err != nil {
			return false, err
		}
		return true, t.move(old, changed)
	})
	if err != nil {
		return n, fmt.Errorf("release %s: %w", folder, err)
	}
	return n, nil
}

// DropAccount takes out the jobs and holds of an account that was removed. The ledger stays: what was delivered was
// delivered. A job that is still leased goes when its lease ends.
func (q *Queue) DropAccount(account string) error {
	if account == "" {
		return fmt.Errorf("drop account: %w", ErrNotFound)
	}
	const why = "the account was removed"
	for {
		n := 0
		err := q.do(func(t *txn) error {
			n = 0
			for _, by := range []HoldBy{ByUser, ByService} {
				if err := t.dropHold(holdKey{account, by}); err != nil {
					return err
				}
			}
			jobs, err := t.accountJobs(account, sliceSize)
			if err != nil {
				return err
			}
			for _, old := range jobs {
				changed := *old
				if err := t.cancel(old, &changed, why); err != nil {
					return err
				}
			}
			n = len(jobs)
			return nil
		})
		if err != nil {
			return fmt.Errorf("drop account %s: %w", account, err)
		}
		if n < sliceSize {
			return nil
		}
	}
}

// accountJobs returns up to limit jobs of an account that were not cancelled yet.
func (t *txn) accountJobs(account string, limit int) ([]*job, error) {
	var jobs []*job
	for s := Leased; s <= Skipped; s++ {
		err := t.eachJob(s, account, func(j *job) (bool, error) {
			if j.Cancelled == "" {
				jobs = append(jobs, j)
			}
			return len(jobs) < limit, nil
		})
		if err != nil || len(jobs) == limit {
			return jobs, err
		}
	}
	return jobs, nil
}

// below reports whether path is folder or lies below it.
func below(path, folder []byte) bool {
	rest, ok := bytes.CutPrefix(path, folder)
	if !ok {
		return false
	}
	return len(rest) == 0 || isSeparator(rest[0]) || len(folder) > 0 && isSeparator(folder[len(folder)-1])
}
