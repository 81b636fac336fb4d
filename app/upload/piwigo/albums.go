package piwigo

import (
	"context"
	"encoding/json"
	"html"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// defaultAlbum is where photos go that nobody has named an album for: Piwigo
// shows no photo outside albums.
const defaultAlbum = "PhotoFerry"

// albumTrust is how long an album that was seen on the server is believed to be
// there still.
const albumTrust = 5 * time.Minute

// album is one album on the server.
type album struct {
	id, parent int64
	name       string
	path       string // names from the top, with "/" between
}

// albums is what is known about the server's albums. Its lock is held while
// albums are looked for or made: of two who make the same one, the server would
// keep both.
type albums struct {
	busy chan struct{}
	all  []album
	seen map[int64]time.Time // verified at
}

func newAlbums() *albums { return &albums{busy: make(chan struct{}, 1), seen: map[int64]time.Time{}} }

func (a *albums) lock(ctx context.Context) error {
	select {
	case a.busy <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *albums) unlock() { <-a.busy }

// albumRow is an album as the server lists it.
type albumRow struct {
	ID     number `json:"id"`
	Name   text   `json:"name"`
	Raw    text   `json:"name_raw"` // since 14
	Parent number `json:"id_uppercat"`
	Upper  text   `json:"uppercats"` // "3,4": from the top down to itself
}

type albumList struct {
	Albums []albumRow `json:"categories"`
}

// UnmarshalJSON implements [json.Unmarshaler]: some versions answer with a bare
// list.
func (l *albumList) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, &l.Albums)
	}
	type bare albumList
	return json.Unmarshal(data, (*bare)(l))
}

// slash stands for a slash within an album's name, which in paths parts names.
const slash = "\u2215"

// albumName makes a name fit for an album: what the server would strip or
// cannot store is replaced, so that it is found again under the same name.
func albumName(name string) string {
	name = strings.NewReplacer("<", "‹", ">", "›").Replace(storable(name))
	return strings.Join(strings.Fields(name), " ")
}

// splitPath returns the names of an album's path.
func splitPath(path string) []string {
	var names []string
	for name := range strings.SplitSeq(path, "/") {
		if name = albumName(name); name != "" {
			names = append(names, name)
		}
	}
	return names
}

// albumID reads an album given by number.
func albumID(path string) (int64, bool) {
	number, ok := strings.CutPrefix(path, "id:")
	n, err := strconv.ParseInt(number, 10, 64)
	return n, ok && err == nil
}

func (c *Client) defaultAlbum() string {
	if c.options.album != "" {
		return c.options.album
	}
	return defaultAlbum
}

func noSuchAlbum(path string) *upload.Error {
	return &upload.Error{Kind: upload.Denied, Op: opAlbum, Reason: "the server has no album " + strconv.Quote(path),
		Hint: `Correct the account's option "album".`}
}

// Albums implements [upload.AlbumLister].
func (c *Client) Albums(ctx context.Context) ([]string, error) {
	var all []album
	err := c.inSession(ctx, opAlbum, func(s *session) (err error) {
		all, err = c.listAlbums(ctx, s)
		return err
	})
	if err != nil {
		return nil, err
	}
	paths := make([]string, len(all))
	for i, a := range all {
		paths[i] = a.path
	}
	slices.Sort(paths)
	return slices.Compact(paths), nil
}

// listAlbums asks for all albums that the user may upload to.
func (c *Client) listAlbums(ctx context.Context, s *session) ([]album, error) {
	method := "pwg.categories.getList"
	if s.moderated && s.has("community.categories.getList") {
		method = "community.categories.getList"
	}
	var list albumList
	if err := c.call(ctx, s, opAlbum, method, url.Values{"recursive": {"true"}}, &list); err != nil {
		return nil, err
	}
	return tree(list.Albums), nil
}

// tree gives the albums their paths. An album whose parents are not in the list
// begins a path of its own.
func tree(rows []albumRow) []album {
	byID := make(map[int64]albumRow, len(rows))
	for _, r := range rows {
		byID[int64(r.ID)] = r
	}
	all := make([]album, 0, len(rows))
	for _, r := range rows {
		a := album{id: int64(r.ID), parent: r.parent(), name: rowName(r)}
		names := []string{a.name}
		at := a.parent
		for range rows { // a circle of parents ends as well
			p, ok := byID[at]
			if !ok {
				break
			}
			names = append(names, rowName(p))
			at = p.parent()
		}
		slices.Reverse(names)
		a.path = strings.Join(names, "/")
		all = append(all, a)
	}
	// Of albums with the same path, the oldest is taken.
	slices.SortFunc(all, func(a, b album) int { return int(a.id - b.id) })
	return all
}

// parent returns the album above, 0 for none. The Community plugin's list tells
// it by the whole way down only.
func (r albumRow) parent() int64 {
	if r.Parent != 0 {
		return int64(r.Parent)
	}
	up := strings.Split(string(r.Upper), ",")
	if len(up) < 2 {
		return 0
	}
	n, _ := strconv.ParseInt(strings.TrimSpace(up[len(up)-2]), 10, 64) // 0 is none
	return n
}

func rowName(r albumRow) string {
	name := string(r.Raw)
	if name == "" {
		name = string(r.Name)
	}
	return strings.ReplaceAll(albumName(html.UnescapeString(name)), "/", slash)
}

// album returns the album of a path, "" being the account's default. It makes
// what is missing. The album was seen on the server not long ago.
func (c *Client) album(ctx context.Context, s *session, path string) (album, error) {
	if path == "" {
		path = c.defaultAlbum()
	}
	a := c.albums
	if err := a.lock(ctx); err != nil {
		return album{}, err
	}
	defer a.unlock()
	al, ok := a.find(path)
	if ok && time.Since(a.seen[al.id]) < albumTrust {
		return al, nil
	}
	all, err := c.listAlbums(ctx, s)
	if err != nil {
		return album{}, err
	}
	a.learn(all)
	if al, ok = a.find(path); ok {
		return al, nil
	}
	if _, isID := albumID(path); isID {
		return album{}, noSuchAlbum(path)
	}
	return c.makeAlbum(ctx, s, path)
}

// find looks a path up in what is known.
func (a *albums) find(path string) (album, bool) {
	id, isID := albumID(path)
	names := strings.Join(splitPath(path), "/")
	i := slices.IndexFunc(a.all, func(al album) bool {
		return isID && al.id == id || !isID && al.path == names
	})
	if i < 0 {
		return album{}, false
	}
	return a.all[i], true
}

// learn takes over the server's list.
func (a *albums) learn(all []album) {
	a.all = all
	clear(a.seen)
	now := time.Now()
	for _, al := range all {
		a.seen[al.id] = now
	}
}

// doubt has albums looked at again before the next photo.
func (a *albums) doubt(ctx context.Context) {
	if a.lock(ctx) != nil {
		return
	}
	defer a.unlock()
	clear(a.seen)
}

// makeAlbum makes the missing albums of a path.
func (c *Client) makeAlbum(ctx context.Context, s *session, path string) (album, error) {
	names := splitPath(path)
	if len(names) == 0 {
		return album{}, &upload.Error{Kind: upload.Rejected, Op: opAlbum, Reason: "the album has no name", Hint: "Correct the folder's rule for albums."}
	}
	var at album
	for i := range names {
		sub := strings.Join(names[:i+1], "/")
		if al, ok := c.albums.find(sub); ok {
			at = al
			continue
		}
		q := url.Values{"name": {names[i]}}
		if at.id != 0 {
			q.Set("parent", number(at.id).String())
		}
		var made struct {
			ID number `json:"id"`
		}
		err := c.call(ctx, s, opAlbum, "pwg.categories.add", q, &made)
		switch {
		case means(err, refused) && s.moderated:
			return album{}, &upload.Error{Kind: upload.Rejected, Op: opAlbum, Status: http.StatusUnauthorized,
				Reason: "the album " + strconv.Quote(sub) + " does not exist, and this user may not make it",
				Hint:   "Make it on the site, or choose one of the albums that the user may upload to."}
		case err != nil:
			return album{}, err
		case made.ID <= 0:
			return album{}, &upload.Error{Op: opAlbum, Reason: "the server does not say which album it made"}
		}
		at = album{id: int64(made.ID), parent: at.id, name: names[i], path: sub}
		c.albums.all = append(c.albums.all, at)
		c.albums.seen[at.id] = time.Now()
	}
	return at, nil
}
