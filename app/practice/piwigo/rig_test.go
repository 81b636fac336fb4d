package piwigo

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/practice/practicetest"
)

func TestMain(m *testing.M) { practicetest.Main(m, crashServer) }

// rig is a server and plain requests to it.
type rig struct {
	*Server
	t     *testing.T
	front *httptest.Server
	base  string
	http  *http.Client
}

func newRig(t *testing.T, o Options) *rig {
	t.Helper()
	return newRigAt(t, o, func(string) {})
}

// newRigAt is newRig with something to happen at the steps of the store.
func newRigAt(t *testing.T, o Options, at func(step string)) *rig {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	o.NoSync = true
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	s.store.at = at
	front := practicetest.Front(t, s)
	client := front.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &rig{s, t, front, front.URL + o.Path, client}
}

// configure changes the options of the running server.
func (r *rig) configure(change func(*Options)) {
	r.t.Helper()
	if err := r.Configure(change); err != nil {
		r.t.Fatal(err)
	}
}

// visit is somebody with a cookie.
type visit struct {
	*rig
	cookie string // "pwg_id=…"
	token  string
	header http.Header
}

func (r *rig) stranger() *visit { return &visit{rig: r, header: http.Header{}} }

// as is somebody who has signed in.
func (r *rig) as(user string) *visit {
	r.t.Helper()
	v := r.stranger()
	u, ok := r.options.Load().user(user)
	if !ok {
		r.t.Fatalf("no user %s", user)
	}
	v.ok("pwg.session.login", fields{{"username", user}, {"password", u.Password}})
	v.token = v.ok("pwg.session.getStatus", nil).(map[string]any)["pwg_token"].(string)
	return v
}

// field is a field of a form, in order. A value of type fileField makes it multipart.
type field struct {
	name  string
	value any
}

// fields are those of a call.
type fields []field

// fileField is a file in a form.
type fileField struct {
	name string
	data []byte
}

func (f fields) encode() (body []byte, contentType string) {
	multi := false
	v := url.Values{}
	for _, x := range f {
		if _, ok := x.value.(fileField); ok {
			multi = true
		} else {
			v.Add(x.name, fmt.Sprint(x.value))
		}
	}
	if !multi {
		return []byte(v.Encode()), "application/x-www-form-urlencoded"
	}
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, x := range f {
		if u, ok := x.value.(fileField); ok {
			out, _ := w.CreateFormFile(x.name, u.name) // a bytes.Buffer takes everything
			out.Write(u.data)
		} else {
			w.WriteField(x.name, fmt.Sprint(x.value))
		}
	}
	w.Close()
	return b.Bytes(), w.FormDataContentType()
}

// answer is what came back.
type answer struct {
	status  int
	header  http.Header
	body    string
	notices []string // PHP's messages before the JSON
	json    bool
	Stat    string `json:"stat"`
	Err     int    `json:"err"`
	Message string `json:"message"`
	Result  any    `json:"result"`
}

func (v *visit) do(req *http.Request) answer {
	v.t.Helper()
	if v.cookie != "" {
		req.Header.Set("Cookie", v.cookie)
	}
	for name := range v.header {
		req.Header.Set(name, v.header.Get(name))
	}
	res, body := practicetest.Do(v.t, v.http, req)
	for _, c := range res.Cookies() {
		if c.Name == v.options.Load().CookieName {
			v.cookie = c.Name + "=" + c.Value
		}
	}
	return parseAnswer(res.StatusCode, res.Header, string(body))
}

// parseAnswer finds the JSON behind PHP's messages.
func parseAnswer(status int, header http.Header, body string) answer {
	a := answer{status: status, header: header, body: body}
	at := strings.Index(body, `{"stat"`)
	if at >= 0 && json.Unmarshal([]byte(body[at:]), &a) == nil {
		a.json = true
		body = body[:at]
	}
	for part := range strings.SplitSeq(body, "<br />\n<b>") {
		if text, _, ok := strings.Cut(part, " in <b>"); ok {
			text, _, _ = strings.Cut(text, " in /var/") // where an exception was thrown
			a.notices = append(a.notices, strings.Replace(text, "</b>:  ", ": ", 1))
		}
	}
	return a
}

// post calls a method with everything in the body.
func (v *visit) post(method string, f fields) answer {
	v.t.Helper()
	return v.raw("/ws.php?format=json", append(fields{{"method", method}}, f...))
}

func (v *visit) raw(path string, f fields) answer {
	v.t.Helper()
	body, kind := f.encode()
	return v.do(v.request(path, kind, bytes.NewReader(body)))
}

func (v *visit) get(path string) answer {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.base+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.do(req)
}

// ok is post for calls that must work, without a word from PHP.
func (v *visit) ok(method string, f fields) any {
	v.t.Helper()
	a := v.post(method, f)
	if a.status != 200 || a.Stat != "ok" {
		v.t.Fatalf("%s: %d %s", method, a.status, a.body)
	}
	return a.Result
}

// wants is post for calls that must be refused with an error.
func (v *visit) wants(status, code int, message, method string, f fields) {
	v.t.Helper()
	a := v.post(method, f)
	if a.status != status || a.Stat != "fail" || a.Err != code || a.Message != message {
		v.t.Errorf("%s: %d %s, want %d %d %q", method, a.status, a.body, status, code, message)
	}
}

// album makes an album and returns its ID.
func (v *visit) album(name string, more ...field) int {
	v.t.Helper()
	return int(v.ok("pwg.categories.add", append(fields{{"name", name}}, more...)).(map[string]any)["id"].(float64))
}

// simple sends a photo by addSimple, which must work, and returns image_id.
func (v *visit) simple(name string, data []byte, more ...field) any {
	v.t.Helper()
	f := append(fields{}, more...)
	return v.ok("pwg.images.addSimple", append(f, field{"image", fileField{name, data}})).(map[string]any)["image_id"]
}

// async sends one chunk.
func (v *visit) async(data []byte, chunk, chunks int, more ...field) answer {
	v.t.Helper()
	return v.post("pwg.images.uploadAsync", append(asyncFields(data, chunk, chunks), more...))
}

func asyncFields(data []byte, chunk, chunks int) fields {
	part := slice(data, chunk, chunks)
	return fields{
		{"chunk", chunk}, {"chunks", chunks}, {"chunk_sum", sum(part)}, {"original_sum", sum(data)}, {"filename", "IMG_0010.JPG"},
		{"file", fileField{"blob", part}},
	}
}

// slice is one of n parts of about the same length.
func slice(data []byte, i, n int) []byte {
	size := (len(data) + n - 1) / n
	return data[min(len(data), i*size):min(len(data), (i+1)*size)]
}

func sum(data []byte) string {
	s := md5.Sum(data)
	return hex.EncodeToString(s[:])
}

// only returns the one photo that was received.
func (r *rig) only() Received {
	r.t.Helper()
	got := r.Received()
	if len(got) != 1 {
		r.t.Fatalf("received %d photos, want 1: %+v", len(got), got)
	}
	return got[0]
}

// picture makes a JPEG of its own for each seed.
func picture(seed int) []byte {
	img := image.NewRGBA(image.Rect(0, 0, 160, 120))
	for y := range 120 {
		for x := range 160 {
			img.SetRGBA(x, y, color.RGBA{uint8(x), uint8(y), uint8(seed), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		panic(err)
	}
	text := "seed " + strconv.Itoa(seed)
	comment := append([]byte{0xff, 0xfe, 0, byte(len(text) + 2)}, text...)
	return append(append(b.Bytes()[:2:2], comment...), b.Bytes()[2:]...)
}

// dated is picture with an EXIF date of 2024-05-01 10:11:12.
func dated(seed int) []byte {
	tiff := []byte("MM\x00*\x00\x00\x00\x08" +
		"\x00\x01\x87\x69\x00\x04\x00\x00\x00\x01\x00\x00\x00\x1a\x00\x00\x00\x00" +
		"\x00\x01\x90\x03\x00\x02\x00\x00\x00\x14\x00\x00\x00\x2c\x00\x00\x00\x00" +
		"2024:05:01 10:11:12\x00")
	exif := append([]byte("Exif\x00\x00"), tiff...)
	pic := picture(seed)
	segment := append([]byte{0xff, 0xe1, 0, byte(len(exif) + 2)}, exif...)
	return append(append(pic[:2:2], segment...), pic[2:]...)
}

func (v *visit) request(path, kind string, body io.Reader) *http.Request {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodPost, v.base+path, body)
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if v.cookie != "" {
		req.Header.Set("Cookie", v.cookie)
	}
	return req
}
