package photo_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"testing"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/photo/phototest"
)

func pictureOf(w, h int) *image.RGBA { return phototest.Picture(9, w, h) }

func thumb(t testing.TB, b []byte, edge int) image.Image {
	t.Helper()
	img, err := photo.Thumbnail(context.Background(), bytes.NewReader(b), int64(len(b)), edge)
	if err != nil {
		t.Fatalf("thumbnail: %v", err)
	}
	return img
}

// quarters is a picture whose four quarters are told apart by colour.
func quarters(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, quarterColours[2*(y*2/h)+x*2/w])
		}
	}
	return img
}

var quarterColours = [4]color.RGBA{{220, 20, 20, 255}, {20, 220, 20, 255}, {20, 20, 220, 255}, {220, 220, 20, 255}}

// corners names the quarter seen in each corner, in reading order.
func corners(img image.Image) string {
	b := img.Bounds()
	var s string
	for _, at := range []image.Point{{b.Dx() / 4, b.Dy() / 4}, {b.Dx() * 3 / 4, b.Dy() / 4}, {b.Dx() / 4, b.Dy() * 3 / 4}, {b.Dx() * 3 / 4, b.Dy() * 3 / 4}} {
		r, g, bl, _ := img.At(at.X, at.Y).RGBA()
		best, dist := 0, 1<<30
		for i, c := range quarterColours {
			d := abs(int(r>>8)-int(c.R)) + abs(int(g>>8)-int(c.G)) + abs(int(bl>>8)-int(c.B))
			if d < dist {
				best, dist = i, d
			}
		}
		s += string("RGBY"[best])
	}
	return s
}

func abs(v int) int { return max(v, -v) }

func encodedJPEG(t testing.TB, img image.Image, segments ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return join([]byte{0xff, 0xd8}, bytes.Join(segments, nil), b.Bytes()[2:])
}

func TestThumbnailIsUprightInAllOrientations(t *testing.T) {
	// What a picture with the quarters RG/BY must show, by EXIF 2.3, 4.6.4.
	want := map[int]string{0: "RGBY", 1: "RGBY", 2: "GRYB", 3: "YBGR", 4: "BYRG", 5: "RBGY", 6: "BRYG", 7: "YGBR", 8: "GYRB", 9: "RGBY"}
	for o, corner := range want {
		exif := exifSegment(block(ifd(0, tag(orientationTag, 3, 1, uint32(o)))))
		img := thumb(t, encodedJPEG(t, quarters(320, 160), exif), 80)
		if got := corners(img); got != corner {
			t.Errorf("orientation %d shows %s, want %s", o, got, corner)
		}
		size := image.Pt(80, 40)
		if o >= 5 && o <= 8 {
			size = image.Pt(40, 80)
		}
		if img.Bounds() != (image.Rectangle{Max: size}) {
			t.Errorf("orientation %d: bounds are %v, want %v", o, img.Bounds(), size)
		}
	}
}

func TestThumbnailOfEveryFormatThatIsDecoded(t *testing.T) {
	for _, tt := range []struct {
		name string
		file []byte
		want image.Point
	}{
		{"JPEG", encodedJPEG(t, pictureOf(400, 300)), image.Pt(100, 75)},
		{"JPEG of a camera", corpusFile(t, "jpg/Canon IXUS 400.jpg"), image.Pt(100, 75)},
		{"PNG", encodedPNG(t, pictureOf(300, 400)), image.Pt(75, 100)},
		{"PNG with a palette", corpusFile(t, "png/dotnet-256x256-alpha-palette.png"), image.Pt(100, 100)},
		{"GIF", encodedGIF(t, pictureOf(400, 300)), image.Pt(100, 75)},
		{"WebP", corpusFile(t, "webp/Photo (2).webp"), image.Pt(100, 73)},
		{"WebP without loss", corpusFile(t, "webp/Alpha Lossless (1).webp"), image.Pt(100, 75)},
		{"WebP with transparency", corpusFile(t, "webp/Alpha Lossy (1).webp"), image.Pt(100, 75)},
		{"a picture that is smaller than asked for", encodedPNG(t, pictureOf(40, 30)), image.Pt(40, 30)},
		{"a line", encodedPNG(t, pictureOf(3000, 1)), image.Pt(100, 1)},
		{"a camera's raw file by its preview", rawWithPreviews(t), image.Pt(100, 75)},
	} {
		if got := thumb(t, tt.file, 100).Bounds(); got != (image.Rectangle{Max: tt.want}) {
			t.Errorf("%s: bounds are %v, want %v", tt.name, got, tt.want)
		}
	}
}

// rawWithPreviews is a raw file with a small preview in a following directory
// and a larger one in a sub-directory.
func rawWithPreviews(t testing.TB) []byte {
	small, large := encodedJPEG(t, pictureOf(40, 30)), encodedJPEG(t, pictureOf(400, 300))
	const dir0, dir1, dir2 = 8, 8 + 2 + 2*12 + 4, 8 + 2*(2+2*12+4)
	const data = dir2 + 2 + 3*12 + 4
	return join(block(
		ifd(dir1, tag(makeTag, 2, 4, le.Uint32([]byte("ACM\x00"))), tag(0x014a, 4, 1, dir2)),
		ifd(0, tag(0x0201, 4, 1, data), tag(0x0202, 4, 1, uint32(len(small)))),
		ifd(0, tag(0x0103, 3, 1, 7), tag(0x0111, 4, 1, uint32(data+len(small))), tag(0x0117, 4, 1, uint32(len(large)))),
	), small, large)
}

// TestRawPreviews: the smallest preview that is large enough is taken, wherever
// a maker keeps them.
func TestRawPreviews(t *testing.T) {
	small, large := encodedJPEG(t, pictureOf(160, 120)), encodedJPEG(t, pictureOf(600, 400))
	lossless := bytes.Replace(large, []byte{0xff, 0xc0}, []byte{0xff, 0xc3}, 1) // the raw data itself
	const prvwUUID = "\xea\xf4\x2b\x5e\x1c\x98\x4b\x88\xb9\xfb\xb7\xdc\x40\x6e\x4d\x16"
	cr3 := join(box("ftyp", []byte("crx \x00\x00\x00\x01crx ")),
		box("moov", box("uuid", []byte(canonUUID), box("CMT1", block(ifd(0, tag(orientationTag, 3, 1, 1)))), box("THMB", make([]byte, 16), small))),
		box("uuid", []byte(prvwUUID), make([]byte, 8), box("PRVW", make([]byte, 16), large)),
		box("mdat", []byte("raw")))

	// A TIFF structure with all pictures in sub-directories of one list.
	subs := func(pictures ...[]byte) []byte {
		n := uint32(len(pictures))
		list := uint32(8 + 2 + 12 + 4)
		dir := list + 4*n
		data := dir + n*(2+3*12+4)
		var offsets, dirs, all []byte
		for _, p := range pictures {
			offsets = le.AppendUint32(offsets, dir)
			dirs = append(dirs, ifd(0, tag(0x0103, 3, 1, 6), tag(0x0111, 4, 1, data), tag(0x0117, 4, 1, uint32(len(p))))...)
			all = append(all, p...)
			dir += 2 + 3*12 + 4
			data += uint32(len(p))
		}
		return join(block(ifd(0, tag(0x014a, 4, n, list)), offsets, dirs), all)
	}
	const jpegAt = 8 + 2 + 2*12 + 4
	rw2 := join(block(ifd(0, tag(0x002e, 7, uint32(len(large)), jpegAt), tag(orientationTag, 3, 1, 1))), large)
	copy(rw2, "IIU\x00")

	for _, tt := range []struct {
		name string
		file []byte
		edge int
		want image.Point
	}{
		{"CR3, its thumbnail", cr3, 160, image.Pt(160, 120)},
		{"CR3, its preview", cr3, 300, image.Pt(300, 200)},
		{"CR3, no preview is large enough", cr3, 1000, image.Pt(600, 400)},
		{"RAF", rafFile(large), 300, image.Pt(300, 200)},
		{"RW2", rw2, 300, image.Pt(300, 200)},
		{"sub-directories, the smaller", subs(large, small), 100, image.Pt(100, 75)},
		{"sub-directories, the larger", subs(large, small), 300, image.Pt(300, 200)},
		{"sub-directories, one with the raw data", subs(lossless, small), 300, image.Pt(160, 120)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := thumb(t, tt.file, tt.edge).Bounds().Max; got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func TestEmbeddedThumbnail(t *testing.T) {
	red, blue := image.NewUniform(color.RGBA{230, 10, 10, 255}), image.NewUniform(color.RGBA{10, 10, 230, 255})
	// The preview is red and the picture blue, so that one sees which was taken.
	file := func(preview, picture image.Rectangle) []byte {
		p := encodedJPEG(t, uniform{red, preview})
		const at = 8 + 18 + 30 // behind both directories
		exif := exifSegment(block(ifd(26, tag(orientationTag, 3, 1, 1)), ifd(0, tag(0x0201, 4, 1, at), tag(0x0202, 4, 1, uint32(len(p)))), p))
		return encodedJPEG(t, uniform{blue, picture}, exif)
	}
	for _, tt := range []struct {
		name             string
		preview, picture image.Rectangle
		edge             int
		want             string
	}{
		{"large enough", image.Rect(0, 0, 160, 120), image.Rect(0, 0, 640, 480), 160, "preview"},
		{"too small", image.Rect(0, 0, 160, 120), image.Rect(0, 0, 640, 480), 161, "picture"},
		{"of another shape", image.Rect(0, 0, 160, 120), image.Rect(0, 0, 640, 360), 160, "picture"},
		{"as large as a small picture", image.Rect(0, 0, 64, 48), image.Rect(0, 0, 64, 48), 160, "preview"},
	} {
		img := thumb(t, file(tt.preview, tt.picture), tt.edge)
		r, _, b, _ := img.At(5, 5).RGBA()
		if got := map[bool]string{true: "preview", false: "picture"}[r > b]; got != tt.want {
			t.Errorf("%s: took the %s", tt.name, got)
		}
	}

	broken := file(image.Rect(0, 0, 160, 120), image.Rect(0, 0, 640, 480))
	broken = broken[:len(broken)-800]
	if got := thumb(t, broken, 320).Bounds().Max; got != image.Pt(160, 120) {
		t.Errorf("a broken picture with a good preview gave %v", got)
	}
}

type uniform struct {
	*image.Uniform
	r image.Rectangle
}

func (u uniform) Bounds() image.Rectangle { return u.r }

func TestThumbnailOfWhatCannotBeShown(t *testing.T) {
	jpg := phototest.JPEG(phototest.Options{Seed: 1})
	for _, tt := range []struct {
		name string
		file []byte
		want error // nil: any
	}{
		{"HEIC", corpusFile(t, "heic/cheers_1440x960.heic"), photo.ErrNoThumbnail},
		{"AVIF", corpusFile(t, "avif/32Bit-72dpi-sRGB-800x600.avif"), photo.ErrNoThumbnail},
		{"TIFF without a preview", block(ifd(0, tag(0x100, 3, 1, 10), tag(0x101, 3, 1, 10))), photo.ErrNoThumbnail},
		{"film", box("moov", make([]byte, 50)), photo.ErrNoThumbnail},
		{"text", []byte("no picture at all"), photo.ErrNoThumbnail},
		{"nothing", nil, photo.ErrNoThumbnail},
		{"half a JPEG", jpg[:len(jpg)/2], nil},
		{"half a PNG", encodedPNG(t, pictureOf(100, 100))[:500], nil},
	} {
		img, err := photo.Thumbnail(context.Background(), bytes.NewReader(tt.file), int64(len(tt.file)), 100)
		if img != nil || err == nil || tt.want != nil && !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, %v", tt.name, img, err)
		}
	}
	if _, err := photo.Thumbnail(context.Background(), bytes.NewReader(jpg), int64(len(jpg)), 0); err == nil {
		t.Error("an edge of 0 was accepted")
	}
	broken := errors.New("broken disk")
	if _, err := photo.Thumbnail(context.Background(), failing{broken}, 1000, 100); !errors.Is(err, broken) {
		t.Errorf("a failing disk gave %v", err)
	}
}

// cancelAt ends the context when a decoder reads beyond an offset.
type cancelAt struct {
	*bytes.Reader
	at     int64
	cancel context.CancelFunc
}

func (c cancelAt) ReadAt(p []byte, off int64) (int, error) {
	if off+int64(len(p)) > c.at {
		c.cancel()
	}
	return c.Reader.ReadAt(p, off)
}

func TestThumbnailStopsWhenTheContextEnds(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 800, 600))
	copy(img.Pix, noise(len(img.Pix)))
	jpg := encodedJPEG(t, img)
	ctx, cancel := context.WithCancel(context.Background())
	if _, err := photo.Thumbnail(ctx, cancelAt{bytes.NewReader(jpg), 200_000, cancel}, int64(len(jpg)), 100); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if _, err := photo.Thumbnail(ctx, bytes.NewReader(jpg), int64(len(jpg)), 100); !errors.Is(err, context.Canceled) {
		t.Errorf("with an ended context: got %v", err)
	}
}

func TestThumbnailLooksLikeThePicture(t *testing.T) {
	full := encodedPNG(t, quarters(1600, 1200))
	if got := corners(thumb(t, full, 64)); got != "RGBY" {
		t.Errorf("the corners are %s", got)
	}
}

func BenchmarkThumbnail(b *testing.B) {
	for _, tt := range []struct {
		w, h  int
		thumb bool
	}{{4000, 3000, false}, {4000, 3000, true}} {
		jpg := phototest.JPEG(phototest.Options{Width: tt.w, Height: tt.h, Thumbnail: tt.thumb})
		b.Run(fmt.Sprintf("%dMP,embedded=%v", tt.w*tt.h/1e6, tt.thumb), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				thumb(b, jpg, 160)
			}
		})
	}
}
