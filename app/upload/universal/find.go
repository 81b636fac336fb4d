package universal

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// mark is what an attempt leaves at its job before its last bytes go out, as
// JSON: where the photo would be found.
type mark struct {
	Number  string `json:"n"`               // call_id of the upload
	In      string `json:"in,omitempty"`    // aid; "" for the default album before it was known
	Album   string `json:"album,omitempty"` // its name
	Caption string `json:"caption"`         // as far as captions are compared
	Since   int64  `json:"since"`           // the site's clock: not created before, seconds since 1970
	Until   int64  `json:"until,omitempty"` // nor after; 0 when the program ended before the attempt did
	Ended   int64  `json:"ended,omitempty"` // our clock, seconds since 1970; 0 likewise
	Size    int    `json:"size"`            // photos that were there before
}

func (m mark) String() string {
	text, _ := json.Marshal(m) // strings and numbers always work
	return string(text)
}

// maxCompared is how many runes of a caption are compared: sites cut long ones.
const maxCompared = 200

// compared returns a caption as it is compared.
func compared(caption string) string {
	r := []rune(plain(caption))
	return string(r[:min(len(r), maxCompared)])
}

// minCut is how much of a caption must be left for a cut one to be recognised,
// in runes.
const minCut = 20

// sameCaption reports whether a site may show a caption that it got as the
// other.
func sameCaption(sent, shown string) bool {
	sent, shown = compared(sent), compared(shown)
	if sent == shown {
		return true
	}
	shown = strings.TrimRight(shown, "…. ")
	return len([]rune(shown)) >= minCut && strings.HasPrefix(sent, shown)
}

// Find implements [upload.Uploader]. It answers only for an item with a mark of
// an earlier attempt, by looking for the traces of that: see [evidence].
func (c *Client) Find(ctx context.Context, it upload.Item) (upload.Receipt, error) {
	if it.Mark == "" {
		return upload.Receipt{}, errors.ErrUnsupported
	}
	done, err := c.take(ctx)
	if err != nil {
		return upload.Receipt{}, err
	}
	defer done()
	return c.resolve(ctx, it)
}

// resolve finds out what became of an item's earlier attempt. When that is
// known to have failed, the mark is taken back and the error is
// [upload.ErrNotFound].
func (c *Client) resolve(ctx context.Context, it upload.Item) (upload.Receipt, error) {
	var m mark
	if json.Unmarshal([]byte(it.Mark), &m) != nil || m.Number == "" {
		return upload.Receipt{}, unsure("the photo was sent before, and how that ended cannot be read any more")
	}
	if pid, ok := c.journal.arrived(m.Number); ok {
		return c.again(ctx, m, pid)
	}
	e, err := c.gather(ctx, m)
	if err != nil {
		return upload.Receipt{}, err
	}
	found, v := e.verdict()
	switch v {
	case isThere:
		if err := c.journal.arrive(m.Number, m.Caption, found.id, found.album); err != nil {
			return upload.Receipt{}, notNoted(err)
		}
		return upload.Receipt{
			RemoteID: found.id, URL: c.link(found), Album: m.Album, Known: true,
			Verified: "the site lists it in its album, with its caption and from the time when it was sent",
		}, nil
	case isNotThere:
		if it.SetMark != nil {
			if err := it.SetMark(""); err != nil {
				return upload.Receipt{}, notNoted(err)
			}
		}
		c.journal.drop(m.Number)
		return upload.Receipt{}, upload.ErrNotFound
	case isTooEarly:
		return upload.Receipt{}, &upload.Error{
			Op: opFind, Reason: "the photo was sent, its answer was lost, and the site may still be busy with it",
			Hint: "It is looked for again by itself.",
		}
	}
	return upload.Receipt{}, unsure("the photo was sent, its answer was lost, and " + v.String())
}

// again makes the receipt of a photo that was stored, when nobody has heard of
// the first one.
func (c *Client) again(ctx context.Context, m mark, pid string) (upload.Receipt, error) {
	p, shown, err := c.picture(ctx, opFind, pid)
	if err != nil {
		return upload.Receipt{}, err
	}
	r := upload.Receipt{RemoteID: pid, URL: c.link(p), Album: m.Album, Known: true, Verified: verifiedPending}
	if shown {
		r.Verified = verifiedShown
	}
	return r, nil
}

func unsure(reason string) error {
	return &upload.Error{
		Kind: upload.Unsure, Op: opFind, Reason: reason,
		Hint: "Look for it on the site; then send it again or mark it as sent.",
	}
}

func notNoted(err error) error {
	return &upload.Error{Op: opFind, Reason: "what was found out cannot be noted in the queue", Err: err}
}

// verdict is what evidence comes to.
type verdict uint8

const (
	isThere verdict = iota
	isNotThere
	isTooEarly
	isAmbiguous
	isHidden
	isChanged
)

// String says why a verdict is no decision.
func (v verdict) String() string {
	switch v {
	case isAmbiguous:
		return "a photo there may be it or another one"
	case isHidden:
		return "this site may keep photos from being seen until you approve them"
	default:
		return "its album has changed in the meantime in a way that can mean either"
	}
}

// evidence is all that speaks for and against a photo being on the site.
type evidence struct {
	mark     mark
	listed   []picture         // in the album, or in all when it is not known
	size     int               // photos that the site counts there
	whole    bool              // the list was read to its end
	before   int               // photos that were there before, and those that came by other uploads since
	ours     func(string) bool // photos that other uploads explain, by pid
	known    bool              // the journal has the attempt, so that ours and before are complete
	rival    bool              // another upload in doubt would look the same
	doubted  func(string) bool // captions of other uploads in doubt that go to the same album
	shows    bool              // this site has been seen to list photos that had just been sent
	settled  bool              // the site cannot be busy with it any more
	vanished bool              // the album itself is gone
}

// sort returns the photos that may be this one, and counts those that came at
// its time and are not explained: by the captions of other uploads in doubt,
// and by nothing at all.
func (e evidence) sort() (fits []picture, doubted, strangers int) {
	for _, p := range e.listed {
		switch {
		case e.ours(p.id):
		case p.created != 0 && (p.created < e.mark.Since || e.mark.Until != 0 && p.created > e.mark.Until):
		case sameCaption(e.mark.Caption, p.caption):
			fits = append(fits, p)
		case e.doubted(p.caption):
			doubted++
		default:
			strangers++ // or it with another caption than was sent
		}
	}
	return fits, doubted, strangers
}

// verdict decides. A photo is there if exactly one fits that nothing else
// explains. It is not there only if two witnesses agree, the list and the
// count, on a site that is known to tell of new photos: the list has none that
// could be it, and the count has grown by nothing that is not explained.
func (e evidence) verdict() (picture, verdict) {
	fits, doubted, strangers := e.sort()
	complete := e.whole && !e.vanished && len(e.listed) == e.size
	switch {
	case len(fits) == 1 && fits[0].created != 0 && e.known && !e.rival:
		return fits[0], isThere
	case len(fits) > 0:
		return picture{}, isAmbiguous
	case !e.settled:
		return picture{}, isTooEarly
	case !e.shows:
		return picture{}, isHidden
	case !complete, strangers > 0, e.size != e.before+doubted, doubted > 0 && !e.known:
		return picture{}, isChanged
	}
	return picture{}, isNotThere
}

// gather asks the site for all that it tells.
func (c *Client) gather(ctx context.Context, m mark) (evidence, error) {
	a, known, rival := c.journal.attempt(m.Number, m.Caption, m.In)
	e := evidence{
		mark: m, before: m.Size, ours: c.journal.ours, known: known, rival: rival, whole: true,
		doubted: func(caption string) bool { return c.journal.doubts(digest(caption), m.In) },
		shows:   c.shows() != showsNo && c.shows() != "",
	}
	if known {
		e.before = a.Size
	}
	ended := time.Unix(m.Ended, 0)
	if m.Ended == 0 {
		ended = c.born // the program has ended in between, if not the attempt
	}
	e.settled = c.now().Sub(ended) >= c.settle
	if err := c.readShelf(ctx, opFind); err != nil {
		return e, err
	}
	albums := c.shelf.albums
	if m.In != "" {
		a, ok := c.shelf.byID(m.In)
		if !ok {
			e.vanished = true
			return e, nil
		}
		albums = []album{*a}
	}
	pages := 0
	for _, a := range albums {
		listed, whole, err := c.pictures(ctx, a.id, &pages)
		if err != nil {
			return e, err
		}
		e.listed = append(e.listed, listed...)
		e.size += a.size
		e.whole = e.whole && whole
	}
	return e, nil
}

// Bounds of reading lists of photos.
const (
	pageSize = 100
	maxPages = 200 // of all albums that one search looks through
)

// pictures lists an album's photos. Sites may give out smaller pages than were
// asked for, so the list ends with the page that has nothing new.
func (c *Client) pictures(ctx context.Context, aid string, pages *int) (all []picture, whole bool, err error) {
	seen := map[string]bool{}
	for page := 1; ; page++ {
		if *pages++; *pages > maxPages {
			return all, false, nil
		}
		nodes, err := c.list(ctx, opFind, getPhotos, "pid",
			param{"aid", aid}, param{"pageSize", strconv.Itoa(pageSize)}, param{"pageNumber", strconv.Itoa(page)})
		if err != nil {
			return nil, false, err
		}
		before := len(all)
		for _, n := range nodes {
			if p := readPicture(n); !seen[p.id] && (p.album == "" || p.album == aid) {
				seen[p.id] = true
				all = append(all, p)
			}
		}
		if len(all) == before {
			return all, true, nil
		}
	}
}
