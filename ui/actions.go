package ui

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// actions returns what can be done with a row of photos.
func (w *Window) actions(r *row) []menuItem {
	if len(r.jobs) == 0 && len(r.recs) > 0 {
		return w.receiptActions(r)
	}
	var items []menuItem
	if path := r.path; r.head == nil {
		items = append(items, menuItem{tr("Why?"), "why", func() { w.why(path) }})
	}
	if p := r.pick(inState("ready", "waiting")); p.photos > 0 {
		items = append(items, menuItem{tr("Send first"), "first", func() {
			w.count(p, "{{.N}} photos are sent before all others", w.client.First)
		}})
	}
	if p := r.pick(inState("failed")); p.photos > 0 {
		label := tr("Retry")
		if r.head != nil {
			label = tr("Retry these")
		}
		items = append(items, menuItem{label, "retry", func() {
			w.count(p, "{{.N}} photos are tried again", w.client.Retry)
		}})
	}
	if p := r.pick(func(j *control.Job) bool { return j.State == "skipped" || unsure(j) }); p.photos > 0 {
		items = append(items, menuItem{tr("Send again"), "send-again", func() { w.askAgain(p) }})
	}
	if p := r.pick(unsure); p.photos > 0 {
		items = append(items, menuItem{tr("Mark as sent"), "check", func() { w.askSent(p) }})
	}
	all := r.pick(func(*control.Job) bool { return true })
	return append(items, menuItem{tr("Remove"), "remove", func() { w.askRemove(all) }})
}

// receiptActions returns what can be done with a photo that was delivered.
func (w *Window) receiptActions(r *row) []menuItem {
	path := r.path
	items := []menuItem{{tr("Why?"), "why", func() { w.why(path) }}}
	scene := w.scene()
	recs := slices.Clone(r.recs)
	slices.SortStableFunc(recs, func(a, b *control.Record) int { return scene.place(a.Account) - scene.place(b.Account) })
	for _, rec := range recs {
		if rec.URL == "" {
			continue
		}
		url, label := rec.URL, tr("Open")
		if len(r.recs) > 1 {
			label = tr("Open at {{.Account}}", fields{"Account": shorten(clean(rec.Account), 24)})
		}
		items = append(items, menuItem{label, "open", func() { w.openURL(url) }})
		if len(r.recs) == 1 {
			items = append(items, menuItem{tr("Copy link"), "", func() { w.copyText(url, "The link was copied") }})
		}
	}
	return items
}

func inState(states ...string) func(*control.Job) bool {
	return func(j *control.Job) bool { return slices.Contains(states, j.State) }
}

// unsure says whether a failed photo may be on the server all the same.
func unsure(j *control.Job) bool { return j.State == "failed" && j.Kind == "unsure" }

func (w *Window) copyText(text, said string) {
	w.app.Clipboard().SetContent(text)
	w.notice.say(said)
}

func (w *Window) askRemove(p picked) {
	text := trn("They are not sent unless you add them again. The files themselves stay where they are.", p.photos)
	s := w.newSheet(trn("Remove {{.N}} photos from the queue?", p.photos), wrapped(text, widget.MediumImportance))
	s.buttons(s.closer(tr("Cancel")), newPrimary(tr("Remove"), "remove", func() {
		s.hide()
		w.count(p, "{{.N}} photos were removed from the queue", w.client.Cancel)
	}))
	s.show()
}

func (w *Window) askAgain(p picked) {
	s := w.newSheet(trn("Send {{.N}} photos again?", p.photos), wrapped(
		tr("It may be on the server already, or may have been deleted there on purpose. It is sent without asking the server first."),
		widget.MediumImportance))
	s.buttons(s.closer(tr("Cancel")), newPrimary(tr("Send again"), "send-again", func() {
		s.hide()
		w.count(p, "{{.N}} photos are sent again", w.client.Again)
	}))
	s.show()
}

// askSent asks whether photos of which the answer was lost have been seen on
// their servers.
func (w *Window) askSent(p picked) {
	accounts := fields{"Accounts": shorten(clean(strings.Join(p.accounts, ", ")), 200)}
	s := w.newSheet(trn("Mark {{.N}} photos as sent?", p.photos), wrapped(
		trn("The answer of {{.Accounts}} was lost, so nobody here can tell whether they are there.", p.photos, accounts)+" "+
			tr("Look there first. What you mark as sent counts as delivered on your word, and is not sent again."),
		widget.MediumImportance))
	s.buttons(s.closer(tr("Cancel")), newPrimary(tr("Mark as sent"), "check", func() {
		s.hide()
		w.count(p, "{{.N}} photos count as delivered now", w.client.Sent)
	}))
	s.show()
}

// openURL opens a page in the browser.
func (w *Window) openURL(raw string) {
	if err := w.visit(raw); err != nil {
		w.fail(err)
	}
}

var errNoPage = errors.New("this is not the address of a web page")

// visit opens a page in the browser. The address came from a server, so only
// web pages are opened.
func (w *Window) visit(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return errNoPage
	}
	return w.browse(u)
}
