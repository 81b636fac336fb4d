package ui

import (
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/photoferry/photoferry/app/control"
)

// shootsTab opens the shoots of a window.
func shootsTab(t *testing.T, w *Window) *shootList {
	t.Helper()
	w.show(pageHistory)
	settle(w)
	press(t, w, "Shoots")
	return w.pages[pageHistory].(*historyPage).shoots
}

func TestShootsAreGroupedByTheChosenGap(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	w.show(pageHistory)
	settle(w)
	e.took()
	l := shootsTab(t, w)
	wants(t, e, "shoots 2h0m0s")
	shows(t, w, "Photos are grouped here by when they were taken")
	now := time.Date(2026, 5, 20, 18, 0, 0, 0, time.Local)
	w.now = func() time.Time { return now }
	e.shoots = someShoots(now)
	w.home = "/home/anna"
	l.gap.SetSelected("6 hours")
	settle(w)
	wants(t, e, "shoots 6h0m0s")
	if w.memory.ShootGap != 6*time.Hour {
		t.Error("the gap is not remembered")
	}
	shows(t, w, "today 14:02 – 15:02 · Picnic", "Not sent yet", "37 photos wait for their time", "yesterday 14:02 – 15:32", "4 sent, 76 not yet", "All sent")
	hides(t, w, "Photos are grouped here")
	if got := l.shoots[0].Title; got != "Picnic" {
		t.Errorf("the first shoot is %q, not the newest", got)
	}

	s := e.status
	s.Counts.Delivered++
	l.query.last, l.query.timed = time.Time{}, false
	w.apply(mail{status: &s})
	settle(w)
	wants(t, e, "shoots 6h0m0s")
	s.Counts.Delivered++
	w.apply(mail{status: &s})
	settle(w)
	wants(t, e) // not so soon after the last question

	press(t, w, "Sessions")
	if l.box.Visible() || l.tools.Visible() {
		t.Error("the shoots stay in front of the sessions")
	}
}

func TestWordsOfShoots(t *testing.T) {
	now := time.Date(2026, 5, 20, 18, 0, 0, 0, time.UTC)
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, time.UTC)
	}
	for _, tt := range []struct {
		name  string
		shoot control.Shoot
		want  shootView
	}{
		{"one photo", control.Shoot{From: at(5, 20, 9, 1), To: at(5, 20, 9, 1).Add(20 * time.Second), Photos: 1, Bytes: 3e6, Paths: []string{"/home/me/in/a.jpg"}, Accounts: []string{"Home"}, Jobs: 1},
			shootView{"today 09:01", "1 photo · 3.0 MB · ~/in", "Not sent yet", "Home", "state-waiting", colorMuted}},
		{"over midnight, two folders", control.Shoot{From: at(5, 3, 23, 50), To: at(5, 4, 1, 20), Photos: 2, Bytes: 3e6, Paths: []string{"/in/a/1.jpg", "/in/b/1.jpg"}, Folder: "/in", Accounts: []string{"Home"}, Jobs: 1, Leaving: 1, Delivered: 1, Album: "Trip"},
			shootView{"3 May 23:50 – 4 May 01:20", "2 photos · 3.0 MB · /in · album Trip", "1 sent, 1 not yet", "1 on their way now", "state-sending", "primary"}},
		{"another year, delivered", control.Shoot{From: at(5, 3, 10, 0).AddDate(-1, 0, 0), To: at(5, 3, 11, 0).AddDate(-1, 0, 0), Photos: 2, Paths: []string{"/a/1.jpg", "/b/1.jpg"}, Accounts: []string{"A", "B"}, Delivered: 4},
			shootView{"3 May 2025 10:00 – 11:00", "2 photos · 0 B", "All sent", "A, B", "state-idle", "success"}},
		{"several accounts", control.Shoot{From: at(5, 20, 9, 0), To: at(5, 20, 9, 30), Photos: 40, Accounts: []string{"A", "B"}, Jobs: 76, Held: 70, Delivered: 4},
			shootView{"today 09:00 – 09:30", "40 photos · 0 B", "4 sent, 76 not yet", "70 photos wait for their time · counted for each of A, B", "state-sending", "primary"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := viewOfShoot(&tt.shoot, "/home/me", now); got != tt.want {
				t.Errorf("got  %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestShootIsDescribedAsFarAsItReaches(t *testing.T) {
	now := time.Now()
	e := &fakeEngine{status: oneAccount()}
	e.shoots = someShoots(now)
	w := newTestWindow(t, e, Options{})
	l := shootsTab(t, w)
	e.took()
	l.list.Select(1)
	settle(w)
	shows(t, w, "74 photos that are not sent yet get the words, counted for each account", "2 photos are on their way now and keep what they have.",
		"4 photos are sent: on the server they stay as they are", "Send the 70 photos now that wait for their time")
	press(t, w, "Save")
	wants(t, e) // nothing was said
	if len(w.sheets) > 0 {
		t.Fatal("the sheet stays open")
	}

	l.list.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn}) // Enter, at the one that was opened last
	d := w.describing
	d.title.SetText(" Walk ")
	d.tags.SetText("sea, family ,sea")
	press(t, w, "Save")
	wants(t, e, "describe", "shoots 2h0m0s")
	got := e.described
	if !got.From.Equal(e.shoots[1].From) || !got.To.Equal(e.shoots[1].To) || *got.Title != "Walk" || !slices.Equal(*got.Tags, []string{"sea", "family"}) || got.Album != nil || got.Release {
		t.Errorf("described as %+v", got)
	}
	shows(t, w, "1 photo has the new words.")
}

func TestWhatAShootHasIsChangedOnlyWhereItWasTouched(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	e.shoots = someShoots(time.Now())
	w := newTestWindow(t, e, Options{})
	l := shootsTab(t, w)
	press(t, w, "Describe") // the last button on the screen is that of the oldest
	shows(t, w, "No photo of this shoot can be given words here any more.", "12 photos are sent")
	hides(t, w, "Save")
	w.escape()
	e.took()
	l.open(0)
	d := w.describing
	if d.title.Text != "Picnic" || d.tags.Text != "family" || d.album.Text != "2026/Picnic" {
		t.Errorf("it begins with %q, %q, %q", d.title.Text, d.tags.Text, d.album.Text)
	}
	d.tags.SetText("")
	d.album.SetText("")
	d.release.SetChecked(true)
	e.err = &control.Problem{Message: "The album \"{\" cannot be understood", Hint: "Write it otherwise."}
	press(t, w, "Save")
	shows(t, w, "cannot be understood. Write it otherwise.")
	if !d.sheet.open {
		t.Fatal("what was written is lost")
	}
	e.err = nil
	press(t, w, "Save")
	got := e.described
	if got.Title != nil || got.Tags == nil || len(*got.Tags) != 0 || got.Album == nil || *got.Album != "" || !got.Release {
		t.Errorf("described as %+v", got)
	}
}

func TestWhatDescribingDid(t *testing.T) {
	for _, tt := range []struct {
		out  control.Described
		want string
	}{
		{control.Described{Count: 37}, "37 photos have the new words."},
		{control.Described{Count: 37, Leaving: 1, Delivered: 2}, "37 photos have the new words. 1 photo was on its way and keeps what it had. 2 photos are sent and stay as they are."},
		{control.Described{Delivered: 2}, "No photo was changed: they had left already. 2 photos are sent and stay as they are."},
	} {
		if got := describedWords(&tt.out); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
}

func TestOnlyPicturesThatAreSeenAreRead(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	e.shoots = someShoots(time.Now())[2:]
	w := newTestWindow(t, e, Options{})
	w.win.Resize(fyne.NewSize(640, 480))
	l := shootsTab(t, w)
	if n := len(w.thumbs.due); n != 1 {
		t.Errorf("in a narrow window %d pictures are read", n)
	}
	w.win.Resize(fyne.NewSize(1200, 800))
	l.refresh()
	if n := len(w.thumbs.due); n != shootPictures {
		t.Errorf("in a wide window %d pictures are read", n)
	}
}

func TestEventsAreAddedChangedAndRemoved(t *testing.T) {
	now := time.Now()
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	shootsTab(t, w)
	e.took()
	press(t, w, "Events")
	wants(t, e, "events")
	shows(t, w, "There is no event yet.")

	press(t, w, "Add event")
	ev := w.planning
	press(t, w, "Save")
	wants(t, e)
	shows(t, w, "Give the event a name.", "Write it like", "Say what its photos get")
	ev.name.SetText("Wedding")
	ev.from.SetText("2026-05-01 14:00")
	ev.to.SetText("2026-4-30")
	ev.album.SetText("Wedding")
	press(t, w, "Save")
	shows(t, w, "The event ends before it begins.")
	hides(t, w, "Give the event a name.", "Write it like", "Say what its photos get")
	ev.to.SetText("2026-05-01")
	ev.tags.SetText("family, friends")
	e.err = &control.Problem{Message: `The album "Wedding" cannot be understood: x`, Hint: "Write it otherwise."}
	press(t, w, "Save")
	if !ev.album.wrong.Visible() || !strings.Contains(ev.album.wrong.Text, "Write it otherwise.") {
		t.Error("the album's fault is not said at the album")
	}
	e.err = nil
	e.took()
	e.events = someEvents(now)
	press(t, w, "Save")
	wants(t, e, "set event Wedding", "events")
	want := control.PlannedEvent{Name: "Wedding", From: time.Date(2026, 5, 1, 14, 0, 0, 0, time.Local), To: time.Date(2026, 5, 2, 0, 0, 0, 0, time.Local).Add(-time.Nanosecond), Album: "Wedding"}
	if got := e.event; got.Name != want.Name || !got.From.Equal(want.From) || !got.To.Equal(want.To) || got.Album != want.Album || !slices.Equal(got.Tags, []string{"family", "friends"}) {
		t.Errorf("saved %+v", got)
	}
	shows(t, w, "Anna's wedding", "album 2026/Harz · with a description")
	hides(t, w, "There is no event yet.")

	press(t, w, "Change") // the last one: Harz
	ev = w.planning
	ev.name.SetText("anna's Wedding")
	press(t, w, "Save")
	shows(t, w, "There is an event of this name already.")
	wants(t, e)
	ev.name.SetText("Mountains")
	press(t, w, "Save")
	wants(t, e, "set event Mountains", "remove event Harz", "events")
	if got := e.event; got.Description != "A week in the mountains" || !got.From.Equal(e.events[1].From) || !got.To.Equal(e.events[1].To) {
		t.Errorf("what was not touched is changed: %+v", got)
	}

	press(t, w, "") // the bin of the last one
	shows(t, w, "Remove the event “Harz”?", "Photos that have its words keep them.")
	wants(t, e)
	press(t, w, "Remove")
	wants(t, e, "remove event Harz", "events")
}

func TestMomentsAreReadInEveryLanguage(t *testing.T) {
	t.Cleanup(func() { speak("en") })
	at := time.Date(2026, 5, 1, 14, 0, 0, 0, time.UTC)
	day := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		language, text string
		end            bool
		want           time.Time
	}{
		{"en", "2026-05-01 14:00", false, at},
		{"en", " 2026-5-1  14:00 ", false, at},
		{"en", "2026-05-01T14:00", false, at},
		{"en", "2026-05-01", false, day},
		{"en", "2026-05-01", true, day.AddDate(0, 0, 1).Add(-time.Nanosecond)},
		{"en", "2026-05-01 14:00", true, at.Add(time.Minute - time.Nanosecond)},
		{"de", "1.5.2026 14:00", false, at},
		{"de", "01.05.2026", false, day},
		{"de", "2026-05-01 14:00", false, at},
		{"fr", "01/05/2026 14:00", false, at},
		{"en", "01/05/2026 14:00", false, time.Time{}}, // May or January?
		{"en", "2026-02-30", false, time.Time{}},
		{"en", "tomorrow", false, time.Time{}},
		{"en", "", false, time.Time{}},
	} {
		speak(tt.language)
		got, ok := readMoment(tt.text, tt.end, time.UTC)
		if !got.Equal(tt.want) || ok == tt.want.IsZero() {
			t.Errorf("%s: %q is read as %v, %v", tt.language, tt.text, got, ok)
		}
		if back, ok := readMoment(momentText(at), false, time.UTC); !ok || !back.Equal(at) {
			t.Errorf("%s: %q cannot be read back", tt.language, momentText(at))
		}
	}
}

func TestFaultsOfAnEventAreSaidWhereTheyAre(t *testing.T) {
	t.Cleanup(func() { speak("en") })
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	for _, language := range []string{"en", "de", "fr"} {
		speak(language)
		w.editEvent(nil, nil, nil)
		s := w.planning
		inputs := map[string]*judged{"name": s.name, "from": s.from, "to": s.to, "album": s.album, "title": s.title, "tags": s.tags, "": s.problem}
		ev := control.PlannedEvent{Name: "Trip", Album: "{a", Title: "{t", Tags: []string{"x", "{g"}}
		for message, at := range map[string]string{
			`The album "{a" cannot be understood: at character 1`: "album",
			"The album's name is too long":                        "album",
			`"{t" cannot be understood: at character 1`:           "title",
			`"{g" cannot be understood: at character 1`:           "tags",
			"There are too many tags":                             "tags",
			`The event's "name": is too long`:                     "name",
			`The event's "to": lies before "from"`:                "to",
			"The settings cannot be written":                      "",
		} {
			for _, j := range inputs {
				j.say("")
			}
			s.blame(&control.Problem{Message: message}, &ev)
			for name, j := range inputs {
				if j.wrong.Visible() != (name == at) {
					t.Errorf("%s: %s: something is said at %q: %v", language, message, name, j.wrong.Visible())
				}
			}
		}
		w.escape()
	}
}
