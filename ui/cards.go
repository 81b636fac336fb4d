package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// card is one account or folder on its page. Its parts stay the same for as
// long as the page lives; only what they show changes.
type card struct {
	box    *fyne.Container
	icon   *canvas.Image
	title  *line
	state  *line
	top    *fyne.Container // title and state
	path   *line           // address or path
	target *line           // where photos go; with a drawing, and hidden when there is none
	mark   *canvas.Image
	to     *fyne.Container // target and mark
	facts  *line           // numbers; hidden when there are none
	notes  *line           // less urgent ones; hidden when there are none
	reason *widget.Label
	act    *button // the one thing to do now
	more   *button // the rest
	press  func()
	menu   func() []menuItem
}

// cardView is a card in words.
type cardView struct {
	icon          string
	title, state  string
	hue           fyne.ThemeColorName // of icon and state
	path          string
	facts, notes  string
	target        string // where photos go; "" for none
	targetIcon    string
	reason        string // and what to do; "" for none
	act, actIcon  string
	urgent, faded bool
}

func newCardWidget(w *Window, width *float32) *card {
	c := &card{
		icon: picture(icon{"folder", colorMuted}, 28), mark: picture(icon{"album", colorMuted}, 14), title: newText(""), state: newCaption(""),
		path: newCaption(""), facts: newCaption(""), notes: newCaption(""), target: newCaption(""), reason: wrapped("", widget.WarningImportance),
	}
	c.title.bold, c.state.fit = true, true
	c.act = newButton("", "check", func() { c.press() })
	c.more = newButton("", "more", func() {
		at := w.app.Driver().AbsolutePositionForObject(c.more)
		w.popup(c.menu(), at.AddXY(0, c.more.Size().Height+2))
	})
	c.more.Importance = widget.LowImportance
	c.top = container.New(stateLayout{}, c.title, c.state)
	c.to = container.NewBorder(nil, nil, padded(centred(c.mark), 0, 2), nil, c.target)
	c.to.Hide()
	words := stacked(3, c.top, c.path, c.to, c.facts, c.notes)
	right := container.NewCenter(beside(2, container.New(actLayout{width}, c.act), c.more))
	line := container.NewBorder(nil, nil, padded(centred(c.icon), 0, 6), padded(right, 0, 6), centred(words))
	c.box = container.NewStack(newCard(), padded(container.NewBorder(nil, c.reason, nil, nil, line), 10, 10))
	return c
}

func (c *card) set(v cardView) {
	setPicture(c.icon, icon{v.icon, v.hue})
	title := theme.ColorNameForeground
	if v.faded {
		title = colorMuted
	}
	c.title.set(v.title, title)
	c.state.set(v.state, v.hue)
	relayout(c.top)
	c.path.set(v.path, colorMuted)
	c.facts.set(v.facts, colorMuted)
	setShown(c.facts, v.facts != "")
	c.notes.set(v.notes, colorMuted)
	setShown(c.notes, v.notes != "")
	c.target.set(v.target, title)
	if v.targetIcon != "" {
		setPicture(c.mark, icon{v.targetIcon, title})
	}
	setShown(c.to, v.target != "")
	i := widget.WarningImportance
	if v.urgent {
		i = widget.DangerImportance
	}
	setLabel(c.reason, clean(v.reason), i)
	setShown(c.reason, v.reason != "")
	if c.act.Text != v.act {
		c.act.drawing, c.act.Icon = v.actIcon, glyph(v.actIcon)
		c.act.SetText(v.act)
	}
}

// cards is a column of cards, as many as are needed.
type cards struct {
	win *Window
	all []*card
	act float32 // width of the widest button that acts
	col *fyne.Container
	box *container.Scroll
}

func newCards(w *Window) *cards {
	c := &cards{win: w, col: stacked(8)}
	c.box = container.NewVScroll(padded(c.col, 2, 14))
	return c
}

// show makes n cards, and has each filled.
func (c *cards) show(n int, fill func(i int, c *card)) {
	grown := false
	for len(c.all) < n {
		k := newCardWidget(c.win, &c.act)
		c.all = append(c.all, k)
		c.col.Add(k.box)
		grown = true
	}
	for i, k := range c.all {
		setShown(k.box, i < n)
		if i < n {
			fill(i, k)
		}
	}
	widest := float32(0)
	for _, k := range c.all[:n] {
		widest = max(widest, k.act.MinSize().Width)
	}
	if grown || widest != c.act {
		c.act = widest
		c.box.Refresh()
		for _, k := range c.all[:n] {
			k.box.Refresh()
		}
	}
}

// stateLayout puts a title at the left and a state at the right, which gets the
// room that it needs as far as that is not nearly all.
type stateLayout struct{}

// MinSize implements [fyne.Layout].
func (stateLayout) MinSize(os []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(32, tallest(os))
}

// Layout implements [fyne.Layout].
func (stateLayout) Layout(os []fyne.CanvasObject, s fyne.Size) {
	const gap, most = 8, 0.8
	state := min(os[1].MinSize().Width, s.Width*most)
	os[0].Resize(fyne.NewSize(max(s.Width-state-gap, 0), s.Height))
	os[1].Move(fyne.NewPos(s.Width-state, 0))
	os[1].Resize(fyne.NewSize(state, s.Height))
}

// actLayout makes the buttons of all cards equally wide.
type actLayout struct{ width *float32 }

// MinSize implements [fyne.Layout].
func (l actLayout) MinSize(os []fyne.CanvasObject) fyne.Size {
	m := os[0].MinSize()
	return fyne.NewSize(max(m.Width, *l.width), m.Height)
}

// Layout implements [fyne.Layout].
func (l actLayout) Layout(os []fyne.CanvasObject, s fyne.Size) { os[0].Resize(s) }
