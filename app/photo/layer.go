package photo

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// layer is what one source of a file (EXIF, IPTC or XMP) says. A zero field
// is one that it does not state.
type layer struct {
	Meta
	rated    bool // Rating is stated, if only as none
	headline string
}

// merge lays the sources over each other; docs/metadata.md has the table.
//
// What the camera knows is taken from EXIF first, for it was there and no
// editor need touch it. What a person writes is taken from XMP first, which
// is what editors keep up to date, then from IPTC, which they often leave
// behind; a list is taken whole from one source, or a keyword that was removed
// would come back from the other. Persons are collected, since no program
// knows all three ways to name them.
func merge(exif, iptc, xmp layer) Meta {
	m := exif.Meta
	for _, l := range []layer{xmp, iptc} {
		if m.Taken.IsZero() {
			m.Taken, m.Zoned = l.Taken, l.Zoned
		}
		m.Orientation = cmp.Or(m.Orientation, l.Orientation)
		m.Make, m.Model, m.Lens = cmp.Or(m.Make, l.Make), cmp.Or(m.Model, l.Model), cmp.Or(m.Lens, l.Lens)
		m.GPS = cmp.Or(m.GPS, l.GPS)
	}
	m.Title = cmp.Or(xmp.Title, iptc.Title, xmp.headline, iptc.headline, exif.Title)
	m.Description = cmp.Or(xmp.Description, iptc.Description, exif.Description)
	m.Creator = cmp.Or(xmp.Creator, iptc.Creator, exif.Creator)
	m.Place = xmp.Place.or(iptc.Place)
	if xmp.rated {
		m.Rating = xmp.Rating
	}
	m.Tags, m.TagPaths, m.Persons = nil, xmp.TagPaths, xmp.Persons
	for _, l := range []layer{xmp, iptc, exif} {
		if m.Tags = l.Tags; len(m.Tags) > 0 {
			break
		}
	}
	if len(m.Tags) == 0 {
		for _, p := range m.TagPaths {
			m.Tags = append(m.Tags, p[len(p)-1])
		}
		m.Tags = unique(m.Tags)
	}
	return m
}

// or takes from q what p does not say.
func (p Place) or(q Place) Place {
	return Place{
		cmp.Or(p.Location, q.Location), cmp.Or(p.City, q.City), cmp.Or(p.State, q.State),
		cmp.Or(p.Country, q.Country), cmp.Or(p.CountryCode, q.CountryCode),
	}
}

// over lays what is stated over m.
func (l layer) over(m Meta) Meta {
	if !l.Taken.IsZero() {
		m.Taken, m.Zoned, m.ZoneByGPS = l.Taken, l.Zoned, false
	}
	m.Orientation = cmp.Or(l.Orientation, m.Orientation)
	m.Make, m.Model, m.Lens = cmp.Or(l.Make, m.Make), cmp.Or(l.Model, m.Model), cmp.Or(l.Lens, m.Lens)
	m.GPS = cmp.Or(l.GPS, m.GPS)
	m.Title = cmp.Or(l.Title, l.headline, m.Title)
	m.Description, m.Creator = cmp.Or(l.Description, m.Description), cmp.Or(l.Creator, m.Creator)
	m.Place = l.Place.or(m.Place)
	if l.rated {
		m.Rating = l.Rating
	}
	if own := merge(layer{}, layer{}, l); len(own.Tags) > 0 {
		m.Tags, m.TagPaths = own.Tags, own.TagPaths
	}
	if len(l.Persons) > 0 {
		m.Persons = l.Persons
	}
	return m
}

// texts returns a value of imagemeta's as a list of texts; what is none gives
// an empty one.
func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []string:
		return v
	}
	return nil
}

// first returns the first text that has anything in it, cleaned.
func first(values []string) string {
	for _, v := range values {
		if v = cleanText(v); v != "" {
			return v
		}
	}
	return ""
}

// clean returns the texts cleaned, each once, without empty ones.
func clean(values []string) []string {
	var list []string
	for _, v := range values {
		list = append(list, cleanText(v))
	}
	return unique(list)
}

// unique drops empty texts and repeated ones.
func unique(values []string) []string {
	var list []string
	seen := map[string]bool{"": true}
	for _, v := range values {
		if !seen[v] {
			seen[v] = true
			list = append(list, v)
		}
	}
	return list
}

// maxText bounds one text of a photo, in bytes.
const maxText = 16 << 10

// windows1252 are the letters that Windows has where Latin-1 has control
// characters, which nobody ever means.
var windows1252 = []rune("€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ")

// cleanText returns text as clean UTF-8: cut at the first NUL, without control
// characters except line breaks and tabs, and without space around it. Bytes
// that are not UTF-8 are taken for Windows' Latin.
func cleanText(s string) string {
	s, _, _ = strings.Cut(s, "\x00")
	s = s[:min(len(s), maxText)]
	if !utf8.ValidString(s) {
		s = fromBytes(s)
	}
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r >= 0x80 && r < 0xa0 {
			r = windows1252[r-0x80]
		}
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, s))
}

// paths cuts hierarchical keywords at the separator, topmost first.
func paths(values []string, separator string) [][]string {
	var list [][]string
	for _, v := range clean(values) {
		var path []string
		for part := range strings.SplitSeq(v, separator) {
			if part = strings.TrimSpace(part); part != "" {
				path = append(path, part)
			}
		}
		if len(path) > 0 && !slices.ContainsFunc(list, func(p []string) bool { return slices.Equal(p, path) }) {
			list = append(list, path)
		}
	}
	return list
}
