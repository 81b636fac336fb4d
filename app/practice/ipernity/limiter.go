package ipernity

import (
	"sync"
	"time"
)

// limiter counts calls against Options.AppLimit and IPLimit, in windows that begin with
// their first call. The service's numbers are not published [CHOICE].
type limiter struct {
	mu  sync.Mutex
	app window
	ips map[string]*window
}

type window struct {
	began time.Time
	calls int
}

// full counts a call and reports whether it is one too many.
func (w *window) full(l Limit, now time.Time) bool {
	if age := now.Sub(w.began); age < 0 || age >= l.Per {
		*w = window{began: now}
	}
	w.calls++
	return l.Calls > 0 && w.calls > l.Calls
}

func (l *limiter) take(o Options, ip string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := o.Now()
	if l.app.full(o.AppLimit, now) {
		return common(appQuota)
	}
	if l.ips == nil {
		l.ips = map[string]*window{}
	}
	w := l.ips[ip]
	if w == nil {
		w = &window{}
		l.ips[ip] = w
	}
	if w.full(o.IPLimit, now) {
		return common(ipQuota)
	}
	return nil
}
