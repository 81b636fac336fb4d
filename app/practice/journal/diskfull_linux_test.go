package journal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAFullDiskLeavesTheJournalAsItWas(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("mounting a small file system takes root")
	}
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k,mode=0700"); err != nil {
		t.Skipf("a small file system could not be mounted: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	path := filepath.Join(dir, "index.log")
	filler := filepath.Join(dir, "filler")
	if err := os.WriteFile(filler, make([]byte, 32<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	j, _, err := open(path)
	if err != nil {
		t.Fatal(err)
	}
	long := strings.Repeat("x", 3000)
	var want []string
	for err == nil {
		if err = j.Append(note{Text: long}, note{Text: "behind"}); err == nil {
			want = append(want, long, "behind")
		}
	}
	if !errors.Is(err, unix.ENOSPC) || len(want) == 0 {
		t.Fatalf("%d records, then %v", len(want), err)
	}
	if info, err := os.Stat(path); err != nil || info.Size() != j.end {
		t.Errorf("file has %d bytes, the journal %d: %v", info.Size(), j.end, err)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	mustTakeAnother(t, path, j, want)
}
