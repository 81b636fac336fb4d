package photo

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

const (
	extendedXMPIntro = "http://ns.adobe.com/xmp/extension/\x00"
	goproIntro       = "GoPro\x00"
)

// extendedHeader is what stands before a part of an extended packet: the
// intro, the packet's name, its length and the part's offset.
const extendedHeader = len(extendedXMPIntro) + 32 + 4 + 4

// blankSegment takes the place out of a metadata segment's payload without
// changing its length. It reports whether it had to blank more than that.
func blankSegment(marker byte, body []byte, extended bool) (lossy bool) {
	has := func(intro string) bool { return bytes.HasPrefix(body, []byte(intro)) }
	switch {
	case marker == 0xe1 && has(exifIntro):
		return blankEXIF(body)
	case marker == 0xe1 && has(xmpIntro):
		return blankXMP(body[len(xmpIntro):])
	case marker == 0xe1 && has(extendedXMPIntro):
		return extended && blank(body)
	case marker == 0xe1 && bytes.Contains(body, []byte("<rdf:RDF")): // XMP with a header of its own
		return blankXMP(body[bytes.IndexByte(body, '<'):])
	case marker == 0xed && has(photoshopIntro):
		blankPhotoshop(body[len(photoshopIntro):])
	case marker == 0xe6 && has(goproIntro), marker == 0xeb && bytes.Contains(body, []byte("c2pa")):
		return blank(body)
	}
	return false
}

// blank makes all bytes zeros.
func blank(b []byte) bool {
	clear(b)
	return true
}

// extendedPlace reports whether the extended packet, which is what did not fit
// a segment and lies in several, may hold a property that tells a coordinate.
// It is not parsed, since its parts may be of several packets; base64, which
// it is full of, has no colons.
func extendedPlace(raws [][]byte) bool {
	var all []byte
	for _, raw := range raws {
		if len(raw) > 4+extendedHeader && bytes.HasPrefix(raw[4:], []byte(extendedXMPIntro)) {
			all = append(all, raw[4+extendedHeader:]...)
		}
	}
	all = bytes.ToLower(all)
	for _, name := range []string{":gps", ":latitude", ":longitude", "<gps", ":lat=", ":lat>", ":long=", ":long>"} {
		if bytes.Contains(all, []byte(name)) {
			return true
		}
	}
	return false
}

// blankEXIF takes the GPS directory out of a block: its values and its entries
// become zeros and the entry that points at it is closed up. Nothing else
// moves, so that maker notes, which count from the block's start, stay right.
// A block whose directories cannot be walked to their ends is blanked whole.
func blankEXIF(segment []byte) (lossy bool) {
	b := segment[len(exifIntro):]
	order, ok := byteOrder(b)
	if !ok {
		return blank(segment)
	}
	e := exifBlanker{b: b, order: order, seen: map[uint32]bool{}}
	if !e.chain(order.Uint32(b[4:]), 0) {
		return blank(segment)
	}
	return false
}

// byteOrder reads the header of a TIFF structure.
func byteOrder(b []byte) (binary.ByteOrder, bool) {
	if len(b) < 8 {
		return nil, false
	}
	switch string(b[:4]) {
	case "II*\x00":
		return binary.LittleEndian, true
	case "MM\x00*":
		return binary.BigEndian, true
	}
	return nil, false
}

// exifBlanker walks the directories of one block.
type exifBlanker struct {
	b     []byte
	order binary.ByteOrder
	seen  map[uint32]bool
}

// dir returns the entries of the directory at an offset, with the pointer to
// the next one; false if they are not all there.
func (e *exifBlanker) dir(at uint32) (count int, entries []byte, ok bool) {
	if at < 8 || uint64(at)+2 > uint64(len(e.b)) {
		return 0, nil, false
	}
	count = int(e.order.Uint16(e.b[at:]))
	end := uint64(at) + 2 + 12*uint64(count) + 4
	if end > uint64(len(e.b)) {
		// Some writers leave the pointer of a last directory out.
		if end-4 != uint64(len(e.b)) {
			return 0, nil, false
		}
		end -= 4
	}
	return count, e.b[at+2 : end], true
}

// chain goes through a directory, those below it and those after it.
func (e *exifBlanker) chain(at uint32, depth int) bool {
	for at != 0 {
		if e.seen[at] || len(e.seen) >= maxDirs || depth > 4 {
			return false
		}
		e.seen[at] = true
		count, entries, ok := e.dir(at)
		if !ok {
			return false
		}
		for i := 0; i < count; {
			entry := entries[12*i:][:12]
			switch e.order.Uint16(entry) {
			case tagGPSIFD:
				if !e.gps(e.order.Uint32(entry[8:])) {
					return false
				}
				copy(entries[12*i:], entries[12*(i+1):])
				clear(entries[max(0, len(entries)-12):])
				entries = entries[:len(entries)-12]
				count--
				e.order.PutUint16(e.b[at:], uint16(count))
				continue
			case tagExifIFD:
				if !e.chain(e.order.Uint32(entry[8:]), depth+1) {
					return false
				}
			}
			i++
		}
		if len(entries) < 12*count+4 {
			return true
		}
		at = e.order.Uint32(entries[12*count:])
		if depth > 0 {
			return true // what follows a directory below another is rubbish
		}
	}
	return true
}

// gps makes a GPS directory and its values zeros.
func (e *exifBlanker) gps(at uint32) bool {
	count, entries, ok := e.dir(at)
	if !ok {
		return false
	}
	for i := range count {
		entry := entries[12*i:][:12]
		n := uint64(e.order.Uint32(entry[4:])) * typeSizes[e.order.Uint16(entry[2:])]
		if n <= 4 {
			continue
		}
		off := uint64(e.order.Uint32(entry[8:]))
		if off < 8 || off+n > uint64(len(e.b)) {
			continue // not in the block: there is nothing to tell
		}
		clear(e.b[off : off+n])
	}
	clear(entries[:12*count])
	e.order.PutUint16(e.b[at:], 0)
	return true
}

// blankPhotoshop makes the copies of EXIF and XMP that Photoshop's resources
// may hold zeros.
func blankPhotoshop(b []byte) {
	photoshopResources(b, func(id uint16, body []byte) bool {
		if id == 0x0422 || id == 0x0423 || id == 0x0424 {
			clear(body)
		}
		return true
	})
}

// blankXMP makes every attribute and element of a packet that tells a
// coordinate spaces; a packet that cannot be parsed as a whole.
func blankXMP(packet []byte) (lossy bool) {
	original := bytes.Clone(packet)
	spaces := func(b []byte) {
		for i := range b {
			b[i] = ' '
		}
	}
	d := xml.NewDecoder(bytes.NewReader(original))
	for depth, from := 0, -1; ; {
		start := d.InputOffset()
		token, err := d.Token()
		end := d.InputOffset()
		if errors.Is(err, io.EOF) {
			return false
		}
		if err != nil {
			if depth == 0 && len(bytes.Trim(original[start:], " \t\r\n\x00")) == 0 {
				return false // padding with NULs
			}
			spaces(packet)
			return true
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth++; from < 0 {
				if placeName(t.Name.Local) {
					from = depth
				} else {
					placeAttributes(original[start:end], func(i, j int) { spaces(packet[int(start)+i : int(start)+j]) })
				}
			}
			if from >= 0 {
				spaces(packet[start:end])
			}
		case xml.EndElement:
			if from >= 0 {
				spaces(packet[start:end])
			}
			if depth == from {
				from = -1
			}
			depth--
		default:
			if from >= 0 {
				spaces(packet[start:end])
			}
		}
	}
}

// placeName reports whether a property's name is one of a coordinate, or of
// what comes with one: EXIF's GPS..., drones' GpsLatitude, W3C's lat and long.
func placeName(local string) bool {
	l := strings.ToLower(local)
	return strings.HasPrefix(l, "gps") || strings.Contains(l, "latitude") || strings.Contains(l, "longitude") ||
		strings.Contains(l, "longtitude") || // as a maker of drones spells it
		l == "lat" || l == "long" || l == "lon"
}

// placeAttributes calls visit for the stretch of every attribute in a
// well-formed tag that tells a coordinate.
func placeAttributes(tag []byte, visit func(from, to int)) {
	i := bytes.IndexAny(tag, " \t\r\n")
	for i >= 0 && i < len(tag) {
		eq := bytes.IndexByte(tag[i:], '=')
		if eq < 0 {
			return
		}
		eq += i
		quote := bytes.IndexAny(tag[eq:], `"'`)
		if quote < 0 {
			return
		}
		quote += eq
		end := bytes.IndexByte(tag[quote+1:], tag[quote])
		if end < 0 {
			return
		}
		end += quote + 2
		name := strings.TrimSpace(string(tag[i:eq]))
		if _, local, ok := strings.Cut(name, ":"); ok && placeName(local) && !strings.HasPrefix(name, "xmlns:") {
			visit(i, end)
		} else if !ok && placeName(name) {
			visit(i, end)
		}
		i = end
	}
}
