package convert

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/tiff"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/photo/phototest"
)

// TestMain lets the test program be its own children.
func TestMain(m *testing.M) {
	Main()
	os.Setenv("GORACE", "atexit_sleep_ms=0")
	os.Exit(m.Run())
}

var (
	red      = color.RGBA{200, 30, 30, 255}
	green    = color.RGBA{30, 200, 30, 255}
	blue     = color.RGBA{30, 30, 200, 255}
	white255 = color.RGBA{250, 250, 250, 255}
)

// quarters is a picture that tells how it lies: red, green, blue and white
// from the upper left to the lower right.
func quarters(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := [2][2]color.RGBA{{red, green}, {blue, white255}}[2*y/h][2*x/w]
			img.SetRGBA(x, y, c)
		}
	}
	return img
}

// lying is quarters as a camera stores it that was held so that the
// orientation rights it.
func lying(w, h, orientation int) *image.RGBA {
	back := map[int]int{6: 8, 8: 6}
	turn, ok := back[orientation]
	if !ok {
		turn = orientation
	}
	img, _ := upright(quarters(w, h), turn).(*image.RGBA)
	return img
}

// looks fails the test unless a JPEG, shown as its orientation says, is
// quarters in the given size.
func looks(t *testing.T, name string, b []byte, w, h int) {
	t.Helper()
	img, err := jpeg.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	m, _ := photo.ReadMeta(bytes.NewReader(b), int64(len(b)))
	img = upright(img, m.Orientation)
	if got := img.Bounds().Size(); got != image.Pt(w, h) {
		t.Errorf("%s: %v, want %d x %d", name, got, w, h)
		return
	}
	for i, want := range []color.RGBA{red, green, blue, white255} {
		r, g, b, _ := img.At(w/4+i%2*w/2, h/4+i/2*h/2).RGBA()
		if d := math.Abs(float64(r>>8)-float64(want.R)) + math.Abs(float64(g>>8)-float64(want.G)) + math.Abs(float64(b>>8)-float64(want.B)); d > 75 {
			t.Errorf("%s: quarter %d is %d %d %d, want %v", name, i, r>>8, g>>8, b>>8, want)
		}
	}
}

// made makes a copy of a file's bytes.
func made(t testing.TB, b []byte, w Wish) ([]byte, error) {
	t.Helper()
	dir := t.TempDir()
	path := filepath.Join(dir, "original")
	if err := os.WriteFile(path, b, 0o400); err != nil {
		t.Fatal(err)
	}
	src, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	dst, err := os.Create(filepath.Join(dir, "copy"))
	if err != nil {
		t.Fatal(err)
	}
	defer dst.Close()
	work := filepath.Join(dir, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		t.Fatal(err)
	}
	if w.Quality == 0 {
		w.Quality = DefaultQuality
	}
	if err := Make(t.Context(), src, dst, work, w); err != nil {
		return nil, err
	}
	return os.ReadFile(dst.Name())
}

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// withMeta is a JPEG of a picture with everything set.
func withMeta(t testing.TB, img image.Image, orientation int) []byte {
	t.Helper()
	full := phototest.JPEG(phototest.Options{
		Taken: time.Date(2026, 5, 1, 12, 30, 45, 120e6, time.UTC), Zone: "+02:00", Make: "PhotoFerry", Model: "PF-1",
		Orientation: orientation, GPS: &phototest.Position{Lat: 48.858, Lon: -2.2945, Alt: 35},
		XMP: `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:Rating="4"><dc:title><rdf:Alt><rdf:li xml:lang="x-default">Harbour &amp; sea</rdf:li></rdf:Alt></dc:title><dc:subject><rdf:Bag><rdf:li>boats</rdf:li><rdf:li>Öl</rdf:li></rdf:Bag></dc:subject></rdf:Description></rdf:RDF></x:xmpmeta>`,
	})
	var plain, out bytes.Buffer
	if err := jpeg.Encode(&plain, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	segments, err := photo.Carry(bytes.NewReader(full), int64(len(full)), photo.Carried{
		Width: img.Bounds().Dx(), Height: img.Bounds().Dy(), Orientation: orientation,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := photo.Redress(&out, bytes.NewReader(plain.Bytes()), int64(plain.Len()), segments); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func meta(t testing.TB, b []byte) photo.Meta {
	t.Helper()
	m, err := photo.ReadMeta(bytes.NewReader(b), int64(len(b)))
	if err != nil && !errors.Is(err, photo.ErrNoMeta) {
		t.Fatal(err)
	}
	return m
}

func TestJPEGInEveryOrientation(t *testing.T) {
	for o := 1; o <= 8; o++ {
		b := withMeta(t, lying(320, 200, o), o)
		looks(t, fmt.Sprintf("original %d", o), b, 320, 200)
		small, err := made(t, b, Wish{Kind: photo.JPEG, Side: 160})
		if err != nil {
			t.Fatal(err)
		}
		looks(t, fmt.Sprintf("copy %d", o), small, 160, 100)
		got, want := meta(t, small), meta(t, b)
		want.Orientation, want.Width, want.Height = 1, 160, 100
		if got.GPS == nil || *got.GPS != *want.GPS {
			t.Errorf("place %v, want %v", got.GPS, want.GPS)
		}
		got.GPS, want.GPS = nil, nil
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("orientation %d:\n got %+v\nwant %+v", o, got, want)
		}
	}
}

func TestKinds(t *testing.T) {
	img := quarters(300, 200)
	var p, g, ti bytes.Buffer
	if err := errors.Join(png.Encode(&p, img), gif.Encode(&g, img, nil), tiff.Encode(&ti, img, nil)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name string
		kind photo.Kind
		b    []byte
	}{
		{"png", photo.PNG, p.Bytes()},
		{"gif", photo.GIF, g.Bytes()},
		{"tiff", photo.TIFF, ti.Bytes()},
		{"webp", photo.WebP, file(t, "quarters.webp")},
		{"heic", photo.HEIC, file(t, "quarters.heic")},
	} {
		b, err := made(t, c.b, Wish{Kind: c.kind})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		looks(t, c.name, b, 300, 200)
		again, err := made(t, c.b, Wish{Kind: c.kind})
		if err != nil || !bytes.Equal(again, b) {
			t.Errorf("%s: made twice, and the copies differ (%v)", c.name, err)
		}
		small, err := made(t, c.b, Wish{Kind: c.kind, Side: 100})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		looks(t, c.name+" smaller", small, 100, 67)
	}
}

// The HEIC was held like orientation 6, and its EXIF says so although its own
// turn has righted it.
func TestHEICByBothMakers(t *testing.T) {
	b := file(t, "turned.heic")
	makers := map[string]string{"built-in": "/nonexistent"}
	if system() != "" {
		makers["system"] = os.Getenv("PATH")
	}
	for name, path := range makers {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", path)
			got, err := made(t, b, Wish{Kind: photo.HEIC})
			if err != nil {
				t.Fatal(err)
			}
			looks(t, name, got, 200, 300)
			m := meta(t, got)
			if m.Orientation != 1 || m.Taken.Format(time.RFC3339) != "2026-05-01T12:30:45+02:00" || m.Model != "PF-1" ||
				m.GPS == nil || math.Abs(m.GPS.Lat-48.858) > 1e-6 || math.Abs(m.GPS.Lon+2.2945) > 1e-6 {
				t.Errorf("%+v, %+v", m, m.GPS)
			}
			if got, err = made(t, b, Wish{Kind: photo.HEIC, Side: 100, Keep: photo.KeepNoPlace}); err != nil {
				t.Fatal(err)
			}
			looks(t, name, got, 67, 100)
			if m := meta(t, got); m.GPS != nil || m.Model != "PF-1" || m.Taken.IsZero() {
				t.Errorf("without the place: %+v", m)
			}
		})
	}
}

// An AVIF made of tiles comes out of the system's program as one picture for
// each, and the whole one.
func TestAVIFOfTiles(t *testing.T) {
	b, err := os.ReadFile(filepath.Join("..", "photo", "testdata", "stamped", "23.avif"))
	if err != nil {
		t.Fatal(err)
	}
	if system() == "" {
		if _, err := made(t, b, Wish{Kind: photo.AVIF}); !errors.Is(err, ErrPicture) || !strings.Contains(err.Error(), "heif-convert") {
			t.Errorf("%v does not say what is missing", err)
		}
		return
	}
	got, err := made(t, b, Wish{Kind: photo.AVIF})
	if err != nil {
		t.Fatal(err)
	}
	m := meta(t, got)
	if m.Width != 800 || m.Height != 600 || m.Orientation != 1 || m.Model != "Box 1" || m.GPS == nil || m.Title != "Abend am Fluss" {
		t.Errorf("%+v", m)
	}
}

func TestKeepNothing(t *testing.T) {
	b := withMeta(t, lying(320, 200, 6), 6)
	got, err := made(t, b, Wish{Kind: photo.JPEG, Keep: photo.KeepNothing})
	if err != nil {
		t.Fatal(err)
	}
	looks(t, "without anything", got, 320, 200)
	if m := meta(t, got); m.GPS != nil || m.Model != "" || !m.Taken.IsZero() || m.Orientation > 1 || m.Title != "" {
		t.Errorf("%+v", m)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	f, err := os.Open(filepath.Join("testdata", "turned.heic"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := Make(ctx, f, os.Stdout, t.TempDir(), Wish{Kind: photo.HEIC}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

// rawWith is a raw file as cameras build them: a TIFF with EXIF whose first
// directory points at a JPEG.
func rawWith(t testing.TB, preview []byte, orientation int) []byte {
	t.Helper()
	le := func(n int, v uint32) []byte { return []byte{byte(v), byte(v >> 8), byte(v >> 16), byte(v >> 24)}[:n] }
	out := []byte("II*\x00\x08\x00\x00\x00")
	entry := func(tag, typ uint16, count, v uint32) {
		out = append(out, le(2, uint32(tag))...)
		out = append(out, le(2, uint32(typ))...)
		out = append(out, le(4, count)...)
		out = append(out, le(4, v)...)
	}
	out = append(out, le(2, 5)...)
	after := uint32(8 + 2 + 5*12 + 4)
	entry(0x110, 2, 5, after)
	entry(0x112, 3, 1, uint32(orientation))
	entry(0x201, 4, 1, after+8+38)
	entry(0x202, 4, 1, uint32(len(preview)))
	entry(0x8769, 4, 1, after+8)
	out = append(out, 0, 0, 0, 0)
	out = append(out, "PF-R\x00\x00\x00\x00"...)
	exif := after + 8
	out = append(out, le(2, 1)...)
	entry(0x9003, 2, 20, exif+18)
	out = append(out, 0, 0, 0, 0)
	out = append(out, "2026:05:01 12:30:45\x00"...)
	return append(out, preview...)
}

func TestRaw(t *testing.T) {
	var preview bytes.Buffer
	if err := jpeg.Encode(&preview, lying(1200, 800, 6), &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	raw := rawWith(t, preview.Bytes(), 6)
	for _, side := range []int{0, 300} {
		got, err := made(t, raw, Wish{Kind: photo.RAW, Side: side})
		if err != nil {
			t.Fatal(err)
		}
		w, h := 1200, 800
		if side > 0 {
			w, h = 300, 200
		}
		looks(t, fmt.Sprint("raw ", side), got, w, h)
		m := meta(t, got)
		if m.Model != "PF-R" || m.Taken.Format(time.DateTime) != "2026-05-01 12:30:45" {
			t.Errorf("%+v", m)
		}
		if side == 0 && m.Orientation != 6 || side > 0 && m.Orientation != 1 {
			t.Errorf("orientation %d", m.Orientation)
		}
	}
	var small bytes.Buffer
	if err := jpeg.Encode(&small, quarters(160, 120), nil); err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string][]byte{"a thumbnail only": rawWith(t, small.Bytes(), 1), "nothing": rawWith(t, nil, 1)} {
		if _, err := made(t, b, Wish{Kind: photo.RAW}); !errors.Is(err, ErrPicture) {
			t.Errorf("%s: %v, want ErrPicture", name, err)
		}
	}
}

func TestWhatCannotBeConverted(t *testing.T) {
	heif := file(t, "turned.heic")
	var p bytes.Buffer
	if err := png.Encode(&p, quarters(300, 200)); err != nil {
		t.Fatal(err)
	}
	huge := bytes.Clone(p.Bytes())
	copy(huge[16:], "\x00\x00\xff\xff\x00\x00\xff\xff") // 65535 x 65535
	for _, c := range []struct {
		name string
		kind photo.Kind
		b    []byte
	}{
		{"cut HEIC", photo.HEIC, heif[:len(heif)/2]},
		{"empty", photo.HEIC, nil},
		{"no picture", photo.PNG, []byte("\x89PNG\r\n\x1a\n and no more")},
		{"a bomb", photo.PNG, huge},
		{"cut PNG", photo.PNG, p.Bytes()[:p.Len()/2]},
		{"a film", photo.MP4, []byte("\x00\x00\x00\x18ftypisom")},
	} {
		_, err := made(t, c.b, Wish{Kind: c.kind})
		if !errors.Is(err, ErrPicture) {
			t.Errorf("%s: %v, want ErrPicture", c.name, err)
		}
		t.Log(c.name, "->", err)
	}
}

func TestNoRoom(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("this system has no device that is always full: ", err)
	}
	defer full.Close()
	path := filepath.Join(t.TempDir(), "a.heic")
	if err := os.WriteFile(path, file(t, "turned.heic"), 0o600); err != nil {
		t.Fatal(err)
	}
	src, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer src.Close()
	if err := Make(t.Context(), src, full, t.TempDir(), Wish{Kind: photo.HEIC, Quality: 90}); !errors.Is(err, ErrSpace) {
		t.Errorf("%v, want ErrSpace", err)
	}
	if at, err := src.Seek(0, io.SeekCurrent); err != nil {
		t.Errorf("the original was closed: %d, %v", at, err)
	}
}
