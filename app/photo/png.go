package photo

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"strings"
)

// pngXMP is how the text chunk with the packet starts: its keyword, whether it
// is deflated, and the method. An empty language and an empty translation of
// the keyword follow.
const pngXMP = "XML:com.adobe.xmp\x00"

// pngProfile starts the keyword of a text chunk in which ImageMagick keeps
// what it has no chunk for, in hexadecimal.
const pngProfile = "Raw profile type "

// walkPNG looks behind the picture's data as well, where some programs put
// what they add.
func (c *container) walkPNG(file span) {
	var b [9]byte
	at := int64(8)
	profiles := 0
	for range maxChunks {
		if !file.read(b[:8], at) {
			return
		}
		n := int64(binary.BigEndian.Uint32(b[:]))
		body, _ := file.within(at+8, n)
		switch typ := string(b[4:8]); typ {
		case "IHDR":
			if body.read(b[:], 0) {
				c.width, c.height, c.depth = int(binary.BigEndian.Uint32(b[:])), int(binary.BigEndian.Uint32(b[4:])), b[8]
			}
		case "eXIf":
			c.block = afterIntro(body) // goes before what a profile said
		case "iTXt":
			c.pngText(body)
		case "zTXt", "tEXt":
			if profiles < maxProfiles && c.pngProfile(body, typ == "zTXt") {
				profiles++
			}
		case "IEND":
			return
		}
		at += 12 + n
	}
}

// maxProfiles bounds the profiles that are unpacked in one file: EXIF, IPTC, XMP.
const maxProfiles = 3

// pngText takes the packet out of an international text chunk.
func (c *container) pngText(body span) {
	var b [len(pngXMP) + 64]byte
	head := body.head(b[:], 0)
	if len(head) < len(pngXMP)+4 || string(head[:len(pngXMP)]) != pngXMP {
		return
	}
	packed, rest := head[len(pngXMP)] == 1, head[len(pngXMP)+2:]
	language := bytes.IndexByte(rest, 0)
	if language < 0 {
		return
	}
	keyword := bytes.IndexByte(rest[language+1:], 0)
	if keyword < 0 {
		return
	}
	c.packed = packed
	c.xmp, _ = body.within(int64(len(pngXMP)+2+language+1+keyword+1), body.n)
}

// pngProfile unpacks a profile, and reports whether it was one of ours. Of two
// of a sort, and beside a chunk of its own, it does not count.
func (c *container) pngProfile(body span, packed bool) bool {
	var b [len(pngProfile) + 8]byte
	keyword, _, ok := strings.Cut(string(body.head(b[:], 0)), "\x00")
	what, ours := strings.CutPrefix(keyword, pngProfile)
	skip := int64(len(keyword) + 1)
	if packed {
		skip++ // the method
	}
	inner, _ := body.within(skip, body.n)
	if ok && keyword+"\x00" == pngXMP && c.xmp.n == 0 { // in the wrong sort of chunk, as it is
		c.xmp, c.packed = inner, packed
	}
	if !ok || !ours {
		return false
	}
	switch what {
	case "exif", "APP1":
		if c.block.n > 0 {
			return false
		}
		data := unpackProfile(inner, packed)
		if intro := []byte(xmpIntro); bytes.HasPrefix(data.bytes(len(intro)), intro) {
			c.packed = false
			c.xmp, _ = data.within(int64(len(intro)), data.n)
		} else {
			c.block = afterIntro(data)
		}
	case "iptc":
		if len(c.iptc) > 0 {
			return false
		}
		c.iptc = append(c.iptc, iptcSpan{unpackProfile(inner, packed), true})
	case "xmp":
		if c.xmp.n > 0 {
			return false
		}
		c.xmp, c.packed = unpackProfile(inner, packed), false
	default:
		return false
	}
	return true
}

// bytes returns the first n bytes, or as many as there are.
func (s span) bytes(n int) []byte { return s.head(make([]byte, n), 0) }

// unpackProfile reads "\nname\n  length\nhexadecimal, in lines"; what it cannot
// read is empty.
func unpackProfile(text span, packed bool) span {
	raw, err := readXMP(text, packed) // the same limits
	if err != nil {
		return span{}
	}
	fields := bytes.SplitN(bytes.TrimLeft(raw, "\n"), []byte("\n"), 3)
	if len(fields) < 3 {
		return span{}
	}
	digits := bytes.Map(func(r rune) rune {
		if r == '\n' || r == '\r' || r == ' ' {
			return -1
		}
		return r
	}, fields[2])
	data := make([]byte, len(digits)/2)
	n, _ := hex.Decode(data, digits[:len(data)*2])
	return span{bytes.NewReader(data[:n]), 0, int64(n)}
}
