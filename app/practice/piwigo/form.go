package piwigo

import (
	"bufio"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
)

// value is a parameter as PHP knows it: a string, or a list of them.
type value struct {
	text   string
	list   []string
	isList bool
}

func scalar(text string) value { return value{text: text} }

// params are $_GET or $_POST.
type params map[string]value

// add adds name=text as PHP does: a later one replaces an earlier one, name[] and
// name[key] make a list, and dots and spaces of names become underscores.
func (p params) add(name, text string) {
	name = strings.TrimLeft(name, " ")
	base, rest, bracket := strings.Cut(name, "[")
	base = strings.NewReplacer(".", "_", " ", "_").Replace(base)
	if base == "" {
		return
	}
	if !bracket || !strings.Contains(rest, "]") {
		p[base] = scalar(text)
		return
	}
	v := p[base]
	p[base] = value{list: append(v.list, text), isList: true}
}

// addEncoded adds what is form-encoded. PHP takes what it can and never refuses.
func (p params) addEncoded(encoded string) {
	for pair := range strings.SplitSeq(encoded, "&") {
		name, text, _ := strings.Cut(pair, "=")
		p.add(unescape(name), unescape(text))
	}
}

func unescape(s string) string {
	out, err := url.QueryUnescape(s)
	if err != nil {
		return strings.ReplaceAll(s, "+", " ")
	}
	return out
}

// text returns a scalar, or "" for a list and for what is not there.
func (p params) text(name string) string { return p[name].text }

// The codes of $_FILES[…]['error'].
const (
	fileOK      = 0
	fileTooBig  = 1 // UPLOAD_ERR_INI_SIZE
	fileMissing = 4 // UPLOAD_ERR_NO_FILE
)

// file is an entry of $_FILES. Its bytes are in a file of their own in tmp, which is
// removed at the end of the request if it is still there.
type file struct {
	name   string // as the client named it, without directories
	path   string
	code   int
	size   int64
	md5    string // hexadecimal, as sha256
	sha256 string
}

// form is a request as PHP hands it to a script.
type form struct {
	get, post params
	files     map[string]*file
}

// request returns a parameter as $_REQUEST has it: POST goes before GET.
func (f *form) request(name string) (value, bool) {
	if v, ok := f.post[name]; ok {
		return v, true
	}
	v, ok := f.get[name]
	return v, ok
}

// params are what PwgRestRequestHandler takes: those of the body, if there are any
// [R2.2].
func (f *form) params() params {
	if len(f.post) > 0 {
		return f.post
	}
	return f.get
}

// method is the method as PwgRestRequestHandler finds it.
func (f *form) method() string {
	if m := f.params().text("method"); m != "" {
		return m
	}
	return f.get.text("method")
}

// discard removes the files that nobody has moved away.
func (f *form) discard() {
	for _, x := range f.files {
		_ = os.Remove(x.path) // mostly moved; what stays is removed at the next start
	}
}

var errCutOff = errors.New("body was cut off")

// maxFields bounds what the fields of one form may hold in memory. [CHOICE]
const maxFields = 64 << 20

// readForm reads a request. Errors are those of the connection and of the disk: PHP
// itself takes whatever comes.
func (st *store) readForm(r *http.Request, o Options) (*form, error) {
	f := &form{get: params{}, post: params{}, files: map[string]*file{}}
	f.get.addEncoded(r.URL.RawQuery)
	if r.Method != http.MethodPost || r.Body == nil {
		return f, nil
	}
	kind, kindParams, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		kind = ""
	}
	body := &limited{src: r.Body, limit: o.PostMax}
	switch {
	case o.PostMax > 0 && r.ContentLength > o.PostMax:
		_, err = io.Copy(io.Discard, r.Body)
		body.read = r.ContentLength
	case kind == "application/x-www-form-urlencoded":
		err = f.readEncoded(body)
	case kind == "multipart/form-data" && kindParams["boundary"] != "":
		err = st.readMultipart(f, body, kindParams["boundary"], o)
	default:
		_, err = io.Copy(io.Discard, body)
	}
	if err == nil {
		_, err = io.Copy(io.Discard, body) // the epilogue
	}
	if err != nil {
		f.discard()
		return nil, err
	}
	if body.over() {
		// "PHP drops the whole form" [R4].
		f.discard()
		f.post, f.files = params{}, map[string]*file{}
	}
	return f, nil
}

// limited counts a body.
type limited struct {
	src   io.Reader
	limit int64 // 0 means none
	read  int64
}

func (l *limited) over() bool { return l.limit > 0 && l.read > l.limit }

func (l *limited) Read(p []byte) (int, error) {
	n, err := l.src.Read(p)
	l.read += int64(n)
	if _, over := errors.AsType[*http.MaxBytesError](err); over {
		err = errTooLarge
	} else if err != nil && !errors.Is(err, io.EOF) {
		err = errCutOff
	}
	return n, err
}

// breaks reports whether an error ends the reading of a form. All others are those of a
// malformed body, of which PHP takes what it can.
func breaks(err error) bool {
	_, onDisk := errors.AsType[*os.PathError](err)
	return onDisk || errors.Is(err, errCutOff) || errors.Is(err, errTooLarge)
}

func (f *form) readEncoded(body io.Reader) error {
	data, err := io.ReadAll(io.LimitReader(body, maxFields))
	if err != nil {
		return err
	}
	f.post.addEncoded(string(data))
	return nil
}

const bufferSize = 256 << 10

var bodyBuffers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, bufferSize) }}

// readMultipart reads fields and files. A malformed body ends the form where it is
// malformed, as in PHP.
func (st *store) readMultipart(f *form, body *limited, boundary string, o Options) error {
	buffered := bodyBuffers.Get().(*bufio.Reader)
	buffered.Reset(body)
	defer func() {
		buffered.Reset(nil)
		bodyBuffers.Put(buffered)
	}()
	room := int64(maxFields)
	parts := multipart.NewReader(buffered, boundary)
	for {
		part, err := parts.NextRawPart()
		if breaks(err) {
			return err
		}
		if err != nil {
			_, err := io.Copy(io.Discard, buffered)
			return err
		}
		name, filename, isFile := disposition(part.Header.Get("Content-Disposition"))
		switch {
		case name == "":
			_, err = io.Copy(io.Discard, part)
		case isFile:
			f.files[name], err = st.receive(part, filename, o.UploadMax)
		default:
			var text []byte
			text, err = io.ReadAll(io.LimitReader(part, room))
			room -= int64(len(text))
			f.post.add(name, string(text))
		}
		if breaks(err) {
			return err
		}
	}
}

// receive writes a file of a form to tmp.
func (st *store) receive(part io.Reader, name string, limit int64) (*file, error) {
	out := &file{name: baseName(name)}
	if name == "" {
		out.code = fileMissing
		_, err := io.Copy(io.Discard, part)
		return out, err
	}
	out.path = st.tmp(tempName())
	w, err := os.OpenFile(out.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return out, err
	}
	digests := newDigests()
	if limit <= 0 {
		out.size, err = io.Copy(io.MultiWriter(w, digests), part)
	} else if out.size, err = io.Copy(io.MultiWriter(w, digests), io.LimitReader(part, limit+1)); err == nil && out.size > limit {
		out.code = fileTooBig
		_, err = io.Copy(io.Discard, part)
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil // the body is malformed, not cut off
	}
	err = errors.Join(err, w.Close())
	if err != nil || out.code != fileOK {
		_ = os.Remove(out.path) // else the next start does
		out.size = 0
		return out, err
	}
	out.md5, out.sha256 = digests.sums()
	return out, nil
}

// digests are MD5 and SHA-256 of what is written to them.
type digests struct {
	io.Writer
	sums func() (md5sum, sha string)
}

func newDigests() digests {
	m, s := md5.New(), sha256.New()
	return digests{io.MultiWriter(m, s), func() (string, string) {
		return hex.EncodeToString(m.Sum(nil)), hex.EncodeToString(s.Sum(nil))
	}}
}

// digest reads a whole file.
func digest(path string) (md5sum, sha string, size int64, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", "", 0, err
	}
	defer f.Close() // only read
	d := newDigests()
	if size, err = io.Copy(d, f); err != nil {
		return "", "", 0, err
	}
	md5sum, sha = d.sums()
	return md5sum, sha, size, nil
}

func tempName() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// disposition reads a Content-Disposition as PHP does: quoted strings with backslashes
// before quotes and backslashes, no filename*, anything else as it comes.
func disposition(header string) (name, filename string, isFile bool) {
	_, rest, _ := strings.Cut(header, ";")
	for rest != "" {
		var key, text string
		rest = strings.TrimLeft(rest, " \t;")
		at := strings.IndexAny(rest, "=;")
		if at < 0 || rest[at] == ';' {
			_, rest, _ = strings.Cut(rest, ";")
			continue
		}
		key, rest = strings.ToLower(strings.TrimSpace(rest[:at])), strings.TrimLeft(rest[at+1:], " \t")
		if strings.HasPrefix(rest, `"`) {
			text, rest = quoted(rest[1:])
		} else {
			text, rest, _ = strings.Cut(rest, ";")
			text = strings.TrimSpace(text)
		}
		switch key {
		case "name":
			name = text
		case "filename":
			filename, isFile = text, true
		}
	}
	return name, filename, isFile
}

// quoted reads up to the closing quote.
func quoted(s string) (text, rest string) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
			b.WriteByte(s[i])
		case c == '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), ""
}

// baseName is the last element of a name with either kind of slash.
func baseName(name string) string {
	return name[strings.LastIndexAny(name, `/\`)+1:]
}

// maxPeek bounds what FunctionOf looks at.
const maxPeek = 64 << 10

// peeked is a body that FunctionOf has looked at.
type peeked struct {
	io.Reader
	io.Closer
	method string
}

// FunctionOf returns the method that a request calls, from its address or else from the
// beginning of its body, which it leaves to be read as if it had not been looked at. It
// returns "" if there is none in the first 64 KiB. Of a request that it has seen before
// it remembers the answer, also when the body has been read.
func FunctionOf(r *http.Request) string {
	get := params{}
	get.addEncoded(r.URL.RawQuery)
	if m := get.text("method"); m != "" || r.Body == nil || r.Method != http.MethodPost {
		return m
	}
	if p, ok := r.Body.(*peeked); ok {
		return p.method
	}
	var seen strings.Builder
	src := r.Body
	m := peekMethod(io.TeeReader(io.LimitReader(src, maxPeek), &seen), r.Header.Get("Content-Type"))
	r.Body = &peeked{io.MultiReader(strings.NewReader(seen.String()), src), src, m}
	return m
}

func peekMethod(body io.Reader, contentType string) string {
	kind, kindParams, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	switch {
	case kind == "application/x-www-form-urlencoded":
		data, _ := io.ReadAll(body) // what could be read is all there is to see
		if len(data) == maxPeek {
			data = data[:strings.LastIndexByte(string(data), '&')+1] // the last one may be cut
		}
		post := params{}
		post.addEncoded(string(data))
		return post.text("method")
	case kind == "multipart/form-data" && kindParams["boundary"] != "":
		parts := multipart.NewReader(body, kindParams["boundary"])
		for {
			part, err := parts.NextRawPart()
			if err != nil {
				return ""
			}
			if name, _, isFile := disposition(part.Header.Get("Content-Disposition")); name != "method" || isFile {
				continue
			}
			if text, err := io.ReadAll(part); err == nil {
				return string(text)
			}
		}
	}
	return ""
}

// readError is what becomes of a request that could not be read: nginx hands a request
// to PHP when it is whole.
func readError(err error) error {
	if errors.Is(err, errCutOff) {
		return nginx(http.StatusBadRequest, "400 Bad Request")
	}
	return fmt.Errorf("reading the request: %w", err) // also nginx's own answer
}
