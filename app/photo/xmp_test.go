package photo_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/photoferry/photoferry/app/photo"
)

const xmpNames = `xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" ` +
	`xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:MicrosoftPhoto="http://ns.microsoft.com/photo/1.0/" ` +
	`xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/" xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" ` +
	`xmlns:lr="http://ns.adobe.com/lightroom/1.0/" xmlns:my="http://example.com/"`

// xmpHead is how a JPEG's segment with a packet starts.
const xmpHead = "http://ns.adobe.com/xap/1.0/\x00"

// xmpOf is a packet with one description: its further attributes, and its content.
func xmpOf(attributes, content string) string {
	return `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF ` + xmpNames + `><rdf:Description ` + attributes + `>` + content + `</rdf:Description></rdf:RDF></x:xmpmeta>`
}

// sidecar reads a packet as a file of its own.
func sidecar(packet string) (photo.Meta, error) {
	s, err := photo.ReadSidecar(strings.NewReader(packet), int64(len(packet)))
	return s.Over(photo.Meta{}), err
}

func wide(s string, order binary.AppendByteOrder) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = order.AppendUint16(b, u)
	}
	return string(b)
}

func TestXMP(t *testing.T) {
	title := xmpOf("", `<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Été</rdf:li><rdf:li xml:lang="de">Sommer</rdf:li></rdf:Alt></dc:title>`)
	bag := func(name string, items ...string) string {
		return "<" + name + "><rdf:Bag><rdf:li>" + strings.Join(items, "</rdf:li><rdf:li>") + "</rdf:li></rdf:Bag></" + name + ">"
	}
	at := func(y, m, d, h, min, s int, zone *time.Location) time.Time {
		return time.Date(y, time.Month(m), d, h, min, s, 0, zone)
	}
	east := time.FixedZone("", 9*3600)
	for _, tt := range []struct {
		name, packet string
		want         photo.Meta
	}{
		{"the default language", title, photo.Meta{Title: "Été"}},
		{"UTF-16, little end first", wide("\ufeff"+title, binary.LittleEndian), photo.Meta{Title: "Été"}},
		{"UTF-16, big end first", wide(title, binary.BigEndian), photo.Meta{Title: "Été"}},
		{"UTF-16 that names itself", wide(`<?xml version="1.0" encoding="UTF-16"?>`+title, binary.BigEndian), photo.Meta{Title: "Été"}},
		{"a byte order mark and a declaration", "\ufeff" + `<?xml version="1.0" encoding="UTF-8"?>` + title, photo.Meta{Title: "Été"}},
		{"a packet around it", "<?xpacket begin='\ufeff' id='W5M0MpCehiHzreSzNTczkc9d'?>\n" + title + strings.Repeat(" ", 2000) + "<?xpacket end='w'?>", photo.Meta{Title: "Été"}},
		{"no root but RDF", `<rdf:RDF ` + xmpNames + `><rdf:Description dc:title="short"/></rdf:RDF>`, photo.Meta{Title: "short"}},
		{"characters by number", xmpOf("", `<dc:title>A &amp; B &#xe9;</dc:title>`), photo.Meta{Title: "A & B é"}},
		{"other namespaces' names", xmpOf(`my:Rating="5" my:title="no" my:City="no"`, bag("my:subject", "no")+"<xmp:Label>Red</xmp:Label>"), photo.Meta{}},
		{"Microsoft's rating beside XMP's", xmpOf(`MicrosoftPhoto:Rating="75" xmp:Rating="2"`, ""), photo.Meta{Rating: 2}},
		{"Microsoft's rating alone", xmpOf(`MicrosoftPhoto:Rating="99"`, ""), photo.Meta{Rating: 5}},
		{"a rejected picture", xmpOf(`xmp:Rating="-1"`, ""), photo.Meta{}},
		{"too many stars", xmpOf(`xmp:Rating="1e9"`, ""), photo.Meta{Rating: 5}},
		{"stars that are no number", xmpOf(`xmp:Rating="NaN"`, ""), photo.Meta{}},
		{"keywords, one twice and one empty", xmpOf("", bag("dc:subject", "sea", " ", "sea", "a, b")), photo.Meta{Tags: []string{"sea", "a, b"}}},
		{"hierarchical keywords alone", xmpOf("", bag("lr:hierarchicalSubject", "Places|Italy|Rome", "Places|Italy", "|")), photo.Meta{
			Tags: []string{"Rome", "Italy"}, TagPaths: [][]string{{"Places", "Italy", "Rome"}, {"Places", "Italy"}},
		}},
		{"a place in degrees and minutes", xmpOf(`exif:GPSLatitude="26,34.951S" exif:GPSLongitude="80,12.014W" exif:GPSAltitude="125/10" exif:GPSAltitudeRef="1"`, ""), photo.Meta{
			GPS: &photo.Position{Lat: -(26 + 34.951/60), Lon: -(80 + 12.014/60), Alt: -12.5, HasAlt: true},
		}},
		{"a place in the Atlantic", xmpOf(`exif:GPSLatitude="0,0N" exif:GPSLongitude="0,0E"`, ""), photo.Meta{}},
		{"a place that is none", xmpOf(`exif:GPSLatitude="NaN" exif:GPSLongitude="Inf"`, ""), photo.Meta{}},
		{"a time with its zone", xmpOf(`exif:DateTimeOriginal="2019-03-02T01:02:03+09:00" xmp:CreateDate="2020-01-01"`, ""), photo.Meta{Taken: at(2019, 3, 2, 1, 2, 3, east), Zoned: true}},
		{"a time without one", xmpOf(`photoshop:DateCreated="2019-03-02T01:02"`, ""), photo.Meta{Taken: at(2019, 3, 2, 1, 2, 0, time.UTC)}},
		{"a year", xmpOf(`photoshop:DateCreated="1954"`, ""), photo.Meta{Taken: at(1954, 1, 1, 0, 0, 0, time.UTC)}},
		{"a time that is none", xmpOf(`photoshop:DateCreated="yesterday" exif:DateTimeOriginal="2019-02-30T00:00:00"`, ""), photo.Meta{}},
		{"a time in a zone that is none", xmpOf(`photoshop:DateCreated="2019-03-02T01:02:03+23:00"`, ""), photo.Meta{}},
		{"faces, whichever way they are written", xmpOf("", `<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:RegionList><rdf:Bag>`+
			`<rdf:li rdf:parseType="Resource"><mwg-rs:Name>Ann</mwg-rs:Name><mwg-rs:Type>Face</mwg-rs:Type></rdf:li>`+
			`<rdf:li><rdf:Description mwg-rs:Name="Bob" mwg-rs:Type="Face"/></rdf:li><rdf:li mwg-rs:Name="Cid"/>`+
			`<rdf:li mwg-rs:Name="Rex" mwg-rs:Type="Pet"/><rdf:li mwg-rs:Type="Face"/></rdf:Bag></mwg-rs:RegionList></mwg-rs:Regions>`+
			bag("Iptc4xmpExt:PersonInImage", "Bob", "Dee")), photo.Meta{Persons: []string{"Ann", "Bob", "Cid", "Dee"}}},
		{"people tags", xmpOf("", `<my:RegionInfo><rdf:Description><my:Regions><rdf:Bag><rdf:li><rdf:Description MPReg:PersonDisplayName="Eve"/></rdf:li></rdf:Bag></my:Regions></rdf:Description></my:RegionInfo>`), photo.Meta{Persons: []string{"Eve"}}},
		{"a person with details", xmpOf("", `<Iptc4xmpExt:PersonInImageWDetails><rdf:Bag><rdf:li rdf:parseType="Resource"><Iptc4xmpExt:PersonName><rdf:Alt><rdf:li xml:lang="x-default">Fay</rdf:li><rdf:li xml:lang="fr">Fée</rdf:li></rdf:Alt></Iptc4xmpExt:PersonName></rdf:li></rdf:Bag></Iptc4xmpExt:PersonInImageWDetails>`), photo.Meta{Persons: []string{"Fay"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := sidecar(tt.packet)
			if err != nil {
				t.Fatal(err)
			}
			if !got.Taken.Equal(tt.want.Taken) {
				t.Errorf("taken %v, want %v", got.Taken, tt.want.Taken)
			}
			got.Taken, tt.want.Taken = time.Time{}, time.Time{}
			if !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
}

// TestHostilePackets reads each as a sidecar and in a JPEG that has EXIF.
func TestHostilePackets(t *testing.T) {
	deep := strings.Repeat("<my:a>", 3000) + strings.Repeat("</my:a>", 3000)
	for name, packet := range map[string]string{
		"entities that multiply": `<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>` + xmpOf("", "<dc:title>&b;</dc:title>"),
		"a foreign entity":       `<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>` + xmpOf("", "<dc:title>&a;</dc:title>"),
		"a document type within": xmpOf("", "<dc:title>x</dc:title>") + `<!DOCTYPE x>`,
		"an unknown entity":      xmpOf("", "<dc:title>&a;</dc:title>"),
		"too many elements":      xmpOf("", strings.Repeat("<my:a/>", 10_000)),
		"too many attributes":    xmpOf(strings.Repeat(` my:a=""`, 10_000), ""),
		"too long":               xmpOf("", "<dc:title>"+strings.Repeat("x", 600_000)+"</dc:title>"),
		"too long in UTF-16":     wide(xmpOf("", "<dc:title>"+strings.Repeat("x", 300_000)+"</dc:title>"), binary.LittleEndian),
		"as deep as it may be":   xmpOf("", deep[:len(deep)/2]),
		"not closed":             xmpOf("", "<dc:title>")[:500],
		"another encoding":       `<?xml version="1.0" encoding="Big5"?><!-- -->` + "\xa4",
	} {
		t.Run(name, func(t *testing.T) {
			var err error
			n := allocated(t, func() { _, err = sidecar(packet) })
			if err == nil || n > photo.MetaMemory {
				t.Errorf("%d bytes, %v", n, err)
			}
			if len(packet) > 60_000 {
				return // not in one segment
			}
			m, err := photo.ReadMeta(bytes.NewReader(inJPEG(segment(0xe1, []byte(xmpHead+packet)), exifSegment(layout([]value{str(makeTag, "ACME")}, nil, nil)))), 1<<20)
			if err == nil || m.Make != "ACME" || m.Title != "" {
				t.Errorf("in a JPEG: %+v, %v", m, err)
			}
		})
	}
	if _, err := sidecar("just text"); !errors.Is(err, photo.ErrNoMeta) {
		t.Errorf("no packet: %v", err)
	}
	if _, err := photo.ReadSidecar(failing{errors.New("broken disk")}, 1000); err == nil || errors.Is(err, photo.ErrNoMeta) {
		t.Errorf("a failing disk: %v", err)
	}
}

// TestPacketsAtTheLimitStayWithinTheMemory measures the worst that is read.
func TestPacketsAtTheLimitStayWithinTheMemory(t *testing.T) {
	long := strings.Repeat("x", 250_000)
	for name, packet := range map[string]string{
		"elements":             xmpOf("", strings.Repeat("<my:a/>", 4_900)),
		"elements of ours":     xmpOf("", strings.Repeat("<dc:title>x</dc:title>", 2_300)),
		"attributes":           xmpOf(strings.Repeat(` dc:title=""`, 4_900), ""),
		"items":                xmpOf("", "<dc:subject><rdf:Bag>"+strings.Repeat("<rdf:li>keyword</rdf:li>", 2_300)+"</rdf:Bag></dc:subject>"),
		"regions":              xmpOf("", "<mwg-rs:RegionList><rdf:Bag>"+strings.Repeat(`<rdf:li mwg-rs:Name="x"/>`, 2_300)+"</rdf:Bag></mwg-rs:RegionList>"),
		"one long text":        xmpOf("", "<dc:title>"+long+"</dc:title>"),
		"one long attribute":   xmpOf(`dc:title="`+long+`"`, ""),
		"one long comment":     xmpOf("", "<!-- "+long+" -->"),
		"one long name":        xmpOf("", "<my:"+long[:100_000]+"></my:"+long[:100_000]+">"),
		"elements and a text":  xmpOf("", strings.Repeat("<my:a/>", 4_800)+"<dc:title>"+long[:220_000]+"</dc:title>"),
		"the same in UTF-16":   wide(xmpOf("", strings.Repeat("<my:a/>", 4_800)+"<dc:title>"+strings.Repeat("€", 95_000)+"</dc:title>"), binary.LittleEndian),
		"long texts in UTF-16": wide(xmpOf("", "<dc:title>"+long[:120_000]+"</dc:title>"), binary.BigEndian),
	} {
		var err error
		n := allocated(t, func() { _, err = sidecar(packet) })
		if strings.HasPrefix(packet, "<x") && err != nil {
			t.Errorf("%s: %v", name, err)
		}
		t.Logf("%s: %d bytes take %d", name, len(packet), n)
		if n > photo.MetaMemory {
			t.Errorf("%s took %d bytes", name, n)
		}
	}
}

func TestLayersHaveAnOrder(t *testing.T) {
	exif := layout([]value{
		str(makeTag, "EXIF"), str(modelTag, "EXIF"), str(descriptionTag, "EXIF's"), str(0x013b, "EXIF"), short(orientationTag, 6), short(0x4746, 1),
	}, []value{str(originalTag, "2026:07:14 18:30:05")}, nil)
	xmp := xmpHead + xmpOf(`tiff:Make="XMP" tiff:Orientation="3" xmp:Rating="4" dc:title="XMP" dc:description="XMP's" photoshop:City="XMP" exif:DateTimeOriginal="2001-01-01T00:00:00Z"`,
		"<dc:creator><rdf:Seq><rdf:li>XMP</rdf:li><rdf:li>Two</rdf:li></rdf:Seq></dc:creator><dc:subject><rdf:Bag><rdf:li>XMP</rdf:li></rdf:Bag></dc:subject>")
	iptc := "\x1c\x02\x05\x00\x04IPTC\x1c\x02\x78\x00\x06IPTC's\x1c\x02\x50\x00\x04IPTC\x1c\x02\x19\x00\x04IPTC\x1c\x02\x5a\x00\x04IPTC\x1c\x02\x65\x00\x04IPTC\x1c\x02\x37\x00\x0820020202\x1c\x02\x3c\x00\x0b030405+0200"
	app13 := append([]byte("Photoshop 3.0\x008BIM\x04\x04\x00\x00\x00\x00\x00"), append([]byte{byte(len(iptc))}, iptc...)...)
	segments := map[string][]byte{"E": exifSegment(exif), "X": segment(0xe1, []byte(xmp)), "I": segment(0xed, app13)}
	for of, want := range map[string]string{
		"E":   "EXIF|EXIF's|EXIF|[]||1|6|EXIF|2026-07-14T18:30:05Z",
		"I":   "IPTC|IPTC's|IPTC|[IPTC]|IPTC|0|0||2002-02-02T03:04:05+02:00",
		"X":   "XMP|XMP's|XMP; Two|[XMP]|XMP|4|3|XMP|2001-01-01T00:00:00Z",
		"EI":  "IPTC|IPTC's|IPTC|[IPTC]|IPTC|1|6|EXIF|2026-07-14T18:30:05Z",
		"XI":  "XMP|XMP's|XMP; Two|[XMP]|XMP|4|3|XMP|2001-01-01T00:00:00Z",
		"IEX": "XMP|XMP's|XMP; Two|[XMP]|XMP|4|6|EXIF|2026-07-14T18:30:05Z",
	} {
		var parts [][]byte
		for _, r := range of {
			parts = append(parts, segments[string(r)])
		}
		m := read(t, inJPEG(parts...))
		title := m.Title
		if of == "E" {
			title = "EXIF" // which has none
		}
		if got := fmt.Sprintf("%s|%s|%s|%v|%s|%d|%d|%s|%s", title, m.Description, m.Creator, m.Tags, m.Place.City, m.Rating, m.Orientation, m.Make, m.Taken.Format(time.RFC3339)); got != want {
			t.Errorf("%s: got %s, want %s", of, got, want)
		}
		if strings.Contains(of, "I") && m.Place.Country != "IPTC" {
			t.Errorf("%s: the country is %q", of, m.Place.Country)
		}
	}
}

func TestIPTCCharacterSets(t *testing.T) {
	set := func(parts ...string) []byte {
		b := []byte("Photoshop 3.0\x00")
		body := strings.Join(parts, "")
		b = append(b, "8BIM\x03\xed\x00\x00\x00\x00\x00\x01x\x008BIM\x04\x04\x05names\x00\x00"...) // another resource, and a name
		return inJPEG(segment(0xed, append(binary.BigEndian.AppendUint16(b, uint16(len(body))), body...)))
	}
	dataset := func(record, number byte, text string) string {
		return string([]byte{0x1c, record, number, byte(len(text) >> 8), byte(len(text))}) + text
	}
	for _, tt := range []struct{ name, title, charset, want string }{
		{"UTF-8 that is named", "Été", "\x1b%G", "Été"},
		{"UTF-8 that is not", "Été", "", "Été"},
		{"Latin-1 that is named", "\xc9t\xe9", "\x1b.A", "Été"},
		{"Latin-1 that is not", "\xc9t\xe9", "", "Été"},
		{"Windows' quotation marks", "\x93\xc9t\xe9\x94", "", "“Été”"},
		{"ASCII", " plain\x00", "", "plain"},
	} {
		var parts []string
		if tt.charset != "" {
			parts = append(parts, dataset(1, 90, tt.charset))
		}
		parts = append(parts, dataset(2, 0, "\x00\x04"), dataset(2, 5, tt.title))
		if m := read(t, set(parts...)); m.Title != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, m.Title, tt.want)
		}
	}
	many := strings.Repeat(dataset(2, 25, "keyword"), 5000)
	file := set(many)
	if n := allocated(t, func() { _, _ = photo.ReadMeta(bytes.NewReader(file), int64(len(file))) }); n > photo.MetaMemory {
		t.Errorf("many keywords took %d bytes", n)
	}
	if m := read(t, set(dataset(2, 5, "title"), "\x1c\x02\x19\x80\x04\x7f\xff\xff\xff", dataset(2, 90, "no"))); m.Title != "title" || m.Place.City != "" {
		t.Errorf("a length of a length gave %+v", m)
	}
}

func TestFilmsGiveTheirDate(t *testing.T) {
	mvhd := func(version byte, seconds uint64) []byte {
		b := []byte{version, 0, 0, 0}
		if version == 1 {
			return box("mvhd", binary.BigEndian.AppendUint64(b, seconds), make([]byte, 80))
		}
		return box("mvhd", binary.BigEndian.AppendUint32(b, uint32(seconds)), make([]byte, 80))
	}
	const seconds = 3_866_000_000 // since 1904
	want := time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC).Add(seconds * time.Second)
	for name, tt := range map[string]struct {
		film []byte
		want time.Time
	}{
		"MP4":            {append(box("ftyp", []byte("isom\x00\x00\x00\x00")), box("moov", box("free"), mvhd(0, seconds))...), want},
		"MOV":            {append(box("ftyp", []byte("qt  \x00\x00\x00\x00")), append(box("mdat", make([]byte, 5000)), box("moov", mvhd(0, seconds))...)...), want},
		"wide numbers":   {append(box("ftyp", []byte("isom\x00\x00\x00\x00")), box("moov", mvhd(1, seconds))...), want},
		"no date":        {append(box("ftyp", []byte("isom\x00\x00\x00\x00")), box("moov", mvhd(0, 0))...), time.Time{}},
		"a wrong date":   {append(box("ftyp", []byte("isom\x00\x00\x00\x00")), box("moov", mvhd(1, 1<<60))...), time.Time{}},
		"an early end":   {append(box("ftyp", []byte("isom\x00\x00\x00\x00")), box("moov", box("mvhd", []byte{0, 0}))...), time.Time{}},
		"no film at all": {append(box("ftyp", []byte("M4A \x00\x00\x00\x00")), box("moov", mvhd(0, seconds))...), time.Time{}},
	} {
		m, err := photo.ReadMeta(bytes.NewReader(tt.film), int64(len(tt.film)))
		if !m.Taken.Equal(tt.want) || m.Zoned != !tt.want.IsZero() || errors.Is(err, photo.ErrNoMeta) != tt.want.IsZero() {
			t.Errorf("%s: got %v, %v", name, m.Taken, err)
		}
	}
}

// TestXMPInRawFiles covers the containers that exiftool could not stamp.
func TestXMPInRawFiles(t *testing.T) {
	xmp := xmpOf(`xmp:Rating="3"`, "<dc:title>raw</dc:title>")
	const xmpUUID = "\xbe\x7a\xcf\xcb\x97\xa9\x42\xe8\x9c\x71\x99\x94\x91\xe3\xaf\xac"
	iptc := "\x1c\x02\x5a\x00\x05Paris"
	tags := []value{str(makeTag, "ACME"), {0x02bc, 1, uint32(len(xmp)), []byte(xmp)}, {0x83bb, 7, uint32(len(iptc)), []byte(iptc)}}
	orf := layout(tags, nil, nil)
	copy(orf, "IIRO")
	for name, tt := range map[string]struct {
		file []byte
		city string
	}{
		"DNG, NEF, ARW, PEF": {layout(tags, nil, nil), "Paris"},
		"ORF":                {orf, "Paris"},
		"RAF":                {rafFile(inJPEG(exifSegment(layout(tags[:1], nil, nil)), segment(0xe1, []byte(xmpHead+xmp)))), ""},
		"CR3": {bytes.Join([][]byte{
			box("ftyp", []byte("crx \x00\x00\x00\x01crx ")), box("moov", box("uuid", []byte(canonUUID), box("CMT1", layout(tags[:1], nil, nil)))),
			box("uuid", []byte(xmpUUID), []byte(xmp)), box("mdat", make([]byte, 100)),
		}, nil), ""},
	} {
		if m := read(t, tt.file); m.Make != "ACME" || m.Title != "raw" || m.Rating != 3 || m.Place.City != tt.city {
			t.Errorf("%s: %+v", name, m)
		}
	}
}

// TestPNGProfiles reads what ImageMagick writes.
func TestPNGProfiles(t *testing.T) {
	chunk := func(typ string, body []byte) []byte {
		b := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), typ...)
		return append(append(b, body...), 0, 0, 0, 0)
	}
	lines := func(what string, data []byte) []byte {
		text := hex.EncodeToString(data)
		var b strings.Builder
		fmt.Fprintf(&b, "\n%s\n%8d", what, len(data))
		for ; len(text) > 0; text = text[min(72, len(text)):] {
			b.WriteString("\n" + text[:min(72, len(text))])
		}
		return []byte(b.String() + "\n")
	}
	plain := func(what string, data []byte) []byte {
		return chunk("tEXt", append([]byte("Raw profile type "+what+"\x00"), lines(what, data)...))
	}
	packed := func(what string, data []byte) []byte {
		var b bytes.Buffer
		b.WriteString("Raw profile type " + what + "\x00\x00")
		z := zlib.NewWriter(&b)
		if _, err := z.Write(lines(what, data)); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return chunk("zTXt", b.Bytes())
	}
	exif := append([]byte("Exif\x00\x00"), layout([]value{str(makeTag, "ACME")}, nil, nil)...)
	iptc := []byte("8BIM\x04\x04\x00\x00\x00\x00\x00\x0a\x1c\x02\x5a\x00\x05Paris")
	xmp := []byte(xmpOf("", "<dc:title>magick</dc:title>"))
	for name, write := range map[string]func(string, []byte) []byte{"tEXt": plain, "zTXt": packed} {
		file := bytes.Join([][]byte{[]byte("\x89PNG\r\n\x1a\n"), write("exif", exif), write("iptc", iptc), write("xmp", xmp), write("icc", xmp), chunk("IEND", nil)}, nil)
		if m := read(t, file); m.Make != "ACME" || m.Place.City != "Paris" || m.Title != "magick" {
			t.Errorf("%s: %+v", name, m)
		}
		file = bytes.Join([][]byte{[]byte("\x89PNG\r\n\x1a\n"), write("APP1", append([]byte(xmpHead), xmp...)), chunk("eXIf", exif), write("exif", []byte("no"))}, nil)
		if m := read(t, file); m.Make != "ACME" || m.Title != "magick" {
			t.Errorf("%s: beside a chunk: %+v", name, m)
		}
	}
	file := bytes.Join([][]byte{[]byte("\x89PNG\r\n\x1a\n"), chunk("tEXt", append([]byte("XML:com.adobe.xmp\x00"), xmp...)), chunk("IEND", nil)}, nil)
	if m := read(t, file); m.Title != "magick" {
		t.Errorf("XMP in a text chunk: %+v", m)
	}
	bomb := packed("exif", make([]byte, 1<<20))
	file = append([]byte("\x89PNG\r\n\x1a\n"), bytes.Repeat(bomb, 20)...)
	n := allocated(t, func() { _, _ = photo.ReadMeta(bytes.NewReader(file), int64(len(file))) })
	if n > photo.MetaMemory {
		t.Errorf("bombs took %d bytes", n)
	}
	full := packed("xmp", bytes.Repeat([]byte("<a/>"), 31_000)) // unpacks to nearly the limit
	file = bytes.Join([][]byte{[]byte("\x89PNG\r\n\x1a\n"), full, packed("iptc", bytes.Repeat(iptc, 5000)), packed("exif", bytes.Repeat(exif, 1200))}, nil)
	n = allocated(t, func() { _, _ = photo.ReadMeta(bytes.NewReader(file), int64(len(file))) })
	if t.Logf("profiles at the limit take %d bytes", n); n > photo.MetaMemory {
		t.Errorf("profiles at the limit took %d bytes", n)
	}
}
