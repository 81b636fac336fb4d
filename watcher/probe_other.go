//go:build unix && !linux

package watcher

import (
	"os"
	"syscall"
)

// openShared opens a file for reading. It does not wait at a pipe that has taken the file's place.
func openShared(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
}

// writerOf cannot tell: these systems have no lease.
func writerOf(*os.File) writer { return unsure }

// Limits of one root, beyond which it is polled: kqueue holds a descriptor for each file in a followed folder.
const (
	maxDirs  = 500
	maxFiles = 4000
)
