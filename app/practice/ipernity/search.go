package ipernity

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// maxFound is where results of a full text search end [D16].
const maxFound = 3000

// docSearch is doc.search [D16]. Without user_id it looks through everybody's public
// documents, and share counts for the caller's own ones only. Filters that cannot be
// understood are passed over, since the page has no error for them. [CHOICE]
func (c *call) docSearch() (object, error) {
	user := c.id("user_id")
	in, _ := c.store.album(c.id("album_id")) // empty, and so is the result, for none
	if user == 0 || user != c.user.ID {
		delete(c.p, "share")
	}
	all := c.store.some(func(d *document) bool {
		return c.sees(d) && c.wants(d) &&
			(d.Owner == user || !c.has("user_id") && d.Public) &&
			(!c.has("album_id") || slices.Contains(in.docs, d.ID)) &&
			c.tagged(d) && c.says(d) && c.licensed(d) && c.within(d)
	})
	if c.p["text"] != "" && len(all) > maxFound {
		all = all[:maxFound]
	}
	sortDocs(all, c.p["sort"])
	return object{{"docs", c.lines(all, searchExtras)}}, nil
}

// tagged applies tags: a document has all of them [CHOICE].
func (c *call) tagged(d *document) bool {
	for _, w := range split(c.p["tags"]) {
		if !slices.ContainsFunc(d.Keywords, func(k string) bool { return strings.EqualFold(k, w) }) {
			return false
		}
	}
	return true
}

// says applies text, to title, description and keywords: one of its words is there, all
// of those with a plus, and none of those with a minus [D16]. A word is found inside of
// words too [CHOICE].
func (c *call) says(d *document) bool {
	query := strings.Fields(strings.ToLower(c.p["text"]))
	said := strings.ToLower(d.Title + "\n" + d.Description + "\n" + strings.Join(d.Keywords, "\n"))
	loose, hits := 0, 0
	for _, w := range query {
		if must, ok := strings.CutPrefix(w, "+"); ok {
			if !strings.Contains(said, must) {
				return false
			}
		} else if not, ok := strings.CutPrefix(w, "-"); ok {
			if not != "" && strings.Contains(said, not) {
				return false
			}
		} else if loose++; strings.Contains(said, w) {
			hits++
		}
	}
	return hits > 0 || loose == 0
}

func (c *call) licensed(d *document) bool {
	l := split(c.p["license"])
	return len(l) == 0 || slices.Contains(l, strconv.Itoa(d.License))
}

// within applies posted_min and posted_max, in seconds since 1970, and created_min and
// created_max, YYYY-MM-DD HH:MM:SS; both ends belong to it [INF].
func (c *call) within(d *document) bool {
	posted := d.Posted.Unix()
	if n, err := strconv.ParseInt(c.p["posted_min"], 10, 64); err == nil && posted < n {
		return false
	}
	if n, err := strconv.ParseInt(c.p["posted_max"], 10, 64); err == nil && posted > n {
		return false
	}
	if s := c.p["created_min"]; isDate(s) && d.Created < s {
		return false
	}
	if s := c.p["created_max"]; isDate(s) && (d.Created == "" || d.Created > s) {
		return false
	}
	return true
}

// sortDocs brings documents, newest first, into another order. Relevance and popularity
// mean nothing here: they leave the order as it is.
func sortDocs(all []document, order string) {
	posted := func(a, b document) int { return cmp.Or(a.Posted.Compare(b.Posted), cmp.Compare(a.ID, b.ID)) }
	created := func(a, b document) int { return cmp.Or(cmp.Compare(a.Created, b.Created), posted(a, b)) }
	by, down := posted, true
	switch order {
	case "posted-asc":
		down = false
	case "created-asc":
		by, down = created, false
	case "created-desc":
		by = created
	}
	slices.SortStableFunc(all, func(a, b document) int {
		if down {
			return by(b, a)
		}
		return by(a, b)
	})
}
