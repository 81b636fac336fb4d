package ui

import (
	"image/color"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// variantColor returns a colour of the current theme.
func variantColor(name fyne.ThemeColorName) color.Color {
	s := fyne.CurrentApp().Settings()
	return s.Theme().Color(name, s.ThemeVariant())
}

// panel is a rectangle in a colour of the theme; unlike a bare canvas object
// it follows a change from light to dark.
type panel struct {
	widget.BaseWidget
	fill, stroke fyne.ThemeColorName
	radius       float32
	wide         bool // the stroke is
}

func newPanel(fill fyne.ThemeColorName) *panel {
	p := &panel{fill: fill}
	p.ExtendBaseWidget(p)
	return p
}

// newCard is the ground of a card.
func newCard() *panel {
	p := &panel{fill: colorCard, stroke: theme.ColorNameSeparator, radius: 8}
	p.ExtendBaseWidget(p)
	return p
}

// CreateRenderer implements [fyne.Widget].
func (p *panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{panel: p, rect: canvas.NewRectangle(nil)}
	r.style()
	return r
}

type panelRenderer struct {
	panel *panel
	rect  *canvas.Rectangle
}

func (r *panelRenderer) style() {
	r.rect.FillColor = variantColor(r.panel.fill)
	if r.panel.stroke != "" {
		r.rect.StrokeColor, r.rect.StrokeWidth = variantColor(r.panel.stroke), 1
		if r.panel.wide {
			r.rect.StrokeWidth = 2
		}
	}
	r.rect.CornerRadius = r.panel.radius
}

func (r *panelRenderer) MinSize() fyne.Size           { return fyne.Size{} }
func (r *panelRenderer) Layout(s fyne.Size)           { r.rect.Resize(s) }
func (r *panelRenderer) Refresh()                     { r.style(); r.rect.Refresh() }
func (r *panelRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.rect} }
func (r *panelRenderer) Destroy()                     {}

// bar is a thin progress bar without text. Below zero it shows nothing at all,
// but keeps its place.
type bar struct {
	widget.BaseWidget
	value float64
	color fyne.ThemeColorName
}

const barHeight = 4

func newBar() *bar {
	b := &bar{value: -1, color: theme.ColorNamePrimary}
	b.ExtendBaseWidget(b)
	return b
}

func (b *bar) set(v float64, c fyne.ThemeColorName) {
	if v == b.value && c == b.color {
		return
	}
	b.value, b.color = v, c
	b.Refresh()
}

// CreateRenderer implements [fyne.Widget].
func (b *bar) CreateRenderer() fyne.WidgetRenderer {
	r := &barRenderer{bar: b, track: canvas.NewRectangle(nil), done: canvas.NewRectangle(nil)}
	r.track.CornerRadius, r.done.CornerRadius = barHeight/2, barHeight/2
	r.Refresh()
	return r
}

type barRenderer struct {
	bar         *bar
	track, done *canvas.Rectangle
}

func (r *barRenderer) MinSize() fyne.Size { return fyne.NewSize(16, barHeight) }
func (r *barRenderer) Layout(s fyne.Size) {
	y := (s.Height - barHeight) / 2
	r.track.Move(fyne.NewPos(0, y))
	r.track.Resize(fyne.NewSize(s.Width, barHeight))
	r.done.Move(fyne.NewPos(0, y))
	w := s.Width * float32(min(max(r.bar.value, 0), 1))
	if w > 0 {
		w = max(w, barHeight)
	}
	r.done.Resize(fyne.NewSize(w, barHeight))
}

func (r *barRenderer) Refresh() {
	r.track.FillColor, r.done.FillColor = variantColor(colorTrack), variantColor(r.bar.color)
	r.track.Hidden, r.done.Hidden = r.bar.value < 0, r.bar.value <= 0
	r.Layout(r.bar.Size())
	canvas.Refresh(r.bar)
}
func (r *barRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.track, r.done} }
func (r *barRenderer) Destroy()                     {}

// picture is an icon of a fixed size.
func picture(res fyne.Resource, size float32) *canvas.Image {
	i := canvas.NewImageFromResource(res)
	i.FillMode = canvas.ImageFillContain
	i.SetMinSize(fyne.NewSquareSize(size))
	return i
}

// setPicture shows another drawing; nothing is redrawn if it is the same.
func setPicture(i *canvas.Image, res fyne.Resource) {
	if i.Resource != nil && i.Resource.Name() == res.Name() {
		return
	}
	i.Resource = res
	i.Refresh()
}

// padded puts an object in a margin.
func padded(o fyne.CanvasObject, vertical, horizontal float32) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(vertical, vertical, horizontal, horizontal), o)
}

// stacked lays lines below each other with a small gap.
func stacked(gap float32, os ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedVBoxLayout(gap), os...)
}

// beside lays objects next to each other with a gap.
func beside(gap float32, os ...fyne.CanvasObject) *fyne.Container {
	return container.New(layout.NewCustomPaddedHBoxLayout(gap), os...)
}

// centred keeps an object at its own height in the middle of what is given.
func centred(o fyne.CanvasObject) fyne.CanvasObject {
	return container.NewVBox(layout.NewSpacer(), o, layout.NewSpacer())
}

// wrapped is text of several lines that breaks between words.
func wrapped(text string, i widget.Importance) *widget.Label {
	l := widget.NewLabel(text)
	l.Wrapping, l.Importance = fyne.TextWrapWord, i
	return l
}

// setLabel changes a label, and redraws it only if something changed.
func setLabel(l *widget.Label, text string, i widget.Importance) {
	if l.Text == text && l.Importance == i {
		return
	}
	l.Text, l.Importance = text, i
	l.Refresh()
}

// relayout lays a container out again after one of its objects has appeared,
// gone, or asked for another size.
func relayout(c *fyne.Container) {
	if c != nil && c.Layout != nil {
		c.Layout.Layout(c.Objects, c.Size())
	}
}

// setShown shows or hides an object, and does nothing if it is so already.
func setShown(o fyne.CanvasObject, shown bool) {
	switch {
	case shown && !o.Visible():
		o.Show()
	case !shown && o.Visible():
		o.Hide()
	}
}
