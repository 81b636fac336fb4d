package ui

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// actionBar shows what can be done with the selected row, below a list, and
// its state for each account where there are several.
type actionBar struct {
	box     *fyne.Container
	name    *line
	advice  *widget.Label   // what to do about a group
	buttons *fyne.Container // the name, the buttons, and the one for the others
	labels  []string
	more    *button
	lines   []*markLine // one per account
	column  *fyne.Container
	scroll  *container.Scroll
	height  float32 // of the scroll
	list    *rowList
	in      *fyne.Container // that the box lies in

	rows  []*row // shown now
	story *control.Story
	query lister
}

// marksShown is how many lines of accounts are shown without scrolling.
const marksShown = 6

func newActionBar(l *rowList) *actionBar {
	b := &actionBar{name: newText(""), column: stacked(2), list: l}
	b.name.bold = true
	b.more = newButton("", "more", b.popup)
	b.advice = wrapped("", widget.MediumImportance)
	b.advice.Hide()
	b.buttons = container.New(barLayout{}, b.name, b.more)
	b.scroll = container.NewVScroll(padded(b.column, 0, 2))
	b.scroll.Hide()
	b.query = lister{win: l.win, ask: b.ask, done: b.fill}
	b.box = container.NewStack(newPanel(colorBar),
		padded(container.NewBorder(nil, container.NewStack(b.scroll, b.advice), nil, nil, b.buttons), 6, 12))
	b.box.Hide()
	return b
}

// set shows the actions of the selected rows; without any the bar is hidden.
func (b *actionBar) set(rs []*row) {
	if len(rs) == 1 && rs[0].session != nil {
		rs = nil // it is opened, and that is all
	}
	was := b.box.Visible()
	setShown(b.box, len(rs) > 0)
	if len(rs) > 0 {
		b.show(rs)
	}
	if was != (len(rs) > 0) {
		relayout(b.in)
	}
}

// one is the selected photo, or nil if it is not one.
func (b *actionBar) one() *row {
	if len(b.rows) == 1 && b.rows[0].photo() {
		return b.rows[0]
	}
	return nil
}

func (b *actionBar) show(rs []*row) {
	if len(b.rows) != 1 || b.rows[0].rowKey != rs[0].rowKey {
		b.story = nil
	}
	b.rows = rs
	r := rs[0]
	name, advice := filepath.Base(r.path), ""
	switch {
	case len(rs) > 1:
		name = trn("{{.N}} selected", len(rs))
	case r.head != nil:
		name, advice = r.head.view().title, strings.TrimSpace(sentence(engine(r.head.Error))+" "+engine(r.head.Hint))
	}
	b.name.set(name, theme.ColorNameForeground)
	if clean(advice) != b.advice.Text {
		setLabel(b.advice, clean(advice), widget.MediumImportance)
		setShown(b.advice, advice != "")
		relayout(b.in)
	}
	items := b.list.menu(rs)
	labels := make([]string, len(items))
	for i, it := range items {
		labels[i] = it.label
	}
	if !slices.Equal(labels, b.labels) {
		b.labels = labels
		b.buttons.Objects = b.buttons.Objects[:1]
		for _, it := range items {
			b.buttons.Objects = append(b.buttons.Objects, newButton(it.label, it.icon, func() { b.run(it.label) }))
		}
		b.buttons.Objects = append(b.buttons.Objects, b.more)
		relayout(b.buttons)
		b.buttons.Refresh()
	}
	if b.one() != nil && len(b.list.win.status.Accounts) > 1 {
		b.query.stale()
	}
	b.fill()
}

// run carries out an action for the rows that are selected now: their jobs may
// be others than when the button was made.
func (b *actionBar) run(label string) {
	for _, it := range b.list.menu(b.list.chosen()) {
		if it.label == label {
			it.run()
			return
		}
	}
}

// popup offers the actions whose buttons have no room.
func (b *actionBar) popup() {
	var items []menuItem
	for _, it := range b.list.menu(b.list.chosen()) {
		if i := slices.Index(b.labels, it.label); i >= 0 && !b.buttons.Objects[1+i].Visible() {
			items = append(items, it)
		}
	}
	w := b.list.win
	at := w.app.Driver().AbsolutePositionForObject(b.more)
	w.popup(items, at)
}

// ask gets the selected photo's whole story: the lists do not know of accounts
// that it was delivered to long ago.
func (b *actionBar) ask() question {
	var key rowKey
	if r := b.one(); r != nil {
		key = r.rowKey
	}
	return func(ctx context.Context) (func(), error) {
		stories, err := b.list.win.client.Why(ctx, key.path)
		return func() {
			for i := range stories {
				if s, r := &stories[i], b.one(); r != nil && r.rowKey == key && (key.sha256 == "" || s.SHA256 == key.sha256) {
					b.story = s
				}
			}
		}, err
	}
}

// accounts returns the selected photo's state for each account: as the lists
// know it, and from its story where they know nothing.
func (b *actionBar) accounts() []mark {
	r := b.one()
	if r == nil {
		return nil
	}
	s := b.list.win.scene()
	ms := r.marks(s)
	if b.story != nil {
		for i := range b.story.Accounts {
			a := &b.story.Accounts[i]
			known := slices.ContainsFunc(ms, func(m mark) bool { return m.account == a.Account })
			if m, ok := s.storyMark(a); ok && !known && s.place(a.Account) >= 0 {
				ms = append(ms, m)
			}
		}
	}
	if len(ms) < 2 {
		return nil
	}
	return s.sorted(ms)
}

// fill shows a line for each account.
func (b *actionBar) fill() {
	ms := b.accounts()
	for len(b.lines) < len(ms) {
		l := newMarkLine()
		b.lines = append(b.lines, l)
		b.column.Add(l.box)
	}
	for i, l := range b.lines {
		setShown(l.box, i < len(ms))
		if i < len(ms) {
			l.set(&ms[i])
		}
	}
	setShown(b.scroll, len(ms) > 0)
	height := float32(0)
	if n := min(len(ms), marksShown); n > 0 {
		height = float32(n)*(markLineHeight+2) + 4
	}
	if b.height != height {
		b.height = height
		b.scroll.SetMinSize(fyne.NewSize(0, height))
		relayout(b.in)
	}
}

// barLayout puts buttons at the right of a name. Those without room are hidden;
// the last button, which offers them, is shown then.
type barLayout struct{}

const (
	barGap  = 4
	barName = 90 // width that the name keeps
)

func (barLayout) MinSize(os []fyne.CanvasObject) fyne.Size {
	more := os[len(os)-1].MinSize()
	return fyne.NewSize(16+barGap+more.Width, more.Height)
}

func (barLayout) Layout(os []fyne.CanvasObject, s fyne.Size) {
	name, buttons, more := os[0], os[1:len(os)-1], os[len(os)-1]
	fit, used := fitting(buttons, s.Width-barName)
	if fit < len(buttons) {
		fit, used = fitting(buttons, s.Width-barName-more.MinSize().Width-barGap)
		used += more.MinSize().Width + barGap
	}
	x := s.Width - used
	h := name.MinSize().Height
	name.Move(fyne.NewPos(0, (s.Height-h)/2))
	name.Resize(fyne.NewSize(max(x-barGap, 0), h))
	place := func(o fyne.CanvasObject, shown bool) {
		setShown(o, shown)
		if shown {
			o.Move(fyne.NewPos(x+barGap, 0))
			o.Resize(fyne.NewSize(o.MinSize().Width, s.Height))
			x += o.MinSize().Width + barGap
		}
	}
	for i, b := range buttons {
		place(b, i < fit)
	}
	place(more, fit < len(buttons))
}

// fitting returns how many objects have room beside each other, and what they
// use of it. It asks all for their size: a button that is hidden when it is
// first asked forgets to count its drawing.
func fitting(os []fyne.CanvasObject, width float32) (n int, used float32) {
	full := false
	for _, o := range os {
		w := o.MinSize().Width + barGap
		if full = full || used+w > width; !full {
			used += w
			n++
		}
	}
	return n, used
}

// markLine says in one line what a photo does for one account, and why.
type markLine struct {
	box  *fyne.Container
	icon *canvas.Image
	text *line
}

const markLineHeight = 17

func newMarkLine() *markLine {
	l := &markLine{icon: picture(icon{"state-waiting", colorMuted}, markIcon), text: newCaption("")}
	l.box = container.NewBorder(nil, nil, l.icon, nil, padded(l.text, 0, 6))
	return l
}

func (l *markLine) set(m *mark) {
	setPicture(l.icon, icon{m.icon, m.hue})
	text := shorten(m.account, 40) + ": " + strings.ToLower(m.word)
	if m.reason != "" {
		text += ". " + m.reason
	}
	l.text.set(text, theme.ColorNameForeground)
}
