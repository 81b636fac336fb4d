package piwigo

import (
	"bytes"
	"fmt"
	"image"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/practice/practicetest"
)

func TestExistAsksOneColumn(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	v := r.as("admin")
	v.simple("a.jpg", picture(1))
	known, unknown := sum(picture(1)), strings.Repeat("0", 32)
	for _, c := range []struct {
		mode Uniqueness
		f    fields
		want string
	}{
		{UniqueMD5, fields{{"md5sum_list", known + "|" + unknown + ";\n,"}}, fmt.Sprint(map[string]any{known: "1", unknown: nil})},
		{UniqueMD5, fields{{"md5sum_list", strings.ToUpper(known)}}, fmt.Sprint(map[string]any{strings.ToUpper(known): nil})},
		{UniqueMD5, fields{{"filename_list", "a.jpg"}}, "[]"},
		{UniqueMD5, nil, "[]"},
		{UniqueFilename, fields{{"filename_list", "a.jpg,b.jpg"}}, fmt.Sprint(map[string]any{"a.jpg": "1", "b.jpg": nil})},
		{UniqueFilename, fields{{"md5sum_list", known}}, "[]"},
	} {
		r.configure(func(o *Options) { o.Uniqueness = c.mode })
		if got := fmt.Sprint(v.ok("pwg.images.exist", c.f)); got != c.want {
			t.Errorf("mode %d, %v: %s, want %s", c.mode, c.f, got, c.want)
		}
	}
	r.configure(func(o *Options) { o.Uniqueness = UniqueMD5 })
	var many []string
	for i := range 2000 {
		many = append(many, fmt.Sprintf("%032x", i))
	}
	if got := v.ok("pwg.images.exist", fields{{"md5sum_list", strings.Join(many, ",")}}).(map[string]any); len(got) != 2000 {
		t.Errorf("%d of 2000", len(got))
	}
}

func TestSetInfo(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	v := r.as("admin")
	a, b := v.album("A"), v.album("B")
	v.simple("a.jpg", picture(1), field{"category", a}, field{"name", "old"}, field{"tags", "x"})
	v.ok("pwg.images.emptyLounge", nil)
	v.ok("pwg.tags.add", fields{{"name", "y"}})
	set := func(more ...field) { v.ok("pwg.images.setInfo", append(fields{{"image_id", 1}}, more...)) }
	for _, c := range []struct {
		name string
		set  []field
		want string // title, author, albums, tags
	}{
		{"fills what is empty", []field{{"name", "new"}, {"author", "Ada"}, {"categories", b}, {"tag_ids", 2}}, "old Ada [1 2] [x y]"},
		{"replaces", []field{{"name", "<p>new</p> <b>b</b>"}, {"single_value_mode", "replace"}}, "new <b>b</b> Ada [1 2] [x y]"},
		{"replaces lists", []field{{"categories", b}, {"tag_ids", 2}, {"multiple_value_mode", "replace"}}, "new <b>b</b> Ada [2] [y]"},
		{"empties", []field{{"author", ""}, {"single_value_mode", "replace"}}, "new <b>b</b>  [2] [y]"},
	} {
		set(c.set...)
		g := r.only()
		if got := fmt.Sprint(g.Title, " ", g.Author, " ", g.Albums, " ", g.Tags); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	v.wants(403, 403, "Invalid security token", "pwg.images.setInfo", fields{{"image_id", 1}, {"pwg_token", "x"}})
	v.wants(404, 404, "image_id not found", "pwg.images.setInfo", fields{{"image_id", 7}})
	if a := v.get("/ws.php?format=json&method=pwg.images.setInfo"); a.Err != 405 || a.Message != "This method requires HTTP POST" {
		t.Errorf("by GET: %s", a.body)
	}
}

func TestPlacesInAlbums(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{NoLounge: true})
	v := r.as("admin")
	v.album("A")
	for i := range 3 {
		v.simple("a.jpg", picture(i), field{"category", 1})
	}
	v.ok("pwg.images.setRank", fields{{"image_id", 3}, {"category_id", 1}, {"rank", 1}})
	ranks := func() (out []int) {
		for _, g := range r.Received() {
			out = append(out, g.Ranks[0])
		}
		return out
	}
	if got := ranks(); !slices.Equal(got, []int{2, 3, 1}) {
		t.Errorf("%v", got)
	}
	v.ok("pwg.images.setRank", fields{{"image_id[]", 2}, {"image_id[]", 1}, {"image_id[]", 3}, {"category_id", 1}})
	if got := ranks(); !slices.Equal(got, []int{2, 1, 3}) {
		t.Errorf("%v", got)
	}
	v.wants(404, 404, "This image is not associated to this category", "pwg.images.setRank", fields{{"image_id", 3}, {"category_id", 2}, {"rank", 1}})
}

func TestDeletedPhotosAndAlbums(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := newRig(t, Options{Dir: dir, NoLounge: true})
	v := r.as("admin")
	top := v.album("Top")
	v.album("Below", field{"parent", top})
	for i := range 3 {
		v.simple("a.jpg", picture(i), field{"category", 2})
	}
	path := r.store.file(r.store.photos[1])
	v.wants(403, 403, "Invalid security token", "pwg.images.delete", fields{{"image_id", 1}, {"pwg_token", "x"}})
	if got := v.ok("pwg.images.delete", fields{{"image_id", "1|1, 9"}, {"pwg_token", v.token}}); got != 1.0 {
		t.Errorf("deleted %v", got)
	}
	if err := r.DeletePhoto(2); err != nil {
		t.Error(err)
	}
	if err := r.DeletePhoto(2); err == nil {
		t.Error("deleted twice")
	}
	if _, err := os.Stat(path); err == nil {
		t.Error("the file is still there")
	}
	if err := r.DeleteAlbum(top); err != nil {
		t.Error(err)
	}
	again := newRig(t, Options{Dir: dir})
	got := again.Received()
	if len(got) != 3 || !got[0].Removed || !got[1].Removed || got[2].Removed || !got[2].Orphan || len(again.Albums()) != 0 {
		t.Errorf("%+v, %+v", got, again.Albums())
	}
	w := again.as("admin")
	if id := w.album("Next"); id != 3 {
		t.Errorf("the next album is %d", id)
	}
	if id := w.simple("a.jpg", picture(0)); id != 4.0 {
		t.Errorf("the next photo is %v", id)
	}
}

func TestAlbums(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{NoLounge: true})
	v := r.as("admin")
	a := v.album("A")
	b := v.album("B", field{"parent", a})
	c := v.album("<i>C</i>", field{"parent", b}, field{"status", "private"})
	v.album("A", field{"position", "last"})
	v.album("Lost & found", field{"parent", 9999}, field{"position", "last"})
	v.simple("a.jpg", picture(1), field{"category", b})
	var got []string
	for _, x := range r.Albums() {
		got = append(got, fmt.Sprintf("%d:%d:%s:%d", x.ID, x.Parent, x.Path, x.Photos))
	}
	if want := "1:0:A:0 2:1:A/B:1 3:2:A/B/C:0 4:0:A:0 5:0:Lost & found:0"; strings.Join(got, " ") != want {
		t.Errorf("%s, want %s", strings.Join(got, " "), want)
	}
	names := func(w *visit, more ...field) string {
		t.Helper()
		res := w.ok("pwg.categories.getList", more)
		list, _ := res.([]any)
		if m, ok := res.(map[string]any); ok {
			list = m["categories"].([]any)
		}
		var out []string
		for _, x := range list {
			m := x.(map[string]any)
			out = append(out, fmt.Sprintf("%v %v %v/%v", m["name"], m["uppercats"], m["nb_images"], m["total_nb_images"]))
		}
		return strings.Join(out, "; ")
	}
	for _, x := range []struct {
		who  *visit
		f    fields
		want string
	}{
		{v, nil, "A 1 0/1; A 4 0/0; Lost & found ,5 0/0"},
		{v, fields{{"recursive", "true"}, {"fullname", "1"}}, "A 1 0/1; A / B 1,2 1/1; A / B / C 1,2,3 0/0; A 4 0/0; Lost & found ,5 0/0"},
		{v, fields{{"cat_id", a}}, "A 1 0/1; B 1,2 1/1"},
		{v, fields{{"cat_id", b}, {"recursive", "on"}}, "B 1,2 1/1; C 1,2,3 0/0"},
		{v, fields{{"search", "FOUND"}}, "Lost & found ,5 0/0"},
		{v, fields{{"tree_output", "true"}, {"recursive", "true"}}, "A 1 0/1; A 4 0/0; Lost & found ,5 0/0"},
		{v, fields{{"limit", 2}}, "A 1 0/1; A 4 0/0"},
		{r.stranger(), fields{{"recursive", "true"}}, "A 1 0/1; B 1,2 1/1"},
	} {
		if got := names(x.who, x.f...); got != x.want {
			t.Errorf("%v: %s, want %s", x.f, got, x.want)
		}
	}
	v.wants(200, 1003, "recursive must be a boolean", "pwg.categories.getList", fields{{"recursive", "perhaps"}})
	v.wants(200, 1003, "Cannot use both recursive and limit parameters at the same time", "pwg.categories.getList", fields{{"recursive", "1"}, {"limit", "1"}})
	v.wants(500, 500, "The name of an album must not be empty", "pwg.categories.add", fields{{"name", "<b></b> "}})
	v.wants(200, 1002, "Missing parameters: name", "pwg.categories.add", nil)
	admin := v.ok("pwg.categories.getAdminList", fields{{"search", "c"}}).(map[string]any)
	if first := admin["categories"].([]any)[0].(map[string]any); first["id"] != fmt.Sprint(c) || first["fullname"] != "\nA / \nB / \nC" || admin["limit_reached"] != false {
		t.Errorf("%v", admin)
	}
	images := v.ok("pwg.categories.getImages", fields{{"cat_id", a}, {"recursive", "true"}}).(map[string]any)
	if n := len(images["images"].([]any)); n != 1 {
		t.Errorf("%d photos below A", n)
	}
	v.wants(404, 404, "cat_id {77} not found", "pwg.categories.getImages", fields{{"cat_id", 77}})
}

func TestTags(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{NoLounge: true})
	v := r.as("admin")
	v.album("A")
	if got := v.ok("pwg.tags.add", fields{{"name", "Rock, <b>Roll</b>"}}).(map[string]any); got["id"] != 1.0 || got["url_name"] != "rock_roll" {
		t.Errorf("%v", got)
	}
	v.wants(200, 1003, `Tag "rock, ROLL" already exists`, "pwg.tags.add", fields{{"name", "rock, ROLL"}})
	if used := v.ok("pwg.tags.getList", nil).(map[string]any)["tags"].([]any); len(used) != 0 {
		t.Errorf("in use: %v", used)
	}
	v.simple("a.jpg", picture(1), field{"category", 1}, field{"tags[]", "Rock, Roll"}, field{"tags[]", "Blues"})
	if used := v.ok("pwg.tags.getList", nil).(map[string]any)["tags"].([]any); len(used) != 2 {
		t.Errorf("in use: %v", used)
	}
	all := v.ok("pwg.tags.getAdminList", nil).(map[string]any)["tags"].([]any)
	if first := all[0].(map[string]any); len(all) != 2 || first["name"] != "Blues" || first["id"] != "2" {
		t.Errorf("%v", all)
	}
}

func TestCommunityUsersTouchTheirOwnOnly(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{Community: true, Users: labUsers()})
	admin := r.as("admin")
	for _, name := range []string{"Members", "Open", "Closed"} {
		admin.album(name)
	}
	admin.simple("a.jpg", picture(1), field{"category", 1})
	v := r.as("carla")
	v.simple("b.jpg", picture(2), field{"category", 2})
	v.simple("c.jpg", picture(3), field{"category", 1})
	v.wants(401, 401, "Access denied", "pwg.images.setInfo", fields{{"image_id", 1}, {"author", "x"}})
	v.ok("pwg.images.setInfo", fields{{"image_id", 2}, {"author", "Carla"}})
	if got := v.ok("pwg.images.delete", fields{{"image_id", "1,2"}, {"pwg_token", v.token}}); got != 1.0 {
		t.Errorf("deleted %v", got)
	}
	got := r.Received()
	if got[0].Removed || !got[1].Removed || !got[2].Pending || got[2].Level != 16 || got[2].By != "carla" {
		t.Errorf("%+v", got)
	}
	if list := v.ok("community.categories.getList", fields{{"tree_output", "true"}}).([]any); len(list) != 2 {
		t.Errorf("%v", list)
	}
	r.as("norbert").wants(401, 401, "Access denied", "pwg.images.exist", nil)
	r.configure(func(o *Options) { o.Community = false })
	v.wants(401, 401, "Access denied", "pwg.images.exist", nil)
}

func TestPages(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{NoLounge: true, Path: "/g"})
	v := r.as("admin")
	v.album("Hafen & See")
	v.simple("a b.jpg", picture(1), field{"category", 1}, field{"name", "A & B"})
	v.simple("b.jpg", picture(2), field{"category", 1}, field{"level", 8})
	info := v.ok("pwg.images.getInfo", fields{{"image_id", 1}}).(map[string]any)
	at := func(key string) string { return strings.TrimPrefix(info[key].(string), r.base) }
	derivative := func(name string) string {
		return strings.TrimPrefix(info["derivatives"].(map[string]any)[name].(map[string]any)["url"].(string), r.base)
	}
	guest := r.stranger()
	for _, c := range []struct {
		who    *visit
		path   string
		status int
		has    string
	}{
		{guest, "/", 200, "Hafen &amp; See"},
		{guest, "/index.php?/category/1", 200, "picture.php?/1/category/1"},
		{guest, "/index.php?/category/7", 404, "not found"},
		{guest, "/picture.php?/1/category/1", 200, "A &amp; B"},
		{guest, at("page_url"), 200, "A &amp; B"},
		{guest, "/picture.php?/2", 302, ""},
		{v, "/picture.php?/2", 200, "b.jpg"},
		{guest, "/picture.php?/9", 404, ""},
		{guest, at("element_url"), 200, string(picture(1))},
		{guest, at("download_url"), 200, string(picture(1))},
		{guest, "/action.php?id=2&part=e", 404, ""},
		{guest, "/identification.php", 200, "password"},
		{guest, "/upload/2020/01/01/x.jpg", 404, "nginx"},
		{guest, "/i.php?/upload/x-zz.jpg", 400, ""},
		{guest, "/nothing", 404, "nginx"},
	} {
		a := c.who.get(c.path)
		if a.status != c.status || !strings.Contains(a.body, c.has) {
			t.Errorf("%s: %d %.200s", c.path, a.status, a.body)
		}
	}
	for name, want := range map[string]image.Point{"square": {120, 120}, "thumb": {144, 108}, "medium": {160, 120}} {
		a := guest.get(derivative(name))
		pic, kind, err := image.DecodeConfig(bytes.NewReader([]byte(a.body)))
		if err != nil || kind != "jpeg" || (image.Point{pic.Width, pic.Height}) != want {
			t.Errorf("%s: %d %v %v, want %v", name, a.status, pic, err, want)
		}
	}
}

func TestFullSaysWhatPHPSays(t *testing.T) {
	t.Parallel()
	r := newRig(t, Options{})
	for _, c := range []struct {
		method string
		status int
		has    string
	}{
		{"pwg.images.upload", 200, `"code": 103`},
		{"pwg.images.addSimple", 500, "Failed to write file to disk."},
		{"pwg.images.uploadAsync", 500, "No space left on device"},
		{"pwg.images.addChunk", 500, "an error has "},
		{"pwg.images.setInfo", 200, "Fatal error"},
	} {
		body, kind := append(fields{{"method", c.method}}, field{"file", fileField{"a.jpg", picture(1)}}).encode()
		for _, seen := range []bool{true, false} { // by somebody who then reads the body
			req := httptest.NewRequest(http.MethodPost, "/ws.php?format=json", bytes.NewReader(body))
			req.Header.Set("Content-Type", kind)
			if seen {
				if got := FunctionOf(req); got != c.method {
					t.Fatalf("function %q", got)
				}
				var b bytes.Buffer
				if _, err := b.ReadFrom(req.Body); err != nil || !bytes.Equal(b.Bytes(), body) {
					t.Fatalf("the body has changed: %v", err)
				}
			}
			w := httptest.NewRecorder()
			r.Full(w, req, true)
			if w.Code != c.status || !strings.Contains(w.Body.String(), c.has) {
				t.Errorf("%s: %d %s", c.method, w.Code, w.Body)
			}
		}
	}
	w := httptest.NewRecorder()
	r.Full(w, httptest.NewRequest(http.MethodPost, "/ws.php?format=json", nil), false)
	if w.Code != 403 || !strings.Contains(w.Body.String(), `"err":403`) {
		t.Errorf("quota: %d %s", w.Code, w.Body)
	}
}

func TestStateSurvivesARestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r := newRig(t, Options{Dir: dir})
	v := r.as("admin")
	v.album("A")
	v.simple("a.jpg", picture(1), field{"category", 1}, field{"tags", "x"})
	before := fmt.Sprint(r.Received()[0].Tags, r.Received()[0].Lounge, r.Albums())
	if err := os.WriteFile(filepath.Join(dir, "tmp", "0123"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	again := newRig(t, Options{Dir: dir})
	if after := fmt.Sprint(again.Received()[0].Tags, again.Received()[0].Lounge, again.Albums()); after != before {
		t.Errorf("%s, was %s", after, before)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "tmp")); len(left) != 0 {
		t.Errorf("%d files left in tmp", len(left))
	}
	if got := (&visit{rig: again, cookie: v.cookie}).ok("pwg.session.getStatus", nil).(map[string]any); got["username"] != "guest" || got["pwg_token"] != v.token {
		t.Errorf("the old session is %v", got)
	}
}

func TestDamagedIndex(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		damage func([]byte) []byte
		want   int // photos left; -1 means an error
	}{
		{"nothing", func(b []byte) []byte { return b }, 2},
		{"half a line more", func(b []byte) []byte { return append(b, "0123"...) }, 2},
		{"no end", func(b []byte) []byte { return b[:len(b)-1] }, 2}, // the line before has the photo too
		{"last line changed", func(b []byte) []byte { b[len(b)-5]++; return b }, 2},
		{"first line changed", func(b []byte) []byte { b[20]++; return b }, -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			r := newRig(t, Options{Dir: dir})
			v := r.as("admin")
			v.simple("a.jpg", picture(1))
			v.simple("b.jpg", picture(2))
			if err := practicetest.Change(filepath.Join(dir, "index.log"), c.damage); err != nil {
				t.Fatal(err)
			}
			s, err := New(Options{Dir: dir, NoSync: true})
			if c.want < 0 {
				if err == nil {
					t.Error("it opens")
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			if n := len(s.Received()); n != c.want {
				t.Errorf("%d photos, want %d", n, c.want)
			}
		})
	}
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Options){
		"version":     func(o *Options) { o.Version = 5 },
		"path":        func(o *Options) { o.Path = "gallery" },
		"limit":       func(o *Options) { o.PostMax = -1 },
		"frequency":   func(o *Options) { o.TimeoutEvery = -1 },
		"rate":        func(o *Options) { o.WarningRate = 2 },
		"same user":   func(o *Options) { o.Users = append(o.Users, o.Users[0]) },
		"no standing": func(o *Options) { o.Users = []User{{Name: "x"}} },
		"key":         func(o *Options) { o.APIKeys = []APIKey{{ID: "x"}} },
		"no dir":      func(o *Options) { o.Dir = "" },
	} {
		o := Options{Dir: t.TempDir(), Users: DefaultUsers()}
		change(&o)
		if s, err := New(o); err == nil {
			s.Close()
			t.Errorf("%s: is taken", name)
		}
	}
	r := newRig(t, Options{})
	if err := r.Configure(func(o *Options) { o.Version = 5 }); err == nil {
		t.Error("Configure takes everything")
	}
}
