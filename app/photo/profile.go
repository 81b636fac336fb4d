package photo

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
)

// maxProfile bounds a colour profile, in bytes; displays' take 500, printers'
// up to a megabyte.
const maxProfile = 1 << 20

const tagProfile = 0x8773

// Profile returns the colour profile of a photo of the given size in bytes as
// segments of a JPEG; nothing where it has none, or one that is not for RGB.
// An error is the reader's.
func Profile(r io.ReaderAt, size int64) ([]byte, error) {
	w := newWindow(r, size)
	file := span{w, 0, size}
	profile := profileOf(openContainer(file), file)
	if w.err != nil {
		return nil, fmt.Errorf("read the colour profile: %w", w.err)
	}
	return profileSegments(profile), nil
}

// profileOf returns the colour profile of a picture in RGB, nil where it has
// none or one that is not fit for RGB.
func profileOf(c container, file span) []byte {
	var p []byte
	switch c.kind {
	case JPEG:
		p = jpegICC(file)
	case PNG:
		p = pngICC(file)
	case WebP:
		p = webpICC(file)
	case HEIC, AVIF:
		p = heifICC(file)
	case TIFF:
		p = tiffICC(file)
	}
	if len(p) < 128 || string(p[16:20]) != "RGB " || string(p[36:40]) != "acsp" {
		return nil
	}
	return p
}

// profileSegments cuts a profile into segments of a JPEG.
func profileSegments(profile []byte) []byte {
	const most = 65_000
	count := (len(profile) + most - 1) / most
	var out []byte
	for i := range count {
		body := profile[i*most : min((i+1)*most, len(profile))]
		out = append(out, segment(0xe2, iccIntro+string([]byte{byte(i + 1), byte(count)}), body)...)
	}
	return out
}

func jpegICC(file span) []byte {
	chunks := map[byte][]byte{}
	var count byte
	size := int64(0)
	jpegSegments(file, func(marker byte, body span) bool {
		var b [len(iccIntro) + 2]byte
		if marker == 0xe2 && body.read(b[:], 0) && string(b[:len(iccIntro)]) == iccIntro {
			if size += body.n; size > maxProfile {
				return false
			}
			inner, _ := body.within(int64(len(b)), body.n)
			chunks[b[len(iccIntro)]] = inner.bytes(int(inner.n))
			count = b[len(iccIntro)+1]
		}
		return true
	})
	var p []byte
	for i := range count {
		p = append(p, chunks[i+1]...)
	}
	return p
}

func pngICC(file span) (profile []byte) {
	at := int64(8)
	for range maxChunks {
		var head [8]byte
		if !file.read(head[:], at) {
			return nil
		}
		n := int64(binary.BigEndian.Uint32(head[:]))
		switch string(head[4:]) {
		case "IDAT":
			return nil
		case "iCCP":
			body, _ := file.within(at+8, min(n, maxProfile))
			_, packed, ok := bytes.Cut(body.bytes(int(body.n)), []byte{0})
			if !ok || len(packed) < 2 {
				return nil
			}
			z, err := zlib.NewReader(bytes.NewReader(packed[1:]))
			if err != nil {
				return nil
			}
			p, err := io.ReadAll(io.LimitReader(z, maxProfile))
			if err != nil {
				return nil
			}
			return p
		}
		at += 12 + n
	}
	return nil
}

func webpICC(file span) []byte {
	at := int64(12)
	for range maxChunks {
		var head [8]byte
		if !file.read(head[:], at) {
			return nil
		}
		n := int64(binary.LittleEndian.Uint32(head[4:]))
		if string(head[:4]) == "ICCP" {
			body, _ := file.within(at+8, min(n, maxProfile))
			return body.bytes(int(body.n))
		}
		at += 8 + n + n%2
	}
	return nil
}

// heifICC takes the first profile among the properties: that of the
// picture, whose tiles share it.
func heifICC(file span) (profile []byte) {
	fileBoxes(file, func(b box) bool {
		if b.typ != "meta" || b.body.n < 4 || b.body.n > metaLimit {
			return b.typ != "meta"
		}
		boxes(b.body.bytes(int(b.body.n))[4:], func(typ string, body []byte) {
			if typ != "iprp" {
				return
			}
			boxes(body, func(typ string, body []byte) {
				if typ != "ipco" {
					return
				}
				boxes(body, func(typ string, body []byte) {
					if profile == nil && typ == "colr" && len(body) > 4 && (string(body[:4]) == "prof" || string(body[:4]) == "rICC") {
						profile = body[4:]
					}
				})
			})
		})
		return false
	})
	return profile
}

func tiffICC(file span) []byte {
	var f fence
	t, first, ok := f.open(file)
	if !ok {
		return nil
	}
	for _, e := range t.entries(first) {
		if s, ok := t.block.within(e.offset(), int64(e.count)); ok && e.tag == tagProfile && e.count <= maxProfile {
			return s.bytes(int(s.n))
		}
	}
	return nil
}

// Colours tells how a HEIF picture without a profile codes its colours, as
// ISO/IEC 23091-2 numbers the matrices, and whether its values use the full
// range. ok is false where the file does not say.
func Colours(r io.ReaderAt, size int64) (matrix int, full, ok bool, err error) {
	w := newWindow(r, size)
	fileBoxes(span{w, 0, size}, func(b box) bool {
		if b.typ != "meta" || b.body.n < 4 || b.body.n > metaLimit {
			return b.typ != "meta"
		}
		_, rest, found := bytes.Cut(b.body.bytes(int(b.body.n)), []byte("colrnclx"))
		if found && len(rest) >= 7 {
			matrix, full, ok = int(binary.BigEndian.Uint16(rest[4:])), rest[6]&0x80 != 0, true
		}
		return false
	})
	if w.err != nil {
		return 0, false, false, fmt.Errorf("read colours: %w", w.err)
	}
	return matrix, full, ok, nil
}
