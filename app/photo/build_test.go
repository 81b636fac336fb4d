package photo_test

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
)

// The builders here write what no camera would. They know nothing of the
// package's own writer.

var le = binary.LittleEndian

// tag is one raw directory entry; v is its last four bytes.
func tag(id, typ uint16, count, v uint32) []byte {
	b := le.AppendUint16(nil, id)
	b = le.AppendUint16(b, typ)
	b = le.AppendUint32(b, count)
	return le.AppendUint32(b, v)
}

// ifd is a directory that points at the next one.
func ifd(next uint32, tags ...[]byte) []byte {
	b := le.AppendUint16(nil, uint16(len(tags)))
	b = append(b, bytes.Join(tags, nil)...)
	return le.AppendUint32(b, next)
}

// block is a TIFF structure: a header that points right behind itself, and parts.
func block(parts ...[]byte) []byte {
	return append([]byte("II*\x00\x08\x00\x00\x00"), bytes.Join(parts, nil)...)
}

func segment(marker byte, body []byte) []byte {
	b := []byte{0xff, marker}
	b = binary.BigEndian.AppendUint16(b, uint16(len(body)+2))
	return append(b, body...)
}

func exifSegment(block []byte) []byte {
	return segment(0xe1, append([]byte("Exif\x00\x00"), block...))
}

// inJPEG puts segments between the start of an image and an empty scan.
func inJPEG(segments ...[]byte) []byte {
	b := append([]byte{0xff, 0xd8}, bytes.Join(segments, nil)...)
	return append(b, 0xff, 0xda, 0, 2, 0xff, 0xd9)
}

// value is a tag with its whole value, for layout to place.
type value struct {
	id, typ uint16
	count   uint32
	data    []byte
}

func str(id uint16, s string) value {
	return value{id, 2, uint32(len(s) + 1), append([]byte(s), 0)}
}

func short(id, v uint16) value { return value{id, 3, 1, le.AppendUint16(nil, v)} }

func rats(id uint16, pairs ...uint32) value {
	v := value{id: id, typ: 5, count: uint32(len(pairs) / 2)}
	for _, p := range pairs {
		v.data = le.AppendUint32(v.data, p)
	}
	return v
}

// layout is a well-formed block of the image's, the EXIF and the GPS directory.
func layout(image, exif, gps []value) []byte {
	out := block()
	place := func(values []value, subs ...[]byte) []byte {
		var tags [][]byte
		at := len(out) + 2 + 12*(len(values)+len(subs)) + 4
		var data []byte
		for _, v := range values {
			if len(v.data) <= 4 {
				tags = append(tags, tag(v.id, v.typ, v.count, le.Uint32(append(bytes.Clone(v.data), 0, 0, 0, 0))))
				continue
			}
			tags = append(tags, tag(v.id, v.typ, v.count, uint32(at+len(data))))
			data = append(data, v.data...)
		}
		return append(ifd(0, append(tags, subs...)...), data...)
	}
	// Two pointers, so that the lengths are known before the offsets are.
	first := len(place(image, tag(0, 0, 0, 0), tag(0, 0, 0, 0)))
	exifAt := len(out) + first
	head := out
	out = append(bytes.Clone(head), make([]byte, first)...)
	sub := place(exif)
	gpsAt := exifAt + len(sub)
	out = append(out, sub...)
	last := place(gps)
	out = head
	whole := place(image, tag(0x8769, 4, 1, uint32(exifAt)), tag(0x8825, 4, 1, uint32(gpsAt)))
	return bytes.Join([][]byte{head, whole, sub, last}, nil)
}

// canonUUID names the box with a CR3 file's metadata.
const canonUUID = "\x85\xc0\xb6\x87\x82\x0f\x11\xe0\x81\x11\xf4\xce\x46\x2b\x6a\x48"

// rafFile is Fujifilm's header before a JPEG.
func rafFile(jpg []byte) []byte {
	raf := append([]byte("FUJIFILMCCD-RAW 0201"), make([]byte, 80)...)
	binary.BigEndian.PutUint32(raf[84:], 100)
	binary.BigEndian.PutUint32(raf[88:], uint32(len(jpg)))
	return append(raf, jpg...)
}

func read(t testing.TB, b []byte) photo.Meta {
	t.Helper()
	m, err := photo.ReadMeta(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatalf("read metadata: %v", err)
	}
	return m
}

// allocated runs f, which must end, and returns the bytes that it allocated.
// Tests that use it are not parallel.
func allocated(t testing.TB, f func()) uint64 {
	t.Helper()
	var before, after runtime.MemStats
	done := make(chan struct{})
	runtime.ReadMemStats(&before)
	go func() {
		defer close(done)
		f()
	}()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("it does not end")
	}
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}
