package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
)

// columnLayout lays objects below each other, each as wide as there is room.
// Unlike the toolkit's it gives an object its width before it asks for the
// height: wrapped text has one only then.
type columnLayout float32 // the gap

// column lays objects below each other.
func column(gap float32, os ...fyne.CanvasObject) *fyne.Container {
	return container.New(columnLayout(gap), os...)
}

// MinSize implements [fyne.Layout].
func (l columnLayout) MinSize(os []fyne.CanvasObject) fyne.Size {
	var size fyne.Size
	for _, o := range os {
		if !o.Visible() {
			continue
		}
		m := o.MinSize()
		if size.Height > 0 {
			size.Height += float32(l)
		}
		size = fyne.NewSize(max(size.Width, m.Width), size.Height+m.Height)
	}
	return size
}

// Layout implements [fyne.Layout].
func (l columnLayout) Layout(os []fyne.CanvasObject, s fyne.Size) {
	y := float32(0)
	for _, o := range os {
		if !o.Visible() {
			continue
		}
		o.Move(fyne.NewPos(0, y))
		y += fitHeight(o, s.Width) + float32(l)
	}
}

// fitHeight gives an object a width and the height that it needs then.
func fitHeight(o fyne.CanvasObject, width float32) float32 {
	o.Resize(fyne.NewSize(width, o.MinSize().Height))
	h := o.MinSize().Height
	o.Resize(fyne.NewSize(width, h))
	return h
}

// marginLayout keeps a margin around one object, which gets its width before it
// is asked for its height.
type marginLayout struct{ vertical, horizontal float32 }

// margin puts an object into a margin.
func margin(o fyne.CanvasObject, vertical, horizontal float32) *fyne.Container {
	return container.New(marginLayout{vertical, horizontal}, o)
}

// MinSize implements [fyne.Layout].
func (l marginLayout) MinSize(os []fyne.CanvasObject) fyne.Size {
	return os[0].MinSize().AddWidthHeight(2*l.horizontal, 2*l.vertical)
}

// Layout implements [fyne.Layout].
func (l marginLayout) Layout(os []fyne.CanvasObject, s fyne.Size) {
	os[0].Move(fyne.NewPos(l.horizontal, l.vertical))
	fitHeight(os[0], s.Width-2*l.horizontal)
}

// carded is an object on a card of its own.
func carded(o fyne.CanvasObject, vertical, horizontal float32) *fyne.Container {
	return container.NewStack(newCard(), margin(o, vertical, horizontal))
}

// flowLayout scrolls one object that is as wide as there is room, up to a width.
type flowLayout struct {
	scroll *container.Scroll
	body   *fyne.Container
}

// flow makes an object scroll from top to bottom, in the place that at gives it.
// Its content is laid out again by relayout.
func flow(body fyne.CanvasObject, at placeLayout) (*fyne.Container, *container.Scroll) {
	l := &flowLayout{body: container.New(at, body)}
	l.scroll = container.NewVScroll(l.body)
	return container.New(l, l.scroll), l.scroll
}

// MinSize implements [fyne.Layout].
func (l *flowLayout) MinSize([]fyne.CanvasObject) fyne.Size { return l.scroll.MinSize() }

// Layout implements [fyne.Layout].
func (l *flowLayout) Layout(_ []fyne.CanvasObject, s fyne.Size) {
	l.body.Resize(fyne.NewSize(s.Width, l.body.Size().Height))
	relayout(l.body)
	l.scroll.Resize(s)
	l.scroll.Refresh()
}

// bringIntoView scrolls so far that an object in the scroll is seen.
func bringIntoView(s *container.Scroll, o fyne.CanvasObject) {
	d := fyne.CurrentApp().Driver()
	top := d.AbsolutePositionForObject(o).Y - d.AbsolutePositionForObject(s.Content).Y
	bottom := top + o.Size().Height
	y := s.Offset.Y
	if room := s.Size().Height; bottom+viewMargin > y+room {
		y = bottom + viewMargin - room
	}
	y = max(min(y, top-viewMargin), 0)
	if y != s.Offset.Y {
		s.ScrollToOffset(fyne.NewPos(0, y))
	}
}

// viewMargin is kept between what was brought into view and the edge.
const viewMargin = 8

// follow keeps the input with the focus in view.
func follow(o fyne.CanvasObject, s *container.Scroll) {
	if k, ok := o.(interface{ onFocus(func()) }); ok {
		k.onFocus(func() { bringIntoView(s, o) })
	}
	if c, ok := o.(*fyne.Container); ok {
		for _, o := range c.Objects {
			follow(o, s)
		}
	}
}

// placeLayout keeps one object not wider than widest, at the left or in the
// middle.
type placeLayout struct {
	widest float32
	middle bool
}

// MinSize implements [fyne.Layout].
func (l placeLayout) MinSize(os []fyne.CanvasObject) fyne.Size { return os[0].MinSize() }

// Layout implements [fyne.Layout].
func (l placeLayout) Layout(os []fyne.CanvasObject, s fyne.Size) {
	w, x := min(s.Width, l.widest), float32(0)
	if l.middle {
		x = (s.Width - w) / 2
	}
	os[0].Move(fyne.NewPos(x, 0))
	fitHeight(os[0], w)
}

// settingLayout puts an input beside the words about it. In a narrow place the input
// gets less than it would like, never less than it needs.
type settingLayout struct{ input float32 }

const settingGap = 12

func (l settingLayout) widths(input fyne.CanvasObject, width float32) (words, in float32) {
	in = max(min(l.input, width*0.42), input.MinSize().Width)
	return max(width-in-settingGap, 0), in
}

// MinSize implements [fyne.Layout].
func (l settingLayout) MinSize(os []fyne.CanvasObject) fyne.Size {
	words, input := os[0].MinSize(), os[1].MinSize()
	return fyne.NewSize(words.Width+settingGap+input.Width, max(words.Height, input.Height))
}

// Layout implements [fyne.Layout].
func (l settingLayout) Layout(os []fyne.CanvasObject, s fyne.Size) {
	words, in := l.widths(os[1], s.Width)
	h := fitHeight(os[0], words)
	os[0].Move(fyne.NewPos(0, 0))
	ih := fitHeight(os[1], in)
	os[1].Move(fyne.NewPos(s.Width-in, max((h-ih)/2, 0)))
}
