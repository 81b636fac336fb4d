package app

import (
	"context"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/photoferry/photoferry/app/convert"
)

// maxCopies bounds the copies that are kept on disk, in bytes, besides the one
// that is being made.
const maxCopies = 1 << 30

// making starts the name of a folder in which a copy is being made.
const making = "making-"

// copies are files that are sent in the place of originals. One is made at a
// time, and kept until it was delivered or the engine starts anew: what a power
// cut leaves of a file is nothing to be sent.
type copies struct {
	dir string

	one sync.Mutex // held while one is made

	mu  sync.Mutex
	use map[string]int // by key: how many attempts have it open
}

// copyFile is a copy that is open for reading, until it is released.
type copyFile struct {
	key  string
	f    *os.File
	size int64
	md5  [16]byte
}

// reader implements [upload.Item]'s Open.
func (c copyFile) reader() (io.ReadCloser, error) {
	return io.NopCloser(io.NewSectionReader(c.f, 0, c.size)), nil
}

// copyKey names the copy that a plan makes of an original.
func copyKey(digest [32]byte, p plan) string {
	d := sha256.Sum256(fmt.Append(nil, p.cut, p.keep, p.wish))
	return hex.EncodeToString(digest[:]) + "-" + hex.EncodeToString(d[:4])
}

// open returns the copy of that key, which it has made unless it is there. An
// error for want of room wraps [convert.ErrSpace].
func (c *copies) open(ctx context.Context, key string, write func(dst *os.File, dir string) error) (copyFile, error) {
	path := filepath.Join(c.dir, key+".jpg")
	c.one.Lock()
	defer c.one.Unlock()
	if ctx.Err() != nil {
		return copyFile{}, ctx.Err()
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		if err = c.make(path, write); err == nil {
			f, err = os.Open(path)
		}
	}
	if err != nil {
		return copyFile{}, convert.SpaceOr(err)
	}
	h := md5.New()
	n, err := io.Copy(h, f)
	if err != nil {
		f.Close()
		return copyFile{}, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.use == nil {
		c.use = make(map[string]int)
	}
	c.use[key]++
	return copyFile{key, f, n, [16]byte(h.Sum(nil))}, nil
}

// release closes a copy, and removes it if it is over with it: delivered, and
// wanted by nobody else.
func (c *copies) release(f copyFile, over bool) {
	_ = f.f.Close()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.use[f.key]--; c.use[f.key] > 0 {
		return
	}
	delete(c.use, f.key)
	if over {
		_ = os.Remove(filepath.Join(c.dir, f.key+".jpg")) // else the next start does
	}
}

// make has a copy written in a folder of its own and moves it to its place
// when it is whole.
func (c *copies) make(path string, write func(dst *os.File, dir string) error) error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	c.trim(maxCopies)
	dir, err := os.MkdirTemp(c.dir, making)
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	f, err := os.OpenFile(filepath.Join(dir, "copy"), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = write(f, dir)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// clean removes what an earlier run has left. Nothing may be in use.
func (c *copies) clean() {
	_ = os.RemoveAll(c.dir) // what stays counts for trim
}

// trim removes the oldest copies until the rest takes no more than so many
// bytes.
func (c *copies) trim(most int64) {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return
	}
	var files []fs.FileInfo
	var sum int64
	for _, e := range entries {
		if fi, err := e.Info(); err == nil && fi.Mode().IsRegular() {
			files = append(files, fi)
			sum += fi.Size()
		}
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, fi := range files {
		if sum <= most {
			return
		}
		_ = os.Remove(filepath.Join(c.dir, fi.Name()))
		sum -= fi.Size()
	}
}
