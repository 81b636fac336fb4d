package piwigo

import (
	"errors"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Received is one photo that was ever stored.
type Received struct {
	ID     int
	File   string // file name as the server keeps it
	Size   int64  // bytes, as SHA256 and MD5 are of the bytes that are stored
	SHA256 string // hexadecimal
	MD5    string // hexadecimal
	// Claimed is the MD5 that pwg.images.exist knows the photo by. It differs from MD5
	// if a client claimed another one [F7].
	Claimed string
	// Replaced are the SHA-256 of what the photo's bytes once were.
	Replaced []string

	Title, Comment, Author string
	Date                   string // date_creation: "2006-01-02 15:04:05", or ""
	Tags                   []string
	Level                  int
	Albums                 []int // IDs of the albums that it is in
	Ranks                  []int // its place in each of Albums
	Lounge                 []int // IDs of the albums that it still waits for [F5]
	Orphan                 bool  // neither in an album that exists, nor waiting for one
	Pending                bool  // waits for a moderator [R2.5]
	Visible                bool  // in an album that exists, and not pending
	By                     string
	At                     time.Time
	Removed                bool // deleted since
}

// Received returns what was ever stored, by ID, from earlier runs too.
func (s *Server) Received() []Received {
	o, t, tags := *s.options.Load(), s.store.tree(), s.store.allTags()
	exists := func(id int) bool { return t.byID[id] != nil }
	out := []Received{}
	for _, p := range s.store.all() {
		r := Received{
			ID: p.ID, File: p.File, Size: p.Size, SHA256: p.SHA256, MD5: p.DiskMD5, Claimed: p.MD5, Replaced: slices.Clone(p.Old),
			Title: p.Name, Comment: p.Comment, Author: p.Author, Date: p.Created, Level: p.Level, Lounge: slices.Clone(p.Lounge),
			Pending: p.State == moderationPending, At: p.Added, Removed: p.Removed,
		}
		for _, id := range p.Tags {
			if t := tags[id]; t != nil {
				r.Tags = append(r.Tags, t.Name)
			}
		}
		for _, l := range p.Links {
			r.Albums, r.Ranks = append(r.Albums, l.Album), append(r.Ranks, l.Rank)
		}
		if i := slices.IndexFunc(o.Users, func(u User) bool { return u.ID == p.By }); i >= 0 {
			r.By = o.Users[i].Name
		}
		r.Visible = slices.ContainsFunc(r.Albums, exists) && !r.Pending && !r.Removed
		r.Orphan = !slices.ContainsFunc(r.Albums, exists) && !slices.ContainsFunc(r.Lounge, exists)
		out = append(out, r)
	}
	return out
}

// DeletePhoto deletes a photo as somebody in the web interface would. It reports an
// error if there is no such photo.
func (s *Server) DeletePhoto(id int) error {
	n, err := s.store.remove(id)
	if err == nil && n == 0 {
		err = fs.ErrNotExist
	}
	return err
}

// exist is pwg.images.exist [R3, F6]: {md5: "id" or null}, [] in the other mode, and one
// column whose claims are believed. Letter case counts [R8].
func (c *call) exist() (any, error) {
	column, asked := func(p *photo) string { return p.MD5 }, splitList(c.args.text("md5sum_list"))
	if c.o.Uniqueness == UniqueFilename {
		column, asked = func(p *photo) string { return p.File }, splitList(c.args.text("filename_list"))
		if !c.args.has("filename_list") {
			c.passedNull("preg_split(): Passing null to parameter #2 ($subject)", 2248) // [T exist_other_mode]
		}
	}
	ids := map[string]int{}
	for _, p := range c.store.present() {
		ids[column(p)] = p.ID
	}
	out := map[string]any{}
	for _, key := range asked {
		if out[key] = nil; ids[key] > 0 {
			out[key] = strconv.Itoa(ids[key])
		}
	}
	return orArray(out), nil
}

// checkFiles is pwg.images.checkFiles [R3]: it looks at the disk.
func (c *call) checkFiles() (any, error) {
	p, ok := c.store.photo(c.args.num("image_id"))
	if !ok {
		return nil, errNoImage
	}
	out := map[string]any{}
	if c.args.has("thumbnail_sum") {
		out["thumbnail"] = "equals" // always [S]
	}
	name := "file"
	if c.args.has("high_sum") {
		name, out["file"] = "high", "equals"
	} else if !c.args.has("file_sum") {
		return orArray(out), nil
	}
	sum, _, _, err := digest(c.store.file(p))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	out[name] = "differs"
	if sum == c.args.text(name+"_sum") {
		out[name] = "equals"
	}
	return out, nil
}

// checkUpload is pwg.images.checkUpload [R3].
func (c *call) checkUpload() (any, error) {
	return map[string]any{"message": nil, "ready_for_upload": true}, nil
}

// deleteImages is pwg.images.delete [R3]: how many there were.
func (c *call) deleteImages() (any, error) {
	if err := c.checkToken(); err != nil {
		return nil, err
	}
	ids := slices.DeleteFunc(c.args.ids("image_id"), func(id int) bool { return !c.mayTouch(id) })
	slices.Sort(ids)
	return c.store.remove(slices.Compact(ids)...)
}

// setInfo is pwg.images.setInfo [R3]. An album that is not there makes an error that is
// forgotten, with its status [F1].
func (c *call) setInfo() (any, error) {
	if c.args.has("pwg_token") && c.o.Version >= V14 {
		if err := c.checkToken(); err != nil {
			return nil, err
		}
	}
	p, ok := c.store.photo(c.args.num("image_id"))
	if !ok {
		return nil, errNoImage
	}
	change, err := c.fields(p)
	if err != nil {
		return nil, err
	}
	if err := c.store.change([]int{p.ID}, change); err != nil {
		return nil, err
	}
	if err := c.setAlbums(p.ID); err != nil {
		return nil, err
	}
	if !c.args.has("tag_ids") {
		return nil, nil
	}
	mode := c.args.text("multiple_value_mode")
	if mode != "append" && mode != "replace" {
		return nil, failure(500, `[ws_images_setInfo] invalid parameter multiple_value_mode "%s", possible values are {replace, append}.`, mode)
	}
	return nil, c.setTags(p.ID, c.args.ids("tag_ids"), mode == "replace")
}

// fields is the part of setInfo that changes columns: "stores names verbatim" [R3], a
// bad date is a fatal error.
func (c *call) fields(old *photo) (func(*photo) bool, error) {
	mode := c.args.text("single_value_mode")
	have := map[string]string{"name": old.Name, "author": old.Author, "comment": old.Comment, "date_creation": old.Created}
	if old.Level > 0 {
		have["level"] = strconv.Itoa(old.Level)
	}
	set := map[string]string{}
	for _, key := range []string{"name", "author", "comment", "level", "date_creation"} {
		if !c.args.has(key) {
			continue
		}
		if mode != "fill_if_empty" && mode != "replace" {
			return nil, failure(500, `[ws_images_setInfo] invalid parameter single_value_mode "%s", possible values are {fill_if_empty, replace}.`, mode)
		}
		if mode == "replace" || have[key] == "" {
			set[key] = c.args.text(key)
			if !c.args.has("pwg_token") {
				set[key] = stripTags(set[key], true)
			}
		}
	}
	if file := stripTags(c.args.text("file"), false); file != "" {
		set["file"] = file
	}
	return c.columns(set)
}

// columns makes the change that sets columns of a photo's row, or says what MariaDB says
// about them.
func (c *call) columns(set map[string]string) (func(*photo) bool, error) {
	for _, key := range []string{"file", "name", "author", "comment"} {
		if err := c.fits("images", key, set[key]); err != nil {
			return nil, err
		}
	}
	var date string
	if text := set["date_creation"]; text != "" {
		var ok bool
		if date, ok = sqlDate(text); !ok {
			return nil, c.fatal("mysqli_sql_exception: Incorrect datetime value: '%s' for column `piwigo`.`piwigo_images`.`date_creation` at row 1", htmlSpecialChars(text))
		}
	}
	return func(p *photo) bool {
		for key, into := range map[string]*string{"file": &p.File, "name": &p.Name, "author": &p.Author, "comment": &p.Comment} {
			if v, ok := set[key]; ok {
				*into = v
			}
		}
		if _, ok := set["date_creation"]; ok {
			p.Created = date
		}
		if v, ok := set["level"]; ok {
			p.Level = intval(v)
		}
		return len(set) > 0
	}, nil
}

// fits is what the tables take: utf8mb3, unless Options.UTF8MB4 [R4], and 255 characters
// [R8].
func (c *call) fits(table, column, text string) error {
	if column != "comment" && utf8.RuneCountInString(text) > 255 {
		return c.fatal("mysqli_sql_exception: Data too long for column '%s' at row 1", column)
	}
	rest, found := beyondBMP(text)
	if !found || c.o.UTF8MB4 {
		return nil
	}
	var hex strings.Builder
	for i := range min(4, len(rest)) {
		hex.WriteString(`\x` + strings.ToUpper(strconv.FormatUint(uint64(rest[i]), 16)))
	}
	if len(rest) > 4 {
		hex.WriteString("...")
	}
	return c.fatal("mysqli_sql_exception: Incorrect string value: '%s' for column `piwigo`.`piwigo_%s`.`%s` at row 1", hex.String(), table, column)
}

// setAlbums is ws_add_image_category_relations: "3;4,1" are the albums 3, at the end, and
// 4, at rank 1.
func (c *call) setAlbums(photoID int) error {
	replace := c.args.text("multiple_value_mode") == "replace"
	if !c.args.has("categories") {
		return nil
	}
	t := c.store.tree()
	var wanted []link
	for token := range strings.SplitSeq(c.args.text("categories"), ";") {
		text, rank, _ := strings.Cut(token, ",")
		id, ok := toInt(text)
		if !ok || id < 0 {
			continue
		}
		if t.byID[id] == nil {
			c.status500 = true // the PwgError that nobody returns [S]
			return nil
		}
		wanted = append(wanted, link{Album: id, Rank: intval(rank)})
	}
	return c.store.change([]int{photoID}, func(p *photo) bool {
		if replace {
			p.Links = slices.DeleteFunc(p.Links, func(l link) bool {
				return !slices.ContainsFunc(wanted, func(w link) bool { return w.Album == l.Album })
			})
		}
		for _, w := range wanted {
			if w.Rank == 0 {
				w.Rank = t.nextRank(w.Album)
			}
			if !p.in(w.Album) {
				p.Links = append(p.Links, w)
			}
		}
		return true
	})
}

// nextRank is the place behind all others in an album.
func (t *tree) nextRank(album int) int {
	rank := 0
	if n := t.byID[album]; n != nil {
		for _, p := range n.photos {
			for _, l := range p.Links {
				if l.Album == album {
					rank = max(rank, l.Rank)
				}
			}
		}
	}
	return rank + 1
}

// setRank is pwg.images.setRank for one photo [S].
func (c *call) setRank() (any, error) {
	ids, cat, rank := c.args.ids("image_id"), c.args.num("category_id"), c.args.num("rank")
	if len(ids) > 1 {
		err := c.store.change(ids, func(p *photo) bool {
			for i := range p.Links {
				if p.Links[i].Album == cat {
					p.Links[i].Rank = slices.Index(ids, p.ID) + 1
				}
			}
			return true
		})
		return map[string]any{"image_id": ids, "category_id": cat}, err
	}
	if rank == 0 {
		return nil, failure(codeMissing, "rank is missing")
	}
	if len(ids) == 0 {
		return nil, errNoImage
	}
	p, ok := c.store.photo(ids[0])
	if !ok {
		return nil, errNoImage
	}
	if !p.in(cat) {
		return nil, failure(404, "This image is not associated to this category")
	}
	t := c.store.tree()
	rank = min(rank, t.nextRank(cat))
	var all []int
	if n := t.byID[cat]; n != nil {
		for _, q := range n.photos {
			all = append(all, q.ID)
		}
	}
	err := c.store.change(all, func(q *photo) bool {
		for i, l := range q.Links {
			if l.Album == cat && q.ID == p.ID {
				q.Links[i].Rank = rank
			} else if l.Album == cat && l.Rank >= rank {
				q.Links[i].Rank++
			}
		}
		return true
	})
	return map[string]any{"image_id": p.ID, "category_id": cat, "rank": rank}, err
}
