package ipernity

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
)

// Service is ipernity. An account's secret is the application's, and its token
// comes from the sign-in in the browser.
var Service = upload.Service{
	ID:      "ipernity",
	Name:    "ipernity",
	Site:    "https://www.ipernity.com",
	Takes:   takes,
	Browser: true,
	Lanes:   lanes,
	Needs:   []string{optionAPIKey},
	New: func(a upload.Account, hc *http.Client) (upload.Uploader, error) {
		return New(a, hc)
	},
	Options: optionHelp,
}

// always are the kinds that every account may send.
var always = []photo.Kind{photo.JPEG, photo.PNG, photo.GIF, photo.TIFF}

// forMembers are the kinds that club members may send as well.
var forMembers = []photo.Kind{photo.RAW, photo.MP4, photo.MOV}

func takes(l upload.Limits, kind photo.Kind) bool {
	return slices.Contains(always, kind) || slices.Contains(l.Kinds, kind)
}

// pace is how fast a client asks. Tests ask faster.
type pace struct {
	calls *rate.Limiter // requests to the API; the site publishes no number

	first    time.Duration // from a ticket to the first question for it
	poll     time.Duration // least time between two questions for tickets
	pollMax  time.Duration // longest pause that grows by itself
	second   time.Duration // unit of the site's estimates
	patience time.Duration // how long an upload waits for its ticket

	settle time.Duration // how long a photo whose answer was lost may take to show up
	linger time.Duration // how much of that a call waits itself
	look   time.Duration // pause between two looks for it
	fresh  time.Duration // how long the list of known photos is believed
}

func defaultPace() pace {
	return pace{
		calls:    rate.NewLimiter(2, 5),
		first:    time.Second,
		poll:     2 * time.Second,
		pollMax:  30 * time.Second,
		second:   time.Second,
		patience: 5 * time.Minute,
		settle:   10 * time.Minute,
		linger:   time.Second,
		look:     250 * time.Millisecond,
		fresh:    5 * time.Minute,
	}
}

// Client is one account. It shares nothing with other accounts.
type Client struct {
	account upload.Account
	api     string // the API's address, without trailing slash
	site    string // the pages' address, without trailing slash
	hc      *http.Client
	options options
	pace    pace
	now     func() time.Time // this computer's clock

	ahead     atomic.Int64 // how far the site's clock is ahead, in nanoseconds
	otherSums atomic.Bool  // the MD5s that the site tells are not those of the bytes that were sent
	learned   atomic.Bool  // otherSums is known from a photo of ours

	mu    sync.Mutex
	user  *user  // nil: not asked yet
	quota *quota // nil: not asked yet

	tickets tickets
	known   index
	albums  albums
}

// An account remembers under memorySums whether the MD5s that the site tells
// are those of the bytes that were sent, which is not documented.
const (
	memorySums = "ipernity.md5"
	sumsSame   = "same"
	sumsOther  = "other" // is looked at again by each new client
)

var (
	_ upload.Uploader     = (*Client)(nil)
	_ upload.BrowserLogin = (*Client)(nil)
	_ upload.AlbumLister  = (*Client)(nil)
	_ upload.BulkFinder   = (*Client)(nil)
	_ upload.Verifier     = (*Client)(nil)
	_ upload.Viewer       = (*Client)(nil)
)

// What is being done, as errors name it.
const (
	opAccount = "read the account"
	opReach   = "reach the server"
	opSignIn  = "sign in"
	opQuota   = "ask for the account's limits"
	opFind    = "ask for the photo"
	opUpload  = "upload"
	opTicket  = "ask what became of the upload"
	opAlbum   = "put the photo into its album"
	opAlbums  = "list the albums"
	opView    = "show the photo"
)

// New returns a client. It does no I/O; the error says what is wrong with the
// account, for people. An account without a token is good for signing in.
func New(a upload.Account, hc *http.Client) (*Client, error) {
	api, site, err := addresses(a.URL)
	if err != nil {
		return nil, &upload.Error{Kind: upload.Denied, Op: opAccount, Reason: err.Error(), Hint: "Correct the account's address."}
	}
	o, err := readOptions(a.Options)
	if err != nil {
		return nil, &upload.Error{Kind: upload.Denied, Op: opAccount, Reason: err.Error(), Hint: "Correct the account's settings."}
	}
	switch {
	case o.apiKey == "":
		return nil, &upload.Error{Kind: upload.Denied, Op: opAccount, Reason: "the account has no API key", Hint: hintKey}
	case a.Secret == "":
		return nil, &upload.Error{Kind: upload.Denied, Op: opAccount, Reason: "the account has no secret of the application", Hint: hintKey}
	}
	c := &Client{account: a, api: api, site: site, hc: hc, options: o, pace: defaultPace(), now: time.Now}
	c.otherSums.Store(a.Recall(memorySums) == sumsOther)
	c.learned.Store(a.Recall(memorySums) == sumsSame)
	c.tickets.ask, c.tickets.pace = c.askTickets, &c.pace
	c.known.init()
	c.albums.init()
	return c, nil
}

// addresses returns where the API and the pages of a site are. The real site
// has its API on a host of its own; everywhere else both are below the root.
func addresses(typed string) (api, site string, err error) {
	root, err := upload.CleanURL(typed)
	if err != nil {
		return "", "", err
	}
	u, err := url.Parse(root)
	if err != nil {
		return "", "", errors.New("the address is not a web address")
	}
	switch u.Host {
	case "ipernity.com", "www.ipernity.com", "api.ipernity.com":
		return "https://api.ipernity.com/api", "https://www.ipernity.com", nil
	case "test.ipernity.com", "www.test.ipernity.com", "api.test.ipernity.com":
		return "https://api.test.ipernity.com/api", "https://test.ipernity.com", nil
	}
	root = strings.TrimSuffix(root, "/apps/authorize")
	root = strings.TrimSuffix(root, "/api")
	return root + "/api", root, nil
}

// user is who the token belongs to.
type user struct {
	id, name string
	pro      bool
	doc      string // the right to photos; see auth.doc
}

// mayUpload reports whether the token is good for sending photos, as far as
// the site says.
func (u *user) mayUpload() bool {
	return u.doc == "write" || u.doc == "delete" || u.doc == ""
}

// me returns who the token belongs to, as it was at the first question.
func (c *Client) me(ctx context.Context) (*user, error) {
	c.mu.Lock()
	u := c.user
	c.mu.Unlock()
	if u != nil {
		return u, nil
	}
	return c.askUser(ctx)
}

func (c *Client) askUser(ctx context.Context) (*user, error) {
	if c.account.Token == "" {
		return nil, &upload.Error{Kind: upload.Denied, Op: opSignIn, Reason: "the account is not signed in yet", Hint: hintSignIn}
	}
	var a authAnswer
	if err := c.call(ctx, opSignIn, checkToken, params{}, &a); err != nil {
		return nil, err
	}
	said := a.Auth.v
	who := said.User.v
	if who.ID == "" {
		return nil, &upload.Error{Op: opSignIn, Reason: "the site does not say who is signed in"}
	}
	u := &user{id: string(who.ID), pro: bool(who.Pro), doc: said.doc()}
	for _, name := range []text{who.Username, who.Realname, who.ID} {
		if u.name = c.foreign(string(name)); u.name != "" {
			break
		}
	}
	c.mu.Lock()
	c.user = u
	c.mu.Unlock()
	return u, nil
}

const hintSignIn = "Use \"Sign in\" on the Accounts page, or `photoferry account login`."

func noRight(op string) error {
	return &upload.Error{Kind: upload.Denied, Op: op, Reason: "the sign-in does not give the right to upload", Hint: common[110].hint}
}

// quota is what the account may send. Sizes are in bytes.
type quota struct {
	photo, video int64 // largest file; 0: not told
	left         int64 // this month; -1: no limit, or not told
	albums       string
	asked        time.Time
}

// quotaFresh is how long a quota is believed, less what was sent since.
const quotaFresh = 10 * time.Minute

func (c *Client) askQuota(ctx context.Context) (quota, error) {
	var a quotaAnswer
	if err := c.call(ctx, opQuota, getQuota, params{}, &a); err != nil {
		return quota{}, err
	}
	q := quota{left: -1, asked: c.now()}
	if said := a.Quota; said != nil {
		q.photo = max(int64(said.Max.v.Photo.v.Bytes), 0)
		q.video = max(int64(said.Max.v.Video.v.Bytes), 0)
		if left := said.Upload.v.Left; left != nil && !bool(said.Upload.v.Unlimited) {
			q.left = max(int64(left.v.Bytes), 0)
		}
		if said.Albums.v.Left != "" {
			q.albums = fmt.Sprintf("%d there", said.Albums.v.Created)
			if n, err := strconv.ParseInt(string(said.Albums.v.Left), 10, 64); err == nil {
				q.albums += fmt.Sprintf(", %d more possible", max(n, 0))
			}
		}
	}
	c.mu.Lock()
	c.quota = &q
	c.mu.Unlock()
	return q, nil
}

// used takes a sent photo off the quota.
func (c *Client) used(bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.quota != nil && c.quota.left > 0 {
		q := *c.quota
		q.left = max(q.left-bytes, 0)
		c.quota = &q
	}
}

func (c *Client) forgetQuota() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quota = nil
}

// limit returns the largest file of a kind in bytes; 0 when it is not told.
func (q quota) limit(k photo.Kind) int64 {
	if k.Video() {
		return q.video
	}
	return q.photo
}

// objection returns why the account may not send an item.
func (q quota) objection(it upload.Item, now time.Time) error {
	switch limit := q.limit(it.Kind); {
	case limit > 0 && it.Size > limit:
		e := refused(opUpload, uploadFile, 2, "", now).as
		e.Reason = fmt.Sprintf("the file is too big for the account: %s, and it may send %s", megabytes(it.Size), megabytes(limit))
		return e
	case q.left >= 0 && it.Size > q.left:
		e := refused(opUpload, uploadFile, 4, "", now).as
		e.Reason = fmt.Sprintf("the account has %s left of what it may send this month", megabytes(q.left))
		return e
	}
	return nil
}

// admit refuses what the account may not send, before any byte goes out. What
// is known may be out of date, so it is asked again before a photo is refused.
func (c *Client) admit(ctx context.Context, it upload.Item) error {
	u, err := c.me(ctx)
	if err != nil {
		return err
	}
	if !u.mayUpload() {
		return noRight(opUpload)
	}
	c.mu.Lock()
	q := c.quota
	c.mu.Unlock()
	if q != nil && c.now().Sub(q.asked) < quotaFresh && q.objection(it, c.siteNow()) == nil {
		return nil
	}
	fresh, err := c.askQuota(ctx)
	if err != nil {
		return err
	}
	return fresh.objection(it, c.siteNow())
}

// megabytes writes a size in units of 1,000,000 bytes.
func megabytes(n int64) string {
	return strconv.FormatFloat(math.Ceil(float64(n)/1e5)/10, 'f', -1, 64) + " MB"
}

// siteNow returns the time by the site's clock.
func (c *Client) siteNow() time.Time { return c.now().Add(time.Duration(c.ahead.Load())) }

// clockTolerance is how far the site's clock may be off before it is thought
// to be another one: answers tell whole seconds.
const clockTolerance = 2 * time.Second

// sawClock takes over the site's clock from an answer; 0 is none.
func (c *Client) sawClock(at number) {
	if at <= 0 {
		return
	}
	ahead := time.Unix(int64(at), 0).Sub(c.now())
	if ahead.Abs() <= clockTolerance {
		ahead = 0
	}
	c.ahead.Store(int64(ahead))
}

// foreign makes words of the site fit for people.
func (c *Client) foreign(words string) string {
	return upload.Foreign(words, c.account.Secret, c.account.Token, c.options.apiKey)
}
