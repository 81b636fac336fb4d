package control

import "time"

// ShootEngine groups the photos that wait by when they were taken, and gives
// them words.
type ShootEngine interface {
	// Shoots groups the photos that are not sent yet, oldest first: a shoot
	// ends where no photo was taken for gap (0: two hours).
	Shoots(gap time.Duration) ([]Shoot, error)
	// Describe gives the photos that a shoot holds, and are not on their way
	// yet, a title, description, tags and an album. It returns how many.
	Describe(d Description) (int, error)

	Events() ([]PlannedEvent, error)
	// SetEvent adds an event, or replaces the one of that name.
	SetEvent(e PlannedEvent) error
	RemoveEvent(name string) error
}

// Shoot is photos that were taken one after the other.
type Shoot struct {
	From     time.Time `json:"from"` // when the first was taken
	To       time.Time `json:"to"`   // when the last was taken
	Photos   int       `json:"photos"`
	Jobs     int       `json:"jobs"` // a photo for two accounts is two
	Held     int       `json:"held"` // of the jobs, cooling down
	Bytes    int64     `json:"bytes"`
	Paths    []string  `json:"paths"` // the first few, for pictures
	Accounts []string  `json:"accounts"`
	Folder   string    `json:"folder,omitempty"` // if all are from one

	// What all of its photos have in common.
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
	Title       *string   `json:"title,omitempty"`
	Description *string   `json:"description,omitempty"`
	Tags        *[]string `json:"tags,omitempty"`
	Album       *string   `json:"album,omitempty"`   // a template
	Release     bool      `json:"release,omitempty"` // and send them now
}

// PlannedEvent gives words to every photo that was taken in a span of time,
// when it comes in.
type PlannedEvent struct {
	Name        string    `json:"name"` // unique
	From        time.Time `json:"from"`
	To          time.Time `json:"to"`
	Title       string    `json:"title,omitempty"`
	Description string    `json:"description,omitempty"`
	Tags        []string  `json:"tags,omitempty"`
	Album       string    `json:"album,omitempty"` // a template; wins over the folder's
}
