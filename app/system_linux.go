package app

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/photoferry/photoferry/app/control"
)

// freeSpace returns the bytes that this user may still write below dir.
func freeSpace(dir string) (int64, bool) {
	var st unix.Statfs_t
	if unix.Statfs(dir, &st) != nil {
		return 0, false
	}
	return int64(st.Bavail) * st.Bsize, true
}

// findWatchLimit looks at the kernel's limit of watched folders; beyond it
// folders are only looked through from time to time.
func findWatchLimit() (control.Finding, bool) {
	b, err := os.ReadFile("/proc/sys/fs/inotify/max_user_watches")
	if err != nil {
		return control.Finding{}, false
	}
	n, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return control.Finding{}, false
	}
	f := control.Finding{What: "Watch limit", OK: n >= 8192, Detail: fmt.Sprintf("%d folders", n)}
	if !f.OK {
		f.Hint = "Raise fs.inotify.max_user_watches with sysctl."
	}
	return f, true
}
