// Package phototest makes photos: JPEG files with EXIF as a camera writes
// them, each different from every other, for tests, benchmarks and the demo.
//
// The same [Options] give the same bytes, and different seeds give pictures
// that differ to the eye and to every digest: a gradient, some shapes and the
// seed as a number. The EXIF is written by hand here and not by the library
// that reads it, so that a test of reading is not a test of two halves of one
// mistake.
package phototest

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"time"
)

// Options says what photo to make. The zero value is a small, valid one.
type Options struct {
	Seed          uint64 // what the picture shows, and its padding
	Width, Height int    // pixels; 0: 320 x 240
	Quality       int    // of image/jpeg, 1..100; 0: 80

	// Taken is the capture time. Its clock reading is written as it stands,
	// whatever its location, with milliseconds if it has any. The zero time
	// gives a photo without any date.
	Taken time.Time
	// Zone is OffsetTimeOriginal, such as "+02:00"; empty: none is written.
	Zone string

	Make, Model string // empty: "PhotoFerry" and "Model T"
	Description string // ImageDescription; empty: none
	Orientation int    // 1..8; 0: 1
	GPS         *Position

	// XMP is a packet to put behind the EXIF, and IPTC are datasets to put
	// behind that; empty: none.
	XMP, IPTC string
	// Thumbnail embeds a picture of 160 pixels, as cameras do.
	Thumbnail bool
	// Size is the least size of the file in bytes; application segments full
	// of noise make up for what is missing. 0: as small as it comes.
	Size int
	// NoEXIF leaves all metadata out.
	NoEXIF bool
}

// Position is a place: degrees, north and east positive, and metres.
type Position struct{ Lat, Lon, Alt float64 }

const thumbEdge = 160

// JPEG makes a photo.
func JPEG(o Options) []byte {
	if o.Width <= 0 || o.Height <= 0 {
		o.Width, o.Height = 320, 240
	}
	if o.Quality == 0 {
		o.Quality = 80
	}
	picture := encode(Picture(o.Seed, o.Width, o.Height), o.Quality)

	out := make([]byte, 0, max(o.Size, len(picture))+1<<16)
	out = append(out, 0xff, 0xd8)
	if !o.NoEXIF {
		out = appendSegment(out, 0xe1, append([]byte("Exif\x00\x00"), exif(o)...))
	}
	if o.XMP != "" {
		out = appendSegment(out, 0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00"+o.XMP))
	}
	if o.IPTC != "" {
		head := append([]byte("Photoshop 3.0\x008BIM\x04\x04\x00\x00"), binary.BigEndian.AppendUint32(nil, uint32(len(o.IPTC)))...)
		out = appendSegment(out, 0xed, append(append(head, o.IPTC...), make([]byte, len(o.IPTC)%2)...))
	}
	out = pad(out, o.Size-len(out)-(len(picture)-2), o.Seed)
	return append(out, picture[2:]...) // without its own start-of-image marker
}

// Raw makes a raw file, as far as those can be told who cannot develop it: a
// TIFF structure with the EXIF, and a JPEG of the picture in full size. Its
// name has to end in one of the extensions of raw files, such as .nef.
func Raw(o Options) []byte {
	if o.Width <= 0 || o.Height <= 0 {
		o.Width, o.Height = 320, 240
	}
	return exifWith(o, encode(Picture(o.Seed, o.Width, o.Height), cmp.Or(o.Quality, 80)))
}

func encode(img image.Image, quality int) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: quality}); err != nil {
		panic(err) // only a side over 65535 pixels can fail
	}
	return b.Bytes()
}

func appendSegment(out []byte, marker byte, body []byte) []byte {
	out = append(out, 0xff, marker)
	out = binary.BigEndian.AppendUint16(out, uint16(len(body)+2))
	return append(out, body...)
}

const padIntro = "PhotoFerryPadding\x00"

// pad appends APP15 segments of noise, at least missing bytes of them in all.
func pad(out []byte, missing int, seed uint64) []byte {
	const most = 0xffff - 2
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	noise := rand.NewChaCha8(key)
	for missing > 0 {
		n := max(min(missing-4, most), len(padIntro))
		body := make([]byte, n)
		_, _ = noise.Read(body[copy(body, padIntro):]) // never fails
		out = appendSegment(out, 0xef, body)
		missing -= n + 4
	}
	return out
}
