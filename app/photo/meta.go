package photo

import (
	"errors"
	"fmt"
	"io"
	"time"
)

// MetaMemory is the bound on what one call of [ReadMeta] allocates in all, in
// bytes. Ordinary files take about 20 KiB.
const MetaMemory = 2 << 20

// ErrNoMeta says that the file has no EXIF that could be read: none at all, a
// kind that carries none, or one too damaged to hold a single field.
var ErrNoMeta = errors.New("no metadata")

// Meta is what a photo says about itself. The zero value of a field means
// that the file does not say.
type Meta struct {
	// Taken is when the picture was taken, with sub-seconds as far as the
	// camera wrote them. With Zoned it is an instant, in the zone of the
	// place. Without, it is the time on the camera's clock as written, kept in
	// UTC for want of a zone: show it, sort by it, but do not convert it.
	Taken time.Time
	Zoned bool

	Orientation int // EXIF orientation 1..8; 0 unknown

	Make, Model, Lens string

	GPS *Position // nil: none, or not a believable one

	// Width and Height are in pixels, as stored: before Orientation.
	Width, Height int

	Title, Description string
	Rating             int // 0..5 stars
	Tags, Persons      []string
}

// Position is a place on Earth, WGS 84.
type Position struct {
	Lat, Lon float64 // degrees; north and east positive
	Alt      float64 // metres above sea level; holds only with HasAlt
	HasAlt   bool
}

// ReadMeta reads the EXIF of a JPEG, PNG, WebP, HEIC, AVIF, TIFF or raw file
// of the given size in bytes.
//
// It reads a few small pieces and never the whole file, allocates less than
// [MetaMemory] and returns at once, whatever the bytes are. A file without
// EXIF gives [ErrNoMeta] together with a Meta that holds Width and Height
// where the format itself states them. Any other error is the reader's own or
// tells of a block that goexif could not take; it is never a reason not to
// carry the photo.
//
// Title, Rating, Tags and Persons are not EXIF's and stay empty. Description
// is EXIF's ImageDescription, unless that is what the camera writes into every
// picture.
func ReadMeta(r io.ReaderAt, size int64) (Meta, error) {
	w := newWindow(r, size)
	c := openContainer(span{w, 0, size})
	m, err := readMeta(c)
	if w.err != nil {
		return Meta{}, fmt.Errorf("read metadata: %w", w.err)
	}
	return m, err
}

func readMeta(c container) (Meta, error) {
	var f fence
	var m Meta
	err := ErrNoMeta
	if block := f.rebuild(c); block != nil {
		m, err = decode(block)
	}
	// What the container states is the picture's; EXIF's numbers can be left
	// over from before an edit. A raw file's largest directory is its picture.
	switch stated := m.Width > 0 && m.Height > 0; {
	case c.kind != RAW && c.width > 0 && c.height > 0:
		m.Width, m.Height = c.width, c.height
	case f.width > 0 && f.height > 0 && (!stated || c.kind == TIFF):
		m.Width, m.Height = f.width, f.height
	case !stated:
		m.Width, m.Height = c.width, c.height
	}
	return m, err
}
