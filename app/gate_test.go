package app

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

func constant(d time.Duration) func(int) time.Duration {
	return func(int) time.Duration { return d }
}

func TestManyWorkersThatLoseOneServerAreOneFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		var tries []int
		wait := func(n int) time.Duration {
			tries = append(tries, n)
			return time.Second << n
		}
		for range 5 {
			g.shut(control.AccountOffline, "gone", "", wait)
		}
		time.Sleep(time.Second)
		for range 5 {
			g.shut(control.AccountOffline, "gone", "", wait)
		}
		if len(tries) != 2 || tries[0] != 0 || tries[1] != 1 {
			t.Errorf("delays asked for tries %v, want [0 1]", tries)
		}
		_, _, _, since, next := g.closed()
		if got := time.Since(since); got != time.Second {
			t.Errorf("shut since %v, want 1s: the first failure counts", got)
		}
		if got := time.Until(next); got != 2*time.Second {
			t.Errorf("next try in %v, want 2s", got)
		}
	})
}

func TestAShutGateLetsNobodyPassUntilItOpens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		if err := g.pass(t.Context()); err != nil {
			t.Fatalf("an open gate: %v", err)
		}
		g.shut(control.AccountBusy, "patience", "", constant(time.Hour))
		passed := make(chan error, 3)
		for range 3 {
			go func() { passed <- g.pass(t.Context()) }()
		}
		synctest.Wait()
		if len(passed) != 0 {
			t.Fatal("somebody passed a shut gate")
		}
		if !g.open() {
			t.Error("opening a shut gate said it was open")
		}
		for range 3 {
			if err := <-passed; err != nil {
				t.Error(err)
			}
		}
		if g.open() {
			t.Error("opening an open gate said it was shut")
		}
	})
}

func TestWaitingAtTheGateEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		g.shut(control.AccountOffline, "gone", "", constant(time.Hour))
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan error, 1)
		go func() { got <- g.pass(ctx) }()
		synctest.Wait()
		cancel()
		if err := <-got; err != context.Canceled {
			t.Errorf("pass: %v", err)
		}
	})
}

func TestBackoffDoublesWithinItsBounds(t *testing.T) {
	first, longest := 30*time.Second, 6*time.Hour
	for n := range 100 {
		want := longest
		if n < 10 && first<<n < longest {
			want = first << n
		}
		for range 20 {
			if d := backoff(n, first, longest); d < want-want/8 || d > want+want/8 {
				t.Fatalf("backoff(%d) = %v, want %v within an eighth", n, d, want)
			}
		}
	}
}
