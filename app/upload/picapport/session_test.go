package picapport

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	emulator "github.com/photoferry/photoferry/app/practice/picapport"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

func TestWaysToSignIn(t *testing.T) {
	for _, tt := range []struct {
		name    string
		options emulator.Options
		change  func(*upload.Account)
		denied  string // a part of the reason; "" when it works
	}{
		{"RSA", emulator.Options{}, nil, ""},
		{"RSA with a key per session", emulator.Options{KeyPerSession: true}, nil, ""},
		{"plain", emulator.Options{NoEncryption: true}, nil, ""},
		{"password read as UTF-8", emulator.Options{PasswordUTF8: true}, nil, ""},
		{"API key", emulator.Options{APIKey: testKey}, func(a *upload.Account) { a.Options = map[string]string{"api_key": testKey} }, ""},
		{"wrong API key", emulator.Options{APIKey: testKey}, func(a *upload.Account) { a.Options = map[string]string{"api_key": "wrong"} }, "gives out no session"},
		{"no API key", emulator.Options{APIKey: testKey}, nil, "gives out no session"},
		{"wrong password", emulator.Options{}, func(a *upload.Account) { a.Secret = "falsch-ä" }, "user or password is wrong"},
		{"wrong user", emulator.Options{}, func(a *upload.Account) { a.User = "nobody" }, "user or password is wrong"},
		{"password beyond RSA", emulator.Options{}, func(a *upload.Account) { a.Secret = strings.Repeat("x", 118) }, "longer than the server can take"},
		{"password beyond Latin-1", emulator.Options{}, func(a *upload.Account) { a.Secret = "秘密" }, "user or password is wrong"},
		{"user's ID as session", emulator.Options{}, func(a *upload.Account) { a.User, a.Secret = "self", "" }, ""},
		{"user's ID as session, with an API key", emulator.Options{APIKey: testKey, APIKeyOnImplicit: true}, func(a *upload.Account) {
			a.User, a.Secret, a.Options = "self", "", map[string]string{"api_key": testKey}
		}, ""},
		{"ID of a user with a password", emulator.Options{}, func(a *upload.Account) { a.Secret = "" }, "without a password"},
		{"default user", emulator.Options{DefaultUID: "self"}, func(a *upload.Account) { a.User, a.Secret = "", "" }, ""},
		{"no default user", emulator.Options{}, func(a *upload.Account) { a.User, a.Secret = "", "" }, "no default user"},
		{"WebApi switched off", emulator.Options{Disabled: true}, nil, "no PicApport WebApi"},
		{"WebApi switched off, by user's ID", emulator.Options{Disabled: true}, func(a *upload.Account) { a.User, a.Secret = "self", "" }, "no PicApport WebApi"},
		{"address of the web pages", emulator.Options{}, func(a *upload.Account) { a.URL += "/picapport/#home" }, ""},
		{"address of the WebApi", emulator.Options{}, func(a *upload.Account) { a.URL += "/picapportapi/1.0/" }, ""},
	} {
		for _, profile := range []emulator.Profile{emulator.V74, emulator.V104} {
			t.Run(tt.name+" to "+profile.String(), func(t *testing.T) {
				o := tt.options
				o.Profile = profile
				b := startServer(t, o)
				a := b.account()
				if tt.change != nil {
					tt.change(&a)
				}
				c := b.client(a)
				l, err := c.Check(t.Context())
				if tt.denied != "" {
					e, ok := errors.AsType[*upload.Error](err)
					if !ok || e.Kind != upload.Denied || e.Hint == "" || !strings.Contains(e.Reason, tt.denied) {
						t.Errorf("%v, want %q", err, tt.denied)
					}
					if b.Logins() != 0 || len(l.Ticks) == 0 || l.Ticks[len(l.Ticks)-1].OK {
						t.Errorf("%d sign-ins, ticks %+v", b.Logins(), l.Ticks)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				for range 2 {
					r, err := c.Upload(t.Context(), uploadtest.Item("a.jpg", 3000))
					if err != nil {
						t.Fatal(err)
					}
					if strings.Contains(r.URL, c.sessions.Current().name()) || a.Secret != "" && strings.Contains(r.URL, "apisid") {
						t.Errorf("a session is in %s", r.URL)
					}
					if direct := a.Secret == "" && a.Options == nil; direct != strings.Contains(r.URL, "getPhoto") {
						t.Errorf("the link is %s", r.URL)
					} else if direct {
						mustBeThere(t, r.URL)
					}
				}
				if n := b.Sessions(); n > 2 { // the client's, and one of the plain GET
					t.Errorf("%d sessions for one account", n)
				}
			})
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

// mustBeThere looks at a photo as a person does, without any session.
func mustBeThere(t *testing.T, link string) {
	t.Helper()
	resp, err := http.Get(link)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("the link %s gives %s", link, resp.Status)
	}
}

func TestWrongPasswordIsAskedOnceByAll(t *testing.T) {
	b := startServer(t, emulator.Options{})
	a := b.account()
	a.Secret = "wrong-password"
	c := b.client(a)
	var wg sync.WaitGroup
	start := make(chan struct{})
	for range 10 {
		wg.Go(func() {
			<-start
			if _, err := c.Upload(t.Context(), uploadtest.Item("a.jpg", 3000)); upload.KindOf(err) != upload.Denied {
				t.Errorf("%v", err)
			}
		})
	}
	close(start)
	wg.Wait()
	if n := b.Requests("authorizeWebApiSession"); n > 3 {
		t.Errorf("ten uploads at once tried a wrong password %d times", n)
	}
}

func TestRefusalAfterSigningInAgain(t *testing.T) {
	for _, tt := range []struct {
		name   string
		faults []string
		change func(*emulator.Options)
		kind   upload.Kind
		reason string
	}{
		{"demo mode", nil, func(o *emulator.Options) { o.DemoMode = true }, upload.Denied, "may not upload"},
		{"demo mode with 501", nil, func(o *emulator.Options) { o.DemoMode, o.DemoStatus = true, 501 }, upload.Denied, "lacks this function"},
		{"a right that was taken away", nil, func(o *emulator.Options) {
			for i := range o.Users {
				o.Users[i].Permissions = nil
			}
		}, upload.Denied, "may not upload"},
		{"a session that is forgotten again and again", []string{"/upload:expire"}, nil, upload.Transient, "forgot the session twice"},
		{"no session to spare", []string{"/upload:expire", "/createWebApiSession:status:code=403"}, nil, upload.Busy, "no session to spare"},
		{"a password that was changed", []string{"/upload:expire:times=1"}, func(o *emulator.Options) {
			for i := range o.Users {
				o.Users[i].Password = "another"
			}
		}, upload.Denied, "user or password is wrong"},
		{"a server that restarts between two calls", []string{"/upload:expire:times=1", "/authorizeWebApiSession:expire:times=1"}, nil, 255, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := startServer(t, emulator.Options{})
			c := b.client(b.account())
			if _, err := c.Upload(t.Context(), uploadtest.Item("good.jpg", 3000)); err != nil {
				t.Fatal(err)
			}
			b.fault(tt.faults...)
			if tt.change != nil {
				if err := b.Configure(tt.change); err != nil {
					t.Fatal(err)
				}
			}
			_, err := c.Upload(t.Context(), uploadtest.Item("a.jpg", 3000))
			if tt.reason == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			e, ok := errors.AsType[*upload.Error](err)
			if !ok || e.Kind != tt.kind || !strings.Contains(e.Reason, tt.reason) || e.Hint == "" {
				t.Errorf("%+v, want %v, %q", e, tt.kind, tt.reason)
			}
		})
	}
}

// TestSignInOverARedirect follows to https and sends photos there at once,
// because the body of an upload does not survive such a redirect.
func TestSignInOverARedirect(t *testing.T) {
	b := startServer(t, emulator.Options{})
	secure := httptest.NewTLSServer(b.faults)
	defer secure.Close()
	plain := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet {
			t.Errorf("%s %s goes to the plain server", r.Method, r.URL.Path)
		}
		http.Redirect(w, r, secure.URL+r.URL.RequestURI(), http.StatusMovedPermanently)
	}))
	defer plain.Close()
	a := b.account()
	a.URL, a.Fingerprint = plain.URL, upload.Fingerprint(secure.Certificate())
	c := b.client(a)
	r, err := c.Upload(t.Context(), uploadtest.Item("a.jpg", 3000))
	if err != nil || !strings.HasPrefix(r.URL, secure.URL) {
		t.Errorf("%+v, %v", r, err)
	}
}

// TestProxyWithoutItsServer takes a server whose functions are missing for a
// while not for an old one, which would get photos without their IDs.
func TestProxyWithoutItsServer(t *testing.T) {
	for _, status := range []string{"404", "501"} {
		b := startServer(t, emulator.Options{})
		c := b.client(b.account())
		if _, err := c.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.fault("/getServerStatus:status:code="+status, "/checkPhotoId:status:code="+status)
		b.ExpireSessions()
		_, err := c.Check(t.Context())
		mustBeTransient(t, err)
		it := uploadtest.Item("a.jpg", 3000)
		_, err = c.Find(t.Context(), it)
		mustBeTransient(t, err)
		b.fault()
		if _, err := c.Upload(t.Context(), it); err != nil {
			t.Fatal(err)
		}
		if id := b.photos()[0].ID; id != PhotoID(it.SHA256) {
			t.Errorf("the photo got the ID %s", id)
		}
	}
}

func mustBeTransient(t *testing.T, err error) {
	t.Helper()
	if e, ok := errors.AsType[*upload.Error](err); !ok || e.Kind != upload.Transient || e.Hint == "" {
		t.Errorf("%v, want a passing error with a hint", err)
	}
}

func TestFaultsOfEveryFunction(t *testing.T) {
	b := startServer(t, emulator.Options{})
	for _, function := range []string{"createWebApiSession", "authorizeWebApiSession", "getServerStatus", "checkPhotoId"} {
		for fault, want := range map[string]upload.Kind{
			"reset-before": upload.Transient, "html": upload.Transient, "html:code=502": upload.Transient,
			"empty": upload.Transient, "cut": upload.Transient, "endless": upload.Transient,
			"status:code=500": upload.Transient, "status:code=503": upload.Busy, "status:code=429:retry-after=3": upload.Busy,
			"status:code=401": upload.Denied, "status:code=400": 254, "status:code=413": 254,
			"redirect:to=http://127.0.0.9:9/": upload.Denied,
		} {
			t.Run(function+" "+fault, func(t *testing.T) {
				c := b.client(b.account())
				b.fault("/" + function + ":" + fault)
				it := uploadtest.Item("a.jpg", 3000)
				_, err := c.Find(t.Context(), it)
				e, ok := errors.AsType[*upload.Error](err)
				switch {
				case !ok:
					t.Errorf("%v", err)
				case want == 254 && e.Kind == upload.Rejected:
					t.Errorf("%v blames the photo", err)
				case want != 254 && e.Kind != want:
					t.Errorf("%v is %v, want %v", err, e.Kind, want)
				}
				b.fault()
				if _, err := c.Upload(t.Context(), it); err != nil {
					t.Errorf("after the fault: %v", err)
				}
			})
		}
	}
}

func TestPasswordsAreEncryptedAsDocumented(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	a := newSessionAnswer{Algorithm: "RSA", Exponent: "10001", Modulus: key.N.Text(16)}
	for _, password := range []string{"", "secret", strings.Repeat("x", 117)} {
		text, err := a.encrypt([]byte(password))
		if err != nil {
			t.Fatal(err)
		}
		cipher, err := hex.DecodeString(text)
		if err != nil || len(text) != 256 || strings.ToLower(text) != text {
			t.Errorf("%q: %v", text, err)
		}
		plain, err := rsa.DecryptPKCS1v15(nil, key, cipher) //nolint:staticcheck // PicApport's own choice, which we do not have
		if err != nil || string(plain) != password {
			t.Errorf("%q: %q, %v", password, plain, err)
		}
	}
	for in, want := range map[string][]string{
		"plain":  {"plain"},
		"Fähre":  {"F\xe4hre", "Fähre"},
		"Fähre秘": {"Fähre秘"},
	} {
		var got []string
		for _, b := range charsets(in, "RSA") {
			got = append(got, string(b))
		}
		if strings.Join(got, "|") != strings.Join(want, "|") {
			t.Errorf("%q: %q", in, got)
		}
	}
}

func FuzzEncrypt(f *testing.F) {
	f.Add("RSA", "10001", "b3c1", "password")
	f.Add("RSA", "10001", strings.Repeat("f", 256), "password")
	f.Add("RSA", "1", strings.Repeat("e", 256), "password")
	f.Add("rsa", "7fffffff", "c"+strings.Repeat("0", 254)+"1", "password")
	f.Add("RSA", "-3", "-5", "")
	f.Add("none", "", "", "password")
	f.Add("AES", "", "", "password")
	f.Fuzz(func(t *testing.T, algorithm, exponent, modulus, password string) {
		a := newSessionAnswer{Algorithm: algorithm, Exponent: exponent, Modulus: modulus}
		text, err := a.encrypt([]byte(password))
		if err != nil {
			if _, ok := errors.AsType[*upload.Error](err); !ok {
				t.Errorf("%v is no *upload.Error", err)
			}
			return
		}
		if !a.plain() && len(text) < 256 {
			t.Errorf("encrypted with %d bits", 4*len(text))
		}
	})
}

func TestEndpointsEscapePhotoIDs(t *testing.T) {
	got := endpoint("https://photos.home/base", "checkPhotoId", url.Values{"photoid": {"vm3+Z4/GQcOqLNWCOUWleA"}})
	if want := "https://photos.home/base/picapportapi/1.0/checkPhotoId?photoid=vm3%2BZ4%2FGQcOqLNWCOUWleA"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}
