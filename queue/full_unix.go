//go:build !windows

package queue

import (
	"errors"
	"syscall"
)

// diskFull recognises the other ways in which a disk has no room for us.
func diskFull(err error) bool { return errors.Is(err, syscall.EDQUOT) }
