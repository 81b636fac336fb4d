package ipernity

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/photoferry/photoferry/app/upload"
)

// albums are the account's albums by title. The site has no albums within
// albums: a nested name is one title with a slash in it.
type albums struct {
	turn chan struct{} // held by whoever looks for, makes or fills an album

	byTitle map[string]string // IDs; the first of several that are titled alike
	full    map[string]int    // number of the album that goes on for a full one
}

func (a *albums) init() {
	a.turn = make(chan struct{}, 1)
	a.byTitle, a.full = map[string]string{}, map[string]int{}
}

// Albums implements [upload.AlbumLister].
func (c *Client) Albums(ctx context.Context) ([]string, error) {
	all, err := c.listAlbums(ctx, opAlbums)
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(all)), nil
}

// listAlbums returns the IDs of all albums by title.
func (c *Client) listAlbums(ctx context.Context, op string) (map[string]string, error) {
	all := map[string]string{}
	for page := 1; ; page++ {
		var a albumsAnswer
		err := c.call(ctx, op, albumGetList, params{"empty": "1", "per_page": strconv.Itoa(perPage), "page": strconv.Itoa(page)}, &a)
		if err != nil {
			return nil, err
		}
		list := a.Albums.v
		for _, x := range list.Album {
			title := clean(string(x.Title))
			if _, ok := all[title]; !ok && title != "" && x.ID != "" {
				all[title] = string(x.ID)
			}
		}
		if !list.more(page, len(list.Album)) {
			return all, nil
		}
	}
}

// maxSequels is how many albums may follow a full one.
const maxSequels = 100

// albumFor puts a doc into the album with a title and returns the title of the
// one that it is in. An album that is missing is made; when it is full, the
// doc goes into "Title (2)" and so on. One doc at a time, so that no album is
// made twice.
func (c *Client) albumFor(ctx context.Context, title, docID string) (string, error) {
	a := &c.albums
	select {
	case a.turn <- struct{}{}:
		defer func() { <-a.turn }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	renewed := false
	for n := max(a.full[title], 1); n <= maxSequels; {
		name := title
		if n > 1 {
			name = fmt.Sprintf("%s (%d)", title, n)
		}
		id, err := c.albumID(ctx, name)
		if err != nil {
			return "", err
		}
		switch added, err := c.addToAlbum(ctx, id, docID); codeOf(err) {
		case 0:
			if err != nil || !added {
				return "", err
			}
			return name, nil
		case 1: // deleted since we saw it
			delete(a.byTitle, name)
			if renewed {
				return "", err
			}
			renewed = true
		case 3, 4:
			n++
			a.full[title] = n
		default:
			return "", err
		}
	}
	return "", &upload.Error{
		Kind: upload.Full, Op: opAlbum, Reason: fmt.Sprintf("the album and %d after it are full", maxSequels-1),
		Hint: "Choose another album in the account's settings or the folder's rules.",
	}
}

// albumID returns the ID of an album, which is looked for before it is made.
func (c *Client) albumID(ctx context.Context, title string) (string, error) {
	if id := c.albums.byTitle[title]; id != "" {
		return id, nil
	}
	all, err := c.listAlbums(ctx, opAlbum)
	if err != nil {
		return "", err
	}
	c.albums.byTitle = all
	if id := all[title]; id != "" {
		return id, nil
	}
	var a albumAnswer
	if err := c.call(ctx, opAlbum, albumCreate, params{"title": title}, &a); err != nil {
		return "", err
	}
	id := string(a.Album.v.ID)
	if id == "" {
		return "", &upload.Error{Op: opAlbum, Reason: "the site's answer does not name the new album"}
	}
	c.albums.byTitle[title] = id
	return id, nil
}

// addToAlbum puts a doc into an album. Added is false when the doc is in as
// many albums as may be, which nothing can be done about.
func (c *Client) addToAlbum(ctx context.Context, albumID, docID string) (added bool, err error) {
	var a addedAnswer
	if err := c.call(ctx, opAlbum, albumAdd, params{"album_id": albumID, "doc_id": docID}, &a); err != nil {
		return false, err
	}
	for _, d := range a.Album.v.Doc {
		if string(d.ID) == docID && d.Error != 0 {
			return false, nil
		}
	}
	return true, nil // added, or in it already
}
