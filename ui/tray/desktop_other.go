//go:build !(linux || freebsd || openbsd || netbsd || windows)

package tray

import (
	"context"
	"errors"
	"log/slog"
)

// desktop is none here.
type desktop struct {
	place   chan struct{}
	clicked chan struct{}
}

func openDesktop(context.Context, *slog.Logger) (*desktop, error) { return nil, errors.ErrUnsupported }

func (d *desktop) notify(note) {}
func (d *desktop) close()      {}
