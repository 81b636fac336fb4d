package ui

import "fyne.io/fyne/v2"

// evenLayout gives objects the same width beside each other, and no more than
// most.
type evenLayout struct{ most float32 }

const evenGap = 8

// MinSize implements [fyne.Layout]: the width does not count.
func (l evenLayout) MinSize(os []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(16, tallest(os))
}

func tallest(os []fyne.CanvasObject) float32 {
	h := float32(0)
	for _, o := range os {
		if o.Visible() {
			h = max(h, o.MinSize().Height)
		}
	}
	return h
}

// Layout implements [fyne.Layout].
func (l evenLayout) Layout(os []fyne.CanvasObject, s fyne.Size) {
	n := 0
	for _, o := range os {
		if o.Visible() {
			n++
		}
	}
	if n == 0 {
		return
	}
	w := max(min((s.Width-evenGap*float32(n-1))/float32(n), l.most), 0)
	x := float32(0)
	for _, o := range os {
		if o.Visible() {
			o.Move(fyne.NewPos(x, 0))
			o.Resize(fyne.NewSize(w, s.Height))
			x += w + evenGap
		}
	}
}

// leadLayout gives the first of two objects a width, and the second the rest.
type leadLayout struct{ width float32 }

// MinSize implements [fyne.Layout].
func (l leadLayout) MinSize(os []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(l.width+16, tallest(os))
}

// Layout implements [fyne.Layout].
func (l leadLayout) Layout(os []fyne.CanvasObject, s fyne.Size) {
	os[0].Move(fyne.NewPos(0, 0))
	os[0].Resize(fyne.NewSize(l.width, s.Height))
	os[1].Move(fyne.NewPos(l.width, 0))
	os[1].Resize(fyne.NewSize(max(s.Width-l.width, 0), s.Height))
}

// linesLayout lays objects beside each other, and goes on in the next line where
// a line is full.
type linesLayout struct {
	gap   float32
	width float32 // that the height is asked for: a layout is not told its own in time
}

// MinSize implements [fyne.Layout].
func (l linesLayout) MinSize(os []fyne.CanvasObject) fyne.Size {
	w := float32(0)
	for _, o := range os {
		w = max(w, o.MinSize().Width)
	}
	lines := float32(l.lines(os))
	return fyne.NewSize(w, lines*tallest(os)+(lines-1)*l.gap)
}

func (l linesLayout) lines(os []fyne.CanvasObject) int {
	n, x := 1, float32(0)
	for _, o := range os {
		w := o.MinSize().Width
		if x > 0 && x+w > l.width {
			n, x = n+1, 0
		}
		x += w + l.gap
	}
	return n
}

// Layout implements [fyne.Layout].
func (l linesLayout) Layout(os []fyne.CanvasObject, s fyne.Size) {
	x, y, h := float32(0), float32(0), tallest(os)
	for _, o := range os {
		w := o.MinSize().Width
		if x > 0 && x+w > s.Width {
			x, y = 0, y+h+l.gap
		}
		o.Move(fyne.NewPos(x, y))
		o.Resize(fyne.NewSize(w, h))
		x += w + l.gap
	}
}
