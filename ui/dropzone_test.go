package ui

import (
	"fmt"
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/xdnd"
)

const dropWords = "Drop photos and folders anywhere"

func TestDropZoneIsThereWhileFilesHover(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	d := w.drops()
	hides(t, w, dropWords)

	for x := range 100 {
		d.Over(x, 1)
	}
	if m := w.mail.take(); len(m.posts) != 1 {
		t.Fatalf("100 moves make %d posts", len(m.posts))
	} else {
		w.apply(m)
	}
	shows(t, w, dropWords)
	if z, c := w.zone.Size(), w.win.Canvas().Size(); z != c {
		t.Errorf("the zone has the size %v, the window %v", z, c)
	}
	d.Left()
	settle(w)
	hides(t, w, dropWords)

	d.Over(1, 1)
	settle(w)
	shows(t, w, dropWords)
	test.Tap(w.zone)
	hides(t, w, dropWords)
	d.Left()
	settle(w)

	d.Over(1, 1)
	d.Drop([]string{"/tmp/a b.jpg", "/tmp/Höhe#1"}, 1)
	settle(w)
	hides(t, w, dropWords)
	shows(t, w, "a b.jpg, Höhe#1", "1 thing was left out: it is no file of this computer")

	d.Over(1, 1)
	settle(w)
	shows(t, w, dropWords) // they are added to those that are there
	d.Drop([]string{"/tmp/c.jpg"}, 0)
	settle(w)
	shows(t, w, "a b.jpg, Höhe#1, c.jpg")
	w.escape()

	w.askQuit()
	d.Over(1, 1)
	settle(w)
	shows(t, w, "Close the open question first")
	hides(t, w, dropWords)
	d.Drop([]string{"/tmp/c.jpg"}, 0)
	settle(w)
	if len(w.sheets) != 1 {
		t.Errorf("%d sheets", len(w.sheets))
	}
	shows(t, w, "Close the open question first, then drop the photos again")
}

func TestDropsThatFail(t *testing.T) {
	for _, tt := range []struct {
		end  func(xdnd.Events)
		want string
	}{
		{func(d xdnd.Events) { d.Failed(xdnd.ErrTooMuch) }, "That is too much for one drop."},
		{func(d xdnd.Events) { d.Failed(xdnd.ErrNoAnswer) }, "The dropped files could not be read."},
		{func(d xdnd.Events) { d.Drop(nil, 3) }, "Only files and folders of this computer can be added"},
		{func(d xdnd.Events) { d.Drop([]string{"/a"}, 3000) }, "3,000 things were left out"},
	} {
		w := newTestWindow(t, &fakeEngine{status: oneAccount()}, Options{})
		d := w.drops()
		d.Over(1, 1)
		tt.end(d)
		settle(w)
		hides(t, w, dropWords)
		shows(t, w, tt.want)
	}
}

func TestDropBeforeTheEngineHasAnsweredWaitsForIt(t *testing.T) {
	e := &fakeEngine{status: control.Status{State: stateGone, Text: lookingText}}
	w := newTestWindow(t, e, Options{})
	w.take([]string{"/tmp/a.jpg"}, 0)
	w.take([]string{"/tmp/b.jpg"}, 0)
	hides(t, w, "Add an account first")
	shows(t, w, "As soon as the engine answers, you are asked where the photos go")
	refreshed(w, oneAccount())
	shows(t, w, "a.jpg, b.jpg")
}

func TestDropOfVeryManyFiles(t *testing.T) {
	w := newTestWindow(t, &fakeEngine{status: oneAccount()}, Options{})
	var paths []string
	for i := range 100_000 {
		paths = append(paths, fmt.Sprintf("/home/me/Pictures/IMG_%06d.JPG", i))
	}
	w.take(paths, 0)
	w.take(paths, 0) // the same once more
	if !slices.Equal(w.adding.paths, paths) {
		t.Errorf("%d paths are offered", len(w.adding.paths))
	}
	shows(t, w, "99,996 more")
}

// TestToolkitDropsGoOn is about windows that cannot be listened to.
func TestToolkitDropsGoOn(t *testing.T) {
	w := newTestWindow(t, &fakeEngine{status: oneAccount()}, Options{})
	if r := w.hear(); r != nil {
		t.Error("the window of a test is listened to")
	}
	w.dropped([]fyne.URI{})
	shows(t, w, "Only files and folders of this computer can be added")
}
