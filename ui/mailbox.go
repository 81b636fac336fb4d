package ui

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// pumpEvery is the pause between two deliveries: at most ten a second.
const pumpEvery = 100 * time.Millisecond

// mailbox gathers, from any goroutine, what is meant for the widgets. Only the
// newest status is kept; posts keep their order.
type mailbox struct {
	wake chan struct{} // capacity 1

	mu     sync.Mutex
	status *control.Status
	thumbs bool // some thumbnail has become ready
	posts  []func()
}

func newMailbox() *mailbox { return &mailbox{wake: make(chan struct{}, 1)} }

// mail is what one delivery holds.
type mail struct {
	status *control.Status
	thumbs bool
	posts  []func()
}

func (m *mailbox) put(f func(*mailbox)) {
	m.mu.Lock()
	f(m)
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *mailbox) putStatus(s control.Status) { m.put(func(m *mailbox) { m.status = &s }) }
func (m *mailbox) putThumbs()                 { m.put(func(m *mailbox) { m.thumbs = true }) }
func (m *mailbox) post(f func())              { m.put(func(m *mailbox) { m.posts = append(m.posts, f) }) }

func (m *mailbox) take() mail {
	m.mu.Lock()
	defer m.mu.Unlock()
	got := mail{m.status, m.thumbs, m.posts}
	m.status, m.thumbs, m.posts = nil, false, nil
	return got
}

// pump delivers until ctx ends. It hands each delivery to do, which runs it
// somewhere else later, and lets no second one start before the first has been
// applied. After it returns it calls do no more; a delivery that is still under
// way finds quitting set and does nothing.
func (m *mailbox) pump(ctx context.Context, quitting *atomic.Bool, do func(func()), apply func(mail)) {
	tick := time.NewTimer(0)
	<-tick.C
	for {
		select {
		case <-ctx.Done():
			return
		case <-m.wake:
		}
		if quitting.Load() {
			return
		}
		done := make(chan struct{})
		do(func() {
			defer close(done)
			if !quitting.Load() {
				apply(m.take())
			}
		})
		select {
		case <-ctx.Done():
			return
		case <-done:
		}
		tick.Reset(pumpEvery)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
