package piwigo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
)

// Keys of [upload.Account.Options].
const (
	optionAlbum         = "album"
	optionAuthor        = "author"
	optionFrontUser     = "front_user"
	optionFrontPassword = "front_password"
	optionLanes         = "lanes"
	optionLevel         = "level"
	optionMethod        = "method"
	optionUpdateMode    = "update_mode"
)

// Service is Piwigo. An account signs in with user and password, or with an
// API key of Piwigo 16 and newer: either with its two halves in the place of
// user and password, or with both as the secret, joined by a colon.
var Service = upload.Service{
	ID:    "piwigo",
	Name:  "Piwigo",
	Takes: takes,

	Replaces: true,
	New: func(a upload.Account, hc *http.Client) (upload.Uploader, error) {
		return New(a, hc)
	},
	Lanes:   lanesOf,
	Private: []string{optionFrontPassword},
	Options: map[string]string{
		optionAlbum:         `where photos go that no folder has an album for: a path such as "Holidays/2026", or "id:12"; "` + defaultAlbum + `" otherwise`,
		optionAuthor:        "the author of all photos, in place of what the photos say",
		optionFrontUser:     "user of the web server in front of Piwigo, if it asks for one (HTTP basic auth)",
		optionFrontPassword: "password of the web server in front",
		optionLanes:         "photos sent at once, 1 to 4; 2 already take all that a usual server has",
		optionLevel:         "who may see the photos: 0 everybody, 1 contacts, 2 friends, 4 family, 8 administrators",
		optionMethod:        `how photos are sent: "auto", or always by "simple" (addSimple), "async" (uploadAsync) or "upload"`,
		optionUpdateMode:    `"yes" lets the method "upload" replace a photo of the same file name in the album`,
	},
}

// Lanes by default and at most: more uploads at once than PHP has workers make
// the gallery hang.
const (
	defaultLanes = 2
	maxLanes     = 4
)

func lanesOf(a upload.Account) int {
	n, err := strconv.Atoi(a.Options[optionLanes])
	if err != nil {
		return defaultLanes
	}
	return min(max(n, 1), maxLanes)
}

// takes leaves a kind open while the server has not been asked.
func takes(l upload.Limits, kind photo.Kind) bool {
	if len(l.Kinds) == 0 {
		return kind != photo.Unknown
	}
	return slices.Contains(l.Kinds, kind)
}

// Client is one account on one server.
type Client struct {
	account upload.Account
	root    string // as typed, without trailing slash
	hc      *http.Client
	login   credentials
	front   frontDoor
	options options

	sessions *upload.Sessions[session]
	mode     atomic.Int32 // uniqueness, once it is known

	limits *limits
	lanes  *lanes
	names  *locks // of pwg.images.upload's buffers
	albums *albums
	tags   *tags
	absent *absent
	lounge *lounge
}

// frontDoor is what the web server in front of Piwigo wants.
type frontDoor struct{ user, password string }

// options are the account's, as they are used.
type options struct {
	album, author, level, method string
	update                       bool
}

var (
	_ upload.Uploader    = (*Client)(nil)
	_ upload.AlbumLister = (*Client)(nil)
	_ upload.BulkFinder  = (*Client)(nil)
	_ upload.Finisher    = (*Client)(nil)
	_ upload.Verifier    = (*Client)(nil)
	_ upload.Viewer      = (*Client)(nil)
)

// New returns a client. It does no I/O; the error says what is wrong with the
// account, for people.
func New(a upload.Account, hc *http.Client) (*Client, error) {
	root, err := cleanRoot(a.URL)
	if err != nil {
		return nil, badAccount(err.Error(), "Correct the account's address.")
	}
	c := &Client{
		account: a, root: root, hc: hc,
		login: credentialsOf(a),
		front: frontDoor{a.Options[optionFrontUser], a.Options[optionFrontPassword]},

		limits: newLimits(a), lanes: newLanes(lanesOf(a)), names: newLocks(),
		albums: newAlbums(), tags: newTags(), absent: newAbsent(), lounge: newLounge(a),
	}
	if c.options, err = optionsOf(a); err != nil {
		return nil, err
	}
	c.sessions = upload.NewSessions(c.signIn)
	return c, nil
}

func badAccount(reason, hint string) error {
	return &upload.Error{Kind: upload.Denied, Op: "read the account", Reason: reason, Hint: hint}
}

func optionsOf(a upload.Account) (options, error) {
	o := options{album: strings.TrimSpace(a.Options[optionAlbum]), author: a.Options[optionAuthor]}
	for _, v := range []struct {
		key     string
		allowed []string
		into    *string
	}{
		{optionLevel, []string{"", "0", "1", "2", "4", "8"}, &o.level},
		{optionMethod, []string{"", methodAuto, methodSimple, methodAsync, methodUpload}, &o.method},
		{optionLanes, []string{"", "1", "2", "3", "4"}, new(string)},
		{optionUpdateMode, []string{"", "no", "false", "yes", "true"}, new(string)},
	} {
		*v.into = a.Options[v.key]
		if !slices.Contains(v.allowed, *v.into) {
			return o, badAccount(fmt.Sprintf("the option %q must be one of %s", v.key, strings.Join(v.allowed[1:], ", ")), "Correct the account's settings.")
		}
	}
	if o.method == "" {
		o.method = methodAuto
	}
	o.update = a.Options[optionUpdateMode] == "yes" || a.Options[optionUpdateMode] == "true"
	if number, ok := strings.CutPrefix(o.album, "id:"); ok {
		if n, err := strconv.ParseInt(number, 10, 64); err != nil || n <= 0 {
			return o, badAccount(`the option "album" has no number behind "id:"`, "Correct the account's settings.")
		}
	}
	return o, nil
}

// pages are what people copy from their browser with the address.
var pages = []string{"/ws.php", "/index.php", "/identification.php", "/admin.php", "/picture.php", "/profile.php", "/register.php"}

// cleanRoot accepts the addresses of the server's own pages as well.
func cleanRoot(typed string) (string, error) {
	root, err := upload.CleanURL(typed)
	if err != nil {
		return "", err
	}
	for _, page := range pages {
		if i := strings.Index(root, page); i >= 0 && (len(root) == i+len(page) || root[i+len(page)] == '/') {
			root = root[:i]
		}
	}
	return strings.TrimRight(root, "/"), nil
}

// What is being done, as errors name it.
const (
	opReach  = "reach the server"
	opSignIn = "sign in"
	opStatus = "ask for the server's status"
	opFind   = "ask for the photo"
	opUpload = "upload"
	opAlbum  = "ask for the albums"
	opFinish = "finish the batch"
	opVerify = "compare the photo"
	opView   = "show the photo"
)

// Check implements [upload.Uploader].
func (c *Client) Check(ctx context.Context) (upload.Limits, error) {
	l := upload.Limits{Free: -1}
	tick := func(what string, ok bool, format string, args ...any) {
		l.Ticks = append(l.Ticks, upload.Tick{What: what, OK: ok, Detail: fmt.Sprintf(format, args...)})
	}
	var s *session
	err := c.inSession(ctx, opStatus, func(in *session) error {
		s = in
		st, err := c.refresh(ctx, in)
		if err == nil && st.guest() {
			return lost(opStatus)
		}
		return err
	})
	if err != nil {
		e, ok := errors.AsType[*upload.Error](err)
		switch {
		case !ok:
			return l, err
		case e.Op == opReach:
			tick("Address", false, "%s", e.Reason)
		default:
			tick("Address", true, "%s", c.root)
			tick("Sign-in", false, "%s", e.Reason)
		}
		return l, err
	}

	st := s.status.Load()
	l.Server, l.User = s.product(), c.userName(st)
	l.Kinds, l.CanFind = kindsOf(string(st.Types)), s.byMD5
	tick("Address", true, "%s at %s", l.Server, s.root)
	tick("Sign-in", true, "as %s%s%s", l.User, s.how(), exposed(s.root))
	if !st.mayUpload() {
		tick("May upload", false, "%s may not", l.User)
		return l, c.noRight(s)
	}
	if s.moderated {
		tick("May upload", true, "into the albums that the Community plugin allows; a moderator may have to agree")
	} else {
		tick("May upload", true, "")
	}
	tick("How it sends", true, "%s", c.manner(s))
	tick("Kinds", true, "%s", strings.ReplaceAll(upload.Foreign(string(st.Types)), ",", ", "))
	if s.byMD5 {
		tick("Duplicate check", true, "by the MD5 of the file")
	} else {
		tick("Duplicate check", false, "this server compares file names (uniqueness_mode), which proves nothing; when an answer is lost, you will be asked")
	}
	if err := c.tickAlbums(ctx, s, tick); err != nil {
		return l, err
	}
	tick("Largest request", true, "%s", c.limits.words())
	return l, nil
}

// tickAlbums adds the line about albums.
func (c *Client) tickAlbums(ctx context.Context, s *session, tick func(string, bool, string, ...any)) error {
	all, err := c.listAlbums(ctx, s)
	if err != nil {
		if e, ok := errors.AsType[*upload.Error](err); ok {
			tick("Albums", false, "%s", e.Reason)
		}
		return err
	}
	switch id, isID := albumID(c.options.album); {
	case isID && !slices.ContainsFunc(all, func(a album) bool { return a.id == id }):
		err := noSuchAlbum(c.options.album)
		tick("Albums", false, "%s", err.Reason)
		return err
	default:
		tick("Albums", true, "%d; photos go to %q unless a folder says otherwise", len(all), c.defaultAlbum())
	}
	return nil
}

func exposed(root string) string {
	if u, err := url.Parse(root); err == nil && u.Scheme == "http" && !thisComputer(u.Hostname()) {
		return "; the password travels unencrypted: use https if the server has it"
	}
	return ""
}

func thisComputer(host string) bool {
	return host == "localhost" || host == "::1" || strings.HasPrefix(host, "127.")
}

// Find implements [upload.Uploader]. A photo that is found and belongs into
// another album as well is added to it.
func (c *Client) Find(ctx context.Context, it upload.Item) (upload.Receipt, error) {
	var r upload.Receipt
	if it.Mark == "" && c.absent.inBulk(it.MD5) {
		return r, upload.ErrNotFound
	}
	err := c.inSession(ctx, opFind, func(s *session) error {
		if !s.byMD5 {
			return errors.ErrUnsupported
		}
		ids, err := c.exist(ctx, s, []string{md5Of(it)})
		if err != nil {
			return err
		}
		if ids[0] == 0 {
			c.absent.note(false, it.MD5)
			return upload.ErrNotFound
		}
		r, err = c.known(ctx, s, it, ids[0])
		return err
	})
	return r, err
}
