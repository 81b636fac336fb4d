package piwigo

import (
	"fmt"
	"strconv"
	"strings"
)

// imageInfo is pwg.images.getInfo [R3]: for anybody who may see the photo; only admins
// see it while it is in no album, as it is in the lounge.
func (c *call) imageInfo() (any, error) { return c.infoOf(c.args.num("image_id"), c.user.level()) }

// infoOf makes the answer of getInfo for somebody who sees photos up to a level [S].
func (c *call) infoOf(id, level int) (any, error) {
	p, ok := c.store.photo(id)
	if !ok || p.Level > level {
		return nil, errNoImage
	}
	t := c.store.tree()
	categories := c.linked(t, p, true)
	if len(categories) == 0 && (!c.admin || c.o.Version < V13) {
		return nil, errDenied // until 13 for admins too [S 2.10.2]
	}
	perPage := any("10") // $conf['nb_comment_page'], which nobody turns into a number [T info_full]
	if _, ok := c.form.params()["comments_per_page"]; ok {
		perPage = c.args.num("comments_per_page")
	}
	out := c.urls(p)
	for key, v := range map[string]any{
		"id": p.ID, "file": p.File, "date_available": p.Added.Format(sqlTime), "date_creation": orNull(p.Created),
		"name": stripTags(p.Name, false), "comment": orNull(p.Comment), "author": orNull(p.Author), "hit": 0,
		"filesize": int(p.Size / 1024), "width": p.Width, "height": p.Height, "coi": nil, "representative_ext": nil,
		"date_metadata_update": p.Added.Format("2006-01-02"), "rating_score": nil, "level": strconv.Itoa(p.Level),
		"md5sum": p.MD5, "added_by": strconv.Itoa(p.By), "rotation": "0", "latitude": nil, "longitude": nil,
		"lastmodified": p.Modified.Format(sqlTime),
		"rates":        map[string]any{"score": nil, "count": 0, "average": nil},
		"categories":   categories, "tags": c.tagsOf(p),
		"comments_paging": map[string]any{"page": c.args.num("comments_page"), "per_page": perPage, "count": 0, "total_count": 0},
		"comments":        []any{},
	} {
		out[key] = v
	}
	if c.o.Version >= V160 {
		out["name_raw"], out["comment_raw"] = p.Name, orNull(p.Comment)
	}
	return out, nil
}

// linked are the albums that a photo is in and that the user may see.
func (c *call) linked(t *tree, p *photo, full bool) []map[string]any {
	out := []map[string]any{}
	for _, l := range p.Links {
		n := t.byID[l.Album]
		if n == nil || n.Private && !c.admin {
			continue
		}
		m := map[string]any{"id": n.ID, "url": c.albumURL(n.ID), "page_url": c.pageURL(p.ID, n.ID)}
		if full {
			m["name"], m["permalink"], m["uppercats"], m["global_rank"] = stripTags(n.Name, false), nil, n.uppercats(), n.rank
		}
		out = append(out, m)
	}
	return out
}

func (c *call) tagsOf(p *photo) []map[string]any {
	out, all := []map[string]any{}, c.store.allTags()
	for _, id := range p.Tags {
		if t := all[id]; t != nil {
			out = append(out, map[string]any{
				"id": t.ID, "name": t.Name, "url_name": t.URLName, "lastmodified": t.At.Format(sqlTime),
				"url":      c.tagURL(t),
				"page_url": fmt.Sprintf("%s/picture.php?/%d/tags/%d-%s", c.root(), p.ID, t.ID, t.URLName),
			})
		}
	}
	return out
}

func (c *call) tagURL(t *tag) string {
	return fmt.Sprintf("%s/index.php?/tags/%d-%s", c.root(), t.ID, t.URLName)
}

// urls are the addresses of a photo [R3; S: ws_std_get_urls].
func (c *call) urls(p *photo) map[string]any {
	derivatives := map[string]any{}
	for _, s := range sizes {
		w, h := shrink(p.Width, p.Height, s.w, s.h, s.name == "square")
		url := c.derivativeURL(p, s.suffix)
		if s.name != "square" && w == p.Width && h == p.Height { // nothing to make smaller [T info_full]
			url = c.root() + "/" + p.Path
		}
		derivatives[s.name] = map[string]any{"url": url, "width": w, "height": h}
	}
	out := map[string]any{
		"page_url": c.pageURL(p.ID, 0), "element_url": c.root() + "/" + p.Path, "derivatives": derivatives,
	}
	if c.o.Version >= V13 {
		out["download_url"] = fmt.Sprintf("%s/action.php?id=%d&part=e&download", c.root(), p.ID)
	}
	return out
}

// derivativeURL is where i.php makes a smaller picture.
func (c *call) derivativeURL(p *photo, suffix string) string {
	dot := strings.LastIndexByte(p.Path, '.')
	return fmt.Sprintf("%s/i.php?/%s-%s%s", c.root(), p.Path[:dot], suffix, p.Path[dot:])
}

// shrink fits a picture into a box, never making it larger; a square is cut.
func shrink(w, h, boxW, boxH int, square bool) (int, int) {
	if w <= 0 || h <= 0 {
		return 0, 0
	}
	if square {
		side := min(w, h, boxW)
		return side, side
	}
	scale := min(1, float64(boxW)/float64(w), float64(boxH)/float64(h))
	return max(1, int(float64(w)*scale)), max(1, int(float64(h)*scale))
}
