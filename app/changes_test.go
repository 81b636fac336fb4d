package app

import (
	"context"
	"sync"
	"testing"
)

func TestAListenerIsToldAtOnceWhateverChangesMeanwhile(t *testing.T) {
	a := new(App)
	end := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			select {
			case <-end:
				return
			default:
				a.touch()
			}
		}
	})
	for range 2000 {
		ctx, cancel := context.WithCancel(t.Context())
		<-a.Changed(ctx)
		cancel()
	}
	close(end)
	wg.Wait()
}

// TestTheLastWordReachesTheWindow is about the time between two statuses, in
// which the stream sleeps.
func TestTheLastWordReachesTheWindow(t *testing.T) {
	newHome(t).with(func(a *App) {
		ctx, end := context.WithCancel(t.Context())
		defer end()
		quit := false
		for m := range a.Changes(ctx, true) {
			if m.Status != nil { // the engine ends right after it was told to
				a.Quit()
				end()
			}
			quit = quit || m.Quit
		}
		if !quit {
			t.Error("the window is not told that the engine ends")
		}
	})
}
