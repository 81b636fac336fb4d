package universal

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// picture asks for one photo; ok says whether the site shows it.
func (c *Client) picture(ctx context.Context, op, pid string) (p picture, ok bool, err error) {
	nodes, err := c.list(ctx, op, getPhotos, "pid", param{"pids", pid})
	if err != nil {
		return picture{}, false, err
	}
	i := slices.IndexFunc(nodes, func(n node) bool { return n.member("pid") == pid })
	if i < 0 {
		return picture{}, false, nil
	}
	return readPicture(nodes[i]), true, nil
}

// rememberShows holds what this site does with photos that were just sent.
const (
	rememberShows = "shows_new_photos"

	showsYes   = "yes"   // lists them, as far as was seen
	showsNo    = "no"    // did not list the last one
	showsMixed = "since" // lists them, and did not before
)

func (c *Client) shows() string { return c.account.Recall(rememberShows) }

// learn notes whether the site shows a photo that was just sent.
func (c *Client) learn(shown bool) {
	old := c.shows()
	now := showsNo
	switch {
	case shown && (old == showsNo || old == showsMixed):
		now = showsMixed
	case shown:
		now = showsYes
	}
	if now != old {
		_ = c.account.Remember(rememberShows, now) // learned again from the next photo
	}
}

// How the site confirmed a photo, in plain words.
const (
	verifiedShown   = "the site was asked for the photo and shows it"
	verifiedPending = "stored; waits for your approval on the site"
	verifiedStored  = "stored; may wait for your approval on the site"
)

// confirmPause is how long a site that shows new photos may take to do so.
const confirmPause = 400 * time.Millisecond

// confirm asks the site for a photo that it says it has stored. One that it
// does not show is pending. It returns how the photo is confirmed.
func (c *Client) confirm(ctx context.Context, pid string) string {
	_, shown, err := c.picture(ctx, opUpload, pid)
	if err == nil && !shown && c.shows() == showsYes {
		timer := time.NewTimer(confirmPause)
		defer timer.Stop()
		select {
		case <-ctx.Done():
			return verifiedStored
		case <-timer.C:
		}
		_, shown, err = c.picture(ctx, opUpload, pid)
	}
	if err != nil {
		return verifiedStored
	}
	c.learn(shown)
	if shown {
		return verifiedShown
	}
	return verifiedPending
}

// Verify implements [upload.Verifier]. A photo that the site does not show is
// gone only on a site that has never kept new photos from being seen.
func (c *Client) Verify(ctx context.Context, _ upload.Item, remoteID string) (upload.Receipt, error) {
	done, err := c.take(ctx)
	if err != nil {
		return upload.Receipt{}, err
	}
	defer done()
	p, shown, err := c.picture(ctx, opFind, remoteID)
	switch {
	case err != nil:
		return upload.Receipt{}, err
	case shown:
		return upload.Receipt{RemoteID: p.id, URL: c.link(p), Known: true, Verified: verifiedShown}, nil
	case c.shows() == showsYes:
		return upload.Receipt{}, upload.ErrNotFound
	}
	return upload.Receipt{}, errors.ErrUnsupported
}
