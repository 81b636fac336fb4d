package ipernity

import (
	"bytes"
	"encoding/binary"
	"time"
)

// exif is what a JPEG says about itself; zero values stand for what it does not say.
type exif struct {
	orientation int    // 1 to 8
	taken       string // YYYY-MM-DD HH:MM:SS
	place       *place
}

// EXIF tags.
const (
	tagOrientation = 0x0112
	tagExifIFD     = 0x8769
	tagGPSIFD      = 0x8825
	tagTaken       = 0x9003
	tagLatRef      = 1
	tagLat         = 2
	tagLngRef      = 3
	tagLng         = 4
)

// readExif reads what parameters of upload.file override [S] from the beginning of a
// JPEG; of a broken one it returns what it could read.
func readExif(head []byte) exif {
	out := exif{orientation: 1}
	if len(head) < 2 {
		return out
	}
	for b := head[2:]; len(b) >= 4 && b[0] == 0xff && b[1] != 0xda; {
		n := int(binary.BigEndian.Uint16(b[2:])) + 2
		if n < 4 || n > len(b) {
			return out
		}
		if id := []byte("Exif\x00\x00"); b[1] == 0xe1 && bytes.HasPrefix(b[4:n], id) {
			out.read(b[4+len(id) : n])
			return out
		}
		b = b[n:]
	}
	return out
}

// read reads a handful of tags. It follows two pointers, from the first directory to
// the EXIF and GPS ones, so that no file can lead it astray.
func (x *exif) read(data []byte) {
	t := tiff{data: data}
	switch {
	case bytes.HasPrefix(data, []byte("II*\x00")):
		t.order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte("MM\x00*")):
		t.order = binary.BigEndian
	default:
		return
	}
	first, ok := t.at(4, 4)
	if !ok {
		return
	}
	root := t.directory(t.order.Uint32(first))
	if o := int(root[tagOrientation].short); o >= 1 && o <= 8 {
		x.orientation = o
	}
	sub := t.directory(root[tagExifIFD].long)
	if text, ok := t.at(sub[tagTaken].long, 19); ok {
		if taken, err := time.Parse("2006:01:02 15:04:05", string(text)); err == nil {
			x.taken = taken.Format(time.DateTime)
		}
	}
	gps := t.directory(root[tagGPSIFD].long)
	lat, ok1 := t.degrees(gps[tagLat].long)
	lng, ok2 := t.degrees(gps[tagLng].long)
	if !ok1 || !ok2 || lat > 90 || lng > 180 {
		return
	}
	if gps[tagLatRef].first == 'S' {
		lat = -lat
	}
	if gps[tagLngRef].first == 'W' {
		lng = -lng
	}
	x.place = &place{Lat: lat, Lng: lng}
}

type tiff struct {
	order binary.ByteOrder
	data  []byte
}

// value is a directory entry's value field, which is often an offset.
type value struct {
	first byte
	short uint16
	long  uint32
}

func (t tiff) at(offset uint32, n int) ([]byte, bool) {
	if offset == 0 || uint64(offset)+uint64(n) > uint64(len(t.data)) {
		return nil, false
	}
	return t.data[offset:][:n], true
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
		out[t.order.Uint16(e)] = value{e[8], t.order.Uint16(e[8:]), t.order.Uint32(e[8:])}
	}
	return out
}

// degrees reads degrees, minutes and seconds.
func (t tiff) degrees(offset uint32) (float64, bool) {
	b, ok := t.at(offset, 24)
	if !ok {
		return 0, false
	}
	sum := 0.0
	for i, unit := range []float64{1, 60, 3600} {
		num, den := t.order.Uint32(b[8*i:]), t.order.Uint32(b[8*i+4:])
		if den == 0 {
			return 0, false
		}
		sum += float64(num) / float64(den) / unit
	}
	return sum, true
}
