//go:build linux || freebsd || openbsd || netbsd || windows

package desktop

import (
	"os"
	"os/exec"
)

// sameProgram reports whether two names mean the same program, the first as
// it would be found at the start.
func sameProgram(found, ours string) bool {
	if found == ours {
		return true
	}
	path, err := exec.LookPath(found)
	if err != nil {
		return false
	}
	a, errA := os.Stat(path)
	b, errB := os.Stat(ours)
	return errA == nil && errB == nil && os.SameFile(a, b)
}
