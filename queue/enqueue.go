package queue

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
)

// sliceSize is how many requests share a commit.
const sliceSize = 1000

// maxPath keeps account and path within bbolt's longest key.
const maxPath = 30_000

// Enqueue takes a batch in, 1,000 requests to a commit, each slice with its Seen rows and events: after a crash no Seen
// row is without its job. It returns what became of each request, in order; with an error, of those that were committed.
//
// For each account and path there is at most one job:
//   - there is none: a new one, or AddedKnown and an event if the ledger has account and digest and Again is not set;
//   - same bytes: AddedLive. A lower Priority is taken over, and so is Again. Manual makes a Failed or Skipped job Ready
//     again, ends cooling, and brings its own words and SyncCheck;
//   - other bytes: the job stands for the new request as if it were new. If it is Leased the request waits with the job
//     and takes effect when the lease ends.
func (q *Queue) Enqueue(b Batch) ([]Added, error) {
	for i := range b.Requests {
		if err := b.Requests[i].validate(); err != nil {
			return nil, fmt.Errorf("enqueue: %w", err)
		}
	}
	for i := range b.Seen {
		if err := b.Seen[i].validate(); err != nil {
			return nil, fmt.Errorf("enqueue: %w", err)
		}
	}
	added := make([]Added, len(b.Requests))
	for done, s := range commits(b) {
		err := q.do(func(t *txn) error {
			for i := range s.Events {
				if err := t.event(s.Events[i]); err != nil {
					return err
				}
			}
			for i := range s.Requests {
				a, err := t.add(s.Requests[i])
				if err != nil {
					return err
				}
				added[done+i] = a
			}
			return t.putSeen(s.Seen)
		})
		if err != nil {
			return added[:done], fmt.Errorf("enqueue %d photos: %w", len(s.Requests), err)
		}
	}
	return added, nil
}

// commits cuts a batch into slices and yields each with the number of requests before it. A Seen row goes with the last
// request of its path, the others with the first slices; events go first.
func commits(b Batch) func(yield func(int, Batch) bool) {
	return func(yield func(int, Batch) bool) {
		if len(b.Requests) <= sliceSize && len(b.Seen) <= 2*sliceSize && len(b.Events) <= 2*sliceSize {
			yield(0, b)
			return
		}
		last := make(map[string]int, len(b.Requests)) // path to slice
		for i := range b.Requests {
			last[b.Requests[i].Path] = i / sliceSize
		}
		n := max((len(b.Requests)+sliceSize-1)/sliceSize, 1)
		seen := make([][]Seen, n)
		var free []Seen
		for _, s := range b.Seen {
			if i, ok := last[s.Path]; ok {
				seen[i] = append(seen[i], s)
			} else {
				free = append(free, s)
			}
		}
		for len(free) > 0 || len(b.Events) > 0 {
			var s Batch
			s.Seen, free = cut(free, sliceSize)
			s.Events, b.Events = cut(b.Events, sliceSize)
			if !yield(0, s) {
				return
			}
		}
		for i := range n {
			from := i * sliceSize
			to := min(from+sliceSize, len(b.Requests))
			if !yield(from, Batch{Requests: b.Requests[from:to], Seen: seen[i]}) {
				return
			}
		}
	}
}

func cut[T any](s []T, n int) (head, tail []T) {
	n = min(n, len(s))
	return s[:n], s[n:]
}

func (r *Request) validate() error {
	switch {
	case r.Account == "" || strings.ContainsRune(r.Account, 0) || len(r.Account) > 1000:
		return fmt.Errorf("account %q cannot be queued", r.Account)
	case r.Path == "" || strings.ContainsRune(r.Path, 0) || len(r.Path) > maxPath:
		return fmt.Errorf("path %q cannot be queued", clip(r.Path))
	case r.Size < 0:
		return fmt.Errorf("path %q has %d bytes", clip(r.Path), r.Size)
	}
	return r.checkWords()
}

// add takes one request in.
func (t *txn) add(r Request) (Added, error) {
	if s, err := t.session(r.Session); err != nil {
		return 0, err
	} else if s == nil {
		r.Session = 0
	}
	if v := t.live.Get(appendPair(nil, r.Account, r.Path)); v != nil {
		old, err := t.job(binary.BigEndian.Uint64(v))
		if err != nil {
			return 0, fmt.Errorf("job of %q: %w", r.Path, notRefused(err))
		}
		if old.SHA256 == r.SHA256 {
			return AddedLive, t.addSame(old, r)
		}
		return t.addChanged(old, r)
	}
	if t.delivers(&r) {
		return AddedKnown, t.addKnown(&r)
	}
	id, err := t.jobs.NextSequence()
	if err != nil {
		return 0, err
	}
	j := &job{Job: Job{ID: id, Created: t.now}}
	t.place(j, r)
	if err := t.tellPlaced(j, EventQueued); err != nil {
		return 0, err
	}
	return AddedNew, t.move(nil, j)
}

// addKnown tells of a request that the ledger makes needless.
func (t *txn) addKnown(r *Request) error {
	if err := t.event(Event{Account: r.Account, Path: r.Path, SHA256: r.SHA256, What: EventKnown}); err != nil {
		return err
	}
	return t.arrive(r.Session, r.Size, fateKnown)
}

// addSame meets a live job that already stands for these bytes.
func (t *txn) addSame(old *job, r Request) error {
	changed := *old
	changed.Priority = min(old.Priority, r.Priority)
	if r.Session == 0 {
		r.Session = old.Session
	}
	manual := r.Priority == Manual
	if old.State == Leased {
		// What the worker has is again what is on disk; and somebody wants it.
		changed.next, changed.Cancelled = nil, ""
		if r.Again && !old.Again {
			changed.next = &r
		}
		if sameRow(old, &changed) {
			return nil
		}
		return t.rewrite(old, &changed)
	}
	changed.Again = old.Again || r.Again
	if manual {
		changed.SyncCheck = r.SyncCheck
		changed.takeWords(&r)
		switch {
		case old.State == Failed || old.State == Skipped:
			changed.Skip = ""
			ready(&changed)
		case old.Cooling && !r.NotBefore.After(t.now):
			changed.State = Ready
		}
	}
	if sameRow(old, &changed) {
		return nil
	}
	if old.State != changed.State {
		if err := t.tell(&changed, EventQueued, ""); err != nil {
			return err
		}
	}
	return t.move(old, &changed)
}

func sameRow(a, b *job) bool { return bytes.Equal(encodeJob(a), encodeJob(b)) }

// takeWords takes over the words that r has.
func (j *job) takeWords(r *Request) {
	if r.Title != "" {
		j.Title = r.Title
	}
	if r.Description != "" {
		j.Description = r.Description
	}
	if len(r.Tags) > 0 {
		j.Tags = r.Tags
	}
	if r.Album != "" {
		j.Album = r.Album
	}
}

// addChanged meets a live job that stands for bytes which are no longer there.
func (t *txn) addChanged(old *job, r Request) (Added, error) {
	changed := *old
	if r.Session == 0 {
		r.Session = old.Session
	}
	if old.State == Leased {
		changed.next = &r
		return AddedNew, t.rewrite(old, &changed)
	}
	if t.delivers(&r) {
		if err := t.addKnown(&r); err != nil {
			return 0, err
		}
		return AddedKnown, t.leave(old, fateRemoved)
	}
	t.place(&changed, r)
	if err := t.tellPlaced(&changed, EventChanged); err != nil {
		return 0, err
	}
	return AddedNew, t.move(old, &changed)
}

// place lets j stand for r from now on, with a clean slate.
func (t *txn) place(j *job, r Request) {
	j.Job = Job{ID: j.ID, Request: r, State: Ready, Created: j.Created}
	switch {
	case r.Skip != "":
		j.State, j.Error = Skipped, clip(r.Skip)
	case r.NotBefore.After(t.now):
		j.State, j.Due, j.Cooling = Waiting, r.NotBefore, true
	}
}

func (t *txn) tellPlaced(j *job, what string) error {
	if j.State == Skipped {
		return t.tell(j, EventSkipped, j.Skip)
	}
	return t.tell(j, what, "")
}

// delivers reports whether the ledger makes a job for r needless.
func (t *txn) delivers(r *Request) bool {
	if r.Again || r.SHA256 == [32]byte{} {
		return false
	}
	t.key = appendPair(t.key[:0], r.Account, r.SHA256[:])
	return t.ledger.Get(t.key) != nil
}
