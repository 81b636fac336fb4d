package photo

import (
	"bytes"
	"encoding/binary"
	"time"
)

const (
	maxBoxes  = 4096
	metaLimit = 1 << 20 // a still picture's "meta" box takes a few kilobytes
	// canonUUID names the box in which CR3 keeps its metadata, prvwUUID the
	// one with its preview.
	canonUUID = "\x85\xc0\xb6\x87\x82\x0f\x11\xe0\x81\x11\xf4\xce\x46\x2b\x6a\x48"
	prvwUUID  = "\xea\xf4\x2b\x5e\x1c\x98\x4b\x88\xb9\xfb\xb7\xdc\x40\x6e\x4d\x16"
	// xmpUUID names the box with an XMP packet, of any file made of boxes.
	xmpUUID = "\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac"
)

// box is one box of a file. A body that is said to be longer than what is
// there is cut off.
type box struct {
	typ  string
	body span
	open bool // it runs to the end, wherever that is
}

// fileBoxes calls visit for every box in s until visit returns false. It
// reports whether it came to the end of s without finding fault.
func fileBoxes(s span, visit func(box) bool) (whole bool) {
	var head [16]byte
	var at int64
	for range maxBoxes {
		if at == s.n {
			return true
		}
		if !s.read(head[:8], at) {
			return false
		}
		b := box{typ: string(head[4:8])}
		n, header := int64(binary.BigEndian.Uint32(head[:])), int64(8)
		switch n {
		case 0:
			n, b.open = s.n-at, true
		case 1:
			if !s.read(head[:], at) {
				return false
			}
			n, header = int64(binary.BigEndian.Uint64(head[8:])), 16
		}
		if n < header {
			return false
		}
		b.body, _ = s.within(at+header, n-header)
		if !visit(b) || n > s.n-at {
			return false
		}
		at += n
	}
	return false
}

// boxes is fileBoxes over bytes in memory; a box that claims more than there
// is ends the walk.
func boxes(b []byte, visit func(typ string, body []byte)) {
	for len(b) >= 8 {
		n := int64(binary.BigEndian.Uint32(b))
		if n == 0 {
			n = int64(len(b))
		}
		if n < 8 || n > int64(len(b)) {
			return
		}
		visit(string(b[4:8]), b[8:n])
		b = b[n:]
	}
}

// walkHEIF finds the item of type "Exif" through the tables of the "meta" box,
// and takes the largest picture's size, which is the whole one's when the
// others are its tiles and its thumbnail.
func (c *container) walkHEIF(file span) {
	var meta []byte
	fileBoxes(file, func(b box) bool {
		if b.typ != "meta" {
			return true
		}
		if b.body.n > 4 && b.body.n <= metaLimit {
			if all := make([]byte, b.body.n); b.body.read(all, 0) {
				meta = all
			}
		}
		return false
	})
	if len(meta) < 4 {
		return
	}
	var iloc []byte
	exif, xmp := map[uint32]bool{}, map[uint32]bool{}
	boxes(meta[4:], func(typ string, body []byte) {
		switch typ {
		case "iloc":
			iloc = body
		case "iinf":
			metaItems(body, exif, xmp)
		case "iprp":
			boxes(body, func(typ string, body []byte) {
				if typ == "ipco" {
					boxes(body, c.property)
				}
			})
		}
	})
	if at, n, ok := itemExtent(iloc, exif); ok {
		c.block = heifBlock(item(file, at, n))
	}
	if at, n, ok := itemExtent(iloc, xmp); ok {
		c.xmp = item(file, at, n)
	}
}

// property takes the size from an image's spatial extents.
func (c *container) property(typ string, body []byte) {
	if typ != "ispe" || len(body) < 12 {
		return
	}
	w, h := binary.BigEndian.Uint32(body[4:]), binary.BigEndian.Uint32(body[8:])
	if w < 1<<20 && h < 1<<20 {
		c.grow(int(w), int(h))
	}
}

// metaItems puts the IDs of the items of type "Exif", and of those that are
// XMP packets, in a body of "iinf" into the two sets.
func metaItems(iinf []byte, exif, xmp map[uint32]bool) {
	skip := 6 // version, flags, 16-bit count
	if len(iinf) > 0 && iinf[0] != 0 {
		skip = 8
	}
	if len(iinf) < skip {
		return
	}
	boxes(iinf[skip:], func(typ string, e []byte) {
		if typ != "infe" || len(e) < 12 || len(exif)+len(xmp) >= 16 {
			return
		}
		id, rest := uint32(binary.BigEndian.Uint16(e[4:])), e[8:]
		switch {
		case e[0] == 3 && len(e) >= 14:
			id, rest = binary.BigEndian.Uint32(e[4:]), e[10:]
		case e[0] != 2:
			return
		}
		switch string(rest[:4]) {
		case "Exif":
			exif[id] = true
		case "mime":
			if _, after, _ := bytes.Cut(rest[4:], []byte{0}); bytes.HasPrefix(after, []byte("application/rdf+xml\x00")) {
				xmp[id] = true
			}
		}
	})
}

// cursor takes big-endian numbers off the front of b; past the end it gives 0
// and remembers it.
type cursor struct {
	b     []byte
	short bool
}

func (c *cursor) uint(n int) uint64 {
	if n > len(c.b) {
		c.b, c.short = nil, true
		return 0
	}
	var v uint64
	for _, x := range c.b[:n] {
		v = v<<8 | uint64(x)
	}
	c.b = c.b[n:]
	return v
}

// itemExtent looks the first extent of one of the items up in a body of
// "iloc". Only items that lie in the file itself count.
func itemExtent(iloc []byte, ids map[uint32]bool) (at, n uint64, ok bool) {
	c := cursor{b: iloc}
	version := c.uint(1)
	c.uint(3)
	sizes := c.uint(2)
	offSize, lenSize, baseSize, indexSize := int(sizes>>12), int(sizes>>8&15), int(sizes>>4&15), int(sizes&15)
	if version == 0 {
		indexSize = 0
	}
	if offSize > 8 || lenSize > 8 || baseSize > 8 || indexSize > 8 {
		return 0, 0, false
	}
	wide := 2
	if version >= 2 {
		wide = 4
	}
	for items := c.uint(wide); items > 0 && !c.short; items-- {
		id := uint32(c.uint(wide))
		method := uint64(0)
		if version >= 1 {
			method = c.uint(2) & 15
		}
		c.uint(2) // data reference: 0, this file
		base := c.uint(baseSize)
		for extents, first := c.uint(2), true; extents > 0 && !c.short; extents, first = extents-1, false {
			c.uint(indexSize)
			off, length := c.uint(offSize), c.uint(lenSize)
			if first && ids[id] && method == 0 && !c.short {
				return base + off, length, true
			}
			if offSize+lenSize+indexSize == 0 {
				break // nothing to read, so nothing would end the loop early
			}
		}
	}
	return 0, 0, false
}

// item is the stretch of the file that an item's extent names.
func item(file span, at, n uint64) span {
	if at > uint64(file.n) || n > uint64(file.n) {
		return span{}
	}
	s, _ := file.within(int64(at), int64(n))
	return s
}

// heifBlock cuts the TIFF structure out of an Exif item, which starts with the
// distance to it.
func heifBlock(item span) span {
	var b [4]byte
	if !item.read(b[:], 0) {
		return span{}
	}
	block, _ := item.within(4+int64(binary.BigEndian.Uint32(b[:])), item.n)
	return block
}

// walkCR3 finds Canon's directories, each the first of a TIFF structure of its
// own, and the JPEG pictures beside them.
func (c *container) walkCR3(file span) {
	var moov, prvw bool // each is looked into once, so that the work stays bounded
	fileBoxes(file, func(b box) bool {
		switch {
		case b.typ == "moov" && !moov:
			moov = true
			c.cr3Moov(b.body)
		case b.typ == "uuid" && !prvw && b.hasUUID(prvwUUID):
			prvw = true
			inner, _ := b.body.within(24, b.body.n) // the UUID and 8 bytes of header
			fileBoxes(inner, c.cr3Preview)
		case b.typ == "uuid" && c.xmp.n == 0 && b.hasUUID(xmpUUID):
			c.xmp, _ = b.body.within(16, b.body.n)
		}
		return b.typ != "mdat"
	})
}

// hasUUID reports whether the body starts with that UUID.
func (b box) hasUUID(id string) bool {
	var got [16]byte
	return b.body.read(got[:], 0) && string(got[:]) == id
}

func (c *container) cr3Moov(moov span) {
	fileBoxes(moov, func(b box) bool {
		if b.typ != "uuid" || !b.hasUUID(canonUUID) {
			return true
		}
		inner, _ := b.body.within(16, b.body.n)
		fileBoxes(inner, func(b box) bool {
			switch b.typ {
			case "CMT1":
				c.block = b.body
			case "CMT2":
				c.exif = b.body
			case "CMT4":
				c.gps = b.body
			}
			return c.cr3Preview(b)
		})
		return false
	})
}

// cr3Preview takes the JPEG out of a THMB or PRVW box, at either of the
// offsets at which their versions keep it. It reports whether there is room
// for more.
func (c *container) cr3Preview(b box) bool {
	if b.typ == "THMB" || b.typ == "PRVW" {
		for _, at := range []int64{12, 16} {
			var magic [3]byte
			if preview, ok := b.body.within(at, b.body.n); ok && preview.read(magic[:], 0) && string(magic[:]) == "\xff\xd8\xff" {
				c.previews = append(c.previews, preview)
				break
			}
		}
	}
	return len(c.previews) < maxPreviews
}

// filmEpoch is where films start to count their seconds.
var filmEpoch = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)

// walkFilm reads when a film was made out of its "mvhd" box. The standard says
// that this is UTC; 0 is a clock that was not set.
func (c *container) walkFilm(file span) {
	fileBoxes(file, func(b box) bool {
		if b.typ != "moov" {
			return true
		}
		fileBoxes(b.body, func(b box) bool {
			if b.typ != "mvhd" {
				return true
			}
			var h [12]byte
			if !b.body.read(h[:], 0) {
				return false
			}
			seconds := uint64(binary.BigEndian.Uint32(h[4:]))
			if h[0] == 1 {
				seconds = binary.BigEndian.Uint64(h[4:])
			}
			if seconds > 0 && seconds < 1<<33 {
				c.taken = filmEpoch.Add(time.Duration(seconds) * time.Second)
			}
			return false
		})
		return false
	})
}
