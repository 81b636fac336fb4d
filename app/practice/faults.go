package practice

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"path"
	"strconv"
	"sync"
	"time"
)

// Faults is a handler that makes another one misbehave. Set its exported fields before
// its first request; Next alone is needed. Its methods may be called at any time.
type Faults struct {
	// Next is the service.
	Next http.Handler
	// Service is its name, which a fault's must equal. Empty means that the faults'
	// services are not looked at.
	Service string
	// Function tells the name of the function that a request calls. Nil means the last
	// element of its path.
	Function func(*http.Request) string
	// Expire makes the service forget all sessions. Nil means that there are none.
	Expire func()
	// Full answers as the service does when there is no room left: kind is Quota or
	// DiskFull. Nil means a plain 500.
	Full func(w http.ResponseWriter, r *http.Request, kind FaultKind)

	mu    sync.Mutex
	armed []*armed
	ended chan struct{}
	over  bool
}

type armed struct {
	Armed
	rand *rand.Rand
}

// Armed is a fault with its counters.
type Armed struct {
	Fault
	Seen int // requests that it applies to
	Hits int // times that it has happened
}

// Set replaces all faults.
func (f *Faults) Set(faults ...Fault) {
	f.mu.Lock()
	f.armed = nil
	f.mu.Unlock()
	f.Add(faults...)
}

// Add adds faults behind those that are there.
func (f *Faults) Add(faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, x := range faults {
		f.armed = append(f.armed, &armed{Armed{Fault: x}, rand.New(rand.NewPCG(x.Seed, 0))})
	}
}

// Clear removes all faults. Those that are happening go on.
func (f *Faults) Clear() { f.Set() }

// Armed returns the faults with their counters, in order.
func (f *Faults) Armed() []Armed {
	f.mu.Lock()
	defer f.mu.Unlock()
	out := make([]Armed, len(f.armed))
	for i, a := range f.armed {
		out[i] = a.Armed
	}
	return out
}

// Hits returns how often the present faults have happened altogether.
func (f *Faults) Hits() int {
	n := 0
	for _, a := range f.Armed() {
		n += a.Hits
	}
	return n
}

// Close ends what is stalling, slow or endless, now and from now on.
func (f *Faults) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.over {
		close(f.endLocked())
		f.over = true
	}
}

func (f *Faults) endLocked() chan struct{} {
	if f.ended == nil {
		f.ended = make(chan struct{})
	}
	return f.ended
}

func (f *Faults) end() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.endLocked()
}

// pick returns the fault that happens to a call of a function.
func (f *Faults) pick(function string) (Fault, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var hit *armed
	for _, a := range f.armed {
		if a.Service != "" && f.Service != "" && a.Service != f.Service || a.Function != "" && a.Function != function {
			continue
		}
		a.Seen++
		if a.due() && hit == nil {
			hit = a
		}
	}
	if hit == nil {
		return Fault{}, false
	}
	hit.Hits++
	return hit.Fault, true
}

func (a *armed) due() bool {
	n := a.Seen - a.Skip - 1
	if n < 0 || a.Every > 1 && n%a.Every != 0 || a.Times > 0 && a.Hits >= a.Times {
		return false
	}
	return a.Rate == 0 || a.rand.Float64() < a.Rate
}

// ServeHTTP passes the request on, or lets a fault happen to it.
func (f *Faults) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	function := path.Base(r.URL.Path)
	if f.Function != nil {
		function = f.Function(r)
	}
	x, ok := f.pick(function)
	if !ok {
		f.Next.ServeHTTP(w, r)
		return
	}
	switch x.Kind {
	case ResetBefore:
		reset(w)
	case ResetAfter:
		f.Next.ServeHTTP(&recorder{header: http.Header{}, mute: true}, r)
		reset(w)
	case Stall:
		drain(r)
		f.pause(r, 0)
		panic(http.ErrAbortHandler)
	case Slow:
		f.slow(w, r, x)
	case Cut:
		f.cut(w, r)
	case Expire:
		if f.Expire != nil {
			f.Expire()
		}
		f.Next.ServeHTTP(w, r)
	default:
		if !x.Early {
			drain(r)
		}
		f.instead(w, r, x)
	}
}

// instead answers without asking the service.
func (f *Faults) instead(w http.ResponseWriter, r *http.Request, x Fault) {
	switch x.Kind {
	case Status:
		if x.RetryAfter > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(x.RetryAfter))
		}
		http.Error(w, http.StatusText(x.code()), x.code())
	case HTML:
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(x.code())
		fmt.Fprintf(w, "<!DOCTYPE html>\n<html><head><title>%d</title></head><body><h1>Gateway</h1></body></html>\n", x.code())
	case Empty:
		w.Header().Set("Content-Length", "0")
		w.WriteHeader(http.StatusOK)
	case Redirect:
		w.Header().Set("Location", x.To)
		w.WriteHeader(x.code())
	case Endless:
		f.endless(w, r)
	case Quota, DiskFull:
		if f.Full != nil {
			f.Full(w, r, x.Kind)
			return
		}
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	default:
		panic(fmt.Sprintf("practice: unknown fault %q", x.Kind))
	}
}

// endless answers with the beginning of a JSON string, and with more of it.
func (f *Faults) endless(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	chunk := append([]byte(`{"endless":"`), bytes.Repeat([]byte("x"), 32<<10)...)
	for f.pause(r, time.Millisecond) {
		if _, err := w.Write(chunk); err != nil {
			break
		}
		chunk = chunk[len(chunk)-32<<10:]
	}
	panic(http.ErrAbortHandler)
}

// cut sends the first half of the service's answer under the length of the whole.
func (f *Faults) cut(w http.ResponseWriter, r *http.Request) {
	rec := &recorder{header: w.Header()}
	f.Next.ServeHTTP(rec, r)
	w.Header().Set("Content-Length", strconv.Itoa(rec.body.Len()))
	w.WriteHeader(rec.status())
	_, _ = w.Write(rec.body.Bytes()[:rec.body.Len()/2]) // to be broken anyway
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// pause waits, or reports false if the client has gone or the faults have ended. Zero
// means for ever.
func (f *Faults) pause(r *http.Request, d time.Duration) bool {
	var tick <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		tick = t.C
	}
	select {
	case <-tick:
		return true
	case <-r.Context().Done():
		return false
	case <-f.end():
		return false
	}
}

func drain(r *http.Request) {
	if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body) // fails if the client goes, which is its right
	}
}

// reset closes the connection in the hardest way there is.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler) // what can be done without the connection itself
	}
	if t, ok := conn.(*tls.Conn); ok {
		conn = t.NetConn()
	}
	if t, ok := conn.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = conn.Close()
}

// recorder holds an answer back; mute forgets it.
type recorder struct {
	header http.Header
	code   int
	body   bytes.Buffer
	mute   bool
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(code int) {
	if w.code == 0 {
		w.code = code
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	if w.mute {
		return len(p), nil
	}
	return w.body.Write(p)
}

func (w *recorder) status() int {
	if w.code == 0 {
		return http.StatusOK
	}
	return w.code
}
