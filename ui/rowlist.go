package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
)

// doubleTap is the longest time between two taps that open a row.
const doubleTap = 400 * time.Millisecond

// rowList is a list of rows of which some can be selected, by pointer and by
// keyboard. Photos may be shown as tiles in a grid as well.
type rowList struct {
	win  *Window
	box  *fyne.Container // holds the list or the grid
	list *keyList
	grid *keyGrid // nil before it is wanted
	rows rowSlice // of the last set
	src  rowSource
	sel  selection

	onSelect func(rs []*row) // no rows: nothing is selected
	menu     func(rs []*row) []menuItem
	open     func(r *row)            // Enter, or two taps; may be nil
	fold     func(r *row, open bool) // of a heading; may be nil
	heads    func(r *row) []menuItem // buttons of a heading; may be nil

	focused bool
	tapped  rowKey // last
	tapAt   time.Time
}

// menuItem is an action on what is selected.
type menuItem struct {
	label string
	icon  string
	run   func()
}

func newRowList(w *Window, onSelect func([]*row), menu func([]*row) []menuItem) *rowList {
	l := &rowList{win: w, onSelect: onSelect, menu: menu, open: w.open}
	l.src = &l.rows
	l.list = newKeyList(l)
	l.box = container.NewStack(l.list)
	return l
}

// tiles shows the photos as tiles in a grid, or as rows again.
func (l *rowList) tiles(yes bool) {
	o := fyne.CanvasObject(l.list)
	if yes {
		if l.grid == nil {
			l.grid = newKeyGrid(l)
		}
		o = l.grid
	}
	if l.box.Objects[0] == o {
		return
	}
	l.box.Objects = []fyne.CanvasObject{o}
	l.box.Refresh()
	l.scrollTo(l.sel.at)
}

// tiled says whether the grid is shown.
func (l *rowList) tiled() bool { return l.grid != nil && l.box.Objects[0] == fyne.CanvasObject(l.grid) }

// refresh draws what is on the screen again.
func (l *rowList) refresh() {
	if l.tiled() {
		l.grid.Refresh()
		return
	}
	l.list.Refresh()
}

// rowAt returns what is to be shown at a place.
func (l *rowList) rowAt(i int) *row {
	if i < 0 || i >= l.src.length() {
		return nil
	}
	if r := l.src.row(i); r != nil {
		return r
	}
	return &row{more: "…"}
}

func (l *rowList) update(i int, o fyne.CanvasObject) {
	w, ok := o.(*rowWidget)
	r := l.rowAt(i)
	if !ok || r == nil {
		return
	}
	w.setState(l.sel.has(r.rowKey), l.focused && i == l.sel.at)
	v := r.view(l.win.scene())
	if r.path == "" {
		w.set(r, v, nil)
		return
	}
	w.set(r, v, l.win.thumbs.get(r.path))
}

func (l *rowList) updateTile(i int, o fyne.CanvasObject) {
	t, ok := o.(*tile)
	r := l.rowAt(i)
	if !ok || r == nil {
		return
	}
	t.setState(l.sel.has(r.rowKey), l.focused && i == l.sel.at)
	v := r.view(l.win.scene())
	if r.path == "" {
		t.set(r, v, nil)
		return
	}
	t.set(r, v, l.win.tiles.get(r.path))
}

// set shows other rows and keeps the selection where its rows went.
func (l *rowList) set(rows []row) {
	l.rows = rows
	l.show(&l.rows)
}

// show shows a source, which may have changed.
func (l *rowList) show(src rowSource) {
	l.src = src
	was := len(l.sel.rows)
	l.sel.follow(src)
	if was > 0 {
		l.selected()
	}
	l.refresh()
}

// selected tells who shows what can be done.
func (l *rowList) selected() {
	if l.onSelect != nil {
		l.onSelect(l.sel.in(l.src))
	}
}

// chosen returns the selected rows.
func (l *rowList) chosen() []*row { return l.sel.in(l.src) }

// row returns the one row that is selected, or nil.
func (l *rowList) row() *row {
	if rs := l.chosen(); len(rs) == 1 {
		return rs[0]
	}
	return nil
}

// clear takes the selection away.
func (l *rowList) clear() {
	l.sel.only(nil, l.sel.at)
	l.selected()
	l.refresh()
}

// selectAll selects every photo in memory.
func (l *rowList) selectAll() {
	l.sel.everything(l.src)
	l.selected()
	l.refresh()
}

// choose selects the row at a place as the keys that are held ask for it.
func (l *rowList) choose(r *row, at int, m fyne.KeyModifier) {
	switch {
	case m&fyne.KeyModifierShift != 0:
		l.sel.extend(l.src, r, at)
	case m&fyne.KeyModifierShortcutDefault != 0:
		l.sel.toggle(r, at)
	default:
		l.sel.only(r, at)
	}
	l.selected()
	l.refresh()
}

// tap selects a row that was tapped. A heading folds, a session opens, and so
// does a photo that is tapped twice.
func (l *rowList) tap(r *row) {
	l.focus()
	at := place(l.src, r.rowKey)
	if at < 0 {
		return
	}
	m, now := l.win.modifiers(), l.win.now()
	twice := r.rowKey == l.tapped && now.Sub(l.tapAt) < doubleTap
	l.tapped, l.tapAt = r.rowKey, now
	l.choose(r, at, m)
	switch {
	case m&(fyne.KeyModifierShift|fyne.KeyModifierShortcutDefault) != 0:
	case r.head != nil:
		if l.fold != nil {
			l.fold(r, !r.head.open)
		}
	case r.session != nil, twice:
		l.tapped = rowKey{}
		l.enter(r)
	}
}

// enter opens a row.
func (l *rowList) enter(r *row) {
	switch {
	case r.more != "":
	case r.head != nil && l.fold != nil:
		l.fold(r, !r.head.open)
	case l.open != nil:
		l.open(r)
	}
}

// popup shows the actions of what is selected where the pointer is. A row that
// is not selected is selected first.
func (l *rowList) popup(r *row, at fyne.Position) {
	l.focus()
	if !l.sel.has(r.rowKey) {
		if i := place(l.src, r.rowKey); i >= 0 {
			l.choose(r, i, 0)
		}
	}
	l.win.popup(l.menu(l.chosen()), at)
}

func (l *rowList) focus() {
	if l.tiled() {
		l.win.win.Canvas().Focus(l.grid)
		return
	}
	l.win.win.Canvas().Focus(l.list)
}

func (l *rowList) scrollTo(i int) {
	if l.tiled() {
		l.grid.ScrollTo(i)
		return
	}
	l.list.ScrollTo(i)
}

// currentModifiers are the keys that are held; a driver without a desktop has
// none.
func currentModifiers(a fyne.App) func() fyne.KeyModifier {
	return func() fyne.KeyModifier {
		if d, ok := a.Driver().(desktop.Driver); ok {
			return d.CurrentKeyModifiers()
		}
		return 0
	}
}
