package universal

import (
	"crypto/md5"
	"crypto/subtle"
	"encoding/hex"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// method is one function of the API.
type method struct {
	gen       generation
	session   bool // works for the user of a session
	community bool // must be given; where it is not, it must be known all the same
	serve     func(*call) (value, error)
}

// methods are those of the API that an uploader needs. The guide wants community on
// every call, getSession's and isAppAdded's pages do not list it, and getList is asked
// for it [CHOICE].
var methods map[string]method

func init() { // a literal would refer to itself: validate looks here
	methods = map[string]method{
		"up.auth.createToken":   {gen: genA, community: true, serve: (*call).createToken},
		"up.auth.getSession":    {gen: genB, serve: (*call).getSession},
		"up.community.getList":  {gen: genA, serve: (*call).communities},
		"up.friends.get":        {gen: genB, session: true, community: true, serve: (*call).friends},
		"up.photos.createAlbum": {gen: genB, session: true, community: true, serve: (*call).createAlbum},
		"up.photos.get":         {gen: genB, session: true, community: true, serve: (*call).getPhotos},
		"up.photos.getAlbums":   {gen: genB, session: true, community: true, serve: (*call).getAlbums},
		"up.photos.upload":      {gen: genB, session: true, community: true, serve: (*call).upload},
		"up.users.getInfo":      {gen: genA, community: true, serve: (*call).users},
		"up.users.isAppAdded":   {gen: genC, session: true, serve: (*call).isAppAdded},
	}
}

// call is one request on its way through the server.
type call struct {
	*Server
	o Options
	w http.ResponseWriter
	r *http.Request
	p params

	photo   *record // the file called data, received into incoming
	method  method
	gen     generation
	json    bool
	session session // of methods that work for a user
}

// api answers /api.php, by GET and by POST.
func (c *call) api() {
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodPost {
		http.Error(c.w, "Method Not Allowed", http.StatusMethodNotAllowed) // [CHOICE]
		return
	}
	defer c.discard()
	err := c.read()
	c.identify()
	if name := c.p["method"]; c.method.serve != nil {
		c.count(name)
	}
	if err == nil {
		err = c.check()
	}
	var out value
	if err == nil {
		out, err = c.method.serve(c)
	}
	if err != nil {
		c.answerProblem(err)
		return
	}
	c.write(http.StatusOK, out)
}

// identify finds what says how to answer, errors too: the generation, which without a
// method is A if the names are camelCase [CHOICE], and the format, whose case does not
// matter [U-upload: XML (default) and JSON].
func (c *call) identify() {
	c.json = strings.EqualFold(c.p["format"], "json")
	c.method = methods[c.p["method"]]
	c.gen = c.method.gen
	if c.method.serve == nil && c.p["apiKey"] == "" && c.p["apiSig"] == "" {
		c.gen = genB
	}
}

// check looks at what all calls have in common. The order is a [CHOICE]; each answer's
// code is in [codes].
func (c *call) check() error {
	if c.p["method"] == "" {
		return refuse(noMethod, "no method")
	}
	if c.method.serve == nil {
		return refuse(unknownMethod, "unknown method")
	}
	// php_serial, which A's pages list too, is not offered here [CHOICE].
	if f := c.p["format"]; f != "" && !c.json && !strings.EqualFold(f, "xml") {
		return refuse(badFormat, "unknown format")
	}
	if c.o.Outage {
		return refuse(outage, "told to be out of service")
	}
	if c.o.WrongAddress && c.gen != genA {
		return refuse(badAddress, "told to refuse the address")
	}
	for _, step := range []func() error{c.checkKey, c.checkCommunity, c.checkSigned, c.checkSession, c.checkRate} {
		if err := step(); err != nil {
			return err
		}
	}
	if code := c.o.Refuse[c.p["method"]]; code != 0 {
		return &problem{code: code, detail: "told to refuse the method"}
	}
	return nil
}

// either returns a parameter that has two spellings.
func (c *call) either(a, b string) string {
	if v := c.p[a]; v != "" {
		return v
	}
	return c.p[b]
}

func (c *call) checkKey() error {
	switch key := c.either("api_key", "apiKey"); {
	case key == "":
		return refuse(noKey, "no key")
	case subtle.ConstantTimeCompare([]byte(key), []byte(c.o.Key)) != 1:
		return refuse(badKey, "unknown key")
	}
	return nil
}

func (c *call) checkCommunity() error {
	name := c.p["community"]
	if name == "" {
		if c.method.community {
			return refuse(noCommunity, "no community")
		}
		return nil
	}
	if _, ok := c.o.community(name); !ok {
		return refuse(badCommunity, "unknown community")
	}
	return nil
}

// signature is the MD5, in lower case, of all parameters but the signature itself and
// the image, sorted by name and joined without anything between them, and the secret
// [U-guide; that values are not URL-encoded and data is left out: FB].
func (p params) signature(secret string) string {
	sum := md5.New()
	for _, name := range sortedNames(p) {
		if name != "sig" && name != "apiSig" && name != "data" {
			sum.Write([]byte(name + "=" + p[name]))
		}
	}
	sum.Write([]byte(secret))
	return hex.EncodeToString(sum.Sum(nil))
}

// checkSigned verifies the signature. A call with a session whose getSession gave a
// secret is signed with that, every other one with the application's [U-getSession,
// FB]. Of a session that nobody knows the secret is not known either: what is wrong
// with such a call is its session.
func (c *call) checkSigned() error {
	secret := c.o.Secret
	if key := c.p["session_key"]; key != "" && !strings.HasPrefix(c.p["method"], "up.auth.") {
		known, ok := c.store.session(key)
		if !ok && c.method.session && c.o.sessionSecrets() {
			return nil
		}
		if known.Secret != "" {
			secret = known.Secret
		}
	}
	given := c.either("sig", "apiSig")
	if subtle.ConstantTimeCompare([]byte(given), []byte(c.p.signature(secret))) != 1 {
		return refuse(badSignature, "signature is missing or wrong")
	}
	return nil
}

// checkSession finds the session of a method that needs one, and moves its call_id on
// if there is one: no page but isAppAdded's requires it [U].
func (c *call) checkSession() error {
	if !c.method.session {
		return nil
	}
	var ok bool
	c.session, ok = c.store.session(c.p["session_key"])
	if !ok || !c.session.alive(c.store.now()) {
		return refuse(badSession, "session is missing, unknown or over")
	}
	if name := c.p["community"]; name != "" && name != c.session.Community {
		return refuse(badSession, "session is of another community")
	}
	if _, ok := c.o.user(c.session.UID); !ok {
		return refuse(badSession, "user of the session is gone")
	}
	given, there := c.p["call_id"]
	if !there {
		return nil
	}
	id, ok := parseCallID(given)
	if !ok {
		return refuse(badParameter, "call_id is no number")
	}
	if c.o.IgnoreCallID {
		return nil
	}
	return c.store.advance(c.session.Session, id)
}

// parseCallID reads a call_id: a float [U-isappadded], compared as one, which tells
// microseconds of today apart, but not nanoseconds.
func parseCallID(s string) (float64, bool) {
	if s == "" || len(s) > 40 || strings.Trim(s, "0123456789.") != "" {
		return 0, false
	}
	id, err := strconv.ParseFloat(s, 64)
	return id, err == nil && !math.IsInf(id, 0)
}

// advance makes id a session's last call_id, if it is greater than the one before.
func (st *store) advance(key string, id float64) error {
	st.commit.Lock()
	defer st.commit.Unlock()
	s := st.sessions[key]
	if s == nil || id <= s.callID {
		return refuse(badCallID, "call_id is not greater than the last one")
	}
	return st.do(record{Op: opCall, Session: key, CallID: id})
}

// checkRate counts a call against the application's limit.
func (c *call) checkRate() error {
	if c.o.RateLimit == 0 {
		return nil
	}
	s := c.Server
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := time.Now(); now.Sub(s.window) >= c.o.RateWindow {
		s.window, s.calls = now, 0
	}
	if s.calls++; s.calls > c.o.RateLimit {
		return refuse(tooMany, "%d calls in this window", s.calls)
	}
	return nil
}

// root is the root element of the call's method around its members.
func (c *call) root(kind kind, items ...value) value {
	return value{name: rootName(c.p["method"]), kind: kind, items: items}
}
