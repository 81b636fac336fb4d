package control

import "time"

// PastEngine tells what was delivered and what was not, in the order of
// sessions and reasons.
type PastEngine interface {
	Sessions(q SessionQuery) (SessionPage, error)
	// Groups returns the failed or skipped jobs by account and reason, the
	// largest group first.
	Groups(state string) ([]JobGroup, error)
	// RetryGroup makes the failed or skipped jobs of a group ready again.
	RetryGroup(key string) (int, error)
	// Ignore makes failed jobs skipped ones: the person does not want them
	// sent. IgnoreGroup does it for a group.
	Ignore(ids []uint64) (int, error)
	IgnoreGroup(key string) (int, error)
}

// Session is what came together from one place: one drop, one card, or what a
// watched folder brought without a pause of half an hour.
type Session struct {
	ID       uint64    `json:"id"`
	Kind     string    `json:"kind"`   // folder, drop, card
	Source   string    `json:"source"` // the folder's path, the card's name, or the first path that was dropped
	Accounts []string  `json:"accounts"`
	Album    string    `json:"album,omitempty"` // as it was asked for
	Begun    time.Time `json:"begun"`
	Changed  time.Time `json:"changed"` // when the last photo came in or was finished

	// One for each photo and account. Found is the sum of the others.
	Found   int   `json:"found"`
	Sent    int   `json:"sent"`
	Known   int   `json:"known"` // also adopted
	Skipped int   `json:"skipped"`
	Failed  int   `json:"failed"`
	Removed int   `json:"removed"` // by a person, or gone before they were sent
	Left    int   `json:"left"`    // still to be sent
	Bytes   int64 `json:"bytes"`   // of all
}

// SessionQuery asks for a page of sessions, newest first.
type SessionQuery struct {
	Account string `json:"account,omitempty"` // name
	Text    string `json:"text,omitempty"`    // part of the source
	Kind    string `json:"kind,omitempty"`
	After   string `json:"after,omitempty"`
	Limit   int    `json:"limit,omitempty"` // 0: 100
}

// SessionPage is a page of sessions.
type SessionPage struct {
	Sessions []Session `json:"sessions"`
	Next     string    `json:"next,omitempty"`
}

// JobGroup is the jobs of one account that failed, or are not taken, for one
// reason.
type JobGroup struct {
	Key     string `json:"key"` // for RetryGroup, IgnoreGroup and JobQuery
	Account string `json:"account"`
	Service string `json:"service"`
	State   string `json:"state"` // failed or skipped
	Error   string `json:"error"` // without what differs from photo to photo
	Hint    string `json:"hint,omitempty"`
	Kind    string `json:"kind,omitempty"`
	Count   int    `json:"count"`
	Bytes   int64  `json:"bytes"`
	Jobs    []Job  `json:"jobs"` // the first few
}

// Forecast is what adding files would do. Nothing is changed by asking.
type Forecast struct {
	Photos     int               `json:"photos"`
	Bytes      int64             `json:"bytes"`
	NoPhotos   int               `json:"no_photos"`  // files of other kinds
	Unreadable int               `json:"unreadable"` // missing, or may not be read
	Accounts   []AccountForecast `json:"accounts"`
	Partial    bool              `json:"partial"` // not all is counted yet: "at least"
}

// AccountForecast is a forecast for one account. The sum of its numbers is the
// forecast's Photos.
type AccountForecast struct {
	Account  string `json:"account"`
	New      int    `json:"new"` // would be sent
	Bytes    int64  `json:"bytes"`
	Known    int    `json:"known"`     // delivered before, or found on the server
	Queued   int    `json:"queued"`    // in the queue already
	NotTaken int    `json:"not_taken"` // of a kind or size that the account does not take
	Unasked  bool   `json:"unasked"`   // the server was not asked; Known is what this program knows by itself
	Reason   string `json:"reason,omitempty"`
}
