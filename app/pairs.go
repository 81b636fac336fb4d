package app

import (
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/queue"
	"github.com/photoferry/photoferry/watcher"
)

// laterError says that it is too early to tell what is to be done with a photo.
type laterError struct{ reason string }

func (e *laterError) Error() string { return e.reason }

// patience is how long a job waits for the other file of its shot, which may
// take the watcher ten seconds to settle.
const patience = 30 * time.Second

// pairsRule is a folder's rule for shots of several files. What lies in no
// watched folder has none.
func (a *App) pairsRule(folder string) string {
	for _, f := range a.Settings().Folders {
		if f.Path == folder && f.Pairs != "" {
			return f.Pairs
		}
	}
	return settings.PairsBoth
}

// leaveOut reports, as a [*skipError], that an account gets another file of the
// same shot in a photo's place: by the folder's rule, or because the account
// does not take this one and a JPEG of the shot is there. A [*laterError] says
// that the other file is there and has not been taken in yet.
//
// A photo is left out only for one that is in the queue for the account, or
// was delivered to it, so that no rule can lose a shot.
func (a *App) leaveOut(acc *account, job queue.Job, kind photo.Kind, l upload.Limits) error {
	if job.Again {
		return nil // a person wants this one
	}
	takes := func(k photo.Kind) bool { return acc.service.Takes == nil || acc.service.Takes(l, k) }
	wanted := goesFirst(kind, a.pairsRule(job.Folder), takes)
	if wanted == nil {
		return nil
	}
	for _, name := range photo.MateNames(filepath.Base(job.Path), kind) {
		mate := filepath.Join(filepath.Dir(job.Path), name)
		if !a.sameShot(job, mate, wanted) || !a.watched(job.Folder, mate) {
			continue
		}
		state, err := a.mateState(acc.id, mate)
		switch {
		case err != nil:
			return err
		case state == mateCarried:
			return &skipError{fmt.Sprintf("%s of the same shot is sent in its place", name)}
		case state == mateUnknown && job.Folder != "" && time.Since(job.Created) < patience:
			return &laterError{fmt.Sprintf("%s of the same shot has not been read yet", name)}
		}
	}
	return nil
}

// goesFirst tells which other files of its shot go in the place of one of this
// kind; nil for none.
func goesFirst(kind photo.Kind, rule string, takes func(photo.Kind) bool) func(photo.Kind) bool {
	switch {
	case kind == photo.JPEG && rule == settings.PairsRaw:
		return func(k photo.Kind) bool { return k != photo.JPEG && !k.Video() && takes(k) }
	case kind.Video() && rule != settings.PairsBoth:
		return func(k photo.Kind) bool { return !k.Video() }
	case (kind == photo.RAW || kind == photo.HEIC || kind == photo.AVIF) && (rule == settings.PairsJPEG || !takes(kind)):
		return func(k photo.Kind) bool { return k == photo.JPEG }
	}
	return nil
}

// watched reports whether a folder's patterns let a file in; without a folder
// nothing is kept out.
func (a *App) watched(folder, path string) bool {
	for _, f := range a.Settings().Folders {
		if f.Path != folder {
			continue
		}
		rel, err := filepath.Rel(folder, path)
		if err != nil {
			return false
		}
		ok, _ := watcher.Match(root(f), filepath.ToSlash(rel))
		return ok
	}
	return true
}

// sameShot reports whether a file is of the wanted kind and was made by the
// same press of the shutter as the job's.
func (a *App) sameShot(job queue.Job, path string, wanted func(photo.Kind) bool) bool {
	this, ok := a.shotFile(job, job.Path)
	if !ok {
		return false
	}
	other, ok := a.shotFile(job, path)
	if !ok || !wanted(other.Kind) {
		return false
	}
	return len(photo.Pair([]photo.File{this, other})) == 1
}

// shotFile reads what tells a file's shot.
func (a *App) shotFile(job queue.Job, path string) (photo.File, bool) {
	f, err := openRegular(path)
	if err != nil {
		return photo.File{}, false
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return photo.File{}, false
	}
	head := make([]byte, photo.SniffLen)
	n, err := f.ReadAt(head, 0)
	if n == 0 && err != nil {
		return photo.File{}, false
	}
	a.parsing.Lock()
	defer a.parsing.Unlock()
	done := a.queue.Reading(job.ID)
	defer done()
	m, err := photo.ReadMeta(f, fi.Size())
	if err != nil && !errors.Is(err, photo.ErrNoMeta) {
		a.log.Debug("Metadata not read", "path", path, "err", err)
	}
	name := filepath.Base(path)
	return photo.File{Name: name, Kind: photo.Sniff(head[:n], name), Taken: m.Taken, Zoned: m.Zoned}, true
}

// mateState is what an account has of another file.
type mateState uint8

const (
	mateUnknown mateState = iota // not taken in yet
	mateCarried                  // in the queue, or delivered
	mateLeft                     // taken in, and not sent
)

func (a *App) mateState(account, path string) (mateState, error) {
	jobs, err := a.queue.JobsByPath(path)
	if err != nil {
		return mateUnknown, err
	}
	for _, j := range jobs {
		if j.Account != account {
			continue
		}
		if j.State == queue.Skipped || j.State == queue.Failed {
			return mateLeft, nil
		}
		return mateCarried, nil
	}
	seen, known, err := a.queue.Seen(path)
	if err != nil || !known {
		return mateUnknown, err
	}
	if seen.Note != "" {
		return mateLeft, nil
	}
	_, delivered, err := a.queue.Record(account, seen.SHA256)
	if err != nil || !delivered {
		return mateLeft, err
	}
	return mateCarried, nil
}
