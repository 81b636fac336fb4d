package queue

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func openSession(t testing.TB, q *Queue, kind SessionKind, source string, accounts ...string) uint64 {
	t.Helper()
	id, err := q.OpenSession(kind, source, accounts, "")
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// session returns a session without what the clock says.
func session(t testing.TB, q *Queue, id uint64) Session {
	t.Helper()
	s, err := q.Session(id)
	if err != nil {
		t.Fatal(err)
	}
	s.Begun, s.Arrived, s.Changed = time.Time{}, time.Time{}, time.Time{}
	return s
}

func with(r Request, session uint64) Request {
	r.Session = session
	return r
}

func TestAFolderJoinsItsSessionForHalfAnHourAfterTheLastPhoto(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, Options{})
		first := openSession(t, q, SessionFolder, "/in", "b", "a")
		for i := range 3 { // it goes on for as long as photos come
			time.Sleep(29 * time.Minute)
			if id := openSession(t, q, SessionFolder, "/in", "a", "b", "a"); id != first {
				t.Errorf("after 29 minutes: session %d, want %d", id, first)
			}
			enqueue(t, q, with(photo("a", name(i), name(i)), first))
		}
		for what, other := range map[string]func() (uint64, error){
			"a drop":         func() (uint64, error) { return q.OpenSession(SessionDrop, "/in", []string{"a", "b"}, "") },
			"a card":         func() (uint64, error) { return q.OpenSession(SessionCard, "/in", []string{"a", "b"}, "") },
			"another folder": func() (uint64, error) { return q.OpenSession(SessionFolder, "/in2", []string{"a", "b"}, "") },
		} {
			if id, err := other(); id == first || err != nil {
				t.Errorf("%s joined the folder's session: %v", what, err)
			}
		}
		if id := openSession(t, q, SessionFolder, "/in", "a", "b"); id != first {
			t.Errorf("a younger session of others ended it: %d", id)
		}
		if id, err := q.OpenSession(SessionFolder, "/in", []string{"a", "b"}, "Trip"); id == first || err != nil {
			t.Errorf("another album joined the session: %v", err)
		}
		if id := openSession(t, q, SessionFolder, "/in", "a"); id == first {
			t.Error("other accounts joined the session")
		}
		// What is finished is no arrival.
		latest := openSession(t, q, SessionFolder, "/in", "a", "b")
		enqueue(t, q, with(photo("a", "/x.jpg", "x"), latest))
		time.Sleep(20 * time.Minute)
		for q.Counts("a").Ready > 0 {
			if err := q.Complete(lease(t, q, "a").ID, Record{Outcome: Sent}); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(10 * time.Minute)
		if id := openSession(t, q, SessionFolder, "/in", "a", "b"); id == latest {
			t.Error("half an hour after the last photo the session went on")
		}
	})
}

func TestEveryEndOfAPhotoIsCounted(t *testing.T) {
	q := newQueue(t, Options{})
	id := openSession(t, q, SessionDrop, "/photos", "a")
	var rs []Request
	for i := range 9 {
		rs = append(rs, with(photo("a", name(i), name(i)), id))
	}
	rs[8].Skip = "too old"
	enqueue(t, q, rs...)
	for _, end := range []func(id uint64) error{
		func(id uint64) error { return q.Complete(id, Record{Outcome: Sent}) },
		func(id uint64) error { return q.Complete(id, Record{Outcome: Known}) },
		func(id uint64) error { return q.Complete(id, Record{Outcome: Adopted}) },
		func(id uint64) error { return q.Fail(id, Cause{Error: "broken"}) },
		func(id uint64) error { return q.Skip(id, "rule") },
		func(id uint64) error { return q.Remove(id, "gone") },
		func(id uint64) error {
			return errors.Join(q.Cancel(id, "by hand"), q.Retry(id, time.Now(), Cause{}))
		},
		func(uint64) error { return nil }, // still leased
	} {
		if err := end(lease(t, q, "a").ID); err != nil {
			t.Fatal(err)
		}
	}
	want := Session{
		ID: id, Kind: SessionDrop, Source: "/photos", Found: 9, Sent: 1, Known: 2, Failed: 1, Skipped: 2, Removed: 2, Left: 1,
		Bytes: 9 * int64(len(name(0))),
	}
	check := func(what string) {
		t.Helper()
		got := session(t, q, id)
		got.Accounts = nil
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s: %+v, want %+v", what, got, want)
		}
		if err := q.Check(); err != nil {
			t.Error(err)
		}
	}
	check("at the end")
	if _, err := q.Requeue(); err != nil {
		t.Fatal(err)
	}
	want.Failed, want.Left = 0, 2
	check("after trying again")
	// What the ledger has is known at once.
	enqueue(t, q, with(photo("a", "/copy.jpg", name(8-1)), id)) // its original is leased: a job of its own
	want.Found, want.Left, want.Bytes = 10, 3, want.Bytes+int64(len(name(0)))
	check("a copy")
	rs2, _, err := q.Records(RecordQuery{Session: id, Outcome: Sent})
	if err != nil || len(rs2) != 1 {
		t.Fatal(rs2, err)
	}
	again := photo("a", "/copy of what was sent.jpg", rs2[0].Path)
	if got := enqueue(t, q, with(again, id)); got[0] != AddedKnown {
		t.Fatal(got)
	}
	want.Found, want.Known, want.Bytes = 11, 3, want.Bytes+again.Size
	check("a copy of what was sent")
	if err := q.DropAccount("a"); err != nil {
		t.Fatal(err)
	}
	want.Skipped, want.Left, want.Removed = 0, 1, want.Removed+4
	check("without the account, one still on its way")
	if s := session(t, q, id); !slices.Equal(s.Accounts, []string{"a"}) {
		t.Errorf("%+v", s)
	}
}

func TestAPhotoKeepsItsSessionUntilItHasOtherBytes(t *testing.T) {
	q := newQueue(t, Options{})
	first, second := openSession(t, q, SessionFolder, "/photos", "a"), openSession(t, q, SessionDrop, "/photos/1.jpg", "a")
	enqueue(t, q, with(photo("a", "/photos/1.jpg", "one"), first))
	handed := with(photo("a", "/photos/1.jpg", "one"), second)
	handed.Priority = Manual
	enqueue(t, q, handed)
	if s := session(t, q, first); s.Left != 1 || session(t, q, second).Found != 0 {
		t.Errorf("handed over once more: %+v", s)
	}
	enqueue(t, q, photo("a", "/photos/1.jpg", "longer")) // the same place, and nobody says where from
	if s := session(t, q, first); s.Found != 1 || s.Left != 1 || s.Bytes != 6 {
		t.Errorf("new bytes without a session: %+v", s)
	}
	enqueue(t, q, with(photo("a", "/photos/1.jpg", "three"), second))
	if s := session(t, q, first); s.Found != 1 || s.Removed != 1 || s.Left != 0 {
		t.Errorf("the old bytes: %+v", s)
	}
	if s := session(t, q, second); s.Found != 1 || s.Left != 1 || s.Bytes != 5 {
		t.Errorf("the new bytes: %+v", s)
	}
	// New bytes that come while the old ones are on their way: both count.
	j := lease(t, q, "a")
	enqueue(t, q, with(photo("a", "/photos/1.jpg", "four"), second))
	if err := q.Complete(j.ID, Record{Outcome: Sent}); err != nil {
		t.Fatal(err)
	}
	if s := session(t, q, second); s.Found != 2 || s.Sent != 1 || s.Left != 1 || s.Bytes != 9 {
		t.Errorf("both: %+v", s)
	}
	if r, ok, err := q.Record("a", photo("", "", "three").SHA256); !ok || err != nil || r.Session != second {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestSessionsComeNewestFirstInPages(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{})
	const n = 250
	for i := range n {
		kind := []SessionKind{SessionFolder, SessionDrop, SessionCard}[i%3]
		account := []string{"a", "b"}[i%2]
		id := openSession(t, q, kind, fmt.Sprintf("/Source/%03d", i), account)
		if i%10 != 0 { // nothing came into the others
			enqueue(t, q, with(photo(account, name(i), name(i)), id))
		}
	}
	for what, tt := range map[string]struct {
		query SessionQuery
		want  int
	}{
		"all":     {SessionQuery{}, n - n/10},
		"account": {SessionQuery{Account: "a"}, n/2 - n/10},
		"nobody":  {SessionQuery{Account: "c"}, 0},
		"text":    {SessionQuery{Text: "source/12"}, 9},
		"drops":   {SessionQuery{Kind: SessionDrop}, 75},
	} {
		for _, limit := range []int{1, 7, 100, n, -1, 0} {
			tt.query.After, tt.query.Limit = "", limit
			var got []uint64
			for {
				page, next, err := q.Sessions(tt.query)
				if err != nil {
					t.Fatal(err)
				}
				if limit >= 0 && len(page) > pageOf(limit) {
					t.Errorf("%s: a page of %d", what, len(page))
				}
				for _, s := range page {
					got = append(got, s.ID)
				}
				if tt.query.After = next; next == "" {
					break
				}
			}
			if len(got) != tt.want || !slices.IsSortedFunc(got, func(a, b uint64) int { return int(b) - int(a) }) || len(slices.Compact(got)) != tt.want {
				t.Errorf("%s in pages of %d: %d sessions, want %d", what, limit, len(got), tt.want)
			}
		}
	}
	for _, after := range []string{"x", "00"} {
		if _, _, err := q.Sessions(SessionQuery{After: after}); err == nil {
			t.Errorf("after %q", after)
		}
	}
	if _, err := q.Session(n + 1); !errors.Is(err, ErrNotFound) {
		t.Errorf("error is %v", err)
	}
}

func pageOf(limit int) int {
	if limit == 0 {
		return defaultSessions
	}
	return limit
}

func TestRecordsOfASessionOutcomeAndTime(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{})
	ids := []uint64{openSession(t, q, SessionDrop, "/1", "a", "b"), openSession(t, q, SessionDrop, "/2", "a", "b")}
	const n = 96
	for i := range n {
		r := with(photo([]string{"a", "b"}[i%2], name(i), fmt.Sprint(i)), ids[i/2%2])
		enqueue(t, q, r)
		err := q.Complete(lease(t, q, r.Account).ID, Record{Outcome: []Outcome{Sent, Known, Adopted}[i%3], At: day(1).Add(time.Duration(i*7%n) * time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
	}
	all, _, err := q.Records(RecordQuery{Limit: -1})
	if err != nil || len(all) != n {
		t.Fatal(len(all), err)
	}
	for _, query := range []RecordQuery{
		{Session: ids[0]},
		{Session: ids[1], Account: "b"},
		{Session: 99},
		{Outcome: Adopted},
		{Since: day(2)},
		{Until: day(3)},
		{Since: day(2), Until: day(3), Account: "a"},
		{Since: day(2), Until: day(3), Session: ids[1], Outcome: Sent},
		{Since: day(2).Add(time.Hour), Until: day(2).Add(2 * time.Hour)},
		{Since: day(9)},
		{Until: day(1)},
	} {
		want := slices.DeleteFunc(slices.Clone(all), func(r Record) bool {
			return query.Session != 0 && r.Session != query.Session || query.Outcome != "" && r.Outcome != query.Outcome ||
				query.Account != "" && r.Account != query.Account || !query.Since.IsZero() && r.At.Before(query.Since) ||
				!query.Until.IsZero() && !r.At.Before(query.Until)
		})
		for _, limit := range []int{1, 5, 0} {
			var got []Record
			query.After, query.Limit = "", limit
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
			if !slices.Equal(got, want) {
				t.Errorf("%+v: %d records, want %d", query, len(got), len(want))
			}
		}
	}
	// A record that is written anew is in the new session only, one that is forgotten in none.
	r := with(photo("a", name(0), "0"), ids[1])
	r.Again = true
	enqueue(t, q, r)
	if err := q.Complete(lease(t, q, "a").ID, Record{Outcome: Sent}); err != nil {
		t.Fatal(err)
	}
	if err := q.Forget("a", photo("", "", "4").SHA256); err != nil {
		t.Fatal(err)
	}
	for i, want := range []int{n/2 - 2, n/2 + 1} {
		if rs, _, err := q.Records(RecordQuery{Session: ids[i]}); len(rs) != want || err != nil {
			t.Errorf("session %d has %d records, want %d: %v", ids[i], len(rs), want, err)
		}
	}
}
