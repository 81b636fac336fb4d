//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// readEntry returns the keys of the group [Desktop Entry] as they are written.
func readEntry(text string) map[string]string {
	keys := map[string]string{}
	ours := false
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "["):
			ours = line == "[Desktop Entry]"
		case ours && !strings.HasPrefix(line, "#"):
			if key, value, ok := strings.Cut(line, "="); ok {
				keys[strings.TrimSpace(key)] = strings.TrimSpace(value)
			}
		}
	}
	return keys
}

var (
	escapes   = strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`, "\r", `\r`)
	unescapes = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t", `\r`, "\r", `\s`, " ")
)

// escape makes a text the value of a key.
func escape(s string) string {
	s = escapes.Replace(s)
	if strings.HasPrefix(s, " ") {
		s = `\s` + s[1:]
	}
	return s
}

func unescape(s string) string { return unescapes.Replace(s) }

// quoteExec makes a command the value of Exec, before it is escaped.
func quoteExec(command []string) (string, error) {
	var words []string
	for _, arg := range command {
		if !utf8.ValidString(arg) || strings.ContainsFunc(arg, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return "", errors.New("a program with such a path cannot be started with the computer: give its folder a name of letters and digits")
		}
		if arg == "" || strings.ContainsAny(arg, " \"'\\><~|&;$*?#()`") {
			arg = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`", `$`, `\$`).Replace(arg) + `"`
		}
		words = append(words, strings.ReplaceAll(arg, "%", "%%"))
	}
	return strings.Join(words, " "), nil
}

// splitExec reads a command as the desktop does; what stands for files is left
// out.
func splitExec(s string) []string {
	var args []string
	var word strings.Builder
	quoted, begun := false, false
	end := func() {
		if begun {
			args = append(args, word.String())
		}
		word.Reset()
		begun = false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		next := byte(0)
		if i+1 < len(s) {
			next = s[i+1]
		}
		switch {
		case c == '"':
			quoted, begun = !quoted, true
			continue
		case quoted && c == '\\' && next != 0 && strings.IndexByte("\"`$\\", next) >= 0:
			c = next
			i++
		case !quoted && (c == ' ' || c == '\t'):
			end()
			continue
		case c == '%':
			i++
			if next != '%' {
				continue
			}
		}
		word.WriteByte(c)
		begun = true
	}
	end()
	return args
}
