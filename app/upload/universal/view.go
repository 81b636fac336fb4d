package universal

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/photoferry/photoferry/app/upload"
)

// View implements [upload.Viewer] for photos by their ID. Pictures are fetched
// from the account's own site only.
func (c *Client) View(ctx context.Context, v upload.View) (upload.Picture, error) {
	if v.Photo == "" || v.Share != "" || v.ViewID != "" {
		return upload.Picture{}, &upload.Error{Kind: upload.Rejected, Op: opView, Reason: "this service shows photos by their ID only"}
	}
	p, err := c.find(ctx, v.Photo)
	if err != nil {
		return upload.Picture{}, err
	}
	addresses := []string{p.big, p.src, p.small}
	if v.Thumbnail {
		addresses = []string{p.small, p.src, p.big}
	}
	for _, address := range addresses {
		if c.onSite(address) {
			return c.fetch(ctx, address)
		}
	}
	return upload.Picture{}, &upload.Error{Kind: upload.Rejected, Op: opView, Reason: "the site keeps its pictures on another one", Hint: "Open the photo's page in the browser."}
}

func (c *Client) find(ctx context.Context, pid string) (picture, error) {
	done, err := c.take(ctx)
	if err != nil {
		return picture{}, err
	}
	defer done()
	p, shown, err := c.picture(ctx, opView, pid)
	if err == nil && !shown {
		err = &upload.Error{Kind: upload.Rejected, Op: opView, Reason: "the site does not show this photo", Hint: "It may wait for your approval on the site.", Err: upload.ErrNotFound}
	}
	return p, err
}

// onSite reports whether an address is on the account's host, or on the https
// side of it, or on one whose name ends in that.
func (c *Client) onSite(address string) bool {
	root, err := url.Parse(c.root)
	if err != nil {
		return false
	}
	u, err := url.Parse(address)
	if err != nil || u.Scheme != root.Scheme && u.Scheme != "https" || u.Scheme != "http" && u.Scheme != "https" || u.User != nil {
		return false
	}
	if strings.EqualFold(u.Hostname(), root.Hostname()) {
		return u.Port() == root.Port() || u.Scheme == "https" && root.Scheme == "http"
	}
	return strings.HasSuffix(strings.ToLower(u.Hostname()), "."+root.Hostname())
}

// errorText bounds what is read of an answer that is no picture.
const errorText = 64 << 10

func (c *Client) fetch(ctx context.Context, address string) (upload.Picture, error) {
	req, err := http.NewRequestWithContext(upload.WithStream(ctx), http.MethodGet, address, nil)
	if err != nil {
		return upload.Picture{}, &upload.Error{Kind: upload.Rejected, Op: opView, Reason: "the picture's address cannot be used"}
	}
	resp, err := c.hc.Do(req)
	if err != nil {
		return upload.Picture{}, upload.Failed(ctx, opView, err)
	}
	kind := resp.Header.Get("Content-Type")
	if resp.StatusCode == http.StatusOK && strings.HasPrefix(kind, "image/") {
		return upload.Picture{ReadCloser: resp.Body, ContentType: kind, Size: resp.ContentLength}, nil
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, errorText))
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return upload.Picture{}, &upload.Error{Kind: upload.Rejected, Op: opView, Status: resp.StatusCode, Reason: "the site has no such picture", Err: upload.ErrNotFound}
	case resp.StatusCode != http.StatusOK:
		return upload.Picture{}, upload.ClassifyStatus(opView, resp, body)
	case err != nil:
		return upload.Picture{}, upload.Failed(ctx, opView, err)
	}
	return upload.Picture{}, upload.Unreadable(opView, resp, body)
}
