package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// failedPage shows photos that failed, by reason and account, and apart from
// them those that are skipped.
type failedPage struct {
	win    *Window
	box    *fyne.Container
	tabs   *tabs // failed, skipped
	retry  *button
	list   *rowList
	bar    *actionBar
	none   *widget.Label
	query  lister
	groups groupList

	skipped bool // shown now
	loaded  bool // the answer for what is shown has come
	status  *control.Status
}

func newFailedPage(w *Window) *failedPage {
	p := &failedPage{win: w}
	p.groups = groupList{win: w, changed: p.show}
	p.list = newRowList(w, func(rs []*row) { p.bar.set(rs) }, p.actions)
	p.list.fold, p.list.heads = p.groups.fold, w.headActions
	p.bar = newActionBar(p.list)
	p.query = lister{win: w, ask: p.ask, done: p.show}
	p.tabs = newTabs(func(i int) { p.choose(i == 1) }, tr("Failed"), tr("Skipped"))
	p.retry = newButton(tr("Retry all"), "retry", w.retryAll)
	p.none = wrapped("", widget.LowImportance)
	p.none.Alignment = fyne.TextAlignCenter
	head := heading(tr("Failed"), newFindButton(w.findPhoto), p.retry)
	body := container.NewStack(padded(p.list.box, 0, 6), centred(p.none))
	p.box = container.NewBorder(container.NewVBox(head, padded(p.tabs.box, 0, 14)), p.bar.box, nil, nil, padded(body, 6, 0))
	p.bar.in = p.box
	p.tabs.choose(0)
	p.retry.Hide()
	return p
}

func (p *failedPage) content() fyne.CanvasObject { return p.box }
func (p *failedPage) refresh()                   { p.list.refresh() }
func (p *failedPage) clear()                     { p.list.clear() }
func (p *failedPage) selectAll()                 { p.list.selectAll() }

func (p *failedPage) choose(skipped bool) {
	if p.skipped == skipped {
		return
	}
	p.skipped, p.loaded, p.groups.parts = skipped, false, nil
	p.list.clear()
	if p.status != nil {
		p.show()
		p.query.last = p.query.last.Add(-askEvery) // a person does not wait
		p.query.stale()
	}
}

// actions are those of rows, with the remedy of a heading.
func (p *failedPage) actions(rs []*row) []menuItem {
	items := p.win.actions(rs)
	if len(rs) == 1 && rs[0].head != nil && rs[0].head.State == "failed" {
		items = append(p.win.remedy(rs[0].head), items...)
	}
	return items
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
		groups, err := p.win.client.Groups(ctx, state)
		return func() {
			if p.skipped == skipped {
				p.groups.set(groups)
				p.loaded = true
			}
		}, err
	}
}

func (p *failedPage) show() {
	if p.status == nil {
		return
	}
	c := p.status.Counts
	p.tabs.name(0, counted(tr("Failed"), c.Failed))
	p.tabs.name(1, counted(tr("Skipped"), c.Skipped))
	if shown := !p.skipped && c.Failed > 0; shown != p.retry.Visible() {
		setShown(p.retry, shown)
		p.box.Refresh()
	}
	total := c.Failed
	text := tr("Nothing failed.")
	if p.skipped {
		total, text = c.Skipped, tr("Nothing was skipped. Photos that an account does not take, and those that you ignore, are listed here.")
	}
	none := p.groups.length() == 0
	if none && total > 0 || p.status.State == stateGone {
		text = "" // the answer is on its way
	}
	p.list.show(&p.groups)
	setLabel(p.none, text, widget.LowImportance)
	setShown(p.none, none)
}

// counted is a name with a number behind it, unless that is 0.
func counted(name string, n int) string {
	if n <= 0 {
		return name
	}
	return name + " (" + say.Number(n) + ")"
}
