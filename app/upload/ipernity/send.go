package ipernity

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
)

// Upload implements [upload.Uploader]. An upload that an earlier attempt has
// begun is followed to its end before anything is sent.
func (c *Client) Upload(ctx context.Context, it upload.Item) (upload.Receipt, error) {
	if m, ok := parseMark(it.Mark); ok {
		r, err := c.resume(ctx, it, m)
		if !errors.Is(err, upload.ErrNotFound) {
			return r, err
		}
	}
	if r, err := c.recall(ctx, it, 0); !errors.Is(err, upload.ErrNotFound) {
		return r, err
	}
	if err := c.admit(ctx, it); err != nil {
		return upload.Receipt{}, err
	}
	m, err := c.send(ctx, it)
	if err != nil {
		return upload.Receipt{}, err
	}
	c.used(it.Size)
	return c.follow(ctx, it, m)
}

// send makes one transmission. The mark that it returns holds the ticket and
// has been stored.
func (c *Client) send(ctx context.Context, it upload.Item) (mark, error) {
	if err := c.turn(ctx); err != nil {
		return mark{}, err
	}
	m := mark{state: markSent, since: c.siteNow()}
	form := c.form(it)
	form.Commit = func() error {
		m.at = c.siteNow()
		return setMark(it, &m)
	}
	sending, err := form.Post(ctx, c.address(uploadFile))
	if err != nil {
		return mark{}, upload.Failed(ctx, opUpload, err)
	}
	stop := sync.OnceFunc(sending.Stop)
	defer stop()
	var a uploadAnswer
	resp, err := c.hc.Do(sending.Request)
	if err != nil {
		err = sending.Failed(opUpload, err)
	} else {
		err = c.read(ctx, opUpload, uploadFile, resp, &a)
	}
	if err == nil && a.Ticket == "" {
		err = &upload.Error{Op: opUpload, Reason: "the site's answer names no ticket"}
	}
	stop() // the mark is not written to any more
	switch {
	case err == nil:
		m.state, m.id = markTicket, string(a.Ticket)
		if m.at.IsZero() {
			m.at = c.siteNow() // answered before the last bytes were handed over
		}
		return m, setMark(it, &m)
	case codeOf(err) == 2, codeOf(err) == 4:
		c.forgetQuota() // it is not what we believed
	}
	if sending.Complete() && !mayBeStored(ctx, err) {
		if merr := setMark(it, nil); merr != nil {
			return mark{}, errors.Join(err, merr)
		}
	}
	return mark{}, err
}

// mayBeStored reports whether a site that got all of a photo may keep it
// although the upload ended with err: where the site itself did not answer, or
// had trouble of its own in doing it.
func mayBeStored(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return true
	}
	e, ok := errors.AsType[*upload.Error](err)
	return !ok || e.Kind == upload.Transient || e.Status >= 500
}

// form lays out the request for one photo.
func (c *Client) form(it upload.Item) upload.Form {
	p := params{"async": "1"}
	for name, value := range c.options.settings {
		p[name] = value
	}
	m := it.Meta
	p.set("title", clean(m.Title))
	p.set("description", clean(m.Description))
	p.set("keywords", keywords(m.Tags))
	if !m.Taken.IsZero() {
		p["created_at"] = created(m)
	}
	switch {
	case c.options.hideGeo:
		p["lat"], p["lng"] = "-999", "-999"
	case m.GPS != nil:
		p["lat"], p["lng"] = degrees(m.GPS.Lat), degrees(m.GPS.Lon)
	}
	p = c.signed(uploadFile, p)
	f := upload.Form{File: upload.FormFile{
		Name:        "file",
		FileName:    fileName(it),
		ContentType: it.Kind.MIME(),
		Size:        it.Size,
		Open:        it.Open,
	}}
	for _, name := range p.names() {
		f.Fields = append(f.Fields, upload.Field{Name: name, Value: p[name]})
	}
	return f
}

// created is when a photo was taken as the site writes it: the time on the
// camera's clock.
func created(m photo.Meta) string { return m.Taken.Format("2006-01-02 15:04:05") }

// degrees writes a coordinate with a precision of about ten centimetres.
func degrees(d float64) string { return strconv.FormatFloat(d, 'f', 6, 64) }

// keywords joins tags as the site wants them. A comma within a tag would make
// two of it.
func keywords(tags []string) string {
	var words []string
	for _, tag := range tags {
		tag = strings.Join(strings.Fields(strings.ReplaceAll(clean(tag), ",", " ")), " ")
		if tag != "" {
			words = append(words, tag)
		}
	}
	return strings.Join(words, ",")
}

// fileName is an item's name on the site.
func fileName(it upload.Item) string {
	switch ext := it.Kind.Ext(); it.Kind {
	case photo.JPEG:
		return upload.FileName(it.Name, ext, ".jpeg", ".jpe")
	case photo.TIFF:
		return upload.FileName(it.Name, ext, ".tiff")
	case photo.MP4:
		return upload.FileName(it.Name, ext, ".m4v")
	case photo.RAW:
		if i := strings.LastIndexByte(it.Name, '.'); i > 0 {
			return upload.FileName(it.Name, it.Name[i:])
		}
		return upload.FileName(it.Name, ext)
	default:
		return upload.FileName(it.Name, ext)
	}
}

// follow waits for a ticket's fate.
func (c *Client) follow(ctx context.Context, it upload.Item, m mark) (upload.Receipt, error) {
	f, err := c.tickets.wait(ctx, m.id)
	switch {
	case err != nil:
		return upload.Receipt{}, err
	case f.invalid:
		if err := setMark(it, nil); err != nil {
			return upload.Receipt{}, err
		}
		return upload.Receipt{}, &upload.Error{
			Kind: upload.Rejected, Op: opUpload, Reason: "the site could not make anything of the photo",
			Hint: "Look whether it can be opened on this computer; then choose Retry.",
		}
	case f.unknown || f.doc == "":
		return c.lookFor(ctx, it, m)
	}
	return c.arrived(ctx, it, f.doc, verifiedByTicket)
}

// arrived ends an upload whose doc is known: how it is known is said for
// people. Only the album may be missing now.
func (c *Client) arrived(ctx context.Context, it upload.Item, id, how string) (upload.Receipt, error) {
	c.known.note(it.MD5, id, verifiedByTicket, c.now())
	if !c.learned.Load() {
		how = c.learn(ctx, it, id, how)
	}
	r, err := c.finish(ctx, it, id)
	if err != nil {
		return upload.Receipt{}, err
	}
	r.Verified = how
	return r, nil
}

// finish puts a doc that is there into its album.
func (c *Client) finish(ctx context.Context, it upload.Item, id string) (upload.Receipt, error) {
	r := upload.Receipt{RemoteID: id, URL: c.link(id), Name: fileName(it)}
	title := clean(it.Album)
	if title == "" {
		title = c.options.album
	}
	if title == "" {
		return r, nil
	}
	if err := setMark(it, &mark{state: markDoc, id: id}); err != nil {
		return upload.Receipt{}, err
	}
	var err error
	r.Album, err = c.albumFor(ctx, title, id)
	return r, err
}

// learn looks at the first photo that arrives whether the MD5 that the site
// tells is that of the bytes that were sent. It returns how the photo was
// verified.
func (c *Client) learn(ctx context.Context, it upload.Item, id, how string) string {
	d, err := c.doc(ctx, id)
	if err != nil {
		return how // the next one will do
	}
	sum, told := d.md5()
	if !told {
		return how
	}
	same, fact := sum == it.MD5, sumsOther
	if same {
		how, fact = verifiedBySum, sumsSame
	}
	if c.otherSums.Swap(!same) == same {
		c.known.wrong.Store(true)
	}
	c.learned.Store(true)
	_ = c.account.Remember(memorySums, fact) // is learned again when it is lost
	return how
}

// link returns the page where a person can look at a doc; "" while it is not
// known whose it is.
func (c *Client) link(id string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.user == nil {
		return ""
	}
	return c.site + "/doc/" + c.user.id + "/" + id
}
