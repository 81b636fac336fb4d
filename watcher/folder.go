package watcher

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
)

// folder is one root at work: a goroutine that looks at what events and scans have brought and waits for files to
// settle (look), and one that scans (scan.go). A folder without a path takes the files that Recheck names and that no
// root takes.
type folder struct {
	*Config
	root   Root
	path   string // absolute and clean; empty for the folder without a path
	rules  *rules
	broken error // the root's patterns are not well-formed
	log    *slog.Logger
	hub    *hub
	outbox *outbox
	where  func(path string) place
	every  *atomic.Int64 // time.Duration between two scans

	wakeLook, wakeScan chan struct{} // capacity 1
	cancel             context.CancelFunc

	settler settler // of look alone

	mu       sync.Mutex
	marks    map[string]fsnotify.Op // paths to look at
	fresh    []candidate            // files to wait for
	emptied  bool                   // the folder is away: wait for nothing
	waiting  int                    // files in settler
	looking  bool
	subtrees map[string]bool // directories to walk
	full     bool            // a scan of everything is due
	lost     string          // why, if events were lost
	walking  bool
	followed bool // events are expected
	state    State
}

// candidate is a file that a scan has found.
type candidate struct {
	path string
	stamp
	first bool
}

func newFolder(c *Config, r Root, h *hub, o *outbox, every *atomic.Int64, where func(string) place) *folder {
	f := &folder{
		Config: c, root: r, hub: h, outbox: o, where: where, every: every,
		wakeLook: make(chan struct{}, 1), wakeScan: make(chan struct{}, 1),
		settler:  settler{quiet: c.Quiet, unmarked: c.Unmarked, unproven: c.Unproven},
		subtrees: map[string]bool{}, full: true, followed: true,
		log: c.Log,
	}
	f.state.Path = r.Path
	if r.Path != "" {
		f.log = c.Log.With("root", r.Path)
		f.path, _ = filepath.Abs(r.Path)
		f.rules, f.broken = compile(r)
	}
	return f
}

// takes says whether the root takes the file, by its path.
func (f *folder) takes(path string) bool {
	if f.path == "" {
		return true
	}
	rel := relative(f.path, path)
	if rel == "" || f.rules == nil {
		return false
	}
	ok, _ := f.rules.take(rel)
	return ok
}

// mark asks for a look at paths.
func (f *folder) mark(paths map[string]fsnotify.Op) {
	f.mu.Lock()
	if f.marks == nil {
		f.marks = paths
	} else {
		for p, op := range paths {
			f.marks[p] |= op
		}
	}
	f.mu.Unlock()
	nudge(f.wakeLook)
}

// idle says whether the folder has nothing to do; a folder that cannot be reached has not.
func (f *folder) idle() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	busy := len(f.marks) > 0 || len(f.fresh) > 0 || f.waiting > 0 || f.looking
	if f.path == "" || f.state.Phase == Away || f.state.Phase == Broken {
		return !busy
	}
	return !busy && !f.full && !f.walking && len(f.subtrees) == 0 && f.state.Scans > 0
}

func (f *folder) snapshot() State {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.state
	s.Settling = f.waiting + len(f.fresh)
	return s
}

// chunk bounds how many files are probed before events get their turn.
const chunk = 256

// look is the goroutine that looks at marked paths and waits for files to settle.
func (f *folder) look(ctx context.Context) {
	defer f.outbox.withdrawAll(f)
	timer := time.NewTimer(time.Hour)
	timer.Stop()
	defer timer.Stop()
	var due []*settling
	for {
		if len(due) == 0 {
			f.rest(false)
			if next, ok := f.settler.next(); ok {
				timer.Reset(time.Until(next))
			} else {
				timer.Stop()
			}
			select {
			case <-ctx.Done():
				return
			case <-f.wakeLook:
			case <-timer.C:
			}
		} else if ctx.Err() != nil {
			return
		}
		before := f.count()
		marks, fresh := f.take()
		f.sort(marks)
		// One time for all, so that they come due together and the newest of them goes first.
		now := time.Now()
		for _, c := range fresh {
			f.consider(c, now)
		}
		if len(due) == 0 {
			due = f.settler.due(time.Now())
		}
		n := min(len(due), chunk)
		for _, e := range due[:n] {
			if ctx.Err() != nil {
				return
			}
			f.settle(e)
		}
		due = due[n:]
		f.rest(true)
		if len(marks)+len(fresh)+n > 0 || f.count() != before {
			f.Changed()
		}
	}
}

// take takes over what has been marked and found.
func (f *folder) take() (map[string]fsnotify.Op, []candidate) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.looking = true
	if f.emptied {
		f.emptied = false
		f.settler.clear()
	}
	marks, fresh := f.marks, f.fresh
	f.marks, f.fresh = nil, nil
	return marks, fresh
}

// rest publishes how many files are waited for.
func (f *folder) rest(looking bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.waiting, f.looking = len(f.settler.files), looking
}

func (f *folder) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.waiting
}

// sort looks at marked paths: what has gone is forgotten, what is new is watched or waited for.
func (f *folder) sort(marks map[string]fsnotify.Op) {
	gone := map[string]bool{}
	for p, op := range marks {
		if op.Has(fsnotify.Remove) || op.Has(fsnotify.Rename) {
			gone[p] = true
		}
	}
	// First, so that the new name of a renamed directory meets no watch under the old one.
	if len(gone) > 0 && f.hub.drop(f, gone) > 0 {
		f.outbox.withdrawBelow(f, gone)
	}
	for p, op := range marks {
		if p == f.path {
			switch {
			case gone[p]:
				f.rescan("the folder was moved or deleted")
			case op.Has(fsnotify.Chmod): // it may have become unreadable
				f.rescan("")
			}
			continue
		}
		f.sortOne(p)
	}
}

func (f *folder) sortOne(path string) {
	st, mode, err := lookAt(path)
	switch {
	case err == nil && mode.IsDir():
		f.settler.drop(path)
		f.enter(path)
	case err == nil && mode.IsRegular():
		if !f.takes(path) {
			return
		}
		f.outbox.withdraw(f, path)
		if f.Known(path, st.size, st.mtime) {
			f.settler.drop(path)
			return
		}
		f.settler.touch(path, st, time.Now())
	default:
		f.settler.drop(path)
		f.outbox.withdraw(f, path)
	}
}

// enter asks for a walk of a directory that an event has named, unless it is watched already.
func (f *folder) enter(path string) {
	if f.path == "" || f.rules == nil || f.rules.flat {
		return
	}
	rel := relative(f.path, path)
	if rel == "" {
		return
	}
	if _, no := f.rules.refuseDir(rel); no {
		return
	}
	if id, err := identify(path); err != nil || f.hub.has(f, path, id) {
		return
	}
	f.mu.Lock()
	f.subtrees[path] = true
	f.mu.Unlock()
	nudge(f.wakeScan)
}

// consider begins to wait for a file that a scan has found.
func (f *folder) consider(c candidate, now time.Time) {
	if !f.outbox.holds(f, c.path, c.stamp) {
		f.outbox.withdraw(f, c.path)
		f.settler.observe(c.path, c.stamp, c.first, now)
	}
}

// settle looks whether a file that has been quiet is finished.
func (f *folder) settle(e *settling) {
	if !f.settler.pending(e) {
		return
	}
	if f.Known(e.path, e.size, e.mtime) {
		f.settler.drop(e.path)
		return
	}
	switch f.settler.judge(e, probe(e.path, e.stamp, f.Ended), time.Now()) {
	case settled:
		f.outbox.put(f, e.path, e.stamp, e.first)
	case vanished:
		f.log.Debug("File went away before it was finished", "path", e.path)
	}
}

// add hands candidates to look.
func (f *folder) add(cs []candidate) {
	if len(cs) == 0 {
		return
	}
	f.mu.Lock()
	f.fresh = append(f.fresh, cs...)
	f.mu.Unlock()
	nudge(f.wakeLook)
	f.Changed()
}

// rescan asks for a scan of everything. lost says why, if events were lost; "" if not.
func (f *folder) rescan(lost string) {
	f.mu.Lock()
	f.full = true
	if lost != "" {
		f.lost = lost
	}
	f.mu.Unlock()
	nudge(f.wakeScan)
}

// missed asks for a scan because events may have been lost, if the folder relies on them.
func (f *folder) missed(why string) {
	f.mu.Lock()
	relies := f.followed
	f.mu.Unlock()
	if relies {
		f.rescan(why)
	}
}
