//go:build linux

package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fyne.io/fyne/v2/test"
)

// binary is the program; missing says why there is none.
var binary, missing string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	test.NewApp() // for the fonts of eye
	dir, err := os.MkdirTemp("", "pf-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	for _, tool := range []string{"go", "Xvfb", "openbox", "dbus-daemon", "xdotool", "wmctrl"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing = tool + " is not installed; packaging/setup.sh build desktop installs all that is needed"
			return m.Run()
		}
	}
	binary = filepath.Join(dir, "photoferry")
	if err := build(binary); err != nil {
		fmt.Fprintln(os.Stderr, "building the program:", err)
		return 1
	}
	return m.Run()
}

// build builds the program as the tests are built, with the race detector or
// without. It is built without the tag of the shipped one, so that the toolkit
// says when it is called from a wrong goroutine.
func build(file string) error {
	args := []string{"build", "-o", file}
	if raceDetector {
		args = append(args, "-race")
	}
	cmd := exec.Command("go", append(args, ".")...)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, strings.TrimSpace(string(out)))
	}
	return nil
}
