package photo

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"slices"

	"golang.org/x/image/draw"
	"golang.org/x/image/webp"
	"golang.org/x/sync/semaphore"
)

// MaxPixels is the largest picture that [Thumbnail] decodes.
const MaxPixels = 120_000_000

// decodeMemory is what all decoders that run at one time may take together,
// in bytes, as estimated by decodeCost.
const decodeMemory = 768 << 20

var (
	// ErrNoThumbnail says that the file holds no picture that can be shown:
	// films, HEIC, AVIF, TIFF and raw files without an embedded JPEG, and
	// files that are no image.
	ErrNoThumbnail = errors.New("no thumbnail")
	// ErrTooLarge says that decoding the picture would take too much memory.
	ErrTooLarge = errors.New("picture too large to decode")
)

var decoding = semaphore.NewWeighted(decodeMemory)

// Thumbnail returns a picture of the file whose longer side is at most edge
// pixels and whose corner is at (0,0), the right way up: the EXIF orientation
// is applied. It never enlarges.
//
// An embedded preview is taken where it is large enough and has the picture's
// shape; otherwise a JPEG, PNG, GIF (its first frame) or WebP is decoded and
// scaled down. Where it cannot be decoded, a smaller preview is better than
// nothing. HEIC, AVIF, TIFF and raw files only have their previews.
//
// It refuses more than [MaxPixels], or what would take more than 768 MiB (16
// bits a channel, progressive JPEG), with [ErrTooLarge] before it decodes
// anything, and waits while other decoders hold that memory; the context ends
// the wait and the decoding. Errors: [ErrNoThumbnail], [ErrTooLarge], the
// context's, the reader's, or the decoder's for a broken picture.
func Thumbnail(ctx context.Context, r io.ReaderAt, size int64, edge int) (image.Image, error) {
	return thumbnail(ctx, r, size, edge, MaxPixels)
}

func thumbnail(ctx context.Context, r io.ReaderAt, size int64, edge, maxPixels int) (img image.Image, err error) {
	if edge <= 0 {
		return nil, fmt.Errorf("thumbnail: edge is %d pixels", edge)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("thumbnail: %w", err)
	}
	w := newWindow(r, size)
	c := openContainer(span{w, 0, size})
	var f fence
	var m layer
	if block := f.rebuild(c); block != nil {
		m, _ = decode(block) // without it the picture is shown as it lies
	}
	if w.err != nil {
		return nil, fmt.Errorf("thumbnail: %w", w.err)
	}

	err = ErrNoThumbnail
	for i, p := range candidates(c, span{r, 0, size}, f.previews, r, edge) {
		small, derr := p.decode(ctx, edge, maxPixels)
		if derr == nil {
			return upright(small, m.Orientation), nil
		}
		if ctx.Err() != nil {
			return nil, fmt.Errorf("thumbnail: %w", ctx.Err())
		}
		if i == 0 || p.main { // the error that says most
			err = derr
		}
	}
	return nil, fmt.Errorf("thumbnail: %w", err)
}

// picture is one encoded picture in a file: the file itself or a preview.
type picture struct {
	kind          Kind
	data          span
	width, height int
	bytesPerPixel int64 // what the decoder takes, roughly, at its peak
	main          bool
}

func (p picture) longSide() int { return max(p.width, p.height) }

// candidates lists the pictures of a file in the order in which they are worth
// trying: previews that are large enough, the smallest first; the file's own
// picture; smaller previews, the largest first.
func candidates(c container, file span, previews []span, r io.ReaderAt, edge int) []picture {
	var list []picture
	own := picture{kind: c.kind, data: file, width: c.width, height: c.height, bytesPerPixel: c.decodeCost(), main: true}
	hasOwn := own.bytesPerPixel > 0
	if hasOwn {
		list = append(list, own)
	}
	for _, preview := range previews {
		var pc container
		pc.kind = JPEG
		pc.walkJPEG(preview)
		preview.r = r // decoders read long stretches, which the window would only copy
		p := picture{kind: JPEG, data: preview, width: pc.width, height: pc.height, bytesPerPixel: pc.decodeCost()}
		// A preview of another shape than the picture is letterboxed, or left
		// over from before a crop.
		if p.bytesPerPixel == 0 || hasOwn && !sameShape(p, own) {
			continue
		}
		list = append(list, p)
	}
	enough := edge
	if hasOwn {
		enough = min(edge, own.longSide())
	}
	rank := func(p picture) int {
		switch {
		case p.main:
			return 1
		case p.longSide() >= enough:
			return 0
		}
		return 2
	}
	slices.SortStableFunc(list, func(a, b picture) int {
		if order := cmp.Compare(rank(a), rank(b)); order != 0 {
			return order
		}
		if rank(a) == 0 {
			return cmp.Compare(a.longSide(), b.longSide())
		}
		return cmp.Compare(b.longSide(), a.longSide())
	})
	return list
}

// sameShape allows a preview's sides to be rounded to whole pixels, and to
// whole blocks of eight.
func sameShape(preview, own picture) bool {
	want := float64(preview.width) * float64(own.height) / float64(own.width)
	return math.Abs(want-float64(preview.height)) <= 4 || math.Abs(want-float64(preview.height)) <= 0.02*want
}

// decodeCost is how many bytes the decoder of this kind takes per pixel at its
// peak, including what it keeps besides the picture; 0 if there is no decoder.
func (c container) decodeCost() int64 {
	if c.width <= 0 || c.height <= 0 {
		return 0
	}
	switch c.kind {
	case JPEG:
		switch c.frame {
		case 0xc0, 0xc1:
			return 4
		case 0xc2: // progressive: all coefficients as 32-bit numbers
			return 16
		}
	case PNG:
		if c.depth > 8 {
			return 12
		}
		return 6
	case GIF:
		return 2
	case WebP:
		return 8
	}
	return 0
}

// decode decodes the picture and scales it down to the edge.
func (p picture) decode(ctx context.Context, edge, maxPixels int) (small *image.RGBA, err error) {
	defer func() {
		if r := recover(); r != nil {
			small, err = nil, fmt.Errorf("decode %s: %v", p.kind, r)
		}
	}()
	pixels := int64(p.width) * int64(p.height)
	width, _ := fit(p.width, p.height, edge)
	cost := pixels*p.bytesPerPixel + scaleCost*int64(width)*int64(p.height)
	if pixels > int64(maxPixels) || cost > decodeMemory {
		return nil, fmt.Errorf("%w: %d x %d pixels", ErrTooLarge, p.width, p.height)
	}
	if err := decoding.Acquire(ctx, cost); err != nil {
		return nil, err
	}
	defer decoding.Release(cost)

	r := bufio.NewReaderSize(&interruptible{ctx, p.data.section()}, 64<<10)
	var img image.Image
	switch p.kind {
	case JPEG:
		img, err = jpeg.Decode(r)
	case PNG:
		img, err = png.Decode(r)
	case GIF:
		img, err = gif.Decode(r)
	case WebP:
		img, err = webp.Decode(r)
	default:
		return nil, ErrNoThumbnail
	}
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", p.kind, err)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	width, height := fit(img.Bounds().Dx(), img.Bounds().Dy(), edge)
	small = image.NewRGBA(image.Rect(0, 0, width, height))
	draw.BiLinear.Scale(small, small.Bounds(), img, img.Bounds(), draw.Src, nil)
	return small, nil
}

// scaleCost is what the scaler takes per pixel of its intermediate picture,
// which is as wide as the result and as high as the source.
const scaleCost = 32

// fit scales a size down, never up, to have no side longer than edge and none
// shorter than one pixel.
func fit(width, height, edge int) (int, int) {
	long := max(width, height)
	if long <= edge {
		return width, height
	}
	scaled := func(side int) int { return max(1, int((int64(side)*int64(edge)+int64(long)/2)/int64(long))) }
	return scaled(width), scaled(height)
}

// interruptible stops a decoder that is reading when the context ends.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

func (i *interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}

// upright turns and mirrors a picture as an EXIF orientation says.
func upright(src *image.RGBA, orientation int) *image.RGBA {
	if orientation < 2 || orientation > 8 {
		return src
	}
	w, h := src.Bounds().Dx(), src.Bounds().Dy()
	dw, dh := w, h
	if orientation >= 5 {
		dw, dh = h, w
	}
	dst := image.NewRGBA(image.Rect(0, 0, dw, dh))
	for y := range dh {
		for x := range dw {
			sx, sy := x, y
			switch orientation {
			case 2: // mirrored
				sx = w - 1 - x
			case 3: // upside down
				sx, sy = w-1-x, h-1-y
			case 4: // mirrored and upside down
				sy = h - 1 - y
			case 5: // mirrored, on its left side
				sx, sy = y, x
			case 6: // on its left side: a quarter turn clockwise rights it
				sx, sy = y, h-1-x
			case 7: // mirrored, on its right side
				sx, sy = w-1-y, h-1-x
			case 8: // on its right side
				sx, sy = w-1-y, x
			}
			copy(dst.Pix[dst.PixOffset(x, y):][:4], src.Pix[src.PixOffset(sx, sy):][:4])
		}
	}
	return dst
}
