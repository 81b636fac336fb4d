package piwigo

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/photoferry/photoferry/app/upload"
)

// md5Of writes a photo's MD5 as the server does: in lower case.
func md5Of(it upload.Item) string { return hex.EncodeToString(it.MD5[:]) }

// What the server said about a photo, for the receipt.
const (
	saysMD5     = "the server computed the MD5 of what it received, and it is that of the file"
	saysListed  = "the server lists a photo with this MD5"
	saysSame    = "the server read its file, and its MD5 is that of the photo"
	saysDiffers = "the server lists a photo with this MD5, but its file has another: it makes originals smaller, or the file there is damaged"
	saysNotSame = "the photo is there, but its file differs from what was sent: the server makes originals smaller, or it was edited or damaged there"
)

// exist asks for the IDs of photos by MD5, at most [upload.MaxBulk] of them. 0
// stands for those that the server does not have.
func (c *Client) exist(ctx context.Context, s *session, sums []string) ([]int64, error) {
	var a table[number]
	if err := c.call(ctx, s, opFind, "pwg.images.exist", url.Values{"md5sum_list": {strings.Join(sums, ",")}}, &a); err != nil {
		return nil, err
	}
	ids := make([]int64, len(sums))
	for i, sum := range sums {
		id, ok := a.rows[sum]
		if !ok {
			return nil, &upload.Error{Op: opFind, Reason: "the server answered something else than was asked"}
		}
		ids[i] = int64(id)
	}
	return ids, nil
}

// known makes the receipt of a photo that the server has, and adds the photo to
// the album that was asked for.
func (c *Client) known(ctx context.Context, s *session, it upload.Item, id int64) (upload.Receipt, error) {
	r := upload.Receipt{RemoteID: number(id).String(), URL: s.link(id, 0), Known: true, Verified: saysListed}
	// Some programs have the server believe an MD5 without sending the file
	// whole, so it is told to read it.
	same, err := c.same(ctx, s, id, md5Of(it))
	switch {
	case ctx.Err() != nil || means(err, refused):
		return r, err
	case err == nil && same:
		r.Verified = saysSame
	case err == nil:
		r.Verified = saysDiffers
	}
	if it.Album == "" {
		return r, nil
	}
	album, err := c.join(ctx, s, id, it.Album)
	switch e, ok := errors.AsType[*upload.Error](err); {
	case err == nil:
		r.Album, r.URL = album.path, s.link(id, album.id)
	case !ok || e.Kind == upload.Transient || e.Kind == upload.Busy:
		return r, err
	default:
		r.Verified += "; it could not be added to the album: " + e.Reason
	}
	return r, nil
}

// join adds a photo to an album unless it is there.
func (c *Client) join(ctx context.Context, s *session, id int64, path string) (album, error) {
	al, err := c.album(ctx, s, path)
	if err != nil {
		return al, err
	}
	info, err := c.info(ctx, s, opFind, id)
	// Users of the Community plugin are not shown what waits, but may change it.
	if err != nil && !(s.moderated && (means(err, refused) || means(err, notThere))) {
		return al, err
	}
	for _, in := range info.Categories {
		if int64(in.ID) == al.id {
			return al, nil
		}
	}
	return al, c.setInfo(ctx, s, id, url.Values{"categories": {number(al.id).String()}, "multiple_value_mode": {"append"}})
}

// info asks for a photo.
func (c *Client) info(ctx context.Context, s *session, op string, id int64) (photoInfo, error) {
	var info photoInfo
	err := c.call(ctx, s, op, "pwg.images.getInfo", url.Values{"image_id": {number(id).String()}}, &info)
	return info, err
}

// same has the server read a photo's file and compare its MD5.
func (c *Client) same(ctx context.Context, s *session, id int64, sum string) (bool, error) {
	var a struct {
		File text `json:"file"`
	}
	if err := c.call(ctx, s, opVerify, "pwg.images.checkFiles", url.Values{"image_id": {number(id).String()}, "file_sum": {sum}}, &a); err != nil {
		return false, err
	}
	if a.File != "equals" && a.File != "differs" {
		return false, &upload.Error{Op: opVerify, Reason: "the server does not say whether the file is the same"}
	}
	return a.File == "equals", nil
}

// FindAll implements [upload.BulkFinder]. It changes nothing on the server: a
// photo that is there but not in its album counts as not found, so that Find
// adds it to the album.
func (c *Client) FindAll(ctx context.Context, its []upload.Item) ([]upload.Receipt, error) {
	if len(its) == 0 {
		return nil, nil
	}
	if len(its) > upload.MaxBulk {
		return nil, &upload.Error{Op: opFind, Reason: fmt.Sprintf("%d photos are asked for at once, and %d is the most", len(its), upload.MaxBulk)}
	}
	sums := make([]string, len(its))
	for i, it := range its {
		sums[i] = md5Of(it)
	}
	out := make([]upload.Receipt, len(its))
	err := c.inSession(ctx, opFind, func(s *session) error {
		if !s.byMD5 {
			return errors.ErrUnsupported
		}
		ids, err := c.exist(ctx, s, sums)
		if err != nil {
			return err
		}
		m := members{c: c, s: s}
		for i, id := range ids {
			out[i] = upload.Receipt{}
			if id == 0 {
				c.absent.note(true, its[i].MD5)
				continue
			}
			al, in, err := m.has(ctx, its[i].Album, id)
			if err != nil {
				return err
			}
			if in {
				out[i] = upload.Receipt{RemoteID: number(id).String(), URL: s.link(id, al.id), Album: al.path, Known: true, Verified: saysListed}
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Verify implements [upload.Verifier].
func (c *Client) Verify(ctx context.Context, it upload.Item, remoteID string) (upload.Receipt, error) {
	var id number
	if id.UnmarshalJSON([]byte(remoteID)) != nil || id <= 0 {
		return upload.Receipt{}, upload.ErrNotFound
	}
	r := upload.Receipt{RemoteID: remoteID, Known: true, Verified: saysSame}
	err := c.inSession(ctx, opVerify, func(s *session) error {
		r.URL = s.link(int64(id), 0)
		same, err := c.same(ctx, s, int64(id), md5Of(it))
		switch {
		case means(err, notThere):
			return upload.ErrNotFound
		case err != nil:
			return err
		case !same:
			r.Verified = saysNotSame
			if s.byMD5 {
				ids, err := c.exist(ctx, s, []string{md5Of(it)})
				if err == nil && slices.Contains(ids, int64(id)) {
					r.Verified = saysDiffers
				}
				return err
			}
		}
		return nil
	})
	if err != nil {
		return upload.Receipt{}, err
	}
	return r, nil
}

// link returns the page of a photo; album may be 0.
func (s *session) link(id, album int64) string {
	if album == 0 {
		return fmt.Sprintf("%s/picture.php?/%d", s.root, id)
	}
	return fmt.Sprintf("%s/picture.php?/%d/category/%d", s.root, id, album)
}
