package cards

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/sys/unix"
)

// identify looks at a mount and returns its card, if it is one.
func (s System) identify(m mount) (Card, bool) {
	top := s.Top + m.point
	root, err := os.OpenRoot(top)
	if err != nil {
		return Card{}, false
	}
	defer root.Close()
	dcim, err := openDCIM(root)
	if err != nil {
		return Card{}, false
	}
	defer dcim.Close()
	folders := firstFolders(dcim.Root)
	label := s.named("by-label", m.source)
	c := Card{Root: top, Device: m.source, ReadOnly: m.readOnly, Name: nameOf(label, folders)}
	if uuid := s.named("by-uuid", m.source); strings.Trim(uuid, "0-") != "" {
		c.ID = "uuid-" + uuid
		return c, true
	}
	var size uint64
	var st unix.Statfs_t
	if unix.Statfs(top, &st) == nil {
		size = st.Blocks * uint64(st.Bsize)
	}
	look := sha256.Sum256(fmt.Appendf(nil, "%q %d %q", label, size, folders))
	c.ID = "look-" + hex.EncodeToString(look[:8])
	return c, true
}

// firstFolders returns the names of the first folders of a camera, in order.
func firstFolders(dcim *os.Root) []string {
	const most = 3
	f, err := dcim.Open(".")
	if err != nil {
		return nil
	}
	defer f.Close()
	entries, _ := f.ReadDir(1000)
	var names []string
	for _, e := range entries {
		if e.IsDir() {
			names = append(names, e.Name())
		}
	}
	slices.Sort(names)
	return names[:min(len(names), most)]
}

// nameOf returns what a person may know a card by: its label, if it says
// anything, or the name that the camera gives to its folders. DCIM/100CANON is
// CANON.
func nameOf(label string, folders []string) string {
	name := oneLine(label)
	if !slices.Contains([]string{"", "NO NAME", "NO_NAME", "UNTITLED"}, strings.ToUpper(name)) {
		return name
	}
	for _, f := range folders {
		number := len(f) - len(strings.TrimLeft(f, "0123456789"))
		if name := strings.Trim(oneLine(f[number:]), "_ "); number == 3 && name != "" {
			return name
		}
	}
	return ""
}

// oneLine makes a name from a card fit for the screen.
func oneLine(s string) string {
	const most = 40
	s = strings.Map(func(r rune) rune {
		if !unicode.IsGraphic(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return s
}

// named returns the name under which udev has linked a device, in one of its
// folders below /dev/disk.
func (s System) named(folder, device string) string {
	const most = 10_000
	want, err := filepath.EvalSymlinks(s.Top + device)
	if err != nil {
		return ""
	}
	dir := s.Top + "/dev/disk/" + folder
	f, err := os.Open(dir)
	if err != nil {
		return ""
	}
	defer f.Close()
	links, _ := f.Readdirnames(most)
	for _, l := range links {
		if to, err := filepath.EvalSymlinks(path.Join(dir, l)); err == nil && to == want {
			return decodeUdev(l)
		}
	}
	return ""
}

// decodeUdev undoes udev's escapes: \x20 for a space, and the like.
func decodeUdev(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if strings.HasPrefix(s[i:], `\x`) && i+4 <= len(s) {
			if c, err := hex.DecodeString(s[i+2 : i+4]); err == nil {
				b.Write(c)
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// present fails with ErrGone unless the card is mounted where it was.
func (s System) present(c Card) error {
	all, err := s.mounts()
	if err != nil {
		return err
	}
	for _, m := range all {
		if s.Top+m.point == c.Root && m.source == c.Device && s.mayBeCard(m) {
			if now, ok := s.identify(m); ok && now.ID == c.ID {
				return nil
			}
		}
	}
	return ErrGone
}
