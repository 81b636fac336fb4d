package photo_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"github.com/photoferry/photoferry/app/photo"
)

// corruptions is how many damaged headers are read: 100,000, which takes a few
// seconds, or 30,000 where the race detector makes each four times as slow. In
// one goroutine there is nothing for it to find.
func corruptions() int {
	if raceDetector {
		return 30_000
	}
	return 100_000
}

// corruptionBatch is how many are measured together: reading the allocator's
// counters takes longer than reading a header. Ordinary headers take far less
// than this part of what one may take; a batch that takes more is done again
// one by one.
const corruptionBatch = 32

// header is the start of a real file, and where in it metadata begins.
type header struct {
	name    string
	data    []byte
	starts  []int
	healthy bool
}

// headers are those of all test files.
func headers(t testing.TB) []header {
	var list []header
	add := func(name string, data []byte, _ reading) {
		if len(data) < 64 {
			return
		}
		data = data[:min(len(data), 40_000)] // the picture's data says nothing about metadata
		_, err := photo.ReadMeta(bytes.NewReader(data), int64(len(data)))
		list = append(list, header{name, data, headerStarts(name, data), err == nil})
	}
	corpus(t, add)
	readings(t, "testdata/stamped", add)
	return list
}

// TestCorruptedHeadersAreHarmless damages the headers of real files, by a
// fixed seed: 1 to 8 bytes each, and one file in ten cut off.
func TestCorruptedHeadersAreHarmless(t *testing.T) {
	list := headers(t)
	var buf []byte
	read := func(i int) error {
		h := list[i%len(list)]
		buf = append(buf[:0], h.data...)
		bad := corrupt(rand.New(rand.NewPCG(1, uint64(i))), buf, h.starts)
		_, err := photo.ReadMeta(bytes.NewReader(bad), int64(len(bad)))
		photo.End(bytes.NewReader(bad), int64(len(bad)))
		photo.Sniff(bad[:min(len(bad), photo.SniffLen)], h.name)
		return err
	}
	var decoded, healthy int
	for from := 0; from < corruptions(); from += corruptionBatch {
		n := allocated(t, func() {
			for i := from; i < from+corruptionBatch; i++ {
				err := read(i)
				if list[i%len(list)].healthy {
					healthy++
					if err == nil {
						decoded++
					}
				}
			}
		})
		if n < photo.MetaMemory {
			continue
		}
		for i := from; i < from+corruptionBatch; i++ {
			if n := allocated(t, func() { _ = read(i) }); n > photo.MetaMemory {
				t.Fatalf("%s, round %d: took %d bytes", list[i%len(list)].name, i, n)
			}
		}
	}
	t.Logf("%d headers; of %d whose original is read without error, %d still are", corruptions(), healthy, decoded)
	// A fence that refused everything would be harmless too. XMP that is no
	// longer XML is an error, though the rest is read.
	if decoded < healthy*6/10 {
		t.Errorf("only %d of %d were read", decoded, healthy)
	}
}

// headerStarts are the places where the bytes that matter begin.
func headerStarts(name string, data []byte) []int {
	starts := []int{2}
	if ext := filepath.Ext(name); ext == ".heic" || ext == ".heif" || ext == ".avif" {
		starts = []int{24}
	}
	for _, intro := range []string{"Exif\x00\x00", "http://ns.adobe.com/xap/1.0/\x00", "<rdf:RDF", "8BIM\x04\x04", "EXIF", "eXIf", "iTXt", "iinf", "iloc"} {
		if i := bytes.Index(data, []byte(intro)); i >= 0 && i+len(intro)+8 < len(data) {
			starts = append(starts, i+len(intro))
		}
	}
	return starts
}

// corrupt damages the bytes in place.
func corrupt(rnd *rand.Rand, bad []byte, starts []int) []byte {
	start := starts[rnd.IntN(len(starts))]
	window := min(len(bad)-start, 1500)
	for range 1 + rnd.IntN(8) {
		at := start + rnd.IntN(window)
		switch rnd.IntN(5) {
		case 0:
			bad[at] ^= 1 << rnd.IntN(8)
		case 1:
			bad[at] = 0xff
		case 2:
			bad[at] = 0
		case 3:
			bad[at] = byte(rnd.IntN(256))
		case 4: // a whole number at its extreme
			if at+4 <= len(bad) {
				binary.LittleEndian.PutUint32(bad[at:], [...]uint32{0, 1, 1<<31 - 1, 1 << 31, 1<<32 - 1, 0x20000001}[rnd.IntN(6)])
			}
		}
	}
	if rnd.IntN(10) == 0 {
		bad = bad[:start+rnd.IntN(len(bad)-start)]
	}
	return bad
}

func TestCorruptedPicturesDoNotBreakThumbnails(t *testing.T) {
	corpus(t, func(name string, data []byte, _ reading) {
		if len(data) < 64 || len(data) > 30_000 {
			return
		}
		for i := range 3 {
			bad := corrupt(rand.New(rand.NewPCG(7, uint64(i))), bytes.Clone(data), headerStarts(name, data))
			img, err := photo.Thumbnail(context.Background(), bytes.NewReader(bad), int64(len(bad)), 64)
			if (img == nil) == (err == nil) {
				t.Errorf("%s, round %d: got %v and %v", name, i, img, err)
			}
		}
	})
}
