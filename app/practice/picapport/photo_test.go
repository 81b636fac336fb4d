package picapport

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/jpeg"
	"net/http"
	"testing"
	"time"
)

func decode(t *testing.T, a answer) image.Image {
	t.Helper()
	if a.status != 200 || a.header.Get("Content-Type") != "image/jpeg" {
		t.Fatalf("got %d %s, %.100s", a.status, a.header.Get("Content-Type"), a.body)
	}
	img, err := jpeg.Decode(bytes.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestPhotosAreNamedInThreeWays(t *testing.T) {
	r := newRig(t, Options{})
	a := r.login("admin", "admin")
	one := r.uploadOne(a, "one.jpg", `{"title":"first"}`, picture(10, 10, 1))
	two := r.uploadOne(a, "two.jpg", `{"title":"second"}`, picture(20, 10, 2))
	sid, err := r.Share("admin", "Both", "", time.Time{}, one, two)
	if err != nil {
		t.Fatal(err)
	}
	q := r.ok("runQuery", params{"apisid": a, "query": "@"})
	if q["count"] != 2.0 || q["vid"] != 1.0 {
		t.Fatalf("query gives %v", q)
	}
	for name, p := range map[string]params{
		"by share":                  {"sid": sid, "index": "1"},
		"by view":                   {"apisid": a, "vid": "1", "index": "1"},
		"by ID":                     {"apisid": a, "photoid": two},
		"by ID, whatever the index": {"apisid": a, "photoid": two, "vid": "99", "index": "0"},
	} {
		if got := decode(t, r.get("getPhoto", p)); got.Bounds().Dx() != 20 {
			t.Errorf("%s: %v", name, got.Bounds())
		}
	}
	for _, c := range []struct {
		p    params
		want int
	}{
		{params{"sid": "nobody", "index": "0"}, 404},
		{params{"sid": sid}, 400},
		{params{"sid": sid, "index": "x"}, 400},
		{params{"sid": sid, "index": "-1"}, 400},
		{params{"sid": sid, "index": "2"}, 404},
		{params{"apisid": a}, 400},
		{params{"apisid": a, "vid": "1"}, 400},
		{params{"apisid": a, "vid": "2", "index": "0"}, 404},
		{params{"apisid": a, "vid": "1", "index": "2"}, 404},
		{params{"apisid": r.login("admin", "admin"), "vid": "1", "index": "0"}, 404},
		{params{"apisid": a, "photoid": goodID()}, 404},
		{params{"photoid": two}, 400},
		{params{"apisid": "nobody", "photoid": two}, 403},
	} {
		r.wantStatus(c.want, "getPhoto", c.p)
		r.wantStatus(c.want, "getThumbnail", c.p)
	}
}

func TestGetPhotoWithoutASizeIsTheSamePictureWithoutMetadata(t *testing.T) {
	r := newRig(t, Options{})
	a := r.login("guest", "guest")
	admin := r.login("admin", "admin")
	pic := picture(30, 20, 1)
	id := r.uploadOne(admin, "a.jpg", `{"title":"t"}`, insert(pic, exifSegment(binary.BigEndian, 6)))
	got := r.get("getPhoto", params{"apisid": a, "photoid": id, "quality": "0.1"})
	if decode(t, got); !bytes.Equal(got.body, pic) {
		t.Error("not the picture without its metadata")
	}
	if err := r.Configure(func(o *Options) { o.DownloadsForFullSize = true }); err != nil {
		t.Fatal(err)
	}
	r.wantStatus(403, "getPhoto", params{"apisid": a, "photoid": id})
	r.wantStatus(200, "getPhoto", params{"apisid": a, "photoid": id, "width": "10"})
	r.wantStatus(200, "getPhoto", params{"apisid": admin, "photoid": id})
}

func TestGetPhotoScalesAndCrops(t *testing.T) {
	r := newRig(t, Options{})
	a := r.login("admin", "admin")
	wide := r.uploadOne(a, "wide.jpg", "", picture(120, 60, 1))
	tall := r.uploadOne(a, "tall.jpg", "", insert(picture(120, 60, 1), exifSegment(binary.LittleEndian, 6)))
	for _, c := range []struct {
		id, width, height string
		w, h              int
	}{
		{wide, "40", "", 40, 20},
		{wide, "", "40", 80, 40},
		{wide, "240", "", 240, 120},
		{wide, "60", "50", 60, 30},
		{wide, "50", "60", 60, 30}, // the rectangle lies on its side
		{wide, "30", "90", 60, 30}, // turned, it holds more
		{wide, "10", "200", 20, 10},
		{wide, "32", "32", 32, 32},
		{wide, "1", "", 1, 1},
		{tall, "20", "", 20, 40},
		{tall, "", "40", 20, 40},
		{tall, "60", "50", 30, 60},
		{tall, "32", "32", 32, 32},
	} {
		p := params{"apisid": a, "photoid": c.id}
		if c.width != "" {
			p["width"] = c.width
		}
		if c.height != "" {
			p["height"] = c.height
		}
		if b := decode(t, r.get("getPhoto", p)).Bounds(); b.Dx() != c.w || b.Dy() != c.h {
			t.Errorf("%sx%s gives %dx%d, want %dx%d", c.width, c.height, b.Dx(), b.Dy(), c.w, c.h)
		}
	}

	square := decode(t, r.get("getPhoto", params{"apisid": a, "photoid": wide, "width": "32", "height": "32"}))
	left, _, _, _ := square.At(2, 10).RGBA()
	_, _, right, _ := square.At(29, 10).RGBA()
	if left < 0xc000 || right < 0xc000 {
		t.Errorf("a square has %x of red on the left, %x of blue on the right", left, right)
	}
	upright := decode(t, r.get("getPhoto", params{"apisid": a, "photoid": tall, "width": "30"}))
	top, _, _, _ := upright.At(15, 5).RGBA()
	_, _, bottom, _ := upright.At(15, 55).RGBA()
	if top < 0xc000 || bottom < 0xc000 {
		t.Errorf("turned upright it has %x of red at the top, %x of blue at the bottom", top, bottom)
	}

	good := r.get("getPhoto", params{"apisid": a, "photoid": wide, "width": "100", "quality": "1.0"})
	bad := r.get("getPhoto", params{"apisid": a, "photoid": wide, "width": "100", "quality": "0.0"})
	middle := r.get("getPhoto", params{"apisid": a, "photoid": wide, "width": "100"})
	same := r.get("getPhoto", params{"apisid": a, "photoid": wide, "width": "100", "quality": "0.7"})
	if !(len(good.body) > len(middle.body) && len(middle.body) > len(bad.body)) || !bytes.Equal(middle.body, same.body) {
		t.Errorf("sizes by quality: %d, %d, %d", len(good.body), len(middle.body), len(bad.body))
	}
	for _, p := range []params{
		{"width": "0"}, {"width": "-5"}, {"width": "x"}, {"height": "1.5"}, {"height": "99999"}, {"height": ""},
		{"width": "10", "quality": "2"}, {"width": "10", "quality": "NaN"}, {"width": "10", "quality": "high"},
		{"height": "16000"}, // as wide as nothing can be
	} {
		p["apisid"], p["photoid"] = a, wide
		r.wantStatus(400, "getPhoto", p)
	}
}

func TestEveryOrientationIsTurnedUpright(t *testing.T) {
	in := image.NewRGBA(image.Rect(0, 0, 3, 2))
	copy(in.Pix, bytes.Join([][]byte{{1, 1, 1, 1}, {2, 2, 2, 2}, {3, 3, 3, 3}, {4, 4, 4, 4}, {5, 5, 5, 5}, {6, 6, 6, 6}}, nil))
	for orientation, want := range map[int]string{
		0: "123456", 1: "123456", 2: "321654", 3: "654321", 4: "456123", 5: "142536", 6: "415263", 7: "635241", 8: "362514", 9: "123456",
	} {
		got := ""
		for i, out := 0, upright(in, orientation); i < len(out.Pix); i += 4 {
			got += string('0' + rune(out.Pix[i]))
		}
		if got != want {
			t.Errorf("orientation %d gives %s, want %s", orientation, got, want)
		}
	}
}

func TestThumbnailHasItsHeight(t *testing.T) {
	r := newRig(t, Options{})
	a := r.login("admin", "admin")
	p := params{"apisid": a, "photoid": r.uploadOne(a, "a.jpg", "", picture(400, 200, 1))}
	if b := decode(t, r.get("getThumbnail", p)).Bounds(); b.Dy() != 160 || b.Dx() != 320 {
		t.Errorf("thumbnail is %v", b)
	}
	if err := r.Configure(func(o *Options) { o.ThumbHeight = 50 }); err != nil {
		t.Fatal(err)
	}
	if b := decode(t, r.get("getThumbnail", p)).Bounds(); b.Dy() != 50 {
		t.Errorf("thumbnail is %v", b)
	}
}

func TestOriginalFileIsTheStoredOneForThoseWhoMayDownload(t *testing.T) {
	r := newRig(t, Options{VideoTypes: []string{".mp4"}})
	a := r.login("admin", "admin")
	pic := picture(10, 10, 1)
	id := r.uploadOne(a, "a.jpg", `{"title":"Hafen"}`, pic)
	got := r.get("getOriginalFile", params{"apisid": a, "photoid": id})
	if decode(t, got); !bytes.HasSuffix(got.body, pic[2:]) || !bytes.Contains(got.body, []byte("Hafen")) {
		t.Error("not the stored file")
	}
	guest := r.login("guest", "guest")
	r.wantStatus(403, "getOriginalFile", params{"apisid": guest, "photoid": id})
	r.wantStatus(403, "getPhotoMetadata", params{"apisid": guest, "photoid": id})
	r.wantStatus(403, "removePhoto", params{"apisid": guest, "photoid": id})
	r.wantStatus(403, "checkPhotoId", params{"apisid": guest, "photoid": id})
	r.wantStatus(200, "getThumbnail", params{"apisid": guest, "photoid": id})

	video := r.upload(a, part{"v.mp4", "video/mp4", []byte("....ftypmp42")})[0]["photoID"].(string)
	p := params{"apisid": a, "photoid": video}
	if got := r.get("getOriginalFile", p); string(got.body) != "....ftypmp42" || got.header.Get("Content-Type") != "video/mp4" {
		t.Errorf("video comes back as %q %v", got.body, got.header)
	}
	r.wantStatus(501, "getPhoto", p)
	r.wantStatus(501, "getThumbnail", p)
	if m := r.ok("getPhotoMetadata", p); m["photoID"] != video {
		t.Errorf("metadata of a video: %v", m)
	}
}

func TestPhotoMetadataTellsWhatIsKnown(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.BigEndian, binary.LittleEndian} {
		r := newRig(t, Options{})
		a := r.login("admin", "admin")
		pic := insert(picture(30, 20, 1), exifSegment(order, 1))
		id := r.uploadOne(a, "a.jpg", `{"title":"T","description":"D","rating":0,"tags":["x","y"],"persons":["P"]}`, pic)
		m := r.ok("getPhotoMetadata", params{"apisid": a, "photoid": id})
		for key, want := range map[string]any{
			"apertureValue": "f/22,0", "creationDate": "2015-07-02T14:35:33", "creationYear": 2015.0, "exposureTime": "1/160 sec",
			"focalLength": "90,0 mm", "width": 30.0, "height": 20.0, "title": "T", "description": "D", "rating": 0.0, "photoID": id,
		} {
			if m[key] != want {
				t.Errorf("%s is %v, want %v", key, m[key], want)
			}
		}
		if len(m["fingerprint"].(string)) != 20 || len(m["tags"].([]any)) != 2 || len(m["persons"].([]any)) != 1 {
			t.Errorf("metadata %v", m)
		}
	}
}

func TestABrokenPictureIsStoredButCannotBeShown(t *testing.T) {
	r := newRig(t, Options{})
	a := r.login("admin", "admin")
	id := r.uploadOne(a, "a.jpg", "", []byte("\xff\xd8\xff\xe0 and then nothing"))
	r.wantStatus(500, "getThumbnail", params{"apisid": a, "photoid": id})
	r.wantStatus(200, "getOriginalFile", params{"apisid": a, "photoid": id})
	r.wantStatus(200, "getPhotoMetadata", params{"apisid": a, "photoid": id})
}

func TestRemovedPhotosAreGoneButRemembered(t *testing.T) {
	r := newRig(t, Options{})
	a := r.login("admin", "admin")
	id := r.uploadOne(a, "a.jpg", `{"photoID":"`+goodID()+`"}`, picture(10, 10, 1))
	p := params{"apisid": a, "photoid": id}
	r.wantStatus(403, "removePhoto", params{"apisid": r.login("picapport", "picapport"), "photoid": id})
	if out := r.ok("removePhoto", p); out["removed"] != true {
		t.Errorf("removePhoto says %v", out)
	}
	for _, f := range []string{"removePhoto", "getPhoto", "getThumbnail", "getOriginalFile", "getPhotoMetadata"} {
		r.wantStatus(404, f, p)
	}
	if out := r.ok("checkPhotoId", p); out["exists"] != false || out["alreadySynced"] != true {
		t.Errorf("checkPhotoId says %v", out)
	}
	if got := r.Received(); len(got) != 1 || !got[0].Removed {
		t.Errorf("received %+v", got)
	}
	if err := r.DeletePhoto(id); err == nil {
		t.Error("a photo is deleted twice")
	}
}

func TestSharedGalleriesAreListedWithAndWithoutPhotos(t *testing.T) {
	r := newRig(t, Options{})
	a := r.login("admin", "admin")
	if out := r.ok("getSharedGallerys", nil); out["count"] != 0.0 || len(out["gallerys"].([]any)) != 0 {
		t.Errorf("no galleries: %v", out)
	}
	one, two := r.uploadOne(a, "a.jpg", `{"title":"T"}`, picture(10, 10, 1)), r.uploadOne(a, "b.jpg", "", picture(10, 10, 2))
	sid, err := r.Share("admin", "Name", "Text", time.Time{}, one, two)
	if err != nil {
		t.Fatal(err)
	}
	guests, err := r.Share("guest", "Guest's", "", time.Date(2099, 1, 2, 3, 4, 5, 0, time.Local), one)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Share("guest", "Over", "", time.Now().Add(-time.Hour), one); err != nil {
		t.Fatal(err)
	}
	if err := r.DeletePhoto(two); err != nil {
		t.Fatal(err)
	}
	out := r.ok("getSharedGallerys", nil)
	list := out["gallerys"].([]any)
	if out["count"] != 2.0 || len(list) != 2 {
		t.Fatalf("galleries: %v", out)
	}
	g := list[0].(map[string]any)
	created, err := time.Parse("2006-01-02 15:04:05", g["created"].(string))
	if err != nil || created.Year() < 2020 {
		t.Errorf("created %v: %v", g["created"], err)
	}
	for key, want := range map[string]any{"sid": sid, "uid": "admin", "name": "Name", "description": "Text", "count": 1.0, "indexmarked": 0.0, "expires": "never"} {
		if g[key] != want {
			t.Errorf("%s is %v, want %v", key, g[key], want)
		}
	}
	if expires := list[1].(map[string]any)["expires"]; expires != "2099-01-02 03:04:05" {
		t.Errorf("expires %v", expires)
	}

	photos := func(p params) int { list, _ := r.ok("getGallery", p)["photos"].([]any); return len(list) }
	if photos(params{"sid": sid}) != 0 || photos(params{"sid": sid, "withmeta": "true"}) != 1 || photos(params{"sid": guests, "withmeta": "true"}) != 0 {
		t.Error("photos do not follow withmeta and the permission")
	}
	r.wantStatus(400, "getGallery", nil)
	r.wantStatus(404, "getGallery", params{"sid": "nobody"})
	r.wantStatus(403, "getOriginalFile", params{"sid": guests, "index": "0"})
	r.wantStatus(http.StatusOK, "getOriginalFile", params{"sid": sid, "index": "0"})
}
