package settings

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// Problem is one thing that is wrong in a settings file. It never holds the
// value of a key that may be secret.
type Problem struct {
	Line    int    `json:"line,omitempty"`   // from 1; 0 when the settings did not come from a file
	Column  int    `json:"column,omitempty"` // in bytes, from 1
	Key     string `json:"key,omitempty"`    // such as "folder.cool"; "" when the file is not TOML
	Item    int    `json:"item,omitempty"`   // which account or folder, from 1; 0 elsewhere
	Message string `json:"message"`          // what is wrong
	Hint    string `json:"hint,omitempty"`   // what to do

	path string // the key with positions from 0, such as "folder[1].accounts[0]"
}

// String returns key, message and hint in one line.
func (p Problem) String() string {
	var b strings.Builder
	if p.Key != "" {
		b.WriteString(p.Key)
		if p.Item > 0 && p.Line == 0 {
			fmt.Fprintf(&b, " (%s %d)", p.table(), p.Item)
		}
		b.WriteString(": ")
	}
	b.WriteString(p.Message)
	if p.Hint != "" {
		b.WriteString("; ")
		b.WriteString(p.Hint)
	}
	return b.String()
}

func (p Problem) table() string {
	t, _, _ := strings.Cut(p.Key, ".")
	return t
}

// Invalid is the error of settings that cannot be used: everything that is
// wrong with them, in the order of the file.
type Invalid struct {
	File     string // as given to Load; "" when the settings did not come from a file
	Problems []Problem
}

// Error returns one line for each problem: "settings.toml:12: folder.cool: ...".
func (e *Invalid) Error() string {
	name := "settings"
	if e.File != "" {
		name = filepath.Base(e.File)
	}
	lines := make([]string, len(e.Problems))
	for i, p := range e.Problems {
		at := name
		if p.Line > 0 {
			at += ":" + strconv.Itoa(p.Line)
		}
		lines[i] = at + ": " + p.String()
	}
	return strings.Join(lines, "\n")
}

// newProblem returns a problem at a path such as "folder[1].accounts[0]",
// without its place in a file.
func newProblem(path, message, hint string) Problem {
	p := Problem{Message: message, Hint: hint, path: path}
	var key strings.Builder
	for i, part := range strings.Split(path, ".") {
		name, index, ok := strings.Cut(part, "[")
		if i > 0 {
			key.WriteByte('.')
		}
		key.WriteString(name)
		if ok && i == 0 {
			n, _ := strconv.Atoi(strings.TrimSuffix(index, "]"))
			p.Item = n + 1
		}
	}
	p.Key = key.String()
	return p
}
