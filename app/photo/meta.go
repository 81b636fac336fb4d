package photo

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"time"
)

// MetaMemory is the bound on what one call of [ReadMeta] allocates in all, in
// bytes. Ordinary files take about 20 KiB, those with XMP about 100.
const MetaMemory = 8 << 20

// ErrNoMeta says that the file has no metadata that could be read: none at
// all, a kind that carries none, or one too damaged to hold a single field.
var ErrNoMeta = errors.New("no metadata")

// Meta is what a photo says about itself. The zero value of a field means
// that the file does not say.
type Meta struct {
	// Taken is when the picture was taken, with sub-seconds as far as the
	// camera wrote them. With Zoned it is an instant, in the zone of the
	// place. Without, it is the time on the camera's clock as written, kept in
	// UTC for want of a zone: show it, sort by it, but do not convert it.
	// A film's is always an instant, in UTC, since films do not tell the zone.
	Taken time.Time
	Zoned bool
	// GPSTime is what the satellites' clock said, in UTC. ZoneByGPS says that
	// Taken's zone is not written in the file but follows from it.
	GPSTime   time.Time
	ZoneByGPS bool

	Orientation int // EXIF orientation 1..8; 0 unknown

	Make, Model, Lens string

	GPS *Position // nil: none, or not a believable one

	// Width and Height are in pixels, as stored: before Orientation.
	Width, Height int

	Title, Description string
	Creator            string // several are separated by "; "
	Rating             int    // 0..5 stars
	Tags               []string
	TagPaths           [][]string // hierarchical keywords, each from the top down
	Persons            []string
	Place              Place
}

// Position is a place on Earth, WGS 84.
type Position struct {
	Lat, Lon float64 // degrees; north and east positive
	Alt      float64 // metres above sea level; holds only with HasAlt
	HasAlt   bool
}

// Place is where a picture was taken, in a person's words.
type Place struct {
	Location    string // within the city
	City, State string
	Country     string
	CountryCode string // two or three letters of ISO 3166, as written
}

// ReadMeta reads EXIF, IPTC and XMP of a JPEG, PNG, GIF, WebP, HEIC, AVIF,
// TIFF or raw file of the given size in bytes, and the date of a film.
// docs/metadata.md says which source goes first for which field.
//
// It reads a few small pieces and never the whole file, allocates less than
// [MetaMemory] and returns at once, whatever the bytes are. A file without
// metadata gives [ErrNoMeta] together with a Meta that holds Width and Height
// where the format itself states them. An error of the reader gives nothing.
// Any other error tells of a source that could not be read while the others,
// if there are any, could: the Meta holds what they say. It is never a reason
// not to carry the photo.
//
// EXIF's ImageDescription does not count where it is what the camera writes
// into every picture.
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
	var exif layer
	var errs []error
	if block := f.rebuild(c); block != nil {
		var err error
		if exif, err = decode(block); err != nil {
			errs = append(errs, err)
		}
	}
	iptc, err := decodeIPTC(iptcBlock(append(c.iptc, f.iptc...)))
	if err != nil {
		errs = append(errs, fmt.Errorf("decode IPTC: %w", err))
	}
	if c.xmp.n == 0 {
		c.xmp = f.xmp
	}
	xmp, err := packetLayer(c.xmp, c.packed)
	if err != nil {
		errs = append(errs, fmt.Errorf("decode XMP: %w", err))
	}

	m := merge(exif, iptc, xmp)
	if m.Taken.IsZero() && !c.taken.IsZero() {
		m.Taken, m.Zoned = c.taken, true
	}
	if len(errs) == 0 && reflect.ValueOf(m).IsZero() {
		errs = append(errs, ErrNoMeta)
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
	return m, errors.Join(errs...)
}

// packetLayer reads the XMP packet at a place, if there is one.
func packetLayer(s span, packed bool) (layer, error) {
	packet, err := readXMP(s, packed)
	if err != nil || packet == nil {
		return layer{}, err
	}
	l, err := decodeXMP(packet)
	if errors.Is(err, errXMPEmpty) { // space that is set aside for one
		err = nil
	}
	return l, err
}
