package ipernity

import (
	"bytes"
	"html"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// browser is a client with cookies that fills in the consent page's form.
type browser struct {
	*rig
	address string // of the page that is shown
	page    answer
}

func (r *rig) newBrowser() *browser {
	r.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		r.t.Fatal(err)
	}
	own := *r
	own.http = &http.Client{Transport: r.http.Transport, Jar: jar}
	return &browser{rig: &own}
}

// link is the address that an application opens.
func (r *rig) link(p params) string {
	p = p.with("api_key", r.Key())
	return authorizePath + "?" + p.with("api_sig", signature(p, "", r.Secret())).encode()
}

func (b *browser) open(path string) *browser {
	b.t.Helper()
	b.address, b.page = path, b.get(path)
	return b
}

var (
	formAction = regexp.MustCompile(`<form method="post" action="([^"]*)"`)
	formField  = regexp.MustCompile(`<input type="hidden" name="form" value="([^"]*)"`)
)

// press sends the form with one of its buttons.
func (b *browser) press(button string, fields ...string) *browser {
	b.t.Helper()
	action, form := formAction.FindSubmatch(b.page.body), formField.FindSubmatch(b.page.body)
	if action == nil || form == nil {
		b.t.Fatalf("no form on %s", b.page.body)
	}
	p := params{"form": html.UnescapeString(string(form[1])), "answer": button}.with(fields...)
	b.page = b.rig.post(html.UnescapeString(string(action[1])), p)
	return b
}

func (b *browser) shows(status int, text string) {
	b.t.Helper()
	if b.page.status != status || !bytes.Contains(b.page.body, []byte(text)) {
		b.t.Errorf("page is %d %s, want %d %q", b.page.status, b.page.body, status, text)
	}
}

func TestConsentFromLinkToToken(t *testing.T) {
	r := newRig(t, Options{AppName: "Ferry <1>"})
	f := r.frob()
	b := r.newBrowser()
	b.open(r.link(params{"frob": f, "perm_doc": "write"})).shows(200, "Ferry &lt;1&gt;")
	b.shows(200, "add new ones")
	if csp := b.page.header.Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") {
		t.Errorf("policy is %q", csp)
	}
	b.press("allow", "user", "member", "password", "wrong").shows(403, "User or password is wrong")
	b.press("allow", "user", "nobody", "password", "").shows(403, "User or password is wrong")
	b.press("allow", "user", "member", "password", "member").shows(200, "go back to the program")
	m := r.ok("auth.getToken", params{"frob": f})
	if dig(m, "auth", "user", "username") != "member" || dig(m, "auth", "permissions", "doc") != "write" || r.Logins() != 1 {
		t.Errorf("token answer is %v, %d logins", m, r.Logins())
	}
	b.open(r.link(params{"frob": f, "perm_doc": "write"})).shows(400, "answered already")

	// The browser stays signed in.
	f = r.frob()
	b.open(r.link(params{"frob": f, "perm_doc": "delete", "perm_profile": "read"})).shows(200, `signed in as <b id="signedin">member`)
	b.press("signout").shows(200, `name="password"`)
	b.press("allow", "user", "guest", "password", "guest").shows(200, "go back")
	if m := r.ok("auth.getToken", params{"frob": f}); dig(m, "auth", "user", "username") != "guest" || dig(m, "auth", "permissions", "profile") != "read" {
		t.Errorf("token answer is %v", m)
	}
	if r.Requests("authorize") != 8 {
		t.Errorf("%d requests of the page", r.Requests("authorize"))
	}
}

func TestDeniedFrobIsUsedUp(t *testing.T) {
	r := newRig(t, Options{SignedIn: "member"})
	f := r.frob()
	b := r.newBrowser()
	b.open(r.link(params{"frob": f, "perm_doc": "write"})).shows(200, `<b id="signedin">member`)
	b.press("deny").shows(200, "Denied")
	r.wantCode(2, "auth.getToken", params{"frob": f})
	b.open(r.link(params{"frob": f, "perm_doc": "write"})).shows(400, "answered already")
}

func TestLinksThatAreWrongSaySo(t *testing.T) {
	r := newRig(t, Options{})
	f := r.frob()
	good := params{"frob": f, "perm_doc": "write", "api_key": DefaultKey}
	sig := func(p params, method string) params { return p.with("api_sig", signature(p, method, DefaultSecret)) }
	for name, c := range map[string]struct {
		p    params
		want string
	}{
		"unknown key":             {sig(good.with("api_key", officialKey), ""), "No application"},
		"no signature":            {good, "not signed"},
		"signed with a method":    {sig(good, "auth.getToken"), "signature of this page"},
		"more than was signed":    {sig(good, "").with("perm_blog", "delete"), "signature of this page"},
		"unknown permission":      {sig(good.with("perm_doc", "admin"), ""), "does not exist"},
		"unknown area":            {sig(good.with("perm_money", "read"), ""), "does not exist"},
		"profile cannot be gone":  {sig(good.with("perm_profile", "delete"), ""), "does not exist"},
		"unknown frob":            {sig(good.with("frob", "1-a"), ""), "too old"},
		"web application's link":  {sig(params{"perm_doc": "write", "api_key": DefaultKey}, ""), "too old"},
		"no permission is enough": {sig(params{"frob": f, "api_key": DefaultKey}, ""), "see what everybody sees"},
	} {
		t.Run(name, func(t *testing.T) {
			status := 400
			if name == "no permission is enough" {
				status = 200
			}
			r.newBrowser().open(authorizePath+"?"+c.p.encode()).shows(status, c.want)
		})
	}
	r.newBrowser().open(authorizePath+"?%zz").shows(400, "damaged")
	r.turn(time.Hour)
	r.newBrowser().open(r.link(params{"frob": f})).shows(400, "too old")
}

func TestFormsOfOtherSitesAreRefused(t *testing.T) {
	r := newRig(t, Options{SignedIn: "member"})
	f := r.frob()
	path := r.link(params{"frob": f, "perm_doc": "write"})
	b := r.newBrowser().open(path)
	// With the cookie, without what the page has in its form.
	b.page = b.rig.post(path, params{"answer": "allow"})
	b.shows(403, "too old")
	b.page = b.rig.post(path, params{"answer": "allow", "form": "guessed"})
	b.shows(403, "too old")
	// With another browser's form, without the cookie.
	other := r.newBrowser().open(path)
	other.rig.http.Jar = nil
	other.press("allow").shows(403, "too old")
	r.wantCode(2, "auth.getToken", params{"frob": f})
	b.press("shrug").shows(403, "one of the buttons")
	b.press("allow").shows(200, "go back")
	// The same form again, or a button pressed twice.
	b.page = b.get(path)
	b.shows(400, "answered already")
	if got := r.request(http.MethodPut, path, nil, "").status; got != 405 {
		t.Errorf("PUT gives %d", got)
	}
}

func TestClosedAccountsCannotAllow(t *testing.T) {
	r := newRig(t, Options{Users: []User{{ID: 7, Name: "gone", Password: "pw", Closed: true}}})
	f := r.frob()
	b := r.newBrowser().open(r.link(params{"frob": f}))
	b.press("allow", "user", "gone", "password", "pw").shows(403, "closed or suspended")
	r.wantCode(2, "auth.getToken", params{"frob": f})
}

func TestBrowsersAreForgottenInTheEnd(t *testing.T) {
	r := newRig(t, Options{})
	b := r.newBrowser().open(r.link(params{"frob": r.frob(), "perm_doc": "read"}))
	b.press("allow", "user", "member", "password", "member").shows(200, "go back")
	r.turn(visitorLife + time.Second)
	b.open(r.link(params{"frob": r.frob(), "perm_doc": "read"})).shows(200, `name="password"`)
	for range maxVisitors + 10 {
		r.get("/doc/12345/1")
	}
	if n := len(r.visitors.all); n > maxVisitors {
		t.Errorf("%d browsers are remembered", n)
	}
}

func TestTheCookieIsNotForScripts(t *testing.T) {
	r := newRig(t, Options{})
	a := r.get(r.link(params{"frob": r.frob()}))
	c, err := http.ParseSetCookie(a.header.Get("Set-Cookie"))
	if err != nil || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" {
		t.Errorf("cookie %+v: %v", c, err)
	}
	if _, err := url.ParseQuery(c.Value); err != nil {
		t.Errorf("value %q: %v", c.Value, err)
	}
}
