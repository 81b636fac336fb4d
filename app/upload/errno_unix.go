//go:build unix

package upload

import "syscall"

// The system's numbers for what [Classify] tells apart.
var (
	refused     = []syscall.Errno{syscall.ECONNREFUSED}
	unreachable = []syscall.Errno{syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, syscall.EHOSTDOWN, syscall.EADDRNOTAVAIL}
	spent       = []syscall.Errno{syscall.EMFILE, syscall.ENFILE}
	reset       = []syscall.Errno{syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED}
)
