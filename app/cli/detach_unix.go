//go:build unix

package cli

import (
	"os/exec"
	"syscall"
)

// detach makes a process that is not ended with this one's terminal.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
