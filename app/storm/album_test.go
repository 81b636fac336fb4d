//go:build linux

package storm

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/photoferry/photoferry/app/photo/phototest"
)

// album knows all bytes that were ever written and what lies where.
type album struct {
	seed    uint64
	uid     int // who owns the files
	folders []*folder
	desk    string // not watched: what lies there is handed over by hand

	mu    sync.Mutex
	shots int
	ever  map[string]*bytesOf // by digest
	files map[string]*file    // by path, as far as they lie in their place
}

// folder is a watched one.
type folder struct {
	path string
	gone bool // not in its place, or not readable
}

// bytesOf are the bytes of one or more files.
type bytesOf struct {
	name   string // of the first file that had them
	broken bool   // not a whole photo: a service may refuse it
}

// file is what lies under a path.
type file struct {
	digest string
	folder *folder // nil on the desk
	since  time.Time
}

func newAlbum(dir string, seed uint64, uid int) (*album, error) {
	a := &album{seed: seed, uid: uid, ever: map[string]*bytesOf{}, files: map[string]*file{}, desk: filepath.Join(dir, "desk")}
	for _, name := range []string{"camera", "phone"} {
		a.folders = append(a.folders, &folder{path: filepath.Join(dir, name)})
	}
	for _, d := range []string{a.desk, a.folders[0].path, a.folders[1].path} {
		if err := a.mkdir(d); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *album) mkdir(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	return os.Chown(dir, a.uid, a.uid)
}

// picture makes the bytes of a photo that nobody has seen yet.
func (a *album) picture() []byte {
	a.mu.Lock()
	a.shots++
	n := a.shots
	a.mu.Unlock()
	o := phototest.Options{
		Seed: a.seed<<32 + uint64(n), Width: 24, Height: 16,
		Taken:       time.Date(2026, 3, 1+n%27, n/60%24, n%60, 0, 0, time.UTC),
		Description: fmt.Sprintf("storm %d, photo %d", a.seed, n),
	}
	if n%16 == 0 {
		o.Size = 300_000 // so that some are on their way for longer
	}
	return phototest.JPEG(o)
}

// shoot brings n new photos into folders that are in their place. It returns
// how many could be brought.
func (a *album) shoot(n int) (int, error) {
	for i := range n {
		f := a.place(i + a.shots)
		if f == nil {
			return i, nil
		}
		b := a.picture()
		dir := filepath.Join(f.path, fmt.Sprintf("%03dSTORM", a.shots/100))
		if err := a.mkdir(dir); err != nil {
			return i, err
		}
		if err := a.write(f, filepath.Join(dir, fmt.Sprintf("IMG_%05d.JPG", a.shots)), b, os.O_EXCL); err != nil {
			return i, err
		}
	}
	return n, nil
}

// place returns a folder that is there, nil if none is.
func (a *album) place(n int) *folder {
	for i := range a.folders {
		if f := a.folders[(n+i)%len(a.folders)]; !f.gone {
			return f
		}
	}
	return nil
}

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// note remembers bytes before anybody can see them.
func (a *album) note(name string, b []byte, broken bool) string {
	d := digestOf(b)
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.ever[d] == nil {
		a.ever[d] = &bytesOf{name: name, broken: broken}
	}
	return d
}

func (a *album) put(path, digest string, f *folder) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.files[path] = &file{digest: digest, folder: f, since: time.Now()}
}

func (a *album) forget(path string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.files, path)
}

// write writes a file in two pieces, as a copy does. The flag is O_EXCL for a
// new one and O_TRUNC for one that is written over.
func (a *album) write(f *folder, path string, b []byte, flag int) (err error) {
	d := a.note(filepath.Base(path), b, false)
	w, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|flag, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, w.Close())
		if err == nil {
			a.put(path, d, f)
		}
	}()
	if err := w.Chown(a.uid, a.uid); err != nil {
		return err
	}
	for _, piece := range [][]byte{b[:len(b)/2], b[len(b)/2:]} {
		if _, err := w.Write(piece); err != nil {
			return err
		}
	}
	return nil
}

// some returns a file that lies in a folder in its place, "" if there is none.
func (a *album) some(n uint64) (string, *file) {
	a.mu.Lock()
	defer a.mu.Unlock()
	paths := slices.Sorted(maps.Keys(a.files))
	paths = slices.DeleteFunc(paths, func(p string) bool { return a.files[p].folder == nil || a.files[p].folder.gone })
	if len(paths) == 0 {
		return "", nil
	}
	// Mostly a new one, which may be on its way just now.
	if n%4 != 0 && len(paths) > 40 {
		slices.SortStableFunc(paths, func(x, y string) int { return a.files[y].since.Compare(a.files[x].since) })
		paths = paths[:40]
	}
	p := paths[n/4%uint64(len(paths))]
	return p, a.files[p]
}

// due returns what must be on every account: the bytes of all files that have
// lain in their place for some time.
func (a *album) due(age time.Duration) map[string]string {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := map[string]string{}
	for p, f := range a.files {
		if time.Since(f.since) >= age {
			out[f.digest] = p
		}
	}
	return out
}

// leaveDesk forgets what was handed over by hand: a lost queue is the only
// place that knew of it.
func (a *album) leaveDesk() {
	a.mu.Lock()
	defer a.mu.Unlock()
	maps.DeleteFunc(a.files, func(_ string, f *file) bool { return f.folder == nil })
}

// knows returns what is known of bytes, nil if no file ever had them.
func (a *album) knows(digest string) *bytesOf {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.ever[digest]
}

// settle notes that a folder's files are in their place again since now.
func (a *album) settle(f *folder) {
	a.mu.Lock()
	defer a.mu.Unlock()
	f.gone = false
	for _, x := range a.files {
		if x.folder == f {
			x.since = time.Now()
		}
	}
}
