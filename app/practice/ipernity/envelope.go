package ipernity

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"strconv"
)

// object is an element of an answer: its members, in order.
type object []member

// member is an attribute (a string, an integer, a float64 or a bool), an element (an
// object), a repeated element (a list), or an element of text alone (text).
type member struct {
	name  string
	value any
}

type text string

// list is a repeated element.
type list = []object

// scalar is the text of an attribute, and whether it is a number where the pages show
// numbers.
func scalar(value any) (out string, number bool) {
	switch v := value.(type) {
	case string:
		return v, false
	case text:
		return string(v), false
	case bool:
		if v {
			return "1", true
		}
		return "0", true
	case int:
		return strconv.Itoa(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	panic(fmt.Sprintf("ipernity: an answer holds a %T", value))
}

// writer writes answers as the options want them.
type writer struct {
	numbers     bool // Options.Numbers
	emptyArrays bool // Options.KeepEmptyArrays
}

// json writes an object as ipernity's JSON: an attribute becomes a member, a text
// element a string, a repeated element an array under its singular name, which is
// absent when it is empty [D4, C1-C4]. Numbers are strings [C1 C2 C6].
func (w writer) json(b *bytes.Buffer, o object) {
	b.WriteByte('{')
	first := true
	for _, m := range o {
		items, repeated := m.value.(list)
		if repeated && len(items) == 0 && !w.emptyArrays {
			continue
		}
		if !first {
			b.WriteByte(',')
		}
		first = false
		w.jsonString(b, m.name)
		b.WriteByte(':')
		switch v := m.value.(type) {
		case object:
			w.json(b, v)
		case list:
			b.WriteByte('[')
			for i, item := range v {
				if i > 0 {
					b.WriteByte(',')
				}
				w.json(b, item)
			}
			b.WriteByte(']')
		default:
			if s, number := scalar(v); number && w.numbers {
				b.WriteString(s)
			} else {
				w.jsonString(b, s)
			}
		}
	}
	b.WriteByte('}')
}

func (w writer) jsonString(b *bytes.Buffer, s string) {
	quoted, _ := json.Marshal(s) // a string never fails
	b.Write(quoted)
}

// xml writes an element: attributes first, then what is in it [D4].
func (w writer) xml(b *bytes.Buffer, name string, o object) {
	b.WriteString("<" + name)
	for _, m := range o {
		switch m.value.(type) {
		case object, list, text:
		default:
			s, _ := scalar(m.value)
			b.WriteString(" " + m.name + `="`)
			_ = xml.EscapeText(b, []byte(s)) // a buffer takes everything
			b.WriteByte('"')
		}
	}
	b.WriteByte('>')
	for _, m := range o {
		switch v := m.value.(type) {
		case object:
			w.xml(b, m.name, v)
		case list:
			for _, item := range v {
				w.xml(b, m.name, item)
			}
		case text:
			b.WriteString("<" + m.name + ">")
			_ = xml.EscapeText(b, []byte(v)) // a buffer takes everything
			b.WriteString("</" + m.name + ">")
		}
	}
	b.WriteString("</" + name + ">")
}

// php writes what PHP's unserialize reads: the pages name the format and do not show
// it [CHOICE].
func (w writer) php(b *bytes.Buffer, o object) {
	var kept object
	for _, m := range o {
		if items, repeated := m.value.(list); !repeated || len(items) > 0 || w.emptyArrays {
			kept = append(kept, m)
		}
	}
	fmt.Fprintf(b, "a:%d:{", len(kept))
	for _, m := range kept {
		fmt.Fprintf(b, "s:%d:\"%s\";", len(m.name), m.name)
		switch v := m.value.(type) {
		case object:
			w.php(b, v)
		case list:
			fmt.Fprintf(b, "a:%d:{", len(v))
			for i, item := range v {
				fmt.Fprintf(b, "i:%d;", i)
				w.php(b, item)
			}
			b.WriteByte('}')
		default:
			s, _ := scalar(v)
			fmt.Fprintf(b, "s:%d:\"%s\";", len(s), s)
		}
	}
	b.WriteByte('}')
}

// formats are the formats of an answer, and the types that they come as.
var formats = map[string]string{
	"json": "application/json; charset=utf-8",
	"xml":  "text/xml; charset=utf-8",
	"php":  "text/plain; charset=utf-8",
}

// encode puts an answer into its envelope: the payload comes first and api last, unlike
// in the pages [C6]; at is there too [C7]. XML has api around it all [D4].
func encode(format string, payload, api object, o Options) []byte {
	w := writer{numbers: o.Numbers, emptyArrays: o.KeepEmptyArrays}
	var b bytes.Buffer
	if format == "xml" {
		b.WriteString(`<?xml version="1.0" encoding="utf-8"?>` + "\n")
		inside := append(object{}, api...)
		for i, m := range inside {
			if m.name == "at" {
				inside = append(inside[:i], inside[i+1:]...)
				break
			}
		}
		w.xml(&b, "api", append(inside, payload...))
		b.WriteByte('\n')
		return b.Bytes()
	}
	whole := append(append(object{}, payload...), member{"api", api})
	if o.APIFirst {
		whole = append(object{{"api", api}}, payload...)
	}
	if format == "php" {
		w.php(&b, whole)
	} else {
		w.json(&b, whole)
	}
	return b.Bytes()
}
