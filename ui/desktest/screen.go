//go:build linux || freebsd || openbsd || netbsd

package desktest

import (
	"bufio"
	"io"
	"log"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jezek/xgb"
)

// silence keeps the library from writing to standard error what it returns as
// errors too, or what is of no importance.
var silence = sync.OnceFunc(func() { xgb.Logger = log.New(io.Discard, "", 0) })

// Screen starts Xvfb for the time of a test and returns its name, for DISPLAY.
// The test is skipped where Xvfb is not installed.
func Screen(t testing.TB) string {
	t.Helper()
	silence()
	xvfb, err := exec.LookPath("Xvfb")
	if err != nil {
		t.Skip("Xvfb is not installed; packaging/setup.sh desktop installs it")
	}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	cmd := exec.Command(xvfb, "-displayfd", "3", "-screen", "0", "1280x860x24", "-nolisten", "tcp", "-noreset") //nolint:noctx // ended by the cleanup, after what uses it
	cmd.ExtraFiles = []*os.File{write}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_ = write.Close()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // so that it takes its socket away
		_ = cmd.Wait()
	})
	number, err := bufio.NewReader(read).ReadString('\n')
	if err != nil {
		t.Fatalf("Xvfb has not started: %v", err)
	}
	return ":" + strings.TrimSpace(number)
}
