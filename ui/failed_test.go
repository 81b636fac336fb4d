package ui

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"

	"github.com/photoferry/photoferry/app/control"
)

// troubled is an engine with two reasons for failing, and a skipped photo.
func troubled() *fakeEngine {
	s := oneAccount()
	s.Counts = control.Counts{Failed: 3, Skipped: 1}
	return &fakeEngine{status: s, jobs: []control.Job{
		{ID: 1, Path: "/p/a.jpg", Account: "Home", State: "failed", Error: "the photo is too large", Hint: "Make it smaller."},
		{ID: 2, Path: "/p/b.jpg", Account: "Home", State: "failed", Error: "the photo is too large", Hint: "Make it smaller."},
		{ID: 3, Path: "/p/c.jpg", Account: "Home", State: "failed", Error: "the answer was lost", Hint: "It may already be there.", Kind: "unsure"},
		{ID: 4, Path: "/p/d.cr3", Account: "Home", State: "skipped", Error: "not taken by this server"},
	}}
}

const (
	large = "failed|Home|the photo is too large"
	lost  = "failed|Home|the answer was lost"
)

func failedTab(t *testing.T, e *fakeEngine) *Window {
	t.Helper()
	w := newTestWindow(t, e, Options{})
	w.win.Resize(fyne.NewSize(1280, 860))
	w.show(pageFailed)
	settle(w)
	return w
}

func TestFailedPhotosAreBelowTheirReason(t *testing.T) {
	e := troubled()
	w := failedTab(t, e)
	wants(t, e, "groups failed")
	shows(t, w, "The photo is too large", "Make it smaller.", "2 photos", "The answer was lost", "1 photo")
	hides(t, w, "a.jpg", "d.cr3", "not taken")

	tapRow(t, w, "The photo is too large")
	wants(t, e, "jobs of "+large)
	shows(t, w, "a.jpg", "b.jpg")
	hides(t, w, "c.jpg")
	tapRow(t, w, "The photo is too large")
	hides(t, w, "a.jpg")
	wants(t, e)
}

func TestVerbsOfAGroupReachAllOfIt(t *testing.T) {
	e := troubled()
	for i := range 500 {
		e.jobs = append(e.jobs, control.Job{ID: uint64(100 + i), Path: fmt.Sprintf("/p/%03d.jpg", i), Account: "Home", State: "failed", Error: "the photo is too large"})
	}
	w := failedTab(t, e)
	tapRow(t, w, "The photo is too large")
	e.took()
	press(t, w, "Retry")
	wants(t, e, "retry group "+large)
	press(t, w, "Ignore")
	wants(t, e, "ignore group "+large)
	shows(t, w, "left out from now on")

	// With one of its photos selected besides, the group is still asked once.
	p := w.pages[pageFailed].(*failedPage)
	p.list.selectAll()
	w.retry(pick(p.list.chosen(), inState("failed")).pickGroups(p.list.chosen(), "failed"))
	settle(w)
	wants(t, e, "retry group "+large)
}

func TestVerbsOfOneFailedPhoto(t *testing.T) {
	e := troubled()
	w := failedTab(t, e)
	tapRow(t, w, "The photo is too large")
	tapRow(t, w, "a.jpg")
	e.took()
	press(t, w, "Retry")
	wants(t, e, "retry")
	if !slices.Equal(e.ids, []uint64{1}) {
		t.Errorf("retried %v", e.ids)
	}
	press(t, w, "Ignore")
	wants(t, e, "ignore")
	if !slices.Equal(e.ids, []uint64{1}) {
		t.Errorf("ignored %v", e.ids)
	}
	press(t, w, "Retry all")
	wants(t, e, "retry")
	if len(e.ids) != 0 {
		t.Errorf("retry all named %v", e.ids)
	}
	tapRow(t, w, "The answer was lost")
	tapRow(t, w, "c.jpg")
	e.took()
	press(t, w, "Send again")
	shows(t, w, "It may be on the server already")
	press(t, w, "Send again")
	wants(t, e, "again")
	if !slices.Equal(e.ids, []uint64{3}) {
		t.Errorf("sent again %v", e.ids)
	}
}

func TestSkippedIsApartFromFailed(t *testing.T) {
	e := troubled()
	w := failedTab(t, e)
	e.took()
	press(t, w, "Skipped (1)")
	wants(t, e, "groups skipped")
	shows(t, w, "Not taken by this server")
	hides(t, w, "too large", "Retry all")
	tapRow(t, w, "Not taken by this server")
	shows(t, w, "d.cr3")
	press(t, w, "Try after all")
	wants(t, e, "jobs of skipped|Home|not taken by this server", "retry group skipped|Home|not taken by this server")

	e.jobs = nil
	s := e.status
	s.Counts = control.Counts{}
	press(t, w, "Failed (3)")
	refreshed(w, s)
	shows(t, w, "Nothing failed.")
	if b := w.pages[pageFailed].(*failedPage).retry; b.Visible() {
		t.Error("there is nothing to be retried")
	}
}

func TestReasonOfferesItsRemedy(t *testing.T) {
	e := troubled()
	e.jobs = []control.Job{{ID: 1, Path: "/p/a.jpg", Account: "Home", State: "failed", Error: "the password is wrong", Kind: "denied"}}
	w := failedTab(t, e)
	press(t, w, "Sign in again")
	shows(t, w, "Sign in to Home")
}

func TestOpenGroupFollowsTheQueue(t *testing.T) {
	e := troubled()
	w := failedTab(t, e)
	tapRow(t, w, "The photo is too large")
	tapRow(t, w, "b.jpg")
	p := w.pages[pageFailed].(*failedPage)
	e.jobs = e.jobs[1:]
	s := e.status
	s.Counts.Failed = 2
	for _, g := range p.groups.parts {
		if g.pager != nil {
			g.pager.asked = g.pager.asked.Add(-askEvery)
		}
	}
	refreshed(w, s)
	hides(t, w, "a.jpg")
	if r := p.list.row(); r == nil || r.path != "/p/b.jpg" {
		t.Errorf("selected is %+v", r)
	}
	e.jobs = e.jobs[1:]
	s.Counts.Failed = 1
	refreshed(w, s)
	hides(t, w, "b.jpg", "too large")
	if p.list.row() != nil {
		t.Error("a photo that is gone is selected")
	}
}
