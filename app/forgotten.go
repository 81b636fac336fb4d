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

// noteReread is the key of the note that holds for which loss of the queue the
// folders have been looked through.
const noteReread = "reread"

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
	if err != nil || lost.IsZero() {
		return false, err
	}
	return job.Created.Before(lost) || // known by a copy of the old queue
		job.Folder != "" && a.predates(job.Path, job.ModTime, lost), nil
}

// predates reports whether a file of a watched folder was there when the queue
// was lost. A file that was moved since has a new change time, and a copy that
// keeps the camera's date an old one of writing: what is older decides.
func (a *App) predates(path string, modified, lost time.Time) bool {
	f, watched := folderOf(a.Settings(), path)
	if !watched || f.Since.After(lost) {
		return false
	}
	came := arrived(path)
	return modified.Before(lost) || !came.IsZero() && came.Before(lost)
}

// doubt notes, before they are queued, which of the photos of a slice predate
// the loss of the queue: a copy of one of them may be sent before it.
func (a *App) doubt(slice []taken) error {
	lost, err := a.lostQueue()
	if err != nil || lost.IsZero() {
		return err
	}
	var list []queue.Doubtful
	for _, t := range slice {
		for _, r := range t.requests {
			if r.Folder != "" && !r.Again && a.predates(r.Path, r.ModTime, lost) {
				list = append(list, queue.Doubtful{Account: r.Account, SHA256: r.SHA256})
			}
		}
	}
	if len(list) == 0 {
		return nil
	}
	return a.queue.Doubt(list, lostRecord)
}

// rereading reports whether the queue was lost and the folders have not all been
// looked through since. A photo that came later may then be a copy of one that
// was sent before, which nobody has seen again yet.
func (a *App) rereading() (bool, error) {
	lost, err := a.queue.Note(queue.NoteRecovered)
	if err != nil || lost == "" || a.reread.Load() {
		return false, err
	}
	done, err := a.queue.Note(noteReread)
	if err != nil {
		return false, err
	}
	if done != lost {
		if !a.watcher.Load().Idle() || a.intake.pending() > 0 {
			return true, nil
		}
		if err := a.queue.SetNote(noteReread, lost); err != nil {
			return false, err
		}
	}
	a.reread.Store(true)
	return false, nil
}

// doubtJobs does the same for what a copy of the old queue still has to send.
func (a *App) doubtJobs() error {
	for after := ""; ; {
		jobs, next, err := a.queue.Jobs(queue.JobQuery{After: after})
		if err != nil {
			return err
		}
		list := make([]queue.Doubtful, 0, len(jobs))
		for _, j := range jobs {
			if !j.Again {
				list = append(list, queue.Doubtful{Account: j.Account, SHA256: j.SHA256})
			}
		}
		if err := a.queue.Doubt(list, lostRecord); err != nil {
			return err
		}
		if next == "" {
			return nil
		}
		after = next
	}
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
