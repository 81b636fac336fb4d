package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/photoferry/photoferry/app/control"
)

// accounts makes accounts of these names, each in a state: "Home", "Club held".
func accounts(names ...string) []control.Account {
	var as []control.Account
	for _, n := range names {
		a := control.Account{Service: "picapport", State: control.AccountOK}
		if name, state, ok := strings.Cut(n, " "); ok {
			n, a.State, a.Reason, a.Hint = name, control.AccountState(state), "the server said so", "Look there."
		}
		a.Name = n
		as = append(as, a)
	}
	return as
}

func sceneOf(as []control.Account) *scene {
	s := &scene{now: time.Now(), accounts: as}
	for _, a := range as {
		s.initials = append(s.initials, a.Name[:2])
	}
	return s
}

func words(ms []mark) string {
	var parts []string
	for _, m := range ms {
		parts = append(parts, m.account+": "+m.word)
	}
	return strings.Join(parts, " · ")
}

func TestPhotoForSeveralAccountsIsOneRow(t *testing.T) {
	set := rowsOf([]*control.Job{
		{ID: 1, Path: "/p/a.jpg", SHA256: "1", Account: "Home", State: "leased"},
		{ID: 2, Path: "/p/b.jpg", SHA256: "2", Account: "Home", State: "ready"},
		{ID: 3, Path: "/p/a.jpg", SHA256: "1", Account: "Club", State: "waiting"},
		{ID: 1, Path: "/p/a.jpg", SHA256: "1", Account: "Home", State: "ready"}, // seen again after it moved
		{ID: 5, Path: "/p/a.jpg", SHA256: "9", Account: "Club", State: "ready"}, // edited: another photo
		{ID: 4, Path: "/p/c.jpg", SHA256: "3", Account: "Home", State: "ready"},
	}, 3)
	if len(set.rows) != 3 || set.left != 1 || len(set.rows[0].jobs) != 2 || set.rows[2].jobs[0].ID != 5 {
		t.Fatalf("%d left: %+v", set.left, set.rows)
	}
	if set.of(photoKey{"/p/b.jpg", "2"}) != &set.rows[1] || set.of(photoKey{"/p/c.jpg", "3"}) != nil || set.of(photoKey{"/p/d.jpg", ""}) != nil {
		t.Error("rows are not found by their photo")
	}
}

func TestRowSaysTheMostUrgentOfItsAccounts(t *testing.T) {
	due := time.Now().Add(5*time.Minute + time.Second)
	home := control.Job{ID: 1, Account: "Home", State: "ready", Size: 100}
	with := func(j control.Job, f func(*control.Job)) control.Job { f(&j); return j }
	sending := with(home, func(j *control.Job) { j.State, j.Sent = "leased", 45 })
	club := with(home, func(j *control.Job) { j.ID, j.Account = 2, "Club" })
	late := with(club, func(j *control.Job) { j.State, j.Error, j.Due = "waiting", "the server answered 502", &due })
	failed := with(club, func(j *control.Job) {
		j.State, j.Error, j.Hint = "failed", "the photo is too large", "Make it smaller."
	})
	ok := []string{"Home", "Club"}
	for _, tt := range []struct {
		name         string
		accounts     []string
		jobs         []control.Job
		recs         []control.Record
		state, marks string
		sub          string
		done         float64
	}{
		{"sending to one, waiting for the other", ok, []control.Job{sending, late}, nil,
			"Sending 45 %", "Home: Sending 45 % · Club: Waiting, in 5 min", "Club: The server answered 502", 0.45},
		{"sending to both", ok, []control.Job{sending, with(club, func(j *control.Job) { j.State, j.Sent = "leased", 15 })}, nil,
			"Sending 30 %", "Home: Sending 45 % · Club: Sending 15 %", "100 B · /p", 0.3},
		{"failed at one while sending to the other", ok, []control.Job{sending, failed}, nil,
			"Failed", "Home: Sending 45 % · Club: Failed", "Club: The photo is too large. Make it smaller.", 0.45},
		{"an account needs the user", []string{"Home", "Club held"}, []control.Job{club, home}, nil,
			"Needs you", "Home: Up next · Club: Needs you", "100 B · /p", -1},
		{"an account is away, and the photo is with the other", []string{"Home", "Club offline"}, []control.Job{club},
			[]control.Record{{Account: "Home", Outcome: "known"}}, "Cannot be reached", "Home: Already there · Club: Cannot be reached", "100 B · /p", -1},
		{"paused", []string{"Home paused", "Club paused"}, []control.Job{home, club}, nil, "Paused", "Home: Paused · Club: Paused", "100 B · /p", -1},
		{"skipped by one", ok, []control.Job{home, with(failed, func(j *control.Job) { j.State, j.Hint = "skipped", "" })}, nil,
			"Up next", "Home: Up next · Club: Skipped", "Club: The photo is too large", -1},
		{"delivered to both", ok, nil, []control.Record{{Account: "Club", Outcome: "sent"}, {Account: "Home", Outcome: "sent"}},
			"Sent", "Home: Sent · Club: Sent", "", -1},
		{"delivered to both, in two ways", ok, nil, []control.Record{{Account: "Club", Outcome: "sent"}, {Account: "Home", Outcome: "known"}},
			"Delivered", "Home: Already there · Club: Sent", "", -1},
		{"of one account only", ok, []control.Job{late}, nil, "Waiting, in 5 min", "", "The server answered 502", -1},
		{"with a receipt of an account that was removed", ok, []control.Job{late}, []control.Record{{Account: "3f2a", Outcome: "sent"}},
			"Waiting, in 5 min", "", "The server answered 502", -1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := row{rowKey: rowKey{photoKey: photoKey{"/p/a.jpg", ""}}}
			for i := range tt.jobs {
				r.jobs = append(r.jobs, &tt.jobs[i])
			}
			for i := range tt.recs {
				r.recs = append(r.recs, &tt.recs[i])
			}
			v := r.view(sceneOf(accounts(tt.accounts...)))
			if v.state != tt.state || words(v.marks) != tt.marks || tt.sub != "" && v.sub != tt.sub || v.done != tt.done {
				t.Errorf("%q, marks %q, sub %q, done %v", v.state, words(v.marks), v.sub, v.done)
			}
		})
	}
}

func TestMarkSaysWhyItsAccountStandsStill(t *testing.T) {
	s := sceneOf(accounts("Home held"))
	m := s.jobMark(&control.Job{Account: "Home", State: "ready"})
	if m.reason != "The server said so. Look there." || m.rank != rankHeld {
		t.Errorf("%+v", m)
	}
	due := s.now.Add(10 * time.Minute)
	m = s.jobMark(&control.Job{Account: "Home", State: "waiting", Cooling: true, Due: &due})
	if m.word != "Cooling, in 10 min" {
		t.Errorf("a photo that cools down says %q", m.word)
	}
}

func TestInitialsTellAccountsApart(t *testing.T) {
	for _, tt := range []struct{ names, want string }{
		{"PicApport,Piwigo,ipernity,Universal Platform", "Pi,Pw,Ip,UP"},
		{"home,home server,house", "Ho,HS,Hu"},
		{"a,a,a,é,💾,", "A,A2,A3,É,?2,?3"},
		{"Pi,Pi,Pi 2", "Pi,P,P2"},
	} {
		got := initials(strings.Split(tt.names, ","))
		if strings.Join(got, ",") != tt.want {
			t.Errorf("%s: got %q, want %q", tt.names, got, tt.want)
		}
	}
}

func TestMarksTakeTheFormThatHasRoom(t *testing.T) {
	test.NewTempApp(t).Settings().SetTheme(newTheme(""))
	s := sceneOf(accounts("Home", "Club", "Archive-of-the-family", "Ipernity", "Universal", "Zoo"))
	var ms []mark
	for _, a := range s.accounts {
		ms = append(ms, s.jobMark(&control.Job{Account: a.Name, State: "ready"}))
	}
	b := newMarkBar()
	test.WidgetRenderer(b) // as when it is on the screen
	look := func(width float32) (names []string, icons int) {
		b.Resize(fyne.NewSize(width, 16))
		for _, c := range b.cells {
			if c.name.Visible() {
				names = append(names, c.name.text)
				if end := c.name.Position().X + c.name.Size().Width; end > width+1 {
					t.Errorf("at %v, %s ends at %v", width, c.name.text, end)
				}
			}
			if c.icon.Visible() {
				icons++
			}
		}
		if b.rest.Visible() {
			names = append(names, b.rest.text)
		}
		return names, icons
	}
	b.set(ms)
	for _, tt := range []struct {
		width float32
		first string
		names int
		icons int
		last  string
	}{
		{700, "Home", 6, 6, "Zoo"}, {230, "Ho", 6, 6, "Zo"}, {150, "Ho", 6, 0, "Zo"}, {90, "Ho", 4, 0, "+3"}, {5, "+6", 1, 0, "+6"},
	} {
		names, icons := look(tt.width)
		if len(names) != tt.names || names[0] != tt.first || icons != tt.icons || names[len(names)-1] != tt.last {
			t.Errorf("at %v: %q with %d drawings", tt.width, names, icons)
		}
	}
	b.set(ms[:2])
	if names, icons := look(230); strings.Join(names, " ") != "Home Club" || icons != 2 {
		t.Errorf("with two accounts: %q", names)
	}
}

func TestNowRowsKnowWhatBecameOfAPhotoElsewhere(t *testing.T) {
	now := time.Now()
	job := func(id uint64, name, account, state string) control.Job {
		return control.Job{ID: id, Path: "/p/" + name, SHA256: name, Account: account, State: state, Created: now.Add(-time.Hour)}
	}
	rec := func(name, account string, age time.Duration) control.Record {
		return control.Record{Path: "/p/" + name, SHA256: name, Account: account, Outcome: "sent", At: now.Add(-age)}
	}
	s := &control.Status{
		Running: true, Accounts: accounts("Home", "Club", "Old"), Counts: control.Counts{Ready: 3, Leased: 1, Failed: 2},
		Active: []control.Job{job(1, "a", "Home", "leased")},
		Recent: []control.Record{
			rec("b", "Home", time.Minute),
			rec("new", "Home", 0), // since we asked: it may be on its way to Club
		},
	}
	q := &nowAnswer{
		jobs: []control.Job{
			job(1, "a", "Home", "leased"), job(9, "gone", "Home", "leased"),
			job(2, "a", "Club", "ready"),
			job(3, "b", "Home", "ready"), // delivered since we asked
			job(4, "b", "Club", "ready"),
			job(5, "c", "Old", "ready"), // sent again: its receipt is older
		},
		over: []control.Job{job(6, "a", "Old", "failed"), job(7, "d", "Home", "failed"), job(8, "e", "Club", "failed")},
		known: []control.Record{
			rec("b", "Home", time.Minute), rec("d", "Club", 2*time.Minute), rec("c", "Club", 3*time.Minute), rec("c", "Old", 2*time.Hour),
			rec("f1", "Home", 3*time.Hour), rec("f2", "Home", 3*time.Hour), rec("f3", "Home", 3*time.Hour), rec("f4", "Home", 3*time.Hour),
			rec("f5", "Home", 3*time.Hour),
		},
	}
	sc := sceneOf(s.Accounts)
	var got []string
	for _, r := range nowRows(s, q) {
		got = append(got, r.sha256+" "+words(r.marks(sc)))
	}
	want := []string{
		"a Home: Sending · Club: Up next · Old: Failed",
		"b Home: Sent · Club: Up next",
		"c Club: Sent · Old: Up next",
		"d Home: Failed · Club: Sent", // delivered last
		"f1 Home: Sent", "f2 Home: Sent", "f3 Home: Sent", "f4 Home: Sent",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// twoAccounts is a photo that was sent to Home, whose answer of Club was lost,
// and which waits for Third.
func twoAccounts() *fakeEngine {
	s := oneAccount()
	s.Accounts = accounts("Home", "Club", "Third offline", "Old")
	s.State, s.Counts = control.StateSending, control.Counts{Ready: 1, Failed: 1, Delivered: 1}
	path := "/home/me/Pictures/IMG_0001.JPG"
	lost := control.Job{ID: 2, Path: path, SHA256: "a", Account: "Club", State: "failed", Kind: "unsure", Error: "the answer was lost", Hint: "Look there first."}
	return &fakeEngine{
		status: s,
		jobs:   []control.Job{{ID: 1, Path: path, SHA256: "a", Account: "Third", State: "ready", Size: 3e6}, lost},
		records: []control.Record{
			{Path: path, SHA256: "a", Account: "Home", Outcome: "sent", At: time.Now(), URL: "https://x.org/1", Verified: "the server has it"},
		},
		stories: []control.Story{{Path: path, SHA256: "a", Verdict: "It waits.", Accounts: []control.StoryAccount{
			{Account: "Home", State: "none"},
			{Account: "Club", State: "failed", Text: "failed", Job: &lost},
			{Account: "Old", State: "delivered", Record: &control.Record{Account: "Old", Outcome: "adopted"}},
		}}},
	}
}

func TestSelectedPhotoSaysItsStateForEveryAccount(t *testing.T) {
	e := twoAccounts()
	w := newTestWindow(t, e, Options{})
	s := e.status
	s.Counts.Delivered++
	refreshed(w, s)
	wants(t, e, "records ", "jobs failed", "jobs skipped", "jobs leased", "jobs ready", "jobs waiting")
	shows(t, w, "IMG_0001.JPG", "Failed", "Club: The answer was lost. Look there first.")
	tapRow(t, w, "IMG_0001.JPG")
	wants(t, e, "why /home/me/Pictures/IMG_0001.JPG")
	shows(t, w, "Home: sent. The server has it.", "Club: failed. The answer was lost. Look there first.",
		"Third: cannot be reached. The server said so. Look there.", "Old: found there")
	if w.nowTab.zone.Visible() {
		t.Error("the drop zone takes the room of the details")
	}
	w.escape()
	hides(t, w, "Home: sent")
	if !w.nowTab.zone.Visible() {
		t.Error("the drop zone is gone")
	}
}

func TestActionsTouchTheJobsThatTheyAreFor(t *testing.T) {
	for _, tt := range []struct {
		label, verb string
		asks        string
		ids         []uint64
		said        string
	}{
		{"Send first", "first", "", []uint64{1}, "1 photo is sent before all others"},
		{"Retry", "retry", "", []uint64{2}, "1 photo is tried again"},
		{"Send again", "again", "It may be on the server already", []uint64{2}, "1 photo is sent again"},
		{"Mark as sent", "sent", "The answer of Club was lost, so nobody here can tell whether it is there.", []uint64{2}, "1 photo counts as delivered now"},
		{"Remove", "cancel", "It is not sent unless you add it again", []uint64{1, 2}, "1 photo was removed from the queue"},
	} {
		t.Run(tt.label, func(t *testing.T) {
			e := twoAccounts()
			w := newTestWindow(t, e, Options{})
			w.win.Resize(fyne.NewSize(1900, 860))
			refreshed(w, e.status)
			tapRow(t, w, "IMG_0001.JPG")
			e.took()
			press(t, w, tt.label)
			if tt.asks != "" {
				wants(t, e)
				shows(t, w, tt.asks)
				press(t, w, tt.label)
			}
			wants(t, e, tt.verb)
			if !slices.Equal(e.ids, tt.ids) {
				t.Errorf("jobs %v, want %v", e.ids, tt.ids)
			}
			shows(t, w, tt.said)
		})
	}
}

func TestStoryOfALostAnswerOffersBothWaysOut(t *testing.T) {
	e := twoAccounts()
	w := newTestWindow(t, e, Options{})
	w.why("/home/me/Pictures/IMG_0001.JPG")
	settle(w)
	e.took()
	shows(t, w, "It waits.")
	press(t, w, "Mark as sent")
	press(t, w, "Mark as sent")
	wants(t, e, "sent")
	if !slices.Equal(e.ids, []uint64{2}) {
		t.Errorf("jobs %v", e.ids)
	}
}

func TestActionsWithoutRoomAreInAMenu(t *testing.T) {
	for _, size := range []fyne.Size{fyne.NewSize(640, 480), fyne.NewSize(520, 400)} {
		t.Run(fmt.Sprint(size.Width), func(t *testing.T) {
			e := twoAccounts()
			w := newTestWindow(t, e, Options{})
			w.win.Resize(size)
			refreshed(w, e.status)
			tapRow(t, w, "IMG_0001.JPG")
			b := w.nowTab.bar
			if !b.more.Visible() {
				t.Fatal("nothing offers what has no room")
			}
			for _, o := range b.buttons.Objects {
				if end := o.Position().X + o.Size().Width; o.Visible() && end > b.buttons.Size().Width+1 {
					t.Errorf("a part of the bar ends at %v of %v", end, b.buttons.Size().Width)
				}
			}
			e.took()
			b.more.OnTapped()
			chooseItem(t, w, "Remove")
			shows(t, w, "The file itself stays where it is.")
		})
	}
}

func TestDeliveredPhotoOpensAtEachAccount(t *testing.T) {
	e := twoAccounts()
	e.jobs, e.status.Counts = nil, control.Counts{Delivered: 2}
	second := e.records[0]
	second.Account, second.URL = "Club", "https://y.org/2"
	e.records = append([]control.Record{second}, e.records...)
	w := newTestWindow(t, e, Options{})
	refreshed(w, e.status)
	var opened []string
	w.browse = recordTo(&opened)
	tapRow(t, w, "IMG_0001.JPG")
	press(t, w, "Open at Home")
	press(t, w, "Open at Club")
	if !slices.Equal(opened, []string{"https://x.org/1", "https://y.org/2"}) {
		t.Errorf("opened %q", opened)
	}
}
