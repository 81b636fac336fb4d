//go:build unix

package control

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// shortFolder holds the sockets whose own path is too long. It does not follow
// $TMPDIR, which may differ between engine and client.
func shortFolder() string {
	return filepath.Join("/tmp", "photoferry-"+strconv.Itoa(os.Geteuid()))
}

// ownedAlone checks that nobody else prepared the folder: anyone may write to
// /tmp.
func ownedAlone(dir string) error {
	fi, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("look at the control socket's folder: %w", err)
	}
	st, ok := fi.Sys().(*syscall.Stat_t)
	if !ok || !fi.IsDir() || int(st.Uid) != os.Geteuid() || fi.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("the control socket's folder %s is not a private folder of this user: remove it, or choose a shorter --home", dir)
	}
	return nil
}
