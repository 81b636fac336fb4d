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
