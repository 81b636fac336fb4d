package upload

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

var discardLog = log.New(io.Discard, "", 0)

func newTestClient(t *testing.T, o ClientOptions) *http.Client {
	t.Helper()
	hc := NewClient(o)
	t.Cleanup(hc.CloseIdleConnections)
	return hc
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(h)
	srv.Config.ErrorLog = discardLog
	t.Cleanup(srv.Close)
	return srv
}

// fill is a file of n bytes.
func fill(n int64) func() (io.ReadCloser, error) {
	return func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(endless{}, n)), nil
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func formOf(n int64) Form {
	return Form{
		Fields: []Field{{"metadata", `{"a":"b"}`}},
		File:   FormFile{Name: "photos", FileName: "a.jpg", ContentType: "image/jpeg", Size: n, Open: fill(n)},
	}
}

// post sends a form and returns what the server answered.
func post(ctx context.Context, hc *http.Client, url string, f Form) (*Sending, string, error) {
	s, err := f.Post(ctx, url)
	if err != nil {
		return nil, "", err
	}
	defer s.Stop()
	resp, err := hc.Do(s.Request)
	if err != nil {
		return s, "", s.Failed("upload", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return s, "", s.Failed("upload", err)
	}
	return s, string(body), nil
}

func TestWatchdogEndsWhatDoesNotMove(t *testing.T) {
	for _, tt := range []struct {
		name   string
		serve  func(w http.ResponseWriter, r *http.Request) // and then nothing
		reason string
	}{
		{"a server that does not read", func(http.ResponseWriter, *http.Request) {}, "nothing moved"},
		{"a server that does not answer", func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
		}, "no answer"},
		{"a server that stops in the middle of its answer", func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(w, "{")
			_ = http.NewResponseController(w).Flush()
		}, "nothing moved"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			over := make(chan struct{})
			srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
				tt.serve(w, r)
				<-over
			})
			t.Cleanup(func() { close(over) }) // before the server closes
			hc := newTestClient(t, ClientOptions{Watchdog: 300 * time.Millisecond, ResponseTimeout: 300 * time.Millisecond})
			_, _, err := post(t.Context(), hc, srv.URL, formOf(50<<20))
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Kind != Transient || e.Offline || !strings.Contains(e.Reason, tt.reason) {
				t.Errorf("%v, want %q", err, tt.reason)
			}
		})
	}
}

func TestWatchdogLetsSlowThingsPass(t *testing.T) {
	const pieces = 8
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		_, _ = io.Copy(io.Discard, r.Body)
		for range pieces {
			<-tick.C
			_, _ = io.WriteString(w, "x")
			_ = http.NewResponseController(w).Flush()
		}
	})
	hc := newTestClient(t, ClientOptions{
		Watchdog: 500 * time.Millisecond, ResponseTimeout: 500 * time.Millisecond,
		Limiter: NewLimiter(20_000), // holds 16 KB for 800 ms
	})
	_, body, err := post(t.Context(), hc, srv.URL, formOf(16_000))
	if err != nil || len(body) != pieces {
		t.Errorf("%q, %v", body, err)
	}
}

func TestRequestsWaitTheirTurnWithoutAWatchdog(t *testing.T) {
	release := make(chan struct{})
	var open, most atomic.Int32
	srv := serve(t, func(w http.ResponseWriter, r *http.Request) {
		most.Store(max(most.Load(), open.Add(1)))
		defer open.Add(-1)
		_, _ = io.Copy(io.Discard, r.Body)
		_ = http.NewResponseController(w).Flush() // an answer has begun
		<-release
	})
	hc := newTestClient(t, ClientOptions{Connections: 1, Watchdog: time.Hour, ResponseTimeout: time.Hour})
	quick := newTestClient(t, ClientOptions{})
	quick.Transport = hc.Transport // the same connections
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, _, err := post(t.Context(), hc, srv.URL, formOf(1000)); err != nil {
				t.Error(err)
			}
		})
	}
	for range 3 {
		release <- struct{}{}
	}
	wg.Wait()
	if most.Load() != 1 {
		t.Errorf("%d connections at once, want 1", most.Load())
	}
}

func TestAnswersAreBounded(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for {
			if _, err := w.Write(make([]byte, 32<<10)); err != nil {
				return
			}
		}
	})
	hc := newTestClient(t, ClientOptions{MaxBody: 1 << 20})
	resp, err := hc.Get(srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, err = ReadJSON(t.Context(), "ask", resp, new(any))
	if e := Classify("ask", err); !strings.Contains(e.Reason, "no end") {
		t.Errorf("%v", err)
	}
	// A stream is exempt.
	req, err := http.NewRequestWithContext(WithStream(t.Context()), http.MethodGet, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	if resp, err = hc.Do(req); err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if n, err := io.CopyN(io.Discard, resp.Body, 3<<20); err != nil {
		t.Errorf("%d bytes of a stream: %v", n, err)
	}
}

func TestHeadersAreBounded(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
	})
	if resp, err := newTestClient(t, ClientOptions{}).Get(srv.URL); err == nil {
		resp.Body.Close()
		t.Error("a header of a megabyte was read")
	}
}

func TestRedirects(t *testing.T) {
	var seen atomic.Pointer[http.Request]
	secure := serveTLS(t, certificateFor(t))
	secure.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen.Store(r)
		n, _ := io.Copy(io.Discard, r.Body)
		if n != r.ContentLength && r.Method == http.MethodPost {
			t.Errorf("%d bytes of %d", n, r.ContentLength)
		}
	})
	stranger := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a stranger was called") })
	var to string
	var code int
	plain := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		if r.URL.Path == "/end" {
			seen.Store(r)
			return
		}
		http.Redirect(w, r, to, code)
	})
	for _, tt := range []struct {
		name string
		to   string
		code int
		post bool
		want string // reason; "" for success
	}{
		{"to the same server", "/end", 302, false, ""},
		{"to https on the same host", secure.URL, 301, false, ""},
		{"to another port", stranger.URL, 302, false, "redirect to"},
		{"to another host", "http://127.0.0.9:9/", 302, false, "redirect to http://127.0.0.9:9"},
		{"to a file", "file:///etc/passwd", 302, false, "redirect to"},
		{"in a circle", "/again", 302, false, "more than 5"},
		{"of an upload, with its body", "/end", 307, true, ""},
		{"of an upload, with its body, for good", "/end", 308, true, ""},
		{"of an upload to https, with its body", secure.URL, 308, true, ""},
		{"of an upload, without its body", secure.URL, 301, true, "redirect of an upload to https://127.0.0.1"},
		{"of an upload to another host", "http://127.0.0.9:9/", 307, true, "redirect to http://127.0.0.9:9"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			to, code = tt.to, tt.code
			seen.Store(nil)
			hc := newTestClient(t, ClientOptions{Account: Account{URL: plain.URL, Fingerprint: Fingerprint(secure.Certificate())}})
			var err error
			if tt.post {
				_, _, err = post(t.Context(), hc, plain.URL+"/?secret=geheim", formOf(100_000))
			} else {
				var resp *http.Response
				if resp, err = hc.Get(plain.URL + "/?secret=geheim"); err == nil {
					resp.Body.Close()
				}
			}
			if tt.want == "" {
				if err != nil {
					t.Fatal(err)
				}
				r := seen.Load()
				if r == nil || (r.Method == http.MethodPost) != tt.post {
					t.Fatalf("the target saw %v", r)
				}
				if ref := r.Header.Get("Referer"); ref != "" {
					t.Errorf("the parameters went along in %q", ref)
				}
				return
			}
			e := Classify("upload", err)
			if e.Kind != Denied || e.Hint == "" || !strings.Contains(e.Reason, tt.want) {
				t.Errorf("%+v, want %q", e, tt.want)
			}
			if strings.Contains(e.Error(), "geheim") {
				t.Errorf("the parameters are in %v", e)
			}
		})
	}
}

func TestRedirectFromHTTPSToHTTPIsNotFollowed(t *testing.T) {
	plain := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("the plain server was called") })
	secure := serveTLS(t, certificateFor(t))
	secure.Config.Handler = http.RedirectHandler(plain.URL, http.StatusFound)
	hc := newTestClient(t, ClientOptions{Account: Account{URL: secure.URL, Fingerprint: Fingerprint(secure.Certificate())}})
	_, err := hc.Get(secure.URL)
	if e := Classify("ask", err); e.Kind != Denied {
		t.Errorf("%v", err)
	}
}

func TestLimiter(t *testing.T) {
	srv := serve(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	l := NewLimiter(400_000)
	if l.Rate() != 400_000 {
		t.Errorf("rate %v", l.Rate())
	}
	start := time.Now()
	var wg sync.WaitGroup
	for range 2 { // two accounts share it
		hc := newTestClient(t, ClientOptions{Limiter: l})
		wg.Go(func() {
			if _, _, err := post(t.Context(), hc, srv.URL, formOf(100_000)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	// 200 KB at 400 KB/s, of which a burst of 40 KB is free.
	if took := time.Since(start); took < 380*time.Millisecond {
		t.Errorf("200 KB at 400 KB/s took only %v", took)
	}
}

func TestLimiterCanBeLiftedDuringAnUpload(t *testing.T) {
	srv := serve(t, func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) })
	l := NewLimiter(2000) // the upload would take minutes
	hc := newTestClient(t, ClientOptions{Limiter: l})
	begun := make(chan struct{})
	var once sync.Once
	ctx := WithProgress(t.Context(), func(sent int64) {
		if sent > 0 {
			once.Do(func() { close(begun) })
		}
	})
	done := make(chan error, 1)
	go func() {
		_, _, err := post(ctx, hc, srv.URL, formOf(400_000))
		done <- err
	}()
	select {
	case <-begun:
	case err := <-done:
		t.Fatalf("ended early: %v", err)
	}
	l.Set(0)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if l.Rate() != 0 {
		t.Errorf("rate %v", l.Rate())
	}
}

func TestProgressStaysNearTheWire(t *testing.T) {
	read := make(chan struct{})
	srv := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		<-read
		_, _ = io.Copy(io.Discard, r.Body)
	})
	var sent atomic.Int64
	ctx := WithProgress(t.Context(), sent.Store)
	const size = 64 << 20 // more than any socket buffer here
	done := make(chan error, 1)
	go func() {
		_, _, err := post(ctx, newTestClient(t, ClientOptions{}), srv.URL, formOf(size))
		done <- err
	}()
	// While the server reads nothing, progress comes to rest far from the end.
	for last, same := int64(-1), 0; same < 20; {
		tick := time.NewTimer(10 * time.Millisecond)
		<-tick.C
		if now := sent.Load(); now == last {
			same++
		} else {
			last, same = now, 0
		}
	}
	if n := sent.Load(); n > size/2 {
		t.Errorf("%d of %d bytes counted as sent, and the server has read none", n, size)
	}
	close(read)
	if err := <-done; err != nil || sent.Load() != size {
		t.Errorf("%d bytes, %v", sent.Load(), err)
	}
}

func TestServerThatAnswersEarly(t *testing.T) {
	srv := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "too big", http.StatusRequestEntityTooLarge)
	})
	var commits atomic.Int32
	f := formOf(30 << 20)
	f.Commit = func() error { commits.Add(1); return nil }
	s, _, err := post(t.Context(), newTestClient(t, ClientOptions{}), srv.URL, f)
	if err != nil && KindOf(err) != Transient {
		t.Error(err)
	}
	if s.Complete() || commits.Load() != 0 {
		t.Error("a photo that was refused halfway counts as sent")
	}
}

func TestConnectionIsUsedAgain(t *testing.T) {
	var conns atomic.Int32
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = w.Write(bytes.Repeat([]byte("x"), 100))
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			conns.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	hc := newTestClient(t, ClientOptions{})
	for range 5 {
		if _, _, err := post(t.Context(), hc, srv.URL, formOf(100_000)); err != nil {
			t.Fatal(err)
		}
	}
	if conns.Load() != 1 {
		t.Errorf("%d connections for five uploads one after the other", conns.Load())
	}
}
