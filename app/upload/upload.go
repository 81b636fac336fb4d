package upload

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/photoferry/photoferry/app/photo"
)

// ErrNotFound is returned by [Uploader.Find] when the account was asked and
// does not have the item. It is an answer, not a fault.
var ErrNotFound = errors.New("not on the server")

// Uploader delivers to one account. All methods may be called from several
// goroutines at once, and again after any error.
//
// Every error except [ErrNotFound], [errors.ErrUnsupported] and the context's
// own is, or wraps, an [*Error]. No error text contains a secret. A cancelled
// context makes every method return within a second.
type Uploader interface {
	// Check asks for address, sign-in, rights and limits. It changes nothing
	// on the server. Limits are valid only when the error is nil, except for
	// its Ticks, which tell how far the check came.
	Check(ctx context.Context) (Limits, error)

	// Find asks whether the item's bytes were delivered before, without
	// sending them. It returns [ErrNotFound] when they were not, and
	// [errors.ErrUnsupported] when this server cannot be asked.
	// A receipt with Gone set says: was here, deleted on the server.
	Find(ctx context.Context, it Item) (Receipt, error)

	// Upload makes one attempt to deliver the item. It opens the item once per
	// transmission and closes what it opened. A receipt with Known set says
	// that the server refused the bytes because it has them.
	Upload(ctx context.Context, it Item) (Receipt, error)
}

// Viewer is implemented by uploaders whose service can show a picture again.
type Viewer interface {
	// View streams a picture that is on the server. The caller closes the body.
	View(ctx context.Context, q View) (Picture, error)
}

// AlbumLister is implemented by uploaders whose service has albums.
type AlbumLister interface {
	// Albums returns the albums' names, nested ones as "parent/child", sorted.
	// Upload takes the same names, and creates what is missing.
	Albums(ctx context.Context) ([]string, error)
}

// BrowserLogin is implemented by uploaders whose accounts are signed in to on a
// page of the service, where the person lets this program in.
type BrowserLogin interface {
	// Begin returns the page to open, and a note for Finish. The note may hold
	// secrets; it stays good when the program is started anew in between.
	Begin(ctx context.Context) (page, note string, err error)

	// Finish fetches the account's token after the person has confirmed on the
	// page. An error of kind Denied says that this has not happened, or too
	// long ago; its hint tells which of the two calls to repeat.
	Finish(ctx context.Context, note string) (token string, err error)
}

// MaxBulk is the largest number of items of one call of [BulkFinder.FindAll].
const MaxBulk = 500

// BulkFinder is implemented by uploaders that can ask for many items at once.
type BulkFinder interface {
	// FindAll asks as Find does, for at most [MaxBulk] items. It returns one
	// receipt for each, in their order; one without RemoteID says that the
	// item was not found.
	FindAll(ctx context.Context, its []Item) ([]Receipt, error)
}

// Finisher is implemented by uploaders whose service must be told when a batch
// is over, so that its photos appear everywhere.
type Finisher interface {
	// Finish tells it. The engine calls it after the last photo of a batch,
	// now and then during a long one, and once at its start. With nothing to
	// finish it asks nobody.
	Finish(ctx context.Context) error
}

// Verifier is implemented by uploaders that can look closer at a delivered
// photo than Find does, because they are given its remote ID.
type Verifier interface {
	// Verify returns [ErrNotFound] when the photo is not there any more.
	// The receipt's Verified says how sure the answer is.
	Verify(ctx context.Context, it Item, remoteID string) (Receipt, error)
}

// View names a picture on the server and its wanted size. Exactly one of
// Photo, Share and View is set.
type View struct {
	Photo  string // remote ID, as in Receipt.RemoteID
	Share  string // ID of a shared gallery, with Index
	ViewID string // ID of a query's result, with Index
	Index  int    // zero based position in Share or ViewID

	Width, Height int     // pixels; 0 leaves the choice to the server
	Quality       float64 // 0..1; 0 is the server's default
	Thumbnail     bool    // the server's small picture; sizes are ignored
}

// Picture is a picture as a service shows it.
type Picture struct {
	io.ReadCloser
	ContentType string
	Size        int64 // bytes; -1 when the server did not say
}

// Item is one photo to be found or delivered.
type Item struct {
	Name   string     // file name without folder
	Size   int64      // bytes that Open will yield
	SHA256 [32]byte   // of the original: the photo's identity, also where a copy is sent in its place
	MD5    [16]byte   // of the bytes that Open will yield
	Kind   photo.Kind // of these
	Meta   photo.Meta
	// Redated says that Meta.Taken is not the date in the bytes: a sidecar, or
	// the correction of a camera's clock, says another.
	Redated bool
	Album   string // rendered; "" for the account's default

	// SyncCheck asks the service to refuse what it has ever received before
	// (PicApport's doSyncCheck). False sends even what was deleted there.
	SyncCheck bool

	// Replaces is the remote ID of an earlier version of the photo, whose place
	// it is to take; "" for none. A service that cannot, or does not find it,
	// stores the photo as a new one.
	Replaces string

	// Open returns a fresh reader over the bytes. It may be called more than
	// once per attempt (redirects, a repeated sign-in), never concurrently.
	Open func() (io.ReadCloser, error)

	// Mark is what SetMark last stored for this job, such as a ticket or a
	// chunk count; "" at the first attempt.
	Mark string
	// SetMark stores a mark; it is durable when SetMark returns nil.
	SetMark func(mark string) error
}

// Receipt is what the service said about an item.
type Receipt struct {
	RemoteID string // the service's ID of the photo
	URL      string // where a person can look at it; "" when there is no such page
	Name     string // file name on the server, when it says
	Album    string // album that it went to, when known
	Known    bool   // the server had these bytes already
	Gone     bool   // delivered once and deleted on the server since
	Verified string // how the service confirmed it, in plain words; "" when it did not
}

// Limits are what an account may do and how much, as far as the server says.
type Limits struct {
	Server   string       // product and version as reported, such as "PicApport V10.4.00"
	User     string       // the user as the server names him
	MaxBytes int64        // largest file; 0 when unknown
	Kinds    []photo.Kind // what it takes; empty when unknown
	Free     int64        // bytes of quota left; -1 when unknown
	CanFind  bool         // Find can answer
	Ticks    []Tick       // the check's steps, in order
}

// Tick is one line of a check as a person reads it.
type Tick struct {
	What   string // "Address", "Sign-in", "May upload", ...
	OK     bool
	Detail string
}

// Account is what an uploader must know of a configured account.
type Account struct {
	ID          string // never changes
	Name        string
	URL         string            // the site's root
	User        string            // "" where the service does not need one
	Options     map[string]string // service's own settings, by documented key
	Secret      string            // password, or the application's secret; never printed: see LogValue and String
	Token       string            // from [BrowserLogin.Finish]; "" before. Never printed either
	Fingerprint string            // SHA-256 of a trusted certificate, hex; "" for public trust only
	Memory      Memory            // what the client has learned; nil forgets at once
}

// Memory keeps small facts that a client learns about its account and needs
// again after a restart: what the server takes at most, the last number used.
// It holds no secrets. Its methods may be called from several goroutines.
type Memory interface {
	Load(key string) string        // "" when nothing was stored
	Store(key, value string) error // durable when it returns nil; "" forgets
}

// Recall returns what was remembered under a key, "" when nothing was.
func (a Account) Recall(key string) string {
	if a.Memory == nil {
		return ""
	}
	return a.Memory.Load(key)
}

// Remember stores a fact for [Account.Recall], also after a restart.
func (a Account) Remember(key, value string) error {
	if a.Memory == nil {
		return nil
	}
	return a.Memory.Store(key, value)
}

// Service describes one kind of site. The engine's table of services holds one
// value per sub-package.
type Service struct {
	ID   string // "picapport": settings, command line, JSON
	Name string // "PicApport": what people read

	// Site is the address of most accounts; "" where everybody has one of their
	// own.
	Site string

	// Takes reports whether an account with these limits takes files of this kind.
	Takes func(l Limits, kind photo.Kind) bool

	// ByOriginal says that photos are known again by Item.SHA256 alone,
	// whatever bytes were sent.
	ByOriginal bool

	// Replaces says that Item.Replaces is heeded.
	Replaces bool

	// New returns an uploader. It does no I/O; it fails on an unusable account.
	New func(a Account, hc *http.Client) (Uploader, error)

	// Browser says that accounts are signed in to in the browser: New returns
	// a [BrowserLogin], and Account.Secret is the application's.
	Browser bool

	// Lanes is how many uploads at once the service bears, unless the user
	// wants fewer; nil bears as many as the user wants.
	Lanes func(a Account) int

	// Options lists the keys that Account.Options may have, with a short
	// explanation for the command line's help and the settings check.
	Options map[string]string
	// Needs are the keys of Options without which there is no account.
	Needs []string
	// Private are the keys of Options whose values are secrets: they are kept
	// with the account's secret and never stand in the settings file.
	Private []string
}

// Kind is the class of an error; the engine acts on nothing else.
type Kind uint8

// The kinds, as docs/design.md describes them under Errors.
const (
	Transient Kind = iota // network, 5xx, cut answers, anything unclassified: retried with growing delay
	Busy                  // the server asks for patience: snoozed, the account waits
	Denied                // sign-in, rights, key, certificate: the account is held
	Full                  // quota or disk full on the server: the account is held until it may be free
	Rejected              // this photo will never be taken: failed
	Unsure                // the answer was lost and the service cannot be asked: failed, the user decides
)

// String returns the kind's name as it stands in JSON and logs.
func (k Kind) String() string {
	switch k {
	case Busy:
		return "busy"
	case Denied:
		return "denied"
	case Full:
		return "full"
	case Rejected:
		return "rejected"
	case Unsure:
		return "unsure"
	default:
		return "transient"
	}
}

// Error is a classified failure.
type Error struct {
	Kind   Kind
	Op     string // what was being done: "sign in", "upload"
	Reason string // what went wrong, for people, one sentence without full stop
	Hint   string // what to do about it; "" when there is nothing
	Status int    // HTTP status, 0 when there was none

	RetryAfter time.Duration // what the server asked for; 0 when it did not
	Offline    bool          // the server could not be reached at all
	// Fingerprint is set when a certificate is not trusted: its SHA-256 in
	// hex, for the question to the user.
	Fingerprint string

	Err error // the cause; may be nil
}

// Error returns the operation, the reason and the cause.
func (e *Error) Error() string {
	s := e.Reason
	if e.Op != "" {
		s = e.Op + ": " + s
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// KindOf returns the kind of the first [*Error] in err's chain, Transient when
// there is none.
func KindOf(err error) Kind {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Kind
	}
	return Transient
}
