package watcher

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// hint waits for a hint and says whether it came.
func hint(t *testing.T, hints <-chan struct{}, within time.Duration) bool {
	t.Helper()
	select {
	case _, ok := <-hints:
		if !ok {
			t.Fatal("the channel was closed")
		}
		return true
	case <-time.After(within):
		return false
	}
}

func TestFileChangesHintsAtEveryWayOfSaving(t *testing.T) {
	t.Parallel()
	real := write(t, filepath.Join(t.TempDir(), "real.toml"), []byte("1"))
	file := filepath.Join(t.TempDir(), "settings.toml")
	must(t, os.Symlink(real, file))
	ctx, cancel := context.WithCancel(t.Context())
	hints, err := FileChanges(ctx, file)
	must(t, err)
	beside := filepath.Join(filepath.Dir(file), "new")
	for _, save := range []struct {
		name string
		do   func() error
	}{
		{"write to where the link leads", func() error { return os.WriteFile(real, []byte("2"), 0o600) }},
		{"replace", func() error { write(t, beside, []byte("3")); return os.Rename(beside, file) }},
		{"write in place", func() error { return os.WriteFile(file, []byte("4"), 0o600) }},
		{"delete", func() error { return os.Remove(file) }},
		{"create", func() error { return os.WriteFile(file, []byte("5"), 0o600) }},
	} {
		must(t, save.do())
		if !hint(t, hints, 10*time.Second) {
			t.Fatalf("%s: no hint", save.name)
		}
	}
	write(t, beside, nil)
	if hint(t, hints, 3*hintDelay) {
		t.Error("a hint for another file")
	}
	cancel()
	eventually(t, "closed", func() bool { _, ok := <-hints; return !ok })
}

func TestFileChangesNeedsTheFolder(t *testing.T) {
	t.Parallel()
	if _, err := FileChanges(t.Context(), filepath.Join(t.TempDir(), "none", "settings.toml")); err == nil {
		t.Error("no error")
	}
}
