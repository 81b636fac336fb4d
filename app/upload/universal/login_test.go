package universal

import (
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	emulator "github.com/photoferry/photoferry/app/practice/universal"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

// person is somebody with a browser.
type person struct {
	t  *testing.T
	hc *http.Client
}

func newPerson(t *testing.T) *person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	hc := &http.Client{Jar: jar, Transport: &http.Transport{}}
	t.Cleanup(hc.CloseIdleConnections)
	return &person{t, hc}
}

var formField = regexp.MustCompile(`name="form" value="([^"]*)"`)

// do opens a page and, with an action, sends its form.
func (p *person) do(page string, form url.Values) string {
	p.t.Helper()
	text := p.send(http.MethodGet, page, nil)
	if form == nil {
		return text
	}
	m := formField.FindStringSubmatch(text)
	if m == nil {
		p.t.Fatalf("no form on the page: %s", text)
	}
	form.Set("form", m[1])
	return p.send(http.MethodPost, page, form)
}

func (p *person) send(method, page string, form url.Values) string {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), method, page, strings.NewReader(form.Encode()))
	if err != nil {
		p.t.Fatal(err)
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := p.hc.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return string(body)
}

// confirm signs in on the page and lets the application in.
func (p *person) confirm(page string) {
	p.t.Helper()
	p.do(page, url.Values{"action": {"signin"}, "user": {"ann"}, "password": {"ann"}})
	p.do(page, url.Values{"action": {"allow"}})
}

func TestLogin(t *testing.T) {
	for _, tt := range []struct {
		name    string
		site    emulator.Options
		options map[string]string
	}{
		{"JSON", emulator.Options{}, nil},
		{"JSON, with an object and numbers", emulator.Options{TokenObject: true, NumericIDs: true, StringCodes: true}, map[string]string{optionSpelling: "underscore"}},
		{"XML", emulator.Options{PadText: true, LongKeys: true}, map[string]string{optionFormat: "xml", optionSpelling: "camel"}},
		{"no secret of its own", emulator.Options{NoSessionSecret: true, ErrorStatus: 400}, nil},
		{"another page", emulator.Options{LoginPath: "/enter", Web: true},
			map[string]string{optionLoginPage: "{url}/enter?auth_token={token}&api_key={key}"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := startServer(t, tt.site)
			b.session = ""
			if tt.options != nil {
				b.options = tt.options
			}
			page, note, err := b.client().Begin(t.Context())
			if err != nil || !strings.HasPrefix(page, b.url+"/") || note == "" {
				t.Fatalf("%s, %v", page, err)
			}
			_, err = b.client().Finish(t.Context(), note)
			e, ok := errors.AsType[*upload.Error](err)
			if !ok || e.Kind != upload.Denied || !strings.Contains(e.Reason, "not been confirmed yet") || e.Hint == "" {
				t.Fatalf("before the confirmation: %+v", err)
			}
			newPerson(t).confirm(page)
			token, err := b.client().Finish(t.Context(), note) // by an app that was started anew
			if err != nil {
				t.Fatal(err)
			}
			b.session = token
			c := b.client()
			if own := c.session.Secret != ""; own == (tt.site.NoSessionSecret || tt.site.Web) {
				t.Errorf("the session has a secret of its own: %v", own)
			}
			l, err := c.Check(t.Context())
			if err != nil || l.User != "user 8055" {
				t.Errorf("%+v, %v", l, err)
			}
			if _, err := c.Upload(t.Context(), uploadtest.Item("a.jpg", 3000)); err != nil {
				t.Error(err)
			}
			if _, err := c.Finish(t.Context(), note); upload.KindOf(err) != upload.Denied || err == nil {
				t.Errorf("a token used twice: %v", err)
			}
		})
	}
}

func TestLoginThatCannotBe(t *testing.T) {
	b := startServer(t, emulator.Options{})
	for _, tt := range []struct {
		name   string
		change func(a *upload.Account)
		kind   upload.Kind
		reason string
	}{
		{"a wrong secret", func(a *upload.Account) { a.Secret = "wrong" }, upload.Denied, "signature is wrong"},
		{"no secret", func(a *upload.Account) { a.Secret = "" }, upload.Denied, "secret is missing"},
		{"a wrong key", func(a *upload.Account) { a.Options[optionAPIKey] = "wrong" }, upload.Denied, "application's key"},
		{"a wrong community", func(a *upload.Account) { a.Options[optionCommunity] = "nowhere" }, upload.Denied, "request"},
		{"a page that is none", func(a *upload.Account) { a.URL += "/elsewhere" }, upload.Denied, "no such service"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := b.account()
			tt.change(&a)
			c := b.clientOf(a)
			_, _, err := c.Begin(t.Context())
			e, ok := errors.AsType[*upload.Error](err)
			if !ok || e.Kind != tt.kind || !strings.Contains(e.Reason, tt.reason) || e.Hint == "" {
				t.Errorf("%+v", err)
			}
		})
	}
	b.configure(func(o *emulator.Options) { o.Outage = true })
	_, _, err := b.client().Begin(t.Context())
	if upload.KindOf(err) != upload.Busy {
		t.Errorf("an outage: %v", err)
	}
	if _, err := b.client().Finish(t.Context(), ""); upload.KindOf(err) != upload.Denied || err == nil {
		t.Errorf("nothing to finish: %v", err)
	}
}

func TestPersonWhoRefuses(t *testing.T) {
	b := startServer(t, emulator.Options{SignedIn: "ann"})
	c := b.client()
	page, note, err := c.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	newPerson(t).do(page, url.Values{"action": {"deny"}})
	if _, err := c.Finish(t.Context(), note); upload.KindOf(err) != upload.Denied || err == nil {
		t.Errorf("%v", err)
	}
}

func TestTokens(t *testing.T) {
	for _, token := range []string{"x", "{}", `{"key":"k"}`, `{"uid":"1"}`, `["key"]`, `"k"`} {
		_, err := parseToken(token)
		if upload.KindOf(err) != upload.Denied || err == nil {
			t.Errorf("%q: %v", token, err)
		}
	}
	if s, err := parseToken(""); err != nil || s.Key != "" {
		t.Errorf("no token: %v", err)
	}
}
