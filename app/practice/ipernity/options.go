package ipernity

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"time"
)

// Options say what kind of service to be. Only Dir is needed.
type Options struct {
	// Dir holds the service's state. It is created if it is missing.
	Dir string
	// Log may be nil.
	Log *slog.Logger
	// Now is the service's clock. Nil means time.Now.
	Now func() time.Time
	// NoSync leaves out the fsync of the index. State then survives the end of the
	// process, but not of the machine.
	NoSync bool

	// Key and Secret are those of the application that is known: 32 and 16 lower-case
	// hexadecimal digits. Empty means [DefaultKey] and [DefaultSecret].
	Key, Secret string
	// AppName is what the consent page calls the application. Empty means "PhotoFerry".
	AppName string
	// Users are the accounts. Empty means [DefaultUsers].
	Users []User
	// SignedIn is the name of the user who is signed in on every browser that comes for
	// the first time. Empty means nobody.
	SignedIn string

	// FrobLife is how long a frob can be used: a few minutes [D5]. Zero means 10 minutes.
	FrobLife time.Duration
	// Checks is how often upload.checkTickets says that a document is still being
	// processed before it is done or invalid.
	Checks int
	// Processing is how long a document is being processed; both must be over.
	Processing time.Duration
	// ETA is what checkTickets answers, in seconds, while Checks are left. Zero means a
	// random number from 1 to 3.
	ETA int
	// AppLimit and IPLimit bound the calls of the application and of one address: 112
	// and 113 [S].
	AppLimit, IPLimit Limit
	// MaxAlbumsPerDoc is how many albums a document may be in [D18]. Zero means 50
	// [CHOICE].
	MaxAlbumsPerDoc int
	// MaxDocsPerAlbum is how many documents an album may hold. Zero means no limit.
	MaxDocsPerAlbum int

	// The switches below choose another reading where the sources are silent or differ.

	// Numbers writes numbers as numbers, as the pages do and the live service does not.
	Numbers bool
	// KeepEmptyArrays keeps the array of an empty list, which the live service leaves
	// out.
	KeepEmptyArrays bool
	// APIFirst puts api before the payload, as the pages do and the live service does
	// not.
	APIFirst bool
	// PermsBlock calls the permissions of auth.getToken and auth.checkToken "perms", as
	// the page does and the live service does not.
	PermsBlock bool
	// PerPage calls the size of a page "perpage" instead of "per_page": the pages have
	// both.
	PerPage bool
	// NoAlbumPages leaves pages out of album.getList, as the page does.
	NoAlbumPages bool
	// MD5 is where extra=md5 shows up, and what it is.
	MD5 MD5Form
	// CheckMD5 makes doc.checkMD5 work as its page says that it will some day.
	CheckMD5 bool
	// TicketIsDocID gives tickets and documents the same ID.
	TicketIsDocID bool
	// TerseTickets leaves done and invalid out of tickets where they are 0.
	TerseTickets bool
	// HiddenUntilDone hides a document until it is processed. One whose ticket nobody
	// asks for stays hidden while Checks are left.
	HiddenUntilDone bool
	// EarlyBurnsFrob makes auth.getToken use up a frob that nobody has answered yet.
	EarlyBurnsFrob bool
	// DefaultPublic makes documents public whose visibility was not sent, instead of
	// private.
	DefaultPublic bool

	// InvalidTickets makes the processing of every new document fail.
	InvalidTickets bool
	// Refuse gives the common code (100 to 503) that a method answers with when all else
	// is right, 0 for none. The empty name stands for every method that is not named.
	Refuse map[string]int
	// ErrorStatus is the HTTP status of answers with status "error". Zero means 200.
	ErrorStatus int
}

// DefaultKey and DefaultSecret are those of the application that practice knows.
const (
	DefaultKey    = "0123456789abcdef0123456789abcdef"
	DefaultSecret = "0a2b3c4d5e6a7b8d"
)

// Limit bounds how many calls are allowed in a window of time. Zero Calls means no
// limit, and zero Per one hour.
type Limit struct {
	Calls int
	Per   time.Duration
}

// MD5Form is what extra=md5 does [D11, D12]. The pages do not show it.
type MD5Form int

// An attribute of doc is the likeliest reading.
const (
	MD5InDoc      MD5Form = iota // an attribute of doc
	MD5InOriginal                // an attribute of doc.original
	MD5Absent                    // nothing
	MD5Other                     // an attribute of doc; not that of the bytes as they came
)

// User is an account.
type User struct {
	ID       int64
	Name     string // to sign in with, and username
	Realname string
	Password string
	Pro      bool // a member, not a guest
	Closed   bool // 108

	// MaxPhoto is the largest photo in bytes. Zero means 1 GiB for a member, 2.5 MiB
	// for a guest [C1].
	MaxPhoto int64
	// Monthly is what may be uploaded in a calendar month, in bytes. Zero means no limit
	// for a member [D10], and 200 MiB for a guest [CHOICE].
	Monthly int64
	// Used is how much of it has been used in other ways, in bytes.
	Used int64
	// MaxAlbums is how many albums the user may have. Zero means 2048 for a member [D10],
	// and 10 for a guest [CHOICE].
	MaxAlbums int
}

const (
	mib = int64(1) << 20
	gib = int64(1) << 30
)

// DefaultUsers are a member and a guest.
func DefaultUsers() []User {
	return []User{
		{ID: 12345, Name: "member", Realname: "Mary Member", Password: "member", Pro: true},
		{ID: 54321, Name: "guest", Password: "guest"},
	}
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Key == "" {
		o.Key = DefaultKey
	}
	if o.Secret == "" {
		o.Secret = DefaultSecret
	}
	if o.AppName == "" {
		o.AppName = "PhotoFerry"
	}
	if len(o.Users) == 0 {
		o.Users = DefaultUsers()
	}
	if o.FrobLife == 0 {
		o.FrobLife = 10 * time.Minute
	}
	if o.MaxAlbumsPerDoc == 0 {
		o.MaxAlbumsPerDoc = 50
	}
	if o.ErrorStatus == 0 {
		o.ErrorStatus = 200
	}
	for _, l := range []*Limit{&o.AppLimit, &o.IPLimit} {
		if l.Per == 0 {
			l.Per = time.Hour
		}
	}
	o.Users = slices.Clone(o.Users)
	o.Refuse = maps.Clone(o.Refuse)
	return o
}

var (
	keyShape    = regexp.MustCompile(`^[0-9a-f]{32}$`)
	secretShape = regexp.MustCompile(`^[0-9a-f]{16}$`)
)

func (o Options) validate() error {
	switch {
	case o.Dir == "":
		return errors.New("no directory given")
	case !keyShape.MatchString(o.Key):
		return errors.New("key is not 32 hexadecimal digits")
	case !secretShape.MatchString(o.Secret):
		return errors.New("secret is not 16 hexadecimal digits")
	case o.MD5 < MD5InDoc || o.MD5 > MD5Other:
		return fmt.Errorf("unknown MD5 form %d", o.MD5)
	case o.Checks < 0 || o.Processing < 0 || o.ETA < 0 || o.AppLimit.Calls < 0 || o.IPLimit.Calls < 0 || o.MaxAlbumsPerDoc < 0 || o.MaxDocsPerAlbum < 0:
		return errors.New("a limit is negative")
	case o.ErrorStatus < 200 || o.ErrorStatus > 599:
		return fmt.Errorf("unknown HTTP status %d", o.ErrorStatus)
	}
	return errors.Join(o.validateRefuse(), o.validateUsers())
}

func (o Options) validateRefuse() error {
	for name, code := range o.Refuse {
		if _, ok := methods[name]; name != "" && !ok {
			return fmt.Errorf("no method %q to refuse", name)
		}
		if _, ok := commonTexts[code]; !ok && code != 0 {
			return fmt.Errorf("%d is no common error code", code)
		}
	}
	return nil
}

func (o Options) validateUsers() error {
	ids, names := map[int64]bool{}, map[string]bool{}
	for _, u := range o.Users {
		if u.ID <= 0 || ids[u.ID] || u.Name == "" || names[u.Name] {
			return fmt.Errorf("user %d %q is without ID or name, or there twice", u.ID, u.Name)
		}
		if u.MaxPhoto < 0 || u.Monthly < 0 || u.Used < 0 || u.MaxAlbums < 0 {
			return fmt.Errorf("a limit of user %q is negative", u.Name)
		}
		ids[u.ID], names[u.Name] = true, true
	}
	if o.SignedIn != "" && !names[o.SignedIn] {
		return fmt.Errorf("signed-in user %q does not exist", o.SignedIn)
	}
	return nil
}

func (o Options) userNamed(name string) (User, bool) {
	return find(o.Users, func(u User) bool { return u.Name == name })
}

func (o Options) user(id int64) (User, bool) {
	return find(o.Users, func(u User) bool { return u.ID == id })
}

func find[T any](all []T, is func(T) bool) (T, bool) {
	if i := slices.IndexFunc(all, is); i >= 0 {
		return all[i], true
	}
	var none T
	return none, false
}

func (u User) maxPhoto() int64 {
	switch {
	case u.MaxPhoto != 0:
		return u.MaxPhoto
	case u.Pro:
		return gib
	}
	return 5 * mib / 2
}

// maxBytes is the largest file of a kind that a user may upload. Guests may not upload
// videos [C1]; that the other kinds have the limit of photos is a [CHOICE].
func (u User) maxBytes(media string) int64 {
	if media == mediaVideo && !u.Pro {
		return 0
	}
	return u.maxPhoto()
}

// monthly is what a user may upload in a month, and 0 if there is no limit.
func (u User) monthly() int64 {
	if u.Monthly == 0 && !u.Pro {
		return 200 * mib
	}
	return u.Monthly
}

func (u User) maxAlbums() int {
	switch {
	case u.MaxAlbums != 0:
		return u.MaxAlbums
	case u.Pro:
		return 2048
	}
	return 10
}

// largestFile is the largest file that any user may upload.
func (o Options) largestFile() int64 {
	n := int64(0)
	for _, u := range o.Users {
		n = max(n, u.maxPhoto())
	}
	return n
}
