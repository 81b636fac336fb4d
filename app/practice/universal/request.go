package universal

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
)

const (
	apiPath   = "/api.php" // [U-guide]
	loginPath = "/login.php"
)

// maxForm bounds the parameters of one call, in bytes. [CHOICE]
const maxForm = 1 << 20

// params are the parameters of a call. As in PHP, the last of several with one name
// counts.
type params map[string]string

func sortedNames(p params) []string { return slices.Sorted(maps.Keys(p)) }

// filePart is a part of a body that is a file: one with a file name.
type filePart struct {
	field, name string
	content     io.Reader
}

var errMalformed = errors.New("body is malformed or was cut off")

// addQuery adds the pairs of a query string or of a body that looks like one.
func (p params) addQuery(query string) error {
	if len(query) > maxForm {
		return errMalformed
	}
	for pair := range strings.SplitSeq(query, "&") {
		if pair == "" {
			continue
		}
		name, text, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(name)
		if err != nil {
			return errMalformed
		}
		if text, err = url.QueryUnescape(text); err != nil {
			return errMalformed
		}
		p[name] = text
	}
	return nil
}

// addBody adds the parameters of a body, and shows each file in it to file, in the
// order of the parts [U-upload: each argument is a part of its own]. Bodies of other
// types have no parameters.
func (p params) addBody(body io.Reader, contentType string, file func(filePart) error) error {
	kind, attributes, err := mime.ParseMediaType(contentType)
	switch {
	case err != nil:
		return nil
	case kind == "application/x-www-form-urlencoded":
		text, err := io.ReadAll(io.LimitReader(body, maxForm+1))
		if err != nil {
			return errMalformed
		}
		return p.addQuery(string(text))
	case kind != "multipart/form-data":
		return nil
	case attributes["boundary"] == "":
		return errMalformed
	}
	parts := multipart.NewReader(body, attributes["boundary"])
	for room := int64(maxForm); ; {
		part, err := parts.NextRawPart()
		if err == io.EOF { //nolint:errorlint // a wrapped one is a body that ends in a boundary
			return nil
		}
		if err != nil {
			return errMalformed
		}
		field, name, isFile, err := disposition(part.Header)
		if err != nil {
			return err
		}
		if isFile {
			if err := file(filePart{field, name, part}); err != nil {
				return err
			}
			continue
		}
		text, err := io.ReadAll(io.LimitReader(part, room+1))
		if room -= int64(len(text) + len(field)); err != nil || room < 0 {
			return errMalformed
		}
		if field != "" {
			p[field] = string(text)
		}
	}
}

func disposition(h textproto.MIMEHeader) (field, file string, isFile bool, err error) {
	kind, attributes, err := mime.ParseMediaType(h.Get("Content-Disposition"))
	if err != nil || kind != "form-data" {
		return "", "", false, errMalformed
	}
	file, isFile = attributes["filename"]
	return attributes["name"], file[strings.LastIndexAny(file, `/\`)+1:], isFile, nil
}

// maxPeek is how much of a body FunctionOf looks at.
const maxPeek = 64 << 10

// FunctionOf returns the name of the method that a request calls, such as
// "up.photos.upload", or "login" for the login page, or "". It looks at the query and
// at no more than the first 64 KiB of the body, up to the first file in it, and leaves
// the body as it was. It may wait for the client to send that much.
func FunctionOf(r *http.Request) string {
	if r.URL.Path == apiPath {
		return peek(r)["method"]
	}
	if r.URL.Path == loginPath || r.URL.Query().Has("auth_token") { // wherever the page is
		return functionLogin
	}
	return ""
}

const functionLogin = "login"

// peeked is a body whose beginning has been looked at.
type peeked struct {
	io.Reader
	io.Closer
	params params
}

// errSeen ends the look at a body.
var errSeen = errors.New("seen enough")

// peek returns the parameters at the beginning of a request, and those that it has
// returned before.
func peek(r *http.Request) params {
	if b, ok := r.Body.(*peeked); ok {
		return maps.Clone(b.params)
	}
	p := params{}
	_ = p.addQuery(r.URL.RawQuery) // what is there before the fault
	if r.Body == nil || r.Method != http.MethodPost {
		return p
	}
	var start bytes.Buffer
	head := &io.LimitedReader{R: r.Body, N: maxPeek}
	// A body that is cut by the limit, or by the client, fails in addBody in its last
	// pair or part, which is then not looked at.
	tee := &stickyReader{r: io.TeeReader(head, &start)}
	contentType := r.Header.Get("Content-Type")
	if kind, _, _ := mime.ParseMediaType(contentType); kind == "application/x-www-form-urlencoded" {
		p.peekPairs(tee, head)
	} else {
		_ = p.addBody(tee, contentType, func(filePart) error { return errSeen })
	}
	rest := io.Reader(r.Body)
	if tee.err != nil && !errors.Is(tee.err, io.EOF) {
		rest = failing{tee.err}
	}
	r.Body = &peeked{io.MultiReader(&start, rest), r.Body, maps.Clone(p)}
	return p
}

func (p params) peekPairs(tee io.Reader, head *io.LimitedReader) {
	raw, err := io.ReadAll(tee)
	if err != nil || head.N == 0 {
		raw = raw[:max(bytes.LastIndexByte(raw, '&'), 0)]
	}
	_ = p.addQuery(string(raw))
}

// stickyReader remembers how its reader ended.
type stickyReader struct {
	r   io.Reader
	err error
}

func (s *stickyReader) Read(b []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.r.Read(b)
	s.err = err
	return n, err
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// read reads a request to its end, as PHP does before a script begins: the query, then
// the body, whose parameters win. A file called data goes to incoming; other files are
// passed over. What was read before an error is there after it.
func (c *call) read() error {
	if err := c.p.addQuery(c.r.URL.RawQuery); err != nil {
		return refuse(badParameter, "query: %v", err)
	}
	if c.r.Method != http.MethodPost || c.r.Body == nil {
		return nil
	}
	b := borrowBuffers(c.r.Body)
	defer b.giveBack()
	err := c.p.addBody(b.body, c.r.Header.Get("Content-Type"), func(f filePart) error {
		if f.field != "data" {
			if _, err := io.CopyBuffer(onlyWriter{io.Discard}, onlyReader{f.content}, b.copy); err != nil {
				return errMalformed
			}
			return nil
		}
		c.discard()
		c.photo = &record{Name: strings.ToValidUTF8(f.name, "\uFFFD")}
		return c.store.receive(c.photo, f.content, b, c.o)
	})
	if err == nil {
		_, err = io.CopyBuffer(onlyWriter{io.Discard}, onlyReader{b.body}, b.copy) // what follows the last boundary
		if err != nil {
			err = errMalformed
		}
	}
	if errors.Is(err, errMalformed) {
		return refuse(badParameter, "%v", err)
	}
	return err
}

// discard removes a file that was received and is not used.
func (c *call) discard() {
	if c.photo != nil {
		c.store.discard(*c.photo)
		c.photo = nil
	}
}

// baseURL is where the client found the server.
func (c *call) baseURL() string {
	if c.r.TLS != nil {
		return "https://" + c.r.Host
	}
	return "http://" + c.r.Host
}
