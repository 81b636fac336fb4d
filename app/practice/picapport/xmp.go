package picapport

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"errors"
	"fmt"
)

// maxSegment is the most that fits into a segment beside its own length.
const maxSegment = 0xffff - 2

// xmpSegment is the APP1 segment that the server writes into a photo: the metadata of
// the upload [S3], and the photoID in PicApport's namespace [S15]. The name of the
// property and where persons go are not documented [CHOICE].
func xmpSegment(m metadata, id string) ([]byte, error) {
	var b bytes.Buffer
	b.WriteString("\xff\xe1\x00\x00")
	b.Write(idXMP)
	b.WriteString("<?xpacket begin=\"\ufeff\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		`<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description rdf:about=""` +
		` xmlns:dc="http://purl.org/dc/elements/1.1/"` +
		` xmlns:xmp="http://ns.adobe.com/xap/1.0/"` +
		` xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"` +
		` xmlns:picapport="http://ns.contecon.de/picapport/1.0/">`)
	alt := func(name, text string) {
		if text == "" {
			return
		}
		fmt.Fprintf(&b, `<%s><rdf:Alt><rdf:li xml:lang="x-default">`, name)
		escape(&b, text)
		fmt.Fprintf(&b, `</rdf:li></rdf:Alt></%s>`, name)
	}
	bag := func(name string, items []string) {
		if len(items) == 0 {
			return
		}
		fmt.Fprintf(&b, `<%s><rdf:Bag>`, name)
		for _, item := range items {
			b.WriteString(`<rdf:li>`)
			escape(&b, item)
			b.WriteString(`</rdf:li>`)
		}
		fmt.Fprintf(&b, `</rdf:Bag></%s>`, name)
	}
	alt("dc:title", m.Title)
	alt("dc:description", m.Description)
	if m.Rating != nil {
		fmt.Fprintf(&b, `<xmp:Rating>%d</xmp:Rating>`, int(*m.Rating))
	}
	bag("dc:subject", m.Tags)
	bag("Iptc4xmpExt:PersonInImage", m.Persons)
	b.WriteString(`<picapport:photoID>`)
	escape(&b, id)
	b.WriteString("</picapport:photoID></rdf:Description></rdf:RDF></x:xmpmeta>\n<?xpacket end=\"w\"?>")

	size := b.Len() - 2
	if size > maxSegment {
		return nil, errors.New("does not fit into the photo")
	}
	out := b.Bytes()
	binary.BigEndian.PutUint16(out[2:], uint16(size))
	return out, nil
}

func escape(b *bytes.Buffer, text string) {
	_ = xml.EscapeText(b, []byte(text)) // a bytes.Buffer takes everything
}
