package picapport

import "time"

// record is one line of the index.
type record struct {
	Op string    `json:"op"` // add, undo (an add that failed after all), remove, share
	ID string    `json:"id,omitempty"`
	At time.Time `json:"at"`

	// add
	Name     string    `json:"name,omitempty"`   // in photos/uploads, and in received
	Temp     string    `json:"temp,omitempty"`   // in incoming, until it is moved to Name
	Kept     bool      `json:"kept,omitempty"`   // Temp+".received" is moved to received/Name
	Given    bool      `json:"given,omitempty"`  // the client chose the ID
	Type     string    `json:"type,omitempty"`   // content type
	Size     int64     `json:"size,omitempty"`   // as received
	Stored   int64     `json:"stored,omitempty"` // with the XMP
	SHA256   string    `json:"sha256,omitempty"`
	MD5      string    `json:"md5,omitempty"`
	Uploader string    `json:"uploader,omitempty"`
	Meta     *metadata `json:"meta,omitempty"`
	Raw      string    `json:"raw,omitempty"` // the metadata part as it came

	// share
	Share *Share `json:"share,omitempty"`
}
