package universal

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
)

// Keys of [upload.Account.Options].
const (
	optionAPIKey    = "api_key"
	optionCommunity = "community"
	optionAlbum     = "album"
	optionSpelling  = "spelling"
	optionFormat    = "format"
	optionLoginPage = "login_page"
	optionCaption   = "caption"
)

// Service is Universal Platform. An account's secret is the application's; its
// token is what [Client.Finish] has returned. There is no address to fall back
// on: without one the service is off.
var Service = upload.Service{
	ID:    "universal",
	Name:  "Universal Platform",
	Takes: func(_ upload.Limits, kind photo.Kind) bool { return slices.Contains(kinds(), kind) },
	New: func(a upload.Account, hc *http.Client) (upload.Uploader, error) {
		return New(a, hc)
	},
	Browser: true,
	Needs:   []string{optionAPIKey, optionCommunity},
	Lanes:   func(upload.Account) int { return 1 },
	Options: map[string]string{
		optionAPIKey:    "the application's key (required)",
		optionCommunity: "the community, by its system name (required)",
		optionAlbum:     "the album for photos without one of their own; without it they go to the application's default album",
		optionSpelling:  `how parameters are written: "auto" as each function's page says, "underscore" (api_key) or "camel" (apiKey) everywhere`,
		optionFormat:    `what the site answers in: "json" or "xml"`,
		optionLoginPage: "the page for signing in, with {url}, {key} and {token} in it; otherwise " + defaultLoginPage,
		optionCaption:   `what becomes the caption, first choice first, of title, description and name: otherwise "title|description|name"`,
	},
}

// kinds are what a site is sent. It does not tell what it takes; these are the
// formats that every site of its kind and time knew.
func kinds() []photo.Kind { return []photo.Kind{photo.JPEG, photo.PNG, photo.GIF} }

// settle is how long a site may still be busy with a photo whose answer was
// lost: the time that PHP gives a script.
const settle = 30 * time.Second

// How many photos fit into an album. The site says which album is its default
// one only by putting photos there.
const (
	albumLimit        = 60
	defaultAlbumLimit = 1000
)

// Client is one account in one community.
type Client struct {
	account   upload.Account
	root      string // without trailing slash
	hc        *http.Client
	key       string
	community string
	spelling  string
	format    string
	loginPage string
	captions  []string
	session   session // zero: not signed in

	now                 func() time.Time
	born                time.Time
	settle              time.Duration
	limit, defaultLimit int

	// turn is held by whoever calls the service in the session, as long as
	// one of its public methods takes. It guards all that follows.
	turn    chan struct{}
	ids     callIDs
	shelf   shelf
	journal journal
	clock   clock
}

var (
	_ upload.Uploader     = (*Client)(nil)
	_ upload.AlbumLister  = (*Client)(nil)
	_ upload.BrowserLogin = (*Client)(nil)
	_ upload.Verifier     = (*Client)(nil)
	_ upload.Viewer       = (*Client)(nil)
)

// What is being done, as errors name it.
const (
	opAccount = "read the account"
	opSignIn  = "sign in"
	opCheck   = "ask for the albums"
	opAlbum   = "make the album"
	opFind    = "look for the photo"
	opUpload  = "upload"
	opView    = "show the photo"
)

// New returns a client. It does no I/O; the error says what is wrong with the
// account, for people.
func New(a upload.Account, hc *http.Client) (*Client, error) {
	o := a.Options
	c := &Client{
		account: a, hc: hc,
		key: o[optionAPIKey], community: o[optionCommunity], loginPage: o[optionLoginPage],
		now: time.Now, settle: settle, limit: albumLimit, defaultLimit: defaultAlbumLimit,
		turn: make(chan struct{}, 1),
	}
	c.born = c.now()
	c.ids = callIDs{account: a, now: func() time.Time { return c.now() }}
	c.journal.account = a
	if strings.TrimSpace(a.URL) == "" {
		return nil, unusable("Universal Platform is off until the account has the address of a site", "Enter the community's address.")
	}
	var err error
	if c.root, err = cleanRoot(a.URL); err != nil {
		return nil, unusable(err.Error(), "Correct the account's address.")
	}
	if c.key == "" || c.community == "" {
		return nil, unusable("the application's key or the community is missing", `Enter both; the community by its system name, such as "mycommunity".`)
	}
	if c.spelling, err = oneOf(o, optionSpelling, "auto", "underscore", "camel"); err != nil {
		return nil, err
	}
	if c.format, err = oneOf(o, optionFormat, "json", "xml"); err != nil {
		return nil, err
	}
	if c.captions, err = captionSources(o[optionCaption]); err != nil {
		return nil, err
	}
	if c.loginPage == "" {
		c.loginPage = defaultLoginPage
	}
	if _, err := c.page("token"); err != nil {
		return nil, err
	}
	if c.session, err = parseToken(a.Token); err != nil {
		return nil, err
	}
	return c, nil
}

func unusable(reason, hint string) error {
	return &upload.Error{Kind: upload.Denied, Op: opAccount, Reason: reason, Hint: hint}
}

// cleanRoot accepts the addresses of the service's own pages as well, because
// those are what its documents name.
func cleanRoot(typed string) (string, error) {
	root, err := upload.CleanURL(typed)
	if err != nil {
		return "", err
	}
	for _, page := range []string{"/api.php", "/login.php", "/index.php"} {
		root = strings.TrimSuffix(root, page)
	}
	return root, nil
}

// oneOf returns an option's value, the first of those allowed when it is not
// set.
func oneOf(options map[string]string, key string, allowed ...string) (string, error) {
	v := options[key]
	if v == "" {
		return allowed[0], nil
	}
	if !slices.Contains(allowed, v) {
		return "", unusable(fmt.Sprintf("the option %q is none of %s", key, strings.Join(allowed, ", ")), "Correct the account's settings.")
	}
	return v, nil
}

// take waits for the caller's turn to call the service. The caller gives it
// back by calling done.
func (c *Client) take(ctx context.Context) (done func(), err error) {
	select {
	case c.turn <- struct{}{}:
		return func() { <-c.turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Check implements [upload.Uploader]. The list of the own albums is what shows
// that the session is good.
func (c *Client) Check(ctx context.Context) (upload.Limits, error) {
	l := upload.Limits{Free: -1, Kinds: kinds(), Server: "Universal Platform, community " + c.community}
	tick := func(what string, ok bool, format string, args ...any) {
		l.Ticks = append(l.Ticks, upload.Tick{What: what, OK: ok, Detail: fmt.Sprintf(format, args...)})
	}
	done, err := c.take(ctx)
	if err != nil {
		return l, err
	}
	defer done()
	if err := c.readShelf(ctx, opCheck); err != nil {
		e, ok := errors.AsType[*upload.Error](err)
		switch {
		case !ok:
			return l, err
		case e.Op == opSignIn:
			tick("Sign-in", false, "%s", e.Reason)
		case codeOf(err) == 0:
			tick("Address", false, "%s", e.Reason)
		default:
			tick("Address", true, "%s", c.root)
			tick("Sign-in", false, "%s", e.Reason)
		}
		return l, err
	}
	l.User = "user " + c.session.UID
	tick("Address", true, "%s", c.root)
	tick("Sign-in", true, "%s", c.session.describe(c.root))
	tick("May upload", true, "the site tells only when a photo comes, and photos may wait for your approval there")
	tick("Albums", true, "%s of your own; one takes %d photos, then another is opened", counted(len(c.shelf.albums), "album"), c.limit)
	tick("Duplicate check", false, "the site cannot look for a photo; what was sent is known by this app's own records")
	tick("Kinds", true, "JPEG, PNG and GIF; the site does not tell what it takes")
	return l, nil
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// captionSources reads the option of that name.
func captionSources(text string) ([]string, error) {
	if text == "" {
		return []string{"title", "description", "name"}, nil
	}
	var out []string
	for _, s := range strings.Split(text, "|") {
		s = strings.ToLower(strings.TrimSpace(s))
		if !slices.Contains([]string{"title", "description", "name"}, s) {
			return nil, unusable(`the option "caption" names something other than title, description and name`, "Correct the account's settings.")
		}
		out = append(out, s)
	}
	return out, nil
}

// caption returns what stands below a photo: the first of its texts that it
// has, and its file name when it has none.
func (c *Client) caption(it upload.Item) string {
	for _, source := range append(slices.Clone(c.captions), "name") {
		text := map[string]string{"title": it.Meta.Title, "description": it.Meta.Description, "name": it.Name}[source]
		text = strings.TrimSpace(strings.Map(printable, strings.ToValidUTF8(text, "\uFFFD")))
		if text != "" {
			return text
		}
	}
	return "photo"
}

// printable drops control characters but line ends.
func printable(r rune) rune {
	switch {
	case r == '\n':
		return r
	case r < ' ' || r == 0x7f:
		return -1
	}
	return r
}

// page returns the address of the page where people sign in.
func (c *Client) page(token string) (string, error) {
	page := strings.NewReplacer(
		"{url}", c.root, "{key}", url.QueryEscape(c.key), "{token}", url.QueryEscape(token),
	).Replace(c.loginPage)
	u, err := url.Parse(page)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || !strings.Contains(c.loginPage, "{token}") {
		return "", unusable(`the option "login_page" is not the address of a page with {token} in it`, "Correct the account's settings; the usual page is "+defaultLoginPage+".")
	}
	return page, nil
}
