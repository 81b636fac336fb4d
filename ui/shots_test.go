package ui

import (
	"fmt"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/photoferry/photoferry/app/control"
)

// walkPhotos shows what can be done with photos: those that failed, those that
// were sent, and what is asked about one.
func walkPhotos(t *testing.T, c *camera) {
	e := album()
	w := c.window(t, e, Options{})
	w.show(pageFailed)
	c.snap(t, "failed-groups")
	w.show(pageHistory)
	settle(w)
	h := w.pages[pageHistory].(*historyPage)
	h.visits.enter(h.sessions.row(0))
	c.snap(t, "history-session")
	h.leave()
	h.tabs.buttons[tabPhotos].OnTapped()
	settle(w)
	h.list.focus()
	h.list.move(1)
	h.list.sel.extend(h.photos, h.photos.row(3), 3)
	h.list.selected()
	c.snap(t, "history-selected")
	h.list.clear()
	h.view.OnTapped()
	h.list.move(2)
	c.snap(t, "history-tiles")
	h.view.OnTapped()
	h.list.clear()
	w.details(h.photos.row(0).recs)
	c.snap(t, "details")
	w.escape()
	w.askExport(control.RecordQuery{})
	c.snap(t, "export")
	w.escape()
	h.look("nowhere")
	c.snap(t, "history-nothing")
	w.findPhoto()
	c.snap(t, "why-empty")
	w.why("/home/anna/Pictures/2026/Sea/IMG_2041.JPG")
	c.snap(t, "why-story")
	w.escape()
	e.stories = append(e.stories, control.Story{Path: "/media/anna/EOS/DCIM/100CANON/IMG_2041.JPG", Verdict: "It lies in no watched folder and was never added. `photoferry add` sends it."})
	w.why("IMG_2041.JPG")
	c.snap(t, "why-several")
	w.asking.told = 0
	w.asking.fill()
	c.snap(t, "why-chosen")
	w.escape()
	w.show(pageNow)
	settle(w)
	w.nowTab.view.OnTapped()
	c.snap(t, "now-tiles")
}

// tapFirstRow opens the topmost row of the list in front.
func tapFirstRow(t *testing.T, w *Window) {
	t.Helper()
	var first *rowWidget
	top := func(r *rowWidget) float32 { return fyne.CurrentApp().Driver().AbsolutePositionForObject(r).Y }
	for _, o := range objects(w) {
		if r, ok := o.(*rowWidget); ok && (first == nil || top(r) < top(first)) {
			first = r
		}
	}
	if first == nil {
		t.Fatal("no row")
	}
	first.Tapped(&fyne.PointEvent{})
	settle(w)
}

// album is an engine with something on each page.
func album() *fakeEngine {
	s := oneAccount()
	s.Accounts = accounts("Piwigo", "PicApport")
	s.Folders[0].Path = "/home/anna/Pictures"
	s.State, s.Text = control.StateSending, "Sending 12 of 143"
	s.Transfer = control.Transfer{Files: 12, FilesTotal: 143, Bytes: 40e6, BytesTotal: 480e6, Speed: 4.1e6, Left: 360}
	s.Counts = control.Counts{Ready: 8, Leased: 1, Failed: 15, Skipped: 2, Delivered: 12_345}
	e := &fakeEngine{status: s}
	now := pictured
	path := func(i int) string { return fmt.Sprintf("/home/anna/Pictures/2026/Sea/IMG_%04d.JPG", 2041+i) }
	for i := range 60 {
		e.records = append(e.records, control.Record{
			Path: path(i), SHA256: fmt.Sprintf("%064x", i+1), Account: s.Accounts[i%2].Name, Service: "piwigo", Size: 3_456_789 + int64(i)*1000,
			RemoteID: fmt.Sprint(8100 + i), URL: fmt.Sprintf("https://photos.example.org/picture.php?/%d", 8100+i), At: now.Add(-time.Duration(i) * 47 * time.Minute),
			Outcome: []string{"sent", "sent", "known", "adopted"}[i%4], Verified: "the server was asked for the photo's ID and has it", Album: "Holiday / Sea", Session: 1,
		})
	}
	add := func(n int, j control.Job) {
		for i := range n {
			j.ID, j.Path, j.SHA256, j.Size = uint64(len(e.jobs)+1), path(100+len(e.jobs)), fmt.Sprintf("%064x", 1000+len(e.jobs)+i), 4e6
			e.jobs = append(e.jobs, j)
		}
	}
	add(9, control.Job{Account: "Piwigo", State: "failed", Error: "the server refuses this type of file", Hint: "Piwigo tells types by name and content. An administrator can allow more of them (upload_form_all_types).", Kind: "rejected", Session: 1})
	add(4, control.Job{Account: "PicApport", State: "failed", Error: "user or password is wrong", Hint: "Sign in again.", Kind: "denied"})
	add(2, control.Job{Account: "Piwigo", State: "failed", Error: "the photo was sent, but its answer was lost, and this server cannot be asked whether it has it", Kind: "unsure"})
	add(2, control.Job{Account: "Piwigo", State: "skipped", Error: "the file is too big: 31 MB, and the server takes at most 25 MB", Hint: "Raise the limit on the server, then choose Retry."})
	add(8, control.Job{Account: "Piwigo", State: "ready"})
	e.status.Active = []control.Job{{ID: 900, Path: path(300), Account: "PicApport", State: "leased", Size: 5e6, Sent: 2e6, Speed: 4.1e6}}
	e.status.Recent = e.records[:3]
	e.sessions = []control.Session{
		{ID: 1, Kind: "card", Source: "EOS", Accounts: []string{"Piwigo"}, Album: "Holiday", Changed: now.Add(-2 * time.Hour), Found: 165, Sent: 143, Known: 12, Failed: 9, Left: 1, Bytes: 480e6},
		{ID: 2, Kind: "folder", Source: "/home/anna/Pictures", Accounts: []string{"Piwigo", "PicApport"}, Changed: now.Add(-26 * time.Hour), Found: 40, Sent: 40, Bytes: 120e6},
		{ID: 3, Kind: "drop", Source: "/home/anna/Desktop/Garden", Accounts: []string{"PicApport"}, Changed: now.Add(-300 * time.Hour), Found: 12, Sent: 10, Left: 2, Bytes: 36e6},
	}
	job := e.jobs[9]
	e.stories = []control.Story{{
		Path: path(0), Exists: true, SHA256: e.records[0].SHA256, Verdict: "It is at Piwigo, and failed at PicApport.",
		Accounts: []control.StoryAccount{
			{Account: "Piwigo", State: "delivered", Text: "sent on 20 May 16:00, verified: the server was asked for the photo's ID and has it", Record: &e.records[0]},
			{Account: "PicApport", State: "failed", Text: "failed: user or password is wrong", Hint: "Sign in again.", Job: &job},
		},
		Events: []control.Event{
			{At: now.Add(-3 * time.Hour), What: "seen", Text: "in ~/Pictures"}, {At: now.Add(-3 * time.Hour), What: "settled"},
			{At: now.Add(-2 * time.Hour), Account: "Piwigo", What: "queued"}, {At: now.Add(-2 * time.Hour), Account: "Piwigo", What: "sent", Text: "the server was asked for the photo's ID and has it"},
			{At: now.Add(-time.Hour), Account: "PicApport", What: "failed", Text: "user or password is wrong"},
		},
	}}
	return e
}
