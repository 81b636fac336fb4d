package universal

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"

	emulator "github.com/photoferry/photoferry/app/practice/universal"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

// TestConformance runs the suite with both formats, all spellings, and the
// points on which the documents are silent spread over the runs.
func TestConformance(t *testing.T) {
	for _, tt := range []struct {
		name    string
		site    emulator.Options
		options map[string]string
	}{
		{"JSON", emulator.Options{}, nil},
		{"JSON, an album, IDs and codes as they should not be", emulator.Options{NumericIDs: true, StringCodes: true, EmptyList: emulator.EmptyString, ErrorStatus: 500, LongKeys: true},
			map[string]string{optionAlbum: "Camera roll", optionSpelling: "camel"}},
		{"XML", emulator.Options{PadText: true, PhotoUpload: true}, map[string]string{optionFormat: "xml", optionSpelling: "underscore"}},
		{"XML, small pages and albums", emulator.Options{MaxPageSize: 3, AlbumLimit: 7, NewestFirst: true, MaxCaption: 25, IgnoreCallID: true},
			map[string]string{optionFormat: "xml", optionAlbum: `"Möwen" & 日本`, optionSpelling: "auto"}},
		{"pending photos are hidden, no session secret", emulator.Options{HidePending: true, NoSessionSecret: true, EmptyList: emulator.EmptyObject}, nil},
		{"pending photos are hidden and do not count, a web application", emulator.Options{HidePending: true, PendingUncounted: true, Web: true},
			map[string]string{optionFormat: "xml"}},
		{"pending photos do not count", emulator.Options{PendingUncounted: true, DefaultAlbumLimit: 9}, nil},
		{"plain codes", emulator.Options{PlainCodes: true, DefaultAlbumLimit: 9}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := harness(tt.site, tt.options)
			if tt.site.MaxCaption > 0 {
				h.Meta = nil
			}
			uploadtest.Run(t, h)
		})
	}
}

func TestNewRefusesUnusableAccounts(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(a *upload.Account)
		reason string // "": fine
	}{
		{"all that is needed", func(*upload.Account) {}, ""},
		{"no address", func(a *upload.Account) { a.URL = " " }, "off until"},
		{"a bad address", func(a *upload.Account) { a.URL = "ftp://x" }, "http"},
		{"no key", func(a *upload.Account) { delete(a.Options, optionAPIKey) }, "key"},
		{"no community", func(a *upload.Account) { delete(a.Options, optionCommunity) }, "community"},
		{"an unknown spelling", func(a *upload.Account) { a.Options[optionSpelling] = "kebab" }, "spelling"},
		{"an unknown format", func(a *upload.Account) { a.Options[optionFormat] = "php_serial" }, "format"},
		{"a caption of nothing", func(a *upload.Account) { a.Options[optionCaption] = "title|rating" }, "caption"},
		{"a caption of one", func(a *upload.Account) { a.Options[optionCaption] = " Name " }, ""},
		{"a page without a token", func(a *upload.Account) { a.Options[optionLoginPage] = "{url}/login" }, "login_page"},
		{"a page that is none", func(a *upload.Account) { a.Options[optionLoginPage] = "javascript:{token}" }, "login_page"},
		{"a page elsewhere", func(a *upload.Account) { a.Options[optionLoginPage] = "https://my.example.org/?t={token}" }, ""},
		{"a token that is none", func(a *upload.Account) { a.Token = "s3cret" }, "cannot be read"},
		{"not signed in", func(a *upload.Account) { a.Token, a.Secret = "", "" }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := upload.Account{
				URL: "platform.example.org/api.php", Options: map[string]string{optionAPIKey: "k", optionCommunity: "c"},
				Secret: "s", Token: tokenOf(session{Key: "k", UID: "1"}),
			}
			tt.change(&a)
			c, err := New(a, http.DefaultClient)
			e, _ := errors.AsType[*upload.Error](err)
			switch {
			case tt.reason == "" && err != nil:
				t.Error(err)
			case tt.reason == "":
				if c.endpoint() != "https://platform.example.org/api.php" {
					t.Errorf("calls %s", c.endpoint())
				}
			case e == nil || e.Kind != upload.Denied || !strings.Contains(e.Reason, tt.reason) || e.Hint == "":
				t.Errorf("%+v", err)
			case strings.Contains(err.Error(), "s3cret"):
				t.Errorf("%v tells the token", err)
			}
		})
	}
}

func TestServiceTakes(t *testing.T) {
	for k, want := range map[photo.Kind]bool{
		photo.JPEG: true, photo.PNG: true, photo.GIF: true, photo.HEIC: false, photo.RAW: false, photo.MP4: false,
	} {
		if Service.Takes(upload.Limits{}, k) != want {
			t.Errorf("takes %v: %v", k, !want)
		}
	}
	if n := Service.Lanes(upload.Account{}); n != 1 {
		t.Errorf("%d lanes", n)
	}
}

func TestCaptions(t *testing.T) {
	both := photo.Meta{Title: " Hafen ", Description: "one\r\ntwo\x00"}
	for _, tt := range []struct {
		option string
		meta   photo.Meta
		name   string
		want   string
	}{
		{"", both, "a.jpg", "Hafen"},
		{"", photo.Meta{Description: both.Description}, "a.jpg", "one\ntwo"},
		{"", photo.Meta{}, "a.jpg", "a.jpg"},
		{"description|title", both, "a.jpg", "one\ntwo"},
		{"name", both, "a.jpg", "a.jpg"},
		{"title", photo.Meta{Description: "d"}, "a.jpg", "a.jpg"},
		{"", photo.Meta{}, "", "photo"},
		{"", photo.Meta{Title: "bad \xff"}, "", "bad \uFFFD"},
	} {
		var c Client
		var err error
		if c.captions, err = captionSources(tt.option); err != nil {
			t.Fatal(err)
		}
		if got := c.caption(upload.Item{Name: tt.name, Meta: tt.meta}); got != tt.want {
			t.Errorf("%q of %+v: %q, want %q", tt.option, tt.meta, got, tt.want)
		}
	}
}

func TestCheck(t *testing.T) {
	b := startServer(t, emulator.Options{})
	for _, tt := range []struct {
		name   string
		change func(a *upload.Account)
		fault  string
		kind   upload.Kind
		ticks  string
	}{
		{"a good account", func(*upload.Account) {}, "", 255, "+Address +Sign-in +May upload +Albums -Duplicate check +Kinds"},
		{"not signed in", func(a *upload.Account) { a.Token = "" }, "", upload.Denied, "-Sign-in"},
		{"an unknown session", func(a *upload.Account) { a.Token = tokenOf(session{Key: "k", Secret: "s", UID: "8055"}) }, "", upload.Denied, "+Address -Sign-in"},
		{"another community", func(a *upload.Account) { a.Options[optionCommunity] = "mycommunity" }, "", upload.Denied, "+Address -Sign-in"},
		{"no such community", func(a *upload.Account) { a.Options[optionCommunity] = "nowhere" }, "", upload.Denied, "+Address -Sign-in"},
		{"a server of another kind", func(*upload.Account) {}, "html", upload.Transient, "-Address"},
		{"a server that is busy", func(*upload.Account) {}, "status:code=503", upload.Busy, "-Address"},
		{"a status that is about photos", func(*upload.Account) {}, "status:code=413", upload.Transient, "-Address"},
		{"an answer that is cut", func(*upload.Account) {}, "cut", upload.Transient, "-Address"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b.fault()
			if tt.fault != "" {
				b.fault(":" + tt.fault)
			}
			a := b.account()
			tt.change(&a)
			l, err := b.clientOf(a).Check(t.Context())
			if (err == nil) != (tt.kind == 255) || err != nil && upload.KindOf(err) != tt.kind {
				t.Errorf("%v", err)
			}
			var ticks []string
			for _, tick := range l.Ticks {
				ticks = append(ticks, map[bool]string{true: "+", false: "-"}[tick.OK]+tick.What)
			}
			if got := strings.Join(ticks, " "); got != tt.ticks {
				t.Errorf("ticks %s, want %s", got, tt.ticks)
			}
		})
	}
}

func TestSessionsThatEnd(t *testing.T) {
	for _, format := range []string{"json", "xml"} {
		b := startServer(t, emulator.Options{})
		b.options[optionFormat] = format
		c := b.client()
		send(t, c, "")
		b.ExpireSessions()
		it := newMarked("a.jpg", 2000)
		_, err := c.Upload(t.Context(), it.Item)
		e, ok := errors.AsType[*upload.Error](err)
		if !ok || e.Kind != upload.Denied || e.Hint != hintSignIn || it.Mark != "" {
			t.Errorf("%+v, mark %q", err, it.Mark)
		}
		b.session = b.signIn("ann") // the person has done so
		if _, err := b.client().Upload(t.Context(), it.Item); err != nil {
			t.Error(err)
		}
	}
}

func TestSessionTells(t *testing.T) {
	s := session{UID: "8055", Expires: time.Date(2030, 5, 6, 7, 8, 0, 0, time.Local).Unix()}
	if got := s.describe("https://x"); got != "as user 8055, until 6 May 2030, 07:08" {
		t.Error(got)
	}
	if got := (session{UID: "1"}).describe("http://x"); !strings.Contains(got, "unencrypted") {
		t.Error(got)
	}
}

// TestCallsAcrossRestarts goes on in one session with an app that is started
// anew, with its clock put back and its memory lost.
func TestCallsAcrossRestarts(t *testing.T) {
	b := startServer(t, emulator.Options{})
	check := func(c *Client) {
		t.Helper()
		before := b.Requests(getAlbums.name)
		if _, err := c.Check(t.Context()); err != nil {
			t.Error(err)
		}
		if n := b.Requests(getAlbums.name) - before; n != 1 {
			t.Errorf("a check took %d calls", n)
		}
	}
	back := func() time.Time { return time.Now().Add(-1000 * time.Hour) }
	check(b.client())
	c := b.client()
	check(c)
	c.now = back
	check(c)
	c = b.client()
	c.now = back
	check(c)
	send(t, c, "")

	b.memory = newMemory()
	c = b.client()
	if _, err := c.Check(t.Context()); err != nil {
		t.Errorf("with its memory lost: %v", err)
	}
	it := newMarked("a.jpg", 2000)
	if r, err := b.client().Upload(t.Context(), it.Item); err != nil || b.times(it.Item) != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	// A site whose numbers are beyond any leap.
	b.memory = newMemory()
	c = b.client()
	c.now = back
	if _, err := c.Check(t.Context()); upload.KindOf(err) != upload.Transient || codeOf(err) != codeCallID {
		t.Errorf("%v", err)
	}
	it = newMarked("a.jpg", 2000)
	if _, err := c.Upload(t.Context(), it.Item); err == nil || it.Mark != "" || b.times(it.Item) != 0 {
		t.Errorf("%v, mark %q", err, it.Mark)
	}
	_, err := c.Upload(t.Context(), it.Item)
	if err != nil {
		_, err = c.Upload(t.Context(), it.Item)
	}
	if err != nil || b.times(it.Item) != 1 {
		t.Errorf("after some more leaps: %v", err)
	}
}

// TestUploadOutOfOrder repeats an upload whose number was used up by another
// program, from its first byte.
func TestUploadOutOfOrder(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client()
	send(t, c, "A")
	other := b.clientOf(func() upload.Account { a := b.account(); a.Memory = nil; return a }())
	other.ids.leap()
	if _, err := other.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	it := newMarked("a.jpg", 2000)
	it.Album = "A"
	if _, err := c.Upload(t.Context(), it.Item); err != nil || b.times(it.Item) != 1 {
		t.Errorf("%v, there %d times", err, b.times(it.Item))
	}
	if n := b.Requests(uploadPhoto.name); n != 3 {
		t.Errorf("%d uploads, want one before and two now", n)
	}
}

// TestUploadForm compares the body of an upload with the service's sample.
func TestUploadForm(t *testing.T) {
	var got struct {
		header http.Header
		parts  []string
		last   *multipart.Part
		values map[string]string
	}
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
			_ = r.ParseForm()
			switch r.Form.Get("method") {
			case getAlbums.name:
				_, _ = w.Write([]byte(`[{"aid":"940915667462717","name":"Camera roll","size":1,"link":"https://my.example.org/album","owner":219074}]`))
			default:
				_, _ = w.Write([]byte(`""`))
			}
			return
		}
		got.header, got.values = r.Header, map[string]string{}
		m, err := r.MultipartReader()
		if err != nil {
			t.Error(err)
			return
		}
		for {
			p, err := m.NextRawPart()
			if err != nil {
				break
			}
			got.parts, got.last = append(got.parts, p.FormName()), p
			text, _ := io.ReadAll(p)
			got.values[p.FormName()] = string(text)
		}
		_, _ = w.Write([]byte(sampleUpload))
	}))
	defer web.Close()
	a := upload.Account{
		URL: web.URL, Secret: vectorSecret, Memory: newMemory(), Token: tokenOf(session{Key: "489727d0ab2efc6e8003018c-i2LLkn8BDb2s.", UID: "219074"}),
		Options: map[string]string{optionAPIKey: vectorKey, optionCommunity: "mycommunity", optionAlbum: "Camera roll"},
	}
	hc := upload.NewClient(upload.ClientOptions{Account: a})
	defer hc.CloseIdleConnections()
	c, err := New(a, hc)
	if err != nil {
		t.Fatal(err)
	}
	it := uploadtest.Item("IMG_0001.JPG", 2000)
	it.Meta.Title = "Été & plage = 100%\nzwei"
	r, err := c.Upload(t.Context(), it)
	if err != nil {
		t.Fatal(err)
	}
	if want := "method api_key community session_key call_id format aid caption sig data"; strings.Join(got.parts, " ") != want {
		t.Errorf("parts %v, want %s", got.parts, want)
	}
	if got.values["caption"] != it.Meta.Title || got.values["aid"] != "940915667462717" || len(got.values["data"]) != 2000 {
		t.Errorf("parts %q", got.values["caption"])
	}
	h := got.last.Header
	if h.Get("Content-Disposition") != `form-data; name="data"; filename="IMG_0001.JPG"` || h.Get("Content-Type") != "image/jpeg" || got.header.Get("MIME-Version") != "1.0" {
		t.Errorf("headers %v, %v", h, got.header)
	}
	// The link of the sample is none, so that of the album stands for it.
	want := upload.Receipt{RemoteID: "940915697041656", URL: "https://my.example.org/album", Album: "Camera roll", Verified: verifiedPending}
	if r != want {
		t.Errorf("%+v, want %+v", r, want)
	}
}
