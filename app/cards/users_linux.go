package cards

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// users returns the names of programs that have files below a folder open, or
// are in it: those that this user may see, and a few of them only.
func (s System) users(folder string) []string {
	const most, maxFiles = 5, 100_000
	folder = strings.TrimPrefix(folder, s.Top)
	inside := func(link string) bool {
		to, err := os.Readlink(link)
		return err == nil && (to == folder || strings.HasPrefix(to, folder+"/"))
	}
	files := 0
	uses := func(process string) bool {
		if slices.ContainsFunc([]string{"cwd", "root", "exe"}, func(l string) bool { return inside(process + "/" + l) }) {
			return true
		}
		open, err := os.ReadDir(process + "/fd")
		files += len(open)
		return err == nil && slices.ContainsFunc(open, func(e os.DirEntry) bool { return inside(process + "/fd/" + e.Name()) })
	}
	processes, err := filepath.Glob(s.Top + "/proc/[0-9]*")
	if err != nil {
		return nil
	}
	var names []string
	for _, p := range processes {
		if len(names) == most || files > maxFiles {
			break
		}
		if name := oneLine(firstLine(p + "/comm")); name != "" && !slices.Contains(names, name) && uses(p) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
