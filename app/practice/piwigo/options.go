package piwigo

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Options say what kind of server to be. Only Dir is needed. Zero values make a fresh
// Piwigo 16.4.0 with no limits on what it takes, and with its own defaults: PHP's
// errors are shown, new photos wait in the lounge, duplicates are detected by MD5.
type Options struct {
	// Dir holds the server's state. It is created if it is missing.
	Dir string
	// Log may be nil.
	Log *slog.Logger

	// Users are the accounts. Empty means [DefaultUsers].
	Users []User
	// APIKeys are the keys that users have made. They work since V160 [R2.2].
	APIKeys []APIKey
	// Version is the version of Piwigo to be. Zero means V16.
	Version Version
	// Path is where the gallery is, such as "/gallery". Empty means at the root.
	Path string
	// CookieName names the session's cookie. Empty means "pwg_id" [R1].
	CookieName string
	// FileTypes are the types that the server takes, in lower case. Empty means the
	// images of Piwigo's own $conf['picture_ext'], decided by content; anything else
	// means upload_form_all_types with these, and other content decided by name [R4].
	FileTypes []string
	// ChunkSize is upload_form_chunk_size in KiB, a mere hint. Zero means 500 [R2.1].
	ChunkSize int
	// SessionIdle is how long an unused session lives. Zero means an hour [R1].
	SessionIdle time.Duration
	// NoSync leaves out the fsync of the index. State then survives the end of the
	// process, but not of the machine.
	NoSync bool

	// FrontUser and FrontPassword are HTTP basic auth before everything else, as many
	// people put it before their gallery [R2.4]. Empty means none.
	FrontUser, FrontPassword string
	// MaxBody is nginx's client_max_body_size in bytes (1 MiB there). Zero means no limit.
	MaxBody int64
	// MaxBodyEarly answers 413 before the body was read, as nginx does, so that a
	// client that is still sending may see a reset [R4].
	MaxBodyEarly bool
	// PostMax is PHP's post_max_size in bytes (8 MiB there): a longer form arrives
	// empty [R4]. Zero means no limit.
	PostMax int64
	// UploadMax is PHP's upload_max_filesize in bytes (2 MiB there). Zero means no limit.
	UploadMax int64

	// HideErrors is show_php_errors_on_frontend=false: warnings vanish, and what was a
	// page with a fatal error is 500 with nothing [R4].
	HideErrors bool
	// WarningRate is how often an answer has PHP warnings before its JSON, from 0 to 1.
	// A real server does that in up to 0.03 of the calls [F2].
	WarningRate float64
	// WarningSeed makes the sequence of warnings another one.
	WarningSeed uint64

	// NoLounge switches the lounge off: photos are in their album at once [F5].
	NoLounge bool
	// LoungeMaxAge is lounge_max_duration: after it any other call lets everybody out.
	// Zero means 5 minutes [F5].
	LoungeMaxAge time.Duration
	// Uniqueness is what pwg.images.exist looks for.
	Uniqueness Uniqueness
	// AcceptDuplicates is upload_detect_duplicate=false, as it is on servers that were
	// once older than 14 [F6].
	AcceptDuplicates bool
	// NoIPBinding leaves sessions valid whatever the client's address. Without it they
	// are bound to the first two octets of an IPv4 address [R1].
	NoIPBinding bool
	// ClientAddress is where all requests seem to come from, if it is set: change it,
	// and everybody becomes a guest, as a laptop does that changes the network [R1].
	ClientAddress string
	// TwoFactor is what the two-factor plug-in does with users that have it on [R2.3].
	TwoFactor TwoFactor
	// Community installs the plug-in that lets users with Grants upload [R2.5].
	Community bool
	// UTF8MB4 lets the database take runes beyond U+FFFF. Without it, they are a fatal
	// error, wherever they stand [R4].
	UTF8MB4 bool
	// PlainNames stores file names as they were sent. Without it, upload and uploadAsync
	// spoil quotes, &, < and > in them [R4].
	PlainNames bool

	// MkdirRace loses all but one of the photos that are sent at once while the day has
	// no directory yet [R4].
	MkdirRace bool
	// TimeoutEvery answers every Nth stored photo with nginx's 504, after storing it,
	// as happens where PHP's workers wait for each other [F10, R4]. Zero means none.
	TimeoutEvery int
	// Workers is PHP's pm.max_children: as many uploads at once wait for each other until
	// nginx gives up, so that each of them is stored and answered with 504, though not as
	// late as there [F10]. Zero means enough for everybody.
	Workers int
	// CacheBusyEvery answers every Nth call with 503 and Retry-After: 900, as happens in
	// huge galleries [R4]. Zero means none.
	CacheBusyEvery int
	// MergeCrashEvery lets PHP die in every Nth merge of uploadAsync, answered with
	// nginx's 502. The .merged file that it leaves blocks that photo [R4]. Zero means none.
	MergeCrashEvery int
	// KeepMerged leaves such files where they are when the server starts. Without it,
	// [New] removes them, as a careful administrator would.
	KeepMerged bool
}

// Version is a version of Piwigo: it hides methods and fields that are newer.
type Version int

// The versions that differ for somebody who sends photos.
const (
	V210 Version = 21002  // no uploadAsync (11), no lounge (12)
	V13  Version = 130800 // uploadAsync and lounge
	V14  Version = 140500 // name_raw, save_visits, detection of duplicates
	V160 Version = 160000 // API keys, in the header Authorization
	V16  Version = 160400 // API keys in X-PIWIGO-API, since 16.1
)

// Versions returns all versions, oldest first.
func Versions() []Version { return []Version{V210, V13, V14, V160, V16} }

// String returns the version as pwg.getVersion gives it: "16.4.0".
func (v Version) String() string {
	if v == V210 {
		return "2.10.2"
	}
	return fmt.Sprintf("%d.%d.%d", v/10000, v/100%100, v%100)
}

// Uniqueness is $conf['uniqueness_mode'].
type Uniqueness int

// The list that pwg.images.exist reads; the other one gives [] [R3].
const (
	UniqueMD5 Uniqueness = iota
	UniqueFilename
)

// TwoFactor is what happens when somebody with a second factor signs in by password.
type TwoFactor int

// The plug-in as it is now answers with error 40101; older ones redirected to a page
// [R2.3]. Off means that it is not installed.
const (
	TwoFactorOff TwoFactor = iota
	TwoFactorError
	TwoFactorRedirect
)

// Status is the standing of a user [R2.1].
type Status string

// Those of Piwigo. Webmasters and admins may upload.
const (
	Webmaster Status = "webmaster"
	Admin     Status = "admin"
	Normal    Status = "normal"
	Generic   Status = "generic"
	Guest     Status = "guest"
)

// User is an account on the server.
type User struct {
	// ID is the user's number. Zero means its place in Users, with 2 left to the guest
	// as Piwigo does: 1, 3, 4 and so on.
	ID       int
	Name     string
	Password string
	Status   Status
	// TwoFactor is whether the user has a second factor; see Options.TwoFactor.
	TwoFactor bool
	// Grants are what the Community plug-in allows.
	Grants []Grant
}

// Grant is one of the Community plug-in's permissions.
type Grant struct {
	Album     int  // 0 means the whole gallery
	Recursive bool // also below Album
	Create    bool // may create albums in it
	Moderated bool // photos wait until a moderator has seen them
}

func (u User) admin() bool { return u.Status == Webmaster || u.Status == Admin }

// level is the privacy level up to which a user sees photos [S: create_user_infos].
func (u User) level() int {
	if u.admin() {
		return 8
	}
	return 0
}

// APIKey is what a user has made in the profile page [R2.2].
type APIKey struct {
	ID      string    // pkid-YYYYMMDD- and twenty letters or digits
	Secret  string    // forty letters or digits
	User    string    // a name in Users
	Expires time.Time // zero means never, which real keys cannot
	Revoked bool
}

// guest is who nobody else is [R2.1].
var guest = User{ID: 2, Name: "guest", Status: Guest}

// DefaultUsers are a webmaster, a normal user without the right to upload, and one who
// may upload with the Community plug-in, moderated.
func DefaultUsers() []User {
	return []User{
		{Name: "admin", Password: "admin", Status: Webmaster},
		{Name: "visitor", Password: "visitor", Status: Normal},
		{Name: "member", Password: "member", Status: Normal, Grants: []Grant{{Recursive: true, Create: true, Moderated: true}}},
	}
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if len(o.Users) == 0 {
		o.Users = DefaultUsers()
	}
	o.Users = slices.Clone(o.Users)
	for i := range o.Users {
		if u := &o.Users[i]; u.ID == 0 && i == 0 {
			u.ID = 1
		} else if u.ID == 0 {
			u.ID = i + 2
		}
	}
	if o.Version == 0 {
		o.Version = V16
	}
	if o.CookieName == "" {
		o.CookieName = "pwg_id"
	}
	if o.ChunkSize == 0 {
		o.ChunkSize = 500
	}
	if o.SessionIdle == 0 {
		o.SessionIdle = time.Hour
	}
	if o.LoungeMaxAge == 0 {
		o.LoungeMaxAge = 5 * time.Minute
	}
	return o
}

func (o Options) validate() error {
	switch {
	case o.Dir == "":
		return errors.New("no directory given")
	case !slices.Contains(Versions(), o.Version):
		return fmt.Errorf("unknown version %d", o.Version)
	case o.Path != "" && (!strings.HasPrefix(o.Path, "/") || strings.HasSuffix(o.Path, "/")):
		return fmt.Errorf("path %q does not begin with a slash, or ends with one", o.Path)
	case min(o.MaxBody, o.PostMax, o.UploadMax, int64(o.ChunkSize)) < 0:
		return errors.New("a limit is negative")
	case min(o.TimeoutEvery, o.CacheBusyEvery, o.MergeCrashEvery, o.Workers) < 0:
		return errors.New("a frequency is negative")
	case !(o.WarningRate >= 0 && o.WarningRate <= 1):
		return errors.New("rate of warnings is not from 0 to 1")
	}
	return o.validateUsers()
}

func (o Options) validateUsers() error {
	names, ids := map[string]bool{"": true, guest.Name: true}, map[int]bool{guest.ID: true}
	for _, u := range o.Users {
		if names[u.Name] || ids[u.ID] {
			return fmt.Errorf("user %q is empty, the guest, or there twice", u.Name)
		}
		if !slices.Contains([]Status{Webmaster, Admin, Normal, Generic}, u.Status) {
			return fmt.Errorf("user %q has no standing", u.Name)
		}
		names[u.Name], ids[u.ID] = true, true
	}
	for _, k := range o.APIKeys {
		if !apiKeyPattern.MatchString(k.ID + ":" + k.Secret) {
			return errors.New("an API key does not look like one")
		}
	}
	return nil
}

func (o Options) user(name string) (User, bool) {
	i := slices.IndexFunc(o.Users, func(u User) bool { return u.Name == name })
	if i < 0 {
		return guest, false
	}
	return o.Users[i], true
}

// lounge reports whether new photos wait: lounge_activate_threshold is one photo [S].
func (o Options) lounge() bool { return o.Version >= V13 && !o.NoLounge }

// detectsDuplicates reports upload_detect_duplicate [F6].
func (o Options) detectsDuplicates() bool { return o.Version >= V14 && !o.AcceptDuplicates }

// types is upload_file_types: without others $conf['picture_ext'] [R2.1], which has
// webp since 14 [S].
func (o Options) types() []string {
	switch {
	case len(o.FileTypes) > 0:
		return o.FileTypes
	case o.Version < V14:
		return []string{"jpg", "jpeg", "png", "gif"}
	}
	return []string{"jpg", "jpeg", "png", "gif", "webp"}
}
