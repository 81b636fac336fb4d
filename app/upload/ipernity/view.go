package ipernity

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/photoferry/photoferry/app/upload"
)

// View implements [upload.Viewer] for photos. The site names the addresses of
// a photo's pictures; they are fetched without key and token, and only from
// the site and its own image hosts.
func (c *Client) View(ctx context.Context, v upload.View) (upload.Picture, error) {
	if v.Photo == "" || v.Share != "" || v.ViewID != "" {
		return upload.Picture{}, &upload.Error{Kind: upload.Rejected, Op: opView, Reason: "name the picture by its photo; ipernity has no other way"}
	}
	if v.Width < 0 || v.Height < 0 {
		return upload.Picture{}, &upload.Error{Kind: upload.Rejected, Op: opView, Reason: "width and height cannot be negative"}
	}
	d, err := c.doc(ctx, v.Photo)
	if codeOf(err) == 1 {
		return upload.Picture{}, noSuchPhoto(opView)
	}
	if err != nil {
		return upload.Picture{}, err
	}
	resp, err := c.fetch(ctx, opView, c.choose(d, v))
	if err != nil {
		return upload.Picture{}, err
	}
	return upload.Picture{ReadCloser: resp.Body, ContentType: resp.Header.Get("Content-Type"), Size: resp.ContentLength}, nil
}

func noSuchPhoto(op string) *upload.Error {
	return &upload.Error{Kind: upload.Rejected, Op: op, Reason: "the site has no such photo", Err: upload.ErrNotFound}
}

// thumbnail is the edge that a small picture should have, in pixels.
const thumbnail = 240

// choose returns the address of the smallest picture that is as big as wanted,
// or of the biggest that there is.
func (c *Client) choose(d doc, v upload.View) string {
	width, height := number(v.Width), number(v.Height)
	if v.Thumbnail {
		width, height = thumbnail, 0
	}
	var best picture
	better := func(p picture) bool {
		enough := func(p picture) bool {
			if v.Thumbnail {
				return max(p.Width, p.Height) >= width
			}
			return (width > 0 || height > 0) && p.Width >= width && p.Height >= height
		}
		switch {
		case best.URL == "":
			return true
		case enough(p) != enough(best):
			return enough(p)
		case enough(p):
			return p.Width*p.Height < best.Width*best.Height
		}
		return p.Width*p.Height > best.Width*best.Height
	}
	for _, p := range append(d.Thumbs.v.Thumb, d.Original.v.picture) {
		if c.own(string(p.URL)) && better(p) {
			best = p
		}
	}
	return string(best.URL)
}

// own reports whether an address is one of the site's: its own host, or for
// the real site any host of its domain. Only https may become https.
func (c *Client) own(address string) bool {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	site, err := url.Parse(c.site)
	if err != nil || site.Scheme == "https" && u.Scheme != "https" {
		return false
	}
	const domain = "ipernity.com"
	if host := site.Hostname(); host == domain || strings.HasSuffix(host, "."+domain) {
		return u.Port() == "" && (u.Hostname() == domain || strings.HasSuffix(u.Hostname(), "."+domain))
	}
	return strings.EqualFold(u.Host, site.Host)
}

// errorText bounds what is read of an answer that is no picture.
const errorText = 64 << 10

// fetch fetches a picture or film from one of the addresses that the site
// names, without key and token. Refusals are of the kind Rejected: they say
// nothing about the account. The caller closes the body.
func (c *Client) fetch(ctx context.Context, op, address string) (*http.Response, error) {
	nowhere := &upload.Error{Kind: upload.Rejected, Op: op, Reason: "the site does not say where its pictures of the photo are"}
	if !c.own(address) {
		return nil, nowhere
	}
	req, err := http.NewRequestWithContext(upload.WithStream(ctx), http.MethodGet, address, nil)
	if err != nil {
		return nil, nowhere
	}
	resp, err := c.hc.Do(req)
	if err != nil {
		err = upload.Failed(ctx, op, err)
		if e, ok := errors.AsType[*upload.Error](err); ok && e.Kind == upload.Denied {
			e.Kind = upload.Rejected
		}
		return nil, err
	}
	kind := resp.Header.Get("Content-Type")
	if resp.StatusCode == http.StatusOK && (strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "video/")) {
		return resp, nil
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(io.LimitReader(resp.Body, errorText)) // what it says matters little
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	var e *upload.Error
	switch resp.StatusCode {
	case http.StatusOK:
		e = upload.Unreadable(op, resp, body)
	case http.StatusNotFound, http.StatusGone:
		e = noSuchPhoto(op)
	default:
		if e = upload.ClassifyStatus(op, resp, body); e.Kind == upload.Denied {
			e.Kind = upload.Rejected
		}
	}
	e.Status = resp.StatusCode
	return nil, e
}
