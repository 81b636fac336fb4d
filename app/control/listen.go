package control

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// maxSocketPath is what fits into a socket address everywhere (Linux takes 107
// bytes, macOS 103).
const maxSocketPath = 100

// socketAddress returns the path that is bound for a socket. A path that is too
// long for a socket address stands for one in a short folder of the same user;
// both sides follow the same rule and nothing from the environment goes into
// it.
func socketAddress(socket string) (string, error) {
	abs, err := filepath.Abs(socket)
	if err != nil {
		return "", fmt.Errorf("find the control socket: %w", err)
	}
	if len(abs) <= maxSocketPath {
		return abs, nil
	}
	sum := sha256.Sum256([]byte(abs))
	return filepath.Join(shortFolder(), hex.EncodeToString(sum[:8])+".sock"), nil
}

// Listen listens on a unix socket that only the user of this process, and
// root, may use. It makes the socket's folder (0700) if it does not exist, and
// removes a socket that a dead engine left behind; one that answers is an
// error that wraps [ErrRunning].
//
// The caller makes sure, by a lock, that no two processes listen on the same
// socket at once. Closing the listener removes the socket.
func Listen(socket string) (net.Listener, error) {
	addr, err := socketAddress(socket)
	if err != nil {
		return nil, err
	}
	dir := filepath.Dir(addr)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the control socket's folder: %w", err)
	}
	if dir == shortFolder() {
		if err := ownedAlone(dir); err != nil {
			return nil, err
		}
	}
	if err := removeStale(addr); err != nil {
		return nil, err
	}
	lc := net.ListenConfig{Control: restrictSocket}
	l, err := lc.Listen(context.Background(), "unix", addr)
	if err != nil {
		return nil, fmt.Errorf("listen on the control socket: %w", err)
	}
	if err := os.Chmod(addr, 0o600); err != nil {
		return nil, errors.Join(fmt.Errorf("protect the control socket: %w", err), l.Close())
	}
	return ownerListener{l}, nil
}

// ErrRunning says that an engine answers on the socket.
var ErrRunning = errors.New("an engine is already listening")

func removeStale(addr string) error {
	fi, err := os.Lstat(addr)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look at the control socket: %w", err)
	case fi.Mode().IsRegular(), fi.IsDir():
		return fmt.Errorf("%s is in the way of the control socket: it is not a socket", addr)
	}
	c, err := (&net.Dialer{Timeout: time.Second}).DialContext(context.Background(), "unix", addr)
	if err == nil {
		_ = c.Close()
		return fmt.Errorf("listen on the control socket %s: %w", addr, ErrRunning)
	}
	if err := os.Remove(addr); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the control socket of an engine that died: %w", err)
	}
	return nil
}

// ownerListener drops connections of other users.
type ownerListener struct{ net.Listener }

// Accept implements [net.Listener].
func (l ownerListener) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if checkPeer(c) == nil {
			return c, nil
		}
		_ = c.Close()
	}
}

// stopGrace is how long answers may take to end when the engine stops.
const stopGrace = 2 * time.Second

// Serve answers on l until ctx ends, and returns nil then. Streams end with
// ctx; other calls get a moment to finish. It closes l.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	calls, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	srv := &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		BaseContext:       func(net.Listener) context.Context { return calls },
		ErrorLog:          log.New(io.Discard, "", 0), // only says that clients went away
	}
	stopped := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(stopped)
		cancel()
		grace, done := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer done()
		if srv.Shutdown(grace) != nil {
			_ = srv.Close()
		}
	})
	err := srv.Serve(l)
	if stop() { // ctx did not end: the listener failed
		_ = srv.Close()
		return fmt.Errorf("serve the control API: %w", err)
	}
	<-stopped
	return nil
}
