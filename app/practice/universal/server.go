package universal

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Server is one emulated community server. Its methods may be called at any time from
// any goroutine.
type Server struct {
	options  atomic.Pointer[Options]
	store    *store
	browsers *browsers

	mu       sync.Mutex
	requests map[string]int
	logins   int
	window   time.Time // when the window of the rate limit began
	calls    int       // in that window
}

// New opens the server whose state is in o.Dir, finishing what a killed one left
// half done. Close it after use.
func New(o Options) (*Server, error) {
	o = o.clone().withDefaults()
	if err := o.validate(); err != nil {
		return nil, fmt.Errorf("universal options: %w", err)
	}
	st, err := openStore(o.Dir, o.Log, !o.NoSync)
	if err != nil {
		return nil, fmt.Errorf("opening universal state: %w", err)
	}
	s := &Server{store: st, browsers: newBrowsers(), requests: map[string]int{}}
	s.options.Store(&o)
	return s, nil
}

// Close releases the files. Calls that still run fail.
func (s *Server) Close() error { return s.store.close() }

// Configure changes the options of a running server; calls that have already begun
// keep the old ones. Dir, Log and NoSync cannot be changed.
func (s *Server) Configure(change func(*Options)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := *s.options.Load()
	o := before.clone()
	change(&o)
	o.Dir, o.Log, o.NoSync = before.Dir, before.Log, before.NoSync
	o = o.clone().withDefaults()
	if err := o.validate(); err != nil {
		return fmt.Errorf("universal options: %w", err)
	}
	s.options.Store(&o)
	return nil
}

// Key returns the application's key.
func (s *Server) Key() string { return s.options.Load().Key }

// Secret returns the application's secret.
func (s *Server) Secret() string { return s.options.Load().Secret }

// Community returns the system name of the first community.
func (s *Server) Community() string { return s.options.Load().Communities[0].Name }

// Received returns what was ever stored, in order, from earlier runs too.
func (s *Server) Received() []Received { return s.store.received() }

// Albums returns the albums that are there, in order, with all their photos counted.
func (s *Server) Albums() []Album {
	st := s.store
	st.mu.RLock()
	defer st.mu.RUnlock()
	var out []Album
	for _, a := range st.albums {
		if !a.dropped {
			out = append(out, a.view(viewer{uid: a.UID}, false))
		}
	}
	return out
}

// Logins returns how often getSession gave a session.
func (s *Server) Logins() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

// Requests returns how often a method was called, refused calls included; "login" is
// the login page. An empty name means all of them.
func (s *Server) Requests(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if method != "" {
		return s.requests[method]
	}
	n := 0
	for _, m := range s.requests {
		n += m
	}
	return n
}

func (s *Server) count(method string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[method]++
}

// ExpireSessions ends all sessions: their next call gives error 102.
func (s *Server) ExpireSessions() {
	s.store.commit.Lock()
	defer s.store.commit.Unlock()
	if err := s.store.do(record{Op: opExpire}); err != nil {
		s.options.Load().Log.Error("Sessions could not be ended", "err", err)
	}
}

// DeletePhoto deletes a photo as its owner would. It reports an error if there is no
// such photo.
func (s *Server) DeletePhoto(pid string) error { return s.store.remove(pid) }

// DeleteAlbum deletes an album and its photos as its owner would. It reports an error
// if there is no such album.
func (s *Server) DeleteAlbum(aid string) error { return s.store.drop(aid) }

// ApprovePhotos approves all pending photos, as their owners would.
func (s *Server) ApprovePhotos() error {
	return s.store.publish(func(*photo) bool { return true })
}

// Session signs a user in without the login page: a session of the first community that
// never expires, and its secret, which is empty where getSession would give none. Both
// are empty if the login is unknown or the state cannot be written.
func (s *Server) Session(login string) (sessionKey, sessionSecret string) {
	o := *s.options.Load()
	u, ok := o.login(login)
	if !ok {
		return "", ""
	}
	r := o.newSession(u.UID, o.Communities[0].Name, 0)
	s.store.commit.Lock()
	defer s.store.commit.Unlock()
	if err := s.store.do(r); err != nil {
		o.Log.Error("Session could not be made", "err", err)
		return "", ""
	}
	return r.Session, r.Secret
}

// Functions returns the names of all methods, and "login" for the login page.
func Functions() []string {
	names := append(slices.Collect(maps.Keys(methods)), functionLogin)
	slices.Sort(names)
	return names
}

// ServeHTTP answers the API at /api.php [U-guide], the login page, and the pages and
// images that answers link to.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Server: s, o: *s.options.Load(), w: w, r: r, p: params{}}
	switch path := r.URL.Path; {
	case path == apiPath:
		c.api()
	case path == c.o.LoginPath:
		s.count(functionLogin)
		c.loginPage()
	case path == albumPath:
		c.albumPage()
	case path == photoPath:
		c.photoPage()
	case strings.HasPrefix(path, mediaPath):
		c.image()
	default:
		http.NotFound(w, r)
	}
}
