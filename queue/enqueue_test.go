package queue

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestEnqueueRefusesWhatItCannotKey(t *testing.T) {
	q := newQueue(t, Options{})
	for name, r := range map[string]Request{
		"no account":          {Path: "/1.jpg"},
		"no path":             {Account: "a"},
		"NUL in the account":  {Account: "a\x00b", Path: "/1.jpg"},
		"NUL in the path":     {Account: "a", Path: "/1\x00.jpg"},
		"a path without end":  {Account: "a", Path: strings.Repeat("x", maxPath+1)},
		"less than no bytes":  {Account: "a", Path: "/1.jpg", Size: -1},
		"an account like war": {Account: strings.Repeat("x", 1001), Path: "/1.jpg"},
	} {
		if added, err := q.Enqueue(Batch{Requests: []Request{photo("a", "/good.jpg", "x"), r}}); err == nil || len(added) > 0 {
			t.Errorf("%s: added %v", name, added)
		}
	}
	if err := q.PutSeen([]Seen{{}}); err == nil {
		t.Error("a file without a path was noted as seen")
	}
	if c := q.Counts(""); c != (Counts{}) {
		t.Errorf("%+v", c)
	}
}

func TestNewBytesWhileLeasedTakeEffectWhenTheLeaseEnds(t *testing.T) {
	for _, reopen := range []bool{false, true} {
		q, j := inState(t, Leased)
		if err := q.Mark(j.ID, "old ticket"); err != nil {
			t.Fatal(err)
		}
		changed := photo("a", "/photos/1.jpg", "new bytes")
		changed.Album = "new album"
		if got := enqueue(t, q, changed); got[0] != AddedNew {
			t.Errorf("added as %d", got[0])
		}
		if now := only(t, q, j.Path); now.State != Leased || now.SHA256 != j.SHA256 {
			t.Errorf("the lease changed under its holder: %+v", now)
		}
		delivered := 0
		if reopen {
			mustClose(t, q)
			q = openQueue(t, q.file, Options{})
		} else {
			if err := q.Complete(j.ID, Record{Outcome: Sent}); err != nil {
				t.Fatal(err)
			}
			delivered = 1
		}
		now := only(t, q, j.Path)
		if now.State != Ready || now.SHA256 != changed.SHA256 || now.Album != "new album" || now.Mark != "" || now.Leases != 0 || now.ID != j.ID {
			t.Errorf("%+v", now)
		}
		if c := q.Counts("a"); c.Delivered != delivered || c.Bytes != changed.Size {
			t.Errorf("%+v", c)
		}
	}
}

func TestTheLatestBytesWin(t *testing.T) {
	q, j := inState(t, Leased)
	enqueue(t, q, photo("a", j.Path, "two"), photo("a", j.Path, "three"))
	if got := enqueue(t, q, photo("a", j.Path, "one")); got[0] != AddedLive {
		t.Errorf("added as %d: the worker has these bytes", got[0])
	}
	if err := q.Complete(j.ID, Record{Outcome: Sent}); err != nil {
		t.Fatal(err)
	}
	if c := q.Counts(""); c != (Counts{Delivered: 1}) {
		t.Errorf("%+v", c)
	}
}

func TestANewFileWithDeliveredBytesEndsTheOldJob(t *testing.T) {
	q := newQueue(t, Options{})
	enqueue(t, q, photo("a", "/photos/1.jpg", "one"))
	if err := q.Complete(lease(t, q, "a").ID, Record{Outcome: Sent}); err != nil {
		t.Fatal(err)
	}
	bringTo(t, q, photo("a", "/photos/2.jpg", "two"), Failed)
	if got := enqueue(t, q, photo("a", "/photos/2.jpg", "one")); got[0] != AddedKnown {
		t.Errorf("added as %d", got[0])
	}
	if c := q.Counts(""); c != (Counts{Delivered: 1}) {
		t.Errorf("%+v", c)
	}
	if got := story(t, q, "/photos/2.jpg"); got[len(got)-1] != EventKnown {
		t.Errorf("story %q", got)
	}
}

func TestByHandMeansNow(t *testing.T) {
	q := newQueue(t, Options{})
	r := photo("a", "/photos/1.jpg", "one")
	r.NotBefore, r.Priority = time.Now().Add(time.Hour), FirstScan
	enqueue(t, q, r)
	if j := only(t, q, r.Path); j.State != Waiting || !j.Cooling || !j.Due.Equal(r.NotBefore) {
		t.Errorf("%+v", j)
	}
	r.NotBefore, r.Priority, r.Album, r.SyncCheck, r.Again = time.Time{}, Manual, "holiday", false, true
	if got := enqueue(t, q, r); got[0] != AddedLive {
		t.Errorf("added as %d", got[0])
	}
	if j := lease(t, q, "a"); j.Priority != Manual || j.Cooling || j.Album != "holiday" || j.SyncCheck || !j.Again {
		t.Errorf("%+v", j)
	}
}

func TestSkippedRequestsStayOutOfTheWay(t *testing.T) {
	q := newQueue(t, Options{})
	r := photo("a", "/photos/1.raw", "raw")
	r.Skip = "the account takes no RAW files"
	r.SHA256 = [32]byte{}
	enqueue(t, q, r)
	j := only(t, q, r.Path)
	if j.State != Skipped || j.Error != r.Skip {
		t.Errorf("%+v", j)
	}
	if err := q.Complete(j.ID, Record{Outcome: Sent}); err == nil {
		t.Error("a record without a digest was written")
	}
	if got, want := story(t, q, r.Path), []string{EventSkipped}; !slices.Equal(got, want) {
		t.Errorf("story is %q, want %q", got, want)
	}
}

func TestSendingOrder(t *testing.T) {
	q := newQueue(t, Options{})
	var want, got []string
	var rs []Request
	for i, x := range []struct {
		p   Priority
		day int
	}{{Manual, 3}, {Manual, 1}, {Watched, 9}, {Watched, 2}, {FirstScan, 30}, {FirstScan, 5}, {FirstScan, 4}} {
		r := photo("a", name(i), name(i))
		r.Priority, r.ModTime = x.p, day(x.day)
		want = append(want, r.Path)
		rs = append(rs, r)
	}
	slices.Reverse(rs)
	enqueue(t, q, rs...)
	for range want {
		got = append(got, lease(t, q, "a").Path)
	}
	if !slices.Equal(got, want) {
		t.Errorf("sent in the order %q, want %q", got, want)
	}
}

func TestABigBatchIsManyCommitsAndEachSeenRowComesWithItsLastJob(t *testing.T) {
	var b Batch
	for i := range 2500 {
		b.Requests = append(b.Requests, photo("a", name(i), name(i)))
		b.Seen = append(b.Seen, Seen{Path: name(i), Size: 1})
	}
	b.Requests = append(b.Requests, photo("b", name(0), name(0))) // the first path again, at the end
	for i := range 3000 {
		b.Seen = append(b.Seen, Seen{Path: "/other" + name(i), Note: "not a photo"})
		b.Events = append(b.Events, Event{Path: name(i), What: "found"})
	}
	last := map[string]int{}
	for i, r := range b.Requests {
		last[r.Path] = i
	}
	requests, seen, events := 0, 0, 0
	for done, s := range commits(b) {
		if done != requests || len(s.Requests) > sliceSize {
			t.Fatalf("%d requests after %d, said %d", len(s.Requests), requests, done)
		}
		requests += len(s.Requests)
		seen += len(s.Seen)
		events += len(s.Events)
		for _, row := range s.Seen {
			if i, ok := last[row.Path]; ok && i >= requests {
				t.Fatalf("%s is seen before its job", row.Path)
			}
		}
	}
	if requests != len(b.Requests) || seen != len(b.Seen) || events != len(b.Events) {
		t.Errorf("%d requests, %d rows, %d events", requests, seen, events)
	}
	n := 0
	q := newQueue(t, Options{OnChange: func() { n++ }})
	added, err := q.Enqueue(b)
	if err != nil || len(added) != len(b.Requests) || slices.ContainsFunc(added, func(a Added) bool { return a != AddedNew }) {
		t.Fatal(len(added), err)
	}
	eventually(t, "a change for each commit", func() bool { return q.Counts("").Ready == 2501 })
}

func TestSeenRows(t *testing.T) {
	q := newQueue(t, Options{})
	odd := time.Date(2446, 5, 10, 0, 0, 0, 0, time.UTC) // beyond what fits; ext4 has such times
	rows := []Seen{
		{Path: "/a/b/1.jpg", Size: 7, ModTime: day(1), SHA256: [32]byte{1}, MD5: [16]byte{2}},
		{Path: "/a/b.jpg", Size: 7, ModTime: time.Unix(0, 0), Note: "no photo"},
		{Path: "/a/b2/1.jpg", Size: 8, ModTime: odd},
		{Path: "/a/b/c/11.jpg", Size: 8},
	}
	if err := q.PutSeen(rows); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if !q.Known(r.Path, r.Size, r.ModTime) {
			t.Errorf("%s is not known", r.Path)
		}
		if q.Known(r.Path, r.Size+1, r.ModTime) || q.Known(r.Path, r.Size, r.ModTime.AddDate(-300, 0, 0)) || q.Known(r.Path+"x", r.Size, r.ModTime) {
			t.Errorf("%s is known for another file", r.Path)
		}
	}
	got, ok, err := q.Seen("/a/b/1.jpg")
	if got.ModTime = got.ModTime.UTC(); got != rows[0] || !ok || err != nil {
		t.Errorf("%+v, %v, %v", got, ok, err)
	}
	named, err := q.SeenByName("1.jpg", 0)
	if err != nil || len(named) != 2 || named[0].Path != "/a/b/1.jpg" || named[1].Path != "/a/b2/1.jpg" {
		t.Errorf("%+v, %v", named, err)
	}
	if named, _ = q.SeenByName("1.jpg", 1); len(named) != 1 {
		t.Errorf("%+v", named)
	}
	if err := q.DropSeen("/a/b/"); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{"/a/b/1.jpg": false, "/a/b/c/11.jpg": false, "/a/b.jpg": true, "/a/b2/1.jpg": true} {
		if _, ok, _ := q.Seen(path); ok != want {
			t.Errorf("%s is seen: %v, want %v", path, ok, want)
		}
	}
}

func TestDropSeenGoesThroughALargeFolder(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{})
	var rows []Seen
	for i := range 25_000 {
		rows = append(rows, Seen{Path: name(i)})
	}
	rows = append(rows, Seen{Path: "/photos/2025.txt"})
	if err := q.PutSeen(rows); err != nil {
		t.Fatal(err)
	}
	if err := q.DropSeen("/photos/2025"); err != nil {
		t.Fatal(err)
	}
	if left, err := q.SeenByName("024999.jpg", 0); len(left) > 0 || err != nil {
		t.Errorf("%+v, %v", left, err)
	}
	if _, ok, _ := q.Seen("/photos/2025.txt"); !ok {
		t.Error("a file beside the folder is gone, too")
	}
}

func TestDropAccountKeepsTheLedger(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{})
	enqueue(t, q, photo("a", "/photos/1.jpg", "one"))
	if err := q.Complete(lease(t, q, "a").ID, Record{Outcome: Sent}); err != nil {
		t.Fatal(err)
	}
	var rs []Request
	for i := range 2300 {
		rs = append(rs, photo("a", name(i), name(i)), photo("aa", name(i), name(i)))
	}
	enqueue(t, q, rs...)
	if err := q.Hold(Hold{Account: "a", By: ByUser}); err != nil {
		t.Fatal(err)
	}
	if err := q.DropAccount("a"); err != nil {
		t.Fatal(err)
	}
	if c := q.Counts("a"); c != (Counts{Delivered: 1}) {
		t.Errorf("%+v", c)
	}
	if c := q.Counts("aa"); c.Ready != 2300 || len(q.Holds()) != 0 {
		t.Errorf("%+v, %v", c, q.Holds())
	}
}

func TestNotes(t *testing.T) {
	q := newQueue(t, Options{})
	for _, want := range []string{"baseline", "other", ""} {
		if err := q.SetNote("folder/1", want); err != nil {
			t.Fatal(err)
		}
		if got, err := q.Note("folder/1"); got != want || err != nil {
			t.Errorf("%q, %v, want %q", got, err, want)
		}
	}
}

func TestDropNotesTakesThoseBelowAPrefix(t *testing.T) {
	q := newQueue(t, Options{})
	for _, key := range []string{"account/1/limit", "account/1/", "account/10/limit", "folder"} {
		if err := q.SetNote(key, "x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.DropNotes("account/1/"); err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{"account/1/limit": "", "account/1/": "", "account/10/limit": "x", "folder": "x"} {
		if got, err := q.Note(key); got != want || err != nil {
			t.Errorf("%s: %q, %v, want %q", key, got, err, want)
		}
	}
}
