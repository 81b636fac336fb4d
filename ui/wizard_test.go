package ui

import (
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/photoferry/photoferry/app/control"
)

// nothingYet is the status of somebody who has just installed the program.
func nothingYet() control.Status {
	return control.Status{Running: true, State: control.StateIdle, Text: "Nothing to send", Language: "system", Theme: "system"}
}

// guided starts the window as it is at the first start.
func guided(t *testing.T, e *fakeEngine, o Options) (*Window, *wizard) {
	t.Helper()
	e.status = nothingYet()
	if o.FindPictures == nil {
		o.FindPictures = func() []string { return []string{"/home/me/Pictures", "/home/me/DCIM"} }
	}
	taken := time.Date(2026, 5, 3, 12, 0, 0, 0, time.UTC)
	e.preview = control.FolderPreview{Path: "/home/me/Pictures/IMG_1.JPG", Taken: &taken, Album: "2026/2026-05", Photos: 310, Bytes: 9e8}
	e.report = control.CheckReport{OK: true, Ticks: []control.Tick{{What: "May upload", OK: true}}}
	w := newTestWindow(t, e, o)
	w.memory.Guided = false
	refreshed(w, e.status)
	e.took()
	if w.guide == nil {
		t.Fatal("no guide at the first start")
	}
	return w, w.guide
}

// focused is what has the focus.
func focused(w *Window) fyne.Focusable { return w.win.Canvas().Focused() }

// keyDown presses a key as a person does: whatever has the focus gets it.
func keyDown(w *Window, name fyne.KeyName) {
	e := &fyne.KeyEvent{Name: name}
	if f := focused(w); f != nil {
		f.TypedKey(e)
	} else {
		w.typed(e)
	}
	settle(w)
}

// tabTo moves the focus with Tab until it is on something.
func tabTo(t *testing.T, w *Window, what string, is func(fyne.Focusable) bool) {
	t.Helper()
	for range 60 {
		if f := focused(w); f != nil && is(f) {
			return
		}
		w.win.Canvas().FocusNext()
	}
	t.Fatalf("%s is not reached with Tab", what)
}

func labelled(label string) func(fyne.Focusable) bool {
	return func(f fyne.Focusable) bool {
		switch f := f.(type) {
		case *button:
			return f.Text == label
		case *pickTile:
			return f.title.text == label
		case *check:
			return f.Text == label
		}
		return false
	}
}

// tapTile taps a tile with a title.
func tapTile(t *testing.T, w *Window, title string) {
	t.Helper()
	for _, o := range objects(w) {
		if c, ok := o.(*pickTile); ok && c.title.text == title {
			test.Tap(c)
			settle(w)
			return
		}
	}
	t.Fatalf("no tile %q", title)
}

func TestGuideByKeysFromFirstToLastStep(t *testing.T) {
	e := &fakeEngine{}
	file := filepath.Join(t.TempDir(), "window.json")
	w, g := guided(t, e, Options{StateFile: file})
	shows(t, w, "Welcome to PhotoFerry", "It never changes the originals")
	keyDown(w, fyne.KeyReturn)

	shows(t, w, "Your account", "PicApport", "ipernity")
	keyDown(w, fyne.KeySpace) // the first service has the focus
	shows(t, w, "Your account on PicApport", "Address", "Password")
	keyDown(w, fyne.KeyReturn)
	shows(t, w, "The address is missing.")
	form := g.steps[stepAccount].(*accountStep).form
	if focused(w) != form.url {
		t.Error("the focus is not on what is missing")
	}
	test.Type(form.url, "https://x.org")
	tabTo(t, w, "the user", func(f fyne.Focusable) bool { return f == form.user })
	test.Type(form.user, "anna")
	tabTo(t, w, "the password", func(f fyne.Focusable) bool { return f == form.secret })
	test.Type(form.secret, "s3cret")
	e.took()
	keyDown(w, fyne.KeyReturn)
	wants(t, e, "add account")
	if got := e.account; got.Service != "picapport" || got.Name != "PicApport" || got.URL != "https://x.org" || got.User != "anna" || got.Secret != "s3cret" {
		t.Errorf("added %+v", got)
	}
	shows(t, w, "The account was added.", "May upload")
	keyDown(w, fyne.KeyReturn)

	shows(t, w, "The folder", "~/Pictures", "~/DCIM", "310 photos, 900 MB")
	wants(t, e, "preview folder /home/me/Pictures", "preview folder /home/me/DCIM")
	tabTo(t, w, "the other folder", labelled("~/DCIM"))
	keyDown(w, fyne.KeySpace)
	tabTo(t, w, "everything", labelled("Everything"))
	keyDown(w, fyne.KeyReturn) // takes it
	keyDown(w, fyne.KeyReturn) // and goes on

	shows(t, w, "Albums", "IMG_1.JPG, taken on 3 May 2026", "goes into the album 2026 › 2026-05")
	wants(t, e, "preview folder /home/me/DCIM")
	if e.previewOf.Album != "{date:2006}/{date:2006-01}" {
		t.Errorf("the example is of %q", e.previewOf.Album)
	}
	e.forecast = control.Forecast{Photos: 310, Accounts: []control.AccountForecast{{Account: "PicApport", New: 208, Bytes: 6e8, Known: 102}}}
	keyDown(w, fyne.KeyReturn)

	shows(t, w, "Ready to start", "From ~/DCIM to PicApport:", "208 to send (600 MB), 102 already there")
	wants(t, e, "forecast")
	keyDown(w, fyne.KeyReturn)
	wants(t, e, "add folder", "general")
	want := control.FolderSpec{Path: "/home/me/DCIM", Accounts: []string{"PicApport"}, Everything: true, Album: "{date:2006}/{date:2006-01}"}
	if fmt.Sprint(e.folder) != fmt.Sprint(want) {
		t.Errorf("added %+v, want %+v", e.folder, want)
	}

	shows(t, w, "That is all", "PicApport is set up", "~/DCIM is watched", "You find it in the tray")
	tabTo(t, w, "the start with the computer", labelled("Start PhotoFerry with the computer"))
	focused(w).TypedRune(' ')
	settle(w)
	wants(t, e, "change general")
	if !e.general.Autostart {
		t.Error("it does not start with the computer")
	}
	tabTo(t, w, "Finish", labelled("Finish"))
	keyDown(w, fyne.KeyReturn)
	if w.guide != nil || w.win.Canvas().Content() != w.root {
		t.Fatal("the guide stays")
	}
	if m := loadMemory(file, w.log); !m.Guided || !m.SaidClose {
		t.Errorf("remembered: %+v", m)
	}
	refreshed(w, e.status)
	if w.guide != nil {
		t.Error("it comes again")
	}
}

func TestGuideByTaps(t *testing.T) {
	e := &fakeEngine{}
	w, _ := guided(t, e, Options{})
	press(t, w, "Next")
	press(t, w, "Next")
	shows(t, w, "Choose a service, or skip this step.")
	tapTile(t, w, "PicApport")
	w.guide.steps[stepAccount].(*accountStep).form.url.SetText("https://x.org")
	e.report = control.CheckReport{Ticks: []control.Tick{{What: "Sign-in", Detail: "refused"}}, Reason: "the password is wrong", Hint: "Type it again."}
	press(t, w, "Check and add")
	shows(t, w, "Sign-in: refused", "The password is wrong. Type it again.")
	e.report = control.CheckReport{Fingerprint: "00ff"}
	press(t, w, "Check and add")
	shows(t, w, "Is this the right server?", "00:FF")
	e.report = control.CheckReport{OK: true, Server: "PicApport 10.4"}
	press(t, w, "It is the same, trust it")
	if e.account.Fingerprint != "00ff" {
		t.Errorf("added %+v", e.account)
	}
	shows(t, w, "PicApport 10.4")
	press(t, w, "Next")
	tapTile(t, w, "~/DCIM")
	tapTile(t, w, "Everything")
	tapTile(t, w, "From now on")
	press(t, w, "Next")
	press(t, w, "Next")
	shows(t, w, "Nothing is sent now", "310")
	e.took()
	e.err = &control.Problem{Message: "this folder lies in another one"}
	press(t, w, "Start")
	shows(t, w, "This folder lies in another one.")
	e.err = nil
	press(t, w, "Start")
	wants(t, e, "add folder", "add folder", "general")
	if e.folder.Everything {
		t.Error("everything is sent without having been chosen")
	}
	e.general.Missing = map[string]string{"autostart": "this system has no place for it"}
	press(t, w, "Add another account")
	shows(t, w, "PicApport is set up", "Where do your photos go?")
	press(t, w, "Back")
	shows(t, w, "That is all", "This system has no place for it.")
	press(t, w, "Finish")
}

func TestEveryStepOfTheGuideCanBeSkipped(t *testing.T) {
	e := &fakeEngine{}
	w, g := guided(t, e, Options{})
	press(t, w, "Next")
	press(t, w, "Skip")
	shows(t, w, "That is all", "No folder is watched yet.") // without an account there is no folder
	press(t, w, "Back")

	e.status.Accounts = oneAccount().Accounts
	refreshed(w, e.status)
	press(t, w, "Skip")
	shows(t, w, "The folder")
	press(t, w, "Skip")
	shows(t, w, "That is all")
	press(t, w, "Back")
	shows(t, w, "The folder")
	press(t, w, "Next")
	shows(t, w, "Albums")
	press(t, w, "Skip")
	shows(t, w, "Ready to start")
	if g.made.folder.Album != "" {
		t.Errorf("the skipped rule is %q", g.made.folder.Album)
	}
	e.took()
	press(t, w, "Later")
	shows(t, w, "That is all", "No folder is watched yet.")
	wants(t, e, "general")
	hides(t, w, "is watched\n")
}

func TestWhatWasChosenInTheGuideSurvivesGoingBack(t *testing.T) {
	e := &fakeEngine{}
	w, g := guided(t, e, Options{})
	press(t, w, "Next")
	tapTile(t, w, "PicApport")
	form := g.steps[stepAccount].(*accountStep).form
	form.url.SetText("https://x.org")
	form.user.SetText("anna")
	press(t, w, "Back")
	shows(t, w, "Where do your photos go?")
	press(t, w, "Back")
	shows(t, w, "Welcome to PhotoFerry")
	press(t, w, "Next")
	tapTile(t, w, "PicApport")
	if form.url.Text != "https://x.org" || form.user.Text != "anna" {
		t.Errorf("what was typed became %q and %q", form.url.Text, form.user.Text)
	}
	press(t, w, "Check and add")
	press(t, w, "Next")
	tapTile(t, w, "~/DCIM")
	tapTile(t, w, "Everything")
	press(t, w, "Next")
	album := g.steps[stepAlbum].(*albumStep)
	album.rule.SetSelectedIndex(ownRule)
	album.own.SetText("{dat}")
	e.refusal = &control.Problem{Message: `there is no field "dat"`, Hint: "Write it like {folder}."}
	press(t, w, "Next")
	shows(t, w, `There is no field "dat". Write it like {folder}.`, "With this rule, none.")
	e.refusal = nil
	album.own.SetText("{folder}")
	press(t, w, "Next")
	shows(t, w, "Ready to start")
	press(t, w, "Back")
	press(t, w, "Back")

	g.retell() // in another language
	g = w.guide
	settle(w)
	f := g.steps[stepFolder].(*folderStep)
	if f.tiles[0].chosen || !f.tiles[1].chosen || !f.all.chosen {
		t.Error("another folder is chosen than before")
	}
	press(t, w, "Next")
	if a := g.steps[stepAlbum].(*albumStep); a.own.Text != "{folder}" || !a.own.Visible() {
		t.Errorf("the rule became %q", a.own.Text)
	}
	press(t, w, "Next")
	press(t, w, "Start")
	e.took()
	press(t, w, "Back")
	press(t, w, "Back")
	press(t, w, "Skip") // the album
	press(t, w, "Start")
	if got := e.took(); !slices.Contains(got, "change folder /home/me/DCIM") || slices.Contains(got, "add folder") {
		t.Errorf("the folder is not changed but added again: %q", got)
	}
}
