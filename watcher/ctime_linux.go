package watcher

import (
	"time"

	"golang.org/x/sys/unix"
)

// changeTime is when a file's bytes or attributes were last changed. No copy sets it back to the time of the photo.
func changeTime(path string) (time.Time, bool) {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return time.Time{}, false
	}
	return time.Unix(st.Ctim.Unix()), true
}
