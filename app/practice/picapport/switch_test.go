package picapport

import (
	"bytes"
	"io"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestContentTestsCanBeHadAlone(t *testing.T) {
	pic := picture(8, 8, 1)
	byHeader, byName, byBytes := part{"a.txt", "image/jpeg", []byte("text")}, part{"a.jpg", "text/plain", []byte("text")}, part{"a.txt", "text/plain", pic}
	for test, want := range map[ContentTest][]bool{
		TestAll: {false, false, false}, TestHeader: {true, false, false}, TestName: {false, true, false}, TestBytes: {false, false, true},
	} {
		r := newRig(t, Options{ContentTest: test, ContentTypeStop: true})
		res := r.upload(r.login("admin", "admin"), byHeader, byName, byBytes)
		for i, p := range res {
			text := "OK"
			if !want[i] {
				text = "Server Error: Invalid content type."
			}
			if p["result"] != text {
				t.Errorf("test %d, part %d: %v", test, i, p["result"])
			}
		}
	}
}

func TestMetadataSwitches(t *testing.T) {
	r := newRig(t, Options{AnyPhotoID: true, MetadataLatin1: true})
	a := r.login("admin", "admin")
	if id := r.uploadOne(a, "a.jpg", `{"photoID":"abc","title":"Ü","description":"\u00dc"}`, picture(8, 8, 1)); id != "abc" {
		t.Errorf("ID is %s", id)
	}
	m := r.ok("getPhotoMetadata", params{"apisid": a, "photoid": "abc"})
	if m["title"] != "Ã\u009c" || m["description"] != "Ü" {
		t.Errorf("metadata %v", m)
	}
	r.uploadOne(a, "a.jpg", `{"folder":"x"}`, picture(8, 8, 1))
	if err := r.Configure(func(o *Options) { o.RefuseUnknownKeys = true }); err != nil {
		t.Fatal(err)
	}
	if res := r.post(a, metaPart(`{"folder":"x"}`), photoPart("a.jpg", picture(8, 8, 1))); res.status != 400 {
		t.Errorf("unknown key: %d", res.status)
	}
}

func TestChunkedUploadsAreTakenUnlessRefused(t *testing.T) {
	r := newRig(t, Options{})
	p := params{"apisid": r.login("admin", "admin")}
	body, kind := multipartBody(photoPart("a.jpg", picture(8, 8, 1)))
	chunked := func() int { return r.postRaw(p, kind, io.MultiReader(bytes.NewReader(body))).status }
	if got := chunked(); got != 200 {
		t.Errorf("chunked: %d", got)
	}
	if err := r.Configure(func(o *Options) { o.RefuseChunked = true }); err != nil {
		t.Fatal(err)
	}
	if got := chunked(); got != 400 {
		t.Errorf("chunked, refused: %d", got)
	}
}

func TestRefusalsComeAfterTheBodyOrBeforeIt(t *testing.T) {
	r := newRig(t, Options{})
	_, kind := multipartBody(photoPart("a.jpg", nil))
	for _, early := range []bool{false, true} {
		if err := r.Configure(func(o *Options) { o.RefuseEarly = early }); err != nil {
			t.Fatal(err)
		}
		body := &counted{r: io.LimitReader(zeros{}, 5_000_000)}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.base+"/picapportapi/1.0/upload?apisid=nobody", body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", kind)
		req.Header.Set("Expect", "100-continue") // so that the client waits to be told
		transport := &http.Transport{ExpectContinueTimeout: time.Minute}
		res, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		transport.CloseIdleConnections()
		if want := map[bool]int64{false: 5_000_000}[early]; res.StatusCode != 403 || body.n.Load() != want {
			t.Errorf("early %v: %d after %d bytes", early, res.StatusCode, body.n.Load())
		}
	}
}

type counted struct {
	r io.Reader
	n atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n.Add(int64(n))
	return n, err
}

func TestResultSwitches(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, Options{Dir: dir})
	a := r.login("admin", "admin")
	upload := func(change func(*Options)) map[string]any {
		t.Helper()
		if err := r.Configure(change); err != nil {
			t.Fatal(err)
		}
		res := r.post(a, photoPart("a.jpg", picture(8, 8, 1)), photoPart("b.jpg", picture(8, 8, 2)))
		if res.status != 200 {
			t.Fatalf("%d %s", res.status, res.body)
		}
		return res.json(t)
	}
	first := func(m map[string]any, array string) map[string]any {
		t.Helper()
		list, _ := m[array].([]any)
		if len(list) == 0 {
			t.Fatalf("no %s in %v", array, m)
		}
		return list[0].(map[string]any)
	}
	if m := upload(func(o *Options) { o.Fields = FieldsOther }); m["apisid"] != a || first(m, "files")["status"] != "OK" || first(m, "files")["size"] == nil {
		t.Errorf("other names: %v", m)
	}
	if m := upload(func(o *Options) { o.Fields, o.FullPaths = Fields{}, true }); filepath.Dir(first(m, "photos")["fileName"].(string)) != filepath.Join(dir, "photos", "uploads") {
		t.Errorf("full paths: %v", m)
	}
	if m := upload(func(o *Options) { o.FullPaths, o.RenameFiles = false, true }); !strings.HasPrefix(first(m, "photos")["fileName"].(string), "upload_") {
		t.Errorf("renamed: %v", m)
	}
	if m := upload(func(o *Options) { o.ReportAs = "Accepted" }); first(m, "photos")["result"] != "Accepted" {
		t.Errorf("reported: %v", m)
	}
	stored := len(r.Received())
	if m := upload(func(o *Options) { o.ReportAs, o.RefuseWith = "", "Server Error: No." }); first(m, "photos")["result"] != "Server Error: No." || len(r.Received()) != stored {
		t.Errorf("refused: %v", m)
	}
	if m := upload(func(o *Options) { o.RefuseWith, o.ShortResult = "", true }); len(m["photos"].([]any)) != 1 || len(r.Received()) != stored+2 {
		t.Errorf("short: %v", m)
	}
}

func TestNewPhotosAppearAfterIndexing(t *testing.T) {
	r := newRig(t, Options{IndexingChecks: 2})
	a := r.login("admin", "admin")
	p := params{"apisid": a, "photoid": r.uploadOne(a, "a.jpg", "", picture(8, 8, 1))}
	for i, want := range []bool{false, false, true, true} {
		if got := r.ok("checkPhotoId", p); got["exists"] != want {
			t.Errorf("check %d: %v", i, got)
		}
	}
}
