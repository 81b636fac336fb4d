package ui

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

func TestSignInInTheBrowserInTheGuide(t *testing.T) {
	e := &fakeEngine{page: "https://x.org/allow"}
	w, g := guided(t, e, Options{})
	var opened []string
	w.browse = recordTo(&opened)
	press(t, w, "Next")
	tapTile(t, w, "ipernity")
	form := g.steps[stepAccount].(*accountStep).form
	form.options[0].entry.SetText("79f0")
	form.secret.SetText("s3cret")
	e.report = control.CheckReport{OK: true, LoginNext: true}
	e.took()
	press(t, w, "Check and add")
	wants(t, e, "add account", "begin login ipernity")
	shows(t, w, "Sign in to ipernity", "Allow PhotoFerry to add photos.", "https://x.org/allow")
	if !slices.Equal(opened, []string{"https://x.org/allow"}) {
		t.Errorf("opened %q", opened)
	}
	press(t, w, "Copy address")
	shows(t, w, "The address was copied")
	e.err = &control.Problem{Message: "it was not allowed yet"}
	press(t, w, "Done")
	shows(t, w, "It was not allowed yet.")
	e.err = nil
	press(t, w, "Later")
	shows(t, w, "The folder")
	press(t, w, "Back")
	press(t, w, "Back") // within the step
	shows(t, w, "It still needs a sign-in")
	press(t, w, "Add another account")
	shows(t, w, "ipernity still needs a sign-in")
	press(t, w, "Next")
	press(t, w, "Back")
	g.steps[stepAccount].(*accountStep).move(phaseReady)
	e.took()
	press(t, w, "Sign in in the browser")
	e.report = control.CheckReport{OK: true, User: "anna"}
	press(t, w, "Done")
	wants(t, e, "begin login ipernity", "finish login ipernity")
	shows(t, w, "signed in as anna")
	press(t, w, "Add another account")
	shows(t, w, "ipernity is set up")
	hides(t, w, "still needs a sign-in")
}

func TestPracticeInTheGuide(t *testing.T) {
	e := &fakeEngine{}
	var fails error
	started := 0
	spec := control.AccountSpec{Service: "picapport", Name: "Practice", URL: "http://127.0.0.1:4711", User: "ferry", Secret: "x"}
	w, _ := guided(t, e, Options{StartPractice: func(context.Context) (control.AccountSpec, error) {
		started++
		return spec, fails
	}})
	press(t, w, "Next")
	shows(t, w, "Photos sent there stay on this computer.")
	fails = &control.Problem{Message: "the practice server has not come up in time"}
	e.took()
	tapTile(t, w, "Try it without a server")
	shows(t, w, "The practice server has not come up in time.")
	wants(t, e)
	fails = nil
	tapTile(t, w, "Try it without a server")
	wants(t, e, "add account")
	if e.account.URL != spec.URL || e.account.Secret != spec.Secret {
		t.Errorf("added %+v", e.account)
	}
	shows(t, w, "It is for practice: photos sent there stay on this computer")
	press(t, w, "Add another account")
	e.status.Accounts = []control.Account{{Name: "Practice", URL: spec.URL}}
	refreshed(w, e.status)
	e.took()
	tapTile(t, w, "Try it without a server") // it is there
	if started != 3 || slices.Contains(e.took(), "add account") {
		t.Error("the account is added twice")
	}
	shows(t, w, "The folder")
}

func TestLeavingTheGuide(t *testing.T) {
	e := &fakeEngine{}
	w, g := guided(t, e, Options{Files: nil})
	keyDown(w, fyne.KeyReturn)
	tapTile(t, w, "PicApport")
	keyDown(w, fyne.KeyEscape) // in an entry
	shows(t, w, "Leave the guide?")
	press(t, w, "Go on with it")
	if w.guide != g || len(w.sheets) > 0 {
		t.Fatal("it was left without a yes")
	}
	w.dropped([]fyne.URI{storage.NewFileURI("/home/me/a.jpg")})
	if len(w.sheets) > 0 {
		t.Error("a drop interrupts the guide")
	}
	press(t, w, "Leave the guide")
	press(t, w, "Leave")
	if w.guide != nil || !w.memory.Guided {
		t.Error("it was not left, or will come again")
	}
	shows(t, w, "Add an account first") // for what was dropped
	w.escape()
	e.general = general()
	w.show(pageSettings)
	settle(w)
	press(t, w, "Run the guide again")
	shows(t, w, "Welcome to PhotoFerry")
}

func TestNoGuideForSomebodyWhoHasSomethingSetUp(t *testing.T) {
	for name, s := range map[string]control.Status{
		"an account": {Running: true, State: control.StateIdle, Accounts: oneAccount().Accounts},
		"a folder":   {Running: true, State: control.StateIdle, Folders: oneAccount().Folders},
		"no engine":  {State: stateGone},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTestWindow(t, &fakeEngine{status: s}, Options{})
			w.memory.Guided = false
			refreshed(w, s)
			if w.guide != nil {
				t.Error("there is a guide")
			}
		})
	}
}

func TestAnotherFolderInTheGuide(t *testing.T) {
	e := &fakeEngine{}
	w, g := guided(t, e, Options{FindPictures: func() []string { return nil }})
	e.status.Accounts = oneAccount().Accounts
	refreshed(w, e.status)
	press(t, w, "Next")
	press(t, w, "Next")
	press(t, w, "Next")
	shows(t, w, "Choose a folder, or skip this step.")
	tapTile(t, w, "Another folder …")
	if w.win.Canvas().Overlays().Top() == nil {
		t.Error("nobody is asked which")
	}
	w.escape()
	s := g.steps[stepFolder].(*folderStep)
	e.refusal = &control.Problem{Message: "the folder cannot be read"}
	s.pick("/srv/locked")
	settle(w)
	shows(t, w, "The folder cannot be read.")
	press(t, w, "Next")
	shows(t, w, "This folder cannot be used")
	e.refusal = nil
	s.pick("/home/me/Photos")
	settle(w)
	press(t, w, "Next")
	shows(t, w, "Albums")
	if g.made.folder.Path != "/home/me/Photos" {
		t.Errorf("chosen: %s", g.made.folder.Path)
	}
	press(t, w, "Back")
	e.status.Folders = []control.Folder{{Path: "/home/me/Seen"}}
	refreshed(w, e.status)
	s.pick("/home/me/Seen")
	shows(t, w, "This folder is watched already.")
}

func TestWhatHasTheFocusIsInView(t *testing.T) {
	e := &fakeEngine{}
	w, g := guided(t, e, Options{FindPictures: func() []string {
		var many []string
		for i := range 12 {
			many = append(many, fmt.Sprintf("/home/me/%d", i))
		}
		return many
	}})
	w.win.Resize(fyne.NewSize(640, 480))
	e.status.Accounts = oneAccount().Accounts
	refreshed(w, e.status)
	press(t, w, "Next")
	press(t, w, "Next")
	seen := 0
	for range 30 {
		w.win.Canvas().FocusNext()
		o, ok := focused(w).(*pickTile)
		if !ok {
			continue
		}
		seen++
		d := w.app.Driver()
		top := d.AbsolutePositionForObject(o).Y - d.AbsolutePositionForObject(g.up).Y
		if top < 0 || top+o.Size().Height > g.up.Size().Height {
			t.Errorf("%s is at %v of %v", o.title.text, top, g.up.Size().Height)
		}
	}
	if seen < 15 {
		t.Errorf("only %d tiles were reached", seen)
	}
}

func TestLanguageInTheGuide(t *testing.T) {
	e := &fakeEngine{}
	w, g := guided(t, e, Options{StartPractice: func(context.Context) (control.AccountSpec, error) { return control.AccountSpec{}, nil }})
	s := g.steps[stepWelcome].(*welcomeStep)
	if s.language.Selected != "As the desktop" {
		t.Errorf("it shows %q", s.language.Selected)
	}
	e.refusal = &control.Problem{Message: "the settings cannot be written"}
	s.language.SetSelected("Deutsch")
	settle(w)
	shows(t, w, "The settings cannot be written.")
	if s.language.Selected != "As the desktop" {
		t.Errorf("it shows %q after a refusal", s.language.Selected)
	}
	e.refusal = nil
	s.language.SetSelected("Deutsch")
	settle(w)
	if e.general.Language != "de" {
		t.Errorf("the language is %q", e.general.Language)
	}

	defer speak(say.Language())
	e.status.Language = "de"
	refreshed(w, e.status) // the engine tells of it
	shows(t, w, "Willkommen bei PhotoFerry")
	press(t, w, "Weiter")
	shows(t, w, "Ihr Konto", "Ohne Server ausprobieren")
}
