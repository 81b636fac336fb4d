package ui

import (
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"github.com/photoferry/photoferry/app/control"
)

// filters are what the History page is narrowed down by, besides text.
type filters struct {
	win     *Window
	box     *fyne.Container
	account *choice
	kind    *choice // of sessions
	outcome *choice // of photos
	span    *choice
	names   []string // of the accounts that can be chosen
}

// What can be chosen, in the order of the choices; the first is everything.
var (
	kindsFound    = []string{"", "folder", "drop", "card"}
	outcomesFound = []string{"", "sent", "known", "adopted"}
	spansFound    = []func(now time.Time) time.Time{
		nil, today,
		func(now time.Time) time.Time { return today(now).AddDate(0, 0, -6) },
		func(now time.Time) time.Time { return today(now).AddDate(0, 0, -29) },
		func(now time.Time) time.Time { return time.Date(now.Year(), 1, 1, 0, 0, 0, 0, now.Location()) },
	}
)

func today(now time.Time) time.Time {
	return time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
}

func newFilters(w *Window, changed func()) *filters {
	f := &filters{win: w}
	tell := func(string) { changed() }
	f.account = newChoice([]string{tr("All accounts")}, 0, tell)
	f.kind = newChoice([]string{tr("From everywhere"), tr("Folders"), tr("Dropped"), tr("Cards")}, 0, tell)
	f.outcome = newChoice([]string{tr("Every outcome"), tr("Sent"), tr("Already there"), tr("Found there")}, 0, tell)
	f.span = newChoice([]string{tr("Any time"), tr("Today"), tr("Last 7 days"), tr("Last 30 days"), tr("This year")}, 0, tell)
	f.box = container.New(evenLayout{190}, f.account, f.kind, f.outcome, f.span)
	return f
}

// show offers the filters of sessions, or those of photos.
func (f *filters) show(photos bool) {
	setShown(f.kind, !photos)
	setShown(f.outcome, photos)
	setShown(f.span, photos)
	relayout(f.box)
}

// know takes over which accounts there are. One that was chosen stays chosen as
// long as it is there.
func (f *filters) know(as []control.Account) {
	names := []string{""}
	labels := []string{tr("All accounts")}
	for i := range as {
		names = append(names, as[i].Name)
		labels = append(labels, shorten(clean(as[i].Name), 24))
	}
	if len(names) == len(f.names) {
		same := true
		for i := range names {
			same = same && names[i] == f.names[i]
		}
		if same {
			return
		}
	}
	was := f.accountName()
	f.names = names
	f.account.Options = labels
	f.account.Selected = labels[0]
	for i, n := range names {
		if n == was {
			f.account.Selected = labels[i]
		}
	}
	f.account.Refresh()
}

func (f *filters) accountName() string {
	if i := f.account.SelectedIndex(); i > 0 && i < len(f.names) {
		return f.names[i]
	}
	return ""
}

// all says that nothing is narrowed down.
func (f *filters) all() bool {
	for _, c := range []*choice{f.account, f.kind, f.outcome, f.span} {
		if c.Visible() && c.SelectedIndex() > 0 {
			return false
		}
	}
	return true
}

func (f *filters) sessions(text string) control.SessionQuery {
	return control.SessionQuery{Account: f.accountName(), Text: text, Kind: kindsFound[max(f.kind.SelectedIndex(), 0)]}
}

func (f *filters) records(text string) control.RecordQuery {
	q := control.RecordQuery{Account: f.accountName(), Text: text, Outcome: outcomesFound[max(f.outcome.SelectedIndex(), 0)]}
	if since := spansFound[max(f.span.SelectedIndex(), 0)]; since != nil {
		t := since(f.win.now())
		q.Since = &t
	}
	return q
}
