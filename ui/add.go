package ui

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/dialog"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

const (
	namesShown   = 4
	reasonsShown = 100
)

// dropped takes what the toolkit says was dropped on the window.
func (w *Window) dropped(us []fyne.URI) {
	var paths []string
	for _, u := range us {
		if u.Scheme() == "file" && u.Path() != "" {
			paths = append(paths, u.Path())
		}
	}
	w.take(paths, len(us)-len(paths))
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

// addSheet asks how files are to be added, adds them, and says what became of
// them.
type addSheet struct {
	win     *Window
	sheet   *sheet
	paths   []string
	what    *widget.Label
	to      *targets
	album   *entry
	sync    *check
	problem *widget.Label
	add     *button
}

// offer opens the add sheet for files and folders.
func (w *Window) offer(paths []string) {
	if len(w.status.Accounts) == 0 {
		s := w.newSheet("Add an account first", wrapped(
			"The photos need a place to go to. Add the account, then drop them again.", widget.MediumImportance))
		s.buttons(s.closer("Cancel"), newPrimary("Add account", "account", func() { s.hide(); w.addAccount() }))
		s.show()
		return
	}
	a := &addSheet{win: w, to: w.newTargets(w.memory.Accounts), problem: wrapped("", widget.DangerImportance)}
	w.adding = a
	if len(a.to.chosen()) == 0 {
		a.to.tick(true)
	}
	a.problem.Hide()
	a.what = wrapped("", widget.MediumImportance)
	a.album = newEntry("None")
	a.album.SetText(w.memory.Album)
	a.sync = newCheck("Ask the server first whether it has the photo", true, nil)
	body := form(
		a.what,
		field("To", a.to.box),
		field("Album", a.album),
		a.sync,
		a.problem,
	)
	a.sheet = w.newSheet("Add photos", body)
	a.add = newPrimary("Add", "add-photo", a.run)
	a.sheet.buttons(a.sheet.closer("Cancel"), a.add)
	a.more(paths)
	a.sheet.show()
}

// more adds to what is about to be added.
func (a *addSheet) more(paths []string) {
	known := make(map[string]bool, len(a.paths))
	for _, p := range a.paths {
		known[p] = true
	}
	for _, p := range paths {
		if !known[p] {
			known[p] = true
			a.paths = append(a.paths, p)
		}
	}
	var names []string
	for _, p := range a.paths[:min(len(a.paths), namesShown)] {
		names = append(names, shorten(clean(filepath.Base(p)), 60))
	}
	text := strings.Join(names, ", ")
	if n := len(a.paths) - namesShown; n > 0 {
		text += " and " + say.Number(n) + " more"
	}
	setLabel(a.what, text, widget.MediumImportance)
}

// shorten cuts text at n letters.
func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func (a *addSheet) run() {
	w := a.win
	req := control.AddRequest{Paths: a.paths, Album: strings.TrimSpace(a.album.Text), NoSyncCheck: !a.sync.Checked}
	if !a.to.all() { // those that are added meanwhile belong to all
		req.Accounts = a.to.chosen()
		if len(req.Accounts) == 0 {
			setLabel(a.problem, "Tick at least one account.", widget.DangerImportance)
			a.problem.Show()
			a.sheet.fit()
			return
		}
	}
	w.memory.Accounts, w.memory.Album = req.Accounts, req.Album
	mem := w.memory
	a.add.enable(false)
	a.add.SetText("Adding …")
	var sum control.AddSummary
	var bad []control.AddResult
	w.call(func(ctx context.Context) (err error) {
		if err := mem.save(); err != nil {
			w.log.Warn("Window state is not kept", "err", err)
		}
		sum, err = w.client.Add(ctx, req, func(r control.AddResult) {
			if r.Reason != "" || r.Result == "missing" || r.Result == "unreadable" || r.Result == "not a photo" {
				if len(bad) < reasonsShown {
					bad = append(bad, r)
				}
			}
		})
		return err
	}, func(err error) {
		a.sheet.hide()
		w.adding = nil
		if err != nil {
			w.fail(err)
			return
		}
		a.outcome(sum, bad)
	})
}

// outcome says what became of the files: a notice when all went well, else a
// sheet with the reasons.
func (a *addSheet) outcome(s control.AddSummary, bad []control.AddResult) {
	text := addWords(s)
	if s.Skipped+s.Missing == 0 {
		a.win.notice.say(text)
		return
	}
	body := stacked(4, wrapped(text, widget.MediumImportance))
	for _, r := range bad {
		why := r.Reason
		if why == "" {
			why = r.Result
		}
		body.Add(padded(newCaption(filepath.Base(r.Path)+": "+why), 1, 8))
	}
	if n := s.Skipped + s.Missing - len(bad); n > 0 && len(bad) == reasonsShown {
		body.Add(padded(newCaption("and "+say.Number(n)+" more"), 1, 8))
	}
	sh := a.win.newSheet("Added", body)
	sh.buttons(sh.closer("Close"))
	sh.show()
}

// addWords sums up: "3 queued, 2 known, 1 not taken".
func addWords(s control.AddSummary) string {
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{
		{s.Queued, "queued"}, {s.Known, "known already"}, {s.Skipped, "not taken"}, {s.Missing, "not readable"},
	} {
		if p.n > 0 {
			parts = append(parts, say.Number(p.n)+" "+p.word)
		}
	}
	if len(parts) == 0 {
		return "No photo was found there."
	}
	return say.Count(s.Files, "file", "files") + ": " + strings.Join(parts, ", ") + "."
}
