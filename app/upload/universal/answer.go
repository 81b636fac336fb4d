package universal

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// node is a piece of an answer, in whichever of the two formats it came: an
// element, or a member of an object or list. Everything is text, so that IDs
// of fifteen digits stay whole and numbers may be written as strings.
type node struct {
	name string // folded; "" for list items and for the whole of a JSON answer
	text string // without blanks around
	kids []node
}

// maxDepth bounds how deep answers may be nested. The service's have three
// levels; the samples in its documents lack slashes and so have a few more.
const maxDepth = 64

var errNoAnswer = errors.New("neither XML nor JSON of this service")

// parse reads an answer. XML is matched by local names, whatever the
// namespace, and need not be closed properly; it must be an answer of this
// service by the name of its root.
func parse(body []byte) (node, error) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\uFEFF")))
	if !bytes.HasPrefix(body, []byte("<")) {
		return parseJSON(body)
	}
	root, err := parseXML(body)
	if err != nil {
		return node{}, err
	}
	if !strings.HasSuffix(root.name, "response") {
		return node{}, errNoAnswer
	}
	return root, nil
}

func parseJSON(body []byte) (node, error) {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.UseNumber()
	root, err := readJSON(dec, "", 0)
	if err != nil {
		return node{}, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return node{}, errNoAnswer
	}
	return root, nil
}

func readJSON(dec *json.Decoder, name string, depth int) (node, error) {
	n := node{name: name}
	t, err := dec.Token()
	if err != nil {
		return n, err
	}
	open, isOpen := t.(json.Delim)
	if !isOpen {
		if t != nil {
			n.text = strings.TrimSpace(fmt.Sprint(t))
		}
		return n, nil
	}
	if depth == maxDepth {
		return n, errNoAnswer
	}
	for dec.More() {
		key := ""
		if open == '{' {
			t, err := dec.Token()
			if err != nil {
				return n, err
			}
			key = fold(fmt.Sprint(t))
		}
		kid, err := readJSON(dec, key, depth+1)
		if err != nil {
			return n, err
		}
		n.kids = append(n.kids, kid)
	}
	_, err = dec.Token() // the end
	return n, err
}

func parseXML(body []byte) (node, error) {
	dec := xml.NewDecoder(bytes.NewReader(body))
	dec.Strict = false
	dec.Entity = xml.HTMLEntity
	dec.CharsetReader = charset
	var open []node // the elements that are open, outermost first
	for {
		t, err := dec.Token()
		if err != nil {
			return node{}, err // also at the end: the root has not been closed
		}
		switch t := t.(type) {
		case xml.StartElement:
			if len(open) == maxDepth {
				return node{}, errNoAnswer
			}
			open = append(open, node{name: fold(t.Name.Local)})
		case xml.CharData:
			if len(open) > 0 {
				open[len(open)-1].text += string(t)
			}
		case xml.EndElement:
			if len(open) == 0 {
				return node{}, errNoAnswer
			}
			n := open[len(open)-1]
			open = open[:len(open)-1]
			n.text = strings.TrimSpace(n.text)
			if len(open) == 0 {
				return n, nil
			}
			open[len(open)-1].kids = append(open[len(open)-1].kids, n)
		}
	}
}

// charset decodes the one charset beside UTF-8 that old sites declare.
func charset(label string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "utf8":
		return in, nil
	case "iso-8859-1", "latin1", "us-ascii", "windows-1252":
	default:
		return nil, errNoAnswer
	}
	data, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	out := make([]byte, 0, len(data))
	for _, b := range data {
		out = utf8.AppendRune(out, rune(b))
	}
	return bytes.NewReader(out), nil
}

// fold makes srcBig and src_big the same name.
func fold(name string) string {
	return strings.ToLower(strings.ReplaceAll(name, "_", ""))
}

// member returns the text of a node's own member, "" when it has none.
func (n node) member(name string) string {
	name = fold(name)
	i := slices.IndexFunc(n.kids, func(k node) bool { return k.name == name })
	if i < 0 {
		return ""
	}
	return n.kids[i].text
}

// has reports whether the node has a member of its own by that name.
func (n node) has(name string) bool {
	name = fold(name)
	return slices.ContainsFunc(n.kids, func(k node) bool { return k.name == name })
}

// first returns the text of the first member by that name that has one, at
// whatever depth.
func (n node) first(name string) string {
	if text := n.member(name); text != "" {
		return text
	}
	for _, k := range n.kids {
		if text := k.first(name); text != "" {
			return text
		}
	}
	return ""
}

// records returns all nodes that have a member by that name: the items of a
// list, or the one object that the answer is. An answer without any must be an
// empty list: as an empty element, or as [], {} or "".
func (n node) records(id string) ([]node, error) {
	var out []node
	var walk func(n node)
	walk = func(n node) {
		if n.member(id) != "" {
			out = append(out, n)
		}
		for _, k := range n.kids {
			walk(k)
		}
	}
	walk(n)
	if len(out) == 0 && !n.blank() {
		return nil, errNoAnswer
	}
	return out, nil
}

// only returns the one record that the answer is about.
func (n node) only(id string) (node, bool) {
	all, err := n.records(id)
	if err != nil || len(all) != 1 {
		return node{}, false
	}
	return all[0], true
}

func (n node) blank() bool {
	return n.text == "" && !slices.ContainsFunc(n.kids, func(k node) bool { return !k.blank() })
}

// refusal returns the code and words of an error's answer. Everything else in
// it, above all the arguments that it repeats, must not be looked at. A code
// that is no number is -1.
func (n node) refusal() (code int, words string, ok bool) {
	if n.name == "" && len(n.kids) == 1 && n.kids[0].name == "errorresponse" {
		n = n.kids[0]
	}
	if n.name != "errorresponse" && !n.has("error_code") {
		return 0, "", false
	}
	code, err := strconv.Atoi(n.member("error_code"))
	if err != nil || code < 0 {
		code = -1
	}
	return code, n.member("error_msg"), true
}

// album is what getAlbums and createAlbum tell of an album.
type album struct {
	id, name, owner, link string
	size                  int // photos in it
}

func readAlbum(n node) album {
	size, err := strconv.Atoi(n.member("size"))
	if err != nil || size < 0 {
		size = 0
	}
	return album{id: n.member("aid"), name: plain(n.member("name")), owner: n.member("owner"), link: n.member("link"), size: size}
}

// picture is what photos.get and upload tell of a photo.
type picture struct {
	id, album, caption, link string
	src, big, small          string
	created                  int64 // seconds since 1970; 0 when it is not said
}

func readPicture(n node) picture {
	created, err := strconv.ParseFloat(n.member("created"), 64)
	if err != nil || !(created > 0 && created < 1e12) {
		created = 0
	}
	return picture{
		id: n.member("pid"), album: n.member("aid"), caption: n.member("caption"), link: n.member("link"),
		src: n.member("src"), big: n.member("src_big"), small: n.member("src_small"), created: int64(created),
	}
}
