package watcher

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func newSettler() *settler {
	return &settler{quiet: 250 * time.Millisecond, unmarked: 2 * time.Second, unproven: 10 * time.Second}
}

// settleTime plays a file that is last changed at 0 and always looks like l, and returns when it settles; false: not
// within a minute.
func settleTime(s *settler, l look) (time.Duration, bool) {
	start := time.Now()
	s.touch("a", l.stamp, start)
	for {
		at, ok := s.next()
		if !ok || at.Sub(start) > time.Minute {
			return 0, false
		}
		for _, e := range s.due(at) {
			if s.judge(e, l, at) == settled {
				return at.Sub(start), true
			}
		}
	}
}

func TestSettleTimeDependsOnTheProof(t *testing.T) {
	t.Parallel()
	const never = -1
	for _, c := range []struct {
		writer writer
		end    Ending
		size   int64
		want   time.Duration
	}{
		{nobody, Present, 1, 250 * time.Millisecond},
		{nobody, Unknown, 1, 2 * time.Second},
		{nobody, Missing, 1, 10 * time.Second},
		{nobody, Unknown, 0, 10 * time.Second},
		{unsure, Present, 1, 10 * time.Second},
		{unsure, Unknown, 1, 10 * time.Second},
		{somebody, Present, 1, never},
		{somebody, Missing, 1, never},
	} {
		t.Run(fmt.Sprintf("writer %d, end %d, size %d", c.writer, c.end, c.size), func(t *testing.T) {
			t.Parallel()
			l := look{stamp: stamp{size: c.size, mtime: time.Unix(1, 0), ino: 7}, writer: c.writer, end: c.end}
			got, ok := settleTime(newSettler(), l)
			if !ok {
				got = never
			}
			if got != c.want {
				t.Errorf("settles after %v, want %v", got, c.want)
			}
		})
	}
}

func TestAnyChangeStartsTheTimeAnew(t *testing.T) {
	t.Parallel()
	before := stamp{size: 10, mtime: time.Unix(100, 0), ino: 7}
	for name, after := range map[string]stamp{
		"size":         {size: 11, mtime: before.mtime, ino: 7},
		"mtime later":  {size: 10, mtime: before.mtime.Add(1), ino: 7},
		"mtime before": {size: 10, mtime: before.mtime.Add(-time.Hour), ino: 7},
		"inode":        {size: 10, mtime: before.mtime, ino: 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, now := newSettler(), time.Now()
			s.touch("a", before, now)
			now = now.Add(s.quiet)
			l := look{stamp: after, writer: nobody, end: Present}
			if v := s.judge(s.due(now)[0], l, now); v != waiting {
				t.Fatalf("changed: verdict %d", v)
			}
			if at, _ := s.next(); !at.Equal(now.Add(s.quiet)) {
				t.Errorf("next look %v after the change, want %v", at.Sub(now), s.quiet)
			}
			now = now.Add(s.quiet)
			if v := s.judge(s.due(now)[0], l, now); v != settled {
				t.Errorf("unchanged since: verdict %d", v)
			}
		})
	}
}

func TestScanDoesNotDelayAFileThatWaits(t *testing.T) {
	t.Parallel()
	s, now := newSettler(), time.Now()
	st := stamp{size: 10, mtime: time.Unix(100, 0)}
	s.observe("a", st, true, now)
	s.observe("a", st, false, now.Add(s.quiet/2))
	if at, _ := s.next(); !at.Equal(now.Add(s.quiet)) {
		t.Errorf("the second scan moved the look by %v", at.Sub(now)-s.quiet)
	}
	if e := s.files["a"]; !e.first {
		t.Error("the second scan took away that the first had found it")
	}
	st.size++
	s.observe("a", st, false, now.Add(s.quiet/2))
	if at, _ := s.next(); !at.Equal(now.Add(s.quiet + s.quiet/2)) {
		t.Error("a change that a scan sees does not count")
	}
}

func TestBusyFileIsLookedAtEverLessOften(t *testing.T) {
	t.Parallel()
	s, start := newSettler(), time.Now()
	l := look{stamp: stamp{size: 1}, writer: somebody}
	s.touch("a", l.stamp, start)
	looks := 0
	for at, _ := s.next(); at.Sub(start) < time.Hour; at, _ = s.next() {
		s.judge(s.due(at)[0], l, at)
		looks++
	}
	if looks < 1700 || looks > 2000 {
		t.Errorf("%d looks in an hour", looks)
	}
	at, _ := s.next()
	if v := s.judge(s.due(at)[0], look{stamp: l.stamp, end: Present}, at); v != settled {
		t.Errorf("closed at last: verdict %d", v)
	}
}

func TestDueFilesComeNewestFirst(t *testing.T) {
	t.Parallel()
	s, now := newSettler(), time.Now()
	for i, path := range []string{"old", "new", "mid"} {
		s.observe(path, stamp{mtime: time.Unix([]int64{1, 3, 2}[i], 0)}, true, now)
	}
	var got []string
	for _, e := range s.due(now.Add(s.quiet)) {
		got = append(got, e.path)
	}
	if !slices.Equal(got, []string{"new", "mid", "old"}) {
		t.Errorf("order %q", got)
	}
}

// The settler is played against a plain account of what has happened to each file.
func TestSettlerKeepsItsPromises(t *testing.T) {
	t.Parallel()
	type file struct {
		look
		spoke time.Time // last thing that spoke against the file being finished, as far as the settler was told
		seen  stamp     // as last told
	}
	rapid.Check(t, func(t *rapid.T) {
		s, now := newSettler(), time.Now()
		model := map[string]*file{} // files that must be waited for
		world := map[string]*file{}
		var due []*settling
		paths := rapid.SampledFrom([]string{"a", "b", "c"})
		get := func(p string) *file {
			if world[p] == nil {
				world[p] = &file{look: look{stamp: stamp{size: 1}}}
			}
			return world[p]
		}
		told := func(p string) {
			f := get(p)
			f.spoke, f.seen = now, f.stamp
			model[p] = f
		}
		t.Repeat(map[string]func(*rapid.T){
			"pass": func(t *rapid.T) {
				ms := rapid.SampledFrom([]int{1, 100, 250, 2000, 10_000}).Draw(t, "ms")
				now = now.Add(time.Duration(ms) * time.Millisecond)
			},
			"change": func(t *rapid.T) {
				f := get(paths.Draw(t, "path"))
				f.size = rapid.Int64Range(0, 2).Draw(t, "size")
				f.writer = rapid.SampledFrom([]writer{nobody, somebody, unsure}).Draw(t, "writer")
				f.end = rapid.SampledFrom([]Ending{Unknown, Missing, Present}).Draw(t, "end")
				f.gone = rapid.Bool().Draw(t, "gone") && rapid.Bool().Draw(t, "really")
			},
			"event": func(t *rapid.T) {
				p := paths.Draw(t, "path")
				s.touch(p, get(p).stamp, now)
				told(p)
			},
			"scan": func(t *rapid.T) {
				p := paths.Draw(t, "path")
				f := get(p)
				s.observe(p, f.stamp, false, now)
				if model[p] == nil || !f.seen.equal(f.stamp) {
					told(p)
				}
			},
			"drop": func(t *rapid.T) {
				p := paths.Draw(t, "path")
				s.drop(p)
				delete(model, p)
			},
			"due": func(*rapid.T) {
				due = append(due, s.due(now)...)
			},
			"judge": func(t *rapid.T) {
				for _, e := range due {
					if !s.pending(e) {
						continue
					}
					f := model[e.path]
					if f == nil {
						t.Fatalf("%s is pending, but was dropped", e.path)
					}
					switch v := s.judge(e, f.look, now); {
					case f.gone:
						if v != vanished {
							t.Fatalf("%s has gone: verdict %d", e.path, v)
						}
						delete(model, e.path)
					case v == settled:
						need := s.quiet
						if f.writer == unsure || f.end == Missing || f.size == 0 {
							need = s.unproven
						} else if f.end == Unknown {
							need = s.unmarked
						}
						if f.writer == somebody || !f.seen.equal(f.stamp) || now.Sub(f.spoke) < need {
							t.Fatalf("%s settled too early: %+v, quiet for %v", e.path, f, now.Sub(f.spoke))
						}
						delete(model, e.path)
					case v == vanished:
						t.Fatalf("%s vanished, but is there", e.path)
					case f.writer == somebody || !f.seen.equal(f.stamp):
						f.spoke, f.seen = now, f.stamp
					}
				}
				due = nil
			},
			"": func(t *rapid.T) {
				if len(s.files) != len(model) {
					t.Fatalf("%d files are waited for, want %d", len(s.files), len(model))
				}
				for p := range model {
					e := s.files[p]
					switch {
					case e == nil:
						t.Fatalf("%s was given up", p)
					case e.index >= 0 && s.queue[e.index] != e:
						t.Fatalf("%s is not in its place in the queue", p)
					case e.index < 0 && !slices.Contains(due, e):
						t.Fatalf("%s will never be looked at again", p)
					case e.index >= 0 && e.due.Sub(now) > s.unproven:
						t.Fatalf("%s will be looked at only in %v", p, e.due.Sub(now))
					}
				}
			},
		})
	})
}
