//go:build unix

package settings

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// access asks the system whether an existing file may be written to; unlike
// the mode bits it knows of immutable files and read-only mounts.
func access(file string) error {
	if err := unix.Access(file, unix.W_OK); err != nil {
		return fmt.Errorf("%s cannot be written to (%w): it is %w", file, err, ErrReadOnly)
	}
	return nil
}

// syncDir makes a rename in dir durable.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
