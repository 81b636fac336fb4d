package queue

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"
)

func fail(t testing.TB, q *Queue, r Request, c Cause) Job {
	t.Helper()
	enqueue(t, q, r)
	if err := q.Fail(lease(t, q, r.Account).ID, c); err != nil {
		t.Fatal(err)
	}
	return only(t, q, r.Path)
}

func TestGroupsAreRetriedAndIgnoredAsAWhole(t *testing.T) {
	q := newQueue(t, Options{})
	id := openSession(t, q, SessionDrop, "/photos", "a", "b")
	const n = 2500 // more than a slice
	var rs []Request
	for i := range n {
		rs = append(rs, with(photo("a", name(i), name(i)), id))
	}
	enqueue(t, q, rs...)
	for i := range n {
		c := Cause{Error: fmt.Sprintf("the file is too big: %d.5 MB", i), Hint: "Make it smaller.", Kind: "rejected"}
		if i%5 == 0 {
			c.Error = "broken"
		}
		if err := q.Fail(lease(t, q, "a").ID, c); err != nil {
			t.Fatal(err)
		}
	}
	other := fail(t, q, photo("b", "/photos/b.jpg", "b"), Cause{Error: "the file is too big: 1 MB", Hint: "Make it smaller.", Kind: "rejected"})
	groups, err := q.Groups(Failed, 3)
	if err != nil || len(groups) != 3 {
		t.Fatalf("%d groups, %v", len(groups), err)
	}
	big, broken := groups[0], groups[1]
	if big.Count != n*4/5 || broken.Count != n/5 || groups[2].Account != "b" || len(big.Jobs) != 3 || big.Bytes != int64(big.Count*len(name(0))) ||
		big.Jobs[0].Reason() != "the file is too big: …" || big.Jobs[0].Error != "the file is too big: 2499.5 MB" {
		t.Fatalf("%+v", groups)
	}
	if n, err := q.IgnoreGroup("a", big.Reason, "ignored by you"); n != big.Count || err != nil {
		t.Fatalf("%d, %v", n, err)
	}
	if s := session(t, q, id); s.Skipped != big.Count || s.Failed != broken.Count {
		t.Errorf("%+v", s)
	}
	if n, err := q.IgnoreGroup("a", big.Reason, "ignored by you"); n != 0 || err != nil {
		t.Errorf("once more: %d, %v", n, err)
	}
	skipped, err := q.Groups(Skipped, 1)
	if err != nil || len(skipped) != 1 || skipped[0].Count != big.Count || skipped[0].Jobs[0].Error != "ignored by you" || skipped[0].Jobs[0].Hint != "" {
		t.Fatalf("%+v, %v", skipped, err)
	}
	if n, err := q.RequeueGroup("a", Skipped, skipped[0].Reason); n != big.Count || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := q.RequeueGroup("a", Failed, broken.Reason); n != broken.Count || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if s := session(t, q, id); s.Left != n || q.Counts("a").Ready != n {
		t.Errorf("%+v", s)
	}
	if j, err := q.Job(other.ID); j.State != Failed || err != nil {
		t.Errorf("another account's job was moved: %+v, %v", j, err)
	}
	if n, err := q.Ignore("ignored by you", other.ID, 99_999); n != 1 || !errors.Is(err, ErrNotFound) {
		t.Errorf("%d, %v", n, err)
	}
	for _, s := range []State{Ready, Leased, Waiting} {
		if _, err := q.Groups(s, 1); !errors.Is(err, ErrState) {
			t.Errorf("groups of %s: %v", s, err)
		}
		if _, err := q.RequeueGroup("a", s, 1); !errors.Is(err, ErrState) {
			t.Errorf("requeue groups of %s: %v", s, err)
		}
	}
	if _, err := q.RequeueGroup("", Failed, 1); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
}

func TestJobsOfAFolder(t *testing.T) {
	q := newQueue(t, Options{})
	enqueue(t, q, photo("a", "/photos/1.jpg", "1"), photo("b", "/photos/deeper/2.jpg", "2"))
	drop := photo("a", "/photos/3.jpg", "3")
	drop.Folder = ""
	enqueue(t, q, drop)
	for folder, want := range map[string]int{"": 3, "/photos": 2, "/photos/deeper": 0, "/photo": 0} {
		if jobs, _, err := q.Jobs(JobQuery{Folder: folder}); len(jobs) != want || err != nil {
			t.Errorf("%q: %d jobs, want %d: %v", folder, len(jobs), want, err)
		}
	}
}

func TestDescribeGivesWordsToWhatIsNotOnItsWay(t *testing.T) {
	q := newQueue(t, Options{})
	taken := func(i int) Request {
		r := photo("a", name(i), name(i))
		r.Taken, r.NotBefore = day(i), time.Now().Add(time.Hour)
		r.Title, r.Album = "before", "before"
		return r
	}
	hot := photo("a", name(2), name(2))
	hot.Taken = day(2)
	enqueue(t, q, hot)
	leased := lease(t, q, "a")
	failed := fail(t, q, with(photo("a", "/failed.jpg", "f"), 0), Cause{Error: "e"})
	enqueue(t, q, taken(1), taken(3), taken(4))
	title, tags := "Am See", []string{"Urlaub", "{year}"}
	w := Words{Title: &title, Tags: &tags}
	n, passed, err := q.Describe(JobQuery{}, func(j *Job) (Words, bool) {
		return w, !j.Taken.Before(day(1)) && !j.Taken.After(day(3))
	})
	if n != 2 || passed != 1 || err != nil {
		t.Fatalf("%d, %d leased: %v", n, passed, err)
	}
	tags[0] = "changed by the caller"
	for i, want := range map[int]string{1: "Am See", 2: "", 3: "Am See", 4: "before"} {
		j := only(t, q, name(i))
		if j.Title != want || want == "Am See" && !slices.Equal(j.Tags, []string{"Urlaub", "{year}"}) || i > 2 && j.Album != "before" {
			t.Errorf("%d: %+v", i, j)
		}
		if i != 2 && (!j.Cooling || j.State != Waiting) {
			t.Errorf("%d stopped cooling: %+v", i, j)
		}
	}
	none := ""
	w = Words{Title: &none, Tags: &[]string{}, Description: &title, Album: &title, Release: true}
	n, passed, err = q.Describe(JobQuery{}, func(j *Job) (Words, bool) {
		return w, slices.Contains([]string{name(1), leased.Path, failed.Path}, j.Path)
	})
	if n != 2 || passed != 1 || err != nil { // the one that is released is met twice
		t.Errorf("%d, %d leased: %v", n, passed, err)
	}
	if j := only(t, q, name(1)); j.Title != "" || len(j.Tags) != 0 || j.Description != title || j.Album != title || j.State != Ready || j.Cooling {
		t.Errorf("%+v", j)
	}
	if j := only(t, q, "/failed.jpg"); j.State != Failed || !j.Updated.Equal(failed.Updated) || j.Error != "e" || j.Album != title {
		t.Errorf("%+v", j)
	}
	long := string(make([]byte, maxWords))
	if n, _, err := q.Describe(JobQuery{State: Waiting}, func(*Job) (Words, bool) { return Words{Description: &long}, true }); n != 0 || err == nil {
		t.Errorf("%d, %v", n, err)
	}
	other := with(photo("a", "/elsewhere/5.jpg", "5"), 0)
	other.Folder = "/elsewhere"
	enqueue(t, q, other)
	n, _, err = q.Describe(JobQuery{Folder: "/elsewhere"}, func(j *Job) (Words, bool) {
		if j.Folder != other.Folder {
			t.Errorf("asked about %s", j.Path)
		}
		return Words{Title: &title}, j.Title == ""
	})
	if n != 1 || err != nil || only(t, q, other.Path).Title != title {
		t.Errorf("%d, %v", n, err)
	}
	bad := photo("a", "/long.jpg", "long")
	bad.Tags = []string{long}
	if _, err := q.Enqueue(Batch{Requests: []Request{bad}}); err == nil {
		t.Error("too many words were taken in")
	}
}

// What waits becomes ready at any moment, and never the other way round without
// having been leased.
func TestDescribeLooksAtWhatIsReadyAfterWhatWaits(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{})
	waits, ready := photo("a", name(1), "1"), photo("a", name(2), "2")
	waits.NotBefore = time.Now().Add(time.Hour)
	enqueue(t, q, ready, waits)
	title := "Am See"
	var seen []string
	n, leased, err := q.Describe(JobQuery{}, func(j *Job) (Words, bool) {
		if !slices.Contains(seen, j.Path) {
			seen = append(seen, j.Path)
		}
		return Words{Title: &title}, true
	})
	if n != 2 || leased != 0 || err != nil || !slices.Equal(seen, []string{waits.Path, ready.Path}) {
		t.Errorf("%d, %d leased, %v: %v", n, leased, seen, err)
	}
}

// BenchmarkGroups groups 100,000 failed jobs.
func BenchmarkGroups(b *testing.B) {
	q := newQueue(b, Options{})
	const n = 100_000
	for i := 0; i < n; i += 10_000 {
		batch := fakeBatch(i, 10_000)
		for k := range batch.Requests {
			batch.Requests[k].Skip = fmt.Sprintf("reason %d: %d.5 MB", k%7, k)
		}
		if _, err := q.Enqueue(batch); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		if g, err := q.Groups(Skipped, 3); len(g) != 7 || err != nil {
			b.Fatal(len(g), err)
		}
	}
}
