package photo_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"image"
	"io"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/photo"
)

const orientationTag = 0x0112

// zeros is a reader of any length, so that a large file costs nothing.
type zeros struct {
	head []byte
	size int64
}

func (z zeros) ReadAt(p []byte, off int64) (int, error) {
	if off >= z.size {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), z.size-off))
	clear(p[:n])
	if off < int64(len(z.head)) {
		copy(p[:n], z.head[off:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// repeat fills a file with the same bytes over and over.
func repeat(head []byte, unit []byte, size int) []byte {
	b := bytes.Clone(head)
	for len(b) < size {
		b = append(b, unit...)
	}
	return b
}

func box(typ string, body ...[]byte) []byte {
	b := bytes.Join(body, nil)
	return append(append(binary.BigEndian.AppendUint32(nil, uint32(len(b)+8)), typ...), b...)
}

// TestBombsAreHarmless feeds the files that kill goexif or cost it gigabytes,
// and their like for the formats around it.
func TestBombsAreHarmless(t *testing.T) {
	orientation := func(v uint32) []byte { return tag(orientationTag, 3, 1, v) }
	// Directory A at 8, 18 bytes long, points at B at 26, and B at A.
	loop := block(ifd(26, orientation(6)), ifd(8, orientation(1)))
	overflow := func(typ uint16, count uint32) []byte {
		return inJPEG(exifSegment(block(ifd(0, tag(0x011a, typ, count, 40), orientation(6)), make([]byte, 64))))
	}
	amplify := func(typ uint16, count uint32) []byte {
		const n = 2000
		var tags [][]byte
		for i := range n {
			tags = append(tags, tag(uint16(0x0100+i), typ, count, 8+2+12*n+4))
		}
		return inJPEG(exifSegment(block(ifd(0, tags...), bytes.Repeat([]byte("x"), 39_100))))
	}
	many := func(n int) []byte { // a chain of n directories of 1,000 entries each
		var parts [][]byte
		at := uint32(8)
		for range n {
			tags := make([][]byte, 1000)
			for i := range tags {
				tags[i] = tag(uint16(i), 2, 40_000, 0)
			}
			at += 2 + 12*1000 + 4
			parts = append(parts, ifd(at, tags...))
		}
		return block(parts...)
	}

	files := []struct {
		name        string
		file        []byte
		size        int // to keep the files honest; 0: any
		orientation int
	}{
		{"the 62 bytes of two directories that point at each other", inJPEG(exifSegment(loop)), 62, 6},
		{"the same in 84 bytes behind other segments", inJPEG(segment(0xe0, []byte("JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00")), segment(0xfe, nil), exifSegment(loop)), 84, 6},
		{"the same as a TIFF file", loop, 44, 6},
		{"a directory that is its own next one", inJPEG(exifSegment(block(ifd(8, orientation(6))))), 0, 6},
		{"an EXIF directory that is the first one again", inJPEG(exifSegment(block(ifd(0, orientation(6), tag(0x8769, 4, 1, 8))))), 0, 6},
		{"sub-directories that are each other", block(ifd(26, orientation(6)), ifd(0, tag(0x014a, 4, 1, 26))), 0, 6},
		{"a rational count that overflows 32 bits to 8 bytes", overflow(5, 0x20000001), 120, 6},
		{"a long count that overflows 32 bits to 4 bytes", overflow(4, 0x40000001), 120, 6},
		{"a double count that overflows", overflow(12, 0x20000001), 120, 6},
		{"the count that goexif gives up at", overflow(2, 0xffffffff), 120, 6},
		{"2,000 tags that share 39 KB", amplify(1, 39_000), 0, 0},
		{"2,000 tags of shorts that share 39 KB", amplify(3, 19_500), 0, 0},
		{"a thumbnail that ends beyond everything", inJPEG(exifSegment(block(ifd(26, orientation(6)), ifd(0, tag(0x0201, 4, 1, 10), tag(0x0202, 4, 1, 1<<30))))), 0, 6},
		{"a description of no length", inJPEG(exifSegment(block(ifd(0, tag(0x010e, 2, 0, 0), orientation(6))))), 0, 6},
		{"a tag of an unknown type", inJPEG(exifSegment(block(ifd(0, tag(0x010f, 99, 1, 0), orientation(6))))), 0, 6},
		{"an orientation with an odd count", inJPEG(exifSegment(block(ifd(0, tag(orientationTag, 3, 2, 6))))), 0, 6},
		{"XMP before the EXIF", inJPEG(segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x/>")), exifSegment(block(ifd(0, orientation(6))))), 0, 6},
		{"stray bytes before the EXIF", inJPEG(segment(0xe0, nil), []byte{0, 1, 2}, exifSegment(block(ifd(0, orientation(6))))), 0, 6},
		{"a directory cut off within an entry", inJPEG(exifSegment(block(ifd(0, orientation(6), tag(0x010f, 2, 4, 0))[:2+12+5]))), 0, 6},
		{"a directory of 65,535 entries that are not there", inJPEG(exifSegment(block([]byte{0xff, 0xff}, orientation(6)))), 0, 6},
		{"100 full directories in a chain", many(100), 0, 0},
		{"a JPEG of fill bytes", repeat([]byte{0xff, 0xd8}, []byte{0xff}, 1<<20), 0, 0},
		{"a JPEG of stray zeros", repeat([]byte{0xff, 0xd8, 0xff, 0xe0, 0, 2}, []byte{0}, 1<<20), 0, 0},
		{"a JPEG of empty segments", repeat([]byte{0xff, 0xd8}, []byte{0xff, 0xe2, 0, 2}, 1<<20), 0, 0},
		{"a PNG of empty chunks", repeat([]byte("\x89PNG\r\n\x1a\n"), []byte("\x00\x00\x00\x00tEXt\x00\x00\x00\x00"), 1<<20), 0, 0},
		{"a WebP of empty chunks", repeat([]byte("RIFF\xff\xff\xff\xffWEBP"), []byte("VP8 \x00\x00\x00\x00"), 1<<20), 0, 0},
		{"a HEIC of empty boxes", repeat(box("ftyp", []byte("heic\x00\x00\x00\x00")), box("free"), 1<<20), 0, 0},
		{"a HEIC with a thousand EXIF items", append(box("ftyp", []byte("heic\x00\x00\x00\x00")), box("meta", make([]byte, 4),
			box("iinf", repeat([]byte{0, 0, 0, 0, 0xff, 0xff}, box("infe", []byte("\x02\x00\x00\x00\x00\x01\x00\x00Exif")), 900_000)))...), 0, 0},
		{"a HEIC whose item table has entries of no size", append(box("ftyp", []byte("heic\x00\x00\x00\x00")), box("meta", make([]byte, 4),
			box("iinf", []byte{0, 0, 0, 0, 0, 1}, box("infe", []byte("\x02\x00\x00\x00\x00\x07\x00\x00Exif"))),
			box("iloc", []byte{2, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff}, bytes.Repeat([]byte{0, 0, 0, 1, 0, 0, 0xff, 0xff}, 1000)))...), 0, 0},
		{"a CR3 of nothing but movie boxes", repeat(box("ftyp", []byte("crx \x00\x00\x00\x00")), box("moov", bytes.Repeat(box("uuid", make([]byte, 16)), 100)), 1<<20), 0, 0},
	}
	for _, tt := range files {
		t.Run(tt.name, func(t *testing.T) {
			if tt.size != 0 && len(tt.file) != tt.size {
				t.Fatalf("the file has %d bytes, not %d", len(tt.file), tt.size)
			}
			var m photo.Meta
			var err error
			n := allocated(t, func() {
				m, err = photo.ReadMeta(bytes.NewReader(tt.file), int64(len(tt.file)))
			})
			if n > photo.MetaMemory {
				t.Errorf("reading took %d bytes, more than %d", n, photo.MetaMemory)
			}
			if m.Orientation != tt.orientation {
				t.Errorf("orientation is %d, want %d (%v)", m.Orientation, tt.orientation, err)
			}
			junk := err != nil && strings.Contains(err.Error(), "XMP") // directories that hold every tag hold a packet too
			if !junk && (tt.orientation != 0 && err != nil || err != nil && !errors.Is(err, photo.ErrNoMeta)) {
				t.Errorf("error is %v", err)
			}
			n = allocated(t, func() {
				photo.End(bytes.NewReader(tt.file), int64(len(tt.file)))
				_, _ = photo.Thumbnail(context.Background(), bytes.NewReader(tt.file), int64(len(tt.file)), 160)
			})
			if n > 2*photo.MetaMemory {
				t.Errorf("ending and thumbnail took %d bytes", n)
			}
		})
	}
}

func TestALargeTIFFIsNotReadWhole(t *testing.T) {
	file := zeros{block(ifd(0, tag(orientationTag, 3, 1, 6))), 100 << 20}
	n := allocated(t, func() {
		m, err := photo.ReadMeta(file, file.size)
		if err != nil || m.Orientation != 6 {
			t.Errorf("got %+v, %v", m, err)
		}
	})
	if n > 64<<10 {
		t.Errorf("a TIFF of 100 MB took %d bytes", n)
	}
}

func TestThumbnailRefusesHugePicturesBeforeDecodingThem(t *testing.T) {
	sof := func(width, height uint16, marker byte) []byte {
		b := []byte{8}
		b = binary.BigEndian.AppendUint16(b, height)
		b = binary.BigEndian.AppendUint16(b, width)
		return segment(marker, append(b, 1, 1, 0x11, 0))
	}
	ihdr := func(width, height uint32, depth byte) []byte {
		b := binary.BigEndian.AppendUint32([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"), width)
		b = binary.BigEndian.AppendUint32(b, height)
		return append(b, depth, 2, 0, 0, 0, 0, 0, 0, 0)
	}
	for _, tt := range []struct {
		name string
		file []byte
	}{
		{"JPEG of 4 gigapixels", inJPEG(sof(0xffff, 0xffff, 0xc0))},
		{"JPEG just above the limit", inJPEG(sof(12_001, 10_000, 0xc0))},
		{"progressive JPEG below the limit, but not in memory", inJPEG(sof(11_000, 10_000, 0xc2))},
		{"PNG of more pixels than an int32", ihdr(1<<31-1, 1<<31-1, 8)},
		{"PNG of 16-bit channels below the limit, but not in memory", ihdr(11_000, 10_000, 16)},
		{"GIF of 4 gigapixels", []byte("GIF89a\xff\xff\xff\xff\x00\x00\x00")},
		{"WebP whose frame is larger than its canvas", append([]byte("RIFF\x30\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x01\x00\x00"),
			"VP8L\x0a\x00\x00\x00\x2f\xff\xff\xff\x0f\x00\x00\x00\x00\x00"...)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var img image.Image
			var err error
			n := allocated(t, func() {
				img, err = photo.Thumbnail(context.Background(), bytes.NewReader(tt.file), int64(len(tt.file)), 160)
			})
			if img != nil || !errors.Is(err, photo.ErrTooLarge) {
				t.Errorf("got %v, want ErrTooLarge", err)
			}
			if n > 1<<20 {
				t.Errorf("refusing took %d bytes", n)
			}
		})
	}
}
