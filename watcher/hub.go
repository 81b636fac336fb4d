package watcher

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/fsnotify/fsnotify"
)

// hub holds the one fsnotify watcher of all folders. It knows which folder sees which directory under which path, and
// carries what the events name to the folders.
//
// inotify knows directories by their inode, and fsnotify gives each of them one path, the one it was first added by.
// So does the hub; a folder that reaches the directory by another path, through a link, is told its own one.
type hub struct {
	add func(*fsnotify.Watcher, string) error // fsnotify's Add; tests make it fail

	mu      sync.Mutex
	notify  *fsnotify.Watcher // nil until the first enter, after an unexpected end, and once closed
	closed  bool
	readers sync.WaitGroup
	byPath  map[string]*watch
	byID    map[dirID]*watch
	seen    map[*folder]map[string]*watch // by the path that the folder uses

	marks marks
}

// watch is one watched directory.
type watch struct {
	path  string // as fsnotify knows it
	id    dirID
	users map[*folder]use
}

// use is how a folder sees a watched directory.
type use struct {
	path string
	scan int // number of the folder's last scan that has met the directory
}

func newHub() *hub {
	return &hub{
		add:    (*fsnotify.Watcher).Add,
		byPath: map[string]*watch{},
		byID:   map[dirID]*watch{},
		seen:   map[*folder]map[string]*watch{},
		marks:  marks{wake: make(chan struct{}, 1)},
	}
}

// errLimit from enter: the system's or our own limit of watches is reached.
var errLimit = errors.New("limit of watched folders reached")

// enter watches the directory id for f, which calls it path. scan is the number of f's running scan, or 0 outside of
// scans. It returns errElsewhere if f has the directory by another path already; a scan, which sees the whole truth,
// takes the new path instead.
func (h *hub) enter(f *folder, path string, id dirID, scan int) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.open(); err != nil {
		return err
	}
	if old := h.byPath[path]; old != nil && old.id != id {
		h.forget(old) // replaced without an event
	}
	w := h.byID[id]
	if w != nil {
		if u, ok := w.users[f]; ok && u.path != path {
			if scan == 0 {
				return errElsewhere
			}
			h.release(w, f)
			w = h.byID[id]
		}
	}
	if w != nil {
		// Again, since the system may have dropped the watch. It costs two microseconds.
		if h.add(h.notify, w.path) != nil {
			h.forget(w)
			w = nil
		}
	}
	if w == nil {
		if maxDirs > 0 && len(h.seen[f]) >= maxDirs {
			return errLimit
		}
		if err := h.add(h.notify, path); err != nil {
			if isLimit(err) {
				err = errLimit
			}
			return err
		}
		w = &watch{path: path, id: id, users: map[*folder]use{}}
		h.byPath[path], h.byID[id] = w, w
	}
	u := w.users[f]
	w.users[f] = use{path: path, scan: max(scan, u.scan)}
	if h.seen[f] == nil {
		h.seen[f] = map[string]*watch{}
	}
	h.seen[f][path] = w
	return nil
}

// open makes the watcher if there is none. h.mu is held.
func (h *hub) open() error {
	if h.closed {
		return fsnotify.ErrClosed
	}
	if h.notify != nil {
		return nil
	}
	n, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("%w: %w", errLimit, err)
	}
	h.notify = n
	h.readers.Go(func() { h.read(n) })
	return nil
}

// read marks what events name, and does nothing else: while it is busy, the kernel's queue fills up.
func (h *hub) read(n *fsnotify.Watcher) {
	events, errs := n.Events, n.Errors
	for events != nil {
		select {
		case e, ok := <-events:
			if !ok {
				events = nil
				break
			}
			h.marks.add(e.Name, e.Op)
		case err, ok := <-errs:
			if !ok {
				errs = nil
				break
			}
			h.marks.lose(err)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.notify != n {
		return
	}
	h.notify = nil
	clear(h.byPath)
	clear(h.byID)
	clear(h.seen)
	h.marks.lose(fsnotify.ErrClosed)
}

// gather is how long marks are gathered before they are carried on: many events for one file become one look at it.
const gather = 10 * time.Millisecond

// run carries marks to the folders until ctx is done, and closes the watcher then. lost is called with an error when
// events have been lost.
func (h *hub) run(ctx context.Context, lost func(error)) {
	defer h.close()
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.marks.wake:
		}
		pause.Reset(gather)
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		names, err := h.marks.take()
		if err != nil {
			lost(err)
		}
		for f, m := range h.sort(names) {
			f.mark(m)
		}
		h.marks.done()
	}
}

func (h *hub) close() {
	h.mu.Lock()
	h.closed = true
	n := h.notify
	h.mu.Unlock()
	if n != nil {
		n.Close()
	}
	h.readers.Wait()
}

// sort turns fsnotify's paths into those of the folders.
func (h *hub) sort(names map[string]fsnotify.Op) map[*folder]map[string]fsnotify.Op {
	out := map[*folder]map[string]fsnotify.Op{}
	put := func(f *folder, path string, op fsnotify.Op) {
		if out[f] == nil {
			out[f] = map[string]fsnotify.Op{}
		}
		out[f][path] |= op
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, op := range names {
		if w := h.byPath[name]; w != nil {
			for f, u := range w.users {
				put(f, u.path, op)
			}
		}
		if w := h.byPath[filepath.Dir(name)]; w != nil {
			for f, u := range w.users {
				put(f, filepath.Join(u.path, filepath.Base(name)), op)
			}
		}
	}
	return out
}

// has says whether f has the directory id under path, and it is watched.
func (h *hub) has(f *folder, path string, id dirID) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	w := h.seen[f][path]
	return w != nil && w.id == id
}

// drop takes from f the watches of those of paths that are directories, and of all that is below them. fsnotify goes
// on reporting a renamed directory's sub-folders under their old paths (fsnotify#694).
func (h *hub) drop(f *folder, paths map[string]bool) (dropped int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	hit := false
	for p := range paths {
		hit = hit || h.seen[f][p] != nil
	}
	if !hit {
		return 0
	}
	for p, w := range h.seen[f] {
		if within(p, f.path, paths) {
			h.release(w, f)
			dropped++
		}
	}
	return dropped
}

// prune takes from f the watches that its scan with this number has not met; 0: all of them.
func (h *hub) prune(f *folder, scan int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, w := range h.seen[f] {
		if scan == 0 || w.users[f].scan != scan {
			h.release(w, f)
		}
	}
	if scan == 0 {
		delete(h.seen, f)
	}
}

// release ends f's use of w. h.mu is held.
func (h *hub) release(w *watch, f *folder) {
	delete(h.seen[f], w.users[f].path)
	delete(w.users, f)
	if len(w.users) == 0 {
		h.forget(w)
	}
}

// forget ends the watch w for all of its users. h.mu is held.
func (h *hub) forget(w *watch) {
	for f, u := range w.users {
		delete(h.seen[f], u.path)
	}
	if h.byPath[w.path] == w {
		delete(h.byPath, w.path)
		if h.notify != nil {
			// It fails if the directory has gone, which is as good.
			_ = h.notify.Remove(w.path)
		}
	}
	if h.byID[w.id] == w {
		delete(h.byID, w.id)
	}
}

// isLimit says whether an error of Add means that there are no more watches to be had.
func isLimit(err error) bool {
	return err != nil && (errors.Is(err, errNoSpace) || errors.Is(err, errTooManyFiles) ||
		strings.Contains(err.Error(), "too many open files"))
}

// marks are the paths that events have named and nobody has looked at yet.
type marks struct {
	wake chan struct{} // capacity 1

	mu    sync.Mutex
	names map[string]fsnotify.Op
	lost  error
	busy  bool // take has been called, and done has not
}

func (m *marks) add(name string, op fsnotify.Op) {
	m.mu.Lock()
	if m.names == nil {
		m.names = map[string]fsnotify.Op{}
	}
	m.names[name] |= op
	m.mu.Unlock()
	nudge(m.wake)
}

func (m *marks) lose(err error) {
	m.mu.Lock()
	m.lost = err
	m.mu.Unlock()
	nudge(m.wake)
}

func (m *marks) take() (map[string]fsnotify.Op, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	names, err := m.names, m.lost
	m.names, m.lost, m.busy = nil, nil, true
	return names, err
}

func (m *marks) done() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.busy = false
}

func (m *marks) idle() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.names) == 0 && m.lost == nil && !m.busy
}

// nudge puts a token into a channel of capacity 1 unless there is one.
func nudge(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
