//go:build !(linux || freebsd || openbsd || netbsd)

package desktop

import (
	"context"
	"errors"
)

// Eject fails with [errors.ErrUnsupported].
func Eject(context.Context, string) error { return errors.ErrUnsupported }
