package settings

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// frozen makes a file or folder immutable for the time of a test, which binds
// even root.
func frozen(t *testing.T, path string) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "chattr", "+i", path).CombinedOutput(); err != nil {
		t.Skipf("no immutable files here: %v: %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("chattr", "-i", path).CombinedOutput(); err != nil { // the test's context is done
			t.Errorf("chattr -i: %v: %s", err, out)
		}
	})
}

func TestSaveIntoAnImmutableFolderSaysSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "settings.toml")
	if err := Save(file, one("old")); err != nil {
		t.Fatal(err)
	}
	frozen(t, dir)
	cannotWrite(t, file, ErrReadOnly)
}

func TestSaveOverAnImmutableFileSaysSo(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "settings.toml")
	if err := Save(file, one("old")); err != nil {
		t.Fatal(err)
	}
	frozen(t, file)
	cannotWrite(t, file, ErrReadOnly)
}

func TestSaveOnAReadOnlyMountSaysSo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("this user cannot mount: ", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	file := filepath.Join(dir, "settings.toml")
	if err := Save(file, one("old")); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	cannotWrite(t, file, ErrReadOnly)
}

func TestSaveOnAFullDiskKeepsTheOldFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=64k"); err != nil {
		t.Skip("this user cannot mount: ", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, 0); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
	file := filepath.Join(dir, "settings.toml")
	if err := Save(file, one("old")); err != nil {
		t.Fatal(err)
	}
	filler, err := os.Create(filepath.Join(dir, "filler"))
	if err != nil {
		t.Fatal(err)
	}
	defer filler.Close()
	for err == nil {
		_, err = filler.Write(make([]byte, 4096))
	}
	cannotWrite(t, file, unix.ENOSPC)
}
