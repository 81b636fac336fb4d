package ui

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/photoferry/photoferry/app/control"
)

// shoot writes what the window shows as a picture.
func shoot(t *testing.T, w *Window, dir, name string) {
	t.Helper()
	f, err := os.Create(filepath.Join(dir, name+".png"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, w.win.Canvas().Capture()); err != nil {
		t.Fatal(err)
	}
}

// landscape is a picture to be recognised.
func landscape(n, w, h int) image.Image {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.NRGBA{uint8(90 + n*37%120), uint8(150 + y*60/h), 220, 255}
			if y > h/2+((x*7+n*13)%(h/4)) {
				c = color.NRGBA{uint8(40 + n*53%90), uint8(110 + n*29%80), 60, 255}
			}
			img.SetNRGBA(x, y, c)
		}
	}
	return img
}

// TestPicturesOfThePages makes pictures of the pages of this file's matter, to
// be looked at: PHOTOFERRY_SHOTS names the folder that they go to.
func TestPicturesOfThePages(t *testing.T) {
	dir := os.Getenv("PHOTOFERRY_SHOTS")
	if dir == "" {
		t.Skip("PHOTOFERRY_SHOTS is not set")
	}
	for _, theme := range []string{"light", "dark"} {
		for _, size := range []fyne.Size{fyne.NewSize(980, 680), fyne.NewSize(640, 480)} {
			name := func(page string) string { return fmt.Sprintf("%s-%s-%v", page, theme, size.Width) }
			e := album()
			e.status.Theme = theme
			if l := os.Getenv("PHOTOFERRY_LANGUAGE"); l != "" {
				speak(l)
			}
			w := newTestWindow(t, e, Options{})
			w.win.Resize(size)
			w.home = "/home/anna"
			n := 0
			small := func(context.Context, string) image.Image { n++; return landscape(n, 96, 96) }
			w.thumbs.make, w.tiles.make = small, small
			pictures := func() {
				for w.thumbs.step(t.Context()) || w.tiles.step(t.Context()) {
				}
				w.pages[w.current].refresh()
			}
			refreshed(w, e.status)
			snap := func(page string) { settle(w); pictures(); shoot(t, w, dir, name(page)) }

			w.show(pageFailed)
			settle(w)
			snap("failed-1-groups")
			tapRow(t, w, "The server does not take this kind of file")
			snap("failed-2-open")
			press(t, w, "Skipped (2)")
			snap("failed-3-skipped")

			w.show(pageHistory)
			snap("history-1-sessions")
			h := w.pages[pageHistory].(*historyPage)
			h.visits.enter(h.sessions.row(0))
			snap("history-2-session")
			h.leave()
			h.tabs.buttons[1].OnTapped()
			settle(w)
			snap("history-3-photos")
			h.list.focus()
			h.list.move(1)
			h.list.sel.extend(h.photos, h.photos.row(3), 3)
			h.list.selected()
			snap("history-4-selected")
			h.list.clear()
			h.view.OnTapped()
			h.list.move(2)
			snap("history-5-tiles")
			h.view.OnTapped()
			h.list.clear()
			w.details(h.photos.row(0).recs)
			settle(w)
			snap("details")
			w.escape()
			w.askExport(control.RecordQuery{})
			snap("export")
			w.escape()
			h.look("nowhere")
			snap("history-6-nothing")
			w.findPhoto()
			snap("why-1-empty")
			w.why("/home/anna/Pictures/2026/Sea/IMG_2041.JPG")
			snap("why-2-story")
			w.escape()
			e.stories = append(e.stories, control.Story{Path: "/media/anna/EOS/DCIM/100CANON/IMG_2041.JPG", Verdict: "It is not in a watched folder."})
			w.why("IMG_2041.JPG")
			snap("why-3-several")
			w.asking.told = 0
			w.asking.fill()
			snap("why-4-chosen")
			w.escape()
			w.show(pageNow)
			snap("now-1")
			p := w.nowTab
			p.view.OnTapped()
			snap("now-2-tiles")
			w.app.Settings().SetTheme(newTheme(""))
		}
	}
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
	now := time.Now()
	path := func(i int) string { return fmt.Sprintf("/home/anna/Pictures/2026/Sea/IMG_%04d.JPG", 2041+i) }
	for i := range 60 {
		e.records = append(e.records, control.Record{
			Path: path(i), SHA256: fmt.Sprintf("%064x", i+1), Account: s.Accounts[i%2].Name, Service: "piwigo", Size: 3_456_789 + int64(i)*1000,
			RemoteID: fmt.Sprint(8100 + i), URL: fmt.Sprintf("https://photos.example.org/picture.php?/%d", 8100+i), At: now.Add(-time.Duration(i) * 47 * time.Minute),
			Outcome: []string{"sent", "sent", "known", "adopted"}[i%4], Verified: "the server was asked for the photo and has it", Album: "Holiday / Sea", Session: 1,
		})
	}
	add := func(n int, j control.Job) {
		for i := range n {
			j.ID, j.Path, j.SHA256, j.Size = uint64(len(e.jobs)+1), path(100+len(e.jobs)), fmt.Sprintf("%064x", 1000+len(e.jobs)+i), 4e6
			e.jobs = append(e.jobs, j)
		}
	}
	add(9, control.Job{Account: "Piwigo", State: "failed", Error: "the server does not take this kind of file", Hint: "Convert it to JPEG, or allow the kind in the server's settings.", Kind: "rejected", Session: 1})
	add(4, control.Job{Account: "PicApport", State: "failed", Error: "the password was refused", Hint: "Sign in again, then retry.", Kind: "denied"})
	add(2, control.Job{Account: "Piwigo", State: "failed", Error: "the answer was lost", Hint: "Look there before you send it again.", Kind: "unsure"})
	add(2, control.Job{Account: "Piwigo", State: "skipped", Error: "the file is larger than the server takes (25 MB)", Hint: "Raise the limit of the server, or make it smaller."})
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
			{Account: "Piwigo", State: "delivered", Text: "sent today, and verified", Record: &e.records[0]},
			{Account: "PicApport", State: "failed", Text: "the password was refused", Hint: "Sign in again, then retry.", Job: &job},
		},
		Events: []control.Event{
			{At: now.Add(-3 * time.Hour), What: "seen", Text: "in ~/Pictures"}, {At: now.Add(-3 * time.Hour), What: "settled"},
			{At: now.Add(-2 * time.Hour), Account: "Piwigo", What: "queued"}, {At: now.Add(-2 * time.Hour), Account: "Piwigo", What: "sent", Text: "the server was asked for the photo and has it"},
			{At: now.Add(-time.Hour), Account: "PicApport", What: "failed", Text: "the password was refused"},
		},
	}}
	return e
}
