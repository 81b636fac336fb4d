package ui

import (
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

func general() control.General {
	return control.General{
		Parallel: 3, Bandwidth: "unlimited", BatteryBelow: 0, RescanEvery: "15m0s", Notifications: true,
		Theme: "system", Language: "system", LogLevel: "info",
		Files: control.Files{
			Settings: "/home/me/.config/photoferry/settings.toml", Queue: "/home/me/.local/share/photoferry/queue.db",
			Secrets: "the system's keyring", Log: "/home/me/.local/state/photoferry/photoferry.log",
		},
	}
}

// settingsWindow shows the settings; what is typed is taken over only by Enter
// or by leaving the input, unless the test runs what pause has gathered.
func settingsWindow(t *testing.T, e *fakeEngine) (w *Window, p *settingsPage, pause *[]func()) {
	t.Helper()
	e.status = oneAccount()
	w = newTestWindow(t, e, Options{})
	pause = new([]func())
	w.after = func(_ time.Duration, f func()) { *pause = append(*pause, f) }
	w.show(pageSettings)
	settle(w)
	wants(t, e, "general")
	return w, w.pages[pageSettings].(*settingsPage), pause
}

// row is the setting with a JSON name.
func (p *settingsPage) row(t *testing.T, key string) setting {
	t.Helper()
	for _, r := range p.rows {
		if l, ok := r.(interface{ named() string }); ok && l.named() == key {
			return r
		}
	}
	t.Fatalf("no setting %s", key)
	return nil
}

func (l *settingLine) named() string { return l.key }

// input is what a person uses to change a setting.
func input(r setting) fyne.CanvasObject {
	switch r := r.(type) {
	case *tickSetting:
		return r.check
	case *choiceSetting:
		return r.choice
	case *textSetting:
		return r.entry
	case *parallelSetting:
		return r.slider
	case *bandwidthSetting:
		return r.choice
	}
	return nil
}

// key presses a key in an input that has the focus.
func key(o fyne.CanvasObject, name fyne.KeyName) {
	o.(fyne.Focusable).TypedKey(&fyne.KeyEvent{Name: name})
}

func TestEverySettingReachesTheEngineAloneAndARefusalIsShownAtIt(t *testing.T) {
	for _, tt := range []struct {
		key    string
		change func(w *Window, r setting)
		want   string // the JSON of the change
	}{
		{"parallel", func(_ *Window, r setting) {
			s := r.(*parallelSetting).slider
			s.FocusGained()
			s.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
			s.FocusLost()
		}, `{"parallel":4}`},
		{"bandwidth", func(_ *Window, r setting) { r.(*bandwidthSetting).choice.SetSelected("2 MB/s") }, `{"bandwidth":"2 MB"}`},
		{"quiet_hours", func(w *Window, r setting) {
			w.win.Canvas().Focus(r.(*textSetting).entry)
			test.Type(r.(*textSetting).entry, "22:00-07:00")
			w.win.Canvas().Unfocus()
		}, `{"quiet_hours":"22:00-07:00"}`},
		{"metered", func(_ *Window, r setting) { test.Tap(r.(*tickSetting).check) }, `{"metered":true}`},
		{"battery_below", func(_ *Window, r setting) { r.(*choiceSetting).choice.SetSelected("Wait until it is charging") }, `{"battery_below":101}`},
		{"rescan_every", func(_ *Window, r setting) { r.(*choiceSetting).choice.SetSelected("every hour") }, `{"rescan_every":"1h0m0s"}`},
		{"notifications", func(_ *Window, r setting) { test.Tap(r.(*tickSetting).check) }, `{"notifications":false}`},
		{"theme", func(_ *Window, r setting) { r.(*choiceSetting).choice.SetSelected("Dark") }, `{"theme":"dark"}`},
		{"language", func(_ *Window, r setting) { r.(*choiceSetting).choice.SetSelected("Deutsch") }, `{"language":"de"}`},
		{"log_level", func(_ *Window, r setting) { r.(*choiceSetting).choice.SetSelected("Warnings") }, `{"log_level":"warn"}`},
		{"autostart", func(_ *Window, r setting) { test.Tap(r.(*tickSetting).check) }, `{"autostart":true}`},
	} {
		t.Run(tt.key, func(t *testing.T) {
			e := &fakeEngine{}
			e.general = general()
			w, p, _ := settingsWindow(t, e)
			p.unfold()
			r := p.row(t, tt.key)
			if !slices.Contains(objects(w), input(r)) {
				t.Fatal("it is not on the page")
			}
			before := shown(r)

			e.refusal = &control.Problem{Message: "it cannot be done", Hint: "Do something else."}
			tt.change(w, r)
			settle(w)
			wants(t, e, "change general", "general")
			if got, _ := json.Marshal(e.generalChange); string(got) != tt.want {
				t.Errorf("the engine was asked for %s, want %s", got, tt.want)
			}
			shows(t, w, "It cannot be done. Do something else.")
			if got := shown(r); got != before {
				t.Errorf("it shows %q after a refusal, want %q", got, before)
			}

			e.refusal = nil
			tt.change(w, r)
			settle(w)
			wants(t, e, "change general")
			hides(t, w, "It cannot be done.")
			if got := shown(r); got == before {
				t.Errorf("it shows %q still", got)
			}
		})
	}
}

// shown is what a setting's input shows.
func shown(r setting) string {
	switch r := r.(type) {
	case *tickSetting:
		return map[bool]string{true: "on", false: "off"}[r.check.Checked]
	case *choiceSetting:
		return r.choice.Selected
	case *bandwidthSetting:
		return r.choice.Selected + r.entry.Text
	case *textSetting:
		return r.entry.Text
	case *parallelSetting:
		return r.number.text
	}
	return ""
}

func TestASwitchThatDoesNotMoveIsSaid(t *testing.T) {
	e := &fakeEngine{}
	e.general, e.deaf = general(), true
	w, p, _ := settingsWindow(t, e)
	s := p.row(t, "autostart").(*tickSetting)
	test.Tap(s.check)
	settle(w)
	shows(t, w, "This cannot be changed here.")
	if s.check.Checked {
		t.Error("it is shown as it is not")
	}
}

func TestWhatIsTypedIsTakenOverAfterAPause(t *testing.T) {
	e := &fakeEngine{}
	e.general = general()
	w, p, pause := settingsWindow(t, e)
	s := p.row(t, "quiet_hours").(*textSetting)
	w.win.Canvas().Focus(s.entry)
	e.refusal = &control.Problem{Message: "there is no hour 2"}
	test.Type(s.entry, "22")
	settle(w)
	wants(t, e) // somebody is typing
	for _, f := range *pause {
		f()
	}
	settle(w)
	wants(t, e, "change general", "general")
	shows(t, w, "There is no hour 2.")
	if s.entry.Text != "22" {
		t.Errorf("what is being typed became %q", s.entry.Text)
	}
	for _, f := range *pause {
		f()
	}
	settle(w)
	wants(t, e) // the same is not asked twice
	e.refusal = nil
	test.Type(s.entry, ":00-07:00")
	key(s.entry, fyne.KeyReturn)
	settle(w)
	wants(t, e, "change general")
	hides(t, w, "There is no hour 2.")
	for _, f := range *pause {
		f()
	}
	settle(w)
	wants(t, e) // it was taken over already

	e.refusal = &control.Problem{Message: "there is no hour 99"}
	s.entry.SetText("99")
	w.win.Canvas().Unfocus()
	settle(w)
	shows(t, w, "There is no hour 99.")
	if s.entry.Text != "22:00-07:00" {
		t.Errorf("after it was left it shows %q, want what is true", s.entry.Text)
	}
}

func TestALimitOfOnesOwn(t *testing.T) {
	e := &fakeEngine{}
	e.general = general()
	w, p, _ := settingsWindow(t, e)
	s := p.row(t, "bandwidth").(*bandwidthSetting)
	if s.entry.Visible() {
		t.Error("there is something to type before anybody wants to")
	}
	s.choice.SetSelected("Another limit")
	settle(w)
	wants(t, e)
	if w.win.Canvas().Focused() != s.entry {
		t.Error("it cannot be typed at once")
	}
	test.Type(s.entry, "1,5 MB/s")
	key(s.entry, fyne.KeyReturn)
	settle(w)
	wants(t, e, "change general")
	if got := *e.generalChange.Bandwidth; got != "1.5 MB" {
		t.Errorf("the engine was asked for %q", got)
	}
	if s.choice.Selected != "Another limit" || s.entry.Text != "1.5 MB" {
		t.Errorf("it shows %q and %q", s.choice.Selected, s.entry.Text)
	}
	s.choice.SetSelected("No limit")
	settle(w)
	if s.entry.Visible() || e.general.Bandwidth != "unlimited" {
		t.Errorf("the limit stays: %q", e.general.Bandwidth)
	}

	s.choice.SetSelected("Another limit")
	w.win.Canvas().Unfocus()
	settle(w)
	if s.choice.Selected != "No limit" || s.entry.Visible() {
		t.Errorf("nothing was typed, and it shows %q", s.choice.Selected)
	}
}

func TestASettingWithoutEffectSaysWhy(t *testing.T) {
	e := &fakeEngine{}
	e.general = general()
	e.general.Missing = map[string]string{"metered": "this desktop does not tell which networks are metered"}
	w, p, _ := settingsWindow(t, e)
	shows(t, w, "This desktop does not tell which networks are metered.")
	for _, r := range p.rows {
		absent := r == p.row(t, "metered")
		if got := input(r).(fyne.Disableable).Disabled(); got != absent {
			t.Errorf("%v: disabled %v, want %v", r.(interface{ named() string }).named(), got, absent)
		}
	}
}

func TestSettingsAreAskedForAgainWhenTheyAreShownAgain(t *testing.T) {
	e := &fakeEngine{}
	e.general = general()
	e.general.BatteryBelow = 17
	w, p, _ := settingsWindow(t, e)
	battery := p.row(t, "battery_below").(*choiceSetting)
	if battery.choice.Selected != "17" {
		t.Errorf("a value of somebody's own is shown as %q", battery.choice.Selected)
	}
	w.show(pageNow)
	e.general.BatteryBelow = 20 // on the command line
	e.took()
	w.show(pageSettings)
	settle(w)
	wants(t, e, "general")
	if battery.choice.Selected != "Wait below 20 %" || len(battery.choice.Options) != 6 {
		t.Errorf("it shows %q of %q", battery.choice.Selected, battery.choice.Options)
	}
	refreshed(w, e.status)
	wants(t, e) // not with every status

	gone := e.status
	gone.State = stateGone
	refreshed(w, gone)
	shows(t, w, "engine is not running")
	if !battery.choice.Disabled() {
		t.Error("it can be changed without an engine")
	}
	refreshed(w, e.status)
	hides(t, w, "engine is not running")
	if battery.choice.Disabled() {
		t.Error("it cannot be changed any more")
	}
}

func TestAnotherLanguageActsAtOnce(t *testing.T) {
	e := &fakeEngine{}
	e.general = general()
	w, p, _ := settingsWindow(t, e)
	p.row(t, "language").(*choiceSetting).choice.SetSelected("Français")
	settle(w)
	wants(t, e, "change general")
	defer speak(say.Language())
	e.status.Language = "fr"
	refreshed(w, e.status) // the engine tells of it
	shows(t, w, "Réglages", "Photos en même temps")
	hides(t, w, "Photos at the same time")
	wants(t, e, "general")
	if got := w.pages[pageSettings].(*settingsPage).row(t, "language").(*choiceSetting).choice.Selected; got != "Français" {
		t.Errorf("the new page shows %q", got)
	}
}

func TestPagesAreShownWhenTheTrayAsksForThem(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	for page, want := range map[control.Page]int{
		control.PageSettings: pageSettings, control.PageFailed: pageFailed, control.PageNow: pageNow, control.PageHistory: pageHistory,
		control.PageFolders: pageFolders, control.PageAccounts: pageAccounts,
	} {
		w.receive(control.Message{Page: page})
		settle(w)
		if w.current != want {
			t.Errorf("%s: page %d, want %d", page, w.current, want)
		}
		if w.receive(control.Message{Page: "of a newer engine"}); w.current != want {
			t.Error("an unknown page is shown")
		}
	}
	w.receive(control.Message{Page: control.PageAdd})
	settle(w)
	if w.win.Canvas().Overlays().Top() == nil {
		t.Error("nobody is asked what to add")
	}
}

func TestPlacesCanBeShownAndCopied(t *testing.T) {
	e := &fakeEngine{}
	e.general = general()
	w, _, _ := settingsWindow(t, e)
	var opened []string
	w.browse = func(u *url.URL) error { opened = append(opened, u.String()); return nil }
	shows(t, w, "~/.config/photoferry/settings.toml", "the system's keyring")
	press(t, w, "Show") // the log's
	if !slices.Equal(opened, []string{"file:///home/me/.local/state/photoferry"}) {
		t.Errorf("opened %q", opened)
	}
	press(t, w, "Copy")
	if got := w.app.Clipboard().Content(); got != e.general.Files.Log {
		t.Errorf("copied %q", got)
	}
	w.browse = func(*url.URL) error { return errors.New("no file manager") }
	press(t, w, "Show")
	shows(t, w, "That did not work", "The folder cannot be shown: no file manager.")
}

// sink is a file that is written to.
type sink struct {
	strings.Builder
	closed bool
	err    error
}

func (s *sink) Close() error { s.closed = true; return s.err }

func TestSettingsAreExported(t *testing.T) {
	e := &fakeEngine{}
	e.general, e.text.Text = general(), "[general]\n"
	w, _, _ := settingsWindow(t, e)
	press(t, w, "Export settings …")
	wants(t, e, "export settings")
	if w.win.Canvas().Overlays().Top() == nil {
		t.Error("nobody is asked where to")
	}
	w.escape()
	f := &sink{}
	w.writeSettings(f, e.text.Text)
	settle(w)
	if f.String() != "[general]\n" || !f.closed {
		t.Errorf("written: %q, closed %v", f.String(), f.closed)
	}
	shows(t, w, "The settings were exported")
	w.writeSettings(&sink{err: errors.New("the disk is full")}, "x")
	settle(w)
	shows(t, w, "The settings were not written: the disk is full.")
}

var _ io.WriteCloser = (*sink)(nil)

func TestSettingsAreImported(t *testing.T) {
	e := &fakeEngine{}
	e.general = general()
	w, p, _ := settingsWindow(t, e)
	press(t, w, "Import settings …")
	if w.win.Canvas().Overlays().Top() == nil {
		t.Error("nobody is asked what")
	}
	w.escape()

	file := filepath.Join(t.TempDir(), "a.toml")
	if err := os.WriteFile(file, []byte("[general]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	e.imported = control.Imported{Accounts: []string{"Club"}, Folders: []string{"/home/me/Pictures"}, Kept: []string{"Home"}}
	p.importFile(file)
	settle(w)
	wants(t, e, "import settings", "general")
	if e.text.Text != "[general]\n" {
		t.Errorf("imported %q", e.text.Text)
	}
	shows(t, w, "New accounts; each needs a sign-in", "Club", "~/Pictures", "There already", "Home")
	press(t, w, "Go to the accounts")
	if w.current != pageAccounts {
		t.Error("the accounts are not shown")
	}

	if err := os.WriteFile(file, make([]byte, maxSettings+1), 0o600); err != nil {
		t.Fatal(err)
	}
	e.took()
	p.importFile(file)
	settle(w)
	wants(t, e)
	shows(t, w, "This file is too long to be settings.")
}
