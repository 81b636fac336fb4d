package ipernity

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// site is a site that works on tickets, and notes when it is asked.
type site struct {
	mu    sync.Mutex
	began time.Time
	asked []time.Duration // since the beginning
	sizes []int           // tickets of each question
	fates func(id string, round int) (fate, error)
	round map[string]int
}

func (s *site) ask(_ context.Context, ids []string) (map[string]fate, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, time.Since(s.began))
	s.sizes = append(s.sizes, len(ids))
	out := map[string]fate{}
	for _, id := range ids {
		s.round[id]++
		f, err := s.fates(id, s.round[id])
		if err != nil {
			return nil, err
		}
		out[id] = f
	}
	return out, nil
}

// newTickets returns tickets at the real pace, on the clock of synctest.
func newTickets(fates func(id string, round int) (fate, error)) (*tickets, *site) {
	s := &site{began: time.Now(), fates: fates, round: map[string]int{}}
	p := defaultPace()
	return &tickets{ask: s.ask, pace: &p}, s
}

func doneAfter(rounds int, eta time.Duration) func(string, int) (fate, error) {
	return func(id string, round int) (fate, error) {
		if round <= rounds {
			return fate{eta: eta}, nil
		}
		return fate{done: true, doc: "doc of " + id}, nil
	}
}

func TestTicketsAreNotAskedForBeforeTheirTime(t *testing.T) {
	for _, tt := range []struct {
		name   string
		eta    time.Duration
		rounds int
		want   []time.Duration // when it is asked
	}{
		{"done at once", 0, 0, []time.Duration{time.Second}},
		{"without an estimate", 0, 4, []time.Duration{1 * time.Second, 3 * time.Second, 6 * time.Second, 10500 * time.Millisecond, 17250 * time.Millisecond}},
		{"with a long estimate", 2 * time.Minute, 1, []time.Duration{time.Second, 121 * time.Second}},
		{"with a short estimate", time.Second, 1, []time.Duration{time.Second, 3 * time.Second}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ts, s := newTickets(doneAfter(tt.rounds, tt.eta))
				f, err := ts.wait(t.Context(), "7")
				if err != nil || f.doc != "doc of 7" || fmt.Sprint(s.asked) != fmt.Sprint(tt.want) {
					t.Errorf("%+v, %v, asked after %v, want %v", f, err, s.asked, tt.want)
				}
			})
		})
	}
}

func TestTicketsThatNeverEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts, s := newTickets(doneAfter(1000, 0))
		_, err := ts.wait(t.Context(), "7")
		if e := mustBe(t, err, upload.Transient); e.Hint == "" || time.Since(s.began) != ts.pace.patience {
			t.Errorf("%v after %v", e, time.Since(s.began))
		}
		if last := s.asked[len(s.asked)-1] - s.asked[len(s.asked)-2]; last != ts.pace.pollMax {
			t.Errorf("the last pause is %v, want %v", last, ts.pace.pollMax)
		}
	})
}

func TestTicketsTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts, s := newTickets(doneAfter(1, 10*time.Second))
		var wg sync.WaitGroup
		for i := range 70 {
			wg.Go(func() {
				id := fmt.Sprint(i)
				if f, err := ts.wait(t.Context(), id); err != nil || f.doc != "doc of "+id {
					t.Errorf("%s: %+v, %v", id, f, err)
				}
			})
		}
		wg.Wait()
		if want := "[50 20 50 20]"; fmt.Sprint(s.sizes) != want {
			t.Errorf("questions for %v tickets, want %s", s.sizes, want)
		}
	})
}

func TestTicketsThatTheSiteHasForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts, s := newTickets(func(id string, _ int) (fate, error) {
			if id == "13" {
				return fate{}, refused(opTicket, checkTickets, 1, "", time.Now())
			}
			return fate{done: true, doc: "doc of " + id}, nil
		})
		var wg sync.WaitGroup
		for _, id := range []string{"12", "13", "14"} {
			wg.Go(func() {
				f, err := ts.wait(t.Context(), id)
				if err != nil || f.unknown != (id == "13") || f.done == f.unknown {
					t.Errorf("%s: %+v, %v", id, f, err)
				}
			})
		}
		wg.Wait()
		if f, err := ts.wait(t.Context(), "13"); err != nil || !f.unknown {
			t.Errorf("alone: %+v, %v", f, err)
		}
		if want := "[3 1 1 1 1]"; fmt.Sprint(s.sizes) != want {
			t.Errorf("questions for %v tickets, want %s", s.sizes, want)
		}
	})
}

func TestTicketsWhenTheSiteIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := errors.New("away")
		ts, _ := newTickets(func(string, int) (fate, error) { return fate{}, away })
		var wg sync.WaitGroup
		for i := range 3 {
			wg.Go(func() {
				if _, err := ts.wait(t.Context(), fmt.Sprint(i)); !errors.Is(err, away) {
					t.Errorf("%d: %v", i, err)
				}
			})
		}
		wg.Wait()
	})
}

// TestTicketsThatNobodyWaitsFor checks that questions end with those who want
// the answers, and begin again with the next.
func TestTicketsThatNobodyWaitsFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts, s := newTickets(doneAfter(2, time.Minute))
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		if _, err := ts.wait(ctx, "7"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		before := len(s.asked)
		time.Sleep(time.Hour) // on the clock of synctest
		if n := len(s.asked) - before; n != 0 {
			t.Errorf("%d questions that nobody wanted", n)
		}
		if f, err := ts.wait(t.Context(), "7"); err != nil || !f.done {
			t.Errorf("%+v, %v", f, err)
		}
		if _, err := ts.wait(expired(), "8"); !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}

// TestTicketsThatComeLater are not kept waiting by those that have long pauses.
func TestTicketsThatComeLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ts, _ := newTickets(func(id string, round int) (fate, error) {
			return fate{done: id == "fast" || round > 1, doc: "x", eta: 4 * time.Minute}, nil
		})
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := ts.wait(t.Context(), "slow"); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(10 * time.Second) // on the clock of synctest
		began := time.Now()
		if _, err := ts.wait(t.Context(), "fast"); err != nil || time.Since(began) != time.Second {
			t.Errorf("%v after %v", err, time.Since(began))
		}
		wg.Wait()
	})
}

// TestTicketsOnTheWire checks what is asked and how the answer is read.
func TestTicketsOnTheWire(t *testing.T) {
	s := newStub(t, map[string]string{
		checkTickets: `{"tickets":{"count":"3","done":"1","invalid":"1","left":"1","eta":"120","ticket":[` +
			`{"id":"712218","done":"1","invalid":"0","doc_id":"5412","eta":"0"},{"id":"712219","done":"0","invalid":"1","eta":"0"},{"id":"712311","done":"0","invalid":"0","eta":"120"}]},` + okAPI + `}`,
	})
	c := testClient(t, s.URL, nil)
	c.pace = defaultPace()
	got, err := c.askTickets(t.Context(), []string{"712218", "712219", "712311"})
	want := map[string]fate{"712218": {done: true, doc: "5412"}, "712219": {invalid: true}, "712311": {eta: 2 * time.Minute}}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%+v, %v, want %+v", got, err, want)
	}
}
