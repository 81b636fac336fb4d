package piwigo

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (st *store) allTags() map[int]*tag {
	st.mu.RLock()
	defer st.mu.RUnlock()
	return maps.Clone(st.tags)
}

// tagNamed finds or makes a tag: tag_id_from_tag_name. The database compares without
// letter case [S].
func (st *store) tagNamed(name string) (t *tag, made bool, err error) {
	st.commit.Lock()
	defer st.commit.Unlock()
	id := 0
	for _, t := range st.tags {
		if strings.EqualFold(t.Name, name) {
			return t, false, nil
		}
		id = max(id, t.ID)
	}
	t = &tag{ID: id + 1, Name: name, URLName: urlName(name), At: time.Now()}
	return t, true, st.write(record{Tag: t})
}

// addTag is pwg.tags.add [R3]: a tag that is there is error 1003, without its ID.
func (c *call) addTag() (any, error) {
	name := stripTags(c.args.text("name"), false)
	if err := c.fits("tags", "name", name); err != nil {
		return nil, err
	}
	t, made, err := c.store.tagNamed(name)
	if err != nil {
		return nil, err
	}
	if !made {
		return nil, failure(codeInvalid, `Tag "%s" already exists`, name)
	}
	out := map[string]any{"info": `Tag "` + name + `" has been added`, "id": t.ID}
	if c.o.Version >= V13 {
		out["name"], out["url_name"] = t.Name, t.URLName
	}
	return out, nil
}

func (st *store) tagsByName() []*tag {
	return slices.SortedFunc(maps.Values(st.allTags()), func(a, b *tag) int {
		return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
}

// adminTags is pwg.tags.getAdminList: all of them, IDs as strings [R3, S].
func (c *call) adminTags() (any, error) {
	out := []map[string]any{}
	for _, t := range c.store.tagsByName() {
		out = append(out, map[string]any{
			"id": strconv.Itoa(t.ID), "name": t.Name, "name_raw": t.Name, "url_name": t.URLName, "lastmodified": t.At.Format(sqlTime),
		})
	}
	return map[string]any{"tags": out}, nil
}

// tagList is pwg.tags.getList: it "omits unused tags" [R3], counting photos in albums.
func (c *call) tagList() (any, error) {
	used := map[int]int{}
	for _, p := range c.store.present() {
		if len(p.Links) > 0 {
			for _, id := range p.Tags {
				used[id]++
			}
		}
	}
	out := []map[string]any{}
	for _, t := range c.store.tagsByName() {
		if used[t.ID] > 0 {
			out = append(out, map[string]any{
				"id": t.ID, "name": t.Name, "name_raw": t.Name, "url_name": t.URLName, "lastmodified": t.At.Format(sqlTime),
				"counter": used[t.ID], "url": c.tagURL(t),
			})
		}
	}
	return map[string]any{"tags": out}, nil
}

// setTags links tags that exist to a photo.
func (c *call) setTags(photoID int, ids []int, replace bool) error {
	all := c.store.allTags()
	return c.store.change([]int{photoID}, func(p *photo) bool {
		if replace {
			p.Tags = nil
		}
		for _, id := range ids {
			if all[id] != nil && !slices.Contains(p.Tags, id) {
				p.Tags = append(p.Tags, id)
			}
		}
		return true
	})
}

// tagIDs makes the tags that addSimple names: separated by commas, of which those behind
// a backslash are part of a name [R3].
func (c *call) tagIDs(v value) ([]int, error) {
	names := v.list
	if !v.isList {
		const comma = "\x00"
		for name := range strings.SplitSeq(strings.ReplaceAll(v.text, `\,`, comma), ",") {
			names = append(names, strings.ReplaceAll(name, comma, ","))
		}
	}
	var out []int
	for _, name := range names {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if err := c.fits("tags", "name", name); err != nil {
			return nil, err
		}
		t, _, err := c.store.tagNamed(name)
		if err != nil {
			return nil, err
		}
		out = append(out, t.ID)
	}
	return out, nil
}
