package ui

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

const (
	rowHeight  = 60
	thumbSize  = 46
	rowMargin  = 8
	rowGap     = 12
	stateWidth = 230 // of the words at the right, where there is room for them,
	marksWidth = 380 // and with several accounts
	headWidth  = 120 // of a heading's number and account
	headWords  = 190 // that a heading's words keep
)

// rowWidget shows one row. The list makes as many as fit on the screen and
// uses them again and again.
type rowWidget struct {
	widget.BaseWidget
	list *rowList

	row    *row
	mood   mood
	ground *panel // behind what is selected
	wide   bool   // view.wide
	back   *panel
	none   *canvas.Image // in place of a thumbnail
	thumb  *canvas.Image
	icon   *canvas.Image
	title  *line
	sub    *line
	state  *line
	detail *line
	marks  *markBar // in place of the detail
	bar    *bar
	fold   *canvas.Image // of a heading: shows whether it is open
	acts   []*button     // of a heading
}

// mood is how a row or a tile takes part in the selection.
type mood struct{ selected, cursor bool }

// show paints the ground of a row.
func (m mood) show(ground *panel) {
	fill, stroke := theme.ColorNameBackground, fyne.ThemeColorName("")
	if m.selected {
		fill = theme.ColorNameSelection
	}
	if m.cursor {
		stroke = theme.ColorNamePrimary
	}
	setShown(ground, m.selected || m.cursor)
	if ground.fill != fill || ground.stroke != stroke {
		ground.fill, ground.stroke = fill, stroke
		ground.Refresh()
	}
}

func newRowWidget(l *rowList) *rowWidget {
	w := &rowWidget{
		list:   l,
		ground: newPanel(theme.ColorNameSelection),
		fold:   picture(icon{"fold-shut", colorMuted}, 18),
		back:   newPanel(colorTrack),
		none:   picture(icon{"picture", colorMuted}, 20),
		thumb:  &canvas.Image{ScaleMode: canvas.ImageScaleFastest, FillMode: canvas.ImageFillContain, CornerRadius: 6},
		icon:   picture(icon{"state-waiting", colorMuted}, 16),
		title:  newText(""),
		sub:    newCaption(""),
		state:  newCaption(""),
		detail: newCaption(""),
		marks:  newMarkBar(),
		bar:    newBar(),
	}
	w.back.radius, w.ground.radius = 6, 6
	w.ground.Hide()
	w.fold.Hide()
	w.title.bold = true
	w.ExtendBaseWidget(w)
	return w
}

// setState says whether the row is selected, and whether the keyboard is at it.
func (w *rowWidget) setState(selected, cursor bool) {
	if m := (mood{selected, cursor}); m != w.mood {
		w.mood = m
		m.show(w.ground)
	}
}

// set shows a row. img may be nil: there is no thumbnail, or not yet.
func (w *rowWidget) set(r *row, v view, img image.Image) {
	w.row, w.wide = r, v.wide
	framed := r.photo() || r.session != nil
	setShown(w.back, framed)
	setShown(w.none, framed && img == nil)
	pic := "picture"
	if r.session != nil {
		pic = sessionIcon(r.session)
	}
	setPicture(w.none, icon{pic, colorMuted})
	setShown(w.thumb, img != nil)
	if img != nil && w.thumb.Image != img {
		w.thumb.Image = img
		w.thumb.Refresh()
	}
	hue := theme.ColorNameForeground
	if r.more != "" {
		hue = colorMuted
	}
	w.title.set(v.title, hue)
	w.sub.set(v.sub, v.subHue)
	w.state.set(v.state, v.hue)
	w.detail.set(v.detail, colorMuted)
	w.marks.set(v.marks)
	setShown(w.detail, len(v.marks) == 0)
	setShown(w.marks, len(v.marks) > 0)
	setShown(w.icon, v.icon != "")
	if v.icon != "" {
		setPicture(w.icon, icon{v.icon, v.hue})
	}
	w.bar.set(v.done, theme.ColorNamePrimary)
	w.setHead(r)
	w.place(w.Size())
}

// setHead shows the buttons of a heading, which are made when they are needed
// first.
func (w *rowWidget) setHead(r *row) {
	setShown(w.fold, r.head != nil)
	var items []menuItem
	if r.head != nil {
		name := "fold-shut"
		if r.head.open {
			name = "fold-open"
		}
		setPicture(w.fold, icon{name, colorMuted})
		if w.list.heads != nil {
			items = w.list.heads(r)
		}
	}
	for len(w.acts) < len(items) {
		i := len(w.acts)
		w.acts = append(w.acts, newButton("", "", func() { w.act(i) }))
	}
	for i, b := range w.acts {
		setShown(b, i < len(items))
		if i < len(items) && b.Text != items[i].label {
			b.SetText(items[i].label)
		}
	}
}

// act presses a button of the heading that is shown now.
func (w *rowWidget) act(i int) {
	if w.row == nil || w.row.head == nil {
		return
	}
	if items := w.list.heads(w.row); i < len(items) {
		items[i].run()
	}
}

// place puts the parts where they belong; a heading has no picture.
func (w *rowWidget) place(s fyne.Size) {
	w.ground.Resize(s)
	left := float32(rowMargin)
	switch {
	case w.row == nil || w.row.photo() || w.row.session != nil:
		y := (s.Height - thumbSize) / 2
		box := fyne.NewSquareSize(thumbSize)
		w.back.Move(fyne.NewPos(left, y))
		w.back.Resize(box)
		w.thumb.Move(fyne.NewPos(left, y))
		w.thumb.Resize(box)
		w.none.Move(fyne.NewPos(left+13, y+13))
		w.none.Resize(fyne.NewSquareSize(thumbSize - 26))
		left += thumbSize + rowGap
	case w.row.head != nil:
		w.fold.Move(fyne.NewPos(left, (s.Height-18)/2))
		w.fold.Resize(fyne.NewSquareSize(18))
		left += 18 + rowGap
	}
	end := s.Width - rowMargin - w.placeActs(s)
	right := min(stateWidth, s.Width*0.4)
	switch {
	case w.row != nil && w.row.head != nil:
		right = headWidth
	case w.wide:
		right = min(marksWidth, s.Width*0.4)
	}
	textWidth := max(end-left-right-rowGap, 0)
	titleHeight, subHeight := w.title.MinSize().Height, w.sub.MinSize().Height
	y := (s.Height - titleHeight - subHeight - 2) / 2
	if w.bar.value >= 0 {
		y -= barHeight
	}
	w.title.Move(fyne.NewPos(left, y))
	w.title.Resize(fyne.NewSize(textWidth, titleHeight))
	w.sub.Move(fyne.NewPos(left, y+titleHeight+2))
	w.sub.Resize(fyne.NewSize(textWidth, subHeight))

	x := end - right
	w.icon.Move(fyne.NewPos(x, y+(titleHeight-16)/2))
	w.icon.Resize(fyne.NewSquareSize(16))
	w.state.Move(fyne.NewPos(x+22, y+(titleHeight-subHeight)/2))
	w.state.Resize(fyne.NewSize(max(right-22, 0), subHeight))
	w.detail.Move(fyne.NewPos(x+22, y+titleHeight+2))
	w.detail.Resize(fyne.NewSize(max(right-22, 0), subHeight))
	w.marks.Move(fyne.NewPos(x, y+titleHeight+2))
	w.marks.Resize(fyne.NewSize(right, subHeight))
	w.bar.Move(fyne.NewPos(left, s.Height-barHeight-6))
	w.bar.Resize(fyne.NewSize(max(s.Width-left-rowMargin, 0), barHeight))
}

// placeActs puts the buttons of a heading at the right, as many as leave room
// for its words, and returns the width that they take.
func (w *rowWidget) placeActs(s fyne.Size) (used float32) {
	n := 0
	for _, b := range w.acts {
		if b.Visible() {
			n++
		}
	}
	for i := n - 1; i >= 0; i-- {
		b := w.acts[i]
		m := b.MinSize()
		if used+m.Width > s.Width-headWidth-headWords {
			b.Move(fyne.NewPos(-m.Width-rowMargin, -m.Height)) // the bar below has it
			b.Resize(fyne.Size{})
			continue
		}
		used += m.Width
		b.Move(fyne.NewPos(s.Width-rowMargin-used, (s.Height-m.Height)/2))
		b.Resize(m)
		used += 4
	}
	return used
}

// Tapped implements [fyne.Tappable]. A widget that takes one kind of tap gets
// them all, and the list none.
func (w *rowWidget) Tapped(*fyne.PointEvent) {
	if w.row != nil && w.row.more == "" {
		w.list.tap(w.row)
	}
}

// TappedSecondary implements [fyne.SecondaryTappable].
func (w *rowWidget) TappedSecondary(e *fyne.PointEvent) {
	if w.row != nil && w.row.more == "" {
		w.list.popup(w.row, e.AbsolutePosition)
	}
}

// CreateRenderer implements [fyne.Widget].
func (w *rowWidget) CreateRenderer() fyne.WidgetRenderer { return rowRenderer{w} }

type rowRenderer struct{ w *rowWidget }

func (r rowRenderer) MinSize() fyne.Size { return fyne.NewSize(200, rowHeight) }
func (r rowRenderer) Layout(s fyne.Size) { r.w.place(s) }
func (r rowRenderer) Refresh() {
	for _, o := range r.Objects() {
		o.Refresh()
	}
}

func (r rowRenderer) Objects() []fyne.CanvasObject {
	w := r.w
	os := []fyne.CanvasObject{w.ground, w.back, w.none, w.thumb, w.fold, w.icon, w.title, w.sub, w.state, w.detail, w.marks, w.bar}
	for _, b := range w.acts {
		os = append(os, b)
	}
	return os
}
func (r rowRenderer) Destroy() {}
