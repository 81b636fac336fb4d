package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// keyList is a list whose keyboard is that of its rowList: the toolkit's own
// knows one selected row only.
type keyList struct {
	widget.List
	rows *rowList
}

func newKeyList(l *rowList) *keyList {
	k := &keyList{rows: l}
	k.Length = func() int { return l.src.length() }
	k.CreateItem = func() fyne.CanvasObject { return newRowWidget(l) }
	k.UpdateItem = l.update
	k.ExtendBaseWidget(k)
	return k
}

// FocusGained implements [fyne.Focusable].
func (k *keyList) FocusGained() { k.rows.setFocused(true) }

// FocusLost implements [fyne.Focusable].
func (k *keyList) FocusLost() { k.rows.setFocused(false) }

// TypedKey implements [fyne.Focusable].
func (k *keyList) TypedKey(e *fyne.KeyEvent) { k.rows.typed(e) }

// keyGrid is keyList for tiles.
type keyGrid struct {
	widget.GridWrap
	rows *rowList
}

func newKeyGrid(l *rowList) *keyGrid {
	k := &keyGrid{rows: l}
	k.Length = func() int { return l.src.length() }
	k.CreateItem = func() fyne.CanvasObject { return newTile(l) }
	k.UpdateItem = l.updateTile
	k.ExtendBaseWidget(k)
	return k
}

// FocusGained implements [fyne.Focusable].
func (k *keyGrid) FocusGained() { k.rows.setFocused(true) }

// FocusLost implements [fyne.Focusable].
func (k *keyGrid) FocusLost() { k.rows.setFocused(false) }

// TypedKey implements [fyne.Focusable].
func (k *keyGrid) TypedKey(e *fyne.KeyEvent) { k.rows.typed(e) }

func (l *rowList) setFocused(yes bool) {
	l.focused = yes
	l.refresh()
}

// typed handles the keys of a list with the focus.
func (l *rowList) typed(e *fyne.KeyEvent) {
	if to, ok := l.step(e.Name); ok {
		l.move(to)
		return
	}
	r := l.rowAt(l.sel.at)
	switch e.Name {
	case fyne.KeySpace:
		if r != nil && r.more == "" {
			l.choose(r, l.sel.at, fyne.KeyModifierShortcutDefault)
		}
	case fyne.KeyReturn, fyne.KeyEnter:
		if r != nil {
			l.enter(r)
		}
	case fyne.KeyLeft, fyne.KeyRight: // in a list, where they don't move
		if open := e.Name == fyne.KeyRight; r != nil && r.head != nil && l.fold != nil && r.head.open != open {
			l.fold(r, open)
		}
	case fyne.KeyDelete:
		l.win.removeRows(l.chosen())
	case desktop.KeyMenu:
		l.menuByKey()
	case fyne.KeyF10:
		if l.win.modifiers()&fyne.KeyModifierShift != 0 {
			l.menuByKey()
		}
	default:
		l.win.typed(e)
	}
}

// step returns the place that a key leads to.
func (l *rowList) step(key fyne.KeyName) (to int, ok bool) {
	line, pad := 1, theme.Padding()
	var page int
	if l.tiled() {
		line = max(l.grid.ColumnCount(), 1)
		page = line * max(int(l.grid.Size().Height/(tileHeight+pad)), 1)
	} else {
		page = max(int(l.list.Size().Height/(rowHeight+pad)), 1)
	}
	at := l.sel.at
	if l.sel.cursor == (rowKey{}) && len(l.sel.rows) == 0 && (key == fyne.KeyDown || key == fyne.KeyUp) {
		return at, true // the first step selects where the cursor is
	}
	switch key {
	case fyne.KeyUp:
		return at - line, at >= line
	case fyne.KeyDown:
		return at + line, true
	case fyne.KeyPageUp:
		return at - page, true
	case fyne.KeyPageDown:
		return at + page, true
	case fyne.KeyHome:
		return 0, true
	case fyne.KeyEnd:
		return l.src.length() - 1, true
	case fyne.KeyLeft:
		return at - 1, l.tiled()
	case fyne.KeyRight:
		return at + 1, l.tiled()
	}
	return 0, false
}

// move brings the cursor to a place, and the selection with it.
func (l *rowList) move(to int) {
	to = max(min(to, l.src.length()-1), 0)
	r := l.src.row(to)
	l.scrollTo(to)
	if r == nil || r.more != "" {
		return // not there yet, or nothing to act on
	}
	l.choose(r, to, l.win.modifiers()&fyne.KeyModifierShift)
}

// menuByKey shows the actions of what is selected beside the cursor.
func (l *rowList) menuByKey() {
	rs := l.chosen()
	if len(rs) == 0 {
		if r := l.rowAt(l.sel.at); r != nil && r.more == "" {
			l.choose(r, l.sel.at, 0)
			rs = l.chosen()
		}
	}
	if len(rs) == 0 {
		return
	}
	l.scrollTo(l.sel.at)
	d := l.win.app.Driver()
	pad := theme.Padding()
	if l.tiled() {
		n := max(l.grid.ColumnCount(), 1)
		x := float32(l.sel.at%n) * (tileWidth + pad)
		y := float32(l.sel.at/n)*(tileHeight+pad) - l.grid.GetScrollOffset()
		l.win.popup(l.menu(rs), d.AbsolutePositionForObject(l.grid).AddXY(x+tileWidth/2, y+tileHeight/2))
		return
	}
	y := float32(l.sel.at)*(rowHeight+pad) - l.list.GetScrollOffset()
	l.win.popup(l.menu(rs), d.AbsolutePositionForObject(l.list).AddXY(rowMargin+thumbSize, y+rowHeight-8))
}
