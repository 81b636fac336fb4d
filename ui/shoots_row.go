package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

const (
	shootHeight   = 66
	shootPictures = 5   // of a shoot that are shown, where there is room
	shootWords    = 560 // of the width that is kept for words and button
	pictureGap    = 4
)

// shootRow shows one shoot. The list makes as many as fit on the screen and
// uses them again and again.
type shootRow struct {
	widget.BaseWidget
	of  *shootList
	at  int // which one it shows
	pic [shootPictures]shootPicture

	title, sub, state, detail *line
	icon                      *canvas.Image
	say                       *button
	shown                     int // pictures that the shoot has
}

// shootPicture is one small picture, with what stands in its place.
type shootPicture struct {
	back  *panel
	none  *canvas.Image
	thumb *canvas.Image
}

func newShootRow(of *shootList) *shootRow {
	r := &shootRow{
		of: of, title: newText(""), sub: newCaption(""), state: newCaption(""), detail: newCaption(""),
		icon: picture(icon{"state-waiting", colorMuted}, 16),
	}
	for i := range r.pic {
		r.pic[i] = shootPicture{
			newPanel(colorTrack), picture(icon{"picture", colorMuted}, 20),
			&canvas.Image{ScaleMode: canvas.ImageScaleFastest, FillMode: canvas.ImageFillContain, CornerRadius: 6},
		}
		r.pic[i].back.radius = 6
	}
	r.title.bold = true
	r.say = newButton(tr("Describe"), "", func() { of.open(r.at) })
	r.ExtendBaseWidget(r)
	return r
}

// set shows a shoot.
func (r *shootRow) set(i int, s *control.Shoot) {
	r.at = i
	w := r.of.win
	v := viewOfShoot(s, w.home, w.now())
	r.title.set(v.title, theme.ColorNameForeground)
	r.sub.set(v.sub, colorMuted)
	r.state.set(v.state, v.hue)
	r.detail.set(v.detail, colorMuted)
	setPicture(r.icon, icon{v.icon, v.hue})
	r.shown = min(len(s.Paths), shootPictures)
	r.place(r.Size())
	room := r.room(r.Size())
	for n := range r.pic {
		p := &r.pic[n]
		if n >= room { // nothing is read for what is not seen
			setShown(p.back, false)
			setShown(p.none, false)
			setShown(p.thumb, false)
			continue
		}
		img := w.thumbs.get(s.Paths[n])
		setShown(p.back, true)
		setShown(p.none, img == nil)
		setShown(p.thumb, img != nil)
		if img != nil && p.thumb.Image != img {
			p.thumb.Image = img
			p.thumb.Refresh()
		}
	}
}

// room is how many pictures of the shoot are seen.
func (r *shootRow) room(s fyne.Size) int {
	n := int((s.Width - shootWords) / (thumbSize + pictureGap))
	return min(max(n, 1), r.shown)
}

// place puts the parts where they belong. Words stay in one column, however
// many pictures a shoot has.
func (r *shootRow) place(s fyne.Size) {
	top := (s.Height - thumbSize) / 2
	square := fyne.NewSquareSize(thumbSize)
	left := float32(rowMargin)
	for n := range min(max(int((s.Width-shootWords)/(thumbSize+pictureGap)), 1), shootPictures) {
		p := &r.pic[n]
		p.back.Move(fyne.NewPos(left, top))
		p.back.Resize(square)
		p.thumb.Move(fyne.NewPos(left, top))
		p.thumb.Resize(square)
		p.none.Move(fyne.NewPos(left+13, top+13))
		p.none.Resize(fyne.NewSquareSize(thumbSize - 26))
		left += thumbSize + pictureGap
	}
	left += rowGap - pictureGap

	b := r.say.MinSize()
	end := s.Width - rowMargin - b.Width
	r.say.Move(fyne.NewPos(end, (s.Height-b.Height)/2))
	r.say.Resize(b)
	end -= rowGap

	right := min(stateWidth, (end-left)*0.45)
	text := max(end-left-right-rowGap, 0)
	titleHeight, subHeight := r.title.MinSize().Height, r.sub.MinSize().Height
	y := (s.Height - titleHeight - subHeight - 2) / 2
	r.title.Move(fyne.NewPos(left, y))
	r.title.Resize(fyne.NewSize(text, titleHeight))
	r.sub.Move(fyne.NewPos(left, y+titleHeight+2))
	r.sub.Resize(fyne.NewSize(text, subHeight))
	x := end - right
	r.icon.Move(fyne.NewPos(x, y+(titleHeight-16)/2))
	r.icon.Resize(fyne.NewSquareSize(16))
	r.state.Move(fyne.NewPos(x+22, y+(titleHeight-subHeight)/2))
	r.state.Resize(fyne.NewSize(max(right-22, 0), subHeight))
	r.detail.Move(fyne.NewPos(x+22, y+titleHeight+2))
	r.detail.Resize(fyne.NewSize(max(right-22, 0), subHeight))
}

// CreateRenderer implements [fyne.Widget].
func (r *shootRow) CreateRenderer() fyne.WidgetRenderer { return shootRenderer{r} }

type shootRenderer struct{ r *shootRow }

func (s shootRenderer) MinSize() fyne.Size  { return fyne.NewSize(200, shootHeight) }
func (s shootRenderer) Layout(to fyne.Size) { s.r.resized(to) }
func (s shootRenderer) Destroy()            {}
func (s shootRenderer) Refresh() {
	for _, o := range s.Objects() {
		o.Refresh()
	}
}

// resized places the parts, and shows as many pictures as there is room for now.
func (r *shootRow) resized(to fyne.Size) {
	if r.at < len(r.of.shoots) && r.shown > 0 {
		r.set(r.at, &r.of.shoots[r.at])
		return
	}
	r.place(to)
}

// Objects implements [fyne.WidgetRenderer].
func (s shootRenderer) Objects() []fyne.CanvasObject {
	r := s.r
	os := []fyne.CanvasObject{r.title, r.sub, r.icon, r.state, r.detail, r.say}
	for _, p := range r.pic {
		os = append(os, p.back, p.none, p.thumb)
	}
	return os
}
