package watcher

import (
	"cmp"
	"container/heap"
	"slices"
	"time"
)

// stamp is what shows that a file has changed.
type stamp struct {
	size  int64
	mtime time.Time
	ino   uint64 // 0 where the system has none
}

func (s stamp) equal(o stamp) bool {
	return s.size == o.size && s.ino == o.ino && s.mtime.Equal(o.mtime)
}

// writer says whether somebody has a file open for writing.
type writer uint8

const (
	nobody writer = iota
	somebody
	unsure // the system does not tell
)

// look is what one look at a file has shown.
type look struct {
	stamp
	gone   bool
	writer writer
	end    Ending // of no meaning while writer is somebody
}

// verdict is what the settler makes of a look.
type verdict uint8

const (
	waiting verdict = iota
	settled
	vanished
)

// busyPoll bounds the time between two looks at a file that somebody has open.
const busyPoll = 2 * time.Second

// settler decides when files are finished. It is pure: it looks at no file and no clock, but is told both. Not safe
// for concurrent use.
//
// A path that touch or observe has brought in stays until judge finds it settled or vanished, or drop takes it out.
type settler struct {
	quiet, unmarked, unproven time.Duration

	files map[string]*settling
	queue dueQueue
}

// settling is one file that is waited for.
type settling struct {
	path string
	stamp
	first bool      // found by the first scan
	born  time.Time // when waiting began
	since time.Time // the last moment at which anything spoke against the file being finished
	due   time.Time // when to look again
	index int       // in the queue; -1 once due has handed it out
}

// touch says that an event named path at now, and what the file looked like afterwards.
func (s *settler) touch(path string, st stamp, now time.Time) {
	e := s.entry(path, now)
	s.disturb(e, st, now)
}

// observe says that a scan has seen path at now. A file that is waited for and has not changed goes on waiting as
// before.
func (s *settler) observe(path string, st stamp, first bool, now time.Time) {
	if e := s.files[path]; e != nil {
		if !e.equal(st) {
			s.disturb(e, st, now)
		}
		return
	}
	e := s.entry(path, now)
	e.first = first
	s.disturb(e, st, now)
}

func (s *settler) entry(path string, now time.Time) *settling {
	e := s.files[path]
	if e == nil {
		if s.files == nil {
			s.files = map[string]*settling{}
		}
		e = &settling{path: path, born: now, index: -1}
		s.files[path] = e
	}
	return e
}

func (s *settler) disturb(e *settling, st stamp, now time.Time) {
	e.stamp, e.since = st, now
	s.schedule(e, now.Add(s.quiet))
}

func (s *settler) schedule(e *settling, due time.Time) {
	e.due = due
	if e.index < 0 {
		heap.Push(&s.queue, e)
	} else {
		heap.Fix(&s.queue, e.index)
	}
}

// drop stops waiting for path.
func (s *settler) drop(path string) {
	if e := s.files[path]; e != nil {
		if e.index >= 0 {
			heap.Remove(&s.queue, e.index)
		}
		delete(s.files, path)
	}
}

// clear stops waiting for anything.
func (s *settler) clear() { s.files, s.queue = nil, nil }

// next returns when due will have something to hand out; false: not before touch or observe is called.
func (s *settler) next() (time.Time, bool) {
	if len(s.queue) == 0 {
		return time.Time{}, false
	}
	return s.queue[0].due, true
}

// due hands out the files that should be looked at now, newest first. Each of them must be given to judge.
func (s *settler) due(now time.Time) []*settling {
	var out []*settling
	for len(s.queue) > 0 && !s.queue[0].due.After(now) {
		out = append(out, heap.Pop(&s.queue).(*settling))
	}
	slices.SortFunc(out, func(a, b *settling) int {
		return cmp.Or(b.mtime.Compare(a.mtime), cmp.Compare(a.path, b.path))
	})
	return out
}

// pending says whether a file that due has handed out still awaits judge: an event may have put it back since.
func (s *settler) pending(e *settling) bool { return e.index < 0 && s.files[e.path] == e }

// judge decides about a file that due has handed out and that is still pending. A settled or vanished file is no
// longer waited for.
func (s *settler) judge(e *settling, l look, now time.Time) verdict {
	if l.gone {
		delete(s.files, e.path)
		return vanished
	}
	if !e.equal(l.stamp) {
		s.disturb(e, l.stamp, now)
		return waiting
	}
	if l.writer == somebody {
		// No event tells of a close without a write: look again, ever less often, without an end.
		e.since = now
		s.schedule(e, now.Add(max(s.quiet, min(now.Sub(e.born)/16, busyPoll))))
		return waiting
	}
	need := s.quiet
	switch {
	case l.writer == unsure, l.end == Missing, l.size == 0:
		need = max(need, s.unproven)
	case l.end == Unknown:
		need = max(need, s.unmarked)
	}
	if now.Sub(e.since) < need {
		s.schedule(e, e.since.Add(need))
		return waiting
	}
	delete(s.files, e.path)
	return settled
}

// dueQueue is a heap of files by due time.
type dueQueue []*settling

func (q dueQueue) Len() int           { return len(q) }
func (q dueQueue) Less(i, j int) bool { return q[i].due.Before(q[j].due) }
func (q dueQueue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *dueQueue) Push(x any) {
	e := x.(*settling)
	e.index = len(*q)
	*q = append(*q, e)
}

func (q *dueQueue) Pop() any {
	old := *q
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	e.index = -1
	return e
}
