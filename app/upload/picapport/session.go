package picapport

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"math/big"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/photoferry/photoferry/app/upload"
)

// session is one signed-in session. It is shared by all calls of an account.
type session struct {
	root    string                       // of the site, after redirects
	id      atomic.Pointer[string]       // apisid
	status  atomic.Pointer[serverStatus] // nil: older than 8.3
	exposed bool                         // the password went over the line as it is
}

func newSession(root string) *session {
	s := &session{root: root}
	s.adopt("")
	return s
}

// name returns the session's apisid.
func (s *session) name() string { return *s.id.Load() }

// adopt takes over the session that the server has made by itself for a user
// named instead of a session, so that it need not make another for every call.
func (s *session) adopt(id string) {
	if id != "" || s.id.Load() == nil {
		s.id.Store(&id)
	}
}

func (s *session) url(function string, q url.Values) string {
	q.Set("apisid", s.name())
	return endpoint(s.root, function, q)
}

func endpoint(root, function string, q url.Values) string {
	u := root + apiPath + function
	if len(q) > 0 {
		u += "?" + q.Encode() // escapes + and / of photo IDs as the documents demand
	}
	return u
}

const apiPath = "/picapportapi/1.0/"

// lostSession is the error of a call whose session the server may have
// forgotten.
type lostSession struct{ refusal *upload.Error }

func (e *lostSession) Error() string { return e.refusal.Error() }
func (e *lostSession) Unwrap() error { return e.refusal }

func isLost(err error) bool {
	_, ok := errors.AsType[*lostSession](err)
	return ok
}

// inSession calls do with the account's session. If the server does not know
// it any more, it signs in and calls do once more; a refusal after that is
// about rights.
func (c *Client) inSession(ctx context.Context, op string, do func(*session) error) error {
	s, err := c.sessions.Get(ctx, nil)
	if err != nil {
		return err
	}
	err = do(s)
	if !isLost(err) {
		return err
	}
	if s, err = c.sessions.Get(ctx, s); err != nil {
		return err
	}
	err = do(s)
	if lost, ok := errors.AsType[*lostSession](err); ok {
		return c.forbidden(ctx, s, op, lost.refusal)
	}
	return err
}

// signIn opens a session in the way that the account's user and password ask
// for, and learns what the server is.
func (c *Client) signIn(ctx context.Context) (*session, error) {
	s := newSession(c.root)
	var err error
	if c.account.User != "" && c.account.Secret == "" {
		err = c.enterByName(ctx, s)
	} else {
		err = c.enter(ctx, s)
	}
	if err != nil {
		return nil, err
	}
	if err := c.refresh(ctx, s); err != nil {
		if lost, ok := errors.AsType[*lostSession](err); ok {
			return nil, &upload.Error{Op: opSignIn, Status: lost.refusal.Status, Reason: "the server forgot the session at once", Err: lost.refusal.Err}
		}
		return nil, err
	}
	return s, nil
}

// enter creates a session and, unless it is the default user's, authorises it.
func (c *Client) enter(ctx context.Context, s *session) error {
	q := url.Values{}
	if key := c.account.Options[optionAPIKey]; key != "" {
		q.Set("apikey", key)
	}
	var a newSessionAnswer
	resp, err := c.do(ctx, opReach, endpoint(s.root, "createWebApiSession", q))
	if err != nil {
		return err
	}
	if root, ok := strings.CutSuffix(resp.Request.URL.Scheme+"://"+resp.Request.URL.Host+resp.Request.URL.Path, apiPath+"createWebApiSession"); ok {
		s.root = root // uploads cannot follow a redirect from http to https, so do not begin there
	}
	if err := c.read(ctx, opReach, resp, &a); err != nil {
		return c.notEntered(err)
	}
	if a.APISID == "" {
		return &upload.Error{Op: opReach, Reason: "the answer names no session", Hint: "Check that the address is that of a PicApport server."}
	}
	s.adopt(a.APISID)
	if c.account.User == "" {
		if !a.Authorised {
			return &upload.Error{Kind: upload.Denied, Op: opSignIn, Reason: "the server has no default user", Hint: "Enter a user and password, or set webapi.default.uid on the server."}
		}
		return nil
	}
	return c.authorize(ctx, s, &a)
}

// enterByName lets the server make a session for a user whose password is the
// user's ID. A query that finds nothing tells the session's own name.
func (c *Client) enterByName(ctx context.Context, s *session) error {
	s.adopt(c.account.User)
	q := url.Values{"query": {"photoferry"}}
	if key := c.account.Options[optionAPIKey]; key != "" {
		q.Set("apikey", key)
	}
	var a struct {
		APISID string `json:"apisid"`
	}
	resp, err := c.do(ctx, opReach, s.url("runQuery", q))
	if err != nil {
		return err
	}
	err = c.read(ctx, opReach, resp, &a)
	if lost, ok := errors.AsType[*lostSession](err); ok {
		e := *lost.refusal
		e.Kind, e.Op = upload.Denied, opSignIn
		e.Reason = "the server does not let the user in without a password"
		e.Hint = "Enter the password. Only users whose password is their own name can do without."
		return &e
	}
	if err != nil {
		return c.notEntered(err)
	}
	s.adopt(a.APISID)
	return nil
}

// notEntered explains why the first call of a sign-in failed.
func (c *Client) notEntered(err error) error {
	e, ok := errors.AsType[*upload.Error](err)
	if !ok {
		return err
	}
	out := *e
	switch e.Status {
	case http.StatusForbidden:
		out.Op = opSignIn
		if c.sessions.Proven() {
			out.Kind, out.Reason = upload.Busy, "the server has no session to spare"
			out.Hint = "It ends unused sessions by itself; webapi.max.sessions.per.ip is its limit."
			break
		}
		out.Kind, out.Reason = upload.Denied, "the server gives out no session"
		if c.account.Options[optionAPIKey] != "" {
			out.Hint = "Check the API key: it must be the server's webapi.apikey."
		} else {
			out.Hint = "It may want an API key (webapi.apikey), or have too many sessions from this computer (webapi.max.sessions.per.ip)."
		}
	case http.StatusNotFound, http.StatusNotImplemented:
		out.Kind, out.Reason = upload.Denied, "there is no PicApport WebApi at this address"
		out.Hint = "Check the address, and that webapi.enabled=true is set on the server (7.4 or newer)."
	default:
		if e.Kind == upload.Rejected { // about photos, of which there is none yet
			out.Kind = upload.Denied
		}
	}
	return &out
}

// authorize signs the user in. The password's charset is not documented: the
// maker's page sends Latin-1, so that goes first where it is possible.
func (c *Client) authorize(ctx context.Context, s *session, a *newSessionAnswer) error {
	var err error
	for _, charset := range charsets(c.account.Secret, a.Algorithm) {
		var pw string
		if pw, err = a.encrypt(charset); err != nil {
			return err
		}
		s.exposed = a.plain() && strings.HasPrefix(s.root, "http:")
		var in struct {
			APISID string `json:"apisid"`
		}
		err = c.get(ctx, s, opSignIn, "authorizeWebApiSession", url.Values{"uid": {c.account.User}, "pw": {pw}}, &in)
		if err == nil {
			s.adopt(in.APISID)
			return nil
		}
		if lost, ok := errors.AsType[*lostSession](err); !ok {
			return c.notEntered(err)
		} else {
			err = &upload.Error{
				Kind: upload.Denied, Op: opSignIn, Status: lost.refusal.Status,
				Reason: "user or password is wrong", Hint: "Enter them again.",
			}
		}
	}
	return err
}

// charsets returns the ways to write a password as bytes, best first.
func charsets(password, algorithm string) [][]byte {
	utf8 := []byte(password)
	if strings.EqualFold(algorithm, "none") {
		return [][]byte{utf8}
	}
	latin := make([]byte, 0, len(password))
	for _, r := range password {
		if r > 0xff {
			return [][]byte{utf8}
		}
		latin = append(latin, byte(r))
	}
	if string(latin) == password {
		return [][]byte{utf8}
	}
	return [][]byte{latin, utf8}
}

// maxModulus bounds the key that a server can make us work with, in bits.
const maxModulus = 8192

func (a *newSessionAnswer) plain() bool { return strings.EqualFold(a.Algorithm, "none") }

// encrypt prepares a password for the wire as the server wants it.
func (a *newSessionAnswer) encrypt(password []byte) (string, error) {
	if a.plain() {
		return string(password), nil
	}
	bad := func(why string, err error) error {
		return &upload.Error{Op: opSignIn, Reason: "the server's key cannot be used: " + why, Err: err}
	}
	if a.Algorithm != "" && !strings.EqualFold(a.Algorithm, "RSA") {
		return "", bad("its algorithm is not known", nil)
	}
	if len(a.Modulus) > maxModulus/4 || len(a.Exponent) > 8 {
		return "", bad("it is too long", nil)
	}
	n, ok := new(big.Int).SetString(a.Modulus, 16)
	e, ok2 := new(big.Int).SetString(a.Exponent, 16)
	if !ok || !ok2 || n.Sign() <= 0 || e.Sign() <= 0 || !e.IsInt64() || e.Int64() > 1<<31-1 {
		return "", bad("it is not hexadecimal", nil)
	}
	key := &rsa.PublicKey{N: n, E: int(e.Int64())}
	if len(password) > key.Size()-11 {
		return "", &upload.Error{Kind: upload.Denied, Op: opSignIn, Reason: "the password is longer than the server can take", Hint: "Choose a shorter one for this user; 117 bytes fit."}
	}
	// The padding is what the server's WebApi is defined with.
	cipher, err := rsa.EncryptPKCS1v15(rand.Reader, key, password) //nolint:staticcheck // see above
	if err != nil {
		return "", bad("it is refused", err)
	}
	return hex.EncodeToString(cipher), nil
}

// refresh asks what the server is and what the user may. Servers before 8.3
// cannot say; they are only asked for a sign of life.
func (c *Client) refresh(ctx context.Context, s *session) error {
	st := new(serverStatus)
	err := c.get(ctx, s, opStatus, "getServerStatus", url.Values{}, st)
	if isMissingFunction(err) {
		if c.modern.Load() {
			return vanished(err)
		}
		return c.alive(ctx, s)
	}
	if err != nil {
		return err
	}
	c.modern.Store(true)
	if st.IsValid != nil && !bool(*st.IsValid) {
		return &lostSession{&upload.Error{Kind: upload.Denied, Op: opStatus, Reason: "the server does not know the session"}}
	}
	s.status.Store(st)
	return nil
}

// vanished is the error of a function that the server has had before. To take
// it for an older server would be to send photos without their IDs; a proxy
// whose server is just starting is the likelier cause.
func vanished(err error) error {
	e, ok := errors.AsType[*upload.Error](err)
	if !ok {
		return err
	}
	out := *e
	out.Kind, out.Reason = upload.Transient, "the server's WebApi has gone"
	out.Hint = "It may be restarting. If it does not come back, check that webapi.enabled=true is still set."
	return &out
}

// alive asks for the public galleries, which needs no session and no right.
func (c *Client) alive(ctx context.Context, s *session) error {
	var a struct{}
	err := c.get(ctx, s, opReach, "getSharedGallerys", url.Values{}, &a)
	if e, ok := errors.AsType[*upload.Error](err); ok && e.Status == http.StatusNotFound {
		return c.notEntered(err)
	} else if ok && (e.Status == http.StatusForbidden || e.Status == http.StatusNotImplemented) {
		return nil // it lives
	}
	return err
}

// forbidden finds out why a fresh session was refused.
func (c *Client) forbidden(ctx context.Context, s *session, op string, e *upload.Error) error {
	err := c.refresh(ctx, s)
	st := s.status.Load()
	out := *e
	out.Op = op
	if isLost(err) {
		out.Kind, out.Reason, out.Hint = upload.Transient, "the server forgot the session twice", "It may be restarting."
		return &out
	}
	switch {
	case err != nil:
		return err
	case op == opView:
		out.Kind, out.Reason, out.Hint = upload.Denied, "the server does not show the photo to this user", ""
	case st != nil && !bool(st.CanUpload):
		return noRight(st, c.account)
	default:
		out.Kind, out.Reason = upload.Denied, "the server does not let this user upload"
		out.Hint = "Check that the user's group has the right pap:access:uploads, and that the server is not in demo mode (server.demomode)."
	}
	return &out
}

func noRight(st *serverStatus, a upload.Account) error {
	return &upload.Error{
		Kind: upload.Denied, Op: "check the rights", Reason: st.user(a) + " may not upload",
		Hint: "Give one of the user's groups the right pap:access:uploads, and check that the server is not in demo mode (server.demomode).",
	}
}
