package watcher

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Watcher watches roots. Its methods may be called from any goroutine.
type Watcher struct {
	cfg    Config
	hub    *hub
	outbox *outbox
	where  func(path string) place // tests put folders on a network
	every  atomic.Int64            // Config.Rescan as it is now

	mu      sync.Mutex
	started bool
	ctx     context.Context // of Run; nil before and after
	folders []*folder       // by root, in order
	strays  *folder         // files of no root that Recheck has named
	group   sync.WaitGroup  // the folders' goroutines
}

// New returns a Watcher that does nothing before Run.
func New(c Config) *Watcher {
	c = c.withDefaults()
	w := &Watcher{cfg: c, hub: newHub(), where: whereIs}
	w.every.Store(int64(c.Rescan))
	w.outbox = newOutbox(c.Known, c.Log, c.Changed, c.Retry)
	w.strays = w.folder(Root{})
	w.SetRoots(c.Roots)
	return w
}

// withDefaults puts the measured defaults in the place of zeros.
func (c Config) withDefaults() Config {
	c.Quiet = cmp.Or(c.Quiet, 250*time.Millisecond)
	c.Unmarked = cmp.Or(c.Unmarked, 2*time.Second)
	c.Unproven = cmp.Or(c.Unproven, 10*time.Second)
	c.Rescan = cmp.Or(c.Rescan, 15*time.Minute)
	c.Poll = cmp.Or(c.Poll, time.Minute)
	c.Away = cmp.Or(c.Away, 5*time.Second)
	c.Retry = cmp.Or(c.Retry, time.Second)
	if c.Known == nil {
		c.Known = func(string, int64, time.Time) bool { return false }
	}
	if c.Changed == nil {
		c.Changed = func() {}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return c
}

func (w *Watcher) folder(r Root) *folder {
	return newFolder(&w.cfg, r, w.hub, w.outbox, &w.every, func(path string) place { return w.where(path) })
}

// stopGrace is how long Run waits for goroutines that hang in a file system that does not answer.
const stopGrace = 3 * time.Second

// Run watches until ctx is done, and then returns nil. It may be called once.
//
// found gets settled files, newest first, in batches of at most 1,000; it is never called twice at a time, and a file
// that it is working on is not offered again before it has returned. After an error, which may be a full disk, all
// files of the batch stay and are offered again with growing delay. found should return soon after ctx is done; Run
// waits for it.
func (w *Watcher) Run(ctx context.Context, found func([]File) error) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.mu.Lock()
	if w.started {
		w.mu.Unlock()
		return errors.New("the watcher has been run before")
	}
	w.started, w.ctx = true, ctx
	w.start(w.strays)
	for _, f := range w.folders {
		w.start(f)
	}
	w.mu.Unlock()

	var group sync.WaitGroup
	group.Go(func() { w.outbox.run(ctx, found) })
	group.Go(func() { w.hub.run(ctx, w.lost) })
	group.Go(func() { mountChanges(ctx, w.peek) })
	group.Go(func() { clockJumps(ctx, func() { w.missed("the computer slept, or its clock was set") }) })
	<-ctx.Done()

	w.mu.Lock()
	w.ctx = nil
	w.mu.Unlock()
	group.Wait()
	stopped := make(chan struct{})
	go func() {
		w.group.Wait()
		close(stopped)
	}()
	select {
	case <-stopped:
	case <-time.After(stopGrace):
		w.cfg.Log.Warn("A folder does not answer, leaving it behind")
	}
	return nil
}

// start sets a folder to work. w.mu is held.
func (w *Watcher) start(f *folder) {
	ctx, cancel := context.WithCancel(w.ctx)
	f.cancel = cancel
	w.group.Go(func() { f.look(ctx) })
	if f.path != "" {
		w.group.Go(func() { f.scan(ctx) })
	}
}

// SetRoots replaces the roots. One that was there before, with the same rules, goes on undisturbed; a new one begins
// with a first scan; the files of one that has gone are not offered any more.
func (w *Watcher) SetRoots(roots []Root) {
	w.mu.Lock()
	old := w.folders
	w.folders = make([]*folder, 0, len(roots))
	for _, r := range roots {
		i := slices.IndexFunc(old, func(f *folder) bool { return f != nil && f.root.equal(r) })
		if i >= 0 {
			w.folders = append(w.folders, old[i])
			old[i] = nil
			continue
		}
		r.Include, r.Exclude = slices.Clone(r.Include), slices.Clone(r.Exclude)
		f := w.folder(r)
		w.folders = append(w.folders, f)
		if w.ctx != nil {
			w.start(f)
		}
	}
	for _, f := range old {
		if f != nil && f.cancel != nil {
			f.cancel()
		}
	}
	w.mu.Unlock()
	w.cfg.Changed()
}

func (r Root) equal(o Root) bool {
	return r.Path == o.Path && r.Flat == o.Flat &&
		slices.Equal(r.Include, o.Include) && slices.Equal(r.Exclude, o.Exclude)
}

// RescanEvery changes Config.Rescan while the Watcher runs.
func (w *Watcher) RescanEvery(d time.Duration) {
	if d <= 0 || w.every.Swap(int64(d)) == int64(d) {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.folders {
		nudge(f.wakeScan) // its next scan is at another time now
	}
}

// Rescan asks for a scan of a root, by its Path as it was given, or of all roots for the empty string.
func (w *Watcher) Rescan(root string) {
	for _, f := range w.list() {
		if root == "" || root == f.root.Path {
			f.rescan("")
		}
	}
}

// Recheck says that the file has changed after it was offered: it settles again and is offered again, unless it is
// known as it is now or has gone. A file that no root takes is offered with an empty Root.
func (w *Watcher) Recheck(path string) {
	path, err := filepath.Abs(path)
	if err != nil {
		return
	}
	taken := false
	for _, f := range w.list() {
		if f.takes(path) {
			taken = true
			f.mark(map[string]fsnotify.Op{path: fsnotify.Write})
		}
	}
	if !taken {
		w.strays.mark(map[string]fsnotify.Op{path: fsnotify.Write})
	}
}

// States returns the state of each root, in the order in which they were given.
func (w *Watcher) States() []State {
	folders := w.list()
	states := make([]State, len(folders))
	for i, f := range folders {
		states[i] = f.snapshot()
	}
	return states
}

// Idle says whether, as far as anybody can know, nothing is left to do: every root that can be reached has been
// scanned since it was last asked for or lost events, no file is waited for, and found has taken over all files. It is
// false before Run and after it.
func (w *Watcher) Idle() bool {
	w.mu.Lock()
	folders, running := append(slices.Clone(w.folders), w.strays), w.ctx != nil
	w.mu.Unlock()
	// In the order in which a file travels, so that none slips past from a place not yet asked to one asked before.
	if !running || !w.hub.marks.idle() {
		return false
	}
	for _, f := range folders {
		if !f.idle() {
			return false
		}
	}
	return w.outbox.empty()
}

func (w *Watcher) list() []*folder {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.folders)
}

// lost turns an error of the event source into scans.
func (w *Watcher) lost(err error) {
	why := "the system's event source failed: " + err.Error()
	if errors.Is(err, fsnotify.ErrEventOverflow) {
		why = "more events than the system could hold"
	}
	w.missed(why)
}

func (w *Watcher) missed(why string) {
	for _, f := range w.list() {
		f.missed(why)
	}
}

// peek lets the folders look whether they are still on the same drive.
func (w *Watcher) peek() {
	for _, f := range w.list() {
		nudge(f.wakeScan)
	}
}
