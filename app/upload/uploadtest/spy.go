package uploadtest

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/photoferry/photoferry/app/upload"
)

// spy keeps all that uploaders return and all that is logged, and everything
// that must not be found in it.
type spy struct {
	params []string

	mu      sync.Mutex
	said    bytes.Buffer
	secrets map[string]string // text: what it is
}

func newSpy(t *testing.T, params []string) *spy {
	s := &spy{params: params, secrets: map[string]string{}}
	old := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(s, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(old) })
	return s
}

// Write takes log lines.
func (s *spy) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.said.Write(p)
}

func (s *spy) record(vs ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, v := range vs {
		fmt.Fprintf(&s.said, "%+v\n", v)
		if err, ok := v.(error); ok && err != nil {
			fmt.Fprintf(&s.said, "%#v\n", err)
		}
	}
}

// account notes the forms of an account's secret, and prints the account as a
// careless line would.
func (s *spy) account(a upload.Account) {
	s.record(a, fmt.Sprintf("%#v", a))
	slog.Info("Account in use", "account", a)
	for _, plain := range []string{a.Secret, a.User + ":" + a.Secret} {
		if a.Secret == "" {
			continue
		}
		s.secret(plain, "the secret")
	}
	if a.Token != "" {
		s.secret(a.Token, "the token")
	}
	for key, value := range a.Options {
		if slices.Contains(s.params, strings.ReplaceAll(key, "_", "")) {
			s.secret(value, "the option "+key)
		}
	}
}

func (s *spy) secret(plain, what string) {
	b := []byte(plain)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, form := range []string{
		plain, url.QueryEscape(plain), url.PathEscape(plain),
		hex.EncodeToString(b), strings.ToUpper(hex.EncodeToString(b)),
		base64.StdEncoding.EncodeToString(b), base64.RawStdEncoding.EncodeToString(b),
		base64.URLEncoding.EncodeToString(b), base64.RawURLEncoding.EncodeToString(b),
	} {
		s.secrets[form] = what
	}
}

// request notes the secret parameters of a request on its way: sessions,
// encrypted passwords, keys.
func (s *spy) request(req *http.Request) {
	for name, values := range req.URL.Query() {
		if !slices.Contains(s.params, name) {
			continue
		}
		for _, v := range values {
			s.secret(v, "the parameter "+name)
		}
	}
	for _, c := range req.Cookies() {
		s.secret(c.Value, "the cookie "+c.Name)
	}
	if h := req.Header.Get("Authorization"); h != "" {
		s.secret(h, "the Authorization header")
	}
}

// check is the suite's last case.
func (s *spy) check(t *testing.T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.said.Len() == 0 || len(s.secrets) == 0 {
		t.Fatal("nothing was recorded")
	}
	said := s.said.String()
	for secret, what := range s.secrets {
		if len(secret) < 6 {
			t.Errorf("%s is too short to be searched for: give the site a longer one", what)
		} else if i := strings.Index(said, secret); i >= 0 {
			t.Errorf("%s is in a result or log line: %q", what, said[max(0, i-200):min(len(said), i+200)])
		}
	}
}

// wire watches a client's requests.
type wire struct {
	next http.RoundTripper
	spy  *spy

	mu     sync.Mutex
	posts  int // requests with a body
	bodies []int64
}

// RoundTrip implements [http.RoundTripper].
func (w *wire) RoundTrip(req *http.Request) (*http.Response, error) {
	w.spy.request(req)
	if req.Body != nil && req.Body != http.NoBody {
		w.mu.Lock()
		w.posts++
		w.bodies = append(w.bodies, req.ContentLength)
		w.mu.Unlock()
	}
	return w.next.RoundTrip(req)
}

// CloseIdleConnections makes [http.Client.CloseIdleConnections] work.
func (w *wire) CloseIdleConnections() {
	(&http.Client{Transport: w.next}).CloseIdleConnections()
}

// lengths returns the Content-Length of each request with a body.
func (w *wire) lengths() []int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.bodies)
}

// recorded is an uploader whose results the spy sees.
type recorded struct {
	up  upload.Uploader
	spy *spy
}

func (r *recorded) Check(ctx context.Context) (upload.Limits, error) {
	l, err := r.up.Check(ctx)
	r.spy.record(l, err)
	return l, err
}

func (r *recorded) Find(ctx context.Context, it upload.Item) (upload.Receipt, error) {
	got, err := r.up.Find(ctx, it)
	r.spy.record(got, err)
	return got, err
}

func (r *recorded) Upload(ctx context.Context, it upload.Item) (upload.Receipt, error) {
	got, err := r.up.Upload(ctx, it)
	r.spy.record(got, err)
	return got, err
}
