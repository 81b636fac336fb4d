package photo

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/bep/imagemeta"
)

// The limits on XMP.
const (
	// xmpLimit is how long a packet may be, in bytes. An editor's history is
	// the longest part of one.
	xmpLimit = 256 << 10
	// xmpMarks is how many tags and attributes it may have in all. Decoding
	// takes memory by their number rather than by the packet's length.
	xmpMarks = 5000
)

// The namespaces of the properties that we read.
const (
	nsRDF       = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
	nsDC        = "http://purl.org/dc/elements/1.1/"
	nsXMP       = "http://ns.adobe.com/xap/1.0/"
	nsExif      = "http://ns.adobe.com/exif/1.0/"
	nsExifEX    = "http://cipa.jp/exif/1.0/"
	nsAux       = "http://ns.adobe.com/exif/1.0/aux/"
	nsTIFF      = "http://ns.adobe.com/tiff/1.0/"
	nsPhotoshop = "http://ns.adobe.com/photoshop/1.0/"
	nsLightroom = "http://ns.adobe.com/lightroom/1.0/"
	nsDigiKam   = "http://www.digikam.org/ns/1.0/"
	nsMicrosoft = "http://ns.microsoft.com/photo/1.0/"
	nsCore      = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
	nsExt       = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
	nsRegions   = "http://www.metadataworkinggroup.com/schemas/regions/"
	nsMPReg     = "http://ns.microsoft.com/photo/1.2/t/Region#"
)

var (
	errXMPSize  = fmt.Errorf("an XMP packet of more than %d bytes or %d tags and attributes", xmpLimit, xmpMarks)
	errXMPDTD   = errors.New("an XMP packet with a document type or entities")
	errXMPEmpty = errors.New("no XMP packet")
)

// readXMP reads a packet out of a file; nil if there is none.
func readXMP(s span, packed bool) ([]byte, error) {
	if s.n == 0 {
		return nil, nil
	}
	if !packed {
		if s.n > xmpLimit {
			return nil, errXMPSize
		}
		return s.head(make([]byte, s.n), 0), nil
	}
	z, err := zlib.NewReader(s.section())
	if err != nil {
		return nil, err
	}
	packet, err := io.ReadAll(io.LimitReader(z, xmpLimit+1))
	if len(packet) > xmpLimit {
		return nil, errXMPSize
	}
	return packet, err
}

// decodeXMP reads a packet that is untrusted.
func decodeXMP(packet []byte) (layer, error) {
	packet, err := fenceXMP(packet)
	if err != nil {
		return layer{}, err
	}
	values, err := properties(packet)
	if err != nil {
		return layer{}, err
	}
	l := xmpLayer(values)
	l.Persons = unique(append(regionPersons(packet), clean(values[property{nsExt, "PersonInImage"}])...))
	return l, nil
}

// fenceXMP returns a packet in UTF-8 whose root is the one that imagemeta
// wants, or an error for one that is too much for a decoder.
func fenceXMP(packet []byte) ([]byte, error) {
	packet = utf8Packet(packet)
	start := bytes.IndexByte(packet, '<')
	if start < 0 {
		return nil, errXMPEmpty
	}
	packet = packet[start:]
	if marks := bytes.Count(packet, []byte("<")) + bytes.Count(packet, []byte("=")); len(packet) > xmpLimit || marks > xmpMarks {
		return nil, errXMPSize
	}
	// encoding/xml does not expand entities, but nothing good declares any.
	for rest := packet; ; {
		i := bytes.Index(rest, []byte("<!"))
		if i < 0 {
			break
		}
		if rest = rest[i+2:]; !bytes.HasPrefix(rest, []byte("--")) && !bytes.HasPrefix(rest, []byte("[CDATA[")) {
			return nil, errXMPDTD
		}
	}
	if bytes.HasPrefix(packet, []byte("<?xml ")) { // the encoding that it names is no longer true
		_, packet, _ = bytes.Cut(packet, []byte("?>"))
	}
	if !bytes.Contains(packet, []byte("xmpmeta")) && !bytes.Contains(packet, []byte("xapmeta")) {
		packet = append(append([]byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/">`), packet...), "</x:xmpmeta>"...)
	}
	return packet, nil
}

// utf8Packet recodes UTF-16.
func utf8Packet(packet []byte) []byte {
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(packet, []byte("\xfe\xff")), bytes.HasPrefix(packet, []byte("\x00<")):
		order = binary.BigEndian
	case bytes.HasPrefix(packet, []byte("\xff\xfe")), bytes.HasPrefix(packet, []byte("<\x00")):
		order = binary.LittleEndian
	default:
		return packet
	}
	return []byte(fromUTF16(packet[:min(len(packet), xmpLimit)], order))
}

func fromUTF16(b []byte, order binary.ByteOrder) string {
	var out strings.Builder
	out.Grow(len(b)/2 + 1)
	for ; len(b) >= 2; b = b[2:] {
		r := rune(order.Uint16(b))
		if utf16.IsSurrogate(r) {
			low := rune(0)
			if len(b) >= 4 {
				low = rune(order.Uint16(b[2:]))
			}
			if r = utf16.DecodeRune(r, low); r != utf8.RuneError {
				b = b[2:]
			}
		}
		out.WriteRune(r)
	}
	return out.String()
}

// property is the name of a property as imagemeta gives it, with a capital.
type property struct{ ns, name string }

// properties has imagemeta read a packet that passed the fence, out of a WebP
// that has nothing else. Structures are not among what it gives.
func properties(packet []byte) (map[property][]string, error) {
	webp := append([]byte("RIFF"), binary.LittleEndian.AppendUint32(nil, uint32(12+len(packet)))...)
	webp = append(append(webp, "WEBPXMP "...), binary.LittleEndian.AppendUint32(nil, uint32(len(packet)))...)
	webp = append(webp, packet...)

	values := map[property][]string{}
	_, err := imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(webp), ImageFormat: imagemeta.WebP, Sources: imagemeta.XMP,
		LimitNumTags:    xmpMarks,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return ours[t.Namespace] },
		HandleTag: func(t imagemeta.TagInfo) error {
			name := property{t.Namespace, t.Tag}
			if degrees, ok := t.Value.(float64); ok {
				t.Value = strconv.FormatFloat(degrees, 'g', -1, 64)
			}
			if values[name] == nil {
				values[name] = texts(t.Value)
			}
			return nil
		},
	})
	return values, err
}

// ours are the namespaces that we read. The same name means other things in
// other namespaces: Microsoft's Rating of 75 is XMP's of 4.
var ours = map[string]bool{
	nsDC: true, nsXMP: true, nsExif: true, nsExifEX: true, nsAux: true, nsTIFF: true, nsPhotoshop: true,
	nsLightroom: true, nsDigiKam: true, nsMicrosoft: true, nsCore: true, nsExt: true,
}

// xmpLayer sorts properties into fields.
func xmpLayer(values map[property][]string) layer {
	get := func(ns, name string) string { return first(values[property{ns, name}]) }
	l := layer{headline: get(nsPhotoshop, "Headline")}
	l.Title, l.Description = get(nsDC, "Title"), get(nsDC, "Description")
	l.Creator = strings.Join(clean(values[property{nsDC, "Creator"}]), "; ")
	l.Make, l.Model = get(nsTIFF, "Make"), get(nsTIFF, "Model")
	for _, lens := range []string{get(nsExifEX, "LensModel"), get(nsAux, "Lens")} {
		if l.Lens == "" {
			l.Lens = lens
		}
	}
	if o, err := strconv.Atoi(get(nsTIFF, "Orientation")); err == nil && o >= 1 && o <= 8 {
		l.Orientation = o
	}
	l.Place = Place{
		Location: get(nsCore, "Location"), City: get(nsPhotoshop, "City"), State: get(nsPhotoshop, "State"),
		Country: get(nsPhotoshop, "Country"), CountryCode: get(nsCore, "CountryCode"),
	}
	l.Rating, l.rated = stars(get(nsXMP, "Rating"))
	if !l.rated {
		if percent, err := strconv.ParseFloat(get(nsMicrosoft, "Rating"), 64); err == nil {
			l.Rating, l.rated = starsOfPercent(percent), true
		}
	}
	for _, at := range []string{get(nsExif, "DateTimeOriginal"), get(nsPhotoshop, "DateCreated"), get(nsXMP, "CreateDate")} {
		if l.Taken.IsZero() {
			l.Taken, l.Zoned = parseISO(at)
		}
	}
	l.GPS = xmpPosition(get)
	l.Tags = clean(values[property{nsDC, "Subject"}])
	for _, p := range []struct{ ns, name, separator string }{
		{nsLightroom, "HierarchicalSubject", "|"}, {nsDigiKam, "TagsList", "/"}, {nsMicrosoft, "LastKeywordXMP", "/"},
	} {
		if len(l.TagPaths) == 0 {
			l.TagPaths = paths(values[property{p.ns, p.name}], p.separator)
		}
	}
	return l
}

// stars reads xmp:Rating: -1 (rejected) and 0 are none, more than 5 are 5.
func stars(s string) (int, bool) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsNaN(v) {
		return 0, false
	}
	return int(min(max(v, 0), 5)), true
}

// starsOfPercent reads Microsoft's scale, on which 1 to 5 stars are 1, 25, 50,
// 75 and 99.
func starsOfPercent(v float64) int {
	if !(v > 0) {
		return 0
	}
	return 1 + int((min(v, 100)+12)/25)
}

// xmpPosition takes the coordinates, which imagemeta has made degrees.
func xmpPosition(get func(ns, name string) string) *Position {
	lat, err1 := strconv.ParseFloat(get(nsExif, "GPSLatitude"), 64)
	lon, err2 := strconv.ParseFloat(get(nsExif, "GPSLongitude"), 64)
	if err1 != nil || err2 != nil {
		return nil
	}
	p := newPosition(lat, lon)
	if p == nil {
		return nil
	}
	num, den, _ := strings.Cut(get(nsExif, "GPSAltitude")+"/1", "/")
	den, _, _ = strings.Cut(den, "/")
	n, err1 := strconv.ParseFloat(num, 64)
	d, err2 := strconv.ParseFloat(den, 64)
	if err1 == nil && err2 == nil {
		p.setAltitude(n/d, get(nsExif, "GPSAltitudeRef") == "1")
	}
	return p
}
