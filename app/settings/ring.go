package settings

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/zalando/go-keyring"
)

// ringService is the name under which the keyring keeps this program's secrets.
const ringService = "photoferry"

// ringRetry is how long a keyring that answered with an error is left alone.
const ringRetry = time.Minute

var (
	errAbsent = errors.New("there is no system keyring")
	errSilent = errors.New("the system keyring does not answer; it may be waiting to be unlocked")
)

// ring is the system keyring behind a timeout. Its methods return ErrNoSecret,
// errAbsent, errSilent, or the keyring's own error; they are not called
// concurrently.
type ring struct {
	keyring keyring.Keyring
	absent  bool
	timeout time.Duration
	now     func() time.Time

	mu    sync.Mutex
	down  error     // why it is not asked, nil while it is
	until time.Time // when it is asked again; zero: when the call under way returns
}

func newRing(o SecretOptions) *ring {
	return &ring{
		keyring: systemKeyring{},
		absent:  o.NoKeyring || o.Env(keyringVariable) == "off" || !hasSession(o.Env),
		timeout: o.Timeout,
		now:     time.Now,
	}
}

// systemKeyring is go-keyring's choice for this platform.
type systemKeyring struct{}

func (systemKeyring) Set(service, user, secret string) error {
	return keyring.Set(service, user, secret)
}
func (systemKeyring) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (systemKeyring) Delete(service, user string) error        { return keyring.Delete(service, user) }
func (systemKeyring) DeleteAll(service string) error           { return keyring.DeleteAll(service) }

// hasSession reports whether a keyring can be there at all. On Linux and BSD
// it is reached by the session bus; without one the library would start a bus
// of its own at each call and leave it running.
func hasSession(env func(string) string) bool {
	switch runtime.GOOS {
	case "windows", "darwin":
		return true
	}
	if a := env("DBUS_SESSION_BUS_ADDRESS"); a != "" && !strings.HasPrefix(a, "autolaunch:") {
		return true
	}
	dir := env("XDG_RUNTIME_DIR")
	if dir == "" {
		return false
	}
	info, err := os.Stat(filepath.Join(dir, "bus"))
	return err == nil && info.Mode().Type() == fs.ModeSocket
}

func (r *ring) get(ctx context.Context, id string) (secret string, err error) {
	return r.call(ctx, func() (string, error) { return r.keyring.Get(ringService, id) })
}

func (r *ring) set(ctx context.Context, id, secret string) error {
	_, err := r.call(ctx, func() (string, error) { return "", r.keyring.Set(ringService, id, secret) })
	return err
}

func (r *ring) remove(ctx context.Context, id string) error {
	_, err := r.call(ctx, func() (string, error) { return "", r.keyring.Delete(ringService, id) })
	return err
}

// probe finds out whether the keyring answers, by asking for what it has not.
func (r *ring) probe() error {
	_, err := r.get(context.Background(), "probe")
	if errors.Is(err, ErrNoSecret) {
		return nil
	}
	return err
}

// call asks the keyring in a goroutine, because a locked one blocks until the
// user has unlocked it. At most one such goroutine is left behind; when it
// comes back, the keyring is asked again.
func (r *ring) call(ctx context.Context, ask func() (string, error)) (string, error) {
	if r.absent {
		return "", errAbsent
	}
	if err := r.isDown(); err != nil {
		return "", err
	}
	type answer struct {
		secret string
		err    error
	}
	answered := make(chan answer, 1)
	r.setDown(errSilent, time.Time{})
	go func() {
		secret, err := ask()
		if err == nil || errors.Is(err, keyring.ErrNotFound) {
			r.setDown(nil, time.Time{})
		} else {
			err = fmt.Errorf("the system keyring cannot be used: %w", err)
			r.setDown(err, r.now().Add(ringRetry))
		}
		answered <- answer{secret, err}
	}()
	timer := time.NewTimer(r.timeout)
	defer timer.Stop()
	select {
	case a := <-answered:
		if errors.Is(a.err, keyring.ErrNotFound) {
			return "", ErrNoSecret
		}
		return a.secret, a.err
	case <-timer.C:
		return "", errSilent
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (r *ring) isDown() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.down != nil && !r.until.IsZero() && r.now().After(r.until) {
		r.down = nil
	}
	return r.down
}

func (r *ring) setDown(err error, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.down, r.until = err, until
}
