package universal

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
)

// browsers are the people at the site's pages, in memory only. A browser has a random
// name in a cookie.
type browsers struct {
	key [32]byte // of the form tokens

	mu    sync.Mutex
	users map[string]string // signed in: browser -> user ID
}

const cookieName = "up_browser"

// maxBrowsers bounds what is remembered: beyond it everybody signs in again.
const maxBrowsers = 1000

func newBrowsers() *browsers {
	b := &browsers{users: map[string]string{}}
	rand.Read(b.key[:]) // never fails
	return b
}

// formToken ties a form to the browser that it was made for and to what it is about,
// so that no other site can make a browser send it.
func (b *browsers) formToken(browser, about string) string {
	m := hmac.New(sha256.New, b.key[:])
	m.Write([]byte(browser + "\n" + about))
	return hex.EncodeToString(m.Sum(nil))
}

func (b *browsers) user(browser string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.users[browser]
}

func (b *browsers) signIn(browser, uid string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.users) >= maxBrowsers {
		clear(b.users)
	}
	b.users[browser] = uid
}

func (b *browsers) signOut(browser string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.users, browser)
}

// browser returns the name of the browser that asks, after having given it one.
func (c *call) browser() string {
	if k, err := c.r.Cookie(cookieName); err == nil && len(k.Value) == 32 && strings.Trim(k.Value, "0123456789abcdef") == "" {
		return k.Value
	}
	return c.nameBrowser()
}

func (c *call) nameBrowser() string {
	name := randomHex(32)
	http.SetCookie(c.w, &http.Cookie{
		Name: cookieName, Value: name, Path: "/", HttpOnly: true, Secure: c.r.TLS != nil, SameSite: http.SameSiteLaxMode,
	})
	return name
}

// visitor returns the user at a browser, if one is signed in.
func (c *call) visitor(browser string) (User, bool) {
	if uid := c.browsers.user(browser); uid != "" {
		return c.o.user(uid)
	}
	return c.o.login(c.o.SignedIn)
}

// readForm reads a page's query and, by POST, the form that was sent with it.
func (c *call) readForm() bool {
	ok := c.p.addQuery(c.r.URL.RawQuery) == nil
	if ok && c.r.Method == http.MethodPost {
		ok = c.p.addBody(http.MaxBytesReader(c.w, c.r.Body, maxForm), c.r.Header.Get("Content-Type"), func(filePart) error { return errMalformed }) == nil
	}
	return ok
}

// fromForm reports whether a POST carries the token of the page's own form.
func (c *call) fromForm(browser, about string) bool {
	return subtle.ConstantTimeCompare([]byte(c.p["form"]), []byte(c.browsers.formToken(browser, about))) == 1
}
