package photo_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
)

func TestSidecarsWinOverTheFile(t *testing.T) {
	east := time.FixedZone("", 2*3600)
	file := photo.Meta{
		Taken: time.Date(2026, 7, 14, 18, 30, 5, 0, east), Zoned: true, Orientation: 6, Make: "ACME", Model: "Box 1", Lens: "35mm", Width: 40, Height: 30,
		GPS: &photo.Position{Lat: 1, Lon: 2}, Title: "file", Description: "file", Creator: "file", Rating: 4, Tags: []string{"file"},
		TagPaths: [][]string{{"a", "file"}}, Persons: []string{"file"}, Place: photo.Place{City: "file", Country: "file"},
	}
	over := func(packet string) photo.Meta {
		t.Helper()
		s, err := photo.ReadSidecar(strings.NewReader(packet), int64(len(packet)))
		if err != nil {
			t.Fatal(err)
		}
		return s.Over(file)
	}
	if got := over(xmpOf("", "")); !reflect.DeepEqual(got, file) {
		t.Errorf("an empty sidecar made %+v", got)
	}
	if got := (photo.Sidecar{}).Over(file); !reflect.DeepEqual(got, file) {
		t.Errorf("no sidecar made %+v", got)
	}
	got := over(xmpOf(`tiff:Orientation="1" tiff:Model="Box 2" xmp:Rating="0" dc:title="side" dc:description="side" photoshop:City="side" exif:DateTimeOriginal="2020-01-02T03:04:05" exif:GPSLatitude="3,0N" exif:GPSLongitude="4,0E"`,
		"<dc:creator>side</dc:creator><dc:subject><rdf:Bag><rdf:li>side</rdf:li></rdf:Bag></dc:subject><Iptc4xmpExt:PersonInImage><rdf:Bag><rdf:li>side</rdf:li></rdf:Bag></Iptc4xmpExt:PersonInImage>"))
	want := photo.Meta{
		Taken: time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC), Orientation: 1, Make: "ACME", Model: "Box 2", Lens: "35mm", Width: 40, Height: 30,
		GPS: &photo.Position{Lat: 3, Lon: 4}, Title: "side", Description: "side", Creator: "side", Tags: []string{"side"},
		Persons: []string{"side"}, Place: photo.Place{City: "side", Country: "file"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSidecarFor(t *testing.T) {
	for _, tt := range []struct{ photo, names, want string }{
		{"IMG_1.jpg", "IMG_1.jpg IMG_1.xmp", "IMG_1.xmp"},
		{"IMG_1.jpg", "IMG_1.xmp IMG_1.jpg.xmp IMG_1.cr2.xmp", "IMG_1.jpg.xmp"},
		{"IMG_1.cr2", "IMG_1.jpg.xmp IMG_1.xmp", "IMG_1.xmp"},
		{"IMG_1.JPG", "img_1.XMP", "img_1.XMP"},
		{"IMG_1.cr2", "IMG_1.jpg.xmp IMG_10.xmp IMG_1.xml", ""},
		{"IMG_1.xmp", "IMG_1.xmp IMG_1.xmp.xmp", ""},
		{"noext", "noext.xmp", "noext.xmp"},
	} {
		if got := photo.SidecarFor(tt.photo, strings.Fields(tt.names)); got != tt.want {
			t.Errorf("%s among %s: got %q, want %q", tt.photo, tt.names, got, tt.want)
		}
	}
}

func TestClocks(t *testing.T) {
	wall := time.Date(2026, 7, 14, 18, 30, 5, 250e6, time.UTC)
	zone := func(hours int) *time.Location { return time.FixedZone("", hours*3600) }
	clocks := photo.Clocks{"box 1": -time.Hour, "ACME Box 2": 7 * time.Minute, "Box 2": time.Hour}
	for _, tt := range []struct {
		name     string
		m        photo.Meta
		want     time.Time
		zoned    bool
		byTheGPS bool
	}{
		{"no zone", photo.Meta{Model: "Box 1", Taken: wall}, wall.Add(-time.Hour), false, false},
		{"make and model go first", photo.Meta{Make: "Acme", Model: "Box 2", Taken: wall}, wall.Add(7 * time.Minute), false, false},
		{"another make", photo.Meta{Make: "Other", Model: "Box 2", Taken: wall}, wall.Add(time.Hour), false, false},
		{"another camera", photo.Meta{Model: "Box 3", Taken: wall}, wall, false, false},
		{"no camera", photo.Meta{Taken: wall}, wall, false, false},
		{"no time", photo.Meta{Model: "Box 1"}, time.Time{}, false, false},
		{"a zone that the camera wrote", photo.Meta{Model: "Box 1", Taken: wall.In(zone(2)), Zoned: true}, wall.Add(-time.Hour).In(zone(2)), true, false},
		{
			"a zone that was found with the wrong time", // an hour ahead, which looked like the zone to the east
			photo.Meta{Model: "Box 1", Taken: time.Date(2026, 7, 14, 18, 30, 0, 0, zone(3)), Zoned: true, ZoneByGPS: true, GPSTime: time.Date(2026, 7, 14, 15, 30, 0, 0, time.UTC)},
			time.Date(2026, 7, 14, 17, 30, 0, 0, zone(2)), true, true,
		},
		{
			"a zone that could not be found with the wrong time",
			photo.Meta{Make: "ACME", Model: "Box 2", Taken: wall, GPSTime: wall.Add(-2*time.Hour + 7*time.Minute)},
			wall.Add(-2*time.Hour + 7*time.Minute).In(zone(2)), true, true,
		},
	} {
		got := clocks.Correct(tt.m)
		if got.Taken.Format(time.RFC3339Nano) != tt.want.Format(time.RFC3339Nano) || got.Zoned != tt.zoned || got.ZoneByGPS != tt.byTheGPS {
			t.Errorf("%s: got %v, zoned %v; want %v, zoned %v", tt.name, got.Taken, got.Zoned, tt.want, tt.zoned)
		}
	}
}
