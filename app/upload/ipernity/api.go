package ipernity

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// signed returns the parameters of a call with key, token and signature.
func (c *Client) signed(method string, p params) params {
	all := maps.Clone(p)
	all["api_key"] = c.options.apiKey
	if method != getFrob && method != getToken {
		all.set("auth_token", c.account.Token)
	}
	all["api_sig"] = sign(method, c.account.Secret, all)
	return all
}

func (c *Client) address(method string) string { return c.api + "/" + method + "/json" }

// call calls a method and decodes its answer. All calls are POST requests, as
// other clients make them, so that no address holds a token.
//
// A status that is about a photo's bytes is none here.
func (c *Client) call(ctx context.Context, op, method string, p params, v any) error {
	if err := c.turn(ctx); err != nil {
		return err
	}
	form := url.Values{}
	for name, value := range c.signed(method, p) {
		form.Set(name, value)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address(method), strings.NewReader(form.Encode()))
	if err != nil {
		return &upload.Error{Kind: upload.Denied, Op: op, Reason: "the account's address cannot be used"}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := c.hc.Do(req)
	if err != nil {
		return upload.Failed(ctx, opReach, err)
	}
	err = c.read(ctx, op, method, resp, v)
	if e, ok := errors.AsType[*upload.Error](err); ok && e.Kind == upload.Rejected && codeOf(err) == 0 {
		e.Kind = upload.Transient
	}
	return err
}

// turn returns when another request may be made.
func (c *Client) turn(ctx context.Context) error {
	r := c.pace.calls.Reserve()
	if err := sleep(ctx, r.Delay()); err != nil {
		r.Cancel()
		return err
	}
	return nil
}

// sleep returns after d, or with the context's error when it ends before.
func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// read reads and closes an answer and decodes its payload. How a call ended is
// said by the answer itself and hardly ever by its status, so a status counts
// only where the answer says nothing.
func (c *Client) read(ctx context.Context, op, method string, resp *http.Response, v any) error {
	var raw json.RawMessage
	body, err := upload.ReadJSON(ctx, op, resp, &raw)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && resp.StatusCode == http.StatusOK {
		return err
	}
	body = bytes.TrimPrefix(body, []byte("\uFEFF"))
	var e envelope
	if json.Unmarshal(body, &e) != nil || e.API == nil || err != nil && e.API.Code == 0 {
		if err != nil {
			return err
		}
		return unreadable(op, resp, body)
	}
	c.sawClock(e.API.At)
	if e.API.Status != "ok" {
		return refused(op, method, int(e.API.Code), c.foreign(string(e.API.Message)), c.siteNow())
	}
	if json.Unmarshal(body, v) != nil {
		return unreadable(op, resp, body)
	}
	return nil
}

// unreadable is the error of an answer that is JSON, but not ipernity's.
func unreadable(op string, resp *http.Response, body []byte) error {
	e := upload.Unreadable(op, resp, body)
	if e.Hint == "" {
		e.Hint = "Check that the address is that of ipernity."
	}
	return e
}
