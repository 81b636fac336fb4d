package app

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/queue"
)

func TestTheMoreParticularWordsWin(t *testing.T) {
	day := settings.Event{Name: "day", From: clockOn(8, 0), To: clockOn(20, 0), Title: "Day", Description: "All day", Tags: []string{"day", "family"}, Album: "Day"}
	party := settings.Event{Name: "party", From: clockOn(12, 0), To: clockOn(14, 0), Title: "Party", Tags: []string{"party", "family"}}
	w := wording{
		folders: map[string]settings.Folder{"/in": {Path: "/in", Title: "Folder", Tags: []string{"folder", "day"}, Album: "Import"}},
		events:  []settings.Event{party, day},
	}
	said := rule{album: "Said", words: words{"Said", "I say", []string{"said"}}}
	for _, tt := range []struct {
		name       string
		c          candidate
		taken, mod time.Time
		want       queue.Request
	}{
		{"a folder's own, outside of events", candidate{folder: "/in", rule: rule{album: "before it was changed"}}, clockOn(7, 59), clockOn(12, 0),
			queue.Request{Title: "Folder", Tags: []string{"folder", "day"}, Album: "Import"}},
		{"an event goes before the folder", candidate{folder: "/in"}, clockOn(8, 0), time.Time{},
			queue.Request{Title: "Day", Description: "All day", Tags: []string{"folder", "day", "family"}, Album: "Day"}},
		{"the shorter event goes before the longer one", candidate{folder: "/in"}, clockOn(14, 0), time.Time{},
			queue.Request{Title: "Party", Description: "All day", Tags: []string{"folder", "day", "party", "family"}, Album: "Day"}},
		{"what a person said goes before all", candidate{rule: said}, clockOn(13, 0), time.Time{},
			queue.Request{Title: "Said", Description: "I say", Tags: []string{"said", "party", "family", "day"}, Album: "Said"}},
		{"what he did not say comes from events", candidate{rule: rule{words: words{title: "Said"}}}, clockOn(9, 0), time.Time{},
			queue.Request{Title: "Said", Description: "All day", Tags: []string{"day", "family"}, Album: "Day"}},
		{"a photo that does not say when it was taken counts by its file", candidate{}, time.Time{}, clockOn(13, 0),
			queue.Request{Title: "Party", Description: "All day", Tags: []string{"party", "family", "day"}, Album: "Day"}},
		{"a folder that is not watched any more", candidate{folder: "/old", rule: said}, clockOn(21, 0), time.Time{},
			queue.Request{Title: "Said", Description: "I say", Tags: []string{"said"}, Album: "Said"}},
	} {
		got := queue.Request{Taken: tt.taken, ModTime: tt.mod}
		w.give(tt.c, &got)
		if got.Title != tt.want.Title || got.Description != tt.want.Description || got.Album != tt.want.Album || !slices.Equal(got.Tags, tt.want.Tags) {
			t.Errorf("%s: %+v, want %+v", tt.name, got, tt.want)
		}
	}
	if !slices.Equal(day.Tags, []string{"day", "family"}) || !slices.Equal(said.words.tags, []string{"said"}) {
		t.Error("somebody's tags have changed")
	}
}

func TestTagsStayWithinWhatAJobTakes(t *testing.T) {
	var many []string
	for i := range 30 {
		many = append(many, strings.Repeat(string(rune('a'+i)), maxTitle))
	}
	q := queue.Request{}
	wording{}.give(candidate{rule: rule{album: many[0], words: words{many[0], strings.Repeat("d", maxDescription), many}}}, &q)
	n := len(q.Title) + len(q.Description) + len(q.Album)
	for _, tag := range q.Tags {
		n += len(tag) + 1
	}
	if n > 20_000 || len(q.Tags) < 5 {
		t.Errorf("%d bytes, %d tags", n, len(q.Tags))
	}
}

func TestEventsAreKeptAndGiveWords(t *testing.T) {
	s, h := newSite(t), newHome(t)
	wedding := control.PlannedEvent{Name: " Wedding ", From: clockOn(10, 0), To: clockOn(12, 0), Title: "Anna and Ben", Tags: []string{"wedding", ""}, Album: "Wedding"}
	h.with(func(a *App) {
		for name, change := range map[string]func(e *control.PlannedEvent){
			"no name":      func(e *control.PlannedEvent) { e.Name = " " },
			"a long name":  func(e *control.PlannedEvent) { e.Name = strings.Repeat("x", 65) },
			"no beginning": func(e *control.PlannedEvent) { e.From = time.Time{} },
			"no end":       func(e *control.PlannedEvent) { e.To = time.Time{} },
			"backwards":    func(e *control.PlannedEvent) { e.To = e.From.Add(-1) },
			"a bad title":  func(e *control.PlannedEvent) { e.Title = "{" },
			"a bad album":  func(e *control.PlannedEvent) { e.Album = "{x}" },
			"nothing":      func(e *control.PlannedEvent) { e.Title, e.Tags, e.Album = "", nil, "" },
			"a bad tag":    func(e *control.PlannedEvent) { e.Tags = []string{"{"} },
		} {
			e := wedding
			change(&e)
			var p *control.Problem
			if err := a.SetEvent(e); !errors.As(err, &p) || p.Exit != 2 {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, e := range []control.PlannedEvent{{Name: "Before", From: clockOn(1, 0), To: clockOn(12, 0), Title: "All morning"}, wedding} {
			if err := a.SetEvent(e); err != nil {
				t.Fatal(err)
			}
		}
		wedding.Name, wedding.Description = "WEDDING", "In the garden"
		if err := a.SetEvent(wedding); err != nil {
			t.Fatal(err)
		}
	})
	h.with(func(a *App) { // another start
		events, err := a.Events()
		if err != nil || len(events) != 2 || events[0].Name != "Before" || events[1].Name != "WEDDING" || events[1].Description != "In the garden" ||
			!events[1].From.Equal(wedding.From) || !slices.Equal(events[1].Tags, []string{"wedding"}) {
			t.Fatalf("%+v, %v", events, err)
		}
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true, Cool: "1h", Album: "Import", Tags: []string{"eos"}})
		takeAt(t, filepath.Join(h.folder, "in.jpg"), 1, clockOn(12, 0), true)
		takeAt(t, filepath.Join(h.folder, "after.jpg"), 2, clockOn(12, 1), true)
		if err := a.ScanFolder(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		jobs := jobsByName(t, a)
		if j := jobs["in.jpg"]; j.Title != "Anna and Ben" || j.Description != "In the garden" || j.Album != "Wedding" || !slices.Equal(j.Tags, []string{"eos", "wedding"}) {
			t.Errorf("%+v", j)
		}
		if j := jobs["after.jpg"]; j.Title != "" || j.Album != "Import" || !slices.Equal(j.Tags, []string{"eos"}) {
			t.Errorf("%+v", j)
		}
		if err := a.RemoveEvent("wedding"); err != nil {
			t.Fatal(err)
		}
		var p *control.Problem
		if err := a.RemoveEvent("wedding"); !errors.As(err, &p) || p.Exit != 1 {
			t.Errorf("error is %v", err)
		}
		if j := jobsByName(t, a)["in.jpg"]; j.Title != "Anna and Ben" {
			t.Errorf("%+v", j)
		}
	})
}

func TestWaitingPhotosFollowTheirFoldersWords(t *testing.T) {
	s, h := newSite(t), newHome(t)
	other := h.mkdir("other")
	h.with(func(a *App) {
		h.account(a, s)
		spec := control.FolderSpec{Path: h.folder, Accounts: []string{"home"}, Everything: true, Cool: "1h", Album: "Old", Title: "Old", Tags: []string{"old", "both"}}
		h.watch(a, spec)
		elsewhere := spec
		elsewhere.Path = other
		h.watch(a, elsewhere)
		if err := a.SetEvent(control.PlannedEvent{Name: "e", From: clockOn(10, 0), To: clockOn(11, 0), Album: "Event", Tags: []string{"event"}}); err != nil {
			t.Fatal(err)
		}
		takeAt(t, filepath.Join(h.folder, "plain.jpg"), 1, clockOn(1, 0), true)
		takeAt(t, filepath.Join(h.folder, "event.jpg"), 2, clockOn(10, 0), true)
		takeAt(t, filepath.Join(h.folder, "named.jpg"), 3, clockOn(20, 0), true)
		takeAt(t, filepath.Join(other, "other.jpg"), 4, clockOn(1, 0), true)
		if err := a.ScanFolder(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if _, err := a.Describe(control.Description{From: clockOn(20, 0), To: clockOn(20, 0), Title: new("Named"), Tags: &[]string{"mine"}}); err != nil {
			t.Fatal(err)
		}
		changed := spec
		changed.Album, changed.Title, changed.Tags = "New", "New", []string{"both", "new"}
		if _, err := a.ChangeFolder(t.Context(), changed); err != nil {
			t.Fatal(err)
		}
		// A photo that was found under the old rules and is still being read.
		late := filepath.Join(h.folder, "late.jpg")
		takeAt(t, late, 5, clockOn(2, 0), true)
		ids, err := a.accountIDs(nil)
		if err != nil {
			t.Fatal(err)
		}
		old := rule{album: "Old", words: words{title: "Old"}, cool: time.Hour, priority: queue.Watched}
		if err := a.intake.takeAll(t.Context(), []candidate{{path: late, folder: h.folder, ids: ids, rule: old}}, func(taken, []queue.Added) {}); err != nil {
			t.Fatal(err)
		}
		jobs := jobsByName(t, a)
		for name, want := range map[string]queue.Request{
			"plain.jpg": {Album: "New", Title: "New", Tags: []string{"both", "new"}},
			"event.jpg": {Album: "Event", Title: "New", Tags: []string{"both", "new", "event"}},
			"named.jpg": {Album: "New", Title: "Named", Tags: []string{"both", "new", "mine"}},
			"late.jpg":  {Album: "New", Title: "New", Tags: []string{"both", "new"}},
			"other.jpg": {Album: "Old", Title: "Old", Tags: []string{"old", "both"}},
		} {
			j := jobs[name]
			if j.Album != want.Album || j.Title != want.Title || !slices.Equal(j.Tags, want.Tags) {
				t.Errorf("%s: %q %q %q, want %q %q %q", name, j.Album, j.Title, j.Tags, want.Album, want.Title, want.Tags)
			}
			if !j.Cooling {
				t.Errorf("%s stopped cooling", name)
			}
		}
	})
}

// A photo for which the old words were chosen, and that is not in the queue yet
// when the folder changes.
func TestAFolderThatChangesWaitsForPhotosOnTheirWayIntoTheQueue(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		spec := control.FolderSpec{Path: h.folder, Accounts: []string{"home"}, Everything: true, Title: "Old"}
		h.watch(a, spec)
		ids, err := a.accountIDs(nil)
		if err != nil {
			t.Fatal(err)
		}
		a.intake.wording.RLock()
		done := make(chan error, 1)
		go func() {
			spec.Title = "New"
			_, err := a.ChangeFolder(t.Context(), spec)
			done <- err
		}()
		waitFor(t, "the new rules", func() bool { return a.Settings().Folders[0].Title == "New" })
		r := queue.Request{Account: ids[0], Path: filepath.Join(h.folder, "1.jpg"), Folder: h.folder, SHA256: [32]byte{1}, Title: "Old"}
		_, err = a.queue.Enqueue(queue.Batch{Requests: []queue.Request{r}})
		a.intake.wording.RUnlock()
		if err := errors.Join(err, <-done); err != nil {
			t.Fatal(err)
		}
		if j := jobsByName(t, a)["1.jpg"]; j.Title != "New" {
			t.Errorf("%+v", j)
		}
	})
}
