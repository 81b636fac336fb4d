package queue

import (
	"fmt"
	"slices"
)

// maxWords bounds what a job is to be called, in bytes.
const maxWords = 20_000

// Words change what a job is to be called and where it is to go. What is nil stays as it is.
type Words struct {
	Title, Description, Album *string
	Tags                      *[]string
	Release                   bool // also end its cooling
}

// EachJob calls fn for all jobs, in no order that means anything. A job that moves on meanwhile may come twice, or, if it was
// Leased, with what it was then only. fn must not block, nor call a verb, nor keep or change the job.
func (q *Queue) EachJob(fn func(j *Job)) error {
	_, _, err := q.page(JobQuery{}, describeOrder, func(j *job) bool {
		fn(&j.Job)
		return false
	})
	if err != nil {
		return fmt.Errorf("look at all jobs: %w", err)
	}
	return nil
}

// describeOrder lets no job slip through that becomes Ready meanwhile. What ends a lease meanwhile counts as Leased.
var describeOrder = []State{Leased, Waiting, Failed, Skipped, Ready}

// Describe gives words to the jobs of a query that words wants and that are not Leased. It returns how many of the wanted
// ones have their words now, and how many were Leased and stay as they are; with an error, some may have theirs. words is
// called from the queue's own goroutine, too: it must not block, nor call a verb, nor change the job. After and Limit of
// the query do not count.
func (q *Queue) Describe(query JobQuery, words func(j *Job) (w Words, want bool)) (described, leased int, err error) {
	states := describeOrder
	if query.State != 0 {
		states = []State{query.State}
	}
	// Sets, because a job may be met twice: it moves on between two states, and what is refused is done again.
	has, passed := map[uint64]bool{}, map[uint64]bool{}
	_, err = q.sweep(query, states, func(j *job) bool {
		_, want := words(&j.Job)
		return want
	}, func(t *txn, old, changed *job) (bool, error) {
		if old.State == Leased {
			passed[old.ID] = true
			return false, nil
		}
		w, _ := words(&old.Job)
		delete(passed, old.ID)
		has[old.ID] = true
		return true, t.describe(old, changed, w)
	})
	if err != nil {
		return 0, 0, fmt.Errorf("describe: %w", err)
	}
	for id := range passed {
		if has[id] { // it has left since
			delete(passed, id)
		}
	}
	return len(has), len(passed), nil
}

func (t *txn) describe(old, changed *job, w Words) error {
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
		return err
	}
	if w.Release && old.Cooling {
		changed.State = Ready
		if err := t.tell(old, EventReleased, ""); err != nil {
			return err
		}
		return t.move(old, changed)
	}
	if sameRow(old, changed) {
		return nil
	}
	// The list of failed jobs is in the order of their failing, so Updated stays.
	return t.rewrite(old, changed)
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
