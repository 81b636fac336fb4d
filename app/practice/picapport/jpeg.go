package picapport

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// JPEG markers.
const (
	markerSOI   = 0xd8
	markerSOS   = 0xda
	markerAPP0  = 0xe0
	markerAPP1  = 0xe1
	markerAPP2  = 0xe2
	markerAPP14 = 0xee
	markerAPP15 = 0xef
	markerCOM   = 0xfe
)

// Identifiers at the beginning of application segments.
var (
	idExif        = []byte("Exif\x00")
	idXMP         = []byte("http://ns.adobe.com/xap/1.0/\x00")
	idExtendedXMP = []byte("http://ns.adobe.com/xmp/extension/\x00")
	idICC         = []byte("ICC_PROFILE\x00")
)

// segment is one JPEG segment in the reader's buffer: valid until the next read.
type segment struct {
	marker byte
	bytes  []byte // with marker and length
}

func (s segment) is(marker byte, id []byte) bool {
	return s.marker == marker && bytes.HasPrefix(s.bytes[4:], id)
}

// peekSegment shows the next segment without consuming it; ok is false where there is
// none, or none that can be understood. r must hold 64 KB.
func peekSegment(r *bufio.Reader) (s segment, ok bool) {
	head, err := r.Peek(4)
	if err != nil || head[0] != 0xff || head[1] < 0xc0 || head[1] == 0xff || head[1] >= 0xd0 && head[1] <= 0xd9 {
		return segment{}, false
	}
	n := 2 + int(head[2])<<8 + int(head[3])
	if n < 4 {
		return segment{}, false
	}
	b, err := r.Peek(n)
	if err != nil {
		return segment{}, false
	}
	return segment{b[1], b}, true
}

// isHeader reports whether a segment comes before the picture's own tables.
func (s segment) isHeader() bool {
	return s.marker >= markerAPP0 && s.marker <= markerAPP15 || s.marker == markerCOM
}

// spliceXMP copies the header of a JPEG from src to dst, with packet in the place of any
// XMP in it: behind JFIF and Exif, which want to be first. It stops where the picture
// begins, or at whatever cannot be understood; the rest of src is to be copied as it
// is. src must begin with a start of image and hold 64 KB.
func spliceXMP(dst io.Writer, src *bufio.Reader, packet []byte) error {
	if _, err := io.CopyN(dst, src, 2); err != nil {
		return err
	}
	placed := false
	for {
		s, ok := peekSegment(src)
		if !ok || !s.isHeader() {
			break
		}
		if leading := s.marker == markerAPP0 || s.is(markerAPP1, idExif); !leading && !placed {
			if _, err := dst.Write(packet); err != nil {
				return err
			}
			placed = true
		}
		if !s.is(markerAPP1, idXMP) && !s.is(markerAPP1, idExtendedXMP) {
			if _, err := dst.Write(s.bytes); err != nil {
				return err
			}
		}
		if _, err := src.Discard(len(s.bytes)); err != nil {
			return err
		}
	}
	if placed {
		return nil
	}
	_, err := dst.Write(packet)
	return err
}

var errNotJPEG = errors.New("not a JPEG")

// stripMetadata copies a JPEG without its metadata. What is needed to show it right
// stays: JFIF, the colour profile and Adobe's colour transform.
func stripMetadata(dst io.Writer, src *bufio.Reader) error {
	if soi, err := src.Peek(2); err != nil || soi[0] != 0xff || soi[1] != markerSOI {
		return errNotJPEG
	}
	if _, err := io.CopyN(dst, src, 2); err != nil {
		return err
	}
	for {
		s, ok := peekSegment(src)
		if !ok || s.marker == markerSOS {
			break
		}
		keep := !s.isHeader() || s.marker == markerAPP0 || s.marker == markerAPP14 || s.is(markerAPP2, idICC)
		if keep {
			if _, err := dst.Write(s.bytes); err != nil {
				return err
			}
		}
		if _, err := src.Discard(len(s.bytes)); err != nil {
			return err
		}
	}
	_, err := src.WriteTo(dst)
	return err
}
