package convert

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"

	"golang.org/x/image/draw"
	"golang.org/x/image/tiff"
	"golang.org/x/image/webp"

	"github.com/photoferry/photoferry/app/photo"
)

// decode decodes a picture of a kind that Go knows; of a film of pictures the
// first one. Its size has been looked at before.
func decode(kind photo.Kind, r *io.SectionReader) (image.Image, error) {
	var img image.Image
	var err error
	b := bufio.NewReaderSize(r, 64<<10)
	switch kind {
	case photo.JPEG:
		img, err = jpeg.Decode(b)
	case photo.PNG:
		img, err = png.Decode(b)
	case photo.GIF:
		img, err = gif.Decode(b)
	case photo.WebP:
		img, err = webp.Decode(b)
	case photo.TIFF:
		img, err = tiff.Decode(r)
	default:
		return nil, fmt.Errorf("nothing here decodes %s files", kind)
	}
	if err != nil {
		return nil, fmt.Errorf("it is damaged, or coded in a way that is not known here: %w", err)
	}
	return img, nil
}

// shrink scales a picture down to a longest side. 0, and pictures that are
// small enough, leave it as it is.
func shrink(img image.Image, side int) image.Image {
	w, h := img.Bounds().Dx(), img.Bounds().Dy()
	long := max(w, h)
	if side <= 0 || long <= side {
		return img
	}
	scaled := func(n int) int { return max(1, (n*side+long/2)/long) }
	small := image.NewRGBA(image.Rect(0, 0, scaled(w), scaled(h)))
	white(small)
	draw.CatmullRom.Scale(small, small.Bounds(), img, img.Bounds(), draw.Over, nil)
	return small
}

func white(img draw.Image) {
	draw.Draw(img, img.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
}

// flat returns a picture in a form that the JPEG encoder takes fast, with
// white where it is transparent.
func flat(img image.Image) image.Image {
	switch i := img.(type) {
	case *image.YCbCr, *image.Gray:
		return img
	case *image.RGBA:
		if i.Opaque() {
			return img
		}
	}
	b := img.Bounds()
	out := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	white(out)
	draw.Draw(out, out.Bounds(), img, b.Min, draw.Over)
	return out
}

// upright turns and mirrors a picture as an EXIF orientation says.
func upright(img image.Image, orientation int) image.Image {
	if orientation < 2 || orientation > 8 {
		return img
	}
	src, ok := flat(img).(*image.RGBA)
	if !ok {
		b := img.Bounds()
		src = image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
		draw.Draw(src, src.Bounds(), img, b.Min, draw.Src)
	}
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	dw, dh := w, h
	if orientation >= 5 {
		dw, dh = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := range dh {
		for x := range dw {
			sx, sy := from(x, y, w, h, orientation)
			copy(dst.Pix[dst.PixOffset(x, y):][:4], src.Pix[src.PixOffset(sx, sy):][:4])
		}
	}
	return dst
}

// from tells which pixel of a picture of w x h comes to (x, y).
func from(x, y, w, h, orientation int) (int, int) {
	switch orientation {
	case 2: // mirrored
		return w - 1 - x, y
	case 3: // upside down
		return w - 1 - x, h - 1 - y
	case 4: // mirrored and upside down
		return x, h - 1 - y
	case 5: // mirrored, on its left side
		return y, x
	case 6: // on its left side: a quarter turn clockwise rights it
		return y, h - 1 - x
	case 7: // mirrored, on its right side
		return w - 1 - y, h - 1 - x
	default: // on its right side
		return w - 1 - y, x
	}
}

// code writes a picture whose pixels lie upright, with the original's
// metadata and the colour profile of the file that it was decoded from.
func (s source) code(w io.Writer, t task, img image.Image, from *io.SectionReader) error {
	img = flat(img)
	var profile []byte
	if _, gray := img.(*image.Gray); !gray { // a profile is for three colours
		var err error
		if profile, err = photo.Profile(from, from.Size()); err != nil {
			return err
		}
	}
	var coded bytes.Buffer
	if err := jpeg.Encode(&coded, img, &jpeg.Options{Quality: t.Quality}); err != nil {
		return fmt.Errorf("code the picture: %w", err)
	}
	return s.dress(w, t, bytes.NewReader(coded.Bytes()), int64(coded.Len()), img.Bounds().Size(), profile)
}

// dress writes a JPEG that lies upright with the original's metadata, and with
// a colour profile besides its own.
func (s source) dress(w io.Writer, t task, jpg io.ReaderAt, size int64, pixels image.Point, profile []byte) error {
	segments, err := photo.Carry(s.f, s.size, photo.Carried{Keep: t.Keep, Width: pixels.X, Height: pixels.Y, Orientation: 1})
	if err != nil {
		return err
	}
	return photo.Redress(w, jpg, size, append(segments, profile...))
}
