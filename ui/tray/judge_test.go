package tray

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

func status(state control.State, ready, delivered, failed int) *control.Status {
	return &control.Status{State: state, Text: "text of " + string(state), Counts: control.Counts{Ready: ready, Delivered: delivered, Failed: failed}}
}

// titles drives a judge through steps, one each second unless at says else, and
// returns the titles of all notes, "over" for one that takes another away.
func titles(steps []step) []string {
	var j judge
	var got []string
	add := func(ns []note) {
		for _, n := range ns {
			if n.over {
				n.title = "over"
			}
			got = append(got, n.title)
		}
	}
	for _, s := range steps {
		now := noon.Add(s.at)
		for at := j.due(); !at.IsZero() && !at.After(now); at = j.due() {
			add(j.tick(at))
		}
		add(j.see(s.status, now))
	}
	return got
}

type step struct {
	at     time.Duration
	status *control.Status
}

func TestOneNoticePerBatch(t *testing.T) {
	idle, sending := control.StateIdle, control.StateSending
	for _, tt := range []struct {
		name  string
		steps []step
		want  []string
	}{
		{"what was there at the start is no news", []step{{0, status(idle, 0, 500, 3)}, {time.Hour, status(idle, 0, 500, 3)}}, nil},
		{"a batch, once it has been quiet", []step{
			{0, status(idle, 0, 500, 0)}, {time.Second, status(sending, 3, 500, 0)}, {2 * time.Second, status(sending, 1, 502, 0)},
			{3 * time.Second, status(idle, 0, 503, 0)}, {time.Minute, status(idle, 0, 503, 0)},
		}, []string{"3 photos delivered"}},
		{"a photo a second is one batch", func() (ss []step) {
			for i := range 30 {
				ss = append(ss, step{time.Duration(2*i) * time.Second, status(sending, 1, i, 0)}, step{time.Duration(2*i+1) * time.Second, status(idle, 0, i+1, 0)})
			}
			return append(ss, step{time.Hour, status(idle, 0, 30, 0)})
		}(), []string{"30 photos delivered"}},
		{"a photo a minute is not a notice a minute", func() (ss []step) {
			for i := range 21 {
				ss = append(ss, step{time.Duration(i) * time.Minute, status(idle, 0, i, 0)})
			}
			return append(ss, step{time.Hour, status(idle, 0, 20, 0)})
		}(), []string{"1 photo delivered", "10 photos delivered", "9 photos delivered"}},
		{"with failures", []step{
			{0, status(idle, 0, 0, 1)}, {time.Second, status(sending, 3, 0, 1)}, {3 * time.Second, status(control.StateAttention, 0, 2, 2)},
			{time.Minute, status(idle, 0, 2, 2)},
		}, []string{"2 photos delivered, 1 failed"}},
		{"nothing but failures", []step{
			{0, status(idle, 0, 0, 0)}, {time.Second, status(sending, 1, 0, 0)}, {3 * time.Second, status(control.StateAttention, 0, 0, 1)},
			{time.Minute, status(idle, 0, 0, 1)},
		}, []string{"1 photo failed"}},
		{"a queue that was cleared by hand says nothing", []step{
			{0, status(idle, 5, 9, 0)}, {time.Second, status(idle, 0, 9, 0)}, {time.Minute, status(idle, 0, 9, 0)},
		}, nil},
		{"an account that is removed takes its number with it", []step{
			{0, status(idle, 0, 100, 0)}, {time.Second, status(idle, 0, 10, 0)}, {2 * time.Second, status(sending, 1, 10, 0)},
			{3 * time.Second, status(idle, 0, 11, 0)}, {time.Minute, status(idle, 0, 11, 0)},
		}, []string{"1 photo delivered"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := titles(tt.steps); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestNeedsYouIsSaidOnceForEachReason(t *testing.T) {
	stopped := func(text string) *control.Status { return &control.Status{State: control.StateStopped, Text: text} }
	got := titles([]step{
		{0, stopped("Sign in to Home again")},
		{1 * time.Second, stopped("Sign in to Home again")},
		{2 * time.Second, status(control.StatePaused, 0, 0, 0)},
		{3 * time.Second, stopped("Sign in to Home again")},
		{4 * time.Second, stopped("Club is full")},
		{5 * time.Second, status(control.StateIdle, 0, 0, 0)},
		{6 * time.Second, stopped("Club is full")},
	})
	want := []string{"Sign in to Home again", "Club is full", "over", "Club is full"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestOfflineIsSaidOnceAfterSomeMinutes(t *testing.T) {
	off := func() *control.Status {
		s := status(control.StateOffline, 0, 0, 0)
		s.Counts.Waiting = 131
		return s
	}
	got := titles([]step{{0, off()}, {4 * time.Minute, off()}, {6 * time.Minute, off()}, {time.Hour, off()}, {2 * time.Hour, status(control.StateIdle, 0, 0, 0)}})
	if !slices.Equal(got, []string{"text of offline", "over"}) {
		t.Errorf("got %q", got)
	}
	got = titles([]step{{0, off()}, {4 * time.Minute, status(control.StateIdle, 0, 0, 0)}, {6 * time.Minute, off()}, {8 * time.Minute, off()}})
	if len(got) != 0 {
		t.Errorf("a short absence is announced: %q", got)
	}
	if got := waitingSafely(off()); got != "131 photos are waiting safely." {
		t.Errorf("got %q", got)
	}
}

func TestFaceIsMadeFromOneStatus(t *testing.T) {
	s := &control.Status{
		State: control.StateSending, Text: "Sending 12 of 143", Counts: control.Counts{Failed: 2},
		Transfer: control.Transfer{Files: 12, FilesTotal: 143, Speed: 4.1e6, Left: 360},
		Recent:   []control.Record{{Path: "/p/" + strings.Repeat("ü", 100) + ".jpg", Account: "Home", At: noon.Add(-time.Hour)}},
	}
	f := faceOf(s, noon)
	if want := "Sending 12 of 143 · 4.1 MB/s · about 6 min"; f.line != want || f.tooltip != "PhotoFerry: "+want {
		t.Errorf("line %q, tooltip %q", f.line, f.tooltip)
	}
	if f.last != "Last upload: today 11:00" || f.failed != 2 || f.paused {
		t.Errorf("face %+v", f)
	}
	if n := len([]rune(f.recent[0].title)); n > 60 {
		t.Errorf("a long name makes an item of %d letters", n)
	}
	until := noon.Add(3 * time.Hour)
	f = faceOf(&control.Status{State: control.StatePaused, PausedUntil: &until}, noon)
	if f.line != "Paused until today 15:00" || !f.paused {
		t.Errorf("paused: %+v", f)
	}
}
