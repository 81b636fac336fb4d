package universal

import (
	"slices"
	"strconv"
	"strings"
)

// cut shortens a text to a number of characters; zero leaves it.
func cut(s string, limit int) string {
	if limit > 0 {
		if runes := []rune(s); len(runes) > limit {
			return string(runes[:limit])
		}
	}
	return s
}

// upload is up.photos.upload [U-upload]: a multipart body with the image as a file
// called data, and aid and caption if wanted. Only pid, aid and owner of the answer may
// be stored by the client, and nothing in it tells whether the photo is pending.
func (c *call) upload() (value, error) {
	if c.photo == nil {
		return value{}, refuse(badParameter, "no file called data")
	}
	if c.photo.Type == "" {
		return value{}, refuse(badImage, "data is no JPEG, PNG or GIF")
	}
	aid := c.p["aid"]
	if aid != "" && !isNumber(aid) {
		return value{}, refuse(badAlbum, "aid is no number")
	}
	r := *c.photo
	r.UID, r.Community, r.AID = c.session.UID, c.session.Community, aid
	r.Caption = cut(strings.ToValidUTF8(c.p["caption"], "\uFFFD"), c.o.MaxCaption)
	p, err := c.store.add(r, c.o)
	if err != nil {
		return value{}, err
	}
	c.photo = nil // it has its place
	return c.root(kindObject, c.photoMembers(p)...), nil
}

// photoMembers are the members of a photo, in the order of U-upload.
func (c *call) photoMembers(p photo) []value {
	return []value{
		id("pid", p.PID), id("aid", p.AID), id("owner", p.UID),
		text("src", c.imageURL(p, "s")), text("src_big", c.imageURL(p, "n")), text("src_small", c.imageURL(p, "t")),
		text("link", c.baseURL()+photoPath+"?pid="+p.PID), text("caption", p.Caption),
	}
}

// createAlbum is up.photos.createAlbum [U-createalbum]: name is required. cover_pid
// and size of the answer are always 0.
func (c *call) createAlbum() (value, error) {
	name := strings.ToValidUTF8(c.p["name"], "\uFFFD")
	if strings.TrimSpace(name) == "" {
		return value{}, refuse(badParameter, "album has no name")
	}
	c.store.commit.Lock()
	defer c.store.commit.Unlock()
	a, err := c.store.addAlbum(record{
		UID: c.session.UID, Community: c.session.Community, Title: name,
		Description: strings.ToValidUTF8(c.p["description"], "\uFFFD"),
	})
	if err != nil {
		return value{}, err
	}
	return c.root(kindObject,
		id("aid", a.AID), id("cover_pid", "0"), id("owner", a.UID), text("name", a.Title), number("created", a.At.Unix()),
		text("description", a.Description), text("link", c.albumURL(a.AID)), number("size", 0),
	), nil
}

func (c *call) albumURL(aid string) string { return c.baseURL() + albumPath + "?aid=" + aid }

func (c *call) viewer() viewer {
	return viewer{uid: c.session.UID, community: c.session.Community, hidePending: c.o.HidePending}
}

// idList returns a parameter that is a list of IDs, and whether it is given.
func (c *call) idList(name string) (ids []string, given bool, err error) {
	s := c.p[name]
	if s == "" {
		return nil, false, nil
	}
	for one := range strings.SplitSeq(s, ",") {
		one = strings.TrimSpace(one)
		if !isNumber(one) {
			return nil, false, refuse(badParameter, "%s is no list of IDs", name)
		}
		ids = append(ids, one)
	}
	return ids, true, nil
}

// getAlbums is up.photos.getAlbums [U-getalbums]: the albums of uid, those among aids,
// or those of uid among aids; one of them is needed. Albums that are not there are left
// out. [FB]
func (c *call) getAlbums() (value, error) {
	uid := c.p["uid"]
	if uid != "" && !isNumber(uid) {
		return value{}, refuse(badParameter, "uid is no number")
	}
	aids, byID, err := c.idList("aids")
	if err != nil {
		return value{}, err
	}
	if uid == "" && !byID {
		return value{}, refuse(badParameter, "neither uid nor aids")
	}
	albums := c.store.albumViews(c.viewer(), c.o.PendingUncounted, func(a *album) bool {
		return (uid == "" || a.UID == uid) && (!byID || slices.Contains(aids, a.AID))
	})
	out := c.root(kindList)
	for _, a := range albums {
		cover := a.Cover
		if cover == "" {
			cover = "0"
		}
		out.items = append(out.items, object("album",
			id("aid", a.AID), id("cover_pid", cover), id("owner", a.Owner), text("name", a.Name),
			number("created", a.Created.Unix()), number("modified", a.Modified.Unix()), text("description", a.Description),
			text("location", ""), text("link", c.albumURL(a.AID)), number("size", int64(a.Size)),
		))
	}
	return out, nil
}

// getPhotos is up.photos.get [U-get]: those of an album, those among pids, those that
// users are tagged on; with several, what they have in common. It comes in pages of
// pageSize (10) from pageNumber (1). Only what the viewer may see is there, and nobody
// is tagged on anything. That an unknown aid gives 120 is a [CHOICE].
func (c *call) getPhotos() (value, error) {
	pids, byID, err := c.idList("pids")
	if err != nil {
		return value{}, err
	}
	_, tagged, err := c.idList("uids")
	if err != nil {
		return value{}, err
	}
	aid := c.p["aid"]
	if aid == "" && !byID && !tagged {
		return value{}, refuse(badParameter, "none of uids, aid, pids")
	}
	size, err := c.page("pageSize", 10)
	if err != nil {
		return value{}, err
	}
	page, err := c.page("pageNumber", 1)
	if err != nil {
		return value{}, err
	}
	if c.o.MaxPageSize > 0 {
		size = min(size, c.o.MaxPageSize)
	}

	var photos []photo
	if byID {
		photos = c.store.photosByID(c.viewer(), pids)
	}
	if aid != "" {
		all, ok := c.store.albumPhotos(c.viewer(), aid)
		if !ok {
			return value{}, refuse(badAlbum, "no such album")
		}
		if byID {
			photos = slices.DeleteFunc(photos, func(p photo) bool { return p.AID != aid })
		} else {
			photos = all
		}
	}
	if tagged {
		photos = nil
	}
	if c.o.NewestFirst {
		slices.Reverse(photos)
	}
	out := c.root(kindList)
	for _, p := range pageOf(photos, size, page) {
		out.items = append(out.items, object("photo", append(c.photoMembers(p), number("created", p.At.Unix()))...))
	}
	return out, nil
}

// page reads a positive number.
func (c *call) page(name string, otherwise int) (int, error) {
	s := c.p[name]
	if s == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(s, 10, 32)
	if err != nil || n < 1 {
		return 0, refuse(badParameter, "%s is no positive number", name)
	}
	return int(n), nil
}

// pageOf returns the elements of a page, counted from 1.
func pageOf[T any](all []T, size, number int) []T {
	if number-1 > len(all)/size {
		return nil
	}
	from := (number - 1) * size
	return all[min(from, len(all)):min(from+size, len(all))]
}
