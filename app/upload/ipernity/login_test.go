package ipernity

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	emulator "github.com/photoferry/photoferry/app/practice/ipernity"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

var formField = regexp.MustCompile(`name="form" value="([^"]+)"`)

// answer opens the consent page as a browser does and presses a button.
func answer(t *testing.T, page, button string) {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar, Transport: &http.Transport{}}
	defer browser.CloseIdleConnections()
	read := func(resp *http.Response, err error) string {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		body, err := io.ReadAll(resp.Body)
		if err != nil || resp.StatusCode != http.StatusOK {
			t.Fatalf("the page answers %d: %s, %v", resp.StatusCode, body, err)
		}
		return string(body)
	}
	form := formField.FindStringSubmatch(read(browser.Get(page)))
	if form == nil {
		t.Fatal("the page has no form")
	}
	read(browser.PostForm(page, url.Values{"form": {form[1]}, "answer": {button}}))
}

// TestSignIn goes through the sign-in in the browser, with a restart of the
// program between its halves.
func TestSignIn(t *testing.T) {
	b := startServer(t, emulator.Options{SignedIn: "member"})
	signedOut := func(a *upload.Account) { a.Token = "" }
	page, note, err := b.client(signedOut).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	if !strings.HasPrefix(page, b.url+"/apps/authorize?") || q.Get("perm_doc") != "write" || q.Get("api_key") != vectorKey || len(q) != 4 ||
		strings.Contains(page, vectorSecret) || strings.Contains(note, vectorSecret) {
		t.Errorf("page %s, note %s", page, note)
	}

	_, err = b.client(signedOut).Finish(t.Context(), note)
	if e := mustBe(t, err, upload.Denied); !strings.Contains(e.Reason, "not confirmed yet") || !strings.Contains(e.Hint, "finish it then") {
		t.Errorf("before the answer: %+v", e)
	}
	answer(t, page, "allow")
	token, err := b.client(signedOut).Finish(t.Context(), note)
	if err != nil {
		t.Fatal(err)
	}
	c := b.client(func(a *upload.Account) { a.Token = token })
	if l, err := c.Check(t.Context()); err != nil || l.User != "member" {
		t.Errorf("%+v, %v", l, err)
	}
	must(t)(c.Upload(t.Context(), uploadtest.Item("a.jpg", 3000)))

	_, err = b.client(signedOut).Finish(t.Context(), note)
	if e := mustBe(t, err, upload.Denied); !strings.Contains(e.Hint, "begin the sign-in again") {
		t.Errorf("a second time: %+v", e)
	}
}

func TestSignInThatIsRefused(t *testing.T) {
	b := startServer(t, emulator.Options{SignedIn: "member"})
	c := b.client(func(a *upload.Account) { a.Token = "" })
	page, note, err := c.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	answer(t, page, "deny")
	_, err = c.Finish(t.Context(), note)
	mustBe(t, err, upload.Denied)

	// Hours later the same refusal means something else.
	c.now = func() time.Time { return time.Now().Add(3 * time.Hour) }
	_, err = c.Finish(t.Context(), note)
	if e := mustBe(t, err, upload.Denied); !strings.Contains(e.Reason, "too long ago") || !strings.Contains(e.Hint, "Begin") {
		t.Errorf("%+v", e)
	}
	for _, note := range []string{"", "x", " 5", "x y", "123456789-0ad5e2a8"} {
		_, err = c.Finish(t.Context(), note)
		if e := mustBe(t, err, upload.Denied); !strings.Contains(e.Hint, "Begin") {
			t.Errorf("note %q: %+v", note, e)
		}
	}
}

// TestSignInsThatAreNoGood are answers that must not be kept as a token.
func TestSignInsThatAreNoGood(t *testing.T) {
	s := newStub(t, nil)
	c := testClient(t, s.URL, nil)
	for answer, want := range map[string]upload.Kind{
		`{"auth":{"token":"1-a","permissions":{"doc":"read"}},` + okAPI + `}`: upload.Denied,
		`{"auth":{"token":"1-a","perms":{"doc":"none"}},` + okAPI + `}`:       upload.Denied,
		`{"auth":{},` + okAPI + `}`:                                           upload.Transient,
		`{` + okAPI + `}`:                                                     upload.Transient,
		refusalOf(105):                                                        upload.Denied,
	} {
		s.answer(getToken, answer)
		token, err := c.Finish(t.Context(), "123456789-0ad5e2a8 1388534400")
		if token != "" {
			t.Errorf("%s gives the token %q", answer, token)
		}
		mustBe(t, err, want)
	}
	for answer, want := range map[string]upload.Kind{
		`{"auth":{},` + okAPI + `}`:             upload.Transient,
		`{"auth":{"frob":"a b"},` + okAPI + `}`: upload.Transient,
		refusalOf(101):                          upload.Denied,
	} {
		s.answer(getFrob, answer)
		_, _, err := c.Begin(t.Context())
		mustBe(t, err, want)
	}
	s.answer(getFrob, `{"auth":{"frob":"123456789-0ad5e2a8"},`+okAPI+`}`)
	c.now = func() time.Time { return time.Unix(1388534400, 0) }
	page, note, err := c.Begin(t.Context())
	if want := s.URL + "/apps/authorize?api_key=" + vectorKey + "&api_sig=a52885aab9fa43bf650ad426fc21cc7a&frob=123456789-0ad5e2a8&perm_doc=write"; err != nil || page != want || note != "123456789-0ad5e2a8 1388534400" {
		t.Errorf("%s, %q, %v, want %s", page, note, err, want)
	}
}
