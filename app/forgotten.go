package app

import (
	"fmt"
	"time"

	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/queue"
)

// lostRecord is the engine's own mark: the photo is in doubt because the queue
// was lost. It goes with the bytes, so that a copy made since is in doubt, too.
const lostRecord = "engine: record lost"

// lostQueue returns when the queue's file was last found to be damaged or gone;
// the zero time if never. What was delivered before may be missing in the
// ledger.
func (a *App) lostQueue() (time.Time, error) {
	note, err := a.queue.Note(queue.NoteRecovered)
	if err != nil || note == "" {
		return time.Time{}, err
	}
	at, err := time.Parse(time.RFC3339, note)
	if err != nil {
		return time.Time{}, fmt.Errorf("read when the queue was lost: %w", err)
	}
	return at.Add(time.Second), nil // the note has whole seconds
}

// noticeNewQueue tells of a queue that had to be begun anew although there are
// folders, when nothing is left of the old one that could say so.
func (a *App) noticeNewQueue() error {
	if a.queue.Recovered() != nil {
		return nil
	}
	a.notice = "The queue file was gone, and a new one was begun. Folders are looked through again and the servers are asked, so that nothing is lost or sent twice."
	a.log.Warn("Queue file gone", "file", a.places.Queue)
	if err := a.queue.SetNote(queue.NoteRecovered, time.Now().Format(time.RFC3339)); err != nil {
		return fmt.Errorf("note that the queue is new: %w", err)
	}
	return a.queue.Log(queue.Event{At: time.Now(), What: "recovered", Text: a.notice})
}

// forgotten reports whether a photo may have been delivered by a queue that was
// lost since. A person who wants it sent again has decided that.
func (a *App) forgotten(job queue.Job) (bool, error) {
	switch {
	case job.Again:
		return false, nil
	case job.Mark == lostRecord:
		return true, nil
	}
	lost, err := a.lostQueue()
	switch {
	case err != nil || lost.IsZero():
		return false, err
	case job.Created.Before(lost):
		return true, nil // by a copy of the old queue
	}
	f, watched := folderOf(a.Settings(), job.Path)
	if job.Folder == "" || !watched || f.Since.After(lost) {
		return false, nil // handed over, or its folder added, since then
	}
	// A file that was moved since has a new change time, and a copy that keeps
	// the camera's date an old one of writing: what is older decides.
	came := arrived(job.Path)
	return job.ModTime.Before(lost) || !came.IsZero() && came.Before(lost), nil
}

// unsure is the outcome of a forgotten photo on a service that cannot be asked:
// to send it could be to send it twice.
func (a *App) unsure(job queue.Job) error {
	if err := a.queue.Mark(job.ID, lostRecord); err != nil {
		return err
	}
	return &upload.Error{
		Kind:   upload.Unsure,
		Reason: "the list of what was sent has been lost since the photo came, and this site cannot be asked for it",
		Hint:   "Look for it on the site; then send it again or mark it as sent.",
	}
}
