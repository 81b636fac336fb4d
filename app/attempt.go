package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/queue"
)

// goneError says that there is nothing left to deliver.
type goneError struct{ reason string }

func (e *goneError) Error() string { return e.reason }

// skipError says that the account does not want this photo.
type skipError struct{ reason string }

func (e *skipError) Error() string { return e.reason }

var (
	errChanged = errors.New("the file has changed since it was found")
	errAway    = errors.New("the folder is away")
)

// lostAnswer is the engine's own mark: all bytes went out and no answer came.
// What is found on the server afterwards is what was sent.
const lostAnswer = "engine: answer lost"

// attempt delivers one photo to one account, once, and returns the record to
// keep. It never sends bytes while it is possible that they are there already
// and the server can be asked.
func (a *App) attempt(ctx context.Context, acc *account, act *active) (queue.Record, error) {
	job := act.job
	f, err := a.openOriginal(job)
	if err != nil {
		return queue.Record{}, err
	}
	defer f.Close()

	rec := queue.Record{
		Account: job.Account, Path: job.Path, SHA256: job.SHA256, MD5: job.MD5,
		Size: job.Size, Album: job.Album, At: time.Now(),
	}
	if !job.Again {
		old, ok, err := a.queue.Record(job.Account, job.SHA256)
		if err != nil {
			return rec, err
		}
		if ok {
			old.Outcome = queue.Known
			return old, nil
		}
	}

	up, err := acc.open(ctx)
	if err != nil {
		return rec, err
	}
	kind := photo.ParseKind(job.Kind)
	if err := acc.wants(ctx, kind, job.Size); err != nil {
		return rec, err
	}

	it := a.item(job, kind)
	it.Meta = a.meta(job, f)
	it.Album = albumOf(job, it.Meta)
	rec.Album = it.Album
	it.SetMark = func(mark string) error {
		it.Mark = mark
		return a.queue.Mark(job.ID, mark)
	}
	if found, err := a.find(ctx, up, job, it); err != nil {
		return rec, err
	} else if found != nil {
		outcome := queue.Adopted
		if job.Mark != "" && job.Mark != lostRecord {
			outcome = queue.Sent // an earlier attempt of ours left the mark
		}
		return receipted(rec, *found, outcome), nil
	}

	it.Open = func() (io.ReadCloser, error) { return a.openOriginal(job) }
	r, err := up.Upload(upload.WithProgress(ctx, func(sent int64) {
		act.sent.Store(sent)
	}), it)
	if changed(f, job) {
		return rec, errChanged // what was sent, if anything, is not this photo
	}
	if err != nil {
		if it.Mark == "" && act.sent.Load() == job.Size {
			a.recordError(a.queue.Mark(job.ID, lostAnswer))
		}
		return rec, err
	}
	outcome := queue.Sent
	if r.Known {
		outcome = queue.Known
	}
	rec.At = time.Now()
	return receipted(rec, r, outcome), nil
}

// find asks the server for a photo before it is sent. It returns nil when the
// photo is to be sent.
//
// In doubt about an earlier attempt, or with a ledger that was lost, the server
// is asked whatever the folder's rule: a lost answer must not become a second
// photo.
func (a *App) find(ctx context.Context, up upload.Uploader, job queue.Job, it upload.Item) (*upload.Receipt, error) {
	forgotten, err := a.forgotten(job)
	if err != nil {
		return nil, err
	}
	doubt := job.Attempt > 0 || job.Leases > 1 || job.Mark != ""
	if !job.SyncCheck && !doubt && !forgotten {
		return nil, nil
	}
	r, err := up.Find(ctx, it)
	switch {
	case errors.Is(err, errors.ErrUnsupported) && forgotten:
		return nil, a.unsure(job)
	case errors.Is(err, upload.ErrNotFound), errors.Is(err, errors.ErrUnsupported):
		return nil, nil
	case err != nil:
		return nil, err
	case r.Gone && job.Again:
		return nil, nil // deleted there, and wanted again
	}
	return &r, nil
}

// wants returns why the account will not take a file of this kind and size.
func (acc *account) wants(ctx context.Context, kind photo.Kind, size int64) error {
	limits, err := acc.current(ctx)
	if err != nil {
		return err
	}
	if acc.service.Takes != nil && !acc.service.Takes(limits, kind) {
		return &skipError{notTaken(acc.service, kind)}
	}
	if limits.MaxBytes > 0 && size > limits.MaxBytes {
		return tooBig(size, limits.MaxBytes)
	}
	return nil
}

// receipted fills a record from the service's receipt.
func receipted(rec queue.Record, r upload.Receipt, o queue.Outcome) queue.Record {
	rec.RemoteID, rec.URL, rec.Verified, rec.Outcome, rec.Gone = r.RemoteID, r.URL, r.Verified, o, r.Gone
	if r.Album != "" {
		rec.Album = r.Album
	}
	return rec
}

func tooBig(size, limit int64) error {
	return &upload.Error{
		Kind:   upload.Rejected,
		Reason: fmt.Sprintf("the file is too big: %s, and the server takes at most %s", bytesWord(size), bytesWord(limit)),
		Hint:   "Raise the limit on the server, then choose Retry.",
	}
}

// bytesWord writes a size as people say it, in units of 1000 as servers count
// their limits.
func bytesWord(n int64) string {
	if n < 1e6 {
		return fmt.Sprintf("%d KB", (n+999)/1000)
	}
	if n < 1e10 {
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	}
	return fmt.Sprintf("%.0f GB", float64(n)/1e9)
}

// openOriginal opens a job's file for reading and makes sure that it is still
// the file that was found.
func (a *App) openOriginal(job queue.Job) (*os.File, error) {
	f, err := openRegular(job.Path)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		if a.away(job) {
			return nil, errAway
		}
		return nil, &goneError{"the file was deleted or moved before it was sent"}
	case errors.Is(err, fs.ErrPermission):
		return nil, &upload.Error{Kind: upload.Rejected, Reason: "the file may not be read", Hint: "Give this user the right to read it, then choose Retry.", Err: err}
	case errors.Is(err, errNotRegular):
		return nil, &goneError{"there is no ordinary file any more under this name"}
	default:
		return nil, &upload.Error{Kind: upload.Transient, Reason: "the file cannot be read", Hint: "Check the disk or the network folder.", Err: err}
	}
	if changed(f, job) {
		f.Close()
		return nil, errChanged
	}
	return f, nil
}

// changed reports whether an open file is no longer the one that the job
// stands for.
func changed(f *os.File, job queue.Job) bool {
	fi, err := f.Stat()
	if err != nil || fi.Size() != job.Size || !fi.ModTime().Equal(job.ModTime) {
		return true
	}
	// A replacement under the same name leaves the open file as it was.
	named, err := os.Stat(job.Path)
	return err == nil && !os.SameFile(fi, named)
}

var errNotRegular = errors.New("not an ordinary file")

// openRegular opens a regular file without being held up by a pipe that only
// looks like one.
func openRegular(path string) (*os.File, error) {
	fi, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !fi.Mode().IsRegular() {
		return nil, errNotRegular
	}
	return os.Open(path)
}

// away reports whether the job's file is missing because its whole folder is.
func (a *App) away(job queue.Job) bool {
	root := job.Folder
	if root == "" {
		root = filepath.Dir(job.Path)
	}
	if !exists(root) {
		return true
	}
	for _, s := range a.watcher.Load().States() {
		if s.Path == job.Folder && s.Phase == watcherAway {
			return true
		}
	}
	return false
}

// item describes a job to an uploader.
func (a *App) item(job queue.Job, kind photo.Kind) upload.Item {
	mark := job.Mark
	if mark == lostAnswer || mark == lostRecord {
		mark = ""
	}
	return upload.Item{
		Name: filepath.Base(job.Path), Size: job.Size, SHA256: job.SHA256, MD5: job.MD5,
		Kind: kind, SyncCheck: job.SyncCheck, Mark: mark,
		SetMark: func(string) error { return nil },
	}
}

// meta reads a photo's metadata. The file is marked as being read, one at a
// time, so that a file that takes the process down is known by it.
func (a *App) meta(job queue.Job, f *os.File) photo.Meta {
	a.parsing.Lock()
	defer a.parsing.Unlock()
	done := a.queue.Reading(job.ID)
	defer done()
	m, err := photo.ReadMeta(f, job.Size)
	if err != nil && !errors.Is(err, photo.ErrNoMeta) {
		a.log.Debug("Metadata not read", "path", job.Path, "err", err)
	}
	return m
}
