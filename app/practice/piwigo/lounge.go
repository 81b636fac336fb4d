package piwigo

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// checkLounge lets everybody out if the oldest photo has waited too long and this is not
// an upload [F5].
func (c *call) checkLounge(method string) error {
	if !c.o.lounge() || method == "pwg.images.upload" || method == "pwg.images.uploadAsync" {
		return nil
	}
	oldest, ok := c.store.find(func(p *photo) bool { return len(p.Lounge) > 0 })
	if !ok || time.Since(oldest.Added) <= c.o.LoungeMaxAge {
		return nil
	}
	_, err := c.leaveLounge()
	return err
}

// leaveLounge is empty_lounge: all users, all albums [F5].
func (c *call) leaveLounge() ([]map[string]any, error) {
	st := c.store
	st.commit.Lock()
	defer st.commit.Unlock()
	type row struct{ photo, album int }
	var rows []row
	var ids []int
	for _, p := range st.present() {
		for _, a := range p.Lounge {
			rows = append(rows, row{p.ID, a})
		}
		if len(p.Lounge) > 0 {
			ids = append(ids, p.ID)
		}
	}
	t, next := st.tree(), map[int]int{}
	err := st.changeLocked(ids, func(p *photo) bool {
		for _, a := range p.Lounge {
			if p.in(a) {
				continue
			}
			if next[a] == 0 {
				next[a] = t.nextRank(a)
			}
			p.Links = append(p.Links, link{Album: a, Rank: next[a]})
			next[a]++
		}
		p.Lounge = nil
		return true
	})
	slices.SortStableFunc(rows, func(a, b row) int { return a.album - b.album })
	out := []map[string]any{}
	for _, r := range rows {
		out = append(out, map[string]any{"image_id": strconv.Itoa(r.photo), "category_id": strconv.Itoa(r.album)})
	}
	return out, err
}

// emptyLounge is pwg.images.emptyLounge [R3]: no token, no album.
func (c *call) emptyLounge() (any, error) {
	rows, err := c.leaveLounge()
	return map[string]any{"rows": rows}, err
}

// uploadCompleted is pwg.images.uploadCompleted [R3].
func (c *call) uploadCompleted() (any, error) {
	if err := c.checkToken(); err != nil {
		return nil, err
	}
	if !c.args.has("image_id") {
		c.passedNull("preg_split(): Passing null to parameter #2 ($subject)", 2828) // [T completed_again]
	}
	moved, err := c.leaveLounge()
	if err != nil {
		return nil, err
	}
	id := c.args.num("category_id")
	label, n := c.albumLabel(id)
	return map[string]any{
		"moved_from_lounge": moved,
		"category":          map[string]any{"id": id, "nb_photos": strconv.Itoa(n), "label": label},
	}, nil
}

// albumLabel is an album's full name, and how many photos are in it. An album that is
// not there makes PHP complain [R4].
func (c *call) albumLabel(id int) (label string, photos int) {
	n := c.store.tree().byID[id]
	if n == nil {
		c.notice("Warning", `Trying to access array offset on value of type null`, "include/functions_html.inc.php", 187)
		c.notice("Warning", `foreach() argument must be of type array|object, null given`, "include/functions_html.inc.php", 33)
		return "", 0
	}
	return strings.Join(n.names(), " / "), len(n.photos)
}

// passedNull is what PHP 8 says to careless code in pwg.images.php.
func (c *call) passedNull(what string, line int) {
	c.notice("Deprecated", what+" of type string is deprecated", "include/ws_functions/pwg.images.php", line)
}
