//go:build linux

package storm

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var realPaceFlag = flag.Bool("storm.realpace", false, "leave the program's delays as they are")

// hurry shortens delays that are made for real servers and real weeks, so that
// a storm takes a minute. Nothing else of the program is changed. By file, what
// stands there and what is built instead.
var hurry = map[string][][2]string{
	"app/pace.go": {
		{"retry: 30 * time.Second, retryMax: 6 * time.Hour", "retry: time.Second, retryMax: 10 * time.Second"},
		{"offlineMax: 2 * time.Minute", "offlineMax: 5 * time.Second"},
		{"busy: time.Minute,", "busy: 2 * time.Second,"},
		{"finish:      time.Minute", "finish: 5 * time.Second"},
	},
	"app/upload/ipernity/client.go": {
		{"rate.NewLimiter(2, 5)", "rate.NewLimiter(400, 50)"},
		{"first:    time.Second", "first: 10 * time.Millisecond"},
		{"poll:     2 * time.Second", "poll: 20 * time.Millisecond"},
		{"settle:   10 * time.Minute", "settle: 10 * time.Second"},
	},
	"app/settings/vault.go": {
		{"const workFactor = 16", "const workFactor = 8"},
	},
	"app/upload/universal/client.go": {
		{"const settle = 30 * time.Second", "const settle = 5 * time.Second"},
	},
}

// build builds the program without its window: with the race detector where
// this test has it.
func build(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "storm")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	bin := filepath.Join(dir, "photoferry")
	args := []string{"build", "-tags", "nogui", "-o", bin}
	if raceEnabled {
		args = append(args, "-race")
	}
	if !*realPaceFlag {
		overlay, err := hurried(dir)
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, "-overlay", overlay)
	}
	cmd := exec.CommandContext(t.Context(), "go", append(args, "github.com/photoferry/photoferry")...)
	if !raceEnabled {
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("build the program: %v\n%s", err, out)
	}
	return bin
}

// hurried writes what is built in the place of files, and returns the file that
// tells the compiler so.
func hurried(dir string) (string, error) {
	top, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		return "", err
	}
	var overlay struct{ Replace map[string]string }
	overlay.Replace = map[string]string{}
	for file, changes := range hurry {
		from := filepath.Join(top, filepath.FromSlash(file))
		b, err := os.ReadFile(from)
		if err != nil {
			return "", err
		}
		text := string(b)
		for _, c := range changes {
			if strings.Count(text, c[0]) != 1 {
				return "", fmt.Errorf("%s: %q does not stand there once: let the table hurry follow", file, c[0])
			}
			text = strings.Replace(text, c[0], c[1], 1)
		}
		to := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(to, []byte(text), 0o644); err != nil {
			return "", err
		}
		overlay.Replace[from] = to
	}
	b, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "overlay.json")
	return name, os.WriteFile(name, b, 0o644)
}
