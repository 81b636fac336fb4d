package ui

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// shootsEvery is the shortest time between two queries for shoots that nobody
// asked for: the engine goes through its whole queue for each.
const shootsEvery = 10 * time.Second

// shootGaps are the pauses that end a shoot, in the order of the choice.
var shootGaps = []struct {
	label string
	gap   time.Duration
}{
	{later("30 minutes"), 30 * time.Minute}, {later("1 hour"), time.Hour}, {later("2 hours"), 2 * time.Hour},
	{later("6 hours"), 6 * time.Hour}, {later("1 day"), 24 * time.Hour},
}

// shootList shows the shoots, the newest first. It is the third tab of the
// History page.
type shootList struct {
	win   *Window
	box   *fyne.Container // the list, or why there is none
	tools fyne.CanvasObject
	gap   *choice
	list  *shootKeys
	none  *widget.Label
	query lister

	shoots []control.Shoot
	loaded bool // an answer has come
}

func newShootList(w *Window) *shootList {
	l := &shootList{win: w}
	l.query = lister{win: w, every: shootsEvery, ask: l.ask, done: l.show}
	labels, chosen := make([]string, len(shootGaps)), 0
	for i, g := range shootGaps {
		labels[i] = tr(g.label)
		if g.gap == 2*time.Hour && w.memory.ShootGap == 0 || g.gap == w.memory.ShootGap {
			chosen = i
		}
	}
	l.gap = newChoice(labels, chosen, func(string) { l.regroup() })
	caption := newLine(tr("New shoot after a pause of"), colorMuted, theme.SizeNameCaptionText)
	caption.fit = true
	planned := newButton(tr("Events"), "album", w.showEvents)
	l.tools = container.NewBorder(nil, nil, beside(8, centred(caption), l.gap), planned)
	l.list = newShootKeys(l)
	l.none = wrapped("", widget.LowImportance)
	l.none.Alignment = fyne.TextAlignCenter
	l.box = container.NewStack(l.list, centred(l.none))
	l.show()
	return l
}

// chosenGap is the pause that ends a shoot now.
func (l *shootList) chosenGap() time.Duration { return shootGaps[max(l.gap.SelectedIndex(), 0)].gap }

// regroup is called when another gap was chosen.
func (l *shootList) regroup() {
	l.win.memory.ShootGap = l.chosenGap()
	m := l.win.memory
	l.win.spawn(func() {
		if err := m.save(); err != nil {
			l.win.log.Warn("Window state is not kept", "err", err)
		}
	})
	l.renew()
}

// renew asks for the shoots at once.
func (l *shootList) renew() {
	l.query.last = time.Time{}
	l.query.stale()
}

func (l *shootList) ask() question {
	gap, client := l.chosenGap(), l.win.client
	return func(ctx context.Context) (func(), error) {
		shoots, err := client.Shoots(ctx, gap)
		if err != nil {
			return nil, err
		}
		slices.Reverse(shoots)
		return func() {
			if gap == l.chosenGap() { // no other one was chosen meanwhile
				l.shoots, l.loaded = shoots, true
			}
		}, nil
	}
}

func (l *shootList) show() {
	text := ""
	if l.loaded && len(l.shoots) == 0 {
		text = tr("Photos are grouped here by when they were taken: those that wait to be sent, and those that were sent in the last 30 days.")
	}
	setLabel(l.none, text, widget.LowImportance)
	setShown(l.none, text != "")
	l.list.Refresh()
}

func (l *shootList) refresh() { l.list.Refresh() }

// open offers to describe a shoot.
func (l *shootList) open(i int) {
	if i >= 0 && i < len(l.shoots) {
		l.win.describe(l.shoots[i], l.renew)
	}
}

// shootKeys is the list of shoots. Enter opens one, as Space and a tap do.
type shootKeys struct {
	widget.List
	of *shootList
	at int // where the keyboard is
}

func newShootKeys(of *shootList) *shootKeys {
	k := &shootKeys{of: of}
	k.Length = func() int { return len(of.shoots) }
	k.CreateItem = func() fyne.CanvasObject { return newShootRow(of) }
	k.UpdateItem = func(i widget.ListItemID, o fyne.CanvasObject) {
		if r, ok := o.(*shootRow); ok && i < len(of.shoots) {
			r.set(i, &of.shoots[i])
		}
	}
	k.OnHighlighted = func(i widget.ListItemID) { k.at = i }
	k.OnSelected = func(i widget.ListItemID) {
		k.at = i
		k.UnselectAll() // it is opened, and nothing else is done with it
		of.open(i)
	}
	k.ExtendBaseWidget(k)
	return k
}

// TypedKey implements [fyne.Focusable].
func (k *shootKeys) TypedKey(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyUp, fyne.KeyDown, fyne.KeySpace:
		k.List.TypedKey(e)
	case fyne.KeyReturn, fyne.KeyEnter:
		k.of.open(k.at)
	default:
		k.of.win.typed(e)
	}
}
