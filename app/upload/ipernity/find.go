package ipernity

import (
	"context"
	"crypto/md5"
	"errors"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// perPage is how many docs or albums one call lists: the most that the site
// gives.
const perPage = 100

// How a photo was known again, for people.
const (
	verifiedByTicket = "the site has processed the photo"
	verifiedBySum    = "the site has a photo with the same MD5"
	verifiedByFile   = "the site has a photo with the same name, size and time"
	verifiedByBytes  = "the site's original was fetched and has the same MD5"
)

// Find implements [upload.Uploader]. An upload that an earlier attempt has
// begun is followed to its end, its album included.
//
// The first question of a client reads the list of the account's photos; later
// ones are answered from memory, and only a photo that is there is asked for
// itself, because it may have been deleted since. See [index].
func (c *Client) Find(ctx context.Context, it upload.Item) (upload.Receipt, error) {
	if m, ok := parseMark(it.Mark); ok {
		r, err := c.resume(ctx, it, m)
		if !errors.Is(err, upload.ErrNotFound) {
			return r, err
		}
	}
	if err := c.list(ctx); err != nil {
		return upload.Receipt{}, err
	}
	return c.recall(ctx, it, 0)
}

// FindAll implements [upload.BulkFinder]. It believes for a while that a photo
// is still there.
func (c *Client) FindAll(ctx context.Context, its []upload.Item) ([]upload.Receipt, error) {
	if err := c.list(ctx); err != nil {
		return nil, err
	}
	all := make([]upload.Receipt, len(its))
	for i, it := range its {
		var r upload.Receipt
		var err error
		if it.Mark == "" {
			r, err = c.recall(ctx, it, seenFresh)
		} else {
			r, err = c.Find(ctx, it)
		}
		if err != nil && !errors.Is(err, upload.ErrNotFound) {
			return nil, err
		}
		all[i] = r
	}
	return all, nil
}

// Verify implements [upload.Verifier].
func (c *Client) Verify(ctx context.Context, it upload.Item, remoteID string) (upload.Receipt, error) {
	if _, err := c.me(ctx); err != nil { // a stranger does not find what is private
		return upload.Receipt{}, err
	}
	d, err := c.doc(ctx, remoteID)
	if codeOf(err) == 1 {
		c.known.confirm(it, remoteID, false, c.now())
		return upload.Receipt{}, upload.ErrNotFound
	}
	if err != nil {
		return upload.Receipt{}, err
	}
	return upload.Receipt{RemoteID: remoteID, URL: c.link(remoteID), Known: true, Verified: c.compare(d, it)}, nil
}

// compare says how sure it is that a doc is an item.
func (c *Client) compare(d doc, it upload.Item) string {
	sum, told := d.md5()
	o := d.Original.v
	switch {
	case told && sum == it.MD5:
		return verifiedBySum
	case told && !c.otherSums.Load():
		return "the site has this photo, but not with these bytes; it may have been replaced there"
	case int64(o.Bytes) == it.Size && o.FileName != "":
		return "the site has this photo, with the same size"
	}
	return "the site has a photo with this ID"
}

// recall answers from memory. A photo that the site was not seen to have for
// longer than trust is asked for again.
func (c *Client) recall(ctx context.Context, it upload.Item, trust time.Duration) (upload.Receipt, error) {
	k, ok := c.known.find(it)
	if !ok {
		return upload.Receipt{}, upload.ErrNotFound
	}
	if c.now().Sub(k.seen) >= trust {
		_, err := c.doc(ctx, k.id)
		if err != nil && codeOf(err) != 1 {
			return upload.Receipt{}, err
		}
		c.known.confirm(it, k.id, err == nil, c.now())
		if err != nil {
			return upload.Receipt{}, upload.ErrNotFound
		}
	}
	if _, err := c.me(ctx); err != nil { // for the link
		return upload.Receipt{}, err
	}
	return upload.Receipt{RemoteID: k.id, URL: c.link(k.id), Known: true, Verified: k.how}, nil
}

// seenFresh is how long FindAll believes that the site keeps a photo that it
// listed.
const seenFresh = 30 * time.Minute

// resume goes on where an earlier attempt ended. Its error is
// [upload.ErrNotFound] when the photo has to be sent again.
func (c *Client) resume(ctx context.Context, it upload.Item, m mark) (upload.Receipt, error) {
	if _, err := c.me(ctx); err != nil {
		return upload.Receipt{}, err
	}
	var r upload.Receipt
	var err error
	switch m.state {
	case markDoc:
		r, err = c.finish(ctx, it, m.id)
		if codeOf(err) == 2 {
			return c.lostDoc(ctx, it, m.id, err)
		}
		r.Verified = verifiedByTicket
	case markTicket:
		r, err = c.follow(ctx, it, m)
	default:
		r, err = c.lookFor(ctx, it, m)
	}
	r.Known = err == nil
	return r, err
}

// lostDoc judges a photo that the site does not find for its album: deleted
// there since, or not.
func (c *Client) lostDoc(ctx context.Context, it upload.Item, id string, otherwise error) (upload.Receipt, error) {
	if _, err := c.doc(ctx, id); codeOf(err) != 1 {
		return upload.Receipt{}, otherwise
	}
	c.known.confirm(it, id, false, c.now())
	return upload.Receipt{RemoteID: id, Known: true, Gone: true}, setMark(it, nil)
}

// lookFor looks for the photo of an upload whose answer was lost. While the
// site may still be working on it, an error of kind Transient says so; after
// that the photo has to be sent again.
func (c *Client) lookFor(ctx context.Context, it upload.Item, m mark) (upload.Receipt, error) {
	for {
		id, how, err := c.lookOnce(ctx, it, m)
		if err != nil {
			return upload.Receipt{}, err
		}
		if id != "" {
			return c.arrived(ctx, it, id, how)
		}
		left := m.at.Add(c.pace.settle).Sub(c.siteNow())
		switch {
		case left <= 0:
			if err := setMark(it, nil); err != nil {
				return upload.Receipt{}, err
			}
			return upload.Receipt{}, upload.ErrNotFound
		case left > c.pace.linger:
			return upload.Receipt{}, &upload.Error{
				Op: opFind, Reason: "the photo was sent, its answer was lost, and the site does not show it yet", RetryAfter: min(left, c.pace.settle),
				Hint: "It is looked for again, and sent again only when the site had time enough to show it.",
			}
		}
		if err := sleep(ctx, min(left, c.pace.look)); err != nil {
			return upload.Receipt{}, err
		}
	}
}

// slack is how much earlier than we think the site may say that a photo was
// posted.
const slack = 30 * time.Second

// lookOnce looks for an item among the docs posted since it was sent, and among
// the newest of the whole list in case the search is behind: by its MD5, and
// where the site tells none that can be relied on by name and size, and then by
// fetching it. It returns "" when it is not there.
func (c *Client) lookOnce(ctx context.Context, it upload.Item, m mark) (id, how string, err error) {
	posted, err := c.search(ctx, m.since.Add(-slack))
	if err != nil {
		return "", "", err
	}
	newest, _, err := c.page(ctx, 1)
	if err != nil {
		return "", "", err
	}
	sums := !c.otherSums.Load()
	for _, d := range slices.Concat(newest, posted) {
		if sum, ok := d.md5(); ok && sums && sum == it.MD5 && d.ID != "" {
			return string(d.ID), verifiedBySum, nil
		}
	}
	for _, d := range posted {
		if !resembles(d, it) {
			continue
		}
		same, how, err := c.same(ctx, d, it)
		if err != nil {
			return "", "", err
		}
		if same {
			return string(d.ID), how, nil
		}
	}
	return "", "", nil
}

// same reports whether a doc that resembles an item is the item, and how that
// is known. Where no MD5 decides, its original is fetched.
func (c *Client) same(ctx context.Context, d doc, it upload.Item) (same bool, how string, err error) {
	if sum, how, ok := c.known.sumOf(string(d.ID)); ok {
		return sum == it.MD5, how, nil
	}
	sum, told := d.md5()
	if !told { // a search may not tell what the doc itself does
		full, err := c.doc(ctx, string(d.ID))
		if codeOf(err) == 1 {
			return false, "", nil // deleted since
		} else if err != nil {
			return false, "", err
		}
		sum, told = full.md5()
	}
	if told && !c.otherSums.Load() && (sum == it.MD5 || c.learned.Load()) {
		return sum == it.MD5, verifiedBySum, nil
	}
	sum, err = c.fetchSum(ctx, d)
	if err != nil {
		return false, "", err
	}
	c.known.note(sum, string(d.ID), verifiedByBytes, c.now())
	return sum == it.MD5, verifiedByBytes, nil
}

// fetchSum fetches a doc's original and returns its MD5.
func (c *Client) fetchSum(ctx context.Context, d doc) (sum [16]byte, err error) {
	resp, err := c.fetch(ctx, opFind, string(d.Original.v.URL))
	if e, ok := errors.AsType[*upload.Error](err); ok && e.Kind == upload.Rejected {
		return sum, &upload.Error{
			Kind: upload.Unsure, Op: opFind,
			Reason: "the photo was sent and its answer was lost; the site has one of the same name and size since, which cannot be compared",
			Hint:   "Compare the two on the site; then send it again or mark it as sent.",
		}
	}
	if err != nil {
		return sum, err
	}
	defer resp.Body.Close()
	h := md5.New()
	size := int64(d.Original.v.Bytes)
	switch n, err := io.Copy(h, io.LimitReader(resp.Body, size+1)); {
	case err != nil:
		return sum, upload.Failed(ctx, opFind, err)
	case n != size:
		return sum, &upload.Error{Op: opFind, Reason: "the site's original did not come whole"}
	}
	return [16]byte(h.Sum(nil)), nil
}

// resembles reports whether a doc may be an item, by name, size and, where both
// have one, time.
func resembles(d doc, it upload.Item) bool {
	o := d.Original.v
	made, taken := string(d.Dates.v.Created), when(it)
	return d.ID != "" && string(o.FileName) == fileName(it) && int64(o.Bytes) == it.Size &&
		(taken == "" || !isTime(made) || made == taken)
}

// list brings the index up to date: the first time by reading the whole list
// of the account's docs, later as much of its beginning as is new. Of all who
// want that, one does it.
func (c *Client) list(ctx context.Context) error {
	x := &c.known
	select {
	case x.turn <- struct{}{}:
		defer func() { <-x.turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if x.wrong.Swap(false) {
		x.forget()
	}
	if err := c.listAll(ctx); err != nil {
		return err
	}
	if c.now().Sub(x.asked) < c.pace.fresh {
		return nil
	}
	asked := c.now()
	for page, more := 1, true; more; page++ {
		docs, rest, err := c.page(ctx, page)
		if err != nil {
			return err
		}
		more = c.learnDocs(docs) && rest
	}
	x.asked = asked
	return nil
}

// listAll reads the whole list, once. What was read before an error is kept,
// and the next call goes on with the last page that was read, in case the
// pages have moved.
func (c *Client) listAll(ctx context.Context) error {
	x := &c.known
	for page := max(x.page, 1); !x.whole; page++ {
		if page == 1 {
			x.asked = c.now()
		}
		docs, more, err := c.page(ctx, page)
		if err != nil {
			return err
		}
		c.learnDocs(docs)
		x.page, x.whole = page, !more || x.size() >= maxKnown
	}
	return nil
}

// learnDocs adds docs to the index and reports whether one of them was new.
func (c *Client) learnDocs(docs []doc) bool {
	sums, now, more := !c.otherSums.Load(), c.now(), false
	for _, d := range docs {
		if c.known.add(d, sums, now) {
			more = true
		}
	}
	return more
}

// extras is what a list is to tell of each doc.
const extras = "md5,original,dates"

// page returns one page of the account's docs, and whether there are more.
func (c *Client) page(ctx context.Context, page int) ([]doc, bool, error) {
	u, err := c.me(ctx)
	if err != nil {
		return nil, false, err
	}
	var a docsAnswer
	err = c.call(ctx, opFind, docGetList, params{
		"user_id": u.id, "extra": extras, "per_page": strconv.Itoa(perPage), "page": strconv.Itoa(page),
	}, &a)
	if err != nil {
		return nil, false, err
	}
	docs := a.Docs.v
	return docs.Doc, docs.more(page, len(docs.Doc)), nil
}

// maxDetails bounds how many docs of a search are asked for one by one.
const maxDetails = 50

// search returns the account's docs that were posted since a time of the
// site's clock. Docs that the list tells nothing of are asked for themselves.
func (c *Client) search(ctx context.Context, since time.Time) ([]doc, error) {
	u, err := c.me(ctx)
	if err != nil {
		return nil, err
	}
	var all []doc
	details := 0
	for page := 1; ; page++ {
		var a docsAnswer
		err := c.call(ctx, opFind, docSearch, params{
			"user_id": u.id, "posted_min": strconv.FormatInt(max(since.Unix(), 0), 10), "sort": "posted-desc",
			"extra": extras, "per_page": strconv.Itoa(perPage), "page": strconv.Itoa(page),
		}, &a)
		if err != nil {
			return nil, err
		}
		docs := a.Docs.v
		for _, d := range docs.Doc {
			if !d.described() && d.ID != "" && details < maxDetails {
				details++
				if d, err = c.doc(ctx, string(d.ID)); codeOf(err) == 1 {
					continue // deleted since
				} else if err != nil {
					return nil, err
				}
			}
			all = append(all, d)
		}
		if !docs.more(page, len(docs.Doc)) || len(all) >= maxKnown {
			return all, nil
		}
	}
}

// doc asks for one doc. The code of a doc that is not there is 1.
func (c *Client) doc(ctx context.Context, id string) (doc, error) {
	var a docAnswer
	if err := c.call(ctx, opFind, docGet, params{"doc_id": id, "extra": "md5"}, &a); err != nil {
		return doc{}, err
	}
	d := a.Doc.v
	if d.ID == "" {
		d.ID = text(id)
	}
	if string(d.ID) != id {
		return doc{}, &upload.Error{Op: opFind, Reason: "the site answered about another photo than was asked for"}
	}
	return d, nil
}
