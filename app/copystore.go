package app

import (
	"cmp"
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
	"strings"
	"sync"
	"time"

	"github.com/photoferry/photoferry/app/convert"
)

// Bounds of the copies that are kept on disk.
const (
	maxCopies = 1 << 30 // bytes, besides the one that is being made
	maxIdle   = 7 * 24 * time.Hour
)

// making starts the name of a folder in which a copy is being made.
const making = "making-"

// copies are files that are sent in the place of originals. One is made at a
// time, and kept until it was delivered, so that another attempt sends the same
// bytes, also after a crash.
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
		_ = os.Remove(filepath.Join(c.dir, f.key+".jpg")) // what stays is removed by clean
	}
}

// make has a copy written in a folder of its own and moves it to its place
// when it is whole and on the disk.
func (c *copies) make(path string, write func(dst *os.File, dir string) error) error {
	if err := os.MkdirAll(c.dir, 0o700); err != nil {
		return err
	}
	c.trim(maxCopies, 0)
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
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// clean removes what a crash has left, and copies that nobody has asked for in
// a week. Nothing may be in the making.
func (c *copies) clean() {
	c.one.Lock()
	defer c.one.Unlock()
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return // it is made when the first copy is
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), making) {
			_ = os.RemoveAll(filepath.Join(c.dir, e.Name()))
		}
	}
	c.trim(maxCopies, maxIdle)
}

// trim removes the oldest copies until the rest takes no more than so many
// bytes, and those older than a time that is not 0.
func (c *copies) trim(most int64, idle time.Duration) {
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
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return cmp.Compare(a.ModTime().UnixNano(), b.ModTime().UnixNano()) })
	for _, fi := range files {
		if sum > most || idle > 0 && time.Since(fi.ModTime()) > idle {
			_ = os.Remove(filepath.Join(c.dir, fi.Name()))
			sum -= fi.Size()
		}
	}
}
