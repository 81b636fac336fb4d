package queue

import (
	bolt "go.etcd.io/bbolt"
	"golang.org/x/sys/unix"
)

// trim tells the kernel that this process does not need the pages of the mapping just now. They are the file's and stay
// in the page cache, so nothing is lost and little has to be read again; but they no longer count as our memory, which
// after a scan of a hundred thousand files would be tens of megabytes.
func (q *Queue) trim() {
	err := q.view(func(tx *bolt.Tx) error { // the mapping stays where it is during a transaction
		_, _, errno := unix.Syscall(unix.SYS_MADVISE, tx.DB().Info().Data, uintptr(tx.Size()), unix.MADV_DONTNEED)
		if errno != 0 {
			return errno
		}
		return nil
	})
	if err != nil {
		q.log.Debug("Memory of the queue could not be given back", "err", err)
	}
}
