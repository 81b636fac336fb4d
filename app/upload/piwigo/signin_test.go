package piwigo

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	emulator "github.com/photoferry/photoferry/app/practice/piwigo"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

func TestRebuildingServerIsBusy(t *testing.T) {
	b := startServer(t, emulator.Options{CacheBusyEvery: 1})
	_, err := clientFor(t, b.account()).Check(t.Context())
	if e, ok := errors.AsType[*upload.Error](err); !ok || e.Kind != upload.Busy || e.RetryAfter != maxPatience {
		t.Errorf("%+v", err)
	}
}

func TestNetworkChange(t *testing.T) {
	b := startServer(t, emulator.Options{})
	c := clientFor(t, b.account())
	first := uploadtest.Item("a.jpg", 20_000)
	if _, err := c.Upload(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	if err := b.Configure(func(o *emulator.Options) { o.ClientAddress = "10.9.8.7:1" }); err != nil {
		t.Fatal(err)
	}
	second := uploadtest.Item("b.jpg", 20_000)
	if _, err := c.Upload(t.Context(), second); err != nil {
		t.Error(err)
	}
	if n := b.Logins(); n != 2 {
		t.Errorf("%d sign-ins, want 2", n)
	}
	b.mustHold(first, second)
}

func TestSignIns(t *testing.T) {
	for _, tt := range []struct {
		name         string
		options      emulator.Options
		user, secret string
		account      []string
		kind         upload.Kind
		words        string // "" is success
	}{
		{"password", emulator.Options{}, testUser, testSecret, nil, 0, ""},
		{"key in two halves", emulator.Options{}, testKeyID, testKey, nil, 0, ""},
		{"key as secret", emulator.Options{}, "", testKeyID + ":" + testKey, nil, 0, ""},
		{"key as secret, with a user", emulator.Options{}, "whoever", testKeyID + ":" + testKey, nil, 0, ""},
		{"wrong key", emulator.Options{}, testKeyID, strings.Repeat("x", 40), nil, upload.Denied, "API key"},
		{"key on an old server", emulator.Options{Version: emulator.V14}, testKeyID, testKey, nil, upload.Denied, "Piwigo 16"},
		{"wrong password", emulator.Options{}, testUser, "x", nil, upload.Denied, "wrong"},
		{"nothing", emulator.Options{}, "", "", nil, upload.Denied, "API key"},
		{"second factor", emulator.Options{TwoFactor: emulator.TwoFactorError}, "careful", testSecret, nil, upload.Denied, "API key"},
		{"second factor of old", emulator.Options{TwoFactor: emulator.TwoFactorRedirect}, "careful", testSecret, nil, upload.Denied, "API key"},
		{"basic auth", emulator.Options{FrontUser: "f", FrontPassword: "g"}, testUser, testSecret, []string{"front_user=f", "front_password=g"}, 0, ""},
		{"basic auth and a key", emulator.Options{FrontUser: "f", FrontPassword: "g"}, testKeyID, testKey, []string{"front_user=f", "front_password=g"}, 0, ""},
		{"basic auth left out", emulator.Options{FrontUser: "f", FrontPassword: "g"}, testUser, testSecret, nil, upload.Denied, "front_user"},
		{"no right", emulator.Options{}, "reader", testSecret, nil, upload.Denied, "may not upload"},
		{"Community", emulator.Options{Community: true}, "member", testSecret, nil, 0, ""},
		{"Community without a grant", emulator.Options{Community: true}, "reader", testSecret, nil, upload.Denied, "may not upload"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := startServer(t, tt.options)
			a := b.with(tt.account...)
			a.User, a.Secret = tt.user, tt.secret
			l, err := clientFor(t, a).Check(t.Context())
			if tt.words != "" {
				mustKind(t, err, tt.kind, tt.words)
				if n := len(l.Ticks); n == 0 || l.Ticks[n-1].OK {
					t.Errorf("ticks %+v do not end with what failed", l.Ticks)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var what []string
			for _, tick := range l.Ticks {
				what = append(what, tick.What)
			}
			if got := strings.Join(what, ", "); got != "Address, Sign-in, May upload, How it sends, Kinds, Duplicate check, Albums, Largest request" {
				t.Errorf("ticks %s", got)
			}
		})
	}
}

func TestKeyInTheHeader(t *testing.T) {
	b := startServer(t, emulator.Options{})
	// A server that lets nobody sign in with a key.
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if emulator.FunctionOf(r) == "pwg.session.login" {
			_, _ = io.WriteString(w, `{"stat":"fail","err":999,"message":"Invalid username\/password"}`)
			return
		}
		b.faults.ServeHTTP(w, r)
	}))
	defer front.Close()
	a := b.account()
	a.URL, a.User, a.Secret = front.URL, testKeyID, testKey
	for _, method := range []string{methodSimple, methodAsync, methodUpload} {
		a.Options = map[string]string{optionMethod: method}
		c := clientFor(t, a)
		it := uploadtest.Item("a.jpg", 20_000)
		if r, err := c.Upload(t.Context(), it); err != nil || r.Verified == "" {
			t.Errorf("%s: %+v, %v", method, r, err)
		}
		if r, err := c.Find(t.Context(), it); err != nil || !r.Known {
			t.Errorf("%s: %+v, %v", method, r, err)
		}
		if err := c.Finish(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if n := b.Logins(); n != 0 {
		t.Errorf("%d sign-ins", n)
	}
}
