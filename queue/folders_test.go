package queue

import (
	"errors"
	"maps"
	"testing"
	"time"
)

func TestFoldersCountTheirJobs(t *testing.T) {
	t.Parallel()
	file := t.TempDir() + "/queue.db"
	q := openQueue(t, file, Options{})
	in := func(folder string, i int, change func(*Request)) Request {
		r := photo("a", folder+name(i), name(i))
		if r.Folder = folder; change != nil {
			change(&r)
		}
		return r
	}
	want := map[string]FolderCounts{}
	check := func(when string) {
		t.Helper()
		for _, folder := range []string{"/in", "/other", "", "/in/photos"} {
			if got := q.FolderCounts(folder); got != want[folder] {
				t.Errorf("%s: %q has %+v, want %+v", when, folder, got, want[folder])
			}
		}
		if err := q.Check(); err != nil {
			t.Errorf("%s: %v", when, err)
		}
	}
	cool := func(r *Request) { r.NotBefore = time.Now().Add(time.Hour) }
	enqueue(t, q, in("/in", 1, nil), in("/in", 2, cool), in("/in", 3, cool), in("/other", 4, nil), in("", 5, nil),
		in("/in", 6, func(r *Request) { r.Skip = "too large" }))
	want["/in"], want["/other"] = FolderCounts{Left: 3, Cooling: 2}, FolderCounts{Left: 1}
	check("taken in")

	failed := lease(t, q, "a")
	for failed.Path != "/in"+name(1) {
		if err := q.Snooze(failed.ID, time.Now().Add(time.Hour), Cause{}); err != nil {
			t.Fatal(err)
		}
		failed = lease(t, q, "a")
	}
	check("leased, and waiting for another reason")
	if err := q.Fail(failed.ID, Cause{Error: "e"}); err != nil {
		t.Fatal(err)
	}
	want["/in"] = FolderCounts{Left: 2, Cooling: 2, Failed: 1}
	check("failed")
	if at, err := q.LastSent("/in"); !at.IsZero() || err != nil {
		t.Errorf("%s, %v", at, err)
	}

	if n, err := q.Release("/in"); n != 2 || err != nil {
		t.Fatal(n, err)
	}
	want["/in"] = FolderCounts{Left: 2, Failed: 1}
	check("released")

	outcomes := []Record{{Outcome: Sent, At: day(2)}, {Outcome: Known, At: day(3)}}
	for i, r := range outcomes {
		if err := q.Complete(lease(t, q, "a").ID, r); err != nil {
			t.Fatal(err)
		}
		want["/in"] = FolderCounts{Left: 1 - i, Failed: 1}
		check("delivered")
	}
	if err := q.Remove(failed.ID, "enough"); err != nil {
		t.Fatal(err)
	}
	delete(want, "/in")
	check("removed")

	enqueue(t, q, in("/in", 7, func(r *Request) { r.Priority = Manual }))
	if err := q.Complete(lease(t, q, "a").ID, Record{Outcome: Sent, At: day(1)}); err != nil { // a clock that was set back
		t.Fatal(err)
	}
	mustClose(t, q)
	q = openQueue(t, file, Options{})
	check("opened again")
	if at, err := q.LastSent("/in"); !at.Equal(day(2)) || err != nil {
		t.Errorf("sent last at %s, %v", at, err)
	}
	mustClose(t, q)
	if _, err := q.LastSent("/in"); !errors.Is(err, ErrClosed) {
		t.Errorf("error is %v", err)
	}
}

func TestARecordKnowsWhenItsPhotoWasTaken(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{})
	says, silent := photo("a", name(1), "1"), photo("a", name(2), "2")
	says.Taken = day(9)
	enqueue(t, q, says, silent)
	for range 2 {
		if err := q.Complete(lease(t, q, "a").ID, Record{Outcome: Sent}); err != nil {
			t.Fatal(err)
		}
	}
	for r, want := range map[*Request]time.Time{&says: day(9), &silent: silent.ModTime} {
		if got, ok, err := q.Record("a", r.SHA256); !ok || err != nil || !got.Taken.Equal(want) {
			t.Errorf("%s: taken %s, want %s: %v", r.Path, got.Taken, want, err)
		}
	}
}

func TestEachJobSeesEveryJobOnce(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{})
	want := map[string]State{}
	for i, s := range listOrder {
		j := bringTo(t, q, photo(string(rune('a'+i)), name(i), name(i)), s) // each has an account to be leased from
		want[j.Path] = s
	}
	got := map[string]State{}
	if err := q.EachJob(func(j *Job) {
		if got[j.Path] != 0 {
			t.Errorf("%s came twice", j.Path)
		}
		got[j.Path] = j.State
	}); err != nil || !maps.Equal(got, want) {
		t.Errorf("%v, want %v: %v", got, want, err)
	}
}
