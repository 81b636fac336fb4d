package ui

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/photoferry/photoferry/app/control"
)

// ruled is a watched folder with every rule that there is.
func ruled() control.Folder {
	return control.Folder{
		Path: "/home/me/Pictures", State: control.FolderWatching, Accounts: []string{"Home"}, Everything: true, Flat: true, Album: "Import/{year}",
		Title: "{name}", Tags: []string{"sea", "Doe, Anna"}, Edited: "replace", SyncCheck: true, Cool: "10m0s", Include: []string{"*.{jpg,heic}"},
		Exclude: []string{"**/export/**"}, Held: 3,
	}
}

// sea answers previews as for one photo, and refuses fields that there are not.
func sea(s control.FolderSpec) (control.FolderPreview, error) {
	slip := func(field, text string) error {
		i := strings.Index(text, "{nme}")
		if i < 0 {
			return nil
		}
		at := len([]rune(text[:i])) + 1
		return &control.Problem{Message: fmt.Sprintf("there is no field {nme} at character %d", at), Hint: "There are others.", Exit: 2, Field: field, At: at}
	}
	if err := slip("album", s.Album); err != nil {
		return control.FolderPreview{}, err
	}
	if err := slip("title", s.Title); err != nil {
		return control.FolderPreview{}, err
	}
	for i, tag := range s.Tags {
		if err := slip(fmt.Sprintf("tags[%d]", i), tag); err != nil {
			return control.FolderPreview{}, err
		}
	}
	for i, p := range s.Include {
		if p == "[" {
			return control.FolderPreview{}, &control.Problem{Message: "not a valid pattern", Exit: 2, Field: fmt.Sprintf("include[%d]", i)}
		}
	}
	taken := time.Date(2026, 5, 3, 12, 0, 0, 0, time.UTC)
	r := strings.NewReplacer("{year}", "2026", "{name}", "IMG_1", "{camera}", "")
	p := control.FolderPreview{Path: s.Path + "/IMG_1.JPG", Taken: &taken, Album: r.Replace(s.Album), Title: r.Replace(s.Title), Photos: 310, Bytes: 9e8}
	for _, tag := range s.Tags {
		p.Tags = append(p.Tags, r.Replace(tag))
	}
	return p, nil
}

// rulesOf opens the rules of a folder. Pauses in typing end when pause is called.
func rulesOf(t *testing.T, e *fakeEngine, f control.Folder) (w *Window, s *folderSheet, pause func()) {
	t.Helper()
	e.status = oneAccount()
	e.status.Accounts = append(e.status.Accounts, control.Account{Name: "Club"})
	e.status.Folders = []control.Folder{f}
	w = newTestWindow(t, e, Options{})
	var pauses []func()
	w.after = func(_ time.Duration, f func()) { pauses = append(pauses, f) }
	s = w.newRulesSheet(&f)
	s.show()
	settle(w)
	return w, s, func() {
		run := pauses
		pauses = nil
		for _, f := range run {
			f()
		}
		settle(w)
	}
}

func TestRulesThatAreNotTouchedStay(t *testing.T) {
	for name, f := range map[string]control.Folder{
		"all":  ruled(),
		"none": {Path: "/home/me/Pictures", Accounts: []string{"Club"}, Cool: "0s"},
		"odd":  {Path: "/home/me/Pictures", Accounts: []string{"Home", "Club"}, Cool: "17m0s", SyncCheck: true},
	} {
		t.Run(name, func(t *testing.T) {
			e := &fakeEngine{desk: desk{look: sea}}
			w, s, _ := rulesOf(t, e, f)
			press(t, w, "Save")
			wants(t, e, "preview folder "+f.Path, "change folder "+f.Path)
			if want := folderSpec(&f); !reflect.DeepEqual(e.folder, want) {
				t.Errorf("it becomes\n%+v, want\n%+v", e.folder, want)
			}
			if s.sheet.open {
				t.Error("the sheet stays")
			}
			shows(t, w, "The rules of the folder were changed")
		})
	}
}

func TestEveryRuleCanBeChanged(t *testing.T) {
	e := &fakeEngine{desk: desk{look: sea}}
	w, s, _ := rulesOf(t, e, ruled())
	s.to.checks[1].SetChecked(true)
	s.scope.SetSelectedIndex(0)
	s.flat.SetChecked(false)
	s.album.SetText(" Trips ")
	s.title.SetText("")
	s.tags.SetText("lake, {date:2 Jan, 2006},")
	s.cool.SetSelected("At once")
	s.include.SetText("")
	s.exclude.SetText("*.tmp, a/**")
	if s.edited.Selected != "Replace the one that was sent" {
		t.Errorf("the rule for edited photos is shown as %q", s.edited.Selected)
	}
	s.edited.SetSelected("Leave the one that was sent")
	s.foreign.SetSelected("Leave them out")
	s.pairs.SetSelected("The raw file only")
	s.sync.SetChecked(false)
	press(t, w, "Save")
	want := control.FolderSpec{
		Path: "/home/me/Pictures", Accounts: []string{"Home", "Club"}, Album: "Trips", Tags: []string{"lake", "{date:2 Jan, 2006}"}, Edited: "ignore", Unsupported: "skip", Pairs: "raw",
		NoSyncCheck: true, Cool: "0s", Exclude: []string{"*.tmp", "a/**"},
	}
	if !reflect.DeepEqual(e.folder, want) {
		t.Errorf("it becomes\n%+v, want\n%+v", e.folder, want)
	}
}

func TestTheExampleFollowsWhatIsTyped(t *testing.T) {
	e := &fakeEngine{desk: desk{look: sea}}
	w, s, pause := rulesOf(t, e, ruled())
	shows(t, w, "Example: IMG_1.JPG, taken on 3 May 2026", "For the example: Import › 2026", "For the example: IMG_1", "For the example: sea, Doe, Anna", "These rules choose: 310 photos, 900 MB")
	e.took()
	s.album.SetText("Trips/{year")
	s.album.SetText("Trips/{year}")
	wants(t, e) // not while somebody types
	pause()
	wants(t, e, "preview folder /home/me/Pictures")
	shows(t, w, "For the example: Trips › 2026")
	s.title.SetText("{camera}")
	s.tags.SetText("")
	pause()
	shows(t, w, "Nothing for the example")
	hides(t, w, "For the example: sea")
	s.flat.SetChecked(false)
	settle(w)
	if e.previewOf.Flat {
		t.Error("sub-folders are not looked into")
	}

	e.look = func(control.FolderSpec) (control.FolderPreview, error) { return control.FolderPreview{}, nil }
	s.title.SetText("x")
	pause()
	shows(t, w, "No photo is in this folder yet", "No photo is in it yet")
	hides(t, w, "or the example")
	e.look = func(control.FolderSpec) (control.FolderPreview, error) {
		return control.FolderPreview{}, &control.Problem{Message: "the folder cannot be read", Hint: "Plug the drive in.", Field: "path"}
	}
	s.title.SetText("y")
	pause()
	shows(t, w, "The folder cannot be read. Plug the drive in.")
}

func TestASlipIsShownWhereItWasTyped(t *testing.T) {
	e := &fakeEngine{desk: desk{look: sea}}
	w, s, pause := rulesOf(t, e, ruled())
	s.album.SetText("ü/{nme}/x")
	s.tags.SetText("sea, x{nme}")
	s.tags.CursorColumn = 9
	pause()
	if s.tags.CursorColumn != 9 {
		t.Error("the cursor runs away while somebody types")
	}
	shown := func(name string) string {
		t.Helper()
		ff := s.faults[name]
		if !ff.reason.Visible() {
			return ""
		}
		text := ""
		if ff.marked.Visible() {
			text = ff.marked.String()
		}
		return text + "|" + ff.reason.Text
	}
	if got, want := shown("album"), "ü/{nme}/x|There is no field {nme} at character 3. There are others."; got != want {
		t.Errorf("at the album: %q, want %q", got, want)
	}
	if got, want := shown("tags"), "sea, x{nme}|There is no field {nme} at character 2. There are others."; got != want {
		t.Errorf("at the tags: %q, want %q", got, want)
	}
	if shown("title") != "" {
		t.Error("the title is blamed, too")
	}
	shows(t, w, "For the example: IMG_1") // what is right has its example all the same
	hides(t, w, "For the example: ü", "For the example: sea")

	e.err = &control.Problem{Message: "there is no field", Field: "album", At: 3}
	press(t, w, "Save")
	if !s.sheet.open || s.album.Text != "ü/{nme}/x" || s.tags.Text != "sea, x{nme}" {
		t.Fatal("what was typed is lost")
	}
	if focused(w) != fyne.Focusable(s.album) || s.album.CursorColumn != 2 {
		t.Errorf("nobody is led to the slip; the cursor is at %d", s.album.CursorColumn)
	}
	if shown("tags") != "" {
		t.Error("an old complaint stays")
	}
	e.err = nil
	s.album.SetText("x")
	s.tags.SetText("x")
	pause()
	if shown("album")+shown("tags") != "" {
		t.Error("what is right is blamed")
	}

	s.include.SetText("*.jpg, [")
	pause()
	shows(t, w, "Not a valid pattern.")
	hides(t, w, "These rules choose", "or the example")
	e.err = &control.Problem{Message: "the disk is full"}
	press(t, w, "Save")
	shows(t, w, "The disk is full.")
	if !s.sheet.open {
		t.Error("the sheet has gone")
	}
}

// TestOneQuestionAtATime: answers of a slow disk do not pile up, and the last
// text wins.
func TestOneQuestionAtATime(t *testing.T) {
	e := &fakeEngine{desk: desk{look: sea}}
	w, s, pause := rulesOf(t, e, ruled())
	e.took()
	var calls []func()
	w.spawn = func(f func()) { calls = append(calls, f) }
	for _, text := range []string{"a", "b", "c"} {
		s.album.SetText(text)
		pause()
	}
	for len(calls) > 0 {
		f := calls[0]
		calls = calls[1:]
		f()
		settle(w)
	}
	wants(t, e, "preview folder /home/me/Pictures", "preview folder /home/me/Pictures")
	shows(t, w, "For the example: c")

	s.album.SetText("d")
	pause()
	s.sheet.hide()
	calls[0]()
	settle(w) // nobody wants the answer any more
	if s.asking || len(calls) > 1 {
		t.Error("it goes on asking")
	}
}

func TestFieldsAndRulesCanBeChosen(t *testing.T) {
	e := &fakeEngine{desk: desk{look: sea}}
	w, s, _ := rulesOf(t, e, ruled())
	labels := func(items []menuItem) (ls []string) {
		for _, it := range items {
			ls = append(ls, it.label)
		}
		return ls
	}
	items := fieldItems(s.album, true, func() {})
	if ls := labels(items); !slices.Contains(ls, "An album for each month") || !slices.Contains(ls, "Camera") {
		t.Errorf("offered: %q", ls)
	}
	items[0].run()
	if s.album.Text != "{date:2006}/{date:2006-01}" {
		t.Errorf("the rule is %q", s.album.Text)
	}
	s.title.SetText("ü-x")
	s.title.CursorColumn = 2
	items = fieldItems(s.title, false, func() {})
	if ls := labels(items); slices.Contains(ls, "An album for each month") {
		t.Errorf("offered for a title: %q", ls)
	}
	items[slices.Index(labels(items), "Name of the file")].run()
	if s.title.Text != "ü-{name}x" || s.title.CursorColumn != 8 {
		t.Errorf("the title is %q, the cursor at %d", s.title.Text, s.title.CursorColumn)
	}
	e.albums = []string{"Sea"}
	press(t, w, "Choose")
	shows(t, w, "Choose an album")
	if w.picker.find.Text != "" {
		t.Errorf("a rule is looked for: %q", w.picker.find.Text)
	}
	w.picker.find.SetText("Sea")
	w.picker.choose()
	if s.album.Text != "Sea" {
		t.Errorf("the album is %q", s.album.Text)
	}
}

func TestWhatCoolsDownIsSentFromTheRules(t *testing.T) {
	e := &fakeEngine{desk: desk{look: sea}}
	w, s, _ := rulesOf(t, e, ruled())
	shows(t, w, "3 cooling down")
	s.title.SetText("typed")
	e.took()
	press(t, w, "Send now what cools down")
	wants(t, e, "release /home/me/Pictures")
	if !s.sheet.open || s.title.Text != "typed" {
		t.Error("what was typed is lost")
	}
	f := ruled()
	f.Held = 0
	w.escape()
	s = w.newRulesSheet(&f)
	s.show()
	hides(t, w, "Send now what cools down")
}

func TestANewFolderHasItsExampleToo(t *testing.T) {
	e := &fakeEngine{desk: desk{look: sea}, status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	var pause func()
	w.after = func(_ time.Duration, f func()) { pause = f }
	s := w.newFolderSheet("")
	s.show()
	settle(w)
	wants(t, e)
	s.path.SetText("/home/me/DCIM")
	pause()
	settle(w)
	wants(t, e, "preview folder /home/me/DCIM")
	shows(t, w, "Example: IMG_1.JPG")
	e.look = func(control.FolderSpec) (control.FolderPreview, error) {
		return control.FolderPreview{}, &control.Problem{Message: "the folder cannot be read", Field: "path"}
	}
	s.path.SetText("/home/me/none")
	pause()
	settle(w)
	if !s.faults["path"].reason.Visible() {
		t.Error("nobody says that there is no such folder")
	}
	e.look = sea
	s.path.SetText("/home/me/DCIM")
	if s.faults["path"].reason.Visible() {
		t.Error("the complaint stays while it is corrected")
	}
}

func TestAFolderInWords(t *testing.T) {
	now := time.Date(2026, 5, 3, 18, 0, 0, 0, time.Local)
	last := now.Add(-2 * time.Hour)
	f := control.Folder{
		Path: "/home/me/Pictures", State: control.FolderWatching, Accounts: []string{"Home", "Club"}, Everything: true,
		Waiting: 12, Held: 3, Failed: 2, LastSent: &last, Cool: "10m0s",
	}
	v := folderView(&f, "/home/me", now)
	if want := "9 to send · 3 cooling down · 2 failed|sent last today 16:00 · sent after 10m"; v.facts+"|"+v.notes != want {
		t.Errorf("got %q, %q, want %q", v.facts, v.notes, want)
	}
	for album, want := range map[string][2]string{
		"":                           {"to Home, Club", "account"},
		"Trips/Sea":                  {"to Home, Club · album Trips › Sea", "album"},
		"{path}":                     {"to Home, Club · An album for each sub-folder", "albums"},
		"{date:2006}/{date:2006-01}": {"to Home, Club · An album for each month", "albums"},
		"Import/{camera}":            {"to Home, Club · albums Import/{camera}", "albums"},
	} {
		f.Album = album
		if v := folderView(&f, "/home/me", now); v.target != want[0] || v.targetIcon != want[1] {
			t.Errorf("%q: %q with %s, want %q", album, v.target, v.targetIcon, want)
		}
	}
}

func TestRulesAreOpenedFromThePage(t *testing.T) {
	e := &fakeEngine{desk: desk{look: sea}, status: oneAccount()}
	e.status.Folders = []control.Folder{ruled(), {Path: "/media/card", State: control.FolderAway}}
	w := newTestWindow(t, e, Options{})
	w.show(pageFolders)
	press(t, w, "Change")
	shows(t, w, "Change the folder Pictures")
	w.escape()
	cards := w.pages[pageFolders].(*foldersPage).cards.all
	cards[1].more.OnTapped()
	chooseItem(t, w, "Change")
	shows(t, w, "Change the folder card")
}
