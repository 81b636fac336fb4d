package upload

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limiter bounds the bytes a second that all clients sharing it send. A nil
// Limiter does not limit. All methods may be called at any time from several
// goroutines.
type Limiter struct {
	mu      sync.Mutex
	rate    *rate.Limiter // nil: unlimited
	changed chan struct{} // closed by the next Set
}

// NewLimiter returns a limiter of the given bytes a second; 0 or less is
// unlimited.
func NewLimiter(bytesPerSecond float64) *Limiter {
	l := &Limiter{changed: make(chan struct{})}
	l.Set(bytesPerSecond)
	return l
}

// Bounds of the pieces in which a limited body is sent: large enough to cost
// nothing, small enough that a slow limit still moves several times a second.
const (
	minPiece = 1 << 10
	maxPiece = 64 << 10
)

// Set changes the limit; 0 or less lifts it. Uploads that are waiting for the
// old limit obey the new one at once.
func (l *Limiter) Set(bytesPerSecond float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.rate = nil
	if bytesPerSecond > 0 {
		burst := int(min(max(bytesPerSecond/10, minPiece), maxPiece))
		l.rate = rate.NewLimiter(rate.Limit(bytesPerSecond), burst)
	}
	close(l.changed)
	l.changed = make(chan struct{})
}

// Rate returns the limit in bytes a second; 0 is unlimited.
func (l *Limiter) Rate() float64 {
	if r, _ := l.now(); r != nil {
		return float64(r.Limit())
	}
	return 0
}

func (l *Limiter) now() (*rate.Limiter, <-chan struct{}) {
	if l == nil {
		return nil, nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rate, l.changed
}

func (l *Limiter) limited() bool {
	r, _ := l.now()
	return r != nil
}

// piece returns how many of n bytes to send at a time.
func (l *Limiter) piece(n int) int {
	if r, _ := l.now(); r != nil {
		return min(n, r.Burst())
	}
	return n
}

// wait returns when n bytes may be sent.
func (l *Limiter) wait(ctx context.Context, n int) error {
	for n > 0 {
		r, changed := l.now()
		if r == nil {
			return nil
		}
		k := min(n, r.Burst())
		reserved := r.ReserveN(time.Now(), k)
		timer := time.NewTimer(reserved.Delay())
		select {
		case <-timer.C:
			n -= k
		case <-changed:
			timer.Stop()
		case <-ctx.Done():
			timer.Stop()
			reserved.Cancel()
			return context.Cause(ctx)
		}
	}
	return nil
}
