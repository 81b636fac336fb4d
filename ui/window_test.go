package ui

import (
	"context"
	"fmt"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

func TestFirstStartLeadsToAnAccountThenToAFolder(t *testing.T) {
	e := &fakeEngine{status: control.Status{Running: true, State: control.StateIdle}}
	w := newTestWindow(t, e, Options{})
	shows(t, w, "Welcome to PhotoFerry", "Up to date")
	press(t, w, "Add account")
	shows(t, w, "PicApport", "Password")
	w.escape()
	if len(w.sheets) != 0 || w.win.Canvas().Overlays().Top() != nil {
		t.Fatal("Escape does not close the sheet")
	}
	s := oneAccount()
	s.Folders = nil
	refreshed(w, s)
	shows(t, w, "Watch a folder", "It never changes the originals")
	refreshed(w, oneAccount())
	shows(t, w, "Nothing to send", "New photos in 1 folder are picked up by themselves.")
}

func TestStripSaysWhatTheStatusSays(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	s := oneAccount()
	s.State, s.Text = control.StateSending, "Sending 12 of 143"
	s.Transfer = control.Transfer{Files: 12, FilesTotal: 143, Bytes: 40e6, BytesTotal: 480e6, Speed: 4.1e6}
	refreshed(w, s)
	shows(t, w, "Sending", "12 of 143", "40 MB of 480 MB · 4.1 MB/s")
	hides(t, w, "about")
	if w.strip.bar.value <= 0.08 || w.strip.bar.value >= 0.09 {
		t.Errorf("bar at %v", w.strip.bar.value)
	}
	s.Transfer.Left = 360
	refreshed(w, s)
	shows(t, w, "4.1 MB/s · about 6 min")

	s = oneAccount()
	s.State, s.Text, s.Hint = control.StateStopped, "Sign in to Home again", "The password was refused."
	refreshed(w, s)
	shows(t, w, "Needs you", "Sign in to Home again", "The password was refused.")
	if w.strip.bar.value >= 0 {
		t.Error("a bar is shown without a batch")
	}
}

func TestPauseAndResume(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	press(t, w, "Pause")
	chooseItem(t, w, "1 hour")
	wants(t, e, "pause ")
	if e.paused.Until == nil || time.Until(*e.paused.Until) < 59*time.Minute {
		t.Errorf("paused until %v", e.paused.Until)
	}
	s := oneAccount()
	s.State, s.Text = control.StatePaused, "Paused until 15:30"
	refreshed(w, s)
	e.took()
	press(t, w, "Resume")
	wants(t, e, "resume ")
	w.togglePause()
	settle(w)
	wants(t, e, "resume ")
}

func TestEngineThatIsGoneIsShownHonestly(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	started := 0
	w := newTestWindow(t, e, Options{StartEngine: func(context.Context) error { started++; return nil }})
	s := oneAccount()
	s.State, s.Text = control.StateSending, "Sending 1 of 2"
	s.Transfer = control.Transfer{Files: 1, FilesTotal: 2}
	s.Active = []control.Job{{ID: 1, Path: "/p/a.jpg", Account: "Home", State: "leased", Size: 10}}
	refreshed(w, s)
	w.lost()
	shows(t, w, "Not running", "The engine is not running")
	hides(t, w, "Sending")
	w.show(pageFolders)
	shows(t, w, "Not watched now")
	hides(t, w, "Watching")
	press(t, w, "Start")
	if started != 1 {
		t.Error("the engine was not started")
	}
	refreshed(w, oneAccount())
	shows(t, w, "Watching", "Up to date")
}

func TestRowsShowWhatIsSentNextAndLast(t *testing.T) {
	e := &fakeEngine{status: oneAccount(), jobs: queued(3)}
	w := newTestWindow(t, e, Options{})
	s := oneAccount()
	s.State, s.Text = control.StateSending, "Sending 1 of 4"
	s.Counts = control.Counts{Ready: 2, Leased: 1}
	active := e.jobs[0]
	active.State, active.Sent, active.Speed = "leased", 1.5e6, 1e6
	s.Active = []control.Job{active}
	s.Recent = []control.Record{{Path: "/home/me/Pictures/done.jpg", Account: "Home", Outcome: "known", At: time.Now(), Size: 1000}}
	refreshed(w, s)
	shows(t, w, "IMG_0000.JPG", "Sending 50 %", "1.5 MB of 3.0 MB · 1.0 MB/s", "IMG_0001.JPG", "Up next", "done.jpg", "Already there", "~/Pictures")
	if n := len(w.nowTab.list.rows); n != 4 {
		t.Errorf("%d rows, want 4: the photo being sent must not be shown twice", n)
	}
}

func TestActionsOfARow(t *testing.T) {
	e := &fakeEngine{status: oneAccount(), jobs: queued(3), stories: []control.Story{{Path: "/home/me/Pictures/IMG_0001.JPG", Verdict: "It waits for its turn."}}}
	w := newTestWindow(t, e, Options{})
	s := oneAccount()
	s.Counts = control.Counts{Ready: 3}
	refreshed(w, s)
	e.took()
	tapRow(t, w, "IMG_0001.JPG")
	press(t, w, "Send first")
	wants(t, e, "first")
	if !slices.Equal(e.ids, []uint64{2}) {
		t.Errorf("jobs %v", e.ids)
	}
	shows(t, w, "1 photo is sent before all others")
	press(t, w, "Why?")
	wants(t, e, "why /home/me/Pictures/IMG_0001.JPG")
	shows(t, w, "It waits for its turn.")
	w.escape()
	press(t, w, "Remove")
	shows(t, w, "The file itself stays where it is.")
	wants(t, e)
	press(t, w, "Cancel")
	wants(t, e)
	press(t, w, "Remove") // opens the question again
	press(t, w, "Remove") // and answers it
	wants(t, e, "cancel")
}

func TestSelectionStaysWithItsPhoto(t *testing.T) {
	e := &fakeEngine{status: oneAccount(), jobs: queued(5)}
	w := newTestWindow(t, e, Options{})
	s := oneAccount()
	s.Counts = control.Counts{Ready: 5}
	refreshed(w, s)
	tapRow(t, w, "IMG_0003.JPG")
	e.jobs = e.jobs[2:]
	s.Counts.Ready = 3
	refreshed(w, s)
	if r := w.nowTab.list.row(); r == nil || r.path != "/home/me/Pictures/IMG_0003.JPG" {
		t.Fatalf("selected: %+v", r)
	}
	e.jobs = e.jobs[2:]
	s.Counts.Ready = 1
	refreshed(w, s)
	if r := w.nowTab.list.row(); r != nil {
		t.Fatalf("a photo that has gone is selected: %+v", r)
	}
	if w.nowTab.bar.box.Visible() {
		t.Error("there are buttons for nothing")
	}
}

func TestBadgeIsOnFailedOnly(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	s := oneAccount()
	s.Counts = control.Counts{Failed: 12, Skipped: 40}
	refreshed(w, s)
	for i, b := range w.nav.buttons {
		if want := i == pageFailed; b.count.Visible() != want {
			t.Errorf("badge on %s: %v", b.item.label, b.count.Visible())
		}
	}
	if got := w.nav.buttons[pageFailed].count.text; got != "12" {
		t.Errorf("badge says %q", got)
	}
	refreshed(w, oneAccount())
	if w.nav.buttons[pageFailed].count.Visible() {
		t.Error("a badge is shown for no failure")
	}
}

func TestRefusedCallSaysWhatToDo(t *testing.T) {
	e := &fakeEngine{status: oneAccount(), jobs: queued(1)}
	w := newTestWindow(t, e, Options{})
	e.err = &control.Problem{Message: "the disk is full", Hint: "Make room, then try again.", Exit: 1}
	w.dropped([]fyne.URI{storage.NewFileURI("/tmp/a.jpg")})
	press(t, w, "Add")
	shows(t, w, "The disk is full.", "Make room, then try again.")
}

func TestNoTextMakesTheWindowGrow(t *testing.T) {
	long := strings.Repeat("ein sehr langer Name ", 400) + "\n\x1b[31m\u202egpj.exe"
	s := oneAccount()
	s.State, s.Text, s.Hint, s.Notice = control.StateStopped, long, long, long
	s.Accounts[0].Name, s.Accounts[0].URL, s.Accounts[0].Reason, s.Accounts[0].State = long, long, long, control.AccountHeld
	s.Folders[0].Path, s.Folders[0].Reason, s.Folders[0].State = "/"+long, long, control.FolderBroken
	s.Counts = control.Counts{Ready: 1, Failed: 1}
	jobs := []control.Job{
		{ID: 1, Path: "/" + long, Account: long, State: "ready"},
		{ID: 2, Path: "/" + long, Account: long, State: "failed", Error: long, Hint: long},
	}
	for i := range 5 { // as many accounts as anybody has
		a := s.Accounts[0]
		a.Name = fmt.Sprint(i, long)
		s.Accounts = append(s.Accounts, a)
		jobs = append(jobs, control.Job{ID: uint64(10 + i), Path: "/" + long, Account: a.Name, State: "failed", Error: long, Hint: long, Kind: "unsure"})
	}
	e := &fakeEngine{status: s, jobs: jobs, page: "https://x.org/" + strings.Repeat("a", 4000), albums: []string{long, long}}
	e.records = []control.Record{{Path: "/" + long, Account: long, SHA256: "a", RemoteID: long, Album: long, Verified: long, Session: 1}}
	e.sessions = []control.Session{{ID: 1, Kind: "card", Source: long, Accounts: []string{long, long}, Album: long, Sent: 1, Failed: 1}}
	e.stories = []control.Story{{Path: "/" + long, Verdict: long, Accounts: []control.StoryAccount{{Account: long, Text: long, Hint: long, Job: &jobs[1], Record: &e.records[0]}},
		Events: []control.Event{{What: long, Account: long, Text: long}}}, {Path: "/a/" + long}}
	w := newTestWindow(t, e, Options{})
	w.services = append(w.services, control.Service{ID: "x", Name: long, Options: []control.ServiceOption{{Key: strings.Repeat("k", 500), Help: long, Needed: true}}})
	for i := range w.pages {
		w.show(i)
		settle(w)
		if m := w.win.Canvas().Content().MinSize(); m.Width > 520 || m.Height > 400 {
			t.Errorf("page %d asks for %v", i, m)
		}
		if p, ok := w.pages[i].(interface{ clear() }); ok {
			tapRow(t, w, rowTitle(w))
			defer p.clear()
		}
		for _, o := range w.stage.Objects {
			if m := o.MinSize(); m.Width > 520-navNarrow {
				t.Errorf("page %d is %v wide at least", i, m.Width)
			}
		}
	}
	if m := w.strip.box.MinSize(); m.Width > 520-navNarrow {
		t.Errorf("the strip is %v wide at least", m.Width)
	}
	w.why("/" + long)
	w.asking.told = 0
	w.asking.fill()
	w.askResend([]*control.Record{&e.records[0]})
	w.askExport(control.RecordQuery{Text: long})
	w.details([]*control.Record{&e.records[0], &e.records[0]})
	w.signIn(&s.Accounts[0])
	browser := s.Accounts[1]
	browser.SignIn = control.SignInBrowser
	w.signIn(&browser)
	w.showAlbums(long)
	sheet := w.newAccountSheet()
	sheet.sheet.show()
	sheet.service.SetSelectedIndex(len(w.services) - 1)
	w.askSent(picked{photos: 2, accounts: []string{long, long}})
	w.showReport("Checked", &control.CheckReport{LoginNext: true, Ticks: []control.Tick{{What: long, Detail: long}}}, &s.Accounts[0])
	w.askRemoveFolder(s.Folders[0].Path)
	w.offer([]string{"/" + long})
	settle(w)
	for _, o := range w.win.Canvas().Overlays().List() {
		if p, ok := o.(*widget.PopUp); ok && p.MinSize().Width > 640 {
			t.Errorf("a sheet is %v wide at least", p.MinSize().Width)
		}
	}
	for _, s := range texts(w) {
		if strings.ContainsAny(s, "\x1b\u202e") {
			t.Errorf("a control character reached the screen: %q", s)
			break
		}
	}
}

func TestMoreThanAPageIsANumber(t *testing.T) {
	e := &fakeEngine{status: oneAccount(), jobs: queued(2500)}
	w := newTestWindow(t, e, Options{})
	s := oneAccount()
	s.Counts = control.Counts{Ready: 1_000_000}
	refreshed(w, s)
	rows := w.nowTab.list.rows
	if len(rows) != pageRows+1 || rows[pageRows].more != "and 998,000 more" {
		t.Fatalf("%d rows, the last is %+v", len(rows), rows[len(rows)-1])
	}
	w.nowTab.list.list.ScrollToBottom()
	shows(t, w, "and 998,000 more")
	drawn := 0
	for _, o := range objects(w) {
		if _, ok := o.(*rowWidget); ok {
			drawn++
		}
	}
	if drawn == 0 || drawn > 20 {
		t.Errorf("%d row widgets for 2001 rows", drawn)
	}
}

func TestClosingSaysOnceThatTheWorkGoesOn(t *testing.T) {
	file := filepath.Join(t.TempDir(), "window.json")
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{StateFile: file})
	w.closing()
	w.closing()
	shows(t, w, "PhotoFerry goes on in the background")
	if len(w.sheets) != 1 {
		t.Errorf("%d questions", len(w.sheets))
	}
	press(t, w, "Close the window")
	if !w.quitting.Load() {
		t.Error("the window does not close")
	}
	wants(t, e) // the engine is left alone
	w = newTestWindow(t, e, Options{StateFile: file})
	w.closing()
	if len(w.sheets) != 0 || !w.quitting.Load() {
		t.Error("it is said a second time")
	}
	if st, err := os.Stat(file); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st, err)
	}
}

func TestQuitEverythingAsks(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	test.Tap(w.nav.quit)
	shows(t, w, "Nothing is lost: the queue is kept.")
	wants(t, e)
	press(t, w, "Quit everything")
	wants(t, e, "quit")
	if !w.quitting.Load() {
		t.Error("the window stays")
	}
}

func TestDamagedWindowStateIsForgotten(t *testing.T) {
	file := filepath.Join(t.TempDir(), "window.json")
	if err := os.WriteFile(file, []byte(`{"said_close":tru`), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newTestWindow(t, &fakeEngine{status: oneAccount()}, Options{StateFile: file})
	if w.memory.SaidClose || w.memory.file != file {
		t.Errorf("%+v", w.memory)
	}
}

func TestEveryColourIsDefinedInLightAndDark(t *testing.T) {
	test.NewTempApp(t)
	test.AssertAllColorNamesDefined(t, newTheme("system"), "PhotoFerry")
}

func TestTheSettingsChooseLightOrDark(t *testing.T) {
	s := oneAccount()
	w := newTestWindow(t, &fakeEngine{status: s}, Options{})
	background := func(v fyne.ThemeVariant) color.Color {
		return w.app.Settings().Theme().Color(theme.ColorNameBackground, v)
	}
	light, dark := background(theme.VariantLight), background(theme.VariantDark)
	if light == dark {
		t.Fatal("light is as dark")
	}
	for choice, want := range map[string][2]color.Color{
		"light": {light, light}, "dark": {dark, dark}, "system": {light, dark},
	} {
		s.Theme = choice
		refreshed(w, s)
		if got := [2]color.Color{background(theme.VariantLight), background(theme.VariantDark)}; got != want {
			t.Errorf("%s: %v, want %v", choice, got, want)
		}
	}
}
