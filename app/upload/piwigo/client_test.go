package piwigo

import (
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/practice"
	emulator "github.com/photoferry/photoferry/app/practice/piwigo"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

// bench is an emulated gallery with the faults of a network before it.
type bench struct {
	*emulator.Server
	t      testing.TB
	faults *practice.Faults
	url    string
	dir    string
	memory *memory
}

const (
	testUser   = "möwe"
	testSecret = "Geheim+Fähre/=&%42"
	testKeyID  = "pkid-20261125-abcdefghij0123456789"
	testKey    = "0123456789abcdefghijABCDEFGHIJ0123456789"
)

func startServer(t testing.TB, o emulator.Options) *bench {
	t.Helper()
	o.Dir, o.NoSync = t.TempDir(), true
	o.Users = append(o.Users,
		emulator.User{Name: testUser, Password: testSecret, Status: emulator.Webmaster},
		emulator.User{Name: "reader", Password: testSecret, Status: emulator.Normal},
		emulator.User{Name: "member", Password: testSecret, Status: emulator.Normal,
			Grants: []emulator.Grant{{Recursive: true, Create: true, Moderated: true}}},
		emulator.User{Name: "careful", Password: testSecret, Status: emulator.Admin, TwoFactor: true},
	)
	o.APIKeys = append(o.APIKeys, emulator.APIKey{ID: testKeyID, Secret: testKey, User: testUser})
	srv, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{Server: srv, t: t, dir: o.Dir, memory: new(memory)}
	b.faults = &practice.Faults{
		Next: srv, Service: "piwigo", Function: emulator.FunctionOf, Expire: srv.ExpireSessions,
		Full: func(w http.ResponseWriter, r *http.Request, kind practice.FaultKind) {
			srv.Full(w, r, kind == practice.DiskFull)
		},
	}
	web := httptest.NewServer(b.faults)
	b.url = web.URL + o.Path
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

// memory is what a client is reminded of.
type memory struct {
	mu    sync.Mutex
	facts map[string]string
}

func (m *memory) Load(key string) string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.facts[key]
}

func (m *memory) Store(key, value string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.facts == nil {
		m.facts = map[string]string{}
	}
	m.facts[key] = value
	return nil
}

func (b *bench) account() upload.Account {
	return upload.Account{ID: "1", Name: "club", URL: b.url, User: testUser, Secret: testSecret, Memory: b.memory}
}

// with returns the account with options, "key=value".
func (b *bench) with(options ...string) upload.Account {
	a := b.account()
	a.Options = map[string]string{}
	for _, o := range options {
		key, value, _ := strings.Cut(o, "=")
		a.Options[key] = value
	}
	return a
}

// fault arms faults in practice mode's words, without the service.
func (b *bench) fault(specs ...string) {
	b.t.Helper()
	b.faults.Clear()
	for _, spec := range specs {
		f, err := practice.ParseFault("piwigo" + spec)
		if err != nil {
			b.t.Fatal(err)
		}
		b.faults.Add(f)
	}
}

// kept returns the photos that are on the server.
func (b *bench) kept() []emulator.Received {
	return slices.DeleteFunc(b.Received(), func(r emulator.Received) bool { return r.Removed })
}

func (b *bench) photos() []uploadtest.Photo {
	var out []uploadtest.Photo
	for _, r := range b.kept() {
		p := uploadtest.Photo{ID: strconv.Itoa(r.ID), Name: r.File, Size: r.Size, Meta: r}
		if _, err := hex.Decode(p.SHA256[:], []byte(r.SHA256)); err != nil {
			b.t.Fatal(err)
		}
		if r.Orphan {
			b.t.Errorf("photo %d is in no album", r.ID)
		}
		out = append(out, p)
	}
	return out
}

// sending are the methods that carry a photo.
var sending = []string{"pwg.images.addSimple", "pwg.images.uploadAsync", "pwg.images.upload"}

func (b *bench) site(a upload.Account) *uploadtest.Site {
	reader := a
	reader.User, reader.Secret = "reader", testSecret
	return &uploadtest.Site{
		Account: a,
		NoRight: reader,
		Fault: func(f uploadtest.Fault, times int) {
			var specs []string
			for _, method := range sending {
				if f == "" {
					break
				}
				spec := "/" + method + ":" + string(f)
				if times > 0 {
					spec += ":times=" + strconv.Itoa(times)
				}
				specs = append(specs, spec)
			}
			b.fault(specs...)
		},
		Received:       b.photos,
		ExpireSessions: b.ExpireSessions,
		Logins:         b.Logins,
	}
}

// harness describes servers with these options to the conformance suite;
// prepare may change the account.
func harness(o emulator.Options, prepare func(b *bench) upload.Account) uploadtest.Harness {
	return uploadtest.Harness{
		Service:    Service,
		CannotFind: o.Uniqueness == emulator.UniqueFilename,
		Secrets:    []string{"username", "password", "pwg_token", "frontpassword"},
		Named:      storable,
		Meta:       checkMeta,
		Start: func(t testing.TB) *uploadtest.Site {
			b := startServer(t, o)
			return b.site(prepare(b))
		},
	}
}

func checkMeta(t testing.TB, got uploadtest.Photo, sent photo.Meta) {
	t.Helper()
	r := got.Meta.(emulator.Received)
	if sent.Title == "" {
		if r.Title != "bare" || r.Comment != "" || len(r.Tags) > 0 {
			t.Errorf("title %q, comment %q, tags %q where none were sent", r.Title, r.Comment, r.Tags)
		}
		return
	}
	checkTexts(t, r.Title, r.Comment, sent)
	checkTags(t, r.Tags, sent)
}

// TestConformance runs the suite against every version, and with every switch
// that leaves a server able to take photos.
func TestConformance(t *testing.T) {
	plainly := func(b *bench) upload.Account { return b.account() }
	with := func(options ...string) func(*bench) upload.Account {
		return func(b *bench) upload.Account { return b.with(options...) }
	}
	for _, tt := range []struct {
		name string
		emulator.Options
		prepare func(*bench) upload.Account
	}{
		{"2.10", emulator.Options{Version: emulator.V210}, plainly},
		{"2.10 by upload", emulator.Options{Version: emulator.V210, WarningRate: 0.2}, with("method=upload", "level=8")},
		{"13", emulator.Options{Version: emulator.V13, Path: "/gallery", CookieName: "other"}, plainly},
		{"13 by async", emulator.Options{Version: emulator.V13, HideErrors: true}, with("method=async")},
		{"14", emulator.Options{Version: emulator.V14, AcceptDuplicates: true}, plainly},
		{"14 with warnings", emulator.Options{Version: emulator.V14, WarningRate: 0.5}, with("author=Ann", "lanes=4")},
		{"16.0", emulator.Options{Version: emulator.V160, NoLounge: true}, plainly},
		{"16", emulator.Options{}, plainly},
		{"16 by upload", emulator.Options{}, with("method=upload")},
		{"16 by async", emulator.Options{WarningRate: 0.2}, with("method=async", "lanes=1")},
		{"16 that accepts copies", emulator.Options{AcceptDuplicates: true, PlainNames: true}, plainly},
		{"16 with four-byte characters", emulator.Options{UTF8MB4: true, HideErrors: true}, plainly},
		{"16 behind basic auth", emulator.Options{FrontUser: "front", FrontPassword: "front door"}, with("front_user=front", "front_password=front door")},
		{"16 by file name", emulator.Options{Uniqueness: emulator.UniqueFilename}, plainly},
		{"16 with stock PHP", emulator.Options{UploadMax: 2 << 20, PostMax: 8 << 20}, plainly},
		{"16 with stock nginx", emulator.Options{MaxBody: 1 << 20, MaxBodyEarly: true}, func(b *bench) upload.Account {
			_ = b.memory.Store(keySingle, "524288 "+strconv.FormatInt(time.Now().Unix(), 10))
			return b.account() // or the first photo's progress would begin twice
		}},
		{"16 with Community", emulator.Options{Community: true}, func(b *bench) upload.Account {
			a := b.account()
			a.User = "member"
			return a
		}},
		{"16 with an API key", emulator.Options{TwoFactor: emulator.TwoFactorError}, func(b *bench) upload.Account {
			a := b.account()
			a.User, a.Secret = testKeyID, testKey
			return a
		}},
	} {
		t.Run(tt.name, func(t *testing.T) { uploadtest.Run(t, harness(tt.Options, tt.prepare)) })
	}
}
