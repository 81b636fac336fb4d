package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/queue"
	"github.com/photoferry/photoferry/watcher"
)

// intake turns settled files into jobs. It remembers what could not be read,
// for the folder's line on the screen.
type intake struct {
	app *App

	wording sync.RWMutex // held for reading from the look at the settings' words until the jobs that have them are durable

	mu         sync.Mutex
	busy       int               // files being read
	unreadable map[string]string // path -> reason
}

func (in *intake) init(a *App) {
	in.app = a
	in.unreadable = make(map[string]string)
}

// digestWorkers read files at the same time: two fill an SSD, more gain
// nothing (docs/benchmarks.md).
func digestWorkers() int { return min(2, runtime.GOMAXPROCS(0)) }

// Jobs are written in slices: large enough that a burst costs few commits,
// small enough that the first photo leaves while the rest is being read.
const (
	sliceSize = 500
	sliceTime = 200 * time.Millisecond
)

// candidate is a settled file with the rule that it came under.
type candidate struct {
	path   string
	folder string   // "" for a manual drop
	ids    []string // accounts
	rule   rule
	with   *arrival // nil: with nothing, as far as sessions go
}

// rule is what a folder, or a drop, wants done with its photos.
type rule struct {
	album     string
	words     words
	syncCheck bool
	again     bool
	cool      time.Duration
	priority  queue.Priority
}

// taken is what became of a candidate: rows for the queue, and results for
// the person who asked.
type taken struct {
	cand     candidate
	seen     *queue.Seen
	event    *queue.Event
	requests []queue.Request
	note     control.AddResult // when there are no requests
	changed  bool              // the file changed while it was being read
	spent    error             // no file could be opened any more, which says nothing of this one
}

// found takes a batch from the watcher. A returned error leaves every file of
// the batch with the watcher, which offers again what did not become known:
// nothing is lost on a full disk, or when no file can be opened any more.
func (in *intake) found(ctx context.Context, files []watcher.File) error {
	files, err := in.app.acquaint(ctx, files)
	if err != nil {
		return err
	}
	rules := in.app.folderRules()
	together := make(map[string]*arrival)
	cands := make([]candidate, 0, len(files))
	for _, f := range files {
		fr, ok := rules[f.Root]
		if !ok {
			continue // the folder was removed meanwhile
		}
		if together[f.Root] == nil {
			together[f.Root] = &arrival{kind: queue.SessionFolder, source: f.Root, ids: fr.ids, album: fr.rule.album}
		}
		c := candidate{path: f.Path, folder: f.Root, ids: fr.ids, rule: fr.rule, with: together[f.Root]}
		if f.FirstScan {
			c.rule.priority = queue.FirstScan
		}
		cands = append(cands, c)
	}
	var spent error
	err = in.takeAll(ctx, cands, func(t taken, _ []queue.Added) {
		if t.changed {
			in.app.watcher.Load().Recheck(t.cand.path)
		}
		if spent == nil {
			spent = t.spent
		}
	})
	return errors.Join(err, spent)
}

// takeAll reads the candidates and writes them to the queue in slices. done is
// called once per candidate, after its slice is durable, from one goroutine.
func (in *intake) takeAll(ctx context.Context, cands []candidate, done func(taken, []queue.Added)) error {
	in.count(len(cands))
	left := len(cands)
	defer func() { in.count(-left) }()

	// Results come in order, so that the newest photo of a batch is the first
	// to be durable, while the readers run ahead by a slice at most.
	type slot chan taken
	order := make(chan slot, sliceSize)
	g, ctx := errgroup.WithContext(ctx)
	g.Go(func() error {
		defer close(order)
		readers, rctx := errgroup.WithContext(ctx)
		readers.SetLimit(digestWorkers())
		for _, c := range cands {
			s := make(slot, 1)
			select {
			case order <- s:
			case <-rctx.Done():
				return readers.Wait()
			}
			readers.Go(func() error {
				s <- in.read(rctx, c)
				return nil
			})
		}
		return readers.Wait()
	})
	g.Go(func() error {
		var slice []taken
		flush := func() error {
			if len(slice) == 0 {
				return nil
			}
			err := in.write(slice, done)
			in.count(-len(slice))
			left -= len(slice)
			slice = nil
			return err
		}
		started := time.Now()
		for s := range order {
			var t taken
			select {
			case t = <-s:
			case <-ctx.Done():
				return ctx.Err()
			}
			if len(slice) == 0 {
				started = time.Now()
			}
			slice = append(slice, t)
			if len(slice) >= sliceSize || time.Since(started) > sliceTime {
				if err := flush(); err != nil {
					return err
				}
			}
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return flush()
	})
	return g.Wait()
}

// read looks at one file: what kind it is, its digests, and what each account
// says to it.
func (in *intake) read(ctx context.Context, c candidate) taken {
	t := taken{cand: c}
	f, err := openRegular(c.path)
	if err != nil {
		return in.unread(t, err)
	}
	defer f.Close()
	before, err := f.Stat()
	if err != nil {
		return in.unread(t, err)
	}
	d, err := photo.Digest(ctx, f, filepath.Base(c.path))
	if err != nil {
		return in.unread(t, err)
	}
	after, err := os.Stat(c.path)
	if err != nil {
		return in.unread(t, err)
	}
	if d.Size != before.Size() || after.Size() != before.Size() || !after.ModTime().Equal(before.ModTime()) || !os.SameFile(before, after) {
		t.changed = true
		t.note = control.AddResult{Path: c.path, Result: "unreadable", Reason: "it is still being written; try again when it is finished"}
		return t
	}
	in.readable(c.path)

	seen := queue.Seen{Path: c.path, Size: d.Size, ModTime: before.ModTime(), SHA256: d.SHA256, MD5: d.MD5}
	if d.Kind == photo.Unknown {
		seen.Note = noteNoPhoto
		t.note = control.AddResult{Path: c.path, Result: "not a photo", Reason: "its content is not of a kind that is known"}
	}
	if c.folder != "" {
		t.seen = &seen
		t.event = &queue.Event{At: time.Now(), Path: c.path, SHA256: d.SHA256, What: "found", Text: foundText(d, seen.Note)}
	}
	if d.Kind == photo.Unknown {
		return t
	}
	taken := in.taken(f, before)
	skip := in.app.skipsUnsupported(c.folder)
	old, err := in.app.before(c.path, d.SHA256)
	if err != nil {
		in.app.recordError(err)
	}
	for _, id := range c.ids {
		r := queue.Request{
			Account: id, Path: c.path, Folder: c.folder, Size: d.Size, ModTime: before.ModTime(),
			SHA256: d.SHA256, MD5: d.MD5, Kind: d.Kind.String(), Taken: taken,
			SyncCheck: c.rule.syncCheck, Again: c.rule.again, Priority: c.rule.priority,
		}
		if c.rule.cool > 0 {
			r.NotBefore = time.Now().Add(c.rule.cool)
		}
		if acc := in.app.byID(id); acc != nil {
			r.Skip = acc.refuses(d.Kind, skip)
		}
		if c.folder != "" && old != ([32]byte{}) {
			in.app.recordError(in.app.edition(&r, old))
		}
		t.requests = append(t.requests, r)
	}
	return t
}

// Notes in seen rows say why a file has no job.
const (
	noteNoPhoto  = "not a photo"
	noteBaseline = "here before the folder was added"
)

func foundText(d photo.Digests, note string) string {
	if note != "" {
		return note
	}
	return fmt.Sprintf("%s, %s", kindWord(d.Kind), bytesWord(d.Size))
}

// unread records that a file could not be read. There is no seen row, so that
// the next scan tries again.
func (in *intake) unread(t taken, err error) taken {
	t.note = control.AddResult{Path: t.cand.path, Result: "unreadable", Reason: plainReason(err)}
	if errors.Is(err, fs.ErrNotExist) {
		t.note.Result = "missing"
		in.readable(t.cand.path)
		return t
	}
	if errors.Is(err, context.Canceled) {
		return t
	}
	if errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) {
		t.spent = err
		return t
	}
	in.mu.Lock()
	first := in.unreadable[t.cand.path] == ""
	in.unreadable[t.cand.path] = t.note.Reason
	in.mu.Unlock()
	if first {
		in.app.log.Warn("File not read", "path", t.cand.path, "err", err)
		t.event = &queue.Event{At: time.Now(), Path: t.cand.path, What: "unreadable", Text: t.note.Reason}
	}
	return t
}

func plainReason(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		return "this user may not read it"
	case errors.Is(err, errNotRegular):
		return "it is not an ordinary file"
	default:
		return err.Error()
	}
}

func (in *intake) readable(path string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	delete(in.unreadable, path)
}

// unreadableBelow returns how many files of a folder could not be read, and
// one of the reasons.
func (in *intake) unreadableBelow(folder string) (n int, reason string) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for p, r := range in.unreadable {
		if below(folder, p) {
			n, reason = n+1, r
		}
	}
	return n, reason
}

// write makes a slice durable in one commit and reports each candidate.
func (in *intake) write(slice []taken, done func(taken, []queue.Added)) error {
	requests, added, err := in.enqueue(slice)
	if err != nil {
		return fmt.Errorf("write %d photos to the queue: %w", len(slice), err)
	}
	for i, r := range requests {
		if acc := in.app.byID(r.Account); acc != nil && added[i] == queue.AddedNew {
			acc.offered(1)
		}
	}
	i := 0
	for _, t := range slice {
		mine := added[i : i+len(t.requests)]
		i += len(t.requests)
		done(t, mine)
	}
	in.app.touch()
	return nil
}

// enqueue gives the photos of a slice their sessions and words, and puts them
// into the queue.
func (in *intake) enqueue(slice []taken) (requests []queue.Request, added []queue.Added, err error) {
	in.wording.RLock()
	defer in.wording.RUnlock()
	words := in.app.wording()
	var b queue.Batch
	for _, t := range slice {
		if err := in.app.openSession(t); err != nil {
			return nil, nil, err
		}
		for i := range t.requests {
			words.give(t.cand, &t.requests[i])
		}
		b.Requests = append(b.Requests, t.requests...)
		if t.seen != nil {
			b.Seen = append(b.Seen, *t.seen)
		}
		if t.event != nil {
			b.Events = append(b.Events, *t.event)
		}
	}
	if err = in.app.doubt(slice); err == nil {
		added, err = in.app.queue.Enqueue(b)
	}
	in.app.wrote(err)
	return b.Requests, added, err
}

// caughtUp waits until no photo is on its way into the queue with words of
// settings that were changed before.
func (in *intake) caughtUp() {
	in.wording.Lock()
	defer in.wording.Unlock()
}

func (in *intake) count(n int) {
	in.mu.Lock()
	in.busy += n
	in.mu.Unlock()
	in.app.touch()
}

// pending returns how many files are being read.
func (in *intake) pending() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.busy
}

// folderRule is a watched folder's rule with its accounts resolved.
type folderRule struct {
	ids  []string
	rule rule
}

// folderRules returns the rules by folder path.
func (a *App) folderRules() map[string]folderRule {
	s := a.Settings()
	rules := make(map[string]folderRule, len(s.Folders))
	for _, f := range s.Folders {
		ids, err := a.accountIDs(f.Accounts)
		if err != nil || len(f.Accounts) == 0 {
			continue // the settings check has said so
		}
		rules[f.Path] = folderRule{ids: ids, rule: ruleOf(f)}
	}
	return rules
}

func ruleOf(f settings.Folder) rule {
	return rule{album: f.Album, words: words{title: f.Title, tags: f.Tags}, syncCheck: f.SyncCheck, cool: time.Duration(f.Cool), priority: queue.Watched}
}

func (a *App) byID(id string) *account {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.accounts[id]
}

// below reports whether path lies in folder, or is it.
func below(folder, path string) bool {
	if folder == path {
		return true
	}
	rel, err := filepath.Rel(folder, path)
	return err == nil && filepath.IsLocal(rel)
}

// letGo removes a job whose file is not there, or not as it was found. The
// file may come back as it was, out of a trash or with its drive, and counts as
// new then: what was seen of it is forgotten first, so that even a crash in
// between leaves it to be found.
func (a *App) letGo(job queue.Job, why string) error {
	if job.Folder == "" {
		return a.queue.Remove(job.ID, why)
	}
	if err := a.queue.DropSeen(job.Path); err != nil {
		return err
	}
	if err := a.queue.Remove(job.ID, why); err != nil {
		return err
	}
	a.watcher.Load().Recheck(job.Path)
	return nil
}

// changed sends a job whose file is no longer the one that was found back to
// the beginning: to the watcher where one watches, otherwise straight through
// the intake once the file stands still.
func (a *App) changed(job queue.Job) error {
	if job.Folder != "" && a.watches(job.Folder) {
		return a.letGo(job, "the file changed; it is taken up again as it is now")
	}
	fi, err := os.Stat(job.Path)
	if err == nil && time.Since(fi.ModTime()) < a.pace.growing {
		return a.queue.Snooze(job.ID, time.Now().Add(a.pace.growing), queue.Cause{Error: "the file is still being written"})
	}
	c := candidate{path: job.Path, folder: job.Folder, ids: []string{job.Account}, rule: rule{
		syncCheck: job.SyncCheck, again: job.Again, priority: job.Priority,
	}}
	t := a.intake.read(context.Background(), c)
	if len(t.requests) == 0 {
		return a.queue.Snooze(job.ID, time.Now().Add(a.pace.growing), queue.Cause{Error: t.note.Reason})
	}
	for i := range t.requests {
		r := &t.requests[i]
		r.Title, r.Description, r.Tags, r.Album = job.Title, job.Description, job.Tags, job.Album
	}
	// The job is leased, so the new request waits in it and takes effect when
	// the lease ends.
	if _, err := a.queue.Enqueue(queue.Batch{Requests: t.requests}); err != nil {
		return err
	}
	return a.queue.Unlease(job.ID)
}

func (a *App) watches(folder string) bool {
	for _, s := range a.watcher.Load().States() {
		if s.Path == folder {
			return true
		}
	}
	return false
}
