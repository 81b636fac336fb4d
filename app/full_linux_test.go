package app

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/photoferry/photoferry/app/control"
)

func TestAFullDiskLosesNothingAndGoesOnWhenThereIsRoom(t *testing.T) {
	s, h := newSite(t), newHome(t)
	h.dir = h.mkdir("home")
	if err := syscall.Mount("tmpfs", h.dir, "tmpfs", 0, "size=2m"); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(h.dir, 0); err != nil {
			t.Error(err)
		}
	})
	h.with(func(a *App) {
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		stop := h.running(a)
		waitFor(t, "the first scan", func() bool { return a.watcher.Load().Idle() })

		ballast := filepath.Join(h.dir, "ballast")
		fill(t, ballast)
		want := map[string]bool{}
		for i := range 300 { // more than the queue's free pages hold
			want[shoot(t, filepath.Join(h.folder, strings.Repeat("long", 40), fmt.Sprintf("%03d.jpg", i)), i)] = true
		}
		waitFor(t, "the trouble to be told", func() bool {
			st := a.Status()
			return st.State == control.StateStopped && strings.Contains(st.Text, "disk is full")
		})
		if err := os.Remove(ballast); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "all photos", func() bool { return maps.Equal(s.digests(), want) })
		waitFor(t, "idle", func() bool { return a.Status().State == control.StateIdle })
		stop()
		if err := a.queue.Check(); err != nil {
			t.Error(err)
		}
	})
}

// fill writes a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, n := range []int{64 << 10, 4 << 10, 1} {
		for err == nil {
			_, err = f.Write(make([]byte, n))
		}
		err = nil
	}
}
