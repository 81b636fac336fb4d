package picapport

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"image/jpeg"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

func TestUploadStoresThePhotoWithItsMetadataAndRemembersTheBytes(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, Options{Dir: dir, KeepReceived: true})
	pic := picture(40, 20, 7)
	id := goodID()
	meta := `{"title":"Hafen & \u00dcbersee","description":"a <b>","rating":4,"tags":["import","2024"],"persons":["Ann \"A\""],"photoID":"` + id + `"}`
	apisid := r.login("picapport", "picapport")
	res := r.upload(apisid, metaPart(meta), photoPart("IMG_0001.JPG", pic))[0]
	for key, want := range map[string]any{
		"fileName": "IMG_0001.JPG", "contentType": "image/jpeg", "fileSize": float64(len(pic)), "photoID": id, "result": "OK",
	} {
		if res[key] != want {
			t.Errorf("%s is %v, want %v", key, res[key], want)
		}
	}

	kept, err := os.ReadFile(filepath.Join(dir, "received", "IMG_0001.JPG"))
	if err != nil || !bytes.Equal(kept, pic) {
		t.Errorf("received file differs: %v", err)
	}
	stored, err := os.ReadFile(filepath.Join(dir, "photos", "uploads", "IMG_0001.JPG"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := jpeg.Decode(bytes.NewReader(stored)); err != nil {
		t.Errorf("stored file is no picture: %v", err)
	}
	if bytes.Equal(stored, pic) || !bytes.HasSuffix(stored, pic[2:]) {
		t.Error("stored file is not the photo with something written into it")
	}
	for _, want := range []string{
		`<dc:title><rdf:Alt><rdf:li xml:lang="x-default">Hafen &amp; Übersee</rdf:li>`, `a &lt;b&gt;`, `<xmp:Rating>4</xmp:Rating>`,
		`<dc:subject><rdf:Bag><rdf:li>import</rdf:li><rdf:li>2024</rdf:li></rdf:Bag>`, `<rdf:li>Ann &#34;A&#34;</rdf:li>`,
		`http://ns.contecon.de/picapport/1.0/`, `<picapport:photoID>` + id + `</picapport:photoID>`,
	} {
		if !bytes.Contains(stored, []byte(want)) {
			t.Errorf("stored file has no %s", want)
		}
	}

	got := r.Received()
	if len(got) != 1 {
		t.Fatalf("received %d", len(got))
	}
	sha, sum := sha256.Sum256(pic), md5.Sum(pic)
	g := got[0]
	if g.SHA256 != hex.EncodeToString(sha[:]) || g.MD5 != hex.EncodeToString(sum[:]) || g.Size != int64(len(pic)) ||
		g.PhotoID != id || g.Name != "IMG_0001.JPG" || g.Uploader != "picapport" || string(g.Metadata) != meta || g.Removed {
		t.Errorf("received %+v", g)
	}
}

func TestMetadataHoldsUntilTheNextOne(t *testing.T) {
	for _, merge := range []bool{false, true} {
		r := newRig(t, Options{MergeMetadata: merge})
		a := r.login("admin", "admin")
		res := r.upload(a,
			photoPart("p0.jpg", picture(8, 8, 0)),
			metaPart(`{"title":"one","tags":["x"]}`), photoPart("p1.jpg", picture(8, 8, 1)),
			metaPart(`{"title":"two"}`), photoPart("p2.jpg", picture(8, 8, 2)), photoPart("p3.jpg", picture(8, 8, 3)))
		var got []string
		for _, p := range res {
			m := r.ok("getPhotoMetadata", params{"apisid": a, "photoid": p["photoID"].(string)})
			got = append(got, fmt.Sprintf("%v %v", m["title"], m["tags"]))
		}
		want := []string{"<nil> <nil>", "one [x]", "two <nil>", "two <nil>"}
		if merge {
			want = []string{"<nil> <nil>", "one [x]", "two [x]", "two [x]"}
		}
		if !slices.Equal(got, want) {
			t.Errorf("merge %v: %v", merge, got)
		}
	}
}

func TestServerMakesARandomUUIDWhereNoIDIsGiven(t *testing.T) {
	r := newRig(t, Options{})
	a := r.login("admin", "admin")
	one, two := r.uploadOne(a, "a.jpg", "", picture(8, 8, 1)), r.uploadOne(a, "a.jpg", `{"title":"x"}`, picture(8, 8, 1))
	if one == two {
		t.Error("the same ID twice")
	}
	for _, id := range []string{one, two} {
		if b, err := base64.RawStdEncoding.DecodeString(id); err != nil || len(b) != 16 || b[6]>>4 != 4 || b[8]>>6 != 2 {
			t.Errorf("%q is no UUIDv4", id)
		}
	}
}

func TestKnownIDsAreRefusedByTheTable(t *testing.T) {
	for _, c := range []struct{ exists, synced, check, stored bool }{
		{false, false, true, true}, {false, false, false, true},
		{false, true, true, false}, {false, true, false, true},
		{true, false, true, false}, {true, false, false, false},
		{true, true, true, false}, {true, true, false, false},
	} {
		t.Run(fmt.Sprintf("%+v", c), func(t *testing.T) {
			dir := t.TempDir()
			r := newRig(t, Options{Dir: dir, SyncGivenOnly: true})
			a := r.login("admin", "admin")
			var id string
			switch {
			case c.exists && !c.synced: // made by the server, and not recorded
				id = r.uploadOne(a, "first.jpg", "", picture(8, 8, 0))
			case c.exists || c.synced:
				id = r.uploadOne(a, "first.jpg", `{"photoID":"`+goodID()+`"}`, picture(8, 8, 0))
			default:
				id = goodID()
			}
			if c.synced && !c.exists {
				if err := r.DeletePhoto(id); err != nil {
					t.Fatal(err)
				}
			}
			p := params{"apisid": a, "photoid": id}
			if got := r.ok("checkPhotoId", p); got["exists"] != c.exists || got["alreadySynced"] != c.synced || got["photoID"] != id {
				t.Fatalf("checkPhotoId says %v", got)
			}
			meta := fmt.Sprintf(`{"photoID":%q,"doSyncCheck":%v}`, id, c.check)
			res := r.upload(a, metaPart(meta), photoPart("again.jpg", picture(8, 8, 1)))[0]
			want := "Server Error: Photo already exists."
			if c.stored {
				want = "OK"
			}
			if res["result"] != want {
				t.Errorf("result is %v, want %s", res["result"], want)
			}
			if c.stored {
				if got := r.ok("checkPhotoId", p); got["exists"] != true || got["alreadySynced"] != true {
					t.Errorf("afterwards checkPhotoId says %v", got)
				}
			}
			if left, _ := os.ReadDir(filepath.Join(dir, ".picapport", "incoming")); len(left) != 0 {
				t.Errorf("%d files left in incoming", len(left))
			}
		})
	}
}

func TestOneIDTwiceInOneRequestIsRefusedTheSecondTime(t *testing.T) {
	r := newRig(t, Options{ExistsText: "Server Error: Known."})
	res := r.upload(r.login("admin", "admin"), metaPart(`{"photoID":"`+goodID()+`"}`),
		photoPart("a.jpg", picture(8, 8, 1)), photoPart("b.jpg", picture(8, 8, 2)))
	if res[0]["result"] != "OK" || res[1]["result"] != "Server Error: Known." || len(r.Received()) != 1 {
		t.Errorf("results %v", res)
	}
}

func TestParallelUploadsOfOneIDStoreItOnce(t *testing.T) {
	r := newRig(t, Options{})
	a := r.login("admin", "admin")
	meta := metaPart(`{"photoID":"` + goodID() + `"}`)
	var wg sync.WaitGroup
	var mu sync.Mutex
	stored := 0
	for i := range 8 {
		wg.Go(func() {
			res := r.post(a, meta, photoPart(fmt.Sprintf("%d.jpg", i), picture(64, 64, byte(i))))
			mu.Lock()
			defer mu.Unlock()
			if bytes.Contains(res.body, []byte(`"OK"`)) {
				stored++
			}
		})
	}
	wg.Wait()
	if stored != 1 || len(r.Received()) != 1 {
		t.Errorf("stored %d times, received %d", stored, len(r.Received()))
	}
}

func TestOutcomesArePerFile(t *testing.T) {
	r := newRig(t, Options{MaxFileMB: 0.002, VideoTypes: []string{".mov"}})
	a := r.login("admin", "admin")
	small := picture(8, 8, 1)
	exact := append(append([]byte{}, small...), make([]byte, 2000-len(small))...)
	for _, c := range []struct {
		part
		want string
	}{
		{photoPart("a.jpg", small), "OK"},
		{photoPart("a.JPEG", small), "OK"},
		{photoPart("exact.jpg", exact), "OK"},
		{photoPart("big.jpg", append(exact, 0)), "Server Error: File too big."},
		{photoPart("huge.jpg", append(exact, make([]byte, 3_000_000)...)), "Server Error: File too big."},
		{part{"a.jpg", "application/octet-stream", small}, "Server Error: Invalid content type"},
		{part{"a.jpg", "", small}, "Server Error: Invalid content type"},
		{photoPart("a.png", small), "Server Error: Invalid content type"},
		{photoPart("a", small), "Server Error: Invalid content type"},
		{photoPart("png.jpg", []byte("\x89PNG\r\n\x1a\n")), "Server Error: Invalid content type"},
		{photoPart("empty.jpg", nil), "Server Error: Invalid content type"},
		{part{"v.MOV", "video/quicktime", []byte("....ftyp")}, "OK"},
		{part{"v.mov", "image/jpeg", []byte("....ftyp")}, "Server Error: Invalid content type"},
		{part{"v.mp4", "video/mp4", []byte("....ftyp")}, "Server Error: Invalid content type"},
	} {
		// The photo behind it shows that the rest of the request is still understood.
		res := r.upload(a, c.part, photoPart("behind.jpg", small))
		if len(res) != 2 || res[0]["result"] != c.want || res[1]["result"] != "OK" {
			t.Errorf("%s as %q: %v", c.name, c.kind, res)
		} else if res[0]["fileSize"] != float64(len(c.data)) {
			t.Errorf("%s: size %v, want %d", c.name, res[0]["fileSize"], len(c.data))
		}
	}
}

func TestMalformedUploadsGive400AndStoreNothing(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, Options{Dir: dir})
	p := params{"apisid": r.login("admin", "admin")}
	pic := picture(8, 8, 1)
	whole, kind := multipartBody(photoPart("a.jpg", pic))
	for name, c := range map[string]struct {
		kind string
		body []byte
	}{
		"not multipart":     {"application/json", []byte("{}")},
		"no boundary":       {"multipart/form-data", whole},
		"other boundary":    {"multipart/form-data; boundary=other", whole},
		"empty":             {kind, nil},
		"cut in the photo":  {kind, whole[:len(whole)/2]},
		"cut before end":    {kind, whole[:bytes.LastIndex(whole, []byte("--"+kind[len("multipart/form-data; boundary="):]))]},
		"cut in the header": {kind, whole[:40]},
		"bare boundary":     {kind, bytes.TrimSuffix(whole, []byte("--\r\n"))},
		"half an end":       {kind, bytes.TrimSuffix(whole, []byte("-\r\n"))},
	} {
		if a := r.postRaw(p, c.kind, bytes.NewReader(c.body)); a.status != 400 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	for name, meta := range map[string]string{
		"no JSON": `title=x`, "array": `[]`, "null": `null`, "comma at the end": `{"title":"x",}`, "number as title": `{"title":1}`,
		"string as rating": `{"rating":"5"}`, "six stars": `{"rating":6}`, "half a star": `{"rating":0.5}`, "string as tags": `{"tags":"a,b"}`,
		"padded ID": `{"photoID":"iILNtIMuSPaSWorMlHVpXA=="}`, "short ID": `{"photoID":"abc"}`, "URL-safe ID": `{"photoID":"vm3-Z4_GQcOqLNWCOUWleA"}`,
		"ID that is no UUIDv4": `{"photoID":"AAAAAAAAAAAAAAAAAAAAAA"}`, "string as doSyncCheck": `{"doSyncCheck":"false"}`,
		"too long": `{"title":"` + strings.Repeat("x", maxMetadata) + `"}`, "too long for XMP": `{"title":"` + strings.Repeat("x", 1<<16) + `"}`,
	} {
		if a := r.post(p["apisid"], metaPart(meta), photoPart("a.jpg", pic)); a.status != 400 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if a := r.post(p["apisid"], metaPart(`{}`)); a.status != 400 {
		t.Errorf("no photo: %d", a.status)
	}
	if a := r.post(p["apisid"], photoPart("a.jpg", pic), metaPart(`[]`), photoPart("b.jpg", pic)); a.status != 400 {
		t.Errorf("metadata behind a photo: %d", a.status)
	}
	two, kind := multipartBody(photoPart("a.jpg", pic), photoPart("b.jpg", pic))
	if a := r.postRaw(p, kind, bytes.NewReader(two[:len(two)-len(pic)/2])); a.status != 400 {
		t.Errorf("cut in the second photo: %d", a.status)
	}
	behind := httptest.NewRequest(http.MethodPost, "/picapportapi/1.0/upload?"+p.encode(), io.MultiReader(bytes.NewReader(two), iotest.ErrReader(io.ErrUnexpectedEOF)))
	behind.Header.Set("Content-Type", kind)
	w := httptest.NewRecorder()
	if r.ServeHTTP(w, behind); w.Code != 400 {
		t.Errorf("cut behind the last boundary: %d", w.Code)
	}
	if got := r.Received(); len(got) != 0 {
		t.Errorf("received %+v", got)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, ".picapport", "incoming")); len(left) != 0 {
		t.Errorf("%d files left in incoming", len(left))
	}
}

func TestUploadNeedsTheRightAndNoDemoMode(t *testing.T) {
	r := newRig(t, Options{})
	pic := photoPart("a.jpg", picture(8, 8, 1))
	if a := r.post(r.login("guest", "guest"), pic); a.status != 403 {
		t.Errorf("guest: %d", a.status)
	}
	if a := r.post("nobody", pic); a.status != 403 {
		t.Errorf("unknown session: %d", a.status)
	}
	admin := r.login("admin", "admin")
	for _, status := range []int{403, 501} {
		if err := r.Configure(func(o *Options) { o.DemoMode, o.DemoStatus = true, status }); err != nil {
			t.Fatal(err)
		}
		if a := r.post(admin, pic); a.status != status {
			t.Errorf("demo mode: %d, want %d", a.status, status)
		}
	}
}

func TestFileNamesStayDistinctAndHarmless(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "photos", "uploads"), 0o755); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(dir, "photos", "uploads", "mine.jpg")
	if err := os.WriteFile(mine, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	r := newRig(t, Options{Dir: dir})
	a := r.login("admin", "admin")
	emoji := strings.Repeat("📷", 200)
	for i, c := range []struct{ sent, want string }{
		{"a.jpg", "a.jpg"}, {"a.jpg", "a_2.jpg"}, {"A.jpg", "A_3.jpg"}, {"a_2.jpg", "a_2_2.jpg"},
		{".jpg", "photo.jpg"}, {"../../etc/passwd.jpg", "passwd.jpg"}, {`C:\\photos\\b.jpg`, "b.jpg"}, {"..jpg", "photo_2.jpg"},
		{"Grüße aus Köln 🚢.jpg", "Grüße aus Köln 🚢.jpg"}, {"mine.jpg", "mine_2.jpg"},
		{strings.Repeat("n", 200) + ".jpg", strings.Repeat("n", 200) + ".jpg"},
		{emoji + ".jpg", strings.Repeat("📷", 62) + ".jpg"}, {emoji + ".jpg", strings.Repeat("📷", 62) + "_2.jpg"},
	} {
		res := r.upload(a, photoPart(c.sent, picture(8, 8, byte(i))))[0]
		if res["fileName"] != c.want || res["result"] != "OK" {
			t.Errorf("%s became %v", c.sent, res)
		}
	}
	if got, _ := os.ReadFile(mine); string(got) != "mine" {
		t.Errorf("the file that was there is now %q", got)
	}
}

func TestALargeUploadNeedsLittleMemory(t *testing.T) {
	r := newRig(t, Options{})
	p := params{"apisid": r.login("admin", "admin")}
	const size = 60_000_000
	head := "--X\r\nContent-Disposition: form-data; name=\"photos\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n\xff\xd8\xff"
	send := func(n int64) {
		t.Helper()
		body := io.MultiReader(strings.NewReader(head), io.LimitReader(zeros{}, n), strings.NewReader("\r\n--X--\r\n"))
		if a := r.postRaw(p, "multipart/form-data; boundary=X", body); a.status != 200 || !bytes.Contains(a.body, []byte(`"OK"`)) {
			t.Fatalf("%d %s", a.status, a.body)
		}
	}
	send(1000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	send(size)
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Errorf("allocated %d bytes in all", grown)
	}
	if got := r.Received(); got[1].Size != size+3 {
		t.Errorf("received %d bytes", got[1].Size)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAFullDiskGives500AndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, Options{Dir: dir})
	a := r.login("admin", "admin")
	incoming := filepath.Join(dir, ".picapport", "incoming")
	if err := os.Remove(incoming); err != nil { // the nearest thing to a full disk
		t.Fatal(err)
	}
	if res := r.post(a, photoPart("a.jpg", picture(8, 8, 1))); res.status != http.StatusInternalServerError {
		t.Errorf("got %d %s", res.status, res.body)
	}
	if len(r.Received()) != 0 {
		t.Error("something was received")
	}
}
