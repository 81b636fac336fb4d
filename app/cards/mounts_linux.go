package cards

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

const (
	// maxMounts bounds what is read of the kernel's list.
	maxMounts = 16 << 20
	maxLine   = 64 << 10
)

// mount is one line of /proc/self/mountinfo.
type mount struct {
	id, device  string // device is the number, such as 8:17
	root, point string // which part of the file system is mounted, and where
	source      string // such as /dev/sdb1
	readOnly    bool
}

// mounts returns what is mounted, without what is hidden under another mount.
func (s System) mounts() ([]mount, error) {
	f, err := os.Open(s.Top + "/proc/self/mountinfo")
	if err != nil {
		return nil, fmt.Errorf("looking for cards: %w", err)
	}
	defer f.Close()
	lines := bufio.NewScanner(io.LimitReader(f, maxMounts))
	lines.Buffer(nil, maxLine)
	var all []mount
	at := map[string]int{}
	for lines.Scan() {
		m, ok := parseMount(lines.Text())
		if !ok {
			continue
		}
		if i, hidden := at[m.point]; hidden {
			all[i] = m
			continue
		}
		at[m.point] = len(all)
		all = append(all, m)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("looking for cards: %w", err)
	}
	return all, nil
}

// parseMount reads a line such as
//
//	36 35 8:17 / /media/u/EOS\040DIGITAL rw,nosuid shared:1 - vfat /dev/sdb1 rw,errors=continue
//
// where any number of fields may stand before the dash.
func parseMount(line string) (mount, bool) {
	before, after, ok := strings.Cut(line, " - ")
	f, t := strings.Fields(before), strings.Fields(after)
	if !ok || len(f) < 6 || len(t) < 2 {
		return mount{}, false
	}
	m := mount{id: f[0], device: f[2], root: decode(f[3]), point: decode(f[4]), source: decode(t[1])}
	options := strings.Split(f[5], ",")
	if len(t) > 2 {
		options = append(options, strings.Split(t[2], ",")...)
	}
	for _, o := range options {
		m.readOnly = m.readOnly || o == "ro"
	}
	return m, strings.HasPrefix(m.point, "/")
}

// decode undoes the kernel's escapes: \040 for a space, and the like.
func decode(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	octal := func(c byte, most byte) bool { return c >= '0' && c <= most }
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) && octal(s[i+1], '3') && octal(s[i+2], '7') && octal(s[i+3], '7') {
			b.WriteByte((s[i+1]-'0')<<6 | (s[i+2]-'0')<<3 | (s[i+3] - '0'))
			i += 3
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// mayBeCard reports whether a mount is where cards are: all of a file system on
// a disk, in one of the usual places or on a removable disk.
func (s System) mayBeCard(m mount) bool {
	if m.root != "/" || m.point == "/" || !strings.HasPrefix(m.source, "/dev/") {
		return false
	}
	for _, dir := range []string{"/media", "/run/media", "/mnt"} {
		if m.point == dir || strings.HasPrefix(m.point, dir+"/") {
			return true
		}
	}
	return s.removable(m.device)
}

// removable reports whether the disk with a number can be taken out.
func (s System) removable(device string) bool {
	dir, err := filepath.EvalSymlinks(s.Top + "/sys/dev/block/" + filepath.Base(device))
	if err != nil {
		return false
	}
	if _, err := os.Stat(dir + "/partition"); err == nil {
		dir = filepath.Dir(dir)
	}
	// A slot for cards that is built in says so in its own way.
	return firstLine(dir+"/removable") == "1" || firstLine(dir+"/device/type") == "SD"
}

// firstLine returns the first line of a small file of the kernel's.
func firstLine(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	b := make([]byte, 256)
	n, _ := io.ReadFull(f, b)
	line, _, _ := strings.Cut(string(b[:n]), "\n")
	return strings.TrimSpace(line)
}
