package ui

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"github.com/photoferry/photoferry/app/control"
)

func TestAddSheet(t *testing.T) {
	file := filepath.Join(t.TempDir(), "window.json")
	s := oneAccount()
	s.Accounts = append(s.Accounts, control.Account{Name: "Club"})
	e := &fakeEngine{status: s, summary: control.AddSummary{Files: 4, Queued: 2, Known: 1, Skipped: 1},
		results: []control.AddResult{{Path: "/x/clip.mov", Result: "skipped", Reason: "Home does not take films"}}}
	w := newTestWindow(t, e, Options{StateFile: file})
	w.dropped([]fyne.URI{storage.NewFileURI("/tmp/a b.jpg"), storage.NewFileURI("/tmp/Höhe")})
	shows(t, w, "a b.jpg, Höhe")
	w.dropped([]fyne.URI{storage.NewFileURI("/tmp/c.jpg"), storage.NewFileURI("/tmp/a b.jpg")})
	shows(t, w, "a b.jpg, Höhe, c.jpg")
	w.adding.to.tick(false)
	press(t, w, "Add")
	shows(t, w, "Tick at least one account.")
	wants(t, e)
	w.adding.to.checks[1].SetChecked(true)
	w.adding.album.SetText(" Holiday ")
	w.adding.sync.SetChecked(false)
	press(t, w, "Add")
	wants(t, e, "add")
	want := control.AddRequest{Paths: []string{"/tmp/a b.jpg", "/tmp/Höhe", "/tmp/c.jpg"}, Accounts: []string{"Club"}, Album: "Holiday", NoSyncCheck: true}
	if fmt.Sprint(e.added) != fmt.Sprint(want) {
		t.Errorf("added %+v, want %+v", e.added, want)
	}
	shows(t, w, "4 files: 2 queued, 1 known already, 1 not taken.", "clip.mov: Home does not take films")
	w.escape()

	w = newTestWindow(t, e, Options{StateFile: file}) // another day
	w.dropped([]fyne.URI{storage.NewFileURI("/tmp/d.jpg")})
	if !slices.Equal(w.adding.to.chosen(), []string{"Club"}) || w.adding.album.Text != "Holiday" || !w.adding.sync.Checked {
		t.Errorf("offered: %q, %q, %v", w.adding.to.chosen(), w.adding.album.Text, w.adding.sync.Checked)
	}
	w.adding.to.tick(true)
	e.summary = control.AddSummary{Files: 1, Queued: 2}
	press(t, w, "Add")
	if e.added.Accounts != nil {
		t.Errorf("all accounts: %q", e.added.Accounts)
	}
	shows(t, w, "1 file: 2 queued.")
}

func TestFilesFromTheStartWaitForTheEngine(t *testing.T) {
	e := &fakeEngine{status: control.Status{State: stateGone}}
	w := newTestWindow(t, e, Options{Files: []string{"/tmp/a.jpg"}})
	if w.adding != nil || len(w.sheets) != 0 {
		t.Fatal("files are offered before it is known to whom")
	}
	refreshed(w, oneAccount())
	if w.adding == nil || !w.adding.sheet.open {
		t.Fatal("the files are not offered")
	}
	w.escape()
	refreshed(w, oneAccount())
	if len(w.sheets) != 0 {
		t.Error("they are offered twice")
	}
}

func TestDropsThatCannotBeTaken(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	u, err := storage.ParseURI("https://x.org/a.jpg")
	if err != nil {
		t.Fatal(err)
	}
	w.dropped([]fyne.URI{u})
	shows(t, w, "Only files and folders of this computer can be added")
	w.askQuit()
	w.dropped([]fyne.URI{storage.NewFileURI("/tmp/a.jpg")})
	if len(w.sheets) != 1 {
		t.Errorf("%d sheets", len(w.sheets))
	}
	w.escape()
	s := oneAccount()
	s.Accounts = nil
	refreshed(w, s)
	w.dropped([]fyne.URI{storage.NewFileURI("/tmp/a.jpg")})
	shows(t, w, "Add an account first")
}
