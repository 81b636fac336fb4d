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
	jobs    map[string]*modelJob   // account, path
	records map[string]modelRecord // account, content
	holds   map[string]bool        // account
	past    map[uint64]*Session    // what happened to photos that are no jobs any more, by session
}

type modelRecord struct {
	outcome Outcome
	session uint64
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
	session           uint64
	nextSession       uint64
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

// count adds a photo to a number of a session; 0 is none.
func (m *model) count(session uint64, f fate) {
	if s := m.past[session]; s != nil {
		*s.number(f)++
	}
}

func (m *model) recordOf(j *modelJob, outcome Outcome) {
	k := mkey(j.account, j.content)
	if _, ok := m.records[k]; !ok || outcome != Known {
		m.records[k] = modelRecord{outcome, j.session}
	}
	m.count(j.session, fateBy(outcome))
}

func (m *model) place(j *modelJob, content string, p Priority, again, cool bool, session uint64) {
	j.session = session
	j.content, j.priority, j.again, j.cooling = content, p, again, cool
	j.state, j.attempt, j.cancelled, j.nextSet = Ready, 0, false, false
	if cool {
		j.state = Waiting
	}
}

func (m *model) placeNext(j *modelJob) {
	m.place(j, j.next, j.nextPriority, j.nextAgain, j.nextCool, j.nextSession)
}

// end moves a job on at the end of its lease.
func (m *model) end(j *modelJob, to State) {
	switch {
	case j.nextSet:
		if j.session != j.nextSession {
			m.count(j.session, fateRemoved)
		}
		m.placeNext(j)
	case j.cancelled:
		m.count(j.session, fateRemoved)
		delete(m.jobs, mkey(j.account, j.path))
	default:
		j.state, j.cooling = to, false
	}
}

func (m *model) enqueue(account, path, content string, p Priority, again, cool bool, session uint64) Added {
	j := m.jobs[mkey(account, path)]
	if j != nil && session == 0 {
		session = j.session
	}
	_, delivered := m.records[mkey(account, content)]
	switch {
	case j == nil && delivered && !again:
		m.count(session, fateKnown)
		return AddedKnown
	case j == nil:
		j = &modelJob{account: account, path: path}
		m.jobs[mkey(account, path)] = j
		m.place(j, content, p, again, cool, session)
		return AddedNew
	case j.content == content && j.state == Leased:
		j.priority = min(j.priority, p)
		j.nextSet, j.cancelled = false, false
		if again && !j.again {
			j.next, j.nextPriority, j.nextAgain, j.nextCool, j.nextSet, j.nextSession = content, p, again, cool, true, session
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
		j.next, j.nextPriority, j.nextAgain, j.nextCool, j.nextSet, j.nextSession = content, p, again, cool, true, session
		return AddedNew
	case delivered && !again:
		m.count(session, fateKnown)
		m.count(j.session, fateRemoved)
		delete(m.jobs, mkey(account, path))
		return AddedKnown
	}
	if session != j.session {
		m.count(j.session, fateRemoved)
	}
	m.place(j, content, p, again, cool, session)
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
		m := &model{jobs: map[string]*modelJob{}, records: map[string]modelRecord{}, holds: map[string]bool{}, past: map[uint64]*Session{}}
		sessions := []uint64{0, 0, 999} // 999 does not exist
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
				r.Session = rapid.SampledFrom(sessions).Draw(rt, "session")
				cool := rapid.Bool().Draw(rt, "cool")
				if cool {
					r.NotBefore = far
				}
				added, err := q.Enqueue(Batch{Requests: []Request{r}, Seen: []Seen{{Path: path, Size: r.Size, ModTime: r.ModTime}}})
				if err != nil {
					rt.Fatal(err)
				}
				if r.Session == 999 {
					r.Session = 0
				}
				if want := m.enqueue(account, path, content, r.Priority, r.Again, cool, r.Session); added[0] != want {
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
				m.recordOf(j, outcome)
				if j.nextSet && (j.next != j.content || outcome == Known) {
					m.placeNext(j)
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
					m.recordOf(j, Adopted)
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
				cause := Cause{Error: rapid.SampledFrom([]string{"12 MB are too many", "13.5 MB are too many", "broken"}).Draw(rt, "error")}
				if verdict(rt, q.Fail(j.id, cause), j.state == Leased) {
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
					m.count(j.session, fateRemoved)
					delete(m.jobs, mkey(j.account, j.path))
				}
			},
			"remove": func(rt *rapid.T) {
				j := pick(rt)
				verdict(rt, q.Remove(j.id, "x"), true)
				if m.count(j.session, fateRemoved); j.nextSet {
					m.placeNext(j)
				} else {
					delete(m.jobs, mkey(j.account, j.path))
				}
			},
			"ignore": func(rt *rapid.T) {
				j := pick(rt)
				was := j.state
				n, err := q.Ignore("ignored by you", j.id)
				if err != nil || (n == 1) != (was == Failed) {
					rt.Fatalf("ignored %d that was %s: %v", n, was, err)
				}
				if n == 1 {
					j.state = Skipped
				}
			},
			"describe": func(rt *rapid.T) {
				j := pick(rt)
				title := rapid.SampledFrom([]string{"", "A title"}).Draw(rt, "title")
				n, leased, err := q.DescribeJobs([]uint64{j.id}, Words{Title: &title, Tags: &[]string{"t"}, Release: j.priority == Manual})
				if err != nil || n+leased != 1 || (leased == 1) != (j.state == Leased) {
					rt.Fatalf("described %d, %d leased, that was %s: %v", n, leased, j.state, err)
				}
				if n == 1 && j.cooling && j.priority == Manual {
					j.state, j.cooling = Ready, false
				}
			},
			"open session": func(rt *rapid.T) {
				kind := rapid.SampledFrom([]SessionKind{SessionFolder, SessionFolder, SessionDrop}).Draw(rt, "kind")
				id, err := q.OpenSession(kind, "/photos", []string{"a", "b"}, "")
				if err != nil {
					rt.Fatal(err)
				}
				if m.past[id] == nil {
					sessions, m.past[id] = append(sessions, id), &Session{}
				} else if kind != SessionFolder {
					rt.Fatal("a drop joined a session")
				}
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
				compareSessions(rt, q, m)
				compareGroups(rt, q)
				jobs, next, err := q.Jobs(JobQuery{})
				if err != nil || next != "" || len(jobs) != len(m.jobs) {
					rt.Fatalf("%d jobs, %q, %v, want %d", len(jobs), next, err, len(m.jobs))
				}
				for _, j := range jobs {
					w := m.byID(j.ID)
					if w == nil || w.state != j.State || w.attempt != j.Attempt || w.again != j.Again || w.cooling != j.Cooling ||
						w.cancelled != (j.Cancelled != "") || w.priority != j.Priority || w.session != j.Session || photo("", "", w.content).SHA256 != j.SHA256 {
						rt.Fatalf("job is %+v, want %+v", j, w)
					}
				}
			},
		})
	})
}

// compareSessions compares each session, and what it lists, with the model.
func compareSessions(rt *rapid.T, q *Queue, m *model) {
	for id, past := range m.past {
		got, err := q.Session(id)
		if err != nil {
			rt.Fatal(err)
		}
		want := *past
		jobs := 0
		for _, j := range m.jobs {
			if j.session == id {
				jobs++
				*want.number(fateIn(j.state))++
			}
		}
		want.Found = want.sum()
		if got.Found != want.Found || got.Sent != want.Sent || got.Known != want.Known || got.Skipped != want.Skipped ||
			got.Failed != want.Failed || got.Removed != want.Removed || got.Left != want.Left {
			rt.Fatalf("session is %+v, want %+v", got, want)
		}
		listed, _, err := q.Jobs(JobQuery{Session: id})
		if err != nil || len(listed) != jobs {
			rt.Fatalf("%d jobs of session %d are listed, want %d: %v", len(listed), id, jobs, err)
		}
		records := 0
		for _, r := range m.records {
			if r.session == id {
				records++
			}
		}
		rs, _, err := q.Records(RecordQuery{Session: id})
		if err != nil || len(rs) != records {
			rt.Fatalf("%d records of session %d are listed, want %d: %v", len(rs), id, records, err)
		}
	}
}

// compareGroups compares the groups with what the jobs themselves say.
func compareGroups(rt *rapid.T, q *Queue) {
	for _, s := range []State{Failed, Skipped} {
		jobs, _, err := q.Jobs(JobQuery{State: s})
		if err != nil {
			rt.Fatal(err)
		}
		want := map[string]int{}
		for _, j := range jobs {
			want[j.Account+"|"+j.Reason()]++
		}
		groups, err := q.Groups(s, 2)
		if err != nil || len(groups) != len(want) {
			rt.Fatalf("%d groups, want %d: %v", len(groups), len(want), err)
		}
		for _, g := range groups {
			listed, _, err := q.Jobs(JobQuery{Account: g.Account, State: s, Reason: g.Reason})
			if err != nil || len(listed) != g.Count || len(g.Jobs) != min(g.Count, 2) || want[g.Account+"|"+g.Jobs[0].Reason()] != g.Count {
				rt.Fatalf("group %+v lists %d, want %v: %v", g, len(listed), want, err)
			}
		}
	}
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
