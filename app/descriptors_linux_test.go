package app

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/watcher"
)

// TestPhotosThatComeWhileNoFileCanBeOpenedStayWithTheWatcher takes all file
// descriptors away, and gives them back.
func TestPhotosThatComeWhileNoFileCanBeOpenedStayWithTheWatcher(t *testing.T) {
	s, h := newSite(t), newHome(t)
	path := filepath.Join(h.folder, "a.jpg")
	want := shoot(t, path, 1)
	fi, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	found := []watcher.File{{Path: path, Root: h.folder, Size: fi.Size(), ModTime: fi.ModTime()}}
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		release := exhaust(t)
		err := a.intake.found(t.Context(), found)
		release()
		if !errors.Is(err, unix.EMFILE) {
			t.Errorf("the photo was taken over: %v", err)
		}
		if n, reason := a.intake.unreadableBelow(h.folder); n != 0 {
			t.Errorf("the photo is said to be unreadable: %s", reason)
		}
		if err := a.intake.found(t.Context(), found); err != nil {
			t.Errorf("afterwards: %v", err)
		}
		h.deliverAll(a)
	})
	if !s.digests()[want] {
		t.Error("the photo has not arrived")
	}
}

// exhaust lets no more files be opened until release is called.
func exhaust(t *testing.T) (release func()) {
	t.Helper()
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	free, err := os.Open("/dev/null") // the lowest number that is free
	if err != nil {
		t.Fatal(err)
	}
	low := before
	low.Cur = uint64(free.Fd())
	if err := free.Close(); err != nil {
		t.Fatal(err)
	}
	set := func(l unix.Rlimit) {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &l); err != nil {
			t.Error(err)
		}
	}
	set(low)
	return sync.OnceFunc(func() { set(before) })
}
