package watcher

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// opens counts how often files in dirs, and not the dirs themselves, are opened from now on.
func opens(t *testing.T, dirs ...string) (count func() int) {
	t.Helper()
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	must(t, err)
	t.Cleanup(func() { unix.Close(fd) })
	for _, d := range dirs {
		_, err := unix.InotifyAddWatch(fd, d, unix.IN_OPEN)
		must(t, err)
	}
	return func() (n int) {
		buf := make([]byte, 1<<16)
		for {
			got, err := unix.Read(fd, buf)
			if errors.Is(err, unix.EAGAIN) {
				return n
			}
			must(t, err)
			for b := buf[:got]; len(b) > 0; {
				mask, size := binary.NativeEndian.Uint32(b[4:]), binary.NativeEndian.Uint32(b[12:])
				if mask&unix.IN_Q_OVERFLOW != 0 {
					t.Fatal("too many opens to count")
				}
				if mask&unix.IN_ISDIR == 0 {
					n++
				}
				b = b[unix.SizeofInotifyEvent+size:]
			}
		}
	}
}

func TestKnownFilesAreNeverOpened(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	dirs := []string{dir}
	for d := range 4 {
		sub := filepath.Join(dir, fmt.Sprint(d))
		for i := range 500 {
			write(t, filepath.Join(sub, fmt.Sprintf("%d.jpg", i)), photo(100))
		}
		dirs = append(dirs, sub)
	}
	var asked atomic.Int64
	w := prepare(t, Config{
		Roots: []Root{{Path: dir}},
		Known: func(string, int64, time.Time) bool { asked.Add(1); return true },
	})
	opened := opens(t, dirs...)
	w.run()
	w.settle()
	w.Rescan("")
	eventually(t, "two scans", func() bool { return w.state().Scans == 2 })
	at := time.Now()
	must(t, os.Chtimes(filepath.Join(dir, "0", "0.jpg"), at, at))
	w.Recheck(filepath.Join(dir, "1", "1.jpg"))
	eventually(t, "all asked about", func() bool { return asked.Load() >= 2*2000+2 })
	w.expect()
	if n := opened(); n != 0 {
		t.Errorf("%d known files were opened", n)
	}
	// The proof of the proof.
	w.end()
	must(t, os.WriteFile(filepath.Join(dir, "new.jpg"), nil, 0o600))
	if n := opened(); n != 1 {
		t.Errorf("counted %d opens, made 1", n)
	}
}

func TestUnmountedDriveIsAwayAndComesBackWhenMounted(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "drive")
	other := filepath.Join(t.TempDir(), "other")
	must(t, os.Mkdir(dir, 0o755))
	must(t, os.Mkdir(other, 0o755))
	mount := func(source, target, kind string, flags uintptr) {
		t.Helper()
		if err := unix.Mount(source, target, kind, flags, ""); errors.Is(err, unix.EPERM) {
			t.Skip("mounting needs rights that this user does not have")
		} else {
			must(t, err)
		}
		t.Cleanup(func() { _ = unix.Unmount(target, unix.MNT_DETACH) })
	}
	mount("none", other, "tmpfs", 0)
	a := write(t, filepath.Join(other, "a.jpg"), photo(100))

	// The mount table tells; the timer of absence is too slow to help.
	w := prepare(t, Config{Roots: []Root{{Path: dir}}})
	w.cfg.Away = time.Hour
	w.run()
	w.expect()
	mount(other, dir, "", unix.MS_BIND)
	w.expect(filepath.Join(dir, "a.jpg"))
	must(t, unix.Unmount(dir, 0))
	eventually(t, "away", func() bool { return w.state().Phase == Away })
	b := write(t, filepath.Join(other, "b.jpg"), photo(100))
	mount(other, dir, "", unix.MS_BIND)
	w.expect(filepath.Join(dir, filepath.Base(a)), filepath.Join(dir, filepath.Base(b)))
	if got := w.state().Phase; got != Watching {
		t.Errorf("phase %v after the return", got)
	}
}

func TestFolderThatCannotBeReadIsTold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	must(t, err)
	defer root.Close()
	// Even root cannot reach a path of more than 4,096 letters in one go.
	must(t, root.MkdirAll(strings.Repeat(strings.Repeat("x", 250)+"/", 20), 0o755))
	a := write(t, filepath.Join(dir, "a.jpg"), photo(100))
	w := follow(t, dir)
	w.expect(a)
	if s := w.state(); s.Phase != Watching || s.Reason != "1 folder cannot be read: file name too long" {
		t.Errorf("state %+v", s)
	}
	if err := Walk(t.Context(), Root{Path: dir}, func(File) error { return nil }); !errors.Is(err, unix.ENAMETOOLONG) {
		t.Errorf("Walk: %v", err)
	}
}

func TestUnreadableFolderIsToldAndReadLater(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("nothing is unreadable to root")
	}
	dir := t.TempDir()
	a := write(t, filepath.Join(dir, "locked/a.jpg"), photo(100))
	must(t, os.Chmod(filepath.Dir(a), 0))
	w := follow(t, dir)
	if s := w.state(); s.Phase != Watching || s.Reason != "1 folder cannot be read: permission denied" {
		t.Errorf("state %+v", s)
	}
	must(t, os.Chmod(filepath.Dir(a), 0o755))
	w.expect(a)
}

func TestARootThatCannotBeReadIsBrokenAndReadWhenItCan(t *testing.T) {
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Skip("nothing is unreadable to root")
	}
	dir := t.TempDir()
	a := write(t, filepath.Join(dir, "a.jpg"), photo(100))
	must(t, os.Chmod(dir, 0))
	w := follow(t, dir)
	eventually(t, "the folder to be broken", func() bool { s := w.state(); return s.Phase == Broken && s.Reason == "permission denied" })
	must(t, os.Chmod(dir, 0o755))
	w.expect(a)
	b := write(t, filepath.Join(dir, "later", "b.jpg"), photo(200))
	w.expect(a, b)
	eventually(t, "the folder to be watched", func() bool { return w.state().Phase == Watching })
	must(t, os.Chmod(dir, 0))
	eventually(t, "the folder to be broken again", func() bool { return w.state().Phase == Broken })
	must(t, os.Chmod(dir, 0o755))
	eventually(t, "the folder to be watched again", func() bool { return w.state().Phase == Watching })
}

func TestProbeSeesWriters(t *testing.T) {
	t.Parallel()
	path := write(t, filepath.Join(t.TempDir(), "a.jpg"), photo(100))
	st, _, err := lookAt(path)
	must(t, err)
	if l := probe(path, st, endMark); l.writer != nobody || l.end != Present || !l.equal(st) {
		t.Errorf("at rest: %+v", l)
	}
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	must(t, err)
	if l := probe(path, st, endMark); l.writer != somebody {
		t.Errorf("open for writing: %+v", l)
	}
	must(t, f.Close())
	reader, err := os.Open(path)
	must(t, err)
	defer reader.Close()
	if l := probe(path, st, endMark); l.writer != nobody {
		t.Errorf("open for reading: %+v", l)
	}
	must(t, os.Remove(path))
	if l := probe(path, st, endMark); !l.gone {
		t.Errorf("removed: %+v", l)
	}
	must(t, unix.Mkfifo(path, 0o600))
	if l := probe(path, st, endMark); !l.gone {
		t.Errorf("a pipe in its place: %+v", l)
	}
}

func TestPlaceOfFileSystems(t *testing.T) {
	t.Parallel()
	if got := whereIs("/proc"); got != local {
		t.Errorf("/proc is %v", got)
	}
	for magic, want := range map[int64]place{
		unix.EXT4_SUPER_MAGIC: local, unix.TMPFS_MAGIC: local, unix.BTRFS_SUPER_MAGIC: local, unix.XFS_SUPER_MAGIC: local,
		unix.FUSE_SUPER_MAGIC: foreign,
		unix.NFS_SUPER_MAGIC:  network, unix.CIFS_SUPER_MAGIC: network, unix.SMB2_SUPER_MAGIC: network, unix.V9FS_MAGIC: network,
	} {
		got := placeOf(func(st *unix.Statfs_t) error {
			st.Type = magic
			return nil
		})
		if got != want {
			t.Errorf("type %#x is %v, want %v", magic, got, want)
		}
	}
}

func TestSignalSourcesEndWithTheirContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		mountChanges(ctx, func() {})
		clockJumps(ctx, func() {})
		close(done)
	}()
	cancel()
	<-done
}
