package universal

import (
	"cmp"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"time"
)

// Options say what kind of community to be. Only Dir is needed.
type Options struct {
	// Dir holds the server's state. It is created if it is missing.
	Dir string
	// Log may be nil.
	Log *slog.Logger

	// Key and Secret are those of the one application that is known. Empty means
	// [DefaultKey] and [DefaultSecret].
	Key, Secret string
	// AppName names the application on the login page and its default album. Empty
	// means "Practice Uploader".
	AppName string
	// Web makes Key that of a web application: sessions have no secret of their own
	// [U-getSession].
	Web bool
	// Communities are those that can be named. Empty means [DefaultCommunities].
	Communities []Community
	// Users are the accounts. Empty means [DefaultUsers].
	Users []User
	// SignedIn is the login of a user whom every browser is signed in as. Empty means
	// that a browser signs in on the login page.
	SignedIn string

	// TokenLife is how long a token waits for its getSession. Zero means 10 minutes.
	TokenLife time.Duration
	// AlbumLimit and DefaultAlbumLimit are how many photos fit into an album and into the
	// default application album. Zero means 60 and 1000 [U-upload].
	AlbumLimit, DefaultAlbumLimit int
	// MaxPending is how many photos of a user may wait for approval: one more gives error
	// 325 [FB]. Zero means no limit.
	MaxPending int
	// PhotoUpload says that the users have granted photo_upload: no photo is ever
	// pending [U-upload].
	PhotoUpload bool
	// RateLimit is how many calls the application has in a RateWindow: one more gives
	// error 4 (B and C) or 105 (A). Zero means no limit. RateWindow zero means a minute.
	RateLimit  int
	RateWindow time.Duration
	// Outage answers every call with error 2 (B and C) or 105 (A).
	Outage bool
	// WrongAddress answers calls of B and C with error 5: the address is not allowed.
	WrongAddress bool
	// Refuse answers calls of a method, by its name, with an error code once everything
	// else about them is right.
	Refuse map[string]int

	// NoSync leaves out the fsync of the index. State then survives the end of the
	// process, but not of the machine.
	NoSync bool
	// NoMD5 leaves Received.MD5 empty: MD5 is the slowest step of an upload.
	NoMD5 bool

	// The switches below choose another reading where the pages are silent.

	// LoginPath is the path of the login page. Empty means "/login.php" [FB].
	LoginPath string
	// ErrorStatus is the HTTP status of errors. Zero means 200.
	ErrorStatus int
	// PlainCodes answers 100 where only Facebook has a code of its own: 321 (album is
	// full), 324 (no image), 325 (too many pending).
	PlainCodes bool
	// EmptyList is how JSON writes a list without items.
	EmptyList EmptyList
	// NumericIDs writes pid, aid, owner and uid as numbers in JSON.
	NumericIDs bool
	// StringCodes writes error_code as a string in JSON.
	StringCodes bool
	// TokenObject makes createToken's JSON {"auth_token":"..."} instead of a string.
	TokenObject bool
	// PadText puts white space around every text in XML, as createToken's page does.
	PadText bool
	// LongKeys gives session keys the suffix that one sample has.
	LongKeys bool
	// NoSessionSecret leaves the secret out of a desktop key's getSession. The session's
	// calls are then signed with the application's.
	NoSessionSecret bool
	// HTTPSOnly refuses a desktop key's getSession on plain http with error 100.
	HTTPSOnly bool
	// IgnoreCallID never answers 103: the pages of the photo methods do not list it.
	// Without it a call_id is looked at once the whole request is in, so that of two
	// uploads at a time the one that began first may come too late.
	IgnoreCallID bool
	// HidePending leaves pending photos out of photos.get for their owner too.
	HidePending bool
	// PendingUncounted leaves pending photos out of an album's size. They take up its
	// room all the same.
	PendingUncounted bool
	// NewestFirst turns the order of photos.get round.
	NewestFirst bool
	// MaxPageSize cuts the pageSize of photos.get. Zero means no limit.
	MaxPageSize int
	// MaxCaption cuts captions, in characters. Zero means no limit.
	MaxCaption int
}

// Key and secret of an application that the documents' samples use; the secret is made
// up, as the real one is not published.
const (
	DefaultKey    = "77a52842357422fadd912a2600e6e53c"
	DefaultSecret = "0f1e2d3c4b5a69788796a5b4c3d2e1f0"
)

// EmptyList is a way to write an empty list in JSON.
type EmptyList string

// Facebook wrote an array; some of PHP's versions wrote the others [FB].
const (
	EmptyArray  EmptyList = "[]"
	EmptyString EmptyList = `""`
	EmptyObject EmptyList = "{}"
)

// Community is one of the platform's communities.
type Community struct {
	Name  string // the system name, which calls give as community
	Title string
}

// User is an account in all communities.
type User struct {
	UID      string // decimal digits
	Login    string
	Name     string
	Password string
}

// DefaultCommunities are the names in the documents' samples.
func DefaultCommunities() []Community {
	return []Community{{Name: "mashable", Title: "My Mashable"}, {Name: "mycommunity", Title: "My Community"}}
}

// DefaultUsers are two accounts with the user IDs of the documents' samples.
func DefaultUsers() []User {
	return []User{
		{UID: "8055", Login: "ann", Name: "Ann Example", Password: "ann"},
		{UID: "219074", Login: "ben", Name: "Ben Example", Password: "ben"},
	}
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	o.Key = cmp.Or(o.Key, DefaultKey)
	o.Secret = cmp.Or(o.Secret, DefaultSecret)
	o.AppName = cmp.Or(o.AppName, "Practice Uploader")
	o.LoginPath = cmp.Or(o.LoginPath, "/login.php")
	o.TokenLife = cmp.Or(o.TokenLife, 10*time.Minute)
	o.RateWindow = cmp.Or(o.RateWindow, time.Minute)
	o.AlbumLimit = cmp.Or(o.AlbumLimit, 60)
	o.DefaultAlbumLimit = cmp.Or(o.DefaultAlbumLimit, 1000)
	o.ErrorStatus = cmp.Or(o.ErrorStatus, 200)
	o.EmptyList = cmp.Or(o.EmptyList, EmptyArray)
	if len(o.Communities) == 0 {
		o.Communities = DefaultCommunities()
	}
	if len(o.Users) == 0 {
		o.Users = DefaultUsers()
	}
	return o
}

func (o Options) validate() error {
	switch {
	case o.Dir == "":
		return errors.New("no directory given")
	case !strings.HasPrefix(o.LoginPath, "/") || o.LoginPath == apiPath:
		return fmt.Errorf("login path %q is not usable", o.LoginPath)
	case o.ErrorStatus < 200 || o.ErrorStatus > 599:
		return fmt.Errorf("error status %d is none", o.ErrorStatus)
	case !slices.Contains([]EmptyList{EmptyArray, EmptyString, EmptyObject}, o.EmptyList):
		return fmt.Errorf("unknown form %q of an empty list", o.EmptyList)
	case min(o.AlbumLimit, o.DefaultAlbumLimit, o.MaxPending, o.RateLimit, o.MaxPageSize, o.MaxCaption) < 0:
		return errors.New("a limit is negative")
	}
	for name, code := range o.Refuse {
		if _, ok := methods[name]; !ok || code < 1 {
			return fmt.Errorf("code %d for method %q makes no sense", code, name)
		}
	}
	return o.validateAccounts()
}

func (o Options) validateAccounts() error {
	names := map[string]bool{}
	for _, c := range o.Communities {
		if c.Name == "" || names[c.Name] {
			return fmt.Errorf("community %q is empty or used twice", c.Name)
		}
		names[c.Name] = true
	}
	seen := map[string]bool{}
	for _, u := range o.Users {
		if !isNumber(u.UID) || u.Login == "" || seen[u.UID] || seen["\x00"+u.Login] {
			return fmt.Errorf("user %q with ID %q is malformed or used twice", u.Login, u.UID)
		}
		seen[u.UID], seen["\x00"+u.Login] = true, true
	}
	if _, ok := o.login(o.SignedIn); o.SignedIn != "" && !ok {
		return fmt.Errorf("unknown user %q is signed in", o.SignedIn)
	}
	return nil
}

// clone keeps what Configure changes apart from what running calls use.
func (o Options) clone() Options {
	o.Communities, o.Users, o.Refuse = slices.Clone(o.Communities), slices.Clone(o.Users), maps.Clone(o.Refuse)
	return o
}

func (o Options) login(name string) (User, bool) {
	return find(o.Users, func(u User) bool { return u.Login == name })
}

func (o Options) user(uid string) (User, bool) {
	return find(o.Users, func(u User) bool { return u.UID == uid })
}

func (o Options) community(name string) (Community, bool) {
	return find(o.Communities, func(c Community) bool { return c.Name == name })
}

// sessionSecrets reports whether new sessions have a secret of their own.
func (o Options) sessionSecrets() bool { return !o.Web && !o.NoSessionSecret }

func find[T any](list []T, match func(T) bool) (T, bool) {
	if i := slices.IndexFunc(list, match); i >= 0 {
		return list[i], true
	}
	var none T
	return none, false
}

// isNumber reports whether s is an ID as the platform has them.
func isNumber(s string) bool {
	return s != "" && len(s) <= 18 && strings.Trim(s, "0123456789") == "" && (s == "0" || s[0] != '0')
}
