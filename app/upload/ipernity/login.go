package ipernity

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// frobLife is how long a sign-in may take. The documents speak of a few
// minutes; it decides only what a refusal is put down to.
const frobLife = 15 * time.Minute

// Begin implements [upload.BrowserLogin]. The note is the frob and when it was
// made, in Unix seconds.
func (c *Client) Begin(ctx context.Context) (page, note string, err error) {
	var a frobAnswer
	if err := c.call(ctx, opSignIn, getFrob, params{}, &a); err != nil {
		return "", "", err
	}
	frob := string(a.Auth.v.Frob)
	if frob == "" || strings.ContainsFunc(frob, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", "", &upload.Error{Op: opSignIn, Reason: "the site's answer has nothing to begin a sign-in with"}
	}
	return c.consent(frob), frob + " " + strconv.FormatInt(c.now().Unix(), 10), nil
}

// consent returns the page where the person lets this program in. It asks for
// no more than uploading needs.
func (c *Client) consent(frob string) string {
	p := params{"api_key": c.options.apiKey, "frob": frob, "perm_doc": "write"}
	q := url.Values{"api_sig": {sign("", c.account.Secret, p)}}
	for name, value := range p {
		q.Set(name, value)
	}
	return c.site + "/apps/authorize?" + q.Encode()
}

// Finish implements [upload.BrowserLogin].
func (c *Client) Finish(ctx context.Context, note string) (string, error) {
	frob, begun, ok := strings.Cut(note, " ")
	at, err := strconv.ParseInt(begun, 10, 64)
	if !ok || err != nil || frob == "" {
		return "", &upload.Error{Kind: upload.Denied, Op: opSignIn, Reason: "no sign-in was begun", Hint: "Begin the sign-in again."}
	}
	var a authAnswer
	err = c.call(ctx, opSignIn, getToken, params{"frob": frob}, &a)
	if codeOf(err) == 2 && c.now().Sub(time.Unix(at, 0)) > frobLife {
		return "", &upload.Error{Kind: upload.Denied, Op: opSignIn, Reason: "the sign-in was begun too long ago", Hint: "Begin the sign-in again."}
	}
	if err != nil {
		return "", err
	}
	said := a.Auth.v
	switch {
	case said.Token == "":
		return "", &upload.Error{Op: opSignIn, Reason: "the site's answer holds no sign-in"}
	case !(&user{doc: said.doc()}).mayUpload():
		return "", noRight(opSignIn)
	}
	return string(said.Token), nil
}
