package queue

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// stock fills a queue with jobs of three accounts in all states.
func stock(t testing.TB, q *Queue, n int) {
	t.Helper()
	var rs []Request
	now := time.Now()
	for i := range n {
		r := photo([]string{"a", "b", "ab"}[i%3], fmt.Sprintf("/photos/%d/IMG_%d.JPG", i%7, i), fmt.Sprint(i))
		r.Priority = Priority(i % 2)
		r.ModTime = day(1).Add(time.Duration(i*7919%n) * time.Second)
		switch i % 5 {
		case 1:
			r.NotBefore = now.Add(time.Hour + time.Duration(i*31%n)*time.Second)
		case 2:
			r.Skip = "rule"
		}
		rs = append(rs, r)
	}
	enqueue(t, q, rs...)
	for i := range n / 10 {
		j := lease(t, q, []string{"a", "b", "ab"}[i%3])
		if i%3 != 0 {
			if err := q.Fail(j.ID, Cause{Error: "broken"}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// less is the order in which Jobs promises to list.
func less(a, b Job) int {
	if x, y := slices.Index(listOrder, a.State), slices.Index(listOrder, b.State); x != y {
		return x - y
	}
	switch a.State {
	case Ready:
		if a.Priority != b.Priority {
			return int(a.Priority) - int(b.Priority)
		}
		return b.ModTime.Compare(a.ModTime)
	case Waiting:
		return a.Due.Compare(b.Due)
	case Leased:
		return a.Updated.Compare(b.Updated)
	}
	return b.Updated.Compare(a.Updated)
}

func TestPagesHoldEveryJobOnceInOrder(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{})
	const n = 900
	stock(t, q, n)
	all, next, err := q.Jobs(JobQuery{Limit: -1})
	if err != nil || next != "" || len(all) != n {
		t.Fatalf("%d jobs, next %q, %v", len(all), next, err)
	}
	if !slices.IsSortedFunc(all, less) {
		t.Error("the list is not in order")
	}
	for _, query := range []JobQuery{
		{}, {Account: "a"}, {Account: "ab"}, {State: Waiting}, {State: Failed, Account: "b"}, {Text: "/3/img_"}, {Account: "none"}, {Text: "nowhere"},
	} {
		for _, limit := range []int{1, 7, 100, 899, 900, 901, 0} {
			var got []Job
			query.After, query.Limit = "", limit
			for pages := 0; ; pages++ {
				jobs, next, err := q.Jobs(query)
				if err != nil {
					t.Fatal(err)
				}
				if limit > 0 && len(jobs) > limit || next != "" && len(jobs) == 0 || pages > n {
					t.Fatalf("%+v: a page of %d, next %q", query, len(jobs), next)
				}
				got = append(got, jobs...)
				if query.After = next; next == "" {
					break
				}
			}
			want := slices.DeleteFunc(slices.Clone(all), func(j Job) bool {
				return query.Account != "" && j.Account != query.Account || query.State != 0 && j.State != query.State ||
					query.Text == "nowhere" || query.Text == "/3/img_" && j.Path[:10] != "/photos/3/"
			})
			if !slices.EqualFunc(got, want, func(a, b Job) bool { return a.ID == b.ID }) {
				t.Errorf("%+v: %d jobs, want %d", query, len(got), len(want))
			}
			if limit == 1 && len(want) > 200 {
				break // once is enough
			}
		}
	}
}

func TestTextIsFoundWhateverTheCase(t *testing.T) {
	q := newQueue(t, Options{})
	for i, path := range []string{"/photos/Ärger/IMG.jpg", "/photos/ärger/img.jpg", "/photos/other.jpg"} {
		enqueue(t, q, photo("a", path, path))
		for text, want := range map[string]bool{"ÄRGER": i < 2, "ärger/IMG": i < 2, "photos": true, "OTHER.J": i == 2, "": true} {
			jobs, _, err := q.Jobs(JobQuery{Text: text})
			found := slices.ContainsFunc(jobs, func(j Job) bool { return j.Path == path })
			if err != nil || found != want {
				t.Errorf("%q in %s: %v, %v", text, path, found, err)
			}
		}
	}
}

func TestAPageStaysInPlaceWhenJobsComeAndGo(t *testing.T) {
	q := newQueue(t, Options{})
	for i := range 20 {
		r := photo("a", name(i), name(i))
		r.ModTime = day(1).Add(-time.Duration(i) * time.Hour)
		enqueue(t, q, r)
	}
	first, next, err := q.Jobs(JobQuery{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, j := range first[5:] {
		if err := q.Remove(j.ID, ""); err != nil {
			t.Fatal(err)
		}
	}
	newest := photo("a", "/new.jpg", "new")
	newest.ModTime = day(2)
	enqueue(t, q, newest)
	second, next, err := q.Jobs(JobQuery{Limit: 10, After: next})
	if err != nil || next != "" || len(second) != 10 || second[0].Path != name(10) {
		t.Errorf("%d jobs, next %q, %v", len(second), next, err)
	}
}

func TestABadCursorIsAnError(t *testing.T) {
	q := newQueue(t, Options{})
	enqueue(t, q, photo("a", "/photos/1.jpg", "1"))
	for _, after := range []string{"x", "00", "02", "0203", "ff00000000000000000000000000000000000000"} {
		if _, _, err := q.Jobs(JobQuery{After: after}); err == nil {
			t.Errorf("jobs after %q", after)
		}
		if _, _, err := q.Records(RecordQuery{After: after}); after != "ff00000000000000000000000000000000000000" && err == nil {
			t.Errorf("records after %q", after)
		}
	}
}

func TestRecordsComeNewestFirst(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{})
	const n = 120
	for i := range n {
		// Some at the same moment, some photos at both accounts, some twice.
		r := photo([]string{"a", "b"}[i%2], name(i), fmt.Sprint(i/4))
		r.Again = true
		enqueue(t, q, r)
		at := day(1).Add(time.Duration(i*7%40) * time.Hour)
		if err := q.Complete(lease(t, q, r.Account).ID, Record{Outcome: Sent, At: at}); err != nil {
			t.Fatal(err)
		}
	}
	for _, account := range []string{"", "a", "b"} {
		all, _, err := q.Records(RecordQuery{Account: account, Limit: -1})
		if err != nil || len(all) != q.Counts(account).Delivered {
			t.Fatal(len(all), err)
		}
		if !slices.IsSortedFunc(all, func(x, y Record) int { return y.At.Compare(x.At) }) {
			t.Errorf("records of %q are not in order", account)
		}
		var got []Record
		query := RecordQuery{Account: account, Limit: 7}
		for {
			rs, next, err := q.Records(query)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, rs...)
			if query.After = next; next == "" {
				break
			}
		}
		if !slices.Equal(got, all) {
			t.Errorf("pages of %q hold %d records, want %d", account, len(got), len(all))
		}
	}
	digest := photo("", "", "3").SHA256
	rs, _, err := q.Records(RecordQuery{SHA256: &digest})
	if err != nil || len(rs) != 2 {
		t.Errorf("%d records of one digest, want 2: %v", len(rs), err)
	}
	if rs, _, err = q.Records(RecordQuery{Text: "00007.JPG"}); len(rs) != 1 || err != nil {
		t.Errorf("%+v, %v", rs, err)
	}
}

func TestStoryIsBoundedAndOldestFirst(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{})
	var evs []Event
	for i := range maxHistory + 2*trimAt {
		evs = append(evs, Event{Path: name(i % 1000), What: "found", Text: fmt.Sprint(i)})
	}
	if err := q.Log(evs...); err != nil {
		t.Fatal(err)
	}
	got, err := q.Story(name(7), 3)
	if err != nil || len(got) != 3 || got[2].Text != fmt.Sprint(maxHistory+2*trimAt-1000+7) || got[0].Text >= got[1].Text {
		t.Errorf("%+v, %v", got, err)
	}
	all, err := q.Story(name(7), 0)
	if err != nil || len(all) < maxHistory/1000 || len(all) > (maxHistory+trimAt)/1000+1 {
		t.Errorf("%d events are left, %v", len(all), err)
	}
	if err := q.Log(); err != nil {
		t.Error(err)
	}
}
