package xdnd

import (
	"bytes"
	"path"
	"strings"
)

// parse reads a text/uri-list (RFC 2483). It returns the absolute paths of
// files of this computer, whose name is host, each once and in their order, and
// how many addresses were something else.
func parse(list []byte, host string) (paths []string, refused int) {
	seen := make(map[string]bool)
	for line := range bytes.Lines(list) {
		line = bytes.Trim(line, "\r\n\t \x00")
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		p, ok := filePath(string(line), host)
		switch {
		case !ok:
			refused++
		case !seen[p]:
			seen[p] = true
			paths = append(paths, p)
		}
	}
	return paths, refused
}

// filePath returns the path of a file's address: file:///path, file:/path, or
// file://host/path of this computer. Programs write # and ? in file names as
// they are, so there are no fragments and no queries here.
func filePath(address, host string) (string, bool) {
	scheme, rest, ok := strings.Cut(address, ":")
	if !ok || !strings.EqualFold(scheme, "file") {
		return "", false
	}
	if after, ok := strings.CutPrefix(rest, "//"); ok {
		slash := strings.IndexByte(after, '/')
		if slash < 0 {
			return "", false
		}
		if h := after[:slash]; h != "" && !strings.EqualFold(h, "localhost") && (host == "" || !strings.EqualFold(h, host)) {
			return "", false
		}
		rest = after[slash:]
	}
	p, ok := unescape(rest)
	if !ok || !path.IsAbs(p) {
		return "", false
	}
	return path.Clean(p), true
}

// unescape decodes %XX. It refuses what cannot be in a path: a broken escape, a
// NUL, and an escaped slash, which would be part of a name.
func unescape(s string) (string, bool) {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			if i+2 >= len(s) {
				return "", false
			}
			hi, ok1 := unhex(s[i+1])
			lo, ok2 := unhex(s[i+2])
			c = hi<<4 | lo
			if !ok1 || !ok2 || c == '/' {
				return "", false
			}
			i += 2
		}
		if c == 0 {
			return "", false
		}
		b.WriteByte(c)
	}
	return b.String(), true
}

func unhex(c byte) (byte, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c && c <= 'f':
		return c - 'a' + 10, true
	case 'A' <= c && c <= 'F':
		return c - 'A' + 10, true
	}
	return 0, false
}
