package photo_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/photo/phototest"
)

func stripped(t testing.TB, f func(io.ReaderAt, int64, io.Writer) error, file []byte) []byte {
	t.Helper()
	before := bytes.Clone(file)
	var out bytes.Buffer
	if err := f(bytes.NewReader(file), int64(len(file)), &out); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, file) {
		t.Error("the original was changed")
	}
	return out.Bytes()
}

// scanOf is everything from the start of the first scan to the end of the
// main picture; the builders' files have one scan.
func scanOf(t testing.TB, file []byte) []byte {
	t.Helper()
	for at := 2; at+4 <= len(file); {
		if file[at+1] == 0xda {
			end := bytes.Index(file[at:], []byte{0xff, 0xd9})
			if end < 0 {
				return file[at:]
			}
			return file[at : at+end+2]
		}
		at += 2 + int(binary.BigEndian.Uint16(file[at+2:]))
	}
	t.Fatal("no scan")
	return nil
}

// everyJPEG calls f for the JPEG files of both folders.
func everyJPEG(t testing.TB, f func(name string, data []byte)) {
	only := func(name string, data []byte, _ reading) {
		if filepath.Ext(name) == ".jpg" && photo.Sniff(data, name) == photo.JPEG {
			f(name, data)
		}
	}
	corpus(t, only)
	readings(t, "testdata/stamped", only)
}

func TestStrippedPicturesShowTheSame(t *testing.T) {
	for what, strip := range map[string]func(io.ReaderAt, int64, io.Writer) error{"GPS": photo.StripGPS, "all": photo.StripAll} {
		t.Run(what, func(t *testing.T) {
			done, refused := 0, 0
			everyJPEG(t, func(name string, data []byte) {
				r := bytes.NewReader(data)
				var out bytes.Buffer
				err := strip(r, r.Size(), &out)
				if _, derr := jpeg.Decode(bytes.NewReader(data)); derr == nil && err != nil {
					t.Errorf("%s: can be decoded, but not stripped: %v", name, err)
				}
				if err != nil {
					refused++
					if !errors.Is(err, photo.ErrStrip) || out.Len() > 0 {
						t.Errorf("%s: %d bytes and %v", name, out.Len(), err)
					}
					return
				}
				done++
				before, _ := photo.ReadMeta(r, r.Size())
				after, _ := photo.ReadMeta(bytes.NewReader(out.Bytes()), int64(out.Len()))
				if after.GPS != nil {
					t.Errorf("%s: still at %+v", name, *after.GPS)
				}
				before.GPS, before.GPSTime = nil, time.Time{}
				if what == "all" {
					before = photo.Meta{Orientation: max(before.Orientation, 1), Width: before.Width, Height: before.Height}
					after.Orientation = max(after.Orientation, 1)
				} else if before.ZoneByGPS {
					before.Taken, after.Taken, before.ZoneByGPS, before.Zoned = time.Time{}, time.Time{}, false, false
				}
				if fmt.Sprint(before) != fmt.Sprint(after) {
					t.Errorf("%s: %+v became %+v", name, before, after)
				}
				samePixels(t, name, data, out.Bytes())
			})
			t.Logf("%d stripped, %d refused because they are damaged", done, refused)
			if done < 50 {
				t.Errorf("only %d were stripped", done)
			}
		})
	}
}

// samePixels decodes both.
func samePixels(t *testing.T, name string, a, b []byte) {
	t.Helper()
	want, err1 := jpeg.Decode(bytes.NewReader(a))
	got, err2 := jpeg.Decode(bytes.NewReader(b))
	if (err1 == nil) != (err2 == nil) {
		t.Errorf("%s: %v became %v", name, err1, err2)
		return
	}
	if err1 == nil && !reflect.DeepEqual(want, got) {
		t.Errorf("%s: other pixels", name)
	}
}

func TestStripGPS(t *testing.T) {
	file, err := os.ReadFile("testdata/stamped/01.jpg")
	if err != nil {
		t.Fatal(err)
	}
	out := stripped(t, photo.StripGPS, file)
	if len(out) != len(file) || !bytes.Equal(scanOf(t, file), scanOf(t, out)) {
		t.Error("bytes have moved")
	}
	before, after := read(t, file), read(t, out)
	if before.GPS == nil || after.GPS != nil || after.Title != "Abend am Fluss" || after.Lens != before.Lens || len(after.Tags) != 2 || after.Place != before.Place || !after.Zoned {
		t.Errorf("%+v", after)
	}
	// 48 51 28.8 as rationals, and the pointer to the directory.
	for _, secret := range []string{"\x00\x00\x00\x30\x00\x00\x00\x01\x00\x00\x00\x33", "\x88\x25"} {
		if !bytes.Contains(file, []byte(secret)) || bytes.Contains(out, []byte(secret)) {
			t.Errorf("%q: in the original %v, in the copy %v", secret, bytes.Contains(file, []byte(secret)), bytes.Contains(out, []byte(secret)))
		}
	}
}

const xmpExt = "http://ns.adobe.com/xmp/extension/\x00"

func packet(properties string) []byte {
	return []byte(xmpHead + `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:drone-dji="http://www.dji.com/drone-dji/1.0/" xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#" ` +
		properties + `</rdf:RDF></x:xmpmeta>` + strings.Repeat(" ", 100) + `<?xpacket end="w"?>`)
}

// TestStripGPSFindsEveryHidingPlace puts the same number, which no other
// field has, into every place that can hold one.
func TestStripGPSFindsEveryHidingPlace(t *testing.T) {
	const secret = "48.858370"
	gpsDir := layout([]value{str(makeTag, "ACME"), short(orientationTag, 6)}, []value{str(0xa434, "50mm")}, []value{str(0x1d, secret)})
	photoshop := func(id string, body []byte) []byte {
		b := append([]byte("Photoshop 3.0\x008BIM"+id+"\x00\x00"), binary.BigEndian.AppendUint32(nil, uint32(len(body)))...)
		return append(b, append(body, make([]byte, len(body)%2)...)...)
	}
	extended := func(part string) []byte {
		return []byte(xmpExt + strings.Repeat("0", 32) + "\x00\x00\x00\x10\x00\x00\x00\x00" + part)
	}
	good := exifSegment(layout([]value{str(makeTag, "ACME"), short(orientationTag, 6)}, []value{str(0xa434, "50mm")}, nil))
	second := phototest.JPEG(phototest.Options{Seed: 9, NoEXIF: true})
	second = append(append(bytes.Clone(second[:2]), exifSegment(gpsDir)...), second[2:]...)
	picture := func(tail []byte, segments ...[]byte) []byte {
		p := phototest.JPEG(phototest.Options{Seed: 3, NoEXIF: true})
		return append(append(append(bytes.Clone(p[:2]), bytes.Join(segments, nil)...), p[2:]...), tail...)
	}
	for name, file := range map[string][]byte{
		"the GPS directory":                picture(nil, exifSegment(gpsDir)),
		"XMP's attribute":                  picture(nil, good, segment(0xe1, packet(`dc:format="image/jpeg" exif:GPSLatitude="`+secret+`"/>`))),
		"XMP's attribute in single quotes": picture(nil, good, segment(0xe1, packet("\n exif:GPSLatitude = '"+secret+"'/>"))),
		"XMP's element":                    picture(nil, good, segment(0xe1, packet(`><exif:GPSLatitude>`+secret+`</exif:GPSLatitude><dc:format>image/jpeg</dc:format></rdf:Description>`))),
		"XMP's structure":                  picture(nil, good, segment(0xe1, packet(`><exif:GPSArea><rdf:Bag><rdf:li dc:format="`+secret+`">`+secret+`</rdf:li></rdf:Bag></exif:GPSArea></rdf:Description>`))),
		"a drone's XMP":                    picture(nil, good, segment(0xe1, packet(`drone-dji:GpsLatitude="`+secret+`" drone-dji:GpsLongtitude="`+secret+`"/>`))),
		"a geographer's XMP":               picture(nil, good, segment(0xe1, packet(`geo:lat="`+secret+`"/>`))),
		"XMP that ends in the middle":      picture(nil, good, segment(0xe1, []byte(xmpHead+`<x:xmpmeta exif:GPSLatitude="`+secret+`">`))),
		"XMP that is too much to read":     picture(nil, good, segment(0xe1, packet(`exif:GPSLatitude="`+secret+`">`+strings.Repeat("<dc:a/>", 6000)+`</rdf:Description>`))),
		"XMP under another header":         picture(nil, good, segment(0xe1, append([]byte("XMP\x00"), packet(`exif:GPSLatitude="` + secret + `"/>`)[len(xmpHead):]...))),
		"XMP in UTF-16":                    picture(nil, good, segment(0xe1, []byte(xmpHead+"<\x00x\x00>\x00"+secret))),
		"extended XMP":                     picture(nil, good, segment(0xe1, extended(`exif:GPSLatitude="`+secret+`"`))),
		"extended XMP, cut in the value":   picture(nil, good, segment(0xe1, extended(`exif:GPSLatitude="`)), segment(0xe1, extended(secret+`"`))),
		"extended XMP, cut in the name":    picture(nil, good, segment(0xe1, extended(`exif:GP`)), segment(0xe1, extended(`SLatitude="`+secret+`"`))),
		"Photoshop's copy of EXIF":         picture(nil, good, segment(0xed, photoshop("\x04\x22", []byte(secret)))),
		"Photoshop's copy of XMP":          picture(nil, good, segment(0xed, photoshop("\x04\x24", []byte(secret)))),
		"an action camera's telemetry":     picture(nil, good, segment(0xe6, []byte("GoPro\x00DEVC"+secret))),
		"a provenance record":              picture(nil, good, segment(0xeb, []byte("JP\x00\x01jumbc2pa"+secret))),
		"EXIF whose directory is cut off":  picture(nil, good, exifSegment(append(block([]byte{200, 0}), secret...))),
		"EXIF with a ring of directories":  picture(nil, good, exifSegment(append(block(ifd(8, tag(0x8825, 4, 1, 0))), secret...))),
		"a second EXIF":                    picture(nil, good, exifSegment(gpsDir)),
		"a second picture":                 picture(second, good),
		"a second picture behind a gap":    picture(append(make([]byte, 500), second...), good),
		"a film behind the picture":        picture(append(box("ftyp", []byte("mp42")), secret...), good),
		"a second picture that is damaged": picture(second[:len(second)/4], good),
		"a film behind the second picture": picture(append(bytes.Clone(second), secret...), good),
		"a third picture without a scan":   picture(append(bytes.Clone(second), append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, 20}, secret...)...), good),
	} {
		t.Run(name, func(t *testing.T) {
			if !bytes.Contains(file, []byte(secret)) {
				t.Fatal("the secret is not in the original")
			}
			out := stripped(t, photo.StripGPS, file)
			if bytes.Contains(out, []byte(secret)) {
				t.Error("the secret is in the copy")
			}
			if m, _ := photo.ReadMeta(bytes.NewReader(out), int64(len(out))); m.Make != "ACME" || m.Orientation != 6 || m.Lens != "50mm" {
				t.Errorf("the copy says %+v", m)
			}
			if !bytes.Equal(scanOf(t, file), scanOf(t, out)) {
				t.Error("the picture has changed")
			}
			if _, err := jpeg.Decode(bytes.NewReader(out)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestStripGPSKeepsSecondPicturesInTheirPlace(t *testing.T) {
	second := phototest.JPEG(phototest.Options{Seed: 9, GPS: &phototest.Position{Lat: 1, Lon: 2}, Description: "depth"})
	file := append(phototest.JPEG(phototest.Options{Seed: 3, GPS: &phototest.Position{Lat: 1, Lon: 2}}), second...)
	out := stripped(t, photo.StripGPS, file)
	if len(out) != len(file) {
		t.Fatalf("%d bytes became %d", len(file), len(out))
	}
	if m := read(t, out[len(file)-len(second):]); m.GPS != nil || m.Description != "depth" {
		t.Errorf("%+v", m)
	}
}

func TestStripAll(t *testing.T) {
	icc := segment(0xe2, append([]byte("ICC_PROFILE\x00\x01\x01"), bytes.Repeat([]byte("colour"), 50)...))
	adobe := segment(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x01"))
	p := phototest.JPEG(phototest.Options{Seed: 3, NoEXIF: true})
	for _, orientation := range []uint16{0, 1, 6} {
		for _, jfif := range [][]byte{nil, segment(0xe0, []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00")), segment(0xe0, []byte("JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x01\x01secret"))} {
			exif := exifSegment(layout([]value{str(makeTag, "secret"), short(orientationTag, orientation)}, []value{str(originalTag, "2026:07:14 18:30:05")}, nil))
			file := bytes.Join([][]byte{
				p[:2], jfif, exif, segment(0xe1, packet(`dc:format="secret"/>`)), icc, adobe, segment(0xfe, []byte("secret")), segment(0xef, []byte("secret")), []byte("secret"), p[2:], []byte("secret"),
			}, nil)
			out := stripped(t, photo.StripAll, file)
			if bytes.Contains(out, []byte("secret")) || !bytes.Contains(out, icc) || !bytes.Contains(out, adobe) {
				t.Errorf("%q", out[:min(len(out), 300)])
			}
			if len(jfif) == 18 && !bytes.HasPrefix(out[2:], jfif) {
				t.Error("JFIF's segment is not the first")
			}
			m, _ := photo.ReadMeta(bytes.NewReader(out), int64(len(out)))
			if want := int(orientation); max(m.Orientation, 1) != max(want, 1) || m.Make != "" || !m.Taken.IsZero() {
				t.Errorf("orientation %d: %+v", orientation, m)
			}
			samePixels(t, "built", file, out)
		}
	}
}

func TestStripRefuses(t *testing.T) {
	whole := phototest.JPEG(phototest.Options{Seed: 3})
	damaged := bytes.Clone(whole)
	binary.BigEndian.PutUint16(damaged[4:], 0xffff)
	for name, tt := range map[string]struct {
		file []byte
		want error
	}{
		"a PNG":                        {encodedPNG(t, pictureOf(4, 4)), photo.ErrStripKind},
		"nothing":                      {nil, photo.ErrStripKind},
		"a JPEG that ends in its head": {whole[:200], photo.ErrStrip},
		"a JPEG without a scan":        {inJPEG()[:2], photo.ErrStripKind},
		"a segment beyond the end":     {damaged, photo.ErrStrip},
		"a picture of segments only":   {append([]byte{0xff, 0xd8}, segment(0xe1, []byte("x"))...), photo.ErrStrip},
	} {
		for _, strip := range []func(io.ReaderAt, int64, io.Writer) error{photo.StripGPS, photo.StripAll} {
			var out bytes.Buffer
			if err := strip(bytes.NewReader(tt.file), int64(len(tt.file)), &out); !errors.Is(err, tt.want) || out.Len() > 0 {
				t.Errorf("%s: %d bytes, %v", name, out.Len(), err)
			}
		}
		if _, err := photo.PictureSum(bytes.NewReader(tt.file), int64(len(tt.file))); !errors.Is(err, tt.want) {
			t.Errorf("%s: sum: %v", name, err)
		}
	}
	broken := errors.New("broken disk")
	if err := photo.StripGPS(failing{broken}, 1000, io.Discard); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	full := errors.New("disk full")
	if err := photo.StripAll(bytes.NewReader(whole), int64(len(whole)), writerFunc(func([]byte) (int, error) { return 0, full })); !errors.Is(err, full) {
		t.Errorf("got %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func TestPictureSumChangesWithThePictureOnly(t *testing.T) {
	sum := func(b []byte) [32]byte {
		t.Helper()
		s, err := photo.PictureSum(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	one := sum(phototest.JPEG(phototest.Options{Seed: 3}))
	if sum(phototest.JPEG(phototest.Options{Seed: 3, Description: "edited", Orientation: 6})) != one {
		t.Error("an edit of metadata changed it")
	}
	if sum(append(phototest.JPEG(phototest.Options{Seed: 3, NoEXIF: true}), "tail"...)) != one {
		t.Error("what follows the picture changed it")
	}
	if sum(phototest.JPEG(phototest.Options{Seed: 4})) == one {
		t.Error("another picture has the same")
	}
}
