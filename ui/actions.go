package ui

import (
	"context"
	"net/url"
	"path/filepath"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

func countPhotos(n int) string { return say.Photos(n) }

// actionBar shows what can be done with the selected row, below a list.
type actionBar struct {
	box     *fyne.Container
	name    *line
	buttons *fyne.Container
	labels  []string
	list    *rowList
	in      *fyne.Container // that the box lies in
}

func newActionBar(l *rowList) *actionBar {
	b := &actionBar{name: newText(""), buttons: beside(4), list: l}
	b.name.bold = true
	b.box = container.NewStack(newPanel(colorBar),
		padded(container.NewBorder(nil, nil, nil, b.buttons, centred(b.name)), 6, 12))
	b.box.Hide()
	return b
}

// set shows the actions of a row; nil hides the bar.
func (b *actionBar) set(r *row) {
	if was := b.box.Visible(); was != (r != nil) {
		setShown(b.box, !was)
		defer relayout(b.in)
	}
	if r == nil {
		return
	}
	name := r.heading
	if name == "" {
		name = filepath.Base(r.path)
	}
	b.name.set(name, theme.ColorNameForeground)
	items := b.list.menu(r)
	labels := make([]string, len(items))
	for i, it := range items {
		labels[i] = it.label
	}
	if !slices.Equal(labels, b.labels) {
		b.labels = labels
		b.buttons.RemoveAll()
		for _, it := range items {
			b.buttons.Add(newButton(it.label, it.icon, func() { b.run(it.label) }))
		}
	}
}

// run carries out an action for the row that is selected now: its jobs may be
// others than when the button was made.
func (b *actionBar) run(label string) {
	r := b.list.row()
	if r == nil {
		return
	}
	for _, it := range b.list.menu(r) {
		if it.label == label {
			it.run()
			return
		}
	}
}

// actions returns what can be done with a row of photos.
func (w *Window) actions(r *row) []menuItem {
	var items []menuItem
	if r.rec != nil {
		rec := *r.rec
		items = append(items, menuItem{"Why?", "why", func() { w.why(rec.Path) }})
		if rec.URL != "" {
			items = append(items,
				menuItem{"Open", "open", func() { w.openURL(rec.URL) }},
				menuItem{"Copy link", "", func() { w.app.Clipboard().SetContent(rec.URL); w.notice.say("The link was copied") }})
		}
		return items
	}
	ids, path := r.ids(), r.path
	if r.heading == "" {
		items = append(items, menuItem{"Why?", "why", func() { w.why(path) }})
	}
	has := func(states ...string) bool {
		return slices.ContainsFunc(r.jobs, func(j *control.Job) bool { return slices.Contains(states, j.State) })
	}
	if has("ready", "waiting") {
		items = append(items, menuItem{"Send first", "first", func() {
			w.count("is sent before all others", "are sent before all others", func(ctx context.Context) (int, error) {
				return w.client.First(ctx, ids)
			})
		}})
	}
	if has("failed") {
		label := "Retry"
		if r.heading != "" {
			label = "Retry these"
		}
		items = append(items, menuItem{label, "retry", func() {
			w.count("is tried again", "are tried again", func(ctx context.Context) (int, error) { return w.client.Retry(ctx, ids) })
		}})
	}
	if has("failed", "skipped") && (has("skipped") || mayBeThere(r)) {
		items = append(items, menuItem{"Send again", "send-again", func() { w.askAgain(ids) }})
	}
	return append(items, menuItem{"Remove", "remove", func() { w.askRemove(ids) }})
}

// mayBeThere says whether a failed photo may be on the server all the same.
func mayBeThere(r *row) bool {
	return slices.ContainsFunc(r.jobs, func(j *control.Job) bool { return j.Kind == "unsure" })
}

func (w *Window) askRemove(ids []uint64) {
	text := "It is not sent unless you add it again. The file itself stays where it is."
	if len(ids) > 1 {
		text = "They are not sent unless you add them again. The files themselves stay where they are."
	}
	s := w.newSheet("Remove "+say.Photos(len(ids))+" from the queue?", wrapped(text, widget.MediumImportance))
	s.buttons(s.closer("Cancel"), newPrimary("Remove", "remove", func() {
		s.hide()
		w.count("was removed from the queue", "were removed from the queue", func(ctx context.Context) (int, error) {
			return w.client.Cancel(ctx, ids)
		})
	}))
	s.show()
}

func (w *Window) askAgain(ids []uint64) {
	s := w.newSheet("Send "+say.Photos(len(ids))+" again?", wrapped(
		"It may be on the server already, or may have been deleted there on purpose. It is sent without asking the server first.",
		widget.MediumImportance))
	s.buttons(s.closer("Cancel"), newPrimary("Send again", "send-again", func() {
		s.hide()
		w.count("is sent again", "are sent again", func(ctx context.Context) (int, error) { return w.client.Again(ctx, ids) })
	}))
	s.show()
}

// openURL opens a page in the browser. The address came from a server, so only
// web pages are opened.
func (w *Window) openURL(raw string) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		w.notice.say("This is not the address of a web page")
		return
	}
	if err := w.app.OpenURL(u); err != nil {
		w.fail(err)
	}
}
