package picapport

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math/big"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strconv"
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

type params map[string]string

func (p params) encode() string {
	v := url.Values{}
	for name, value := range p {
		v.Set(name, value)
	}
	return v.Encode()
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
	if kind := a.header.Get("Content-Type"); kind != "application/json" {
		t.Fatalf("JSON comes as %q", kind)
	}
	return out
}

func (r *rig) do(req *http.Request) answer {
	r.t.Helper()
	res, body := practicetest.Do(r.t, r.http, req)
	return answer{res.StatusCode, res.Header, body}
}

func (r *rig) get(function string, p params) answer {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.base+"/picapportapi/1.0/"+function+"?"+p.encode(), nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return r.do(req)
}

// ok is get for calls that must work.
func (r *rig) ok(function string, p params) map[string]any {
	r.t.Helper()
	a := r.get(function, p)
	if a.status != 200 {
		r.t.Fatalf("%s: %d %s", function, a.status, a.body)
	}
	return a.json(r.t)
}

func (r *rig) wantStatus(want int, function string, p params) {
	r.t.Helper()
	if a := r.get(function, p); a.status != want {
		r.t.Errorf("%s?%s: %d %q, want %d", function, p.encode(), a.status, a.body, want)
	}
}

func encrypt(t *testing.T, session map[string]any, plain []byte) string {
	t.Helper()
	n, ok := new(big.Int).SetString(session["modulus"].(string), 16)
	e, err := strconv.ParseInt(session["exponent"].(string), 16, 32)
	if !ok || err != nil {
		t.Fatalf("bad key in %v", session)
	}
	c, err := rsa.EncryptPKCS1v15( //nolint:staticcheck // PicApport's own choice, which we do not have
		rand.Reader, &rsa.PublicKey{N: n, E: int(e)}, plain)
	if err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(c)
}

// login signs in and returns the apisid.
func (r *rig) login(uid, password string) string {
	r.t.Helper()
	s := r.ok("createWebApiSession", nil)
	apisid := s["apisid"].(string)
	out := r.ok("authorizeWebApiSession", params{"apisid": apisid, "uid": uid, "pw": encrypt(r.t, s, []byte(password))})
	if out["uid"] != uid || out["apisid"] != apisid {
		r.t.Fatalf("authorized as %v", out)
	}
	return apisid
}

// part is one part of an upload: metadata if name is empty.
type part struct {
	name, kind string
	data       []byte
}

func photoPart(name string, data []byte) part { return part{name, "image/jpeg", data} }
func metaPart(text string) part               { return part{data: []byte(text)} }

func multipartBody(parts ...part) (body []byte, contentType string) {
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		h := textproto.MIMEHeader{}
		if p.name == "" {
			h.Set("Content-Disposition", `form-data; name="metadata"`)
		} else {
			h.Set("Content-Disposition", fmt.Sprintf(`form-data; name="photos"; filename="%s"`, p.name))
			h.Set("Content-Type", p.kind)
		}
		out, _ := w.CreatePart(h) // a bytes.Buffer takes everything
		out.Write(p.data)
	}
	w.Close()
	return b.Bytes(), w.FormDataContentType()
}

func (r *rig) post(apisid string, parts ...part) answer {
	r.t.Helper()
	body, kind := multipartBody(parts...)
	return r.postRaw(params{"apisid": apisid}, kind, bytes.NewReader(body))
}

func (r *rig) postRaw(p params, contentType string, body io.Reader) answer {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.base+"/picapportapi/1.0/upload?"+p.encode(), body)
	if err != nil {
		r.t.Fatal(err)
	}
	req.Header.Set("Content-Type", contentType)
	return r.do(req)
}

// upload is post for requests that must be answered 200, in the default field names.
func (r *rig) upload(apisid string, parts ...part) []map[string]any {
	r.t.Helper()
	a := r.post(apisid, parts...)
	if a.status != 200 {
		r.t.Fatalf("upload: %d %s", a.status, a.body)
	}
	var out []map[string]any
	for _, p := range a.json(r.t)["photos"].([]any) {
		out = append(out, p.(map[string]any))
	}
	return out
}

// uploadOne uploads one photo that must be stored, and returns its ID.
func (r *rig) uploadOne(apisid, name, meta string, data []byte) string {
	r.t.Helper()
	parts := []part{photoPart(name, data)}
	if meta != "" {
		parts = append([]part{metaPart(meta)}, parts...)
	}
	res := r.upload(apisid, parts...)
	if len(res) != 1 || res[0]["result"] != "OK" {
		r.t.Fatalf("upload of %s: %v", name, res)
	}
	return res[0]["photoID"].(string)
}

// picture makes a JPEG: red on the left, blue on the right, a seed in one pixel row.
func picture(w, h int, seed byte) []byte {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{255, 0, 0, 255}
			if x >= w/2 {
				c = color.RGBA{0, 0, 255, 255}
			}
			if y == h-1 {
				c = color.RGBA{seed, seed, seed, 255}
			}
			img.SetRGBA(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 95}); err != nil {
		panic(err)
	}
	return append(b.Bytes(), seed) // so that each seed gives other bytes
}

func segmentOf(marker byte, payload []byte) []byte {
	out := []byte{0xff, marker}
	out = binary.BigEndian.AppendUint16(out, uint16(len(payload)+2))
	return append(out, payload...)
}

// insert puts segments behind a JPEG's start of image.
func insert(pic []byte, segments ...[]byte) []byte {
	out := append([]byte{}, pic[:2]...)
	for _, s := range segments {
		out = append(out, s...)
	}
	return append(out, pic[2:]...)
}

// exifSegment has an orientation, a capture time, f/22, 1/160 s and 90 mm.
func exifSegment(order binary.AppendByteOrder, orientation uint16) []byte {
	head := "MM\x00*"
	if order.String() == binary.LittleEndian.String() {
		head = "II*\x00"
	}
	b := append([]byte("Exif\x00\x00"), head...)
	b = order.AppendUint32(b, 8)
	entry := func(tag, kind uint16, n, value uint32) {
		b = order.AppendUint16(b, tag)
		b = order.AppendUint16(b, kind)
		b = order.AppendUint32(b, n)
		if kind == 3 {
			b = order.AppendUint16(b, uint16(value))
			b = order.AppendUint16(b, 0)
		} else {
			b = order.AppendUint32(b, value)
		}
	}
	b = order.AppendUint16(b, 2) // at 8
	entry(tagOrientation, 3, 1, uint32(orientation))
	entry(tagExifIFD, 4, 1, 38)
	b = order.AppendUint32(b, 0)
	b = order.AppendUint16(b, 4) // at 38
	entry(tagTaken, 2, 20, 92)
	entry(tagFNumber, 5, 1, 112)
	entry(tagExposure, 5, 1, 120)
	entry(tagFocal, 5, 1, 128)
	b = order.AppendUint32(b, 0)
	b = append(b, "2015:07:02 14:35:33\x00"...) // at 92
	for _, n := range []uint32{22, 1, 1, 160, 900, 10} {
		b = order.AppendUint32(b, n)
	}
	return segmentOf(markerAPP1, b)
}

// goodID makes a photo ID in the native shape.
func goodID() string { return newPhotoID() }
