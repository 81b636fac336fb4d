package ui

import (
	"testing"

	"fyne.io/fyne/v2"
)

func TestSheetStaysInTheMiddleAndInTheWindow(t *testing.T) {
	for _, size := range []fyne.Size{fyne.NewSize(520, 400), fyne.NewSize(640, 480), fyne.NewSize(1280, 860)} {
		e := &fakeEngine{status: oneAccount()}
		w := newTestWindow(t, e, Options{})
		w.win.Resize(size)
		a := w.newAccountSheet()
		a.sheet.show()
		inside := func(when string) {
			t.Helper()
			d := w.app.Driver()
			from, at := d.AbsolutePositionForObject(a.sheet.scroll), d.AbsolutePositionForObject(a.add)
			bottom := at.Y + a.add.Size().Height
			right := from.X + a.sheet.scroll.Size().Width
			if from.X < 0 || from.Y < 0 || right > size.Width || bottom > size.Height {
				t.Errorf("%s, in a window of %v, it reaches from %v to %v, %v", when, size, from, right, bottom)
			}
			if l, r := from.X, size.Width-right; l-r > 4 || r-l > 4 {
				t.Errorf("%s, it leaves %v at the left and %v at the right", when, l, r)
			}
		}
		inside("at first")
		a.service.SetSelected("ipernity")
		inside("with another service")
		a.unfold()
		inside("with more settings")
		a.say("The address is missing.")
		inside("with a complaint")
		a.unfold()
		inside("with fewer settings")
	}
}

// TestWhatLiesAboveStaysWhenSomethingBelowGoes: the add sheet closes itself when
// the engine has answered, and a drag ends, whatever was opened meanwhile.
func TestWhatLiesAboveStaysWhenSomethingBelowGoes(t *testing.T) {
	w := newTestWindow(t, &fakeEngine{status: oneAccount()}, Options{})
	w.offer([]string{"/tmp/a.jpg"})
	w.closing()
	const question = "PhotoFerry goes on in the background"
	shows(t, w, question)
	w.adding.sheet.hide()
	shows(t, w, question)
	if n := len(w.win.Canvas().Overlays().List()); n != 1 {
		t.Errorf("%d things lie over the page", n)
	}
	w.escape()
	hides(t, w, question)
	w.closing()
	shows(t, w, question)
	w.escape()

	w.zone.show()
	w.closing()
	w.zone.hide()
	shows(t, w, question)
	hides(t, w, dropWords)
}
