package cli

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/windows"
)

// detach makes a process that is not ended with this one's console.
func detach(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP | windows.DETACHED_PROCESS}
}
