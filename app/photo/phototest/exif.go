package phototest

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
)

// The EXIF types of values.
const (
	typeByte     = 1
	typeASCII    = 2
	typeShort    = 3
	typeLong     = 4
	typeRational = 5
)

var order = binary.BigEndian

// entry is one tag; dir stands for a pointer to a directory of its own.
type entry struct {
	tag, typ uint16
	count    uint32
	value    []byte
	dir      []entry
}

func ascii(tag uint16, s string) entry {
	return entry{tag: tag, typ: typeASCII, count: uint32(len(s) + 1), value: append([]byte(s), 0)}
}

func short(tag uint16, v int) entry {
	return entry{tag: tag, typ: typeShort, count: 1, value: order.AppendUint16(nil, uint16(v))}
}

func long(tag uint16, v int) entry {
	return entry{tag: tag, typ: typeLong, count: 1, value: order.AppendUint32(nil, uint32(v))}
}

// rationals takes numerators and denominators in turn.
func rationals(tag uint16, v ...uint32) entry {
	e := entry{tag: tag, typ: typeRational, count: uint32(len(v) / 2)}
	for _, n := range v {
		e.value = order.AppendUint32(e.value, n)
	}
	return e
}

func pointer(tag uint16, dir []entry) entry {
	return entry{tag: tag, typ: typeLong, count: 1, dir: dir}
}

// exif is the TIFF structure, tags in ascending order as the standard wants.
func exif(o Options) []byte {
	var thumb []byte
	if o.Thumbnail {
		w, h := thumbEdge, max(1, o.Height*thumbEdge/o.Width)
		if o.Height > o.Width {
			w, h = max(1, o.Width*thumbEdge/o.Height), thumbEdge
		}
		thumb = encode(Picture(o.Seed, w, h), 70)
	}
	return exifWith(o, thumb)
}

// exifWith is exif with a picture in its second directory, unless it is nil.
func exifWith(o Options, thumb []byte) []byte {
	var dir0, dir1, sub []entry
	if o.Description != "" {
		dir0 = append(dir0, ascii(0x010e, o.Description))
	}
	dir0 = append(dir0,
		ascii(0x010f, cmp.Or(o.Make, "PhotoFerry")),
		ascii(0x0110, cmp.Or(o.Model, "Model T")),
		short(0x0112, cmp.Or(o.Orientation, 1)))

	const layout = "2006:01:02 15:04:05"
	sub = append(sub, entry{tag: 0x9000, typ: 7, count: 4, value: []byte("0231")})
	if !o.Taken.IsZero() {
		dir0 = append(dir0, ascii(0x0132, o.Taken.Format(layout)))
		sub = append(sub, ascii(0x9003, o.Taken.Format(layout)), ascii(0x9004, o.Taken.Format(layout)))
	}
	if o.Zone != "" {
		sub = append(sub, ascii(0x9011, o.Zone))
	}
	if ms := o.Taken.Nanosecond() / 1e6; ms != 0 {
		sub = append(sub, ascii(0x9291, fmt.Sprintf("%03d", ms)))
	}
	sub = append(sub, long(0xa002, o.Width), long(0xa003, o.Height))

	dir0 = append(dir0, pointer(0x8769, sub))
	if o.GPS != nil {
		dir0 = append(dir0, pointer(0x8825, gps(*o.GPS)))
	}

	if thumb != nil {
		// The offset is known once everything before it is laid out.
		dir1 = []entry{short(0x0103, 6), long(0x0201, 0), long(0x0202, len(thumb))}
	}

	out := append([]byte("MM\x00\x2a"), 0, 0, 0, 8)
	out, next := appendDir(out, dir0)
	if dir1 != nil {
		order.PutUint32(out[next:], uint32(len(out)))
		at := len(out)
		out, _ = appendDir(out, dir1)
		order.PutUint32(out[at+2+12+8:], uint32(len(out)))
		out = append(out, thumb...)
	}
	return out
}

func gps(p Position) []entry {
	ref := func(v float64, positive, negative string) string {
		if v < 0 {
			return negative
		}
		return positive
	}
	const parts = 10_000 // of a second of arc: 3 mm
	arc := func(tag uint16, v float64) entry {
		s := uint64(math.Round(math.Abs(v) * 3600 * parts)) // 180 degrees take 33 bits
		return rationals(tag, uint32(s/(3600*parts)), 1, uint32(s/(60*parts)%60), 1, uint32(s%(60*parts)), parts)
	}
	below := byte(0)
	if p.Alt < 0 {
		below = 1
	}
	return []entry{
		{tag: 0, typ: typeByte, count: 4, value: []byte{2, 3, 0, 0}},
		ascii(1, ref(p.Lat, "N", "S")), arc(2, p.Lat),
		ascii(3, ref(p.Lon, "E", "W")), arc(4, p.Lon),
		{tag: 5, typ: typeByte, count: 1, value: []byte{below}},
		rationals(6, uint32(math.Round(math.Abs(p.Alt)*100)), 100),
	}
}

// appendDir lays a directory out, its values after it and the directories
// below it after those. It returns where the pointer to a next one goes.
func appendDir(out []byte, dir []entry) (_ []byte, next int) {
	at := len(out)
	out = append(out, make([]byte, 2+12*len(dir)+4)...)
	order.PutUint16(out[at:], uint16(len(dir)))
	for i, e := range dir {
		head := at + 2 + 12*i
		order.PutUint16(out[head:], e.tag)
		order.PutUint16(out[head+2:], e.typ)
		order.PutUint32(out[head+4:], e.count)
		switch {
		case e.dir != nil:
			order.PutUint32(out[head+8:], uint32(len(out)))
			out, _ = appendDir(out, e.dir)
		case len(e.value) <= 4:
			copy(out[head+8:], e.value)
		default:
			order.PutUint32(out[head+8:], uint32(len(out)))
			out = append(out, e.value...)
			if len(out)%2 != 0 {
				out = append(out, 0)
			}
		}
	}
	return out, at + 2 + 12*len(dir)
}
