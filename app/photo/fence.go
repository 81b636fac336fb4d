package photo

import (
	"encoding/binary"
	"maps"
)

// The limits of the fence. No camera comes near them.
const (
	maxDirs     = 16   // directories read in one file
	maxEntries  = 1000 // entries looked at in one directory
	maxPreviews = 8    // embedded pictures noted in one file
)

// The EXIF types of values that the fence lets pass.
const (
	typeByte      = 1
	typeASCII     = 2
	typeShort     = 3
	typeLong      = 4
	typeRational  = 5
	typeUndefined = 7
	typeSRational = 10
	typeIFD       = 13
	typeUTF8      = 129
)

// typeSizes are the bytes of one value of each type that a file may name.
var typeSizes = map[uint16]uint64{
	1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 129: 1,
}

// The tags that this package asks for, by the directory that they belong to.
const (
	tagImageWidth   = 0x0100
	tagImageHeight  = 0x0101
	tagCompression  = 0x0103
	tagDescription  = 0x010e
	tagMake         = 0x010f
	tagModel        = 0x0110
	tagStripOffset  = 0x0111
	tagOrientation  = 0x0112
	tagStripLength  = 0x0117
	tagSubIFDs      = 0x014a
	tagThumbOffset  = 0x0201
	tagThumbLength  = 0x0202
	tagPanasonicJPG = 0x002e
	tagExifIFD      = 0x8769
	tagGPSIFD       = 0x8825
	tagXMP          = 0x02bc
	tagIPTC         = 0x83bb
	tagPhotoshop    = 0x8649
	tagRating       = 0x4746
)

// form is what a tag's value must look like to pass the fence.
type form struct {
	class class
	limit uint64 // text: bytes kept at most; rational: values wanted exactly
}

type class uint8

const (
	text     class = iota + 1 // becomes ASCII, cut at the limit
	number                    // one unsigned integer of 8, 16 or 32 bits; further ones are dropped
	rational                  // pairs of 32-bit integers
	degrees                   // three rationals, or text as one maker writes it
	wide                      // UTF-16 in bytes, cut at the limit
)

var imageForms = map[uint16]form{
	tagImageWidth:  {number, 1},
	tagImageHeight: {number, 1},
	tagDescription: {text, 2048},
	tagMake:        {text, 256},
	tagModel:       {text, 256},
	tagOrientation: {number, 1},
	0x013b:         {text, 512}, // Artist
	tagRating:      {number, 1},
	0x9c9b:         {wide, 1024}, // XPTitle
	0x9c9c:         {wide, 2048}, // XPComment
	0x9c9d:         {wide, 512},  // XPAuthor
	0x9c9e:         {wide, 2048}, // XPKeywords
}

var exifForms = map[uint16]form{
	0x9003: {text, 64}, // DateTimeOriginal
	0x9004: {text, 64}, // DateTimeDigitized
	0x9010: {text, 64}, // OffsetTime
	0x9011: {text, 64}, // OffsetTimeOriginal
	0x9012: {text, 64}, // OffsetTimeDigitized
	0x9291: {text, 64}, // SubSecTimeOriginal
	0x9292: {text, 64}, // SubSecTimeDigitized
	0xa002: {number, 1},
	0xa003: {number, 1},
	0xa434: {text, 256}, // LensModel
}

var gpsForms = map[uint16]form{
	1:    {text, 8}, // GPSLatitudeRef
	2:    {degrees, 3},
	3:    {text, 8}, // GPSLongitudeRef
	4:    {degrees, 3},
	5:    {number, 1}, // GPSAltitudeRef
	6:    {rational, 1},
	7:    {rational, 3}, // GPSTimeStamp
	0x1d: {text, 64},    // GPSDateStamp
}

// What is carried into a copy without being read.
var (
	rightsForms   = map[uint16]form{0x8298: {text, 512}} // Copyright
	exposureForms = map[uint16]form{
		0x829a: {rational, 1}, // ExposureTime
		0x829d: {rational, 1}, // FNumber
		0x8822: {number, 1},   // ExposureProgram
		0x8827: {number, 1},   // ISO
		0x9204: {rational, 1}, // ExposureCompensation
		0x9207: {number, 1},   // MeteringMode
		0x9209: {number, 1},   // Flash
		0x920a: {rational, 1}, // FocalLength
		0xa403: {number, 1},   // WhiteBalance
		0xa405: {number, 1},   // FocalLengthIn35mmFormat
		0xa433: {text, 256},   // LensMake
	}
	directionForms = map[uint16]form{
		0x10: {text, 8}, // GPSImgDirectionRef
		0x11: {rational, 1},
	}
)

// field is one tag that passed.
type field struct {
	tag, typ uint16
	count    uint32
	value    []byte // count values of typ, in the block's byte order
	dir      []field
}

// fence reads the directories of one file and keeps what may pass.
type fence struct {
	// whole lets what only a copy of the photo needs pass as well.
	whole    bool
	dirs     int
	previews []span
	// xmp and iptc are what the tags of a TIFF structure point at.
	xmp  span
	iptc []iptcSpan
	// width and height are the largest that any directory states: raw files
	// describe a thumbnail first and the picture in a directory below.
	width, height int
}

// tiff is one TIFF structure being read. Directory offsets that were read
// once are not read again, so a ring of directories ends.
type tiff struct {
	*fence
	block span
	order binary.ByteOrder
	seen  map[int64]bool
}

// open checks a block's header and returns the offset of its first directory.
func (f *fence) open(block span) (t tiff, first int64, ok bool) {
	var h [8]byte
	if !block.read(h[:], 0) {
		return tiff{}, 0, false
	}
	t = tiff{fence: f, block: block, seen: map[int64]bool{}}
	switch string(h[:2]) {
	case "II":
		t.order = binary.LittleEndian
	case "MM":
		t.order = binary.BigEndian
	default:
		return tiff{}, 0, false
	}
	switch t.order.Uint16(h[2:]) {
	case 42, 0x55, 0x4f52, 0x5352: // TIFF, Panasonic, Olympus twice
		return t, int64(t.order.Uint32(h[4:])), true
	}
	return tiff{}, 0, false
}

// rebuild reads the EXIF of a container and returns it as a new, well-formed
// TIFF structure of known tags only; nil if not one field passed. The fence
// then also knows the embedded previews and the sizes stated.
func (f *fence) rebuild(c container) []byte {
	root, order := f.tree(c)
	if len(root) == 0 {
		return nil
	}
	return write(root, order)
}

// tree reads what rebuild returns; no order where there is no structure.
func (f *fence) tree(c container) ([]field, binary.ByteOrder) {
	f.previews = c.previews
	t, first, ok := f.open(c.block)
	if !ok {
		return nil, nil
	}
	root := t.chain(first)
	if c.exif.n > 0 || c.gps.n > 0 { // CR3; all its structures have one byte order
		root = f.graft(root, c.exif, tagExifIFD, f.forms(exifForms, exposureForms), t.order)
		root = f.graft(root, c.gps, tagGPSIFD, f.forms(gpsForms, directionForms), t.order)
	}
	return root, t.order
}

// forms are those of a directory.
func (f *fence) forms(known, further map[uint16]form) map[uint16]form {
	if !f.whole {
		return known
	}
	all := maps.Clone(known)
	maps.Copy(all, further)
	return all
}

func (f *fence) graft(root []field, block span, tag uint16, forms map[uint16]form, order binary.ByteOrder) []field {
	t, first, ok := f.open(block)
	if !ok || t.order != order {
		return root
	}
	if dir := t.fields(t.entries(first), forms); len(dir) > 0 {
		root = append(root, field{tag: tag, typ: typeLong, count: 1, dir: dir})
	}
	return root
}

// chain reads the first directory with those that hang below it, and goes
// through the following ones for their previews.
func (t tiff) chain(first int64) []field {
	entries, next := t.entriesAndNext(first)
	root := t.fields(entries, t.forms(imageForms, rightsForms))
	for _, e := range entries {
		var forms map[uint16]form
		switch e.tag {
		case tagExifIFD:
			forms = t.forms(exifForms, exposureForms)
		case tagGPSIFD:
			forms = t.forms(gpsForms, directionForms)
		default:
			t.packets(e)
			continue
		}
		if dir := t.fields(t.entries(e.offset()), forms); len(dir) > 0 {
			root = append(root, field{tag: e.tag, typ: typeLong, count: 1, dir: dir})
		}
	}
	t.pictures(entries)
	for next != 0 {
		entries, next = t.entriesAndNext(next)
		t.pictures(entries)
	}
	return root
}

// packets notes the metadata of other standards that an entry holds.
func (t tiff) packets(e entry) {
	s, ok := t.block.within(e.offset(), int64(uint64(e.count)*typeSizes[e.typ]))
	if !ok || uint64(e.count)*typeSizes[e.typ] <= 4 {
		return
	}
	switch e.tag {
	case tagXMP:
		if t.xmp.n == 0 {
			t.xmp = s
		}
	case tagIPTC, tagPhotoshop:
		if len(t.iptc) < maxIPTC {
			t.iptc = append(t.iptc, iptcSpan{s, e.tag == tagPhotoshop})
		}
	}
}

// entry is one raw directory entry.
type entry struct {
	tag, typ uint16
	count    uint32
	inline   [4]byte
	order    binary.ByteOrder
}

// offset is the entry's last four bytes as an offset into the block.
func (e entry) offset() int64 { return int64(e.order.Uint32(e.inline[:])) }

// number is the entry's value if it is one unsigned integer.
func (e entry) number() (uint32, bool) {
	if e.count != 1 {
		return 0, false
	}
	switch e.typ {
	case typeByte:
		return uint32(e.inline[0]), true
	case typeShort:
		return uint32(e.order.Uint16(e.inline[:])), true
	case typeLong, typeIFD:
		return e.order.Uint32(e.inline[:]), true
	}
	return 0, false
}

func (t tiff) entries(at int64) []entry {
	entries, _ := t.entriesAndNext(at)
	return entries
}

// entriesAndNext reads the directory at an offset, as far as it is there. It
// gives nothing for one that was read before or is one too many.
func (t tiff) entriesAndNext(at int64) (entries []entry, next int64) {
	if at < 8 || t.seen[at] || t.dirs >= maxDirs {
		return nil, 0
	}
	t.seen[at] = true
	t.dirs++
	var b [2]byte
	if !t.block.read(b[:], at) {
		return nil, 0
	}
	count := int(t.order.Uint16(b[:]))
	raw := t.block.head(make([]byte, 12*min(count, maxEntries)+4), at+2)
	entries = make([]entry, 0, len(raw)/12)
	for len(raw) >= 12 && len(entries) < min(count, maxEntries) {
		e := entry{tag: t.order.Uint16(raw), typ: t.order.Uint16(raw[2:]), count: t.order.Uint32(raw[4:]), order: t.order}
		copy(e.inline[:], raw[8:12])
		entries = append(entries, e)
		raw = raw[12:]
	}
	if len(entries) == count && len(raw) == 4 {
		next = int64(t.order.Uint32(raw))
	}
	return entries, next
}

// fields keeps the entries that have a form and fit it; of two with the same
// tag the first.
func (t tiff) fields(entries []entry, forms map[uint16]form) []field {
	var fields []field
	have := map[uint16]bool{}
	for _, e := range entries {
		form, ok := forms[e.tag]
		if !ok || have[e.tag] {
			continue
		}
		if f, ok := t.field(e, form); ok {
			have[e.tag] = true
			fields = append(fields, f)
		}
	}
	return fields
}

// field reads the value of an entry in the form wanted.
//
//nolint:gocyclo // one rule for each class of form, side by side
func (t tiff) field(e entry, want form) (field, bool) {
	size := uint64(e.count) * typeSizes[e.typ] // at most 2^32 * 8: no overflow
	if size == 0 {
		return field{}, false
	}
	f := field{tag: e.tag, typ: e.typ, count: e.count}
	switch textual := e.typ == typeASCII || e.typ == typeUndefined || e.typ == typeByte || e.typ == typeUTF8; {
	case (want.class == text || want.class == degrees) && textual:
		limit := want.limit
		if want.class == degrees {
			limit = 64
		}
		f.typ = typeASCII
		size = min(size, limit)
		f.count = uint32(size)
	case want.class == wide && (e.typ == typeByte || e.typ == typeUndefined):
		f.typ = typeByte
		f.count = uint32(min(size, want.limit))
	case want.class == number && (e.typ == typeByte || e.typ == typeShort || e.typ == typeLong):
		f.count = 1
	case (want.class == rational || want.class == degrees) && (e.typ == typeRational || e.typ == typeSRational):
		if size < 8*want.limit {
			return field{}, false
		}
		f.count = uint32(want.limit)
	default:
		return field{}, false
	}
	width := typeSizes[f.typ] * uint64(f.count)
	if uint64(e.count)*typeSizes[e.typ] <= 4 {
		f.value = e.inline[:width]
		return f, true
	}
	f.value = t.block.head(make([]byte, width), e.offset())
	if uint64(len(f.value)) == width {
		return f, true
	}
	if (f.typ == typeASCII || want.class == wide) && len(f.value) > 0 { // text at the end of a cut-off block
		f.count = uint32(len(f.value))
		return f, true
	}
	return field{}, false
}

// pictures notes the JPEG streams and the size that a directory states, and
// goes through the directories below it.
func (t tiff) pictures(entries []entry) {
	n := map[uint16]uint32{}
	for _, e := range entries {
		switch {
		case e.tag == tagPanasonicJPG && e.typ == typeUndefined && e.count > 4:
			t.preview(e.offset(), int64(e.count))
		case e.tag == tagSubIFDs && (e.typ == typeLong || e.typ == typeIFD):
			for _, at := range t.offsets(e) {
				t.pictures(t.entries(at))
			}
		case pictureTags[e.tag]:
			if v, ok := e.number(); ok {
				n[e.tag] = v
			}
		}
	}
	t.preview(int64(n[tagThumbOffset]), int64(n[tagThumbLength]))
	if c := n[tagCompression]; c == 6 || c == 7 { // the two ways to say JPEG
		t.preview(int64(n[tagStripOffset]), int64(n[tagStripLength]))
	}
	width, height := n[tagImageWidth], n[tagImageHeight]
	if width < 1<<20 && height < 1<<20 && uint64(width)*uint64(height) > uint64(t.width)*uint64(t.height) {
		t.width, t.height = int(width), int(height)
	}
}

// pictureTags describe one picture of a directory.
var pictureTags = map[uint16]bool{
	tagImageWidth: true, tagImageHeight: true, tagCompression: true, tagThumbOffset: true,
	tagThumbLength: true, tagStripOffset: true, tagStripLength: true,
}

// offsets are the directories that a SubIFDs entry lists.
func (t tiff) offsets(e entry) []int64 {
	if e.count == 1 {
		return []int64{e.offset()}
	}
	raw := t.block.head(make([]byte, 4*min(e.count, maxDirs)), e.offset())
	var list []int64
	for ; len(raw) >= 4; raw = raw[4:] {
		list = append(list, int64(t.order.Uint32(raw)))
	}
	return list
}

// preview notes a JPEG stream, if that is what starts there.
func (t tiff) preview(off, n int64) {
	if off == 0 || len(t.previews) >= maxPreviews {
		return
	}
	var b [3]byte
	if s, ok := t.block.within(off, n); ok && s.read(b[:], 0) && string(b[:]) == "\xff\xd8\xff" {
		t.previews = append(t.previews, s)
	}
}

// write lays the tree out as a TIFF structure: each directory with its values
// after it, and the directories below it after those.
func write(root []field, order binary.ByteOrder) []byte {
	out := make([]byte, 8, 1024)
	copy(out, "II")
	if order == binary.ByteOrder(binary.BigEndian) {
		copy(out, "MM")
	}
	order.PutUint16(out[2:], 42)
	order.PutUint32(out[4:], 8)
	return writeDir(out, root, order)
}

func writeDir(out []byte, dir []field, order binary.ByteOrder) []byte {
	at := len(out)
	out = append(out, make([]byte, 2+12*len(dir)+4)...)
	order.PutUint16(out[at:], uint16(len(dir)))
	for i, f := range dir {
		e := out[at+2+12*i:][:12]
		order.PutUint16(e, f.tag)
		order.PutUint16(e[2:], f.typ)
		order.PutUint32(e[4:], f.count)
		switch {
		case f.dir != nil:
			order.PutUint32(e[8:], uint32(len(out)))
			out = writeDir(out, f.dir, order)
		case len(f.value) <= 4:
			copy(e[8:], f.value)
		default:
			order.PutUint32(e[8:], uint32(len(out)))
			out = append(out, f.value...)
			if len(out)%2 != 0 {
				out = append(out, 0)
			}
		}
	}
	return out
}
