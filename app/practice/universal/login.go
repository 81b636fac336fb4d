package universal

import (
	"crypto/subtle"
	"errors"
	"io/fs"
	"net/http"
	"net/url"
)

// loginPage is where a desktop application sends its user with a token: Facebook's
// /login.php?api_key=K&auth_token=T, as no page of the platform names its own [FB].
// What is on it is a [CHOICE]: whoever is not signed in does so, then allows the
// application, or does not, and is told to go back to it.
func (c *call) loginPage() {
	if m := c.r.Method; m != http.MethodGet && m != http.MethodPost {
		http.Error(c.w, "Method Not Allowed", http.StatusMethodNotAllowed)
		return
	}
	if !c.readForm() {
		c.say(http.StatusBadRequest, "This request is damaged", "Go back to the program and start again.")
		return
	}
	token := c.p["auth_token"]
	community, waits := c.store.undecided(token, c.o.TokenLife)
	if c.either("api_key", "apiKey") != c.o.Key || !waits {
		c.say(http.StatusNotFound, "This sign-in is over", "It was finished before, has waited for too long, or never began. Go back to the program and start again.")
		return
	}
	browser := c.browser()
	user, in := c.visitor(browser)
	page := loginData{
		App: c.o.AppName, Community: community, User: user.Name, SignedIn: in,
		Action: c.pageURL(), Form: c.browsers.formToken(browser, token),
	}
	if k, ok := c.o.community(community); ok && k.Title != "" {
		page.Community = k.Title
	}
	if c.r.Method == http.MethodGet {
		c.show(http.StatusOK, "login", page)
		return
	}
	if !c.fromForm(browser, token) {
		page.Problem = "This page was too old. Please try again."
		c.show(http.StatusForbidden, "login", page)
		return
	}
	c.answerForm(browser, token, user, in, page)
}

// loginData is what the login page shows.
type loginData struct {
	App, Community, User, Problem string
	Action, Form                  string // where the form goes, and its token
	SignedIn                      bool
}

// pageURL is the page's own address for its form, which keeps what the page is about.
func (c *call) pageURL() string {
	q := url.Values{"api_key": {c.o.Key}, "auth_token": {c.p["auth_token"]}}
	return c.o.LoginPath + "?" + q.Encode()
}

func (c *call) answerForm(browser, token string, user User, in bool, page loginData) {
	switch action := c.p["action"]; {
	case action == "signin":
		u, ok := c.o.login(c.p["user"])
		if subtle.ConstantTimeCompare([]byte(c.p["password"]), []byte(u.Password)) != 1 || !ok {
			page.Problem = "User or password is wrong."
			c.show(http.StatusForbidden, "login", page)
			return
		}
		c.browsers.signOut(browser)
		c.browsers.signIn(c.nameBrowser(), u.UID) // a new name: nobody can have planted it
		http.Redirect(c.w, c.r, c.pageURL(), http.StatusSeeOther)
	case !in:
		c.show(http.StatusForbidden, "login", page)
	case action == "allow":
		c.decided(c.store.decide(opApprove, token, user.UID, c.o.TokenLife),
			"You have allowed "+c.o.AppName, "You can close this page and go back to the program now.")
	case action == "deny":
		c.decided(c.store.decide(opDeny, token, "", c.o.TokenLife),
			"You have not allowed "+c.o.AppName, "Nothing was changed. You can close this page and go back to the program.")
	default:
		c.show(http.StatusBadRequest, "login", page)
	}
}

func (c *call) decided(err error, title, text string) {
	switch {
	case err == nil:
		c.say(http.StatusOK, title, text)
	case errors.Is(err, fs.ErrNotExist):
		c.say(http.StatusNotFound, "This sign-in is over", "Go back to the program and start again.")
	default:
		c.o.Log.Error("Page failed", "page", functionLogin, "err", err)
		c.say(http.StatusInternalServerError, "Something went wrong", "Please try again.")
	}
}
