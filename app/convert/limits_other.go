//go:build !linux

package convert

import (
	"os/exec"
	"runtime"
)

// limit has nothing to bind this process with on this system; the parent's
// clock and the runtime's memory limit remain.
func limit() error { return nil }

// resident is how many bytes Go's runtime has from the system.
func resident() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.Sys - m.HeapReleased
}

func runLimited(cmd *exec.Cmd) error { return cmd.Run() }
