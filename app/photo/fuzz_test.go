package photo

import (
	"bytes"
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// Fuzz targets live inside the package to bound what a decoder may be asked
// for. Their seeds are the corpus and what is committed below testdata/fuzz.

// addCorpus adds the small files of the corpus, and the heads of the others.
func addCorpus(f *testing.F) {
	f.Helper()
	files, err := filepath.Glob("testdata/corpus/*/*")
	if err != nil || len(files) == 0 {
		f.Fatal("no corpus: ", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:min(len(data), 4096)])
	}
}

func FuzzReadMeta(f *testing.F) {
	addCorpus(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ReadMeta(bytes.NewReader(data), int64(len(data)))
		if err != nil && m.Make != "" {
			t.Errorf("an error and a camera: %v, %+v", err, m)
		}
		if m.Orientation < 0 || m.Orientation > 8 || m.Width < 0 || m.Height < 0 {
			t.Errorf("out of range: %+v", m)
		}
		if m.Zoned && m.Taken.IsZero() {
			t.Errorf("a zone without a time: %+v", m)
		}
		if g := m.GPS; g != nil && !(math.Abs(g.Lat) <= 90 && math.Abs(g.Lon) <= 180 && math.Abs(g.Alt) <= 100_000) {
			t.Errorf("no place on Earth: %+v", *g)
		}
		// The fence's output is what goexif gets to see.
		c := openContainer(span{newWindow(bytes.NewReader(data), int64(len(data))), 0, int64(len(data))})
		if block := new(fence).rebuild(c); len(block) > 16<<10 {
			t.Errorf("the fence let %d bytes pass", len(block))
		}
	})
}

func FuzzSniff(f *testing.F) {
	addCorpus(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		kind := Sniff(data, "a.nef")
		if ParseKind(kind.String()) != kind {
			t.Errorf("%d is no kind", kind)
		}
		if short := Sniff(data[:min(len(data), SniffLen)], "a.nef"); short != kind {
			t.Errorf("%v with all bytes, %v with %d", kind, short, SniffLen)
		}
	})
}

func FuzzEnd(f *testing.F) {
	addCorpus(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		end := End(bytes.NewReader(data), int64(len(data)))
		if Sniff(data, "") == Unknown && end != EndUnknown {
			t.Errorf("no image, but its ending is %v", end)
		}
		if end != EndPresent {
			return
		}
		last := bytes.TrimRight(data, "\x00")
		switch Sniff(data, "") {
		case JPEG:
			if !bytes.HasSuffix(last, []byte{0xff, 0xd9}) {
				t.Error("a JPEG is complete without its last marker")
			}
		case PNG:
			if !bytes.HasSuffix(last, []byte("IEND\xae\x42\x60\x82")) {
				t.Error("a PNG is complete without its last chunk")
			}
		case Unknown, TIFF:
			t.Error("proof where there is none to be had")
		}
	})
}

func FuzzThumbnail(f *testing.F) {
	addCorpus(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		const edge = 32
		img, err := thumbnail(context.Background(), bytes.NewReader(data), int64(len(data)), edge, 1<<20)
		if (img == nil) == (err == nil) {
			t.Fatalf("got %v and %v", img, err)
		}
		if img != nil && (img.Bounds().Dx() > edge || img.Bounds().Dy() > edge || img.Bounds().Empty() || img.Bounds().Min.X != 0) {
			t.Errorf("bounds are %v", img.Bounds())
		}
	})
}
