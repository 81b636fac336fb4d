//go:build linux

package storm

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// fault is what the proxy does to a request.
type fault string

const (
	faultNone        fault = ""
	faultStallBody   fault = "stall-body"   // takes half of the request and no more
	faultStallAnswer fault = "stall-answer" // the service does its work; its answer stays here
	faultLost        fault = "lost"         // the service does its work; the connection is reset
	faultBefore      fault = "before"       // the connection is reset before the service sees anything
	faultCut         fault = "cut"          // half of the answer, under the length of the whole
	faultTrickle     fault = "trickle"      // the answer comes at one byte a second
	fault500         fault = "500"          // an error without asking the service
	fault502Late     fault = "502-late"     // the service does its work; a gateway says that it did not
	fault429         fault = "429"          // patience is asked for
	faultHTML        fault = "html"         // a page that somebody else puts in the answer's place
	faultTypes       fault = "types"        // the answer, with every value of another type
	faultEndless     fault = "endless"      // an answer without an end
	faultRedirect    fault = "redirect"     // to another host
)

// proxy stands before a service. All of its methods may be called at any time.
type proxy struct {
	address string // where clients come; the same for its whole life
	backend string // host and port of the service
	decoy   string // where faultRedirect leads

	transport http.Transport

	mu     sync.Mutex
	fault  fault
	rate   float64 // of the requests that the fault happens to
	rnd    *rand.Rand
	lifted chan struct{} // closed when the fault ends
	server *http.Server  // nil while connections are refused
	hits   int
}

func newProxy(backend, decoy string, seed uint64) (*proxy, error) {
	p := &proxy{
		address: "127.0.0.1:0", backend: backend, decoy: decoy,
		rnd: rand.New(rand.NewPCG(seed, 2)), lifted: make(chan struct{}),
		transport: http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 16},
	}
	return p, p.listen()
}

// listen lets clients connect.
func (p *proxy) listen() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server != nil {
		return nil
	}
	var l net.Listener
	err := eventually(func() (err error) {
		l, err = (&net.ListenConfig{}).Listen(context.Background(), "tcp", p.address)
		return err
	})
	if err != nil {
		return fmt.Errorf("listen for %s: %w", p.backend, err)
	}
	p.address = l.Addr().String()
	p.server = &http.Server{Handler: p, ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0)}
	go p.server.Serve(l)
	return nil
}

// refuse cuts all connections and takes no new ones.
func (p *proxy) refuse() {
	p.mu.Lock()
	s := p.server
	p.server = nil
	p.mu.Unlock()
	if s != nil {
		_ = s.Close()
	}
	p.transport.CloseIdleConnections()
}

// set makes a fault happen to a share of the requests until the next call.
func (p *proxy) set(f fault, rate float64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	close(p.lifted)
	p.lifted = make(chan struct{})
	p.fault, p.rate = f, rate
}

// pick says what happens to the next request, and until when.
func (p *proxy) pick() (fault, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fault == faultNone || p.rnd.Float64() >= p.rate {
		return faultNone, nil
	}
	p.hits++
	return p.fault, p.lifted
}

// count returns how many requests met a fault.
func (p *proxy) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.hits
}

// ServeHTTP implements [http.Handler].
func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, lifted := p.pick()
	switch f {
	case faultBefore:
		reset(w)
	case faultStallBody:
		_, _ = io.CopyN(io.Discard, r.Body, max(r.ContentLength/2, 0))
		hang(r, lifted)
	case fault500, fault429, faultHTML, faultEndless, faultRedirect:
		_, _ = io.Copy(io.Discard, r.Body)
		p.instead(w, r, f, lifted)
	default:
		p.forward(w, r, f, lifted)
	}
}

// instead answers in the service's place.
func (p *proxy) instead(w http.ResponseWriter, r *http.Request, f fault, lifted <-chan struct{}) {
	switch f {
	case fault500:
		http.Error(w, "Internal Server Error", http.StatusInternalServerError)
	case fault429:
		w.Header().Set("Retry-After", "2")
		http.Error(w, "Too Many Requests", http.StatusTooManyRequests)
	case faultHTML:
		w.Header().Set("Content-Type", "text/html")
		_, _ = io.WriteString(w, "<!DOCTYPE html><html><body><h1>Welcome to the hotel</h1>Please accept our terms.</body></html>")
	case faultRedirect:
		http.Redirect(w, r, "http://"+p.decoy+r.URL.RequestURI(), http.StatusTemporaryRedirect)
	case faultEndless:
		w.Header().Set("Content-Type", "application/json")
		chunk := []byte(`{"endless":"` + string(bytes.Repeat([]byte("x"), 64<<10)))
		for {
			if _, err := w.Write(chunk); err != nil {
				return
			}
			chunk = chunk[len(chunk)-64<<10:]
			select {
			case <-lifted:
				panic(http.ErrAbortHandler)
			default:
			}
		}
	}
}

// forward asks the service and does to its answer what the fault wants.
func (p *proxy) forward(w http.ResponseWriter, r *http.Request, f fault, lifted <-chan struct{}) {
	out := r.Clone(r.Context())
	out.URL.Scheme, out.URL.Host, out.RequestURI = "http", p.backend, ""
	if r.ContentLength == 0 {
		out.Body = http.NoBody
	}
	resp, err := p.transport.RoundTrip(out)
	if err != nil {
		reset(w) // the service has died
		return
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		reset(w)
		return
	}
	for k, v := range resp.Header {
		w.Header()[k] = v
	}
	switch f {
	case faultLost:
		reset(w)
		return
	case faultStallAnswer:
		hang(r, lifted)
	case fault502Late:
		clear(w.Header())
		http.Error(w, "Bad Gateway", http.StatusBadGateway)
		return
	case faultTypes:
		body = otherTypes(body)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(resp.StatusCode)
	switch f {
	case faultCut:
		_, _ = w.Write(body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	case faultTrickle:
		trickle(w, r, body, lifted)
	default:
		_, _ = w.Write(body)
	}
}

// trickle writes one byte a second until the fault is lifted, and then the rest.
func trickle(w http.ResponseWriter, r *http.Request, body []byte, lifted <-chan struct{}) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for len(body) > 0 {
		if _, err := w.Write(body[:1]); err != nil {
			return
		}
		_ = http.NewResponseController(w).Flush()
		body = body[1:]
		select {
		case <-tick.C:
		case <-lifted:
			_, _ = w.Write(body)
			return
		case <-r.Context().Done():
			return
		}
	}
}

// hang waits until the fault is lifted or the client has gone, and cuts the
// connection.
func hang(r *http.Request, lifted <-chan struct{}) {
	select {
	case <-lifted:
	case <-r.Context().Done():
	}
	panic(http.ErrAbortHandler)
}

// reset closes the connection the hard way.
func reset(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if t, ok := conn.(*net.TCPConn); ok {
		_ = t.SetLinger(0)
	}
	_ = conn.Close()
}

// otherTypes makes lists of texts, texts of numbers, and so on, through all of
// an answer. What is no JSON becomes some.
func otherTypes(body []byte) []byte {
	var v any
	if json.Unmarshal(body, &v) != nil {
		return []byte(`[{"unexpected":true}]`)
	}
	out, err := json.Marshal(another(v, 0))
	if err != nil {
		return []byte(`[]`)
	}
	return out
}

func another(v any, depth int) any {
	switch v := v.(type) {
	case map[string]any:
		if depth > 0 && len(v)%2 == 1 {
			return []any{"not", "an", "object"}
		}
		out := map[string]any{}
		for k, x := range v {
			out[k] = another(x, depth+1)
		}
		return out
	case []any:
		return map[string]any{"0": "a list no more"}
	case string:
		return []any{v}
	case float64:
		return fmt.Sprintf("about %v", v)
	case bool:
		return map[string]any{"maybe": v}
	}
	return -1
}

// decoy is another host: whatever arrives there was sent where it does not
// belong.
type decoy struct {
	mu       sync.Mutex
	arrived  []string
	server   *http.Server
	listener net.Listener
}

func newDecoy() (*decoy, error) {
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := &decoy{listener: l}
	d.server = &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.arrived = append(d.arrived, r.Method+" "+r.URL.Path)
	})}
	go d.server.Serve(l)
	return d, nil
}

func (d *decoy) requests() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.arrived
}

func (d *decoy) close() { _ = d.server.Close() }
