package ui

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// look reads the rows from a place on, as a list on the screen does, and lets
// what is missing come.
func look(w *Window, p *pager, at, n int) {
	for i := at; i < min(at+n, p.length()); i++ {
		p.row(i)
	}
	settle(w)
}

// inMemory counts the rows that a pager holds.
func inMemory(p *pager) (n int) {
	for range p.all() {
		n++
	}
	return n
}

func TestPagerGoesToTheEndOfAMillionAndBackInLittleMemory(t *testing.T) {
	const all = 1_000_000
	e := &fakeEngine{status: oneAccount(), many: all}
	w := newTestWindow(t, e, Options{})
	before := heap()
	p := newPager(w, recordRows(w.client, control.RecordQuery{}), func() {})
	p.renew()
	settle(w)
	if p.length() != pageSize {
		t.Fatalf("it begins with %d rows", p.length())
	}
	path := func(i int) string { return fmt.Sprintf("/p/%07d.jpg", i) }
	most := 0
	// The first pages a screen at a time, then in leaps to the last that is known.
	for at := 0; p.length() < all; {
		if at < 3000 {
			at += 10
		} else {
			at = p.length() - 10
		}
		look(w, p, at, 10)
		if r := p.row(at); r == nil || r.path != path(at) {
			t.Fatalf("at %d is %+v", at, r)
		}
		most = max(most, inMemory(p))
	}
	look(w, p, all-10, 10)
	if most > pageSize*pagesKept {
		t.Errorf("%d rows were in memory", most)
	}
	if r := p.row(all - 1); r == nil || r.path != path(all-1) || !p.ended {
		t.Fatalf("the last is %+v", r)
	}
	if p.row(all) != nil || p.row(-1) != nil {
		t.Error("there are rows beyond the ends")
	}
	// A long way back: what was forgotten comes again, at its place.
	for _, at := range []int{3, 777_777, 500_000, 200, 199, 999_999} {
		if look(w, p, at, 1); p.row(at) == nil || p.row(at).path != path(at) {
			t.Errorf("at %d is %+v", at, p.row(at))
		}
		if n := inMemory(p); n > pageSize*pagesKept {
			t.Errorf("%d rows are in memory", n)
		}
	}
	if grown := heap() - before; grown > 8<<20 {
		t.Errorf("the heap has grown by %d kB", grown>>10)
	}
	runtime.KeepAlive(p)
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// pages is a list of pages for a pager: numbers in place of photos.
type pages [][]int

func (p pages) ask(_ context.Context, after string, _ int) ([]row, string, error) {
	n := 0
	if after != "" {
		_, _ = fmt.Sscan(after, &n)
	}
	var rows []row
	for _, v := range p[n] {
		rows = append(rows, row{rowKey: rowKey{group: fmt.Sprint(v)}})
	}
	if n+1 < len(p) {
		return rows, fmt.Sprint(n + 1), nil
	}
	return rows, "", nil
}

func seen(p *pager) (keys []string) {
	for _, r := range p.all() {
		keys = append(keys, r.group)
	}
	return keys
}

func TestPagerTakesPagesOfAnyLength(t *testing.T) {
	w := newTestWindow(t, &fakeEngine{status: oneAccount()}, Options{})
	list := pages{{1, 2}, {}, {3}, {4, 5, 6}, {7}}
	p := newPager(w, nil, func() {})
	p.reset(func(ctx context.Context, after string, n int) ([]row, string, error) { return list.ask(ctx, after, n) })
	settle(w)
	for range list {
		look(w, p, p.length()-1, 1)
	}
	if got := seen(p); !slices.Equal(got, []string{"3", "4", "5", "6", "7"}) || p.length() != 7 || p.row(1) != nil {
		t.Errorf("in memory %q of %d", got, p.length())
	}
	settle(w)
	list = pages{{1, 2}, {}, {3}, {4, 6}, {7}} // meanwhile one went away from a page that was forgotten
	p.pages[2].rows = nil
	look(w, p, 3, 1)
	look(w, p, 5, 1)
	if p.length() != 6 || p.row(3).group != "4" || p.row(5).group != "7" {
		t.Errorf("%q of %d", seen(p), p.length())
	}
}

func TestPagerShowsWhatThereIsUntilTheNewBeginningComes(t *testing.T) {
	w := newTestWindow(t, &fakeEngine{status: oneAccount()}, Options{})
	list := pages{{2, 1}}
	changed := 0
	p := newPager(w, func(ctx context.Context, after string, n int) ([]row, string, error) { return list.ask(ctx, after, n) }, func() { changed++ })
	p.renew()
	settle(w)
	list = pages{{3, 2}, {1}}
	p.outdated() // within a second of the last question
	settle(w)
	if changed != 1 {
		t.Error("it is asked again at once")
	}
	p.asked, p.timed = p.asked.Add(-2*askEvery), false
	p.freshen()
	if p.row(0).group != "2" {
		t.Error("what was there is gone before there is anything new")
	}
	settle(w)
	if p.row(0).group != "3" || p.whole() {
		t.Errorf("%q", seen(p))
	}
}

func TestPagerDoesNotMoveWhatIsLookedAt(t *testing.T) {
	e := &fakeEngine{status: oneAccount(), many: 5000}
	w := newTestWindow(t, e, Options{})
	p := newPager(w, recordRows(w.client, control.RecordQuery{}), func() {})
	p.renew()
	settle(w)
	for range 4 {
		look(w, p, p.length()-10, 10)
	}
	p.asked = time.Time{}
	e.took()
	p.outdated()
	settle(w)
	wants(t, e)
	p.row(0) // the beginning comes into sight
	settle(w)
	wants(t, e, "records ")
}

func TestPagerThrowsAnswersToOldQuestionsAway(t *testing.T) {
	w := newTestWindow(t, &fakeEngine{status: oneAccount()}, Options{})
	p := newPager(w, nil, func() {})
	p.reset(pages{{1}}.ask)
	p.reset(pages{{2}}.ask)
	settle(w)
	if got := seen(p); !slices.Equal(got, []string{"2"}) {
		t.Errorf("%q", got)
	}
}

func TestPagerRestsAfterAFailure(t *testing.T) {
	w := newTestWindow(t, &fakeEngine{status: oneAccount()}, Options{})
	now := time.Now()
	w.now = func() time.Time { return now }
	asked := 0
	var broken error
	p := newPager(w, nil, func() {})
	p.reset(func(ctx context.Context, after string, n int) ([]row, string, error) {
		if asked++; broken != nil {
			return nil, "", broken
		}
		return pages{{1}, {2}}.ask(ctx, after, n)
	})
	settle(w)
	broken = errors.New("the ledger is away")
	for range 5 {
		look(w, p, 0, 1)
	}
	if asked != 2 {
		t.Errorf("%d questions", asked)
	}
	shows(t, w, "The list cannot be shown: The ledger is away.")
	broken = nil
	now = now.Add(pageRest)
	look(w, p, 0, 1)
	if got := seen(p); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("%q", got)
	}
}
