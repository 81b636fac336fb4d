package picapport

import (
	"fmt"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxName is the longest file name, in bytes, that the usual file systems take.
const maxName = 255

// freeName turns the name that a client sent into one that no other photo has. What
// PicApport does with equal names is not documented; fileName "used on the server"
// says that it may change them [S3, CHOICE].
func (st *store) freeName(sent string) string {
	name := strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(sent, "_"))
	name = strings.TrimRight(name, ". ")
	ext := filepath.Ext(name)
	if len(ext) > 16 {
		ext = ""
	}
	stem := strings.TrimLeft(strings.TrimSuffix(name, ext), ".")
	if stem == "" {
		stem = "photo"
	}
	st.mu.RLock()
	defer st.mu.RUnlock()
	for n := 1; ; n++ {
		suffix := ext
		if n > 1 {
			suffix = fmt.Sprintf("_%d%s", n, ext)
		}
		cut := stem
		for len(cut)+len(suffix) > maxName {
			_, size := utf8.DecodeLastRuneInString(cut)
			cut = cut[:len(cut)-size]
		}
		if name := cut + suffix; !st.names[strings.ToLower(name)] {
			return name
		}
	}
}
