//go:build linux || darwin

package upload

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// unsent is how many bytes may lie in the kernel before they are on the wire.
// Without a bound, progress runs ahead by the whole socket buffer: 4 MB on a
// fast machine, a third of a photo on a home line. 64 KiB costs no throughput.
const unsent = 64 << 10

// limitUnsent keeps progress close to the wire. It is a nicety: a kernel
// without the option uploads just as well.
func limitUnsent(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsent)
	})
}
