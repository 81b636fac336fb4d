package upload

import (
	"syscall"

	"golang.org/x/sys/windows"
)

// The system's numbers for what [Classify] tells apart.
var (
	refused     = []syscall.Errno{windows.WSAECONNREFUSED}
	unreachable = []syscall.Errno{windows.WSAENETUNREACH, windows.WSAEHOSTUNREACH, windows.WSAENETDOWN, windows.WSAEHOSTDOWN, windows.WSAEADDRNOTAVAIL}
	spent       = []syscall.Errno{windows.WSAEMFILE}
	reset       = []syscall.Errno{windows.WSAECONNRESET, windows.WSAECONNABORTED, syscall.EPIPE}
)
