package watcher

import (
	"io/fs"
	"os"

	"golang.org/x/sys/windows"
)

// dir is an open directory. The system delivers size and time with the names.
type dir struct{ f *os.File }

func openDir(path string) (*dir, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return &dir{f: f}, nil
}

func (d *dir) close() { d.f.Close() }

// next returns some entries, and io.EOF when there are no more.
func (d *dir) next() ([]fs.DirEntry, error) { return d.f.ReadDir(dirChunk) }

// stat looks at a file without following links.
func (d *dir) stat(e fs.DirEntry) (st stamp, regular bool, err error) {
	fi, err := e.Info()
	if err != nil {
		return stamp{}, false, err
	}
	return stampOf(fi), fi.Mode().IsRegular(), nil
}

// identify returns the identity of the directory that path leads to.
func identify(path string) (dirID, error) {
	f, err := os.Open(path)
	if err != nil {
		return dirID{}, err
	}
	defer f.Close()
	var info windows.ByHandleFileInformation
	if err := windows.GetFileInformationByHandle(windows.Handle(f.Fd()), &info); err != nil {
		return dirID{}, &fs.PathError{Op: "stat", Path: path, Err: err}
	}
	if info.FileAttributes&windows.FILE_ATTRIBUTE_DIRECTORY == 0 {
		return dirID{}, &fs.PathError{Op: "stat", Path: path, Err: windows.ERROR_DIRECTORY}
	}
	return dirID{
		dev: uint64(info.VolumeSerialNumber),
		ino: uint64(info.FileIndexHigh)<<32 | uint64(info.FileIndexLow),
	}, nil
}

func inode(fs.FileInfo) uint64 { return 0 }
