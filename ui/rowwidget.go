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
)

// rowWidget shows one row. The list makes as many as fit on the screen and
// uses them again and again.
type rowWidget struct {
	widget.BaseWidget
	tap  func(r *row)
	menu func(r *row, at fyne.Position) // secondary tap

	row    *row
	wide   bool // view.wide
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
}

func newRowWidget(tap func(*row), menu func(*row, fyne.Position)) *rowWidget {
	w := &rowWidget{
		tap:    tap,
		menu:   menu,
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
	w.back.radius = 6
	w.title.bold = true
	w.ExtendBaseWidget(w)
	return w
}

// set shows a row. img may be nil: there is no thumbnail, or not yet.
func (w *rowWidget) set(r *row, v view, img image.Image) {
	w.row, w.wide = r, v.wide
	plain := r.more != ""
	head := r.head != nil
	setShown(w.back, !plain && !head)
	setShown(w.none, !plain && !head && img == nil)
	setShown(w.thumb, img != nil)
	if img != nil && w.thumb.Image != img {
		w.thumb.Image = img
		w.thumb.Refresh()
	}
	hue := theme.ColorNameForeground
	if plain {
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
	w.place(w.Size())
}

// place puts the parts where they belong; a heading has no picture.
func (w *rowWidget) place(s fyne.Size) {
	left := float32(rowMargin)
	if w.row == nil || w.row.head == nil && w.row.more == "" {
		y := (s.Height - thumbSize) / 2
		box := fyne.NewSquareSize(thumbSize)
		w.back.Move(fyne.NewPos(left, y))
		w.back.Resize(box)
		w.thumb.Move(fyne.NewPos(left, y))
		w.thumb.Resize(box)
		w.none.Move(fyne.NewPos(left+13, y+13))
		w.none.Resize(fyne.NewSquareSize(thumbSize - 26))
		left += thumbSize + rowGap
	}
	right := min(stateWidth, s.Width*0.4)
	if w.wide {
		right = min(marksWidth, s.Width*0.4)
	}
	textWidth := max(s.Width-left-right-rowGap-rowMargin, 0)
	titleHeight, subHeight := w.title.MinSize().Height, w.sub.MinSize().Height
	y := (s.Height - titleHeight - subHeight - 2) / 2
	if w.bar.value >= 0 {
		y -= barHeight
	}
	w.title.Move(fyne.NewPos(left, y))
	w.title.Resize(fyne.NewSize(textWidth, titleHeight))
	w.sub.Move(fyne.NewPos(left, y+titleHeight+2))
	w.sub.Resize(fyne.NewSize(textWidth, subHeight))

	x := s.Width - rowMargin - right
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

// Tapped implements [fyne.Tappable]. A widget that takes one kind of tap gets
// them all, and the list none.
func (w *rowWidget) Tapped(*fyne.PointEvent) {
	if w.row != nil && w.row.more == "" {
		w.tap(w.row)
	}
}

// TappedSecondary implements [fyne.SecondaryTappable].
func (w *rowWidget) TappedSecondary(e *fyne.PointEvent) {
	if w.row != nil && w.row.more == "" {
		w.menu(w.row, e.AbsolutePosition)
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
	return []fyne.CanvasObject{w.back, w.none, w.thumb, w.icon, w.title, w.sub, w.state, w.detail, w.marks, w.bar}
}
func (r rowRenderer) Destroy() {}
