package app

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/queue"
)

// editedKey names the note that says which version of a file an account has,
// while another one is ignored or on its way to replace it.
func editedKey(account, path string) string {
	d := sha256.Sum256([]byte(path))
	return editedKeys(account) + hex.EncodeToString(d[:16])
}

func editedKeys(account string) string { return "edited/" + account + "/" }

// editedRule is a folder's rule for photos that change after they were sent.
func (a *App) editedRule(folder string) string {
	for _, f := range a.Settings().Folders {
		if f.Path == folder && f.Edited != "" {
			return f.Edited
		}
	}
	return settings.EditedBoth
}

// before returns the digest of what lay under a path when it was last looked
// at, if it was something else than what lies there now.
func (a *App) before(path string, now [32]byte) ([32]byte, error) {
	seen, known, err := a.queue.Seen(path)
	if err != nil || !known || seen.SHA256 == now {
		return [32]byte{}, err
	}
	return seen.SHA256, nil
}

// edition applies the folder's rule to a request for a file that lay there
// with other bytes before.
func (a *App) edition(r *queue.Request, before [32]byte) error {
	rule := a.editedRule(r.Folder)
	if rule == settings.EditedBoth {
		return nil
	}
	old, ok, err := a.delivered(r.Account, r.Path, before)
	if err != nil || !ok || old.SHA256 == r.SHA256 {
		return err
	}
	acc := a.byID(r.Account)
	if rule == settings.EditedReplace && (acc == nil || !acc.service.Replaces || old.RemoteID == "") {
		return a.queue.Log(queue.Event{
			At: time.Now(), Account: r.Account, Path: r.Path, SHA256: r.SHA256, What: "edited",
			Text: "the earlier version cannot be replaced on this server, so both will be there",
		})
	}
	if err := a.queue.SetNote(editedKey(r.Account, r.Path), hex.EncodeToString(old.SHA256[:])); err != nil {
		return err
	}
	if rule == settings.EditedIgnore {
		r.Skip = fmt.Sprintf("an earlier version was delivered on %s, and its folder ignores edits", old.At.Local().Format("2 January 2006"))
		return nil
	}
	// Back to a version that was there once: the ledger knows it, and the
	// server has it no more.
	_, r.Again, err = a.queue.Record(r.Account, r.SHA256)
	return err
}

// delivered returns the record of the version of a file that an account has:
// the one that is noted, or the one before.
func (a *App) delivered(account, path string, before [32]byte) (queue.Record, bool, error) {
	note, err := a.queue.Note(editedKey(account, path))
	if err != nil {
		return queue.Record{}, false, err
	}
	if b, err := hex.DecodeString(note); err == nil && len(b) == len(before) {
		before = [32]byte(b)
	}
	if before == ([32]byte{}) {
		return queue.Record{}, false, nil
	}
	return a.queue.Record(account, before)
}

// replaces returns the remote ID of the photo whose place a job's takes, ""
// for none.
func (a *App) replaces(acc *account, job queue.Job) (string, error) {
	if !acc.service.Replaces || a.editedRule(job.Folder) != settings.EditedReplace {
		return "", nil
	}
	old, ok, err := a.delivered(job.Account, job.Path, [32]byte{})
	if err != nil || !ok || old.SHA256 == job.SHA256 {
		return "", err
	}
	return old.RemoteID, nil
}

// replaced notes how a delivery ended that was to replace a photo.
func (a *App) replaced(job queue.Job, it upload.Item, rec *queue.Record) error {
	if it.Replaces == "" {
		return nil
	}
	text := "it took the place of the earlier version"
	if rec.RemoteID != it.Replaces {
		text = "the earlier version could not be replaced on the server, so both are there"
	}
	if err := a.queue.Log(queue.Event{At: time.Now(), Account: job.Account, Path: job.Path, SHA256: job.SHA256, What: "edited", Text: text}); err != nil {
		return err
	}
	return a.queue.SetNote(editedKey(job.Account, job.Path), "")
}
