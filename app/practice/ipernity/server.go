package ipernity

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// Server is one emulated service. Its methods may be called at any time from any
// goroutine.
type Server struct {
	options  atomic.Pointer[Options]
	store    *store
	frobs    *frobs
	visitors *visitors
	limiter  limiter
	decoding chan struct{} // bounds the pictures in memory at a time

	mu       sync.Mutex
	requests map[string]int
	logins   int
	early    int
}

// New opens the service whose state is in o.Dir, finishing what a killed one left half
// done. Close it after use.
func New(o Options) (*Server, error) {
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return nil, fmt.Errorf("ipernity options: %w", err)
	}
	st, err := openStore(o.Dir, o.Log, !o.NoSync)
	if err != nil {
		return nil, fmt.Errorf("opening ipernity state: %w", err)
	}
	s := &Server{
		store: st, frobs: newFrobs(), visitors: newVisitors(),
		decoding: make(chan struct{}, 2), requests: map[string]int{},
	}
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
	o.Users, o.Refuse = slices.Clone(o.Users), maps.Clone(o.Refuse)
	before := o
	change(&o)
	o.Dir, o.Log, o.NoSync = before.Dir, before.Log, before.NoSync
	o = o.withDefaults()
	if err := o.validate(); err != nil {
		return fmt.Errorf("ipernity options: %w", err)
	}
	s.options.Store(&o)
	return nil
}

// Key returns the key of the application that is known.
func (s *Server) Key() string { return s.options.Load().Key }

// Secret returns the secret of that application.
func (s *Server) Secret() string { return s.options.Load().Secret }

// Received returns what was ever stored, in order, from earlier runs too.
func (s *Server) Received() []Received { return s.store.received() }

// Logins returns how often auth.getToken gave somebody a token.
func (s *Server) Logins() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

// EarlyChecks returns how often upload.checkTickets was asked for a ticket before the
// eta that it had answered was over.
func (s *Server) EarlyChecks() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.early
}

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

func (s *Server) count(function string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests[function]++
}

// RevokeTokens makes all tokens invalid, as users do in the settings of their accounts
// [D6]: they answer 107 from now on.
func (s *Server) RevokeTokens() {
	o := s.options.Load()
	if err := s.store.revoke(o.Now()); err != nil {
		o.Log.Error("Tokens were not revoked", "err", err)
	}
}

// ExpireSessions is RevokeTokens under the name that all emulators have.
func (s *Server) ExpireSessions() { s.RevokeTokens() }

// DeletePhoto deletes a document as its owner would on the site. It reports an error if
// there is no such document.
func (s *Server) DeletePhoto(id string) error {
	n, err := strconv.ParseInt(id, 10, 64)
	if err == nil {
		err = s.store.remove(n, 0, s.options.Load().Now())
	}
	if err != nil {
		return fmt.Errorf("document %q: %w", id, err)
	}
	return nil
}

// Token issues a token as if the user had let the application in with perm_doc: "read",
// "write" or "delete", or empty for no permission at all. It returns an empty string if
// there is no such user or permission, or if the disk fails.
func (s *Server) Token(user, perm string) string {
	o := s.options.Load()
	u, ok := o.userNamed(user)
	p := perms{}
	if perm != "" {
		ok = ok && levels["doc"][perm] > 0
		p["doc"] = perm
	}
	if !ok {
		return ""
	}
	t := newToken(u, p)
	if err := s.store.issue(t, o.Now()); err != nil {
		o.Log.Error("Token was not issued", "err", err)
		return ""
	}
	return t.Token
}

// authorizeFunction is what Functions calls the consent page.
const authorizeFunction = "authorize"

// Functions returns the names of all methods, and "authorize" for the consent page.
func Functions() []string {
	return slices.Sorted(maps.Keys(withAuthorize(methods)))
}

func withAuthorize(all map[string]method) map[string]method {
	out := maps.Clone(all)
	out[authorizeFunction] = method{}
	return out
}

// FunctionOf returns the function that a request calls, and an empty string for pages
// and pictures.
func FunctionOf(r *http.Request) string {
	if r.URL.Path == authorizePath {
		return authorizeFunction
	}
	name, _, _ := apiPath(r.URL.Path)
	return name
}

// apiPath takes /api/{method}[/{format}] apart [D4]. The format is json when it is left
// out [C1].
func apiPath(path string) (name, format string, ok bool) {
	rest, ok := strings.CutPrefix(path, "/api/")
	if !ok {
		return "", "", false
	}
	name, format, _ = strings.Cut(rest, "/")
	if format = strings.TrimSuffix(format, "/"); format == "" {
		format = "json"
	}
	return name, format, true
}

// ServeHTTP answers the API, the consent page, the pages of documents, and pictures.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch path := r.URL.Path; {
	case strings.HasPrefix(path, "/api/"):
		s.serveAPI(w, r)
	case path == authorizePath:
		s.count(authorizeFunction)
		s.authorize(w, r)
	case strings.HasPrefix(path, "/doc/"):
		s.docPage(w, r)
	case strings.HasPrefix(path, "/img/"):
		s.picture(w, r)
	default:
		http.NotFound(w, r)
	}
}

// call is one request to the API on its way through the server.
type call struct {
	*Server
	o      Options
	r      *http.Request
	method string
	format string
	p      map[string]string
	file   *intake // of upload.file and upload.replace; nil if none came
	user   User    // zero without a token
	perms  perms   // of the token
}

func (s *Server) serveAPI(w http.ResponseWriter, r *http.Request) {
	c := &call{Server: s, o: *s.options.Load(), r: r}
	c.method, c.format, _ = apiPath(r.URL.Path)
	payload, err := c.serve()
	var web *httpError
	if errors.As(err, &web) {
		http.Error(w, web.Error(), web.status)
		return
	}
	var no *apiError
	switch {
	case err == nil:
	case errors.As(err, &no):
		c.o.Log.Debug("Call refused", "method", c.method, "code", no.code, "reason", no.text)
	default:
		c.o.Log.Error("Call failed", "method", c.method, "err", err)
		no = &apiError{serviceError, commonTexts[serviceError]}
	}
	c.answer(w, payload, no)
}

// answer writes an answer. What went wrong stands in the body; the HTTP status says
// nothing [D4, C1-C3].
func (c *call) answer(w http.ResponseWriter, payload object, no *apiError) {
	kind, ok := formats[c.format]
	if !ok {
		c.format, kind = "json", formats["json"]
	}
	status, api := http.StatusOK, object{{"status", "ok"}}
	if no != nil {
		status, payload = c.o.ErrorStatus, nil
		api = object{{"status", "error"}, {"code", no.code}, {"message", no.text}}
	}
	api = append(api, member{"at", c.o.Now().Unix()})
	body := encode(c.format, payload, api, c.o)
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client may have gone: nobody is left to be told
}

// Full answers as the service does when there is no room left: with disk on its own
// disks, as a general error, and without in the user's quota, as upload.file does [S].
func (s *Server) Full(w http.ResponseWriter, r *http.Request, disk bool) {
	c := &call{Server: s, o: *s.options.Load(), r: r}
	_, c.format, _ = apiPath(r.URL.Path)
	no := errMonthly
	if disk {
		no = &apiError{serviceError, commonTexts[serviceError]}
	}
	c.answer(w, nil, no)
}

// serve reads the request and answers it.
func (c *call) serve() (object, error) {
	m, known := methods[c.method]
	if known {
		c.count(c.method)
	} else {
		c.count("unknown")
	}
	if c.r.Method != http.MethodGet && c.r.Method != http.MethodPost {
		return nil, &httpError{http.StatusMethodNotAllowed}
	}
	// The body is read before anything is looked at, as PHP does: the answer never
	// comes before the end of the request.
	if err := c.read(m.file); err != nil {
		return nil, err
	}
	if c.file != nil {
		defer c.store.discard(c.file)
	}
	if _, ok := formats[c.format]; !ok {
		return nil, common(formatInvalid)
	}
	if !known {
		return nil, common(methodUnknown)
	}
	if err := c.admit(m); err != nil {
		return nil, err
	}
	return m.serve(c)
}

// admit makes the checks that all methods have in common. Their order is [INF].
func (c *call) admit(m method) error {
	if m.post && c.r.Method != http.MethodPost {
		return common(postRequired)
	}
	switch c.p["api_key"] {
	case c.o.Key:
	case "":
		return common(keyMissing)
	default:
		return common(keyInvalid)
	}
	if m.signed || m.token || c.p["auth_token"] != "" || c.p["api_sig"] != "" {
		if c.p["api_sig"] == "" {
			return common(signatureMissing)
		}
		if !signed(c.p, c.method, c.o.Secret) {
			return common(signatureInvalid)
		}
	}
	if err := c.identify(m); err != nil {
		return err
	}
	if err := c.limiter.take(c.o, c.remoteIP()); err != nil {
		return err
	}
	code, ok := c.o.Refuse[c.method]
	if !ok {
		code, ok = c.o.Refuse[""]
	}
	if ok && code != 0 {
		return common(code)
	}
	return nil
}

// identify finds the user that a token stands for, and checks what the token permits.
func (c *call) identify(m method) error {
	if c.p["auth_token"] == "" {
		if m.token {
			return common(tokenMissing)
		}
		return nil
	}
	t, ok := c.store.token(c.p["auth_token"])
	if !ok {
		return common(tokenInvalid)
	}
	u, ok := c.o.user(t.User)
	switch {
	case !ok:
		return common(tokenInvalid)
	case u.Closed:
		return common(accountClosed)
	case !t.Perms.allow("doc", m.needs):
		return common(permissionMissing)
	}
	c.user, c.perms = u, t.Perms
	return nil
}

func (c *call) remoteIP() string {
	host, _, err := net.SplitHostPort(c.r.RemoteAddr)
	if err != nil {
		return c.r.RemoteAddr
	}
	return host
}

// randomETA is what checkTickets answers when nothing says how long it will take.
func randomETA() int { return 1 + rand.IntN(3) }
