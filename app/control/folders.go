package control

import "time"

// FolderState is what a watched folder is doing.
type FolderState string

// The states of a folder.
const (
	FolderWatching FolderState = "watching"
	FolderPolling  FolderState = "polling" // a network folder, looked through from time to time
	FolderScanning FolderState = "scanning"
	FolderAway     FolderState = "away" // unplugged or unmounted; comes back by itself
	FolderBroken   FolderState = "broken"
	FolderIdle     FolderState = "idle" // no engine runs
)

// Folder is one watched folder, its rules and what it is doing.
type Folder struct {
	Path        string      `json:"path"`
	State       FolderState `json:"state"`
	Reason      string      `json:"reason,omitempty"`
	Accounts    []string    `json:"accounts"` // names
	Everything  bool        `json:"everything"`
	Flat        bool        `json:"flat,omitempty"` // without sub-folders
	Album       string      `json:"album,omitempty"`
	Title       string      `json:"title,omitempty"`       // a template, as Album is
	Tags        []string    `json:"tags,omitempty"`        // templates, besides the photo's own
	Unsupported string      `json:"unsupported,omitempty"` // formats that an account does not take: convert, skip
	Pairs       string      `json:"pairs,omitempty"`       // of a shot of RAW or HEIC and JPEG: both, jpeg, raw
	Edited      string      `json:"edited,omitempty"`      // what becomes of photos that change after they were sent: both, replace, ignore
	SyncCheck   bool        `json:"sync_check"`
	Cool        string      `json:"cool,omitempty"` // a duration such as "10m0s"
	Held        int         `json:"held,omitempty"` // jobs that cool down
	Failed      int         `json:"failed,omitempty"`
	Waiting     int         `json:"waiting,omitempty"`   // jobs that are not through yet, the cooling ones included
	LastSent    *time.Time  `json:"last_sent,omitempty"` // when a photo of it was sent last, so far as is known; what the server had is not sent
	Include     []string    `json:"include,omitempty"`
	Exclude     []string    `json:"exclude,omitempty"`
	Files       int         `json:"files"`    // seen by the last scan
	Settling    int         `json:"settling"` // not finished yet
	LastScan    *time.Time  `json:"last_scan,omitempty"`
}

// FolderSpec adds a folder.
type FolderSpec struct {
	Path        string   `json:"path"` // absolute
	Accounts    []string `json:"accounts"`
	Everything  bool     `json:"everything,omitempty"`
	Flat        bool     `json:"flat,omitempty"`
	Album       string   `json:"album,omitempty"`
	Title       string   `json:"title,omitempty"`
	Tags        []string `json:"tags,omitempty"`
	Unsupported string   `json:"unsupported,omitempty"` // formats that an account does not take: convert or skip. "" is convert; at a change, what it was
	Pairs       string   `json:"pairs,omitempty"`       // of a shot of RAW or HEIC and JPEG: both, jpeg, raw. "" is both; at a change, what it was
	Edited      string   `json:"edited,omitempty"`      // both, replace, ignore; "" is both
	NoSyncCheck bool     `json:"no_sync_check,omitempty"`
	Cool        string   `json:"cool,omitempty"` // a duration
	Include     []string `json:"include,omitempty"`
	Exclude     []string `json:"exclude,omitempty"`
}

// FolderAdded says what a new folder holds.
type FolderAdded struct {
	Folder   Folder `json:"folder"`
	Photos   int    `json:"photos"`   // found in it now
	Baseline int    `json:"baseline"` // of these, left alone because only new ones are wanted
}

// FolderPreview is what a folder's rules make of one of its photos.
type FolderPreview struct {
	Path  string     `json:"path"` // of the example; "" when the folder holds no photo
	Taken *time.Time `json:"taken,omitempty"`
	Album string     `json:"album"`
	Title string     `json:"title"`
	Tags  []string   `json:"tags"`

	Photos int   `json:"photos"` // in the folder, as its rules choose them
	Bytes  int64 `json:"bytes"`
	More   bool  `json:"more"` // counting was cut short: "at least"
}
