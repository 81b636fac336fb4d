package ipernity

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	emulator "github.com/photoferry/photoferry/app/practice/ipernity"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

// TestWhatArrives checks settings and metadata on the site.
func TestWhatArrives(t *testing.T) {
	taken := time.Date(2013, 7, 3, 10, 20, 30, 0, time.FixedZone("", 2*3600))
	at := &photo.Position{Lat: 43.66671, Lon: -6.9234}
	type got = emulator.Received
	for _, tt := range []struct {
		name    string
		options map[string]string
		meta    photo.Meta
		want    func(got) bool
	}{
		{"nothing set", nil, photo.Meta{}, func(r got) bool {
			return !r.Public && !r.Family && !r.Friend && r.License == 0 && r.Title == "a" && len(r.Keywords) == 0 && !r.Located && r.PermComment == 5
		}},
		{"public", map[string]string{"visibility": "public", "license": "cc-by-nc-sa"}, photo.Meta{}, func(r got) bool {
			return r.Public && !r.Family && !r.Friend && r.License == 11
		}},
		{"family", map[string]string{"visibility": "family", "license": "255"}, photo.Meta{}, func(r got) bool {
			return !r.Public && r.Family && !r.Friend && r.License == 255
		}},
		{"friends", map[string]string{"visibility": "friends"}, photo.Meta{}, func(r got) bool { return !r.Public && !r.Family && r.Friend }},
		{"both", map[string]string{"visibility": "friends+family"}, photo.Meta{}, func(r got) bool { return !r.Public && r.Family && r.Friend }},
		{"permissions", map[string]string{"perm_comment": "nobody", "perm_tag": "contacts", "perm_tagme": "3"}, photo.Meta{}, func(r got) bool {
			return r.PermComment == 0 && r.PermTag == 4 && r.PermTagMe == 3
		}},
		{"texts", nil, photo.Meta{Title: "  Été \x00à Paris & co \xff", Description: "a\nb ", Tags: []string{"sea", "a, b", " ", "blue sky"}, Persons: []string{"Ann"}}, func(r got) bool {
			return r.Title == "Été à Paris & co \uFFFD" && r.Description == "a\nb" && strings.Join(r.Keywords, "|") == "sea|a b|blue sky"
		}},
		{"the camera's time, in its zone", nil, photo.Meta{Taken: taken, Zoned: true}, func(r got) bool { return r.CreatedAt == "2013-07-03 10:20:30" }},
		{"the place", nil, photo.Meta{GPS: at}, func(r got) bool { return r.Located && r.Lat == 43.66671 && r.Lng == -6.9234 }},
		{"the place, hidden", map[string]string{"geo": "no"}, photo.Meta{GPS: at}, func(r got) bool { return !r.Located }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := startServer(t, emulator.Options{})
			c := b.client(func(a *upload.Account) {
				for k, v := range tt.options {
					a.Options[k] = v
				}
			})
			it := uploadtest.Item("a.jpg", 3000)
			it.Meta = tt.meta
			r := must(t)(c.Upload(t.Context(), it))
			if all := b.received(); len(all) != 1 || !tt.want(all[0]) || all[0].DocID != r.RemoteID {
				t.Errorf("%+v", all)
			}
			if want := b.url + "/doc/12345/" + r.RemoteID; r.URL != want || r.Name != "a.jpg" || r.Album != "" {
				t.Errorf("%+v, want the page %s", r, want)
			}
		})
	}
}

// TestMarksOfAnUpload checks what is stored when, and that nothing goes out
// that could not be noted.
func TestMarksOfAnUpload(t *testing.T) {
	b := startServer(t, emulator.Options{Checks: 1})
	c := b.client(nil)
	var m marks
	it := uploadtest.Item("a.jpg", 30_000)
	it.SetMark = m.set
	it.Album = "Sea"
	must(t)(c.Upload(t.Context(), it))
	if want := "sent ticket doc"; m.states() != want {
		t.Errorf("marks %q, want %q", m.states(), want)
	}

	full := errors.New("the disk is full")
	m = marks{fail: full}
	it = uploadtest.Item("b.jpg", 30_000)
	it.SetMark = m.set
	_, err := c.Upload(t.Context(), it)
	mustBe(t, err, upload.Transient)
	if !errors.Is(err, full) || len(b.received()) != 1 {
		t.Errorf("%v, and %d photos on the site", err, len(b.received()))
	}

	// The ticket cannot be noted: the mark before it finds the photo.
	n := 0
	it = uploadtest.Item("c.jpg", 30_000)
	it.SetMark = func(mark string) error {
		if n++; n > 1 {
			return full
		}
		return m.set(mark)
	}
	m.fail = nil
	if _, err = c.Upload(t.Context(), it); !errors.Is(err, full) {
		t.Fatal(err)
	}
	it.Mark, it.SetMark = m.last(), m.set
	if r := must(t)(b.client(nil).Find(t.Context(), it)); r.RemoteID != b.received()[1].DocID || len(b.received()) != 2 {
		t.Errorf("%+v, and %d photos on the site", r, len(b.received()))
	}

	// A refusal that is certain takes the mark back.
	b.fault("/upload.file:status:code=413")
	it = uploadtest.Item("d.jpg", 30_000)
	it.SetMark = m.set
	_, err = c.Upload(t.Context(), it)
	if mustBe(t, err, upload.Rejected); m.last() != "" {
		t.Errorf("mark %q after a refusal", m.last())
	}
}

// TestTicketsSurvive ends the program while the site works on a photo.
func TestTicketsSurvive(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*emulator.Options)
	}{
		{"while it is worked on", func(*emulator.Options) {}},
		{"and is done meanwhile", func(o *emulator.Options) { o.Checks = 0 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := startServer(t, emulator.Options{Checks: 3, HiddenUntilDone: true})
			var m marks
			it := uploadtest.Item("a.jpg", 30_000)
			ctx, cancel := context.WithCancel(t.Context())
			it.SetMark = func(mark string) error {
				if strings.HasPrefix(mark, markTicket) {
					cancel()
				}
				return m.set(mark)
			}
			if _, err := b.client(nil).Upload(ctx, it); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			if err := b.Configure(tt.change); err != nil {
				t.Fatal(err)
			}
			it.Mark, it.SetMark = m.last(), m.set
			for _, call := range []func(context.Context, upload.Item) (upload.Receipt, error){b.client(nil).Find, b.client(nil).Upload} {
				if r := must(t)(call(t.Context(), it)); r.RemoteID != b.received()[0].DocID || r.Verified == "" {
					t.Errorf("%+v", r)
				}
			}
			if n := b.Requests(uploadFile); n != 1 {
				t.Errorf("sent %d times", n)
			}
		})
	}
}

func TestPhotosThatTheSiteCannotUse(t *testing.T) {
	b := startServer(t, emulator.Options{InvalidTickets: true, Checks: 1})
	var m marks
	it := uploadtest.Item("a.jpg", 30_000)
	it.SetMark = m.set
	_, err := b.client(nil).Upload(t.Context(), it)
	if e := mustBe(t, err, upload.Rejected); e.Hint == "" || m.last() != "" {
		t.Errorf("%+v, mark %q", e, m.last())
	}
}

// TestLostTickets are tickets that the site does not know any more, and one
// that it calls done without saying what became of it.
func TestLostTickets(t *testing.T) {
	sum := uploadtest.Item("a.jpg", 30_000)
	docs := `{"docs":{"total":"1","doc":[{"doc_id":"77","md5":"` + hexOf(sum.MD5) + `"}]},` + okAPI + `}`
	const none = `{"docs":{"total":"0"},` + okAPI + `}`
	for _, tt := range []struct {
		name, ticket, docs string
		age                time.Duration // of the ticket
		want               func(upload.Receipt, error) bool
	}{
		{"the photo is there", refusalOf(1), docs, 0, func(r upload.Receipt, err error) bool { return err == nil && r.RemoteID == "77" }},
		{"done, but what?", `{"tickets":{"ticket":[{"id":"7","done":1}]},` + okAPI + `}`, docs, 0, func(r upload.Receipt, err error) bool { return err == nil && r.RemoteID == "77" }},
		{"it may still come", refusalOf(1), none, 0, func(_ upload.Receipt, err error) bool {
			e, ok := errors.AsType[*upload.Error](err)
			return ok && e.Kind == upload.Transient && e.RetryAfter > time.Minute && e.Hint != ""
		}},
		{"it will not come", refusalOf(1), none, time.Hour, func(_ upload.Receipt, err error) bool { return errors.Is(err, upload.ErrNotFound) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStub(t, map[string]string{checkTickets: tt.ticket, docSearch: tt.docs, docGet: refusalOf(1)})
			c := testClient(t, s.URL, nil)
			c.pace.settle, c.pace.linger = 10*time.Minute, time.Second
			c.now = func() time.Time { return time.Unix(1388534400, 0) } // as the stub's clock
			var m marks
			it := sum
			it.SetMark = m.set
			it.Mark = mark{markTicket, c.now().Add(-tt.age), c.now().Add(-tt.age), "7"}.String()
			if r, err := c.Find(t.Context(), it); !tt.want(r, err) {
				t.Errorf("%+v, %v", r, err)
			}
			if s.called(uploadFile) != 0 {
				t.Error("sent again")
			}
		})
	}
}

func TestClocksThatDiffer(t *testing.T) {
	b := startServer(t, emulator.Options{})
	for _, off := range []time.Duration{-50 * time.Hour, 50 * time.Hour} {
		if err := b.Configure(func(o *emulator.Options) { o.Now = func() time.Time { return time.Now().Add(off) } }); err != nil {
			t.Fatal(err)
		}
		var m marks
		it := uploadtest.Item("a.jpg", 30_000)
		it.SetMark = m.set
		b.fault("/upload.file:reset-after:times=1")
		_, err := b.client(nil).Upload(t.Context(), it)
		mustBe(t, err, upload.Transient)
		it.Mark = m.last()
		before := len(b.received())
		must(t)(b.client(nil).Find(t.Context(), it))
		if len(b.received()) != before {
			t.Errorf("%v off: %d photos", off, len(b.received()))
		}
	}
}

func TestQuota(t *testing.T) {
	users := func(change func(*emulator.User)) []emulator.User {
		u := emulator.DefaultUsers()
		change(&u[0])
		return u
	}
	for _, tt := range []struct {
		name   string
		change func(*emulator.User)
		size   int64
		kind   upload.Kind
		reason string
	}{
		{"too big", func(u *emulator.User) { u.MaxPhoto = 20_000 }, 30_000, upload.Rejected, "0.1 MB"},
		{"too big for a guest", func(u *emulator.User) { u.Pro = false }, 3_000_000, upload.Rejected, "3 MB, and it may send 2.7 MB"},
		{"too much this month", func(u *emulator.User) { u.Monthly, u.Used = 1_000_000, 990_000 }, 30_000, upload.Full, "0.1 MB left"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := startServer(t, emulator.Options{Users: users(tt.change)})
			c := b.client(nil)
			it := uploadtest.Item("a.jpg", tt.size)
			_, err := c.Upload(t.Context(), it)
			e := mustBe(t, err, tt.kind)
			if !strings.Contains(e.Reason, tt.reason) || e.Hint == "" || b.Requests(uploadFile) != 0 {
				t.Errorf("%+v, sent %d times", e, b.Requests(uploadFile))
			}
			if tt.kind == upload.Full && (e.RetryAfter <= 0 || e.RetryAfter > 31*24*time.Hour) {
				t.Errorf("held for %v", e.RetryAfter)
			}
			// It is asked again before another photo is refused.
			if err := b.Configure(func(o *emulator.Options) { o.Users = emulator.DefaultUsers() }); err != nil {
				t.Fatal(err)
			}
			must(t)(c.Upload(t.Context(), it))
		})
	}
}

// TestQuotaThatRunsOut finds out by itself that what was left is used up, and
// asks for the quota no more often than it has to.
func TestQuotaThatRunsOut(t *testing.T) {
	u := emulator.DefaultUsers()
	u[0].Monthly = 100_000
	b := startServer(t, emulator.Options{Users: u})
	c := b.client(nil)
	for range 3 {
		must(t)(c.Upload(t.Context(), uploadtest.Item("a.jpg", 30_000)))
	}
	_, err := c.Upload(t.Context(), uploadtest.Item("b.jpg", 30_000))
	mustBe(t, err, upload.Full)
	if b.Requests(uploadFile) != 3 || b.Requests(getQuota) != 2 {
		t.Errorf("%d uploads, %d questions for the quota", b.Requests(uploadFile), b.Requests(getQuota))
	}
}

func TestSignInsThatEnd(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := b.client(nil)
	must(t)(c.Upload(t.Context(), uploadtest.Item("a.jpg", 3000)))
	b.RevokeTokens()
	_, err := c.Upload(t.Context(), uploadtest.Item("b.jpg", 3000))
	if e := mustBe(t, err, upload.Denied); !strings.Contains(e.Hint, "account login") {
		t.Errorf("%+v", e)
	}
	_, err = b.client(func(a *upload.Account) { a.Secret = "0a2b3c4d5e6a7b8e" }).Upload(t.Context(), uploadtest.Item("b.jpg", 3000))
	if e := mustBe(t, err, upload.Denied); !strings.Contains(e.Reason, "secret is wrong") || !strings.Contains(e.Hint, "apps/key") {
		t.Errorf("%+v", e)
	}
	if n := len(b.received()); n != 1 {
		t.Errorf("%d photos", n)
	}
}

func TestFileNames(t *testing.T) {
	for _, tt := range []struct {
		name string
		kind photo.Kind
		want string
	}{
		{"a.jpeg", photo.JPEG, "a.jpeg"}, {"a.png", photo.JPEG, "a.png.jpg"}, {"a.TIFF", photo.TIFF, "a.TIFF"},
		{"a.CR3", photo.RAW, "a.CR3"}, {"a", photo.RAW, "a.raw"}, {".nef", photo.RAW, "nef.raw"}, {"a.m4v", photo.MP4, "a.m4v"}, {"a.gif", photo.GIF, "a.gif"},
	} {
		if got := fileName(upload.Item{Name: tt.name, Kind: tt.kind}); got != tt.want {
			t.Errorf("%q of the kind %v: %q, want %q", tt.name, tt.kind, got, tt.want)
		}
	}
}

// TestUploadsWithoutATicket are answers that look like a success and are none.
func TestUploadsWithoutATicket(t *testing.T) {
	for _, answer := range []string{`{` + okAPI + `}`, `{"ticket":"",` + okAPI + `}`, `{"ticket":[],` + okAPI + `}`, `{"ticket":"7"}`, `{"ticket":"7","api":{"status":"error"}}`} {
		s := newStub(t, map[string]string{uploadFile: answer})
		var m marks
		it := uploadtest.Item("a.jpg", 3000)
		it.SetMark = m.set
		_, err := testClient(t, s.URL, nil).Upload(t.Context(), it)
		if mustBe(t, err, upload.Transient); m.states() != "sent" {
			t.Errorf("%s: marks %q", answer, m.states())
		}
	}
}

func TestUploadsThatAreCancelled(t *testing.T) {
	b := startServer(t, emulator.Options{})
	it := uploadtest.Item("a.jpg", 3000)
	opened := false
	open := it.Open
	it.Open = func() (io.ReadCloser, error) { opened = true; return open() }
	if _, err := b.client(nil).Upload(expired(), it); !errors.Is(err, context.Canceled) || opened {
		t.Errorf("%v, opened %v", err, opened)
	}
}

func TestAccountsThatCannotBeUsed(t *testing.T) {
	for name, change := range map[string]func(*upload.Account){
		"no address":     func(a *upload.Account) { a.URL = "" },
		"no key":         func(a *upload.Account) { a.Options[optionAPIKey] = " " },
		"no secret":      func(a *upload.Account) { a.Secret = "" },
		"visibility":     func(a *upload.Account) { a.Options[optionVisible] = "everybody" },
		"license":        func(a *upload.Account) { a.Options[optionLicense] = "2" },
		"perm_comment":   func(a *upload.Account) { a.Options[optionComment] = "6" },
		"geo":            func(a *upload.Account) { a.Options[optionGeo] = "maybe" },
		"too many lanes": func(a *upload.Account) { a.Options[optionLanes] = "4" },
		"lanes":          func(a *upload.Account) { a.Options[optionLanes] = "many" },
	} {
		a := testAccount("https://photos.home")
		change(&a)
		_, err := New(a, http.DefaultClient)
		if e := mustBe(t, err, upload.Denied); e.Hint == "" {
			t.Errorf("%s: %+v", name, e)
		}
	}
	for given, want := range map[string]int{"": 1, "1": 1, "3": 3, "9": 3, "x": 1} {
		a := testAccount("https://photos.home")
		a.Options[optionLanes] = given
		if got := Service.Lanes(a); got != want {
			t.Errorf("lanes %q: %d, want %d", given, got, want)
		}
	}
}
