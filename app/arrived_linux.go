package app

import (
	"time"

	"golang.org/x/sys/unix"
)

// arrived returns when a file came to be under its name: its change time,
// which a copy that keeps the camera's date does not set back. The zero time
// means that it cannot be told.
func arrived(path string) time.Time {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return time.Time{}
	}
	return time.Unix(st.Ctim.Unix())
}
