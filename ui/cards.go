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
	path   *line // address or path
	target *line // where photos go; with a drawing, and hidden when there is none
	mark   *canvas.Image
	to     *fyne.Container // target and mark
	facts  *line           // numbers
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
	path, facts   string
	target        string // where photos go; "" for none
	targetIcon    string
	reason        string // and what to do; "" for none
	act, actIcon  string
	urgent, faded bool
}

func newCardWidget(w *Window) *card {
	c := &card{
		icon: picture(icon{"folder", colorMuted}, 28), mark: picture(icon{"album", colorMuted}, 14), title: newText(""), state: newCaption(""),
		path: newCaption(""), facts: newCaption(""), target: newCaption(""), reason: wrapped("", widget.WarningImportance),
	}
	c.title.bold, c.state.align = true, fyne.TextAlignTrailing
	c.act = newButton("", "check", func() { c.press() })
	c.more = newButton("", "more", func() {
		at := w.app.Driver().AbsolutePositionForObject(c.more)
		w.popup(c.menu(), at.AddXY(0, c.more.Size().Height+2))
	})
	c.more.Importance = widget.LowImportance
	top := container.NewGridWithColumns(2, c.title, c.state)
	c.to = container.NewBorder(nil, nil, padded(centred(c.mark), 0, 2), nil, c.target)
	c.to.Hide()
	words := stacked(3, top, c.path, c.to, c.facts)
	right := container.NewCenter(beside(2, c.act, c.more))
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
	c.path.set(v.path, colorMuted)
	c.facts.set(v.facts, colorMuted)
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
		k := newCardWidget(c.win)
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
	if grown {
		c.box.Refresh()
	}
}
