//go:build !linux

package app

import (
	"os"
	"time"
)

// arrived returns when a file came to be under its name, as far as the system
// tells: its modification time.
func arrived(path string) time.Time {
	fi, err := os.Stat(path)
	if err != nil {
		return time.Time{}
	}
	return fi.ModTime()
}
