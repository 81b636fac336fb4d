package ui

import (
	"image"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

const (
	tileWidth   = 132
	tileHeight  = 152
	tilePicture = 108
)

// tile shows one photo of a grid. The grid makes as many as fit on the screen
// and uses them again and again.
type tile struct {
	widget.BaseWidget
	list *rowList

	row    *row
	mood   mood
	ground *panel
	back   *panel
	none   *canvas.Image
	thumb  *canvas.Image
	icon   *canvas.Image
	title  *line
	bar    *bar
}

func newTile(l *rowList) *tile {
	t := &tile{
		list:   l,
		ground: newPanel(theme.ColorNameSelection),
		back:   newPanel(colorTrack),
		none:   picture(icon{"picture", colorMuted}, 32),
		thumb:  &canvas.Image{ScaleMode: canvas.ImageScaleFastest, FillMode: canvas.ImageFillContain, CornerRadius: 6},
		icon:   picture(icon{"state-waiting", colorMuted}, 16),
		title:  newCaption(""),
		bar:    newBar(),
	}
	t.ground.radius, t.back.radius = 6, 6
	t.ground.Hide()
	t.title.color = theme.ColorNameForeground
	t.ExtendBaseWidget(t)
	return t
}

func (t *tile) setState(selected, cursor bool) {
	if m := (mood{selected, cursor}); m != t.mood {
		t.mood = m
		m.show(t.ground)
	}
}

// set shows a row. img may be nil: there is no picture, or not yet.
func (t *tile) set(r *row, v view, img image.Image) {
	t.row = r
	setShown(t.back, r.photo())
	setShown(t.none, r.photo() && img == nil)
	setShown(t.thumb, img != nil)
	if img != nil && t.thumb.Image != img {
		t.thumb.Image = img
		t.thumb.Refresh()
	}
	hue := theme.ColorNameForeground
	if !r.photo() {
		hue = colorMuted
	}
	t.title.set(v.title, hue)
	setShown(t.icon, v.icon != "")
	if v.icon != "" {
		setPicture(t.icon, icon{v.icon, v.hue})
	}
	t.bar.set(v.done, theme.ColorNamePrimary)
}

// Tapped implements [fyne.Tappable].
func (t *tile) Tapped(*fyne.PointEvent) {
	if t.row != nil && t.row.more == "" {
		t.list.tap(t.row)
	}
}

// TappedSecondary implements [fyne.SecondaryTappable].
func (t *tile) TappedSecondary(e *fyne.PointEvent) {
	if t.row != nil && t.row.more == "" {
		t.list.popup(t.row, e.AbsolutePosition)
	}
}

// CreateRenderer implements [fyne.Widget].
func (t *tile) CreateRenderer() fyne.WidgetRenderer { return tileRenderer{t} }

type tileRenderer struct{ t *tile }

func (r tileRenderer) MinSize() fyne.Size { return fyne.NewSize(tileWidth, tileHeight) }

func (r tileRenderer) Layout(s fyne.Size) {
	t := r.t
	t.ground.Resize(s)
	at := fyne.NewPos((s.Width-tilePicture)/2, 8)
	box := fyne.NewSquareSize(tilePicture)
	t.back.Move(at)
	t.back.Resize(box)
	t.thumb.Move(at)
	t.thumb.Resize(box)
	t.none.Move(at.AddXY((tilePicture-32)/2, (tilePicture-32)/2))
	t.none.Resize(fyne.NewSquareSize(32))
	t.bar.Move(at.AddXY(6, tilePicture-barHeight-6))
	t.bar.Resize(fyne.NewSize(tilePicture-12, barHeight))
	y := at.Y + tilePicture + 6
	t.icon.Move(fyne.NewPos(at.X, y))
	t.icon.Resize(fyne.NewSquareSize(16))
	h := t.title.MinSize().Height
	t.title.Move(fyne.NewPos(at.X+20, y+(16-h)/2))
	t.title.Resize(fyne.NewSize(tilePicture-20, h))
}

func (r tileRenderer) Refresh() {
	for _, o := range r.Objects() {
		o.Refresh()
	}
}

func (r tileRenderer) Objects() []fyne.CanvasObject {
	t := r.t
	return []fyne.CanvasObject{t.ground, t.back, t.none, t.thumb, t.bar, t.icon, t.title}
}
func (r tileRenderer) Destroy() {}
