package ipernity

import (
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"
)

// areas are what permissions are about [D7], in the order of the answers [C7].
var areas = []string{"doc", "blog", "network", "profile", "post"}

// levels are the permissions of each area: each includes those below it [D7].
var levels = map[string]map[string]int{
	"doc":     {"read": 1, "write": 2, "delete": 3},
	"blog":    {"read": 1, "write": 2, "delete": 3},
	"network": {"read": 1, "write": 2, "delete": 3},
	"post":    {"read": 1, "write": 2, "delete": 3},
	"profile": {"read": 1, "write": 2},
}

// perms are the permissions of a token by area.
type perms map[string]string

// allow reports whether a permission is there, or one that includes it.
func (p perms) allow(area, needs string) bool { return levels[area][p[area]] >= levels[area][needs] }

// level is a permission in the words of auth.getToken [C7].
func (p perms) level(area string) string {
	if v := p[area]; v != "" {
		return v
	}
	return "none"
}

var wordShape = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// frob is what a person's consent is tied to until it is exchanged for a token.
type frob struct {
	until   time.Time
	granted bool
	user    int64
	perms   perms
}

// frobs are those that can still be used. They live in memory: they are good for a few
// minutes only [D5].
type frobs struct {
	mu  sync.Mutex
	all map[string]*frob
}

func newFrobs() *frobs { return &frobs{all: map[string]*frob{}} }

func (f *frobs) make(o Options) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := o.Now()
	for name, x := range f.all {
		if !now.Before(x.until) {
			delete(f.all, name)
		}
	}
	var b [8]byte
	rand.Read(b[:]) // never fails
	number := 100_000_000 + binary.BigEndian.Uint32(b[:4])%900_000_000
	name := fmt.Sprintf("%d-%s", number, hex.EncodeToString(b[4:])) // number-hex [D6]
	f.all[name] = &frob{until: now.Add(o.FrobLife)}
	return name
}

// waiting reports whether a frob waits for a person's answer.
func (f *frobs) waiting(name string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.all[name]
	return x != nil && !x.granted && now.Before(x.until)
}

// answer ties a frob to the person who let the application in, or uses it up if the
// person did not. It reports whether the frob was still waiting.
func (f *frobs) answer(name string, now time.Time, allow bool, user int64, p perms) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.all[name]
	if x == nil || x.granted || !now.Before(x.until) {
		return false
	}
	if !allow {
		delete(f.all, name)
		return true
	}
	x.granted, x.user, x.perms = true, user, p
	return true
}

// take uses up a frob that has been granted, and with burn any other one too.
func (f *frobs) take(name string, now time.Time, burn bool) (frob, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	x := f.all[name]
	if x == nil {
		return frob{}, false
	}
	good := x.granted && now.Before(x.until)
	if good || burn {
		delete(f.all, name)
	}
	return *x, good
}

// newToken makes a token: the user's ID and twelve hexadecimal digits [C7].
func newToken(u User, p perms) token {
	var b [6]byte
	rand.Read(b[:]) // never fails
	return token{Token: decimal(u.ID) + "-" + hex.EncodeToString(b[:]), User: u.ID, Perms: p}
}

// getFrob is auth.getFrob [D6].
func (c *call) getFrob() (object, error) {
	return object{{"auth", object{{"frob", text(c.frobs.make(c.o))}}}}, nil
}

// getToken is auth.getToken [D13]: error 1 without a frob; error 2 for one that is
// unknown, used, too old, refused, or not answered yet. Whether the latter uses it up is
// not said: Options.EarlyBurnsFrob.
func (c *call) getToken() (object, error) {
	if c.p["frob"] == "" {
		return nil, errFrobMissing
	}
	f, ok := c.frobs.take(c.p["frob"], c.o.Now(), c.o.EarlyBurnsFrob)
	if !ok {
		return nil, errFrobInvalid
	}
	u, ok := c.o.user(f.user)
	if !ok {
		return nil, errFrobInvalid
	}
	if u.Closed {
		return nil, common(accountClosed)
	}
	t := newToken(u, f.perms)
	if err := c.store.issue(t, c.o.Now()); err != nil {
		return nil, err
	}
	c.mu.Lock()
	c.logins++
	c.mu.Unlock()
	return c.tokenAnswer(t.Token, u, f.perms), nil
}

// checkToken is auth.checkToken: the same answer again [D13].
func (c *call) checkToken() (object, error) {
	return c.tokenAnswer(c.p["auth_token"], c.user, c.perms), nil
}

// tokenAnswer is what both answer [C7, D13]: the page calls the block perms, the live
// service permissions [C1].
func (c *call) tokenAnswer(t string, u User, p perms) object {
	block := object{}
	for _, area := range areas {
		block = append(block, member{area, p.level(area)})
	}
	name := "permissions"
	if c.o.PermsBlock {
		name = "perms"
	}
	return object{{"auth", object{
		{"token", text(t)},
		{name, block},
		{"user", object{
			{"user_id", u.ID}, {"username", u.Name}, {"realname", u.Realname}, {"lg", "en"}, {"is_pro", u.Pro},
		}},
	}}}
}

// permsOf reads the perm_ parameters of the consent page [D7]. ok is false for an area
// or a permission that does not exist.
func permsOf(params map[string]string) (p perms, ok bool) {
	p = perms{}
	for name, value := range params {
		if len(name) < 5 || name[:5] != "perm_" {
			continue
		}
		area := name[5:]
		if !slices.Contains(areas, area) || levels[area][value] == 0 {
			return nil, false
		}
		p[area] = value
	}
	return p, true
}
