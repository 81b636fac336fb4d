package photo_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
)

const (
	makeTag, modelTag, descriptionTag        = 0x010f, 0x0110, 0x010e
	originalTag, digitizedTag                = 0x9003, 0x9004
	offsetTag, offsetOriginal, offsetDigital = 0x9010, 0x9011, 0x9012
	subSecOriginal, subSecDigital            = 0x9291, 0x9292
)

// stamp is what the satellites' clock adds to the GPS directory.
func stamp(date string, h, m, s uint32) []value {
	return []value{rats(7, h, 1, m, 1, s, 1), str(0x1d, date)}
}

func TestTimeRule(t *testing.T) {
	const at = "2026:07:14 18:30:05"
	wall := time.Date(2026, 7, 14, 18, 30, 5, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		exif  []value
		gps   []value
		want  time.Time // the zero time: none
		zoned bool
	}{
		{"no zone", []value{str(originalTag, at)}, nil, wall, false},
		{"sub-seconds", []value{str(originalTag, at), str(subSecOriginal, "07")}, nil, wall.Add(70 * time.Millisecond), false},
		{"sub-seconds with blanks", []value{str(originalTag, at), str(subSecOriginal, " 5  ")}, nil, wall.Add(500 * time.Millisecond), false},
		{"sub-seconds that are no digits", []value{str(originalTag, at), str(subSecOriginal, "-1")}, nil, wall, false},
		{"sub-seconds beyond nanoseconds", []value{str(originalTag, at), str(subSecOriginal, "1234567891")}, nil, wall, false},
		{"the original's zone", []value{str(originalTag, at), str(offsetTag, "+09:00"), str(offsetOriginal, "+02:00")}, nil, wall.Add(-2 * time.Hour), true},
		{"a zone west of Greenwich", []value{str(originalTag, at), str(offsetOriginal, "-03:30")}, nil, wall.Add(3*time.Hour + 30*time.Minute), true},
		{"UTC", []value{str(originalTag, at), str(offsetOriginal, "+00:00")}, nil, wall, true},
		{"a blank zone, then the file's", []value{str(originalTag, at), str(offsetOriginal, "   :  "), str(offsetTag, "+01:00")}, nil, wall.Add(-time.Hour), true},
		{"a blank zone only", []value{str(originalTag, at), str(offsetOriginal, "   :  ")}, nil, wall, false},
		{"zones that are none", []value{str(originalTag, at), str(offsetOriginal, "+25:00"), str(offsetTag, "+01:75")}, nil, wall, false},
		{"a zone with text behind it", []value{str(originalTag, at), str(offsetOriginal, "+02:00Z")}, nil, wall, false},
		{"the zone from the satellites", []value{str(originalTag, at)}, stamp("2026:07:14", 16, 30, 5), wall.Add(-2 * time.Hour), true},
		{"the same with dashes in the date", []value{str(originalTag, at)}, stamp("2026-07-14", 16, 30, 5), wall.Add(-2 * time.Hour), true},
		{"the satellites' time of some seconds ago", []value{str(originalTag, at)}, stamp("2026:07:14", 16, 29, 48), wall.Add(-2 * time.Hour), true},
		{"the satellites' time of some minutes ago", []value{str(originalTag, at)}, stamp("2026:07:14", 16, 26, 5), wall, false},
		{"the satellites across midnight", []value{str(originalTag, "2026:07:15 01:00:00")}, stamp("2026:07:14", 15, 15, 0), time.Date(2026, 7, 14, 15, 15, 0, 0, time.UTC), true},
		{"the satellites too far off", []value{str(originalTag, at)}, stamp("2026:07:13", 16, 30, 5), wall, false},
		{"the satellites without a date", []value{str(originalTag, at)}, stamp("", 16, 30, 5), wall, false},
		{"the satellites with nonsense", []value{str(originalTag, at)}, []value{rats(7, 16, 0, 0, 0, 0, 0), str(0x1d, "2026:07:14")}, wall, false},
		{"a zone goes before the satellites", []value{str(originalTag, at), str(offsetOriginal, "+01:00")}, stamp("2026:07:14", 16, 30, 5), wall.Add(-time.Hour), true},
		{"the digitized time", []value{str(digitizedTag, at), str(subSecDigital, "25"), str(offsetDigital, "+02:00")}, nil, wall.Add(-2*time.Hour + 250*time.Millisecond), true},
		{"the original's zone is not the digitized time's", []value{str(digitizedTag, at), str(offsetOriginal, "+02:00")}, nil, wall, false},
		{"an unset clock", []value{str(originalTag, "0000:00:00 00:00:00")}, nil, time.Time{}, false},
		{"an unset clock, then the digitized time", []value{str(originalTag, "    :  :     :  :  "), str(digitizedTag, at)}, nil, wall, false},
		{"an impossible date", []value{str(originalTag, "2026:02:30 10:00:00")}, nil, time.Time{}, false},
		{"a zone without a time", []value{str(offsetOriginal, "+02:00")}, nil, time.Time{}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := read(t, layout([]value{str(makeTag, "ACME")}, tt.exif, tt.gps))
			if !m.Taken.Equal(tt.want) || m.Zoned != tt.zoned {
				t.Errorf("got %v, zoned %v; want %v, zoned %v", m.Taken, m.Zoned, tt.want, tt.zoned)
			}
			if !m.Zoned && m.Taken.Location() != time.UTC {
				t.Errorf("a time without a zone is kept in %v", m.Taken.Location())
			}
		})
	}
}

func TestTimesDoNotDependOnThisMachinesZone(t *testing.T) {
	saved := time.Local
	t.Cleanup(func() { time.Local = saved })
	for _, zone := range []*time.Location{time.UTC, time.FixedZone("far west", -11*3600), time.FixedZone("far east", 13*3600)} {
		time.Local = zone
		m := read(t, layout([]value{str(makeTag, "ACME")}, []value{str(originalTag, "2026:07:14 18:30:05")}, nil))
		if got := m.Taken.Format(time.RFC3339); got != "2026-07-14T18:30:05Z" {
			t.Errorf("in %v: %s", zone, got)
		}
	}
}

func TestGPS(t *testing.T) {
	place := func(ns, ew string, lat, lon []uint32, more ...value) []value {
		return append([]value{str(1, ns), rats(2, lat...), str(3, ew), rats(4, lon...)}, more...)
	}
	ref := func(v byte) value { return value{5, 1, 1, []byte{v}} }
	north, east := []uint32{48, 1, 51, 1, 2820, 100}, []uint32{2, 1, 17, 1, 4020, 100}
	for _, tt := range []struct {
		name string
		gps  []value
		want *photo.Position
	}{
		{"north and east", place("N", "E", north, east), &photo.Position{Lat: 48.8578333, Lon: 2.2945}},
		{"south and west", place("S", "W", north, east), &photo.Position{Lat: -48.8578333, Lon: -2.2945}},
		{"with a height", place("N", "E", north, east, ref(0), rats(6, 355, 10)), &photo.Position{Lat: 48.8578333, Lon: 2.2945, Alt: 35.5, HasAlt: true}},
		{"below the sea", place("N", "E", north, east, ref(1), rats(6, 355, 10)), &photo.Position{Lat: 48.8578333, Lon: 2.2945, Alt: -35.5, HasAlt: true}},
		{"with a height of 0/0", place("N", "E", north, east, ref(0), rats(6, 0, 0)), &photo.Position{Lat: 48.8578333, Lon: 2.2945}},
		{"on the equator", place("N", "E", []uint32{0, 1, 0, 1, 0, 1}, east), &photo.Position{Lat: 0, Lon: 2.2945}},
		{"with more parts than three", place("N", "E", append([]uint32{48, 1, 51, 1, 2820, 100}, 9, 1), east), &photo.Position{Lat: 48.8578333, Lon: 2.2945}},
		{"0/0", place("N", "E", []uint32{0, 0, 0, 0, 0, 0}, []uint32{0, 0, 0, 0, 0, 0}), nil},
		{"seconds of 0/0", place("N", "E", []uint32{48, 1, 51, 1, 0, 0}, east), nil},
		{"1/0", place("N", "E", []uint32{1, 0, 0, 1, 0, 1}, east), nil},
		{"0,0", place("N", "E", []uint32{0, 1, 0, 1, 0, 1}, []uint32{0, 1, 0, 1, 0, 1}), nil},
		{"beyond the pole", place("N", "E", []uint32{90, 1, 0, 1, 1, 1}, east), nil},
		{"beyond the date line", place("N", "E", north, []uint32{180, 1, 0, 1, 1, 1}), nil},
		{"no longitude", []value{str(1, "N"), rats(2, north...)}, nil},
		{"no hemisphere", []value{rats(2, north...), rats(4, east...)}, nil},
		{"one rational of three", place("N", "E", []uint32{48, 1}, east), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := read(t, layout([]value{str(makeTag, "ACME")}, nil, tt.gps)).GPS
			if (got == nil) != (tt.want == nil) {
				t.Fatalf("got %+v, want %+v", got, tt.want)
			}
			if got == nil {
				return
			}
			if math.Abs(got.Lat-tt.want.Lat) > 1e-6 || math.Abs(got.Lon-tt.want.Lon) > 1e-6 || got.Alt != tt.want.Alt || got.HasAlt != tt.want.HasAlt {
				t.Errorf("got %+v, want %+v", *got, *tt.want)
			}
		})
	}
}

func TestTextIsCleanedUp(t *testing.T) {
	raw := func(id uint16, typ uint16, s string) value { return value{id, typ, uint32(len(s)), []byte(s)} }
	for _, tt := range []struct {
		name string
		v    value
		want string
	}{
		{"blanks and NULs around it", raw(modelTag, 2, "  X100   \x00\x00\x00"), "X100"},
		{"rubbish behind a NUL", raw(modelTag, 2, "X100\x00\xff\xfe\xfd"), "X100"},
		{"no NUL at all", raw(modelTag, 2, "X100V"), "X100V"},
		{"UTF-8", raw(modelTag, 2, "Caméra Ω\x00"), "Caméra Ω"},
		{"UTF-8 by its own type", raw(modelTag, 129, "Caméra Ω\x00"), "Caméra Ω"},
		{"Latin-1", raw(modelTag, 2, "Cam\xe9ra\x00"), "Caméra"},
		{"control characters", raw(modelTag, 2, "X\x07\x1b[31m100\x00"), "X[31m100"},
		{"undefined type", raw(modelTag, 7, "X100\x00"), "X100"},
		{"three letters, kept in the entry itself", raw(modelTag, 2, "X1\x00"), "X1"},
		{"too long", raw(modelTag, 2, strings.Repeat("x", 10_000)), strings.Repeat("x", 256)},
		{"too long, cut within a character", raw(modelTag, 2, "x"+strings.Repeat("é", 5_000)), "x" + strings.Repeat("é", 127)},
		{"numbers", value{modelTag, 3, 2, []byte{1, 0, 2, 0}}, ""},
	} {
		m := read(t, layout([]value{str(makeTag, "ACME"), tt.v}, nil, nil))
		if m.Model != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, m.Model, tt.want)
		}
	}
}

func TestDescriptionsOfCamerasAreLeftOut(t *testing.T) {
	for description, want := range map[string]string{
		"The harbour at night":            "The harbour at night",
		"Olympus trip, digital cameras":   "Olympus trip, digital cameras",
		"OLYMPUS DIGITAL CAMERA         ": "",
		"KONICA MINOLTA DIGITAL CAMERA":   "",
		"SONY DSC":                        "",
		"          ":                      "",
		"<Digimax S500>":                  "",
		"Exif_JPEG_PICTURE":               "",
		"ACME":                            "",
		"box 1":                           "",
		"default":                         "",
		"---":                             "",
	} {
		m := read(t, layout([]value{str(descriptionTag, description), str(makeTag, "ACME"), str(modelTag, "Box 1")}, nil, nil))
		if m.Description != want {
			t.Errorf("%q became %q, want %q", description, m.Description, want)
		}
	}
}

func TestTheFirstDirectorysOrientationCounts(t *testing.T) {
	b := layout([]value{str(makeTag, "ACME"), short(orientationTag, 6)}, []value{short(orientationTag, 3), str(0xa434, "50mm")}, nil)
	m := read(t, b)
	if m.Orientation != 6 || m.Lens != "50mm" {
		t.Errorf("got %+v", m)
	}
	if m := read(t, layout([]value{str(makeTag, "ACME"), short(orientationTag, 9)}, nil, nil)); m.Orientation != 0 {
		t.Errorf("orientation 9 became %d", m.Orientation)
	}
}

// TestContainers puts one block into every format that can hold it.
func TestContainers(t *testing.T) {
	exif := layout([]value{str(makeTag, "ACME"), short(orientationTag, 6)}, []value{str(originalTag, "2026:07:14 18:30:05")}, nil)
	intro := []byte("Exif\x00\x00")
	chunk := func(typ string, body []byte) []byte {
		b := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), typ...)
		return append(append(b, body...), 0, 0, 0, 0)
	}
	riff := func(typ string, body []byte) []byte {
		b := append(append([]byte(typ), le.AppendUint32(nil, uint32(len(body)))...), body...)
		return append(b, make([]byte, len(body)%2)...)
	}
	ihdr := chunk("IHDR", []byte{0, 0, 0, 4, 0, 0, 0, 3, 8, 2, 0, 0, 0})
	vp8x := riff("VP8X", []byte{8, 0, 0, 0, 3, 0, 0, 2, 0, 0})
	bigEndian := func(n int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(n)) }
	heif := func(brand string, infe, iloc func(at, n int) []byte) []byte {
		item := append([]byte{0, 0, 0, 6}, append(intro, exif...)...)
		build := func(at int) []byte {
			meta := box("meta", make([]byte, 4), infe(at, len(item)), iloc(at, len(item)))
			return append(box("ftyp", []byte(brand+"\x00\x00\x00\x00"+brand)), meta...)
		}
		head := build(0)
		return append(build(len(head)+8), box("mdat", item)...)
	}
	infe2 := func(_, _ int) []byte {
		return box("iinf", []byte{0, 0, 0, 0, 0, 2},
			box("infe", []byte("\x02\x00\x00\x00\x00\x01\x00\x00hvc1\x00")), box("infe", []byte("\x02\x00\x00\x00\x00\x02\x00\x00Exif\x00")))
	}
	infe3 := func(_, _ int) []byte {
		return box("iinf", []byte{1, 0, 0, 0, 0, 0, 0, 1}, box("infe", []byte("\x03\x00\x00\x00\x00\x00\x00\x02\x00\x00Exif\x00")))
	}
	iloc0 := func(at, n int) []byte {
		return box("iloc", []byte{0, 0, 0, 0, 0x44, 0, 0, 2, 0, 1, 0, 0, 0, 1}, bigEndian(0), bigEndian(9), []byte{0, 2, 0, 0, 0, 1}, bigEndian(at), bigEndian(n))
	}
	iloc1 := func(at, n int) []byte { // with a base offset and an index
		return box("iloc", []byte{1, 0, 0, 0, 0x44, 0x44, 0, 1, 0, 2, 0, 0, 0, 0}, bigEndian(at-7), []byte{0, 1}, bigEndian(0), bigEndian(7), bigEndian(n))
	}
	iloc2 := func(at, n int) []byte {
		return box("iloc", []byte{2, 0, 0, 0, 0x44, 0, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 0, 0, 1}, bigEndian(at), bigEndian(n))
	}
	ilocInside := func(at, n int) []byte { // construction method 1: within the tables themselves
		return box("iloc", []byte{1, 0, 0, 0, 0x44, 0, 0, 1, 0, 2, 0, 1, 0, 0, 0, 1}, bigEndian(at), bigEndian(n))
	}
	jpg := inJPEG(exifSegment(exif))
	orf, rw2 := bytes.Clone(exif), bytes.Clone(exif)
	copy(orf, "IIRO")
	copy(rw2, "IIU\x00")
	values := func(v ...value) []byte { return layout(v, nil, nil) }

	for name, file := range map[string][]byte{
		"JPEG":                          jpg,
		"JPEG with a comment first":     inJPEG(segment(0xfe, []byte("hello")), exifSegment(exif)),
		"JPEG with fill bytes":          inJPEG(segment(0xe0, nil), []byte{0xff, 0xff}, exifSegment(exif)),
		"JPEG cut off behind its EXIF":  jpg[:len(jpg)-6],
		"PNG":                           join([]byte("\x89PNG\r\n\x1a\n"), ihdr, chunk("eXIf", exif), chunk("IEND", nil)),
		"PNG with EXIF behind the data": join([]byte("\x89PNG\r\n\x1a\n"), ihdr, chunk("IDAT", make([]byte, 70_000)), chunk("eXIf", exif), chunk("IEND", nil)),
		"PNG with a JPEG's intro":       join([]byte("\x89PNG\r\n\x1a\n"), ihdr, chunk("eXIf", append(bytes.Clone(intro), exif...))),
		"WebP":                          join([]byte("RIFF\x00\x10\x00\x00WEBP"), vp8x, riff("VP8 ", []byte{1, 2, 3}), riff("EXIF", exif)),
		"WebP with a JPEG's intro":      join([]byte("RIFF\x00\x10\x00\x00WEBP"), vp8x, riff("EXIF", append(bytes.Clone(intro), exif...))),
		"HEIC":                          heif("heic", infe2, iloc0),
		"HEIC with base and index":      heif("heic", infe2, iloc1),
		"HEIC with wide IDs":            heif("heic", infe3, iloc2),
		"AVIF":                          heif("avif", infe2, iloc0),
		"TIFF":                          exif,
		"ORF":                           orf,
		"RW2":                           rw2,
		"RAF":                           rafFile(jpg),
		"CR3": join(box("ftyp", []byte("crx \x00\x00\x00\x01crx ")), box("moov", box("uuid", []byte(canonUUID),
			box("CMT1", values(str(makeTag, "ACME"), short(orientationTag, 6))), box("CMT2", values(str(originalTag, "2026:07:14 18:30:05")))))),
	} {
		t.Run(name, func(t *testing.T) {
			m := read(t, file)
			if m.Make != "ACME" || m.Orientation != 6 || m.Taken.Format(time.DateTime) != "2026-07-14 18:30:05" {
				t.Errorf("got %+v", m)
			}
		})
	}
	inside := heif("heic", infe2, ilocInside)
	if m, err := photo.ReadMeta(bytes.NewReader(inside), int64(len(inside))); !errors.Is(err, photo.ErrNoMeta) {
		t.Errorf("an item that is not in the file gave %+v, %v", m, err)
	}
}

func TestFilesWithoutEXIFSaySoButGiveTheirSize(t *testing.T) {
	pic := encodedPNG(t, pictureOf(40, 30))
	anim := encodedGIF(t, pictureOf(40, 30))
	for name, file := range map[string][]byte{"PNG": pic, "GIF": anim} {
		m, err := photo.ReadMeta(bytes.NewReader(file), int64(len(file)))
		if !errors.Is(err, photo.ErrNoMeta) || m.Width != 40 || m.Height != 30 {
			t.Errorf("%s: got %+v, %v", name, m, err)
		}
	}
	for name, file := range map[string][]byte{"text": []byte("hello, world, this is text"), "nothing": nil, "film": box("moov", make([]byte, 100))} {
		m, err := photo.ReadMeta(bytes.NewReader(file), int64(len(file)))
		if !errors.Is(err, photo.ErrNoMeta) || fmt.Sprint(m) != fmt.Sprint(photo.Meta{}) {
			t.Errorf("%s: got %+v, %v", name, m, err)
		}
	}
}

type failing struct{ err error }

func (f failing) ReadAt([]byte, int64) (int, error) { return 0, f.err }

func TestAFailingDiskIsNotAPhotoWithoutMetadata(t *testing.T) {
	broken := errors.New("broken disk")
	if _, err := photo.ReadMeta(failing{broken}, 1000); !errors.Is(err, broken) || errors.Is(err, photo.ErrNoMeta) {
		t.Errorf("got %v", err)
	}
	if _, err := photo.ReadMeta(failing{io.ErrUnexpectedEOF}, 1000); !errors.Is(err, photo.ErrNoMeta) {
		t.Errorf("a file that shrank gave %v", err)
	}
}

func BenchmarkReadMeta(b *testing.B) {
	for _, name := range []string{"jpg/Canon IXUS 400.jpg", "avif/Issue 649.avif", "png/Issue 62.png"} {
		data := corpusFile(b, name)
		b.Run(name[:strings.IndexByte(name, '/')], func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = photo.ReadMeta(bytes.NewReader(data), int64(len(data)))
			}
		})
	}
}
