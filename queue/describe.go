package queue

import (
	"fmt"
	"slices"
)

// maxWords bounds what a job is to be called, in bytes.
const maxWords = 20_000

// Words change what jobs are to be called and where they are to go. What is nil stays as it is.
type Words struct {
	Title, Description, Album *string
	Tags                      *[]string
	Release                   bool // also end their cooling
}

// Describe gives words to all jobs that are wanted and not Leased. It returns how many of the wanted ones have them now,
// and how many were Leased and stay as they are. want is called from the queue's own goroutine, too: it must not block
// nor call a verb.
func (q *Queue) Describe(want func(j *Job) bool, w Words) (described, leased int, err error) {
	passed := map[uint64]bool{}
	described, err = q.sweep(JobQuery{}, listOrder, func(j *job) bool { return want(&j.Job) }, describe(w, passed))
	if err != nil {
		return described, len(passed), fmt.Errorf("describe: %w", err)
	}
	return described, len(passed), nil
}

// DescribeJobs is Describe for the jobs with these ids. An id that does not exist gives ErrNotFound after the others
// were done.
func (q *Queue) DescribeJobs(ids []uint64, w Words) (described, leased int, err error) {
	passed := map[uint64]bool{}
	described, err = q.each(ids, describe(w, passed))
	if err != nil {
		return described, len(passed), fmt.Errorf("describe: %w", err)
	}
	return described, len(passed), nil
}

// describe notes in passed which jobs were Leased; it may be called again for a job, in a fresh transaction.
func describe(w Words, passed map[uint64]bool) func(t *txn, old, changed *job) (bool, error) {
	return func(t *txn, old, changed *job) (bool, error) {
		if old.State == Leased {
			passed[old.ID] = true
			return false, nil
		}
		delete(passed, old.ID)
		if w.Title != nil {
			changed.Title = *w.Title
		}
		if w.Description != nil {
			changed.Description = *w.Description
		}
		if w.Album != nil {
			changed.Album = *w.Album
		}
		if w.Tags != nil {
			changed.Tags = slices.Clone(*w.Tags)
		}
		if err := changed.checkWords(); err != nil {
			return false, err
		}
		if w.Release && old.Cooling {
			changed.State = Ready
			if err := t.tell(old, EventReleased, ""); err != nil {
				return false, err
			}
			return true, t.move(old, changed)
		}
		// The list of failed jobs is in the order of their failing, so Updated stays.
		return true, t.rewrite(old, changed)
	}
}

func (r *Request) checkWords() error {
	n := len(r.Title) + len(r.Description) + len(r.Album)
	for _, tag := range r.Tags {
		n += len(tag) + 1
	}
	if n > maxWords {
		return fmt.Errorf("%d bytes of title, description, tags and album are too many for %q", n, clip(r.Path))
	}
	return nil
}
