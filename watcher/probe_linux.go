package watcher

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"
)

// openShared opens a file for reading. It does not wait at a pipe that has taken the file's place.
func openShared(path string) (*os.File, error) {
	fd, err := ignoringEINTR(func() (int, error) {
		return unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	})
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}

// writerOf asks for a read lease, which the kernel refuses while anybody has the file open for writing. It is given
// back at once: a writer that comes in between waits for microseconds.
func writerOf(f *os.File) writer {
	fd := f.Fd()
	where := placeOf(func(st *unix.Statfs_t) error { return unix.Fstatfs(int(fd), st) })
	if where == network {
		return unsure
	}
	_, err := unix.FcntlInt(fd, unix.F_SETLEASE, unix.F_RDLCK)
	switch {
	case err == unix.EAGAIN:
		return somebody
	case err != nil: // EACCES: another user's file; EINVAL: no leases here
		return unsure
	}
	// Closing the file gives the lease back if this should fail.
	_, _ = unix.FcntlInt(fd, unix.F_SETLEASE, unix.F_UNLCK)
	if where != local {
		return unsure
	}
	return nobody
}

// whereIs returns the place of the file system that path is on; local if that cannot be found out.
func whereIs(path string) place {
	return placeOf(func(st *unix.Statfs_t) error { return unix.Statfs(path, st) })
}

func placeOf(statfs func(*unix.Statfs_t) error) place {
	var st unix.Statfs_t
	if _, err := ignoringEINTR(func() (int, error) { return 0, statfs(&st) }); err != nil {
		return local
	}
	switch uint32(st.Type) {
	case unix.FUSE_SUPER_MAGIC:
		return foreign
	case unix.NFS_SUPER_MAGIC, unix.CIFS_SUPER_MAGIC, unix.SMB2_SUPER_MAGIC, unix.SMB_SUPER_MAGIC, unix.V9FS_MAGIC,
		unix.AFS_SUPER_MAGIC, unix.AFS_FS_MAGIC, unix.CODA_SUPER_MAGIC, unix.CEPH_SUPER_MAGIC, unix.NCP_SUPER_MAGIC,
		0x0BD00BD0, // Lustre
		0x01161970, // GFS2
		0x7461636F, // OCFS2
		0x47504653, // GPFS
		0x19830326, // BeeGFS
		0x786F4256, // VirtualBox shared folder
		0xBACBACBC, // VMware shared folder
		0x7C7C6673: // Parallels shared folder
		return network
	}
	return local
}

func ignoringEINTR(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}

// Limits of one root, beyond which it is polled.
const (
	maxDirs  = 0 // none but the kernel's own
	maxFiles = 0
)
