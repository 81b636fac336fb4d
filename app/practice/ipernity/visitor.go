package ipernity

import (
	"crypto/rand"
	"crypto/subtle"
	"net/http"
	"sync"
	"time"
)

// visitorCookie names the browser. Cookies of one host are shared by all its ports, so
// the name must be the service's own.
const visitorCookie = "ipernity_visitor"

// visitorLife is how long a browser that does not come back is remembered, and
// maxVisitors how many of them. [CHOICE]
const (
	visitorLife = 24 * time.Hour
	maxVisitors = 1000
)

// visitor is a browser, and who is signed in on it.
type visitor struct {
	user int64  // 0 for nobody
	form string // must come back with every form, so that no other site can send it
	seen time.Time
}

// visitors are the browsers by their cookies, in memory.
type visitors struct {
	mu  sync.Mutex
	all map[string]*visitor
}

func newVisitors() *visitors { return &visitors{all: map[string]*visitor{}} }

// known returns the browser that a request comes from, if it was here before.
func (v *visitors) known(r *http.Request, now time.Time) (visitor, bool) {
	c, err := r.Cookie(visitorCookie)
	if err != nil {
		return visitor{}, false
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	x := v.all[c.Value]
	if x == nil || now.Sub(x.seen) > visitorLife {
		return visitor{}, false
	}
	x.seen = now
	return *x, true
}

// welcome gives a browser a new name, on which the user is signed in.
func (v *visitors) welcome(w http.ResponseWriter, r *http.Request, user int64, now time.Time) visitor {
	v.mu.Lock()
	defer v.mu.Unlock()
	if c, err := r.Cookie(visitorCookie); err == nil {
		delete(v.all, c.Value)
	}
	oldest, before := "", now
	for name, x := range v.all {
		if now.Sub(x.seen) > visitorLife {
			delete(v.all, name)
		} else if !x.seen.After(before) {
			oldest, before = name, x.seen
		}
	}
	if len(v.all) >= maxVisitors {
		delete(v.all, oldest)
	}
	name, x := rand.Text(), &visitor{user: user, form: rand.Text(), seen: now}
	v.all[name] = x
	http.SetCookie(w, &http.Cookie{
		Name: visitorCookie, Value: name, Path: "/", HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
	return *x
}

// visitor returns the browser that a request comes from. A new one is signed in as
// Options.SignedIn.
func (s *Server) visitor(w http.ResponseWriter, r *http.Request) visitor {
	o := s.options.Load()
	if v, ok := s.visitors.known(r, o.Now()); ok {
		return v
	}
	u, _ := o.userNamed(o.SignedIn) // nobody otherwise
	return s.visitors.welcome(w, r, u.ID, o.Now())
}

// sent reports whether a form comes from a page that this browser was given.
func (v visitor) sent(form string) bool {
	return v.form != "" && subtle.ConstantTimeCompare([]byte(v.form), []byte(form)) == 1
}
