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
	bar   *actionBar
	zone  *fyne.Container // below the list
	hint  *line           // in the zone
	empty *emptyState     // in place of the list
	query lister

	jobs   []control.Job // of the last query
	status *control.Status
}

func newNowPage(w *Window) *nowPage {
	p := &nowPage{win: w}
	p.list = newRowList(w, func(r *row) { p.bar.set(r) }, w.actions)
	p.bar = newActionBar(p.list)
	p.query = lister{win: w, ask: p.ask, done: p.show}
	p.hint = newCaption("")
	p.hint.align = fyne.TextAlignCenter
	p.zone = container.NewStack(newFrame(), centred(padded(p.hint, 14, 14)))
	p.empty = newEmptyState(w)
	head := heading("Now",
		newButton("Add photos", "add-photo", w.chooseFile), newButton("Add folder", "add-folder", w.chooseFolder))
	body := container.NewStack(
		container.NewBorder(nil, padded(p.zone, 6, 12), nil, nil, padded(p.list.list, 0, 6)),
		p.empty.box,
	)
	p.box = container.NewBorder(head, p.bar.box, nil, nil, body)
	p.bar.in = p.box
	return p
}

func (p *nowPage) content() fyne.CanvasObject { return p.box }
func (p *nowPage) refresh()                   { p.list.list.Refresh() }
func (p *nowPage) clear()                     { p.list.clear() }

func (p *nowPage) apply(s *control.Status) {
	old := p.status
	p.status = s
	if s.State != stateGone && (old == nil || old.State == stateGone || old.Counts != s.Counts) {
		p.query.stale()
	}
	p.show()
}

// ask gets the queue's beginning: what is sent, what is next, what waits.
func (p *nowPage) ask(ctx context.Context) (func(), error) {
	var jobs []control.Job
	for _, state := range []string{"leased", "ready", "waiting"} {
		left := pageRows - len(jobs)
		if left <= 0 {
			break
		}
		page, err := p.win.client.Jobs(ctx, control.JobQuery{State: state, Limit: left})
		if err != nil {
			return nil, err
		}
		jobs = append(jobs, page.Jobs...)
	}
	return func() { p.jobs = jobs }, nil
}

// show puts the newest status and the last answer together.
func (p *nowPage) show() {
	if p.status == nil {
		return
	}
	rows := nowRows(p.status, p.jobs)
	p.list.set(rows)
	p.empty.apply(p.status)
	setShown(p.empty.box, len(rows) == 0)
	setShown(p.list.list, len(rows) > 0)
	setShown(p.zone, len(rows) > 0)
	hint := "Drop photos or folders anywhere in this window"
	if c := p.status.Counts; c.Ready+c.Leased+c.Waiting == 0 && p.status.State == control.StateIdle {
		hint = nothingToSend(len(p.status.Folders))
	}
	p.hint.set(hint, colorMuted)
}

func nothingToSend(folders int) string {
	if folders == 0 {
		return "Nothing to send. Drop photos or folders anywhere in this window."
	}
	return "Nothing to send. New photos in " + say.Count(folders, "folder", "folders") + " are picked up by themselves."
}

// nowRows makes the rows of the page: photos being sent, by job; those of the
// last query that are still to come; the number of those beyond the page; and
// the last ones delivered.
func nowRows(s *control.Status, queued []control.Job) []row {
	type key struct{ path, account string }
	jobs := make([]*control.Job, 0, len(s.Active)+len(queued))
	for i := range s.Active {
		jobs = append(jobs, &s.Active[i])
	}
	slices.SortFunc(jobs, func(a, b *control.Job) int { return cmp.Compare(a.ID, b.ID) })
	delivered := map[key]bool{}
	for _, r := range s.Recent {
		delivered[key{r.Path, r.Account}] = true
	}
	if c := s.Counts; c.Ready+c.Leased+c.Waiting == 0 {
		queued = nil // the last answer is out of date
	}
	for i := range queued {
		j := &queued[i]
		// What was on its way when we asked, and is not now, is done with.
		if j.State == "leased" && s.Running || delivered[key{j.Path, j.Account}] {
			continue
		}
		jobs = append(jobs, j)
	}
	rows, beyond := rowsOf(jobs, pageRows)
	if more := max(s.Counts.Ready+s.Counts.Leased+s.Counts.Waiting-len(queued), beyond, 0); more > 0 && len(queued) >= pageRows {
		rows = append(rows, row{key: "more", more: "and " + say.Number(more) + " more"})
	}
	for i := range s.Recent {
		r := &s.Recent[i]
		if !slices.ContainsFunc(rows, func(o row) bool { return o.path == r.Path }) {
			rows = append(rows, row{key: "record\x00" + r.Account + "\x00" + r.Path, path: r.Path, rec: r})
		}
	}
	return rows
}

// heading is the top of a page: its name and its buttons.
func heading(name string, buttons ...*button) fyne.CanvasObject {
	right := beside(6)
	for _, b := range buttons {
		right.Add(b)
	}
	title := newLine(name, theme.ColorNameForeground, theme.SizeNameHeadingText)
	title.bold = true
	return padded(container.NewBorder(nil, nil, nil, right, centred(title)), 10, 14)
}
