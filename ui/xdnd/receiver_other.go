//go:build !(linux || freebsd || openbsd || netbsd)

package xdnd

// Receiver is none here.
type Receiver struct{}

// Listen returns [ErrNotHere].
func Listen(uintptr, Events) (*Receiver, error) { return nil, ErrNotHere }

// Close does nothing.
func (r *Receiver) Close() {}
