package ipernity

import (
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/photo"
	emulator "github.com/photoferry/photoferry/app/practice/ipernity"
	"github.com/photoferry/photoferry/app/upload"
)

func ticks(l upload.Limits) string {
	var all []string
	for _, t := range l.Ticks {
		sign := "-"
		if t.OK {
			sign = "+"
		}
		all = append(all, sign+t.What+": "+t.Detail)
	}
	return strings.Join(all, "\n")
}

func TestCheckTellsAll(t *testing.T) {
	b := startServer(t, emulator.Options{Users: few(1000)})
	l, err := b.client(nil).Check(t.Context())
	want := strings.Join([]string{
		"+Address: " + b.url, "+Sign-in: as member, club member", "+May upload: ", "+Largest photo: 1073.8 MB", "+Space left: no limit",
		"+Duplicate check: by MD5, among your photos on the site", "+Kinds: jpeg, png, gif, tiff, raw, mp4, mov", "+Albums: 0 there, 1000 more possible",
	}, "\n")
	if err != nil || ticks(l) != want || l.Free != -1 || l.MaxBytes != 1<<30 || l.User != "member" || l.Server != "ipernity" || !Service.Takes(l, photo.RAW) {
		t.Errorf("%+v, %v\n%s\nwant\n%s", l, err, ticks(l), want)
	}
	l, err = b.client(func(a *upload.Account) { a.Token = b.Token("guest", "delete") }).Check(t.Context())
	if err != nil || l.Free != 200<<20 || l.MaxBytes != 5<<19 || Service.Takes(l, photo.MP4) || !Service.Takes(l, photo.PNG) ||
		!strings.Contains(ticks(l), "+Space left: 209.8 MB this month") || !strings.Contains(ticks(l), "as guest, guest") {
		t.Errorf("%+v, %v", l, err)
	}
	if l, err := testClient(t, newStub(t, nil).URL, nil).Check(t.Context()); err != nil || l.User != "ferry" || !strings.HasSuffix(ticks(l), "Albums: 3 there, 97 more possible") {
		t.Errorf("%+v, %v", l, err)
	}
}

// TestCheckEndsWithWhatIsWrong checks how far each failure lets a check come.
func TestCheckEndsWithWhatIsWrong(t *testing.T) {
	b := startServer(t, emulator.Options{})
	for _, tt := range []struct {
		name   string
		change func(*upload.Account)
		refuse map[string]int
		kind   upload.Kind
		ticks  string // the last lines
		hint   string
	}{
		{"not signed in", func(a *upload.Account) { a.Token = "" }, nil, upload.Denied, "+Address: " + b.url + "\n-Sign-in: the account is not signed in yet", "photoferry account login"},
		{"not signed in, and the key is wrong", func(a *upload.Account) { a.Token, a.Options[optionAPIKey] = "", strings.Repeat("0", 32) }, nil, upload.Denied,
			"+Address: " + b.url + "\n-Sign-in: the site does not know the API key, or has disabled it", "apps/key"},
		{"not signed in, and nobody there", func(a *upload.Account) { a.Token, a.URL = "", b.url+"/nothing" }, nil, upload.Denied, "-Address: the server has no such service at this address", "address"},
		{"nobody there", func(a *upload.Account) { a.URL = b.url + "/nothing" }, nil, upload.Denied, "-Address: the server has no such service at this address", "address"},
		{"signed out", func(a *upload.Account) { a.Token = "12345-000000000000" }, nil, upload.Denied, "-Sign-in: the sign-in is not valid any more", "account login"},
		{"wrong secret", func(a *upload.Account) { a.Secret = strings.Repeat("0", 16) }, nil, upload.Denied, "-Sign-in: the site does not accept the signature: the application's secret is wrong", "apps/key"},
		{"no right", func(a *upload.Account) { a.Token = b.Token("member", "read") }, nil, upload.Denied, "-May upload: the sign-in gives the right to look at photos", "let PhotoFerry write"},
		{"no right at all", func(a *upload.Account) { a.Token = b.Token("member", "") }, nil, upload.Denied, "-May upload: the sign-in gives the right to do nothing with photos", "let PhotoFerry write"},
		{"maintenance", nil, map[string]int{"": 501}, upload.Busy, "-Sign-in: the site is being maintained", ""},
		{"no quota", nil, map[string]int{getQuota: 500}, upload.Transient, "-May upload: the site has an internal error", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if err := b.Configure(func(o *emulator.Options) { o.Refuse = tt.refuse }); err != nil {
				t.Fatal(err)
			}
			l, err := b.client(tt.change).Check(t.Context())
			if e := mustBe(t, err, tt.kind); !strings.Contains(e.Hint, tt.hint) || !strings.HasSuffix(ticks(l), tt.ticks) {
				t.Errorf("%+v\n%s", e, ticks(l))
			}
		})
	}
}

func TestAddresses(t *testing.T) {
	const liveAPI, live = "https://api.ipernity.com/api", "https://www.ipernity.com"
	for _, tt := range []struct{ typed, api, site string }{
		{"https://www.ipernity.com", liveAPI, live},
		{"ipernity.com/home/ferry", liveAPI, live},
		{"http://api.ipernity.com/api/", liveAPI, live},
		{"WWW.Ipernity.com", liveAPI, live},
		{"https://test.ipernity.com", "https://api.test.ipernity.com/api", "https://test.ipernity.com"},
		{"http://127.0.0.1:8080/", "http://127.0.0.1:8080/api", "http://127.0.0.1:8080"},
		{"localhost:8080/api", "http://localhost:8080/api", "http://localhost:8080"},
		{"https://photos.home/base/apps/authorize?x=y", "https://photos.home/base/api", "https://photos.home/base"},
		{"https://ipernity.com.evil.example", "https://ipernity.com.evil.example/api", "https://ipernity.com.evil.example"},
	} {
		api, site, err := addresses(tt.typed)
		if err != nil || api != tt.api || site != tt.site {
			t.Errorf("%s: %s and %s, %v", tt.typed, api, site, err)
		}
	}
	if c := testClient(t, "ipernity.com", nil); c.address(uploadFile) != "https://api.ipernity.com/api/upload.file/json" || !strings.HasPrefix(c.consent("1-a"), "https://www.ipernity.com/apps/authorize?") {
		t.Errorf("%s, %s", c.address(uploadFile), c.consent("1-a"))
	}
}
