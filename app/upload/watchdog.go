package upload

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// stallError ends a request that no longer moves.
type stallError struct {
	after   time.Duration
	waiting bool // for the answer, with the whole request sent
}

func (e *stallError) Error() string {
	if e.waiting {
		return fmt.Sprintf("no answer for %v", e.after)
	}
	return fmt.Sprintf("nothing moved for %v", e.after)
}

// Timeout makes the error a timeout in the sense of [net.Error].
func (e *stallError) Timeout() bool { return true }

// watchdog cancels one request when nothing moves for too long. Its timer runs
// while something is expected of the other side, and stands still while a
// request waits for its turn, for the bandwidth limit, or for a slow reader.
type watchdog struct {
	ctx           context.Context
	cancel        context.CancelCauseFunc
	idle, respond time.Duration

	mu    sync.Mutex
	timer *time.Timer
	phase phase
}

type phase uint8

const (
	phaseSending phase = iota
	phaseWaiting
	phaseReceiving
	phaseDone
)

func newWatchdog(ctx context.Context, cancel context.CancelCauseFunc, idle, respond time.Duration) *watchdog {
	return &watchdog{ctx: ctx, cancel: cancel, idle: idle, respond: respond}
}

// sending says that a byte has been taken for the wire, or may be now.
func (w *watchdog) sending() { w.move(phaseSending, w.idle) }

// waiting says that the whole request is on the wire.
func (w *watchdog) waiting() { w.move(phaseWaiting, w.respond) }

// move starts the timer anew, unless the answer has begun already: it may come
// while the body is still being sent.
func (w *watchdog) move(to phase, limit time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.phase >= phaseReceiving {
		return
	}
	w.phase = to
	w.start(limit, to == phaseWaiting)
}

func (w *watchdog) start(limit time.Duration, waiting bool) {
	if w.timer != nil {
		w.timer.Stop()
	}
	w.timer = time.AfterFunc(limit, func() { w.cancel(&stallError{limit, waiting}) })
}

// pause stops the timer while we ourselves are what is slow.
func (w *watchdog) pause() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Stop()
	}
}

// receiving says that the answer has begun.
func (w *watchdog) receiving() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.phase = phaseReceiving
	if w.timer != nil {
		w.timer.Stop()
	}
}

// reading runs the timer while a piece of the answer is awaited.
func (w *watchdog) reading() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.phase == phaseReceiving {
		w.start(w.idle, false)
	}
}

// finish ends the watch. The request's context ends with it.
func (w *watchdog) finish() {
	w.mu.Lock()
	w.phase = phaseDone
	if w.timer != nil {
		w.timer.Stop()
	}
	w.mu.Unlock()
	w.cancel(nil)
}

// explain replaces the error of a request that the watchdog itself ended.
func (w *watchdog) explain(err error) error {
	if stall, ok := errors.AsType[*stallError](context.Cause(w.ctx)); ok {
		return stall
	}
	return err
}

// requestBody feeds the watchdog and obeys the limiter.
type requestBody struct {
	io.ReadCloser
	ctx     context.Context
	dog     *watchdog
	limiter *Limiter
}

// replay wraps a request's GetBody so that repeated bodies are watched too.
func replay(get func() (io.ReadCloser, error), ctx context.Context, dog *watchdog, l *Limiter) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		body, err := get()
		if err != nil {
			return nil, err
		}
		return &requestBody{ReadCloser: body, ctx: ctx, dog: dog, limiter: l}, nil
	}
}

func (b *requestBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:b.limiter.piece(len(p))])
	if n > 0 && b.limiter.limited() {
		b.dog.pause()
		if werr := b.limiter.wait(b.ctx, n); werr != nil {
			return 0, werr
		}
	}
	b.dog.sending()
	return n, err
}

// errTooLong is the error of an answer without end.
type errTooLong struct{ limit int64 }

func (e *errTooLong) Error() string { return fmt.Sprintf("answer of more than %d bytes", e.limit) }

// responseBody feeds the watchdog and is bounded.
type responseBody struct {
	io.ReadCloser
	dog  *watchdog
	left int64 // bytes that may still come; negative: any number
	read int64
}

func (b *responseBody) Read(p []byte) (int, error) {
	b.dog.reading()
	n, err := b.ReadCloser.Read(p)
	b.dog.pause()
	b.read += int64(n)
	if b.left >= 0 && b.read > b.left {
		return 0, &errTooLong{b.left}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = b.dog.explain(err)
	}
	return n, err
}

func (b *responseBody) Close() error {
	err := b.ReadCloser.Close()
	b.dog.finish()
	return err
}
