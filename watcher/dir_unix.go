//go:build unix

package watcher

import (
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// dir is an open directory. Its files are looked at relative to it, which spares the system the way down the path.
type dir struct {
	f  *os.File
	fd int
	st unix.Stat_t
}

func openDir(path string) (*dir, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, err
	}
	return &dir{f: f, fd: int(f.Fd())}, nil
}

func (d *dir) close() { d.f.Close() }

// next returns some entries, and io.EOF when there are no more.
func (d *dir) next() ([]fs.DirEntry, error) { return d.f.ReadDir(dirChunk) }

// stat looks at a file without following links.
func (d *dir) stat(e fs.DirEntry) (st stamp, regular bool, err error) {
	if err := unix.Fstatat(d.fd, e.Name(), &d.st, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return stamp{}, false, err
	}
	sec, nsec := d.st.Mtim.Unix()
	return stamp{size: d.st.Size, mtime: time.Unix(sec, nsec), ino: d.st.Ino}, d.st.Mode&unix.S_IFMT == unix.S_IFREG, nil
}

// identify returns the identity of the directory that path leads to.
func identify(path string) (dirID, error) {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return dirID{}, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	if st.Mode&unix.S_IFMT != unix.S_IFDIR {
		return dirID{}, &fs.PathError{Op: "stat", Path: path, Err: unix.ENOTDIR}
	}
	return dirID{dev: uint64(st.Dev), ino: st.Ino}, nil // the type of Dev depends on the system
}

func inode(fi fs.FileInfo) uint64 {
	if st, ok := fi.Sys().(*syscall.Stat_t); ok {
		return uint64(st.Ino) // the type of Ino depends on the system
	}
	return 0
}
