package settings

import (
	"bytes"
	"fmt"
	"sort"
	"strings"

	"github.com/pelletier/go-toml/v2/unstable"
)

// outline knows where everything in a TOML document lies, so that a problem
// found in decoded settings can be shown at its line.
type outline struct {
	doc         []byte
	expressions []expression
	places      map[string]place // by path, such as "folder[1].accounts[0]"
}

// place is where a key, an element of a list or a table begins.
type place struct {
	offset int
	kind   unstable.Kind // of the value, or Table or ArrayTable
}

// expression is one table header or one top-level key with its value.
type expression struct {
	start, end int
	kind       unstable.Kind // KeyValue, Table or ArrayTable
	path       string
}

// newOutline reads the shape of a document that has been found to be TOML.
func newOutline(doc []byte) *outline {
	o := &outline{doc: doc, places: map[string]place{}}
	counts := map[string]int{} // array of tables -> elements so far
	table := ""
	var p unstable.Parser
	p.Reset(doc)
	for p.NextExpression() {
		n := p.Expression()
		switch n.Kind {
		case unstable.Table, unstable.ArrayTable:
			// The node of a header has no range: it is the line of its keys.
			it := n.Key()
			it.Next()
			start := bytes.LastIndexByte(doc[:it.Node().Raw.Offset], '\n') + 1
			table = o.header(n, start, counts)
			end := len(doc)
			if i := bytes.IndexByte(doc[start:], '\n'); i >= 0 {
				end = start + i
			}
			o.expressions = append(o.expressions, expression{start, end, n.Kind, table})
		case unstable.KeyValue:
			path := o.keyValue(table, n)
			start := int(n.Raw.Offset)
			o.expressions = append(o.expressions, expression{start, start + int(n.Raw.Length), n.Kind, path})
		}
	}
	return o
}

// header notes a table and those around it, and returns its path. A header
// [[a]] opens the next element of a; [a.b] below it means its last element.
func (o *outline) header(n *unstable.Node, start int, counts map[string]int) (path string) {
	for it := n.Key(); it.Next(); {
		path = join(path, string(it.Node().Data))
		kind := unstable.Table
		if it.IsLast() {
			if kind = n.Kind; kind == unstable.ArrayTable {
				counts[path]++
			}
		}
		if c := counts[path]; c > 0 {
			path = fmt.Sprintf("%s[%d]", path, c-1)
		}
		o.put(path, start, kind)
	}
	return path
}

// keyValue notes where a key and all that is in its value lie.
func (o *outline) keyValue(table string, n *unstable.Node) (path string) {
	path = table
	start := -1
	for it := n.Key(); it.Next(); {
		kind := unstable.Table
		if it.IsLast() {
			kind = n.Value().Kind
		}
		if start < 0 {
			start = int(it.Node().Raw.Offset)
		}
		path = join(path, string(it.Node().Data))
		o.put(path, start, kind)
	}
	o.value(path, n.Value())
	return path
}

func (o *outline) value(path string, n *unstable.Node) {
	it := n.Children()
	switch n.Kind {
	case unstable.Array:
		for i := 0; it.Next(); {
			el := it.Node()
			if el.Kind == unstable.Comment {
				continue
			}
			at := fmt.Sprintf("%s[%d]", path, i)
			if el.Raw.Length > 0 {
				o.put(at, int(el.Raw.Offset), el.Kind)
			}
			o.value(at, el)
			i++
		}
	case unstable.InlineTable:
		for it.Next() {
			if it.Node().Kind == unstable.KeyValue {
				o.keyValue(path, it.Node())
			}
		}
	}
}

func (o *outline) put(path string, offset int, kind unstable.Kind) {
	if _, ok := o.places[path]; !ok {
		o.places[path] = place{offset, kind}
	}
}

func (o *outline) has(path string) bool {
	_, ok := o.places[path]
	return ok
}

// offset returns where a path lies; for one that is not in the document, where
// the nearest thing around it lies, such as the table in which it is missing.
func (o *outline) offset(path string) (int, bool) {
	for {
		if at, ok := o.places[path]; ok {
			return at.offset, true
		}
		i := strings.LastIndexAny(path, ".[")
		if i < 0 {
			return 0, false
		}
		path = path[:i]
	}
}

// position returns line and column of an offset, both from 1.
func (o *outline) position(offset int) (line, column int) {
	before := o.doc[:offset]
	return bytes.Count(before, []byte{'\n'}) + 1, offset - bytes.LastIndexByte(before, '\n')
}

// at returns the expression that a position belongs to.
func (o *outline) at(line, column int) (e expression, ok bool) {
	offset := 0
	for ; line > 1; line-- {
		i := bytes.IndexByte(o.doc[offset:], '\n')
		if i < 0 {
			return expression{}, false
		}
		offset += i + 1
	}
	return o.around(offset + column - 1)
}

// pathAt returns the innermost path that begins at a position, or "".
func (o *outline) pathAt(line, column int) (path string) {
	for p, at := range o.places {
		if l, c := o.position(at.offset); l == line && c == column && len(p) > len(path) {
			path = p
		}
	}
	return path
}

// around returns the expression that an offset belongs to.
func (o *outline) around(offset int) (e expression, ok bool) {
	i := sort.Search(len(o.expressions), func(i int) bool { return o.expressions[i].start > offset }) - 1
	if i < 0 {
		return expression{}, false
	}
	return o.expressions[i], true
}

// blank overwrites an expression with spaces, so that the rest can be decoded
// and every other problem found. With a header goes all that is in its table.
func (o *outline) blank(e expression) {
	for _, x := range o.expressions {
		if x.start != e.start && (e.kind == unstable.KeyValue || !strings.HasPrefix(x.path, e.path+".")) {
			continue
		}
		for i := x.start; i < x.end; i++ {
			if c := o.doc[i]; c != '\n' && c != '\r' {
				o.doc[i] = ' '
			}
		}
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
