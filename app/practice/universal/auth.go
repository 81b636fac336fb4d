package universal

import (
	"io/fs"
	"strconv"
	"strings"
	"time"
)

// defaultMinutes is the life of a session whose createToken did not say: a day, as
// Facebook's desktop sessions had. [FB]
const defaultMinutes = 24 * 60

// createToken is up.auth.createToken [U-createtoken]: expires is the life of the
// session to come in minutes, 0 for ever; the answer is the token alone, 38 hexadecimal
// digits in the sample. Its JSON is a bare string [FB].
func (c *call) createToken() (value, error) {
	minutes := int64(defaultMinutes)
	if s, given := c.p["expires"]; given {
		var err error
		if minutes, err = strconv.ParseInt(s, 10, 32); err != nil || minutes < 0 {
			return value{}, refuse(badParameter, "expires is no number of minutes")
		}
	}
	r := record{Op: opToken, Token: randomHex(38), Community: c.p["community"], Minutes: minutes}
	c.store.commit.Lock()
	defer c.store.commit.Unlock()
	if err := c.store.do(r); err != nil {
		return value{}, err
	}
	out := text(rootName(c.p["method"]), r.Token)
	if c.json && c.o.TokenObject {
		return object(out.name, text("auth_token", r.Token)), nil
	}
	return out, nil
}

// getSession is up.auth.getSession [U-getsession]: the session of the user who has
// allowed the token, once. A token that is not allowed yet, and one that is none, give
// 100 [FB]. The secret is for desktop applications only.
func (c *call) getSession() (value, error) {
	if c.o.HTTPSOnly && !c.o.Web && c.r.TLS == nil {
		return value{}, refuse(badParameter, "desktop applications must use https")
	}
	s, err := c.store.redeem(c.p["auth_token"], c.p["community"], c.o)
	if err != nil {
		return value{}, err
	}
	c.Server.mu.Lock()
	c.logins++
	c.Server.mu.Unlock()
	out := c.root(kindObject, text("session_key", s.Session), id("uid", s.UID), number("expires", s.Expires))
	if s.Secret != "" {
		out.items = append(out.items, text("secret", s.Secret))
	}
	return out, nil
}

func (o Options) newSession(uid, community string, expires int64) record {
	r := record{Op: opSession, Session: randomHex(24), UID: uid, Community: community, Expires: expires}
	if o.LongKeys {
		r.Session += "-" + randomHex(12) + "." // 489727d0ab2efc6e8003018c-i2LLkn8BDb2s. [U-upload]
	}
	if o.sessionSecrets() {
		r.Secret = randomHex(32)
	}
	return r
}

// waiting returns a token that may still be used. The caller holds commit or mu.
func (st *store) waiting(name string, life time.Duration) *token {
	t := st.tokens[name]
	if t == nil || t.over || st.now().Sub(t.At) > life {
		return nil
	}
	return t
}

// redeem uses a token up.
func (st *store) redeem(name, community string, o Options) (record, error) {
	st.commit.Lock()
	defer st.commit.Unlock()
	t := st.waiting(name, o.TokenLife)
	switch {
	case t == nil:
		return record{}, refuse(badParameter, "token is missing, unknown, used or too old")
	case t.uid == "":
		return record{}, refuse(badParameter, "token is not allowed yet")
	case community != "" && community != t.Community:
		return record{}, refuse(badParameter, "token is of another community")
	}
	expires := int64(0)
	if t.Minutes > 0 {
		expires = st.now().Unix() + 60*t.Minutes
	}
	r := o.newSession(t.uid, t.Community, expires)
	r.Token = name
	return r, st.do(r)
}

// decide records what a user said to a token. It returns an error wrapping
// [fs.ErrNotExist] if the token does not wait for that.
func (st *store) decide(what op, name, uid string, life time.Duration) error {
	st.commit.Lock()
	defer st.commit.Unlock()
	if t := st.waiting(name, life); t == nil || t.uid != "" {
		return fs.ErrNotExist
	}
	return st.do(record{Op: what, Token: name, UID: uid})
}

// undecided returns the community of a token that waits for a user.
func (st *store) undecided(name string, life time.Duration) (community string, ok bool) {
	st.mu.RLock()
	defer st.mu.RUnlock()
	t := st.waiting(name, life)
	if t == nil || t.uid != "" {
		return "", false
	}
	return t.Community, true
}

// communities is up.community.getList, which many pages name and none describes: the
// answer's shape is made up. [CHOICE]
func (c *call) communities() (value, error) {
	out := c.root(kindList)
	for _, k := range c.o.Communities {
		out.items = append(out.items, object("community", text("name", k.Name), text("title", k.Title), text("url", c.baseURL())))
	}
	return out, nil
}

// users is up.users.getInfo: uids or pageUrls must be given [U-getinfo]. No user here
// has a page; the members are those that Facebook has of every user [FB].
func (c *call) users() (value, error) {
	if c.p["uids"] == "" && c.p["pageUrls"] == "" {
		return value{}, refuse(badParameter, "neither uids nor pageUrls")
	}
	out := c.root(kindList)
	for uid := range strings.SplitSeq(c.p["uids"], ",") {
		if u, ok := c.o.user(strings.TrimSpace(uid)); ok {
			out.items = append(out.items, object("user", id("uid", u.UID), text("name", u.Name)))
		}
	}
	return out, nil
}

// friends is up.friends.get: the user IDs of all other users. [FB; that everybody is a
// friend is a CHOICE]
func (c *call) friends() (value, error) {
	out := c.root(kindList)
	for _, u := range c.o.Users {
		if u.UID != c.session.UID {
			out.items = append(out.items, id("uid", u.UID))
		}
	}
	return out, nil
}

// isAppAdded is up.users.isAppAdded: call_id and v are required [U-isappadded]. Whoever
// has a session has added the application [CHOICE].
func (c *call) isAppAdded() (value, error) {
	if c.p["call_id"] == "" || c.p["v"] != "1.0" {
		return value{}, refuse(badParameter, "call_id or v is missing, or v is not 1.0")
	}
	return text(rootName(c.p["method"]), "1"), nil
}
