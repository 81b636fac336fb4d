//go:build unix

package control_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/control"
)

func TestTheSocketIsForItsOwnerOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "home")
	socket := filepath.Join(dir, "control.sock")
	serve(t, socket, control.Handler(&fake{}, nil))
	for name, want := range map[string]os.FileMode{socket: 0o600, dir: 0o700} {
		fi, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "mode of "+name, fi.Mode().Perm(), want)
	}
}

func TestDialSaysWhenNobodyListens(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, socket := range []string{
		filepath.Join(dir, "none", "control.sock"),
		filepath.Join(dir, strings.Repeat("long", 60), "control.sock"),
		stale(t, filepath.Join(dir, "stale.sock")),
		plain,
	} {
		if _, err := control.Dial(t.Context(), socket); !errors.Is(err, control.ErrNotRunning) {
			t.Errorf("%s: got %v, want ErrNotRunning", socket, err)
		}
	}
}

// stale leaves a socket behind as a killed engine does.
func stale(t *testing.T, socket string) string {
	t.Helper()
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return socket
}

func TestTheSocketOfADeadEngineIsReplaced(t *testing.T) {
	socket := stale(t, filepath.Join(t.TempDir(), "control.sock"))
	serve(t, socket, control.Handler(&fake{}, nil))
	c, err := control.Dial(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Status(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestTheSocketOfALivingEngineIsLeftAlone(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "control.sock")
	serve(t, socket, control.Handler(&fake{}, nil))
	if _, err := control.Listen(socket); !errors.Is(err, control.ErrRunning) {
		t.Errorf("got %v, want ErrRunning", err)
	}
	c, err := control.Dial(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	_ = c.Close()
}

func TestAFileInTheWayOfTheSocketIsNotDeleted(t *testing.T) {
	name := filepath.Join(t.TempDir(), "control.sock")
	if err := os.WriteFile(name, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := control.Listen(name); err == nil {
		t.Fatal("listening in the place of a file")
	}
	if b, err := os.ReadFile(name); err != nil || string(b) != "mine" {
		t.Errorf("the file is now %q, %v", b, err)
	}
}

func TestASocketPathOfAnyLengthWorks(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []int{1, 60, 100, 200, 250} {
		socket := filepath.Join(dir, strings.Repeat("x", n), "control.sock")
		stop := serve(t, socket, control.Handler(&fake{}, nil))
		c, err := control.Dial(t.Context(), socket)
		if err != nil {
			t.Fatalf("%d bytes: %v", len(socket), err)
		}
		if _, err := c.Status(t.Context()); err != nil {
			t.Errorf("%d bytes: %v", len(socket), err)
		}
		_ = c.Close()
		stop()
		if addr, err := control.SocketAddress(socket); err != nil || exists(addr) {
			t.Errorf("%d bytes: %s is left behind (%v)", len(socket), addr, err)
		}
	}
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

func TestLongSocketPathsLieInAPrivateFolder(t *testing.T) {
	a, err := control.SocketAddress("/" + strings.Repeat("a/", 80) + "control.sock")
	if err != nil {
		t.Fatal(err)
	}
	b, err := control.SocketAddress("/" + strings.Repeat("b/", 80) + "control.sock")
	if err != nil {
		t.Fatal(err)
	}
	if a == b || filepath.Dir(a) != control.ShortFolder() || len(a) > 100 {
		t.Errorf("got %s and %s", a, b)
	}
}

func TestServeEndsWithItsContextWhileAStreamIsOpen(t *testing.T) {
	f := &fake{messages: make(chan control.Message, 1)}
	socket := filepath.Join(t.TempDir(), "control.sock")
	stop := serve(t, socket, control.Handler(f, nil))
	c, err := control.Dial(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	f.messages <- control.Message{Raise: true}
	for range c.Changes(context.Background(), true) {
		stop()
	}
	if exists(socket) {
		t.Error("the socket is left behind")
	}
}
