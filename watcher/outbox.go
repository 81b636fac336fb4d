package watcher

import (
	"cmp"
	"container/heap"
	"context"
	"log/slog"
	"path/filepath"
	"sync"
	"time"
)

// batchSize bounds how many files are given to found at once.
const batchSize = 1000

// outbox holds settled files until found has taken them over. Newest first.
type outbox struct {
	known   func(path string, size int64, mtime time.Time) bool
	log     *slog.Logger
	changed func()
	retry   time.Duration // first delay after an error

	wake chan struct{} // capacity 1

	mu     sync.Mutex
	files  map[address]*parcel
	queue  parcels
	flying map[address]*parcel // in the hands of found
}

// address is a file of a folder. Two folders may hold the same file, each on its own account.
type address struct {
	folder *folder
	path   string
}

type parcel struct {
	address
	stamp
	first bool
	stale bool // changed or gone while in the hands of found
	index int
}

func newOutbox(known func(string, int64, time.Time) bool, log *slog.Logger, changed func(), retry time.Duration) *outbox {
	return &outbox{
		known: known, log: log, changed: changed, retry: retry,
		wake: make(chan struct{}, 1), files: map[address]*parcel{},
	}
}

// put adds a settled file.
func (o *outbox) put(f *folder, path string, st stamp, first bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	a := address{f, path}
	o.remove(a)
	p := &parcel{address: a, stamp: st, first: first}
	o.files[a] = p
	heap.Push(&o.queue, p)
	nudge(o.wake)
}

// withdraw takes back a file that has changed or gone. One that found is working on is not offered again as it was.
func (o *outbox) withdraw(f *folder, path string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	a := address{f, path}
	o.remove(a)
	if p := o.flying[a]; p != nil {
		p.stale = true
	}
}

// withdrawAll takes back all files of a folder.
func (o *outbox) withdrawAll(f *folder) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for a := range o.files {
		if a.folder == f {
			o.remove(a)
		}
	}
	for a, p := range o.flying {
		p.stale = p.stale || a.folder == f
	}
}

// withdrawBelow takes back the files that are in one of dirs.
func (o *outbox) withdrawBelow(f *folder, dirs map[string]bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for a := range o.files {
		if a.folder == f && within(a.path, f.path, dirs) {
			o.remove(a)
		}
	}
}

// within says whether path, which is below top, or a folder on the way to it, is one of paths.
func within(path, top string, paths map[string]bool) bool {
	for len(path) >= len(top) {
		if paths[path] {
			return true
		}
		up := filepath.Dir(path)
		if up == path {
			break
		}
		path = up
	}
	return false
}

func (o *outbox) remove(a address) {
	if p := o.files[a]; p != nil {
		heap.Remove(&o.queue, p.index)
		delete(o.files, a)
	}
}

// holds says whether the file is here, unchanged.
func (o *outbox) holds(f *folder, path string, st stamp) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	a := address{f, path}
	if p := o.files[a]; p != nil {
		return p.equal(st)
	}
	p := o.flying[a]
	return p != nil && !p.stale && p.equal(st)
}

func (o *outbox) empty() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.files) == 0 && len(o.flying) == 0
}

// run offers the files to found until ctx is done. Files that found does not take stay, and are offered again with
// growing delay.
func (o *outbox) run(ctx context.Context, found func([]File) error) {
	var delay time.Duration
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-o.wake:
		}
		for {
			batch := o.take()
			if len(batch) == 0 {
				break
			}
			err := found(batch)
			o.landed(err == nil)
			o.changed()
			if ctx.Err() != nil {
				return
			}
			if err == nil {
				delay = 0
				continue
			}
			delay = min(max(o.retry, 2*delay), 64*o.retry)
			o.log.Warn("Files could not be taken over", "files", len(batch), "again", delay, "err", err)
			timer.Reset(delay)
			select {
			case <-ctx.Done():
				return
			case <-timer.C:
			}
		}
	}
}

// take hands out the newest files, without those that have become known meanwhile.
func (o *outbox) take() []File {
	o.mu.Lock()
	defer o.mu.Unlock()
	var batch []File
	o.flying = map[address]*parcel{}
	for len(o.queue) > 0 && len(batch) < batchSize {
		p := heap.Pop(&o.queue).(*parcel)
		delete(o.files, p.address)
		if o.known(p.path, p.size, p.mtime) {
			continue
		}
		o.flying[p.address] = p
		batch = append(batch, File{
			Path: p.path, Root: p.folder.root.Path, Size: p.size, ModTime: p.mtime, FirstScan: p.first,
		})
	}
	return batch
}

// landed ends what take began. What has not been taken over goes back, unless a newer state of it has come meanwhile.
func (o *outbox) landed(ok bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for a, p := range o.flying {
		if _, newer := o.files[a]; !ok && !newer && !p.stale {
			o.files[a] = p
			heap.Push(&o.queue, p)
		}
	}
	o.flying = nil
}

// parcels is a heap, newest first.
type parcels []*parcel

func (q parcels) Len() int { return len(q) }

func (q parcels) Less(i, j int) bool {
	return cmp.Or(q[j].mtime.Compare(q[i].mtime), cmp.Compare(q[i].path, q[j].path)) < 0
}

func (q parcels) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].index, q[j].index = i, j
}

func (q *parcels) Push(x any) {
	p := x.(*parcel)
	p.index = len(*q)
	*q = append(*q, p)
}

func (q *parcels) Pop() any {
	old := *q
	p := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	return p
}
