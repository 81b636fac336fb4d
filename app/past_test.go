package app

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/photo/phototest"
	"github.com/photoferry/photoferry/app/practice/picapport"
	"github.com/photoferry/photoferry/queue"
)

func sessions(t *testing.T, a *App, q control.SessionQuery) []control.Session {
	t.Helper()
	p, err := a.Sessions(q)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range p.Sessions {
		if s.Found != s.Sent+s.Known+s.Skipped+s.Failed+s.Removed+s.Left {
			t.Errorf("the numbers do not add up: %+v", s)
		}
	}
	return p.Sessions
}

func add(t *testing.T, a *App, r control.AddRequest) control.AddSummary {
	t.Helper()
	sum, err := a.Add(t.Context(), r, func(control.AddResult) {})
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func TestAFolderAndADropAreSessionsOfTheirOwn(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true, Album: "Import"})
		shoot(t, filepath.Join(h.folder, "1.jpg"), 1)
		shoot(t, filepath.Join(h.folder, "2.jpg"), 2)
		shoot(t, filepath.Join(h.folder, "copy of 2.jpg"), 2)
		h.deliverAll(a)
		shoot(t, filepath.Join(h.folder, "3.jpg"), 3) // soon after: it belongs to the others
		h.deliverAll(a)
		dir := h.mkdir("drop")
		shoot(t, filepath.Join(dir, "4.jpg"), 4)
		shoot(t, filepath.Join(dir, "1 again.jpg"), 1)
		if err := os.WriteFile(filepath.Join(dir, "no photo.txt"), []byte("text"), 0o600); err != nil {
			t.Fatal(err)
		}
		add(t, a, control.AddRequest{Paths: []string{dir}})
		add(t, a, control.AddRequest{Paths: []string{filepath.Join(dir, "no photo.txt")}}) // no photo, no session
		h.deliverAll(a)

		all := sessions(t, a, control.SessionQuery{})
		if len(all) != 2 {
			t.Fatalf("%+v", all)
		}
		drop, folder := all[0], all[1]
		if folder.Kind != "folder" || folder.Source != h.folder || folder.Found != 4 || folder.Sent != 3 || folder.Known != 1 ||
			folder.Album != "Import" || !slices.Equal(folder.Accounts, []string{"home"}) || folder.Changed.Before(folder.Begun) {
			t.Errorf("folder: %+v", folder)
		}
		if drop.Kind != "drop" || drop.Source != dir || drop.Found != 2 || drop.Sent != 1 || drop.Known != 1 || drop.Bytes == 0 {
			t.Errorf("drop: %+v", drop)
		}
		rs, err := a.Records(control.RecordQuery{Session: drop.ID})
		if err != nil || len(rs.Records) != 1 || rs.Records[0].Path != filepath.Join(dir, "4.jpg") || rs.Records[0].Session != drop.ID || rs.Records[0].Service != "picapport" {
			t.Errorf("%+v, %v", rs, err)
		}
		rs, err = a.Records(control.RecordQuery{Session: folder.ID, Outcome: "sent", Account: "home"})
		if err != nil || len(rs.Records) != 3 || rs.Records[0].Album != "Import" {
			t.Errorf("%+v, %v", rs, err)
		}
		now := time.Now().Add(time.Hour)
		if rs, err = a.Records(control.RecordQuery{Since: &now}); err != nil || len(rs.Records) != 0 {
			t.Errorf("%+v, %v", rs, err)
		}
		if rs, err = a.Records(control.RecordQuery{Until: &now}); err != nil || len(rs.Records) != 4 {
			t.Errorf("%+v, %v", rs, err)
		}
		for _, q := range []control.SessionQuery{{Kind: "drop"}, {Text: string(filepath.Separator) + "DROP"}, {Account: "home", Limit: 1}} {
			if got := sessions(t, a, q); len(got) != 1 || got[0].ID != drop.ID {
				t.Errorf("%+v: %+v", q, got)
			}
		}
		if got := sessions(t, a, control.SessionQuery{Account: "club"}); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		for _, err := range []error{second(a.Sessions(control.SessionQuery{Kind: "x"})), second(a.Records(control.RecordQuery{Outcome: "x"})),
			second(a.Jobs(control.JobQuery{Group: "failed.1"})), second(a.Groups("ready")), second(a.RetryGroup("")), second(a.IgnoreGroup("waiting.01.a"))} {
			var p *control.Problem
			if !errors.As(err, &p) || p.Exit != 2 {
				t.Errorf("error is %v, want one of wrong usage", err)
			}
		}
		// What was delivered outlives the account.
		if err := a.RemoveAccount("home"); err != nil {
			t.Fatal(err)
		}
		if got := sessions(t, a, control.SessionQuery{Account: rs.Records[0].Account}); len(got) != 0 {
			t.Errorf("found by the old name: %+v", got)
		}
		if got := sessions(t, a, control.SessionQuery{}); len(got) != 2 || got[0].Sent != 1 || len(got[0].Accounts) != 1 {
			t.Errorf("%+v", got)
		}
	})
}

func second[T any](_ T, err error) error { return err }

func TestFailedPhotosAreRetriedAndIgnoredByReason(t *testing.T) {
	s := newSite(t, func(o *picapport.Options) { o.MaxFileMB = 0.1 })
	h := newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		dir := h.mkdir("drop")
		shoot(t, filepath.Join(dir, "fits.jpg"), 1)
		for i, name := range []string{"a.jpg", "b 2.jpg", "c.jpg"} {
			b := phototest.JPEG(phototest.Options{Seed: uint64(i), Size: 150_000 + i*700_000})
			if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		add(t, a, control.AddRequest{Paths: []string{dir}})
		h.deliverAll(a)
		groups, err := a.Groups("failed")
		if err != nil || len(groups) != 1 {
			t.Fatalf("%+v, %v", groups, err)
		}
		g := groups[0]
		if g.Count != 3 || g.Account != "home" || g.Service != "picapport" || g.State != "failed" || g.Kind != "rejected" || g.Hint == "" ||
			g.Error != "the file is too big: …, and the server takes at most …" || len(g.Jobs) != 3 || g.Bytes < 2_550_000 {
			t.Errorf("%+v", g)
		}
		id := sessions(t, a, control.SessionQuery{})[0].ID
		counts := func(sent, skipped, failed, left int) {
			t.Helper()
			if s := sessions(t, a, control.SessionQuery{})[0]; s.Sent != sent || s.Skipped != skipped || s.Failed != failed || s.Left != left {
				t.Errorf("%+v, want %d sent, %d skipped, %d failed, %d left", s, sent, skipped, failed, left)
			}
		}
		counts(1, 0, 3, 0)
		jobs, err := a.Jobs(control.JobQuery{Group: g.Key, Session: id})
		if err != nil || len(jobs.Jobs) != 3 || jobs.Jobs[0].Session != id {
			t.Fatalf("%+v, %v", jobs, err)
		}
		if n, err := a.Ignore([]uint64{jobs.Jobs[0].ID}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		counts(1, 1, 2, 0)
		if n, err := a.IgnoreGroup(g.Key); n != 2 || err != nil {
			t.Fatal(n, err)
		}
		counts(1, 3, 0, 0)
		if n, err := a.Ignore([]uint64{99_999}); n != 0 || err == nil {
			t.Error(n, err)
		}
		if groups, err = a.Groups("failed"); len(groups) != 0 || err != nil {
			t.Errorf("%+v, %v", groups, err)
		}
		groups, err = a.Groups("skipped")
		if err != nil || len(groups) != 1 || groups[0].Count != 3 || groups[0].Error != "ignored by you" {
			t.Fatalf("%+v, %v", groups, err)
		}
		if n, err := a.IgnoreGroup(groups[0].Key); n != 0 || err != nil {
			t.Error(n, err)
		}
		if n, err := a.RetryGroup(groups[0].Key); n != 3 || err != nil {
			t.Fatal(n, err)
		}
		counts(1, 0, 0, 3)
		h.deliverAll(a)
		counts(1, 0, 3, 0)
	})
}

// written is what reached the server with a photo.
type written struct {
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Tags        []string `json:"tags"`
}

func TestADropGivesItsPhotosWords(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		dir := h.mkdir("Am See")
		path := filepath.Join(dir, "one.jpg")
		shoot(t, path, 7) // taken on 1 May 2026 12:00:07
		var p *control.Problem
		_, err := a.Add(t.Context(), control.AddRequest{Paths: []string{path}, Tags: []string{"{what}"}}, func(control.AddResult) {})
		if !errors.As(err, &p) || p.Exit != 2 {
			t.Errorf("error is %v", err)
		}
		r := control.AddRequest{
			Paths: []string{path}, Title: "{folder} / {date:2006}", Description: "Bei {uns}", Tags: []string{"Urlaub", "{camera}", "", "Urlaub"},
		}
		add(t, a, r)
		jobs, err := a.Jobs(control.JobQuery{})
		if err != nil || len(jobs.Jobs) != 1 {
			t.Fatalf("%+v, %v", jobs, err)
		}
		j := jobs.Jobs[0]
		if want := time.Date(2026, 5, 1, 12, 0, 7, 0, time.Local); j.Title != r.Title || !slices.Equal(j.Tags, []string{"Urlaub", "{camera}"}) || j.Taken == nil || !j.Taken.Equal(want) {
			t.Errorf("%+v, taken %v", j, j.Taken)
		}
		h.deliverAll(a)
		got := s.emu.Received()
		if len(got) != 1 {
			t.Fatalf("%+v", got)
		}
		var w written
		if err := json.Unmarshal(got[0].Metadata, &w); err != nil {
			t.Fatal(err)
		}
		if w.Title != "Am See / 2026" || w.Description != "Bei {uns}" || !slices.Equal(w.Tags, []string{"Urlaub", "PF-1"}) {
			t.Errorf("%s", got[0].Metadata)
		}
	})
}

func TestWordsOfAJobGoBeforeThePhotosOwn(t *testing.T) {
	own := photo.Meta{Title: "own", Description: "own", Tags: []string{"a", "b"}, Model: "EOS/5"}
	at := time.Date(2026, 5, 1, 0, 0, 0, 0, time.Local)
	for _, tt := range []struct {
		words queue.Request
		want  written
	}{
		{queue.Request{}, written{"own", "own", []string{"a", "b"}}},
		{queue.Request{Title: "{date:2006}\n of {camera}", Description: "two\nlines"}, written{"2026 of EOS/5", "two\nlines", []string{"a", "b"}}},
		{queue.Request{Title: " {path} ", Tags: []string{"b", "c", "{path}", "c"}}, written{"own", "own", []string{"a", "b", "c"}}},
		{queue.Request{Tags: []string{"{name}", "\x00x\xff"}}, written{"own", "own", []string{"a", "b", "1", "x_"}}},
	} {
		tt.words.Path, tt.words.Folder, tt.words.ModTime = "/in/1.jpg", "/in", at
		m := worded(queue.Job{Request: tt.words}, own)
		if m.Title != tt.want.Title || m.Description != tt.want.Description || !slices.Equal(m.Tags, tt.want.Tags) {
			t.Errorf("%+v gave %+v, want %+v", tt.words, m, tt.want)
		}
	}
	if !slices.Equal(own.Tags, []string{"a", "b"}) {
		t.Errorf("the photo's own tags became %q", own.Tags)
	}
}

func TestWhenAPhotoWasTakenIsAnInstant(t *testing.T) {
	written := time.Date(2026, 5, 1, 12, 0, 7, 5, time.UTC)
	zoned := time.Date(2026, 5, 1, 12, 0, 7, 5, time.FixedZone("", 9*3600))
	for _, tt := range []struct {
		m    photo.Meta
		want time.Time
	}{
		{photo.Meta{}, time.Time{}},
		{photo.Meta{Taken: written}, time.Date(2026, 5, 1, 12, 0, 7, 5, time.Local)},
		{photo.Meta{Taken: zoned, Zoned: true}, zoned},
	} {
		if got := instant(tt.m); !got.Equal(tt.want) || got.IsZero() != tt.want.IsZero() {
			t.Errorf("%+v: %s, want %s", tt.m, got, tt.want)
		}
	}
}

// A file that once took the process down while it came in is carried without
// its date, not read for it once more.
func TestAPhotoThatKilledTheIntakeIsCarriedAllTheSame(t *testing.T) {
	s, h := newSite(t), newHome(t)
	path := filepath.Join(h.folder, "bomb.jpg")
	shoot(t, path, 1)
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	var reading string
	var left []byte
	h.with(func(a *App) {
		h.account(a, s)
		if _, ok := a.queue.ReadingFile(path, info.Size(), info.ModTime()); !ok {
			t.Fatal("it may not be read")
		}
		reading = a.places.Queue + ".reading"
		if left, err = os.ReadFile(reading); err != nil {
			t.Fatal(err)
		}
	})
	if err := os.WriteFile(reading, left, 0o600); err != nil { // as a dead process leaves it
		t.Fatal(err)
	}
	h.with(func(a *App) {
		other := filepath.Join(h.folder, "other.jpg")
		shoot(t, other, 2)
		add(t, a, control.AddRequest{Paths: []string{path, other}})
		jobs, err := a.Jobs(control.JobQuery{})
		if err != nil || len(jobs.Jobs) != 2 {
			t.Fatalf("%+v, %v", jobs, err)
		}
		for _, j := range jobs.Jobs {
			if (j.Taken == nil) != (j.Path == path) {
				t.Errorf("%s was taken %v", j.Path, j.Taken)
			}
		}
		h.deliverAll(a)
		if n := len(s.digests()); n != 2 {
			t.Errorf("%d photos on the server, want 2", n)
		}
	})
}

func TestAFolderGivesItsPhotosWords(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true, Title: "{name} am See", Tags: []string{"Urlaub", "{camera}"}})
		shoot(t, filepath.Join(h.folder, "one.jpg"), 7)
		h.deliverAll(a)
		got := s.emu.Received()
		if len(got) != 1 {
			t.Fatalf("%+v", got)
		}
		var w written
		if err := json.Unmarshal(got[0].Metadata, &w); err != nil {
			t.Fatal(err)
		}
		if w.Title != "one am See" || !slices.Equal(w.Tags, []string{"Urlaub", "PF-1"}) {
			t.Errorf("%s", got[0].Metadata)
		}
	})
}
