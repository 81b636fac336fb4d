//go:build !linux

package watcher

import "context"

// mountChanges calls changed after file systems have been mounted or unmounted, where the system says so. It returns
// when ctx is done.
func mountChanges(ctx context.Context, changed func()) { <-ctx.Done() }

// clockJumps calls jumped after the computer has slept or its clock has been set, where the system says so. It returns
// when ctx is done.
func clockJumps(ctx context.Context, jumped func()) { <-ctx.Done() }
