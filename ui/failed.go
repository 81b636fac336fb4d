package ui

import (
	"context"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// failedPage shows photos that failed, by reason, and apart from them those
// that are not taken.
type failedPage struct {
	win   *Window
	box   *fyne.Container
	tabs  [2]*button // failed, skipped
	retry *button
	list  *rowList
	bar   *actionBar
	none  *widget.Label
	query lister

	skipped bool // shown now
	jobs    []control.Job
	rows    []row // of the jobs
	loaded  bool
	status  *control.Status
}

func newFailedPage(w *Window) *failedPage {
	p := &failedPage{win: w}
	p.list = newRowList(w, func(r *row) { p.bar.set(r) }, w.actions)
	p.bar = newActionBar(p.list)
	p.query = lister{win: w, ask: p.ask, done: p.show}
	p.tabs[0] = newButton(tr("Failed"), "", func() { p.choose(false) })
	p.tabs[1] = newButton(tr("Skipped"), "", func() { p.choose(true) })
	p.retry = newButton(tr("Retry all"), "retry", func() {
		w.count(picked{}, "{{.N}} photos are tried again", w.client.Retry)
	})
	p.none = wrapped("", widget.LowImportance)
	p.none.Alignment = fyne.TextAlignCenter
	head := heading(tr("Failed"), p.tabs[0], p.tabs[1], p.retry)
	body := container.NewStack(padded(p.list.list, 0, 6), centred(p.none))
	p.box = container.NewBorder(head, p.bar.box, nil, nil, body)
	p.bar.in = p.box
	p.choose(false)
	return p
}

func (p *failedPage) content() fyne.CanvasObject { return p.box }
func (p *failedPage) refresh()                   { p.list.list.Refresh() }
func (p *failedPage) clear()                     { p.list.clear() }

func (p *failedPage) choose(skipped bool) {
	for i, b := range p.tabs {
		b.Importance = widget.LowImportance
		if (i == 1) == skipped {
			b.Importance = widget.MediumImportance
		}
		b.Refresh()
	}
	if p.skipped != skipped {
		p.take(nil)
		p.loaded = false
	}
	p.skipped = skipped
	p.list.clear()
	if p.status != nil {
		p.show()
		p.query.stale()
	}
}

func (p *failedPage) apply(s *control.Status) {
	old := p.status
	p.status = s
	if s.State != stateGone && (old == nil || old.State == stateGone || !p.loaded ||
		old.Counts.Failed != s.Counts.Failed || old.Counts.Skipped != s.Counts.Skipped) {
		p.query.stale()
	}
	p.show()
}

func (p *failedPage) ask() question {
	skipped := p.skipped
	state := "failed"
	if skipped {
		state = "skipped"
	}
	return func(ctx context.Context) (func(), error) {
		page, err := p.win.client.Jobs(ctx, control.JobQuery{State: state, Limit: pageRows})
		return func() {
			if p.skipped == skipped {
				p.take(page.Jobs)
				p.loaded = true
			}
		}, err
	}
}

func (p *failedPage) take(jobs []control.Job) { p.jobs, p.rows = jobs, grouped(jobs) }

func (p *failedPage) show() {
	c := p.status.Counts
	p.setTab(0, tr("Failed"), c.Failed)
	p.setTab(1, tr("Skipped"), c.Skipped)
	setShown(p.retry, !p.skipped && c.Failed > 0)
	rows := p.rows
	total := c.Failed
	text := tr("Nothing failed.")
	if p.skipped {
		total, text = c.Skipped, tr("Nothing was skipped.")
	}
	if more := total - len(p.jobs); p.loaded && more > 0 && len(p.jobs) >= pageRows {
		rows = append(slices.Clip(rows), row{rowKey: rowKey{group: "more"}, more: tr("and {{.N}} more", fields{"N": say.Number(more)})})
	}
	if total > 0 && len(rows) == 0 {
		text = "" // the answer is on its way
	}
	p.list.set(rows)
	setLabel(p.none, text, widget.LowImportance)
	setShown(p.none, len(rows) == 0)
}

func (p *failedPage) setTab(i int, label string, n int) {
	if n > 0 {
		label += " (" + say.Number(n) + ")"
	}
	if p.tabs[i].Text != label {
		p.tabs[i].SetText(label)
		p.box.Refresh() // it has the width that it needs
	}
}
