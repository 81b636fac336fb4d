package picapport

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/practice"
	emulator "github.com/photoferry/photoferry/app/practice/picapport"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

// bench is an emulated server with the faults of a network before it.
type bench struct {
	*emulator.Server
	t      testing.TB
	faults *practice.Faults
	url    string
}

const (
	testUser   = "möwe"
	testSecret = "Geheim+Fähre/=&%42"
	testKey    = "an-api-key-of-the-server"
)

var everything = []emulator.Permission{
	emulator.AccessUploads, emulator.AccessDownloads, emulator.AccessMetadata, emulator.RemovePhotos,
}

func startServer(t testing.TB, o emulator.Options) *bench {
	t.Helper()
	o.Dir = t.TempDir()
	o.NoSync, o.NoMD5 = true, true
	o.Users = append(o.Users,
		emulator.User{UID: testUser, Name: "Ferry", Password: testSecret, Permissions: everything},
		emulator.User{UID: "reader", Name: "Reader", Password: testSecret, Permissions: everything[1:]},
		emulator.User{UID: "self", Name: "Self", Password: "self", Permissions: everything},
	)
	srv, err := emulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{Server: srv, t: t}
	b.faults = &practice.Faults{Next: srv, Service: "picapport", Expire: srv.ExpireSessions}
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
	return upload.Account{ID: "1", Name: "home", URL: b.url, User: testUser, Secret: testSecret}
}

// client returns a client for an account, with a short patience for long answers.
func (b *bench) client(a upload.Account) *Client {
	b.t.Helper()
	hc := upload.NewClient(upload.ClientOptions{Account: a, Watchdog: 10 * time.Second, ResponseTimeout: 10 * time.Second, MaxBody: 256 << 10})
	b.t.Cleanup(hc.CloseIdleConnections)
	c, err := New(a, hc)
	if err != nil {
		b.t.Fatal(err)
	}
	return c
}

// fault arms faults in practice mode's words, without the service.
func (b *bench) fault(specs ...string) {
	b.t.Helper()
	b.faults.Clear()
	for _, spec := range specs {
		f, err := practice.ParseFault("picapport" + spec)
		if err != nil {
			b.t.Fatal(err)
		}
		b.faults.Add(f)
	}
}

func (b *bench) photos() []uploadtest.Photo {
	var out []uploadtest.Photo
	for _, r := range b.Received() {
		if r.Removed {
			continue
		}
		p := uploadtest.Photo{ID: r.PhotoID, Name: r.Name, Size: r.Size, Meta: r.Metadata}
		if _, err := hex.Decode(p.SHA256[:], []byte(r.SHA256)); err != nil {
			b.t.Fatal(err)
		}
		out = append(out, p)
	}
	return out
}

func (b *bench) site() *uploadtest.Site {
	reader := b.account()
	reader.User = "reader"
	return &uploadtest.Site{
		Account: b.account(),
		NoRight: reader,
		Fault: func(f uploadtest.Fault, times int) {
			if f == "" {
				b.fault()
				return
			}
			spec := "/upload:" + string(f)
			if times > 0 {
				spec += ":times=" + string(rune('0'+times))
			}
			b.fault(spec)
		},
		Received:       b.photos,
		ExpireSessions: b.ExpireSessions,
		Logins:         b.Logins,
	}
}

// harness describes servers with these options to the conformance suite.
func harness(o emulator.Options) uploadtest.Harness {
	return uploadtest.Harness{
		Service:    Service,
		CannotFind: o.Profile == emulator.V74,
		Secrets:    []string{"apisid", "pw", "apikey"},
		Kinds: map[uploadtest.Fault]upload.Kind{
			uploadtest.Quota:    upload.Transient, // PicApport has no quota, and a full disk is any 500
			uploadtest.DiskFull: upload.Transient,
		},
		Meta: checkMeta,
		Start: func(t testing.TB) *uploadtest.Site {
			b := startServer(t, o)
			s := b.site()
			if o.APIKey != "" {
				s.Account.Options = map[string]string{"api_key": o.APIKey}
				s.NoRight.Options = s.Account.Options
			}
			return s
		},
	}
}

func checkMeta(t testing.TB, got uploadtest.Photo, sent photo.Meta) {
	t.Helper()
	var m metadata
	raw, _ := got.Meta.(json.RawMessage)
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &m); err != nil {
			t.Fatal(err)
		}
	}
	if i := slices.IndexFunc(raw, func(b byte) bool { return b >= 0x80 }); i >= 0 {
		t.Errorf("the metadata part is not ASCII: %s", raw)
	}
	if m.Title != sent.Title || m.Description != sent.Description || m.Rating != sent.Rating ||
		!slices.Equal(m.Tags, sent.Tags) || !slices.Equal(m.Persons, sent.Persons) {
		t.Errorf("metadata %s arrived, want %+v", raw, sent)
	}
}

// TestConformance runs the suite against every version, with both readings of
// the undocumented field names, and with the other undocumented points spread
// over the runs.
func TestConformance(t *testing.T) {
	for _, tt := range []struct {
		name string
		emulator.Options
	}{
		{"7.4", emulator.Options{Profile: emulator.V74, NoEncryption: true}},
		{"7.4, other names", emulator.Options{Profile: emulator.V74, Fields: emulator.FieldsOther, UnknownFunctionStatus: 404, APIKey: testKey}},
		{"8.3", emulator.Options{Profile: emulator.V83, ContentTypeStop: true, RefuseUnknownKeys: true}},
		{"8.3, other names", emulator.Options{Profile: emulator.V83, Fields: emulator.FieldsOther, RefuseChunked: true, MetadataLatin1: true}},
		{"9.1.04", emulator.Options{Profile: emulator.V91, KeyPerSession: true, PasswordUTF8: true}},
		{"9.1.04, other names", emulator.Options{Profile: emulator.V91, Fields: emulator.FieldsOther, FullPaths: true}},
		{"9.2", emulator.Options{Profile: emulator.V92, StatusAlways: true, MaxSizeForm: emulator.MaxSizeNumber}},
		{"9.2, other names", emulator.Options{Profile: emulator.V92, Fields: emulator.FieldsOther, ExistsText: "Server Error: Rejected", APIKey: testKey}},
		{"10.4", emulator.Options{Profile: emulator.V104, DemoStatus: 501, DownloadsForFullSize: true}},
		{"10.4, other names", emulator.Options{Profile: emulator.V104, Fields: emulator.FieldsOther, MaxSizeForm: emulator.MaxSizeAbsent}},
	} {
		t.Run(tt.name, func(t *testing.T) { uploadtest.Run(t, harness(tt.Options)) })
	}
}

func TestCheckTellsTheServersLimits(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options emulator.Options
		server  string
		max     int64
		kinds   []photo.Kind
		find    bool
	}{
		{"7.4", emulator.Options{Profile: emulator.V74}, "PicApport before 8.3", 0, []photo.Kind{photo.JPEG}, false},
		{"8.3", emulator.Options{Profile: emulator.V83}, "PicApport V8.3.0", 0, []photo.Kind{photo.JPEG}, true},
		{"9.1.04", emulator.Options{Profile: emulator.V91}, "PicApport V9.1.04", 0, []photo.Kind{photo.JPEG}, true},
		{"9.2", emulator.Options{Profile: emulator.V92, MaxFileMB: 12.5, VideoTypes: []string{".mov"}}, "PicApport V9.2.00", 12_500_000, []photo.Kind{photo.JPEG, photo.MOV}, true},
		{"10.4", emulator.Options{Profile: emulator.V104, MaxFileMB: 100, MaxSizeForm: emulator.MaxSizeNumber, VideoTypes: []string{".MP4", ".mov"}}, "PicApport V10.4.00", 100_000_000, []photo.Kind{photo.JPEG, photo.MP4, photo.MOV}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := startServer(t, tt.options)
			l, err := b.client(b.account()).Check(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if l.Server != tt.server || l.MaxBytes != tt.max || !slices.Equal(l.Kinds, tt.kinds) || l.CanFind != tt.find || l.Free != -1 {
				t.Errorf("limits %+v", l)
			}
			var what []string
			for _, tick := range l.Ticks {
				what = append(what, tick.What)
			}
			if got := strings.Join(what, ", "); got != "Address, Sign-in, May upload, Largest photo, Duplicate check" {
				t.Errorf("ticks %s", got)
			}
			for k, want := range map[photo.Kind]bool{photo.JPEG: true, photo.PNG: false, photo.HEIC: false, photo.RAW: false, photo.MP4: slices.Contains(tt.kinds, photo.MP4)} {
				if Service.Takes(l, k) != want {
					t.Errorf("takes %v: %v, want %v", k, !want, want)
				}
			}
		})
	}
}

func TestPhotoDeletedOnTheServer(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client(b.account())
	it := uploadtest.Item("gone.jpg", 3000)
	r, err := c.Upload(t.Context(), it)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.DeletePhoto(r.RemoteID); err != nil {
		t.Fatal(err)
	}
	got, err := c.Find(t.Context(), it)
	if err != nil || !got.Gone || got.URL != "" {
		t.Errorf("Find: %+v, %v, want a photo that is gone", got, err)
	}
	got, err = c.Upload(t.Context(), it)
	if err != nil || !got.Gone || !got.Known {
		t.Errorf("Upload: %+v, %v, want a photo that is gone and not taken", got, err)
	}
	if n := len(b.photos()); n != 0 {
		t.Errorf("%d photos on the server, want none", n)
	}
	it.SyncCheck = false // "send again"
	got, err = c.Upload(t.Context(), it)
	if err != nil || got.Gone || got.Known || got.RemoteID != r.RemoteID {
		t.Errorf("Upload again: %+v, %v, want the photo with its ID", got, err)
	}
}

func TestSyncCheckIsSentOnlyWhenOffAndKnown(t *testing.T) {
	for _, tt := range []struct {
		profile emulator.Profile
		check   bool
		want    bool
	}{
		{emulator.V74, false, false},
		{emulator.V83, false, false},
		{emulator.V91, false, true},
		{emulator.V91, true, false},
		{emulator.V92, false, true},
		{emulator.V104, false, true},
		{emulator.V104, true, false},
	} {
		b := startServer(t, emulator.Options{Profile: tt.profile})
		it := uploadtest.Item("a.jpg", 3000)
		it.SyncCheck = tt.check
		if _, err := b.client(b.account()).Upload(t.Context(), it); err != nil {
			t.Fatal(err)
		}
		raw := string(b.Received()[0].Metadata)
		if got := strings.Contains(raw, `"doSyncCheck":false`); got != tt.want || !got && strings.Contains(raw, "doSyncCheck") {
			t.Errorf("%v, sync check %v: metadata %s", tt.profile, tt.check, raw)
		}
		if got := strings.Contains(raw, PhotoID(it.SHA256)); got != (tt.profile >= emulator.V83) {
			t.Errorf("%v: photo ID sent: %v", tt.profile, got)
		}
	}
}

func TestRefusalsBeforeSending(t *testing.T) {
	b := startServer(t, emulator.Options{MaxFileMB: 0.01, VideoTypes: []string{".mp4"}})
	c := b.client(b.account())
	png := uploadtest.Item("a.png", 3000)
	png.Kind = photo.PNG
	mov := uploadtest.Item("a.mov", 3000)
	mov.Kind = photo.MOV
	big := uploadtest.Item("big.jpg", 10_001)
	for _, it := range []upload.Item{png, mov, big} {
		_, err := c.Upload(t.Context(), it)
		if e, ok := errors.AsType[*upload.Error](err); !ok || e.Kind != upload.Rejected || e.Hint == "" {
			t.Errorf("Upload of %s: %v, want a rejection with a hint", it.Name, err)
		}
	}
	if n := b.Requests("upload"); n != 0 {
		t.Errorf("%d uploads were begun", n)
	}
	// A limit that was raised meanwhile counts at once.
	if err := b.Configure(func(o *emulator.Options) { o.MaxFileMB = 1 }); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Upload(t.Context(), big); err != nil {
		t.Errorf("after the limit was raised: %v", err)
	}
}

func TestOutcomesOfThePhoto(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options emulator.Options
		kind    upload.Kind
		stored  bool // and known after all
		old     upload.Kind
	}{
		{"too big", emulator.Options{RefuseWith: "Server Error: File too big."}, upload.Rejected, false, upload.Rejected},
		{"wrong type", emulator.Options{RefuseWith: "Server Error: Invalid content type"}, upload.Rejected, false, upload.Rejected},
		{"wrong type, written otherwise", emulator.Options{RefuseWith: " server error: INVALID content type. "}, upload.Rejected, false, upload.Rejected},
		{"something new", emulator.Options{RefuseWith: "Server Error: The moon is full."}, upload.Transient, false, upload.Transient},
		{"no outcome", emulator.Options{RefuseWith: " "}, upload.Transient, false, upload.Unsure},
		{"stored, but reported otherwise", emulator.Options{ReportAs: "Stored it all right"}, 0, true, upload.Transient},
		{"stored, but left out", emulator.Options{ShortResult: true}, 0, true, upload.Unsure},
	} {
		for _, profile := range []emulator.Profile{emulator.V74, emulator.V104} {
			for _, fields := range []emulator.Fields{emulator.FieldsDefault, emulator.FieldsOther} {
				t.Run(tt.name+" by "+profile.String()+" in "+fields.Photos, func(t *testing.T) {
					o := tt.options
					o.Profile, o.Fields = profile, fields
					b := startServer(t, o)
					var mark string
					it := uploadtest.Item("a.jpg", 3000)
					it.SetMark = func(m string) error { mark = m; return nil }
					r, err := b.client(b.account()).Upload(t.Context(), it)
					want := tt.kind
					if profile == emulator.V74 {
						want = tt.old
					} else if tt.stored {
						if err != nil || !r.Known || r.RemoteID != PhotoID(it.SHA256) {
							t.Errorf("%+v, %v, want the known photo", r, err)
						}
						return
					}
					e, ok := errors.AsType[*upload.Error](err)
					if !ok || e.Kind != want {
						t.Fatalf("%v, want %v", err, want)
					}
					if (mark != "") != (want == upload.Unsure) {
						t.Errorf("%v leaves the mark %q", e.Kind, mark)
					}
				})
			}
		}
	}
}

func TestConfirmation(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options emulator.Options
		verify  string
		want    bool
	}{
		{"there at once", emulator.Options{}, "", true},
		{"there after two questions", emulator.Options{IndexingChecks: 2}, "", true},
		{"not there for long", emulator.Options{IndexingChecks: 20}, "", false},
		{"not wanted", emulator.Options{}, "no", false},
		{"cannot be asked", emulator.Options{Profile: emulator.V74}, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := startServer(t, tt.options)
			a := b.account()
			a.Options = map[string]string{"verify": tt.verify}
			r, err := b.client(a).Upload(t.Context(), uploadtest.Item("a.jpg", 3000))
			if err != nil {
				t.Fatal(err)
			}
			if (r.Verified != "") != tt.want {
				t.Errorf("verified: %q", r.Verified)
			}
		})
	}
}

func TestABrokenOffUploadIsNoFaultOfThePhoto(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client(b.account())
	b.fault("/upload:status:code=400:times=1")
	it := uploadtest.Item("a.jpg", 3000)
	_, err := c.Upload(t.Context(), it)
	if e, ok := errors.AsType[*upload.Error](err); !ok || e.Kind != upload.Transient || e.Hint == "" {
		t.Errorf("%v, want a passing fault with a hint", err)
	}
	if _, err := c.Upload(t.Context(), it); err != nil {
		t.Error(err)
	}
}
