package watcher

import (
	"errors"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows"
)

// openShared opens a file for reading and lets others read, but not write: it fails while anybody has the file open
// for writing.
func openShared(path string) (*os.File, error) {
	name, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	h, err := windows.CreateFile(name, windows.GENERIC_READ, windows.FILE_SHARE_READ|windows.FILE_SHARE_DELETE, nil,
		windows.OPEN_EXISTING, windows.FILE_ATTRIBUTE_NORMAL, 0)
	if errors.Is(err, windows.ERROR_SHARING_VIOLATION) {
		return nil, errInUse
	}
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(h), path), nil
}

// writerOf knows from openShared's success that there is no writer.
func writerOf(*os.File) writer { return nobody }

// whereIs returns the place of the file system that path is on; local if that cannot be found out.
func whereIs(path string) place {
	volume := filepath.VolumeName(path)
	if len(volume) > 2 {
		return network // \\server\share
	}
	name, err := windows.UTF16PtrFromString(volume + `\`)
	if err == nil && windows.GetDriveType(name) == windows.DRIVE_REMOTE {
		return network
	}
	return local
}

// Limits of one root, beyond which it is polled: a followed folder costs an open handle and a buffer of 64 KiB.
const (
	maxDirs  = 500
	maxFiles = 0
)
