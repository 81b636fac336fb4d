package control

import (
	"context"
	"time"
)

// CardEngine imports from memory cards and says when one may be formatted.
type CardEngine interface {
	// ImportCard adds the photos of a card to the queue. It returns when the
	// import has begun.
	ImportCard(ctx context.Context, i CardImport) error
	DeclineCard(card string) error // not now: no more question until it is put in again
	ForgetCard(card string) error  // forgets what was remembered
	// CardVerdict looks at every photo on the card and asks the ledger.
	CardVerdict(ctx context.Context, card string) (CardVerdict, error)
	// ClearCard deletes the photos that the last verdict found delivered to
	// every account, if they are still the same, and nothing else.
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
	ID     string    `json:"id"` // the same when it is put in again
	Name   string    `json:"name"`
	Path   string    `json:"path"`
	State  CardState `json:"state"`
	Photos int       `json:"photos"` // on it, 0 until counted
	Bytes  int64     `json:"bytes"`
	Left   int       `json:"left"` // jobs of its photos that are not through yet
	Safe   bool      `json:"safe"` // the last verdict: every photo is on every account

	// What was remembered for this card.
	Remembered bool     `json:"remembered,omitempty"`
	Accounts   []string `json:"accounts,omitempty"`
	Album      string   `json:"album,omitempty"`
}

// CardImport says how a card is imported.
type CardImport struct {
	Card     string   `json:"card"`               // ID
	Accounts []string `json:"accounts,omitempty"` // names; empty: all
	Album    string   `json:"album,omitempty"`
	Remember bool     `json:"remember,omitempty"` // next time it is imported so without a question
}

// CardVerdict says whether a card may be formatted.
type CardVerdict struct {
	Card     string             `json:"card"`
	At       time.Time          `json:"at"`
	Safe     bool               `json:"safe"` // every photo is delivered to every account that it was for
	Photos   int                `json:"photos"`
	Bytes    int64              `json:"bytes"`
	Others   int                `json:"others"` // files that are no photos; formatting deletes them too
	Accounts []CardAccountCount `json:"accounts"`
	Missing  []string           `json:"missing"` // the first few that are not safe
	Reason   string             `json:"reason"`  // the verdict in one sentence
}

// CardAccountCount is how many of a card's photos an account has.
type CardAccountCount struct {
	Account   string `json:"account"`
	Delivered int    `json:"delivered"`
	Verified  int    `json:"verified"` // of these, the server confirmed the bytes
	Missing   int    `json:"missing"`
}
