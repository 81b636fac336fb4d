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
	"github.com/photoferry/photoferry/app/photo/phototest"
	"github.com/photoferry/photoferry/queue"
)

// clockOn is a moment of 2 May 2026 by this computer's clock.
func clockOn(hour, minute int) time.Time {
	return time.Date(2026, 5, 2, hour, minute, 0, 0, time.Local)
}

// takeAt writes a photo that says that it was taken then. With says off only
// its file's time does.
func takeAt(t *testing.T, path string, seed int, at time.Time, says bool) {
	t.Helper()
	o := phototest.Options{Seed: uint64(1000 + seed), Width: 64, Height: 48}
	if says {
		o.Taken = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, phototest.JPEG(o), 0o600); err != nil {
		t.Fatal(err)
	}
	if !says {
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

func shootsOf(t *testing.T, a *App, gap time.Duration) []control.Shoot {
	t.Helper()
	shoots, err := a.Shoots(gap)
	if err != nil {
		t.Fatal(err)
	}
	return shoots
}

func jobsByName(t *testing.T, a *App) map[string]queue.Job {
	t.Helper()
	jobs, _, err := a.queue.Jobs(queue.JobQuery{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]queue.Job{}
	for _, j := range jobs {
		out[filepath.Base(j.Path)] = j
	}
	return out
}

func TestShootsEndWhereNoPhotoWasTaken(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		if got := shootsOf(t, a, 0); len(got) != 0 {
			t.Errorf("%+v", got)
		}
		h.account(a, s)
		dir := h.mkdir("drop")
		takeAt(t, filepath.Join(dir, "sent.jpg"), 1, clockOn(10, 0), true)
		add(t, a, control.AddRequest{Paths: []string{dir}})
		h.deliverAll(a)
		takeAt(t, filepath.Join(dir, "next.jpg"), 2, clockOn(11, 0), true)
		takeAt(t, filepath.Join(dir, "copy of next.jpg"), 2, clockOn(11, 0), true)
		add(t, a, control.AddRequest{Paths: []string{filepath.Join(dir, "next.jpg"), filepath.Join(dir, "copy of next.jpg")}, Title: "Morning", Tags: []string{"a", "b"}})
		h.watch(a, control.FolderSpec{Everything: true, Cool: "1h", Title: "Evening", Tags: []string{"b"}})
		takeAt(t, filepath.Join(h.folder, "silent.jpg"), 3, clockOn(13, 0), false)
		takeAt(t, filepath.Join(h.folder, "late.jpg"), 4, clockOn(14, 59), true)
		if err := a.ScanFolder(t.Context(), ""); err != nil {
			t.Fatal(err)
		}

		got := shootsOf(t, a, 0)
		if len(got) != 2 {
			t.Fatalf("%+v", got)
		}
		first, second := got[0], got[1]
		if !first.From.Equal(clockOn(10, 0)) || !first.To.Equal(clockOn(11, 0)) || first.Photos != 2 || first.Jobs != 2 || first.Delivered != 1 || first.Held != 0 ||
			first.Title != "Morning" || !slices.Equal(first.Tags, []string{"a", "b"}) || first.Folder != "" ||
			!slices.Equal(first.Paths, []string{filepath.Join(dir, "sent.jpg"), filepath.Join(dir, "copy of next.jpg")}) || !slices.Equal(first.Accounts, []string{"home"}) {
			t.Errorf("%+v", first)
		}
		if !second.From.Equal(clockOn(13, 0)) || !second.To.Equal(clockOn(14, 59)) || second.Photos != 2 || second.Jobs != 2 || second.Held != 2 || second.Delivered != 0 ||
			second.Title != "Evening" || second.Folder != h.folder {
			t.Errorf("%+v", second)
		}
		if one := shootsOf(t, a, 2*time.Hour+time.Second); len(one) != 1 || one[0].Title != "" || !slices.Equal(one[0].Tags, []string{"b"}) || one[0].Photos != 4 || one[0].Jobs != 4 || one[0].Folder != "" {
			t.Errorf("%+v", one)
		}
		if many := shootsOf(t, a, time.Minute); len(many) != 4 {
			t.Errorf("%+v", many)
		}
		// What is sent again is not delivered, for now.
		add(t, a, control.AddRequest{Paths: []string{filepath.Join(dir, "sent.jpg")}, NoSyncCheck: true})
		if got := shootsOf(t, a, 0); got[0].Photos != 2 || got[0].Jobs != 3 || got[0].Delivered != 0 {
			t.Errorf("%+v", got[0])
		}
		// What a person does not want belongs to no shoot, what failed does.
		jobs := jobsByName(t, a)
		if _, err := a.queue.Release(""); err != nil {
			t.Fatal(err)
		}
		for range jobs {
			j, err := a.queue.Lease(t.Context(), jobs["late.jpg"].Account)
			if err != nil {
				t.Fatal(err)
			}
			if err := a.queue.Fail(j.ID, queue.Cause{Error: "too large"}); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := a.Ignore([]uint64{jobs["silent.jpg"].ID}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		got = shootsOf(t, a, 0)
		if len(got) != 2 || got[0].Jobs != 3 || !got[1].From.Equal(clockOn(14, 59)) {
			t.Errorf("%+v", got)
		}
	})
}

func TestDescribeNamesAShoot(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.with(func(a *App) {
		h.account(a, s)
		dir := h.mkdir("drop")
		for i, name := range []string{"0.jpg", "1.jpg", "2.jpg", "3.jpg"} {
			takeAt(t, filepath.Join(dir, name), i, clockOn(10, 10*i), true)
		}
		add(t, a, control.AddRequest{Paths: []string{filepath.Join(dir, "0.jpg")}})
		h.deliverAll(a)
		h.watch(a, control.FolderSpec{Path: dir, Everything: true, Cool: "1h"})
		if err := a.ScanFolder(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		if err := a.queue.Skip(jobsByName(t, a)["3.jpg"].ID, "not wanted"); err != nil {
			t.Fatal(err)
		}
		takeAt(t, filepath.Join(dir, "4.jpg"), 4, clockOn(10, 40), true)
		if err := a.ScanFolder(t.Context(), ""); err != nil {
			t.Fatal(err)
		}
		span := control.Description{From: clockOn(10, 0), To: clockOn(10, 30)}
		wrong := map[string]control.Description{
			"no time":    {Title: new("x")},
			"no words":   span,
			"backwards":  {From: span.To, To: span.From, Title: new("x")},
			"title":      {From: span.From, To: span.To, Title: new("{what}")},
			"album":      {From: span.From, To: span.To, Album: new("{")},
			"tag":        {From: span.From, To: span.To, Tags: &[]string{"}"}},
			"long title": {From: span.From, To: span.To, Title: new(string(make([]byte, maxTitle+1)))},
		}
		for name, d := range wrong {
			var p *control.Problem
			if got, err := a.Describe(d); !errors.As(err, &p) || p.Exit != 2 || got != (control.Described{}) {
				t.Errorf("%s: %+v, %v", name, got, err)
			}
		}
		if _, err := a.Shoots(-1); err == nil {
			t.Error("a gap was negative")
		}
		span.Accounts = []string{"nobody"}
		span.Title = new("x")
		if got, err := a.Describe(span); err == nil {
			t.Errorf("%+v", got)
		}

		span.Accounts, span.Title, span.Tags, span.Release = []string{"home"}, new("Am {folder}"), &[]string{"Urlaub", " ", "Urlaub"}, true
		got, err := a.Describe(span)
		if want := (control.Described{Count: 2, Delivered: 1}); got != want || err != nil {
			t.Errorf("%+v, want %+v: %v", got, want, err)
		}
		jobs := jobsByName(t, a)
		for name, want := range map[string]string{"1.jpg": "Am {folder}", "2.jpg": "Am {folder}", "3.jpg": "", "4.jpg": ""} {
			if j := jobs[name]; j.Title != want || (j.State == queue.Ready) != (want != "") {
				t.Errorf("%+v", j)
			}
		}
		leased, err := a.queue.Lease(t.Context(), jobs["1.jpg"].Account)
		if err != nil {
			t.Fatal(err)
		}
		got, err = a.Describe(control.Description{From: span.From, To: span.To, Description: new("By the lake"), Tags: &[]string{}})
		if want := (control.Described{Count: 1, Leaving: 1, Delivered: 1}); got != want || err != nil {
			t.Errorf("%+v, want %+v: %v", got, want, err)
		}
		if err := a.queue.Unlease(leased.ID); err != nil {
			t.Fatal(err)
		}
		if err := a.queue.Cancel(jobs["4.jpg"].ID, "not needed"); err != nil {
			t.Fatal(err)
		}
		h.deliverAll(a)
		titles := map[string]int{}
		for _, r := range s.emu.Received()[1:] {
			var w written
			if err := json.Unmarshal(r.Metadata, &w); err != nil {
				t.Fatal(err)
			}
			titles[w.Title+"/"+w.Description]++
		}
		if titles["Am drop/"] != 1 || titles["Am drop/By the lake"] != 1 || len(titles) != 2 {
			t.Errorf("%v", titles)
		}
	})
}
