package ui

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// lister asks for the content of a list again when it may have changed: one
// question at a time, and not more than one in askEvery.
type lister struct {
	win *Window
	// ask returns the question, which runs away from the widgets. The question
	// returns what takes the answer over; that, done after it, and ask itself
	// run on the goroutine of the widgets.
	ask  func() question
	done func()

	every time.Duration // in place of askEvery; may be 0

	dirty, busy, timed bool
	last               time.Time
}

type question func(ctx context.Context) (take func(), err error)

// stale says that the list may have changed.
func (l *lister) stale() {
	l.dirty = true
	l.next()
}

func (l *lister) next() {
	if !l.dirty || l.busy || l.timed {
		return
	}
	if wait := cmp.Or(l.every, askEvery) - l.win.now().Sub(l.last); wait > 0 && !l.last.IsZero() {
		l.timed = true
		l.win.after(wait, func() { l.timed = false; l.next() })
		return
	}
	l.dirty, l.busy, l.last = false, true, l.win.now()
	put := l.ask()
	var take func()
	l.win.call(func(ctx context.Context) (err error) {
		take, err = put(ctx)
		return err
	}, func(err error) {
		l.busy = false
		switch {
		case err == nil:
			take()
			l.done()
		case errors.Is(err, control.ErrNotRunning): // the strip says so
		default:
			text, _ := explain(err)
			l.win.notice.say(tr("The list cannot be shown: {{.Why}}", fields{"Why": text}))
		}
		l.next()
	})
}
