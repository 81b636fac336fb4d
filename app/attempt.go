package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
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

// folderAway is why a job waits whose folder, or card, is not there.
const folderAway = "its folder is away"

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
	limits, err := acc.current(ctx)
	if err != nil {
		return rec, err
	}
	kind := photo.ParseKind(job.Kind)
	m := a.meta(job, f)
	p, err := acc.planFor(kind, m, limits, a.skipsUnsupported(job.Folder))
	if err != nil {
		return rec, err
	}
	if err := a.leaveOut(acc, job, kind, limits); err != nil {
		return rec, err
	}
	it := a.item(job, kind)
	it.Meta = worded(job, p.told(m.Meta))
	it.Redated = m.redated && !it.Meta.Taken.IsZero()
	it.Album = albumOf(job, m.Meta)
	rec.Album = it.Album
	it.SetMark = func(mark string) error {
		it.Mark = mark
		return a.queue.Mark(job.ID, mark)
	}
	if it.Replaces, err = a.replaces(acc, job); err != nil {
		return rec, err
	}
	if acc.service.ByOriginal {
		if !p.whole {
			rec.MD5 = [16]byte{} // what is there may be a copy, as this would be
		}
		if found, err := a.find(ctx, up, job, it, &rec); err != nil || found {
			return rec, err
		}
	}
	it.Open = func() (io.ReadCloser, error) { return a.openOriginal(job) }
	if p.whole {
		return rec, a.send(ctx, acc, act, f, up, limits, &it, &rec)
	}
	done, err := a.prepare(ctx, job, f, p, &it)
	if err != nil {
		return rec, err
	}
	err = a.send(ctx, acc, act, f, up, limits, &it, &rec)
	done(err == nil)
	return rec, err
}

// send sends the bytes of an item unless the server has them, and completes
// the record.
func (a *App) send(ctx context.Context, acc *account, act *active, f *os.File, up upload.Uploader, limits upload.Limits, it *upload.Item, rec *queue.Record) error {
	job := act.job
	rec.MD5, rec.Size = it.MD5, it.Size
	if limits.MaxBytes > 0 && it.Size > limits.MaxBytes {
		return tooBig(it.Size, limits.MaxBytes)
	}
	if !acc.service.ByOriginal {
		if found, err := a.find(ctx, up, job, *it, rec); err != nil || found {
			return err
		}
	}
	var sent int64
	r, err := up.Upload(upload.WithProgress(ctx, func(n int64) {
		atomic.StoreInt64(&sent, n)
		act.sent.Store(int64(float64(n) / float64(max(it.Size, 1)) * float64(job.Size)))
	}), *it)
	if changed(f, job) {
		return errChanged // what was sent, if anything, is not this photo
	}
	if err != nil {
		if it.Mark == "" && atomic.LoadInt64(&sent) == it.Size {
			a.recordError(a.queue.Mark(job.ID, lostAnswer))
		}
		return err
	}
	outcome := queue.Sent
	if r.Known {
		outcome = queue.Known
	}
	rec.At = time.Now()
	*rec = receipted(*rec, r, outcome)
	a.recordError(a.replaced(job, *it, rec))
	return nil
}

// find asks the server for a photo before it is sent, and completes the record
// of one that is there.
func (a *App) find(ctx context.Context, up upload.Uploader, job queue.Job, it upload.Item, rec *queue.Record) (bool, error) {
	found, err := a.ask(ctx, up, job, it)
	if err != nil || found == nil {
		return false, err
	}
	outcome := queue.Adopted
	if job.Mark != "" && job.Mark != lostRecord {
		outcome = queue.Sent // an earlier attempt of ours left the mark
	}
	*rec = receipted(*rec, *found, outcome)
	return true, nil
}

// ask asks the server for a photo as its job wants it. It returns nil when the
// photo is to be sent.
//
// In doubt about an earlier attempt, or with a ledger that was lost, the server
// is asked whatever the folder's rule: a lost answer must not become a second
// photo.
func (a *App) ask(ctx context.Context, up upload.Uploader, job queue.Job, it upload.Item) (*upload.Receipt, error) {
	forgotten, err := a.forgotten(job)
	if err != nil {
		return nil, err
	}
	reading := false // what a copy of this photo was, is not known yet
	if !forgotten && !job.Again {
		if reading, err = a.rereading(); err != nil {
			return nil, err
		}
	}
	doubt := job.Attempt > 0 || job.Leases > 1 || job.Mark != ""
	if !job.SyncCheck && !doubt && !forgotten && !reading {
		return nil, nil
	}
	r, err := up.Find(ctx, it)
	switch {
	case errors.Is(err, errors.ErrUnsupported) && forgotten:
		return nil, a.unsure(job)
	case errors.Is(err, errors.ErrUnsupported) && reading:
		return nil, &laterError{"the list of what was sent was lost, so the folders are looked through first"}
	case errors.Is(err, upload.ErrNotFound), errors.Is(err, errors.ErrUnsupported):
		return nil, nil
	case err != nil:
		return nil, err
	case r.Gone && job.Again:
		return nil, nil // deleted there, and wanted again
	}
	return &r, nil
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
	if a.cardAway(job) {
		return nil, errAway
	}
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

// facts are what is known of a photo before it is sent.
type facts struct {
	photo.Meta                 // what its sidecar says goes before what it says itself
	own        *photo.Position // the place in the file itself
	read       bool            // all of the file's metadata could be read
	redated    bool            // Taken is not what the file says
}

// meta reads a photo's metadata. The file is marked as being read, one at a
// time, so that a file that takes the process down is known by it.
func (a *App) meta(job queue.Job, f *os.File) facts {
	a.parsing.Lock()
	defer a.parsing.Unlock()
	done := a.queue.Reading(job.ID)
	defer done()
	m, err := photo.ReadMeta(f, job.Size)
	read := err == nil || errors.Is(err, photo.ErrNoMeta)
	if !read {
		a.log.Debug("Metadata not read", "path", job.Path, "err", err)
	}
	whole := a.corrected(m, a.sidecar(job.Path).Over(m))
	return facts{whole, m.GPS, read, !whole.Taken.Equal(m.Taken)}
}
