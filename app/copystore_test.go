package app

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/convert"
	"github.com/photoferry/photoferry/app/upload"
)

func TestACopyIsMadeOnce(t *testing.T) {
	c := &copies{dir: filepath.Join(t.TempDir(), "copies")}
	made := 0
	write := func(dst *os.File, _ string) error {
		made++
		_, err := dst.WriteString("copy")
		return err
	}
	for i := range 3 {
		got, err := c.open(t.Context(), "k", write)
		if err != nil {
			t.Fatal(err)
		}
		if got.size != 4 || got.md5 == [16]byte{} {
			t.Errorf("%+v", got)
		}
		c.release(got, i == 2)
	}
	if made != 1 {
		t.Errorf("made %d times", made)
	}
	if left := mustGlob(t, filepath.Join(c.dir, "*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestWhatFailsLeavesNothing(t *testing.T) {
	c := &copies{dir: filepath.Join(t.TempDir(), "copies")}
	for _, cause := range []error{errChanged, syscall.ENOSPC} {
		_, err := c.open(t.Context(), "k", func(dst *os.File, dir string) error {
			if _, err := dst.WriteString("half a"); err != nil {
				return err
			}
			return errors.Join(os.WriteFile(filepath.Join(dir, "more"), nil, 0o600), cause)
		})
		if !errors.Is(err, cause) || errors.Is(err, convert.ErrSpace) != errors.Is(cause, syscall.ENOSPC) {
			t.Errorf("%v", err)
		}
	}
	if left := mustGlob(t, filepath.Join(c.dir, "*")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestCopiesAreCleanedUp(t *testing.T) {
	c := &copies{dir: filepath.Join(t.TempDir(), "copies")}
	put(t, filepath.Join(c.dir, making+"1", "copy"), []byte("half"))
	for name, age := range map[string]time.Duration{"b.jpg": time.Hour, "a.jpg": time.Minute} {
		path := filepath.Join(c.dir, name)
		put(t, path, make([]byte, 10))
		at := time.Now().Add(-age)
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
	c.trim(20)
	if got := mustGlob(t, filepath.Join(c.dir, "*.jpg")); len(got) != 2 {
		t.Errorf("with a bound of 20 bytes: %v", got)
	}
	c.trim(15)
	if got := mustGlob(t, filepath.Join(c.dir, "*.jpg")); len(got) != 1 || filepath.Base(got[0]) != "a.jpg" {
		t.Errorf("with a bound of 15 bytes: %v", got)
	}
	c.clean()
	if got := mustGlob(t, filepath.Join(c.dir, "*")); len(got) != 0 {
		t.Errorf("after a crash: %v", got)
	}
}

func TestAFullDiskIsSaidAndTriedAgain(t *testing.T) {
	s, h := newSite(t), newHome(t)
	put(t, filepath.Join(h.folder, "a.heic"), sample(t, "convert", "testdata", "turned.heic"))
	h.with(func(a *App) {
		err := a.copyError(context.Background(), convert.SpaceOr(syscall.ENOSPC))
		e, ok := errors.AsType[*upload.Error](err)
		if !ok || e.Kind != upload.Transient || !strings.Contains(e.Reason, "room") || !strings.Contains(e.Hint, a.places.Copies) {
			t.Errorf("%+v", e)
		}
		// A file where a folder should be: no copy can be written.
		inTheWay := filepath.Dir(a.places.Copies)
		put(t, inTheWay, nil)
		h.account(a, s)
		h.watch(a, control.FolderSpec{Everything: true})
		stop := h.running(a)
		waitFor(t, "the job to wait for its retry", func() bool {
			page, err := a.Jobs(control.JobQuery{})
			return err == nil && len(page.Jobs) == 1 && page.Jobs[0].Attempt > 0
		})
		if err := os.Remove(inTheWay); err != nil {
			t.Fatal(err)
		}
		waitFor(t, "the photo", func() bool {
			c := a.Status().Counts
			return c.Delivered == 1 || c.Failed == 1
		})
		if c := a.Status().Counts; c.Failed == 1 { // too fast for us: its tries are used up
			if _, err := a.Retry(nil); err != nil {
				t.Fatal(err)
			}
			waitFor(t, "the photo", func() bool { return a.Status().Counts.Delivered == 1 })
		}
		stop()
	})
}
