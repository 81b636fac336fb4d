package picapport

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
)

// Server is one emulated PicApport server. Its methods may be called at any time from
// any goroutine.
type Server struct {
	options  atomic.Pointer[Options]
	sessions *sessions
	store    *store
	decoding chan struct{} // bounds the pictures in memory at a time

	mu       sync.Mutex
	requests map[string]int
	logins   int
}

// New opens the server whose state is in o.Dir, finishing what a killed one left
// half done. Close it after use.
func New(o Options) (*Server, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, fmt.Errorf("picapport options: %w", err)
	}
	st, err := openStore(o.Dir, o.Log, !o.NoSync)
	if err != nil {
		return nil, fmt.Errorf("opening picapport state: %w", err)
	}
	s := &Server{sessions: newSessions(), store: st, decoding: make(chan struct{}, 2), requests: map[string]int{}}
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
	o := *s.options.Load()
	o.Users = slices.Clone(o.Users)
	before := o
	change(&o)
	o.Dir, o.Log, o.NoSync = before.Dir, before.Log, before.NoSync
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return fmt.Errorf("picapport options: %w", err)
	}
	s.options.Store(&o)
	return nil
}

// Received returns what was ever stored, in order, from earlier runs too.
func (s *Server) Received() []Received { return s.store.received() }

// Logins returns how often authorizeWebApiSession accepted somebody.
func (s *Server) Logins() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

// Sessions returns how many sessions are alive.
func (s *Server) Sessions() int { return s.sessions.count(s.options.Load().SessionIdle) }

// Requests returns how often a function was called, refused calls included. An empty
// name means all functions.
func (s *Server) Requests(function string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if function != "" {
		return s.requests[function]
	}
	n := 0
	for _, m := range s.requests {
		n += m
	}
	return n
}

// ExpireSessions forgets all sessions, as a restart does.
func (s *Server) ExpireSessions() { s.sessions.clear() }

// DeletePhoto deletes a photo as somebody at the server would: its ID stays known as
// transferred. It reports an error if there is no such photo.
func (s *Server) DeletePhoto(id string) error { return s.store.remove(id) }

// Functions returns the names of all functions, of every version.
func Functions() []string { return slices.Sorted(maps.Keys(functions)) }

type function struct {
	since Profile
	post  bool
	serve func(*call) error
}

// functions is the WebApi [S1]. Each page says since when its function exists.
var functions = map[string]function{
	"createWebApiSession":    {since: V74, serve: (*call).createSession},
	"authorizeWebApiSession": {since: V74, serve: (*call).authorizeSession},
	"getServerStatus":        {since: V83, serve: (*call).serverStatus},
	"checkPhotoId":           {since: V83, serve: (*call).checkPhotoID},
	"upload":                 {since: V74, post: true, serve: (*call).upload},
	"runQuery":               {since: V74, serve: (*call).runQuery},
	"getSharedGallerys":      {since: V74, serve: (*call).sharedGalleries},
	"getGallery":             {since: V74, serve: (*call).gallery},
	"getPhoto":               {since: V74, serve: (*call).getPhoto},
	"getThumbnail":           {since: V74, serve: (*call).thumbnail},
	"getPhotoMetadata":       {since: V74, serve: (*call).photoMetadata},
	"getOriginalFile":        {since: V74, serve: (*call).originalFile},
	"removePhoto":            {since: V83, serve: (*call).removePhoto},
}

// call is one request on its way through the server.
type call struct {
	*Server
	o Options
	w http.ResponseWriter
	r *http.Request
	q url.Values
}

// refusal is an answer other than 200. The pages list 200, 400, 403, 404, 500 and 501
// for every function [S1], without saying which cause gives which [CHOICE, all].
type refusal struct {
	status int
	text   string
}

func (e *refusal) Error() string { return e.text }

func refuse(status int, format string, args ...any) error {
	return &refusal{status, fmt.Sprintf(format, args...)}
}

// ServeHTTP answers {prefix}/picapportapi/1.0/{function} [S1].
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Server: s, o: *s.options.Load(), w: w, r: r}
	name, err := c.dispatch()
	if err == nil {
		return
	}
	var no *refusal
	if !errors.As(err, &no) {
		c.o.Log.Error("Call failed", "function", name, "err", err)
		no = &refusal{http.StatusInternalServerError, "Internal Server Error"}
	} else {
		c.o.Log.Debug("Call refused", "function", name, "status", no.status, "reason", no.text)
	}
	if r.Body != nil && !c.o.RefuseEarly {
		_, _ = io.Copy(io.Discard, r.Body) // the client may have gone
	}
	// No error body is documented; a line of text is the least that a server sends.
	// [CHOICE]
	http.Error(w, no.text, no.status)
}

func (c *call) dispatch() (name string, err error) {
	rest, ok := strings.CutPrefix(c.r.URL.Path, "/picapportapi/")
	if !ok || c.o.Disabled {
		return "", refuse(http.StatusNotFound, "Not Found") // webapi.enabled=false [CHOICE]
	}
	version, name, _ := strings.Cut(rest, "/")
	f, ok := functions[name]
	if version != "1.0" || !ok || f.since > c.o.Profile {
		return name, refuse(c.o.UnknownFunctionStatus, "Unknown function") // [CHOICE]
	}
	c.Server.mu.Lock()
	c.requests[name]++
	c.Server.mu.Unlock()

	// All pages but upload's show plain links; 405 is on no page. [CHOICE]
	if post := c.r.Method == http.MethodPost; post != f.post || !post && c.r.Method != http.MethodGet {
		return name, refuse(http.StatusNotImplemented, "%s does not take %s", name, c.r.Method)
	}
	if c.q, err = url.ParseQuery(c.r.URL.RawQuery); err != nil {
		return name, refuse(http.StatusBadRequest, "Malformed query")
	}
	return name, f.serve(c)
}

// need returns a query parameter that must be there.
func (c *call) need(name string) (string, error) {
	if v := c.q.Get(name); v != "" {
		return v, nil
	}
	return "", refuse(http.StatusBadRequest, "Parameter %s is missing", name)
}

func (c *call) answer(v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encoding the answer: %w", err)
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.Header().Set("Content-Length", fmt.Sprint(len(body)))
	_, _ = c.w.Write(body) // the client may have gone: nobody is left to be told
	return nil
}

func (c *call) remoteIP() string {
	host, _, err := net.SplitHostPort(c.r.RemoteAddr)
	if err != nil {
		return c.r.RemoteAddr
	}
	return host
}
