package ipernity

import (
	"bytes"
	"image"
	"image/jpeg"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestPicturesAnswerAtTheirAddresses(t *testing.T) {
	r := newRig(t, Options{})
	me := r.as("member")
	pic := picture(900, 600, 1)
	id := r.stored(me, "a.jpg", pic)
	doc := r.ok("doc.get", me.with("doc_id", id))["doc"]
	original := dig(doc, "original", "url")
	path := strings.TrimPrefix(original, r.base)
	if a := r.get(path); a.status != 200 || !bytes.Equal(a.body, pic) || a.header.Get("Content-Type") != "image/jpeg" {
		t.Errorf("original: %d %s, %d bytes", a.status, a.header.Get("Content-Type"), len(a.body))
	}
	for _, thumb := range array(doc, "thumbs", "thumb") {
		a := r.get(strings.TrimPrefix(dig(thumb, "url"), r.base))
		cfg, err := jpeg.DecodeConfig(bytes.NewReader(a.body))
		if err != nil || decimal(int64(cfg.Width)) != dig(thumb, "w") || decimal(int64(cfg.Height)) != dig(thumb, "h") {
			t.Errorf("%v is %d, %d x %d: %v", thumb, a.status, cfg.Width, cfg.Height, err)
		}
	}
	for _, wrong := range []string{
		"/img/", "/img/1.2.3.4", strings.Replace(path, "original", "1024", 1), strings.Replace(path, "original", "9", 1),
		path + "x", strings.Replace(path, id, "1", 1), strings.Replace(path, ".original", "0.original", 1), "/elsewhere",
	} {
		if a := r.get(wrong); a.status != 404 {
			t.Errorf("%s: %d", wrong, a.status)
		}
	}
	broken := r.stored(me, "b.jpg", append(picture(900, 600, 2)[:700], make([]byte, 300)...))
	doc = r.ok("doc.get", me.with("doc_id", broken))["doc"]
	if a := r.get(strings.TrimPrefix(dig(doc, "thumbs", "thumb", "0", "url"), r.base)); a.status != 500 {
		t.Errorf("thumbnail of a broken picture: %d", a.status)
	}
	page := r.stored(me.with("is_public", "1"), "x.html", []byte("<script>alert(1)</script>"))
	doc = r.ok("doc.get", me.with("doc_id", page))["doc"]
	if a := r.get(strings.TrimPrefix(dig(doc, "original", "url"), r.base)); a.status != 200 || a.header.Get("Content-Type") != "application/octet-stream" || a.header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("a page comes as %q", a.header.Get("Content-Type"))
	}
}

func TestThumbSizes(t *testing.T) {
	for _, c := range []struct {
		w, h  int
		label string
		want  string
	}{
		{900, 600, "75x", "75x75 of (150,0)-(750,600)"},
		{900, 600, "100", "100x66 of (0,0)-(900,600)"},
		{600, 900, "500", "333x500 of (0,0)-(600,900)"},
		{10, 8, "75x", "75x75 of (1,0)-(9,8)"},
		{10, 8, "100", "100x80 of (0,0)-(10,8)"},
		{10, 8, "240", ""},
		{0, 0, "75x", ""},
		{900, 600, "101", ""},
		{900, 600, "", ""},
		{100_000, 100_000, "75x", ""},
	} {
		w, h, crop, ok := thumbSize(c.w, c.h, c.label)
		got := ""
		if ok {
			got = decimal(int64(w)) + "x" + decimal(int64(h)) + " of " + crop.String()
		}
		if got != c.want || ok && !crop.In(image.Rect(0, 0, c.w, c.h)) {
			t.Errorf("%s of %d x %d: %s, want %s", c.label, c.w, c.h, got, c.want)
		}
	}
}

func TestDocumentPages(t *testing.T) {
	r := newRig(t, Options{})
	me := r.as("member")
	private := r.stored(me.with("title", "Pri<vate>"), "a.jpg", picture(900, 600, 1))
	public := r.stored(me.with("title", "Public", "is_public", "1"), "b.jpg", picture(8, 8, 2))
	album := dig(r.ok("album.create", me.with("title", "Both", "cover_id", private)), "album", "album_id")
	r.ok("album.docs.add", me.with("album_id", album, "doc_id", public))
	owner := r.newBrowser().open(r.link(params{"frob": r.frob(), "perm_doc": "write"}))
	owner.press("allow", "user", "member", "password", "member").shows(200, "go back")
	nobody := r.newBrowser()
	for _, c := range []struct {
		path          string
		owner, nobody int
		title         string
	}{
		{"/doc/12345/" + public, 200, 200, "Public"},
		{"/doc/member/" + public, 200, 200, "Public"},
		{"/doc/12345/" + private, 200, 404, "Pri&lt;vate&gt;"},
		{"/doc/54321/" + public, 404, 404, "Not found"},
		{"/doc/12345/1", 404, 404, "Not found"},
		{"/doc/12345/", 404, 404, "Not found"},
		{"/doc/12345/uploaded?" + private + "," + public, 200, 200, "Just uploaded"},
		{"/doc/12345/album/" + album, 200, 200, "Both"},
		{"/doc/12345/album/1", 404, 404, "Not found"},
	} {
		owner.open(c.path).shows(c.owner, c.title)
		nobody.open(c.path)
		if nobody.page.status != c.nobody || c.owner != c.nobody && bytes.Contains(nobody.page.body, []byte(c.title)) {
			t.Errorf("nobody sees %s: %d %s", c.path, nobody.page.status, nobody.page.body)
		}
	}
	owner.open("/doc/12345/"+private).shows(200, "in Both")
	owner.shows(200, `<img src="/img/`+private)
}

func TestAddressesFollowTheClients(t *testing.T) {
	for target, want := range map[string]string{"http://h:1/api/doc.get": "http://h:1", "https://h/api/doc.get": "https://h"} {
		if got := baseOf(httptest.NewRequest(http.MethodGet, target, nil)); got != want {
			t.Errorf("%s gives %s", target, got)
		}
	}
}
