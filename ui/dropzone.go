package ui

import (
	"errors"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/ui/xdnd"
)

// dropZone lies over the whole window, dialogs included, while files hover over
// it. Some desktops never say that something hovers; there it is never seen.
type dropZone struct {
	widget.BaseWidget
	win  *Window
	icon *canvas.Image
	text *widget.Label
	in   fyne.CanvasObject
}

func newDropZone(w *Window) *dropZone {
	z := &dropZone{win: w, icon: picture(icon{"add-photo", theme.ColorNamePrimary}, 56), text: wrapped("", widget.MediumImportance)}
	z.text.Alignment, z.text.SizeName, z.text.TextStyle = fyne.TextAlignCenter, theme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}
	z.in = container.NewStack(
		newPanel(colorVeil),
		padded(newFrameIn(theme.ColorNamePrimary), 16, 16),
		padded(centred(container.NewVBox(container.NewCenter(z.icon), z.text)), 32, 32),
	)
	z.ExtendBaseWidget(z)
	return z
}

// CreateRenderer implements [fyne.Widget].
func (z *dropZone) CreateRenderer() fyne.WidgetRenderer { return widget.NewSimpleRenderer(z.in) }

// Tapped takes the zone away: the mouse is not busy dragging, so the program
// that the files came from has forgotten to say so.
func (z *dropZone) Tapped(*fyne.PointEvent) { z.hide() }

// show says what would become of a drop.
func (z *dropZone) show() {
	text := tr("Drop photos and folders anywhere")
	if !z.win.takesDrops() {
		text = tr("Close the open question first")
	}
	setLabel(z.text, text, widget.MediumImportance)
	setShown(z.icon, z.win.takesDrops())
	z.hide()
	c := z.win.win.Canvas()
	c.Overlays().Add(z)
	z.Move(fyne.NewPos(0, 0))
	z.Resize(c.Size())
}

func (z *dropZone) hide() {
	o := z.win.win.Canvas().Overlays()
	uncover(z.win.win.Canvas(), z, func() { o.Remove(z) })
}

// hear lets the window take drops of any size, and show the zone, where the
// window system can be listened to. It must be called when the window is on the
// screen; what it returns must be closed.
func (w *Window) hear() *xdnd.Receiver {
	native, ok := w.win.(driver.NativeWindow)
	if !ok {
		return nil
	}
	var r *xdnd.Receiver
	native.RunNative(func(context any) {
		x11, ok := context.(driver.X11WindowContext)
		if !ok || x11.WindowHandle == 0 {
			return
		}
		var err error
		if r, err = xdnd.Listen(x11.WindowHandle, w.drops()); err != nil {
			w.log.Warn("Only small drops can be taken", "err", err)
		}
	})
	return r
}

// drops are the events of drags, handed over to the goroutine of the widgets.
func (w *Window) drops() xdnd.Events {
	over := false // so that one drag makes one post, not one for every move
	end := func(f func()) {
		over = false
		w.mail.post(func() { w.zone.hide(); f() })
	}
	return xdnd.Events{
		Over: func(int, int) {
			if !over {
				over = true
				w.mail.post(w.zone.show)
			}
		},
		Left: func() { end(func() {}) },
		Drop: func(paths []string, refused int) { end(func() { w.take(paths, refused) }) },
		Failed: func(err error) {
			end(func() {
				if errors.Is(err, xdnd.ErrTooMuch) {
					w.notice.say(tr("That is too much for one drop. Drop the folder that the photos are in instead."))
				} else {
					w.notice.say(tr("The dropped files could not be read. Drop them again, or choose them with Add photos."))
				}
			})
		},
	}
}

// takesDrops says whether a drop can be made something of now.
func (w *Window) takesDrops() bool {
	return len(w.sheets) == 0 || w.adding != nil && w.adding.sheet.open || w.asking != nil && w.asking.onTop()
}

// take takes files and folders that were dropped on the window, and how many
// other things were dropped with them.
func (w *Window) take(paths []string, others int) {
	switch {
	case len(paths) == 0:
		w.notice.say(tr("Only files and folders of this computer can be added"))
		return
	case w.asking != nil && w.asking.onTop():
		w.asking.look(paths[0])
		return
	case !w.takesDrops():
		w.notice.say(tr("Close the open question first, then drop the photos again"))
		return
	case w.guide != nil:
		w.offer(paths)
	case len(w.sheets) > 0:
		w.adding.more(paths)
	case w.status.State == stateGone && len(w.status.Accounts) == 0: // not known yet
		w.pending = append(w.pending, paths...)
		w.notice.say(tr("As soon as the engine answers, you are asked where the photos go"))
		return
	case w.memory.Quick && len(paths) < fewFiles && w.quickTargets() != nil && !hasFolder(paths):
		w.quickAdd(paths)
	default:
		w.offer(paths)
	}
	if others > 0 {
		w.notice.say(trn("{{.N}} things were left out: they are no files of this computer", others))
	}
}
