package photo

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
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
	stamped, err := filepath.Glob("testdata/stamped/[0-9]*")
	if err != nil || len(stamped) == 0 {
		f.Fatal("no stamped files: ", err)
	}
	files = append(files, stamped...)
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:min(len(data), 8192)])
	}
}

func FuzzReadMeta(f *testing.F) {
	addCorpus(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := ReadMeta(bytes.NewReader(data), int64(len(data)))
		if errors.Is(err, ErrNoMeta) && (m.Make != "" || m.Title != "" || m.Tags != nil) {
			t.Errorf("nothing and something: %v, %+v", err, m)
		}
		checkText(t, m)
		if m.Rating < 0 || m.Rating > 5 || m.ZoneByGPS && (!m.Zoned || m.GPSTime.IsZero()) {
			t.Errorf("impossible: %+v", m)
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

// checkText wants clean text everywhere, and nothing empty in lists.
func checkText(t *testing.T, m Meta) {
	t.Helper()
	for _, s := range append(slices.Concat(append(m.TagPaths, m.Tags, m.Persons)...), m.Title+"x", m.Description+"x", m.Creator+"x", m.Place.City+"x") {
		if s == "" || len(s) > 4*maxText || !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
			t.Errorf("%q is no clean text", s)
		}
	}
}

func FuzzXMP(f *testing.F) {
	f.Add([]byte("<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF xmlns:rdf='" + nsRDF + "'><rdf:Description xmlns:exif='" + nsExif + "' exif:GPSLatitude='1,2N'/></rdf:RDF></x:xmpmeta>"))
	files, err := filepath.Glob("testdata/stamped/*.jpg")
	if err != nil || len(files) == 0 {
		f.Fatal("no stamped files: ", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		if _, packet, ok := bytes.Cut(data, []byte(xmpIntro)); ok {
			packet, _, _ = bytes.Cut(packet, []byte("<?xpacket end"))
			f.Add(bytes.ReplaceAll(packet, []byte("  "), nil))
		}
	}
	f.Fuzz(func(t *testing.T, packet []byte) {
		l, err := decodeXMP(packet)
		if err != nil && !reflect.ValueOf(l.Meta).IsZero() {
			t.Errorf("%v and %+v", err, l)
		}
		checkText(t, l.over(Meta{}))
		side, err := ReadSidecar(bytes.NewReader(packet), int64(len(packet)))
		if err == nil && side.l.Title != l.Title {
			t.Errorf("%q in a file, %q beside it", l.Title, side.l.Title)
		}
		blanked := bytes.Clone(packet)
		blankXMP(blanked)
		if after, _ := decodeXMP(blanked); after.GPS != nil {
			t.Errorf("still at %+v", *after.GPS)
		}
	})
}

func FuzzIPTC(f *testing.F) {
	f.Add([]byte("\x1c\x01\x5a\x00\x03\x1b%G\x1c\x02\x05\x00\x05Title\x1c\x02\x19\x00\x02k1\x1c\x02\x19\x00\x02k2\x1c\x02\x37\x00\x0820260714\x1c\x02\x3c\x00\x0b183005+0200"), false)
	f.Add([]byte("8BIM\x04\x04\x00\x00\x00\x00\x00\x0a\x1c\x02\x05\x00\x05Title"), true)
	f.Fuzz(func(t *testing.T, data []byte, photoshop bool) {
		block := iptcBlock([]iptcSpan{{span{bytes.NewReader(data), 0, int64(len(data))}, photoshop}})
		if len(block) > iptcTotal+8 {
			t.Errorf("%d bytes passed", len(block))
		}
		l, err := decodeIPTC(block)
		if err != nil {
			t.Errorf("what passed cannot be read: %v", err)
		}
		checkText(t, l.Meta)
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
