package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// emptyState is what the Now page shows while there is nothing in its list: the
// drop zone, and the next step for somebody who has just begun.
type emptyState struct {
	win     *Window
	box     *fyne.Container
	icon    *canvas.Image
	title   *widget.Label
	text    *widget.Label
	ticks   *fyne.Container
	account *button
	folder  *button
	drop    *widget.Label
}

func newEmptyState(w *Window) *emptyState {
	e := &emptyState{
		win: w, icon: picture(icon{"now", theme.ColorNamePrimary}, 48),
		title: wrapped("", widget.MediumImportance), text: wrapped("", widget.MediumImportance),
		drop: wrapped(tr("Drop photos or folders anywhere in this window."), widget.LowImportance),
	}
	e.title.Alignment, e.text.Alignment, e.drop.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter, fyne.TextAlignCenter
	e.title.SizeName, e.title.TextStyle = theme.SizeNameSubHeadingText, fyne.TextStyle{Bold: true}
	e.account = newPrimary(tr("Add account"), "account", w.addAccount)
	e.folder = newPrimary(tr("Add a folder to watch"), "folder", w.watchFolder)
	e.ticks = stacked(4,
		tickLine(tr("It finds new photos by itself")),
		tickLine(tr("It never changes the originals")),
		tickLine(tr("It works in the background")),
	)
	inner := container.NewVBox(
		container.NewCenter(e.icon), e.title, e.text, container.NewCenter(e.ticks),
		padded(container.NewCenter(beside(8, e.account, e.folder)), 10, 0), e.drop,
	)
	e.box = container.New(layout.NewCustomPaddedLayout(4, 14, 14, 14),
		container.NewStack(newFrame(), padded(container.NewVScroll(centred(inner)), 12, 12)))
	return e
}

func tickLine(text string) fyne.CanvasObject {
	l := newText(text)
	l.fit = true
	return beside(8, picture(icon{"state-idle", theme.ColorNameSuccess}, 18), l)
}

func (e *emptyState) apply(s *control.Status) {
	title, text := tr("Nothing to send"), trn("New photos in {{.N}} folders are picked up by themselves.", len(s.Folders))
	account, folder := false, false
	switch {
	case s.State == stateGone && s.Text == lookingText:
		title, text = "", ""
	case s.State == stateGone:
		title, text = tr("The engine is not running"), tr("As soon as it runs, this page shows what is being sent.")
	case len(s.Accounts) == 0:
		title = tr("Welcome to PhotoFerry")
		text = tr("It brings your photos to your gallery, each one once, and tells you when they are there. First, add the account that they go to.")
		account = true
	case len(s.Folders) == 0:
		title, text = tr("Watch a folder"), tr("Choose the folder that your photos arrive in.")
		folder = true
	}
	setLabel(e.title, title, widget.MediumImportance)
	setLabel(e.text, text, widget.MediumImportance)
	setShown(e.account, account)
	setShown(e.folder, folder)
	setShown(e.ticks, folder)
	setShown(e.drop, s.State != stateGone && !account && len(s.Folders) > 0)
}
