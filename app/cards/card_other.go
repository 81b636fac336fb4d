//go:build !linux

package cards

import (
	"context"
	"errors"
	"io/fs"
)

// Watch fails with [errors.ErrUnsupported].
func (System) Watch(context.Context, func(Event)) error { return errors.ErrUnsupported }

// In finds none.
func (System) In() ([]Card, error) { return nil, nil }

func (s System) present(Card) error { return errors.ErrUnsupported }

func (s System) users(string) []string { return nil }

func steadyInodes(string) bool { return false }

func place(fs.FileInfo) (device, inode uint64) { return 0, 0 }

func isReadOnly(error) bool { return false }
