package piwigo

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
)

// sent is a photo that the server says it has stored.
type sent struct {
	id    int64
	known bool // it had it before
	sum   bool // it has checked the MD5 of the whole file
	way   way
	name  string // sent as file name
}

// receipt repairs what the method of sending could not say, and asks for the
// photo's MD5.
func (c *Client) receipt(ctx context.Context, s *session, it upload.Item, al album, st sent) (upload.Receipt, error) {
	r := upload.Receipt{RemoteID: number(st.id).String(), URL: s.link(st.id, al.id), Name: fileName(it), Album: al.path, Known: st.known}
	switch {
	case st.sum:
		r.Verified = saysMD5
	case s.byMD5:
		ids, err := c.exist(ctx, s, []string{md5Of(it)})
		switch {
		case err != nil: // the photo is there all the same
		case ids[0] == 0:
			return r, unsure("the server says that it stored the photo, but has other bytes than were sent", nil)
		default:
			r.Verified = saysMD5
		}
	}
	if !st.known {
		r.Verified = joinWords(r.Verified, c.repair(ctx, s, it, st))
	}
	if s.moderated {
		c.lounge.named(st.id)
		r.Verified = joinWords(c.moderation(ctx, s, st.id), r.Verified)
	}
	return r, nil
}

// levelPending is the level of photos that a moderator has to agree to.
const levelPending = 16

// moderation says whether a moderator has to agree to a photo. The plugin
// decides that when its answer may be on its way already, and then shows the
// photo to nobody but moderators.
func (c *Client) moderation(ctx context.Context, s *session, id int64) string {
	info, err := c.info(ctx, s, opUpload, id)
	if means(err, notThere) || err == nil && info.Level == levelPending {
		return "stored; waits for a moderator"
	}
	return "stored; a moderator may have to agree"
}

func joinWords(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "; " + b
}

// repair sets what the method of sending has no place for, and names that the
// server has spoilt. What fails is told: the photo is there.
func (c *Client) repair(ctx context.Context, s *session, it upload.Item, st sent) string {
	q := url.Values{}
	set := func(key, value string) {
		if value != "" {
			q.Set(key, value)
		}
	}
	name := fileName(it)
	if mangled(name) || st.name != name {
		q.Set("file", name)
	}
	if st.way == byUpload || st.way == byUploads {
		set("name", c.title(it, st.name))
		set("comment", storable(it.Meta.Description))
		set("author", c.author(it))
	}
	if st.way != byAsync && (it.Redated || it.Kind != photo.JPEG && it.Kind != photo.TIFF) {
		set("date_creation", takenAt(it.Meta)) // the server reads EXIF of these two alone
	}
	tags := tagsOf(it.Meta)
	needTags := len(tags) > 0 && (st.way == byUpload || st.way == byUploads)
	if len(q) == 0 && !needTags {
		return ""
	}
	err := func() error {
		if needTags {
			ids, err := c.tagIDs(ctx, s, tags)
			if err != nil {
				return err
			}
			q.Set("tag_ids", ids)
		}
		q.Set("single_value_mode", "replace")
		if strings.Contains(q.Get("name")+q.Get("comment"), "<") {
			q.Set("pwg_token", s.token()) // or the server strips what looks like HTML
		}
		return c.setInfo(ctx, s, st.id, q)
	}()
	if e, ok := errors.AsType[*upload.Error](err); ok {
		return "its name, texts or tags could not be set: " + e.Reason
	} else if err != nil {
		return "its name, texts or tags could not be set"
	}
	return ""
}

// title returns the photo's title. Without one it is left to the server, unless
// the file's name has something in it that the server spoils.
func (c *Client) title(it upload.Item, sentAs string) string {
	if t := strings.TrimSpace(storable(it.Meta.Title)); t != "" {
		return t
	}
	if name := fileName(it); mangled(name) || sentAs != name {
		return plainTitle(name)
	}
	return ""
}

// author returns who made the photo: as the account says, else as the photo
// does.
func (c *Client) author(it upload.Item) string {
	return storable(cmp.Or(c.options.author, it.Meta.Creator))
}

// takenAt writes the time on the camera's clock; "" when it is not known.
func takenAt(m photo.Meta) string {
	if m.Taken.IsZero() || m.Taken.Year() < 1 || m.Taken.Year() > 9999 {
		return ""
	}
	return m.Taken.Format(dateLayout)
}

// setInfo changes a photo.
func (c *Client) setInfo(ctx context.Context, s *session, id int64, q url.Values) error {
	q.Set("image_id", number(id).String())
	resp, err := c.post(ctx, s, "pwg.images.setInfo", q)
	if err != nil {
		return err
	}
	status := resp.StatusCode
	if err := c.read(ctx, opUpload, resp, nil); err != nil {
		return err
	}
	if status != http.StatusOK && q.Has("categories") {
		// The one answer whose status says more than its words.
		return &upload.Error{Kind: upload.Rejected, Op: opUpload, Status: status, Reason: "the album is not there any more"}
	}
	return nil
}
