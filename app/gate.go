package app

import (
	"context"
	"sync"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// gate stands before an account's workers. It is open, or shut until a time:
// the server cannot be reached, or asked for patience. It is never written to
// the queue; a restart simply tries again.
type gate struct {
	mu     sync.Mutex
	state  control.AccountState // "" while open
	reason string
	hint   string
	since  time.Time     // shut since, over all tries in a row
	next   time.Time     // next try
	tries  int           // in a row
	opened chan struct{} // closed when the gate opens; nil while open
	shutC  chan struct{} // capacity 1: wakes the keeper
}

func newGate() *gate { return &gate{shutC: make(chan struct{}, 1)} }

// pass waits until the gate is open.
func (g *gate) pass(ctx context.Context) error {
	for {
		g.mu.Lock()
		opened := g.opened
		g.mu.Unlock()
		if opened == nil {
			return ctx.Err()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-opened:
		}
	}
}

// shut closes the gate for the delay that wait names for this many tries in a
// row. While it is shut already for the same reason, later calls change
// nothing: ten workers that lose one server are one failure.
func (g *gate) shut(state control.AccountState, reason, hint string, wait func(tries int) time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if g.opened != nil && g.state == state && now.Before(g.next) {
		return
	}
	if g.state != state {
		g.since, g.tries = now, 0
	}
	if g.opened == nil {
		g.opened = make(chan struct{})
	}
	g.state, g.reason, g.hint = state, reason, hint
	g.next = now.Add(wait(g.tries))
	g.tries++
	select {
	case g.shutC <- struct{}{}:
	default:
	}
}

// open lets everybody through and forgets the tries. It reports whether the
// gate was shut.
func (g *gate) open() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.opened == nil {
		return false
	}
	close(g.opened)
	g.opened, g.state, g.reason, g.hint, g.tries = nil, "", "", "", 0
	return true
}

// closed returns why the gate is shut and until when; "" when it is open.
func (g *gate) closed() (state control.AccountState, reason, hint string, since, next time.Time) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state, g.reason, g.hint, g.since, g.next
}
