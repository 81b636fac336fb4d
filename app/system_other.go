//go:build !linux

package app

import "github.com/photoferry/photoferry/app/control"

// freeSpace is not asked on this system.
func freeSpace(string) (int64, bool) { return 0, false }

// findWatchLimit is a matter of Linux alone.
func findWatchLimit() (control.Finding, bool) { return control.Finding{}, false }
