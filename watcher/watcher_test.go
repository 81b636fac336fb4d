package watcher

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Times of settling in tests: short, yet long beside the hiccups of a busy machine.
const (
	quiet    = 100 * time.Millisecond
	unmarked = 200 * time.Millisecond
	unproven = 800 * time.Millisecond
)

// photo returns n bytes (n > 8) of which the last four are the end mark that endMark looks for.
func photo(n int) []byte {
	return append(append([]byte("JPEG"), bytes.Repeat([]byte{'x'}, n-8)...), "DONE"...)
}

func endMark(r io.ReaderAt, size int64) Ending {
	var head, tail [4]byte
	if _, err := r.ReadAt(head[:], 0); err != nil || string(head[:]) != "JPEG" {
		return Unknown
	}
	if _, err := r.ReadAt(tail[:], size-4); err != nil || string(tail[:]) != "DONE" {
		return Missing
	}
	return Present
}

// watching is a running Watcher and what it has found.
type watching struct {
	*Watcher
	t   *testing.T
	end func()

	mu    sync.Mutex
	files []File
	bytes map[string][]byte // what was in the file when it was found
	calls int
	fail  error
	known map[string]stamp
}

func prepare(t *testing.T, c Config) *watching {
	w := &watching{t: t, bytes: map[string][]byte{}, known: map[string]stamp{}}
	c.Quiet, c.Unmarked, c.Unproven = quiet, unmarked, unproven
	c.Away, c.Poll, c.Retry = 20*time.Millisecond, 50*time.Millisecond, 20*time.Millisecond
	if c.Ended == nil {
		c.Ended = endMark
	}
	if c.Known == nil {
		c.Known = w.isKnown
	}
	w.Watcher = New(c)
	return w
}

func (w *watching) run() *watching {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.Run(ctx, w.found) }()
	w.end = sync.OnceFunc(func() {
		cancel()
		if err := <-done; err != nil {
			w.t.Errorf("Run: %v", err)
		}
	})
	w.t.Cleanup(w.end)
	return w
}

// follow runs a Watcher of the folders until the first scans are over and all that they found is taken over.
func follow(t *testing.T, dirs ...string) *watching {
	t.Helper()
	var c Config
	for _, d := range dirs {
		c.Roots = append(c.Roots, Root{Path: d})
	}
	w := prepare(t, c).run()
	w.settle()
	return w
}

func (w *watching) found(files []File) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	if w.fail != nil {
		return w.fail
	}
	for _, f := range files {
		w.files = append(w.files, f)
		w.bytes[f.Path], _ = os.ReadFile(f.Path)
		w.known[f.Path] = stamp{size: f.Size, mtime: f.ModTime}
	}
	return nil
}

func (w *watching) isKnown(path string, size int64, mtime time.Time) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	st, ok := w.known[path]
	return ok && st.equal(stamp{size: size, mtime: mtime})
}

func (w *watching) setFail(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fail = err
}

// paths returns what was found, in order.
func (w *watching) paths() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, f := range w.files {
		out = append(out, f.Path)
	}
	return out
}

func (w *watching) count() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return len(w.files)
}

func (w *watching) settle() {
	w.t.Helper()
	eventually(w.t, "idle", w.Idle)
}

// expect waits until so many files are found and nothing is left to do, and checks that each of paths was found once.
func (w *watching) expect(paths ...string) {
	w.t.Helper()
	eventually(w.t, "all files found", func() bool { return w.count() >= len(paths) })
	w.settle()
	got := w.paths()
	slices.Sort(got)
	slices.Sort(paths)
	if !slices.Equal(got, paths) {
		w.t.Fatalf("found %d: %s\nwant %d: %s", len(got), strings.Join(got, "\n"), len(paths), strings.Join(paths, "\n"))
	}
}

func (w *watching) state() State { return w.States()[0] }

// eventually waits until ok.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.NewTimer(20 * time.Second)
	defer deadline.Stop()
	poll := time.NewTicker(2 * time.Millisecond)
	defer poll.Stop()
	for !ok() {
		select {
		case <-poll.C:
		case <-deadline.C:
			t.Fatalf("waited in vain for: %s", what)
		}
	}
}

// pass lets time go by, where time itself is what the test is about.
func pass(d time.Duration) { <-time.After(d) }

func write(t *testing.T, path string, data []byte) string {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, data, 0o644))
	return path
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func create(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.Create(path)
	must(t, err)
	return f
}

func put(t *testing.T, f *os.File, data []byte) {
	t.Helper()
	_, err := f.Write(data)
	must(t, err)
}

// A file is offered once, and only when its writer is done, however that writer works.
func TestFileIsOfferedWholeAndOnce(t *testing.T) {
	t.Parallel()
	data := photo(300_000)
	half := len(data) / 2
	old := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	for name, writer := range map[string]func(t *testing.T, path string){
		"in one go": func(t *testing.T, path string) { write(t, path, data) },
		"with the mtime of the original": func(t *testing.T, path string) {
			f := create(t, path)
			put(t, f, data)
			must(t, os.Chtimes(path, old, old))
			must(t, f.Close())
		},
		"slowly": func(t *testing.T, path string) {
			f := create(t, path)
			for chunk := range slices.Chunk(data, len(data)/6) {
				put(t, f, chunk)
				pass(quiet + quiet/2)
			}
			must(t, f.Close())
		},
		"with a long stall": func(t *testing.T, path string) {
			f := create(t, path)
			put(t, f, data[:half])
			pass(2 * unproven)
			put(t, f, data[half:])
			must(t, f.Close())
		},
		"with its size allocated first": func(t *testing.T, path string) {
			f := create(t, path)
			must(t, f.Truncate(int64(len(data))))
			put(t, f, data[:half])
			pass(2 * unproven)
			put(t, f, data[half:])
			must(t, f.Close())
		},
		"with the end mark first": func(t *testing.T, path string) {
			f := create(t, path)
			_, err := f.WriteAt(data[half:], int64(half))
			must(t, err)
			must(t, f.Sync())
			put(t, f, []byte("JPEG"))
			pass(2 * unproven)
			put(t, f, data[4:])
			must(t, f.Close())
		},
		"in two sittings": func(t *testing.T, path string) {
			write(t, path, data[:half])
			pass(unproven * 4 / 10)
			f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
			must(t, err)
			put(t, f, data[half:])
			must(t, f.Close())
		},
		"under a hidden name, then renamed": func(t *testing.T, path string) {
			hidden := filepath.Join(filepath.Dir(path), ".IMG.jpg.Xa3f")
			write(t, hidden, data)
			must(t, os.Rename(hidden, path))
		},
		"under another photo's name, then renamed": func(t *testing.T, path string) {
			other := write(t, filepath.Join(filepath.Dir(path), "other.jpg"), data)
			must(t, os.Rename(other, path))
		},
		"closed without a further write, long after the last": func(t *testing.T, path string) {
			f := create(t, path)
			put(t, f, data)
			pass(2 * unproven)
			must(t, f.Close())
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := follow(t, t.TempDir())
			path := filepath.Join(w.state().Path, "IMG_0001.JPG")
			writer(t, path)
			w.expect(path)
			if !bytes.Equal(w.bytes[path], data) {
				t.Errorf("found with %d of %d bytes", len(w.bytes[path]), len(data))
			}
			if f := w.files[0]; f.Size != int64(len(data)) || f.Root != w.state().Path || f.FirstScan {
				t.Errorf("found %+v", f)
			}
		})
	}
}

func TestFileWithoutProofIsOfferedLater(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		data []byte
		wait time.Duration
	}{
		"end mark":          {photo(1000), quiet},
		"kind without one":  {[]byte("a kind of its own"), unmarked},
		"end mark missing":  {photo(1000)[:900], unproven},
		"nothing in it yet": {nil, unproven},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := follow(t, t.TempDir())
			path := filepath.Join(w.state().Path, "a.jpg")
			began := time.Now()
			write(t, path, c.data)
			w.expect(path)
			if took := time.Since(began); took < c.wait {
				t.Errorf("offered after %v, want at least %v", took, c.wait)
			}
		})
	}
}

func TestFilesOfTheFirstScanAreOfferedNewestFirst(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var want []string
	for i, name := range []string{"c.jpg", "sub/a.jpg", "sub/deep/d.jpg", "b.png"} {
		path := write(t, filepath.Join(dir, name), photo(100))
		at := time.Now().Add(-time.Duration(i) * time.Hour)
		must(t, os.Chtimes(path, at, at))
		want = append(want, path)
	}
	write(t, filepath.Join(dir, "notes.txt"), photo(100))
	write(t, filepath.Join(dir, "@eaDir/c.jpg/SYNOPHOTO_THUMB_M.jpg"), photo(100))
	write(t, filepath.Join(dir, ".hidden/e.jpg"), photo(100))
	w := follow(t, dir)
	if got := w.paths(); !slices.Equal(got, want) {
		t.Errorf("found %q, want %q", got, want)
	}
	for _, f := range w.files {
		if !f.FirstScan {
			t.Errorf("%s: not of the first scan", f.Path)
		}
	}
	s := w.state()
	if s.Phase != Watching || s.Reason != "" || s.Files != 4 || s.Settling != 0 || s.Scans != 1 || s.LastScan.IsZero() {
		t.Errorf("state %+v", s)
	}
}

func TestFileThatVanishesWhileSettlingIsForgotten(t *testing.T) {
	t.Parallel()
	w := follow(t, t.TempDir())
	path := write(t, filepath.Join(w.state().Path, "a.jpg"), photo(100)[:50])
	eventually(t, "settling", func() bool { return w.state().Settling == 1 })
	must(t, os.Remove(path))
	w.expect()
}

func TestFileReplacedUnderTheSameNameIsOfferedAgain(t *testing.T) {
	t.Parallel()
	w := follow(t, t.TempDir())
	path := write(t, filepath.Join(w.state().Path, "a.jpg"), photo(100))
	w.expect(path)
	next := write(t, filepath.Join(t.TempDir(), "next.jpg"), photo(200))
	must(t, os.Rename(next, path))
	w.expect(path, path)
	if got := w.files[1].Size; got != 200 {
		t.Errorf("size %d, want that of the new file", got)
	}
}

func TestRecheckOffersAChangedFileAgain(t *testing.T) {
	t.Parallel()
	w := follow(t, t.TempDir())
	path := write(t, filepath.Join(w.state().Path, "a.jpg"), photo(100))
	w.expect(path)
	w.Recheck(path) // as it was: known
	w.settle()
	w.mu.Lock()
	delete(w.known, path)
	w.mu.Unlock()
	w.Recheck(path)
	w.expect(path, path)

	stray := write(t, filepath.Join(t.TempDir(), "stray.bin"), photo(100))
	w.Recheck(stray)
	w.expect(path, path, stray)
	if got := w.files[2].Root; got != "" {
		t.Errorf("a file from outside has root %q", got)
	}
}

func TestFilesThatFoundRefusesAreOfferedAgain(t *testing.T) {
	t.Parallel()
	w := follow(t, t.TempDir())
	w.setFail(errors.New("disk full"))
	a := write(t, filepath.Join(w.state().Path, "a.jpg"), photo(100))
	gone := write(t, filepath.Join(w.state().Path, "gone.jpg"), photo(100))
	changed := write(t, filepath.Join(w.state().Path, "changed.jpg"), photo(100))
	eventually(t, "two refusals", func() bool { w.mu.Lock(); defer w.mu.Unlock(); return w.calls >= 2 })
	if w.Idle() {
		t.Error("idle with files that nobody has taken")
	}
	must(t, os.Remove(gone))
	write(t, changed, photo(333))
	w.Rescan("")
	eventually(t, "rescan", func() bool { return w.state().Scans == 2 && w.state().Settling == 0 })
	w.setFail(nil)
	w.expect(a, changed)
	if got := len(w.bytes[changed]); got != 333 {
		t.Errorf("offered with %d bytes", got)
	}
}

func TestTheIntervalOfScansCanBeChanged(t *testing.T) {
	t.Parallel()
	w := prepare(t, Config{Rescan: time.Hour, Roots: []Root{{Path: t.TempDir()}}})
	w.run()
	w.settle()
	w.RescanEvery(10 * time.Millisecond)
	eventually(t, "scans of their own accord", func() bool { return w.state().Scans >= 3 })
}

func TestRunMayBeCalledOnce(t *testing.T) {
	t.Parallel()
	w := prepare(t, Config{})
	if w.Idle() {
		t.Error("idle before Run")
	}
	w.run()
	w.settle()
	w.end()
	if w.Idle() {
		t.Error("idle after Run")
	}
	if err := w.Run(t.Context(), w.found); err == nil {
		t.Error("no error from a second Run")
	}
}
