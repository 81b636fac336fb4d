package queue

import (
	"hash/fnv"
	"io"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// varying stands for what differs from photo to photo.
const varying = "…"

// Reason is the job's Error without what differs from photo to photo: file names, quoted names, sizes, times and other
// long numbers are "…". Short numbers stay, since they are mostly codes.
func (j *Job) Reason() string { return reasonOf(j.Error, j.Path) }

// reasonID identifies the group of a job that is Failed or Skipped, within its account and state. It is never 0.
func reasonID(j *Job) uint64 {
	h := fnv.New64a()
	for _, s := range []string{j.ErrKind, reasonOf(j.Error, j.Path), reasonOf(j.Hint, j.Path)} {
		_, _ = io.WriteString(h, s)
		_, _ = h.Write([]byte{0})
	}
	return max(h.Sum64(), 1)
}

func reasonOf(text, path string) string {
	if path != "" {
		text = strings.ReplaceAll(text, path, varying)
	}
	// A name without an extension may well be a word of the sentence.
	if name := filepath.Base(path); len(name) >= len("1.jpg") && strings.Contains(name, ".") {
		text = strings.ReplaceAll(text, name, varying)
	}
	words := strings.Fields(unquoted(text))
	var out []string
	for i := 0; i < len(words); i++ {
		before, core, after := bare(words[i])
		unit, afterUnit := "", ""
		if i+1 < len(words) && after == "" {
			_, unit, afterUnit = bare(words[i+1])
		}
		measured := units[strings.ToLower(unit)] && startsWithDigit(core)
		w := words[i]
		if measured || core != "" && varies(core) {
			w = before + varying + after
		}
		if measured { // 980 KB and 1.2 MB are the same reason
			w, i = w+afterUnit, i+1
		}
		if len(out) > 0 && strings.HasPrefix(w, varying) && strings.HasSuffix(out[len(out)-1], varying) {
			out[len(out)-1] += w[len(varying):]
			continue
		}
		out = append(out, w)
	}
	return strings.Join(out, " ")
}

// closing are the quotation marks that end what others begin.
var closing = map[rune]string{'"': `"`, '“': "”", '„': "“”", '«': "»", '»': "«"}

// unquoted replaces what stands between quotation marks.
func unquoted(s string) string {
	var b strings.Builder
	for {
		i := strings.IndexFunc(s, func(r rune) bool { return closing[r] != "" })
		if i < 0 {
			break
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		end := strings.IndexAny(s[i+n:], closing[r])
		if end < 0 {
			break
		}
		_, last := utf8.DecodeRuneInString(s[i+n+end:])
		b.WriteString(s[:i])
		b.WriteString(varying)
		s = s[i+n+end+last:]
	}
	b.WriteString(s)
	return b.String()
}

// bare takes a word's punctuation off.
func bare(w string) (before, core, after string) {
	core = strings.TrimLeft(w, "([{<")
	before = w[:len(w)-len(core)]
	trimmed := strings.TrimRight(core, ".,:;!?)]}>")
	return before, trimmed, core[len(trimmed):]
}

// varies reports whether a word is likely to be another one for the next photo.
func varies(word string) bool {
	digits, others := 0, 0
	for _, r := range word {
		if unicode.IsDigit(r) {
			digits++
		} else {
			others++
		}
	}
	if digits == 0 {
		return strings.HasPrefix(word, "/") || strings.Contains(word, "://") || strings.Contains(word, `\`)
	}
	return others > 0 || digits > 3
}

func startsWithDigit(s string) bool { return s != "" && '0' <= s[0] && s[0] <= '9' }

var units = map[string]bool{
	"b": true, "byte": true, "bytes": true, "kb": true, "kib": true, "mb": true, "mib": true, "gb": true, "gib": true, "tb": true,
	"px": true, "pixel": true, "pixels": true, "megapixels": true,
	"ms": true, "s": true, "second": true, "seconds": true, "minute": true, "minutes": true, "hour": true, "hours": true,
}
