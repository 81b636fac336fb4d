package ipernity

import (
	"slices"
	"strings"
	"testing"
)

// titles are the albums of album.getList, in order.
func (r *rig) titles(p params) []string {
	r.t.Helper()
	var out []string
	for _, a := range array(r.ok("album.getList", p), "albums", "album") {
		out = append(out, dig(a, "title"))
	}
	return out
}

func TestAlbumsFromTheirFirstToTheirLastDocument(t *testing.T) {
	r := newRig(t, Options{})
	me, guest := r.as("member"), r.as("guest")
	a, b := r.stored(me, "a.jpg", picture(8, 8, 1)), r.stored(me.with("is_public", "1"), "b.jpg", picture(8, 8, 2))
	m := r.ok("album.create", me.with("title", " Sea ", "description", "D", "perm_comment", "3"))
	id := dig(m, "album", "album_id")
	if id == "" || dig(m, "album", "title") != "Sea" || dig(m, "album", "description") != "D" || dig(m, "album", "permissions", "comment") != "3" || dig(m, "album", "count", "docs") != "0" {
		t.Errorf("created %v", m)
	}
	if _, isObject := m["album"].(map[string]any)["cover"].(map[string]any); isObject {
		t.Error("an album without a cover has one")
	}
	// Fresh and empty: only its owner sees it, and only when asking for empty ones.
	if got := r.titles(me); got != nil {
		t.Errorf("without empty ones: %v", got)
	}
	if got := r.titles(me.with("empty", "1")); !slices.Equal(got, []string{"Sea"}) {
		t.Errorf("with empty ones: %v", got)
	}
	r.wantCode(0, "album.get", me.with("album_id", id))
	r.wantCode(1, "album.get", params{"album_id": id})
	r.wantCode(1, "album.get", guest.with("album_id", id))

	m = r.ok("album.docs.add", me.with("album_id", id, "doc_id", a+","+a+","+b))
	if dig(m, "album", "total") != "2" || dig(m, "album", "added") != "2" || dig(m, "album", "skipped") != "1" ||
		dig(m, "album", "doc", "0", "added") != "1" || dig(m, "album", "doc", "1", "added") != "0" || dig(m, "album", "doc", "1", "error") != "0" {
		t.Errorf("added %v", m)
	}
	if m := r.ok("album.docs.add", me.with("album_id", id, "doc_id", a)); dig(m, "album", "added") != "0" || dig(m, "album", "doc", "0", "error") != "0" {
		t.Errorf("added again: %v", m)
	}
	if got := r.titles(me); !slices.Equal(got, []string{"Sea"}) {
		t.Errorf("with documents: %v", got)
	}
	m = r.ok("album.docs.getList", me.with("album_id", id, "per_page", "1", "page", "2", "extra", "original"))
	if dig(m, "album", "album_id") != id || dig(m, "album", "docs", "pages") != "2" || !slices.Equal(ids(m, "album", "docs", "doc"), []string{b}) || dig(m, "album", "cover", "doc_id") != a {
		t.Errorf("documents: %v", m)
	}
	if got := ids(r.ok("album.docs.getList", guest.with("album_id", id)), "album", "docs", "doc"); !slices.Equal(got, []string{b}) {
		t.Errorf("others see %v", got)
	}
	if m := r.ok("album.get", params{"album_id": id}); dig(m, "album", "count", "docs") != "1" || dig(m, "album", "permissions") != "" {
		t.Errorf("nobody sees %v", m)
	}
	if got := r.last().Albums; !slices.Equal(got, []string{id}) {
		t.Errorf("received says %v", got)
	}

	if m := r.ok("album.docs.remove", me.with("album_id", id, "doc_id", a)); dig(m, "album", "total") != "1" || dig(m, "album", "removed") != "1" {
		t.Errorf("removed: %v", m)
	}
	r.wantCode(0, "doc.delete", me.with("doc_id", b))
	r.wantCode(1, "album.get", me.with("album_id", id))
	r.wantCode(1, "album.docs.add", me.with("album_id", id, "doc_id", a))
	again := dig(r.ok("album.create", me.with("title", "Sea", "cover_id", a)), "album", "album_id")
	if again == id {
		t.Error("the ID of an album that has ended is used again")
	}
	if m := r.ok("album.docs.add", me.with("album_id", again, "doc_id", a)); dig(m, "album", "added") != "0" || dig(m, "album", "total") != "1" {
		t.Errorf("a cover is a member: %v", m)
	}
	r.ok("album.delete", me.with("album_id", again))
	if r.wantCode(0, "doc.get", me.with("doc_id", a)); r.titles(me.with("empty", "1")) != nil {
		t.Error("a deleted album is there")
	}
}

func TestAlbumErrors(t *testing.T) {
	r := newRig(t, Options{MaxAlbumsPerDoc: 1, MaxDocsPerAlbum: 2})
	r.set(func(o *Options) { o.Users[0].MaxAlbums = 3 })
	me, guest := r.as("member"), r.as("guest")
	doc := r.stored(me, "a.jpg", picture(8, 8, 1))
	others := r.stored(guest, "b.jpg", picture(8, 8, 2))
	album := dig(r.ok("album.create", me.with("title", "A", "cover_id", doc)), "album", "album_id")
	second := dig(r.ok("album.create", me.with("title", "A")), "album", "album_id")
	for _, c := range []struct {
		method string
		p      params
		want   int
	}{
		{"album.create", me.with("title", "  "), 1},
		{"album.create", me.with("title", "B", "cover_id", others), 2},
		{"album.create", me.with("title", "B", "cover_id", "x"), 2},
		{"album.create", me.with("title", "B", "cover_id", doc), 3},
		{"album.create", me.with("title", "B"), 0},
		{"album.create", me.with("title", "C"), 4},
		{"album.getList", params{}, 1},
		{"album.getList", params{"user_id": "1"}, 1},
		{"album.get", me, 1},
		{"album.docs.add", me.with("doc_id", doc), 1},
		{"album.docs.add", guest.with("album_id", album, "doc_id", others), 1},
		{"album.docs.add", me.with("album_id", album), 2},
		{"album.docs.add", me.with("album_id", album, "doc_id", others), 2},
		{"album.docs.add", me.with("album_id", album, "doc_id", strings.Repeat(doc+",", 21)), 2},
		{"album.docs.remove", me.with("album_id", album, "doc_id", "1"), 2},
		{"album.docs.getList", params{"album_id": album}, 1},
		{"album.delete", guest.with("album_id", album), 1},
	} {
		if got := code(t, r.call(c.method, c.p)); got != c.want {
			t.Errorf("%s %v: %d, want %d", c.method, c.p, got, c.want)
		}
	}
	if m := r.ok("album.docs.add", me.with("album_id", second, "doc_id", doc)); dig(m, "album", "doc", "0", "error") != "1" || dig(m, "album", "skipped") != "1" {
		t.Errorf("in too many albums: %v", m)
	}
	r.set(func(o *Options) { o.MaxAlbumsPerDoc = 9 })
	var three []string
	for i := range 3 {
		three = append(three, r.stored(me, "a.jpg", picture(8, 8, byte(i))))
	}
	r.wantCode(3, "album.docs.add", me.with("album_id", second, "doc_id", strings.Join(three, ",")))
	r.wantCode(0, "album.docs.add", me.with("album_id", second, "doc_id", strings.Join(three[1:], ",")))
	r.wantCode(3, "album.docs.add", me.with("album_id", second, "doc_id", three[0]))
	// An upload goes only into own albums, and arrives all the same.
	r.stored(guest.with("album_id", second), "g.jpg", picture(8, 8, 9))
	if got := r.last().Albums; got != nil {
		t.Errorf("another's album: %v", got)
	}
}

func TestAlbumListHasItsSwitches(t *testing.T) {
	r := newRig(t, Options{NoAlbumPages: true, PerPage: true})
	me := r.as("member")
	for _, title := range []string{"A", "B", "C"} {
		r.ok("album.create", me.with("title", title))
	}
	m := r.ok("album.getList", me.with("empty", "1", "per_page", "2"))
	if dig(m, "albums", "pages") != "" || dig(m, "albums", "perpage") != "2" || dig(m, "albums", "per_page") != "" || dig(m, "albums", "total") != "3" || dig(m, "albums", "count") != "2" || dig(m, "albums", "can", "create") != "1" {
		t.Errorf("without pages: %v", m)
	}
	r.set(func(o *Options) { o.NoAlbumPages, o.PerPage = false, false })
	m = r.ok("album.getList", me.with("empty", "1", "per_page", "2", "page", "2"))
	if dig(m, "albums", "pages") != "2" || dig(m, "albums", "per_page") != "2" || !slices.Equal(r.titles(me.with("empty", "1")), []string{"C", "B", "A"}) {
		t.Errorf("with pages: %v", m)
	}
}
