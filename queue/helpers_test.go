package queue

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if dir := childDir(); dir != "" {
		childMain(dir)
		return
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if millionDir != "" {
			_ = os.RemoveAll(millionDir)
		}
		os.Exit(code)
	}))
}

// newQueue opens a queue in a directory of its own; it is checked and closed at the end of the test.
func newQueue(t testing.TB, o Options) *Queue {
	t.Helper()
	return openQueue(t, filepath.Join(t.TempDir(), "queue.db"), o)
}

func openQueue(t testing.TB, file string, o Options) *Queue {
	t.Helper()
	q, err := Open(file, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := q.Check(); err != nil && !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		if err := q.Close(); err != nil {
			t.Error(err)
		}
	})
	return q
}

func mustClose(t testing.TB, q *Queue) {
	t.Helper()
	if err := q.Close(); err != nil {
		t.Fatal(err)
	}
}

// photo makes a request; the digest is that of its content.
func photo(account, path, content string) Request {
	return Request{
		Account: account, Path: path, Folder: "/photos", Size: int64(len(content)), SHA256: sha256.Sum256([]byte(content)),
		MD5: [16]byte{1, 2, 3}, Kind: "jpeg", SyncCheck: true, Priority: Watched, ModTime: day(1),
	}
}

func day(n int) time.Time { return time.Date(2025, 6, n, 12, 0, 0, 0, time.UTC) }

func enqueue(t testing.TB, q *Queue, rs ...Request) []Added {
	t.Helper()
	added, err := q.Enqueue(Batch{Requests: rs})
	if err != nil {
		t.Fatal(err)
	}
	return added
}

// lease returns the next job, and fails the test if there is none at once.
func lease(t testing.TB, q *Queue, account string) Job {
	t.Helper()
	j, err := q.tryLease(account)
	if err != nil {
		t.Fatal(err)
	}
	if j == nil {
		t.Fatalf("nothing to lease for %s: %+v", account, q.Counts(account))
	}
	return j.Job
}

// only returns the one job of a path.
func only(t testing.TB, q *Queue, path string) Job {
	t.Helper()
	jobs, err := q.JobsByPath(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(jobs) != 1 {
		t.Fatalf("%d jobs for %s, want one", len(jobs), path)
	}
	return jobs[0]
}

// inState makes a fresh queue with one job in the given state.
func inState(t testing.TB, s State) (*Queue, Job) {
	t.Helper()
	q := newQueue(t, Options{})
	return q, bringTo(t, q, photo("a", "/photos/1.jpg", "one"), s)
}

func bringTo(t testing.TB, q *Queue, r Request, s State) Job {
	t.Helper()
	enqueue(t, q, r)
	if s != Ready {
		j := lease(t, q, r.Account)
		var err error
		switch s {
		case Waiting:
			err = q.Retry(j.ID, time.Now().Add(time.Hour), Cause{Error: "line busy"})
		case Failed:
			err = q.Fail(j.ID, Cause{Error: "too big", Hint: "make it smaller", Kind: "Rejected"})
		case Skipped:
			err = q.Skip(j.ID, "not wanted")
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	j := only(t, q, r.Path)
	if j.State != s {
		t.Fatalf("job is %s, want %s", j.State, s)
	}
	return j
}

func story(t testing.TB, q *Queue, path string) (what []string) {
	t.Helper()
	evs, err := q.Story(path, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, ev := range evs {
		what = append(what, ev.What)
	}
	return what
}

// eventually waits for a condition.
func eventually(t testing.TB, what string, cond func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !cond() {
		select {
		case <-ctx.Done():
			t.Fatalf("never happened: %s", what)
		case <-tick.C:
		}
	}
}

func name(i int) string { return fmt.Sprintf("/photos/2025/%06d.jpg", i) }
