package piwigo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"sync/atomic"

	"github.com/photoferry/photoferry/app/upload"
)

// credentials are what an account signs in with.
type credentials struct {
	user, secret string
	key          bool // the two halves of an API key
}

// keyPrefix is how the public half of every API key begins.
const keyPrefix = "pkid-"

func credentialsOf(a upload.Account) credentials {
	secret := strings.TrimSpace(a.Secret)
	if id, rest, ok := strings.Cut(secret, ":"); ok && strings.HasPrefix(id, keyPrefix) {
		return credentials{id, rest, true}
	}
	if user := strings.TrimSpace(a.User); strings.HasPrefix(user, keyPrefix) {
		return credentials{user, secret, true}
	}
	return credentials{user: a.User, secret: a.Secret}
}

// session is one sign-in. It is shared by all calls of an account.
type session struct {
	root      string // of the site, after redirects
	hc        *http.Client
	key       string // for the header, where there is no cookie
	version   string // as pwg.getVersion says; "" when it does not
	status    atomic.Pointer[status]
	methods   map[string]bool
	byMD5     bool // photos can be found by MD5
	moderated bool // a user of the Community plugin, who is no administrator
}

// has reports whether the server offers a method.
func (s *session) has(method string) bool { return s.methods[method] }

// token returns the session's token; it changes with every sign-in.
func (s *session) token() string {
	if st := s.status.Load(); st != nil {
		return string(st.Token)
	}
	return ""
}

// product returns the server's name and version for people.
func (s *session) product() string {
	version := upload.Foreign(s.version)
	if st := s.status.Load(); st != nil && st.Version != "" {
		version = upload.Foreign(string(st.Version))
	}
	return strings.TrimSpace("Piwigo " + version)
}

func (s *session) how() string {
	if s.key != "" {
		return " by API key, sent with each request"
	}
	return ""
}

func (c *Client) userName(st *status) string {
	if name := c.foreign(string(st.Username)); name != "" {
		return name
	}
	return c.login.user
}

// lost is the error of a call that found nobody signed in.
func lost(op string) error {
	return &fault{&upload.Error{Kind: upload.Denied, Op: op, Reason: "the server has forgotten the session", Hint: "Sign in again."}, refused, true}
}

// inSession calls do with the account's session. If the server refuses it, it
// finds out whether the session is over: then it signs in and calls do once
// more, and otherwise the user lacks the right.
func (c *Client) inSession(ctx context.Context, op string, do func(*session) error) error {
	s, err := c.sessions.Get(ctx, nil)
	if err != nil {
		return err
	}
	err = do(s)
	switch {
	case means(err, refused), means(err, staleToken):
	case upload.KindOf(err) == upload.Denied && isReach(err):
		// The site sends us elsewhere: its address is looked up anew next time.
		c.sessions.Drop(s)
		return err
	default:
		return err
	}
	st, serr := c.refresh(ctx, s)
	switch {
	case serr != nil:
		return serr
	case st.guest():
		if s, err = c.sessions.Get(ctx, s); err != nil {
			return err
		}
	case means(err, refused):
		return c.forbidden(s, op, err)
	}
	err = do(s)
	if !means(err, refused) {
		return err
	}
	if st, serr = c.refresh(ctx, s); serr != nil {
		return serr
	}
	if st.guest() {
		return &upload.Error{Op: op, Reason: "the server forgets the session at once",
			Hint: "It binds sessions to the network that a request comes from; a proxy on the way may change it."}
	}
	return c.forbidden(s, op, err)
}

func isReach(err error) bool {
	e, ok := errors.AsType[*upload.Error](err)
	return ok && e.Op == opReach
}

// forbidden is the error of a call for which the signed-in user has no right.
func (c *Client) forbidden(s *session, op string, err error) error {
	if st := s.status.Load(); !st.mayUpload() {
		return c.noRight(s)
	}
	e, ok := errors.AsType[*upload.Error](err)
	if !ok {
		return err
	}
	out := *e
	out.Kind, out.Op, out.Reason = upload.Denied, op, "the server does not allow this to "+c.userName(s.status.Load())
	out.Hint = "Check the user's rights on the server, and what the API key may do."
	return &out
}

func (c *Client) noRight(s *session) error {
	return &upload.Error{
		Kind: upload.Denied, Op: "check the rights", Reason: c.userName(s.status.Load()) + " may not upload",
		Hint: "Uploading needs an administrator, or the Community plugin with a permission for this user.",
	}
}

// signIn resolves redirects, signs in and learns what the server offers.
func (c *Client) signIn(ctx context.Context) (*session, error) {
	if c.login.user == "" || c.login.secret == "" {
		return nil, &upload.Error{Kind: upload.Denied, Op: opSignIn, Reason: "the account has no user or no password",
			Hint: "Enter both, or an API key of Piwigo 16 or newer."}
	}
	s := &session{root: c.root, hc: c.withJar()}
	if err := c.reach(ctx, s); err != nil {
		return nil, err
	}
	if err := c.enter(ctx, s); err != nil {
		return nil, err
	}
	if err := c.learn(ctx, s); err != nil {
		return nil, err
	}
	return s, nil
}

// withJar returns the account's HTTP client with cookies of its own: a sign-in
// must not begin with what is left of the last one.
func (c *Client) withJar() *http.Client {
	hc := *c.hc
	hc.Jar, _ = cookiejar.New(nil) // cannot fail
	follow := hc.CheckRedirect
	hc.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if strings.HasSuffix(req.URL.Path, "/identification.php") {
			return &upload.Error{Kind: upload.Denied, Op: opSignIn, Reason: "the server sends us to its sign-in page",
				Hint: "Two-factor sign-in may be on: make an API key in the user's profile on the site and enter it in the place of user and password."}
		}
		if follow == nil {
			return nil
		}
		return follow(req, via)
	}
	return &hc
}

// reach looks for the server and follows redirects to where it is: a redirected
// POST would lose its body.
func (c *Client) reach(ctx context.Context, s *session) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint(s.root, "pwg.getVersion"), nil)
	if err != nil {
		return &upload.Error{Kind: upload.Denied, Op: opReach, Reason: "the account's address cannot be used", Hint: "Correct the account's address."}
	}
	resp, err := c.do(ctx, s, req)
	if err != nil {
		return err
	}
	at := *resp.Request.URL
	var version text
	err = c.read(ctx, opReach, resp, &version)
	f, ok := asFault(err)
	switch {
	case err == nil:
		s.version = string(version)
	case ok && f.is.Status == http.StatusNotFound && f.means == plain:
		return &upload.Error{Kind: upload.Denied, Op: opReach, Status: f.is.Status, Reason: "there is no Piwigo at this address",
			Hint: "Enter the address of the gallery's first page."}
	case ok && f.is.Status == http.StatusForbidden && f.is.Kind == upload.Transient:
		// A gallery that keeps its version to itself.
	default:
		return err
	}
	at.RawQuery, at.Fragment = "", ""
	if root, ok := strings.CutSuffix(at.String(), "/ws.php"); ok {
		s.root = root
	}
	return nil
}

// enter signs in. An API key is good for a sign-in as well, which spares the
// server checking it with each request; where that is refused, it goes with
// each request after all.
func (c *Client) enter(ctx context.Context, s *session) error {
	err := c.call(ctx, s, opSignIn, "pwg.session.login", url.Values{"username": {c.login.user}, "password": {c.login.secret}}, nil)
	byHeader := c.login.key && err != nil && (means(err, badLogin) || means(err, refused))
	if byHeader {
		s.hc, s.key, err = c.withJar(), c.login.user+":"+c.login.secret, nil
	}
	if err != nil {
		if means(err, refused) || means(err, overLimit) {
			return &upload.Error{Kind: upload.Denied, Op: opSignIn, Reason: "the server does not let anybody sign in this way", Hint: "Check its settings, or use an API key."}
		}
		return err
	}
	st, err := c.refresh(ctx, s)
	switch {
	case err != nil:
		return err
	case st.guest() && byHeader:
		return &upload.Error{Kind: upload.Denied, Op: opSignIn, Reason: "the API key is wrong",
			Hint: "Enter both of its halves again. API keys need Piwigo 16 or newer."}
	case st.guest():
		return &upload.Error{Op: opSignIn, Reason: "the server forgot the session at once",
			Hint: "It binds sessions to the network that a request comes from; a proxy on the way may change it."}
	}
	return nil
}

// refresh asks who is signed in, and for the token.
func (c *Client) refresh(ctx context.Context, s *session) (*status, error) {
	st := new(status)
	if err := c.call(ctx, s, opStatus, "pwg.session.getStatus", nil, st); err != nil {
		return nil, err
	}
	if !st.guest() || s.status.Load() == nil {
		s.status.Store(st)
	}
	return st, nil
}

// How a server knows photos again.
const (
	modeUnknown = iota
	modeMD5
	modeName
)

// learn asks what the server offers to this user.
func (c *Client) learn(ctx context.Context, s *session) error {
	var list struct {
		Methods []text `json:"methods"`
	}
	if err := c.call(ctx, s, opStatus, "reflection.getMethodList", nil, &list); err != nil {
		return err
	}
	s.methods = make(map[string]bool, len(list.Methods))
	for _, m := range list.Methods {
		s.methods[string(m)] = true
	}
	if !s.status.Load().mayUpload() {
		return nil
	}
	if s.has("community.session.getStatus") {
		var real struct {
			Status text `json:"real_user_status"`
		}
		if err := c.call(ctx, s, opStatus, "community.session.getStatus", nil, &real); err != nil {
			return err
		}
		s.moderated = real.Status != "" && real.Status != "admin" && real.Status != "webmaster"
	}
	if c.mode.Load() == modeUnknown {
		mode, err := c.uniqueness(ctx, s)
		if err != nil {
			return err
		}
		c.mode.Store(mode)
	}
	s.byMD5 = c.mode.Load() == modeMD5
	return nil
}

// uniqueness finds out by what the server knows photos again. No method tells;
// asked for the MD5 of no photo, it answers for that MD5 or with nothing.
func (c *Client) uniqueness(ctx context.Context, s *session) (int32, error) {
	sum := make([]byte, 16)
	_, _ = rand.Read(sum) // never fails
	var a table[number]
	if err := c.call(ctx, s, opStatus, "pwg.images.exist", url.Values{"md5sum_list": {hex.EncodeToString(sum)}}, &a); err != nil {
		return modeUnknown, err
	}
	if _, ok := a.rows[hex.EncodeToString(sum)]; ok {
		return modeMD5, nil
	}
	return modeName, nil
}
