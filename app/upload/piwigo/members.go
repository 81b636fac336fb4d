package piwigo

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// members knows which photos are in which album, for one run over many photos.
type members struct {
	c *Client
	s *session

	listed bool
	albums []album
	ids    map[int64]map[int64]bool // album: its photos
}

// pageOfImages and maxImages bound what is asked of an album: photos on a page,
// and photos in all.
const (
	pageOfImages = 500
	maxImages    = 20_000
)

// has reports whether a photo is in the album of a path. Without a path it is
// where it should be. An album that does not exist has no photos; of one with
// more than maxImages, those beyond are not seen.
func (m *members) has(ctx context.Context, path string, id int64) (album, bool, error) {
	if path == "" {
		return album{}, true, nil
	}
	al, ok, err := m.find(ctx, path)
	if err != nil || !ok {
		return album{}, false, err
	}
	ids, ok := m.ids[al.id]
	if !ok {
		if ids, err = m.list(ctx, al.id); err != nil {
			return album{}, false, err
		}
		if m.ids == nil {
			m.ids = make(map[int64]map[int64]bool)
		}
		m.ids[al.id] = ids
	}
	return al, ids[id], nil
}

// find returns the album of a path, if there is one.
func (m *members) find(ctx context.Context, path string) (album, bool, error) {
	if !m.listed {
		all, err := m.c.listAlbums(ctx, m.s)
		if err != nil {
			return album{}, false, err
		}
		m.albums, m.listed = all, true
	}
	name := strings.Join(splitPath(path), "/")
	i := slices.IndexFunc(m.albums, func(a album) bool { return a.path == name })
	if i < 0 {
		return album{}, false, nil
	}
	return m.albums[i], true, nil
}

// list asks for the photos of an album.
func (m *members) list(ctx context.Context, album int64) (map[int64]bool, error) {
	ids := make(map[int64]bool)
	for page := range maxImages / pageOfImages {
		var a struct {
			Images []struct {
				ID number `json:"id"`
			} `json:"images"`
		}
		if err := m.c.call(ctx, m.s, opFind, "pwg.categories.getImages", url.Values{
			"cat_id": {number(album).String()}, "per_page": {strconv.Itoa(pageOfImages)}, "page": {strconv.Itoa(page)},
		}, &a); err != nil {
			return nil, err
		}
		for _, image := range a.Images {
			ids[int64(image.ID)] = true
		}
		if len(a.Images) < pageOfImages {
			break
		}
	}
	return ids, nil
}
