package universal

import (
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// createToken gets a token for the first community.
func (r *rig) createToken(p params) string {
	r.t.Helper()
	a := r.post(r.guide("up.auth.createToken", p))
	if a.code() != 0 {
		r.t.Fatal(a.body)
	}
	return strings.TrimSpace(a.xml().Text)
}

// guide signs a call of generation A as the guide does it.
func (r *rig) guide(method string, p params) params {
	all := params{"method": method, "apiKey": r.Key(), "community": r.Community()}
	return all.with(p).signed("apiSig", r.Secret())
}

func (r *rig) getSession(token string, p params) answer {
	r.t.Helper()
	all := params{"method": "up.auth.getSession", "api_key": r.Key(), "auth_token": token, "format": "json"}
	return r.post(all.with(p).signed("sig", r.Secret()))
}

// person is somebody at a browser.
type person struct {
	*rig
	http *http.Client
}

func (r *rig) person() person {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	return person{r, &http.Client{Transport: r.http.Transport, Jar: jar}}
}

func (p person) open(path string) answer {
	p.t.Helper()
	r := *p.rig
	r.http = p.http
	return r.request("GET", path, "", nil)
}

var hidden = regexp.MustCompile(`name="form" value="([0-9a-f]+)"`)

// submit sends the form of a page.
func (p person) submit(path string, page answer, fields url.Values) answer {
	p.t.Helper()
	r := *p.rig
	r.http = p.http
	if m := hidden.FindStringSubmatch(page.body); m != nil && !fields.Has("form") {
		fields.Set("form", m[1])
	}
	return r.request("POST", path, "application/x-www-form-urlencoded", strings.NewReader(fields.Encode()))
}

func (r *rig) loginURL(token string) string {
	return "/login.php?api_key=" + r.Key() + "&auth_token=" + token
}

func TestABrowserSignsInAndAllowsAToken(t *testing.T) {
	r := newRig(t, Options{})
	token := r.createToken(params{"expires": "0"})
	if !regexp.MustCompile(`^[0-9a-f]{38}$`).MatchString(token) {
		t.Fatalf("token is %q", token)
	}
	r.getSession(token, nil).want(100, "before anybody was there")

	p, at := r.person(), r.loginURL(token)
	page := p.open(at)
	if page.status != 200 || !strings.Contains(page.body, "My Mashable") || !strings.Contains(page.body, "Sign in") || strings.Contains(page.body, "Allow") {
		t.Fatalf("first page: %d %s", page.status, page.body)
	}
	for name, fields := range map[string]url.Values{
		"wrong password":     {"action": {"signin"}, "user": {"ann"}, "password": {"ben"}},
		"unknown user":       {"action": {"signin"}, "user": {"eve"}, "password": {""}},
		"form of elsewhere":  {"action": {"signin"}, "user": {"ann"}, "password": {"ann"}, "form": {"00"}},
		"allow, but nobody":  {"action": {"allow"}},
		"unknown, by nobody": {"action": {"x"}},
	} {
		if a := p.submit(at, page, fields); a.status != 403 || !strings.Contains(a.body, "Sign in") {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
	page = p.submit(at, page, url.Values{"action": {"signin"}, "user": {"ann"}, "password": {"ann"}})
	if page.status != 200 || !strings.Contains(page.body, "Ann Example") || !strings.Contains(page.body, `value="allow"`) {
		t.Fatalf("signed in: %d %s", page.status, page.body)
	}
	r.getSession(token, nil).want(100, "before it was allowed")
	if a := r.person().submit(at, page, url.Values{"action": {"allow"}}); a.status != 403 {
		t.Errorf("another browser allows it: %d", a.status)
	}
	if a := p.submit(at, page, url.Values{"action": {"x"}}); a.status != 400 {
		t.Errorf("unknown action: %d", a.status)
	}
	done := p.submit(at, page, url.Values{"action": {"allow"}})
	if done.status != 200 || !strings.Contains(done.body, "go back to the program") {
		t.Fatalf("allowed: %d %s", done.status, done.body)
	}
	if a := p.open(at); a.status != 404 {
		t.Errorf("the page is still there: %d", a.status)
	}

	got := r.getSession(token, nil).json().(map[string]any)
	if got["uid"] != "8055" || got["expires"] != 0.0 || len(got["session_key"].(string)) != 24 || len(got["secret"].(string)) != 32 {
		t.Fatalf("session is %v", got)
	}
	r.getSession(token, nil).want(100, "a second time")
	if r.Logins() != 1 || r.Requests("login") < 8 || r.Requests("up.auth.getSession") != 4 {
		t.Errorf("%d logins, %d pages, %d calls", r.Logins(), r.Requests("login"), r.Requests("up.auth.getSession"))
	}
	u := caller{r, got["session_key"].(string), got["secret"].(string)}
	u.call("up.friends.get", nil).want(0, "with its secret")
	u.secret = r.Secret()
	u.call("up.friends.get", nil).want(104, "with the application's secret")

	// Who is signed in is not asked again.
	token = r.createToken(nil)
	page = p.open(r.loginURL(token))
	if !strings.Contains(page.body, "Ann Example") {
		t.Fatalf("second time: %s", page.body)
	}
	if a := p.submit(r.loginURL(token), page, url.Values{"action": {"deny"}}); a.status != 200 || !strings.Contains(a.body, "not allowed") {
		t.Errorf("denied: %d %s", a.status, a.body)
	}
	r.getSession(token, nil).want(100, "denied")
}

func TestLoginPageTurnsAwayWhatIsNotASignIn(t *testing.T) {
	r := newRig(t, Options{})
	token := r.createToken(nil)
	for name, c := range map[string]struct {
		method, path string
		want         int
	}{
		"good":          {"GET", r.loginURL(token), 200},
		"camel names":   {"GET", "/login.php?apiKey=" + r.Key() + "&auth_token=" + token, 200},
		"other key":     {"GET", "/login.php?api_key=x&auth_token=" + token, 404},
		"unknown token": {"GET", r.loginURL("00"), 404},
		"no token":      {"GET", "/login.php", 404},
		"damaged":       {"GET", "/login.php?auth_token=%zz", 400},
		"put":           {"PUT", r.loginURL(token), 405},
	} {
		if a := r.request(c.method, c.path, "", nil); a.status != c.want {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	a := r.request("GET", r.loginURL(token), "", nil)
	if a.header.Get("Cache-Control") != "no-store" || !strings.Contains(a.header.Get("Set-Cookie"), "HttpOnly") {
		t.Errorf("headers %v", a.header)
	}
	r.configure(func(o *Options) { o.TokenLife = time.Nanosecond })
	if a := r.request("GET", r.loginURL(token), "", nil); a.status != 404 {
		t.Errorf("old token: %d", a.status)
	}
}

func TestLoginPageSwitches(t *testing.T) {
	r := newRig(t, Options{SignedIn: "ben", LoginPath: "/community/signin"})
	token := r.createToken(nil)
	p := r.person()
	at := strings.Replace(r.loginURL(token), "/login.php", "/community/signin", 1)
	page := p.open(at)
	if !strings.Contains(page.body, "Ben Example") {
		t.Fatalf("page is %s", page.body)
	}
	p.submit(at, page, url.Values{"action": {"allow"}})
	if got := r.getSession(token, nil).json().(map[string]any); got["uid"] != "219074" {
		t.Errorf("session is %v", got)
	}
	if a := p.open("/login.php"); a.status != 404 {
		t.Errorf("the usual page is there: %d", a.status)
	}
}

func TestATokenIsTooOldAfterItsLife(t *testing.T) {
	r := newRig(t, Options{})
	token := r.createToken(nil)
	r.do(record{Op: opApprove, Token: token, UID: "8055"})
	start := time.Now()
	r.store.now = func() time.Time { return start.Add(10*time.Minute + time.Second) }
	r.getSession(token, nil).want(100, "after ten minutes")
	r.store.now = func() time.Time { return start.Add(9 * time.Minute) }
	r.getSession(token, params{"community": "mycommunity"}).want(100, "in another community")
	r.getSession(token, params{"community": "mashable"}).want(0, "in its own")
}

func TestSessionsLastAsLongAsTheTokenSaid(t *testing.T) {
	for _, c := range []struct {
		expires string
		code    int
		after   time.Duration // over after that
	}{
		{"60", 0, time.Hour},
		{"0", 0, 0},
		{"", 0, 24 * time.Hour},
		{"-1", 94, 0},
		{"soon", 94, 0},
		{"1.5", 94, 0},
	} {
		t.Run(c.expires, func(t *testing.T) {
			r := newRig(t, Options{})
			start := time.Now()
			a := r.post(r.guide("up.auth.createToken", params{"expires": c.expires}))
			a.want(c.code, "createToken")
			if c.code != 0 {
				return
			}
			token := strings.TrimSpace(a.xml().Text)
			r.do(record{Op: opApprove, Token: token, UID: "8055"})
			got := r.getSession(token, nil).json().(map[string]any)
			u := caller{r, got["session_key"].(string), got["secret"].(string)}
			u.call("up.friends.get", nil).want(0, "at once")
			for _, d := range []time.Duration{c.after - 5*time.Second, c.after + 5*time.Second} {
				want := 0
				if c.after > 0 && d > c.after {
					want = 102
				}
				r.store.now = func() time.Time { return start.Add(d) }
				u.call("up.friends.get", nil).want(want, d.String())
			}
			if got["expires"] == 0.0 != (c.after == 0) {
				t.Errorf("expires is %v", got["expires"])
			}
		})
	}
}

func TestSecretsAreForDesktopKeys(t *testing.T) {
	for _, c := range []struct {
		name   string
		o      Options
		secret bool
	}{
		{"desktop", Options{}, true},
		{"web", Options{Web: true}, false},
		{"secret left out", Options{NoSessionSecret: true}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(t, c.o)
			token := r.createToken(nil)
			r.do(record{Op: opApprove, Token: token, UID: "8055"})
			got := r.getSession(token, nil).json().(map[string]any)
			if _, ok := got["secret"]; ok != c.secret {
				t.Fatalf("session is %v", got)
			}
			key, _ := got["session_key"].(string)
			want := map[bool]int{true: 104}[c.secret]
			caller{r, key, r.Secret()}.call("up.friends.get", nil).want(want, "the application's secret")
			if _, secret := r.Session("ann"); secret != "" != c.secret {
				t.Errorf("Session gives the secret %q", secret)
			}
		})
	}
}

func TestGetSessionNeedsHTTPSIfToldSo(t *testing.T) {
	s, err := New(Options{Dir: t.TempDir(), NoSync: true, HTTPSOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	plain, secure := httptest.NewServer(s), httptest.NewTLSServer(s)
	defer plain.Close()
	defer secure.Close()
	a, b := &rig{s, t, plain.URL, plain.Client()}, &rig{s, t, secure.URL, secure.Client()}
	token := a.createToken(nil)
	a.do(record{Op: opApprove, Token: token, UID: "8055"})
	a.getSession(token, nil).want(100, "http")
	b.getSession(token, nil).want(0, "https")
	if u := b.as("ann"); !strings.HasPrefix(u.mustObject("up.photos.createAlbum", params{"name": "A"})["link"].(string), "https://") {
		t.Error("links lead to http")
	}
}

func TestSessionByTheShortWay(t *testing.T) {
	r := newRig(t, Options{LongKeys: true})
	if key, secret := r.Session("nobody"); key != "" || secret != "" {
		t.Errorf("nobody has the session %q", key)
	}
	u := r.as("ann")
	if !regexp.MustCompile(`^[0-9a-f]{24}-[0-9a-f]{12}\.$`).MatchString(u.key) {
		t.Errorf("session key is %q", u.key)
	}
	u.call("up.friends.get", nil).want(0, "before")
	r.ExpireSessions()
	u.call("up.friends.get", nil).want(102, "after")
	u.secret = "x"
	u.call("up.friends.get", nil).want(104, "after, and badly signed")
	r.as("ann").call("up.friends.get", nil).want(0, "a new one")
}

func TestOtherMethods(t *testing.T) {
	r := newRig(t, Options{})
	u := r.as("ann")
	list := r.post(r.guide("up.community.getList", params{"community": ""})).xml()
	if list.List != "true" || len(list.Items) != 2 || list.Items[0].get("name") != "mashable" || list.Items[1].get("url") != r.base {
		t.Errorf("communities %+v", list)
	}
	info := r.post(r.guide("up.users.getInfo", params{"uids": "8055, 1"})).xml()
	if len(info.Items) != 1 || info.Items[0].get("name") != "Ann Example" || info.Items[0].get("uid") != "8055" {
		t.Errorf("users %+v", info)
	}
	r.post(r.guide("up.users.getInfo", nil)).want(94, "nobody asked for")
	if friends := u.must("up.friends.get", nil).([]any); len(friends) != 1 || friends[0] != "219074" {
		t.Errorf("friends %v", friends)
	}
	added := u.call("up.users.isAppAdded", params{"community": "", "call_id": "1.5", "v": "1.0"})
	if e := added.xml(); strings.TrimSpace(e.Text) != "1" || e.XMLName.Space != "http://api.universalplatform.com/1.0/" {
		t.Errorf("added %s", added.body)
	}
	u.call("up.users.isAppAdded", params{"call_id": "2"}).want(100, "no v")
	u.call("up.users.isAppAdded", params{"v": "1.0"}).want(100, "no call_id")
	u.call("up.users.isAppAdded", params{"call_id": "3", "v": "1.1"}).want(100, "other v")
}
