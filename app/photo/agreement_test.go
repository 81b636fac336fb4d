package photo_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/photo"
)

// reading is what exiftool says of a file, with -n -json -G1 -a -struct.
type reading map[string]any

// readings calls f for every file of a folder with exiftool's reading.
func readings(t testing.TB, folder string, f func(name string, data []byte, want reading)) (files int) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(folder, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	var list []reading
	if err := json.Unmarshal(raw, &list); err != nil {
		t.Fatal(err)
	}
	for _, want := range list {
		name := strings.TrimPrefix(want["SourceFile"].(string), "./")
		data, err := os.ReadFile(filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		files++
		f(name, data, want)
	}
	return files
}

// corpus calls f for every file of testdata/corpus with exiftool's reading.
func corpus(t testing.TB, f func(name string, data []byte, want reading)) {
	t.Helper()
	if files := readings(t, "testdata/corpus", f); files < 75 {
		t.Fatalf("only %d corpus files", files)
	}
}

// text returns one of exiftool's values as text, without the space around it
// that we cut off; of a list the parts, joined as ours are.
func (r reading) text(keys ...string) string {
	for _, key := range keys {
		switch v := r[key].(type) {
		case nil:
			continue
		case string:
			if v = strings.TrimSpace(v); v != "" {
				return v
			}
		case []any:
			var parts []string
			for _, part := range v {
				parts = append(parts, strings.TrimSpace(fmt.Sprint(part)))
			}
			return strings.Join(parts, "; ")
		default:
			return strings.TrimSpace(fmt.Sprint(v))
		}
	}
	return ""
}

// persons collects what exiftool reads from the three ways to name persons.
func (r reading) persons() string {
	var names []string
	add := func(v any, name, kind string) {
		list, _ := v.([]any)
		for _, item := range list {
			m, _ := item.(map[string]any)
			if k := m[kind]; m[name] != nil && (k == nil || k == "Face") {
				names = append(names, fmt.Sprint(m[name]))
			}
		}
	}
	if m, ok := r["XMP-mwg-rs:RegionInfo"].(map[string]any); ok {
		add(m["RegionList"], "Name", "Type")
	}
	if m, ok := r["XMP-MP:RegionInfoMP"].(map[string]any); ok {
		add(m["Regions"], "PersonDisplayName", "")
	}
	add(r["XMP-iptcExt:PersonInImageWDetails"], "PersonName", "")
	return strings.Trim(strings.Join(names, "; ")+"; "+r.text("XMP-iptcExt:PersonInImage"), "; ")
}

// exceptions are the fields in which we differ from exiftool on purpose, with
// the reason.
var exceptions = map[string]string{
	"jpg/Olympus C860L.jpg date":                                      "0000:00:00 00:00:00 is a camera whose clock was not set: no date",
	"jpg/21ad703b38e2c350215bb92a849486f3.jpg size":                   "damaged from its third byte on; exiftool guesses at a picture further in",
	"heic/IllegalArgumentException.HeifReader.processBoxes.heif size": "a damaged table; exiftool takes the thumbnail for the picture",
	"png/Issue 62.png zone":                                           "XMP's CreateDate, which the readings leave out",
	"jpg/1cbb1bb37d62c44f67374cd451643dc4.jpg zone":                   "XMP's CreateDate, which the readings leave out",
	"png/Issue 62.png date":                                           "XMP's CreateDate, which the readings leave out",
	"jpg/1cbb1bb37d62c44f67374cd451643dc4.jpg date":                   "XMP's CreateDate, which the readings leave out",
	"jpg/Issue 122.jpg date":                                          "IPTC's DateCreated, a day without a time",
	"jpg/FujiFilm FinePixS1Pro (3).jpg date":                          "IPTC's DateCreated, a day without a time",
	"jpg/Issue 339.jpg creator":                                       "EXIF's Artist, which the readings leave out",
	"jpg/FujiFilm DS-7 (3).jpg description":                           "EXIF's ImageDescription, which the readings leave out",
	"png/Issue 204 (dotnet).png date":                                 "XMP in a profile, which the readings leave out; exiftool 12.57 agrees",
	"png/Issue 204 (dotnet).png description":                          "XMP in a profile, which the readings leave out; exiftool 12.57 agrees",
	"png/Issue 204 (dotnet).png creator":                              "XMP in a profile, which the readings leave out; exiftool 12.57 agrees",
	"06.jpg description":                                              "a quotation mark that exiftool could not write in Latin-1",
}

// least is the share of readings that must agree, where it is not all of them.
var least = map[string]float64{
	"make": 0.99, "model": 0.99, "GPS": 0.99, "title": 0.95, "description": 0.95, "keywords": 0.95,
}

// tally counts agreements by format and field.
type tally map[string]*struct{ have, agree int }

func (r tally) check(t *testing.T, name, field, got, want string) {
	if want == "" && got == "" || exceptions[name+" "+field] != "" {
		return
	}
	key := strings.ToUpper(strings.TrimPrefix(filepath.Ext(name), ".")) + " " + field
	if r[key] == nil {
		r[key] = &struct{ have, agree int }{}
	}
	r[key].have++
	if got == want {
		r[key].agree++
		return
	}
	t.Logf("%s: %s is %q, exiftool says %q", name, field, got, want)
}

func TestFieldsAgreeWithExiftool(t *testing.T) {
	rates := tally{}
	compare := func(name string, data []byte, want reading) {
		m, err := photo.ReadMeta(bytes.NewReader(data), int64(len(data)))
		if err != nil && !errors.Is(err, photo.ErrNoMeta) {
			t.Errorf("%s: %v", name, err)
		}
		rates.camera(t, name, m, want)
		rates.words(t, name, m, want)
	}
	corpus(t, compare)
	if files := readings(t, "testdata/stamped", compare); files < 28 {
		t.Fatalf("only %d stamped files", files)
	}
	for _, key := range slices.Sorted(maps.Keys(rates)) {
		r := rates[key]
		t.Logf("%-18s %d/%d", key, r.agree, r.have)
		_, field, _ := strings.Cut(key, " ")
		share, ok := least[field]
		if !ok {
			share = 1
		}
		if float64(r.agree) < share*float64(r.have) {
			t.Errorf("%s: %d of %d agree, %.0f %% must", key, r.agree, r.have, 100*share)
		}
	}
}

// camera compares what cameras write.
func (r tally) camera(t *testing.T, name string, m photo.Meta, want reading) {
	date, zone := "", ""
	if !m.Taken.IsZero() {
		date = m.Taken.Format("2006:01:02 15:04:05")
		if sub := want.text("ExifIFD:SubSecTimeOriginal"); sub != "" {
			got := strings.TrimRight(fmt.Sprintf("%09d", m.Taken.Nanosecond()), "0")
			r.check(t, name, "sub-seconds", got, strings.TrimRight(sub, "0"))
		}
		if m.Zoned && !m.ZoneByGPS {
			zone = m.Taken.Format("-07:00")
		}
	}
	wantDate := want.text("ExifIFD:DateTimeOriginal", "XMP-exif:DateTimeOriginal")
	r.check(t, name, "date", date, wantDate[:min(len(wantDate), len("2006:01:02 15:04:05"))])
	if _, offset, ok := strings.Cut(wantDate, "+"); ok {
		want["ExifIFD:OffsetTimeOriginal"] = "+" + offset
	}
	r.check(t, name, "zone", zone, want.text("ExifIFD:OffsetTimeOriginal"))
	orientation := ""
	if m.Orientation != 0 {
		orientation = fmt.Sprint(m.Orientation)
	}
	r.check(t, name, "orientation", orientation, want.text("IFD0:Orientation", "XMP-tiff:Orientation"))
	r.check(t, name, "make", m.Make, want.text("IFD0:Make", "XMP-tiff:Make"))
	r.check(t, name, "model", m.Model, want.text("IFD0:Model", "XMP-tiff:Model"))
	r.check(t, name, "GPS", position(m.GPS), wantPosition(want))
	if !strings.HasPrefix(name, "raw.") { // their first directory is a thumbnail's
		r.check(t, name, "size", size(m), wantSize(want))
	}
}

// words compares what people write, in the order of docs/metadata.md.
func (r tally) words(t *testing.T, name string, m photo.Meta, want reading) {
	r.check(t, name, "title", m.Title, want.text("XMP-dc:Title", "IPTC:ObjectName", "XMP-photoshop:Headline", "IPTC:Headline", "IFD0:XPTitle"))
	if want.text("IFD0:ImageDescription") == "" || m.Description != "" { // cameras' own are left out, see its test
		r.check(t, name, "description", m.Description, want.text("XMP-dc:Description", "IPTC:Caption-Abstract", "IFD0:ImageDescription", "IFD0:XPComment"))
	}
	r.check(t, name, "creator", m.Creator, want.text("XMP-dc:Creator", "IPTC:By-line", "IFD0:Artist", "IFD0:XPAuthor"))
	stars := ""
	if m.Rating != 0 || want["XMP-xmp:Rating"] != nil {
		stars = fmt.Sprint(m.Rating)
	}
	r.check(t, name, "rating", stars, want.text("XMP-xmp:Rating", "IFD0:Rating"))
	var lists []string
	for _, path := range m.TagPaths {
		lists = append(lists, strings.Join(path, "/"))
	}
	hierarchy := strings.ReplaceAll(want.text("XMP-lr:HierarchicalSubject", "XMP-digiKam:TagsList", "XMP-microsoft:LastKeywordXMP"), "|", "/")
	r.check(t, name, "hierarchy", strings.Join(lists, "; "), hierarchy)
	keywords := want.text("XMP-dc:Subject", "IPTC:Keywords", "IFD0:XPKeywords")
	if keywords == "" && hierarchy != "" {
		keywords = hierarchy[strings.LastIndex(hierarchy, "/")+1:]
	}
	r.check(t, name, "keywords", strings.Join(m.Tags, "; "), strings.ReplaceAll(strings.ReplaceAll(keywords, ";", "; "), ";  ", "; "))
	r.check(t, name, "persons", strings.Join(m.Persons, "; "), want.persons())
	r.check(t, name, "city", m.Place.City, want.text("XMP-photoshop:City", "IPTC:City"))
	r.check(t, name, "state", m.Place.State, want.text("XMP-photoshop:State", "IPTC:Province-State"))
	r.check(t, name, "country", m.Place.Country, want.text("XMP-photoshop:Country", "IPTC:Country-PrimaryLocationName"))
	r.check(t, name, "country code", m.Place.CountryCode, want.text("XMP-iptcCore:CountryCode", "IPTC:Country-PrimaryLocationCode"))
	r.check(t, name, "location", m.Place.Location, want.text("XMP-iptcCore:Location", "IPTC:Sub-location"))
}

func position(p *photo.Position) string {
	if p == nil {
		return ""
	}
	return fmt.Sprintf("%.6f %.6f", p.Lat, p.Lon)
}

func wantPosition(r reading) string {
	lat, ok1 := r["Composite:GPSLatitude"].(float64)
	lon, ok2 := r["Composite:GPSLongitude"].(float64)
	if !ok1 {
		lat, ok1 = r["XMP-exif:GPSLatitude"].(float64)
		lon, ok2 = r["XMP-exif:GPSLongitude"].(float64)
	}
	if !ok1 || !ok2 || math.IsNaN(lat) {
		return ""
	}
	return fmt.Sprintf("%.6f %.6f", lat, lon)
}

func size(m photo.Meta) string {
	if m.Width == 0 && m.Height == 0 {
		return ""
	}
	return fmt.Sprintf("%dx%d", m.Width, m.Height)
}

func wantSize(r reading) string {
	for _, group := range []string{"File", "PNG", "RIFF", "GIF", "IFD0"} {
		if w, ok := r[group+":ImageWidth"]; ok {
			return fmt.Sprintf("%vx%v", w, r[group+":ImageHeight"])
		}
	}
	return ""
}

func TestCorpusFilesAreOfTheKindThatExiftoolSays(t *testing.T) {
	corpus(t, func(name string, data []byte, want reading) {
		got := photo.Sniff(data[:min(len(data), photo.SniffLen)], name)
		typ, _, _ := strings.Cut(want.text("File:FileType"), " ")
		if typ == "" {
			return // broken beyond telling
		}
		wantKind := map[string]photo.Kind{
			"JPEG": photo.JPEG, "PNG": photo.PNG, "HEIF": photo.HEIC, "AVIF": photo.AVIF,
			"WEBP": photo.WebP, "Extended": photo.WebP, "RAW": photo.RAW,
		}[typ]
		if got != wantKind || got == photo.Unknown {
			t.Errorf("%s: %v, exiftool says %q", name, got, typ)
		}
	})
}
