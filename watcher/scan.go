package watcher

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"
)

const (
	pollFactor = 50              // a polled root rests so many times as long as its scan takes
	flushEvery = time.Second     // files found by a long scan are handed over so often
	lostFactor = 2               // a root that keeps losing events rests so many times as long as its scan takes
	lostRest   = 1 * time.Second // and at least so long
)

// scanner is the scanning side of a folder: what one goroutine alone remembers between two scans.
type scanner struct {
	*folder
	number int    // of the scan
	dev    uint64 // device of the folder when it was scanned last; 0: never scanned
	ended  time.Time
	took   time.Duration
}

// scan is the goroutine that scans the folder: at start, when asked, and now and then.
func (f *folder) scan(ctx context.Context) {
	s := &scanner{folder: f}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			f.hub.prune(f, 0)
			return
		case <-f.wakeScan:
		case <-timer.C:
			f.mu.Lock()
			f.full = true
			f.mu.Unlock()
		}
		timer.Reset(s.step(ctx))
	}
}

// step does what is due and returns when to do it again unasked.
func (s *scanner) step(ctx context.Context) time.Duration {
	phase, why, dev := s.reach()
	if phase != Scanning {
		s.leave(phase, why)
		return s.Away
	}
	s.mu.Lock()
	lost, rest := s.lost, s.rest()
	if s.full && lost != "" && rest > 0 {
		s.state.Phase, s.state.Reason = Polling, lost
		s.mu.Unlock()
		s.Changed()
		return rest
	}
	full := s.full || s.dev != 0 && s.dev != dev // something has been mounted
	back := s.state.Phase == Away || s.state.Phase == Broken
	subtrees := s.subtrees
	s.walking, s.subtrees = true, map[string]bool{}
	if full {
		s.full, s.lost = false, ""
		s.state.Phase, s.state.Reason = Scanning, lost
	}
	s.mu.Unlock()

	switch {
	case full:
		s.everything(ctx, dev, lost, back)
	case len(subtrees) > 0:
		s.parts(ctx, subtrees)
	}

	s.mu.Lock()
	s.walking = false
	phase = s.state.Phase
	s.mu.Unlock()
	if full || len(subtrees) > 0 {
		s.Changed()
	}
	switch phase {
	case Watching:
		return time.Until(s.ended.Add(time.Duration(s.every.Load())))
	case Polling:
		return time.Until(s.ended.Add(max(s.Poll, pollFactor*s.took)))
	}
	return s.Away // the folder went away, or the scan was cut off
}

// rest returns how long to wait before a scan for lost events, so that a disk under heavy work is not scanned without
// a pause on top of it.
func (s *scanner) rest() time.Duration {
	if s.ended.IsZero() {
		return 0
	}
	return time.Until(s.ended.Add(max(lostFactor*s.took, min(lostRest, 4*s.Quiet))))
}

// reach says whether the folder can be scanned: Scanning and the device it is on, or else Away or Broken and why.
func (s *scanner) reach() (phase Phase, why string, dev uint64) {
	if s.broken != nil {
		return Broken, s.broken.Error(), 0
	}
	id, err := identify(s.path)
	switch {
	case errors.Is(err, fs.ErrPermission):
		return Broken, reason(err), 0
	case err != nil:
		if fi, err := os.Stat(s.path); err == nil && !fi.IsDir() {
			return Broken, "not a folder", 0
		}
		return Away, reason(err), 0
	case s.dev != 0 && id.dev != s.dev && empty(s.path):
		return Away, "empty, and on another device than before: the drive is not mounted", 0
	}
	// No event tells when it can be read again, since none of its own can be had.
	if d, err := openDir(s.path); err == nil {
		d.close()
	} else if !errors.Is(err, fs.ErrNotExist) {
		return Broken, reason(err), 0
	}
	return Scanning, "", id.dev
}

// empty says whether a directory has no entries. One that cannot be read is not empty.
func empty(path string) bool {
	d, err := openDir(path)
	if err != nil {
		return false
	}
	defer d.close()
	entries, _ := d.next()
	return len(entries) == 0
}

// leave makes the folder away or broken. What was waited for, or not taken over yet, is found again by the scan that
// follows its return.
func (s *scanner) leave(phase Phase, why string) {
	s.mu.Lock()
	news := s.state.Phase != phase || s.state.Reason != why
	s.state.Phase, s.state.Reason = phase, why
	s.full = true
	clear(s.subtrees)
	s.marks, s.fresh, s.emptied = nil, nil, true
	s.mu.Unlock()
	nudge(s.wakeLook)
	if !news {
		return
	}
	s.hub.prune(s.folder, 0)
	s.outbox.withdrawAll(s.folder)
	if phase == Away {
		s.log.Info("Folder is away", "reason", why)
	} else {
		s.log.Warn("Folder cannot be watched", "reason", why)
	}
	s.Changed()
}

// troubles are what keeps a scan from being complete, or the folder from being followed.
type troubles struct {
	limit    int   // directories that could not be watched: no more watches
	other    int   // directories that could not be watched for another reason
	unread   int   // directories that could not be read
	spent    bool  // some of these because this program has no file descriptors left, which passes
	firstErr error // of other and unread
}

func (t *troubles) note(err error) {
	t.spent = t.spent || errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE)
	if t.firstErr == nil {
		t.firstErr = err
	}
}

// everything scans the folder, which is on device dev.
func (s *scanner) everything(ctx context.Context, dev uint64, lost string, back bool) {
	began := time.Now()
	s.number++
	where := s.where(s.path)
	s.mu.Lock()
	first := s.state.Scans == 0
	s.state.Files = 0
	s.followed = where == local
	s.mu.Unlock()
	if back {
		s.log.Info("Folder is back")
	}
	if lost != "" {
		s.log.Info("Scanning because events may be missing", "reason", lost)
	}
	s.Changed()

	t, files, err := s.walkTree(ctx, s.path, s.number, where == local, first)
	if err != nil {
		return
	}
	if phase, why, now := s.reach(); phase != Scanning {
		s.leave(phase, why)
		return
	} else if now != dev {
		s.rescan("another drive was mounted")
	}
	if t.spent {
		s.rescan(reason(t.firstErr))
	}
	s.hub.prune(s.folder, s.number)
	s.dev, s.ended = dev, time.Now()
	s.took = s.ended.Sub(began)
	phase, why := s.phase(where, t, files)
	s.mu.Lock()
	s.state.Phase, s.state.Reason = phase, why
	s.state.Files, s.state.LastScan = files, s.ended
	s.state.Scans++
	s.mu.Unlock()
	s.log.Debug("Scanned", "files", files, "took", s.took, "phase", phase.String(), "reason", why)
}

// phase says what is to be told about a folder after a scan.
func (s *scanner) phase(where place, t troubles, files int) (Phase, string) {
	var why []string
	phase := Watching
	switch {
	case where != local:
		phase, why = Polling, append(why, "a network or FUSE file system tells of no changes")
	case maxFiles > 0 && files > maxFiles:
		s.hub.prune(s.folder, 0)
		phase, why = Polling, append(why, fmt.Sprintf("more than %d files", maxFiles))
	case t.limit > 0:
		phase, why = Polling, append(why, folders(t.limit, "is", "are")+" not followed: "+errLimit.Error())
	case t.other > 0:
		phase, why = Polling, append(why, folders(t.other, "is", "are")+" not followed: "+reason(t.firstErr))
	}
	if t.unread > 0 {
		why = append(why, folders(t.unread, "cannot", "cannot")+" be read: "+reason(t.firstErr))
	}
	return phase, strings.Join(why, "; ")
}

// folders counts folders, with the verb that one or many of them take.
func folders(n int, one, many string) string {
	if n == 1 {
		return "1 folder " + one
	}
	return fmt.Sprintf("%d folders %s", n, many)
}

// parts walks directories that events have named.
func (s *scanner) parts(ctx context.Context, dirs map[string]bool) {
	for dir := range dirs {
		t, _, err := s.walkTree(ctx, dir, 0, true, false)
		if err != nil {
			return
		}
		switch {
		case t.limit > 0:
			s.rescan(errLimit.Error())
		case t.other+t.unread > 0:
			s.rescan(reason(t.firstErr))
		}
	}
}

// walkTree hands the unknown files below start to look, and watches its directories if follow is set. An error is
// ctx's.
func (s *scanner) walkTree(ctx context.Context, start string, number int, follow, first bool) (t troubles, files int, err error) {
	var found []candidate
	flushed := time.Now()
	device := map[uint64]place{}
	wk := walker{
		rules: s.rules,
		top:   s.path,
		enter: func(dir string, id dirID) error {
			if !follow {
				return nil
			}
			at, ok := device[id.dev]
			if !ok {
				at = s.where(dir)
				device[id.dev] = at
			}
			if at != local {
				t.other++
				t.note(errForeign)
				return nil
			}
			switch err := s.hub.enter(s.folder, dir, id, number); {
			case errors.Is(err, errElsewhere), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
				return err
			case errors.Is(err, errLimit):
				t.limit++
			case err != nil:
				t.other++
				t.note(err)
			}
			return nil
		},
		file: func(path string, st stamp) error {
			files++
			if s.Known(path, st.size, st.mtime) {
				return ctx.Err()
			}
			found = append(found, candidate{path: path, stamp: st, first: first})
			if now := time.Now(); now.Sub(flushed) > flushEvery {
				s.flush(found, files, number)
				found, flushed = nil, now
			}
			return ctx.Err()
		},
		skip: func(dir string, err error) {
			t.unread++
			t.note(err)
		},
	}
	err = wk.walk(ctx, start)
	s.flush(found, files, number)
	return t, files, err
}

func (s *scanner) flush(found []candidate, files, number int) {
	if number > 0 {
		s.mu.Lock()
		s.state.Files = files
		s.mu.Unlock()
	}
	s.add(found)
}

var errForeign = errors.New("on a network or FUSE file system")

// reason puts an error into few words: paths are told elsewhere.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	if err == nil {
		return "unknown"
	}
	return err.Error()
}
