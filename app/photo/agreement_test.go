package photo_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/photo"
)

// reading is what exiftool 13.58 says of a corpus file, with -n -json -G1 -a.
type reading map[string]any

// corpus calls f for every file of testdata/corpus with exiftool's reading.
func corpus(t testing.TB, f func(name string, data []byte, want reading)) {
	t.Helper()
	raw, err := os.ReadFile("testdata/corpus/expected.json")
	if err != nil {
		t.Fatal(err)
	}
	var readings []reading
	if err := json.Unmarshal(raw, &readings); err != nil {
		t.Fatal(err)
	}
	files := 0
	for _, want := range readings {
		name := strings.TrimPrefix(want["SourceFile"].(string), "./")
		data, err := os.ReadFile(filepath.Join("testdata/corpus", name))
		if err != nil {
			t.Fatal(err)
		}
		files++
		f(name, data, want)
	}
	if files < 75 {
		t.Fatalf("only %d corpus files", files)
	}
}

// text returns one of exiftool's values as text, without the space around it
// that we cut off.
func (r reading) text(key string) string {
	switch v := r[key].(type) {
	case nil:
		return ""
	case string:
		return strings.TrimSpace(v)
	default:
		return strings.TrimSpace(fmt.Sprint(v))
	}
}

// exceptions are the fields in which we differ from exiftool on purpose or by
// what goexif can do, with the reason.
var exceptions = map[string]string{
	"jpg/Olympus C860L.jpg date":                                      "0000:00:00 00:00:00 is a camera whose clock was not set: no date",
	"jpg/21ad703b38e2c350215bb92a849486f3.jpg size":                   "damaged from its third byte on; exiftool guesses at a picture further in",
	"heic/IllegalArgumentException.HeifReader.processBoxes.heif size": "a damaged table; exiftool takes the thumbnail for the picture",
}

func TestFieldsAgreeWithExiftool(t *testing.T) {
	type tally struct{ have, agree int }
	rates := map[string]*tally{}
	check := func(name, field, got, want string) {
		if want == "" && got == "" {
			return
		}
		if exceptions[name+" "+field] != "" {
			return
		}
		key := strings.ToUpper(filepath.Dir(name)) + " " + field
		if rates[key] == nil {
			rates[key] = &tally{}
		}
		rates[key].have++
		if got == want {
			rates[key].agree++
			return
		}
		t.Errorf("%s: %s is %q, exiftool says %q", name, field, got, want)
	}

	corpus(t, func(name string, data []byte, want reading) {
		m, err := photo.ReadMeta(bytes.NewReader(data), int64(len(data)))
		if err != nil && !errors.Is(err, photo.ErrNoMeta) {
			t.Errorf("%s: %v", name, err)
		}
		date := ""
		if !m.Taken.IsZero() {
			date = m.Taken.Format("2006:01:02 15:04:05")
			if sub := want.text("ExifIFD:SubSecTimeOriginal"); sub != "" {
				got := strings.TrimRight(fmt.Sprintf("%09d", m.Taken.Nanosecond()), "0")
				check(name, "sub-seconds", got, strings.TrimRight(sub, "0"))
			}
		}
		check(name, "date", date, want.text("ExifIFD:DateTimeOriginal"))
		orientation := ""
		if m.Orientation != 0 {
			orientation = fmt.Sprint(m.Orientation)
		}
		check(name, "orientation", orientation, want.text("IFD0:Orientation"))
		check(name, "make", m.Make, want.text("IFD0:Make"))
		check(name, "model", m.Model, want.text("IFD0:Model"))
		check(name, "GPS", position(m.GPS), wantPosition(want))
		check(name, "size", size(m), wantSize(want))
	})
	for key, r := range rates {
		t.Logf("%-18s %d/%d", key, r.agree, r.have)
	}
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
	for _, group := range []string{"File", "PNG", "RIFF"} {
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
