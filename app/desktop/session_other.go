//go:build !(linux || freebsd || openbsd || netbsd)

package desktop

import (
	"context"
	"errors"
)

// Session does not exist on this system.
type Session struct{}

// OpenSession fails with [errors.ErrUnsupported].
func OpenSession(context.Context, SessionOptions) (*Session, error) {
	return nil, errors.ErrUnsupported
}

// TrayPlace returns nil.
func (s *Session) TrayPlace() <-chan struct{} { return nil }

// Notify does nothing.
func (s *Session) Notify(Notification) {}

// Withdraw does nothing.
func (s *Session) Withdraw(string) {}

// Close does nothing.
func (s *Session) Close() {}
