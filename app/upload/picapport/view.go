package picapport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/photoferry/photoferry/app/upload"
)

// View implements [upload.Viewer]. A picture of a shared gallery needs no
// sign-in.
func (c *Client) View(ctx context.Context, v upload.View) (upload.Picture, error) {
	function, q, err := viewQuery(v)
	if err != nil {
		return upload.Picture{}, err
	}
	if v.Share != "" {
		p, err := c.picture(ctx, endpoint(c.root, function, q))
		if lost, ok := errors.AsType[*lostSession](err); ok {
			err = lost.refusal
		}
		return p, err
	}
	var p upload.Picture
	err = c.inSession(ctx, opView, func(s *session) (err error) {
		p, err = c.picture(ctx, s.url(function, q))
		return err
	})
	return p, err
}

// viewQuery returns the function and its parameters but the session.
func viewQuery(v upload.View) (function string, q url.Values, err error) {
	q = url.Values{}
	named := 0
	if v.Photo != "" {
		q.Set("photoid", v.Photo)
		named++
	}
	if v.Share != "" {
		q.Set("sid", v.Share)
		named++
	}
	if v.ViewID != "" {
		q.Set("vid", v.ViewID)
		named++
	}
	switch {
	case named != 1:
		return "", nil, &upload.Error{Kind: upload.Rejected, Op: opView, Reason: "name the picture in one way: by photo, by share and index, or by view and index"}
	case v.Index < 0 || v.Width < 0 || v.Height < 0 || !(v.Quality >= 0 && v.Quality <= 1):
		return "", nil, &upload.Error{Kind: upload.Rejected, Op: opView, Reason: "index, width and height cannot be negative, and quality is from 0 to 1"}
	}
	if v.Photo == "" {
		q.Set("index", strconv.Itoa(v.Index))
	}
	if v.Thumbnail {
		return "getThumbnail", q, nil
	}
	if v.Width > 0 {
		q.Set("width", strconv.Itoa(v.Width))
	}
	if v.Height > 0 {
		q.Set("height", strconv.Itoa(v.Height))
	}
	if v.Quality > 0 {
		q.Set("quality", strconv.FormatFloat(v.Quality, 'f', -1, 64))
	}
	return "getPhoto", q, nil
}

// errorText bounds what is read of an answer that is no picture.
const errorText = 64 << 10

func (c *Client) picture(ctx context.Context, address string) (upload.Picture, error) {
	resp, err := c.do(upload.WithStream(ctx), opView, address)
	if err != nil {
		return upload.Picture{}, err
	}
	kind := resp.Header.Get("Content-Type")
	if resp.StatusCode == http.StatusOK && strings.HasPrefix(kind, "image/") {
		return upload.Picture{ReadCloser: resp.Body, ContentType: kind, Size: resp.ContentLength}, nil
	}
	whole := resp.Body
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(whole, errorText), whole}
	var nothing notJSON
	err = c.read(ctx, opView, resp, &nothing)
	if e, ok := errors.AsType[*upload.Error](err); ok && e.Status == http.StatusNotFound && !isLost(err) {
		return upload.Picture{}, &upload.Error{Kind: upload.Rejected, Op: opView, Status: e.Status, Reason: "the server has no such photo", Err: upload.ErrNotFound}
	}
	return upload.Picture{}, err
}

// notJSON refuses every JSON value: no answer of that kind is a picture.
type notJSON struct{}

// UnmarshalJSON implements [encoding/json.Unmarshaler].
func (*notJSON) UnmarshalJSON([]byte) error { return errors.New("not a picture") }
