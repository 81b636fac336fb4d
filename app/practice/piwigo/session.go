package piwigo

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// sessions are those of people who have signed in, by where they are bound to and ID.
type sessions struct {
	mu   sync.Mutex
	byID map[string]*session
}

// session is one of them. Its fields belong to sessions.mu.
type session struct {
	user string
	how  string // connected_with
	used time.Time
}

// The values of connected_with [R2.1].
const (
	byPassword = "ws_session_login"
	byKeyLogin = "ws_session_login_api_key"
	byKey      = "api_key"
	byAsync    = "pwg.images.uploadAsync"
)

func newSessions() *sessions { return &sessions{byID: map[string]*session{}} }

func (s *sessions) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.byID)
}

// get returns a session that is alive, and keeps it alive: "each request renews" [R1].
func (s *sessions) get(key string, idle time.Duration) (session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.byID[key]
	if t == nil || time.Since(t.used) > idle {
		delete(s.byID, key)
		return session{}, false
	}
	t.used = time.Now()
	return *t, true
}

func (s *sessions) put(key string, t session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t.used = time.Now()
	s.byID[key] = &t
}

func (s *sessions) drop(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byID, key)
}

var sidPattern = regexp.MustCompile(`^[A-Za-z0-9,-]{1,128}$`)

func newSID() string { return strings.ToLower(rand.Text()) }

// sessionKey is a session's ID in the database: the first two octets of an IPv4 address
// stand before it [R1].
func (c *call) sessionKey() string {
	if c.o.NoIPBinding {
		return c.sid
	}
	address := c.o.ClientAddress
	if address == "" {
		address, _, _ = net.SplitHostPort(c.r.RemoteAddr) // without one, nobody is bound
	}
	ip := net.ParseIP(address).To4()
	if ip == nil || strings.Contains(address, ":") {
		return c.sid // "ipv6 not yet" [S: get_remote_addr_session_hash]
	}
	return fmt.Sprintf("%02X%02X%s", ip[0], ip[1], c.sid)
}

// openSession finds out who is calling. PHP starts a session for everybody, and takes
// any ID that a client comes with.
func (c *call) openSession() {
	c.user = guest
	cookie, err := c.r.Cookie(c.o.CookieName)
	if err != nil || !sidPattern.MatchString(cookie.Value) {
		c.setSID(newSID())
		return
	}
	c.sid = cookie.Value
	t, ok := c.sessions.get(c.sessionKey(), c.o.SessionIdle)
	if !ok {
		return
	}
	if u, ok := c.o.user(t.user); ok {
		c.user, c.how = u, t.how
	}
}

func (c *call) setSID(sid string) {
	c.sid = sid
	c.cookie = &http.Cookie{Name: c.o.CookieName, Value: sid, Path: c.o.Path + "/", HttpOnly: true}
}

// signIn makes a session: "login rotates the cookie, and thereby pwg_token" [R1].
func (c *call) signIn(u User, how string) {
	c.sessions.drop(c.sessionKey())
	c.setSID(newSID())
	c.sessions.put(c.sessionKey(), session{user: u.Name, how: how})
	c.user, c.how = u, how
	c.Server.mu.Lock()
	c.logins++
	c.Server.mu.Unlock()
}

// token is pwg_token: "HMAC of the session id" [R1].
func (c *call) token() string {
	mac := hmac.New(md5.New, c.store.secret)
	mac.Write([]byte(c.sid))
	return hex.EncodeToString(mac.Sum(nil))
}

// checkToken compares the parameter pwg_token.
func (c *call) checkToken() error {
	if c.args.text("pwg_token") != c.token() {
		return errToken
	}
	return nil
}

var (
	apiKeyPattern = regexp.MustCompile(`(?i)^pkid-\d{8}-[a-z0-9]{20}:[a-z0-9]{40}$`)
	apiKeyID      = regexp.MustCompile(`(?i)^pkid-\d{8}-[a-z0-9]{20}$`)
)

// keyOwner is whose key this is, if it is good: neither expired nor revoked [R2.2].
func (c *call) keyOwner(key string) (User, bool) {
	name, secret, _ := strings.Cut(key, ":")
	for _, k := range c.o.APIKeys {
		expired := !k.Expires.IsZero() && time.Now().After(k.Expires)
		if k.ID == name && subtle.ConstantTimeCompare([]byte(k.Secret), []byte(secret)) == 1 && !expired && !k.Revoked {
			return c.o.user(k.User)
		}
	}
	return guest, false
}

// readKey takes an API key from a header: X-PIWIGO-API since 16.1, Authorization in
// 16.0, silently ignored elsewhere. The token is filled in, in the body too, so that the
// parameters of the address no longer count [R2.2].
func (c *call) readKey() error {
	key := c.r.Header.Get("X-PIWIGO-API")
	switch {
	case c.o.Version < V160:
		return nil
	case c.o.Version == V160:
		if key = c.r.Header.Get("Authorization"); strings.HasPrefix(key, "Basic ") {
			return nil // that of the front door
		}
	}
	if _, ok := c.form.request("method"); !ok || key == "" {
		return nil
	}
	u, ok := c.keyOwner(key)
	if !ok || !apiKeyPattern.MatchString(key) {
		return failure(401, "Invalid api_key")
	}
	c.user, c.how, c.stateless = u, byKey, true
	c.form.post["pwg_token"], c.form.get["pwg_token"] = scalar(c.token()), scalar(c.token())
	return nil
}

// readCredentials signs in for uploadAsync with user and password in the form: one
// session per chunk [R8].
func (c *call) readCredentials() error {
	_, user := c.form.post["username"]
	_, password := c.form.post["password"]
	if m, _ := c.form.request("method"); m.text != "pwg.images.uploadAsync" || !user || !password || c.o.Version < V13 {
		return nil
	}
	return c.logIn(c.form.post.text("username"), c.form.post.text("password"), byAsync)
}

// login is pwg.session.login [R2.1].
func (c *call) login() (any, error) {
	if err := c.logIn(c.args.text("username"), c.args.text("password"), byPassword); err != nil {
		return nil, err
	}
	return true, nil
}

func (c *call) logIn(name, password, how string) error {
	if c.stateless {
		return failure(401, "Cannot use this method with an api key") // [R2.2]
	}
	if apiKeyID.MatchString(name) && c.o.Version >= V160 {
		u, ok := c.keyOwner(name + ":" + password)
		if !ok {
			return failure(999, "Invalid username/password") // [R2.2]
		}
		if how == byPassword {
			how = byKeyLogin
		}
		c.signIn(u, how)
		return nil
	}
	u, ok := c.o.user(name)
	if subtle.ConstantTimeCompare([]byte(u.Password), []byte(password)) != 1 || !ok {
		return failure(999, "Invalid username/password") // [R4]
	}
	if u.TwoFactor && c.o.TwoFactor == TwoFactorError {
		return &page{kind: "application/json; charset=utf-8", body: `{"stat":"fail","err":40101,"message":"2FA is enabled. Please use an API Key"}`} // [R2.3]
	}
	if u.TwoFactor && c.o.TwoFactor == TwoFactorRedirect {
		return &page{status: http.StatusFound, location: c.root() + "/identification.php?tf"} // [R2.3]
	}
	c.signIn(u, how)
	return nil
}

// logout is pwg.session.logout.
func (c *call) logout() (any, error) {
	if c.stateless {
		return nil, failure(401, "Cannot use this method with an api key")
	}
	c.sessions.drop(c.sessionKey())
	c.cookie = &http.Cookie{Name: "pwg_remember", Value: "deleted", Path: c.o.Path + "/", MaxAge: -1} // [T logout]
	return true, nil
}

type size struct {
	name, suffix string
	w, h         int
}

// sizes are the names and bounds of the pictures that Piwigo makes [R2.1, S].
var sizes = []size{
	{"square", "sq", 120, 120}, {"thumb", "th", 144, 144}, {"2small", "2s", 240, 240}, {"xsmall", "xs", 432, 324},
	{"small", "sm", 576, 432}, {"medium", "me", 792, 594}, {"large", "la", 1008, 756}, {"xlarge", "xl", 1224, 918},
	{"xxlarge", "xx", 1656, 1242}, {"3xlarge", "3x", 2232, 1674}, {"4xlarge", "4x", 3000, 2250},
}

// status is pwg.session.getStatus [R2.1].
func (c *call) status() (any, error) {
	status := c.user.Status
	if c.admin && !c.user.admin() {
		status = Admin // what the Community plug-in makes of it [R2.5]
	}
	names := []string{}
	for _, s := range sizes[:len(sizes)-2] { // the largest are off by default [S]
		names = append(names, s.name)
	}
	out := map[string]any{
		"username": c.user.Name, "status": status, "theme": "default", "language": "en_UK", "pwg_token": c.token(),
		"charset": "utf-8", "current_datetime": time.Now().Format(sqlTime), "version": c.o.Version.String(), "available_sizes": names,
	}
	if c.o.Version >= V14 {
		out["save_visits"] = !c.admin // new in 14 [R1]
	}
	if c.o.Version >= V160 {
		out["connected_with"] = orNull(c.how) // new in 16 [R2.1]
	}
	if c.admin {
		out["upload_file_types"] = strings.Join(c.o.types(), ",")
		out["upload_form_chunk_size"] = c.o.ChunkSize
	}
	return out, nil
}

// createKey is pwg.users.api_key.create: only somebody who signed in by the page may do
// that, which nobody does here [R2.2, T apikey_create_ws].
func (c *call) createKey() (any, error) { return nil, failure(401, "Acces Denied") }
