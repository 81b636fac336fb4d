package piwigo

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/photoferry/photoferry/app/upload"
)

// View implements [upload.Viewer]. Pictures are named by photo alone.
func (c *Client) View(ctx context.Context, v upload.View) (upload.Picture, error) {
	var id number
	if v.Photo == "" || id.UnmarshalJSON([]byte(v.Photo)) != nil || id <= 0 || v.Share != "" || v.ViewID != "" {
		return upload.Picture{}, &upload.Error{Kind: upload.Rejected, Op: opView, Reason: "Piwigo shows pictures by the number of their photo only"}
	}
	var p upload.Picture
	err := c.inSession(ctx, opView, func(s *session) error {
		info, err := c.info(ctx, s, opView, int64(id))
		if means(err, notThere) {
			return &upload.Error{Kind: upload.Rejected, Op: opView, Reason: "the server has no such photo", Err: upload.ErrNotFound}
		}
		if err != nil {
			return err
		}
		p, err = c.picture(ctx, s, pictureOf(info, v))
		return err
	})
	return p, err
}

// pictureOf chooses the address of the smallest picture that is big enough.
func pictureOf(info photoInfo, v upload.View) string {
	if v.Thumbnail {
		for _, size := range []string{"thumb", "square"} {
			if d := info.Derivatives.rows[size]; d.URL != "" {
				return string(d.URL)
			}
		}
	}
	best, found := derivative{}, false
	for _, d := range info.Derivatives.rows {
		// Squares are cut out of the picture.
		if d.URL == "" || d.Width == d.Height && d.URL == info.Derivatives.rows["square"].URL {
			continue
		}
		if d.Width >= number(v.Width) && d.Height >= number(v.Height) && (!found || d.Width*d.Height < best.Width*best.Height) {
			best, found = d, true
		}
	}
	if found && (v.Width > 0 || v.Height > 0) {
		return string(best.URL)
	}
	return string(info.ElementURL)
}

// picture fetches a picture, which must be on the account's own site.
func (c *Client) picture(ctx context.Context, s *session, address string) (upload.Picture, error) {
	elsewhere := &upload.Error{Kind: upload.Rejected, Op: opView, Reason: "the server keeps the picture on another site"}
	root, err := url.Parse(s.root)
	if err != nil {
		return upload.Picture{}, elsewhere
	}
	at, err := root.Parse(strings.ReplaceAll(address, "&amp;", "&"))
	if err != nil || address == "" || !strings.EqualFold(at.Hostname(), root.Hostname()) {
		return upload.Picture{}, elsewhere
	}
	// Behind a proxy the server may not know its own scheme and port.
	at.Scheme, at.Host = root.Scheme, root.Host
	req, err := http.NewRequestWithContext(upload.WithStream(ctx), http.MethodGet, at.String(), nil)
	if err != nil {
		return upload.Picture{}, elsewhere
	}
	resp, err := c.do(ctx, s, req)
	if err != nil {
		return upload.Picture{}, err
	}
	kind := resp.Header.Get("Content-Type")
	if resp.StatusCode == http.StatusOK && (strings.HasPrefix(kind, "image/") || strings.HasPrefix(kind, "video/")) {
		return upload.Picture{ReadCloser: resp.Body, ContentType: kind, Size: resp.ContentLength}, nil
	}
	whole := resp.Body
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(whole, errorText), whole}
	err = c.read(ctx, opView, resp, new(noResult))
	if statusOf(err) == http.StatusNotFound {
		return upload.Picture{}, &upload.Error{Kind: upload.Rejected, Op: opView, Status: http.StatusNotFound, Reason: "the server has no such picture", Err: upload.ErrNotFound}
	}
	return upload.Picture{}, err
}

// errorText bounds what is read of an answer that is no picture.
const errorText = 64 << 10

// noResult refuses every result: none is a picture.
type noResult struct{}

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (*noResult) UnmarshalJSON([]byte) error { return io.ErrUnexpectedEOF }
