package cards

import (
	"errors"
	"io/fs"
	"syscall"

	"golang.org/x/sys/unix"
)

// steadyInodes reports whether the inode numbers of a file system stay the same
// while it is mounted. Those of FAT are made up, and made up again when the
// kernel has forgotten them.
func steadyInodes(root string) bool {
	var st unix.Statfs_t
	if unix.Statfs(root, &st) != nil {
		return false
	}
	switch st.Type {
	case unix.MSDOS_SUPER_MAGIC, unix.EXFAT_SUPER_MAGIC, unix.FUSE_SUPER_MAGIC:
		return false
	}
	return true
}

// place returns the numbers of the file system and of the inode.
func place(fi fs.FileInfo) (device, inode uint64) {
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0
	}
	return uint64(st.Dev), st.Ino
}

func isReadOnly(err error) bool { return errors.Is(err, unix.EROFS) }
