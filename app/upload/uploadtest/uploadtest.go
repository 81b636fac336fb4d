package uploadtest

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
)

// Harness describes a service to the suite.
type Harness struct {
	Service upload.Service

	// Start returns a fresh site. What it starts ends with t.
	Start func(t testing.TB) *Site

	// CannotFind says that the sites cannot be asked for a photo: Find returns
	// [errors.ErrUnsupported], and a lost answer is [upload.Unsure].
	CannotFind bool

	// FindsMarked says that the sites know a photo again only by the mark of
	// an earlier attempt: for an item without one Find returns
	// [errors.ErrUnsupported]. Where the mark does not decide, a lost answer
	// may end as [upload.Unsure], with the photo there at most once.
	FindsMarked bool

	// Kinds are the kinds of faults that this service shows in another way
	// than most: by fault, as in the table of faults_test cases.
	Kinds map[Fault]upload.Kind

	// Named returns the name under which a file of a good name arrives, where
	// the service cannot keep every character; nil keeps them all.
	Named func(name string) string

	// Meta checks that a photo arrived with the metadata that was sent; nil
	// for services that take none.
	Meta func(t testing.TB, got Photo, sent photo.Meta)

	// Secrets are the names of URL and form parameters whose values must not
	// appear in any error or log line.
	Secrets []string
}

// Site is one server with one account on it. Functions may be nil on real
// servers.
type Site struct {
	Account upload.Account

	// NoRight is an account that may sign in but not upload; its URL is empty
	// when there is none.
	NoRight upload.Account

	// Wrong is an account whose credentials are refused. Without a URL it is
	// Account with another secret.
	Wrong upload.Account

	// Fault makes the requests that carry a photo fail in this way from now
	// on, the first so many of them, 0 for all. It replaces earlier faults;
	// the empty fault clears them.
	Fault func(f Fault, times int)

	// Received returns the photos on the site, in the order of their arrival.
	Received func() []Photo

	// ExpireSessions makes the site forget all sessions. Nil where sign-ins do
	// not expire.
	ExpireSessions func()

	// Logins returns how often somebody has signed in with success.
	Logins func() int
}

// Photo is what a site has received.
type Photo struct {
	ID     string // as Receipt.RemoteID
	Name   string
	Size   int64
	SHA256 [32]byte
	Meta   any // for Harness.Meta
}

// Fault is a misbehaviour, in the words of practice mode: see package practice.
type Fault string

// The faults of the suite.
const (
	ResetBefore Fault = "reset-before"
	ResetAfter  Fault = "reset-after"
	Stall       Fault = "stall"
	Slow        Fault = "slow:bps=2000"
	Status401   Fault = "status:code=401"
	Status403   Fault = "status:code=403"
	Status413   Fault = "status:code=413"
	Status413At Fault = "status:code=413:early=true" // before the body is read
	Status429   Fault = "status:code=429:retry-after=7"
	Status500   Fault = "status:code=500"
	Status503   Fault = "status:code=503"
	HTML502     Fault = "html:code=502"
	HTML200     Fault = "html"
	Empty200    Fault = "empty"
	Cut         Fault = "cut"
	Endless     Fault = "endless"
	Redirect    Fault = "redirect:to=http://127.0.0.9:9/elsewhere"
	Quota       Fault = "quota"
	DiskFull    Fault = "diskfull"
)

// Run runs the suite.
func Run(t *testing.T, h Harness) {
	s := &suite{Harness: h, spy: newSpy(t, h.Secrets)}
	for _, c := range []struct {
		name string
		run  func(*testing.T, *suite)
	}{
		{"check of a good account", checkGood},
		{"check with a wrong password", checkWrongPassword},
		{"check of a wrong address", checkWrongAddress},
		{"check without the right to upload", checkNoRight},
		{"upload", uploadOne},
		{"upload with odd names", uploadNames},
		{"upload with metadata", uploadMeta},
		{"upload in constant memory", uploadMemory},
		{"upload of the same photo twice", uploadTwice},
		{"progress", uploadProgress},
		{"files that lie", lyingFiles},
		{"faults", faults},
		{"lost reply", lostReply},
		{"server that refuses connections", refusedConnections},
		{"session that expires in mid-queue", expiry},
		{"twenty uploads at once", parallel},
		{"cancel", cancellation},
	} {
		t.Run(c.name, func(t *testing.T) { c.run(t, s) })
	}
	t.Run("no secret in any error or log line", s.spy.check)
}

// suite is a run of all cases.
type suite struct {
	Harness
	spy *spy
}

// blind reports whether Find cannot answer for items without a mark.
func (s *suite) blind() bool { return s.CannotFind || s.FindsMarked }

// site is a fresh site with an uploader on it, for one case.
type site struct {
	*Site
	t    *testing.T
	s    *suite
	up   upload.Uploader
	wire *wire
}

var (
	// patient are time limits that a busy machine does not reach by accident.
	patient = upload.ClientOptions{Watchdog: 30 * time.Second, ResponseTimeout: 30 * time.Second, MaxBody: 1 << 20}
	// quick are time limits that find out a stalling server in a test.
	quick = upload.ClientOptions{Watchdog: 500 * time.Millisecond, ResponseTimeout: 500 * time.Millisecond}
)

func (s *suite) start(t *testing.T) *site {
	return (&site{Site: s.Start(t), s: s}).with(t, patient)
}

// with returns the same site with a fresh uploader, for a case of its own.
func (x *site) with(t *testing.T, o upload.ClientOptions) *site {
	y := &site{Site: x.Site, t: t, s: x.s}
	y.up, y.wire = x.s.uploader(t, x.Account, o)
	return y
}

// signIn makes the uploader ready, however short its time limits are.
func (x *site) signIn() {
	x.t.Helper()
	var err error
	for range 20 {
		if _, err = x.up.Check(x.t.Context()); err == nil {
			return
		}
	}
	x.t.Fatalf("Check: %v", err)
}

// uploader returns an uploader for an account whose results are recorded.
func (s *suite) uploader(t *testing.T, a upload.Account, o upload.ClientOptions) (upload.Uploader, *wire) {
	t.Helper()
	o.Account = a
	hc := upload.NewClient(o)
	w := &wire{next: hc.Transport, spy: s.spy}
	hc.Transport = w
	t.Cleanup(hc.CloseIdleConnections)
	up, err := s.Service.New(a, hc)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	s.spy.account(a)
	return &recorded{up, s.spy}, w
}

// deliver does what the engine does: it asks before it sends.
func (x *site) deliver(ctx context.Context, it upload.Item) (upload.Receipt, error) {
	r, err := x.up.Find(ctx, it)
	if errors.Is(err, upload.ErrNotFound) || errors.Is(err, errors.ErrUnsupported) {
		return x.up.Upload(ctx, it)
	}
	return r, err
}

// mustUpload uploads an item and checks what is always true of a success.
func (x *site) mustUpload(it upload.Item) upload.Receipt {
	x.t.Helper()
	r, err := x.up.Upload(x.t.Context(), it)
	if err != nil {
		x.t.Fatalf("Upload of %q: %v", it.Name, err)
	}
	if r.RemoteID == "" || r.Known || r.Gone {
		x.t.Errorf("Upload of %q: receipt %+v, want a new photo with an ID", it.Name, r)
	}
	return r
}

// mustHave checks that the site has exactly these items, each once.
func (x *site) mustHave(items ...upload.Item) {
	x.t.Helper()
	if x.Received == nil {
		return
	}
	got := map[[32]byte]int{}
	for _, p := range x.Received() {
		got[p.SHA256]++
	}
	for _, it := range items {
		if got[it.SHA256] != 1 {
			x.t.Errorf("%q is on the server %d times, want once", it.Name, got[it.SHA256])
		}
		delete(got, it.SHA256)
	}
	if len(got) > 0 {
		x.t.Errorf("%d photos on the server that were not sent whole: %+v", len(got), x.Received())
	}
}

// mustNotHave checks that nothing of an item has been kept, whole or in part.
func (x *site) mustNotHave(it upload.Item) {
	x.t.Helper()
	if x.Received == nil {
		return
	}
	for _, p := range x.Received() {
		if p.SHA256 == it.SHA256 || p.Name == it.Name {
			x.t.Errorf("%q is on the server with %d of %d bytes, want nothing", it.Name, p.Size, it.Size)
		}
	}
}

// mustHaveOnce checks that the site has an item once, among others.
func (x *site) mustHaveOnce(it upload.Item) {
	x.t.Helper()
	if x.Received == nil {
		return
	}
	n := 0
	for _, p := range x.Received() {
		if p.SHA256 == it.SHA256 {
			n++
		}
	}
	if n != 1 {
		x.t.Errorf("%q is on the server %d times, want once", it.Name, n)
	}
}

// mustHaveAtMostOnce checks that the site has an item not more than once,
// among others.
func (x *site) mustHaveAtMostOnce(it upload.Item) {
	x.t.Helper()
	if x.Received == nil {
		return
	}
	n := 0
	for _, p := range x.Received() {
		if p.SHA256 == it.SHA256 {
			n++
		}
	}
	if n > 1 {
		x.t.Errorf("%q is on the server %d times, want at most once", it.Name, n)
	}
}

// needsFaults skips a case on servers that cannot be told to misbehave.
func (x *site) needsFaults() {
	x.t.Helper()
	if x.Fault == nil {
		x.t.Skip("this server shows no faults on demand")
	}
}

// mustBe checks an error's kind and that people are told something.
func mustBe(t *testing.T, err error, kinds ...upload.Kind) *upload.Error {
	t.Helper()
	e, ok := errors.AsType[*upload.Error](err)
	if !ok {
		t.Fatalf("error is %v (%T), want an *upload.Error", err, err)
	}
	for _, k := range kinds {
		if e.Kind == k {
			if e.Op == "" || e.Reason == "" {
				t.Errorf("error %+v does not say what was done and what went wrong", e)
			}
			if (e.Kind == upload.Denied || e.Kind == upload.Full || e.Kind == upload.Unsure) && e.Hint == "" {
				t.Errorf("error %+v stops the account or photo and does not say what to do", e)
			}
			return e
		}
	}
	t.Fatalf("error is %s (%v), want %v", e.Kind, err, kinds)
	return nil
}

var _ http.RoundTripper = (*wire)(nil)
