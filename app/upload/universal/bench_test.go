package universal

import (
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/practice"
	emulator "github.com/photoferry/photoferry/app/practice/universal"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

// memory is an account's memory that outlives its clients.
type memory struct {
	mu     sync.Mutex
	facts  map[string]string
	writes map[string]int
	err    error // of every Store
}

func newMemory() *memory { return &memory{facts: map[string]string{}, writes: map[string]int{}} }

func (m *memory) Load(key string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.facts[key]
}

func (m *memory) Store(key, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err != nil {
		return m.err
	}
	m.facts[key] = value
	m.writes[key]++
	return nil
}

func (m *memory) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.err = err
}

func (m *memory) count(key string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.writes[key]
}

// bench is an emulated community with the faults of a network before it.
type bench struct {
	*emulator.Server
	t       testing.TB
	faults  *practice.Faults
	url     string
	memory  *memory
	options map[string]string // of the account, beside key and community
	session string            // the account's token
}

func startServer(t testing.TB, o emulator.Options) *bench {
	t.Helper()
	o.Dir, o.NoSync, o.NoMD5 = t.TempDir(), true, true
	srv, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{Server: srv, t: t, memory: newMemory(), options: map[string]string{}}
	b.faults = &practice.Faults{
		Next: srv, Service: "universal", Function: emulator.FunctionOf, Expire: srv.ExpireSessions,
		Full: func(w http.ResponseWriter, r *http.Request, kind practice.FaultKind) {
			srv.Full(w, r, kind == practice.DiskFull)
		},
	}
	web := httptest.NewServer(b.faults)
	b.url = web.URL
	b.session = b.signIn("ann")
	t.Cleanup(func() {
		b.faults.Close()
		web.CloseClientConnections()
		web.Close()
		if err := srv.Close(); err != nil {
			t.Error(err)
		}
	})
	return b
}

// signIn returns the token of a user, signed in without the browser.
func (b *bench) signIn(login string) string {
	key, secret := b.Session(login)
	uids := map[string]string{"ann": "8055", "ben": "219074"}
	return tokenOf(session{Key: key, Secret: secret, UID: uids[login]})
}

func tokenOf(s session) string {
	text, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func (b *bench) account() upload.Account {
	options := map[string]string{optionAPIKey: b.Key(), optionCommunity: b.Community()}
	for k, v := range b.options {
		options[k] = v
	}
	return upload.Account{
		ID: "1", Name: "community", URL: b.url, Options: options,
		Secret: b.Secret(), Token: b.session, Memory: b.memory,
	}
}

// client returns a fresh client of the account, as after a restart, that takes
// the site to be done with whatever it has got.
func (b *bench) client() *Client {
	b.t.Helper()
	return b.clientOf(b.account())
}

func (b *bench) clientOf(a upload.Account) *Client {
	b.t.Helper()
	hc := upload.NewClient(upload.ClientOptions{Account: a, Watchdog: 10 * time.Second, ResponseTimeout: 10 * time.Second, MaxBody: 256 << 10})
	b.t.Cleanup(hc.CloseIdleConnections)
	c, err := New(a, hc)
	if err != nil {
		b.t.Fatal(err)
	}
	c.settle = 0
	return c
}

// fault arms faults in practice mode's words, without the service.
func (b *bench) fault(specs ...string) {
	b.t.Helper()
	b.faults.Clear()
	for _, spec := range specs {
		f, err := practice.ParseFault("universal" + spec)
		if err != nil {
			b.t.Fatal(err)
		}
		b.faults.Add(f)
	}
}

func (b *bench) configure(change func(*emulator.Options)) {
	b.t.Helper()
	if err := b.Configure(change); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) photos() []uploadtest.Photo {
	var out []uploadtest.Photo
	for _, r := range b.Received() {
		if r.Removed {
			continue
		}
		p := uploadtest.Photo{ID: r.PID, Name: r.FileName, Size: r.Size, Meta: r.Caption}
		if _, err := hex.Decode(p.SHA256[:], []byte(r.SHA256)); err != nil {
			b.t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

// times returns how often a photo is on the site.
func (b *bench) times(it upload.Item) int {
	n := 0
	for _, p := range b.photos() {
		if p.SHA256 == it.SHA256 {
			n++
		}
	}
	return n
}

// albums returns the albums' sizes by name.
func (b *bench) albums() map[string]int {
	out := map[string]int{}
	for _, a := range b.Albums() {
		out[a.Name] = a.Size
	}
	return out
}

// marked is an item whose mark is kept as the engine keeps it.
type marked struct {
	upload.Item
	marks int // times that it was stored
}

func newMarked(name string, size int64) *marked {
	m := &marked{Item: uploadtest.Item(name, size)}
	m.SetMark = func(mark string) error {
		m.Mark = mark
		m.marks++
		return nil
	}
	return m
}

func (b *bench) site() *uploadtest.Site {
	wrong := b.account()
	key, _ := b.Session("ann")
	wrong.Token = tokenOf(session{Key: key, Secret: "quite-another-secret", UID: "8055"})
	wrong.Secret = "quite-another-secret"
	return &uploadtest.Site{
		Account: b.account(),
		Wrong:   wrong,
		Fault: func(f uploadtest.Fault, times int) {
			if f == "" {
				b.fault()
				return
			}
			spec := "/up.photos.upload:" + string(f)
			if times > 0 {
				spec += ":times=" + strconv.Itoa(times)
			}
			b.fault(spec)
		},
		Received:       b.photos,
		ExpireSessions: b.ExpireSessions,
	}
}

// harness describes sites with these options to the conformance suite.
func harness(o emulator.Options, options map[string]string) uploadtest.Harness {
	service := Service
	service.New = func(a upload.Account, hc *http.Client) (upload.Uploader, error) {
		c, err := New(a, hc)
		if err == nil {
			c.settle = 0 // the emulator is done when it answers
			if o.PlainCodes && o.DefaultAlbumLimit > 0 {
				c.defaultLimit = o.DefaultAlbumLimit // the code does not tell
			}
		}
		return c, err
	}
	return uploadtest.Harness{
		Service:     service,
		FindsMarked: true,
		Kinds: map[uploadtest.Fault]upload.Kind{
			uploadtest.DiskFull: upload.Transient, // the service has no code for it but that of any internal error
		},
		Meta: func(t testing.TB, got uploadtest.Photo, sent photo.Meta) {
			want := sent.Title
			if want == "" {
				want = got.Name
			}
			if got.Meta != want {
				t.Errorf("caption %q arrived, want %q", got.Meta, want)
			}
		},
		Start: func(t testing.TB) *uploadtest.Site {
			b := startServer(t, o)
			b.options = options
			return b.site()
		},
	}
}
