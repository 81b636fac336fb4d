package app

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/desktop"
)

func TestSettingsAreChangedOneByOneOrNotAtAll(t *testing.T) {
	h := newHome(t)
	h.with(func(a *App) {
		g, err := a.ChangeGeneral(t.Context(), control.GeneralChange{
			Bandwidth: new("2 MB"), QuietHours: new("22:00-07:00"), Language: new("de"), Parallel: new(5),
		})
		if err != nil {
			t.Fatal(err)
		}
		if g.Bandwidth != "2 MB" || g.QuietHours != "22:00-07:00" || g.Language != "de" || g.Parallel != 5 || g.Theme != "system" {
			t.Errorf("settings are %+v", g)
		}
		for name, c := range map[string]control.GeneralChange{
			"hours":     {QuietHours: new("25:00-1"), Theme: new("dark")},
			"rate":      {Bandwidth: new("fast"), Theme: new("dark")},
			"parallel":  {Parallel: new(9), Theme: new("dark")},
			"language":  {Language: new("nl"), Theme: new("dark")},
			"rescan":    {RescanEvery: new("soon"), Theme: new("dark")},
			"log level": {LogLevel: new("loud"), Theme: new("dark")},
		} {
			if _, err := a.ChangeGeneral(t.Context(), c); err == nil {
				t.Errorf("%s: taken", name)
			}
		}
		if now, err := a.General(t.Context()); err != nil || !reflect.DeepEqual(now, g) {
			t.Errorf("refused changes left %+v, %v", now, err)
		}
	})
}

// startEntry is an entry of a desktop that may refuse.
type startEntry struct {
	state desktop.AutostartState
	err   error // of both
	full  error // of Set
	sets  []bool
}

func (e *startEntry) State() (desktop.AutostartState, error) { return e.state, e.err }

func (e *startEntry) Set(on bool) error {
	if e.err != nil || e.full != nil {
		return errors.Join(e.err, e.full)
	}
	e.sets = append(e.sets, on)
	e.state = desktop.AutostartState{On: on}
	return nil
}

func TestStartingWithTheComputerIsTold(t *testing.T) {
	h := newHome(t)
	broken := errors.New("the folder cannot be read")
	for _, tt := range []struct {
		name    string
		entry   startEntry
		change  control.GeneralChange
		fails   bool
		want    bool
		missing string
		sets    []bool
	}{
		{name: "off"},
		{name: "on", entry: startEntry{state: desktop.AutostartState{On: true}}, want: true},
		{name: "another copy", entry: startEntry{state: desktop.AutostartState{Elsewhere: "/old/photoferry"}}},
		{name: "not on this system", entry: startEntry{err: errors.ErrUnsupported}, missing: string(desktop.NotHere)},
		{name: "nobody can tell", entry: startEntry{err: broken}, missing: "The folder cannot be read"},
		{name: "switched on", change: control.GeneralChange{Autostart: new(true)}, want: true, sets: []bool{true}},
		{name: "switched on in place of another copy", entry: startEntry{state: desktop.AutostartState{Elsewhere: "/old/photoferry"}}, change: control.GeneralChange{Autostart: new(true)}, want: true, sets: []bool{true}},
		{name: "another copy is not switched off", entry: startEntry{state: desktop.AutostartState{Elsewhere: "/old/photoferry"}}, change: control.GeneralChange{Autostart: new(false)}},
		{name: "switched off", entry: startEntry{state: desktop.AutostartState{On: true}}, change: control.GeneralChange{Autostart: new(false)}, sets: []bool{false}},
		{name: "refused", entry: startEntry{full: broken}, change: control.GeneralChange{Autostart: new(true), Theme: new("dark")}, fails: true},
		{name: "not on this system, and asked for", entry: startEntry{err: errors.ErrUnsupported}, change: control.GeneralChange{Autostart: new(true), Theme: new("dark")}, fails: true, missing: string(desktop.NotHere)},
		{name: "with a mistake beside it", change: control.GeneralChange{Autostart: new(true), Parallel: new(99)}, fails: true, sets: []bool{true, false}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h.with(func(a *App) {
				a.autostart = &tt.entry
				_, err := a.ChangeGeneral(t.Context(), tt.change)
				if (err != nil) != tt.fails {
					t.Errorf("%v", err)
				}
				g, err := a.General(t.Context())
				if err != nil || g.Autostart != tt.want || g.Missing["autostart"] != tt.missing || g.Theme != "system" {
					t.Errorf("%+v, %v", g, err)
				}
				if !slices.Equal(tt.entry.sets, tt.sets) {
					t.Errorf("set to %v, want %v", tt.entry.sets, tt.sets)
				}
			})
		})
	}
}

func TestEveryInstallationHasItsOwnEntryAtTheStart(t *testing.T) {
	command := []string{"/usr/bin/photoferry", "run"}
	usual, other, third := newAutostart(command, ""), newAutostart(command, "/a"), newAutostart(command, "/b")
	if usual.(desktop.Autostart).Entry != "photoferry" || reflect.DeepEqual(usual, other) || reflect.DeepEqual(other, third) {
		t.Errorf("%+v, %+v, %+v", usual, other, third)
	}
	if _, err := newAutostart(nil, "").State(); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("without a command: %v", err)
	}
}

func TestExportedSettingsCanBeTakenOver(t *testing.T) {
	s, h, other := newSite(t), newHome(t), newHome(t)
	var text control.SettingsText
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Title: "{name}"})
		if _, err := a.ChangeGeneral(t.Context(), control.GeneralChange{Theme: new("dark")}); err != nil {
			t.Fatal(err)
		}
		var err error
		if text, err = a.ExportSettings(); err != nil || strings.Contains(text.Text, testSecret) {
			t.Fatalf("exported %q, %v", text.Text, err)
		}
		if got, err := a.ImportSettings(t.Context(), text); err != nil || len(got.Accounts)+len(got.Folders) > 0 || !slices.Equal(got.Kept, []string{"home", h.folder}) {
			t.Errorf("into the same: %+v, %v", got, err)
		}
	})
	other.with(func(a *App) {
		if _, err := a.ImportSettings(t.Context(), control.SettingsText{Text: "theme = 1"}); err == nil {
			t.Error("a text with mistakes was taken")
		}
		got, err := a.ImportSettings(t.Context(), text)
		if err != nil || !slices.Equal(got.Accounts, []string{"home"}) || !slices.Equal(got.Folders, []string{h.folder}) {
			t.Fatalf("imported %+v, %v", got, err)
		}
		if st := a.Status(); st.Theme != "dark" || len(st.Folders) != 1 || st.Folders[0].Title != "{name}" {
			t.Errorf("status %+v", st)
		}
	})
}

func TestAnAccountIsChangedAndKeepsWhatItDelivered(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		want := shoot(t, filepath.Join(h.folder, "a.jpg"), 1)
		h.deliverAll(a)

		r, err := a.ChangeAccount(t.Context(), control.AccountChange{Account: "home", URL: new("http://127.0.0.1:1")})
		if err != nil || r.OK || r.Reason == "" {
			t.Errorf("an address where nobody is: %+v, %v", r, err)
		}
		if spec, err := a.AccountSpec("home"); err != nil || spec.URL != s.url() || spec.Secret != "" {
			t.Errorf("it is now %+v, %v", spec, err)
		}
		if _, err := a.ChangeAccount(t.Context(), control.AccountChange{Account: "home", URL: new("ftp://x")}); err == nil {
			t.Error("an address that is none was taken")
		}
		r, err = a.ChangeAccount(t.Context(), control.AccountChange{
			Account: "home", Name: new("nas"), URL: new(s.url() + "/"), Options: map[string]string{"api_key": ""},
		})
		if err != nil || !r.OK {
			t.Fatalf("not changed: %+v, %v", r, err)
		}
		if st := a.Status(); st.Accounts[0].Name != "nas" || st.Accounts[0].Delivered != 1 || !slices.Equal(st.Folders[0].Accounts, []string{"nas"}) {
			t.Errorf("status %+v", st)
		}
		pin := strings.Repeat("0f", 32)
		if r, err := a.ChangeAccount(t.Context(), control.AccountChange{Account: "nas", URL: new("http://127.0.0.1:1"), Fingerprint: &pin}); err != nil || r.OK {
			t.Errorf("an address where nobody is: %+v, %v", r, err)
		}
		if spec, err := a.AccountSpec("nas"); err != nil || spec.Fingerprint != "" {
			t.Errorf("a certificate is trusted by a change that was not made: %+v, %v", spec, err)
		}
		if r, err := a.ChangeAccount(t.Context(), control.AccountChange{Account: "nas", Fingerprint: &pin}); err != nil || !r.OK {
			t.Errorf("not changed: %+v, %v", r, err)
		}
		if spec, err := a.AccountSpec("nas"); err != nil || spec.Fingerprint != pin {
			t.Errorf("it is now %+v, %v", spec, err)
		}
		more := shoot(t, filepath.Join(h.folder, "b.jpg"), 2)
		h.deliverAll(a) // with the secret that it had
		if got := s.digests(); !got[want] || !got[more] || len(got) != 2 {
			t.Errorf("on the server: %v", got)
		}
	})
}

func TestAFoldersRulesAreChangedInPlace(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		shoot(t, filepath.Join(h.folder, "old.jpg"), 1)
		h.watch(a, control.FolderSpec{})
		since := a.Settings().Folders[0].Since
		for name, spec := range map[string]control.FolderSpec{
			"not watched":  {Path: h.mkdir("other"), Accounts: []string{"home"}},
			"no account":   {Path: h.folder},
			"a bad title":  {Path: h.folder, Accounts: []string{"home"}, Title: "{nme}"},
			"a bad tag":    {Path: h.folder, Accounts: []string{"home"}, Tags: []string{"{"}},
			"a bad word":   {Path: h.folder, Accounts: []string{"home"}, Edited: "perhaps"},
			"a bad moment": {Path: h.folder, Accounts: []string{"home"}, Cool: "soon"},
		} {
			if f, err := a.ChangeFolder(t.Context(), spec); err == nil {
				t.Errorf("%s: taken: %+v", name, f)
			}
		}
		f, err := a.ChangeFolder(t.Context(), control.FolderSpec{Path: h.folder, Accounts: []string{"home"}, Title: "{name}", Cool: "10m", Edited: "ignore"})
		if err != nil || f.Title != "{name}" || f.Cool != "10m0s" || f.Edited != "ignore" || f.Everything {
			t.Fatalf("it is now %+v, %v", f, err)
		}
		if got := a.Settings().Folders[0].Since; !got.Equal(since) {
			t.Errorf("what is new counts from %v, was %v", got, since)
		}
		want := shoot(t, filepath.Join(h.folder, "new.jpg"), 2)
		if f, err = a.ChangeFolder(t.Context(), control.FolderSpec{Path: h.folder, Accounts: []string{"home"}}); err != nil {
			t.Fatal(err)
		}
		h.deliverAll(a)
		if got := s.digests(); len(got) != 1 || !got[want] {
			t.Errorf("on the server: %v", got)
		}
		if _, err = a.ChangeFolder(t.Context(), control.FolderSpec{Path: h.folder, Accounts: []string{"home"}, Everything: true}); err != nil {
			t.Fatal(err)
		}
		h.deliverAll(a)
		if got := s.digests(); len(got) != 2 {
			t.Errorf("everything is wanted now, and on the server: %v", got)
		}
	})
}

func TestAPreviewShowsWhatRulesMakeOfAFolder(t *testing.T) {
	h := newHome(t)
	h.with(func(a *App) {
		empty := h.mkdir("empty")
		if p, err := a.PreviewFolder(t.Context(), control.FolderSpec{Path: empty}, ""); err != nil || p.Path != "" || p.Photos != 0 {
			t.Errorf("of an empty folder: %+v, %v", p, err)
		}
		newest := filepath.Join(h.folder, "eos", "b.jpg")
		shoot(t, filepath.Join(h.folder, "a.jpg"), 1)
		shoot(t, newest, 2)
		yesterday := time.Now().AddDate(0, 0, -1)
		if err := os.Chtimes(filepath.Join(h.folder, "a.jpg"), yesterday, yesterday); err != nil {
			t.Fatal(err)
		}
		spec := control.FolderSpec{Path: h.folder, Album: "{year}/{folder}", Title: "{name}\n of {camera}", Tags: []string{"{year}", "{parent}", "x"}}
		p, err := a.PreviewFolder(t.Context(), spec, "")
		if err != nil {
			t.Fatal(err)
		}
		if p.Path != newest || p.Album != "2026/eos" || p.Photos != 2 || p.Bytes == 0 || p.More || p.Taken == nil || p.Taken.Year() != 2026 {
			t.Errorf("preview %+v", p)
		}
		if want := []string{"2026", "import", "x"}; p.Title != "b of PF-1" || !slices.Equal(p.Tags, want) {
			t.Errorf("title %q, tags %q", p.Title, p.Tags)
		}
		if p, err = a.PreviewFolder(t.Context(), spec, filepath.Join(h.folder, "a.jpg")); err != nil || p.Album != "2026/import" {
			t.Errorf("of another photo: %+v, %v", p, err)
		}
		spec.Album = "{year"
		if _, err := a.PreviewFolder(t.Context(), spec, ""); err == nil || !strings.Contains(err.Error(), "at character 1") {
			t.Errorf("a template with a slip: %v", err)
		}
		for field, slip := range map[string]control.FolderSpec{
			"album@3":      {Album: "x/{year"},
			"title@2":      {Title: "ü{nme}"},
			"tags[1]@4":    {Tags: []string{"a", "bc }"}},
			"include[0]@0": {Include: []string{"[a"}},
			"exclude[1]@0": {Exclude: []string{"*.tmp", "{a"}},
		} {
			slip.Path = h.folder
			_, err := a.PreviewFolder(t.Context(), slip, "")
			p, ok := errors.AsType[*control.Problem](err)
			if !ok || fmt.Sprintf("%s@%d", p.Field, p.At) != field {
				t.Errorf("%s: %+v", field, p)
			}
		}
		if _, err := a.PreviewFolder(t.Context(), control.FolderSpec{Path: filepath.Join(h.folder, "none")}, ""); err == nil {
			t.Error("of no folder")
		}
	})
}

func TestAForecastSaysWhatAddingWouldDo(t *testing.T) {
	s, club, h := newSite(t), newServer(t, "piwigo"), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.join(a, club)
		var paths []string
		for i := range 6 {
			paths = append(paths, filepath.Join(h.folder, fmt.Sprintf("%d.jpg", i)))
			shoot(t, paths[i], i)
		}
		write(t, filepath.Join(h.folder, "notes.jpg"), []byte("no photo"))
		add := func(accounts []string, paths ...string) {
			t.Helper()
			if _, err := a.Add(t.Context(), control.AddRequest{Paths: paths, Accounts: accounts}, func(control.AddResult) {}); err != nil {
				t.Fatal(err)
			}
		}
		add(nil, paths[0], paths[1])
		h.deliverAll(a)
		add([]string{"home"}, paths[2])
		if err := a.RemoveAccount("piwigo"); err != nil {
			t.Fatal(err)
		}
		h.join(a, club) // its ledger is lost; the server knows

		partial := 0
		f, err := a.Forecast(t.Context(), control.AddRequest{Paths: []string{h.folder, filepath.Join(h.folder, "gone.jpg")}}, func(f control.Forecast) {
			if partial++; !f.Partial {
				t.Error("a forecast in the making is not partial")
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		size := f.Bytes / 6
		want := control.Forecast{Photos: 6, Bytes: f.Bytes, NoPhotos: 1, Unreadable: 1, Accounts: []control.AccountForecast{
			{Account: "home", New: 3, Known: 2, Queued: 1, Bytes: f.Accounts[0].Bytes},
			{Account: "piwigo", New: 4, Known: 2, Bytes: f.Accounts[1].Bytes},
		}}
		if !reflect.DeepEqual(f, want) {
			t.Errorf("got  %+v\nwant %+v", f, want)
		}
		if got := f.Accounts[1].Bytes; got < 3*size || got > 5*size {
			t.Errorf("%d bytes are new of %d", got, f.Bytes)
		}
		if partial == 0 {
			t.Error("nothing was told on the way")
		}
		before := a.Status().Counts
		s.stop()
		if f, err = a.Forecast(t.Context(), control.AddRequest{Paths: paths, Accounts: []string{"home"}}, func(control.Forecast) {}); err != nil {
			t.Fatal(err)
		}
		if got := f.Accounts[0]; !got.Unasked || got.Reason == "" || got.New != 3 || got.Known != 2 {
			t.Errorf("with the server gone: %+v", got)
		}
		if f, err = a.Forecast(t.Context(), control.AddRequest{Paths: paths, Accounts: []string{"home"}, NoSyncCheck: true}, func(control.Forecast) {}); err != nil || f.Accounts[0].New != 5 {
			t.Errorf("without a question: %+v, %v", f, err)
		}
		if after := a.Status().Counts; after != before {
			t.Errorf("a forecast changed something: %+v, was %+v", after, before)
		}
	})
}
