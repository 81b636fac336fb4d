package ui

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// groupList is the source of the Failed page: a heading for each account and
// reason, and the photos of those that are open, a page at a time.
type groupList struct {
	win     *Window
	changed func()
	parts   []*groupPart
}

// groupPart is one group.
type groupPart struct {
	head  row
	pager *pager // of its photos; nil while it is shut
}

func groupKey(g *control.JobGroup) rowKey { return rowKey{group: "heading\x00" + g.Key} }

// set takes an answer over. Groups that were open stay open.
func (l *groupList) set(groups []control.JobGroup) {
	old := map[string]*groupPart{}
	for _, p := range l.parts {
		old[p.head.head.Key] = p
	}
	l.parts = make([]*groupPart, 0, len(groups))
	for _, g := range groups {
		part := &groupPart{head: row{rowKey: groupKey(&g), head: &groupHead{JobGroup: g}}}
		if was := old[g.Key]; was != nil && was.pager != nil {
			part.pager, part.head.head.open = was.pager, true
			if was.head.head.Count != g.Count {
				part.pager.outdated()
			}
		}
		l.parts = append(l.parts, part)
	}
}

// fold shows or hides the photos of a group.
func (l *groupList) fold(r *row, open bool) {
	i := slices.IndexFunc(l.parts, func(p *groupPart) bool { return p.head.rowKey == r.rowKey })
	if i < 0 {
		return
	}
	p := l.parts[i]
	h := *p.head.head // the list still shows the old one
	h.open = open
	p.head.head = &h
	p.pager = nil
	if open {
		p.pager = newPager(l.win, l.ask(h.JobGroup), l.changed)
		p.pager.renew()
	}
	l.changed()
}

// ask gets the photos of a group.
func (l *groupList) ask(g control.JobGroup) pageQuestion {
	return func(ctx context.Context, after string, limit int) ([]row, string, error) {
		page, err := l.win.client.Jobs(ctx, control.JobQuery{Group: g.Key, After: after, Limit: limit})
		if err != nil {
			return nil, "", err
		}
		rows := make([]row, len(page.Jobs))
		for i := range page.Jobs {
			j := &page.Jobs[i]
			rows[i] = row{rowKey: rowKey{g.Key, photoOf(j)}, jobs: []*control.Job{j}, under: true}
		}
		return rows, page.Next, nil
	}
}

func (p *groupPart) length() int {
	if p.pager == nil {
		return 1
	}
	return 1 + p.pager.length()
}

func (l *groupList) length() int {
	n := 0
	for _, p := range l.parts {
		n += p.length()
	}
	return n
}

func (l *groupList) row(i int) *row {
	if i < 0 {
		return nil
	}
	for _, p := range l.parts {
		n := p.length()
		switch {
		case i == 0:
			return &p.head
		case i < n:
			return p.pager.row(i - 1)
		}
		i -= n
	}
	return nil
}

func (l *groupList) all() iter.Seq2[int, *row] {
	return func(yield func(int, *row) bool) {
		at := 0
		for _, p := range l.parts {
			if !yield(at, &p.head) {
				return
			}
			if p.pager != nil {
				for i, r := range p.pager.all() {
					if !yield(at+1+i, r) {
						return
					}
				}
			}
			at += p.length()
		}
	}
}

func (l *groupList) whole() bool {
	return !slices.ContainsFunc(l.parts, func(p *groupPart) bool { return p.pager != nil && !p.pager.whole() })
}

// view puts a heading into words.
func (h *groupHead) view() view {
	title := engine(h.Error)
	if title == "" {
		title = tr("No reason is known")
	}
	return view{
		title: strings.TrimRight(capital(title), "."), sub: engine(h.Hint), subHue: colorMuted, state: say.Photos(h.Count), hue: colorMuted,
		detail: h.Account, done: -1,
	}
}

// headActions are the buttons of a heading: what mends the reason, where there
// is such a thing, and what can be done with the photos.
func (w *Window) headActions(r *row) []menuItem {
	p := picked{}.pickGroups([]*row{r}, r.head.State)
	if r.head.State != "failed" {
		return []menuItem{{tr("Try after all"), "retry", func() { w.retry(p) }}}
	}
	items := w.remedy(r.head)
	return append(items,
		menuItem{tr("Retry"), "retry", func() { w.retry(p) }},
		menuItem{tr("Ignore"), "skip", func() { w.ignore(p) }})
}

// remedy is what mends the reason of a group: signing in again, as long as the
// account waits for that.
func (w *Window) remedy(h *groupHead) []menuItem {
	if h.Kind != "denied" {
		return nil
	}
	i := slices.IndexFunc(w.status.Accounts, func(a control.Account) bool { return a.Name == h.Account })
	if i < 0 {
		return nil
	}
	a := w.status.Accounts[i]
	return []menuItem{{tr("Sign in again"), "sign-in", func() { w.signIn(&a) }}}
}
