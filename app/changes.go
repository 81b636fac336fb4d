package app

import (
	"context"
	"iter"
	"sync"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// changes tells listeners that the status is stale. It keeps no timer: an
// engine at rest does not wake up.
type changes struct {
	mu        sync.Mutex
	listeners map[*listener]bool
}

type listener struct {
	stale  chan struct{}        // capacity 1, coalesced
	inbox  chan control.Message // what only a window gets
	window bool
}

// touch marks the status as stale. It may be called from anywhere, with locks
// held, and does not block.
func (a *App) touch() {
	a.changes.mu.Lock()
	defer a.changes.mu.Unlock()
	for l := range a.changes.listeners {
		l.touch()
	}
}

func (l *listener) touch() {
	select {
	case l.stale <- struct{}{}:
	default:
	}
}

func (c *changes) listen(window bool) *listener {
	l := &listener{stale: make(chan struct{}, 1), inbox: make(chan control.Message, 16), window: window}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.listeners == nil {
		c.listeners = make(map[*listener]bool)
	}
	c.listeners[l] = true
	return l
}

func (c *changes) leave(l *listener) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.listeners, l)
}

// toWindow gives a message to one window, or to all. It reports whether there
// was one.
func (c *changes) toWindow(m control.Message, all bool) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	told := false
	for l := range c.listeners {
		if !l.window || told && !all {
			continue
		}
		select {
		case l.inbox <- m:
			told = true
		default:
		}
	}
	return told
}

// Changed returns a channel that receives when the status is stale, coalesced,
// until ctx ends.
func (a *App) Changed(ctx context.Context) <-chan struct{} {
	l := a.changes.listen(false)
	context.AfterFunc(ctx, func() { a.changes.leave(l) })
	l.touch() // it may have been touched since it listens
	return l.stale
}

const (
	statusEvery   = 100 * time.Millisecond // at most ten a second
	progressEvery = 200 * time.Millisecond // while bytes are moving
)

// Changes implements [control.Engine].
func (a *App) Changes(ctx context.Context, window bool) iter.Seq[control.Message] {
	return func(yield func(control.Message) bool) {
		l := a.changes.listen(window)
		defer a.changes.leave(l)
		for {
			s := a.Status()
			if !yield(control.Message{Status: &s}) {
				return
			}
			if !sleep(ctx, statusEvery) {
				l.rest(yield)
				return
			}
			var progress <-chan time.Time
			if len(s.Active) > 0 {
				progress = time.After(progressEvery)
			}
			for waiting := true; waiting; {
				select {
				case <-ctx.Done():
					l.rest(yield)
					return
				case <-l.stale:
					waiting = false
				case <-progress:
					waiting = false
				case m := <-l.inbox:
					if !yield(m) {
						return
					}
				}
			}
		}
	}
}

// rest yields what is left for a window when the stream ends: an engine that is
// told to quit ends at once.
func (l *listener) rest(yield func(control.Message) bool) {
	for {
		select {
		case m := <-l.inbox:
			if !yield(m) {
				return
			}
		default:
			return
		}
	}
}

// Hello implements [control.Engine].
func (a *App) Hello(files []string, page control.Page) control.Hello {
	h := control.Hello{Window: a.changes.toWindow(control.Message{Raise: true}, false)}
	if page != "" {
		a.changes.toWindow(control.Message{Page: page}, false)
	}
	if len(files) > 0 {
		a.changes.toWindow(control.Message{Files: files}, false)
	}
	return h
}

// Quit implements [control.Engine]: the engine ends as if by SIGTERM, and the
// window with it.
func (a *App) Quit() {
	a.changes.toWindow(control.Message{Quit: true}, true)
	a.mu.Lock()
	quit := a.quit
	a.mu.Unlock()
	if quit != nil {
		quit()
	}
}
