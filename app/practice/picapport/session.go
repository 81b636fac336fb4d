package picapport

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// sessions are the WebApi sessions, in memory only.
type sessions struct {
	key func() (*rsa.PrivateKey, error) // the server's, made when it is first needed

	mu   sync.Mutex
	byID map[string]*session
}

// session is one session. Its fields belong to sessions.mu.
type session struct {
	id       string
	uid      string // empty until authorised
	ip       string
	implicit bool
	key      *rsa.PrivateKey // nil with algorithm none and in implicit sessions; never changes
	used     time.Time
	views    map[int][]string // results of runQuery: photo IDs by vid
	lastView int
}

// keyBits is what PicApport uses [S5]. It is weak, and Go's rsa still makes such keys.
const keyBits = 1024

// maxViews bounds the query results that a session remembers.
const maxViews = 64

func newSessions() *sessions {
	return &sessions{key: sync.OnceValues(newKey), byID: map[string]*session{}}
}

func newKey() (*rsa.PrivateKey, error) {
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("making the RSA key: %w", err)
	}
	return key, nil
}

func (s *sessions) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.byID)
}

func (s *sessions) count(idle time.Duration) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(idle)
	return len(s.byID)
}

func (s *sessions) sweep(idle time.Duration) {
	for id, t := range s.byID {
		if time.Since(t.used) > idle {
			delete(s.byID, id)
		}
	}
}

// create makes a session within the limit per address, which is documented; what
// happens at the limit is not [S4, CHOICE].
func (s *sessions) create(o Options, ip, uid string, implicit bool) (*session, error) {
	s.sweep(o.SessionIdle)
	var oldest *session
	n := 0
	for _, t := range s.byID {
		if t.ip == ip {
			n++
			if oldest == nil || t.used.Before(oldest.used) {
				oldest = t
			}
		}
	}
	if o.MaxSessionsPerIP > 0 && n >= o.MaxSessionsPerIP {
		if !o.DropOldestSession {
			return nil, refuse(http.StatusForbidden, "Too many sessions")
		}
		delete(s.byID, oldest.id)
	}
	t := &session{id: randomID(), uid: uid, ip: ip, implicit: implicit, used: time.Now(), views: map[int][]string{}}
	s.byID[t.id] = t
	return t, nil
}

// randomID makes 22 characters, as session and share IDs have [S17].
func randomID() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// caller is the session and the user of a call.
type caller struct {
	apisid string
	user   User
}

// caller finds the session of a call: the ID of one that is authorised, or nothing
// with webapi.default.uid, or the ID of a user whose password equals it [S3, S6, S7].
// Both of the latter create a session, which the same address then shares [INF].
func (c *call) caller() (caller, error) {
	apisid := c.q.Get("apisid")
	s := c.sessions
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sweep(c.o.SessionIdle)

	if t := s.byID[apisid]; t != nil {
		u, ok := c.o.user(t.uid)
		if !ok {
			return caller{}, refuse(http.StatusForbidden, "Session is not authorised")
		}
		t.used = time.Now()
		return caller{t.id, u}, nil
	}

	uid := apisid
	if apisid == "" {
		if uid = c.o.DefaultUID; uid == "" {
			return caller{}, refuse(http.StatusBadRequest, "Parameter apisid is missing")
		}
	}
	u, ok := c.o.selfNamed(uid)
	if !ok || c.o.APIKeyOnImplicit && !c.hasAPIKey() {
		return caller{}, refuse(http.StatusForbidden, "Session is unknown or has expired")
	}
	ip := c.remoteIP()
	for _, t := range s.byID {
		if t.implicit && t.uid == uid && t.ip == ip {
			t.used = time.Now()
			return caller{t.id, u}, nil
		}
	}
	t, err := s.create(c.o, ip, uid, true)
	if err != nil {
		return caller{}, err
	}
	return caller{t.id, u}, nil
}

// callerWith is caller for functions that need a permission. That its lack gives 403
// is a [CHOICE].
func (c *call) callerWith(p Permission) (caller, error) {
	who, err := c.caller()
	if err == nil && !who.user.May(p) {
		err = refuse(http.StatusForbidden, "Permission %s is missing", p)
	}
	return who, err
}

func (c *call) hasAPIKey() bool {
	return c.o.APIKey == "" || subtle.ConstantTimeCompare([]byte(c.q.Get("apikey")), []byte(c.o.APIKey)) == 1
}

// createSession is createWebApiSession [S4]: authorised is true if webapi.default.uid
// names a valid user; exponent and modulus are hexadecimal and come with RSA only.
func (c *call) createSession() error {
	if !c.hasAPIKey() {
		return refuse(http.StatusForbidden, "apikey is wrong or missing") // [CHOICE]
	}
	def, authorised := c.o.selfNamed(c.o.DefaultUID)
	var key *rsa.PrivateKey
	if !c.o.NoEncryption {
		source := c.sessions.key
		if c.o.KeyPerSession {
			source = newKey
		}
		var err error
		if key, err = source(); err != nil {
			return err
		}
	}
	uid := ""
	if authorised {
		uid = def.UID
	}
	c.sessions.mu.Lock()
	t, err := c.sessions.create(c.o, c.remoteIP(), uid, false)
	if err == nil {
		t.key = key
	}
	c.sessions.mu.Unlock()
	if err != nil {
		return err
	}
	out := struct {
		APISID     string `json:"apisid"`
		Authorised bool   `json:"authorised"`
		Algorithm  string `json:"algorithm"`
		Exponent   string `json:"exponent,omitempty"`
		Modulus    string `json:"modulus,omitempty"`
	}{APISID: t.id, Authorised: authorised, Algorithm: "none"}
	if key != nil {
		out.Algorithm = "RSA"
		out.Exponent = fmt.Sprintf("%x", key.E)
		out.Modulus = key.N.Text(16)
	}
	return c.answer(out)
}

// authorizeSession is authorizeWebApiSession [S5]: pw is plain for algorithm none, and
// the hexadecimal PKCS#1 v1.5 ciphertext for RSA. The token is returned since 9.2, if
// it was asked for and exists. Which failure gives which status is a [CHOICE].
func (c *call) authorizeSession() error {
	apisid, err := c.need("apisid")
	if err != nil {
		return err
	}
	uid, err := c.need("uid")
	if err != nil {
		return err
	}
	pw, err := c.need("pw")
	if err != nil {
		return err
	}
	s := c.sessions
	s.mu.Lock()
	s.sweep(c.o.SessionIdle)
	t := s.byID[apisid]
	s.mu.Unlock()
	if t == nil {
		return refuse(http.StatusForbidden, "Session is unknown or has expired")
	}
	plain, err := c.password(t, pw)
	if err != nil {
		return err
	}
	u, ok := c.o.user(uid)
	if subtle.ConstantTimeCompare([]byte(plain), []byte(u.Password)) != 1 || !ok {
		return refuse(http.StatusForbidden, "User or password is wrong")
	}

	s.mu.Lock()
	t.uid, t.used = uid, time.Now()
	s.mu.Unlock()
	c.Server.mu.Lock()
	c.logins++
	c.Server.mu.Unlock()

	out := struct {
		APISID string `json:"apisid"`
		UID    string `json:"uid"`
		ATU    string `json:"atu,omitempty"`
	}{APISID: t.id, UID: uid}
	if c.o.Profile >= V92 && c.q.Get("returnatu") == "true" {
		out.ATU = u.AccessToken
	}
	return c.answer(out)
}

// password undoes the encryption of pw. The charset of what was encrypted is not
// documented: the reference page's own script sends Latin-1 [INF], and PasswordUTF8
// is the other reading.
func (c *call) password(t *session, pw string) (string, error) {
	if c.o.NoEncryption {
		return pw, nil
	}
	if t.key == nil {
		return "", refuse(http.StatusForbidden, "Session was not made for signing in")
	}
	cipher, err := hex.DecodeString(pw)
	if err != nil || len(cipher) != t.key.Size() {
		return "", refuse(http.StatusBadRequest, "Parameter pw is malformed")
	}
	plain, err := rsa.DecryptPKCS1v15(nil, t.key, cipher) //nolint:staticcheck // PicApport's own choice, which we do not have
	if err != nil {
		return "", refuse(http.StatusForbidden, "User or password is wrong")
	}
	if c.o.PasswordUTF8 {
		return string(plain), nil
	}
	runes := make([]rune, len(plain))
	for i, b := range plain {
		runes[i] = rune(b)
	}
	return string(runes), nil
}

// serverStatus is getServerStatus [S14]. versionReady is not explained there; an
// unknown session gives 403 [CHOICE], or isValid=false with StatusAlways.
func (c *call) serverStatus() error {
	apisid, err := c.need("apisid")
	if err != nil {
		return err
	}
	s := c.sessions
	s.mu.Lock()
	s.sweep(c.o.SessionIdle)
	t := s.byID[apisid]
	var uid string
	if t != nil {
		uid, t.used = t.uid, time.Now()
	}
	s.mu.Unlock()
	if t == nil && !c.o.StatusAlways {
		return refuse(http.StatusForbidden, "Session is unknown or has expired")
	}
	u, valid := c.o.user(uid)
	out := map[string]any{
		"versionMajor": int(c.o.Profile / 10000),
		"versionMinor": int(c.o.Profile / 100 % 100),
		"version":      c.o.Profile.build(),
		"versionReady": true,
		"isValid":      valid,
		"uid":          u.UID,
		"name":         u.Name,
		"canUpload":    u.May(AccessUploads) && !c.o.DemoMode,
	}
	if c.o.Profile >= V92 {
		if limit := c.o.maxSize(); limit != nil {
			out["uploadMaxFilesizeMB"] = limit
		}
		out["supportedVideoTypes"] = append([]string{}, c.o.VideoTypes...)
	}
	return c.answer(out)
}
