package ui

import (
	"context"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// historyPage shows what was delivered, newest first, a part at a time.
type historyPage struct {
	win   *Window
	box   *fyne.Container
	find  *entry
	list  *rowList
	bar   *actionBar
	more  *button
	none  *widget.Label
	query lister

	text    string // looked for
	records []control.Record
	next    string // cursor
	loaded  bool
	status  *control.Status
}

// historyPart is how many records are asked for at a time.
const historyPart = 200

func newHistoryPage(w *Window) *historyPage {
	p := &historyPage{win: w}
	p.list = newRowList(w, func(r *row) { p.bar.set(r) }, w.actions)
	p.bar = newActionBar(p.list)
	p.query = lister{win: w, ask: p.ask, done: p.show}
	p.find = newEntry(tr("Find by name or folder"))
	p.find.OnSubmitted = func(s string) { p.look(s) }
	p.find.OnChanged = func(s string) {
		if s == "" {
			p.look("")
		}
	}
	p.find.escape = func() { p.find.SetText("") }
	p.find.ActionItem = newFindButton(func() { p.look(p.find.Text) })
	p.more = newButton(tr("Show more"), "", p.showMore)
	p.none = wrapped("", widget.LowImportance)
	p.none.Alignment = fyne.TextAlignCenter
	title := newLine(tr("History"), theme.ColorNameForeground, theme.SizeNameHeadingText)
	title.bold, title.fit = true, true
	head := padded(container.NewBorder(nil, nil, centred(title), nil, padded(p.find, 0, 16)), 10, 14)
	body := container.NewBorder(nil, container.NewCenter(p.more), nil, nil, container.NewStack(padded(p.list.list, 0, 6), centred(p.none)))
	p.box = container.NewBorder(head, p.bar.box, nil, nil, body)
	p.bar.in = p.box
	p.more.Hide()
	return p
}

func newFindButton(f func()) *button {
	b := newButton("", "scan", f)
	b.Importance = widget.LowImportance
	return b
}

func (p *historyPage) content() fyne.CanvasObject { return p.box }
func (p *historyPage) refresh()                   { p.list.list.Refresh() }
func (p *historyPage) clear()                     { p.list.clear() }

// look shows the records with text in their path.
func (p *historyPage) look(text string) {
	if text == p.text {
		return
	}
	p.text, p.records, p.next, p.loaded = text, nil, "", false
	p.list.clear()
	p.query.stale()
}

func (p *historyPage) apply(s *control.Status) {
	old := p.status
	p.status = s
	// Once more than the first part is shown, new arrivals must not move it.
	if s.State != stateGone && (old == nil || old.State == stateGone || !p.loaded ||
		old.Counts.Delivered != s.Counts.Delivered && len(p.records) <= historyPart) {
		p.query.stale()
	}
	p.show()
}

func (p *historyPage) ask() question {
	text := p.text
	return func(ctx context.Context) (func(), error) {
		page, err := p.win.client.Records(ctx, control.RecordQuery{Text: text, Limit: historyPart})
		return func() {
			if p.text == text {
				p.records, p.next, p.loaded = page.Records, page.Next, true
			}
		}, err
	}
}

func (p *historyPage) showMore() {
	text, after := p.text, p.next
	var page control.RecordPage
	p.win.call(func(ctx context.Context) (err error) {
		page, err = p.win.client.Records(ctx, control.RecordQuery{Text: text, After: after, Limit: historyPart})
		return err
	}, func(err error) {
		switch {
		case err != nil:
			p.win.fail(err)
		case p.text == text && p.next == after:
			p.records, p.next = append(p.records, page.Records...), page.Next
			p.show()
		}
	})
}

func (p *historyPage) show() {
	rows := make([]row, 0, min(len(p.records), pageRows))
	for i := range p.records[:min(len(p.records), pageRows)] {
		r := &p.records[i]
		rows = append(rows, row{rowKey: rowKey{r.Account, photoKey{r.Path, r.SHA256}}, recs: []*control.Record{r}})
	}
	if p.next != "" && len(p.records) >= pageRows {
		rows = append(rows, row{rowKey: rowKey{group: "more"}, more: tr("and older ones: look for a name to find them")})
	}
	p.list.set(rows)
	setShown(p.more, p.next != "" && len(p.records) < pageRows)
	text := ""
	switch {
	case !p.loaded:
	case p.text != "":
		text = tr("Nothing was found under “{{.Text}}”.", fields{"Text": clean(p.text)})
	default:
		text = tr("Finished imports are kept here so that you can look them up.")
	}
	setLabel(p.none, text, widget.LowImportance)
	setShown(p.none, len(rows) == 0)
}
