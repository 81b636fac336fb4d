package piwigo

import (
	"crypto/subtle"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Server is one emulated Piwigo server. Its methods may be called at any time from any
// goroutine.
type Server struct {
	options  atomic.Pointer[Options]
	sessions *sessions
	store    *store
	drawing  chan struct{} // bounds the pictures in memory at a time

	mu       sync.Mutex
	requests map[string]int
	logins   int
	warnings *rand.Rand
	calls    int            // counted for CacheBusyEvery
	stored   int            // counted for TimeoutEvery
	merges   int            // counted for MergeCrashEvery
	sending  map[*call]bool // calls that may store a photo, for MkdirRace and Workers
}

// New opens the server whose state is in o.Dir, finishing what a killed one left half
// done. Close it after use.
func New(o Options) (*Server, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, fmt.Errorf("piwigo options: %w", err)
	}
	st, err := openStore(o)
	if err != nil {
		return nil, fmt.Errorf("opening piwigo state: %w", err)
	}
	s := &Server{
		sessions: newSessions(), store: st, drawing: make(chan struct{}, 2),
		requests: map[string]int{}, warnings: rand.New(rand.NewPCG(o.WarningSeed, 0)), sending: map[*call]bool{},
	}
	s.options.Store(&o)
	return s, nil
}

// Close releases the files. Calls that still run fail.
func (s *Server) Close() error { return s.store.close() }

// Configure changes the options of a running server; calls that have already begun
// keep the old ones. Dir, Log, NoSync and KeepMerged cannot be changed. What happens
// every Nth time is counted anew.
func (s *Server) Configure(change func(*Options)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o := *s.options.Load()
	o.Users, o.APIKeys = slices.Clone(o.Users), slices.Clone(o.APIKeys)
	before := o
	change(&o)
	o.Dir, o.Log, o.NoSync, o.KeepMerged = before.Dir, before.Log, before.NoSync, before.KeepMerged
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return fmt.Errorf("piwigo options: %w", err)
	}
	if o.WarningSeed != before.WarningSeed {
		s.warnings = rand.New(rand.NewPCG(o.WarningSeed, 0))
	}
	s.calls, s.stored, s.merges = 0, 0, 0
	s.options.Store(&o)
	return nil
}

// Logins returns how often somebody signed in, by whatever method makes a session.
func (s *Server) Logins() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

// Requests returns how often a method was called, refused calls included. An empty
// name means all methods.
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

// ExpireSessions forgets all sessions.
func (s *Server) ExpireSessions() { s.sessions.clear() }

// call is one request on its way through the server.
type call struct {
	*Server
	o Options
	w http.ResponseWriter
	r *http.Request

	form      *form
	sid       string
	cookie    *http.Cookie // to be set
	user      User
	admin     bool   // is_admin(), as the Community plug-in may pretend
	how       string // connected_with
	stateless bool   // an API key in a header
	args      args
	noticed   []string // PHP's warnings
	status500 bool     // a PwgError was made, though not returned
	stored    bool     // a photo was stored
	lostRace  bool     // of mkdir; belongs to Server.mu, as starved does
	starved   bool     // all workers were busy with uploads
}

// ServeHTTP answers ws.php and the pages and pictures that its answers point to.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{Server: s, o: *s.options.Load(), w: w, r: r}
	v, err := c.serve()
	if errors.Is(err, errServed) {
		return
	}
	if c.o.MaxBodyEarly && err != nil && errors.Is(err, errTooLarge) {
		w.Header().Set("Connection", "close")
	} else if r.Body != nil {
		_, _ = io.Copy(io.Discard, r.Body) // the client may have gone
	}
	if c.cookie != nil {
		http.SetCookie(w, c.cookie)
	}
	if err == nil && c.stored && (c.starves() || every(s, &s.stored, c.o.TimeoutEvery)) {
		err = nginx(http.StatusGatewayTimeout, "504 Gateway Time-out") // stored all the same [R4]
	}
	if err == nil {
		c.answer(v)
	} else if no, ok := errors.AsType[*fail](err); ok {
		c.refuse(no)
	} else if p, ok := errors.AsType[*page](err); ok {
		c.show(p)
	} else {
		c.o.Log.Error("Call failed", "path", r.URL.Path, "err", err)
		c.show(&page{status: http.StatusInternalServerError})
	}
}

// every counts, and reports whether this is the Nth time.
func every(s *Server, count *int, n int) bool {
	if n <= 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	*count++
	return *count%n == 0
}

// errServed says that the answer has been written.
var errServed = errors.New("answer was written")

// errTooLarge is nginx's answer to a body over client_max_body_size [R4].
var errTooLarge = nginx(http.StatusRequestEntityTooLarge, "413 Request Entity Too Large")

func (c *call) serve() (any, error) {
	if err := c.front(); err != nil {
		return nil, err
	}
	path, ok := strings.CutPrefix(c.r.URL.Path, c.o.Path)
	if !ok {
		return nil, nginx(http.StatusNotFound, "404 Not Found")
	}
	if path != "/ws.php" {
		c.openSession()
		return nil, c.pages(path)
	}
	form, err := c.store.readForm(c.r, c.o)
	if err != nil {
		return nil, readError(err)
	}
	defer form.discard()
	c.form = form
	c.store.at(stepReceived)
	return c.webService()
}

// front is nginx: basic auth, and the limit on bodies.
func (c *call) front() error {
	if c.o.FrontUser != "" {
		user, password, _ := c.r.BasicAuth()
		if subtle.ConstantTimeCompare([]byte(user+":"+password), []byte(c.o.FrontUser+":"+c.o.FrontPassword)) != 1 {
			c.w.Header().Set("WWW-Authenticate", `Basic realm="Restricted"`) // [R2.4]
			return nginx(http.StatusUnauthorized, "401 Authorization Required")
		}
	}
	if c.o.MaxBody <= 0 || c.r.Body == nil {
		return nil
	}
	if c.r.ContentLength > c.o.MaxBody {
		return errTooLarge
	}
	if c.r.ContentLength < 0 {
		c.r.Body = http.MaxBytesReader(nil, c.r.Body, c.o.MaxBody)
	}
	return nil
}

// webService is ws.php.
func (c *call) webService() (any, error) {
	c.openSession()
	name := c.form.method()
	c.Server.mu.Lock()
	c.requests[name]++
	c.Server.mu.Unlock()
	if err := c.readFormat(); err != nil {
		return nil, err
	}
	if every(c.Server, &c.calls, c.o.CacheBusyEvery) {
		c.w.Header().Set("Retry-After", "900")
		return nil, &page{status: http.StatusServiceUnavailable, body: "Rebuilding user cache takes long. Please, come back later." + strings.Repeat(" ", 512)} // [R4]
	}
	if err := c.checkLounge(name); err != nil {
		return nil, err
	}
	if err := c.readKey(); err != nil {
		return nil, err
	}
	if err := c.readCredentials(); err != nil {
		return nil, err
	}
	c.admin = c.user.admin() || c.pretends(name)
	if name = c.form.method(); name == "" {
		return nil, failure(501, `Missing "method" name`) // [R4]
	}
	return c.invoke(name)
}

// readFormat wants format=json in the address. XML, which Piwigo gives without it, is
// not emulated: no client that decodes JSON can make use of it.
func (c *call) readFormat() error {
	switch c.form.get.text("format") {
	case "json":
		return nil
	case "", "rest":
		return &page{kind: "text/xml", body: "<?xml version=\"1.0\" encoding=\"utf-8\" ?>\n<rsp stat=\"fail\">\n\t<err code=\"501\" msg=\"format=json is missing\" />\n</rsp>"}
	}
	return &page{status: http.StatusBadRequest, kind: "text/plain", body: "Cannot process your request. Unknown response format."}
}

// notice is a message of PHP, which stands before the answer where errors are shown.
func (c *call) notice(kind, text, script string, line int) {
	c.noticed = append(c.noticed, errorPage(kind, text, script, line))
}

// notices are what precedes an answer: what happened, and what chance adds [F2].
func (c *call) notices() string {
	if c.o.HideErrors {
		return ""
	}
	out := strings.Join(c.noticed, "")
	c.Server.mu.Lock()
	defer c.Server.mu.Unlock()
	if c.o.WarningRate > 0 && c.Server.warnings.Float64() < c.o.WarningRate {
		out += errorPage("Deprecated", "Automatic conversion of false to array is deprecated", "include/functions.inc.php", 2992) // [T warn_exist]
	}
	return out
}

// answer is a result: text/plain, and 500 all the same if an error was made and
// forgotten [F1].
func (c *call) answer(v any) {
	body, err := encodeJSON(v)
	if err != nil {
		c.o.Log.Error("Call failed", "err", err)
		c.show(&page{status: http.StatusInternalServerError})
		return
	}
	p := &page{kind: "text/plain; charset=utf-8", body: c.notices() + `{"stat":"ok","result":` + string(body) + "}"}
	if c.status500 {
		p.status = http.StatusInternalServerError
	}
	c.show(p)
}

// refuse is a PwgError.
func (c *call) refuse(no *fail) {
	text, err := encodeJSON(no.text)
	if err != nil {
		text = []byte(`""`)
	}
	p := &page{kind: "text/plain; charset=utf-8", body: c.notices() + fmt.Sprintf(`{"stat":"fail","err":%d,"message":%s}`, no.code, text)}
	if no.code >= 400 && no.code < 600 {
		p.status = no.code
	}
	c.show(p)
}

func (c *call) show(p *page) {
	h := c.w.Header()
	if h.Set("Content-Type", "text/html; charset=UTF-8"); p.kind != "" {
		h.Set("Content-Type", p.kind)
	}
	body := p.body
	if p.php {
		body = c.notices() + body
	}
	if p.location != "" {
		h.Set("Location", p.location)
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if p.status != 0 {
		c.w.WriteHeader(p.status)
	}
	_, _ = io.WriteString(c.w, body) // the client may have gone: nobody is left to be told
}

// root is where the gallery is, as a client sees it.
func (c *call) root() string {
	scheme := "http"
	if c.r.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + c.r.Host + c.o.Path
}
