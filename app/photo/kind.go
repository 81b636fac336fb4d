package photo

import (
	"encoding/binary"
	"path"
	"strings"
)

// Kind is the format of a file, told by its first bytes.
type Kind uint8

// The kinds. RAW stands for the raw formats of all cameras: CR2, CR3, NEF,
// ARW, DNG, RAF, RW2, ORF, PEF and their near relatives.
const (
	Unknown Kind = iota
	JPEG
	PNG
	GIF
	WebP
	TIFF
	HEIC
	AVIF
	RAW
	MP4
	MOV
)

// SniffLen is the number of bytes from the start of a file with which [Sniff]
// is at its best. 32 are enough except for an ISO file whose telling brand
// comes late in a long list.
const SniffLen = 64

var kinds = [...]struct{ name, mime, ext string }{
	Unknown: {"unknown", "application/octet-stream", ""},
	JPEG:    {"jpeg", "image/jpeg", ".jpg"},
	PNG:     {"png", "image/png", ".png"},
	GIF:     {"gif", "image/gif", ".gif"},
	WebP:    {"webp", "image/webp", ".webp"},
	TIFF:    {"tiff", "image/tiff", ".tif"},
	HEIC:    {"heic", "image/heic", ".heic"},
	AVIF:    {"avif", "image/avif", ".avif"},
	RAW:     {"raw", "image/x-raw", ".raw"},
	MP4:     {"mp4", "video/mp4", ".mp4"},
	MOV:     {"mov", "video/quicktime", ".mov"},
}

// String returns the kind's name in lower case: "jpeg", "raw", "unknown".
func (k Kind) String() string { return k.row().name }

// MIME returns the media type. All raw flavours share "image/x-raw", which is
// not registered; Unknown is "application/octet-stream".
func (k Kind) MIME() string { return k.row().mime }

// Ext returns the usual file name extension with its dot, or "" for Unknown.
// RAW gives ".raw": a raw file should keep the extension that it has.
func (k Kind) Ext() string { return k.row().ext }

// Video reports whether the kind is a film rather than a picture.
func (k Kind) Video() bool { return k == MP4 || k == MOV }

func (k Kind) row() struct{ name, mime, ext string } {
	if int(k) >= len(kinds) {
		k = Unknown
	}
	return kinds[k]
}

// ParseKind returns the kind with that name (see [Kind.String]), ignoring
// case, or Unknown.
func ParseKind(name string) Kind {
	for k, row := range kinds {
		if strings.EqualFold(row.name, name) {
			return Kind(k)
		}
	}
	return Unknown
}

// MarshalText writes the kind's name.
func (k Kind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// UnmarshalText reads a kind's name; a name that is not known, such as one
// from a later version, becomes Unknown.
func (k *Kind) UnmarshalText(text []byte) error {
	*k = ParseKind(string(text))
	return nil
}

// rawExts are the extensions of raw formats that are built as TIFF files with
// the TIFF magic number, so that only the name tells them apart.
var rawExts = map[string]bool{
	".3fr": true, ".arw": true, ".cr2": true, ".dcr": true, ".dng": true, ".erf": true,
	".fff": true, ".iiq": true, ".kdc": true, ".mef": true, ".mos": true, ".nef": true,
	".nrw": true, ".orf": true, ".pef": true, ".rw2": true, ".rwl": true, ".sr2": true,
	".srf": true, ".srw": true,
}

// magics are the first bytes that name a kind by themselves.
var magics = []struct {
	prefix string
	kind   Kind
}{
	{"\xff\xd8\xff", JPEG},
	{"\x89PNG\r\n\x1a\n", PNG},
	{"GIF87a", GIF},
	{"GIF89a", GIF},
	{"FUJIFILMCCD-RAW", RAW},
	{"IIU\x00", RAW}, // Panasonic and Leica RW2
	{"IIRO", RAW},    // Olympus ORF
	{"IIRS", RAW},
	{"MMOR", RAW},
}

// Sniff returns the kind of a file from its first bytes, at best [SniffLen] of
// them. The name (a base name or a path with either separator) is used for
// one question only: whether a TIFF structure is a camera's raw file. Bytes
// that contradict the name win, and too few bytes are Unknown.
func Sniff(head []byte, name string) Kind {
	h := string(head[:min(len(head), SniffLen)])
	for _, m := range magics {
		if strings.HasPrefix(h, m.prefix) {
			return m.kind
		}
	}
	switch {
	case len(h) < 8:
		return Unknown
	case strings.HasPrefix(h, "II*\x00"), strings.HasPrefix(h, "MM\x00*"):
		if strings.HasPrefix(h[8:], "CR") || rawExts[strings.ToLower(path.Ext(name))] {
			return RAW
		}
		return TIFF
	case len(h) < 12:
		return Unknown
	case strings.HasPrefix(h, "RIFF") && h[8:12] == "WEBP":
		return WebP
	case h[4:8] == "ftyp":
		return sniffBrands(h)
	}
	return sniffAtom(h)
}

// stillPicture marks brands that promise a still picture without saying how
// it is coded.
const stillPicture Kind = 0xff

// brands are the names that ISO base media files give their format.
var brands = map[string]Kind{
	"heic": HEIC, "heix": HEIC, "heim": HEIC, "heis": HEIC,
	"hevc": HEIC, "hevx": HEIC, "hevm": HEIC, "hevs": HEIC,
	"avif": AVIF, "avis": AVIF,
	"mif1": stillPicture, "mif2": stillPicture, "msf1": stillPicture, "miaf": stillPicture,
	"MiHA": stillPicture, "MiHB": stillPicture, "MiHE": stillPicture,
	"crx ": RAW,
	"qt  ": MOV,
	"isom": MP4, "iso2": MP4, "iso3": MP4, "iso4": MP4, "iso5": MP4, "iso6": MP4, "iso7": MP4, "iso8": MP4, "iso9": MP4,
	"mp41": MP4, "mp42": MP4, "mp71": MP4, "mmp4": MP4, "avc1": MP4, "hvc1": MP4, "dash": MP4, "f4v ": MP4,
	"M4V ": MP4, "M4VH": MP4, "M4VP": MP4, "MSNV": MP4, "XAVC": MP4,
	"NDSC": MP4, "NDSH": MP4, "NDSM": MP4, "NDSP": MP4, "NDSS": MP4, "NDXC": MP4,
	"3gp4": MP4, "3gp5": MP4, "3gp6": MP4, "3gp7": MP4, "3ge6": MP4, "3ge7": MP4, "3gg6": MP4, "3g2a": MP4, "3g2b": MP4, "3g2c": MP4,
}

// others are major brands of what we do not carry, whatever they say that they
// are compatible with.
var others = map[string]bool{
	"jp2 ": true, "jpx ": true, "jpm ": true, "jxl ": true, "M4A ": true, "M4B ": true, "M4P ": true,
}

// sniffBrands reads the ftyp box of an ISO base media file: the first brand
// that names a kind decides, the major one before the compatible ones. Among
// those of a still picture the brands of films do not count.
func sniffBrands(h string) Kind {
	if others[h[8:12]] {
		return Unknown
	}
	end := min(uint32(len(h)), binary.BigEndian.Uint32([]byte(h[:4])))
	still := false
	for at := uint32(8); at+4 <= end; at += 4 {
		if at == 12 { // the minor version
			continue
		}
		switch kind := brands[h[at:at+4]]; {
		case kind == Unknown:
		case kind == stillPicture:
			still = true
		case !still || !kind.Video():
			return kind
		}
	}
	if still {
		return HEIC
	}
	return Unknown
}

// sniffAtom knows QuickTime films from before the ftyp box, by their first atom.
func sniffAtom(h string) Kind {
	size := binary.BigEndian.Uint32([]byte(h[:4]))
	if size >= 1<<29 { // rather four letters of a text
		return Unknown
	}
	switch h[4:8] {
	case "moov", "mdat":
		if size >= 8 || size <= 1 { // 0: to the end; 1: a 64-bit size follows
			return MOV
		}
	case "wide", "free", "skip", "pnot":
		if size >= 8 && size < 1<<16 {
			return MOV
		}
	}
	return Unknown
}
