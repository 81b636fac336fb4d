package watcher

import "golang.org/x/sys/unix"

// whereIs returns the place of the file system that path is on; local if that cannot be found out.
func whereIs(path string) place {
	var st unix.Statfs_t
	if err := unix.Statfs(path, &st); err == nil && st.Flags&unix.MNT_LOCAL == 0 {
		return network
	}
	return local
}
