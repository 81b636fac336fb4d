package practice

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/photoferry/photoferry/app/practice/ipernity"
	"github.com/photoferry/photoferry/app/practice/picapport"
	"github.com/photoferry/photoferry/app/practice/piwigo"
	"github.com/photoferry/photoferry/app/practice/universal"
)

// Options say what to serve and where. Only Dir is needed.
type Options struct {
	// Dir holds all state. It is created if it is missing.
	Dir string
	// Listen is a host and port of the loopback interface. Empty means
	// "127.0.0.1:0". Port 0 gives each service a free port; with another one the
	// services take it and those after it, in the order of Services.
	Listen string
	// Services are the names of the services to run. Empty means all there are.
	Services []string
	// Faults are in force from the first request on.
	Faults []string
	// TLS serves https with a self-signed certificate, the same over restarts.
	TLS bool
	// DropReceived does without the second copy of each photo, the bytes as they came:
	// for benchmarks.
	DropReceived bool
	// Log may be nil.
	Log *slog.Logger

	// These set up the emulators. Dir and Log are replaced, and so are KeepReceived and
	// NoMD5 of PicApport's (nobody there needs it, and it halves the speed); the account
	// of practice mode joins Users.
	PicApport picapport.Options
	Piwigo    piwigo.Options
	Ipernity  ipernity.Options
	Universal universal.Options
}

// Account is how to sign in to a service.
type Account struct {
	URL string `json:"url"`
	// User and Password are the person's. Where accounts are signed in to in the
	// browser, they are for the service's page there.
	User     string `json:"user"`
	Password string `json:"password"`
	// Secret and Options are the application's, with services that have such.
	Secret  string            `json:"secret,omitempty"`
	Options map[string]string `json:"options,omitempty"`
	// Fingerprint is the SHA-256 of the certificate in hexadecimal, with TLS.
	Fingerprint string `json:"fingerprint,omitempty"`
}

// Server is a running practice mode.
type Server struct {
	accounts  map[string]Account
	running   map[string]*running
	order     []string
	cert      *certificate
	lock      *flock.Flock
	serving   sync.WaitGroup
	closeOnce sync.Once
	closeErr  error
}

// running is one service at work.
type running struct {
	faults   *Faults
	listener net.Listener
	http     *http.Server
	emulator emulator
}

// Start opens o.Dir and begins to serve. It fails if another process has that
// directory, if a port is taken, or if an option is wrong.
func Start(o Options) (_ *Server, err error) {
	if o.Dir == "" {
		return nil, errors.New("practice: no directory given")
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if len(o.Services) == 0 {
		o.Services = Services()
	}
	host, port, err := splitLoopback(o.Listen)
	if err != nil {
		return nil, err
	}
	faults, err := parseFaults(o)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("making the practice directory: %w", err)
	}
	s := &Server{running: map[string]*running{}, lock: flock.New(filepath.Join(o.Dir, "lock"))}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.release())
		}
	}()
	if got, err := s.lock.TryLock(); err != nil {
		return nil, fmt.Errorf("locking the practice directory: %w", err)
	} else if !got {
		return nil, fmt.Errorf("practice directory %s is in use by another process", o.Dir)
	}
	if s.accounts, err = loadAccounts(filepath.Join(o.Dir, "accounts.json"), o.Services); err != nil {
		return nil, err
	}
	if o.TLS {
		if s.cert, err = loadCertificate(filepath.Join(o.Dir, "tls.pem")); err != nil {
			return nil, err
		}
	}
	for i, name := range o.Services {
		at := port
		if at != 0 {
			at += i
		}
		if err := s.open(o, name, net.JoinHostPort(host, strconv.Itoa(at)), faults); err != nil {
			return nil, fmt.Errorf("starting %s: %w", name, err)
		}
	}
	for _, name := range s.order {
		r := s.running[name]
		s.serving.Go(func() {
			if err := r.http.Serve(r.listener); !errors.Is(err, http.ErrServerClosed) {
				o.Log.Error("Practice service ended", "service", name, "err", err)
			}
		})
	}
	return s, nil
}

// open makes one service ready to be served.
func (s *Server) open(o Options, name, address string, faults []Fault) error {
	svc := services[name]
	a := s.accounts[name]
	r := &running{}
	var err error
	if r.listener, err = (&net.ListenConfig{}).Listen(context.Background(), "tcp", address); err != nil {
		return err
	}
	if r.emulator, err = svc.open(o, filepath.Join(o.Dir, name), &a); err != nil {
		return errors.Join(err, r.listener.Close())
	}
	a.URL = "http://" + r.listener.Addr().String()
	if s.cert != nil {
		a.URL = "https://" + r.listener.Addr().String()
		a.Fingerprint = s.cert.fingerprint
		r.listener = tls.NewListener(r.listener, &tls.Config{Certificates: []tls.Certificate{s.cert.pair}, MinVersion: tls.VersionTLS12})
	}
	s.accounts[name] = a
	r.faults = &Faults{Next: r.emulator, Service: name, Function: svc.function, Expire: r.emulator.ExpireSessions}
	if f, ok := r.emulator.(fillable); ok {
		r.faults.Full = func(w http.ResponseWriter, r *http.Request, kind FaultKind) { f.Full(w, r, kind == DiskFull) }
	}
	for _, f := range faults {
		if f.Service == name {
			r.faults.Add(f)
		}
	}
	r.http = &http.Server{
		Handler:           r.faults,
		ReadHeaderTimeout: time.Minute,
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	s.running[name] = r
	s.order = append(s.order, name)
	return nil
}

// Accounts returns how to sign in, by service.
func (s *Server) Accounts() map[string]Account { return maps.Clone(s.accounts) }

// Fingerprint is the SHA-256 of the certificate in hexadecimal; empty without TLS.
func (s *Server) Fingerprint() string {
	if s.cert == nil {
		return ""
	}
	return s.cert.fingerprint
}

// Faults returns the faults of a service, or nil if it does not run.
func (s *Server) Faults(service string) *Faults {
	if r := s.running[service]; r != nil {
		return r.faults
	}
	return nil
}

// Close stops to listen, waits for requests that run until ctx ends, and closes all
// state. Faults that stall end at once. Only the first call does anything.
func (s *Server) Close(ctx context.Context) error {
	s.closeOnce.Do(func() {
		for _, r := range s.running {
			r.faults.Close()
		}
		for _, r := range s.running {
			if err := r.http.Shutdown(ctx); err != nil {
				s.closeErr = errors.Join(s.closeErr, err, r.http.Close())
			}
		}
		s.serving.Wait()
		s.closeErr = errors.Join(s.closeErr, s.release())
	})
	return s.closeErr
}

// release gives back what open and Start took.
func (s *Server) release() error {
	var errs []error
	for _, r := range s.running {
		if err := r.listener.Close(); !errors.Is(err, net.ErrClosed) {
			errs = append(errs, err)
		}
		errs = append(errs, r.emulator.Close())
	}
	return errors.Join(append(errs, s.lock.Unlock())...)
}

// splitLoopback reads Options.Listen. Practice mode has accounts that everybody knows,
// so it is for this machine only.
func splitLoopback(listen string) (host string, port int, err error) {
	if listen == "" {
		return "127.0.0.1", 0, nil
	}
	host, text, err := net.SplitHostPort(listen)
	if err != nil {
		return "", 0, fmt.Errorf("listen address %q: want HOST:PORT", listen)
	}
	if port, err = strconv.Atoi(text); err != nil || port < 0 || port > 65535 {
		return "", 0, fmt.Errorf("listen address %q: port is not a number from 0 to 65535", listen)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return "", 0, fmt.Errorf("listen address %q: practice mode serves this machine only; use 127.0.0.1, ::1 or localhost", listen)
	}
	return host, port, nil
}

// parseFaults checks services and faults against what there is, so that no fault waits
// in vain.
func parseFaults(o Options) ([]Fault, error) {
	for i, name := range o.Services {
		if _, ok := services[name]; !ok {
			return nil, fmt.Errorf("unknown service %q: want %s", name, strings.Join(Services(), ", "))
		}
		if slices.Contains(o.Services[:i], name) {
			return nil, fmt.Errorf("service %q is named twice", name)
		}
	}
	var out []Fault
	for _, spec := range o.Faults {
		f, err := ParseFault(spec)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(o.Services, f.Service) {
			return nil, fmt.Errorf("fault %q: service %q does not run: want %s", spec, f.Service, strings.Join(o.Services, ", "))
		}
		if fs := services[f.Service].functions(); f.Function != "" && !slices.Contains(fs, f.Function) {
			return nil, fmt.Errorf("fault %q: %s has no function %q: want one of %s", spec, f.Service, f.Function, strings.Join(fs, ", "))
		}
		out = append(out, f)
	}
	return out, nil
}
