package queue

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"

	bolt "go.etcd.io/bbolt"
)

// Group is the jobs of one account that are Failed, or Skipped, for one reason.
type Group struct {
	Account string
	State   State
	Reason  uint64 // identifies the group within account and state; for JobQuery, RequeueGroup and IgnoreGroup
	Count   int
	Bytes   int64
	Jobs    []Job // the latest few
}

type groupKey struct {
	account string
	reason  uint64
}

// Groups returns the groups of a state, Failed or Skipped, the largest first, each with its latest few jobs, at most few.
// It reads the index only, so that 100,000 jobs take some ten milliseconds.
func (q *Queue) Groups(s State, few int) ([]Group, error) {
	if s != Failed && s != Skipped {
		return nil, fmt.Errorf("groups of %s jobs: %w", s, ErrState)
	}
	groups, latest := map[groupKey]*Group{}, map[groupKey][]uint64{}
	err := q.eachEntry(s, func(account []byte, id uint64, v indexValue) {
		k := groupKey{string(account), v.reason}
		g := groups[k]
		if g == nil {
			g = &Group{Account: k.account, State: s, Reason: k.reason}
			groups[k] = g
		}
		g.Count++
		g.Bytes += v.size
		if len(latest[k]) < few {
			latest[k] = append(latest[k], id)
		}
	})
	if err != nil {
		return nil, fmt.Errorf("groups of %s jobs: %w", s, err)
	}
	out := make([]Group, 0, len(groups))
	for k, g := range groups {
		if g.Jobs, err = q.stillThere(latest[k], s); err != nil {
			return nil, fmt.Errorf("groups of %s jobs: %w", s, err)
		}
		out = append(out, *g)
	}
	slices.SortFunc(out, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Reason, b.Reason))
	})
	return out, nil
}

// eachEntry calls fn for the index entries of a state, of all accounts. It begins a new read transaction every maxLook of
// them.
func (q *Queue) eachEntry(s State, fn func(account []byte, id uint64, v indexValue)) (err error) {
	from := []byte{byte(s)}
	for from != nil && err == nil {
		err = q.view(func(tx *bolt.Tx) error {
			c := tx.Bucket(bucketIndex).Cursor()
			k, v := c.Seek(from)
			from = nil
			for n := 0; len(k) > 0 && State(k[0]) == s; n++ {
				if n == maxLook {
					from = bytes.Clone(k)
					return nil
				}
				_, account, _, ok := splitIndexKey(k)
				value, valid := parseIndexValue(v)
				if !ok || !valid {
					return damagedRow("index entry", k, errCodec)
				}
				fn(account, idOf(k), value)
				k, v = c.Next()
			}
			return nil
		})
	}
	return err
}

// stillThere returns the jobs with these ids that are in a state.
func (q *Queue) stillThere(ids []uint64, s State) (jobs []Job, err error) {
	for _, id := range ids {
		j, err := q.Job(id)
		switch {
		case errors.Is(err, ErrNotFound):
		case err != nil:
			return nil, err
		case j.State == s:
			jobs = append(jobs, j)
		}
	}
	return jobs, nil
}

// RequeueGroup makes the jobs of a group Ready as Requeue does, and returns how many.
func (q *Queue) RequeueGroup(account string, s State, reason uint64) (n int, err error) {
	if s != Failed && s != Skipped {
		return 0, fmt.Errorf("requeue a group of %s jobs: %w", s, ErrState)
	}
	n, err = q.sweepGroup(account, s, reason, (*txn).requeue)
	if err != nil {
		return n, fmt.Errorf("requeue a group: %w", err)
	}
	return n, nil
}

// Ignore makes those of the jobs with these ids Skipped that are Failed, with why as the reason: a person does not want
// them sent. It returns how many. An id that does not exist gives ErrNotFound after the others were done. Requeue takes
// it back.
func (q *Queue) Ignore(why string, ids ...uint64) (n int, err error) {
	n, err = q.each(ids, ignore(why))
	if err != nil {
		return n, fmt.Errorf("ignore: %w", err)
	}
	return n, nil
}

// IgnoreGroup is Ignore for a group of Failed jobs.
func (q *Queue) IgnoreGroup(account string, reason uint64, why string) (n int, err error) {
	n, err = q.sweepGroup(account, Failed, reason, ignore(why))
	if err != nil {
		return n, fmt.Errorf("ignore a group: %w", err)
	}
	return n, nil
}

func ignore(why string) func(t *txn, old, changed *job) (bool, error) {
	return func(t *txn, old, changed *job) (bool, error) {
		if old.State != Failed {
			return false, nil
		}
		changed.State, changed.Crashes = Skipped, 0
		blame(changed, Cause{Error: why})
		if err := t.tell(old, EventSkipped, why); err != nil {
			return false, err
		}
		return true, t.move(old, changed)
	}
}

func (q *Queue) sweepGroup(account string, s State, reason uint64, fn func(t *txn, old, changed *job) (bool, error)) (int, error) {
	if account == "" || reason == 0 {
		return 0, ErrNotFound
	}
	return q.sweep(JobQuery{Account: account, Reason: reason}, []State{s}, func(j *job) bool {
		return j.State == s && j.reason == reason
	}, fn)
}
