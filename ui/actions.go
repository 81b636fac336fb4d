package ui

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/photoferry/photoferry/app/control"
)

// actions returns what can be done with the selected rows: only verbs that
// apply to one of them at least.
func (w *Window) actions(rs []*row) []menuItem {
	if len(rs) == 0 {
		return nil
	}
	var items []menuItem
	one := rs[0]
	if len(rs) > 1 {
		one = nil
	}
	switch {
	case one == nil:
	case one.session != nil:
		return []menuItem{{tr("Open"), "details", func() { w.open(one) }}}
	case one.photo():
		items = append(items, menuItem{tr("Why?"), "why", func() { w.why(one.path) }})
		if len(one.recs) > 0 {
			items = append(items, menuItem{tr("Details"), "details", func() { w.details(one.recs) }})
		}
	}
	items = append(items, w.jobActions(rs)...)
	items = append(items, w.receiptActions(rs)...)
	if one != nil && one.photo() {
		items = append(items, menuItem{tr("Show in folder"), "folder", func() { w.reveal(one.path) }})
	}
	if removable(rs).photos > 0 {
		items = append(items, menuItem{tr("Remove"), "remove", func() { w.removeRows(rs) }})
	}
	return items
}

// jobActions are the verbs for what is not delivered.
func (w *Window) jobActions(rs []*row) []menuItem {
	var items []menuItem
	if p := pick(rs, inState("ready", "waiting")); p.photos > 0 {
		items = append(items, menuItem{tr("Send first"), "first", func() {
			w.count(p, "{{.N}} photos are sent before all others", w.client.First)
		}})
	}
	if p := pick(rs, inState("failed")).pickGroups(rs, "failed"); p.photos > 0 {
		items = append(items, menuItem{tr("Retry"), "retry", func() { w.retry(p) }})
	}
	if p := (picked{}).pickGroups(rs, "skipped"); p.photos > 0 {
		items = append(items, menuItem{tr("Try after all"), "retry", func() { w.retry(p) }})
	}
	if p := pick(rs, func(j *control.Job) bool { return j.State == "skipped" || unsure(j) }); p.photos > 0 {
		items = append(items, menuItem{tr("Send again"), "send-again", func() { w.askAgain(p) }})
	}
	if p := pick(rs, unsure); p.photos > 0 {
		items = append(items, menuItem{tr("Mark as sent"), "check", func() { w.askSent(p) }})
	}
	if p := pick(rs, inState("failed")).pickGroups(rs, "failed"); p.photos > 0 {
		items = append(items, menuItem{tr("Ignore"), "skip", func() { w.ignore(p) }})
	}
	return items
}

// receiptActions are the verbs for what was delivered.
func (w *Window) receiptActions(rs []*row) []menuItem {
	recs := receiptsIn(rs)
	if len(recs) == 0 {
		return nil
	}
	var items []menuItem
	var links []string
	if len(rs) == 1 {
		scene := w.scene()
		slices.SortStableFunc(recs, func(a, b *control.Record) int { return scene.place(a.Account) - scene.place(b.Account) })
	}
	for _, rec := range recs {
		if rec.URL == "" {
			continue
		}
		links = append(links, rec.URL)
		if len(rs) > 1 {
			continue
		}
		url, label := rec.URL, tr("Open")
		if len(recs) > 1 {
			label = tr("Open at {{.Account}}", fields{"Account": shorten(clean(rec.Account), 24)})
		}
		items = append(items, menuItem{label, "open", func() { w.openURL(url) }})
	}
	if n := len(links); n > 0 {
		items = append(items, menuItem{trn("Copy links", n), "link", func() {
			w.copyText(strings.Join(links, "\n"), trn("{{.N}} links were copied", n))
		}})
	}
	if over := delivered(rs); len(over) > 0 {
		items = append(items, menuItem{tr("Send again"), "send-again", func() { w.askResend(over) }})
	}
	return items
}

func receiptsIn(rs []*row) []*control.Record {
	var recs []*control.Record
	for _, r := range rs {
		recs = append(recs, r.recs...)
	}
	return recs
}

// delivered are the receipts of photos that have no job.
func delivered(rs []*row) []*control.Record {
	var recs []*control.Record
	for _, r := range rs {
		if len(r.jobs) == 0 {
			recs = append(recs, r.recs...)
		}
	}
	return recs
}

func inState(states ...string) func(*control.Job) bool {
	return func(j *control.Job) bool { return slices.Contains(states, j.State) }
}

// removable are all jobs of some rows.
func removable(rs []*row) picked { return pick(rs, func(*control.Job) bool { return true }) }

// unsure says whether a failed photo may be on the server all the same.
func unsure(j *control.Job) bool { return j.State == "failed" && j.Kind == "unsure" }

// open shows what lies behind a row: the receipts of a photo, or its story.
func (w *Window) open(r *row) {
	switch {
	case !r.photo():
	case len(r.recs) > 0 && len(r.jobs) == 0:
		w.details(r.recs)
	default:
		w.why(r.path)
	}
}

func (w *Window) copyText(text, said string) {
	w.app.Clipboard().SetContent(text)
	w.notice.say(said)
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

// reveal shows the folder that a file lies in, as the desktop shows folders.
func (w *Window) reveal(path string) {
	dir := filepath.Dir(path)
	w.call(func(context.Context) error {
		st, err := os.Stat(dir) // a folder that is away may take its time
		switch {
		case err == nil && !st.IsDir(), errors.Is(err, os.ErrNotExist):
			return fmt.Errorf("the folder %s is not there", clean(shortPath(dir, w.home)))
		case err != nil:
			return fmt.Errorf("looking for the folder: %w", err)
		}
		return nil
	}, func(err error) {
		if err == nil {
			err = w.browse(fileURL(dir))
		}
		if err != nil {
			w.fail(err)
		}
	})
}

// fileURL is the address of a file of this computer.
func fileURL(path string) *url.URL {
	p := filepath.ToSlash(path)
	if !strings.HasPrefix(p, "/") { // a drive letter
		p = "/" + p
	}
	return &url.URL{Scheme: "file", Path: p}
}
