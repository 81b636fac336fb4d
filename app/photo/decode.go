package photo

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/rwcarlsen/goexif/exif"
	gotiff "github.com/rwcarlsen/goexif/tiff"
)

// ratingField is the stars that Windows writes, which goexif does not know.
const ratingField exif.FieldName = "Rating"

// offsetFields are the time zone tags of EXIF 2.31, which are younger than goexif.
var offsetFields = map[uint16]exif.FieldName{
	0x9010: "OffsetTime",
	0x9011: "OffsetTimeOriginal",
	0x9012: "OffsetTimeDigitized",
}

// offsetTimes loads them. It is called directly instead of being registered,
// because goexif's list of parsers is global.
type offsetTimes struct{}

var _ exif.Parser = offsetTimes{}

// Parse implements [exif.Parser].
func (offsetTimes) Parse(x *exif.Exif) error {
	tag, err := x.Get(exif.ExifIFDPointer)
	if err != nil {
		return nil // no EXIF directory
	}
	at, err := tag.Int64(0)
	if err != nil {
		return err
	}
	r := bytes.NewReader(x.Raw)
	if _, err := r.Seek(at, 0); err != nil {
		return err
	}
	dir, _, err := gotiff.DecodeDir(r, x.Tiff.Order)
	if err != nil {
		return err
	}
	x.LoadTags(dir, offsetFields, false)
	return nil
}

// decode has goexif read a block that the fence built.
func decode(block []byte) (l layer, err error) {
	defer func() {
		if p := recover(); p != nil {
			l, err = layer{}, fmt.Errorf("decode EXIF: %v", p)
		}
	}()
	x, err := exif.Decode(bytes.NewReader(block))
	if err != nil && exif.IsCriticalError(err) {
		return layer{}, fmt.Errorf("decode EXIF: %w", err)
	}
	if err := (offsetTimes{}).Parse(x); err != nil {
		return layer{}, fmt.Errorf("decode EXIF time zones: %w", err)
	}
	if len(x.Tiff.Dirs) > 0 {
		x.LoadTags(x.Tiff.Dirs[0], map[uint16]exif.FieldName{tagRating: ratingField}, false)
	}
	f := fields{x}
	var m Meta
	m.Make, m.Model, m.Lens = f.text(exif.Make), f.text(exif.Model), f.text(exif.LensModel)
	if o := f.number(exif.Orientation); o >= 1 && o <= 8 {
		m.Orientation = o
	}
	m.Width, m.Height = f.number(exif.PixelXDimension), f.number(exif.PixelYDimension)
	m.GPS = f.position()
	f.taken(&m)
	m.Title = f.wide(exif.XPTitle)
	for _, d := range []string{f.text(exif.ImageDescription), f.wide(exif.XPComment)} {
		if m.Description == "" && !boilerplate(d, m.Make, m.Model) {
			m.Description = d
		}
	}
	m.Creator = cmp.Or(f.text(exif.Artist), f.wide(exif.XPAuthor))
	m.Tags = clean(strings.Split(f.wide(exif.XPKeywords), ";"))
	m.Rating = min(f.number(ratingField), 5)
	return layer{Meta: m}, nil
}

// fields reads single values from what goexif decoded; absent and unfit ones
// are zero.
type fields struct{ x *exif.Exif }

// text returns a tag as clean text (see [cleanText]).
func (f fields) text(name exif.FieldName) string {
	tag, err := f.x.Get(name)
	if err != nil {
		return ""
	}
	s, err := tag.StringVal()
	if err != nil {
		return ""
	}
	return cleanText(s)
}

// wide returns one of Windows' tags, which hold UTF-16 whatever the block's
// byte order.
func (f fields) wide(name exif.FieldName) string {
	tag, err := f.x.Get(name)
	if err != nil {
		return ""
	}
	return cleanText(fromUTF16(tag.Val, binary.LittleEndian))
}

// fromBytes reads text that is not valid UTF-8: as UTF-8 that the fence cut
// off within a character, else as Latin-1.
func fromBytes(s string) string {
	for cut := 1; cut < utf8.UTFMax && cut < len(s); cut++ {
		if head := s[:len(s)-cut]; utf8.ValidString(head) && utf8.RuneStart(s[len(s)-cut]) && !utf8.FullRuneInString(s[len(s)-cut:]) {
			return head
		}
	}
	var b strings.Builder
	for i := range len(s) {
		b.WriteRune(rune(s[i]))
	}
	return b.String()
}

func (f fields) number(name exif.FieldName) int {
	tag, err := f.x.Get(name)
	if err != nil {
		return 0
	}
	n, err := tag.Int(0)
	if err != nil {
		return 0
	}
	return n
}

// rational returns the i-th value of a tag; NaN where it is absent or its
// denominator is 0.
func (f fields) rational(name exif.FieldName, i int) float64 {
	tag, err := f.x.Get(name)
	if err != nil {
		return math.NaN()
	}
	num, den, err := tag.Rat2(i)
	if err != nil || den == 0 {
		return math.NaN()
	}
	return float64(num) / float64(den)
}

// position returns a believable place or nil.
func (f fields) position() *Position {
	lat, lon, err := f.x.LatLong()
	if err != nil {
		return nil
	}
	p := newPosition(lat, lon)
	if p != nil {
		p.setAltitude(f.rational(exif.GPSAltitude, 0), f.number(exif.GPSAltitudeRef) == 1)
	}
	return p
}

// newPosition returns a believable place or nil. Cameras that look for
// satellites write 0/0, which is not a number, or 0,0, a spot in the Atlantic
// where few photos are taken.
func newPosition(lat, lon float64) *Position {
	if !(math.Abs(lat) <= 90) || !(math.Abs(lon) <= 180) || lat == 0 && lon == 0 {
		return nil
	}
	return &Position{Lat: lat, Lon: lon}
}

// setAltitude takes a height, or a depth, that can be one: nothing of ours is
// higher than an airliner flies or deeper than the sea.
func (p *Position) setAltitude(metres float64, below bool) {
	if !(math.Abs(metres) <= 100_000) {
		return
	}
	p.Alt, p.HasAlt = metres, true
	if below {
		p.Alt = -metres
	}
}

// boilerplates are descriptions that cameras and phones write into every
// picture, in lower case.
var boilerplates = []string{
	"", "default", "dcim", "dsc", "untitled", "picture", "image", "photo", "ascii",
	"digital camera", "digital still camera", "exif_jpeg_picture", "exif jpeg", "jpeg", "hdr", "edf",
	"sony dsc", "kodak digital still camera", "minolta dsc", "my beautiful picture", "screenshot",
	"applemark", "cof", "dav", "mde", "nor", "oznor", "ptr", "rhdr", "sdr", "sdr_hdrb", "tof", "vsco", "cnd",
}

// boilerplate reports whether a description says nothing about the picture.
func boilerplate(description, maker, model string) bool {
	d := strings.ToLower(strings.TrimSpace(description))
	return slices.Contains(boilerplates, d) ||
		strings.HasSuffix(d, " digital camera") || // OLYMPUS, PENTAX, KONICA MINOLTA, SAMSUNG ...
		strings.HasPrefix(d, "<") && strings.HasSuffix(d, ">") || // <Digimax i5, KENOX Q1>, <KENOX>
		strings.HasPrefix(d, "lead technologies") ||
		strings.HasPrefix(d, "processed with vsco") ||
		d == strings.ToLower(maker) || d == strings.ToLower(model) ||
		strings.Trim(d, "-_. ") == ""
}
