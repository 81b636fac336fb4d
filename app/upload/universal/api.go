package universal

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// call calls a function. A session function's caller has the turn; a number
// that the site has seen already is repaired once.
func (c *Client) call(ctx context.Context, op string, m method, args ...param) (node, error) {
	answer, err := c.exchange(ctx, op, m, args)
	if codeOf(err) == codeCallID && m.session {
		c.ids.leap()
		answer, err = c.exchange(ctx, op, m, args)
	}
	return answer, err
}

func (c *Client) exchange(ctx context.Context, op string, m method, args []param) (node, error) {
	all, err := c.arguments(op, m, args)
	if err != nil {
		return node{}, err
	}
	form := url.Values{}
	for _, p := range all {
		form.Set(p.name, p.value)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.endpoint(), strings.NewReader(form.Encode()))
	if err != nil {
		return node{}, &upload.Error{Kind: upload.Denied, Op: op, Reason: "the account's address cannot be used"}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := c.hc.Do(req)
	if err != nil {
		return node{}, upload.Failed(ctx, op, err)
	}
	answer, err := c.read(ctx, op, m, all, resp)
	if e, ok := errors.AsType[*upload.Error](err); ok && e.Kind == upload.Rejected && codeOf(err) == 0 {
		e.Kind = upload.Transient // a status that is about photos, where there is none
	}
	return answer, err
}

func (c *Client) endpoint() string { return c.root + "/api.php" }

// arguments completes a function's arguments with what all have, and signs
// them. Those without a value are left away.
func (c *Client) arguments(op string, m method, args []param) ([]param, error) {
	keyName, signatureName := "api_key", "sig"
	if c.spelling == "camel" || c.spelling == "auto" && m.generation == camel {
		keyName, signatureName = "apiKey", "apiSig"
	}
	secret := c.account.Secret
	all := []param{{"method", m.name}, {keyName, c.key}, {"community", c.community}}
	if m.session {
		if c.session.Key == "" {
			return nil, &upload.Error{Kind: upload.Denied, Op: opSignIn, Reason: "the account is not signed in yet", Hint: "Sign in to the account."}
		}
		id, err := c.ids.next()
		if err != nil {
			return nil, upload.Classify(op, err)
		}
		all = append(all, param{"session_key", c.session.Key}, param{"call_id", id})
		if c.session.Secret != "" {
			secret = c.session.Secret
		}
	}
	if secret == "" {
		return nil, &upload.Error{Kind: upload.Denied, Op: opSignIn, Reason: "the application's secret is missing", Hint: "Enter it in the account."}
	}
	all = append(all, param{"format", c.format})
	for _, p := range args {
		if p.value != "" {
			all = append(all, p)
		}
	}
	return append(all, param{signatureName, signature(all, secret)}), nil
}

// read decodes the answer to a call with these arguments. Errors come with any
// status, so the body is looked at first.
func (c *Client) read(ctx context.Context, op string, m method, sent []param, resp *http.Response) (node, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if ctx.Err() != nil {
		return node{}, ctx.Err()
	}
	if err != nil && resp.StatusCode == http.StatusOK {
		return node{}, upload.Failed(ctx, op, err)
	}
	answer, bad := parse(body)
	if bad == nil && err == nil {
		if code, words, ok := answer.refusal(); ok {
			signed := m.session && c.session.Secret != ""
			return node{}, refused(op, m, code, words, signed, c.secrets(sent)...)
		}
	}
	switch {
	case resp.StatusCode != http.StatusOK:
		return node{}, upload.ClassifyStatus(op, resp, body)
	case bad != nil:
		return node{}, upload.Unreadable(op, resp, body)
	}
	if m.session {
		c.clock.set(resp.Header.Get("Date"), c.now())
	}
	return answer, nil
}

// secrets are what words of the site must not repeat of the account and of a
// call's arguments, the longest first: one may be a part of another.
func (c *Client) secrets(sent []param) []string {
	out := []string{c.account.Secret, c.account.Token, c.session.Secret}
	for _, p := range sent {
		switch p.name {
		case "api_key", "apiKey", "session_key", "sig", "apiSig", "auth_token":
			out = append(out, p.value)
		}
	}
	slices.SortFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

// codeOf returns the code of the error's answer that err stands for, 0 when it
// is none.
func codeOf(err error) int {
	if e, ok := errors.AsType[*apiError](err); ok {
		return e.code
	}
	return 0
}

// list calls a function that answers with a list of what has this ID.
func (c *Client) list(ctx context.Context, op string, m method, id string, args ...param) ([]node, error) {
	answer, err := c.call(ctx, op, m, args...)
	if err != nil {
		return nil, err
	}
	nodes, err := answer.records(id)
	if err != nil {
		return nil, &upload.Error{Op: op, Reason: "the site's answer is not the list that was asked for"}
	}
	return nodes, nil
}

// clock knows the site's clock as far as it is needed: what was created there
// after something happened here.
type clock struct {
	date time.Time // of the last answer; zero when none had one
	at   time.Time // when that came, by our clock
}

// set learns from the Date of an answer.
func (k *clock) set(date string, now time.Time) {
	if t, err := http.ParseTime(date); err == nil {
		k.date, k.at = t, now
	}
}

// site returns what the site's clock shows at a time of ours, and how far the
// times of its photos may be off that.
func (k *clock) site(t time.Time) (time.Time, time.Duration) {
	if k.date.IsZero() {
		return t, 15 * time.Minute
	}
	return k.date.Add(t.Sub(k.at)), time.Minute // also when our clock is put elsewhere in between
}

// earliest and latest bound what the site may have called the time t, in
// seconds since 1970.
func (k *clock) earliest(t time.Time) int64 {
	at, slack := k.site(t)
	return at.Add(-slack).Unix()
}

func (k *clock) latest(t time.Time) int64 {
	at, slack := k.site(t)
	return at.Add(slack).Unix()
}
