package universal

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"image"
	"image/jpeg"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/practice/practicetest"
)

func TestMain(m *testing.M) { practicetest.Main(m, crashServer) }

// rig is a server and plain requests to it.
type rig struct {
	*Server
	t    *testing.T
	base string
	http *http.Client
}

func newRig(t *testing.T, o Options) *rig {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	o.NoSync = true
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	front := practicetest.Front(t, s)
	return &rig{s, t, front.URL, front.Client()}
}

func (r *rig) configure(change func(*Options)) {
	r.t.Helper()
	if err := r.Configure(change); err != nil {
		r.t.Fatal(err)
	}
}

// do puts records into the state, as if they had come about.
func (r *rig) do(records ...record) {
	r.t.Helper()
	for _, one := range records {
		if err := r.store.do(one); err != nil {
			r.t.Fatal(err)
		}
	}
}

type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

func (r *rig) send(req *http.Request) answer {
	r.t.Helper()
	res, body := practicetest.Do(r.t, r.http, req)
	return answer{r.t, res.StatusCode, res.Header, string(body)}
}

func (r *rig) request(method, path, contentType string, body io.Reader) answer {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), method, r.base+path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return r.send(req)
}

func (p params) encode() string {
	v := url.Values{}
	for name, value := range p {
		v.Set(name, value)
	}
	return v.Encode()
}

// with returns the parameters with others over them; an empty value takes one away.
func (p params) with(more params) params {
	out := params{}
	maps.Copy(out, p)
	for name, value := range more {
		if out[name] = value; value == "" {
			delete(out, name)
		}
	}
	return out
}

func (p params) signed(name, secret string) params {
	return p.with(params{name: p.signature(secret)})
}

func (r *rig) post(p params) answer {
	r.t.Helper()
	return r.request("POST", apiPath, "application/x-www-form-urlencoded", strings.NewReader(p.encode()))
}

// caller signs calls for a session.
type caller struct {
	*rig
	key, secret string
}

// as signs a user in by the short way.
func (r *rig) as(login string) caller {
	r.t.Helper()
	key, secret := r.Session(login)
	if key == "" {
		r.t.Fatalf("no session for %s", login)
	}
	if secret == "" {
		secret = r.Secret()
	}
	return caller{r, key, secret}
}

// sign adds what every call with a session has.
func (u caller) sign(method string, p params) params {
	all := params{"method": method, "api_key": u.Key(), "community": u.Community(), "session_key": u.key}
	return all.with(p).signed("sig", u.secret)
}

func (u caller) call(method string, p params) answer {
	u.t.Helper()
	return u.post(u.sign(method, p))
}

// must is call for calls that must work, in JSON.
func (u caller) must(method string, p params) any {
	u.t.Helper()
	a := u.call(method, p.with(params{"format": "json"}))
	if code := a.code(); code != 0 {
		u.t.Fatalf("%s: error %d: %s", method, code, a.body)
	}
	return a.json()
}

func (u caller) mustObject(method string, p params) map[string]any {
	u.t.Helper()
	out, ok := u.must(method, p).(map[string]any)
	if !ok {
		u.t.Fatalf("%s: no object", method)
	}
	return out
}

func (u caller) mustList(method string, p params) []map[string]any {
	u.t.Helper()
	list, ok := u.must(method, p).([]any)
	if !ok {
		u.t.Fatalf("%s: no list", method)
	}
	var out []map[string]any
	for _, one := range list {
		out = append(out, one.(map[string]any))
	}
	return out
}

// file is the image of an upload.
type file struct {
	field, name string
	data        []byte
}

// form is a multipart body: the parameters, then the files.
func form(p params, files ...file) (body []byte, contentType string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, name := range sortedNames(p) {
		if err := w.WriteField(name, p[name]); err != nil {
			panic(err)
		}
	}
	for _, f := range files {
		part, err := w.CreateFormFile(f.field, f.name)
		if err != nil {
			panic(err)
		}
		part.Write(f.data)
	}
	w.Close()
	return b.Bytes(), w.FormDataContentType()
}

func (r *rig) postForm(p params, files ...file) answer {
	r.t.Helper()
	body, kind := form(p, files...)
	return r.request("POST", apiPath, kind, bytes.NewReader(body))
}

func (u caller) tryUpload(p params, name string, data []byte) answer {
	u.t.Helper()
	return u.postForm(u.sign("up.photos.upload", p), file{"data", name, data})
}

// upload is for uploads that must work; it returns the members of the answer.
func (u caller) upload(p params, name string, data []byte) map[string]any {
	u.t.Helper()
	a := u.tryUpload(p.with(params{"format": "json"}), name, data)
	if code := a.code(); code != 0 {
		u.t.Fatalf("upload of %s: error %d", name, code)
	}
	return a.json().(map[string]any)
}

func (a answer) json() any {
	a.t.Helper()
	var out any
	if err := json.Unmarshal([]byte(a.body), &out); err != nil {
		a.t.Fatalf("answer %d %q is no JSON: %v", a.status, a.body, err)
	}
	if kind := a.header.Get("Content-Type"); kind != "application/json; charset=utf-8" {
		a.t.Fatalf("JSON comes as %q", kind)
	}
	return out
}

// element is any XML.
type element struct {
	XMLName xml.Name
	List    string    `xml:"list,attr"`
	Text    string    `xml:",chardata"`
	Items   []element `xml:",any"`
}

// get returns the trimmed text of the first item with a name.
func (e element) get(name string) string {
	for _, item := range e.Items {
		if item.XMLName.Local == name {
			return strings.TrimSpace(item.Text)
		}
	}
	return ""
}

func (a answer) xml() element {
	a.t.Helper()
	var out element
	if err := xml.Unmarshal([]byte(a.body), &out); err != nil {
		a.t.Fatalf("answer %d %q is no XML: %v", a.status, a.body, err)
	}
	if kind := a.header.Get("Content-Type"); kind != "text/xml; charset=utf-8" {
		a.t.Fatalf("XML comes as %q", kind)
	}
	return out
}

// code is the error code of an answer, 0 if it is no error.
func (a answer) code() int {
	a.t.Helper()
	if strings.HasPrefix(a.header.Get("Content-Type"), "text/xml") {
		e := a.xml()
		if e.XMLName.Local != "error_response" {
			return 0
		}
		var n int
		if err := json.Unmarshal([]byte(e.get("error_code")), &n); err != nil {
			a.t.Fatal(err)
		}
		return n
	}
	members, _ := a.json().(map[string]any)
	if members["error_code"] == nil {
		return 0
	}
	return int(members["error_code"].(float64))
}

// want checks an answer's error code; 0 means that it is none.
func (a answer) want(code int, what string) {
	a.t.Helper()
	if got := a.code(); got != code {
		a.t.Errorf("%s: error %d, want %d: %s", what, got, code, a.body)
	}
}

// picture makes a JPEG; each seed gives other bytes.
func picture(seed string) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, image.NewRGBA(image.Rect(0, 0, 8, 8)), nil); err != nil {
		panic(err)
	}
	return append(b.Bytes(), seed...)
}
