package app

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/photo/phototest"
)

const everyWord = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:e="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmp:Rating="4">
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Harbour &amp; sea</rdf:li></rdf:Alt></dc:title>
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">Two boats, öl</rdf:li></rdf:Alt></dc:description>
<dc:creator><rdf:Seq><rdf:li>Anna</rdf:li></rdf:Seq></dc:creator>
<dc:subject><rdf:Bag><rdf:li>boats</rdf:li><rdf:li>north sea</rdf:li></rdf:Bag></dc:subject>
<e:PersonInImage><rdf:Bag><rdf:li>Ben</rdf:li></rdf:Bag></e:PersonInImage>
</rdf:Description></rdf:RDF></x:xmpmeta>`

// TestEveryFieldArrives holds the table "What goes where" of docs/metadata.md,
// cell by cell. The photo goes as JPEG, and once more as a raw file, whose copy
// has to tell the same.
func TestEveryFieldArrives(t *testing.T) {
	h := newHome(t)
	pic, club := newServer(t, "picapport"), newServer(t, "piwigo")
	ip, up := newServer(t, "ipernity"), newServer(t, "universal")
	o := phototest.Options{
		Width: 1200, Height: 80, Model: "PF-1", Taken: time.Date(2026, 5, 1, 12, 30, 45, 0, time.UTC), Zone: "+02:00",
		GPS: &phototest.Position{Lat: 48.858, Lon: -2.2945}, XMP: everyWord,
	}
	put(t, filepath.Join(h.folder, "Trip", "IMG_1.jpg"), phototest.JPEG(o))
	o.Seed = 1
	put(t, filepath.Join(h.folder, "Trip", "IMG_2.nef"), phototest.Raw(o))
	put(t, filepath.Join(h.folder, "Trip", "IMG_2.nef.xmp"), []byte(everyWord))
	h.with(func(a *App) {
		var names []string
		for _, s := range []*server{pic, club, ip, up} {
			h.join(a, s)
			names = append(names, s.name)
		}
		level := control.AccountChange{Account: "piwigo", Options: map[string]string{"level": "2"}}
		licence := control.AccountChange{Account: "ipernity", Options: map[string]string{"license": "3", "visibility": "family"}}
		for _, c := range []control.AccountChange{level, licence} {
			if r, err := a.ChangeAccount(t.Context(), c); err != nil || !r.OK {
				t.Fatalf("%+v, %v", r, err)
			}
		}
		h.watch(a, control.FolderSpec{Everything: true, Accounts: names, Album: "{folder}"})
		if r := h.deliverAll(a); r.Failed != 0 || a.Status().Counts.Delivered != 8 {
			page, _ := a.Jobs(control.JobQuery{})
			t.Fatalf("%+v, %+v, %+v", r, a.Status().Counts, page.Jobs)
		}
	})

	cell := func(where, field string, got, want any) {
		t.Helper()
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%s, %s: %v, want %v", where, field, got, want)
		}
	}
	inFile := func(where string, dir, digest string, creator bool) {
		t.Helper()
		m := metaOf(t, held(t, dir, digest))
		cell(where, "date in the file", m.Taken.Format(time.RFC3339), "2026-05-01T12:30:45+02:00")
		if m.GPS == nil || math.Abs(m.GPS.Lat-48.858) > 1e-6 || math.Abs(m.GPS.Lon+2.2945) > 1e-6 {
			t.Errorf("%s, place in the file: %+v", where, m.GPS)
		}
		if creator {
			cell(where, "creator in the file", m.Creator, "Anna")
		}
	}
	jpg := func(name string) bool { return name == "IMG_1.jpg" } // what a raw file's sidecar says goes into the fields only

	for _, r := range pic.PicApport().Received() {
		var m struct {
			Title, Description, FileName string
			Rating                       int
			Tags, Persons                []string
		}
		if err := json.Unmarshal(r.Metadata, &m); err != nil {
			t.Fatal(err)
		}
		where := "PicApport " + r.Name
		cell(where, "title", m.Title, "Harbour & sea")
		cell(where, "description", m.Description, "Two boats, öl")
		cell(where, "keywords", m.Tags, []string{"boats", "north sea"})
		cell(where, "persons", m.Persons, []string{"Ben"})
		cell(where, "rating", m.Rating, 4)
		inFile(where, pic.options.Dir, r.SHA256, jpg(r.Name))
	}
	var files []string
	for _, r := range club.Piwigo().Received() {
		where := "Piwigo " + r.File
		files = append(files, r.File)
		slices.Sort(r.Tags)
		cell(where, "title", r.Title, "Harbour & sea")
		cell(where, "description", r.Comment, "Two boats, öl")
		cell(where, "keywords and persons", r.Tags, []string{"Ben", "boats", "north sea"})
		cell(where, "creator", r.Author, "Anna")
		cell(where, "date", r.Date, "2026-05-01 12:30:45")
		cell(where, "level", r.Level, 2)
		cell(where, "album", len(r.Albums) == 1 && r.Visible, true)
		inFile(where, club.options.Dir, r.SHA256, false)
	}
	slices.Sort(files)
	cell("Piwigo", "file names", files, []string{"IMG_1.jpg", "IMG_2.jpg"})
	for _, r := range ip.Ipernity().Received() {
		where := "ipernity " + r.Name
		cell(where, "title", r.Title, "Harbour & sea")
		cell(where, "description", r.Description, "Two boats, öl")
		cell(where, "keywords", r.Keywords, []string{"boats", "north sea"})
		cell(where, "date", r.CreatedAt, "2026-05-01 12:30:45")
		cell(where, "place", fmt.Sprintf("%v %.4f %.4f", r.Located, r.Lat, r.Lng), "true 48.8580 -2.2945")
		cell(where, "licence", r.License, 3)
		cell(where, "visibility", fmt.Sprint(r.Public, r.Family, r.Friend), "false true false")
		cell(where, "albums", len(r.Albums), 1)
		cell(where, "file name", r.Name == "IMG_1.jpg" || r.Name == "IMG_2.nef", true) // it takes raw files
	}
	for _, r := range up.Universal().Received() {
		where := "Universal Platform " + r.FileName
		cell(where, "caption", r.Caption, "Harbour & sea")
		cell(where, "album", r.Album, "Trip")
		cell(where, "file name", r.FileName == "IMG_1.jpg" || r.FileName == "IMG_2.jpg", true)
	}
	for name, n := range map[string]int{
		"PicApport": len(pic.PicApport().Received()), "Piwigo": len(club.Piwigo().Received()),
		"ipernity": len(ip.Ipernity().Received()), "Universal Platform": len(up.Universal().Received()),
	} {
		cell(name, "photos", n, 2)
	}
}
