package convert

import (
	"bytes"
	"os"
	"os/exec"
	"strconv"

	"golang.org/x/sys/unix"
)

// limit bounds what this process and those that it starts may write and how
// long they may compute, and has the kernel end it first when memory is short.
func limit() error {
	_ = os.WriteFile("/proc/self/oom_score_adj", []byte("1000"), 0) // a wish
	for what, most := range map[int]uint64{
		unix.RLIMIT_FSIZE: maxOutput,
		unix.RLIMIT_CPU:   uint64(4 * maxTime.Seconds()),
		unix.RLIMIT_CORE:  0,
	} {
		var l unix.Rlimit
		if err := unix.Getrlimit(what, &l); err != nil {
			return err
		}
		l.Cur = min(l.Cur, most)
		l.Max = min(l.Max, most)
		if err := unix.Setrlimit(what, &l); err != nil {
			return err
		}
	}
	return nil
}

// resident is how many bytes this process has in memory.
func resident() uint64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0
	}
	pages, err := strconv.ParseUint(string(fields[1]), 10, 64)
	if err != nil {
		return 0
	}
	return pages * uint64(os.Getpagesize())
}

// runLimited runs a program that may take as much address space as a child
// may take memory.
func runLimited(cmd *exec.Cmd) error {
	if err := cmd.Start(); err != nil {
		return err
	}
	l := unix.Rlimit{Cur: maxMemory, Max: maxMemory}
	if err := unix.Prlimit(cmd.Process.Pid, unix.RLIMIT_AS, &l, nil); err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return err
	}
	return cmd.Wait()
}
