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

// TestCorruptedHeadersAreHarmless damages the headers of real files thousands
// of times, by a fixed seed: 1 to 8 bytes each, and one file in ten cut off.
func TestCorruptedHeadersAreHarmless(t *testing.T) {
	const rounds = 80 // of each file: 6,000 in all
	total, decoded, healthy := 0, 0, 0
	corpus(t, func(name string, data []byte, _ reading) {
		if len(data) < 64 {
			return
		}
		// The picture's data says nothing about metadata.
		data = data[:min(len(data), 80_000)]
		start := headerStart(name, data)
		_, err := photo.ReadMeta(bytes.NewReader(data), int64(len(data)))
		for i := range rounds {
			rnd := rand.New(rand.NewPCG(uint64(len(data)), uint64(i)))
			bad := corrupt(rnd, data, start)
			var got error
			n := allocated(t, func() {
				_, got = photo.ReadMeta(bytes.NewReader(bad), int64(len(bad)))
				photo.End(bytes.NewReader(bad), int64(len(bad)))
				photo.Sniff(bad[:min(len(bad), photo.SniffLen)], name)
			})
			if n > photo.MetaMemory+16<<10 { // and what End takes
				t.Fatalf("%s, round %d: took %d bytes", name, i, n)
			}
			total++
			if err == nil {
				healthy++
				if got == nil {
					decoded++
				}
			}
		}
	})
	t.Logf("%d files; of %d whose original has EXIF, %d still gave some", total, healthy, decoded)
	// A fence that refused everything would be harmless too.
	if total < 5000 || decoded < healthy*9/10 {
		t.Errorf("%d files; only %d of %d gave anything", total, decoded, healthy)
	}
}

// headerStart is where the bytes that matter begin.
func headerStart(name string, data []byte) int {
	if i := bytes.Index(data, []byte("Exif\x00\x00")); i >= 0 {
		return i + 6
	}
	if ext := filepath.Ext(name); ext == ".heic" || ext == ".heif" || ext == ".avif" {
		return 24
	}
	return 2
}

func corrupt(rnd *rand.Rand, data []byte, start int) []byte {
	bad := bytes.Clone(data)
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
			bad := corrupt(rand.New(rand.NewPCG(7, uint64(i))), data, headerStart(name, data))
			img, err := photo.Thumbnail(context.Background(), bytes.NewReader(bad), int64(len(bad)), 64)
			if (img == nil) == (err == nil) {
				t.Errorf("%s, round %d: got %v and %v", name, i, img, err)
			}
		}
	})
}
