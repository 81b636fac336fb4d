package piwigo

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Album is an album on the server.
type Album struct {
	ID     int
	Name   string
	Parent int    // 0 means none
	Path   string // the names from the root to here, with slashes between them
	Photos int    // how many are in it, not counting those in the lounge
}

// Albums returns all albums, in the order of their IDs.
func (s *Server) Albums() []Album {
	t := s.store.tree()
	out := []Album{}
	for _, n := range slices.SortedFunc(maps.Values(t.byID), func(a, b *node) int { return cmp.Compare(a.ID, b.ID) }) {
		out = append(out, Album{ID: n.ID, Name: n.Name, Parent: n.Parent, Path: strings.Join(n.names(), "/"), Photos: len(n.photos)})
	}
	return out
}

// node is an album in its place.
type node struct {
	*album
	up     *node
	down   []*node
	rank   string // global_rank: "1.2"
	photos []*photo
}

// tree is all albums as they stand at one moment.
type tree struct {
	byID map[int]*node
	list []*node // by global rank
}

func (st *store) tree() *tree {
	photos := st.present()
	st.mu.RLock()
	defer st.mu.RUnlock()
	t := &tree{byID: map[int]*node{}}
	for id, a := range st.albums {
		if !a.Removed {
			t.byID[id] = &node{album: a}
		}
	}
	var roots []*node
	for _, n := range t.byID {
		if up := t.byID[n.Parent]; up != nil {
			n.up = up
			up.down = append(up.down, n)
		} else {
			roots = append(roots, n)
		}
	}
	for _, p := range photos {
		for _, l := range p.Links {
			if n := t.byID[l.Album]; n != nil {
				n.photos = append(n.photos, p)
			}
		}
	}
	t.number(roots, "")
	return t
}

// number is update_global_rank: by rank, then by name [S].
func (t *tree) number(nodes []*node, prefix string) {
	slices.SortFunc(nodes, func(a, b *node) int {
		return cmp.Or(cmp.Compare(a.Rank, b.Rank), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	for i, n := range nodes {
		n.rank = prefix + strconv.Itoa(i+1)
		t.list = append(t.list, n)
		t.number(n.down, n.rank+".")
	}
}

// names are those from the root to here.
func (n *node) names() []string {
	if n.up == nil {
		return []string{n.Name}
	}
	return append(n.up.names(), n.Name)
}

// uppercats are the IDs from the root to here: "3,4". Under a parent that is not there it
// begins with a comma [S: create_virtual_category].
func (n *node) uppercats() string {
	switch {
	case n.up != nil:
		return n.up.uppercats() + "," + strconv.Itoa(n.ID)
	case n.Broken:
		return "," + strconv.Itoa(n.ID)
	}
	return strconv.Itoa(n.ID)
}

// below reports whether an album is this one or one below it.
func (n *node) below(id int) bool {
	return n.ID == id || n.up != nil && n.up.below(id)
}

// count returns how many photos and albums are below here.
func (n *node) count() (photos, albums int) {
	photos = len(n.photos)
	for _, d := range n.down {
		p, a := d.count()
		photos, albums = photos+p, albums+a+1
	}
	return photos, albums
}

func (n *node) parentID() any {
	if n.up == nil {
		return nil
	}
	return strconv.Itoa(n.up.ID)
}

func (n *node) status() string {
	if n.Private {
		return "private"
	}
	return "public"
}

// last is when the newest photo came.
func (n *node) last(deep bool) any {
	var at time.Time
	var look func(*node)
	look = func(n *node) {
		for _, p := range n.photos {
			if p.Added.After(at) {
				at = p.Added
			}
		}
		for _, d := range n.down {
			if deep {
				look(d)
			}
		}
	}
	look(n)
	if at.IsZero() {
		return nil
	}
	return at.Format(sqlTime)
}

const imageOrder = "date_available DESC, file ASC, id ASC"

// describe makes the members of pwg.categories.getList [R3, S].
func (c *call) describe(n *node, fullname bool) map[string]any {
	photos, albums := n.count()
	out := map[string]any{
		"id": n.ID, "name": stripTags(n.Name, false), "comment": n.Comment, "permalink": nil, "status": n.status(),
		"uppercats": n.uppercats(), "global_rank": n.rank, "id_uppercat": n.parentID(), "nb_images": len(n.photos),
		"total_nb_images": photos, "representative_picture_id": nil, "date_last": n.last(false), "max_date_last": n.last(true),
		"nb_categories": albums, "url": c.albumURL(n.ID),
	}
	if c.o.Version >= V14 {
		out["image_order"] = imageOrder
		out["comment_raw"] = orNull(n.Comment)
	}
	if fullname {
		out["name"] = stripTags(strings.Join(n.names(), " / "), false)
	} else if c.o.Version >= V14 {
		out["name_raw"] = n.Name
	}
	if len(n.photos) > 0 {
		out["representative_picture_id"] = strconv.Itoa(n.photos[0].ID)
		out["tn_url"] = c.derivativeURL(n.photos[0], "th")
	}
	return out
}

// chosen is the part of the tree that cat_id and recursive ask for.
func (t *tree) chosen(cat int, recursive bool) []*node {
	return slices.DeleteFunc(slices.Clone(t.list), func(n *node) bool {
		switch {
		case cat > 0 && recursive:
			return !n.below(cat)
		case cat > 0:
			return n.ID != cat && n.Parent != cat
		}
		return !recursive && n.up != nil
	})
}

// categories is pwg.categories.getList [R3]. Others than admins see neither private nor
// empty albums.
func (c *call) categories() (any, error) {
	limit, search, cat := c.args.num("limit"), c.args.text("search"), c.args.num("cat_id")
	if limit > 0 && c.args.yes("recursive") {
		return nil, failure(codeInvalid, "Cannot use both recursive and limit parameters at the same time")
	}
	found := slices.DeleteFunc(c.store.tree().chosen(cat, c.args.yes("recursive")), func(n *node) bool {
		photos, _ := n.count()
		hidden := !c.admin && (n.Private || photos == 0) || c.args.yes("public") && n.Private
		return hidden || !strings.Contains(strings.ToLower(n.Name), strings.ToLower(search))
	})
	out := map[string]any{}
	if limit > 0 && c.o.Version >= V14 {
		total := len(found)
		found = found[:min(limit, total)]
		out["limit"] = map[string]any{"limited_to": limit, "total_cats": total, "remaining_cats": total - len(found)}
	}
	return c.listing(found, out)
}

// listing is a list of albums, flat or as a tree: "a bare array with sub_categories"
// [R3].
func (c *call) listing(found []*node, out map[string]any) (any, error) {
	list := make([]map[string]any, len(found))
	at := map[int]map[string]any{}
	for i, n := range found {
		list[i] = c.describe(n, c.args.yes("fullname"))
		at[n.ID] = list[i]
	}
	if !c.args.yes("tree_output") {
		out["categories"] = list
		return out, nil
	}
	roots := []map[string]any{}
	for i, n := range found {
		if up := at[n.Parent]; up != nil {
			below, _ := up["sub_categories"].([]map[string]any)
			up["sub_categories"] = append(below, list[i])
		} else if n.up == nil {
			roots = append(roots, list[i])
		} // else its parent is not in the list, and neither is it in the tree [S]
	}
	return roots, nil
}

// adminListLimit is $conf['linked_album_search_limit'].
const adminListLimit = 100

// adminCategories is pwg.categories.getAdminList [R3]: IDs are strings, full names have
// newlines, and a search is limited.
func (c *call) adminCategories() (any, error) {
	search := strings.ToLower(c.args.text("search"))
	found := slices.DeleteFunc(c.store.tree().chosen(c.args.num("cat_id"), c.args.yes("recursive")), func(n *node) bool {
		return !strings.Contains(strings.ToLower(n.Name), search)
	})
	reached := len(found) > adminListLimit
	if search != "" {
		found = found[:min(adminListLimit, len(found))]
	}
	list := make([]map[string]any, len(found))
	for i, n := range found {
		list[i] = map[string]any{
			"id": strconv.Itoa(n.ID), "name": stripTags(n.Name, false), "comment": n.Comment, "uppercats": n.uppercats(),
			"global_rank": n.rank, "dir": nil, "status": n.status(), "nb_images": 0,
			"fullname": stripTags("\n"+strings.Join(n.names(), " / \n"), false), // [T cat_adminlist]
		}
		if len(n.photos) > 0 {
			list[i]["nb_images"] = strconv.Itoa(len(n.photos))
		}
		if c.o.Version >= V14 {
			list[i]["name_raw"], list[i]["comment_raw"], list[i]["image_order"] = n.Name, orNull(n.Comment), imageOrder
		}
	}
	out := map[string]any{"categories": list}
	if c.o.Version >= V13 {
		out["limit"], out["limit_reached"] = adminListLimit, reached
	}
	return out, nil
}

// addCategory is pwg.categories.add [R3]: the same name is accepted again, and so is a
// parent that is not there.
func (c *call) addCategory() (any, error) {
	if c.args.has("pwg_token") {
		if err := c.checkToken(); err != nil {
			return nil, err
		}
	}
	name, comment := c.args.text("name"), c.args.text("comment")
	if !c.args.has("pwg_token") {
		name, comment = stripTags(name, false), stripTags(comment, false)
	}
	if strings.TrimSpace(name) == "" {
		return nil, failure(500, "The name of an album must not be empty")
	}
	if err := c.fits("categories", "name", name); err != nil {
		return nil, err
	}
	st := c.store
	t := st.tree()
	st.commit.Lock()
	defer st.commit.Unlock()
	a := &album{Name: name, Comment: comment, Parent: c.args.num("parent"), Private: c.args.text("status") == "private"}
	first, last := 0, 0
	for id, b := range st.albums {
		a.ID = max(a.ID, id)
		if b.Parent == a.Parent {
			first, last = min(first, b.Rank), max(last, b.Rank)
		}
	}
	a.ID++
	if a.Rank = first - 1; c.args.text("position") == "last" { // first is the default [S]
		a.Rank = last + 1
	}
	if up := t.byID[a.Parent]; up != nil {
		a.Private = a.Private || up.Private
	} else if a.Parent > 0 {
		a.Parent, a.Broken = 0, true
		for _, line := range []int{1517, 1518, 1523, 1531, 1536} { // [T cat_add_badparent]
			c.notice("Warning", "Trying to access array offset on value of type null", "admin/include/functions.php", line)
		}
	}
	if err := st.write(record{Album: a}); err != nil {
		return nil, err
	}
	return map[string]any{"info": "Album added", "id": a.ID}, nil
}

// categoryImages is pwg.categories.getImages. Photos in the lounge are not in it [F5].
func (c *call) categoryImages() (any, error) {
	t := c.store.tree()
	cats := c.args.ids("cat_id")
	for _, id := range cats {
		if t.byID[id] == nil {
			return nil, failure(404, "cat_id {%d} not found", id)
		}
	}
	wanted := func(p *photo) bool {
		return p.Level <= c.user.level() && slices.ContainsFunc(p.Links, func(l link) bool {
			n := t.byID[l.Album]
			return n != nil && (c.admin || !n.Private) && (len(cats) == 0 || slices.ContainsFunc(cats, func(id int) bool {
				return n.ID == id || c.args.yes("recursive") && n.below(id)
			}))
		})
	}
	found := slices.DeleteFunc(c.store.present(), func(p *photo) bool { return !wanted(p) })
	slices.SortFunc(found, func(a, b *photo) int { // imageOrder
		return cmp.Or(cmp.Compare(b.Added.Unix(), a.Added.Unix()), cmp.Compare(a.File, b.File), cmp.Compare(a.ID, b.ID))
	})
	page, per := c.args.num("page"), c.args.num("per_page")
	from := min(len(found), page*per)
	shown := found[from:min(len(found), from+per)]
	images := make([]map[string]any, len(shown))
	for i, p := range shown {
		images[i] = c.urls(p)
		for key, v := range map[string]any{
			"id": p.ID, "width": p.Width, "height": p.Height, "hit": 0, "file": p.File, "name": stripTags(p.Name, false),
			"comment": orNull(p.Comment), "date_creation": orNull(p.Created), "date_available": p.Added.Format(sqlTime),
			"categories": c.linked(t, p, false), "is_favorite": false,
		} {
			images[i][key] = v
		}
	}
	return map[string]any{
		"paging": map[string]any{"page": page, "per_page": per, "count": len(shown), "total_count": len(found)},
		"images": images,
	}, nil
}

// albumURL, pageURL and pictureURL are the pages of albums and photos. Only the last one
// looks whether there is such an album.
func (c *call) albumURL(id int) string { return fmt.Sprintf("%s/index.php?/category/%d", c.root(), id) }

func (c *call) pageURL(id, album int) string {
	url := fmt.Sprintf("%s/picture.php?/%d", c.root(), id)
	if album > 0 {
		url += fmt.Sprintf("/category/%d", album)
	}
	return url
}

func (c *call) pictureURL(id, album int) string {
	if album > 0 && c.store.tree().byID[album] == nil {
		return c.pageURL(id, 0) + "/categories" // [T addsimple_badcat]
	}
	return c.pageURL(id, album)
}

// removeCategory is pwg.categories.delete. What becomes of the photos is that of
// photo_deletion_mode=no_delete, whatever was asked for. [CHOICE]
func (c *call) removeCategory() (any, error) {
	if err := c.checkToken(); err != nil {
		return nil, err
	}
	for _, id := range c.args.ids("category_id") {
		if err := c.DeleteAlbum(id); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// DeleteAlbum deletes an album and those below it, as somebody in the web interface
// would; the photos stay, as orphans if they are in no other album. An album that is not
// there is no error.
func (s *Server) DeleteAlbum(id int) error {
	st := s.store
	st.commit.Lock()
	defer st.commit.Unlock()
	var records []record
	for _, n := range st.tree().list {
		if n.below(id) {
			gone := *n.album
			gone.Removed = true
			records = append(records, record{Album: &gone})
		}
	}
	return st.write(records...)
}
