package queue

import (
	"path/filepath"
	"testing"
)

// TestADoubtOutlivesItsJob: what an attempt marked is told to every later job
// of the same bytes, until they are delivered or known not to be there.
func TestADoubtOutlivesItsJob(t *testing.T) {
	t.Parallel()
	first, other := photo("a", "/photos/1.jpg", "one"), photo("a", "/photos/renamed.jpg", "one")
	for _, tt := range []struct {
		name string
		do   func(q *Queue, id uint64) error // to the first job, after it was marked
		want string
	}{
		{"removed", func(q *Queue, id uint64) error { return q.Remove(id, "the file was renamed") }, "sent?"},
		{"failed", func(q *Queue, id uint64) error { return q.Fail(id, Cause{Kind: "unsure"}) }, "sent?"},
		{"cancelled", func(q *Queue, id uint64) error {
			if err := q.Cancel(id, "by a person"); err != nil {
				return err
			}
			return q.Unlease(id)
		}, "sent?"},
		{"not there", func(q *Queue, id uint64) error {
			if err := q.Mark(id, ""); err != nil {
				return err
			}
			return q.Fail(id, Cause{})
		}, ""},
		{"sent again by a person", func(q *Queue, id uint64) error {
			if err := q.Fail(id, Cause{}); err != nil {
				return err
			}
			if err := q.SendAgain(id); err != nil {
				return err
			}
			return q.Cancel(id, "")
		}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "queue.db")
			q := openQueue(t, file, Options{})
			enqueue(t, q, first)
			id := lease(t, q, "a").ID
			if err := q.Mark(id, "sent?"); err != nil {
				t.Fatal(err)
			}
			if err := tt.do(q, id); err != nil {
				t.Fatal(err)
			}
			mustClose(t, q)
			q = openQueue(t, file, Options{})
			enqueue(t, q, other, photo("b", other.Path, "one"))
			if j := lease(t, q, "b"); j.Mark != "" {
				t.Errorf("another account has the mark %q", j.Mark)
			}
			if j := lease(t, q, "a"); j.Mark != tt.want || j.Path != other.Path {
				t.Errorf("%s has the mark %q, want %q", j.Path, j.Mark, tt.want)
			}
		})
	}
}

func TestDeliveryEndsADoubt(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{})
	enqueue(t, q, photo("a", "/photos/1.jpg", "one"))
	j := lease(t, q, "a")
	if err := q.Mark(j.ID, "sent?"); err != nil {
		t.Fatal(err)
	}
	if err := q.Complete(j.ID, Record{Outcome: Sent}); err != nil {
		t.Fatal(err)
	}
	if err := q.Forget("a", j.SHA256); err != nil { // so that it is sent once more
		t.Fatal(err)
	}
	enqueue(t, q, photo("a", "/photos/2.jpg", "one"))
	if j := lease(t, q, "a"); j.Mark != "" {
		t.Errorf("mark %q", j.Mark)
	}
}

func TestBytesAreDoubtedThatNobodyElseKnows(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{})
	enqueue(t, q, photo("a", "/photos/done.jpg", "done"), photo("a", "/photos/marked.jpg", "marked"), photo("a", "/photos/other.jpg", "other"))
	var list []Doubtful
	for range 3 {
		j := lease(t, q, "a")
		list = append(list, Doubtful{"a", j.SHA256})
		switch j.Path {
		case "/photos/done.jpg":
			if err := q.Complete(j.ID, Record{Outcome: Sent}); err != nil {
				t.Fatal(err)
			}
			continue
		case "/photos/marked.jpg":
			if err := q.Mark(j.ID, "its own"); err != nil {
				t.Fatal(err)
			}
		}
		if err := q.Unlease(j.ID); err != nil {
			t.Fatal(err)
		}
		if err := q.Cancel(j.ID, ""); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.Doubt(list, "lost"); err != nil {
		t.Fatal(err)
	}
	if err := q.Forget("a", photo("a", "", "done").SHA256); err != nil {
		t.Fatal(err)
	}
	enqueue(t, q, photo("a", "/copies/done.jpg", "done"), photo("a", "/copies/marked.jpg", "marked"), photo("a", "/copies/other.jpg", "other"))
	for range 3 {
		j := lease(t, q, "a")
		want := map[string]string{"/copies/done.jpg": "", "/copies/marked.jpg": "its own", "/copies/other.jpg": "lost"}[j.Path]
		if j.Mark != want {
			t.Errorf("%s has the mark %q, want %q", j.Path, j.Mark, want)
		}
	}
}
