package queue

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// crash closes the file without a word to it, as a dead process does.
func crash(t testing.TB, q *Queue) {
	t.Helper()
	left, err := os.ReadFile(q.file + ".reading")
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, q)
	write(t, q.file+".reading", left)
}

func TestThreeCrashesWhileReadingOnePhotoMakeItFailed(t *testing.T) {
	q := newQueue(t, Options{})
	file := q.file
	enqueue(t, q, photo("a", "/photos/bomb.jpg", "bomb"))
	for n := 1; n <= maxCrashes; n++ {
		j := lease(t, q, "a")
		if j.Crashes != n-1 || j.Leases != n {
			t.Errorf("before crash %d: %+v", n, j)
		}
		q.Reading(j.ID)
		crash(t, q)
		q = openQueue(t, file, Options{})
	}
	j := only(t, q, "/photos/bomb.jpg")
	if j.State != Failed || j.Crashes != maxCrashes || j.Error == "" || j.Hint == "" {
		t.Errorf("%+v", j)
	}
	if n, err := q.Requeue(j.ID); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if j = lease(t, q, "a"); j.Crashes != 0 {
		t.Errorf("a person asked to try again: %+v", j)
	}
}

func TestACrashCountsOnlyWhenItCanBeBlamed(t *testing.T) {
	for name, read := range map[string]func(q *Queue, a, b Job){
		"nothing was read": func(*Queue, Job, Job) {},
		"two were read":    func(q *Queue, a, b Job) { q.Reading(a.ID); q.Reading(b.ID) },
		"reading was over": func(q *Queue, a, _ Job) { done := q.Reading(a.ID); done(); done() },
	} {
		t.Run(name, func(t *testing.T) {
			q := newQueue(t, Options{})
			enqueue(t, q, photo("a", "/photos/1.jpg", "1"), photo("a", "/photos/2.jpg", "2"))
			read(q, lease(t, q, "a"), lease(t, q, "a"))
			crash(t, q)
			q = openQueue(t, q.file, Options{})
			for _, path := range []string{"/photos/1.jpg", "/photos/2.jpg"} {
				if j := only(t, q, path); j.Crashes != 0 || j.State != Ready {
					t.Errorf("%+v", j)
				}
			}
		})
	}
	t.Run("the other was done", func(t *testing.T) {
		q := newQueue(t, Options{})
		enqueue(t, q, photo("a", "/photos/1.jpg", "1"), photo("a", "/photos/2.jpg", "2"))
		a, b := lease(t, q, "a"), lease(t, q, "a")
		done := q.Reading(a.ID)
		q.Reading(b.ID)
		done()
		crash(t, q)
		q = openQueue(t, q.file, Options{})
		if a, b = only(t, q, a.Path), only(t, q, b.Path); a.Crashes != 0 || b.Crashes != 1 {
			t.Errorf("%+v, %+v", a, b)
		}
		if err := q.Unlease(lease(t, q, "a").ID); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAFileThatKilledTheProcessIsNotReadWithoutNeed(t *testing.T) {
	q := newQueue(t, Options{})
	begin := func(path string, size int64) (func(), bool) { return q.ReadingFile(path, size, day(1)) }
	if done, ok := begin("/photos/good.jpg", 4); ok {
		done()
	} else {
		t.Error("a file of which nothing is known may not be read")
	}
	if _, ok := begin("/photos/bomb.jpg", 4); !ok {
		t.Fatal("a file of which nothing is known may not be read")
	}
	crash(t, q)
	q = openQueue(t, q.file, Options{})
	if _, ok := begin("/photos/bomb.jpg", 4); ok {
		t.Error("the file that killed the process is read again")
	}
	for path, size := range map[string]int64{"/photos/good.jpg": 4, "/photos/bomb.jpg": 5} {
		if done, ok := begin(path, size); ok {
			done()
		} else {
			t.Errorf("%s of %d bytes may not be read", path, size)
		}
	}
	mustClose(t, q)
	q = openQueue(t, q.file, Options{})
	if _, ok := begin("/photos/bomb.jpg", 4); ok {
		t.Error("it is forgotten that the file killed the process")
	}
	// With two at a time nobody knows which it was.
	for _, path := range []string{"/photos/1.jpg", "/photos/2.jpg"} {
		if _, ok := begin(path, 1); !ok {
			t.Error(path)
		}
	}
	crash(t, q)
	q = openQueue(t, q.file, Options{})
	if done, ok := begin("/photos/1.jpg", 1); ok {
		done()
	} else {
		t.Error("a file is blamed that may have done nothing")
	}
}

func TestCompactionAtOpen(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{})
	var rows []Seen
	for i := range 60_000 {
		rows = append(rows, Seen{Path: "/photos/" + strings.Repeat("x", 200) + strconv.Itoa(i)})
	}
	if err := q.PutSeen(rows); err != nil {
		t.Fatal(err)
	}
	bringTo(t, q, photo("a", "/photos/1.jpg", "1"), Failed)
	if err := q.DropSeen("/photos"); err != nil {
		t.Fatal(err)
	}
	mustClose(t, q)
	before, err := os.Stat(q.file)
	if err != nil {
		t.Fatal(err)
	}
	q = openQueue(t, q.file, Options{})
	after, err := os.Stat(q.file)
	if err != nil {
		t.Fatal(err)
	}
	if before.Size() < compactFrom || after.Size() > before.Size()/10 || after.Mode().Perm() != 0o600 {
		t.Errorf("%d bytes became %d, %v", before.Size(), after.Size(), after.Mode())
	}
	if j := only(t, q, "/photos/1.jpg"); j.State != Failed || q.Recovered() != nil {
		t.Errorf("%+v, %+v", j, q.Recovered())
	}
	if got := enqueue(t, q, photo("a", "/photos/2.jpg", "2")); got[0] != AddedNew || only(t, q, "/photos/2.jpg").ID != 2 {
		t.Errorf("ids began anew: %+v", only(t, q, "/photos/2.jpg"))
	}
}

func TestBackupIsAWholeQueue(t *testing.T) {
	q := newQueue(t, Options{})
	bringTo(t, q, photo("a", "/photos/1.jpg", "1"), Failed)
	for range 2 { // the second replaces the first
		if err := q.Backup(); err != nil {
			t.Fatal(err)
		}
	}
	enqueue(t, q, photo("a", "/photos/2.jpg", "2"))
	info, err := os.Stat(q.file + ".copy")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
	second := openQueue(t, q.file+".copy", Options{})
	if c := second.Counts(""); c.Failed != 1 || c.Ready != 0 {
		t.Errorf("%+v", c)
	}
}

// fillUp enqueues until there is no room, and says how many jobs got in.
func fillUp(t *testing.T, q *Queue) int {
	t.Helper()
	for i := 0; ; i += 100 {
		var b Batch
		for k := i; k < i+100; k++ {
			r := photo("a", name(k), name(k))
			b.Requests = append(b.Requests, r)
			b.Seen = append(b.Seen, Seen{Path: r.Path, Size: r.Size, ModTime: r.ModTime, Note: strings.Repeat("x", 400)})
		}
		added, err := q.Enqueue(b)
		if err == nil {
			if i > 1_000_000 {
				t.Fatal("it never became full")
			}
			continue
		}
		if !errors.Is(err, syscall.ENOSPC) || len(added) != 0 {
			t.Fatalf("error is %v, want ENOSPC", err)
		}
		if q.Known(b.Seen[0].Path, b.Seen[0].Size, b.Seen[0].ModTime) {
			t.Error("a Seen row came without its job")
		}
		return i
	}
}

// stillWorks checks that a full queue is consistent, can be read, drained and reopened.
func stillWorks(t *testing.T, q *Queue, n int) {
	t.Helper()
	if c := q.Counts("a"); c.Ready != n {
		t.Errorf("%+v, want %d ready", c, n)
	}
	if err := q.Check(); err != nil {
		t.Error(err)
	}
	jobs, _, err := q.Jobs(JobQuery{Limit: 1})
	if err != nil || len(jobs) != 1 {
		t.Fatal(len(jobs), err)
	}
	if err := q.DropSeen("/photos"); err != nil && !errors.Is(err, syscall.ENOSPC) {
		t.Error(err)
	}
	mustClose(t, q)
	q = openQueue(t, q.file, Options{})
	if c := q.Counts("a"); c.Ready != n || q.Recovered() != nil {
		t.Errorf("after reopening: %+v, %+v", c, q.Recovered())
	}
}

func TestTheGreatestSizeIsADiskFull(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{MaxSize: 1 << 20})
	n := fillUp(t, q)
	info, err := os.Stat(q.file)
	if err != nil || info.Size() > 1<<20 {
		t.Errorf("%d bytes, %v", info.Size(), err)
	}
	stillWorks(t, q, n)
}

func TestManyVerbsAtOnceShareCommits(t *testing.T) {
	var mu sync.Mutex
	commits := 0
	q := newQueue(t, Options{OnChange: func() { mu.Lock(); commits++; mu.Unlock() }})
	const n = 400
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if _, err := q.Enqueue(Batch{Requests: []Request{photo("a", name(i), name(i))}}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	mu.Lock()
	defer mu.Unlock()
	if c := q.Counts("a"); c.Ready != n || commits >= n {
		t.Errorf("%d jobs in %d commits", c.Ready, commits)
	}
}

// A verb that cannot be done must not spoil the ones that share its commit.
func TestARefusedVerbDoesNotSpoilTheOthers(t *testing.T) {
	q, j := inState(t, Leased)
	bad := errors.New("bad")
	ops := []*op{
		{fn: func(t *txn) error { _, err := t.add(photo("a", "/photos/2.jpg", "2")); return err }},
		{fn: func(t *txn) error { _, err := t.job(99); return err }},
		{fn: func(t *txn) error {
			if _, err := t.add(photo("a", "/photos/bad.jpg", "bad")); err != nil {
				return err
			}
			return bad
		}},
		{fn: func(t *txn) error { return t.move(&job{Job: j}, nil) }},
	}
	done := make(chan struct{})
	err := q.do(func(*txn) error { close(done); return nil }) // the writer is idle now
	if <-done; err != nil {
		t.Fatal(err)
	}
	q.pendingMu.Lock()
	for _, o := range ops {
		o.done = make(chan struct{})
		q.pending = append(q.pending, o)
	}
	q.pendingMu.Unlock()
	poke(q.kick)
	for _, o := range ops {
		<-o.done
	}
	if ops[0].err != nil || !errors.Is(ops[1].err, ErrNotFound) || !errors.Is(ops[2].err, bad) || ops[3].err != nil {
		t.Errorf("%v, %v, %v, %v", ops[0].err, ops[1].err, ops[2].err, ops[3].err)
	}
	if c := q.Counts("a"); c.Ready != 1 || c.Leased != 0 {
		t.Errorf("%+v", c)
	}
}

func TestAfterCloseEveryVerbSaysSo(t *testing.T) {
	q, j := inState(t, Leased)
	mustClose(t, q)
	mustClose(t, q)
	_, enqueued := q.Enqueue(Batch{Requests: []Request{photo("a", "/photos/2.jpg", "2")}})
	_, read := q.Job(j.ID)
	for i, err := range []error{enqueued, read, q.Fail(j.ID, Cause{}), q.Check(), q.Backup(), q.Log(Event{})} {
		if !errors.Is(err, ErrClosed) {
			t.Errorf("%d: error is %v, want ErrClosed", i, err)
		}
	}
	if q.Known("/photos/1.jpg", 1, day(1)) {
		t.Error("a closed queue knows a file")
	}
}

func TestOpenSaysWhatIsInTheWay(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "queue.db"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(dir, "queue.db"), Options{}); err == nil {
		t.Error("a folder was opened as a queue")
	}
	write(t, filepath.Join(dir, "file"), []byte("x"))
	if _, err := Open(filepath.Join(dir, "file", "queue.db"), Options{}); err == nil || !strings.Contains(err.Error(), fmt.Sprint(filepath.Join(dir, "file"))) {
		t.Errorf("error is %v", err)
	}
}
