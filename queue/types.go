package queue

import (
	"errors"
	"fmt"
	"time"
)

// Sentinels that callers branch on. They come wrapped with what was being done.
var (
	// ErrLocked: another process has the queue open.
	ErrLocked = errors.New("another PhotoFerry is using this queue; stop it first, or use another home")
	// ErrNotFound: no such job or record.
	ErrNotFound = errors.New("not found in the queue")
	// ErrClosed: the queue has been closed.
	ErrClosed = errors.New("the queue is closed")
	// ErrState: the verb is not allowed in the job's state. Nothing was changed.
	ErrState = errors.New("not possible in the job's state")
	// ErrDamaged: the file holds something that was never written so. The next Open deals with it.
	ErrDamaged = errors.New("the queue file is damaged")
)

// State says where a job stands. Only [Queue] verbs move a job; see the package comment for which verb leads where.
type State uint8

// The states, in the order in which [Queue.Jobs] lists them. The numbers are stored.
const (
	Leased  State = 1 // a worker has it; nobody else gets it, nor another job with the same account and digest
	Ready   State = 2 // may be leased at once
	Waiting State = 3 // becomes Ready at Job.Due: a retry, a snooze, or cooling
	Failed  State = 4 // given up, with the reason; only a person moves it
	Skipped State = 5 // not to be sent, with the rule or reason; only a person moves it
)

var stateNames = [...]string{Leased: "leased", Ready: "ready", Waiting: "waiting", Failed: "failed", Skipped: "skipped"}

// String is the state's name in files, JSON and on the command line, such as "ready".
func (s State) String() string {
	if s < Leased || s > Skipped {
		return fmt.Sprintf("state(%d)", uint8(s))
	}
	return stateNames[s]
}

// ParseState is the inverse of [State.String].
func ParseState(name string) (State, error) {
	for s := Leased; s <= Skipped; s++ {
		if stateNames[s] == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("unknown state %q: it is one of ready, leased, waiting, failed, skipped", name)
}

// Priority orders the Ready jobs of an account: lower goes first, and within one priority the newest ModTime goes first.
type Priority uint8

// The priorities. The numbers are stored.
const (
	Manual    Priority = 0 // a person asked for this photo
	Watched   Priority = 1 // it appeared in a watched folder
	FirstScan Priority = 2 // it was already there when the folder was added
)

// Request asks for one photo to be sent to one account.
type Request struct {
	Account   string    // account ID; not empty, no NUL
	Path      string    // absolute path; not empty, no NUL, at most 30,000 bytes
	Folder    string    // the watched folder it was found in, "" for a manual drop
	Size      int64     // bytes
	ModTime   time.Time // of the file when it was digested
	SHA256    [32]byte  // zero: not known (only useful together with Skip); then no ledger is asked
	MD5       [16]byte
	Kind      string    // such as "jpeg"
	Taken     time.Time // when the photo was taken; zero: not known
	Session   uint64    // from [Queue.OpenSession]; 0, or one that does not exist: none
	SyncCheck bool      // ask the service before sending
	Again     bool      // send although the ledger or the server's memory says delivered ("send again")
	Priority  Priority  // see there
	NotBefore time.Time // cooling: Waiting until then; zero or past: Ready at once
	Skip      string    // not empty: the job enters as Skipped with this reason

	// What the photo is to be called and where it is to go. What that means, and templates in it, is the caller's matter.
	// Together at most 20,000 bytes.
	Title, Description string
	Tags               []string
	Album              string
}

// Job is one photo for one account, not yet finished.
type Job struct {
	ID uint64 // never reused within one file
	Request
	State     State
	Attempt   int       // failed attempts that count: only Retry adds one; Requeue, SendAgain and new bytes start again at 0
	Leases    int       // how often these bytes were leased, the present lease included; more than 1: an earlier attempt may have reached the server
	Crashes   int       // how often in a row the process died while it read this photo alone; the third makes it Failed
	Due       time.Time // Waiting: when it becomes Ready; otherwise zero
	Cooling   bool      // Waiting since it came in, by NotBefore; Release ends it
	Error     string    // what went wrong last, for people
	Hint      string    // what to do about it
	ErrKind   string    // class of the error, as the caller named it
	Mark      string    // what Mark last stored
	Cancelled string    // Leased only: Cancel came, with this reason; the job goes when the lease ends
	Created   time.Time
	Updated   time.Time // last move
}

// Cause says why a job did not get through. Texts longer than 2,000 bytes are cut.
type Cause struct {
	Error, Hint, Kind string
}

// Outcome says how a photo came to be on the server.
type Outcome string

// The outcomes.
const (
	Sent    Outcome = "sent"    // we sent it now
	Known   Outcome = "known"   // the ledger or the server already had it; never overwrites a record
	Adopted Outcome = "adopted" // found on the server, or a person said so; we have no receipt of our own
)

// Record is the proof that a photo was delivered. It is identified by account and digest and is never trimmed.
type Record struct {
	Account  string
	Path     string // where it was when it was delivered
	SHA256   [32]byte
	MD5      [16]byte
	Size     int64 // bytes
	RemoteID string
	URL      string
	Album    string
	At       time.Time
	Outcome  Outcome
	Verified string // how it was verified, "" not yet
	Gone     bool   // was here and has been deleted on the server: counts as delivered, is not sent again
	Session  uint64 // the one that its photo came with; 0: none
}

// Seen is what we know about a file without opening it again.
type Seen struct {
	Path    string
	Size    int64 // bytes
	ModTime time.Time
	SHA256  [32]byte
	MD5     [16]byte
	Note    string // why there is no digest, such as "not a photo"
}

// Batch is what one look at the disk brought.
type Batch struct {
	Requests []Request
	Seen     []Seen // committed no earlier than the last request of the same path
	Events   []Event
}

// Added says what became of one request.
type Added uint8

// What became of a request.
const (
	AddedNew   Added = iota // a job stands for it now
	AddedLive               // a live job of that account and path already stood for these bytes
	AddedKnown              // the ledger has these bytes for that account, and Again was not set; no job
)

// Event is one line of a photo's story, or of an account's.
type Event struct {
	At      time.Time // zero: now
	Account string
	Path    string
	SHA256  [32]byte
	What    string // one of the Event constants, or a word of the caller's
	Text    string // for people; cut after 2,000 bytes
}

// What the queue's own events say.
const (
	EventQueued      = "queued"
	EventSent        = "sent"
	EventKnown       = "known"
	EventAdopted     = "adopted"
	EventGone        = "gone"
	EventRetry       = "retry"
	EventSnooze      = "snooze"
	EventFailed      = "failed"
	EventSkipped     = "skipped"
	EventRemoved     = "removed"
	EventReleased    = "released"
	EventHeld        = "held"
	EventResumed     = "resumed"
	EventChanged     = "changed"     // the file has new bytes; the job stands for them now
	EventRequeued    = "requeued"    // a person asked to try again
	EventAgain       = "again"       // a person asked to send it although it was delivered
	EventInterrupted = "interrupted" // the process ended while it had the job
)

// HoldBy says who holds an account. A person's hold and the service's are independent of each other.
type HoldBy uint8

// Who holds. The numbers are stored.
const (
	ByUser    HoldBy = 1
	ByService HoldBy = 2
)

// Hold keeps the jobs of an account from being leased. It is a fact about the account and survives a restart.
type Hold struct {
	Account string // "": all accounts
	By      HoldBy
	Reason  string
	Hint    string
	Kind    string
	Since   time.Time // zero: now
	Until   time.Time // zero: until resumed; otherwise it ends by itself
}

// Counts of jobs and records. They come from memory.
type Counts struct {
	Ready, Leased, Waiting, Failed, Skipped int
	Delivered                               int       // records
	Bytes                                   int64     // of Ready, Leased and Waiting jobs
	NextDue                                 time.Time // when the next Waiting job becomes Ready; zero: none waits
}

// Live is the number of jobs that will still be worked on without anybody's help.
func (c Counts) Live() int { return c.Ready + c.Leased + c.Waiting }

// JobQuery selects a page of jobs.
type JobQuery struct {
	Account string // "" all
	State   State  // 0 all
	Text    string // part of the path, whatever the case
	Folder  string // Request.Folder; "" all
	Session uint64 // 0 all
	Reason  uint64 // of a [Group]; 0 all
	After   string // the cursor that the page before returned; "" for the first page
	Limit   int    // 0: 1,000; less than 0: no limit
}

// RecordQuery selects a page of records.
type RecordQuery struct {
	Account string    // "" all
	Text    string    // part of the path, whatever the case
	SHA256  *[32]byte // nil all; then Session, Outcome, Since and Until do not count
	Session uint64    // 0 all
	Outcome Outcome   // "" all
	Since   time.Time // delivered then or later; zero all
	Until   time.Time // delivered before; zero all
	After   string    // the cursor that the page before returned; "" for the first page
	Limit   int       // 0: 1,000; less than 0: no limit
}
