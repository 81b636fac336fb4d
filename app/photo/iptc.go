package photo

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"

	"github.com/bep/imagemeta"
)

// The limits on IPTC. The standard allows a caption 2,000 bytes and a keyword 64.
const (
	maxIPTC      = 4       // places looked at in one file
	iptcRead     = 1 << 16 // bytes looked at in one place
	iptcValue    = 4000    // bytes of one value
	iptcTotal    = 60_000  // bytes kept: what fits a JPEG's segment
	iptcDatasets = 1000    // datasets kept
)

// iptcSpan is a place where IPTC's datasets may lie: bare, or in one of
// Photoshop's resources.
type iptcSpan struct {
	span
	photoshop bool
}

// iptcWanted are the datasets that pass, each by its record and its number.
// Record 1's is the character set, which has to come before the others.
var iptcWanted = map[[2]byte]string{
	{1, 90}:  "CodedCharacterSet",
	{2, 5}:   "ObjectName",
	{2, 25}:  "Keywords",
	{2, 55}:  "DateCreated",
	{2, 60}:  "TimeCreated",
	{2, 80}:  "By-line",
	{2, 90}:  "City",
	{2, 92}:  "Sub-location",
	{2, 95}:  "Province-State",
	{2, 100}: "Country-PrimaryLocationCode",
	{2, 101}: "Country-PrimaryLocationName",
	{2, 105}: "Headline",
	{2, 120}: "Caption-Abstract",
}

// iptcBlock returns the datasets that may pass, from the first of the places
// that has any, each checked to lie within the bytes that are there.
func iptcBlock(places []iptcSpan) []byte {
	for _, p := range places {
		raw := p.head(make([]byte, min(p.n, iptcRead)), 0)
		if p.photoshop {
			raw = photoshopResource(raw, 0x0404)
		}
		if block := datasets(raw); len(block) > 0 {
			return block
		}
	}
	return nil
}

// photoshopResource returns the data of a resource, cut off where the bytes end.
func photoshopResource(b []byte, id uint16) (data []byte) {
	photoshopResources(b, func(got uint16, body []byte) bool {
		if got == id {
			data = body
		}
		return data == nil
	})
	return data
}

// photoshopResources calls visit for every resource, until it returns false.
func photoshopResources(b []byte, visit func(id uint16, body []byte) bool) {
	for len(b) >= 12 && string(b[:4]) == "8BIM" {
		id := binary.BigEndian.Uint16(b[4:])
		name := 1 + int(b[6])
		name += name % 2
		if len(b) < 6+name+4 {
			return
		}
		n := int64(binary.BigEndian.Uint32(b[6+name:]))
		b = b[6+name+4:]
		if body := b[:min(n, int64(len(b)))]; !visit(id, body) {
			return
		}
		b = b[min(n+n%2, int64(len(b))):]
	}
}

// datasets copies the datasets that may pass.
//
// Text whose character set is not named is UTF-8 if that is what its bytes
// are: many programs write it and do not say so.
func datasets(b []byte) []byte {
	var out, all []byte
	named := false
	for kept := 0; len(b) >= 5 && b[0] == 0x1c && kept < iptcDatasets; {
		id, n := [2]byte{b[1], b[2]}, int(binary.BigEndian.Uint16(b[3:]))
		if n > len(b)-5 { // 0x8000 and more: the length of a length, which no text needs
			break
		}
		value := b[5 : 5+n]
		dataset := b[:5+n]
		b = b[5+n:]
		if iptcWanted[id] == "" || n == 0 || n > iptcValue || len(out)+len(dataset) > iptcTotal {
			continue
		}
		named = named || id[0] == 1
		out = append(out, dataset...)
		all = append(all, value...)
		kept++
	}
	if !named && utf8.Valid(all) && bytes.ContainsFunc(all, func(r rune) bool { return r >= utf8.RuneSelf }) {
		out = append([]byte("\x1c\x01\x5a\x00\x03\x1b%G"), out...)
	}
	return out
}

// decodeIPTC has imagemeta read datasets that passed, out of a JPEG that has
// nothing else.
func decodeIPTC(block []byte) (layer, error) {
	if len(block) == 0 {
		return layer{}, nil
	}
	const resource = "8BIM\x04\x04\x00\x00"
	jpg := []byte{0xff, 0xd8, 0xff, 0xed}
	jpg = binary.BigEndian.AppendUint16(jpg, uint16(2+len(photoshopIntro)+len(resource)+4+len(block)))
	jpg = append(append(jpg, photoshopIntro...), resource...)
	jpg = binary.BigEndian.AppendUint32(jpg, uint32(len(block)))
	jpg = append(append(jpg, block...), 0xff, 0xd9)

	values := map[string][]string{}
	_, err := imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(jpg), ImageFormat: imagemeta.JPEG, Sources: imagemeta.IPTC,
		LimitNumTags: iptcDatasets + 1,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool {
			return t.Namespace == "IPTCApplication" || t.Namespace == "IPTCEnvelope"
		},
		HandleTag: func(t imagemeta.TagInfo) error {
			values[t.Tag] = append(values[t.Tag], texts(t.Value)...)
			return nil
		},
	})
	if err != nil {
		return layer{}, err
	}
	return iptcLayer(values), nil
}

// iptcLayer sorts decoded datasets into fields.
func iptcLayer(values map[string][]string) layer {
	one := func(name string) string { return first(values[name]) }
	l := layer{headline: one("Headline")}
	l.Title, l.Description = one("ObjectName"), one("Caption-Abstract")
	l.Creator = strings.Join(clean(values["By-line"]), "; ")
	l.Tags = clean(values["Keywords"])
	l.Place = Place{
		Location: one("Sub-location"), City: one("City"), State: one("Province-State"),
		Country: one("Country-PrimaryLocationName"), CountryCode: one("Country-PrimaryLocationCode"),
	}
	if day := one("DateCreated"); len(day) == 10 {
		l.Taken, l.Zoned = parseISO(strings.ReplaceAll(day, ":", "-") + "T" + one("TimeCreated"))
		if l.Taken.IsZero() {
			l.Taken, l.Zoned = parseISO(strings.ReplaceAll(day, ":", "-"))
		}
	}
	return l
}
