package universal

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
)

func TestUploadStoresTheBytesAndAnswersWithThePhoto(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, Options{Dir: dir})
	u := r.as("ann")
	pic := picture("1")
	a := u.tryUpload(params{"caption": "Under the <sunset> & \"sea\"\nÉté 📷"}, `C:\photos\IMG 1 ü.JPG`, pic)
	e := a.xml()
	if e.XMLName.Local != "photos_upload_response" || e.XMLName.Space != "" {
		t.Fatalf("answer %s", a.body)
	}
	var names []string
	for _, item := range e.Items {
		names = append(names, item.XMLName.Local)
	}
	if got := strings.Join(names, " "); got != "pid aid owner src src_big src_small link caption" {
		t.Errorf("members %s", got)
	}
	if pid := e.get("pid"); !regexp.MustCompile(`^[1-9][0-9]{14}$`).MatchString(pid) || e.get("owner") != "8055" {
		t.Errorf("pid %q, owner %q", pid, e.get("owner"))
	}
	got := r.Received()
	if len(got) != 1 {
		t.Fatalf("received %v", got)
	}
	sha, sum := sha256.Sum256(pic), md5.Sum(pic)
	want := Received{
		PID: e.get("pid"), AID: e.get("aid"), Album: "Practice Uploader Photos", Caption: "Under the <sunset> & \"sea\"\nÉté 📷",
		FileName: "IMG 1 ü.JPG", Type: "image/jpeg", Size: int64(len(pic)), SHA256: hex.EncodeToString(sha[:]), MD5: hex.EncodeToString(sum[:]),
		Owner: "8055", Created: got[0].Created, Pending: true,
	}
	if got[0] != want || want.Created.IsZero() {
		t.Errorf("received %+v\n    want %+v", got[0], want)
	}
	if e.get("caption") != want.Caption {
		t.Errorf("caption came back as %q", e.get("caption"))
	}
	stored, err := os.ReadFile(filepath.Join(dir, "photos", want.PID+".jpg"))
	if err != nil || !bytes.Equal(stored, pic) {
		t.Errorf("stored file differs: %v", err)
	}
	for _, name := range []string{"src", "src_big", "src_small"} {
		at, ok := strings.CutPrefix(e.get(name), r.base)
		img := r.request("GET", at, "", nil)
		if !ok || img.status != 200 || img.header.Get("Content-Type") != "image/jpeg" || img.body != string(pic) {
			t.Errorf("%s at %s: %d", name, e.get(name), img.status)
		}
	}
	if n := r.Requests("up.photos.upload"); n != 1 {
		t.Errorf("%d uploads counted", n)
	}
}

func TestSameBytesAreStoredTwice(t *testing.T) {
	r := newRig(t, Options{})
	u := r.as("ann")
	a, b := u.upload(nil, "a.jpg", picture("1")), u.upload(nil, "a.jpg", picture("1"))
	if got := r.Received(); len(got) != 2 || a["pid"] == b["pid"] || a["aid"] != b["aid"] || got[0].SHA256 != got[1].SHA256 {
		t.Errorf("received %+v", got)
	}
}

func TestUploadsThatAreRefusedLeaveNothing(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, Options{Dir: dir})
	u, other := r.as("ann"), r.as("ben")
	mine := u.mustObject("up.photos.createAlbum", params{"name": "Mine"})["aid"].(string)
	theirs := other.mustObject("up.photos.createAlbum", params{"name": "Theirs"})["aid"].(string)
	gone := u.mustObject("up.photos.createAlbum", params{"name": "Gone"})["aid"].(string)
	if err := r.DeleteAlbum(gone); err != nil {
		t.Fatal(err)
	}
	pic := file{"data", "a.jpg", picture("1")}
	for _, c := range []struct {
		name  string
		p     params
		files []file
		want  int
	}{
		{"no file", nil, nil, 100},
		{"file of another name", nil, []file{{"photo", "a.jpg", picture("1")}}, 100},
		{"data is no file", params{"data": string(picture("1"))}, nil, 100},
		{"empty", nil, []file{{"data", "a.jpg", nil}}, 324},
		{"text", nil, []file{{"data", "a.jpg", []byte("hello, world")}}, 324},
		{"aid is no number", params{"aid": "x"}, []file{pic}, 120},
		{"unknown aid", params{"aid": "940915667462717"}, []file{pic}, 120},
		{"aid of somebody else", params{"aid": theirs}, []file{pic}, 120},
		{"aid of a deleted album", params{"aid": gone}, []file{pic}, 120},
		{"no session", params{"session_key": "x"}, []file{pic}, 102},
		{"too many parameters", params{"caption": strings.Repeat("x", maxForm)}, []file{pic}, 100},
	} {
		t.Run(c.name, func(t *testing.T) {
			r.postForm(u.sign("up.photos.upload", c.p), c.files...).want(c.want, c.name)
		})
	}
	u.call("up.photos.upload", nil).want(100, "urlencoded")
	u.call("up.photos.upload", params{"data": "x"}).want(100, "urlencoded data")
	r.request("GET", apiPath+"?"+u.sign("up.photos.upload", nil).encode(), "", nil).want(100, "GET")

	body, kind := form(u.sign("up.photos.upload", nil), pic)
	for name, cut := range map[string][]byte{
		"cut in the image":    body[:len(body)-100],
		"cut in the boundary": body[:len(body)-4],
		"no boundary":         bytes.ReplaceAll(body, []byte("--"), []byte("++")),
		"odd part":            bytes.Replace(body, []byte(`form-data; name="method"`), []byte(`attachment; name="method"`), 1),
	} {
		if code := r.request("POST", apiPath, kind, bytes.NewReader(cut)).code(); code != 100 {
			t.Errorf("%s: error %d", name, code)
		}
	}
	r.request("POST", apiPath+"?"+u.sign("up.photos.upload", nil).encode(), "multipart/form-data", bytes.NewReader(body)).want(100, "boundary is not named")
	r.postForm(u.sign("up.friends.get", nil), pic).want(0, "a file for another method")

	if got := r.Received(); len(got) != 0 {
		t.Errorf("received %+v", got)
	}
	for _, d := range []string{"incoming", "photos"} {
		if left, err := os.ReadDir(filepath.Join(dir, d)); err != nil || len(left) != 0 {
			t.Errorf("%d files left in %s: %v", len(left), d, err)
		}
	}
	if got := u.upload(params{"aid": mine}, "a.jpg", pic.data); got["aid"] != mine {
		t.Errorf("uploaded to %v", got["aid"])
	}
	// Of two files called data the last counts, as in PHP.
	r.postForm(u.sign("up.photos.upload", nil), file{"data", "a.jpg", picture("x")}, file{"other", "b.jpg", picture("y")}, file{"data", "c.jpg", picture("z")}).want(0, "two files")
	if got := r.Received(); len(got) != 2 || got[1].FileName != "c.jpg" {
		t.Errorf("received %+v", got)
	}
}

func TestAnUploadThatTheClientBreaksOffLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, Options{Dir: dir})
	u := r.as("ann")
	body, kind := form(u.sign("up.photos.upload", params{"call_id": "1"}), file{"data", "a.jpg", append(picture("1"), make([]byte, 3*bufferSize)...)})
	for _, n := range []int{len(body) - 1, len(body) / 2, 2000, 10} {
		req := httptest.NewRequest("POST", apiPath, io.MultiReader(bytes.NewReader(body[:n]), iotest.ErrReader(io.ErrUnexpectedEOF)))
		req.Header.Set("Content-Type", kind)
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		answer{t, w.Code, w.Header(), w.Body.String()}.want(100, fmt.Sprint(n, " bytes"))
		for _, d := range []string{"incoming", "photos"} {
			if left, err := os.ReadDir(filepath.Join(dir, d)); err != nil || len(left) != 0 {
				t.Errorf("%d bytes: %d files left in %s: %v", n, len(left), d, err)
			}
		}
	}
	if len(r.Received()) != 0 || len(r.Albums()) != 0 {
		t.Errorf("received %v", r.Received())
	}
	r.request("POST", apiPath, kind, bytes.NewReader(body)).want(0, "the whole, with the same call_id")
}

func TestKindsOfImageAreToldByTheirBytes(t *testing.T) {
	r := newRig(t, Options{})
	u := r.as("ann")
	for data, want := range map[string]string{
		"\xff\xd8\xff\xe0": "image/jpeg", "\x89PNG\r\n\x1a\nx": "image/png", "GIF89a": "image/gif", "GIF87a..": "image/gif",
	} {
		u.upload(nil, "x.bin", []byte(data))
		got := r.Received()
		if last := got[len(got)-1]; last.Type != want || last.Size != int64(len(data)) {
			t.Errorf("%q is %+v", data, last)
		}
	}
}

func TestAlbumsAreMadeAndListed(t *testing.T) {
	r := newRig(t, Options{})
	u, other := r.as("ann"), r.as("ben")
	a := u.call("up.photos.createAlbum", params{"name": "Été & <plage>", "description": "D"}).xml()
	if a.XMLName.Local != "photos_createAlbum_response" || a.get("cover_pid") != "0" || a.get("size") != "0" || a.get("owner") != "8055" || a.get("description") != "D" {
		t.Errorf("created %+v", a)
	}
	aid := a.get("aid")
	second := u.mustObject("up.photos.createAlbum", params{"name": "Second"})["aid"].(string)
	theirs := other.mustObject("up.photos.createAlbum", params{"name": "Theirs"})["aid"].(string)
	pid := u.upload(params{"aid": aid}, "a.jpg", picture("1"))["pid"]
	u.upload(nil, "b.jpg", picture("2"))

	list := u.call("up.photos.getAlbums", params{"uid": "8055"}).xml()
	if list.List != "true" || len(list.Items) != 3 {
		t.Fatalf("albums %+v", list)
	}
	first := list.Items[0]
	if first.get("name") != "Été & <plage>" || first.get("size") != "1" || first.get("cover_pid") != pid || first.get("link") != r.base+"/album.php?aid="+aid {
		t.Errorf("album %+v", first)
	}
	if created, _ := strconv.Atoi(first.get("created")); created < 1e9 || first.get("modified") < first.get("created") {
		t.Errorf("times %s, %s", first.get("created"), first.get("modified"))
	}
	for _, c := range []struct {
		p    params
		want string
	}{
		{params{"uid": "8055"}, "Été & <plage>,Second,Practice Uploader Photos"},
		{params{"uid": "219074"}, "Theirs"},
		{params{"uid": "7"}, ""},
		{params{"aids": second + "," + theirs}, "Second,Theirs"},
		{params{"aids": second + ", " + theirs, "uid": "219074"}, "Theirs"},
		{params{"aids": "940915667462717"}, ""},
	} {
		var names []string
		for _, one := range u.mustList("up.photos.getAlbums", c.p) {
			names = append(names, one["name"].(string))
		}
		if got := strings.Join(names, ","); got != c.want {
			t.Errorf("%v: %s, want %s", c.p, got, c.want)
		}
	}
	u.call("up.photos.getAlbums", nil).want(100, "neither")
	u.call("up.photos.getAlbums", params{"uid": "x"}).want(100, "no number")
	u.call("up.photos.getAlbums", params{"aids": "1,,2"}).want(100, "no list")
	u.call("up.photos.createAlbum", nil).want(100, "no name")
	u.call("up.photos.createAlbum", params{"name": " "}).want(100, "no real name")

	// Another community has other albums.
	key := record{Op: opSession, Session: "other", Secret: "s", UID: "8055", Community: "mycommunity"}
	r.do(key)
	away := caller{r, "other", "s"}
	p := params{"community": "mycommunity"}
	if got := away.mustList("up.photos.getAlbums", p.with(params{"uid": "8055"})); len(got) != 0 {
		t.Errorf("albums of the other community %v", got)
	}
	away.call("up.photos.get", p.with(params{"aid": aid})).want(120, "album of the other community")
	away.tryUpload(p.with(params{"aid": aid}), "a.jpg", picture("1")).want(120, "album of the other community")

	if all := r.Albums(); len(all) != 4 || all[0].Size != 1 || !all[3].Default || all[2].Owner != "219074" {
		t.Errorf("albums %+v", all)
	}
	if err := r.DeleteAlbum("1"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("deleting an unknown album: %v", err)
	}
}

func TestAlbumsFillUp(t *testing.T) {
	for _, c := range []struct {
		plain bool
		code  int
	}{{false, 321}, {true, 100}} {
		r := newRig(t, Options{AlbumLimit: 3, DefaultAlbumLimit: 4, PlainCodes: c.plain})
		u, other := r.as("ann"), r.as("ben")
		aid := u.mustObject("up.photos.createAlbum", params{"name": "A"})["aid"].(string)
		for i := range 4 {
			want := map[bool]int{true: c.code}[i == 3]
			u.tryUpload(params{"aid": aid}, "a.jpg", picture(fmt.Sprint(i))).want(want, fmt.Sprint("album ", i))
		}
		for i := range 5 {
			want := map[bool]int{true: c.code}[i == 4]
			u.tryUpload(nil, "a.jpg", picture(fmt.Sprint(i))).want(want, fmt.Sprint("default ", i))
		}
		other.upload(nil, "a.jpg", picture("x")) // has its own
		if err := r.DeletePhoto(r.Received()[0].PID); err != nil {
			t.Fatal(err)
		}
		u.upload(params{"aid": aid}, "a.jpg", picture("y"))
	}
	if o := (Options{}).withDefaults(); o.AlbumLimit != 60 || o.DefaultAlbumLimit != 1000 {
		t.Errorf("limits are %d and %d", o.AlbumLimit, o.DefaultAlbumLimit)
	}
}

func TestParallelUploadsDoNotOverfillAnAlbum(t *testing.T) {
	r := newRig(t, Options{DefaultAlbumLimit: 5})
	u := r.as("ann")
	var wg sync.WaitGroup
	var mu sync.Mutex
	codes := map[int]int{}
	for i := range 12 {
		wg.Go(func() {
			code := u.tryUpload(nil, "same.jpg", picture(fmt.Sprint(i))).code()
			mu.Lock()
			codes[code]++
			mu.Unlock()
		})
	}
	wg.Wait()
	if codes[0] != 5 || codes[321] != 7 || len(r.Albums()) != 1 || len(r.Received()) != 5 {
		t.Errorf("codes %v, %d albums", codes, len(r.Albums()))
	}
}

func TestALargeUploadNeedsLittleMemory(t *testing.T) {
	r := newRig(t, Options{})
	u := r.as("ann")
	head, kind := form(u.sign("up.photos.upload", nil), file{"data", "a.jpg", []byte("\xff\xd8\xff")})
	_, boundary, _ := strings.Cut(kind, "boundary=")
	tail := "\r\n--" + boundary + "--\r\n"
	send := func(n int64) {
		t.Helper()
		body := io.MultiReader(bytes.NewReader(head[:len(head)-len(tail)]), io.LimitReader(zeros{}, n), strings.NewReader(tail))
		r.request("POST", apiPath, kind, body).want(0, "upload")
	}
	send(1000)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	send(60_000_000)
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 8<<20 {
		t.Errorf("allocated %d bytes in all", grown)
	}
	if got := r.Received(); got[1].Size != 60_000_003 {
		t.Errorf("received %d bytes", got[1].Size)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAFullDiskGivesError1AndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	r := newRig(t, Options{Dir: dir})
	u := r.as("ann")
	for _, name := range []string{"photos", "incoming"} { // the nearest thing to a full disk
		if err := os.Remove(filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
		a := u.tryUpload(nil, "a.jpg", picture("1"))
		a.want(1, name)
		if a.status != http.StatusOK || len(r.Received()) != 0 {
			t.Errorf("%s: %d, received %v", name, a.status, r.Received())
		}
	}
}
