//go:build !linux

package cards

import (
	"context"
	"errors"
	"io/fs"
)

// Watch fails with [errors.ErrUnsupported].
func Watch(context.Context, func(Event)) error { return errors.ErrUnsupported }

func (s system) present(Card) error { return errors.ErrUnsupported }

func (s system) users(string) []string { return nil }

func steadyInodes(string) bool { return false }

func place(fs.FileInfo) (device, inode uint64) { return 0, 0 }

func isReadOnly(error) bool { return false }
