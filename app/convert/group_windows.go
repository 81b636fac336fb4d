package convert

import "os/exec"

// group has nothing to do: a child starts no programs on this system.
func group(*exec.Cmd) {}
