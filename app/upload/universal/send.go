package universal

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/photoferry/photoferry/app/upload"
)

// Upload implements [upload.Uploader]. With a mark whose attempt is still in
// doubt it looks for that photo first, and sends nothing unless it is known not
// to be there.
func (c *Client) Upload(ctx context.Context, it upload.Item) (upload.Receipt, error) {
	done, err := c.take(ctx)
	if err != nil {
		return upload.Receipt{}, err
	}
	defer done()
	if it.Mark != "" {
		if r, err := c.resolve(ctx, it); !errors.Is(err, upload.ErrNotFound) {
			return r, err
		}
	}
	var r repairs
	for {
		at, err := c.place(ctx, it.Album)
		if err != nil {
			return upload.Receipt{}, err
		}
		receipt, err := c.send(ctx, it, at)
		if err == nil || !c.repair(ctx, err, at, &r) {
			return receipt, err
		}
	}
}

// send makes one transmission to one place.
func (c *Client) send(ctx context.Context, it upload.Item, at place) (upload.Receipt, error) {
	caption := c.caption(it)
	args, err := c.arguments(opUpload, uploadPhoto, []param{{"aid", at.aid}, {"caption", caption}})
	if err != nil {
		return upload.Receipt{}, err
	}
	form := upload.Form{File: upload.FormFile{
		Name: "data", FileName: upload.FileName(it.Name, it.Kind.Ext(), ".jpeg", ".jpe", ".jfif"),
		ContentType: it.Kind.MIME(), Size: it.Size, Open: it.Open,
	}}
	m := mark{
		In: at.in, Album: at.name, Caption: compared(caption), Size: at.size,
		Since: c.clock.earliest(c.now()),
	}
	for _, p := range args {
		form.Fields = append(form.Fields, upload.Field{Name: p.name, Value: p.value})
		if p.name == "call_id" {
			m.Number = p.value
		}
	}
	marked := false
	form.Commit = func() error {
		if err := c.journal.begin(attempt{Number: m.Number, Text: digest(m.Caption), In: m.In, Size: m.Size}); err != nil {
			return err
		}
		marked = true
		return setMark(it, m.String())
	}
	answer, whole, err := c.post(ctx, args, form)
	if err == nil {
		if n, ok := answer.only("pid"); ok {
			return c.stored(ctx, m, readPicture(n), at), nil
		}
		err = &upload.Error{Op: opUpload, Reason: "the site's answer names no photo"}
	}
	if !whole || !mayBeStored(ctx, err) {
		c.journal.drop(m.Number)
		if marked {
			if merr := setMark(it, ""); merr != nil {
				return upload.Receipt{}, errors.Join(err, merr)
			}
		}
		return upload.Receipt{}, err
	}
	// Now the end of the attempt is known as well. Without it the mark that is
	// there already says less, and the search goes on with that.
	m.Ended, m.Until = c.now().Unix(), c.clock.latest(c.now().Add(c.settle))
	if merr := setMark(it, m.String()); merr != nil {
		return upload.Receipt{}, errors.Join(err, merr)
	}
	return upload.Receipt{}, err
}

func setMark(it upload.Item, text string) error {
	if it.SetMark == nil {
		return nil
	}
	return it.SetMark(text)
}

// post sends the form. Whole reports whether all of the photo was handed to
// the network.
func (c *Client) post(ctx context.Context, args []param, form upload.Form) (answer node, whole bool, err error) {
	sending, err := form.Post(ctx, c.endpoint())
	if err != nil {
		return node{}, false, upload.Failed(ctx, opUpload, err)
	}
	sending.Request.Header.Set("MIME-Version", "1.0")
	resp, err := c.hc.Do(sending.Request)
	if err != nil {
		err = sending.Failed(opUpload, err)
	} else {
		answer, err = c.read(ctx, opUpload, uploadPhoto, args, resp)
	}
	sending.Stop() // so that nothing is completed any more
	return answer, sending.Complete(), err
}

// mayBeStored reports whether a site that got all of a photo may have kept it
// although the upload ended with err. The service's error codes say that it
// did not, except for the one that means that it does not know itself.
func mayBeStored(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return true
	}
	switch code := codeOf(err); code {
	case codeCallID, codeAlbum:
		return false
	case 0:
	default:
		_, known := underscoreMeanings[code]
		return !known || code == codeUnknown
	}
	e, ok := errors.AsType[*upload.Error](err)
	return !ok || e.Kind == upload.Transient
}

// stored makes the receipt of a photo that the site says it has stored.
func (c *Client) stored(ctx context.Context, m mark, p picture, at place) upload.Receipt {
	// If this cannot be written, others in doubt end as unsure.
	_ = c.journal.arrive(m.Number, m.Caption, p.id, p.album)
	c.arrived(p.album, at)
	r := upload.Receipt{RemoteID: p.id, URL: c.link(p), Album: at.name}
	r.Verified = c.confirm(ctx, p.id)
	return r
}

// link returns the address where a person can look at a photo, or at its album;
// "" when the site has told none that can be opened.
func (c *Client) link(p picture) string {
	links := []string{p.link, p.big, p.src}
	if a, ok := c.shelf.byID(p.album); ok {
		links = []string{p.link, a.link, p.big, p.src}
	}
	for _, link := range links {
		u, err := url.Parse(link)
		if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil && !c.tells(link) {
			return u.String()
		}
	}
	return ""
}

// tells reports whether a text of the site holds a secret of the account.
func (c *Client) tells(text string) bool {
	for _, s := range []string{c.account.Secret, c.session.Key, c.session.Secret} {
		if s != "" && strings.Contains(text, s) {
			return true
		}
	}
	return false
}
