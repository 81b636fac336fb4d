package ipernity

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"maps"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/practice/practicetest"
)

func TestMain(m *testing.M) { practicetest.Main(m, crashServer) }

// clock is a service's clock that tests turn.
type clock struct{ ns atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ns.Store(time.Date(2026, 7, 18, 9, 30, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *clock) now() time.Time         { return time.Unix(0, c.ns.Load()) }
func (c *clock) turn(d time.Duration)   { c.ns.Add(int64(d)) }
func (c *clock) turnTo(to time.Time)    { c.ns.Store(to.UnixNano()) }
func (c *clock) unix() (seconds string) { return strconv.FormatInt(c.now().Unix(), 10) }

// rig is a server, its clock, and plain requests to it.
type rig struct {
	*Server
	*clock
	t    *testing.T
	base string
	http *http.Client
}

func newRig(t *testing.T, o Options) *rig {
	t.Helper()
	r := &rig{clock: newClock(), t: t}
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	o.NoSync, o.Now = true, r.now
	s, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	front := practicetest.Front(t, s)
	r.Server, r.base, r.http = s, front.URL, front.Client()
	return r
}

func (r *rig) set(change func(*Options)) {
	r.t.Helper()
	if err := r.Configure(change); err != nil {
		r.t.Fatal(err)
	}
}

type params map[string]string

// with returns params with more of them.
func (p params) with(pairs ...string) params {
	out := maps.Clone(p)
	if out == nil {
		out = params{}
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i]] = pairs[i+1]
	}
	return out
}

func (p params) encode() string {
	v := url.Values{}
	for name, value := range p {
		v.Set(name, value)
	}
	return v.Encode()
}

// sign adds key and signature.
func (r *rig) sign(method string, p params) params {
	p = p.with("api_key", r.Key())
	return p.with("api_sig", signature(p, method, r.Secret()))
}

type answer struct {
	status int
	header http.Header
	body   []byte
}

// json returns the members of an answer that must be a JSON object.
func (a answer) json(t *testing.T) map[string]any {
	t.Helper()
	var out map[string]any
	if err := json.Unmarshal(a.body, &out); err != nil {
		t.Fatalf("answer %d %q is no JSON object: %v", a.status, a.body, err)
	}
	return out
}

func (r *rig) do(req *http.Request) answer {
	r.t.Helper()
	res, body := practicetest.Do(r.t, r.http, req)
	return answer{res.StatusCode, res.Header, body}
}

func (r *rig) request(verb, path string, body io.Reader, kind string) answer {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), verb, r.base+path, body)
	if err != nil {
		r.t.Fatal(err)
	}
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	return r.do(req)
}

func (r *rig) get(path string) answer {
	r.t.Helper()
	return r.request(http.MethodGet, path, nil, "")
}

func (r *rig) post(path string, p params) answer {
	r.t.Helper()
	return r.request(http.MethodPost, path, strings.NewReader(p.encode()), "application/x-www-form-urlencoded")
}

// call posts a signed call.
func (r *rig) call(method string, p params) answer {
	r.t.Helper()
	return r.post("/api/"+method+"/json", r.sign(method, p))
}

// ok is call for calls that must work.
func (r *rig) ok(method string, p params) map[string]any {
	r.t.Helper()
	a := r.call(method, p)
	m := a.json(r.t)
	if a.status != 200 || dig(m, "api", "status") != "ok" {
		r.t.Fatalf("%s: %d %s", method, a.status, a.body)
	}
	return m
}

// code is the error code of an answer, 0 if it is none.
func code(t *testing.T, a answer) int {
	t.Helper()
	m := a.json(t)
	if dig(m, "api", "status") == "ok" {
		return 0
	}
	n, err := strconv.Atoi(dig(m, "api", "code"))
	if err != nil || dig(m, "api", "message") == "" {
		t.Fatalf("error without code or message: %s", a.body)
	}
	return n
}

func (r *rig) wantCode(want int, method string, p params) {
	r.t.Helper()
	if a := r.call(method, p); code(r.t, a) != want {
		r.t.Errorf("%s %v: %s, want code %d", method, p, a.body, want)
	}
}

// dig returns a string deep in an answer, where numbers stand for places in arrays.
func dig(v any, path ...string) string {
	for _, name := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(x) {
				return ""
			}
			v = x[i]
		default:
			return ""
		}
	}
	switch x := v.(type) {
	case string:
		return x
	case nil:
		return ""
	}
	return fmt.Sprintf("%T", v)
}

// array returns an array deep in an answer.
func array(v any, path ...string) []any {
	for _, name := range path {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	out, _ := v.([]any)
	return out
}

// as is the token parameter of a user with permission to do anything.
func (r *rig) as(user string) params {
	r.t.Helper()
	t := r.Token(user, "delete")
	if t == "" {
		r.t.Fatalf("no token for %s", user)
	}
	return params{"auth_token": t}
}

// part is one part of a multipart body: a parameter unless it has a kind or a file name.
type part struct {
	name, file, kind string
	data             []byte
}

func multipartBody(parts ...part) (body []byte, contentType string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		h := textproto.MIMEHeader{}
		h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="%s"`, p.name))
		if p.kind != "" {
			h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="%s"; filename="%s"`, p.name, p.file))
			h.Set("Content-Type", p.kind)
		}
		out, _ := w.CreatePart(h) // a bytes.Buffer takes everything
		out.Write(p.data)
	}
	w.Close()
	return b.Bytes(), w.FormDataContentType()
}

// send posts upload.file, or a method like it, with a file.
func (r *rig) send(method string, p params, file part) answer {
	r.t.Helper()
	var parts []part
	for name, value := range r.sign(method, p) {
		parts = append(parts, part{name: name, data: []byte(value)})
	}
	body, kind := multipartBody(append(parts, file)...)
	return r.request(http.MethodPost, "/api/"+method+"/json", bytes.NewReader(body), kind)
}

func filePart(name string, data []byte) part {
	kind := "image/jpeg"
	if strings.HasSuffix(name, ".txt") || strings.HasSuffix(name, ".html") {
		kind = "text/plain"
	}
	return part{"file", name, kind, data}
}

// upload uploads a file that must be taken, and returns its ticket.
func (r *rig) upload(p params, name string, data []byte) string {
	r.t.Helper()
	a := r.send("upload.file", p, filePart(name, data))
	ticket := dig(a.json(r.t), "ticket")
	if ticket == "" {
		r.t.Fatalf("upload of %s: %d %s", name, a.status, a.body)
	}
	return ticket
}

// stored uploads a file that must be taken and processed, and returns its document.
func (r *rig) stored(p params, name string, data []byte) string {
	r.t.Helper()
	ticket := r.upload(p, name, data)
	m := r.ok("upload.checkTickets", params{"auth_token": p["auth_token"], "tickets": ticket})
	id := dig(m, "tickets", "ticket", "0", "doc_id")
	if id == "" {
		r.t.Fatalf("ticket of %s: %v", name, m)
	}
	return id
}

// last is what was received last.
func (r *rig) last() Received {
	r.t.Helper()
	all := r.Received()
	if len(all) == 0 {
		r.t.Fatal("nothing received")
	}
	return all[len(all)-1]
}

// picture makes a JPEG: red on the left, blue on the right, its seed behind it.
func picture(w, h int, seed byte) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 0, 0, 255}
			if x >= w/2 {
				c = color.RGBA{0, 0, 255, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return append(b.Bytes(), seed)
}
