package picapport

import (
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Options say what kind of server to be. Only Dir is needed.
type Options struct {
	// Dir holds the server's state. It is created if it is missing.
	Dir string
	// Log may be nil.
	Log *slog.Logger

	// Users are the accounts. Empty means [DefaultUsers].
	Users []User
	// Profile is the version of PicApport to be. Zero means V104.
	Profile Profile
	// Fields names the three members of upload's answer whose names are not known.
	// Zero means FieldsDefault.
	Fields Fields

	// APIKey is webapi.apikey: createWebApiSession needs it if it is set [S4].
	APIKey string
	// DefaultUID is webapi.default.uid: the user of calls without apisid. It works
	// only if that user's password equals the user's ID [S3].
	DefaultUID string
	// MaxSessionsPerIP is webapi.max.sessions.per.ip [S4]. Zero means no limit.
	MaxSessionsPerIP int
	// NoEncryption is webapi.DISABLE.PASSWORD.ENCRYPTION: algorithm "none" [S4].
	NoEncryption bool
	// DemoMode is server.demomode: no uploads [S3].
	DemoMode bool
	// MaxFileMB is upload.max.filesize.mb, in units of 1,000,000 bytes [S14]. Zero
	// means 100.
	MaxFileMB float64
	// VideoTypes are the video extensions that are accepted, such as ".mov" [S14].
	VideoTypes []string
	// ThumbHeight is thumbs.height in pixels [S9]. Zero means 160.
	ThumbHeight int
	// SessionIdle is how long an unused session lives. Zero means 30 minutes.
	SessionIdle time.Duration

	// KeepReceived keeps the bytes exactly as they came in Dir/received.
	KeepReceived bool
	// NoSync leaves out the fsync of the index. State then survives the end of the
	// process, but not of the machine.
	NoSync bool
	// NoMD5 leaves Received.MD5 empty: MD5 is the slowest step of an upload.
	NoMD5 bool

	// The switches below choose another reading where the documents are silent.

	// Disabled is webapi.enabled=false: every call gives 404.
	Disabled bool
	// UnknownFunctionStatus answers functions that the profile does not have. Zero
	// means 501; 404 is the other reading.
	UnknownFunctionStatus int
	// DemoStatus answers uploads in demo mode. Zero means 403; 501 is the other
	// reading.
	DemoStatus int
	// DropOldestSession makes room at the session limit instead of answering 403.
	DropOldestSession bool
	// KeyPerSession makes a new RSA key for every session instead of one per server.
	KeyPerSession bool
	// APIKeyOnImplicit makes calls that create a session implicitly need the apikey.
	APIKeyOnImplicit bool
	// PasswordUTF8 reads decrypted passwords as UTF-8 instead of Latin-1.
	PasswordUTF8 bool
	// StatusAlways makes getServerStatus answer isValid=false for an unknown session
	// instead of 403.
	StatusAlways bool
	// MaxSizeForm is the JSON type of uploadMaxFilesizeMB.
	MaxSizeForm MaxSizeForm
	// ContentTest is what must look like a JPEG.
	ContentTest ContentTest
	// AnyPhotoID accepts photo IDs that are not an unpadded Base64 UUID version 4.
	AnyPhotoID bool
	// MergeMetadata adds a metadata part to the one before it instead of replacing it.
	MergeMetadata bool
	// MetadataLatin1 reads metadata parts as ISO-8859-1, which spoils everything that
	// is not ASCII.
	MetadataLatin1 bool
	// RefuseUnknownKeys answers 400 to metadata with an undocumented member.
	RefuseUnknownKeys bool
	// RefuseChunked answers 400 to an upload without Content-Length.
	RefuseChunked bool
	// RefuseEarly refuses an upload without reading the rest of it, which a client that
	// is still sending may see as a reset.
	RefuseEarly bool
	// SyncGivenOnly keeps IDs made by the server out of syncedPhotoIDs.txt.
	SyncGivenOnly bool
	// IndexingChecks is how often checkPhotoId says that a new photo does not exist
	// before it says that it does.
	IndexingChecks int
	// DownloadsForFullSize makes getPhoto without a size need pap:access:downloads.
	DownloadsForFullSize bool

	// ExistsText is the outcome of a photo whose ID is known. Empty means
	// "Server Error: Photo already exists.".
	ExistsText string
	// ContentTypeStop adds a full stop to "Server Error: Invalid content type".
	ContentTypeStop bool
	// RefuseWith makes upload read each photo and refuse it with this outcome.
	RefuseWith string
	// ReportAs makes upload store each photo and report this outcome instead of OK.
	ReportAs string
	// FullPaths makes upload report the full path on the server as fileName.
	FullPaths bool
	// RenameFiles makes the server choose its own file names.
	RenameFiles bool
	// ShortResult leaves the last photo of a request out of upload's answer.
	ShortResult bool
}

// Profile is a version of PicApport: it hides functions and fields that are newer.
type Profile int

// The versions that brought something to the WebApi, and the newest one that is known.
const (
	V74  Profile = 70400  // the first WebApi
	V83  Profile = 80300  // getServerStatus, checkPhotoId, removePhoto, photoID on upload
	V91  Profile = 90104  // alreadySynced, doSyncCheck
	V92  Profile = 90200  // returnatu, uploadMaxFilesizeMB, supportedVideoTypes
	V104 Profile = 100400 // the newest
)

// Profiles returns all versions, oldest first.
func Profiles() []Profile { return []Profile{V74, V83, V91, V92, V104} }

// String returns the version as people write it: "9.1.04".
func (p Profile) String() string {
	major, minor, patch := p/10000, p/100%100, p%100
	if patch == 0 {
		return fmt.Sprintf("%d.%d", major, minor)
	}
	return fmt.Sprintf("%d.%d.%02d", major, minor, patch)
}

// build is getServerStatus's version: "V", the number, the day. Only the one of 8.3
// is attested [S14]; the other days are made up [CHOICE].
func (p Profile) build() string {
	switch p {
	case V83:
		return "V8.3.0 06.05.2020"
	case V91:
		return "V9.1.04 15.01.2021"
	case V92:
		return "V9.2.00 01.06.2021"
	}
	return "V10.4.00 01.02.2023"
}

// Fields names the members of upload's answer whose names the documents at hand do
// not show.
type Fields struct {
	Photos string // the array with one element per photo
	Size   string // the size of a photo in bytes
	Result string // the outcome
}

// FieldsDefault and FieldsOther are two plausible sets; a client must cope with both.
var (
	FieldsDefault = Fields{Photos: "photos", Size: "fileSize", Result: "result"}
	FieldsOther   = Fields{Photos: "files", Size: "size", Result: "status"}
)

// MaxSizeForm is how getServerStatus writes uploadMaxFilesizeMB.
type MaxSizeForm int

// The documents say string [S14], which is odd enough for a client to expect more.
const (
	MaxSizeString MaxSizeForm = iota
	MaxSizeNumber
	MaxSizeAbsent
)

// ContentTest is what upload looks at to tell whether a part is a JPEG.
type ContentTest int

// The documents do not say what is tested, so by default everything is.
const (
	TestAll ContentTest = iota
	TestHeader
	TestName
	TestBytes
)

// Permission is what a user may do. Real servers give permissions to groups; here a
// user has those of all its groups at once.
type Permission string

// The permissions that the WebApi asks for [S8, S11, S19].
const (
	AccessUploads   Permission = "pap:access:uploads"
	AccessDownloads Permission = "pap:access:downloads"
	AccessMetadata  Permission = "pap:access:metadata"
	RemovePhotos    Permission = "pap:access:removephotos"
)

// User is an account on the server.
type User struct {
	UID         string
	Name        string
	Password    string
	AccessToken string // atu; empty if the user has none
	Permissions []Permission
}

// May reports whether the user has a permission.
func (u User) May(p Permission) bool { return slices.Contains(u.Permissions, p) }

// DefaultUsers are the accounts of a fresh installation [S10, S11]. Who of them may
// do what is a [CHOICE].
func DefaultUsers() []User {
	return []User{
		{UID: "admin", Name: "Administrator", Password: "admin", Permissions: []Permission{AccessUploads, AccessDownloads, AccessMetadata, RemovePhotos}},
		{UID: "picapport", Name: "PicApport", Password: "picapport", Permissions: []Permission{AccessUploads, AccessDownloads, AccessMetadata}},
		{UID: "guest", Name: "Guest", Password: "guest"},
	}
}

func (o Options) withDefaults() Options {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if len(o.Users) == 0 {
		o.Users = DefaultUsers()
	}
	if o.Profile == 0 {
		o.Profile = V104
	}
	if o.Fields == (Fields{}) {
		o.Fields = FieldsDefault
	}
	if o.MaxFileMB == 0 {
		o.MaxFileMB = 100
	}
	if o.ThumbHeight == 0 {
		o.ThumbHeight = 160
	}
	if o.SessionIdle == 0 {
		o.SessionIdle = 30 * time.Minute
	}
	if o.UnknownFunctionStatus == 0 {
		o.UnknownFunctionStatus = 501
	}
	if o.DemoStatus == 0 {
		o.DemoStatus = 403
	}
	if o.ExistsText == "" {
		o.ExistsText = "Server Error: Photo already exists."
	}
	return o
}

func (o Options) validate() error {
	if o.Dir == "" {
		return fmt.Errorf("no directory given")
	}
	if !slices.Contains(Profiles(), o.Profile) {
		return fmt.Errorf("unknown profile %d", o.Profile)
	}
	if o.Fields.Photos == "" || o.Fields.Size == "" || o.Fields.Result == "" {
		return fmt.Errorf("incomplete field names %+v", o.Fields)
	}
	if o.MaxFileMB < 0 || o.ThumbHeight < 0 || o.MaxSessionsPerIP < 0 {
		return fmt.Errorf("a limit is negative")
	}
	seen := map[string]bool{}
	for _, u := range o.Users {
		if u.UID == "" || seen[u.UID] {
			return fmt.Errorf("user ID %q is empty or used twice", u.UID)
		}
		seen[u.UID] = true
	}
	return nil
}

func (o Options) user(uid string) (User, bool) {
	i := slices.IndexFunc(o.Users, func(u User) bool { return u.UID == uid })
	if uid == "" || i < 0 {
		return User{}, false
	}
	return o.Users[i], true
}

// selfNamed returns the user with this ID if its password equals the ID: the one
// kind of user that needs no sign-in [S3].
func (o Options) selfNamed(uid string) (User, bool) {
	u, ok := o.user(uid)
	return u, ok && u.Password == u.UID
}

func (o Options) maxBytes() int64 { return int64(o.MaxFileMB * 1e6) }

// maxSize is uploadMaxFilesizeMB in the form that is switched on; nil means absent.
func (o Options) maxSize() any {
	switch o.MaxSizeForm {
	case MaxSizeNumber:
		return o.MaxFileMB
	case MaxSizeAbsent:
		return nil
	}
	return strconv.FormatFloat(o.MaxFileMB, 'f', -1, 64)
}

// takesVideo reports whether files with this extension are accepted as videos.
func (o Options) takesVideo(ext string) bool {
	return o.Profile >= V92 && slices.ContainsFunc(o.VideoTypes, func(t string) bool { return strings.EqualFold(t, ext) })
}
