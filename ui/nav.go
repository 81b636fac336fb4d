package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/ui/say"
)

const (
	navWide     = 172 // at least; its words may need more
	navNarrow   = 56
	navNarrowAt = 760 // of the window's width
	navMargin   = 8
	navText     = 44 // where the words of a button begin
	navGap      = 8  // behind the words, and behind the badge

	badgeMost = 9999 // larger numbers are "more than that"
)

// rootLayout puts the left bar beside everything else. In a narrow window the
// bar shows drawings only.
type rootLayout struct {
	nav     *nav
	banners *cardBanners
}

func (l *rootLayout) Layout(os []fyne.CanvasObject, s fyne.Size) {
	w := l.nav.wide
	if s.Width < navNarrowAt {
		w = navNarrow
	}
	l.nav.narrow(w == navNarrow)
	l.banners.setWidth(s.Width - w)
	os[0].Resize(fyne.NewSize(w, s.Height))
	os[1].Move(fyne.NewPos(w, 0))
	os[1].Resize(fyne.NewSize(s.Width-w, s.Height))
}

// MinSize is a promise: no content makes the window grow.
func (l *rootLayout) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(520, 400) }

type navItem struct{ label, icon string }

// nav is the left bar.
type nav struct {
	widget.BaseWidget
	box     *fyne.Container
	name    *line
	buttons []*navButton
	quit    *navButton
	current int
	wide    float32 // what the words and the largest badge need
}

func newNav(items []navItem, show func(int), quit func()) *nav {
	n := &nav{name: newTitle(Title), wide: navWide}
	list := stacked(2)
	for i, it := range items {
		b := newNavButton(it, func() { show(i) })
		n.buttons = append(n.buttons, b)
		list.Add(b)
		n.wide = max(n.wide, b.room(i == pageFailed)+2*navMargin)
	}
	n.quit = newNavButton(navItem{tr("Quit"), "quit"}, quit)
	n.wide = max(n.wide, n.quit.room(false)+2*navMargin)
	head := container.NewBorder(nil, nil, picture(AppIcon(), 28), nil, padded(centred(n.name), 0, 6))
	n.box = container.NewStack(newPanel(colorBar),
		padded(container.NewBorder(padded(head, 8, 6), n.quit, nil, nil, container.NewVBox(list, layout.NewSpacer())), 8, navMargin))
	n.ExtendBaseWidget(n)
	return n
}

// CreateRenderer implements [fyne.Widget].
func (n *nav) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(n.box) }

func (n *nav) selected(i int) {
	n.current = i
	for j, b := range n.buttons {
		b.choose(j == i)
	}
}

// badge shows a number at a page's button; 0 shows none.
func (n *nav) badge(i, count int) { n.buttons[i].setBadge(count) }

func (n *nav) narrow(yes bool) {
	setShown(n.name, !yes)
	for _, b := range append(n.buttons[:len(n.buttons):len(n.buttons)], n.quit) {
		b.setNarrow(yes)
	}
}

// navButton opens a page.
type navButton struct {
	widget.BaseWidget
	item   navItem
	tapped func()
	back   *panel
	icon   *canvas.Image
	label  *line
	count  *line
	pill   *panel
	badge  int

	chosen, hovered, focused, slim bool
}

func newNavButton(it navItem, tapped func()) *navButton {
	b := &navButton{
		item: it, tapped: tapped, back: newPanel(colorBar), icon: picture(glyph(it.icon), 20), label: newText(it.label),
		count: newLine("", theme.ColorNameForegroundOnError, theme.SizeNameCaptionText), pill: newPanel(theme.ColorNameError),
	}
	b.back.radius, b.pill.radius = 6, 9
	b.count.bold, b.count.align = true, fyne.TextAlignCenter
	b.pill.Hide()
	b.count.Hide()
	b.ExtendBaseWidget(b)
	return b
}

func (b *navButton) choose(yes bool) {
	if b.chosen != yes {
		b.chosen = yes
		b.Refresh()
	}
}

func (b *navButton) setNarrow(yes bool) {
	if b.slim != yes {
		b.slim = yes
		b.Refresh()
	}
}

func (b *navButton) setBadge(n int) {
	if b.badge == n {
		return
	}
	b.badge = n
	b.count.set(badgeText(n), theme.ColorNameForegroundOnError)
	setShown(b.pill, n > 0)
	setShown(b.count, n > 0)
	b.Refresh()
}

// badgeText is a number as a badge shows it.
func badgeText(n int) string {
	if n > badgeMost {
		return say.Number(badgeMost) + "+"
	}
	return say.Number(n)
}

// pillWidth is how wide a badge with a text is.
func pillWidth(text string) float32 {
	return max(18, fyne.MeasureText(text, theme.CaptionTextSize(), fyne.TextStyle{Bold: true}).Width+10)
}

// room is the width that shows the whole label, also when it is chosen, and the
// largest badge if it may have one.
func (b *navButton) room(badge bool) float32 {
	w := navText + fyne.MeasureText(b.item.label, theme.TextSize(), fyne.TextStyle{Bold: true}).Width + 1 + navGap
	if badge {
		w += pillWidth(badgeText(badgeMost+1)) + navGap
	}
	return w
}

// Tapped implements [fyne.Tappable].
func (b *navButton) Tapped(*fyne.PointEvent) { b.tapped() }

// MouseIn implements [desktop.Hoverable].
func (b *navButton) MouseIn(*desktop.MouseEvent) { b.hovered = true; b.Refresh() }

// MouseMoved implements [desktop.Hoverable].
func (b *navButton) MouseMoved(*desktop.MouseEvent) {}

// MouseOut implements [desktop.Hoverable].
func (b *navButton) MouseOut() { b.hovered = false; b.Refresh() }

// FocusGained implements [fyne.Focusable].
func (b *navButton) FocusGained() { b.focused = true; b.Refresh() }

// FocusLost implements [fyne.Focusable].
func (b *navButton) FocusLost() { b.focused = false; b.Refresh() }

// TypedRune implements [fyne.Focusable].
func (b *navButton) TypedRune(rune) {}

// TypedKey implements [fyne.Focusable].
func (b *navButton) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeySpace || e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter {
		b.tapped()
	}
}

// CreateRenderer implements [fyne.Widget].
func (b *navButton) CreateRenderer() fyne.WidgetRenderer {
	r := navRenderer{b}
	r.style()
	return r
}

type navRenderer struct{ b *navButton }

func (r navRenderer) style() {
	b := r.b
	b.back.fill, b.back.stroke = colorBar, ""
	hue := colorMuted
	switch {
	case b.chosen:
		b.back.fill, hue = theme.ColorNameSelection, theme.ColorNamePrimary
	case b.hovered:
		b.back.fill, hue = theme.ColorNameHover, theme.ColorNameForeground
	}
	if b.focused {
		b.back.stroke = theme.ColorNamePrimary
	}
	b.label.bold = b.chosen
	b.label.color = hue
	b.icon.Resource = icon{b.item.icon, hue}
	setShown(b.label, !b.slim)
}

func (r navRenderer) MinSize() fyne.Size { return fyne.NewSize(40, 40) }

func (r navRenderer) Layout(s fyne.Size) {
	b := r.b
	b.back.Resize(s)
	x := float32(12)
	if b.slim {
		x = (s.Width - 20) / 2
	}
	b.icon.Move(fyne.NewPos(x, (s.Height-20)/2))
	b.icon.Resize(fyne.NewSquareSize(20))

	pill := pillWidth(b.count.text)
	at := fyne.NewPos(s.Width-pill-navGap, (s.Height-18)/2)
	if b.slim {
		at = fyne.NewPos(s.Width-pill+2, 0)
	}
	b.pill.Move(at)
	b.pill.Resize(fyne.NewSize(pill, 18))
	h := b.count.MinSize().Height
	b.count.Move(at.AddXY(0, (18-h)/2))
	b.count.Resize(fyne.NewSize(pill, h))

	h = b.label.MinSize().Height
	room := s.Width - navText - navGap
	if b.badge > 0 {
		room -= pill + navGap
	}
	b.label.Move(fyne.NewPos(navText, (s.Height-h)/2))
	b.label.Resize(fyne.NewSize(max(room, 0), h))
}

func (r navRenderer) Refresh() {
	r.style()
	r.Layout(r.b.Size())
	for _, o := range r.Objects() {
		o.Refresh()
	}
	canvas.Refresh(r.b)
}

func (r navRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.b.back, r.b.icon, r.b.label, r.b.pill, r.b.count}
}
func (r navRenderer) Destroy() {}
