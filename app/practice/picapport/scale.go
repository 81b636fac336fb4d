package picapport

import (
	"bufio"
	"bytes"
	"image"
	"image/jpeg"
	"io"
	"net/http"
	"strconv"

	"golang.org/x/image/draw"
)

// Bounds on what a call may make the server hold in memory. [CHOICE]
const (
	maxSide   = 16384
	maxPixels = 200_000_000
)

type dimensions struct{ width, height int }

// fit says how a picture is brought to a wanted size [S6]: to one given side, with the
// aspect kept; into a rectangle as large as it gets, where the rectangle may lie on its
// side; or, for a square, over the whole of it, with what hangs over cut off on both
// sides. crop is the part of the picture that is used.
func fit(have, want dimensions) (out dimensions, crop image.Rectangle) {
	w, h := float64(have.width), float64(have.height)
	crop = image.Rect(0, 0, have.width, have.height)
	var scale float64
	switch {
	case want.height == 0:
		scale = float64(want.width) / w
	case want.width == 0:
		scale = float64(want.height) / h
	case want.width == want.height:
		side := min(have.width, have.height)
		x, y := (have.width-side)/2, (have.height-side)/2
		return want, image.Rect(x, y, x+side, y+side)
	default:
		a, b := float64(want.width), float64(want.height)
		scale = max(min(a/w, b/h), min(b/w, a/h))
	}
	return dimensions{max(1, int(w*scale+0.5)), max(1, int(h*scale+0.5))}, crop
}

// scaled answers with a photo in another size. The picture is turned upright first, as
// the original's orientation is lost with its metadata [CHOICE].
func (c *call) scaled(p photo, want dimensions, quality int) error {
	f, err := c.openJPEG(p)
	if err != nil {
		return err
	}
	defer f.Close() // only read

	select {
	case c.decoding <- struct{}{}:
		defer func() { <-c.decoding }()
	case <-c.r.Context().Done():
		return refuse(http.StatusInternalServerError, "Cancelled")
	}
	info := inspect(bufio.NewReaderSize(f, bufferSize))
	if info.width*info.height > maxPixels {
		return refuse(http.StatusInternalServerError, "Picture is too large")
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	pic, err := jpeg.Decode(bufio.NewReaderSize(f, bufferSize))
	if err != nil {
		// A broken picture was accepted and cannot be shown: an internal fault [CHOICE].
		return refuse(http.StatusInternalServerError, "Picture cannot be read")
	}
	if turned(info.orientation) {
		want.width, want.height = want.height, want.width
	}
	size, crop := fit(dimensions{pic.Bounds().Dx(), pic.Bounds().Dy()}, want)
	if size.width > maxSide || size.height > maxSide {
		return refuse(http.StatusBadRequest, "Size is out of range")
	}
	small := image.NewRGBA(image.Rect(0, 0, size.width, size.height))
	draw.BiLinear.Scale(small, small.Bounds(), pic, crop.Add(pic.Bounds().Min), draw.Src, nil)
	var out bytes.Buffer
	if err := jpeg.Encode(&out, upright(small, info.orientation), &jpeg.Options{Quality: quality}); err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "image/jpeg")
	c.w.Header().Set("Content-Length", strconv.Itoa(out.Len()))
	_, _ = c.w.Write(out.Bytes()) // the client may have gone
	return nil
}

// turned reports whether an EXIF orientation exchanges width and height.
func turned(orientation int) bool { return orientation >= 5 && orientation <= 8 }

// upright undoes an EXIF orientation.
func upright(in *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return in
	}
	w, h := in.Bounds().Dx(), in.Bounds().Dy()
	ow, oh := w, h
	if turned(orientation) {
		ow, oh = h, w
	}
	out := image.NewRGBA(image.Rect(0, 0, ow, oh))
	for y := range oh {
		for x := range ow {
			sx, sy := x, y
			switch orientation {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, h-1-x
			case 7:
				sx, sy = w-1-y, h-1-x
			case 8:
				sx, sy = w-1-y, x
			}
			copy(out.Pix[out.PixOffset(x, y):][:4], in.Pix[in.PixOffset(sx, sy):][:4])
		}
	}
	return out
}
