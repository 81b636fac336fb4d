package photo

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// Keep says how much of what a photo tells a copy of it may tell.
type Keep uint8

// What a copy may tell. The names are those of [Keep.String].
const (
	KeepAll     Keep = iota // all that can be carried
	KeepNoPlace             // not where it was taken
	KeepNothing             // nothing but the colours
)

// String returns "all", "no place" or "nothing".
func (k Keep) String() string {
	return [...]string{"all", "no place", "nothing"}[min(k, KeepNothing)]
}

// Carried is what the metadata of a copy has to say of the copy itself.
type Carried struct {
	Keep          Keep
	Width, Height int // pixels, as stored in the copy
	// Orientation is what is still to be done to show the copy upright, 1..8.
	// 0 takes the original's: the copy's pixels lie as the original's do.
	Orientation int
}

// Carry returns the metadata of a photo of the given size in bytes as the
// segments of a JPEG that is a copy of its picture: EXIF with date, camera,
// exposure and place, and XMP with what persons have written. What cannot be
// read is left out; an error is the reader's.
//
// The same photo and the same wishes give the same bytes.
func Carry(r io.ReaderAt, size int64, want Carried) ([]byte, error) {
	w := newWindow(r, size)
	out := carry(openContainer(span{w, 0, size}), want)
	if w.err != nil {
		return nil, fmt.Errorf("carry metadata: %w", w.err)
	}
	return out, nil
}

func carry(c container, want Carried) []byte {
	if want.Keep == KeepNothing && want.Orientation > 1 {
		return orientationSegment(want.Orientation)
	}
	m, _ := readMeta(c)
	orientation := cmp.Or(want.Orientation, m.Orientation)
	if want.Keep == KeepNothing {
		if orientation > 1 {
			return orientationSegment(orientation)
		}
		return nil
	}
	if want.Keep == KeepNoPlace {
		m = m.WithoutPlace()
	}
	f := fence{whole: true}
	root, order := f.tree(c)
	if order == nil {
		order = binary.BigEndian
	}
	t := tree{order: order, root: root}
	t.describe(m, want, max(orientation, 1))
	out := segment(0xe1, exifIntro, write(t.root, order))
	if packet := writeXMP(m); packet != nil {
		out = append(out, segment(0xe1, xmpIntro, packet)...)
	}
	return out
}

// WithoutPlace returns m without coordinates, and without what only the
// satellites' clock told.
func (m Meta) WithoutPlace() Meta {
	if m.ZoneByGPS {
		m.Taken, m.Zoned, m.ZoneByGPS = wallClock(m.Taken), false, false
	}
	m.GPS, m.GPSTime = nil, time.Time{}
	return m
}

// segment is a JPEG's; nil for what does not fit into one.
func segment(marker byte, intro string, body []byte) []byte {
	n := 2 + len(intro) + len(body)
	if n > math.MaxUint16 {
		return nil
	}
	out := binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(n))
	return append(append(out, intro...), body...)
}

// tree is a TIFF structure that is being made.
type tree struct {
	order binary.ByteOrder
	root  []field
}

// describe makes the structure say what is true of the copy, and adds what
// other sources than EXIF told.
func (t *tree) describe(m Meta, want Carried, orientation int) {
	drop(&t.root, tagImageWidth, tagImageHeight)
	put(&t.root, t.short(tagOrientation, orientation))
	exif := t.below(tagExifIFD)
	put(exif, t.long(0xa002, want.Width))
	put(exif, t.long(0xa003, want.Height))
	if !m.Taken.IsZero() && !has(*exif, 0x9003) {
		put(exif, ascii(0x9003, m.Taken.Format("2006:01:02 15:04:05")))
		if ns := m.Taken.Nanosecond(); ns > 0 {
			put(exif, ascii(0x9291, fmt.Sprintf("%03d", ns/1e6)))
		}
	}
	if m.Zoned && !has(*exif, 0x9011) {
		put(exif, ascii(0x9011, m.Taken.Format("-07:00")))
	}
	for tag, s := range map[uint16]string{tagMake: m.Make, tagModel: m.Model} {
		if s != "" && !has(t.root, tag) {
			put(&t.root, ascii(tag, s))
		}
	}
	switch gps := t.below(tagGPSIFD); {
	case want.Keep != KeepAll || m.GPS == nil:
		drop(&t.root, tagGPSIFD)
	default: // read and written anew, since cameras write it in many ways
		t.place(gps, *m.GPS)
	}
	t.sort(t.root)
}

// place writes coordinates to 0.1 mm, and the height to the centimetre.
func (t *tree) place(gps *[]field, p Position) {
	arc := func(tag uint16, v float64) field {
		const parts = 1_000_000 // of a second of arc
		s := uint64(math.Round(math.Abs(v) * 3600 * parts))
		return t.rationals(tag, uint32(s/(3600*parts)), 1, uint32(s/(60*parts)%60), 1, uint32(s%(60*parts)), parts)
	}
	ref := func(v float64, positive, negative string) string {
		if v < 0 {
			return negative
		}
		return positive
	}
	put(gps, field{tag: 0, typ: typeByte, count: 4, value: []byte{2, 3, 0, 0}})
	put(gps, ascii(1, ref(p.Lat, "N", "S")))
	put(gps, arc(2, p.Lat))
	put(gps, ascii(3, ref(p.Lon, "E", "W")))
	put(gps, arc(4, p.Lon))
	drop(gps, 5, 6)
	if p.HasAlt {
		below := byte(0)
		if p.Alt < 0 {
			below = 1
		}
		put(gps, field{tag: 5, typ: typeByte, count: 1, value: []byte{below}})
		put(gps, t.rationals(6, uint32(math.Round(math.Abs(p.Alt)*100)), 100))
	}
}

// below returns the directory that a tag of the first one points at.
func (t *tree) below(tag uint16) *[]field {
	i := slices.IndexFunc(t.root, func(f field) bool { return f.tag == tag })
	if i < 0 {
		t.root = append(t.root, field{tag: tag, typ: typeLong, count: 1, dir: []field{}})
		i = len(t.root) - 1
	}
	return &t.root[i].dir
}

func (t *tree) sort(dir []field) {
	slices.SortStableFunc(dir, func(a, b field) int { return cmp.Compare(a.tag, b.tag) })
	for _, f := range dir {
		t.sort(f.dir)
	}
}

func (t *tree) short(tag uint16, v int) field {
	b := make([]byte, 2)
	t.order.PutUint16(b, uint16(v))
	return field{tag: tag, typ: typeShort, count: 1, value: b}
}

func (t *tree) long(tag uint16, v int) field {
	b := make([]byte, 4)
	t.order.PutUint32(b, uint32(v))
	return field{tag: tag, typ: typeLong, count: 1, value: b}
}

// rationals takes numerators and denominators in turn.
func (t *tree) rationals(tag uint16, v ...uint32) field {
	b := make([]byte, 4*len(v))
	for i, n := range v {
		t.order.PutUint32(b[4*i:], n)
	}
	return field{tag: tag, typ: typeRational, count: uint32(len(v) / 2), value: b}
}

func ascii(tag uint16, s string) field {
	return field{tag: tag, typ: typeASCII, count: uint32(len(s) + 1), value: append([]byte(s), 0)}
}

func has(dir []field, tag uint16) bool {
	return slices.ContainsFunc(dir, func(f field) bool { return f.tag == tag })
}

func drop(dir *[]field, tags ...uint16) {
	*dir = slices.DeleteFunc(*dir, func(f field) bool { return slices.Contains(tags, f.tag) })
}

func put(dir *[]field, f field) {
	drop(dir, f.tag)
	*dir = append(*dir, f)
}

// Redress writes a JPEG of the given size in bytes with other metadata: the
// segments, as [Carry] returns them, in the place of all that it has. What a
// decoder needs stays, byte for byte, and so does its colour profile. What
// follows the picture is left out.
func Redress(w io.Writer, r io.ReaderAt, size int64, segments []byte) error {
	win := newWindow(r, size)
	file := span{win, 0, size}
	parts, err := jpegParts(file)
	if win.err != nil {
		err = win.err
	}
	if err != nil {
		return fmt.Errorf("redress: %w", err)
	}
	out := &spliced{}
	for i, p := range parts {
		body, _ := file.within(p.at, p.n)
		if p.needed(body) {
			out.add(piece{from: body})
		}
		// JFIF's own segment has to come first.
		start := p.marker == 0xd8 && i == 0
		if first := parts[1].marker == 0xe0; start && !first || i == 1 && first {
			out.add(piece{mem: segments})
		}
	}
	if _, err := io.Copy(w, io.NewSectionReader(out, 0, out.size)); err != nil {
		return fmt.Errorf("redress: %w", err)
	}
	return nil
}

// ErrNoPreview says that a file holds no JPEG besides its own picture.
var ErrNoPreview = errors.New("no embedded picture")

// Preview is a JPEG that lies in another file.
type Preview struct {
	At, Size      int64 // bytes
	Width, Height int   // pixels, as stored
}

// LargestPreview finds the largest JPEG that is embedded in a photo: what raw
// files have in full size for those who cannot develop them. The errors are
// [ErrNoPreview] and the reader's.
func LargestPreview(r io.ReaderAt, size int64) (Preview, error) {
	w := newWindow(r, size)
	c := openContainer(span{w, 0, size})
	var f fence
	f.rebuild(c)
	var best Preview
	for _, s := range f.previews {
		pc := container{kind: JPEG}
		pc.walkJPEG(s)
		if pc.decodeCost() > 0 && pc.width*pc.height > best.Width*best.Height {
			best = Preview{s.off, s.n, pc.width, pc.height}
		}
	}
	switch {
	case w.err != nil:
		return Preview{}, fmt.Errorf("find a preview: %w", w.err)
	case best.Size == 0:
		return Preview{}, fmt.Errorf("find a preview: %w", ErrNoPreview)
	}
	return best, nil
}
