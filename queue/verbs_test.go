package queue

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"
)

// TestEveryVerbInEveryState is the table of the package comment: what each verb makes of a job in each state.
func TestEveryVerbInEveryState(t *testing.T) {
	t.Parallel()
	const (
		gone   = State(100)
		refuse = State(101)
	)
	later := func() time.Time { return time.Now().Add(time.Hour) }
	cause := Cause{Error: "boom", Hint: "wait", Kind: "Transient"}
	verbs := []struct {
		name string
		do   func(q *Queue, id uint64) error
		want map[State]State // what is not there stays as it is
	}{
		{"Mark", func(q *Queue, id uint64) error { return q.Mark(id, "ticket") },
			map[State]State{Ready: refuse, Leased: Leased, Waiting: refuse, Failed: refuse, Skipped: refuse}},
		{"Complete", func(q *Queue, id uint64) error { return q.Complete(id, Record{Outcome: Sent}) },
			map[State]State{Ready: refuse, Leased: gone, Waiting: refuse, Failed: gone, Skipped: gone}},
		{"Adopt", func(q *Queue, id uint64) error {
			j, err := q.Job(id)
			if err == nil {
				_, err = q.Adopt(map[uint64]Record{id: {SHA256: j.SHA256, Outcome: Adopted}})
			}
			return err
		}, map[State]State{Ready: gone, Leased: Leased, Waiting: Waiting, Failed: Failed, Skipped: Skipped}},
		{"Adopt of other bytes", func(q *Queue, id uint64) error {
			_, err := q.Adopt(map[uint64]Record{id: {SHA256: [32]byte{1}, Outcome: Adopted}, id + 1: {}})
			return err
		}, map[State]State{Ready: Ready, Leased: Leased, Waiting: Waiting, Failed: Failed, Skipped: Skipped}},
		{"Retry", func(q *Queue, id uint64) error { return q.Retry(id, later(), cause) },
			map[State]State{Ready: refuse, Leased: Waiting, Waiting: refuse, Failed: refuse, Skipped: refuse}},
		{"Retry at once", func(q *Queue, id uint64) error { return q.Retry(id, time.Time{}, cause) },
			map[State]State{Ready: refuse, Leased: Ready, Waiting: refuse, Failed: refuse, Skipped: refuse}},
		{"Snooze", func(q *Queue, id uint64) error { return q.Snooze(id, later(), cause) },
			map[State]State{Ready: refuse, Leased: Waiting, Waiting: refuse, Failed: refuse, Skipped: refuse}},
		{"Fail", func(q *Queue, id uint64) error { return q.Fail(id, cause) },
			map[State]State{Ready: refuse, Leased: Failed, Waiting: refuse, Failed: refuse, Skipped: refuse}},
		{"Skip", func(q *Queue, id uint64) error { return q.Skip(id, "rule") },
			map[State]State{Ready: Skipped, Leased: Skipped, Waiting: Skipped, Failed: Skipped, Skipped: refuse}},
		{"Unlease", func(q *Queue, id uint64) error { return q.Unlease(id) },
			map[State]State{Ready: refuse, Leased: Ready, Waiting: refuse, Failed: refuse, Skipped: refuse}},
		{"Remove", func(q *Queue, id uint64) error { return q.Remove(id, "file is gone") },
			map[State]State{Ready: gone, Leased: gone, Waiting: gone, Failed: gone, Skipped: gone}},
		{"Cancel", func(q *Queue, id uint64) error { return q.Cancel(id, "by hand") },
			map[State]State{Ready: gone, Leased: Leased, Waiting: gone, Failed: gone, Skipped: gone}},
		{"SendAgain", func(q *Queue, id uint64) error { return q.SendAgain(id) },
			map[State]State{Ready: refuse, Leased: refuse, Waiting: refuse, Failed: Ready, Skipped: Ready}},
		{"Requeue by id", func(q *Queue, id uint64) error { _, err := q.Requeue(id); return err },
			map[State]State{Ready: Ready, Leased: Leased, Waiting: Ready, Failed: Ready, Skipped: Ready}},
		{"Requeue all", func(q *Queue, _ uint64) error { _, err := q.Requeue(); return err },
			map[State]State{Ready: Ready, Leased: Leased, Waiting: Ready, Failed: Ready, Skipped: Skipped}},
		{"Release", func(q *Queue, _ uint64) error { _, err := q.Release(""); return err },
			map[State]State{Ready: Ready, Leased: Leased, Waiting: Waiting, Failed: Failed, Skipped: Skipped}},
		{"First", func(q *Queue, id uint64) error { return q.First(id) },
			map[State]State{Ready: Ready, Leased: Leased, Waiting: Waiting, Failed: Failed, Skipped: Skipped}},
		{"Enqueue the same", func(q *Queue, _ uint64) error {
			_, err := q.Enqueue(Batch{Requests: []Request{photo("a", "/photos/1.jpg", "one")}})
			return err
		}, map[State]State{Ready: Ready, Leased: Leased, Waiting: Waiting, Failed: Failed, Skipped: Skipped}},
		{"Enqueue the same by hand", func(q *Queue, _ uint64) error {
			r := photo("a", "/photos/1.jpg", "one")
			r.Priority = Manual
			_, err := q.Enqueue(Batch{Requests: []Request{r}})
			return err
		}, map[State]State{Ready: Ready, Leased: Leased, Waiting: Waiting, Failed: Ready, Skipped: Ready}},
		{"Enqueue new bytes", func(q *Queue, _ uint64) error {
			_, err := q.Enqueue(Batch{Requests: []Request{photo("a", "/photos/1.jpg", "two")}})
			return err
		}, map[State]State{Ready: Ready, Leased: Leased, Waiting: Ready, Failed: Ready, Skipped: Ready}},
		{"Ignore", func(q *Queue, id uint64) error { _, err := q.Ignore("ignored by you", id); return err },
			map[State]State{Ready: Ready, Leased: Leased, Waiting: Waiting, Failed: Skipped, Skipped: Skipped}},
		{"Describe", func(q *Queue, _ uint64) error {
			title := "A title"
			_, _, err := q.Describe(func(*Job) bool { return true }, Words{Title: &title, Release: true})
			return err
		}, map[State]State{Ready: Ready, Leased: Leased, Waiting: Waiting, Failed: Failed, Skipped: Skipped}},
		{"DropAccount", func(q *Queue, _ uint64) error { return q.DropAccount("a") },
			map[State]State{Ready: gone, Leased: Leased, Waiting: gone, Failed: gone, Skipped: gone}},
	}
	for _, v := range verbs {
		for _, s := range listOrder {
			t.Run(fmt.Sprintf("%s of a %s job", v.name, s), func(t *testing.T) {
				t.Parallel()
				q, before := inState(t, s)
				err := v.do(q, before.ID)
				after, jobErr := q.Job(before.ID)
				switch want := v.want[s]; {
				case want == refuse:
					if !errors.Is(err, ErrState) {
						t.Errorf("error is %v, want ErrState", err)
					}
					if !reflect.DeepEqual(after, before) {
						t.Errorf("the job changed from %+v to %+v", before, after)
					}
				case err != nil:
					t.Error(err)
				case want == gone:
					if !errors.Is(jobErr, ErrNotFound) {
						t.Errorf("the job is still there: %+v, %v", after, jobErr)
					}
				case after.State != want:
					t.Errorf("the job is %s, want %s", after.State, want)
				}
				if err := q.Check(); err != nil {
					t.Error(err)
				}
			})
		}
	}
}

func TestEveryVerbSaysThatAJobIsNotThere(t *testing.T) {
	q := newQueue(t, Options{})
	for name, err := range map[string]error{
		"mark": q.Mark(7, "m"), "complete": q.Complete(7, Record{}), "retry": q.Retry(7, day(1), Cause{}),
		"snooze": q.Snooze(7, day(1), Cause{}), "fail": q.Fail(7, Cause{}), "skip": q.Skip(7, ""), "unlease": q.Unlease(7),
		"remove": q.Remove(7, ""), "cancel": q.Cancel(7, ""), "again": q.SendAgain(7), "first": q.First(7),
		"verified": q.Verified("a", [32]byte{}, ""), "forget": q.Forget("a", [32]byte{}),
	} {
		if !errors.Is(err, ErrNotFound) {
			t.Errorf("%s: %v, want ErrNotFound", name, err)
		}
	}
	if n, err := q.Requeue(7, 8); n != 0 || !errors.Is(err, ErrNotFound) {
		t.Errorf("requeue: %d, %v", n, err)
	}
}

func TestRetryCountsTheAttemptAndSnoozeDoesNot(t *testing.T) {
	q, j := inState(t, Leased)
	if err := q.Snooze(j.ID, time.Now().Add(-time.Second), Cause{Error: "busy"}); err != nil {
		t.Fatal(err)
	}
	if j = lease(t, q, "a"); j.Attempt != 0 || j.Leases != 2 || j.Error != "busy" {
		t.Errorf("after a snooze: %+v", j)
	}
	if err := q.Retry(j.ID, time.Now().Add(-time.Second), Cause{Error: "reset", Hint: "h", Kind: "Transient"}); err != nil {
		t.Fatal(err)
	}
	if j = lease(t, q, "a"); j.Attempt != 1 || j.Leases != 3 || j.Hint != "h" || j.ErrKind != "Transient" {
		t.Errorf("after a retry: %+v", j)
	}
	if err := q.Unlease(j.ID); err != nil {
		t.Fatal(err)
	}
	if j = only(t, q, j.Path); j.Attempt != 1 || j.State != Ready {
		t.Errorf("after unlease: %+v", j)
	}
	if n, err := q.Requeue(j.ID); n != 0 || err != nil {
		t.Errorf("a ready job was requeued: %d, %v", n, err)
	}
}

func TestRequeueForgetsTheFailure(t *testing.T) {
	q, j := inState(t, Failed)
	if n, err := q.Requeue(); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	j = only(t, q, j.Path)
	if j.State != Ready || j.Attempt != 0 || j.Error != "" || j.Hint != "" || j.Leases != 1 {
		t.Errorf("%+v", j)
	}
}

func TestMarkSurvivesReopening(t *testing.T) {
	q, j := inState(t, Leased)
	if err := q.Mark(j.ID, "ticket 7"); err != nil {
		t.Fatal(err)
	}
	mustClose(t, q)
	q = openQueue(t, q.file, Options{})
	if j = lease(t, q, "a"); j.Mark != "ticket 7" || j.Leases != 2 {
		t.Errorf("%+v", j)
	}
}

func TestCancelOfALeasedJobTakesEffectWhenTheLeaseEnds(t *testing.T) {
	ends := map[string]func(q *Queue, id uint64) error{
		"Complete": func(q *Queue, id uint64) error { return q.Complete(id, Record{Outcome: Sent}) },
		"Retry":    func(q *Queue, id uint64) error { return q.Retry(id, time.Now().Add(time.Hour), Cause{}) },
		"Snooze":   func(q *Queue, id uint64) error { return q.Snooze(id, time.Now().Add(time.Hour), Cause{}) },
		"Fail":     func(q *Queue, id uint64) error { return q.Fail(id, Cause{}) },
		"Skip":     func(q *Queue, id uint64) error { return q.Skip(id, "x") },
		"Unlease":  func(q *Queue, id uint64) error { return q.Unlease(id) },
		"Remove":   func(q *Queue, id uint64) error { return q.Remove(id, "gone") },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			q, j := inState(t, Leased)
			if err := q.Cancel(j.ID, "by hand"); err != nil {
				t.Fatal(err)
			}
			if j = only(t, q, j.Path); j.State != Leased || j.Cancelled != "by hand" {
				t.Fatalf("%+v", j)
			}
			if err := end(q, j.ID); err != nil {
				t.Fatal(err)
			}
			if _, err := q.Job(j.ID); !errors.Is(err, ErrNotFound) {
				t.Errorf("it is still there: %v", err)
			}
			_, recorded, err := q.Record("a", j.SHA256)
			if err != nil || recorded != (name == "Complete") {
				t.Errorf("recorded: %v, %v", recorded, err)
			}
		})
	}
	t.Run("restart", func(t *testing.T) {
		q, j := inState(t, Leased)
		if err := q.Cancel(j.ID, ""); err != nil {
			t.Fatal(err)
		}
		mustClose(t, q)
		q = openQueue(t, q.file, Options{})
		if c := q.Counts(""); c != (Counts{}) {
			t.Errorf("%+v", c)
		}
	})
}

func TestCompleteWritesTheRecordFromTheJob(t *testing.T) {
	q, j := inState(t, Leased)
	if err := q.Complete(j.ID, Record{RemoteID: "r1", URL: "http://x/1", Outcome: Sent, Verified: "size", At: day(9)}); err != nil {
		t.Fatal(err)
	}
	want := Record{
		Account: "a", Path: j.Path, SHA256: j.SHA256, MD5: j.MD5, Size: j.Size, RemoteID: "r1", URL: "http://x/1",
		At: day(9), Outcome: Sent, Verified: "size",
	}
	r, ok, err := q.Record("a", j.SHA256)
	r.At = r.At.UTC()
	if r != want || !ok || err != nil {
		t.Errorf("%+v, %v, %v, want %+v", r, ok, err, want)
	}
	if got, want := story(t, q, j.Path), []string{EventQueued, EventSent}; !slices.Equal(got, want) {
		t.Errorf("story is %q, want %q", got, want)
	}
	if c := q.Counts("a"); c != (Counts{Delivered: 1}) {
		t.Errorf("%+v", c)
	}
}

func TestKnownNeverOverwritesARecord(t *testing.T) {
	q := newQueue(t, Options{})
	enqueue(t, q, photo("a", "/photos/1.jpg", "one"), photo("a", "/photos/copy.jpg", "one"))
	first := lease(t, q, "a")
	if err := q.Complete(first.ID, Record{RemoteID: "r1", Outcome: Sent}); err != nil {
		t.Fatal(err)
	}
	second := lease(t, q, "a")
	if err := q.Complete(second.ID, Record{RemoteID: "other", Outcome: Known}); err != nil {
		t.Fatal(err)
	}
	r, _, err := q.Record("a", first.SHA256)
	if r.RemoteID != "r1" || r.Outcome != Sent || r.Path != first.Path || err != nil {
		t.Errorf("%+v, %v", r, err)
	}
	again := photo("a", "/photos/1.jpg", "one")
	again.Again = true
	enqueue(t, q, again)
	if err := q.Complete(lease(t, q, "a").ID, Record{RemoteID: "r2", Outcome: Sent}); err != nil {
		t.Fatal(err)
	}
	if r, _, _ = q.Record("a", first.SHA256); r.RemoteID != "r2" {
		t.Errorf("a second delivery was not recorded: %+v", r)
	}
	if c := q.Counts(""); c.Delivered != 1 {
		t.Errorf("%d delivered, want 1", c.Delivered)
	}
}

// What was delivered is a fact, whatever became of the job: the record keeps it from being sent twice.
func TestCompleteRecordsEvenWhenTheJobIsGone(t *testing.T) {
	q, j := inState(t, Leased)
	if err := q.Remove(j.ID, "by hand"); err != nil {
		t.Fatal(err)
	}
	if err := q.Complete(j.ID, Record{Account: "a", SHA256: j.SHA256, Outcome: Sent}); err != nil {
		t.Fatal(err)
	}
	if got := enqueue(t, q, photo("a", "/photos/1.jpg", "one")); got[0] != AddedKnown {
		t.Errorf("added as %d, want AddedKnown", got[0])
	}
}

func TestForgetAndVerified(t *testing.T) {
	q, j := inState(t, Leased)
	if err := q.Complete(j.ID, Record{Outcome: Sent}); err != nil {
		t.Fatal(err)
	}
	if err := q.Verified("a", j.SHA256, "fetched"); err != nil {
		t.Fatal(err)
	}
	if r, _, _ := q.Record("a", j.SHA256); r.Verified != "fetched" {
		t.Errorf("%+v", r)
	}
	if err := q.Forget("a", j.SHA256); err != nil {
		t.Fatal(err)
	}
	if _, ok, _ := q.Record("a", j.SHA256); ok || q.Counts("a") != (Counts{}) {
		t.Errorf("still there, %+v", q.Counts("a"))
	}
	if got := enqueue(t, q, photo("a", "/photos/1.jpg", "one")); got[0] != AddedNew {
		t.Errorf("added as %d, want AddedNew", got[0])
	}
}

func TestLongTextsAreCutBetweenCharacters(t *testing.T) {
	q, j := inState(t, Leased)
	long := ""
	for len(long) < 3*maxText {
		long += "wörd "
	}
	if err := q.Fail(j.ID, Cause{Error: long}); err != nil {
		t.Fatal(err)
	}
	if j = only(t, q, j.Path); len(j.Error) > maxText+3 || long[:1000] != j.Error[:1000] {
		t.Errorf("%d bytes: %q", len(j.Error), j.Error)
	}
}
