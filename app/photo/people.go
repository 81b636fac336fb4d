package photo

import (
	"bytes"
	"encoding/xml"
	"strings"
)

// maxDepth is how deep the elements of a packet may be nested.
const maxDepth = 64

// regionPersons returns the names of the persons that a packet's structures
// hold: faces in mwg-rs regions, people tags in Microsoft's, and
// PersonInImageWDetails. imagemeta gives no structures. What is damaged gives
// what could be read before it.
func regionPersons(packet []byte) []string {
	if !bytes.Contains(packet, []byte(nsRegions)) && !bytes.Contains(packet, []byte(nsMPReg)) && !bytes.Contains(packet, []byte("PersonInImageWDetails")) {
		return nil
	}
	w := regionWalk{}
	for d := xml.NewDecoder(bytes.NewReader(packet)); ; {
		token, err := d.Token()
		if err != nil {
			return w.names
		}
		switch t := token.(type) {
		case xml.StartElement:
			if !w.start(t) {
				return w.names
			}
		case xml.CharData:
			w.text(string(t))
		case xml.EndElement:
			w.end()
		}
	}
}

// regionWalk is the way through the elements of a packet.
type regionWalk struct {
	open  []xml.Name
	items []region // the open rdf:li elements
	names []string
}

// region is one item of a list: a face, or a person with details.
type region struct{ name, kind string }

func (w *regionWalk) start(t xml.StartElement) bool {
	if len(w.open) >= maxDepth {
		return false
	}
	w.open = append(w.open, t.Name)
	if t.Name == (xml.Name{Space: nsRDF, Local: "li"}) && !w.inside(xml.Name{Space: nsExt, Local: "PersonName"}) {
		w.items = append(w.items, region{})
	}
	for _, a := range t.Attr {
		w.set(a.Name, a.Value)
	}
	return true
}

func (w *regionWalk) inside(name xml.Name) bool {
	for _, o := range w.open {
		if o == name {
			return true
		}
	}
	return false
}

// text takes the text of the innermost element, or of the alternatives of a name.
func (w *regionWalk) text(s string) {
	if len(w.open) == 0 {
		return
	}
	name := w.open[len(w.open)-1]
	if person := (xml.Name{Space: nsExt, Local: "PersonName"}); w.inside(person) {
		name = person
	}
	w.set(name, s)
}

// set notes a property of the innermost item; of several texts the first.
func (w *regionWalk) set(name xml.Name, value string) {
	if len(w.items) == 0 || strings.TrimSpace(value) == "" {
		return
	}
	item := &w.items[len(w.items)-1]
	switch name {
	case xml.Name{Space: nsRegions, Local: "Name"}, xml.Name{Space: nsMPReg, Local: "PersonDisplayName"}, xml.Name{Space: nsExt, Local: "PersonName"}:
		if item.name == "" {
			item.name = cleanText(value)
		}
	case xml.Name{Space: nsRegions, Local: "Type"}:
		item.kind = cleanText(value)
	}
}

func (w *regionWalk) end() {
	last := w.open[len(w.open)-1]
	w.open = w.open[:len(w.open)-1]
	if last != (xml.Name{Space: nsRDF, Local: "li"}) || w.inside(xml.Name{Space: nsExt, Local: "PersonName"}) {
		return
	}
	item := w.items[len(w.items)-1]
	w.items = w.items[:len(w.items)-1]
	// Regions of other kinds are pets, bar codes and where the lens focused.
	if item.name != "" && (item.kind == "" || item.kind == "Face") {
		w.names = append(w.names, item.name)
	}
}
