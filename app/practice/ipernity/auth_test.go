package ipernity

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"testing"
	"time"
)

func TestChecksComeInTheirOrder(t *testing.T) {
	o := Options{Users: append(DefaultUsers(), User{ID: 3, Name: "closed", Closed: true})}
	r := newRig(t, o)
	good, read, closed := r.Token("member", "write"), r.Token("member", "read"), r.Token("closed", "write")
	for _, c := range []struct {
		name, verb, path string
		p                params
		want             int
	}{
		{"format before all", http.MethodGet, "/api/nothing/soap", params{}, 102},
		{"method before verb", http.MethodGet, "/api/doc.remove/json", params{}, 103},
		{"no method", http.MethodGet, "/api/", params{}, 103},
		{"a method that the list has and the service does not", http.MethodPost, "/api/doc.albums.add", params{}, 103},
		{"verb before key", http.MethodGet, "/api/upload.file/json", params{}, 120},
		{"key", http.MethodPost, "/api/upload.file/json", params{"api_sig": "x"}, 100},
		{"wrong key", http.MethodPost, "/api/upload.file/json", params{"api_key": officialKey}, 101},
		{"signature", http.MethodPost, "/api/upload.file/json", params{"api_key": DefaultKey}, 104},
		{"signature although there is a token", http.MethodPost, "/api/doc.get", params{"api_key": DefaultKey, "auth_token": good}, 104},
		{"wrong signature", http.MethodPost, "/api/upload.file/json", params{"api_key": DefaultKey, "api_sig": "0"}, 105},
		{"wrong signature where none is needed", http.MethodPost, "/api/test.hello", params{"api_key": DefaultKey, "api_sig": "0"}, 105},
		{"token", http.MethodPost, "/api/upload.file/json", params{"sign": ""}, 106},
		{"wrong token", http.MethodPost, "/api/upload.file/json", params{"sign": "", "auth_token": "12345-000000000000"}, 107},
		{"wrong token where none is needed", http.MethodPost, "/api/test.hello", params{"sign": "", "auth_token": "x"}, 107},
		{"closed account", http.MethodPost, "/api/upload.file/json", params{"sign": "", "auth_token": closed}, 108},
		{"permission", http.MethodPost, "/api/upload.file/json", params{"sign": "", "auth_token": read}, 110},
		{"permission to delete", http.MethodPost, "/api/doc.delete/json", params{"sign": "", "auth_token": good}, 110},
		{"the method's own error at last", http.MethodPost, "/api/upload.file/json", params{"sign": "", "auth_token": good}, 1},
		{"no format", http.MethodPost, "/api/upload.file", params{"sign": "", "auth_token": good}, 1},
		{"GET where it is enough", http.MethodGet, "/api/auth.getFrob", params{"sign": ""}, 0},
		{"no signature where none is needed", http.MethodGet, "/api/test.hello/json", params{"api_key": DefaultKey}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := c.p.with()
			if _, ok := p["sign"]; ok {
				delete(p, "sign")
				p = r.sign(FunctionOf(httptest.NewRequest(c.verb, c.path, nil)), p)
			}
			var a answer
			if c.verb == http.MethodGet {
				a = r.get(c.path + "?" + p.encode())
			} else {
				a = r.post(c.path, p)
			}
			if got := code(t, a); got != c.want || a.status != 200 {
				t.Errorf("%d %s, want code %d", a.status, a.body, c.want)
			}
		})
	}
}

func TestEveryMethodKeepsItsRules(t *testing.T) {
	r := newRig(t, Options{})
	none := r.Token("member", "")
	for name, m := range methods {
		if m.post {
			if got := code(t, r.get("/api/"+name+"?"+r.sign(name, r.as("member")).encode())); got != postRequired {
				t.Errorf("GET of %s: %d", name, got)
			}
		}
		key := params{"api_key": r.Key()}
		if got := code(t, r.post("/api/"+name, key)); m.signed != (got == signatureMissing) {
			t.Errorf("%s without signature: %d", name, got)
		}
		if got := code(t, r.call(name, nil)); m.token != (got == tokenMissing) {
			t.Errorf("%s without token: %d", name, got)
		}
		if got := code(t, r.call(name, params{"auth_token": none})); (m.needs != "") != (got == permissionMissing) {
			t.Errorf("%s without permission: %d", name, got)
		}
		if r.Requests(name) == 0 {
			t.Errorf("%s is not counted", name)
		}
	}
	before := r.Requests("")
	r.wantCode(methodUnknown, "no.such", nil)
	if r.Requests("") != before+1 || r.Requests("no.such") != 0 {
		t.Errorf("%d requests, then %d", before, r.Requests(""))
	}
	if fs := Functions(); !slices.IsSorted(fs) || len(fs) != len(methods)+1 || !slices.Contains(fs, "authorize") {
		t.Errorf("functions are %v", fs)
	}
}

func TestFunctionOf(t *testing.T) {
	for path, want := range map[string]string{
		"/api/upload.file": "upload.file", "/api/upload.file/": "upload.file", "/api/upload.file/json": "upload.file",
		"/api/": "", "/apps/authorize": "authorize", "/doc/1/2": "", "/": "", "/img/1.2.3.4": "",
	} {
		if got := FunctionOf(httptest.NewRequest(http.MethodGet, path, nil)); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}

// frob asks for one.
func (r *rig) frob() string {
	r.t.Helper()
	f := dig(r.ok("auth.getFrob", nil), "auth", "frob")
	if !regexp.MustCompile(`^\d{9}-[0-9a-f]{8}$`).MatchString(f) {
		r.t.Fatalf("frob is %q", f)
	}
	return f
}

func TestFrobIsExchangedOnceAndInTime(t *testing.T) {
	r := newRig(t, Options{FrobLife: 5 * time.Minute})
	grant := func(f string) {
		t.Helper()
		if !r.frobs.answer(f, r.now(), true, 12345, perms{"doc": "write"}) {
			t.Fatal("frob was not waiting")
		}
	}
	r.wantCode(1, "auth.getToken", nil)
	r.wantCode(2, "auth.getToken", params{"frob": "123456789-0ad5e2a8"})

	f := r.frob()
	r.wantCode(2, "auth.getToken", params{"frob": f}) // too early, which leaves it as it is
	grant(f)
	m := r.ok("auth.getToken", params{"frob": f})
	token := dig(m, "auth", "token")
	if !regexp.MustCompile(`^12345-[0-9a-f]{12}$`).MatchString(token) || dig(m, "auth", "permissions", "doc") != "write" ||
		dig(m, "auth", "permissions", "blog") != "none" || dig(m, "auth", "user", "user_id") != "12345" ||
		dig(m, "auth", "user", "username") != "member" || dig(m, "auth", "user", "is_pro") != "1" {
		t.Errorf("token answer is %v", m)
	}
	r.wantCode(2, "auth.getToken", params{"frob": f})
	if again := r.ok("auth.checkToken", params{"auth_token": token}); dig(again, "auth", "token") != token || dig(again, "auth", "permissions", "doc") != "write" {
		t.Errorf("checkToken says %v", again)
	}

	late := r.frob()
	grant(late)
	r.turn(5 * time.Minute)
	r.wantCode(2, "auth.getToken", params{"frob": late})

	r.set(func(o *Options) { o.EarlyBurnsFrob = true })
	burnt := r.frob()
	r.wantCode(2, "auth.getToken", params{"frob": burnt})
	if r.frobs.answer(burnt, r.now(), true, 12345, nil) {
		t.Error("a burnt frob can be granted")
	}
	if r.Logins() != 1 {
		t.Errorf("%d logins", r.Logins())
	}
	r.set(func(o *Options) { o.PermsBlock = true })
	if m := r.ok("auth.checkToken", params{"auth_token": token}); dig(m, "auth", "perms", "doc") != "write" || dig(m, "auth", "permissions") != "" {
		t.Errorf("with perms: %v", m)
	}
}

func TestTokensAreRevokedAndIssued(t *testing.T) {
	r := newRig(t, Options{})
	p := r.as("member")
	r.ok("auth.checkToken", p)
	r.RevokeTokens()
	r.wantCode(107, "auth.checkToken", p)
	p = r.as("guest")
	r.ok("auth.checkToken", p)
	r.ExpireSessions()
	r.wantCode(107, "auth.checkToken", p)
	for _, c := range [][2]string{{"nobody", "write"}, {"member", "admin"}} {
		if r.Token(c[0], c[1]) != "" {
			t.Errorf("a token for %v", c)
		}
	}
	gone := r.as("member")
	r.set(func(o *Options) { o.Users = o.Users[1:] })
	r.wantCode(107, "auth.checkToken", gone)
}

func TestLimitsOfCalls(t *testing.T) {
	r := newRig(t, Options{AppLimit: Limit{Calls: 3, Per: time.Minute}})
	for i, want := range []int{0, 0, 0, appQuota, appQuota} {
		if got := code(t, r.call("test.hello", nil)); got != want {
			t.Errorf("call %d: %d, want %d", i, got, want)
		}
	}
	r.turn(time.Minute)
	r.wantCode(0, "test.hello", nil)
	r.turn(time.Hour)
	r.set(func(o *Options) { o.AppLimit, o.IPLimit = Limit{}, Limit{Calls: 1} })
	r.wantCode(0, "test.hello", nil)
	r.wantCode(ipQuota, "test.hello", nil)
	r.turn(time.Hour)
	r.wantCode(0, "test.hello", nil)
}
