package control

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// checkPeer returns an error unless the process at the other end runs as this
// user or as root. Both sides ask: the server does not obey others, and the
// client does not tell secrets to an impostor.
func checkPeer(c net.Conn) error {
	uc, ok := c.(*net.UnixConn)
	if !ok {
		return errors.New("not a unix socket")
	}
	raw, err := uc.SyscallConn()
	if err != nil {
		return fmt.Errorf("look at the control connection: %w", err)
	}
	var cred *unix.Ucred
	var credErr error
	if err := raw.Control(func(fd uintptr) {
		cred, credErr = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
	}); err != nil {
		return fmt.Errorf("look at the control connection: %w", err)
	}
	if credErr != nil {
		return fmt.Errorf("ask who is at the other end of the control connection: %w", credErr)
	}
	return allowed(cred.Uid)
}

func allowed(uid uint32) error {
	if uid != 0 && int(uid) != os.Geteuid() {
		return fmt.Errorf("the other end of the control connection belongs to user %d", uid)
	}
	return nil
}

// restrictSocket gives the socket its mode before it is bound, so that there is
// no moment at which others could connect.
func restrictSocket(_, _ string, c syscall.RawConn) error {
	var err error
	if cerr := c.Control(func(fd uintptr) { err = unix.Fchmod(int(fd), 0o600) }); cerr != nil {
		return cerr
	}
	return err
}
