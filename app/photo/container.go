package photo

import (
	"bytes"
	"encoding/binary"
	"strings"
	"time"
)

// container is what the outside of a file says, before any EXIF is read.
type container struct {
	kind Kind
	// block is the TIFF structure with the EXIF; n is 0 where there is none.
	// exif and gps are set only by CR3, which keeps each directory in a TIFF
	// structure of its own.
	block, exif, gps span
	// xmp is the packet, deflated where packed is set; iptc are the places to
	// look for IPTC's datasets, in order. TIFF structures have theirs in tags
	// (see fence).
	xmp           span
	packed        bool
	iptc          []iptcSpan
	taken         time.Time // films: the instant that the film's header states
	width, height int
	// previews are JPEG streams that the container itself points at.
	previews []span
	frame    byte // JPEG: the marker that starts the frame and names its coding
	depth    byte // PNG: bits per channel
}

const (
	// maxSegments is far above any JPEG's: 46 make 3 MB of application data.
	maxSegments = 4096
	maxChunks   = 4096
	// maxGarbage is how many bytes between segments are looked through for the
	// next marker.
	maxGarbage = 64 << 10
)

// openContainer tells the kind by the first bytes and finds the block and the
// picture's size in it.
func openContainer(file span) container {
	var buf [96]byte
	head := file.head(buf[:], 0)
	c := container{kind: Sniff(head, "")}
	switch c.kind {
	case JPEG:
		c.walkJPEG(file)
	case PNG:
		c.walkPNG(file)
	case GIF:
		c.walkGIF(file, head)
	case WebP:
		c.walkWebP(file)
	case TIFF:
		c.block = file
	case RAW:
		switch {
		case bytes.HasPrefix(head[min(4, len(head)):], []byte("ftyp")):
			c.walkCR3(file)
		case bytes.HasPrefix(head, []byte("FUJI")):
			c.walkRAF(file, head)
		default:
			c.block = file
		}
	case HEIC, AVIF:
		c.walkHEIF(file)
	case MP4, MOV:
		c.walkFilm(file)
	}
	return c
}

// jpegSegments calls visit for every segment before the entropy-coded data
// with its marker and its payload, until visit returns false. It returns the
// offset of the start-of-scan marker, or 0 if it did not come to one.
func jpegSegments(file span, visit func(marker byte, body span) bool) int64 {
	var b [4]byte
	at, garbage := int64(2), int64(0)
	for range maxSegments {
		if len(file.head(b[:], at)) < 4 {
			return 0
		}
		switch m := b[1]; {
		case b[0] != 0xff || m == 0: // some writers leave a few bytes too many
			skip := toMarker(file, at+1)
			if garbage += skip; skip == 0 || garbage > maxGarbage {
				return 0
			}
			at += skip
			continue
		case m == 0xff: // a fill byte
			at++
			continue
		case m == 0x01 || m >= 0xd0 && m <= 0xd8: // markers without a body
			at += 2
			continue
		case m == 0xd9:
			return 0
		case m == 0xda:
			return at
		}
		n := int64(binary.BigEndian.Uint16(b[2:]))
		if n < 2 {
			return 0
		}
		if body, ok := file.within(at+4, n-2); ok && !visit(b[1], body) {
			return 0
		}
		at += 2 + n
	}
	return 0
}

// toMarker returns the distance from the byte before at to the next byte that
// can start a marker, or 0 if there is none near.
func toMarker(file span, at int64) int64 {
	var buf [512]byte
	for skipped := int64(0); skipped < maxGarbage; skipped += int64(len(buf)) {
		b := file.head(buf[:], at+skipped)
		if i := bytes.IndexByte(b, 0xff); i >= 0 {
			return skipped + int64(i) + 1
		}
		if len(b) < len(buf) {
			break
		}
	}
	return 0
}

// What the application segments of a JPEG start with.
const (
	exifIntro      = "Exif\x00\x00"
	xmpIntro       = "http://ns.adobe.com/xap/1.0/\x00"
	photoshopIntro = "Photoshop 3.0\x00"
)

// walkJPEG finds the first segment of each kind of metadata. EXIF need not be
// the first APP1: some cameras put XMP before it.
func (c *container) walkJPEG(file span) {
	var b [len(xmpIntro)]byte
	jpegSegments(file, func(marker byte, body span) bool {
		switch {
		case marker == 0xe1:
			switch intro := string(body.head(b[:], 0)); {
			case c.block.n == 0 && strings.HasPrefix(intro, exifIntro):
				c.block, _ = body.within(int64(len(exifIntro)), body.n)
			case c.xmp.n == 0 && intro == xmpIntro:
				c.xmp, _ = body.within(int64(len(xmpIntro)), body.n)
			}
		case marker == 0xed && len(c.iptc) < maxIPTC:
			if string(body.head(b[:len(photoshopIntro)], 0)) == photoshopIntro {
				inner, _ := body.within(int64(len(photoshopIntro)), body.n)
				c.iptc = append(c.iptc, iptcSpan{inner, true})
			}
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			if c.width == 0 && body.read(b[:5], 0) {
				c.height, c.width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
				c.frame = marker
			}
		}
		return true
	})
}

// gifXMP starts the application extension with the packet, which lies there
// as it is, without lengths of its own.
const gifXMP = "!\xff\x0bXMP DataXMP"

// walkGIF goes from block to block.
func (c *container) walkGIF(file span, head []byte) {
	if len(head) < 13 {
		return
	}
	c.width, c.height = int(binary.LittleEndian.Uint16(head[6:])), int(binary.LittleEndian.Uint16(head[8:]))
	at := 13 + colours(head[10])
	var b [len(gifXMP)]byte
	for blocks := 0; blocks < maxChunks; blocks++ {
		lead := file.head(b[:], at)
		switch {
		case string(lead) == gifXMP:
			c.xmp, _ = file.within(at+int64(len(gifXMP)), xmpLimit)
			return
		case len(lead) >= 2 && lead[0] == '!':
			at += 2
		case len(lead) >= 11 && lead[0] == ',':
			at += 10 + colours(lead[9]) + 1
		default:
			return
		}
		for n := byte(1); n != 0; blocks++ { // its data, in pieces with their lengths
			if blocks >= maxChunks || !file.read(b[:1], at) {
				return
			}
			n = b[0]
			at += 1 + int64(n)
		}
	}
}

// colours is the size of the colour table that a flags byte announces.
func colours(flags byte) int64 {
	if flags&0x80 == 0 {
		return 0
	}
	return 3 << (flags&7 + 1)
}

// walkWebP takes the largest of the sizes that the file states, because a
// decoder allocates by the frame's and not by the canvas's.
func (c *container) walkWebP(file span) {
	var b [10]byte
	at := int64(12)
	for range maxChunks {
		if !file.read(b[:8], at) {
			return
		}
		n := int64(binary.LittleEndian.Uint32(b[4:]))
		body, _ := file.within(at+8, n)
		switch string(b[:4]) {
		case "VP8X":
			if body.read(b[:], 0) {
				c.grow(1+uint24(b[4:]), 1+uint24(b[7:]))
			}
		case "VP8 ":
			if body.read(b[:], 0) && b[3] == 0x9d && b[4] == 0x01 && b[5] == 0x2a {
				c.grow(int(binary.LittleEndian.Uint16(b[6:])&0x3fff), int(binary.LittleEndian.Uint16(b[8:])&0x3fff))
			}
		case "VP8L":
			if body.read(b[:5], 0) && b[0] == 0x2f {
				bits := binary.LittleEndian.Uint32(b[1:])
				c.grow(1+int(bits&0x3fff), 1+int(bits>>14&0x3fff))
			}
		case "EXIF":
			if c.block.n == 0 {
				c.block = afterIntro(body)
			}
		case "XMP ":
			if c.xmp.n == 0 {
				c.xmp = body
			}
		}
		at += 8 + n + n&1
	}
}

func uint24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }

// grow takes a stated size if it is larger than the one so far.
func (c *container) grow(width, height int) {
	if int64(width)*int64(height) > int64(c.width)*int64(c.height) {
		c.width, c.height = width, height
	}
}

// afterIntro skips the JPEG-style intro that some writers put before the TIFF
// structure in PNG and WebP.
func afterIntro(block span) span {
	var b [6]byte
	if block.read(b[:], 0) && string(b[:]) == exifIntro {
		block, _ = block.within(6, block.n)
	}
	return block
}

// walkRAF reads Fujifilm's header, which points at a complete JPEG that
// carries the EXIF.
func (c *container) walkRAF(file span, head []byte) {
	if len(head) < 92 {
		return
	}
	preview, ok := file.within(int64(binary.BigEndian.Uint32(head[84:])), int64(binary.BigEndian.Uint32(head[88:])))
	if !ok {
		return
	}
	c.walkJPEG(preview)
	c.previews = append(c.previews, preview)
}
