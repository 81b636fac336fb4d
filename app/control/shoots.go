package control

import "time"

// ShootEngine groups photos by when they were taken, and gives them words.
type ShootEngine interface {
	// Shoots groups what is not sent yet, and the latest of what is delivered
	// (of the last 30 days, 5,000 at most), oldest first: a shoot ends where no
	// photo was taken for gap (0: two hours). A photo that does not say when it
	// was taken counts by its file's time. What is skipped belongs to none.
	Shoots(gap time.Duration) ([]Shoot, error)
	// Describe gives the photos that a shoot holds a title, description, tags
	// and an album, as far as they are not on their way yet.
	Describe(d Description) (Described, error)

	Events() ([]PlannedEvent, error)
	// SetEvent adds an event, or replaces the one of that name, whatever its
	// case. Photos that came in before keep their words.
	SetEvent(e PlannedEvent) error
	RemoveEvent(name string) error
}

// Shoot is photos that were taken one after the other.
type Shoot struct {
	From     time.Time `json:"from"` // when the first was taken
	To       time.Time `json:"to"`   // when the last was taken
	Photos   int       `json:"photos"`
	Bytes    int64     `json:"bytes"` // of the photos
	Paths    []string  `json:"paths"` // the first few, for pictures
	Accounts []string  `json:"accounts"`

	// One for each photo and account.
	Jobs      int `json:"jobs"`      // not delivered
	Held      int `json:"held"`      // of the jobs, cooling down
	Leaving   int `json:"leaving"`   // of the jobs, on their way: Describe does not reach them
	Delivered int `json:"delivered"` // so far as is looked back; Describe does not reach them

	// What all of its jobs have in common.
	Folder      string   `json:"folder,omitempty"`
	Title       string   `json:"title,omitempty"`
	Description string   `json:"description,omitempty"`
	Tags        []string `json:"tags,omitempty"`
	Album       string   `json:"album,omitempty"`
}

// Description says what the photos taken from From to To, both included, are
// given. What is nil stays as it is.
type Description struct {
	From        time.Time `json:"from"`
	To          time.Time `json:"to"`
	Accounts    []string  `json:"accounts,omitempty"` // names; empty: all
	Title       *string   `json:"title,omitempty"`    // a template
	Description *string   `json:"description,omitempty"`
	Tags        *[]string `json:"tags,omitempty"`    // templates
	Album       *string   `json:"album,omitempty"`   // a template
	Release     bool      `json:"release,omitempty"` // and send them now
}

// Described says what became of the photos that Describe was about, one for
// each photo and account.
type Described struct {
	Count     int `json:"count"`     // have the words
	Leaving   int `json:"leaving"`   // were on their way, and keep what they had
	Delivered int `json:"delivered"` // are delivered, so far as is looked back: nothing is changed on a server
}

// PlannedEvent gives words to every photo that was taken in a span of time,
// when it comes in. A drop's own title, description and album go before an
// event's, an event's before the folder's; tags are joined. Of several events
// the shortest goes before the others.
type PlannedEvent struct {
	Name        string    `json:"name"` // unique
	From        time.Time `json:"from"`
	To          time.Time `json:"to"`              // included
	Title       string    `json:"title,omitempty"` // a template
	Description string    `json:"description,omitempty"`
	Tags        []string  `json:"tags,omitempty"`  // templates
	Album       string    `json:"album,omitempty"` // a template
}
