package ipernity

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo/phototest"
)

func TestUploadKeepsEverythingThatWasSent(t *testing.T) {
	r := newRig(t, Options{})
	me := r.as("member")
	album := dig(r.ok("album.create", me.with("title", "Sea")), "album", "album_id")
	pic := picture(40, 30, 1)
	p := me.with(
		"title", "Été à Paris & co", "description", "<b>bold</b>\nline", "created_at", "2013-07-03 10:20:30", "license", "11",
		"is_public", "0", "is_family", "1", "is_friend", "1", "keywords", "sea, blue sky,", "album_id", album, "member_ids", "1,2",
		"perm_comment", "0", "perm_tag", "3", "perm_tagme", "4", "lat", "53.5438", "lng", "-9.9666", "dir", "8", "async", "1",
	)
	id := r.stored(p, `C:\card\IMG_0001.JPG`, pic)
	sha, sum := sha256.Sum256(pic), md5.Sum(pic)
	want := Received{
		DocID: id, UserID: "12345", Name: "IMG_0001.JPG", Type: "image/jpeg", Size: int64(len(pic)),
		SHA256: hex.EncodeToString(sha[:]), MD5: hex.EncodeToString(sum[:]),
		Title: "Été à Paris & co", Description: "<b>bold</b>\nline", Keywords: []string{"sea", "blue sky"}, CreatedAt: "2013-07-03 10:20:30",
		License: 11, Family: true, Friend: true, PermComment: 0, PermTag: 3, PermTagMe: 4,
		Located: true, Lat: 53.5438, Lng: -9.9666, Albums: []string{album},
	}
	got := r.last()
	if got.Ticket == got.DocID || got.Ticket == "" || !got.At.Equal(r.now()) {
		t.Errorf("ticket %s, document %s, at %v", got.Ticket, got.DocID, got.At)
	}
	got.Ticket, got.At = "", time.Time{}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("received %+v,\nwant     %+v", got, want)
	}
	m := r.ok("doc.get", me.with("doc_id", id))
	if dig(m, "doc", "rotation") != "90" || dig(m, "doc", "original", "filename") != "IMG_0001.JPG" {
		t.Errorf("document is %v", m)
	}
	kept, err := os.ReadFile(filepath.Join(r.Server.store.dir, "docs", id+".jpg"))
	if err != nil || !bytes.Equal(kept, pic) {
		t.Errorf("the bytes are not those that were sent: %v", err)
	}
}

func TestUploadWithoutParametersUsesEXIFAndDefaults(t *testing.T) {
	r := newRig(t, Options{})
	me := r.as("member")
	pic := phototest.JPEG(phototest.Options{
		Seed: 1, Width: 64, Height: 48, Taken: time.Date(2025, 5, 6, 7, 8, 9, 0, time.UTC),
		GPS: &phototest.Position{Lat: -53.5, Lon: 9.75},
	})
	near := func(a, b float64) bool { return max(a-b, b-a) < 1e-4 }
	r.stored(me, "IMG_7.jpg", pic)
	got := r.last()
	if got.Title != "IMG_7" || got.CreatedAt != "2025-05-06 07:08:09" || !got.Located || !near(got.Lat, -53.5) || !near(got.Lng, 9.75) {
		t.Errorf("received %+v", got)
	}
	if got.Public || got.Family || got.Friend || got.PermComment != 5 || got.License != 0 {
		t.Errorf("defaults are %+v", got)
	}
	for name, c := range map[string]struct {
		p       params
		located bool
		lat     float64
	}{
		"hidden":          {params{"lat": "-999", "lng": "-999"}, false, 0},
		"only one hidden": {params{"lat": "-999", "lng": "10"}, true, -53.5},
		"overridden":      {params{"lat": "1.5", "lng": "2.5"}, true, 1.5},
		"out of range":    {params{"lat": "91", "lng": "0"}, true, -53.5},
		"half":            {params{"lat": "1"}, true, -53.5},
		"not numbers":     {params{"lat": "N", "lng": "E"}, true, -53.5},
		"NaN":             {params{"lat": "NaN", "lng": "0"}, true, -53.5},
	} {
		r.stored(c.p.with("auth_token", me["auth_token"]), "a.jpg", pic)
		if got := r.last(); got.Located != c.located || !near(got.Lat, c.lat) {
			t.Errorf("%s: %v %v", name, got.Located, got.Lat)
		}
	}
	r.stored(me.with("license", "2", "created_at", "yesterday", "perm_tag", "6", "is_public", "yes", "album_id", "1", "dir", "2", "title", ""), "a.jpg", pic)
	if got := r.last(); got.License != 0 || got.CreatedAt != "2025-05-06 07:08:09" || got.PermTag != 5 || got.Public || got.Albums != nil || got.Title != "" {
		t.Errorf("values out of range: %+v", got)
	}
	r.set(func(o *Options) { o.DefaultPublic = true })
	r.stored(me, "a.jpg", pic)
	if !r.last().Public {
		t.Error("not public by default")
	}
}

func TestTheSameBytesAreStoredAsOftenAsTheyAreSent(t *testing.T) {
	r := newRig(t, Options{})
	me := r.as("member")
	pic := picture(8, 8, 1)
	a, b := r.stored(me, "a.jpg", pic), r.stored(me, "a.jpg", pic)
	ticket := dig(r.send("upload.replace", me.with("doc_id", a), filePart("a.jpg", pic)).json(t), "ticket")
	all := r.Received()
	if a == b || ticket == "" || len(all) != 3 || all[0].SHA256 != all[1].SHA256 || all[2].Ticket != ticket || all[0].Removed {
		t.Errorf("received %+v", all)
	}
}

func TestUploadRefusesByItsOwnCodes(t *testing.T) {
	r := newRig(t, Options{})
	member, guest := r.as("member"), r.as("guest")
	video := func(n int) part {
		return part{"file", "a.mp4", "video/mp4", append([]byte("\x00\x00\x00\x18ftypisom"), make([]byte, n)...)}
	}
	big := append(picture(8, 8, 1), make([]byte, 5*mib/2)...)
	for _, c := range []struct {
		name string
		p    params
		file part
		want int
	}{
		{"empty", member, filePart("a.jpg", nil), 1},
		{"no file chosen", member, part{"file", "", "application/octet-stream", nil}, 1},
		{"other name", member, part{"photo", "a.jpg", "image/jpeg", picture(8, 8, 1)}, 1},
		{"text instead of a file", member, part{name: "file", data: picture(8, 8, 1)}, 1},
		{"guest, 2.5 MB and more", guest, filePart("a.jpg", big), 2},
		{"member, the same", member, filePart("a.jpg", big), 0},
		{"guest, just 2.5 MB", guest, filePart("a.jpg", big[:5*mib/2]), 0},
		{"short video", member, video(100), 3},
		{"video", member, video(6000), 0},
		{"guest's video", guest, video(6000), 3},
		{"photo of other type", member, part{"file", "dummy_name", "application/octet-stream", picture(8, 8, 1)}, 0},
		{"document", member, part{"file", "a.txt", "text/plain", []byte("text")}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(r.Received())
			if got := code(t, r.send("upload.file", c.p, c.file)); got != c.want {
				t.Errorf("code %d, want %d", got, c.want)
			}
			if stored := len(r.Received()) - before; stored != 0 && c.want != 0 || stored != 1 && c.want == 0 {
				t.Errorf("%d stored", stored)
			}
		})
	}
	if left, _ := os.ReadDir(filepath.Join(r.Server.store.dir, "incoming")); len(left) != 0 {
		t.Errorf("%d files left in incoming", len(left))
	}
	r.set(func(o *Options) { o.Users[0].MaxPhoto, o.Users[1].MaxPhoto = 1000, 1000 })
	if got := code(t, r.send("upload.file", member, filePart("a.jpg", big))); got != 2 {
		t.Errorf("larger than anybody's limit: code %d", got)
	}
}

func TestMonthlyLimitFreesWithTheNextMonth(t *testing.T) {
	r := newRig(t, Options{})
	pic := append(picture(8, 8, 1), make([]byte, 10_000)...)
	size := int64(len(pic))
	r.set(func(o *Options) { o.Users[0].Monthly, o.Users[0].Used = 3*size, size })
	me := r.as("member")
	quota := func(what string) string {
		t.Helper()
		return dig(r.ok("account.getQuota", me), "quota", "upload", what, "bytes")
	}
	one := r.stored(me, "a.jpg", pic)
	r.upload(me, "b.jpg", pic)
	if got := code(t, r.send("upload.file", me, filePart("c.jpg", pic))); got != 4 || quota("left") != "0" || quota("used") != decimal(3*size) {
		t.Errorf("code %d, left %s, used %s", got, quota("left"), quota("used"))
	}
	if err := r.DeletePhoto(one); err != nil {
		t.Fatal(err)
	}
	if got := code(t, r.send("upload.file", me, filePart("c.jpg", pic))); got != 4 {
		t.Errorf("deleting gave room back: code %d", got)
	}
	r.turnTo(time.Date(2026, 8, 1, 0, 0, 0, 0, time.UTC))
	r.set(func(o *Options) { o.Users[0].Used = 0 })
	if quota("left") != decimal(3*size) {
		t.Errorf("left %s in the next month", quota("left"))
	}
	r.upload(me, "c.jpg", pic)
}

func TestQuotaOfMembersAndGuests(t *testing.T) {
	r := newRig(t, Options{})
	m := r.ok("account.getQuota", r.as("member"))
	g := r.ok("account.getQuota", r.as("guest"))
	for _, c := range []struct {
		in   map[string]any
		path string
		want string
	}{
		{m, "is_pro", "1"},
		{m, "user_id", "12345"},
		{m, "upload unlimited", "1"},
		{m, "upload max bytes", "10737418240"},
		{m, "upload left percent", "100"},
		{m, "maxfilesize photo bytes", "1073741824"},
		{m, "maxfilesize photo mb", "1024"},
		{m, "maxfilesize other kb", "1048576"},
		{m, "albums created", "0"},
		{g, "is_pro", "0"},
		{g, "upload unlimited", "0"},
		{g, "maxfilesize photo bytes", "2621440"},
		{g, "maxfilesize video bytes", "0"},
		{g, "albums max", "10"},
	} {
		if got := dig(c.in, append([]string{"quota"}, strings.Fields(c.path)...)...); got != c.want {
			t.Errorf("%s is %q, want %q", c.path, got, c.want)
		}
	}
}

func TestTicketsComeToAnEnd(t *testing.T) {
	r := newRig(t, Options{Checks: 2, ETA: 7})
	me := r.as("member")
	good, bad := r.upload(me, "a.jpg", picture(8, 8, 1)), r.upload(me, "b.jpg", []byte("no picture"))
	check := func() map[string]any {
		t.Helper()
		return r.ok("upload.checkTickets", me.with("tickets", good+","+bad))
	}
	for i := range 2 {
		m := check()
		if dig(m, "tickets", "count") != "2" || dig(m, "tickets", "left") != "2" || dig(m, "tickets", "eta") != "7" ||
			dig(m, "tickets", "ticket", "0", "done") != "0" || dig(m, "tickets", "ticket", "0", "eta") != "7" || dig(m, "tickets", "ticket", "0", "doc_id") != "" {
			t.Errorf("check %d: %v", i, m)
		}
		r.turn(7 * time.Second)
	}
	m := check()
	if dig(m, "tickets", "done") != "1" || dig(m, "tickets", "invalid") != "1" || dig(m, "tickets", "left") != "0" || dig(m, "tickets", "eta") != "0" {
		t.Errorf("at the end: %v", m)
	}
	first, second := array(m, "tickets", "ticket")[0], array(m, "tickets", "ticket")[1]
	if dig(first, "id") != good || dig(first, "done") != "1" || dig(first, "doc_id") != r.last().DocID ||
		dig(second, "invalid") != "1" || dig(second, "done") != "0" || dig(second, "doc_id") != "" {
		t.Errorf("tickets are %v", m)
	}
	if r.EarlyChecks() != 0 || len(r.Received()) != 1 {
		t.Errorf("%d early checks, received %+v", r.EarlyChecks(), r.Received())
	}
	r.set(func(o *Options) { o.TerseTickets = true })
	first = array(check(), "tickets", "ticket")[0]
	if dig(first, "invalid") != "" || dig(first, "done") != "1" {
		t.Errorf("terse: %v", first)
	}
}

func TestEarlyChecksAreCounted(t *testing.T) {
	r := newRig(t, Options{Processing: 10 * time.Second})
	me := r.as("member")
	p := me.with("tickets", r.upload(me, "a.jpg", picture(8, 8, 1)))
	r.turn(1500 * time.Millisecond)
	if m := r.ok("upload.checkTickets", p); dig(m, "tickets", "eta") != "9" {
		t.Errorf("eta: %v", m)
	}
	r.turn(8 * time.Second)
	r.ok("upload.checkTickets", p)
	if r.EarlyChecks() != 1 {
		t.Errorf("%d early checks", r.EarlyChecks())
	}
	r.turn(time.Second)
	if m := r.ok("upload.checkTickets", p); dig(m, "tickets", "done") != "1" {
		t.Errorf("after its time: %v", m)
	}
}

func TestRandomETAIsNotLong(t *testing.T) {
	r := newRig(t, Options{Checks: 1})
	me := r.as("member")
	for range 5 {
		m := r.ok("upload.checkTickets", me.with("tickets", r.upload(me, "a.jpg", picture(8, 8, 1))))
		if n, err := strconv.Atoi(dig(m, "tickets", "eta")); err != nil || n < 1 || n > 3 {
			t.Errorf("eta: %v", m)
		}
	}
}

func TestAsync0WaitsForProcessing(t *testing.T) {
	r := newRig(t, Options{Checks: 5, Processing: time.Hour})
	r.stored(r.as("member").with("async", "0"), "a.jpg", picture(8, 8, 1))
}

func TestTicketsThatAreRefused(t *testing.T) {
	r := newRig(t, Options{})
	me := r.as("member")
	ticket := r.upload(me, "a.jpg", picture(8, 8, 1))
	many := slices.Repeat([]string{ticket}, 51)
	for name, tickets := range map[string]string{
		"none": "", "unknown": "1", "one unknown": ticket + ",1", "no number": "x", "document": r.last().DocID, "51": strings.Join(many, ","),
	} {
		if got := code(t, r.call("upload.checkTickets", me.with("tickets", tickets))); got != 1 {
			t.Errorf("%s: code %d", name, got)
		}
	}
	r.wantCode(1, "upload.checkTickets", r.as("guest").with("tickets", ticket))
	if m := r.ok("upload.checkTickets", me.with("tickets", strings.Join(many[1:], ", "))); dig(m, "tickets", "done") != "50" {
		t.Errorf("50 tickets: %v", m["api"])
	}
}

func TestTicketSwitches(t *testing.T) {
	r := newRig(t, Options{TicketIsDocID: true})
	me := r.as("member")
	for range 2 {
		id := r.stored(me, "a.jpg", picture(8, 8, 1))
		if r.last().Ticket != id {
			t.Errorf("ticket %s, document %s", r.last().Ticket, id)
		}
	}
	r.set(func(o *Options) { o.TicketIsDocID, o.InvalidTickets = false, true })
	m := r.ok("upload.checkTickets", me.with("tickets", r.upload(me, "a.jpg", picture(8, 8, 1))))
	if dig(m, "tickets", "invalid") != "1" || len(r.Received()) != 2 {
		t.Errorf("invalid: %v", m)
	}
	r.set(func(o *Options) { o.InvalidTickets, o.HiddenUntilDone, o.Processing = false, true, time.Minute })
	ticket := r.upload(me, "a.jpg", picture(8, 8, 1))
	p := params{"auth_token": me["auth_token"], "user_id": "12345"}
	if m := r.ok("doc.getList", p); dig(m, "docs", "total") != "2" {
		t.Errorf("before it is processed: %v", m)
	}
	r.wantCode(1, "doc.get", me.with("doc_id", r.last().DocID))
	r.turn(time.Minute)
	if m := r.ok("doc.getList", p); dig(m, "docs", "total") != "3" || r.last().Ticket != ticket {
		t.Errorf("when it is processed: %v", m)
	}
}

func TestOrderOfPartsDoesNotMatter(t *testing.T) {
	r := newRig(t, Options{})
	p := r.sign("upload.file", r.as("member").with("title", "T"))
	file := filePart("a.jpg", picture(8, 8, 1))
	other := part{"preview", "p.jpg", "image/jpeg", []byte("passed over")}
	parts := []part{file, other}
	for name, value := range p {
		parts = append(parts, part{name: name, data: []byte(value)})
	}
	body, kind := multipartBody(parts...)
	if got := code(t, r.request(http.MethodPost, "/api/upload.file", bytes.NewReader(body), kind)); got != 0 || r.last().Title != "T" {
		t.Errorf("code %d", got)
	}
	// Parameters in the address and the file in the body; of two files the last.
	body, kind = multipartBody(filePart("first.jpg", picture(8, 8, 2)), filePart("last.jpg", picture(8, 8, 3)))
	if got := code(t, r.request(http.MethodPost, "/api/upload.file?"+p.encode(), bytes.NewReader(body), kind)); got != 0 || r.last().Name != "last.jpg" {
		t.Errorf("code %d, %+v", got, r.last())
	}
}

func TestBrokenBodiesLeaveNothingBehind(t *testing.T) {
	r := newRig(t, Options{})
	p := r.sign("upload.file", r.as("member"))
	body, kind := multipartBody(filePart("a.jpg", append(picture(8, 8, 1), make([]byte, 600_000)...)))
	path := "/api/upload.file?" + p.encode()
	long := part{name: "title", data: make([]byte, maxText+1)}
	tooLong, longKind := multipartBody(long)
	for name, c := range map[string]struct {
		path, kind string
		body       []byte
	}{
		"cut in the file":       {path, kind, body[:400_000]},
		"cut at the end":        {path, kind, body[:len(body)-10]},
		"cut in a header":       {path, kind, body[:60]},
		"no multipart":          {path, kind, []byte("text")},
		"damaged query":         {"/api/test.hello?%zz", "", nil},
		"damaged form":          {"/api/test.hello", "application/x-www-form-urlencoded", []byte("%zz")},
		"form without end":      {"/api/test.hello", "application/x-www-form-urlencoded", make([]byte, maxText+1)},
		"parameter without end": {"/api/test.hello", longKind, tooLong},
		"part without a name":   {path, kind, bytes.Replace(body, []byte(`name="file"`), []byte(`game="file"`), 1)},
		"part of another kind":  {path, kind, bytes.Replace(body, []byte("form-data"), []byte("form data"), 1)},
	} {
		if a := r.request(http.MethodPost, c.path, bytes.NewReader(c.body), c.kind); a.status != 400 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	if got := code(t, r.request(http.MethodPost, "/api/test.hello", strings.NewReader("{}"), "application/json")); got != keyMissing {
		t.Errorf("JSON is read as parameters: %d", got)
	}
	if a := r.request(http.MethodDelete, "/api/test.hello", nil, ""); a.status != 405 {
		t.Errorf("DELETE: %d", a.status)
	}
	if left, _ := os.ReadDir(filepath.Join(r.Server.store.dir, "incoming")); len(left) != 0 || len(r.Received()) != 0 {
		t.Errorf("%d files left in incoming, received %v", len(left), r.Received())
	}
}
