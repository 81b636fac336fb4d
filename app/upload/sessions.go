package upload

import (
	"context"
	"sync/atomic"
)

// Sessions shares one signed-in session of an account between all its calls. S
// is what a client knows of a session. Make one with [NewSessions].
type Sessions[S any] struct {
	signIn  func(context.Context) (*S, error)
	current atomic.Pointer[S]
	signing chan struct{} // held while signing in
	signIns atomic.Uint64 // finished ones, good or bad
	failure error         // of the last one; needs signing
	proven  atomic.Bool   // these credentials have been good before
}

// NewSessions returns an account's sessions; signIn makes a new one. It is
// never called twice at a time.
func NewSessions[S any](signIn func(context.Context) (*S, error)) *Sessions[S] {
	return &Sessions[S]{signIn: signIn, signing: make(chan struct{}, 1)}
}

// Get returns the session, or signs in if there is none or if it is still the
// one given as lost. Of all who wait for a sign-in one does it; the others
// share its session, or its error.
func (h *Sessions[S]) Get(ctx context.Context, lost *S) (*S, error) {
	if s := h.current.Load(); s != nil && s != lost {
		return s, nil
	}
	before := h.signIns.Load()
	select {
	case h.signing <- struct{}{}:
		defer func() { <-h.signing }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if s := h.current.Load(); s != nil && s != lost {
		return s, nil
	}
	if h.signIns.Load() != before && h.failure != nil {
		return nil, h.failure
	}
	s, err := h.signIn(ctx)
	if h.proven.Load() && err != nil && KindOf(err) == Denied {
		// These credentials were good. A server that restarts between two
		// calls refuses them too, so ask once more before troubling anybody.
		s, err = h.signIn(ctx)
	}
	if ctx.Err() != nil && err != nil {
		return nil, ctx.Err() // says nothing to those who wait
	}
	h.signIns.Add(1)
	h.failure = err
	if err != nil {
		h.current.CompareAndSwap(lost, nil)
		return nil, err
	}
	h.proven.Store(true)
	h.current.Store(s)
	return s, nil
}

// Current returns the session as it is, nil if there is none.
func (h *Sessions[S]) Current() *S { return h.current.Load() }

// Drop forgets a session, so that the next Get signs in.
func (h *Sessions[S]) Drop(s *S) { h.current.CompareAndSwap(s, nil) }

// Proven reports whether the account's credentials have been good before.
func (h *Sessions[S]) Proven() bool { return h.proven.Load() }
