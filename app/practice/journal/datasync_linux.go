package journal

import (
	"errors"
	"os"
	"syscall"
)

// datasync is fsync without the times of the file.
func datasync(f *os.File) error { return syscall.Fdatasync(int(f.Fd())) }

// syncDir makes the name of a new file durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
