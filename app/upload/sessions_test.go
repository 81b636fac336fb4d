package upload

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

type pass struct{ n int64 }

func TestManyShareOneSignIn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var calls atomic.Int64
		var fail atomic.Pointer[Error]
		h := NewSessions(func(context.Context) (*pass, error) {
			n := calls.Add(1)
			time.Sleep(time.Second) // in the bubble
			if e := fail.Load(); e != nil {
				return nil, e
			}
			return &pass{n}, nil
		})
		all := func(lost *pass) (last *pass, err error) {
			var wg sync.WaitGroup
			var mu sync.Mutex
			for range 20 {
				wg.Go(func() {
					s, e := h.Get(t.Context(), lost)
					mu.Lock()
					defer mu.Unlock()
					last, err = s, e
				})
			}
			wg.Wait()
			return last, err
		}
		first, err := all(nil)
		if err != nil || calls.Load() != 1 || h.Current() != first || !h.Proven() {
			t.Fatalf("%v after %d sign-ins", err, calls.Load())
		}
		second, err := all(first)
		if err != nil || second == first || calls.Load() != 2 {
			t.Errorf("a lost session: %v after %d sign-ins", err, calls.Load())
		}
		fail.Store(&Error{Kind: Denied, Reason: "no"})
		if _, err := all(second); KindOf(err) != Denied || calls.Load() != 4 || h.Current() != nil {
			t.Errorf("refused: %v after %d sign-ins, want it asked once more because it was good before", err, calls.Load())
		}
		fail.Store(&Error{Reason: "down"})
		if _, err := all(nil); KindOf(err) != Transient || calls.Load() != 5 {
			t.Errorf("down: %v after %d sign-ins", err, calls.Load())
		}
		fail.Store(nil)
		third, err := all(nil)
		if err != nil {
			t.Fatal(err)
		}
		h.Drop(first) // not the one in use
		if h.Current() != third {
			t.Error("another session was dropped")
		}
		h.Drop(third)
		if h.Current() != nil {
			t.Error("a session stays that was dropped")
		}
	})
}

func TestWaitingForASignInEndsWithTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewSessions(func(ctx context.Context) (*pass, error) {
			<-ctx.Done()
			return nil, &Error{Kind: Denied, Reason: "cut off"}
		})
		ctx, cancel := context.WithCancel(t.Context())
		errs := make(chan error, 2)
		for range 2 {
			go func() {
				_, err := h.Get(ctx, nil)
				errs <- err
			}()
		}
		synctest.Wait()
		cancel()
		for range 2 {
			if err := <-errs; !errors.Is(err, context.Canceled) {
				t.Errorf("%v", err)
			}
		}
	})
}
