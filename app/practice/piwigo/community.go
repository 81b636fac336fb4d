package piwigo

import (
	"slices"
	"strconv"
)

// The states of the Community plug-in.
const (
	moderationPending = "moderation_pending"
	validated         = "validated"
)

// pendingLevel hides a photo from everybody until it is moderated [R2.5].
const pendingLevel = 16

// uploadAlbums are those where the plug-in lets a user upload [C].
func (u User) uploadAlbums(t *tree) []*node {
	return slices.DeleteFunc(slices.Clone(t.list), func(n *node) bool {
		return n.Private || !slices.ContainsFunc(u.Grants, func(g Grant) bool {
			return g.Album == 0 || g.Album == n.ID || g.Recursive && n.below(g.Album)
		})
	})
}

// actsForCommunity reports whether the plug-in has something to say about the user.
func (c *call) actsForCommunity() bool {
	return c.o.Community && !c.user.admin() && len(c.user.Grants) > 0
}

// asAdmin are the methods for which the plug-in makes an admin of a user [R2.5, C].
var asAdmin = []string{
	"pwg.tags.add", "pwg.images.exist", "pwg.images.add", "pwg.images.addSimple", "pwg.images.addChunk", "pwg.images.upload",
	"pwg.images.checkUpload", "pwg.images.checkFiles", "pwg.session.getStatus", "pwg.images.uploadCompleted",
	"pwg.images.uploadAsync", "pwg.tags.getAdminList",
}

// pretends reports whether the plug-in makes the user an admin for this call.
func (c *call) pretends(method string) bool {
	if !c.actsForCommunity() {
		return false
	}
	t := c.store.tree()
	whole := slices.ContainsFunc(c.user.Grants, func(g Grant) bool { return g.Create && g.Album == 0 })
	if len(c.user.uploadAlbums(t)) == 0 && !whole {
		return false
	}
	switch method {
	case "pwg.images.setInfo", "pwg.images.delete":
		v, _ := c.form.request("image_id")
		return slices.ContainsFunc(args{"id": v}.ids("id"), c.mayTouch)
	case "pwg.categories.add":
		v, ok := c.form.request("parent")
		if !ok {
			c.notice("Warning", `Undefined array key "parent"`, "plugins/community/main.inc.php", 413) // [T comm_cat_add_root]
		}
		parent := t.byID[intval(v.text)]
		return whole || parent != nil && slices.ContainsFunc(c.user.Grants, func(g Grant) bool {
			return g.Create && (g.Album == parent.ID || g.Recursive && parent.below(g.Album))
		})
	}
	return slices.Contains(asAdmin, method)
}

// mayTouch reports whether a user may change or delete a photo: admins all, others their
// own [R2.5].
func (c *call) mayTouch(id int) bool {
	p, ok := c.store.photo(id)
	return c.user.admin() || ok && p.By == c.user.ID
}

// moderate is what the plug-in does behind an upload: level 16 if it has to be seen by
// somebody first, else 0 [R2.5, C].
func (c *call) moderate(photoID int, albums []int) error {
	if !c.actsForCommunity() {
		return nil
	}
	t := c.store.tree()
	trusted := slices.ContainsFunc(c.user.Grants, func(g Grant) bool {
		return !g.Moderated && (g.Album == 0 || len(albums) > 0 && t.byID[albums[0]] != nil && t.byID[albums[0]].below(g.Album))
	})
	return c.store.change([]int{photoID}, func(p *photo) bool {
		p.Level, p.State = pendingLevel, moderationPending
		if trusted {
			p.Level, p.State = 0, validated
		}
		return true
	})
}

// communityStatus is community.session.getStatus [R2.5].
func (c *call) communityStatus() (any, error) {
	method := "community.categories.getList"
	if c.user.admin() {
		method = "pwg.categories.getAdminList"
	}
	return map[string]any{"real_user_status": c.user.Status, "upload_categories_getList_method": method}, nil
}

// communityCategories is community.categories.getList: the members of
// pwg.categories.getList "minus some fields" [R2.5]. Anything but "", "0" and what is
// absent is true here, "false" too: the plug-in does not check types. It does not select
// parents, so that its tree is flat [C].
func (c *call) communityCategories() (any, error) {
	yes := func(key string) bool { return c.args.text(key) != "" && c.args.text(key) != "0" }
	t := c.store.tree()
	allowed := t.list
	if !c.user.admin() {
		allowed = c.user.uploadAlbums(t)
	}
	list := []map[string]any{}
	for _, n := range t.chosen(c.args.num("cat_id"), yes("recursive")) {
		if !slices.Contains(allowed, n) {
			continue
		}
		one := c.describe(n, yes("fullname"))
		for _, key := range []string{"status", "id_uppercat", "representative_picture_id", "image_order", "tn_url"} {
			delete(one, key)
		}
		list = append(list, one)
	}
	if yes("tree_output") {
		return list, nil
	}
	return map[string]any{"categories": list}, nil
}

// communityCompleted is community.images.uploadCompleted [R2.5].
func (c *call) communityCompleted() (any, error) {
	if err := c.checkToken(); err != nil {
		return nil, err
	}
	ids := c.args.ids("image_id")
	if len(ids) == 0 {
		return nil, nil
	}
	pending := []map[string]any{}
	for _, id := range ids {
		if p, ok := c.store.photo(id); ok && p.State == moderationPending {
			pending = append(pending, map[string]any{
				"id": strconv.Itoa(p.ID), "level": strconv.Itoa(p.Level), "added_by": strconv.Itoa(p.By),
				"state": p.State, "notified_on": nil,
			})
		}
	}
	return map[string]any{"pending": pending}, nil
}
