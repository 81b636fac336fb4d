package upload

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"time"
)

// ClientOptions describe the HTTP client of one account. The zero value is a
// working client for sites with publicly trusted certificates.
type ClientOptions struct {
	Account     Account  // address and trusted fingerprint; nothing else of it is used
	Connections int      // connections at once; 0 is 3
	Limiter     *Limiter // bandwidth for request bodies, shared between accounts; nil is unlimited

	// Watchdog is how long nothing may move, in either direction, before a
	// request is given up; 0 is 30 seconds. There is no limit on a request's
	// whole duration: a big photo on a slow line is not an error.
	Watchdog time.Duration
	// ResponseTimeout is how long the server may think between the last byte
	// of the request and the first of the answer; 0 is 120 seconds.
	ResponseTimeout time.Duration
	// MaxBody is the longest answer in bytes; 0 is 8 MiB. Requests made with
	// [WithStream] are exempt.
	MaxBody int64

	UserAgent string         // "" is "PhotoFerry"
	Roots     *x509.CertPool // nil is the system's
}

// Time limits for reaching a server. They bound what the watchdog does not
// see: there is no request yet whose bytes could move.
const (
	dialTimeout      = 15 * time.Second
	handshakeTimeout = 15 * time.Second
	idleTimeout      = 20 * time.Second // below the 30 s of common servers, so that they rarely hang up first
	maxHeader        = 64 << 10
	maxRedirects     = 5
)

// NewClient returns the HTTP client for one account: no-progress watchdog,
// bandwidth limit, bounded answers, certificates trusted by root or
// fingerprint, redirects only to where the account's credentials may go.
//
// Its errors are meant for [Failed] or [Classify]; as they come from
// [http.Client] they contain the request's address with its parameters, and
// so must not be printed.
//
// It speaks HTTP/1.1 only: uploads run on connections of their own, and Go's
// HTTP/2 flow control is slower for bodies on lines with a long round trip.
func NewClient(o ClientOptions) *http.Client {
	setDefault(&o.Connections, 3)
	setDefault(&o.Watchdog, 30*time.Second)
	setDefault(&o.ResponseTimeout, 120*time.Second)
	setDefault(&o.MaxBody, 8<<20)
	setDefault(&o.UserAgent, "PhotoFerry")

	dialer := &net.Dialer{Timeout: dialTimeout, Control: limitUnsent}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Client{
		CheckRedirect: checkRedirect,
		Transport: &guard{
			options: o,
			next: &http.Transport{
				Proxy:                  http.ProxyFromEnvironment,
				DialContext:            dialer.DialContext,
				TLSClientConfig:        trust(o.Account, o.Roots),
				TLSHandshakeTimeout:    handshakeTimeout,
				MaxConnsPerHost:        o.Connections,
				MaxIdleConnsPerHost:    o.Connections,
				IdleConnTimeout:        idleTimeout,
				MaxResponseHeaderBytes: maxHeader,
				Protocols:              protocols,
			},
		},
	}
}

func setDefault[T comparable](v *T, def T) {
	var zero T
	if *v == zero {
		*v = def
	}
}

// guard watches over every request of a client: it counts, limits and bounds
// what passes, and ends what no longer moves.
type guard struct {
	next    *http.Transport
	options ClientOptions
}

func (g *guard) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	dog := newWatchdog(ctx, cancel, g.options.Watchdog, g.options.ResponseTimeout)
	// Before GotConn a request only waits for its turn; it cannot stall.
	out := req.Clone(httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn:      func(httptrace.GotConnInfo) { dog.sending() },
		WroteRequest: func(httptrace.WroteRequestInfo) { dog.waiting() },
	}))
	if out.Header.Get("User-Agent") == "" {
		out.Header.Set("User-Agent", g.options.UserAgent)
	}
	if req.Body != nil && req.Body != http.NoBody {
		out.Body = &requestBody{ReadCloser: req.Body, ctx: ctx, dog: dog, limiter: g.options.Limiter}
		if get := req.GetBody; get != nil {
			out.GetBody = replay(get, ctx, dog, g.options.Limiter)
		}
	}
	resp, err := g.exchange(out)
	if err != nil {
		err = dog.explain(err)
		dog.finish()
		return nil, err
	}
	dog.receiving()
	body := &responseBody{ReadCloser: resp.Body, dog: dog, left: g.options.MaxBody}
	if isStream(req.Context()) {
		body.left = -1
	}
	resp.Body = body
	return resp, nil
}

// letGo is how long a request that was given up may take to end by itself.
const letGo = 300 * time.Millisecond

// exchange is the transport's RoundTrip, except that it ends when the request's
// context does. The transport would wait for a read of the body to return,
// which on a network drive that has gone may be never; here such a read is
// left behind, and the body is closed when it returns.
func (g *guard) exchange(req *http.Request) (*http.Response, error) {
	if req.Body == nil || req.Body == http.NoBody {
		return g.next.RoundTrip(req)
	}
	type result struct {
		resp *http.Response
		err  error
	}
	done := make(chan result, 1)
	go func() {
		resp, err := g.next.RoundTrip(req)
		done <- result{resp, err}
	}()
	select {
	case r := <-done:
		return r.resp, r.err
	case <-req.Context().Done():
	}
	timer := time.NewTimer(letGo)
	defer timer.Stop()
	select {
	case r := <-done:
		return r.resp, r.err
	case <-timer.C:
		go func() {
			if r := <-done; r.resp != nil {
				_ = r.resp.Body.Close() // nobody is left who wants it
			}
		}()
		return nil, context.Cause(req.Context())
	}
}

// CloseIdleConnections makes [http.Client.CloseIdleConnections] work.
func (g *guard) CloseIdleConnections() { g.next.CloseIdleConnections() }

type streamKey struct{}

// WithStream marks requests whose answers are streams of any length, such as
// pictures, and are exempt from [ClientOptions.MaxBody]. The watchdog still
// sees to it that they move while they are read.
func WithStream(ctx context.Context) context.Context {
	return context.WithValue(ctx, streamKey{}, true)
}

func isStream(ctx context.Context) bool {
	on, _ := ctx.Value(streamKey{}).(bool)
	return on
}

// redirectError says why a redirect was not followed. It names only scheme and
// host of the target, whose path and query may repeat our parameters.
type redirectError struct {
	to   string
	loop bool
	lost bool // following would lose the body
}

func (e *redirectError) Error() string {
	switch {
	case e.loop:
		return fmt.Sprintf("more than %d redirects", maxRedirects)
	case e.lost:
		return "redirect of an upload to " + e.to
	default:
		return "redirect to " + e.to
	}
}

// checkRedirect follows only to the same host, never from https to http, and
// only where the method (and so the body, by GetBody) is kept.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first, last := via[0].URL, via[len(via)-1]
	to := req.URL.Scheme + "://" + req.URL.Host
	switch {
	case len(via) > maxRedirects:
		return &redirectError{to: to, loop: true}
	case !sameSite(first, req.URL) || !sameSite(last.URL, req.URL):
		return &redirectError{to: to}
	case req.Method != last.Method:
		return &redirectError{to: to, lost: true}
	}
	// Go puts the last address with all its parameters there.
	req.Header.Del("Referer")
	return nil
}

// sameSite reports whether credentials for a may go to b: the same scheme,
// host and port, or the https side of the same host.
func sameSite(a, b *url.URL) bool {
	if !strings.EqualFold(a.Hostname(), b.Hostname()) {
		return false
	}
	if a.Scheme == "http" && b.Scheme == "https" {
		return true
	}
	return a.Scheme == b.Scheme && port(a) == port(b)
}

func port(u *url.URL) string {
	if p := u.Port(); p != "" {
		return p
	}
	if u.Scheme == "https" {
		return "443"
	}
	return "80"
}

var _ http.RoundTripper = (*guard)(nil)

// trust returns a TLS configuration that accepts publicly trusted certificates
// and the one whose fingerprint the user has confirmed. Go's own verification
// is replaced, not left out: it has no place for a confirmed fingerprint.
func trust(a Account, roots *x509.CertPool) *tls.Config {
	v := verifier{pinned: normalFingerprint(a.Fingerprint), roots: roots}
	if u, err := url.Parse(a.URL); err == nil {
		v.host = u.Hostname()
	}
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection does it, see above
		VerifyConnection:   v.verify,
	}
}
