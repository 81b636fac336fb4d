package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"
)

// rowList is a list of rows in which one can be selected. The selection is
// kept by key: rows come and go while the user looks at them.
type rowList struct {
	win      *Window
	list     *keyList
	rows     []row
	selected rowKey       // zero for none
	onSelect func(r *row) // nil row: nothing is selected
	menu     func(r *row) []menuItem
	quiet    bool // selecting by ourselves, not by the user
}

// menuItem is an action on what is selected.
type menuItem struct {
	label string
	icon  string
	run   func()
}

func newRowList(w *Window, onSelect func(*row), menu func(*row) []menuItem) *rowList {
	l := &rowList{win: w, onSelect: onSelect, menu: menu}
	l.list = &keyList{keys: w.typed}
	l.list.Length = func() int { return len(l.rows) }
	l.list.CreateItem = func() fyne.CanvasObject { return newRowWidget(l.pick, l.popup) }
	l.list.UpdateItem = l.update
	l.list.OnSelected = l.onSelected
	l.list.ExtendBaseWidget(l.list)
	return l
}

// keyList is a list that leaves the window's keys to the window.
type keyList struct {
	widget.List
	keys func(*fyne.KeyEvent)
}

// TypedKey implements [fyne.Focusable].
func (l *keyList) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape, fyne.KeyF5:
		l.keys(e)
	default:
		l.List.TypedKey(e)
	}
}

func (l *rowList) update(id widget.ListItemID, o fyne.CanvasObject) {
	w, ok := o.(*rowWidget)
	if !ok || id < 0 || id >= len(l.rows) {
		return
	}
	r := &l.rows[id]
	v := r.view(l.win.scene())
	if r.path == "" {
		w.set(r, v, nil)
		return
	}
	w.set(r, v, l.win.thumbs.get(r.path))
}

// set shows other rows and keeps the selection where its row went.
func (l *rowList) set(rows []row) {
	l.rows = rows
	at := l.find(l.selected)
	if at < 0 && l.selected != (rowKey{}) {
		l.choose(rowKey{})
	}
	l.quiet = true
	if at >= 0 {
		offset := l.list.GetScrollOffset() // selecting scrolls, but the user did not
		l.list.Select(at)
		l.list.ScrollToOffset(offset)
		if l.onSelect != nil {
			l.onSelect(&l.rows[at])
		}
	} else {
		l.list.UnselectAll()
	}
	l.quiet = false
	l.list.Refresh()
}

func (l *rowList) find(key rowKey) int {
	if key == (rowKey{}) {
		return -1
	}
	for i := range l.rows {
		if l.rows[i].rowKey == key {
			return i
		}
	}
	return -1
}

func (l *rowList) onSelected(id widget.ListItemID) {
	if l.quiet || id < 0 || id >= len(l.rows) {
		return
	}
	r := &l.rows[id]
	if r.more != "" {
		l.list.UnselectAll()
		return
	}
	l.choose(r.rowKey)
}

func (l *rowList) choose(key rowKey) {
	l.selected = key
	if l.onSelect == nil {
		return
	}
	if i := l.find(key); i >= 0 {
		l.onSelect(&l.rows[i])
		return
	}
	l.onSelect(nil)
}

// row returns the selected row, or nil.
func (l *rowList) row() *row {
	if i := l.find(l.selected); i >= 0 {
		return &l.rows[i]
	}
	return nil
}

// clear takes the selection away.
func (l *rowList) clear() {
	l.list.UnselectAll()
	l.choose(rowKey{})
}

// pick selects a row that was tapped.
func (l *rowList) pick(r *row) {
	l.win.win.Canvas().Focus(l.list)
	if i := l.find(r.rowKey); i >= 0 {
		l.list.Select(i)
	}
}

// popup shows the actions of a row where the pointer is.
func (l *rowList) popup(r *row, at fyne.Position) {
	l.pick(r)
	l.win.popup(l.menu(r), at)
}
