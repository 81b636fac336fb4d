package universal

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strconv"
	"strings"
)

// kind is what a value is in JSON; XML knows text, members and lists only.
type kind int

const (
	kindText kind = iota
	kindNumber
	kindID // text, or a number with Options.NumericIDs
	kindObject
	kindList
)

// value is an answer, or a part of one, before it has a format.
type value struct {
	name  string
	kind  kind
	text  string
	items []value
}

func text(name, s string) value { return value{name: name, text: s} }
func number(name string, n int64) value {
	return value{name, kindNumber, strconv.FormatInt(n, 10), nil}
}
func id(name, s string) value              { return value{name: name, kind: kindID, text: s} }
func object(name string, v ...value) value { return value{name: name, kind: kindObject, items: v} }
func list(name string, v ...value) value   { return value{name: name, kind: kindList, items: v} }

// rootName is a method's root element: up.photos.getAlbums answers
// photos_getAlbums_response [U].
func rootName(method string) string {
	return strings.ReplaceAll(strings.TrimPrefix(method, "up."), ".", "_") + "_response"
}

// write answers in the format of the call. The content types are a [CHOICE].
func (c *call) write(status int, v value) {
	var b bytes.Buffer
	contentType := "text/xml; charset=utf-8"
	if c.json {
		contentType = "application/json; charset=utf-8"
		c.o.writeJSON(&b, v)
	} else {
		b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n")
		x := xmlWriter{&b, c.o.PadText}
		x.write(v, namespaces[c.gen], 0)
	}
	h := c.w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Length", strconv.Itoa(b.Len()))
	c.w.WriteHeader(status)
	_, _ = c.w.Write(b.Bytes()) // the client may have gone: nobody is left to be told
}

type xmlWriter struct {
	*bytes.Buffer
	pad bool
}

// write writes an element on lines of its own. Lists have list="true" [U], an empty
// one is an empty element; the text of a root has white space around it
// [U-createtoken].
func (x xmlWriter) write(v value, namespace string, depth int) {
	indent := "\n" + strings.Repeat("  ", depth)
	x.WriteString("<" + v.name)
	if namespace != "" {
		x.WriteString(` xmlns="` + namespace + `"`)
	}
	if v.kind == kindList {
		x.WriteString(` list="true"`)
	}
	if len(v.items) == 0 && v.text == "" {
		x.WriteString("/>")
		return
	}
	x.WriteString(">")
	for _, item := range v.items {
		x.WriteString(indent + "  ")
		x.write(item, "", depth+1)
	}
	pad := v.items == nil && (x.pad || depth == 0)
	if pad {
		x.WriteString(indent + " ")
	}
	_ = xml.EscapeText(x, []byte(v.text)) // a buffer takes everything
	if v.items != nil || pad {
		x.WriteString(indent)
	}
	x.WriteString("</" + v.name + ">")
}

func (o Options) writeJSON(b *bytes.Buffer, v value) {
	switch {
	case v.kind == kindList && len(v.items) == 0:
		b.WriteString(string(o.EmptyList))
	case v.kind == kindList:
		for i, item := range v.items {
			b.WriteByte("[,"[min(i, 1)])
			o.writeJSON(b, item)
		}
		b.WriteByte(']')
	case v.kind == kindObject:
		b.WriteByte('{')
		for i, item := range v.items {
			if i > 0 {
				b.WriteByte(',')
			}
			o.writeJSON(b, text("", item.name))
			b.WriteByte(':')
			o.writeJSON(b, item)
		}
		b.WriteByte('}')
	case v.kind == kindNumber || v.kind == kindID && o.NumericIDs && isNumber(v.text):
		b.WriteString(v.text)
	default:
		s, _ := json.Marshal(v.text) // a string always works
		b.Write(s)
	}
}
