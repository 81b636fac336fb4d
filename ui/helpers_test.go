package ui

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// newTestWindow makes a window over a fake engine. Calls run in place, and
// settle applies what they brought; so a test needs no goroutine.
func newTestWindow(t testing.TB, e *fakeEngine, o Options) *Window {
	t.Helper()
	a := test.NewTempApp(t)
	w := New(a, control.InProcess(control.Handler(e, nil)), o)
	w.work.Wait()
	if asked := e.took(); len(asked) > 0 {
		t.Errorf("before the window is shown, the engine is asked for %q", asked)
	}
	w.spawn = func(f func()) { f() }
	w.after = func(time.Duration, func()) {}
	w.home = "/home/me"
	w.memory.Guided = true // tests of the guide start it themselves
	w.win.Resize(fyne.NewSize(900, 640))
	w.win.Show()
	t.Cleanup(w.win.Close)
	w.apply(mail{status: &e.status})
	settle(w)
	e.took()
	return w
}

func settle(w *Window) {
	for {
		m := w.mail.take()
		if m.status == nil && len(m.posts) == 0 {
			return
		}
		m.thumbs = false
		w.apply(m)
	}
}

// refreshed shows a status and everything that is asked for because of it.
func refreshed(w *Window, s control.Status) {
	for _, l := range []*lister{&w.nowTab.query, &w.pages[pageFailed].(*failedPage).query} {
		l.last, l.timed = time.Time{}, false
	}
	h := w.pages[pageHistory].(*historyPage)
	for _, p := range []*pager{h.sessions, h.photos} {
		p.asked, p.timed = time.Time{}, false
	}
	w.apply(mail{status: &s})
	settle(w)
}

// objects are all visible objects on the screen, dialogs included.
func objects(w *Window) []fyne.CanvasObject {
	c := w.win.Canvas()
	roots := append([]fyne.CanvasObject{c.Content()}, c.Overlays().List()...)
	var all []fyne.CanvasObject
	var walk func(o fyne.CanvasObject)
	walk = func(o fyne.CanvasObject) {
		if !o.Visible() {
			return
		}
		all = append(all, o)
		switch o := o.(type) {
		case *fyne.Container:
			for _, c := range o.Objects {
				walk(c)
			}
		case fyne.Widget:
			for _, c := range test.WidgetRenderer(o).Objects() {
				walk(c)
			}
		}
	}
	for _, r := range roots {
		walk(r)
	}
	return all
}

// texts are all texts on the screen.
func texts(w *Window) []string {
	var ts []string
	for _, o := range objects(w) {
		switch o := o.(type) {
		case *canvas.Text:
			ts = append(ts, o.Text)
		case *widget.Label:
			ts = append(ts, o.Text)
		}
	}
	return ts
}

func shows(t *testing.T, w *Window, want ...string) {
	t.Helper()
	ts := texts(w)
	for _, s := range want {
		if !slices.ContainsFunc(ts, func(got string) bool { return strings.Contains(got, s) }) {
			t.Errorf("%q is not on the screen: %q", s, ts)
		}
	}
}

func hides(t *testing.T, w *Window, unwanted ...string) {
	t.Helper()
	for _, got := range texts(w) {
		for _, s := range unwanted {
			if strings.Contains(got, s) {
				t.Errorf("%q is on the screen: %q", s, got)
			}
		}
	}
}

// press taps the topmost button with a label.
func press(t *testing.T, w *Window, label string) {
	t.Helper()
	all := objects(w)
	for _, o := range slices.Backward(all) {
		if b, ok := o.(*button); ok && b.Text == label && b.Visible() {
			if b.Disabled() {
				t.Fatalf("the button %q cannot be used", label)
			}
			test.Tap(b)
			settle(w)
			return
		}
	}
	t.Fatalf("no button %q", label)
}

// choose taps an item of the menu that is open.
func chooseItem(t *testing.T, w *Window, label string) {
	t.Helper()
	for _, o := range objects(w) {
		if m, ok := o.(*widget.PopUpMenu); ok {
			for _, it := range m.Items {
				tap, ok := it.(fyne.Tappable)
				if !ok {
					continue
				}
				for _, o := range test.LaidOutObjects(it) {
					if txt, ok := o.(*canvas.Text); ok && txt.Text == label {
						tap.Tapped(&fyne.PointEvent{})
						settle(w)
						return
					}
				}
			}
		}
	}
	t.Fatalf("no menu item %q", label)
}

func tapRow(t *testing.T, w *Window, title string) {
	t.Helper()
	for _, o := range objects(w) {
		if r, ok := o.(*rowWidget); ok && r.title.text == title {
			r.Tapped(&fyne.PointEvent{})
			settle(w)
			return
		}
	}
	t.Fatalf("no row %q", title)
}

// rowTitle is the title of the last row on the screen.
func rowTitle(w *Window) string {
	title := ""
	for _, o := range objects(w) {
		if r, ok := o.(*rowWidget); ok {
			title = r.title.text
		}
	}
	return title
}

func wants(t *testing.T, e *fakeEngine, want ...string) {
	t.Helper()
	if got := e.took(); !slices.Equal(got, want) {
		t.Errorf("the engine was asked for %q, want %q", got, want)
	}
}

func oneAccount() control.Status {
	return control.Status{
		Running: true, State: control.StateIdle, Text: "Everything sent",
		Accounts: []control.Account{{Name: "Home", Service: "picapport", URL: "https://x.org", User: "anna", State: control.AccountOK}},
		Folders:  []control.Folder{{Path: "/home/me/Pictures", State: control.FolderWatching, Accounts: []string{"Home"}}},
	}
}

func queued(n int) []control.Job {
	js := make([]control.Job, n)
	for i := range js {
		js[i] = control.Job{ID: uint64(i + 1), Path: fmt.Sprintf("/home/me/Pictures/IMG_%04d.JPG", i), Account: "Home", State: "ready", Size: 3e6}
	}
	return js
}
