package picapport

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"time"
)

// info is what a JPEG says about itself. Zero values stand for what it does not say.
type info struct {
	width, height int // as stored, before orientation
	orientation   int // 1 to 8
	taken         time.Time
	aperture      float64 // f-number
	exposure      float64 // seconds
	focal         float64 // millimetres
}

// inspect reads the header of a JPEG; of a broken one it returns what it could read.
// r must hold 64 KB.
func inspect(r *bufio.Reader) info {
	var out info
	if _, err := r.Discard(2); err != nil {
		return out
	}
	for {
		s, ok := peekSegment(r)
		if !ok || s.marker == markerSOS {
			return out
		}
		switch {
		case s.is(markerAPP1, idExif):
			out.readExif(s.bytes[4+len(idExif):])
		case isFrame(s.marker) && len(s.bytes) >= 9:
			out.height = int(binary.BigEndian.Uint16(s.bytes[5:]))
			out.width = int(binary.BigEndian.Uint16(s.bytes[7:]))
		}
		if _, err := r.Discard(len(s.bytes)); err != nil {
			return out
		}
	}
}

// isFrame reports whether a marker is a start of frame, which holds the dimensions.
func isFrame(m byte) bool {
	return m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc
}

// EXIF tags.
const (
	tagOrientation = 0x0112
	tagExifIFD     = 0x8769
	tagExposure    = 0x829a
	tagFNumber     = 0x829d
	tagTaken       = 0x9003
	tagFocal       = 0x920a
)

// readExif reads the handful of tags that getPhotoMetadata shows. It follows one
// pointer, from the first directory to the EXIF one, so that no file can lead it astray.
func (i *info) readExif(b []byte) {
	if len(b) < 1 {
		return
	}
	t := tiff{data: b[1:]} // behind the padding byte
	switch {
	case bytes.HasPrefix(t.data, []byte("II*\x00")):
		t.order = binary.LittleEndian
	case bytes.HasPrefix(t.data, []byte("MM\x00*")):
		t.order = binary.BigEndian
	default:
		return
	}
	first, ok := t.long(4)
	if !ok {
		return
	}
	main := t.directory(first)
	i.orientation = int(main[tagOrientation].short)
	at, ok := main[tagExifIFD]
	if !ok {
		return
	}
	exif := t.directory(at.long)
	i.aperture = t.rational(exif[tagFNumber])
	i.exposure = t.rational(exif[tagExposure])
	i.focal = t.rational(exif[tagFocal])
	if text, ok := t.at(exif[tagTaken].long, 19); ok {
		i.taken, _ = time.Parse("2006:01:02 15:04:05", string(text)) // zero if it is none
	}
}

type tiff struct {
	order binary.ByteOrder
	data  []byte
}

// value is a directory entry's value field, which is often an offset.
type value struct {
	short uint16
	long  uint32
}

func (t tiff) at(offset uint32, n int) ([]byte, bool) {
	if offset == 0 || uint64(offset)+uint64(n) > uint64(len(t.data)) {
		return nil, false
	}
	return t.data[offset:][:n], true
}

func (t tiff) long(offset uint32) (uint32, bool) {
	b, ok := t.at(offset, 4)
	if !ok {
		return 0, false
	}
	return t.order.Uint32(b), true
}

func (t tiff) directory(offset uint32) map[uint16]value {
	out := map[uint16]value{}
	b, ok := t.at(offset, 2)
	if !ok {
		return out
	}
	for k := range uint32(t.order.Uint16(b)) {
		e, ok := t.at(offset+2+12*k, 12)
		if !ok {
			break
		}
		out[t.order.Uint16(e)] = value{t.order.Uint16(e[8:]), t.order.Uint32(e[8:])}
	}
	return out
}

func (t tiff) rational(v value) float64 {
	b, ok := t.at(v.long, 8)
	if !ok || t.order.Uint32(b[4:]) == 0 {
		return 0
	}
	return float64(t.order.Uint32(b)) / float64(t.order.Uint32(b[4:]))
}
