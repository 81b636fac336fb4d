package ipernity

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzRequest: whatever a request holds, the answer is one of HTTP 200, 400 and 405, the
// text of a good one is JSON in UTF-8, nothing is stored without a right signature, and
// nothing is left in incoming.
func FuzzRequest(f *testing.F) {
	s, err := New(Options{Dir: f.TempDir(), NoSync: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	body, kind := multipartBody(part{name: "api_key", data: []byte(DefaultKey)}, filePart("a.jpg", picture(4, 4, 1)))
	f.Add("/api/upload.file/json", "", kind, body)
	f.Add("/api/upload.file/json", "api_key="+DefaultKey, kind, body[:len(body)-5])
	f.Add("/api/test.echo", "echo=1&api_key="+DefaultKey, "application/x-www-form-urlencoded", []byte("echo=%C3%A9&x=%ff"))
	f.Add("/api/doc.search/json", "api_key="+DefaultKey+"&page=99999999999&per_page=-1&sort=created-asc&posted_min=x", "", []byte{})
	f.Add("/api/doc.getList", "api_key="+DefaultKey+"&user_id=12345&extra=,,md5&thumbsize=0x", "multipart/form-data", []byte("--"))
	f.Add("/img/1.2.original.jpg", "", "", []byte{})
	f.Add("/doc/12345/uploaded", "1,2,,x", "", []byte{})
	f.Add("/apps/authorize", "api_key="+DefaultKey+"&perm_=x&perm_doc=write&api_sig=0", "application/x-www-form-urlencoded", []byte("answer=allow"))
	f.Fuzz(func(t *testing.T, path, query, contentType string, data []byte) {
		for _, verb := range []string{http.MethodGet, http.MethodPost} {
			r := httptest.NewRequest(verb, "/", bytes.NewReader(data))
			r.URL.Path, r.URL.RawQuery = path, query
			r.Header.Set("Content-Type", contentType)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			api := strings.HasPrefix(path, "/api/")
			if w.Code != 200 && w.Code != 400 && w.Code != 405 && (api || w.Code != 404) {
				t.Fatalf("%s: %d %s", path, w.Code, w.Body)
			}
			if api && w.Code == 200 && !utf8.Valid(w.Body.Bytes()) {
				t.Fatalf("%s: %q", path, w.Body)
			}
		}
		left, err := os.ReadDir(filepath.Join(s.store.dir, "incoming"))
		if err != nil || len(left) != 0 || len(s.Received()) != 0 {
			t.Fatalf("%d files left, %d received: %v", len(left), len(s.Received()), err)
		}
	})
}

// FuzzUpload: whatever the values of upload.file's parameters and the bytes of its file,
// the document that comes of it has values in range and the bytes as they came, and all
// that shows it is well-formed.
func FuzzUpload(f *testing.F) {
	s, err := New(Options{Dir: f.TempDir(), NoSync: true})
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { s.Close() })
	token := s.Token("member", "delete")
	f.Add("title", "a.jpg", "1", "2", "2020-01-01 00:00:00", "a,b", picture(4, 4, 1))
	f.Add("\xff<&\x00", `..\..\x.jpg`, "-999", "-999", "0000-00-00 00:00:00", ",,\xff", []byte("\xff\xd8\xff\xe1\xff\xff"))
	f.Add("", "", "NaN", "Inf", "x", "", []byte("\xff\xd8\xff\xe1\x00\x0eExif\x00\x00II*\x00"))
	f.Fuzz(func(t *testing.T, title, name, lat, lng, created, keywords string, data []byte) {
		do := func(method string, p params, file ...part) answer {
			p = p.with("api_key", s.Key(), "auth_token", token)
			p = p.with("api_sig", signature(p, method, s.Secret()))
			var parts []part
			for n, v := range p {
				parts = append(parts, part{name: n, data: []byte(v)})
			}
			body, kind := multipartBody(append(parts, file...)...)
			r := httptest.NewRequest(http.MethodPost, "/api/"+method+"/json", bytes.NewReader(body))
			r.Header.Set("Content-Type", kind)
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			return answer{w.Code, w.Header(), w.Body.Bytes()}
		}
		name = strings.Map(func(r rune) rune {
			if r < ' ' || r == '"' || r == '\\' || r == 0x7f {
				return '_'
			}
			return r
		}, name)
		before := len(s.store.docs)
		a := do("upload.file", params{"title": title, "lat": lat, "lng": lng, "created_at": created, "keywords": keywords}, filePart(name, data))
		ticket := dig(a.json(t), "ticket")
		if len(s.store.docs) == before {
			return // refused
		}
		g := s.store.docs[before]
		if len(s.store.docs) != before+1 || decimal(g.Ticket) != ticket || g.Size != int64(len(data)) || g.Title != strings.ToValidUTF8(title, "\uFFFD") {
			t.Fatalf("received %+v", g)
		}
		if p := g.Place; g.Created != "" && !isDate(g.Created) || p != nil && !(p.Lat >= -90 && p.Lat <= 90 && p.Lng >= -180 && p.Lng <= 180) {
			t.Fatalf("out of range: %+v", g)
		}
		if g.Invalid {
			return
		}
		for _, method := range []string{"doc.get", "doc.tags.edit", "doc.delete"} {
			a := do(method, params{"doc_id": decimal(g.ID), "extra": "tags,geo,md5", "keywords": keywords})
			if m := a.json(t); dig(m, "api", "status") != "ok" || !utf8.Valid(a.body) {
				t.Fatalf("%s: %s", method, a.body)
			}
		}
	})
}
