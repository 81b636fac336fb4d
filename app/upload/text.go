package upload

import (
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxForeign is how much of a server's own words people are shown, in runes.
const maxForeign = 160

// Foreign makes words that came from a server fit for an error: one line,
// printable, short, and without the secrets, which a server may well repeat.
// Secrets are found as they are, in hex, Base64 and URL escapes.
func Foreign(text string, secrets ...string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	for _, s := range secrets {
		if s == "" {
			continue
		}
		for _, form := range []string{
			s, url.QueryEscape(s), url.PathEscape(s),
			hex.EncodeToString([]byte(s)), strings.ToUpper(hex.EncodeToString([]byte(s))),
			base64.StdEncoding.EncodeToString([]byte(s)), base64.RawStdEncoding.EncodeToString([]byte(s)),
			base64.URLEncoding.EncodeToString([]byte(s)), base64.RawURLEncoding.EncodeToString([]byte(s)),
		} {
			text = strings.ReplaceAll(text, form, "***")
		}
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) > maxForeign {
		text = string([]rune(text)[:maxForeign-1]) + "…"
	}
	return strings.TrimSuffix(text, ".")
}

// FileName makes a photo's name safe as the file name of an upload: one path
// element without control characters, quotes, separators or the characters
// that Windows forbids, of at most 200 bytes with its extension kept. The
// extension ext (".jpg") is added unless the name ends in one of exts, whatever
// the case.
func FileName(name, ext string, exts ...string) string {
	name = strings.ToValidUTF8(name, "_")
	name = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || strings.ContainsRune(`"\/:*?<>|`, r) {
			return '_'
		}
		return r
	}, name)
	name = strings.Trim(name, " ")
	name = strings.TrimLeft(name, ". ")
	base, have := name, ""
	for _, e := range append(exts, ext) {
		if n := len(name) - len(e); n >= 0 && strings.EqualFold(name[n:], e) {
			base, have = name[:n], name[n:]
			break
		}
	}
	if have == "" {
		have = ext
	}
	const maxName = 200
	for len(base)+len(have) > maxName {
		_, size := utf8.DecodeLastRuneInString(base)
		base = base[:len(base)-size]
	}
	if base == "" {
		base = "photo"
	}
	return base + have
}
