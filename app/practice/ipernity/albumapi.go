package ipernity

import (
	"slices"
	"strings"
)

// maxDocs is how many documents album.docs.add takes at a time [D18, INF].
const maxDocs = 20

// seesAlbum reports whether the caller may see an album: an own one with permission to
// read, or one with a document that the caller sees. A fresh own album is not found
// without a token [C3].
func (c *call) seesAlbum(a *album) bool {
	return c.user.ID == a.Owner && c.perms.allow("doc", "read") || slices.ContainsFunc(a.docs, func(id int64) bool {
		_, err := c.visible(id)
		return err == nil
	})
}

// albumOf returns the album of album_id if the caller sees it.
func (c *call) albumOf() (album, error) {
	a, ok := c.store.album(c.id("album_id"))
	if !ok || !c.seesAlbum(&a) {
		return album{}, errAlbum
	}
	return a, nil
}

// describe is an album in the words of album.getList [D18].
func (c *call) describe(a album) object {
	seen := 0
	for _, id := range a.docs {
		if _, err := c.visible(id); err == nil {
			seen++
		}
	}
	out := object{
		{"album_id", a.ID}, {"link", c.base() + "/doc/" + decimal(a.Owner) + "/album/" + decimal(a.ID)}, {"title", a.Title},
		{"description", text(a.Description)},
		{"dates", object{{"created_at", a.Created.Unix()}, {"last_comment_at", 0}, {"last_update_at", 0}}},
		{"count", object{{"docs", seen}, {"visits", 0}, {"faves", 0}, {"comments", 0}}},
		c.cover(a),
		{"can", object{{"fave", c.user.ID != a.Owner}, {"comment", true}, {"add_doc", c.user.ID == a.Owner}}},
	}
	if c.user.ID == a.Owner { // only on an authenticated call by the owner [D18]
		out = append(out, member{"permissions", object{{"comment", a.Comment}}})
	}
	return out
}

// cover is an album's cover: the one that was chosen, or the first document [INF]. An
// album without one has a cover that is no object [C3].
func (c *call) cover(a album) member {
	id := a.Cover
	if id == 0 && len(a.docs) > 0 {
		id = a.docs[0]
	}
	d, err := c.visible(id)
	if err != nil {
		return member{"cover", text("")}
	}
	out := object{{"doc_id", d.ID}}
	if t, ok := c.thumb(d, c.p["thumbsize"]); ok {
		for _, m := range t {
			if m.name == "w" || m.name == "h" || m.name == "url" {
				out = append(out, m)
			}
		}
	}
	return member{"cover", out}
}

// albumGetList is album.getList [D18]: of the calling user without user_id; empty albums
// only with empty=1. Error 1 for a user that is not there.
func (c *call) albumGetList() (object, error) {
	id := c.user.ID
	if c.has("user_id") {
		id = c.id("user_id")
	}
	u, ok := c.o.user(id)
	if !ok || u.Closed {
		return nil, errUser
	}
	all := c.store.someAlbums(func(a *album) bool { return a.Owner == u.ID && (len(a.docs) > 0 || c.p["empty"] == "1") })
	all = slices.DeleteFunc(all, func(a album) bool { return !c.seesAlbum(&a) })
	page, out := cut(c, all, largestPage, largestPage)
	if c.o.NoAlbumPages {
		out = slices.DeleteFunc(out, func(m member) bool { return m.name == "pages" })
	}
	size := c.p["thumbsize"]
	if size == "" {
		size = usualThumb
	}
	albums := list{}
	for _, a := range page {
		albums = append(albums, c.describe(a))
	}
	out = append(out,
		member{"count", len(page)}, member{"thumbsize", size},
		member{"can", object{{"create", c.user.ID == u.ID}}},
		member{"album", albums},
	)
	return object{{"albums", out}}, nil
}

// albumGet is album.get [D18].
func (c *call) albumGet() (object, error) {
	a, err := c.albumOf()
	if err != nil {
		return nil, err
	}
	return object{{"album", c.describe(a)}}, nil
}

// albumCreate is album.create [D18]: a cover is not needed [C1 C2 C3], and becomes a
// member [C3]. Two albums may have the same title.
func (c *call) albumCreate() (object, error) {
	title := strings.TrimSpace(c.plain("title"))
	if title == "" {
		return nil, errTitle
	}
	m := meta{Comment: maxPerm}
	c.audience(&m)
	cover := c.id("cover_id")
	if c.p["cover_id"] != "" && cover == 0 {
		return nil, errCover
	}
	a, err := c.store.createAlbum(albumRecord{
		Owner: c.user.ID, Title: title, Description: c.plain("description"), Cover: cover, Comment: m.Comment, Created: c.o.Now(),
	}, c.user.maxAlbums(), c.o.MaxAlbumsPerDoc)
	if err != nil {
		return nil, err
	}
	return object{{"album", c.describe(a)}}, nil
}

// albumDocsAdd is album.docs.add; its page is not at hand, and its siblings are [D18].
// Errors: 1 album, 2 documents not found or not the caller's, 3 the album is full. A
// document that is in already has added=0 and error=0; one that is in too many albums
// has error=1.
func (c *call) albumDocsAdd() (object, error) {
	ids, err := c.ownDocs()
	if err != nil {
		return nil, err
	}
	docs := list{}
	added := 0
	a, err := c.store.changeAlbum(c.id("album_id"), c.user.ID, c.o.Now(), func(a album) (in, out []int64, end bool, err error) {
		for _, id := range ids {
			there := slices.Contains(a.docs, id) || slices.Contains(in, id)
			full := !there && c.store.countAlbumsOf(id) >= c.o.MaxAlbumsPerDoc
			if !there && !full {
				in = append(in, id)
			}
			docs = append(docs, object{{"doc_id", id}, {"added", !there && !full}, {"error", full}})
		}
		if n := c.o.MaxDocsPerAlbum; n > 0 && len(a.docs)+len(in) > n {
			return nil, nil, false, errAlbumFull
		}
		added = len(in)
		return in, nil, false, nil
	})
	if err != nil {
		return nil, err
	}
	return object{{"album", object{
		{"album_id", a.ID}, {"total", len(a.docs)}, {"added", added}, {"skipped", len(ids) - added}, {"doc", docs},
	}}}, nil
}

// ownDocs are the documents of doc_id: all of them the caller's, and not too many.
func (c *call) ownDocs() ([]int64, error) {
	ids := c.ids("doc_id")
	if len(ids) == 0 || len(ids) > maxDocs {
		return nil, errAlbumDocs
	}
	for _, id := range ids {
		if d, ok := c.store.doc(id); !ok || d.Owner != c.user.ID {
			return nil, errAlbumDocs
		}
	}
	return ids, nil
}

// albumDocsRemove is album.docs.remove [D18]: an album whose last document is removed is
// destroyed.
func (c *call) albumDocsRemove() (object, error) {
	ids, err := c.ownDocs()
	if err != nil {
		return nil, err
	}
	docs := list{}
	removed := 0
	id := c.id("album_id")
	a, err := c.store.changeAlbum(id, c.user.ID, c.o.Now(), func(a album) (in, out []int64, end bool, err error) {
		for _, id := range ids {
			there := slices.Contains(a.docs, id) && !slices.Contains(out, id)
			if there {
				out = append(out, id)
			}
			docs = append(docs, object{{"doc_id", id}, {"removed", there}})
		}
		removed = len(out)
		return nil, out, false, nil
	})
	if err != nil {
		return nil, err
	}
	return object{{"album", object{
		{"album_id", id}, {"total", len(a.docs)}, {"removed", removed}, {"skipped", len(ids) - removed}, {"doc", docs},
	}}}, nil
}

// albumDocsGetList is album.docs.getList [D18]: the documents lie in album.docs.
func (c *call) albumDocsGetList() (object, error) {
	a, err := c.albumOf()
	if err != nil {
		return nil, err
	}
	var all []document
	for _, id := range a.docs {
		if d, err := c.visible(id); err == nil && c.wants(&d) {
			all = append(all, d)
		}
	}
	return object{{"album", object{{"album_id", a.ID}, {"docs", c.lines(all, albumDocsExtras)}, c.cover(a)}}}, nil
}

// albumDelete is album.delete: the documents stay.
func (c *call) albumDelete() (object, error) {
	_, err := c.store.changeAlbum(c.id("album_id"), c.user.ID, c.o.Now(), func(album) (in, out []int64, end bool, err error) {
		return nil, nil, true, nil
	})
	return nil, err
}
