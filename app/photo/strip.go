package photo

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
)

var (
	// ErrStripKind says that a kind cannot be stripped without coding the
	// picture anew: all but JPEG.
	ErrStripKind = errors.New("metadata can be taken out of JPEG only")
	// ErrStrip says that a JPEG's metadata could not be taken out for sure:
	// it is damaged, cut off, or what came out still had some.
	ErrStrip = errors.New("metadata could not be taken out for sure")
)

// maxStrip bounds the bytes that stripping keeps in memory.
const maxStrip = 16 << 20

// StripGPS writes a copy of a JPEG of the given size in bytes without the
// place where it was taken: the GPS directory of its EXIF and every property
// of its XMP that tells coordinates, in the pictures behind the main one (of
// MPF, HDR gain maps) as well. All else keeps its bytes and its offsets, so
// that maker notes stay readable. What cannot be read, and so not searched, is
// blanked as a whole: damaged EXIF or XMP, telemetry of action cameras,
// provenance records; and what follows the pictures, such as a motion photo's
// film, is cut off. Names of cities are words, not coordinates, and stay.
//
// The picture's own data is copied byte for byte. What will be written is read
// back before the first byte is: [ErrStrip] if it still tells a place or lost
// anything else. [ErrStripKind] is for other kinds; the rest is the reader's
// and the writer's. The file is only read.
func StripGPS(r io.ReaderAt, size int64, w io.Writer) error {
	return strip(r, size, w, withoutGPS)
}

// StripAll writes a copy of a JPEG of the given size in bytes without any
// metadata but what it takes to show it: the colour profile, Adobe's and
// JFIF's notes on the coding, and the orientation in an EXIF block of its own.
// What follows the picture is cut off. Otherwise as [StripGPS].
func StripAll(r io.ReaderAt, size int64, w io.Writer) error {
	return strip(r, size, w, withoutAll)
}

// cutter makes the copy, and knows what it has to say.
type cutter func(file span, before Meta) (out *spliced, well func(after Meta) bool, err error)

// strip makes the copy, reads it back, and writes it if all is well.
func strip(r io.ReaderAt, size int64, w io.Writer, cut cutter) error {
	win := newWindow(r, size)
	err := stripTo(span{win, 0, size}, w, cut)
	if win.err != nil {
		err = win.err
	}
	if err != nil {
		return fmt.Errorf("strip: %w", err)
	}
	return nil
}

func stripTo(file span, w io.Writer, cut cutter) error {
	var head [SniffLen]byte
	if Sniff(file.head(head[:], 0), "") != JPEG {
		return ErrStripKind
	}
	want, err := pictureSum(file)
	if err != nil {
		return err
	}
	before, unread := readMeta(openContainer(file))
	out, well, err := cut(file, before)
	if err != nil {
		return errors.Join(ErrStrip, err)
	}
	copied := span{out, 0, out.size}
	after, err := readMeta(openContainer(copied))
	if err != nil && unread == nil && !errors.Is(err, ErrNoMeta) {
		return errors.Join(ErrStrip, err) // not what the original had already
	}
	if !well(after) {
		return fmt.Errorf("%w: the copy says something else", ErrStrip)
	}
	got, err := pictureSum(copied)
	if err != nil {
		return err
	}
	if got != want {
		return fmt.Errorf("%w: the copy shows something else", ErrStrip)
	}
	_, err = io.Copy(w, copied.section())
	return err
}

// PictureSum is the SHA-256 of what a JPEG shows: of all its segments that are
// not metadata, and of its coded data. It does not change when only metadata
// is edited. The error is [ErrStripKind] for other kinds, [ErrStrip] for a
// JPEG that is not whole, or the reader's.
func PictureSum(r io.ReaderAt, size int64) ([32]byte, error) {
	w := newWindow(r, size)
	file := span{w, 0, size}
	var head [SniffLen]byte
	if Sniff(file.head(head[:], 0), "") != JPEG {
		return [32]byte{}, fmt.Errorf("picture sum: %w", ErrStripKind)
	}
	sum, err := pictureSum(file)
	if w.err != nil {
		err = w.err
	}
	if err != nil {
		return [32]byte{}, fmt.Errorf("picture sum: %w", err)
	}
	return sum, nil
}

func pictureSum(file span) (sum [32]byte, err error) {
	parts, err := jpegParts(file)
	if err != nil {
		return sum, errors.Join(ErrStrip, err)
	}
	h := sha256.New()
	buf := make([]byte, 64<<10)
	for _, p := range parts {
		if p.metadata() || p.after {
			continue
		}
		for at := p.at; at < p.at+p.n; at += int64(len(buf)) {
			b := buf[:min(int64(len(buf)), p.at+p.n-at)]
			if !file.read(b, at) {
				return sum, io.ErrUnexpectedEOF
			}
			h.Write(b)
		}
	}
	return [32]byte(h.Sum(nil)), nil
}

const iccIntro = "ICC_PROFILE\x00"

// withoutAll keeps the parts that a decoder needs.
func withoutAll(file span, m Meta) (*spliced, func(Meta) bool, error) {
	parts, err := jpegParts(file)
	if err != nil {
		return nil, nil, err
	}
	if m.Orientation == 1 {
		m.Orientation = 0 // as the picture lies: nothing to be said
	}
	out := &spliced{}
	for i, p := range parts {
		if body, _ := file.within(p.at, p.n); p.needed(body) {
			out.add(piece{from: body})
		}
		// JFIF's own segment has to come first.
		start := p.marker == 0xd8 && i == 0
		if first := parts[1].marker == 0xe0; m.Orientation > 0 && (start && !first || i == 1 && first) {
			out.add(piece{mem: orientationSegment(m.Orientation)})
		}
	}
	want := Meta{Orientation: m.Orientation, Width: m.Width, Height: m.Height}
	return out, func(after Meta) bool { return fmt.Sprint(after) == fmt.Sprint(want) }, nil
}

// needed reports whether a decoder needs the part. A JFIF segment with a
// thumbnail says nothing that it could not do without.
func (p part) needed(body span) bool {
	if !p.metadata() {
		return !p.after
	}
	var b [len(iccIntro)]byte
	intro := string(body.head(b[:], p.intro))
	return p.marker == 0xe0 && strings.HasPrefix(intro, "JFIF\x00") && p.n == 18 || p.marker == 0xe2 && intro == iccIntro
}

// orientationSegment is an EXIF block that says nothing else.
func orientationSegment(orientation int) []byte {
	order := binary.BigEndian
	block := write([]field{{tag: tagOrientation, typ: typeShort, count: 1, value: order.AppendUint16(nil, uint16(orientation))}}, order)
	out := order.AppendUint16([]byte{0xff, 0xe1}, uint16(2+len(exifIntro)+len(block)))
	return append(append(out, exifIntro...), block...)
}

// withoutGPS blanks in place, in every picture.
func withoutGPS(file span, before Meta) (*spliced, func(Meta) bool, error) {
	out := &spliced{}
	lossy := false
	budget := int64(maxStrip)
	_, err := jpegPictures(file, func(gap, picture span, parts []part) error {
		raws, err := metadataParts(picture, parts, &budget)
		if err != nil {
			return err
		}
		extended := extendedPlace(raws)
		out.add(piece{from: gap})
		for i, p := range parts {
			body, _ := picture.within(p.at, p.n)
			switch raw := raws[i]; {
			case p.after:
			case raw == nil:
				out.add(piece{from: body})
			default:
				lossy = blankSegment(p.marker, raw[p.intro:], extended) || lossy
				out.add(piece{mem: raw})
			}
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if before.ZoneByGPS { // what only the satellites' stamp told is gone with it
		before.Taken, before.Zoned, before.ZoneByGPS = wallClock(before.Taken), false, false
	}
	before.GPS, before.GPSTime = nil, time.Time{}
	return out, func(after Meta) bool {
		if after.GPS != nil || !after.GPSTime.IsZero() || !nowhere(span{out, 0, out.size}) {
			return false
		}
		same := fmt.Sprint(after) == fmt.Sprint(before)
		return same || lossy && after.Orientation == before.Orientation
	}, nil
}

// nowhere reports whether none of the pictures tells a place.
func nowhere(file span) bool {
	placed := false
	_, err := jpegPictures(file, func(_, picture span, _ []part) error {
		m, _ := readMeta(openContainer(picture))
		placed = placed || m.GPS != nil || !m.GPSTime.IsZero()
		return nil
	})
	return err == nil && !placed
}

// metadataParts reads the parts that are metadata; nil for the others.
func metadataParts(picture span, parts []part, budget *int64) ([][]byte, error) {
	raws := make([][]byte, len(parts))
	for i, p := range parts {
		if !p.metadata() {
			continue
		}
		if *budget -= p.n; *budget < 0 {
			return nil, fmt.Errorf("more than %d bytes of metadata", maxStrip)
		}
		raws[i] = make([]byte, p.n)
		if !picture.read(raws[i], p.at) {
			return nil, io.ErrUnexpectedEOF
		}
	}
	return raws, nil
}
