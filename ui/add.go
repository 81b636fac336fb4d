package ui

import (
	"fmt"
	"os"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"

	"github.com/photoferry/photoferry/app/control"
)

const (
	namesShown   = 4
	reasonsShown = 100
	// fewFiles is below how many files nothing is asked, if the person wants it
	// so.
	fewFiles = 10
)

// dropped takes files and folders that were dropped on the window.
func (w *Window) dropped(us []fyne.URI) {
	var paths []string
	for _, u := range us {
		if u.Scheme() == "file" && u.Path() != "" {
			paths = append(paths, u.Path())
		}
	}
	switch {
	case len(paths) == 0:
		w.notice.say(tr("Only files and folders of this computer can be added"))
	case w.asking != nil && w.asking.onTop():
		w.asking.look(paths[0])
	case w.adding != nil && w.adding.sheet.open:
		w.adding.more(paths)
	case len(w.sheets) > 0:
		w.notice.say(tr("Close the open question first, then drop the photos again"))
	case w.memory.Quick && len(paths) < fewFiles && w.quickTargets() != nil && !hasFolder(paths):
		w.quickAdd(paths)
	default:
		w.offer(paths)
	}
}

// hasFolder reports whether one of the paths is a folder, or cannot be looked at.
func hasFolder(paths []string) bool {
	for _, p := range paths {
		if fi, err := os.Stat(p); err != nil || fi.IsDir() {
			return true
		}
	}
	return false
}

// quickTargets are the accounts of the last choice, as far as they are still
// there; nil if one is not.
func (w *Window) quickTargets() []string {
	names := make([]string, 0, len(w.status.Accounts))
	for i := range w.status.Accounts {
		names = append(names, w.status.Accounts[i].Name)
	}
	for _, n := range w.memory.Accounts {
		if !slices.Contains(names, n) {
			return nil
		}
	}
	if len(w.memory.Accounts) > 0 {
		return w.memory.Accounts
	}
	return names
}

// quickAdd adds a few photos as the last ones were, without a question.
func (w *Window) quickAdd(paths []string) {
	w.addFiles(control.AddRequest{Paths: paths, Accounts: w.memory.Accounts, Album: w.memory.Album, Tags: w.memory.Tags}, func() {})
}

// chooseFile lets the user choose a photo, chooseFolder a folder to add.
func (w *Window) chooseFile() {
	if len(w.sheets) > 0 {
		return
	}
	d := dialog.NewFileOpen(func(r fyne.URIReadCloser, err error) {
		if err != nil {
			w.fail(fmt.Errorf("opening the file: %w", err))
			return
		}
		if r == nil {
			return
		}
		u := r.URI()
		_ = r.Close() // only its name was wanted
		w.dropped([]fyne.URI{u})
	}, w.win)
	w.showChooser(d)
}

func (w *Window) chooseFolder() {
	if len(w.sheets) == 0 {
		w.pickFolder(func(path string) { w.offer([]string{path}) })
	}
}

// pickFolder asks for a folder of this computer.
func (w *Window) pickFolder(picked func(path string)) {
	d := dialog.NewFolderOpen(func(u fyne.ListableURI, err error) {
		switch {
		case err != nil:
			w.fail(fmt.Errorf("opening the folder: %w", err))
		case u != nil:
			picked(u.Path())
		}
	}, w.win)
	w.showChooser(d)
}

func (w *Window) showChooser(d *dialog.FileDialog) {
	c := w.win.Canvas().Size()
	d.Show() // first: it cannot be resized before
	d.Resize(fyne.NewSize(min(c.Width-sheetMargin, 900), min(c.Height-sheetMargin, 620)))
}
