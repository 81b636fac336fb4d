package ui

import (
	"cmp"
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// askEvery is the shortest time between two queries for the same list.
const askEvery = time.Second

// nowPage shows what is being sent, what comes next, and what was delivered
// last.
type nowPage struct {
	win   *Window
	box   *fyne.Container
	list  *rowList
	view  *button // list or tiles
	card  *cardButton
	bar   *actionBar
	lower *fyne.Container // the list, and below it
	zone  fyne.CanvasObject
	hint  *line       // in the zone
	empty *emptyState // in place of the list
	query lister

	last   nowAnswer // of the last query
	status *control.Status
}

func newNowPage(w *Window) *nowPage {
	p := &nowPage{win: w}
	p.list = newRowList(w, p.selected, w.actions)
	p.view = newViewSwitch(p.list, &w.memory.NowTiles)
	p.bar = newActionBar(p.list)
	p.query = lister{win: w, ask: p.ask, done: p.show}
	p.hint = newCaption("")
	p.hint.align = fyne.TextAlignCenter
	p.zone = padded(container.NewStack(newFrame(), centred(padded(p.hint, 14, 14))), 6, 12)
	p.empty = newEmptyState(w)
	p.card = newCardButton(w)
	head := heading(tr("Now"), p.card.button, newFindButton(w.findPhoto), p.view,
		newButton(tr("Add photos"), "add-photo", w.chooseFile), newButton(tr("Add folder"), "add-folder", w.chooseFolder))
	p.lower = container.NewBorder(nil, p.zone, nil, nil, padded(p.list.box, 0, 6))
	body := container.NewStack(p.lower, p.empty.box)
	p.box = container.NewBorder(head, p.bar.box, nil, nil, body)
	p.bar.in, p.card.in = p.box, p.box
	return p
}

func (p *nowPage) content() fyne.CanvasObject { return p.box }
func (p *nowPage) refresh()                   { p.list.refresh() }
func (p *nowPage) clear()                     { p.list.clear() }
func (p *nowPage) selectAll()                 { p.list.selectAll() }

// selected shows what can be done with rows. The drop zone makes room for it.
func (p *nowPage) selected(rs []*row) {
	p.bar.set(rs)
	if was := p.zone.Visible(); was != (len(rs) == 0) {
		setShown(p.zone, !was)
		relayout(p.lower)
	}
}

func (p *nowPage) apply(s *control.Status) {
	old := p.status
	p.status = s
	p.card.apply(s)
	if s.State != stateGone && (old == nil || old.State == stateGone || old.Counts != s.Counts) {
		p.query.stale()
	}
	p.show()
}

// nowAnswer is what the queue and the ledger say about the photos of the page.
type nowAnswer struct {
	jobs  []control.Job    // the queue's beginning: leased, ready, waiting
	over  []control.Job    // failed and skipped, and
	known []control.Record // delivered: for the marks of photos with several accounts
}

// marksAsked is how many receipts, and how many failed and skipped jobs, are
// asked for. Photos go to their accounts at about the same time, so the newest
// ones are those that belong to the rows.
const marksAsked = 500

// ask gets the queue's beginning: what is sent, what is next, what waits. With
// several accounts it also gets what has become of their photos elsewhere.
func (p *nowPage) ask() question {
	several := len(p.status.Accounts) > 1
	return func(ctx context.Context) (func(), error) {
		var q nowAnswer
		var err error
		if several {
			// Receipts first: what is still to come for one of their photos is then
			// among the jobs.
			known, err := p.win.client.Records(ctx, control.RecordQuery{Limit: marksAsked})
			if err != nil {
				return nil, err
			}
			q.known = known.Records
			if q.over, err = p.jobs(ctx, marksAsked, "failed", "skipped"); err != nil {
				return nil, err
			}
		}
		if q.jobs, err = p.jobs(ctx, pageRows, "leased", "ready", "waiting"); err != nil {
			return nil, err
		}
		return func() { p.last = q }, nil
	}
}

// jobs gets the jobs in some states, no more than limit.
func (p *nowPage) jobs(ctx context.Context, limit int, states ...string) ([]control.Job, error) {
	var jobs []control.Job
	for _, state := range states {
		left := limit - len(jobs)
		if left <= 0 {
			break
		}
		page, err := p.win.client.Jobs(ctx, control.JobQuery{State: state, Limit: left})
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, page.Jobs...)
	}
	return jobs, nil
}

// show puts the newest status and the last answer together.
func (p *nowPage) show() {
	if p.status == nil {
		return
	}
	rows := nowRows(p.status, &p.last)
	p.list.set(rows)
	p.empty.apply(p.status)
	setShown(p.empty.box, len(rows) == 0)
	setShown(p.lower, len(rows) > 0)
	hint := tr("Drop photos or folders anywhere in this window")
	if c := p.status.Counts; c.Ready+c.Leased+c.Waiting == 0 && p.status.State == control.StateIdle {
		hint = nothingToSend(len(p.status.Folders))
	}
	p.hint.set(hint, colorMuted)
}

func nothingToSend(folders int) string {
	if folders == 0 {
		return tr("Nothing to send. Drop photos or folders anywhere in this window.")
	}
	return trn("Nothing to send. New photos in {{.N}} folders are picked up by themselves.", folders)
}

// lastPhotos is how many photos that were delivered last are shown.
const lastPhotos = 5

// nowRows makes the rows of the page: photos being sent, by job; those of the
// last query that are still to come; the number of those beyond the page; and
// the last ones delivered. Each is one row, for all of its accounts.
func nowRows(s *control.Status, q *nowAnswer) []row {
	jobs := make([]*control.Job, 0, len(s.Active)+len(q.jobs))
	for i := range s.Active {
		jobs = append(jobs, &s.Active[i])
	}
	slices.SortFunc(jobs, func(a, b *control.Job) int { return cmp.Compare(a.ID, b.ID) })
	got := receiptsOf(s.Recent, q.known)
	coming := q.jobs
	if c := s.Counts; c.Ready+c.Leased+c.Waiting == 0 {
		coming = nil // the last answer is out of date
	}
	for i := range coming {
		j := &coming[i]
		// What was on its way when we asked, and is not now, is done with.
		if j.State == "leased" && s.Running || got.since(j) {
			continue
		}
		jobs = append(jobs, j)
	}
	set := rowsOf(jobs, pageRows)
	if more := max(s.Counts.Ready+s.Counts.Leased+s.Counts.Waiting-len(coming), set.left, 0); more > 0 && len(coming) >= pageRows {
		set.rows = append(set.rows, row{rowKey: rowKey{group: "more"}, more: tr("and {{.N}} more", fields{"N": say.Number(more)})})
	}
	old := receiptsOf(q.known)
	if len(s.Accounts) < 2 || s.Counts.Ready+s.Counts.Leased+s.Counts.Waiting == 0 {
		old = got
	}
	addLast(set, got, old)
	for i := range q.over {
		j := &q.over[i]
		if r := set.of(photoOf(j)); r != nil && !r.speaksFor(j.Account) && !got.since(j) {
			r.jobs = append(r.jobs, j)
		}
	}
	return set.rows
}

// addLast adds receipts to the rows of their photos, and rows for the photos
// that were delivered last. A photo whose receipt is not among old ones may
// still be on its way to other accounts for all that we know, so it gets no row
// of its own yet.
func addLast(set *rowSet, got, old *receipts) {
	last := 0
	for _, rec := range got.all {
		p := photoKey{rec.Path, rec.SHA256}
		if _, known := set.at[p]; !known && last < lastPhotos && old.has(rec) {
			last++
			set.add(p, row{rowKey: rowKey{photoKey: p}})
		}
		if r := set.of(p); r != nil {
			r.receipt(rec)
		}
	}
}

// receipts are receipts that can be found by photo and account.
type receipts struct {
	all []*control.Record // newest first, each once
	at  map[receiptKey]*control.Record
}

type receiptKey struct {
	photoKey
	account string
}

// receiptsOf puts lists of receipts together, the newest list first.
func receiptsOf(lists ...[]control.Record) *receipts {
	r := &receipts{at: make(map[receiptKey]*control.Record)}
	for _, l := range lists {
		for i := range l {
			k := receiptKey{photoKey{l[i].Path, l[i].SHA256}, l[i].Account}
			if r.at[k] == nil {
				r.at[k] = &l[i]
				r.all = append(r.all, &l[i])
			}
		}
	}
	return r
}

func (r *receipts) has(rec *control.Record) bool {
	return r.at[receiptKey{photoKey{rec.Path, rec.SHA256}, rec.Account}] != nil
}

// since reports whether the photo of a job was delivered after the job was
// made: then the job is over, and the answer that it came with is old.
func (r *receipts) since(j *control.Job) bool {
	rec := r.at[receiptKey{photoOf(j), j.Account}]
	return rec != nil && rec.At.After(j.Created)
}

// heading is the top of a page: its name and its buttons.
func heading(name string, buttons ...*button) fyne.CanvasObject {
	right := beside(6)
	for _, b := range buttons {
		right.Add(b)
	}
	title := newLine(name, theme.ColorNameForeground, theme.SizeNameHeadingText)
	title.bold = true
	return padded(container.New(&headLayout{title}, title, right), 10, 14)
}

// headLayout puts the name of a page beside its buttons, smaller where it would
// be cut off.
type headLayout struct{ title *line }

// Layout implements [fyne.Layout].
func (l *headLayout) Layout(os []fyne.CanvasObject, s fyne.Size) {
	right := os[1].MinSize()
	room := s.Width - right.Width - theme.Padding()
	size := theme.SizeNameHeadingText
	if fyne.MeasureText(l.title.text, theme.TextHeadingSize(), fyne.TextStyle{Bold: true}).Width > room {
		size = theme.SizeNameSubHeadingText
	}
	if l.title.size != size {
		l.title.size = size
		l.title.Refresh()
	}
	h := l.title.MinSize().Height
	l.title.Move(fyne.NewPos(0, (s.Height-h)/2))
	l.title.Resize(fyne.NewSize(max(room, 0), h))
	os[1].Move(fyne.NewPos(s.Width-right.Width, 0))
	os[1].Resize(fyne.NewSize(right.Width, s.Height))
}

// MinSize implements [fyne.Layout]. The height is that of the large name, so
// that what is below stays where it is.
func (l *headLayout) MinSize(os []fyne.CanvasObject) fyne.Size {
	right := os[1].MinSize()
	h := fyne.MeasureText("M", theme.TextHeadingSize(), fyne.TextStyle{Bold: true}).Height
	return fyne.NewSize(right.Width+theme.Padding()+l.title.MinSize().Width, max(right.Height, h))
}
