package ipernity

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// ids are the documents of an answer's list, in order.
func ids(m map[string]any, path ...string) []string {
	var out []string
	for _, d := range array(m, path...) {
		out = append(out, dig(d, "doc_id"))
	}
	return out
}

func TestDocGetShowsTheDocument(t *testing.T) {
	r := newRig(t, Options{})
	me := r.as("member")
	id := r.stored(me.with("title", "T", "description", "D", "keywords", "a,b", "lat", "1.5", "lng", "-2", "is_friend", "1", "license", "9"), "IMG.JPG", picture(900, 600, 1))
	m := r.ok("doc.get", me.with("doc_id", id, "extra", "tags,geo,md5,notes"))
	for path, want := range map[string]string{
		"doc_id": id, "media": "photo", "license": "9", "title": "T", "description": "D", "rotation": "0",
		"md5": r.last().MD5, "link": r.base + "/doc/12345/" + id,
		"owner user_id": "12345", "owner username": "member", "owner realname": "Mary Member",
		"dates posted_at": r.unix(), "dates created": "0000-00-00 00:00:00",
		"visibility ispublic": "0", "visibility isfriend": "1", "visibility share": "2", "permissions tagme": "5",
		"original filename": "IMG.JPG", "original ext": "jpg", "original w": "900", "original h": "600", "original bytes": decimal(r.last().Size),
		"thumbs thumb 0 label": "75x", "thumbs thumb 0 w": "75", "thumbs thumb 4 label": "500", "thumbs thumb 4 h": "333",
		"tags total": "2", "tags tag 1 tag": "b", "geo lat": "1.5", "geo lng": "-2", "notes total": "0", "count tags": "2",
	} {
		if got := dig(m, append([]string{"doc"}, strings.Fields(path)...)...); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if n := len(array(m, "doc", "thumbs", "thumb")); n != 8 {
		t.Errorf("%d thumbnails of a picture of 900 pixels", n)
	}
}

func TestPrivateDocumentsAreTheirOwnersAlone(t *testing.T) {
	r := newRig(t, Options{})
	me, guest := r.as("member"), r.as("guest")
	private, public := r.stored(me, "a.jpg", picture(8, 8, 1)), r.stored(me.with("is_public", "1"), "b.jpg", picture(8, 8, 2))
	none := params{"auth_token": r.Token("member", "")}
	list := params{"user_id": "12345"}
	for name, c := range map[string]struct {
		as   params
		want []string
	}{
		"owner":              {me, []string{public, private}},
		"without permission": {none, []string{public}},
		"other user":         {guest, []string{public}},
		"nobody":             {nil, []string{public}},
	} {
		for _, method := range []string{"doc.getList", "doc.search"} {
			if got := ids(r.ok(method, list.with("auth_token", c.as["auth_token"])), "docs", "doc"); !slices.Equal(got, c.want) {
				t.Errorf("%s in %s: %v", name, method, got)
			}
		}
		want := 0
		if len(c.want) == 1 {
			want = 1
		}
		r.wantCode(want, "doc.get", c.as.with("doc_id", private))
		r.wantCode(0, "doc.get", c.as.with("doc_id", public))
	}
	for _, id := range []string{"", "0", "x", "1", "0" + private, "-1"} {
		r.wantCode(1, "doc.get", me.with("doc_id", id))
	}
	r.wantCode(1, "doc.getList", nil)
	r.wantCode(1, "doc.getList", params{"user_id": "member"})
}

func TestListsHavePagesAndExtras(t *testing.T) {
	r := newRig(t, Options{})
	me := r.as("member")
	var all []string
	for i := range 23 {
		all = append(all, r.stored(me, fmt.Sprintf("%d.jpg", i), picture(8, 8, byte(i))))
		r.turn(time.Second)
	}
	slices.Reverse(all)
	list := me.with("user_id", "12345")
	for _, c := range []struct {
		page, size string
		want       []string
		head       string
	}{
		{"", "", all[:20], "23 20 1 2"},
		{"2", "", all[20:], "23 20 2 2"},
		{"3", "10", all[20:], "23 10 3 3"},
		{"4", "10", nil, "23 10 4 3"},
		{"0", "500", all, "23 100 1 1"},
		{"x", "-1", all[:20], "23 20 1 2"},
		{"9223372036854775807", "100", nil, "23 100 9223372036854775807 1"},
	} {
		m := r.ok("doc.getList", list.with("page", c.page, "per_page", c.size))
		head := strings.Join([]string{dig(m, "docs", "total"), dig(m, "docs", "per_page"), dig(m, "docs", "page"), dig(m, "docs", "pages")}, " ")
		if got := ids(m, "docs", "doc"); !slices.Equal(got, c.want) || head != c.head {
			t.Errorf("page %q of %q: %s, %v", c.page, c.size, head, got)
		}
	}
	line := array(r.ok("doc.getList", list.with("extra", "dates,count,geo,medias,original,md5", "thumbsize", "100")), "docs", "doc")[0]
	for path, want := range map[string]string{
		"md5": r.last().MD5, "dates posted_at": decimal(r.last().At.Unix()), "original bytes": decimal(r.last().Size), "original filename": "22.jpg",
		"count albums": "0", "thumb label": "100", "media": "photo",
	} {
		if got := dig(line, strings.Fields(path)...); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	if line := array(r.ok("doc.getList", list), "docs", "doc")[0]; dig(line, "md5")+dig(line, "dates", "created")+dig(line, "original", "url") != "" {
		t.Errorf("extras that nobody asked for: %v", line)
	}
}

func TestSearchFiltersAndSorts(t *testing.T) {
	r := newRig(t, Options{})
	me := r.as("member")
	put := func(pairs ...string) string {
		t.Helper()
		r.turn(time.Minute)
		return r.stored(me.with(pairs...), "a.jpg", picture(8, 8, 1))
	}
	harbour := put("title", "Old Harbour", "keywords", "sea,north", "created_at", "2020-01-01 00:00:00", "license", "3")
	mid := r.unix()
	airport := put("title", "Airport", "description", "harbour behind", "created_at", "2019-01-01 00:00:00", "is_public", "1")
	r.turn(time.Minute)
	text := r.stored(me, "notes.txt", []byte("text"))
	album := dig(r.ok("album.create", me.with("title", "A", "cover_id", airport)), "album", "album_id")
	for query, want := range map[string][]string{
		"":                                 {text, airport, harbour},
		"sort=posted-asc":                  {harbour, airport, text},
		"sort=created-desc":                {harbour, airport, text},
		"sort=created-asc":                 {text, airport, harbour},
		"media=photo,video":                {airport, harbour},
		"media=other":                      {text},
		"text=HARBOUR":                     {airport, harbour},
		"text=old airport":                 {airport, harbour},
		"text=+old +harbour":               {harbour},
		"text=harbour -old":                {airport},
		"text=-airport":                    {text, harbour},
		"text=notes":                       {text},
		"tags=Sea,north":                   {harbour},
		"tags=sea,south":                   nil,
		"license=3,5":                      {harbour},
		"share=4":                          {airport},
		"share=0":                          {text, harbour},
		"album_id=" + album:                {airport},
		"album_id=1":                       nil,
		"posted_min=" + mid:                {text, airport, harbour},
		"posted_max=" + mid:                {harbour},
		"created_min=2019-06-01 00:00:00":  {harbour},
		"created_max=2019-06-01 00:00:00":  {airport},
		"created_max=never&posted_min=now": {text, airport, harbour},
		"user_id=54321":                    nil,
		"per_page=1&page=2":                {airport},
	} {
		p := me.with("user_id", "12345")
		for pair := range strings.SplitSeq(query, "&") {
			name, value, _ := strings.Cut(pair, "=")
			p = p.with(name, value)
		}
		delete(p, "")
		if got := ids(r.ok("doc.search", p), "docs", "doc"); !slices.Equal(got, want) {
			t.Errorf("%q finds %v, want %v", query, got, want)
		}
	}
	for name, p := range map[string]params{
		"everybody, everywhere": nil, "owner, everywhere": me, "with share": me.with("share", "0"),
		"somebody else": r.as("guest").with("user_id", "12345", "share", "0"),
	} {
		if got := ids(r.ok("doc.search", p), "docs", "doc"); !slices.Equal(got, []string{airport}) {
			t.Errorf("%s finds %v", name, got)
		}
	}
}

func TestEachListHasItsOwnExtras(t *testing.T) {
	r := newRig(t, Options{})
	me := r.as("member")
	id := r.stored(me, "a.jpg", picture(8, 8, 1))
	album := dig(r.ok("album.create", me.with("title", "A", "cover_id", id)), "album", "album_id")
	all := me.with("user_id", "12345", "album_id", album, "extra", "dates,count,geo,medias,original,md5,owner,link,license")
	for _, c := range []struct {
		method string
		path   []string
		want   string
	}{
		{"doc.getList", []string{"docs", "doc"}, "count dates md5 original"},
		{"doc.search", []string{"docs", "doc"}, "count dates original owner"},
		{"album.docs.getList", []string{"album", "docs", "doc"}, "dates link original"},
	} {
		line, _ := array(r.ok(c.method, all), c.path...)[0].(map[string]any)
		var got []string
		for _, name := range []string{"count", "dates", "link", "md5", "original", "owner"} {
			if line[name] != nil {
				got = append(got, name)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s has %v, want %s", c.method, got, c.want)
		}
	}
}

func TestCheckMD5IsOutOfOrderUnlessSwitchedOn(t *testing.T) {
	r := newRig(t, Options{})
	me := r.as("member")
	id := r.stored(me, "a.jpg", picture(8, 8, 1))
	p := me.with("md5", r.last().MD5+",00000000000000000000000000000000")
	if m := r.ok("doc.checkMD5", p); dig(m, "docs", "count") != "2" || dig(m, "docs", "found") != "0" || dig(m, "docs", "doc", "0", "found") != "0" {
		t.Errorf("out of order: %v", m)
	}
	r.set(func(o *Options) { o.CheckMD5 = true })
	m := r.ok("doc.checkMD5", p)
	if dig(m, "docs", "found") != "1" || dig(m, "docs", "doc", "0", "doc_id") != id || dig(m, "docs", "doc", "1", "found") != "0" {
		t.Errorf("switched on: %v", m)
	}
	if m := r.ok("doc.checkMD5", r.as("guest").with("md5", r.last().MD5)); dig(m, "docs", "found") != "0" {
		t.Errorf("of another user: %v", m)
	}
	r.wantCode(1, "doc.checkMD5", me)
	r.wantCode(1, "doc.checkMD5", me.with("md5", strings.Repeat("0,", 21)))
}

func TestChangingADocument(t *testing.T) {
	r := newRig(t, Options{})
	me := r.as("member")
	id := r.stored(me.with("keywords", "a,b", "lat", "1", "lng", "2"), "a.jpg", picture(8, 8, 1))
	me = me.with("doc_id", id)
	for _, c := range []struct {
		method string
		p      params
		want   int
		is     func(Received) bool
	}{
		{"doc.set", params{}, 2, nil},
		{"doc.set", params{"title": "New"}, 0, func(g Received) bool { return g.Title == "New" && g.Description == "" }},
		{"doc.set", params{"description": "D", "license": "7"}, 0, func(g Received) bool { return g.Title == "New" && g.Description == "D" && g.License == 7 }},
		{"doc.set", params{"title": "X", "license": "2"}, 3, func(g Received) bool { return g.Title == "New" }},
		{"doc.set", params{"share": "9"}, 3, nil},
		{"doc.set", params{"lat": "3"}, 3, nil},
		{"doc.set", params{"lat": "3", "lng": "4"}, 0, func(g Received) bool { return g.Lat == 3 && g.Lng == 4 }},
		{"doc.setPerms", params{}, 2, nil},
		{"doc.setPerms", params{"is_public": "1"}, 2, func(g Received) bool { return !g.Public }},
		{"doc.setPerms", params{"is_public": "0", "is_friend": "1", "is_family": "2"}, 2, nil},
		{"doc.setPerms", params{"is_public": "0", "is_friend": "1", "is_family": "1"}, 0, func(g Received) bool { return !g.Public && g.Friend && g.Family }},
		{"doc.setPerms", params{"share": "4", "is_friend": "1"}, 0, func(g Received) bool { return g.Public && !g.Friend }},
		{"doc.setPerms", params{"share": "1"}, 0, func(g Received) bool { return !g.Public && g.Family && !g.Friend }},
		{"doc.setPerms", params{"perm_tag": "0"}, 0, func(g Received) bool { return g.PermTag == 0 && g.Family }},
		{"doc.setLicense", params{"license": "255"}, 0, func(g Received) bool { return g.License == 255 }},
		{"doc.setLicense", params{}, 2, nil},
		{"doc.setGeo", params{"lat": "-10.5", "lng": "20"}, 0, func(g Received) bool { return g.Lat == -10.5 && g.Lng == 20 }},
		{"doc.setGeo", params{"lat": "-10.5"}, 2, nil},
		{"doc.setGeo", params{"lat": "-999", "lng": "-999"}, 0, func(g Received) bool { return !g.Located }},
		{"doc.tags.add", params{"keywords": "b,c"}, 0, func(g Received) bool { return slices.Equal(g.Keywords, []string{"a", "b", "c"}) }},
		{"doc.tags.add", params{}, 2, nil},
		{"doc.tags.edit", params{"keywords": "c,d"}, 0, func(g Received) bool { return slices.Equal(g.Keywords, []string{"c", "d"}) }},
		{"doc.tags.edit", params{"keywords": ""}, 0, func(g Received) bool { return len(g.Keywords) == 0 }},
		{"doc.set", params{"doc_id": "1", "title": "X"}, 1, nil},
		{"doc.tags.edit", params{"doc_id": "1", "keywords": "X"}, 1, nil},
		{"doc.setPerms", params{"doc_id": "", "share": "4"}, 1, nil},
	} {
		p := me.with()
		for name, value := range c.p {
			p[name] = value
		}
		r.wantCode(c.want, c.method, p)
		if got := r.last(); c.is != nil && !c.is(got) {
			t.Errorf("after %s %v: %+v", c.method, c.p, got)
		}
	}
	if m := r.ok("doc.tags.edit", me.with("keywords", "x")); dig(m, "tags", "added") != "1" || dig(m, "tags", "tag", "0", "tag") != "x" {
		t.Errorf("tags: %v", m)
	}
	if m := r.ok("doc.set", me.with("title", "T", "description", "D")); dig(m, "doc", "title") != "T" || dig(m, "doc", "description") != "D" {
		t.Errorf("doc.set: %v", m)
	}
	other := r.as("guest")
	for _, method := range []string{"doc.set", "doc.setPerms", "doc.setLicense", "doc.setGeo", "doc.tags.add", "doc.delete"} {
		r.wantCode(1, method, other.with("doc_id", id, "title", "X", "share", "4", "license", "1", "lat", "1", "lng", "1", "keywords", "x"))
	}
	r.wantCode(0, "doc.delete", me)
	r.wantCode(1, "doc.delete", me)
	r.wantCode(1, "doc.get", me)
	if !r.last().Removed {
		t.Error("not marked as removed")
	}
}

func TestDeletePhoto(t *testing.T) {
	r := newRig(t, Options{})
	me := r.as("member")
	id := r.stored(me, "a.jpg", picture(8, 8, 1))
	if err := r.DeletePhoto(id); err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{id, "", "x"} {
		if err := r.DeletePhoto(gone); err == nil {
			t.Errorf("%q was deleted", gone)
		}
	}
	if m := r.ok("upload.checkTickets", me.with("tickets", r.last().Ticket)); dig(m, "tickets", "ticket", "0", "doc_id") != id {
		t.Errorf("its ticket: %v", m)
	}
}

func TestUsersAndTests(t *testing.T) {
	r := newRig(t, Options{})
	me := r.as("member")
	r.stored(me, "a.jpg", picture(8, 8, 1))
	for _, p := range []params{{"user_id": "12345"}, {"user_id": "member"}, me} {
		if m := r.ok("user.get", p); dig(m, "user", "username") != "member" || dig(m, "user", "is_pro") != "1" {
			t.Errorf("user of %v: %v", p, m)
		}
	}
	r.wantCode(1, "user.get", nil)
	r.wantCode(1, "user.get", params{"user_id": "1"})
	if m := r.ok("user.get", me); dig(m, "user", "count", "docs") != "1" {
		t.Errorf("owner sees %v", m)
	}
	if m := r.ok("user.get", params{"user_id": "member"}); dig(m, "user", "count", "docs") != "0" {
		t.Errorf("nobody sees %v", m)
	}
	m := r.ok("test.echo", params{"echo": "é", "other": "o", "a b": "no name"})
	if dig(m, "echo") != "é" || dig(m, "other") != "o" || m["a b"] != nil || m["api_key"] != nil {
		t.Errorf("echo: %v", m)
	}
	r.wantCode(1, "test.echo", nil)
	if m := r.ok("test.hello", nil); dig(m, "hello") == "" {
		t.Errorf("hello: %v", m)
	}
	if m := r.ok("api.methods.getList", nil); len(array(m, "methods", "method")) != len(methods) || dig(m, "methods", "method", "0", "name") != "account.getQuota" {
		t.Errorf("methods: %v", m)
	}
}
