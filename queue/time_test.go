package queue

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestALeaseWaitsForAJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, Options{})
		got := make(chan Job)
		go func() {
			j, err := q.Lease(t.Context(), "a")
			if err != nil {
				t.Error(err)
			}
			got <- j
		}()
		synctest.Wait()
		enqueue(t, q, photo("b", "/photos/b.jpg", "b"))
		synctest.Wait()
		select {
		case j := <-got:
			t.Fatalf("leased another account's job %+v", j)
		default:
		}
		enqueue(t, q, photo("a", "/photos/a.jpg", "a"))
		if j := <-got; j.Path != "/photos/a.jpg" || j.State != Leased || j.Leases != 1 {
			t.Errorf("%+v", j)
		}
	})
}

func TestALeaseEndsWithItsContextAndWithTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, Options{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := q.Lease(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v", err)
		}
		failed := make(chan error)
		go func() {
			_, err := q.Lease(context.Background(), "a")
			failed <- err
		}()
		synctest.Wait()
		mustClose(t, q)
		if err := <-failed; !errors.Is(err, ErrClosed) {
			t.Errorf("error is %v", err)
		}
	})
}

func TestACopyWaitsForTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, Options{})
		enqueue(t, q, photo("a", "/photos/1.jpg", "same"), photo("a", "/photos/2.jpg", "same"), photo("b", "/photos/1.jpg", "same"))
		first := lease(t, q, "a")
		lease(t, q, "b") // another account is another matter
		got := make(chan Job, 1)
		go func() {
			j, err := q.Lease(t.Context(), "a")
			if err != nil {
				t.Error(err)
			}
			got <- j
		}()
		synctest.Wait()
		if len(got) > 0 {
			t.Fatal("two leases of one digest")
		}
		if err := q.Complete(first.ID, Record{Outcome: Sent}); err != nil {
			t.Fatal(err)
		}
		if second := <-got; second.SHA256 != first.SHA256 || second.ID == first.ID {
			t.Errorf("%+v", second)
		}
	})
}

func TestWaitingJobsBecomeReadyWhenTheyAreDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, Options{})
		start := time.Now()
		cool := photo("b", "/photos/cool.jpg", "cool")
		cool.NotBefore = start.Add(90 * time.Minute)
		enqueue(t, q, photo("a", "/photos/1.jpg", "1"), cool)
		j := lease(t, q, "a")
		if err := q.Retry(j.ID, start.Add(30*time.Second), Cause{Error: "reset"}); err != nil {
			t.Fatal(err)
		}
		if c := q.Counts("a"); c.Waiting != 1 || !c.NextDue.Equal(start.Add(30*time.Second)) {
			t.Errorf("%+v", c)
		}
		if _, err := q.Lease(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d != 30*time.Second {
			t.Errorf("due after %s, want 30 s", d)
		}
		if c := q.Counts(""); !c.NextDue.Equal(cool.NotBefore) {
			t.Errorf("next due at %s, want %s", c.NextDue, cool.NotBefore)
		}
		j, err := q.Lease(t.Context(), "b")
		if err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d != 90*time.Minute || j.Cooling || !j.Due.IsZero() {
			t.Errorf("due after %s, want 90 min: %+v", d, j)
		}
	})
}

func TestDueJobsOfManyAccountsAreAllPromoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, Options{})
		start := time.Now()
		var rs []Request
		for i := range 2500 {
			r := photo([]string{"a", "aa", "b"}[i%3], name(i), name(i))
			r.NotBefore = start.Add(time.Duration(i%2+1) * time.Hour)
			rs = append(rs, r)
		}
		enqueue(t, q, rs...)
		time.Sleep(time.Hour + time.Second)
		synctest.Wait()
		if c := q.Counts(""); c.Ready != 1250 || c.Waiting != 1250 {
			t.Errorf("after one hour: %+v", c)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if c := q.Counts(""); c.Ready != 2500 || !c.NextDue.IsZero() {
			t.Errorf("after two hours: %+v", c)
		}
	})
}

func TestReleaseEndsCoolingOfOneFolder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, Options{})
		a, b := photo("a", "/a/1.jpg", "1"), photo("a", "/b/1.jpg", "2")
		a.Folder, b.Folder = "/a", "/b"
		a.NotBefore = time.Now().Add(time.Hour)
		b.NotBefore = a.NotBefore
		enqueue(t, q, a, b)
		if n, err := q.Release("/b"); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if j := lease(t, q, "a"); j.Path != b.Path {
			t.Errorf("%+v", j)
		}
		if n, err := q.Release(""); n != 1 || err != nil {
			t.Fatal(n, err)
		}
	})
}

func TestAHoldKeepsAnAccountUntilItsTime(t *testing.T) {
	for _, account := range []string{"a", ""} {
		t.Run("account "+account, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := newQueue(t, Options{})
				start := time.Now()
				enqueue(t, q, photo("a", "/photos/1.jpg", "1"))
				for _, by := range []HoldBy{ByUser, ByService} {
					h := Hold{Account: account, By: by, Reason: "wait", Until: start.Add(time.Duration(by) * time.Hour)}
					if err := q.Hold(h); err != nil {
						t.Fatal(err)
					}
				}
				if hs := q.Holds(); len(hs) != 2 || hs[0].By != ByUser || !hs[0].Since.Equal(start) {
					t.Errorf("%+v", hs)
				}
				if _, err := q.Lease(t.Context(), "a"); err != nil {
					t.Fatal(err)
				}
				if d := time.Since(start); d != 2*time.Hour {
					t.Errorf("held for %s, want 2 h", d)
				}
				if hs := q.Holds(); len(hs) != 0 {
					t.Errorf("%+v", hs)
				}
			})
		})
	}
}

func TestAHoldSurvivesARestartAndOnlyItsOwnerEndsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := newQueue(t, Options{})
		enqueue(t, q, photo("a", "/photos/1.jpg", "1"))
		want := Hold{Account: "a", By: ByService, Reason: "wrong password", Hint: "log in", Kind: "Denied"}
		if err := q.Hold(want); err != nil {
			t.Fatal(err)
		}
		want.Since = time.Now()
		mustClose(t, q)
		q = openQueue(t, q.file, Options{})
		if hs := q.Holds(); len(hs) != 1 || !hs[0].Since.Equal(want.Since) || hs[0].Hint != want.Hint || hs[0].Kind != want.Kind {
			t.Fatalf("%+v", hs)
		}
		got := make(chan Job, 1)
		go func() {
			j, err := q.Lease(t.Context(), "a")
			if err != nil {
				t.Error(err)
			}
			got <- j
		}()
		if err := q.Resume("a", ByUser); err != nil {
			t.Fatal(err)
		}
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if len(got) > 0 {
			t.Fatal("leased in spite of the hold")
		}
		if err := q.Resume("a", ByService); err != nil {
			t.Fatal(err)
		}
		if j := <-got; j.ID == 0 {
			t.Error("no job")
		}
	})
}

// Idle means asleep: the promoter may look in once a minute, and nothing is written.
func TestAnIdleQueueWritesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		commits := 0
		q := newQueue(t, Options{OnChange: func() { commits++ }})
		enqueue(t, q, photo("a", "/photos/1.jpg", "1"))
		synctest.Wait()
		before := commits
		time.Sleep(24 * time.Hour)
		synctest.Wait()
		if commits != before {
			t.Errorf("%d commits in an idle day", commits-before)
		}
	})
}
