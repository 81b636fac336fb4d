package ui

import "fyne.io/fyne/v2/widget"

// newViewSwitch is a button that shows photos as tiles in place of rows, and
// back. The choice is kept in the window's memory.
func newViewSwitch(l *rowList, tiles *bool) *button {
	b := newButton("", "tiles", nil)
	b.Importance = widget.LowImportance
	draw := func() {
		b.drawing = "tiles"
		if *tiles {
			b.drawing = "rows"
		}
		b.SetIcon(glyph(b.drawing))
		l.tiles(*tiles)
	}
	b.OnTapped = func() {
		*tiles = !*tiles
		draw()
		m := l.win.memory
		l.win.spawn(func() {
			if err := m.save(); err != nil {
				l.win.log.Warn("Window state is not kept", "err", err)
			}
		})
	}
	draw()
	return b
}

func newFindButton(f func()) *button {
	b := newButton("", "scan", f)
	b.Importance = widget.LowImportance
	return b
}
