package ui

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// addSheet asks how files are to be added, says what would happen, adds them,
// and says what became of them.
type addSheet struct {
	win      *Window
	sheet    *sheet
	paths    []string
	what     *widget.Label
	to       *targets
	album    *entry
	title    *entry
	tags     *entry
	sync     *check
	quick    *check
	forecast *forecastView
	problem  *widget.Label
	add      *button
}

// offer opens the add sheet for files and folders.
func (w *Window) offer(paths []string) {
	if w.guide != nil {
		w.pending = append(w.pending, paths...) // offered when the guide has ended
		return
	}
	if len(w.status.Accounts) == 0 {
		s := w.newSheet(tr("Add an account first"), wrapped(
			tr("The photos need a place to go to. Add the account, then drop them again."), widget.MediumImportance))
		s.buttons(s.closer(tr("Cancel")), newPrimary(tr("Add account"), "account", func() { s.hide(); w.addAccount() }))
		s.show()
		return
	}
	a := &addSheet{win: w, to: w.newTargets(w.memory.Accounts), problem: wrapped("", widget.DangerImportance)}
	w.adding = a
	if len(a.to.chosen()) == 0 {
		a.to.tick(true)
	}
	a.to.changed = a.ask
	a.problem.Hide()
	a.what = wrapped("", widget.MediumImportance)
	a.forecast = newForecastView(w, func() { a.sheet.refit() })
	a.album = newEntry(tr("None"))
	a.album.SetText(w.memory.Album)
	pick := newButton(tr("Choose"), "album", func() {
		w.pickAlbum(a.to.chosen(), a.album.Text, a.album.SetText)
	})
	a.title = newEntry(tr("As in the photo"))
	a.tags = newEntry(tr("Besides those in the photo, with commas between them"))
	a.tags.SetText(strings.Join(w.memory.Tags, ", "))
	a.sync = newCheck(tr("Ask the server first whether it has the photo"), true, func(bool) { a.ask() })
	a.quick = newCheck(tr("Don't ask for fewer than {{.N}} photos", fields{"N": fewFiles}), w.memory.Quick, nil)
	body := form(
		a.what,
		field(tr("To"), a.to.box),
		container.NewStack(newCard(), a.forecast.box),
		field(tr("Album"), container.NewBorder(nil, nil, nil, pick, a.album)),
		field(tr("Title"), a.title),
		field(tr("Tags"), a.tags),
		a.sync,
		a.quick,
		a.problem,
	)
	a.sheet = w.newSheet(tr("Add photos"), body)
	a.sheet.onClose = a.forecast.close
	a.add = newPrimary(tr("Add"), "add-photo", a.run)
	a.sheet.buttons(a.sheet.closer(tr("Cancel")), a.add)
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
		text = tr("{{.Names}} and {{.N}} more", fields{"Names": text, "N": say.Number(n)})
	}
	setLabel(a.what, text, widget.MediumImportance)
	a.ask()
}

// ask forecasts what is chosen now.
func (a *addSheet) ask() {
	if len(a.paths) == 0 {
		return
	}
	if r, ok := a.request(); ok {
		a.forecast.ask(r)
	}
}

// request is what the sheet says now; false when no account is chosen.
func (a *addSheet) request() (control.AddRequest, bool) {
	r := control.AddRequest{
		Paths: a.paths, Album: strings.TrimSpace(a.album.Text), Title: strings.TrimSpace(a.title.Text),
		Tags: splitTags(a.tags.Text), NoSyncCheck: !a.sync.Checked,
	}
	if !a.to.all() { // those that are added meanwhile belong to all
		r.Accounts = a.to.chosen()
		return r, len(r.Accounts) > 0
	}
	return r, true
}

// splitTags reads tags that are written with commas between them.
func splitTags(text string) []string {
	var tags []string
	for t := range strings.SplitSeq(text, ",") {
		if t = strings.TrimSpace(t); t != "" && !slices.Contains(tags, t) {
			tags = append(tags, t)
		}
	}
	return tags
}

func (a *addSheet) run() {
	w := a.win
	req, ok := a.request()
	if !ok {
		setLabel(a.problem, tr("Tick at least one account."), widget.DangerImportance)
		a.problem.Show()
		a.sheet.fit()
		return
	}
	w.memory.Accounts, w.memory.Album, w.memory.Tags, w.memory.Quick = req.Accounts, req.Album, req.Tags, a.quick.Checked
	w.remember()
	a.forecast.close()
	a.add.enable(false)
	a.add.SetText(tr("Adding …"))
	w.addFiles(req, func() {
		a.sheet.hide()
		w.adding = nil
	})
}

// addFiles hands files over. over is called when that has ended, before the
// outcome is shown.
func (w *Window) addFiles(req control.AddRequest, over func()) {
	var sum control.AddSummary
	var bad []control.AddResult
	w.call(func(ctx context.Context) (err error) {
		sum, err = w.client.Add(ctx, req, func(r control.AddResult) {
			switch r.Result {
			case "skipped", "missing", "unreadable", "not a photo":
				if len(bad) < reasonsShown {
					bad = append(bad, r)
				}
			}
		})
		return err
	}, func(err error) {
		over()
		if err != nil {
			w.fail(err)
			return
		}
		w.added(sum, bad)
	})
}

// added says what became of files: a notice when all went well, else a sheet
// with the reasons.
func (w *Window) added(s control.AddSummary, bad []control.AddResult) {
	text := addWords(s)
	if s.Skipped+s.Missing == 0 {
		w.notice.say(text)
		return
	}
	body := stacked(4, wrapped(text, widget.MediumImportance))
	for _, r := range bad {
		why := r.Reason
		if why == "" {
			why = r.Result
		}
		body.Add(padded(newCaption(filepath.Base(r.Path)+": "+engine(why)), 1, 8))
	}
	if n := s.Skipped + s.Missing - len(bad); n > 0 && len(bad) == reasonsShown {
		body.Add(padded(newCaption(tr("and {{.N}} more", fields{"N": say.Number(n)})), 1, 8))
	}
	sh := w.newSheet(tr("Added"), body)
	sh.buttons(sh.closer(tr("Close")))
	sh.show()
}

// addWords sums up: "3 queued, 2 known, 1 not taken".
func addWords(s control.AddSummary) string {
	var parts []string
	for _, p := range []struct {
		n    int
		word string
	}{
		{s.Queued, tr("{{.N}} queued", fields{"N": say.Number(s.Queued)})},
		{s.Known, tr("{{.N}} known already", fields{"N": say.Number(s.Known)})},
		{s.Skipped, tr("{{.N}} not taken", fields{"N": say.Number(s.Skipped)})},
		{s.Missing, tr("{{.N}} not readable", fields{"N": say.Number(s.Missing)})},
	} {
		if p.n > 0 {
			parts = append(parts, p.word)
		}
	}
	if len(parts) == 0 {
		return tr("No photo was found there.")
	}
	return say.Files(s.Files) + ": " + strings.Join(parts, ", ") + "."
}
