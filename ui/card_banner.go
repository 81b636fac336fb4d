package ui

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// bannersShown is how many cards have a banner at a time; the next one gets its
// turn when one of them is done with.
const bannersShown = 2

// cardBanners are the banners of the memory cards that are in, above every page.
// Without a card they take no room.
type cardBanners struct {
	win   *Window
	box   *fyne.Container
	in    *fyne.Container // that the box lies in
	all   []*cardBanner
	width float32 // that the banners are going to have
	// kept are the banners that the person has closed, by the card's ID: they stay
	// closed while the card is in the same state.
	kept map[string]control.CardState
}

func newCardBanners(w *Window) *cardBanners {
	c := &cardBanners{win: w, box: stacked(0), kept: map[string]control.CardState{}}
	if w.banners != nil {
		c.kept = w.banners.kept
	}
	c.box.Hide()
	return c
}

// apply shows the banners of a status.
func (c *cardBanners) apply(s *control.Status) {
	var all []*cardBanner
	for _, card := range s.Cards {
		if c.kept[card.ID] != card.State {
			delete(c.kept, card.ID)
		}
		if s.State == stateGone || c.kept[card.ID] != "" || len(all) == bannersShown {
			continue
		}
		if card.State != control.CardDeclined || card.Reason != "" { // it failed, and that is to be known
			all = append(all, c.of(card))
		}
	}
	same := len(all) == len(c.all)
	for i := 0; same && i < len(all); i++ {
		same = all[i] == c.all[i]
	}
	if !same {
		c.all = all
		c.box.RemoveAll()
		for _, b := range all {
			c.box.Add(b.box)
		}
		setShown(c.box, len(all) > 0)
		relayout(c.in)
	}
	for _, b := range all {
		b.show()
	}
}

// of returns the banner of a card, the old one if there is one.
func (c *cardBanners) of(card control.Card) *cardBanner {
	for _, b := range c.all {
		if b.card.ID == card.ID {
			if card.State != b.card.State {
				b.forget()
			}
			b.card = card
			return b
		}
	}
	b := newCardBanner(c)
	b.card = card
	return b
}

// setWidth tells how wide the banners are going to be: how many lines their
// buttons take depends on it.
func (c *cardBanners) setWidth(w float32) {
	c.width = w
	for _, b := range c.all {
		b.lay.width = w
	}
}

// cardBanner says what a memory card is about, and what can be done with it.
type cardBanner struct {
	set  *cardBanners
	card control.Card

	box   *fyne.Container
	row   *fyne.Container
	lay   *bannerLayout
	icon  *canvas.Image
	title *line
	sub   *line
	more  *line
	bar   *bar
	chip  *button // what was remembered for the card
	acts  []*button

	busy    bool // something that was pressed is under way
	asked   bool // the verdict is asked for, or has come
	verdict *control.CardVerdict
	failed  string // why there is no verdict
	safe    bool   // the engine has said so of the verdict
	cleared int    // files that were deleted; -1: none were asked to be
	most    int    // most jobs that were left: what the bar is about
}

func newCardBanner(c *cardBanners) *cardBanner {
	b := &cardBanner{
		set: c, icon: picture(icon{"card", theme.ColorNamePrimary}, 28), title: newText(""), sub: newCaption(""), more: newCaption(""), bar: newBar(),
		lay: &bannerLayout{width: c.width},
	}
	b.forget()
	b.title.bold = true
	b.chip = newButton(tr("Remembered"), "tick", func() { b.remembered() })
	b.chip.Importance = widget.LowImportance
	words := container.NewBorder(nil, nil, padded(centred(b.icon), 0, 6), centred(b.chip), centred(padded(stacked(1, b.title, b.sub, b.more), 0, 6)))
	b.row = container.New(b.lay, words)
	b.box = container.NewStack(newPanel(colorCard), container.NewBorder(nil, container.NewStack(b.bar, newRule()), nil, nil, padded(b.row, 8, 10)))
	return b
}

// newRule is a thin line below something, seen where a bar shows nothing.
func newRule() fyne.CanvasObject {
	return container.NewBorder(nil, container.New(tallRule(1), newPanel(theme.ColorNameSeparator)), nil, nil)
}

// tallRule gives an object a height of so many units.
type tallRule float32

// MinSize implements [fyne.Layout].
func (l tallRule) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(16, float32(l)) }

// Layout implements [fyne.Layout].
func (l tallRule) Layout(os []fyne.CanvasObject, s fyne.Size) {
	for _, o := range os {
		o.Resize(s)
	}
}

// forget drops what belongs to a state of the card.
func (b *cardBanner) forget() {
	b.busy, b.asked, b.verdict, b.failed, b.safe, b.cleared, b.most = false, false, nil, "", false, -1, 0
}

// show puts the newest status and verdict together.
func (b *cardBanner) show() {
	b.most = max(b.most, b.card.Left)
	// What was safe may be so no more: a photo was deleted on a server, say.
	doubt := b.safe && !b.card.Safe && !b.busy && b.cleared < 0
	b.safe = b.card.Safe
	if b.card.State == control.CardDone && (!b.asked || doubt && b.verdict != nil) {
		b.askVerdict()
	}
	v := b.words()
	setPicture(b.icon, icon{"card", v.hue})
	b.title.set(v.title, theme.ColorNameForeground)
	b.sub.set(v.sub, v.subHue)
	b.more.set(v.more, theme.ColorNameWarning)
	b.bar.set(v.done, theme.ColorNamePrimary)
	before := b.row.MinSize()
	changed := b.setActs(v.acts) || b.more.Visible() != (v.more != "") || b.chip.Visible() != b.card.Remembered
	setShown(b.more, v.more != "")
	setShown(b.chip, b.card.Remembered)
	b.lay.words = b.wordsWidth()
	if changed = changed || b.row.MinSize() != before; changed && b.set.in != nil {
		b.set.in.Refresh() // lays out what has another size now
	}
}

// wordsWidth is the width that the words take with what is beside them.
func (b *cardBanner) wordsWidth() float32 {
	w := float32(0)
	for _, l := range []*line{b.title, b.sub, b.more} {
		if l.Visible() {
			w = max(w, fyne.MeasureText(l.text, theme.Size(l.size), fyne.TextStyle{Bold: l.bold}).Width)
		}
	}
	w += b.icon.MinSize().Width + 4*bannerGap
	if b.chip.Visible() {
		w += b.chip.MinSize().Width
	}
	return w + bannerMargin
}

// setActs shows the buttons that the card can be treated with now. It reports
// whether they are others than before.
func (b *cardBanner) setActs(acts []cardAct) bool {
	same := len(acts) == len(b.acts)
	for i := 0; same && i < len(acts); i++ {
		same = acts[i].label == b.acts[i].Text
	}
	if !same {
		b.row.Objects = b.row.Objects[:1]
		b.acts = nil
		for _, a := range acts {
			k := a.button()
			b.acts = append(b.acts, k)
			b.row.Add(k)
		}
	}
	for i, k := range b.acts {
		k.OnTapped = acts[i].run
		if b.busy == k.Disabled() {
			continue
		}
		if b.busy {
			k.Disable()
		} else {
			k.Enable()
		}
	}
	return !same
}

// act asks the engine for something about the card. Nothing else can be pressed
// until it has answered.
func (b *cardBanner) act(said string, verb func(ctx context.Context) error) {
	b.busy = true
	b.show()
	b.set.win.call(verb, func(err error) {
		b.busy = false
		switch {
		case err != nil:
			b.set.win.fail(err)
		case said != "":
			b.set.win.notice.say(said)
		}
		b.show()
	})
}

// askVerdict asks whether every photo of the card is safe.
func (b *cardBanner) askVerdict() {
	w, id := b.set.win, b.card.ID
	b.asked, b.verdict, b.failed = true, nil, ""
	var v control.CardVerdict
	w.call(func(ctx context.Context) (err error) {
		v, err = w.client.CardVerdict(ctx, id)
		return err
	}, func(err error) {
		switch {
		case err == nil:
			b.verdict = &v
		case cardBusy(err): // the engine itself looks at it when an import has ended
			w.after(verdictAgain, func() {
				if w.banners == b.set && slices.Contains(b.set.all, b) && b.card.State == control.CardDone && b.verdict == nil {
					b.askVerdict()
				}
			})
		default:
			text, hint := explain(err)
			b.failed = strings.TrimSpace(text + " " + hint)
		}
		b.show()
	})
}

// verdictAgain is how long to wait for whatever else is done with a card.
const verdictAgain = 2 * time.Second

// cardBusy says whether the engine does something else with the card.
func cardBusy(err error) bool {
	p, ok := errors.AsType[*control.Problem](err)
	return ok && strings.Contains(p.Message, "just now")
}

// again asks for the verdict once more.
func (b *cardBanner) again() {
	b.askVerdict()
	b.show()
}

// remembered offers what can be done about what was remembered for the card.
func (b *cardBanner) remembered() {
	w, card := b.set.win, b.card
	at := w.app.Driver().AbsolutePositionForObject(b.chip)
	w.popup([]menuItem{
		{tr("Update"), "settings", func() { w.importCard(card) }},
		{tr("Forget"), "remove", func() {
			b.act(tr("The card is not remembered any more"), func(ctx context.Context) error { return w.client.ForgetCard(ctx, card.ID) })
		}},
	}, at.AddXY(0, b.chip.Size().Height+2))
}

// bannerLayout puts words and, right of them, buttons in one line, or the
// buttons below where the words would have too little room.
type bannerLayout struct {
	width float32 // that the height is asked for: a layout is not told its own in time
	words float32 // that the words take
}

const (
	bannerGap    = 6
	bannerSplit  = 4  // more of it between the words and buttons below them
	bannerMargin = 20 // of the banner, left and right together
)

// lines breaks the buttons into lines of a width.
func (l *bannerLayout) lines(bs []fyne.CanvasObject, width float32) (lines [][]fyne.CanvasObject, below bool) {
	all := float32(0)
	for _, b := range bs {
		all += b.MinSize().Width + bannerGap
	}
	if all+l.words <= width || len(bs) == 0 {
		return [][]fyne.CanvasObject{bs}, false
	}
	at, x := 0, float32(0)
	for i, b := range bs {
		w := b.MinSize().Width
		if i > at && x+w > width {
			lines = append(lines, bs[at:i])
			at, x = i, 0
		}
		x += w + bannerGap
	}
	return append(lines, bs[at:]), true
}

// MinSize implements [fyne.Layout]: the width does not count.
func (l *bannerLayout) MinSize(os []fyne.CanvasObject) fyne.Size {
	words, bs := os[0].MinSize().Height, os[1:]
	lines, below := l.lines(bs, l.width-bannerMargin)
	if !below {
		return fyne.NewSize(16, max(words, tallest(bs)))
	}
	return fyne.NewSize(16, words+bannerSplit+float32(len(lines))*(tallest(bs)+bannerGap))
}

// Layout implements [fyne.Layout].
func (l *bannerLayout) Layout(os []fyne.CanvasObject, s fyne.Size) {
	bs := os[1:]
	height := tallest(bs)
	lines, below := l.lines(bs, s.Width)
	y := (s.Height - height) / 2
	if below {
		y = s.Height - float32(len(lines))*(height+bannerGap) + bannerGap
	}
	used := float32(0)
	for _, line := range lines {
		x := s.Width
		for i := len(line) - 1; i >= 0; i-- {
			w := line[i].MinSize().Width
			x -= w
			line[i].Move(fyne.NewPos(x, y))
			line[i].Resize(fyne.NewSize(w, height))
			x -= bannerGap
		}
		used = s.Width - x
		y += height + bannerGap
	}
	os[0].Move(fyne.NewPos(0, 0))
	if below {
		os[0].Resize(fyne.NewSize(s.Width, max(s.Height-bannerSplit-float32(len(lines))*(height+bannerGap), 0)))
		return
	}
	os[0].Resize(fyne.NewSize(max(s.Width-used, 0), s.Height))
}
