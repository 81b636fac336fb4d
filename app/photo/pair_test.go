package photo_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
)

func TestPair(t *testing.T) {
	at := time.Date(2026, 7, 14, 18, 30, 5, 0, time.UTC)
	f := func(name string, kind photo.Kind, after time.Duration) photo.File {
		return photo.File{Name: name, Kind: kind, Taken: at.Add(after)}
	}
	unknown := func(name string, kind photo.Kind) photo.File { return photo.File{Name: name, Kind: kind} }
	zoned := func(f photo.File, hours int) photo.File {
		zone := time.FixedZone("", hours*3600)
		f.Taken, f.Zoned = f.Taken.Add(-time.Duration(hours)*time.Hour).In(zone), true
		return f
	}
	// An instant, as films have it.
	film := func(name string, after time.Duration, hours int) photo.File {
		return photo.File{Name: name, Kind: photo.MOV, Taken: at.Add(after - time.Duration(hours)*time.Hour), Zoned: true}
	}
	for _, tt := range []struct {
		name  string
		files []photo.File
		want  string // shots: files, and their sidecars behind a slash
	}{
		{"RAW and JPEG", []photo.File{f("A.CR2", photo.RAW, 0), f("a.jpg", photo.JPEG, 900*time.Millisecond)}, "a.jpg A.CR2"},
		{"RAW, HEIC and JPEG", []photo.File{f("a.dng", photo.RAW, 0), f("a.heic", photo.HEIC, 0), f("a.jpg", photo.JPEG, 0)}, "a.jpg a.heic a.dng"},
		{"the next second", []photo.File{f("a.cr2", photo.RAW, 0), f("a.jpg", photo.JPEG, time.Second)}, "a.cr2, a.jpg"},
		{"another name", []photo.File{f("a.cr2", photo.RAW, 0), f("b.jpg", photo.JPEG, 0)}, "a.cr2, b.jpg"},
		{"a time that is not known", []photo.File{unknown("a.cr2", photo.RAW), f("a.jpg", photo.JPEG, 0)}, "a.cr2, a.jpg"},
		{"no time is known", []photo.File{unknown("a.cr2", photo.RAW), unknown("a.jpg", photo.JPEG)}, "a.cr2, a.jpg"},
		{"a zone in one of them", []photo.File{f("a.cr2", photo.RAW, 0), zoned(f("a.jpg", photo.JPEG, 0), 2)}, "a.jpg a.cr2"},
		{"two JPEGs", []photo.File{f("a.jpg", photo.JPEG, 0), f("a.JPEG", photo.JPEG, 0), f("a.nef", photo.RAW, 0)}, "a.JPEG, a.jpg a.nef"},
		{"an export beside it", []photo.File{f("a.jpg", photo.JPEG, 0), f("a.png", photo.PNG, 0)}, "a.jpg, a.png"},
		{"a live photo", []photo.File{f("a.heic", photo.HEIC, 0), film("a.mov", 2*time.Second, 2)}, "a.heic a.mov"},
		{"a live photo with its zone", []photo.File{zoned(f("a.heic", photo.HEIC, 0), 2), film("a.mov", 2*time.Second, 2)}, "a.heic a.mov"},
		{"a film in another zone than the photo", []photo.File{zoned(f("a.heic", photo.HEIC, 0), 2), film("a.mov", 2*time.Second, 1)}, "a.heic, a.mov"},
		{"a live photo as JPEG and HEIC", []photo.File{film("a.mov", 0, 0), f("a.heic", photo.HEIC, 0), f("a.jpg", photo.JPEG, 0)}, "a.jpg a.heic a.mov"},
		{"a film of another time", []photo.File{f("a.heic", photo.HEIC, 0), film("a.mov", 5*time.Minute, 2)}, "a.heic, a.mov"},
		{"a film of another day", []photo.File{f("a.heic", photo.HEIC, 0), film("a.mov", 24*time.Hour, 0)}, "a.heic, a.mov"},
		{"films", []photo.File{film("a.mov", 0, 0), {Name: "a.mp4", Kind: photo.MP4, Taken: at, Zoned: true}}, "a.mov, a.mp4"},
		{"sidecars", []photo.File{f("a.cr2", photo.RAW, 0), f("a.jpg", photo.JPEG, 0), {Name: "a.jpg.xmp"}, {Name: "a.xmp"}, {Name: "b.xmp"}}, "a.jpg a.cr2 / a.jpg.xmp a.xmp"},
		{"a sidecar for two shots", []photo.File{f("a.cr2", photo.RAW, 0), f("a.jpg", photo.JPEG, time.Hour), {Name: "a.xmp"}}, "a.cr2 / a.xmp, a.jpg / a.xmp"},
		{"nothing", nil, ""},
	} {
		var got []string
		for _, shot := range photo.Pair(tt.files) {
			var names []string
			for _, f := range shot.Files {
				names = append(names, f.Name)
			}
			if len(shot.Sidecars) > 0 {
				names = append(names, "/")
			}
			got = append(got, strings.Join(append(names, shot.Sidecars...), " "))
		}
		if fmt.Sprint(strings.Join(got, ", ")) != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, strings.Join(got, ", "), tt.want)
		}
	}
}
