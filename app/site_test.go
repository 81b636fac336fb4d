package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/photo/phototest"
	"github.com/photoferry/photoferry/app/practice/picapport"
)

// testPace runs the engine's days in a test's seconds.
var testPace = pace{
	retry: 5 * time.Millisecond, retryMax: 50 * time.Millisecond,
	offline: 5 * time.Millisecond, offlineMax: 50 * time.Millisecond,
	busy: 20 * time.Millisecond, full: 20 * time.Millisecond,
	unreachable: 300 * time.Millisecond,
	finish:      50 * time.Millisecond,
	growing:     50 * time.Millisecond,
	check:       time.Hour,
	idleLook:    20 * time.Millisecond,
	attempts:    5,
}

const (
	testUser   = "anna"
	testSecret = "correct-horse-ß-battery"
)

// site is a practice PicApport that can be stopped and started again at the
// same address, keeping its state.
type site struct {
	t    testing.TB
	opts picapport.Options
	addr string
	emu  *picapport.Server
	http *http.Server
	slow time.Duration // before and after every request
}

func newSite(t testing.TB, change ...func(*picapport.Options)) *site {
	t.Helper()
	s := &site{t: t, addr: "127.0.0.1:0", opts: picapport.Options{
		Dir:    t.TempDir(),
		NoSync: true,
		Users: []picapport.User{
			{UID: testUser, Name: "Anna", Password: testSecret, Permissions: []picapport.Permission{picapport.AccessUploads, picapport.AccessDownloads, picapport.AccessMetadata}},
			{UID: "guest", Name: "Guest", Password: "guest"},
		},
	}}
	for _, c := range change {
		c(&s.opts)
	}
	s.start()
	t.Cleanup(s.stop)
	return s
}

func (s *site) start() {
	s.t.Helper()
	emu, err := picapport.New(s.opts)
	if err != nil {
		s.t.Fatal(err)
	}
	var l net.Listener
	waitFor(s.t, "the practice server's address to be free", func() bool {
		l, err = net.Listen("tcp", s.addr)
		return err == nil
	})
	s.addr, s.emu = l.Addr().String(), emu
	slow := s.slow
	s.http = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-time.After(slow)
		emu.ServeHTTP(w, r)
		<-time.After(slow)
	})}
	go func(srv *http.Server) {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.t.Error(err)
		}
	}(s.http)
}

// stop cuts every connection, as a server that dies does.
func (s *site) stop() {
	if s.http == nil {
		return
	}
	_ = s.http.Close()
	if err := s.emu.Close(); err != nil {
		s.t.Error(err)
	}
	s.http = nil
}

func (s *site) url() string { return "http://" + s.addr }

// digests returns the digests of what the server holds, and fails the test
// when one of them is there twice.
func (s *site) digests() map[string]bool {
	s.t.Helper()
	m := make(map[string]bool)
	for _, r := range s.emu.Received() {
		d := r.SHA256
		if m[d] {
			s.t.Errorf("%s is on the server twice", r.Name)
		}
		m[d] = true
	}
	return m
}

// home is an installation with one account, not yet opened.
type home struct {
	t      testing.TB
	dir    string
	folder string
}

func newHome(t testing.TB) *home {
	t.Helper()
	t.Setenv("PHOTOFERRY_PASSPHRASE", "test passphrase")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", "")
	h := &home{t: t, dir: t.TempDir()}
	h.folder = h.mkdir("import")
	return h
}

func (h *home) mkdir(name string) string {
	h.t.Helper()
	dir, err := filepath.EvalSymlinks(h.t.TempDir())
	if err != nil {
		h.t.Fatal(err)
	}
	dir = filepath.Join(dir, name)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		h.t.Fatal(err)
	}
	return dir
}

// open opens the installation as an engine.
func (h *home) open() *App {
	h.t.Helper()
	a, err := Open(h.t.Context(), h.options())
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

func (h *home) options() Options {
	p := testPace
	return Options{Home: h.dir, Engine: true, Log: slog.New(slog.DiscardHandler), SecretsWork: 10, pace: &p}
}

// with opens the installation, hands it to f, and closes it.
func (h *home) with(f func(a *App)) {
	h.t.Helper()
	a := h.open()
	defer func() {
		if err := a.Close(); err != nil {
			h.t.Error(err)
		}
	}()
	f(a)
}

// account adds the account "home" on the site.
func (h *home) account(a *App, s *site) {
	h.t.Helper()
	r, err := a.AddAccount(h.t.Context(), control.AccountSpec{Service: "picapport", Name: "home", URL: s.url(), User: testUser, Secret: testSecret})
	if err != nil || !r.OK {
		h.t.Fatalf("account not added: %+v, %v", r, err)
	}
}

func (h *home) watch(a *App, spec control.FolderSpec) {
	h.t.Helper()
	if spec.Path == "" {
		spec.Path = h.folder
	}
	if spec.Accounts == nil {
		spec.Accounts = []string{"home"}
	}
	if _, err := a.AddFolder(h.t.Context(), spec); err != nil {
		h.t.Fatal(err)
	}
}

// running runs the engine until the test, or the returned function, ends it.
func (h *home) running(a *App) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			h.t.Errorf("engine ended with %v", err)
		}
	}
	h.t.Cleanup(stop)
	return stop
}

// deliverAll runs the engine until nothing is left.
func (h *home) deliverAll(a *App) Result {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	r, err := a.RunUntilIdle(ctx)
	if err != nil {
		h.t.Fatal(err)
	}
	if ctx.Err() != nil {
		h.t.Fatalf("not idle after a minute: %+v", a.Status())
	}
	return r
}

// jpeg returns the bytes of a small photo that differs from every other seed's.
func jpeg(seed int) []byte {
	return phototest.JPEG(phototest.Options{
		Seed: uint64(seed), Width: 64, Height: 48,
		Taken: time.Date(2026, 5, 1, 12, 0, seed%60, 0, time.UTC), Model: "PF-1",
	})
}

// shoot writes a photo and returns its digest.
func shoot(t testing.TB, path string, seed int) string {
	t.Helper()
	b := jpeg(seed)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return digestOf(b)
}

func digestOf(b []byte) string {
	d := sha256.Sum256(b)
	return hex.EncodeToString(d[:])
}

// waitFor polls a condition, which is always cheaper than guessing a time.
func waitFor(t testing.TB, what string, cond func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(30 * time.Second)
	for {
		if cond() {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("waited too long for %s", what)
		}
	}
}
