package universal

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// defaultLoginPage is where the service's model has its page; the service's own
// documents do not say.
const defaultLoginPage = "{url}/login.php?api_key={key}&auth_token={token}"

// session is what the service gives out for a confirmed sign-in. It is the
// account's token, as JSON.
type session struct {
	Key     string `json:"key"`
	Secret  string `json:"secret,omitempty"` // signs the session's calls; "" when the application's does
	UID     string `json:"uid"`
	Expires int64  `json:"expires,omitempty"` // seconds since 1970; 0 never, as far as the site said
}

// parseToken reads an account's token; "" is nobody's session. Nothing of it
// is in the error.
func parseToken(token string) (session, error) {
	var s session
	if token == "" {
		return s, nil
	}
	if json.Unmarshal([]byte(token), &s) != nil || s.Key == "" || s.UID == "" {
		return session{}, unusable("the sign-in that was kept cannot be read", hintSignIn)
	}
	return s, nil
}

// describe tells people of the session.
func (s session) describe(root string) string {
	text := "as user " + s.UID
	if s.Expires > 0 {
		text += ", until " + time.Unix(s.Expires, 0).Format("2 January 2006, 15:04")
	}
	if strings.HasPrefix(root, "http:") {
		text += "; the session travels unencrypted, because the address begins with http"
	}
	return text
}

// Begin implements [upload.BrowserLogin]. The note is the token that the person
// confirms on the page.
func (c *Client) Begin(ctx context.Context) (page, note string, err error) {
	answer, err := c.call(ctx, opSignIn, createToken, param{"expires", "0"})
	if err != nil {
		return "", "", err
	}
	token := answer.text
	for _, name := range []string{"auth_token", "token", "result"} {
		if token == "" {
			token = answer.first(name)
		}
	}
	if token == "" {
		return "", "", &upload.Error{Op: opSignIn, Reason: "the site's answer names no token"}
	}
	page, err = c.page(token)
	return page, token, err
}

// Finish implements [upload.BrowserLogin].
func (c *Client) Finish(ctx context.Context, note string) (token string, err error) {
	if note == "" {
		return "", &upload.Error{Kind: upload.Denied, Op: opSignIn, Reason: "no sign-in was begun", Hint: "Begin one."}
	}
	answer, err := c.call(ctx, opSignIn, getSession, param{"auth_token", note})
	if err != nil {
		return "", err
	}
	s := session{Key: answer.first("session_key"), Secret: answer.first("secret"), UID: answer.first("uid")}
	if s.Key == "" || s.UID == "" {
		return "", &upload.Error{Op: opSignIn, Reason: "the site's answer names no session", Hint: "Finish the sign-in again, or begin anew."}
	}
	// A lifetime that cannot be read is told by the site when it is over.
	if n, err := strconv.ParseInt(answer.first("expires"), 10, 64); err == nil && n > 0 {
		s.Expires = n
	}
	out, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("writing the session: %w", err)
	}
	return string(out), nil
}
