package universal

import (
	"context"
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"

	"github.com/photoferry/photoferry/app/upload"
)

// rememberDefault is the aid of the default album, once a photo went there.
const rememberDefault = "default_album"

// overflow is the name of the album behind a full default album whose own name
// is not known.
const overflow = "PhotoFerry"

// shelf is the account's own albums as the site listed them, with the photos
// counted that went there since. It is guarded by [Client.turn].
type shelf struct {
	albums []album
	read   bool            // false: to be read before use
	full   map[string]bool // albums that the site called full before their size said so, by aid; "" for the default one
	bad    map[string]bool // albums that the site lists and does not take photos for
}

// place is where an upload goes.
type place struct {
	aid  string // sent along; "" for the default album
	in   string // where the photo will be; "" when that is not known yet
	name string
	size int // photos there, or in all albums when in is not known
}

// Albums implements [upload.AlbumLister]. Albums that were opened because one
// was full count as that one.
func (c *Client) Albums(ctx context.Context) ([]string, error) {
	done, err := c.take(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	if err := c.readShelf(ctx, opCheck); err != nil {
		return nil, err
	}
	return c.shelf.names(), nil
}

var numberedName = regexp.MustCompile(`^(.+) \([1-9][0-9]*\)$`)

func (s *shelf) names() []string {
	have := map[string]bool{}
	for _, a := range s.albums {
		have[a.name] = true
	}
	var out []string
	for name := range have {
		if m := numberedName.FindStringSubmatch(name); name == "" || m != nil && have[m[1]] {
			continue
		}
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// readShelf asks for the account's own albums.
func (c *Client) readShelf(ctx context.Context, op string) error {
	nodes, err := c.list(ctx, op, getAlbums, "aid", param{"uid", c.session.UID})
	if err != nil {
		return err
	}
	full, bad := c.shelf.full, c.shelf.bad
	c.shelf = shelf{read: true, full: full, bad: bad}
	if full == nil {
		c.shelf.full, c.shelf.bad = map[string]bool{}, map[string]bool{}
	}
	for _, n := range nodes {
		if a := readAlbum(n); a.owner == "" || a.owner == c.session.UID {
			c.shelf.albums = append(c.shelf.albums, a)
		}
	}
	return nil
}

func (s *shelf) byID(aid string) (*album, bool) {
	i := slices.IndexFunc(s.albums, func(a album) bool { return a.id == aid })
	if aid == "" || i < 0 {
		return nil, false
	}
	return &s.albums[i], true
}

func (s *shelf) total() int {
	n := 0
	for _, a := range s.albums {
		n += a.size
	}
	return n
}

// place returns where a photo for the album of that name goes now, making an
// album when there is none with room.
func (c *Client) place(ctx context.Context, name string) (place, error) {
	if !c.shelf.read {
		if err := c.readShelf(ctx, opCheck); err != nil {
			return place{}, err
		}
	}
	if name = strings.TrimSpace(name); name == "" {
		name = strings.TrimSpace(c.account.Options[optionAlbum])
	}
	from := 1
	if name == "" {
		aid := c.account.Recall(rememberDefault)
		a, ok := c.shelf.byID(aid)
		switch {
		case !ok && !c.shelf.full[""]:
			return place{size: c.shelf.total()}, nil
		case !ok:
			name = overflow
		case a.size < c.defaultLimit && !c.shelf.full[aid]:
			return place{in: aid, name: a.name, size: a.size}, nil
		case a.name == "":
			name = overflow
		default:
			name, from = a.name, 2
		}
	}
	for i := from; ; i++ {
		a, full := c.shelf.room(numbered(name, i), c.limit)
		switch {
		case a != nil:
			return place{aid: a.id, in: a.id, name: a.name, size: a.size}, nil
		case !full:
			return c.open(ctx, numbered(name, i))
		}
	}
}

// room returns an album of that name that has room; full says that there are
// albums of that name and none has.
func (s *shelf) room(name string, limit int) (a *album, full bool) {
	for i := range s.albums {
		a := &s.albums[i]
		switch {
		case !sameText(a.name, name) || s.bad[a.id]:
		case a.size < limit && !s.full[a.id]:
			return a, false
		default:
			full = true
		}
	}
	return nil, full
}

// numbered returns the name of the n-th album of a name.
func numbered(name string, n int) string {
	if n == 1 {
		return name
	}
	return fmt.Sprintf("%s (%d)", name, n)
}

// open makes an album. When its answer is lost, the albums are read again
// before another is made.
func (c *Client) open(ctx context.Context, name string) (place, error) {
	c.shelf.read = false
	answer, err := c.call(ctx, opAlbum, createAlbum, param{"name", name})
	if err != nil {
		return place{}, err
	}
	n, ok := answer.only("aid")
	made := readAlbum(n)
	if !ok {
		return place{}, &upload.Error{Op: opAlbum, Reason: "the site's answer names no album"}
	}
	if made.name == "" {
		made.name = name
	}
	made.size = 0
	c.shelf.albums = append(c.shelf.albums, made)
	c.shelf.read = true
	return place{aid: made.id, in: made.id, name: name}, nil
}

// repairs are what may be put right within one upload, and how often.
type repairs struct{ callID, album, next int }

// maxNext bounds how many albums one upload finds full although they seemed to
// have room.
const maxNext = 5

// repair puts right what an upload's answer complains of, as far as that is not
// the photo's fault. It reports whether to try once more.
func (c *Client) repair(ctx context.Context, err error, at place, r *repairs) bool {
	switch code := codeOf(err); {
	case code == codeCallID && r.callID == 0:
		r.callID++
		c.ids.leap()
		return true
	case code == codeAlbum && at.aid != "" && r.album == 0:
		r.album++
		if c.readShelf(ctx, opCheck) != nil {
			return false
		}
		c.shelf.bad[at.aid] = true
		return true
	case code == codeAlbumFull && r.next < maxNext:
		r.next++
		c.shelf.full[at.in] = true
		return true
	case code == codeParameter && at.in != "" && r.next < maxNext:
		return c.isFull(ctx, at, r)
	}
	return false
}

// isFull finds out whether an album is full for a site that has no code for
// that.
func (c *Client) isFull(ctx context.Context, at place, r *repairs) bool {
	r.next++
	if c.readShelf(ctx, opCheck) != nil {
		return false
	}
	limit := c.limit
	if at.aid == "" {
		limit = c.defaultLimit
	}
	a, ok := c.shelf.byID(at.in)
	if !ok || a.size < limit {
		return false
	}
	c.shelf.full[at.in] = true
	return true
}

// arrived counts a photo that went to an album, and learns which is the
// default one. What cannot be noted is learned again from the next photo.
func (c *Client) arrived(aid string, at place) {
	if at.aid == "" && aid != "" && aid != at.in {
		_ = c.account.Remember(rememberDefault, aid)
	}
	if a, ok := c.shelf.byID(aid); ok {
		a.size++
	} else {
		c.shelf.read = false // the site has made it
	}
}

// sameText compares a text that was sent with one that came back: sites trim,
// and some escape.
func sameText(a, b string) bool { return plain(a) == plain(b) }

func plain(s string) string { return strings.Join(strings.Fields(html.UnescapeString(s)), " ") }
