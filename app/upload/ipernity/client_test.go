package ipernity

import (
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/practice"
	emulator "github.com/photoferry/photoferry/app/practice/ipernity"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

// bench is an emulated site with the faults of a network before it.
type bench struct {
	*emulator.Server
	t      testing.TB
	faults *practice.Faults
	url    string
	token  string
}

func startServer(t testing.TB, o emulator.Options) *bench {
	t.Helper()
	o.Dir, o.NoSync = t.TempDir(), true
	o.Key, o.Secret = vectorKey, vectorSecret
	srv, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{Server: srv, t: t, token: srv.Token("member", "write")}
	b.faults = &practice.Faults{
		Next: srv, Service: "ipernity", Function: emulator.FunctionOf, Expire: srv.ExpireSessions,
		Full: func(w http.ResponseWriter, r *http.Request, kind practice.FaultKind) {
			srv.Full(w, r, kind == practice.DiskFull)
		},
	}
	web := httptest.NewServer(b.faults)
	b.url = web.URL
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

func (b *bench) account() upload.Account {
	a := testAccount(b.url)
	a.Token = b.token
	return a
}

// client returns a new client for the bench's account, which change may alter.
func (b *bench) client(change func(*upload.Account)) *Client {
	b.t.Helper()
	return testClient(b.t, b.url, func(a *upload.Account) {
		*a = b.account()
		if change != nil {
			change(a)
		}
	})
}

// fault arms faults in practice mode's words, without the service.
func (b *bench) fault(specs ...string) {
	b.t.Helper()
	b.faults.Clear()
	for _, spec := range specs {
		b.addFault(spec)
	}
}

// addFault arms one more fault.
func (b *bench) addFault(spec string) {
	b.t.Helper()
	f, err := practice.ParseFault("ipernity" + spec)
	if err != nil {
		b.t.Fatal(err)
	}
	b.faults.Add(f)
}

// received returns what is on the site.
func (b *bench) received() []emulator.Received {
	return slices.DeleteFunc(b.Received(), func(r emulator.Received) bool { return r.Removed })
}

func (b *bench) photos() []uploadtest.Photo {
	var out []uploadtest.Photo
	for _, r := range b.received() {
		p := uploadtest.Photo{ID: r.DocID, Name: r.Name, Size: r.Size, Meta: r}
		if _, err := hex.Decode(p.SHA256[:], []byte(r.SHA256)); err != nil {
			b.t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func (b *bench) site() *uploadtest.Site {
	reader := b.account()
	reader.Token = b.Token("member", "read")
	return &uploadtest.Site{
		Account: b.account(),
		NoRight: reader,
		Fault: func(f uploadtest.Fault, times int) {
			if f == "" {
				b.fault()
				return
			}
			spec := "/" + uploadFile + ":" + string(f)
			if times > 0 {
				spec += ":times=" + strconv.Itoa(times)
			}
			b.fault(spec)
		},
		Received: b.photos,
		// A token does not expire, so there is nothing to do again in mid-queue.
	}
}

// harness describes sites with these options to the conformance suite.
func harness(o emulator.Options) uploadtest.Harness {
	service := Service
	service.New = func(a upload.Account, hc *http.Client) (upload.Uploader, error) {
		c, err := newClient(a, hc)
		if err == nil && !o.HiddenUntilDone {
			c.pace.settle = 20 * time.Millisecond // what is stored is seen at once
		}
		return c, err
	}
	return uploadtest.Harness{
		Service: service,
		Secrets: []string{"auth_token", "api_sig", "apikey", "api_key", "frob"},
		Kinds: map[uploadtest.Fault]upload.Kind{
			uploadtest.DiskFull: upload.Transient, // ipernity has no word for it but its general error
		},
		Meta: checkMeta,
		Start: func(t testing.TB) *uploadtest.Site {
			s := startServer(t, o).site()
			if o.MD5 == emulator.MD5Other { // as an account that has sent a photo before
				s.Account.Memory = new(memory)
				_ = s.Account.Remember(memorySums, sumsOther)
			}
			return s
		},
	}
}

func checkMeta(t testing.TB, got uploadtest.Photo, sent photo.Meta) {
	t.Helper()
	r, _ := got.Meta.(emulator.Received)
	title := sent.Title
	if title == "" {
		title = strings.TrimSuffix(got.Name, ".jpg")
	}
	var words []string
	if len(sent.Tags) > 0 {
		words = []string{"Möwen", "sea side", "日本"}
	}
	if r.Title != title || r.Description != sent.Description || !slices.Equal(r.Keywords, words) {
		t.Errorf("%+v arrived, want %+v", r, sent)
	}
	if r.Public || r.Family || r.Friend {
		t.Errorf("%q is not private", r.Name)
	}
}

// TestConformance runs the suite against sites that differ in what the
// documents leave open.
func TestConformance(t *testing.T) {
	for _, tt := range []struct {
		name string
		emulator.Options
	}{
		{"as the live site", emulator.Options{}},
		{"as the documents", emulator.Options{Numbers: true, KeepEmptyArrays: true, APIFirst: true, PermsBlock: true, PerPage: true, NoAlbumPages: true, DefaultPublic: true}},
		{"slow at its work", emulator.Options{Checks: 2, ETA: 2, TerseTickets: true}},
		{"hiding what it works on", emulator.Options{Processing: 50 * time.Millisecond, HiddenUntilDone: true, MD5: emulator.MD5InOriginal}},
		{"without MD5", emulator.Options{MD5: emulator.MD5Absent, Checks: 1, ETA: 1, TicketIsDocID: true}},
		{"with other MD5s", emulator.Options{MD5: emulator.MD5Other, ErrorStatus: 400}},
		{"with errors as statuses", emulator.Options{ErrorStatus: 500, Numbers: true, CheckMD5: true}},
	} {
		t.Run(tt.name, func(t *testing.T) { uploadtest.Run(t, harness(tt.Options)) })
	}
}

// must returns the receipt of a call that succeeds.
func must(t testing.TB) func(upload.Receipt, error) upload.Receipt {
	return func(r upload.Receipt, err error) upload.Receipt {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
}

// mustBe returns an error of a kind, with a hint where people need one.
func mustBe(t testing.TB, err error, kind upload.Kind) *upload.Error {
	t.Helper()
	e, ok := errors.AsType[*upload.Error](err)
	if !ok || e.Kind != kind || e.Reason == "" || e.Op == "" {
		t.Fatalf("%v is %v, want %v", err, upload.KindOf(err), kind)
	}
	return e
}
