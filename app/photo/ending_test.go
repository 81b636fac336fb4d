package photo_test

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"os"
	"testing"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/photo/phototest"
)

func encodedPNG(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encodedGIF(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := gif.Encode(&b, img, nil); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func corpusFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/corpus/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestEnd(t *testing.T) {
	jpg := phototest.JPEG(phototest.Options{Seed: 1, Thumbnail: true, Size: 200_000})
	thumbEnd := bytes.Index(jpg, []byte{0xff, 0xd9}) + 2
	pic := encodedPNG(t, phototest.Picture(1, 40, 30))
	anim := encodedGIF(t, phototest.Picture(1, 40, 30))
	webp := corpusFile(t, "webp/Nikon D1X.webp")
	heic := corpusFile(t, "heic/cheers_1440x960.heic")
	avif := corpusFile(t, "avif/Issue 649.avif")
	film := join([]byte(ftyp("mp42", "isom"))[:20], box("moov", []byte("x")), box("mdat", []byte("frames")))
	wide := join([]byte("\x00\x00\x00\x01mdat"), binary.BigEndian.AppendUint64(nil, 16+6), []byte("frames"))
	open := join(film[:20], box("moov", []byte("x")), []byte("\x00\x00\x00\x00mdatframes"))
	cr3 := join([]byte(ftyp("crx ", "isom"))[:20], box("moov", []byte("x")), box("mdat", []byte("raw")))
	aside := func(b []byte, have int) []byte { return append(bytes.Clone(b[:have]), make([]byte, len(b)-have)...) }

	for _, tt := range []struct {
		name string
		file []byte
		want photo.Ending
	}{
		{"JPEG", jpg, photo.EndPresent},
		{"JPEG with zero padding", aside(append(bytes.Clone(jpg), make([]byte, 9000)...), len(jpg)), photo.EndPresent},
		{"JPEG without its last byte", jpg[:len(jpg)-1], photo.EndMissing},
		{"JPEG cut off in the middle", jpg[:len(jpg)/2], photo.EndMissing},
		{"JPEG cut off right behind its thumbnail", jpg[:thumbEnd], photo.EndMissing},
		{"JPEG set aside and written to behind its thumbnail", aside(jpg, thumbEnd), photo.EndMissing},
		{"JPEG with something after its end", append(bytes.Clone(jpg), "trailer"...), photo.EndMissing},
		{"JPEG of a header only", jpg[:2], photo.EndUnknown},
		{"PNG", pic, photo.EndPresent},
		{"PNG with zero padding", append(bytes.Clone(pic), 0, 0, 0), photo.EndPresent},
		{"PNG without its last byte", pic[:len(pic)-1], photo.EndMissing},
		{"PNG of a header only", pic[:8], photo.EndMissing},
		{"GIF", anim, photo.EndPresent},
		{"GIF without its trailer", anim[:len(anim)-1], photo.EndMissing},
		{"WebP", webp, photo.EndPresent},
		{"WebP without its last byte", webp[:len(webp)-1], photo.EndMissing},
		{"WebP set aside and half written", aside(webp, len(webp)/2), photo.EndMissing},
		{"HEIC", heic, photo.EndPresent},
		{"HEIC without its last byte", heic[:len(heic)-1], photo.EndMissing},
		{"HEIC set aside and half written", aside(heic, len(heic)/2), photo.EndMissing},
		{"AVIF", avif, photo.EndPresent},
		{"AVIF without its data", avif[:600], photo.EndMissing},
		{"MP4", film, photo.EndPresent},
		{"MP4 with the beginnings of one more box", append(bytes.Clone(film), 0, 0, 0), photo.EndMissing},
		{"MP4 whose index is still to come", append(bytes.Clone(film[:20]), box("mdat", []byte("frames"))...), photo.EndMissing},
		{"MP4 with a 64-bit size", join(film[:20], box("moov", []byte("x")), wide), photo.EndPresent},
		{"MP4 that is open-ended", open, photo.EndUnknown},
		{"CR3", cr3, photo.EndPresent},
		{"CR3 without its last byte", cr3[:len(cr3)-1], photo.EndMissing},
		{"TIFF", block(ifd(0, tag(0x0112, 3, 1, 1))), photo.EndUnknown},
		{"RW2", corpusFile(t, "rw2/Issue 419.rw2"), photo.EndUnknown},
		{"text", []byte("no picture at all"), photo.EndUnknown},
		{"nothing", nil, photo.EndUnknown},
	} {
		if got := photo.End(bytes.NewReader(tt.file), int64(len(tt.file))); got != tt.want {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestNoBeginningOfAFileHasAnEnd(t *testing.T) {
	for name, file := range map[string][]byte{
		"JPEG": phototest.JPEG(phototest.Options{Seed: 2, Width: 64, Height: 48, Thumbnail: true}),
		"PNG":  encodedPNG(t, phototest.Picture(2, 40, 30)),
		"WebP": corpusFile(t, "webp/Nikon D1X.webp")[:4000],
		"HEIC": corpusFile(t, "heic/cheers_1440x960.heic"),
		"one-pixel PNG": encodedPNG(t, func() image.Image {
			img := image.NewGray(image.Rect(0, 0, 1, 1))
			img.Set(0, 0, color.White)
			return img
		}()),
	} {
		for n := range file {
			if photo.End(bytes.NewReader(file[:n]), int64(n)) == photo.EndPresent {
				t.Errorf("%s: the first %d of %d bytes count as complete", name, n, len(file))
				break
			}
		}
	}
}

func TestAFileThatShrinksWhileItIsReadHasNoEnd(t *testing.T) {
	jpg := phototest.JPEG(phototest.Options{Seed: 1})
	if got := photo.End(bytes.NewReader(jpg[:len(jpg)/2]), int64(len(jpg))); got == photo.EndPresent {
		t.Error("half a file counts as complete")
	}
}
