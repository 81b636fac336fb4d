package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// pickTile is one of several things to choose from, with a drawing, a title and a
// few words.
type pickTile struct {
	widget.BaseWidget
	keys
	drawing string
	picked  func()
	back    *panel
	icon    *canvas.Image
	title   *line
	words   *widget.Label
	box     *fyne.Container

	chosen, hovered, lit bool
}

func newPickTile(drawing, title, words string, picked func()) *pickTile {
	t := &pickTile{
		drawing: drawing, picked: picked, back: newCard(), icon: picture(icon{drawing, colorMuted}, 24),
		title: newText(title), words: note(words),
	}
	t.title.bold = true
	inner := container.NewBorder(nil, nil, padded(centred(t.icon), 0, 4), nil,
		column(-4, margin(t.title, 6, settingInset), t.words))
	t.box = container.NewStack(t.back, margin(inner, 2, 8))
	t.ExtendBaseWidget(t)
	return t
}

// say changes the words.
func (t *pickTile) say(words string) { setLabel(t.words, clean(words), widget.LowImportance) }

// choose shows whether the option is the chosen one.
func (t *pickTile) choose(yes bool) {
	if t.chosen != yes {
		t.chosen = yes
		t.style()
	}
}

func (t *pickTile) style() {
	t.back.fill, t.back.stroke = colorCard, theme.ColorNameSeparator
	hue := colorMuted
	switch {
	case t.chosen:
		t.back.fill, t.back.stroke, hue = theme.ColorNameSelection, theme.ColorNamePrimary, theme.ColorNamePrimary
	case t.hovered:
		t.back.fill = theme.ColorNameHover
	}
	if t.lit {
		t.back.stroke = theme.ColorNamePrimary
	}
	t.back.wide = t.lit
	setPicture(t.icon, icon{t.drawing, hue})
	t.back.Refresh()
}

// CreateRenderer implements [fyne.Widget].
func (t *pickTile) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(t.box) }

// Tapped implements [fyne.Tappable].
func (t *pickTile) Tapped(*fyne.PointEvent) { t.picked() }

// MouseIn implements [desktop.Hoverable].
func (t *pickTile) MouseIn(*desktop.MouseEvent) { t.hovered = true; t.style() }

// MouseMoved implements [desktop.Hoverable].
func (t *pickTile) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements [desktop.Hoverable].
func (t *pickTile) MouseOut() { t.hovered = false; t.style() }

// FocusGained implements [fyne.Focusable].
func (t *pickTile) FocusGained() { t.lit = true; t.style(); t.focused() }

// FocusLost implements [fyne.Focusable].
func (t *pickTile) FocusLost() { t.lit = false; t.style() }

// TypedRune implements [fyne.Focusable].
func (t *pickTile) TypedRune(rune) {}

// TypedKey implements [fyne.Focusable]. Space chooses the option, and Enter too; on
// the chosen one, Enter is for what the option lies in.
func (t *pickTile) TypedKey(e *fyne.KeyEvent) {
	enter := e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter
	if e.Name == fyne.KeySpace || enter && !t.chosen {
		t.picked()
		return
	}
	t.took(e)
}

// pickTilesLayout lays options in two columns of equal width, where there is room for
// two, and makes those beside each other equally high.
type pickTilesLayout struct{}

const (
	pickTilesGap    = 8
	pickTilesNarrow = 440 // below this width there is one column
)

func pickTiles(os ...fyne.CanvasObject) *fyne.Container {
	return container.New(pickTilesLayout{}, os...)
}

func pickTileRows(os []fyne.CanvasObject, width float32) (cell float32, rows [][]fyne.CanvasObject) {
	n := 2
	if width < pickTilesNarrow {
		n = 1
	}
	var row []fyne.CanvasObject
	for _, o := range os {
		if !o.Visible() {
			continue
		}
		if row = append(row, o); len(row) == n {
			rows, row = append(rows, row), nil
		}
	}
	if len(row) > 0 {
		rows = append(rows, row)
	}
	return (width - pickTilesGap*float32(n-1)) / float32(n), rows
}

// MinSize implements [fyne.Layout]. It is what the options need at the width that
// they have.
func (pickTilesLayout) MinSize(os []fyne.CanvasObject) fyne.Size {
	var low, bottom float32
	for _, o := range os {
		if o.Visible() {
			m := o.MinSize()
			low = max(low, m.Width)
			bottom = max(bottom, o.Position().Y+max(m.Height, o.Size().Height))
		}
	}
	return fyne.NewSize(low, bottom)
}

// Layout implements [fyne.Layout].
func (pickTilesLayout) Layout(os []fyne.CanvasObject, s fyne.Size) {
	cell, rows := pickTileRows(os, s.Width)
	y := float32(0)
	for _, row := range rows {
		h := float32(0)
		for _, o := range row {
			h = max(h, fitHeight(o, cell))
		}
		for i, o := range row {
			o.Move(fyne.NewPos(float32(i)*(cell+pickTilesGap), y))
			o.Resize(fyne.NewSize(cell, h))
		}
		y += h + pickTilesGap
	}
}
