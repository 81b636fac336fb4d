package ui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// verb changes jobs, and says how many.
type verb func(ctx context.Context, ids []uint64) (int, error)

// each makes one verb of what does a thing to jobs and what does it to a group.
// To no jobs it does nothing, though the engine would take that for all.
func (p picked) each(jobs verb, group func(ctx context.Context, key string) (int, error)) verb {
	return func(ctx context.Context, ids []uint64) (int, error) {
		sum := 0
		for _, key := range p.groups {
			n, err := group(ctx, key)
			if sum += n; err != nil {
				return sum, err
			}
		}
		if len(ids) == 0 {
			return sum, nil
		}
		n, err := jobs(ctx, ids)
		return sum + n, err
	}
}

func (w *Window) retry(p picked) {
	w.count(p, "{{.N}} photos are tried again", p.each(w.client.Retry, w.client.RetryGroup))
}

func (w *Window) retryAll() { w.count(picked{}, "{{.N}} photos are tried again", w.client.Retry) }

func (w *Window) ignore(p picked) {
	w.count(p, "{{.N}} photos are left out from now on. They are below \"Skipped\".", p.each(w.client.Ignore, w.client.IgnoreGroup))
}

// removeRows takes what is not delivered out of the queue, after a question.
func (w *Window) removeRows(rs []*row) {
	if p := removable(rs); p.photos > 0 {
		w.askRemove(p)
	}
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

// askResend asks whether photos that were delivered are to be sent once more.
func (w *Window) askResend(recs []*control.Record) {
	seen := map[photoKey]bool{}
	for _, r := range recs {
		seen[photoKey{r.Path, r.SHA256}] = true
	}
	s := w.newSheet(trn("Send {{.N}} photos again?", len(seen)), wrapped(
		tr("It was delivered. If it still is on the server, it will be there twice. Do this when it was lost there, or when it was deleted by mistake."),
		widget.MediumImportance))
	s.buttons(s.closer(tr("Cancel")), newPrimary(tr("Send again"), "send-again", func() {
		s.hide()
		w.resend(recs)
	}))
	s.show()
}

// resend adds delivered files again: one request for each account and album.
func (w *Window) resend(recs []*control.Record) {
	type key struct{ account, album string }
	var order []key
	paths := map[key][]string{}
	for _, r := range recs {
		k := key{r.Account, r.Album}
		if paths[k] == nil {
			order = append(order, k)
		}
		paths[k] = append(paths[k], r.Path)
	}
	var sum control.AddSummary
	w.call(func(ctx context.Context) error {
		for _, k := range order {
			s, err := w.client.Add(ctx, control.AddRequest{
				Paths: paths[k], Accounts: []string{k.account}, Album: k.album, NoSyncCheck: true,
			}, func(control.AddResult) {})
			sum.Queued += s.Queued
			sum.Missing += s.Missing
			if err != nil {
				return err
			}
		}
		return nil
	}, func(err error) {
		switch {
		case err != nil:
			w.fail(err)
		case sum.Missing > 0:
			w.notice.say(trn("{{.N}} photos are sent again", sum.Queued) + ". " +
				trn("{{.N}} photos are no longer where they were.", sum.Missing))
		default:
			w.notice.say(trn("{{.N}} photos are sent again", sum.Queued))
		}
	})
}

// find is what Ctrl+F does: it goes to the page's own search, where there is
// one, and asks for a photo everywhere else.
func (w *Window) find() {
	if p, ok := w.pages[w.current].(interface{ focusFind() bool }); ok && len(w.sheets) == 0 && p.focusFind() {
		return
	}
	w.findPhoto()
}

// selectAll selects every photo of the list in front.
func (w *Window) selectAll() {
	if p, ok := w.pages[w.current].(interface{ selectAll() }); ok && len(w.sheets) == 0 {
		p.selectAll()
	}
}
