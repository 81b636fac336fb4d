//go:build linux

package storm

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
)

func killed(w *world, _ step) (func(), error) {
	w.engine.kill()
	w.up()
	return nil, nil
}

func terminated(w *world, _ step) (func(), error) {
	if err := w.engine.term(); err != nil {
		w.find(untrue, "%v", err)
	}
	w.up()
	return nil, nil
}

func suspended(w *world, _ step) (func(), error) {
	w.engine.suspend(true)
	return func() { w.engine.suspend(false) }, nil
}

// noDescriptors lowers the limit of the running program to what it has open,
// with one or two to spare.
func noDescriptors(w *world, s step) (func(), error) {
	cmd, _ := w.engine.running()
	if cmd == nil {
		return nil, nil
	}
	pid := cmd.Process.Pid
	open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
	if err != nil {
		return nil, err
	}
	return func() {
		if cmd, _ := w.engine.running(); cmd != nil && cmd.Process.Pid == pid {
			w.must(w.engine.limit(pid, 1024))
		}
	}, w.engine.limit(pid, uint64(len(open))+s.n%3)
}

func paused(w *world, s step) (func(), error) {
	w.mu.Lock()
	w.paused = true
	w.mu.Unlock()
	_, err := w.engine.user("", "pause")
	w.try(err)
	return func() {
		_, err := w.engine.user("", "resume")
		w.try(err)
	}, nil
}

// damaged ends the program, harms its queue, and starts it again.
func damaged(harm func(w *world, file string, n uint64) error) func(*world, step) (func(), error) {
	return func(w *world, s step) (func(), error) {
		if s.n%2 == 0 {
			w.engine.kill()
		} else if err := w.engine.term(); err != nil {
			w.find(untrue, "%v", err)
		}
		w.queueLost()
		err := harm(w, filepath.Join(w.home, "queue.db"), s.n/2)
		w.up()
		return nil, err
	}
}

func deleteFile(_ *world, file string, _ uint64) error { return os.Remove(file) }

func deleteAll(_ *world, file string, _ uint64) error {
	files, err := filepath.Glob(file + "*")
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := os.Remove(f); err != nil {
			return err
		}
	}
	return nil
}

func truncateFile(_ *world, file string, n uint64) error {
	fi, err := os.Stat(file)
	if err != nil {
		return err
	}
	return os.Truncate(file, int64(n%uint64(fi.Size())))
}

// zeroFile writes zeros over half of the file, as a file system does after a
// power cut.
func zeroFile(_ *world, file string, n uint64) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	from := int(n % uint64(len(b)/2))
	clear(b[from : from+len(b)/2])
	return os.WriteFile(file, b, 0o600)
}

func flipBit(w *world, file string, n uint64) error {
	b, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	at := n % uint64(len(b))
	w.logf("byte %d of %d", at, len(b))
	b[at] ^= 1 << (n / 7 % 8)
	return os.WriteFile(file, b, 0o600)
}

// readOnly takes the right to write from a file of the program's home and starts
// it again. It may refuse to start then, if it says why.
func readOnly(name string, with, without os.FileMode) func(*world, step) (func(), error) {
	return func(w *world, _ step) (func(), error) {
		path := filepath.Join(w.home, name)
		if err := os.Chmod(path, with); err != nil {
			return nil, err
		}
		w.troubled(1)
		w.engine.kill()
		w.up()
		return func() {
			w.must(os.Chmod(path, without))
			w.troubled(-1)
			w.up()
		}, nil
	}
}

// diskFull fills the file system of the program's home.
func diskFull(w *world, _ step) (func(), error) {
	ballast := filepath.Join(w.home, "ballast")
	f, err := os.Create(ballast)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	at := int64(0)
	for _, piece := range []int64{4 << 20, 64 << 10, 4 << 10} {
		for unix.Fallocate(int(f.Fd()), 0, at, piece) == nil {
			at += piece
		}
	}
	w.troubled(1)
	return func() {
		w.must(os.Remove(ballast))
		w.troubled(-1)
		w.up()
	}, nil
}

// mount gives the program's home a small file system, where that is allowed.
// The reason why not is returned.
func mount(dir string) (unmount func() error, why string) {
	if os.Geteuid() != 0 {
		return nil, "only root can mount a small file system"
	}
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=192m,mode=0700"); err != nil {
		return nil, "a small file system cannot be mounted: " + err.Error()
	}
	return func() error { return unix.Unmount(dir, 0) }, ""
}

// told reports whether a refusal to start gives a reason that a person can use.
func told(err error) bool {
	text := strings.ToLower(err.Error())
	for _, word := range []string{"permission denied", "read-only", "no space left", "disk is full", "space"} {
		if strings.Contains(text, word) {
			return true
		}
	}
	return false
}
