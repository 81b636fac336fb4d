package ui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

const (
	sheetWidth  = 520
	sheetMargin = 40 // between a sheet and the edge of the window
	sheetEdge   = 8  // at the right of the content, where the bar of the scroll is
)

// sheet is a dialog: a title, what can be chosen, and buttons. It never is
// larger than the window; what does not fit is scrolled. Escape closes it.
type sheet struct {
	win     *Window
	dialog  *dialog.CustomDialog
	body    fyne.CanvasObject
	scroll  *container.Scroll
	overlay fyne.CanvasObject // what it is shown in
	open    bool
	onClose func() // may be nil
}

func (w *Window) newSheet(title string, body fyne.CanvasObject) *sheet {
	s := &sheet{win: w, body: body, scroll: container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, sheetEdge), body))}
	s.dialog = dialog.NewCustomWithoutButtons(title, s.scroll, w.win)
	s.dialog.SetOnClosed(s.closed)
	w.wire(body, s)
	return s
}

// buttons sets the row of buttons; the last one is what is meant to be done.
func (s *sheet) buttons(bs ...*button) {
	os := make([]fyne.CanvasObject, len(bs))
	for i, b := range bs {
		b.escape = s.hide
		os[i] = b
	}
	s.dialog.SetButtons(os)
}

// closer is a button that only closes the sheet.
func (s *sheet) closer(label string) *button { return newButton(label, "", s.hide) }

func (s *sheet) show() {
	s.open = true
	s.win.sheets = append(s.win.sheets, s)
	s.dialog.Show()
	s.overlay = s.win.win.Canvas().Overlays().Top()
	s.fit()
}

// fit gives the sheet the height of its content, as far as the window has it,
// in the middle of the window.
func (s *sheet) fit() {
	c := s.win.win.Canvas().Size()
	width := min(sheetWidth, c.Width-sheetMargin)
	s.body.Resize(fyne.NewSize(width-2*theme.Padding()-40-sheetEdge, 10)) // wrapped text needs to know its width
	if c, ok := s.body.(*fyne.Container); ok {
		relayout(c) // which was skipped if the size had stayed the same
	}
	want := s.body.MinSize().Height
	chrome := float32(120)
	height := min(want+chrome, c.Height-sheetMargin)
	s.dialog.Resize(fyne.NewSize(width, height))
	s.scroll.Refresh()
	if s.overlay != nil {
		s.overlay.Refresh() // moves the sheet to the middle
	}
}

// refit fits the sheet after its content has changed, once it is shown.
func (s *sheet) refit() {
	if s.open {
		s.fit()
	}
}

func (s *sheet) hide() {
	if s.open {
		uncover(s.win.win.Canvas(), s.overlay, s.dialog.Hide)
	}
}

// uncover takes away what lies over the page. Whatever lies above that, and the
// toolkit takes away with it, is put back.
func uncover(c fyne.Canvas, o fyne.CanvasObject, away func()) {
	var above []fyne.CanvasObject
	if all := c.Overlays().List(); slices.Contains(all, o) {
		above = slices.Clone(all[slices.Index(all, o)+1:])
	}
	away()
	for _, a := range above {
		c.Overlays().Add(a)
	}
}

func (s *sheet) closed() {
	if !s.open {
		return
	}
	s.open = false
	for i, o := range s.win.sheets {
		if o == s {
			s.win.sheets = append(s.win.sheets[:i], s.win.sheets[i+1:]...)
			break
		}
	}
	if s.onClose != nil {
		s.onClose()
	}
}

// wire lets Escape in any of our inputs below o close the sheet.
func (w *Window) wire(o fyne.CanvasObject, s *sheet) {
	if e, ok := o.(interface{ onEscape(func()) }); ok {
		e.onEscape(s.hide)
	}
	if c, ok := o.(*fyne.Container); ok {
		for _, o := range c.Objects {
			w.wire(o, s)
		}
	}
}

// popup shows a menu of actions.
func (w *Window) popup(items []menuItem, at fyne.Position) {
	if len(items) == 0 {
		return
	}
	ms := make([]*fyne.MenuItem, len(items))
	for i, it := range items {
		ms[i] = fyne.NewMenuItem(it.label, it.run)
		if it.icon != "" {
			ms[i].Icon = glyph(it.icon)
		}
	}
	menu := widget.NewPopUpMenu(fyne.NewMenu("", ms...), w.win.Canvas())
	c, m := w.win.Canvas().Size(), menu.MinSize()
	at.X = max(min(at.X, c.Width-m.Width-8), 0)
	at.Y = max(min(at.Y, c.Height-m.Height-8), 0)
	menu.ShowAtPosition(at)
}

// form lays captions above their inputs.
func form(pairs ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(6), pairs...)
}

// field is an input below its caption.
func field(caption string, input fyne.CanvasObject) fyne.CanvasObject {
	return stacked(2, newCaption(caption), input)
}
