package ipernity

import (
	"crypto/md5"
	"encoding/hex"
	"maps"
	"slices"
)

// maxMD5 is how many MD5s doc.checkMD5 takes at a time [D9].
const maxMD5 = 20

// The largest and the usual page of documents [D11].
const (
	usualDocs   = 20
	largestPage = 100
)

// base is the address that the client used, without a slash at its end.
func (c *call) base() string { return baseOf(c.r) }

// sees reports whether the caller may see a document: a public one, or an own one with
// permission to read [D7, D12]. Family and friends are not emulated.
func (c *call) sees(d *document) bool {
	if c.o.HiddenUntilDone {
		if ready, _ := d.processed(c.o, c.o.Now()); !ready {
			return false
		}
	}
	return d.Public || c.user.ID == d.Owner && c.perms.allow("doc", "read")
}

// visible returns a document that the caller may see.
func (c *call) visible(id int64) (document, error) {
	if d, ok := c.store.doc(id); ok && c.sees(&d) {
		return d, nil
	}
	return document{}, errDoc
}

// docGet is doc.get [D12]: error 1 for a document that is not there or not visible.
func (c *call) docGet() (object, error) {
	d, err := c.visible(c.id("doc_id"))
	if err != nil {
		return nil, err
	}
	extra := c.extras()
	albums := c.store.countAlbumsOf(d.ID)
	own := d.Owner == c.user.ID
	out := c.head(d, extra)
	out = append(out,
		member{"rotation", rotation(d.Orientation)},
		member{"safety", 1},
		member{"link", c.link(d)},
		member{"owner", c.owner(d)},
		member{"description", text(d.Description)},
		member{"dates", dates(d)},
		member{"visibility", object{{"ispublic", d.Public}, {"isfriend", d.Friend}, {"isfamily", d.Family}, {"share", share(d.meta)}}},
		member{"permissions", object{{"comment", d.Comment}, {"tag", d.Tag}, {"tagme", d.TagMe}}},
		member{"count", counts(d, albums)},
		member{"can", object{{"fave", !own}, {"comment", true}, {"tag", true}, {"tagme", true}, {"zoom", true}, {"download", own}, {"print", own}}},
		member{"you", object{{"isfave", false}, {"visits", 0}, {"last_visit", 0}}},
		member{"thumbs", object{{"thumb", c.thumbs(d)}}},
		member{"medias", object{{"media", list{}}}},
		member{"original", c.original(d, extra)},
	)
	if extra["tags"] {
		out = append(out, member{"tags", object{{"total", len(d.Keywords) + len(d.Members)}, {"tag", tags(d)}}})
	}
	if extra["notes"] {
		out = append(out, member{"notes", object{{"total", 0}, {"note", list{}}}})
	}
	if extra["geo"] {
		out = append(out, member{"geo", geo(d)})
	}
	return object{{"doc", out}}, nil
}

// head is what every list says of a document [D11], and its MD5, which no page shows
// (Options.MD5).
func (c *call) head(d document, extra map[string]bool) object {
	out := object{{"doc_id", d.ID}, {"media", d.Media}, {"license", d.License}, {"title", d.Title}}
	if !extra["md5"] {
		return out
	}
	switch c.o.MD5 {
	case MD5InDoc:
		out = append(out, member{"md5", d.MD5})
	case MD5Other:
		sum := md5.Sum([]byte(d.MD5))
		out = append(out, member{"md5", hex.EncodeToString(sum[:])})
	}
	return out
}

// The extras of each list. Others are passed over, md5 in doc.search and
// album.docs.getList among them. [D11, D16, D18]
var (
	getListExtras   = []string{"dates", "count", "geo", "medias", "original", "md5"}
	searchExtras    = []string{"owner", "dates", "count", "license", "medias", "geo", "original"}
	albumDocsExtras = []string{"dates", "geo", "medias", "original", "link"}
)

// line is a document in a list [D11].
func (c *call) line(d document, extra map[string]bool) object {
	out := append(c.head(d, extra), member{"safety", 1})
	if extra["link"] {
		out = append(out, member{"link", c.link(d)})
	}
	if extra["owner"] {
		out = append(out, member{"owner", c.owner(d)})
	}
	if t, ok := c.thumb(d, c.p["thumbsize"]); ok {
		out = append(out, member{"thumb", t})
	}
	if extra["dates"] {
		out = append(out, member{"dates", dates(d)})
	}
	if extra["count"] {
		out = append(out, member{"count", counts(d, c.store.countAlbumsOf(d.ID))})
	}
	if extra["geo"] {
		out = append(out, member{"geo", geo(d)})
	}
	if extra["medias"] {
		out = append(out, member{"medias", object{{"media", list{}}}})
	}
	if extra["original"] || extra["md5"] && c.o.MD5 == MD5InOriginal {
		out = append(out, member{"original", c.original(d, extra)})
	}
	return out
}

// lines is one page of documents, with those extras that are allowed [D11].
func (c *call) lines(all []document, allowed []string) object {
	page, out := cut(c, all, usualDocs, largestPage)
	extra := c.extras()
	maps.DeleteFunc(extra, func(name string, _ bool) bool { return !slices.Contains(allowed, name) })
	docs := list{}
	for _, d := range page {
		docs = append(docs, c.line(d, extra))
	}
	return append(out, member{"doc", docs})
}

func (c *call) owner(d document) object {
	u, _ := c.o.user(d.Owner) // empty for a user that the options no longer have
	return object{{"user_id", d.Owner}, {"username", u.Name}, {"realname", u.Realname}}
}

func (c *call) link(d document) string {
	return c.base() + "/doc/" + decimal(d.Owner) + "/" + decimal(d.ID)
}

// original is the file as it came [D12].
func (c *call) original(d document, extra map[string]bool) object {
	out := object{
		{"ext", d.Ext}, {"w", d.Width}, {"h", d.Height}, {"filename", d.Name}, {"bytes", d.Size},
		{"url", c.base() + picturePath(d, originalLabel)},
	}
	if extra["md5"] && c.o.MD5 == MD5InOriginal {
		out = append(out, member{"md5", d.MD5})
	}
	return out
}

// dates are in seconds since 1970; created is zeros when nobody knows it [D12].
func dates(d document) object {
	created := d.Created
	if created == "" {
		created = "0000-00-00 00:00:00"
	}
	return object{
		{"posted_at", d.Posted.Unix()}, {"replaced_at", 0}, {"created", created},
		{"modified_at", d.Modified.Unix()}, {"comment_at", 0},
	}
}

func counts(d document, albums int) object {
	return object{
		{"visits", 0}, {"faves", 0}, {"comments", 0}, {"notes", 0},
		{"tags", len(d.Keywords) + len(d.Members)}, {"albums", albums}, {"groups", 0},
	}
}

func geo(d document) object {
	if d.Place == nil {
		return object{}
	}
	return object{{"lat", d.Place.Lat}, {"lng", d.Place.Lng}}
}

// tags are a document's, in the form of doc.tags.edit [D20]. Their IDs are made up
// from their text.
func tags(d document) list {
	out := list{}
	for _, t := range []struct {
		kind  string
		words []string
	}{{"keyword", d.Keywords}, {"member", d.Members}} {
		for _, w := range t.words {
			sum := md5.Sum([]byte(w))
			id := int64(sum[0])<<16 | int64(sum[1])<<8 | int64(sum[2])
			out = append(out, object{{"type", t.kind}, {"id", id}, {"user_id", d.Owner}, {"tag", w}})
		}
	}
	return out
}

// rotation is an orientation in degrees [S, INF].
func rotation(orientation int) int {
	return map[int]int{3: 180, 6: 270, 8: 90}[orientation]
}

// share is the visibility in one number [D16].
func share(m meta) int {
	switch {
	case m.Public:
		return 4
	case m.Friend && m.Family:
		return 3
	case m.Friend:
		return 2
	case m.Family:
		return 1
	}
	return 0
}

// docGetList is doc.getList [D11]: the documents of a user, newest first [INF]; error 1
// for a user that is not there or closed.
func (c *call) docGetList() (object, error) {
	u, ok := c.o.user(c.id("user_id"))
	if !ok || u.Closed {
		return nil, errUser
	}
	all := c.store.some(func(d *document) bool { return d.Owner == u.ID && c.sees(d) && c.wants(d) })
	return object{{"docs", c.lines(all, getListExtras)}}, nil
}

// wants applies the filters media and share, which all lists have.
func (c *call) wants(d *document) bool {
	if m := split(c.p["media"]); len(m) > 0 && !slices.Contains(m, d.Media) {
		return false
	}
	return c.p["share"] == "" || c.p["share"] == decimal(int64(share(d.meta)))
}

// checkMD5 is doc.checkMD5, which "will work someday": nothing is ever found, unless
// Options.CheckMD5 makes it work on the caller's own documents as its page says [D9].
// That error 1 is for no MD5 and for too many is a [CHOICE].
func (c *call) checkMD5() (object, error) {
	sums := split(c.p["md5"])
	if len(sums) == 0 || len(sums) > maxMD5 {
		return nil, errDoc
	}
	found := 0
	docs := list{}
	for _, sum := range sums {
		var match []document
		if c.o.CheckMD5 {
			match = c.store.some(func(d *document) bool { return d.Owner == c.user.ID && d.MD5 == sum && c.sees(d) })
		}
		one := object{{"md5", sum}, {"found", len(match) > 0}}
		if len(match) > 0 {
			found++
			one = append(one, member{"doc_id", match[0].ID})
		}
		docs = append(docs, one)
	}
	return object{{"docs", object{{"count", len(sums)}, {"found", found}, {"doc", docs}}}}, nil
}

// docDelete is doc.delete: error 1 for a document that is not the caller's.
func (c *call) docDelete() (object, error) {
	id := c.id("doc_id")
	if id == 0 {
		return nil, errDoc
	}
	return nil, c.store.remove(id, c.user.ID, c.o.Now())
}

// docSet is doc.set [D20]: error 2 if nothing was sent, 3 if a value is out of range.
func (c *call) docSet() (object, error) {
	if !slices.ContainsFunc([]string{
		"title", "description", "license", "share", "is_public", "is_family", "is_friend",
		"perm_comment", "perm_tag", "perm_tagme", "lat", "lng",
	}, c.has) {
		return nil, errNothing
	}
	d, err := c.edit(func(m *meta) error {
		if c.has("title") {
			m.Title = c.plain("title")
		}
		if c.has("description") {
			m.Description = c.plain("description")
		}
		for _, part := range []struct {
			names []string
			set   func(*meta) error
		}{
			{[]string{"license"}, c.setLicense},
			{[]string{"lat", "lng"}, c.setPlace},
			{[]string{"share", "is_public", "is_family", "is_friend", "perm_comment", "perm_tag", "perm_tagme"}, c.setPerms},
		} {
			if slices.ContainsFunc(part.names, c.has) && part.set(m) != nil {
				return errOutOfSet
			}
		}
		return nil
	})
	if err != nil || !c.has("title") && !c.has("description") {
		return nil, err
	}
	return object{{"doc", object{{"doc_id", d.ID}, {"title", d.Title}, {"share", share(d.meta)}, {"description", text(d.Description)}}}}, nil
}

// edit changes the document of doc_id, unless change finds a parameter wrong.
func (c *call) edit(change func(*meta) error) (document, error) {
	if d, ok := c.store.doc(c.id("doc_id")); !ok || d.Owner != c.user.ID {
		return document{}, errDoc
	}
	var trial meta
	if err := change(&trial); err != nil {
		return document{}, err
	}
	return c.store.edit(c.id("doc_id"), c.user.ID, c.o.Now(), func(m *meta) { _ = change(m) }) // it was right a moment ago
}

// docSetPerms is doc.setPerms, which answers with its status alone [D20].
func (c *call) docSetPerms() (object, error) {
	_, err := c.edit(c.setPerms)
	return nil, err
}

// setPerms wants the three flags together, or share, which counts more, or one of the
// permissions [D20].
func (c *call) setPerms(m *meta) error {
	sent := c.audience(m)
	if s := c.p["share"]; s != "" {
		if len(s) != 1 || s < "0" || s > "4" {
			return errArguments
		}
		m.Public, m.Friend, m.Family = s == "4", s == "2" || s == "3", s == "1" || s == "3"
		return nil
	}
	n := 0
	for _, name := range []string{"is_public", "is_friend", "is_family"} {
		if v := c.p[name]; v == "0" || v == "1" {
			n++
		} else if c.has(name) {
			return errArguments
		}
	}
	if n != 0 && n != 3 || n == 0 && !sent {
		return errArguments
	}
	c.flags(m)
	return nil
}

// docSetLicense is doc.setLicense. Its errors are taken from doc.setPerms [INF].
func (c *call) docSetLicense() (object, error) {
	_, err := c.edit(c.setLicense)
	return nil, err
}

func (c *call) setLicense(m *meta) error {
	n, ok := c.license()
	if !ok {
		return errArguments
	}
	m.License = n
	return nil
}

// docSetGeo is doc.setGeo. Its errors are taken from doc.setPerms [INF].
func (c *call) docSetGeo() (object, error) {
	_, err := c.edit(c.setPlace)
	return nil, err
}

func (c *call) setPlace(m *meta) error {
	p, hide, ok := c.place()
	if !ok && !hide {
		return errArguments
	}
	m.Place = p
	return nil
}

// docTagsAdd is doc.tags.add [D1, D20].
func (c *call) docTagsAdd() (object, error) { return c.tag(true) }

// docTagsEdit is doc.tags.edit: the keywords replace those that are there, and an empty
// list removes them [D20].
func (c *call) docTagsEdit() (object, error) { return c.tag(false) }

// tag answers both: error 2 if no tags were sent.
func (c *call) tag(keep bool) (object, error) {
	var before, after []string
	d, err := c.edit(func(m *meta) error {
		if !c.has("keywords") && !c.has("members") {
			return errParam
		}
		before = slices.Concat(m.Keywords, m.Members)
		for name, into := range map[string]*[]string{"keywords": &m.Keywords, "members": &m.Members} {
			if !c.has(name) {
				continue
			}
			var all []string
			if keep {
				all = *into
			}
			*into = union(all, split(c.plain(name)))
		}
		after = slices.Concat(m.Keywords, m.Members)
		return nil
	})
	if err != nil {
		return nil, err
	}
	missing := func(from, in []string) int {
		return len(slices.DeleteFunc(slices.Clone(from), func(w string) bool { return slices.Contains(in, w) }))
	}
	return object{{"tags", object{{"added", missing(after, before)}, {"dropped", missing(before, after)}, {"tag", tags(d)}}}}, nil
}

// union is a list with those of more that are not in it yet, in order.
func union(all, more []string) []string {
	out := slices.Clone(all)
	for _, w := range more {
		if !slices.Contains(out, w) {
			out = append(out, w)
		}
	}
	return out
}
