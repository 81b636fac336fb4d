//go:build linux

package storm

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/photoferry/photoferry/app/control"
)

// present returns a folder that is in its place, by choice.
func (w *world) present(n uint64) *folder { return w.album.place(int(n % 1000)) }

func folderAway(w *world, s step) (func(), error) {
	f := w.present(s.n)
	f.gone = true
	away := f.path + ".away"
	return func() {
		w.must(os.Rename(away, f.path))
		w.album.settle(f)
	}, os.Rename(f.path, away)
}

// folderEmptied puts an empty folder in the place of one, as a mount point is
// without its drive.
func folderEmptied(w *world, s step) (func(), error) {
	f := w.present(s.n)
	f.gone = true
	away := f.path + ".away"
	if err := os.Rename(f.path, away); err != nil {
		return nil, err
	}
	return func() {
		w.must(os.Remove(f.path))
		w.must(os.Rename(away, f.path))
		w.album.settle(f)
	}, w.album.mkdir(f.path)
}

func folderUnreadable(w *world, s step) (func(), error) {
	f := w.present(s.n)
	f.gone = true
	return func() {
		w.must(os.Chmod(f.path, 0o755))
		w.album.settle(f)
	}, os.Chmod(f.path, 0)
}

// writtenOver puts other bytes into the same file.
func writtenOver(w *world, s step) (func(), error) {
	path, f := w.album.some(s.n)
	if f == nil {
		return nil, nil
	}
	w.named("written over", path)
	return nil, w.album.write(f.folder, path, w.album.picture(), os.O_TRUNC)
}

// replaced puts another file in the place of one, as an editor does.
func replaced(w *world, s step) (func(), error) {
	path, f := w.album.some(s.n)
	if f == nil {
		return nil, nil
	}
	b := w.album.picture()
	temp := filepath.Join(filepath.Dir(path), ".edited")
	if err := w.album.write(f.folder, temp, b, os.O_EXCL); err != nil {
		return nil, err
	}
	w.named("replaced", path)
	w.album.forget(temp)
	w.album.put(path, digestOf(b), f.folder)
	return nil, os.Rename(temp, path)
}

// truncated leaves the first part of a file.
func truncated(w *world, s step) (func(), error) {
	path, f := w.album.some(s.n)
	if f == nil {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	n := len(b)/2 + int(s.n%uint64(len(b)/2))
	d := w.album.note(filepath.Base(path)+", truncated", b[:n], true)
	w.named("truncated", path)
	w.album.put(path, d, f.folder)
	return nil, os.Truncate(path, int64(n))
}

func deleted(w *world, s step) (func(), error) {
	path, f := w.album.some(s.n)
	if f == nil {
		return nil, nil
	}
	w.named("deleted", path)
	w.album.forget(path)
	return nil, os.Remove(path)
}

func renamed(w *world, s step) (func(), error) {
	path, f := w.album.some(s.n)
	if f == nil {
		return nil, nil
	}
	other := strings.TrimSuffix(path, ".JPG") + "-r.JPG"
	w.named("renamed", path)
	w.album.forget(path)
	w.album.put(other, f.digest, f.folder)
	return nil, os.Rename(path, other)
}

// copied gives the same photo another name, in another folder if there is one.
func copied(w *world, s step) (func(), error) {
	path, f := w.album.some(s.n)
	to := w.present(s.n / 3)
	if f == nil || to == nil {
		return nil, nil
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	w.named("copied", path)
	copyTo := filepath.Join(to.path, fmt.Sprintf("copy %d.jpg", s.n%1e9))
	if err := w.album.write(to, copyTo, b, os.O_EXCL); err != nil {
		return nil, err
	}
	return nil, nil
}

// takenAway moves a file out of its folder and, later, back to where it was.
func takenAway(w *world, s step) (func(), error) {
	path, f := w.album.some(s.n)
	if f == nil {
		return nil, nil
	}
	away := filepath.Join(w.dir, "taken away")
	w.named("taken away", path)
	w.album.forget(path)
	return func() {
		w.must(os.Rename(away, path))
		w.album.put(path, f.digest, f.folder)
	}, os.Rename(path, away)
}

// handedOver adds a file that lies in no watched folder by the command line.
func handedOver(w *world, s step) (func(), error) {
	b := w.album.picture()
	path := filepath.Join(w.album.desk, fmt.Sprintf("handed over %d.jpg", s.n%1e9))
	if err := w.album.write(nil, path, b, os.O_EXCL); err != nil {
		return nil, err
	}
	var sum control.AddSummary
	out, err := w.engine.user("", "add", "--json", path)
	if err == nil {
		err = json.Unmarshal([]byte(out), &sum)
	}
	if err != nil || sum.Queued+sum.Known < len(siteNames) {
		w.album.forget(path) // the person was told that it was not taken
		w.try(err)
	}
	return nil, nil
}
