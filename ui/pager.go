package ui

import (
	"context"
	"errors"
	"iter"
	"sort"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

const (
	pageSize  = 200 // rows asked for at a time
	pagesKept = 5   // in memory, around what is looked at
	pageRest  = 5 * time.Second
)

// pageQuestion asks for the page that begins at a cursor; "" is the first one.
// It returns the page's rows, and the cursor of the next page, "" after the
// last. It runs away from the widgets.
type pageQuestion func(ctx context.Context, after string, limit int) (rows []row, next string, err error)

// pager is an endless list. It grows as its end is looked at, a page at a time,
// and keeps the pages near what was looked at last; of the others it knows
// where they begin, and gets them again. It belongs to the goroutine of the
// widgets.
type pager struct {
	win     *Window
	ask     pageQuestion
	changed func() // something has come

	pages  []pagePart // as far as the list is known
	next   string     // cursor of the page after them
	ended  bool       // there is none
	loaded bool       // the first answer has come
	failed time.Time  // when the last question was not answered; zero when it was

	last  int  // row that was looked at last
	want  int  // page to be asked for, -1 for none
	busy  bool // a question is on its way
	fresh bool // the list is asked for anew, from its beginning
	stale bool // it may have become another list
	timed bool // a question is put off
	asked time.Time
	turn  int // answers to questions of an earlier turn are thrown away
}

// pagePart is one page. Its rows are nil while it is not in memory.
type pagePart struct {
	cursor string
	start  int // place of its first row
	count  int
	rows   []row
}

func newPager(w *Window, ask pageQuestion, changed func()) *pager {
	return &pager{win: w, ask: ask, changed: changed, want: -1}
}

// reset forgets everything, and asks for the beginning.
func (p *pager) reset(ask pageQuestion) {
	*p = pager{win: p.win, ask: ask, changed: p.changed, want: -1, turn: p.turn + 1, timed: p.timed}
	p.renew()
}

// renew asks for the beginning again. What is there is shown until it comes;
// then the rest of the list is found anew.
func (p *pager) renew() {
	p.fresh, p.stale, p.asked = true, false, p.win.now()
	p.load()
}

// outdated says that the list may have become another one. It is asked for
// again, but not more than once in askEvery, and not before its beginning is
// looked at: what somebody looks at farther down must not move.
func (p *pager) outdated() {
	p.stale = true
	p.freshen()
}

func (p *pager) freshen() {
	if !p.stale || p.timed || p.last >= pageSize/2 {
		return
	}
	if wait := askEvery - p.win.now().Sub(p.asked); wait > 0 && !p.asked.IsZero() {
		p.timed = true
		p.win.after(wait, func() { p.timed = false; p.freshen() })
		return
	}
	p.renew()
}

func (p *pager) length() int {
	if len(p.pages) == 0 {
		return 0
	}
	last := &p.pages[len(p.pages)-1]
	return last.start + last.count
}

func (p *pager) row(i int) *row {
	if i < 0 || i >= p.length() {
		return nil
	}
	n := p.page(i)
	part := &p.pages[n]
	p.last = i
	p.freshen()
	switch {
	case p.resting():
	case part.rows == nil:
		p.demand(n)
	case n == len(p.pages)-1 && !p.ended && i >= part.start+part.count/2:
		p.demand(n + 1)
	}
	if k := i - part.start; k < len(part.rows) {
		return &part.rows[k]
	}
	return nil
}

// resting says that the list is not asked for now, because that has just
// failed.
func (p *pager) resting() bool { return !p.failed.IsZero() && p.win.now().Sub(p.failed) < pageRest }

// page returns which page the row at a place is on.
func (p *pager) page(i int) int {
	return sort.Search(len(p.pages), func(n int) bool { return p.pages[n].start > i }) - 1
}

func (p *pager) all() iter.Seq2[int, *row] {
	return func(yield func(int, *row) bool) {
		for n := range p.pages {
			part := &p.pages[n]
			for k := range part.rows {
				if !yield(part.start+k, &part.rows[k]) {
					return
				}
			}
		}
	}
}

func (p *pager) whole() bool { return p.loaded && p.ended && len(p.pages) <= 1 }

// demand asks for a page. Only the one that was wanted last is got.
func (p *pager) demand(n int) {
	p.want = n
	p.load()
}

// load asks the next question, unless one is on its way.
func (p *pager) load() {
	if p.busy || p.want < 0 && !p.fresh {
		return
	}
	n, after := p.want, ""
	switch {
	case p.fresh:
		n = 0
	case n < len(p.pages):
		after = p.pages[n].cursor
		if p.pages[n].rows != nil { // it has come meanwhile
			p.want = -1
			return
		}
	case p.ended:
		p.want = -1
		return
	default:
		after = p.next
	}
	fresh, turn, ask := p.fresh, p.turn, p.ask
	p.busy, p.fresh, p.want = true, false, -1
	var rows []row
	var next string
	p.win.call(func(ctx context.Context) (err error) {
		rows, next, err = ask(ctx, after, pageSize)
		return err
	}, func(err error) {
		if turn != p.turn {
			return
		}
		p.busy = false
		p.take(n, fresh, after, rows, next, err)
		p.changed()
		p.load()
	})
}

// take takes an answer over.
func (p *pager) take(n int, fresh bool, after string, rows []row, next string, err error) {
	p.failed = time.Time{}
	if err != nil {
		p.failed = p.win.now()
		if !errors.Is(err, control.ErrNotRunning) { // the strip says so
			text, _ := explain(err)
			p.win.notice.say(tr("The list cannot be shown: {{.Why}}", fields{"Why": text}))
		}
		return
	}
	if rows == nil {
		rows = []row{}
	}
	p.loaded = true
	switch {
	case fresh:
		p.pages = []pagePart{{rows: rows, count: len(rows)}}
		p.next, p.ended, p.want = next, next == "", -1
	case n < len(p.pages):
		p.resize(n, len(rows))
		p.pages[n].rows = rows
	case len(rows) == 0: // but there may be some behind them
		if p.next, p.ended = next, next == ""; !p.ended {
			p.want = n
		}
	default:
		p.pages = append(p.pages, pagePart{cursor: after, start: p.length(), count: len(rows), rows: rows})
		p.next, p.ended = next, next == ""
	}
	p.forget(n)
}

// resize gives a page another length, as it may have when rows went away.
func (p *pager) resize(n, count int) {
	by := count - p.pages[n].count
	if by == 0 {
		return
	}
	p.pages[n].count = count
	for i := n + 1; i < len(p.pages); i++ {
		p.pages[i].start += by
	}
}

// forget drops the rows of the pages farthest from one.
func (p *pager) forget(n int) {
	for i := range p.pages {
		if i < n-pagesKept/2 || i > n+pagesKept/2 {
			p.pages[i].rows = nil
		}
	}
}
