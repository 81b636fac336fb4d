//go:build !linux

package control

import (
	"net"
	"syscall"
)

// checkPeer trusts the modes of the socket and of its folder.
func checkPeer(net.Conn) error { return nil }

func restrictSocket(_, _ string, _ syscall.RawConn) error { return nil }
