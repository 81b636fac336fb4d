package control

import (
	"context"
	"time"
)

// CardEngine imports from memory cards and says when one may be formatted.
type CardEngine interface {
	// ImportCard adds the photos of a card to the queue. It returns when the
	// import has begun; without an engine, when it is done.
	ImportCard(ctx context.Context, i CardImport) error
	DeclineCard(card string) error // not now: no more question until it is put in again
	ForgetCard(card string) error  // forgets what was remembered
	// CardVerdict looks at every photo on the card and asks the ledger. What
	// has not been read since the card was put in is read.
	CardVerdict(ctx context.Context, card string) (CardVerdict, error)
	// ClearCard deletes the photos that the last verdict found delivered to
	// every account, and nothing else, and returns how many. Each is read again
	// right before; one that is not the delivered one any more is kept, which
	// is a problem that says how many were deleted.
	ClearCard(ctx context.Context, card string) (int, error)
	EjectCard(ctx context.Context, card string) error
}

// CardState is where a card stands.
type CardState string

// The states of a card.
const (
	CardNew       CardState = "new"       // put in now; the person was not asked yet
	CardDeclined  CardState = "declined"  // not now, or it was in when the program started
	CardImporting CardState = "importing" // its photos are being queued or sent
	CardDone      CardState = "done"      // all of its photos are through; the verdict says more
)

// Card is a memory card with a DCIM folder.
type Card struct {
	ID       string    `json:"id"` // the same when it is put in again
	Name     string    `json:"name"`
	Path     string    `json:"path"`
	State    CardState `json:"state"`
	ReadOnly bool      `json:"read_only,omitempty"` // nothing can be deleted
	Photos   int       `json:"photos"`              // on it, films too; 0 until counted
	Bytes    int64     `json:"bytes"`
	Left     int       `json:"left"`             // jobs of its photos that are not through yet
	Safe     bool      `json:"safe"`             // the last verdict: every photo is on every account
	Reason   string    `json:"reason,omitempty"` // why the import did not get everything

	// What was remembered for this card. One that cannot be told from others is
	// asked about all the same.
	Remembered  bool     `json:"remembered,omitempty"`
	Accounts    []string `json:"accounts,omitempty"` // names; empty: all
	Album       string   `json:"album,omitempty"`
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Tags        []string `json:"tags,omitempty"`
}

// CardImport says how a card is imported.
type CardImport struct {
	Card        string   `json:"card"`               // ID
	Accounts    []string `json:"accounts,omitempty"` // names; empty: all
	Album       string   `json:"album,omitempty"`    // or a template
	Title       string   `json:"title,omitempty"`    // or a template
	Description string   `json:"description,omitempty"`
	Tags        []string `json:"tags,omitempty"`     // or templates
	Remember    bool     `json:"remember,omitempty"` // next time it is imported so without a question
}

// CardVerdict says whether a card may be formatted.
type CardVerdict struct {
	Card string    `json:"card"`
	At   time.Time `json:"at"`
	// Safe: every photo was delivered to every account that it was for, each
	// with a receipt that was verified, at least one of them has the file as it
	// is, and there is none that is sent nowhere.
	Safe       bool               `json:"safe"`
	Photos     int                `json:"photos"` // films too
	Bytes      int64              `json:"bytes"`
	Unreadable int                `json:"unreadable"` // of the photos: they cannot be read, or are of no kind that is known
	Copies     int                `json:"copies"`     // of the photos: every account has a copy only, smaller or with less in it
	Outside    int                `json:"outside"`    // photos and films that are not below DCIM, so that they are sent nowhere
	Others     int                `json:"others"`     // files that are no photos; formatting deletes them too
	Clear      int                `json:"clear"`      // files that ClearCard would delete
	ClearBytes int64              `json:"clear_bytes"`
	Accounts   []CardAccountCount `json:"accounts"`
	Missing    []string           `json:"missing"` // the first few that are not safe
	Reason     string             `json:"reason"`  // the verdict in a sentence or two
}

// CardAccountCount is how many of a card's photos an account has. Delivered,
// Waiting, Failed, Skipped and Missing add up to the photos that can be read.
type CardAccountCount struct {
	Account   string `json:"account"`
	Delivered int    `json:"delivered"`
	Verified  int    `json:"verified"` // of these, the server confirmed the bytes
	Waiting   int    `json:"waiting"`  // not yet
	Failed    int    `json:"failed"`
	Skipped   int    `json:"skipped"` // not taken, or ignored
	Missing   int    `json:"missing"` // nobody has asked for them to be sent, or they were deleted there
}
