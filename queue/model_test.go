package queue

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// model is the queue as the package comment tells it, in maps.
type model struct {
	jobs    map[string]*modelJob // account, path
	records map[string]Outcome   // account, content
	holds   map[string]bool      // account
}

type modelJob struct {
	id                uint64
	account, path     string
	content           string
	state             State
	attempt           int
	again, cancelled  bool
	cooling           bool
	next              string // content that waits for the end of the lease
	nextAgain         bool
	priority          Priority
	nextPriority      Priority
	nextCool, nextSet bool
}

func mkey(account, x string) string { return account + "|" + x }

func (m *model) byID(id uint64) *modelJob {
	for _, j := range m.jobs {
		if j.id == id {
			return j
		}
	}
	return nil
}

func (m *model) place(j *modelJob, content string, p Priority, again, cool bool) {
	j.content, j.priority, j.again, j.cooling = content, p, again, cool
	j.state, j.attempt, j.cancelled, j.nextSet = Ready, 0, false, false
	if cool {
		j.state = Waiting
	}
}

// end moves a job on at the end of its lease.
func (m *model) end(j *modelJob, to State) {
	switch {
	case j.nextSet:
		m.place(j, j.next, j.nextPriority, j.nextAgain, j.nextCool)
	case j.cancelled:
		delete(m.jobs, mkey(j.account, j.path))
	default:
		j.state, j.cooling = to, false
	}
}

func (m *model) enqueue(account, path, content string, p Priority, again, cool bool) Added {
	j := m.jobs[mkey(account, path)]
	_, delivered := m.records[mkey(account, content)]
	switch {
	case j == nil && delivered && !again:
		return AddedKnown
	case j == nil:
		j = &modelJob{account: account, path: path}
		m.jobs[mkey(account, path)] = j
		m.place(j, content, p, again, cool)
		return AddedNew
	case j.content == content && j.state == Leased:
		j.priority = min(j.priority, p)
		j.nextSet, j.cancelled = false, false
		if again && !j.again {
			j.next, j.nextPriority, j.nextAgain, j.nextCool, j.nextSet = content, p, again, cool, true
		}
		return AddedLive
	case j.content == content:
		j.priority, j.again = min(j.priority, p), j.again || again
		if p == Manual && (j.state == Failed || j.state == Skipped) {
			j.state, j.attempt = Ready, 0
		} else if p == Manual && j.cooling && !cool {
			j.state, j.cooling = Ready, false
		}
		return AddedLive
	case j.state == Leased:
		j.next, j.nextPriority, j.nextAgain, j.nextCool, j.nextSet = content, p, again, cool, true
		return AddedNew
	case delivered && !again:
		delete(m.jobs, mkey(account, path))
		return AddedKnown
	}
	m.place(j, content, p, again, cool)
	return AddedNew
}

// leasable tells whether a job may be handed out now.
func (m *model) leasable(j *modelJob) bool {
	if j.state != Ready || m.holds[j.account] || m.holds[""] {
		return false
	}
	for _, o := range m.jobs {
		if o.state == Leased && o.account == j.account && o.content == j.content {
			return false
		}
	}
	return true
}

func (m *model) counts(account string) (c Counts) {
	for _, j := range m.jobs {
		if account != "" && j.account != account {
			continue
		}
		switch j.state {
		case Ready:
			c.Ready++
		case Leased:
			c.Leased++
		case Waiting:
			c.Waiting++
		case Failed:
			c.Failed++
		case Skipped:
			c.Skipped++
		}
		if j.state != Failed && j.state != Skipped {
			c.Bytes += int64(len(j.content))
		}
	}
	for k := range m.records {
		if account == "" || strings.HasPrefix(k, account+"|") {
			c.Delivered++
		}
	}
	return c
}

// TestQueueBehavesLikeTheModel does random verbs to the queue and to the model, reopens at random, and compares and
// checks the invariant after each step. Every moment in it is far away, so that time plays no part.
func TestQueueBehavesLikeTheModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		dir, err := os.MkdirTemp(t.TempDir(), "")
		if err != nil {
			rt.Fatal(err)
		}
		file := filepath.Join(dir, "queue.db")
		q, err := Open(file, Options{})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = q.Close() }()
		m := &model{jobs: map[string]*modelJob{}, records: map[string]Outcome{}, holds: map[string]bool{}}
		accounts := rapid.SampledFrom([]string{"a", "b", "ab"})
		paths := rapid.SampledFrom([]string{"/p/1", "/p/2", "/p/3", "/p/33"})
		contents := rapid.SampledFrom([]string{"x", "yy", "zzz"})
		far := time.Now().Add(1000 * time.Hour)

		pick := func(rt *rapid.T) *modelJob {
			keys := slices.Sorted(maps.Keys(m.jobs))
			if len(keys) == 0 {
				rt.Skip("no jobs")
			}
			return m.jobs[rapid.SampledFrom(keys).Draw(rt, "job")]
		}
		verdict := func(rt *rapid.T, err error, ok bool) bool {
			if ok && err != nil || !ok && !errors.Is(err, ErrState) {
				rt.Fatalf("error %v, allowed %v", err, ok)
			}
			return ok
		}
		rt.Repeat(map[string]func(*rapid.T){
			"enqueue": func(rt *rapid.T) {
				account, path, content := accounts.Draw(rt, "account"), paths.Draw(rt, "path"), contents.Draw(rt, "content")
				r := photo(account, path, content)
				r.Priority = rapid.SampledFrom([]Priority{Manual, Watched, FirstScan}).Draw(rt, "priority")
				r.Again = rapid.Bool().Draw(rt, "again")
				cool := rapid.Bool().Draw(rt, "cool")
				if cool {
					r.NotBefore = far
				}
				added, err := q.Enqueue(Batch{Requests: []Request{r}, Seen: []Seen{{Path: path, Size: r.Size, ModTime: r.ModTime}}})
				if err != nil {
					rt.Fatal(err)
				}
				if want := m.enqueue(account, path, content, r.Priority, r.Again, cool); added[0] != want {
					rt.Fatalf("added as %d, want %d", added[0], want)
				}
				if j := m.jobs[mkey(account, path)]; j != nil && j.id == 0 {
					j.id = jobOf(rt, q, account, path).ID
				}
			},
			"lease": func(rt *rapid.T) {
				account := accounts.Draw(rt, "account")
				got, err := q.tryLease(account)
				if err != nil {
					rt.Fatal(err)
				}
				best := Priority(99)
				for _, j := range m.jobs {
					if j.account == account && m.leasable(j) {
						best = min(best, j.priority)
					}
				}
				if got == nil {
					if best != 99 {
						rt.Fatal("nothing was leased")
					}
					return
				}
				j := m.byID(got.ID)
				if j == nil || !m.leasable(j) || j.priority != best || j.again != got.Again || j.attempt != got.Attempt {
					rt.Fatalf("leased %+v, the model has %+v", got, j)
				}
				j.state = Leased
			},
			"complete": func(rt *rapid.T) {
				j := pick(rt)
				outcome := rapid.SampledFrom([]Outcome{Sent, Known, Adopted}).Draw(rt, "outcome")
				err := q.Complete(j.id, Record{Outcome: outcome})
				if !verdict(rt, err, j.state == Leased || j.state == Failed || j.state == Skipped) {
					return
				}
				k := mkey(j.account, j.content)
				if _, ok := m.records[k]; !ok || outcome != Known {
					m.records[k] = outcome
				}
				if j.nextSet && (j.next != j.content || outcome == Known) {
					m.place(j, j.next, j.nextPriority, j.nextAgain, j.nextCool)
				} else {
					delete(m.jobs, mkey(j.account, j.path))
				}
			},
			"adopt": func(rt *rapid.T) {
				j := pick(rt)
				was := j.state
				n, err := q.Adopt(map[uint64]Record{j.id: {SHA256: photo("", "", j.content).SHA256, Outcome: Adopted}})
				if err != nil || (n == 1) != (was == Ready) {
					rt.Fatalf("adopted %d that was %s: %v", n, was, err)
				}
				if n == 1 {
					m.records[mkey(j.account, j.content)] = Adopted
					delete(m.jobs, mkey(j.account, j.path))
				}
			},
			"retry": func(rt *rapid.T) {
				j := pick(rt)
				if verdict(rt, q.Retry(j.id, far, Cause{Error: "e"}), j.state == Leased) {
					j.attempt++
					m.end(j, Waiting)
				}
			},
			"snooze": func(rt *rapid.T) {
				j := pick(rt)
				if verdict(rt, q.Snooze(j.id, day(1), Cause{}), j.state == Leased) {
					m.end(j, Ready)
				}
			},
			"fail": func(rt *rapid.T) {
				j := pick(rt)
				if verdict(rt, q.Fail(j.id, Cause{}), j.state == Leased) {
					m.end(j, Failed)
				}
			},
			"skip": func(rt *rapid.T) {
				j := pick(rt)
				if verdict(rt, q.Skip(j.id, "rule"), j.state != Skipped) {
					m.end(j, Skipped)
				}
			},
			"unlease": func(rt *rapid.T) {
				j := pick(rt)
				if verdict(rt, q.Unlease(j.id), j.state == Leased) {
					m.end(j, Ready)
				}
			},
			"mark": func(rt *rapid.T) {
				j := pick(rt)
				verdict(rt, q.Mark(j.id, "m"), j.state == Leased)
			},
			"cancel": func(rt *rapid.T) {
				j := pick(rt)
				verdict(rt, q.Cancel(j.id, "x"), true)
				if j.state == Leased {
					j.cancelled, j.nextSet = true, false
				} else {
					delete(m.jobs, mkey(j.account, j.path))
				}
			},
			"remove": func(rt *rapid.T) {
				j := pick(rt)
				verdict(rt, q.Remove(j.id, "x"), true)
				j.cancelled = true
				m.end(j, 0)
			},
			"again": func(rt *rapid.T) {
				j := pick(rt)
				if verdict(rt, q.SendAgain(j.id), j.state == Failed || j.state == Skipped) {
					j.state, j.again, j.attempt = Ready, true, 0
				}
			},
			"requeue": func(rt *rapid.T) {
				want := 0
				for _, j := range m.jobs {
					if j.state == Failed || j.state == Waiting && !j.cooling {
						j.state, j.attempt = Ready, 0
						want++
					}
				}
				if n, err := q.Requeue(); n != want || err != nil {
					rt.Fatalf("requeued %d, want %d: %v", n, want, err)
				}
			},
			"first": func(rt *rapid.T) {
				j := pick(rt)
				verdict(rt, q.First(j.id), true)
				j.priority = Manual
			},
			"release": func(rt *rapid.T) {
				want := 0
				for _, j := range m.jobs {
					if j.cooling {
						j.state, j.cooling = Ready, false
						want++
					}
				}
				if n, err := q.Release("/photos"); n != want || err != nil {
					rt.Fatalf("released %d, want %d: %v", n, want, err)
				}
			},
			"hold": func(rt *rapid.T) {
				account := rapid.SampledFrom([]string{"", "a", "b"}).Draw(rt, "account")
				m.holds[account] = rapid.Bool().Draw(rt, "held")
				err := q.Resume(account, ByUser)
				if m.holds[account] {
					err = q.Hold(Hold{Account: account, By: ByUser, Reason: "pause"})
				}
				if err != nil {
					rt.Fatal(err)
				}
			},
			"forget": func(rt *rapid.T) {
				account, content := accounts.Draw(rt, "account"), contents.Draw(rt, "content")
				err := q.Forget(account, photo(account, "/", content).SHA256)
				_, ok := m.records[mkey(account, content)]
				if ok != (err == nil) {
					rt.Fatalf("recorded %v: %v", ok, err)
				}
				delete(m.records, mkey(account, content))
			},
			"reopen": func(rt *rapid.T) {
				if err := q.Close(); err != nil {
					rt.Fatal(err)
				}
				if q, err = Open(file, Options{}); err != nil {
					rt.Fatal(err)
				}
				for _, j := range m.jobs {
					if j.state == Leased {
						m.end(j, Ready)
					}
				}
			},
			"": func(rt *rapid.T) {
				if err := q.Check(); err != nil {
					rt.Fatal(err)
				}
				for _, account := range []string{"", "a", "b", "ab"} {
					got := q.Counts(account)
					got.NextDue = time.Time{}
					if want := m.counts(account); got != want {
						rt.Fatalf("counts of %q are %+v, want %+v", account, got, want)
					}
				}
				jobs, next, err := q.Jobs(JobQuery{})
				if err != nil || next != "" || len(jobs) != len(m.jobs) {
					rt.Fatalf("%d jobs, %q, %v, want %d", len(jobs), next, err, len(m.jobs))
				}
				for _, j := range jobs {
					w := m.byID(j.ID)
					if w == nil || w.state != j.State || w.attempt != j.Attempt || w.again != j.Again || w.cooling != j.Cooling ||
						w.cancelled != (j.Cancelled != "") || w.priority != j.Priority || photo("", "", w.content).SHA256 != j.SHA256 {
						rt.Fatalf("job is %+v, want %+v", j, w)
					}
				}
			},
		})
	})
}

func jobOf(rt *rapid.T, q *Queue, account, path string) Job {
	jobs, err := q.JobsByPath(path)
	if err != nil {
		rt.Fatal(err)
	}
	for _, j := range jobs {
		if j.Account == account {
			return j
		}
	}
	rt.Fatal(fmt.Sprintf("no job for %s, %s", account, path))
	return Job{}
}
