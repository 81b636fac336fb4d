package app

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/photoferry/photoferry/app/control"
)

// said is a log that can be read while it is written.
type said struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (w *said) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.b.Write(p)
}

func (w *said) has(text string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Contains(w.b.String(), text)
}

// TestPhotosThatComeWhileNoFileCanBeOpenedAreSentAfterwards takes all file
// descriptors away, and gives them back.
func TestPhotosThatComeWhileNoFileCanBeOpenedAreSentAfterwards(t *testing.T) {
	s, h := newSite(t), newHome(t)
	aside := filepath.Join(h.mkdir("elsewhere"), "a.jpg")
	want := shoot(t, aside, 1)
	var log said
	o := h.options()
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	a, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	}()
	h.account(a, s)
	h.watch(a, control.FolderSpec{Everything: true})
	stop := h.running(a)
	defer stop()
	waitFor(t, "the first scan", func() bool { return a.watcher.Load().Idle() })

	release := exhaust(t)
	defer release()
	if err := os.Rename(aside, filepath.Join(h.folder, "a.jpg")); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the trouble to be noticed", func() bool {
		return log.has("could not be taken over") || log.has("File not read") || log.has("Folder cannot be watched")
	})
	release()
	waitFor(t, "the photo to arrive", func() bool { return s.digests()[want] })
	waitFor(t, "idle", func() bool { return a.Status().State == control.StateIdle })
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
