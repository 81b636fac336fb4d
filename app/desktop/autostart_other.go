//go:build !(linux || freebsd || openbsd || netbsd || windows)

package desktop

import "errors"

// State fails with [errors.ErrUnsupported].
func (a Autostart) State() (AutostartState, error) {
	return AutostartState{}, errors.ErrUnsupported
}

// Set fails with [errors.ErrUnsupported].
func (a Autostart) Set(bool) error { return errors.ErrUnsupported }
