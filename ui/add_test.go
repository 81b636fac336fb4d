package ui

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

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
	settle(w)
	e.took()
	press(t, w, "Add")
	shows(t, w, "Tick at least one account.")
	wants(t, e)
	w.adding.to.checks[1].SetChecked(true)
	w.adding.album.SetText(" Holiday ")
	w.adding.title.SetText("Sea")
	w.adding.tags.SetText("family, , sea,family")
	w.adding.sync.SetChecked(false)
	wants(t, e, "forecast", "forecast")
	press(t, w, "Add")
	wants(t, e, "add")
	want := control.AddRequest{Paths: []string{"/tmp/a b.jpg", "/tmp/Höhe", "/tmp/c.jpg"}, Accounts: []string{"Club"}, Album: "Holiday",
		Title: "Sea", Tags: []string{"family", "sea"}, NoSyncCheck: true}
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

func TestAForecastIsSaidBeforeAnythingIsSent(t *testing.T) {
	s := oneAccount()
	s.Accounts = append(s.Accounts, control.Account{Name: "Club"})
	e := &fakeEngine{status: s}
	e.forecast = control.Forecast{Photos: 120, NoPhotos: 3, Accounts: []control.AccountForecast{
		{Account: "Home", New: 80, Bytes: 240_000_000, Known: 38, Queued: 2},
		{Account: "Club", New: 110, Bytes: 330_000_000, NotTaken: 10, Unasked: true},
	}}
	w := newTestWindow(t, e, Options{})
	w.offer([]string{"/tmp/a"})
	settle(w)
	shows(t, w, "Home: 80 to send (240 MB), 40 already there or queued", "Club: 110 to send (330 MB), 0 already there or queued, 10 not taken",
		"The server was not asked yet", "Left out, no photos: 3")
	e.forecast = control.Forecast{Photos: 3, Accounts: []control.AccountForecast{{Account: "Home", Known: 3}}}
	w.adding.to.checks[1].SetChecked(false)
	settle(w)
	shows(t, w, "Home: has them all already")
	if got := e.forecastOf; !slices.Equal(got.Accounts, []string{"Home"}) || !slices.Equal(got.Paths, []string{"/tmp/a"}) {
		t.Errorf("asked for %+v", got)
	}
	e.err = &control.Problem{Message: "home: sign in", Hint: "Enter the password again."}
	w.adding.more([]string{"/tmp/b"})
	settle(w)
	shows(t, w, "Home: sign in. Enter the password again.")
	e.err, e.forecast = nil, control.Forecast{NoPhotos: 1}
	w.adding.more([]string{"/tmp/c"})
	settle(w)
	shows(t, w, "No photo was found there.")
}

func TestAnAnswerToAnOldQuestionIsNotShown(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	w.offer([]string{"/tmp/a"})
	settle(w)
	var calls []func()
	w.spawn = func(f func()) { calls = append(calls, f) }
	e.forecast = control.Forecast{Photos: 1, Accounts: []control.AccountForecast{{Account: "Home", New: 1}}}
	w.adding.more([]string{"/tmp/b"})
	w.adding.more([]string{"/tmp/c"})
	calls[1]()
	settle(w)
	shows(t, w, "Home: 1 to send")
	e.forecast.Accounts[0].New = 7
	calls[0]() // was given up, and ends late
	settle(w)
	hides(t, w, "Home: 7 to send")
}

func TestAFewPhotosAreAddedWithoutAQuestionIfWanted(t *testing.T) {
	photo := filepath.Join(t.TempDir(), "a.jpg")
	if err := os.WriteFile(photo, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	e := &fakeEngine{status: oneAccount(), summary: control.AddSummary{Files: 1, Queued: 1}}
	w := newTestWindow(t, e, Options{})
	drop := func(paths ...string) {
		var us []fyne.URI
		for _, p := range paths {
			us = append(us, storage.NewFileURI(p))
		}
		w.dropped(us)
		settle(w)
	}
	drop(photo)
	w.adding.album.SetText("Holiday")
	w.adding.quick.SetChecked(true)
	press(t, w, "Add")
	e.took()
	drop(photo)
	wants(t, e, "add")
	if len(w.sheets) != 0 || e.added.Album != "Holiday" {
		t.Errorf("%d sheets, added %+v", len(w.sheets), e.added)
	}
	shows(t, w, "1 file: 1 queued.")
	drop(filepath.Dir(photo)) // how many there are in a folder is not known
	if len(w.sheets) != 1 {
		t.Fatal("a folder is added without a question")
	}
	w.escape()
	w.memory.Accounts = []string{"Gone"}
	drop(photo)
	if len(w.sheets) != 1 {
		t.Fatal("photos are added without a question to an account that is gone")
	}
	w.escape()
	var many []string
	w.memory.Accounts = nil
	for range fewFiles {
		many = append(many, photo)
	}
	drop(many...)
	if len(w.sheets) != 1 {
		t.Fatal("many photos are added without a question")
	}
}

func TestAlbumPicker(t *testing.T) {
	s := oneAccount()
	s.Accounts = append(s.Accounts, control.Account{Name: "Club"})
	e := &fakeEngine{status: s, albums: []string{"zoo", "Holiday/2026", "Holiday"}}
	w := newTestWindow(t, e, Options{})
	w.offer([]string{"/tmp/a"})
	press(t, w, "Choose")
	wants(t, e, "forecast", "albums Home", "albums Club")
	shows(t, w, "Holiday/2026", "zoo")
	p := topPicker(t, w)
	p.find.SetText("hol")
	if !slices.Equal(p.shown, []string{"Holiday", "Holiday/2026"}) {
		t.Errorf("shown: %q", p.shown)
	}
	shows(t, w, "A new album “hol” is made when the first photo is sent.")
	p.list.Select(1)
	hides(t, w, "A new album")
	press(t, w, "Choose")
	if w.adding.album.Text != "Holiday/2026" {
		t.Errorf("album %q", w.adding.album.Text)
	}
	e.err = &control.Problem{Message: "the server is gone"}
	press(t, w, "Choose")
	shows(t, w, "The server is gone.")
	topPicker(t, w).find.SetText("New one")
	test.Type(topPicker(t, w).find, "!")
	topPicker(t, w).find.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if w.adding.album.Text != "New one!" && w.adding.album.Text != "!New one" {
		t.Errorf("album %q", w.adding.album.Text)
	}
	w.adding.to.tick(false)
	e.took()
	press(t, w, "Choose")
	wants(t, e)
	shows(t, w, "Tick at least one account.")
}

func topPicker(t *testing.T, w *Window) *albumPicker {
	t.Helper()
	if w.picker == nil || !w.picker.sheet.open {
		t.Fatal("no album can be chosen")
	}
	return w.picker
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
