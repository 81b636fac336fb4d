package ipernity

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/time/rate"

	"github.com/photoferry/photoferry/app/upload"
)

// quick is a pace for tests.
func quick() pace {
	return pace{
		calls: rate.NewLimiter(rate.Inf, 1),
		first: time.Millisecond, poll: 2 * time.Millisecond, pollMax: 20 * time.Millisecond, second: time.Millisecond,
		patience: time.Minute,
		settle:   1500 * time.Millisecond, linger: time.Minute, look: 20 * time.Millisecond, fresh: time.Minute,
	}
}

func testAccount(root string) upload.Account {
	return upload.Account{
		ID: "1", Name: "home", URL: root, Secret: vectorSecret, Token: vectorToken,
		Options: map[string]string{optionAPIKey: vectorKey},
	}
}

// newClient returns a client with the pace of tests.
func newClient(a upload.Account, hc *http.Client) (*Client, error) {
	c, err := New(a, hc)
	if err == nil {
		c.pace = quick()
	}
	return c, err
}

func testClient(t testing.TB, root string, change func(*upload.Account)) *Client {
	t.Helper()
	a := testAccount(root)
	if change != nil {
		change(&a)
	}
	hc := upload.NewClient(upload.ClientOptions{Account: a, Watchdog: 10 * time.Second, ResponseTimeout: 10 * time.Second, MaxBody: 1 << 20})
	t.Cleanup(hc.CloseIdleConnections)
	c, err := newClient(a, hc)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stub answers methods with literal answers, as the documents and the clients
// that were run against the site have them.
type stub struct {
	*httptest.Server

	mu      sync.Mutex
	answers map[string][]string // the last one stays
	calls   []string            // methods, in order
}

const okAPI = `"api":{"status":"ok","at":"1388534400"}`

func refusalOf(code int) string {
	return fmt.Sprintf(`{"api":{"status":"error","code":"%d","message":"Some words"}}`, code)
}

func newStub(t testing.TB, answers map[string]string) *stub {
	s := &stub{answers: map[string][]string{
		checkToken: {`{"auth":{"token":"12345-a0b1c2d3e4f5","permissions":{"doc":"write","blog":"none"},"user":{"user_id":"1234","username":"ferry","realname":"","lg":"en","is_pro":"1"}},` + okAPI + `}`},
		getQuota:   {`{"quota":{"user_id":"1234","is_pro":"1","upload":{"unlimited":"1","left":{"bytes":"5000"}},"maxfilesize":{"photo":{"bytes":"1073741824"}},"albums":{"max":"100","created":"3","left":"97"}},` + okAPI + `}`},
		docGetList: {`{"docs":{"total":"0","per_page":"100","page":"1","pages":"0"},` + okAPI + `}`},
		docSearch:  {`{"docs":{"total":"0","per_page":"100","page":"1","pages":"0"},` + okAPI + `}`},
	}}
	for method, answer := range answers {
		s.answer(method, answer)
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

// answer sets what a method answers, one after the other.
func (s *stub) answer(method string, answers ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[method] = answers
}

func (s *stub) serve(w http.ResponseWriter, r *http.Request) {
	method := strings.TrimSuffix(strings.TrimPrefix(r.URL.Path, "/api/"), "/json")
	_ = r.ParseMultipartForm(1 << 20)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, method)
	all := s.answers[method]
	if len(all) == 0 {
		http.NotFound(w, r)
		return
	}
	if len(all) > 1 {
		s.answers[method] = all[1:]
	}
	_, _ = w.Write([]byte(all[0]))
}

// called returns how often a method was called.
func (s *stub) called(method string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, m := range s.calls {
		if m == method {
			n++
		}
	}
	return n
}

// marks is a job's mark.
type marks struct {
	mu      sync.Mutex
	history []string
	fail    error
}

func (m *marks) set(mark string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.history = append(m.history, mark)
	return nil
}

func (m *marks) last() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.history) == 0 {
		return ""
	}
	return m.history[len(m.history)-1]
}

// states returns the states that were stored, in order.
func (m *marks) states() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	for _, text := range m.history {
		state, _, _ := strings.Cut(text, ":")
		all = append(all, state)
	}
	return strings.Join(all, " ")
}

// memory is an account's memory.
type memory struct{ sync.Map }

func (m *memory) Load(key string) string {
	v, _ := m.Map.Load(key)
	s, _ := v.(string)
	return s
}

func (m *memory) Store(key, value string) error {
	m.Map.Store(key, value)
	return nil
}

var _ upload.Memory = (*memory)(nil)

// expired returns a context that has ended.
func expired() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
