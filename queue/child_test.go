package queue

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const childEnv = "QUEUE_TEST_CHILD"

func childDir() string { return os.Getenv(childEnv) }

// childMain works on a queue for as long as it is let, and says on its standard output what was acknowledged: "+ path"
// after Enqueue, "= path" after Complete.
func childMain(dir string) {
	q, err := Open(filepath.Join(dir, "queue.db"), Options{})
	if err != nil {
		fmt.Println("!", err)
		os.Exit(1)
	}
	fmt.Println("open")
	fail := func(err error) {
		if err != nil {
			fmt.Println("!", err)
			os.Exit(1)
		}
	}
	run := os.Getpid()
	session, err := q.OpenSession(SessionFolder, "/photos", []string{"a"}, "")
	fail(err)
	go func() {
		for i := range 2000 {
			var b Batch
			for k := range 1 + i%7 {
				path := fmt.Sprintf("/photos/%d/%d-%d.jpg", run, i, k)
				r := photo("a", path, path)
				r.Session = session
				b.Requests = append(b.Requests, r)
				b.Seen = append(b.Seen, Seen{Path: path, Size: r.Size, ModTime: r.ModTime, SHA256: r.SHA256})
			}
			_, err := q.Enqueue(b)
			fail(err)
			var out strings.Builder
			for _, r := range b.Requests {
				fmt.Fprintln(&out, "+", r.Path)
			}
			fmt.Print(out.String())
		}
	}()
	for range 3 {
		go func() {
			for i := 0; ; i++ {
				j, err := q.Lease(context.Background(), "a")
				fail(err)
				done := q.Reading(j.ID)
				done()
				switch i % 5 {
				case 0:
					fail(q.Retry(j.ID, time.Now(), Cause{Error: "again"}))
				case 1:
					fail(q.Mark(j.ID, j.Path))
					fail(q.Unlease(j.ID))
				default:
					fail(q.Complete(j.ID, Record{Outcome: Sent, RemoteID: j.Path}))
					fmt.Println("=", j.Path)
				}
			}
		}()
	}
	select {}
}

// TestKillLosesNothing kills a process that works on the queue, again and again, and looks after each time: the
// invariant holds, what was acknowledged is there, no photo is both delivered and waiting.
func TestKillLosesNothing(t *testing.T) {
	t.Parallel()
	const kills = 50
	dir := t.TempDir()
	file := filepath.Join(dir, "queue.db")
	queued, done := map[string]bool{}, map[string]bool{}
	for i := range kills {
		runAndKill(t, dir, 1+i*7%20, queued, done)
		q, err := Open(file, Options{})
		if err != nil {
			t.Fatalf("kill %d: %v", i+1, err)
		}
		if r := q.Recovered(); r != nil {
			t.Fatalf("kill %d damaged the file: %+v", i+1, r)
		}
		checkAfterKill(t, q, queued, done)
		if err := q.Close(); err != nil {
			t.Fatal(err)
		}
		if t.Failed() {
			t.Fatalf("after kill %d", i+1)
		}
	}
	if len(done) < kills {
		t.Errorf("only %d photos were completed in %d runs", len(done), kills)
	}
	t.Logf("%d kills, %d photos queued, %d completed", kills, len(queued), len(done))
}

// runAndKill kills the child in the middle of its work, soon after it has completed so many photos.
func runAndKill(t *testing.T, dir string, after int, queued, done map[string]bool) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		what, path, _ := strings.Cut(lines.Text(), " ")
		switch what {
		case "open":
		case "+":
			queued[path] = true
		case "=":
			done[path] = true
			if after--; after == 0 {
				time.AfterFunc(time.Duration(len(done)%5)*time.Millisecond, func() { _ = cmd.Process.Kill() })
			}
		default:
			t.Errorf("child: %s", lines.Text())
		}
	}
	_ = cmd.Wait() // it was killed
}

func checkAfterKill(t *testing.T, q *Queue, queued, done map[string]bool) {
	t.Helper()
	if err := q.Check(); err != nil {
		t.Error(err)
	}
	jobs, _, err := q.Jobs(JobQuery{Limit: -1})
	if err != nil {
		t.Fatal(err)
	}
	checkSessionsAfterKill(t, q, len(jobs))
	live := map[string]bool{}
	for _, j := range jobs {
		live[j.Path] = true
		if j.State == Leased || j.State == Failed {
			t.Errorf("after reopening: %+v", j)
		}
		if !q.Known(j.Path, j.Size, j.ModTime) {
			t.Errorf("no Seen row came with %s", j.Path)
		}
	}
	for path := range queued {
		_, delivered, err := q.Record("a", photo("a", path, path).SHA256)
		if err != nil {
			t.Fatal(err)
		}
		switch {
		case delivered == live[path]:
			t.Errorf("%s: delivered %v, live %v", path, delivered, live[path])
		case done[path] && !delivered:
			t.Errorf("%s was completed and is forgotten", path)
		}
	}
}

// checkSessionsAfterKill: every photo of the child is in one session, so that their numbers together are those of the queue.
func checkSessionsAfterKill(t *testing.T, q *Queue, jobs int) {
	t.Helper()
	sessions, _, err := q.Sessions(SessionQuery{Limit: -1})
	if err != nil {
		t.Fatal(err)
	}
	found, sent, left := 0, 0, 0
	for _, s := range sessions {
		found, sent, left = found+s.Found, sent+s.Sent, left+s.Left
	}
	if delivered := q.Counts("").Delivered; found != jobs+delivered || left != jobs || sent != delivered {
		t.Errorf("sessions found %d, sent %d, %d left; there are %d jobs and %d records", found, sent, left, jobs, delivered)
	}
}

func TestASecondInstanceIsRefused(t *testing.T) {
	t.Parallel()
	q := newQueue(t, Options{})
	_, err := Open(q.file, Options{LockTimeout: 50 * time.Millisecond})
	if !errors.Is(err, ErrLocked) {
		t.Fatalf("error is %v, want ErrLocked", err)
	}
	if !strings.Contains(err.Error(), q.file) || !strings.Contains(err.Error(), "stop it first") {
		t.Errorf("the error does not help: %v", err)
	}
	out, err := exec.Command("env", childEnv+"="+filepath.Dir(q.file), os.Args[0]).Output()
	if err == nil || !strings.Contains(string(out), "another PhotoFerry") {
		t.Errorf("another process: %v, %q", err, out)
	}
}

func TestAnotherInstanceGetsTheQueueAfterAWait(t *testing.T) {
	q := newQueue(t, Options{})
	opened := make(chan error)
	go func() {
		second, err := Open(q.file, Options{LockTimeout: 10 * time.Second})
		if err == nil {
			err = second.Close()
		}
		opened <- err
	}()
	mustClose(t, q)
	if err := <-opened; err != nil {
		t.Error(err)
	}
}
