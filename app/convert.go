package app

import (
	"encoding/hex"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/queue"
	"github.com/photoferry/photoferry/watcher"
)

// job translates a job into the control API's words.
func (a *App) job(j queue.Job) control.Job {
	out := control.Job{
		ID: j.ID, Path: j.Path, Folder: j.Folder, Account: a.accountName(j.Account),
		State: j.State.String(), Attempt: j.Attempt, Error: j.Error, Hint: j.Hint, Kind: j.ErrKind,
		Size: j.Size, Cooling: j.Cooling, SHA256: hexOf(j.SHA256), Album: j.Album, Created: j.Created,
		Title: j.Title, Tags: j.Tags, Session: j.Session,
	}
	if !j.Taken.IsZero() {
		taken := j.Taken
		out.Taken = &taken
	}
	if acc := a.byID(j.Account); acc != nil {
		out.Service = acc.cfg.Service
	}
	if j.State == queue.Waiting && !j.Due.IsZero() {
		due := j.Due
		out.Due = &due
	}
	if j.State == queue.Skipped && out.Error == "" {
		out.Error = j.Skip
	}
	return out
}

// record translates a record into the control API's words.
func (a *App) record(r queue.Record) control.Record {
	out := control.Record{
		Path: r.Path, Account: a.accountName(r.Account), SHA256: hexOf(r.SHA256), MD5: md5Of(r.MD5),
		Size: r.Size, RemoteID: r.RemoteID, URL: r.URL, At: r.At,
		Outcome: string(r.Outcome), Verified: r.Verified, Gone: r.Gone,
		Album: r.Album, Session: r.Session,
	}
	if !r.Taken.IsZero() {
		taken := r.Taken
		out.Taken = &taken
	}
	if acc := a.byID(r.Account); acc != nil {
		out.Service = acc.cfg.Service
	}
	return out
}

func hexOf(d [32]byte) string {
	if d == ([32]byte{}) {
		return ""
	}
	return hex.EncodeToString(d[:])
}

// folderStatus joins a folder's rules with what the watcher says of it.
func (a *App) folderStatus(f settings.Folder, states map[string]watcher.State) control.Folder {
	out := control.Folder{
		Path: f.Path, State: control.FolderIdle, Accounts: f.Accounts, Everything: f.Everything,
		Flat: f.Flat, Album: f.Album, Title: f.Title, Tags: f.Tags, Edited: f.Edited, Unsupported: f.Unsupported, Pairs: f.Pairs,
		SyncCheck: f.SyncCheck, Include: f.Include, Exclude: f.Exclude,
	}
	if f.Cool > 0 {
		out.Cool = time.Duration(f.Cool).String()
	}
	c := a.queue.FolderCounts(f.Path)
	out.Held, out.Waiting, out.Failed = c.Cooling, c.Left, c.Failed
	// A status is no place to fail: what cannot be read is not known.
	if at, err := a.queue.LastSent(f.Path); err == nil && !at.IsZero() {
		out.LastSent = &at
	}
	st, ok := states[f.Path]
	if !ok {
		return out
	}
	out.Reason, out.Files, out.Settling = st.Reason, st.Files, st.Settling
	if !st.LastScan.IsZero() {
		t := st.LastScan
		out.LastScan = &t
	}
	switch st.Phase {
	case watcher.Scanning:
		out.State = control.FolderScanning
	case watcher.Polling:
		out.State = control.FolderPolling
	case watcher.Away:
		out.State = control.FolderAway
	case watcher.Broken:
		out.State = control.FolderBroken
	default:
		out.State = control.FolderWatching
	}
	if n, reason := a.intake.unreadableBelow(f.Path); n > 0 && out.Reason == "" {
		out.Reason = plural(n, "file") + " cannot be read: " + reason
	}
	return out
}

// md5Of is a digest in hex, and "" for that of bytes that nobody knows.
func md5Of(d [16]byte) string {
	if d == ([16]byte{}) {
		return ""
	}
	return hex.EncodeToString(d[:])
}
