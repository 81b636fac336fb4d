package piwigo

import (
	"path"
	"slices"
	"strings"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
)

// storable replaces what the server's database cannot hold: every character
// beyond U+FFFF. What has a cousin below is replaced by that.
func storable(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if !strings.ContainsFunc(s, func(r rune) bool { return r > 0xffff }) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r <= 0xffff {
			return r
		}
		return cousin(r)
	}, s)
}

// cousins are characters that say nearly the same. Ranges are looked through
// from the top.
var cousins = []struct {
	from, to rune
	as       rune
	step     bool // as is the cousin of the range's first, and so on
}{
	{0x1F1E6, 0x1F1FF, 'A', true},  // letters of flags
	{0x1F3FB, 0x1F3FF, -1, false},  // colours of skin
	{0xE0020, 0xE007F, -1, false},  // tags of flags
	{0x1F600, 0x1F64F, '☺', false}, // faces
	{0x1F920, 0x1F92F, '☺', false},
	{0x1F493, 0x1F49F, '♥', false},
	{0x1F5A4, 0x1F5A4, '♥', false},
	{0x1F90D, 0x1F90F, '♥', false},
	{0x1F31F, 0x1F320, '★', false},
	{0x1F319, 0x1F31C, '☾', false},
	{0x1F31D, 0x1F31E, '☼', false},
	{0x1F337, 0x1F33C, '✿', false}, // flowers
	{0x1F384, 0x1F384, '✶', false},
	{0x1F3B5, 0x1F3B6, '♫', false},
	{0x1F6E9, 0x1F6E9, '✈', false},
	{0x1F6EB, 0x1F6EC, '✈', false},
	{0x20000, 0x3FFFF, '〓', false}, // ideographs; this is what printers set for a missing one
	{0x1D7CE, 0x1D7D7, '0', true},  // bold digits
	{0x1D400, 0x1D419, 'A', true},  // bold letters
	{0x1D41A, 0x1D433, 'a', true},
}

func cousin(r rune) rune {
	for _, row := range cousins {
		if r < row.from || r > row.to {
			continue
		}
		if row.step {
			return row.as + r - row.from
		}
		return row.as
	}
	return '□'
}

// extKinds are the kinds by the extensions that the server lists.
var extKinds = []struct {
	kind photo.Kind
	exts []string
}{
	{photo.JPEG, []string{"jpg", "jpeg"}},
	{photo.PNG, []string{"png"}},
	{photo.GIF, []string{"gif"}},
	{photo.WebP, []string{"webp"}},
	{photo.TIFF, []string{"tif", "tiff"}},
	{photo.HEIC, []string{"heic", "heif"}},
	{photo.AVIF, []string{"avif"}},
	{photo.RAW, rawExts},
	{photo.MP4, []string{"mp4", "m4v"}},
	{photo.MOV, []string{"mov"}},
}

var rawExts = []string{"cr2", "cr3", "nef", "arw", "dng", "raf", "rw2", "orf", "pef", "raw", "srw"}

// kindsOf reads the server's list of extensions.
func kindsOf(types string) []photo.Kind {
	listed := extsOf(types)
	var kinds []photo.Kind
	for _, row := range extKinds {
		if slices.ContainsFunc(row.exts, func(e string) bool { return slices.Contains(listed, e) }) {
			kinds = append(kinds, row.kind)
		}
	}
	return kinds
}

func extsOf(types string) []string {
	return strings.FieldsFunc(strings.ToLower(types), func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '.' })
}

// accepts reports whether a server with this list takes the photo. Raw formats
// are told by the extension alone.
func accepts(types string, it upload.Item) bool {
	if it.Kind == photo.RAW {
		return slices.Contains(extsOf(types), strings.TrimPrefix(strings.ToLower(path.Ext(it.Name)), "."))
	}
	return slices.Contains(kindsOf(types), it.Kind)
}

// fileName satisfies a server that tells a file's type by its name.
func fileName(it upload.Item) string {
	name := storable(it.Name)
	ext := it.Kind.Ext()
	var also []string
	for _, row := range extKinds {
		if row.kind != it.Kind {
			continue
		}
		for _, e := range row.exts {
			also = append(also, "."+e)
		}
	}
	return upload.FileName(name, ext, also...)
}

// plainTitle is the title that the server makes from a file name.
func plainTitle(file string) string {
	return strings.ReplaceAll(strings.TrimSuffix(file, path.Ext(file)), "_", " ")
}

// mangled reports whether the server stores a file name otherwise than sent: it
// writes these characters as entities.
func mangled(file string) bool { return strings.ContainsAny(file, `&'"<>\`) }

// tagsOf returns the photo's tags, persons among them.
func tagsOf(m photo.Meta) []string {
	var out []string
	for _, t := range slices.Concat(m.Tags, m.Persons) {
		t = strings.TrimSpace(strings.ReplaceAll(storable(t), `\`, "/"))
		if t != "" && !slices.Contains(out, t) {
			out = append(out, t)
		}
	}
	return out
}

// dateLayout is how the server wants dates; anything else ends in an error.
const dateLayout = "2006-01-02 15:04:05"
