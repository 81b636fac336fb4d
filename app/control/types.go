package control

import "time"

// Status is one snapshot of everything that the screen shows. Icon, tooltip,
// first menu line, status strip and notifications are all made from it, so
// that they cannot disagree.
type Status struct {
	Running bool   `json:"running"` // an engine is at work on these files
	Version string `json:"version"`
	State   State  `json:"state"`
	Text    string `json:"text"`           // one line for people: "Sending 12 of 143"
	Hint    string `json:"hint,omitempty"` // what to do, when something needs the user

	PausedUntil *time.Time `json:"paused_until,omitempty"` // set while paused for a time
	PausedBy    PausedBy   `json:"paused_by,omitempty"`    // while paused
	Accounts    []Account  `json:"accounts"`
	Folders     []Folder   `json:"folders"`
	Counts      Counts     `json:"counts"`
	Transfer    Transfer   `json:"transfer"`
	Active      []Job      `json:"active"`           // being sent now
	Recent      []Record   `json:"recent"`           // the last five delivered, newest first
	Notice      string     `json:"notice,omitempty"` // something said once, such as a queue that was rebuilt
	Home        string     `json:"home"`             // where settings, queue and log lie
	Cards       []Card     `json:"cards"`            // memory cards that are in

	// From the settings: what the window and the tray go by.
	Theme         string `json:"theme"`         // system, light or dark
	Language      string `json:"language"`      // system, en, de or fr
	Notifications bool   `json:"notifications"` // the desktop may be told
}

// PausedBy is who pauses everything.
type PausedBy string

// Who pauses.
const (
	PausedByUser    PausedBy = "user"
	PausedByHours   PausedBy = "quiet_hours"
	PausedByMetered PausedBy = "metered"
	PausedByBattery PausedBy = "battery"
)

// State is what the program is doing, in one word.
type State string

// The states, most urgent first: the first that applies is shown.
const (
	StateStopped   State = "stopped"   // an account needs the user before anything more is sent to it
	StatePaused    State = "paused"    // by the user
	StateSending   State = "sending"   // bytes are on their way
	StateSettling  State = "settling"  // waiting for files to be finished
	StateChecking  State = "checking"  // folders are being scanned
	StateOffline   State = "offline"   // an account cannot be reached
	StateWaiting   State = "waiting"   // photos wait for their time (retry, cooling)
	StateAttention State = "attention" // some photos failed, or a folder is away
	StateIdle      State = "idle"      // everything is delivered
)

// Counts are numbers of jobs by state, and of delivered photos.
type Counts struct {
	Ready     int   `json:"ready"`
	Leased    int   `json:"leased"`
	Waiting   int   `json:"waiting"`
	Failed    int   `json:"failed"`
	Skipped   int   `json:"skipped"`
	Delivered int   `json:"delivered"`
	Bytes     int64 `json:"bytes"` // still to be sent
}

// Transfer is the progress of the running batch: everything since the queue
// was last empty.
type Transfer struct {
	Files      int     `json:"files"` // finished in this batch
	FilesTotal int     `json:"files_total"`
	Bytes      int64   `json:"bytes"`
	BytesTotal int64   `json:"bytes_total"`
	Speed      float64 `json:"speed"`          // bytes a second, smoothed
	Left       float64 `json:"left,omitempty"` // seconds; 0 until the estimate is stable
}

// AccountState is what an account is doing.
type AccountState string

// The states of an account.
const (
	AccountOK      AccountState = "ok"
	AccountSending AccountState = "sending"
	AccountOffline AccountState = "offline" // cannot be reached; tried again by itself
	AccountBusy    AccountState = "busy"    // the server asked for patience
	AccountHeld    AccountState = "held"    // needs the user
	AccountPaused  AccountState = "paused"  // by the user
)

// Account is one account and its numbers.
type Account struct {
	ID      string       `json:"id"`
	Name    string       `json:"name"`
	Service string       `json:"service"`
	URL     string       `json:"url"`
	User    string       `json:"user,omitempty"`
	SignIn  SignIn       `json:"sign_in"`
	State   AccountState `json:"state"`
	Reason  string       `json:"reason,omitempty"`
	Hint    string       `json:"hint,omitempty"`
	Kind    string       `json:"kind,omitempty"` // of the error, when held: denied or full
	Next    *time.Time   `json:"next,omitempty"` // next try, when offline, busy or full

	Ready     int   `json:"ready"`
	Leased    int   `json:"leased"`
	Waiting   int   `json:"waiting"`
	Failed    int   `json:"failed"`
	Skipped   int   `json:"skipped"`
	Delivered int   `json:"delivered"`
	Bytes     int64 `json:"bytes"`

	// Fingerprint is set while the account is held because of a certificate
	// that is not trusted: its SHA-256 in hex, for the question to the user.
	Fingerprint string `json:"fingerprint,omitempty"`
}

// SignIn is how people sign in to an account.
type SignIn string

// The ways of signing in.
const (
	SignInPassword SignIn = "password" // the account's secret will do
	SignInBrowser  SignIn = "browser"  // on the service's page: BeginLogin, FinishLogin
)

// Job is one photo for one account, not yet finished.
type Job struct {
	ID      uint64     `json:"id"`
	Path    string     `json:"path"`
	Folder  string     `json:"folder,omitempty"`
	Account string     `json:"account"` // name
	Service string     `json:"service,omitempty"`
	State   string     `json:"state"` // ready, leased, waiting, failed, skipped
	Attempt int        `json:"attempt"`
	Error   string     `json:"error,omitempty"`
	Hint    string     `json:"hint,omitempty"`
	Kind    string     `json:"kind,omitempty"` // of the error: transient, busy, denied, full, rejected, unsure
	Size    int64      `json:"size"`
	Sent    int64      `json:"sent,omitempty"`  // bytes of this attempt, while leased
	Speed   float64    `json:"speed,omitempty"` // bytes a second, while leased
	Due     *time.Time `json:"due,omitempty"`   // while waiting
	Cooling bool       `json:"cooling,omitempty"`
	SHA256  string     `json:"sha256,omitempty"`
	Album   string     `json:"album,omitempty"`
	Title   string     `json:"title,omitempty"`
	Tags    []string   `json:"tags,omitempty"`
	Taken   *time.Time `json:"taken,omitempty"`   // when the photo was taken, if it says so
	Session uint64     `json:"session,omitempty"` // that it came with
	Created time.Time  `json:"created"`
}

// Record is one delivered photo: the receipt.
type Record struct {
	Path     string    `json:"path"`
	Account  string    `json:"account"` // name, or the ID of an account that was removed
	SHA256   string    `json:"sha256"`
	MD5      string    `json:"md5,omitempty"`
	Size     int64     `json:"size"`
	RemoteID string    `json:"remote_id"`
	URL      string    `json:"url"`
	At       time.Time `json:"at"`
	Outcome  string    `json:"outcome"`  // sent, known, adopted
	Verified string    `json:"verified"` // how, "" when it was not
	Album    string    `json:"album,omitempty"`
	Service  string    `json:"service,omitempty"` // "" of an account that was removed
	Session  uint64    `json:"session,omitempty"`
	Gone     bool      `json:"gone,omitempty"`

	// Taken is when the photo was taken, by its file where it does not say so;
	// nil of what earlier versions delivered.
	Taken *time.Time `json:"taken,omitempty"`
}

// Story is everything that is known about one file: the answer to "why".
type Story struct {
	Path     string         `json:"path"`
	Exists   bool           `json:"exists"`
	Folder   string         `json:"folder,omitempty"` // the watched folder that it lies in
	SHA256   string         `json:"sha256,omitempty"`
	Verdict  string         `json:"verdict"` // one sentence that answers the question
	Accounts []StoryAccount `json:"accounts"`
	Events   []Event        `json:"events"` // oldest first
}

// StoryAccount is a file's state for one account.
type StoryAccount struct {
	Account string  `json:"account"`
	State   string  `json:"state"` // delivered, gone, ready, leased, waiting, failed, skipped, none
	Text    string  `json:"text"`
	Hint    string  `json:"hint,omitempty"`
	Job     *Job    `json:"job,omitempty"`
	Record  *Record `json:"record,omitempty"`
}

// Event is one thing that happened to a file.
type Event struct {
	At      time.Time `json:"at"`
	Account string    `json:"account,omitempty"`
	What    string    `json:"what"`
	Text    string    `json:"text,omitempty"`
}

// JobQuery asks for a page of jobs.
type JobQuery struct {
	State   string `json:"state,omitempty"`
	Account string `json:"account,omitempty"` // name
	Text    string `json:"text,omitempty"`    // part of the path
	Folder  string `json:"folder,omitempty"`  // watched folder
	Session uint64 `json:"session,omitempty"`
	Group   string `json:"group,omitempty"` // JobGroup.Key; it implies state and account
	After   string `json:"after,omitempty"` // cursor: JobPage.Next
	Limit   int    `json:"limit,omitempty"` // 0: 1000; negative: all
}

// JobPage is a page of jobs.
type JobPage struct {
	Jobs []Job  `json:"jobs"`
	Next string `json:"next,omitempty"` // "" on the last page
}

// RecordQuery asks for a page of records, newest first.
type RecordQuery struct {
	Account string     `json:"account,omitempty"`
	Text    string     `json:"text,omitempty"`
	Session uint64     `json:"session,omitempty"`
	Outcome string     `json:"outcome,omitempty"` // sent, known, adopted
	Since   *time.Time `json:"since,omitempty"`
	Until   *time.Time `json:"until,omitempty"`
	After   string     `json:"after,omitempty"`
	Limit   int        `json:"limit,omitempty"`
}

// RecordPage is a page of records.
type RecordPage struct {
	Records []Record `json:"records"`
	Next    string   `json:"next,omitempty"`
}

// AddRequest hands files and folders over, as a drop on the window does.
type AddRequest struct {
	Paths       []string `json:"paths"`              // absolute
	Accounts    []string `json:"accounts,omitempty"` // names; empty: all
	Album       string   `json:"album,omitempty"`
	Title       string   `json:"title,omitempty"` // a template
	Description string   `json:"description,omitempty"`
	Tags        []string `json:"tags,omitempty"`
	NoSyncCheck bool     `json:"no_sync_check,omitempty"` // and send again what was delivered
}

// AddResult is what became of one file for one account. A file that is no
// photo has no account.
type AddResult struct {
	Path    string `json:"path"`
	Account string `json:"account,omitempty"`
	Result  string `json:"result"` // queued, already queued, known, skipped, not a photo, missing, unreadable
	Reason  string `json:"reason,omitempty"`
}

// AddSummary ends the stream of results.
type AddSummary struct {
	Files   int `json:"files"`
	Queued  int `json:"queued"`
	Known   int `json:"known"`   // delivered before, or in the queue already
	Skipped int `json:"skipped"` // not taken by any account, with the reason per file
	Missing int `json:"missing"` // do not exist or cannot be read
}

// Service is a kind of site that accounts can be on.
type Service struct {
	ID      string          `json:"id"`   // as in AccountSpec.Service
	Name    string          `json:"name"` // for people
	SignIn  SignIn          `json:"sign_in"`
	URL     string          `json:"url,omitempty"` // of most accounts
	Options []ServiceOption `json:"options"`       // needed ones first
}

// ServiceOption is a setting that accounts of a service can have.
type ServiceOption struct {
	Key    string `json:"key"` // as in AccountSpec.Options
	Help   string `json:"help"`
	Needed bool   `json:"needed,omitempty"` // there is no account without it
	Secret bool   `json:"secret,omitempty"` // its value is kept with the account's secret
}

// LoginPage is where a person lets this program in to an account.
type LoginPage struct {
	Account string `json:"account"`
	Page    string `json:"page"` // address to be opened in a browser; it holds no lasting secret
}

// AccountSpec configures a new account.
type AccountSpec struct {
	Service     string            `json:"service"`
	Name        string            `json:"name"`
	URL         string            `json:"url"`
	User        string            `json:"user,omitempty"`
	Options     map[string]string `json:"options,omitempty"`
	Secret      string            `json:"secret,omitempty"`
	Fingerprint string            `json:"fingerprint,omitempty"`  // trust this certificate
	Strip       string            `json:"strip,omitempty"`        // taken out of what is sent: place or all; "" is nothing
	Home        string            `json:"home,omitempty"`         // with strip place, only within this circle: "latitude, longitude, metres"
	LongestSide int               `json:"longest_side,omitempty"` // pixels; larger pictures are sent smaller, as JPEG
	Quality     int               `json:"quality,omitempty"`      // of JPEG, where a picture is coded anew; 0 is 90
	NoCheck     bool              `json:"no_check,omitempty"`     // add without asking the server
}

// CheckReport is the outcome of a live check.
type CheckReport struct {
	Account  string   `json:"account"`
	OK       bool     `json:"ok"`
	Server   string   `json:"server,omitempty"`
	User     string   `json:"user,omitempty"`
	MaxBytes int64    `json:"max_bytes,omitempty"`
	Free     int64    `json:"free,omitempty"` // bytes of quota, 0 when unknown
	Kinds    []string `json:"kinds,omitempty"`
	Ticks    []Tick   `json:"ticks"`
	Reason   string   `json:"reason,omitempty"`
	Hint     string   `json:"hint,omitempty"`
	Kind     string   `json:"kind,omitempty"` // kind of the error
	// LoginNext says that address and keys are good, and that the person has
	// still to sign in in the browser.
	LoginNext bool `json:"login_next,omitempty"`
	// Fingerprint of a certificate that is not trusted yet.
	Fingerprint string `json:"fingerprint,omitempty"`
}

// Tick is one line of a check.
type Tick struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
}

// AccountChange changes what is not nil.
type AccountChange struct {
	Account     string            `json:"account"` // its name now
	Name        *string           `json:"name,omitempty"`
	URL         *string           `json:"url,omitempty"`
	User        *string           `json:"user,omitempty"`
	Options     map[string]string `json:"options,omitempty"` // "" takes one away
	Strip       *string           `json:"strip,omitempty"`   // as in AccountSpec
	Home        *string           `json:"home,omitempty"`
	LongestSide *int              `json:"longest_side,omitempty"`
	Quality     *int              `json:"quality,omitempty"`
	Fingerprint *string           `json:"fingerprint,omitempty"` // of a certificate that is trusted from this change on
	NoCheck     bool              `json:"no_check,omitempty"`
}

// PauseRequest pauses an account, or everything.
type PauseRequest struct {
	Account string     `json:"account,omitempty"` // name; "" is everything
	Until   *time.Time `json:"until,omitempty"`   // nil: until resumed
}

// IDs names jobs; empty means all that the verb applies to.
type IDs struct {
	IDs []uint64 `json:"ids,omitempty"`
}

// Done is the answer of verbs that change jobs.
type Done struct {
	Count int `json:"count"`
}

// VerifyResult is the outcome for one delivered photo.
type VerifyResult struct {
	Record Record `json:"record"`
	Result string `json:"result"` // verified, missing, gone, unknown
	Reason string `json:"reason,omitempty"`
}

// VerifySummary ends the stream of results.
type VerifySummary struct {
	Checked  int `json:"checked"`
	Verified int `json:"verified"`
	Missing  int `json:"missing"` // delivered, but not on the server
	Gone     int `json:"gone"`    // deleted on the server on purpose, as it says
	Unknown  int `json:"unknown"` // the server cannot be asked
}

// PictureRequest asks for a picture that is on a server.
type PictureRequest struct {
	Account string  `json:"account"` // name
	Photo   string  `json:"photo,omitempty"`
	Share   string  `json:"share,omitempty"`
	View    string  `json:"view,omitempty"`
	Index   int     `json:"index,omitempty"`
	Width   int     `json:"width,omitempty"`
	Height  int     `json:"height,omitempty"`
	Quality float64 `json:"quality,omitempty"`
	Thumb   bool    `json:"thumb,omitempty"`
}

// Finding is one line of the doctor's report.
type Finding struct {
	What   string `json:"what"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail,omitempty"`
	Hint   string `json:"hint,omitempty"`
}

// Message is one element of the event stream. Exactly one field is set.
type Message struct {
	Status *Status  `json:"status,omitempty"`
	Raise  bool     `json:"raise,omitempty"` // the window should come to the front
	Files  []string `json:"files,omitempty"` // handed over by a second start: open the add sheet
	Page   Page     `json:"page,omitempty"`  // the window should come to the front and show this
	Quit   bool     `json:"quit,omitempty"`  // the engine ends
}

// Page is a place in the window.
type Page string

// The places.
const (
	PageNow      Page = "now"
	PageFailed   Page = "failed"
	PageHistory  Page = "history"
	PageFolders  Page = "folders"
	PageAccounts Page = "accounts"
	PageSettings Page = "settings"
	PageAdd      Page = "add" // the question which files to add
)

// Hello is the answer to a start without a command.
type Hello struct {
	Window bool `json:"window"` // a window is open and was raised
}

// Problem is the body of every answer that is not 2xx. It carries the exit
// code that the command line ends with.
type Problem struct {
	Message string `json:"error"`
	Hint    string `json:"hint,omitempty"`
	Exit    int    `json:"exit"` // 1 error, 2 wrong usage, 4 an account needs the user
	// Fingerprint of a certificate that is not trusted yet.
	Fingerprint string `json:"fingerprint,omitempty"`
	// Field is the value that is at fault, as the request names it, such as
	// "album" or "tags[1]"; "" when it is no single one. At is the character in
	// it where the fault begins, the first being 1; 0 when it is all of it.
	Field string `json:"field,omitempty"`
	At    int    `json:"at,omitempty"`
}

// Error returns the message without the hint.
func (p *Problem) Error() string { return p.Message }
