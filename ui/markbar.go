package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/ui/say"
)

const (
	markIcon  = 13 // of a mark's drawing
	markInner = 3  // between drawing and name
	markGap   = 9  // between two marks
)

// markBar shows a photo's state for each account in one line: a drawing and
// the account's name, as far as there is room for names; or else initials; or
// else initials alone.
type markBar struct {
	widget.BaseWidget
	marks []mark
	cells []markCell
	rest  *line // "+2", for those that have no room at all
}

type markCell struct {
	icon *canvas.Image
	name *line
}

func newMarkBar() *markBar {
	b := &markBar{rest: newCaption("")}
	b.rest.Hide()
	b.ExtendBaseWidget(b)
	return b
}

// set shows other marks; nothing is redrawn if they look the same.
func (b *markBar) set(ms []mark) {
	if slices.EqualFunc(ms, b.marks, func(x, y mark) bool {
		return x.account == y.account && x.short == y.short && x.hue == y.hue && x.icon == y.icon
	}) {
		return
	}
	b.marks = ms
	for len(b.cells) < len(ms) {
		b.cells = append(b.cells, markCell{picture(icon{"state-waiting", colorMuted}, markIcon), newCaption("")})
	}
	b.Refresh()
}

// markForm is one way of writing marks.
type markForm struct {
	icon  bool
	names bool // in full
	gap   float32
}

// markForms begins with the one that says most.
var markForms = []markForm{{true, true, markGap}, {true, false, markGap}, {true, false, markGap / 2}, {false, false, markGap / 2}}

func (f markForm) text(m *mark) string {
	if f.names {
		return clean(m.account)
	}
	return m.short
}

// width is what a mark takes, without the gap after it.
func (f markForm) width(m *mark) float32 {
	w := captionWidth(f.text(m))
	if f.icon {
		w += markIcon + markInner
	}
	return w
}

func captionWidth(s string) float32 {
	return fyne.MeasureText(shorten(s, 100), theme.CaptionTextSize(), fyne.TextStyle{}).Width + 1
}

// fits returns how many marks have room in a width.
func (f markForm) fits(ms []mark, width float32) int {
	used := float32(0)
	for i := range ms {
		if used += f.width(&ms[i]); used > width {
			return i
		}
		used += f.gap
	}
	return len(ms)
}

// CreateRenderer implements [fyne.Widget].
func (b *markBar) CreateRenderer() fyne.WidgetRenderer { return markBarRenderer{b} }

type markBarRenderer struct{ b *markBar }

func (r markBarRenderer) MinSize() fyne.Size { return fyne.NewSize(16, r.b.rest.MinSize().Height) }

func (r markBarRenderer) Layout(s fyne.Size) {
	ms := r.b.marks
	form, n := markForms[len(markForms)-1], 0
	for _, f := range markForms {
		if n = f.fits(ms, s.Width); n == len(ms) {
			form = f
			break
		}
	}
	if n < len(ms) { // room for the number of the others
		n = form.fits(ms, s.Width-captionWidth("+99")-form.gap)
	}
	x := float32(0)
	for i, c := range r.b.cells {
		setShown(c.icon, i < n && form.icon)
		setShown(c.name, i < n)
		if i >= n {
			continue
		}
		m := &ms[i]
		w := form.width(m)
		at := x
		if form.icon {
			setPicture(c.icon, icon{m.icon, m.hue})
			c.icon.Move(fyne.NewPos(at, (s.Height-markIcon)/2))
			c.icon.Resize(fyne.NewSquareSize(markIcon))
			at += markIcon + markInner
		}
		c.name.set(form.text(m), m.hue)
		c.name.Move(fyne.NewPos(at, 0))
		c.name.Resize(fyne.NewSize(x+w-at, s.Height))
		x += w + form.gap
	}
	setShown(r.b.rest, n < len(ms))
	if n < len(ms) {
		r.b.rest.set("+"+say.Number(len(ms)-n), colorMuted)
		r.b.rest.Move(fyne.NewPos(x, 0))
		r.b.rest.Resize(fyne.NewSize(max(s.Width-x, 0), s.Height))
	}
}

func (r markBarRenderer) Refresh() {
	r.Layout(r.b.Size())
	for _, c := range r.b.cells {
		c.icon.Refresh()
		c.name.Refresh()
	}
	canvas.Refresh(r.b)
}

func (r markBarRenderer) Objects() []fyne.CanvasObject {
	os := make([]fyne.CanvasObject, 0, 2*len(r.b.cells)+1)
	for _, c := range r.b.cells {
		os = append(os, c.icon, c.name)
	}
	return append(os, r.b.rest)
}
func (r markBarRenderer) Destroy() {}
