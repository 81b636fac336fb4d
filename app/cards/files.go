package cards

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"strings"
	"time"
)

const (
	// maxCount is how many files Count looks at.
	maxCount = 1_000_000
	// maxDepth is how deep folders may lie below DCIM. Cameras have one level.
	maxDepth = 16
)

// File is a file of a card as it was when it was looked at.
type File struct {
	// Path is below the card's root, with slashes: DCIM/100CANON/IMG_0001.JPG
	Path    string
	Size    int64 // bytes
	ModTime time.Time
	// Inode is its number in the file system; 0 where numbers do not last.
	Inode uint64
}

// Total is how much there is on a card.
type Total struct {
	Files int
	Bytes int64
	// More is set when there are so many that the rest was not counted.
	More bool
}

// Files walks all files below DCIM for which want says yes to their path, in no
// order. Links, and what else is no plain file, are left out. An error is the
// last that comes, and means that there are files that were not seen; it is
// [ErrGone] when the card is, and ctx's when that ends.
func (s System) Files(ctx context.Context, c Card, want func(path string) bool) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		dcim, err := s.open(c)
		if err == nil {
			defer dcim.Close()
			w := walk{ctx: ctx, want: want, yield: yield, steady: steadyInodes(c.Root)}
			err = w.folder(dcim.Root, dcim.name, 0)
		}
		if err != nil && !errors.Is(err, errStopped) {
			yield(File{}, fmt.Errorf("looking through the card: %w", err))
		}
	}
}

// Outside walks what Files leaves out: all files of the card that are not below
// DCIM, for which want says yes to their path. Folders at the card's top that
// this user may not open are passed over. Otherwise it is as Files.
func (s System) Outside(ctx context.Context, c Card, want func(path string) bool) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		w := walk{ctx: ctx, want: want, yield: yield, steady: steadyInodes(c.Root)}
		if err := s.outside(c, &w); err != nil && !errors.Is(err, errStopped) {
			yield(File{}, fmt.Errorf("looking through the card: %w", err))
		}
	}
}

func (s System) outside(c Card, w *walk) error {
	root, dcim, err := s.openRoot(c)
	if err != nil {
		return err
	}
	defer root.Close()
	defer dcim.Close()
	f, err := root.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(256)
		for _, e := range entries {
			if e.Name() == dcim.name {
				continue
			}
			if err := w.entry(root, e, e.Name(), 0); err != nil && !errors.Is(err, fs.ErrPermission) {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// Count counts what Files would walk.
func (s System) Count(ctx context.Context, c Card, want func(path string) bool) (Total, error) {
	return s.count(ctx, c, want, maxCount)
}

func (s System) count(ctx context.Context, c Card, want func(path string) bool, most int) (Total, error) {
	var t Total
	for f, err := range s.Files(ctx, c, want) {
		if err != nil {
			return t, err
		}
		if t.Files == most {
			t.More = true
			break
		}
		t.Files++
		t.Bytes += f.Size
	}
	return t, nil
}

// walk is one walk through a card.
type walk struct {
	ctx    context.Context
	want   func(string) bool
	yield  func(File, error) bool
	steady bool
}

// errStopped means that the caller wants no more.
var errStopped = errors.New("stopped")

// folder walks a folder that lies at path, some at a time: there may be any
// number of files in it.
func (w *walk) folder(dir *os.Root, path string, depth int) error {
	if depth > maxDepth {
		return fmt.Errorf("%s: folders lie too deep in each other", path)
	}
	f, err := dir.Open(".")
	if err != nil {
		return err
	}
	defer f.Close()
	for {
		entries, err := f.ReadDir(256)
		for _, e := range entries {
			if err := w.entry(dir, e, path+"/"+e.Name(), depth); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func (w *walk) entry(dir *os.Root, e fs.DirEntry, path string, depth int) error {
	if w.ctx.Err() != nil {
		return w.ctx.Err()
	}
	fi, err := dir.Lstat(e.Name())
	if errors.Is(err, fs.ErrNotExist) {
		return nil // deleted meanwhile
	} else if err != nil {
		return err
	}
	switch {
	case fi.IsDir():
		sub, err := dir.OpenRoot(e.Name())
		if err != nil {
			return err
		}
		defer sub.Close()
		return w.folder(sub, path, depth+1)
	case fi.Mode().IsRegular() && w.want(path):
		if !w.yield(w.file(path, fi), nil) {
			return errStopped
		}
	}
	return nil
}

func (w *walk) file(path string, fi fs.FileInfo) File {
	f := File{Path: path, Size: fi.Size(), ModTime: fi.ModTime()}
	if w.steady {
		_, f.Inode = place(fi)
	}
	return f
}

// folderDCIM is a card's folder for photos, under the name that it has there.
type folderDCIM struct {
	*os.Root
	name string
}

// open opens a card's folder for photos, having made sure that it is this
// card's. It fails with ErrGone.
func (s System) open(c Card) (folderDCIM, error) {
	root, dcim, err := s.openRoot(c)
	if err != nil {
		return folderDCIM{}, err
	}
	return dcim, root.Close()
}

// openRoot opens a card's top, too. After an error nothing is open.
func (s System) openRoot(c Card) (*os.Root, folderDCIM, error) {
	root, err := os.OpenRoot(c.Root)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, folderDCIM{}, ErrGone
	} else if err != nil {
		return nil, folderDCIM{}, err
	}
	// From here on root is one file system, whatever is mounted there later. Is
	// it the card's?
	err = s.present(c)
	var dcim folderDCIM
	if err == nil {
		dcim, err = openDCIM(root)
		if errors.Is(err, fs.ErrNotExist) {
			err = ErrGone
		}
	}
	if err != nil {
		_ = root.Close()
		return nil, folderDCIM{}, err
	}
	return root, dcim, nil
}

// openDCIM opens the folder DCIM of a card, in whatever case it is written. A
// link is none.
func openDCIM(root *os.Root) (folderDCIM, error) {
	const most = 1000 // a card's root has a handful of names
	if fi, err := root.Lstat("DCIM"); err == nil && fi.IsDir() {
		dcim, err := openFolder(root, "DCIM")
		return folderDCIM{dcim, "DCIM"}, err
	}
	f, err := root.Open(".")
	if err != nil {
		return folderDCIM{}, err
	}
	defer f.Close()
	entries, err := f.ReadDir(most)
	for _, e := range entries {
		if strings.EqualFold(e.Name(), "DCIM") && e.IsDir() {
			dcim, err := openFolder(root, e.Name())
			return folderDCIM{dcim, e.Name()}, err
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return folderDCIM{}, err
	}
	return folderDCIM{}, fmt.Errorf("no folder DCIM: %w", fs.ErrNotExist)
}

// openFolder opens a folder of a folder. It never follows a link, not even one
// that takes the folder's place in the middle of it.
func openFolder(dir *os.Root, name string) (*os.Root, error) {
	before, err := dir.Lstat(name)
	if err != nil {
		return nil, err
	}
	if !before.IsDir() {
		return nil, fmt.Errorf("%s: %w", name, ErrNotPhoto)
	}
	sub, err := dir.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	now, err := sub.Stat(".")
	if err == nil && !os.SameFile(before, now) {
		err = fmt.Errorf("%s: %w", name, ErrChanged)
	}
	if err != nil {
		_ = sub.Close()
		return nil, err
	}
	return sub, nil
}
