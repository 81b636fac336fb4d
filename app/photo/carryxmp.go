package photo

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// maxPacket bounds the packet of a copy, which has to fit into one segment of
// a JPEG. Keywords that do not fit any more are left out.
const maxPacket = 60 << 10

// writeXMP returns a packet with what persons have written about a photo, or
// nil where that is nothing.
func writeXMP(m Meta) []byte {
	var b bytes.Buffer
	one := func(name, text string) {
		if text != "" && b.Len()+len(text) < maxPacket {
			fmt.Fprintf(&b, "<%s>%s</%s>", name, escaped(text), name)
		}
	}
	alternative := func(name, text string) {
		if text != "" && b.Len()+len(text) < maxPacket {
			fmt.Fprintf(&b, `<%s><rdf:Alt><rdf:li xml:lang="x-default">%s</rdf:li></rdf:Alt></%s>`, name, escaped(text), name)
		}
	}
	list := func(name, kind string, texts []string) {
		if len(texts) == 0 {
			return
		}
		fmt.Fprintf(&b, "<%s><rdf:%s>", name, kind)
		for _, t := range texts {
			if b.Len()+len(t) < maxPacket {
				fmt.Fprintf(&b, "<rdf:li>%s</rdf:li>", escaped(t))
			}
		}
		fmt.Fprintf(&b, "</rdf:%s></%s>", kind, name)
	}
	alternative("dc:title", m.Title)
	alternative("dc:description", m.Description)
	if m.Creator != "" {
		list("dc:creator", "Seq", strings.Split(m.Creator, "; "))
	}
	list("dc:subject", "Bag", m.Tags)
	var nested []string
	for _, path := range m.TagPaths {
		nested = append(nested, strings.Join(path, "|"))
	}
	list("lr:hierarchicalSubject", "Bag", nested)
	if m.Rating > 0 {
		one("xmp:Rating", strconv.Itoa(m.Rating))
	}
	list("Iptc4xmpExt:PersonInImage", "Bag", m.Persons)
	one("Iptc4xmpCore:Location", m.Place.Location)
	one("photoshop:City", m.Place.City)
	one("photoshop:State", m.Place.State)
	one("photoshop:Country", m.Place.Country)
	one("Iptc4xmpCore:CountryCode", m.Place.CountryCode)
	if b.Len() == 0 {
		return nil
	}
	const head = `<?xpacket begin="` + "\ufeff" + `" id="W5M0MpCehiHzreSzNTczkc9d"?>` +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:lr="http://ns.adobe.com/lightroom/1.0/"` +
		` xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"` +
		` xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">`
	const tail = `</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="r"?>`
	return []byte(head + b.String() + tail)
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a Builder takes everything
	return b.String()
}
