package watcher

import "golang.org/x/sys/windows"

const (
	errNoSpace      = windows.ERROR_NO_SYSTEM_RESOURCES
	errTooManyFiles = windows.ERROR_TOO_MANY_OPEN_FILES
)
