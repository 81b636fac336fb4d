package picapport

import (
	"os"
	"syscall"
)

// datasync is fsync without the times of the file.
func datasync(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }
