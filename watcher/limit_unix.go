//go:build unix

package watcher

import "syscall"

const (
	errNoSpace      = syscall.ENOSPC // inotify's word for no more watches
	errTooManyFiles = syscall.EMFILE
)
