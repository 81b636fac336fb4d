package settings

import (
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Settings is everything that the user configured. The zero value is not
// usable as such: start from [Default] or [Load].
type Settings struct {
	General  General
	Accounts []Account
	Folders  []Folder
	Events   []Event
	Cameras  []Camera
}

// General holds what concerns the whole program.
type General struct {
	Parallel      int      `toml:"parallel" comment:"How many photos are sent at the same time, for each account: 1 to 8."`
	Bandwidth     Rate     `toml:"bandwidth" comment:"The most that all uploads together may take each second, such as \"500 KB\"\nor \"2 MB\"; \"unlimited\" for no limit."`
	QuietHours    string   `toml:"quiet_hours" comment:"When nothing is sent, such as \"22:00-07:00\" or \"Mon-Fri 08:00-17:00\"; several\nwith commas between them, empty for never."`
	Metered       bool     `toml:"metered" comment:"Whether photos are sent over networks that cost by the amount, too."`
	BatteryBelow  int      `toml:"battery_below" comment:"On battery nothing is sent below so many percent: 0 always sends, 101 never\nsends on battery."`
	RescanEvery   Duration `toml:"rescan_every" comment:"How often all folders are looked through for photos that were missed,\nsuch as \"15m\" or \"1h\"."`
	Notifications bool     `toml:"notifications" comment:"Whether the desktop tells when photos have arrived or something needs you."`
	Theme         string   `toml:"theme" comment:"The window's colours: \"system\", \"light\" or \"dark\"."`
	Language      string   `toml:"language" comment:"The language of window and tray: \"system\", \"en\", \"de\" or \"fr\"."`
	LogLevel      string   `toml:"log_level" comment:"How much goes into the log: \"warn\" (problems only), \"info\" or \"debug\"."`
}

// Account is one configured sign-in on one service. Its secret is not here:
// see [Secrets].
type Account struct {
	ID          string            `toml:"id"`                       // made by NewID, never changes; secrets and the ledger are kept under it
	Name        string            `toml:"name"`                     // chosen by the user, unique without regard to case
	Service     string            `toml:"service"`                  // the service's ID, such as "picapport"
	URL         string            `toml:"url"`                      // the site's root, http or https
	User        string            `toml:"user,omitempty"`           // "" where the service needs none
	Options     map[string]string `toml:"options,inline,omitempty"` // the service's own settings, by its documented keys
	Fingerprint string            `toml:"fingerprint,omitempty"`    // SHA-256 of a certificate trusted by the user, 64 lower-case hex digits; "" for public trust only
	Strip       string            `toml:"strip,omitempty"`          // what is taken out of the copies that it gets: one of the Strip constants
	Home        string            `toml:"home,omitempty"`           // a [Circle]: with StripPlace, only places in it are taken out; "" is everywhere
	LongestSide int               `toml:"longest_side,omitempty"`   // pixels; larger pictures are sent smaller, as JPEG. 0: as they are
	Quality     int               `toml:"quality,omitempty"`        // of JPEG, 1 to 100, where a picture is coded anew; 0 is 90
}

// Folder is a directory to be watched, and its rules.
type Folder struct {
	Path        string    `toml:"path"`                  // absolute and clean; in a file a leading ~ is the user's home
	Accounts    []string  `toml:"accounts"`              // names of the accounts that get its photos, at least one
	Everything  bool      `toml:"everything"`            // also what was there before the folder was added; otherwise from now on
	SyncCheck   bool      `toml:"sync_check"`            // ask the server before sending; true when the key is missing in a file
	Flat        bool      `toml:"flat,omitempty"`        // without sub-folders
	Album       string    `toml:"album,omitempty"`       // a [Template]; "" for the account's default
	Title       string    `toml:"title,omitempty"`       // a [Template]; "" for the photo's own
	Tags        []string  `toml:"tags,omitempty"`        // templates; besides the photo's own
	Unsupported string    `toml:"unsupported,omitempty"` // photos in formats that an account does not take: one of the Unsupported constants, "" is convert
	Pairs       string    `toml:"pairs,omitempty"`       // shots of several files: one of the Pairs constants, "" is both
	Edited      string    `toml:"edited,omitempty"`      // what becomes of photos that change after they were sent: one of the Edited constants, "" is both
	Since       time.Time `toml:"since,omitempty"`       // with Everything off: when the folder was added; what came later is new. Written by the program
	Cool        Duration  `toml:"cool,omitempty"`        // how long photos are held back, 0 to 30 days
	Include     []string  `toml:"include,omitempty"`     // glob patterns with **; empty: every photo
	Exclude     []string  `toml:"exclude,omitempty"`     // glob patterns with **, besides the built-in ones
}

// What becomes of photos that change after they were sent.
const (
	EditedBoth    = "both"    // the new one is sent too
	EditedReplace = "replace" // it takes the old one's place, where the service can
	EditedIgnore  = "ignore"  // the old one stays as it is
)

// Event gives words to every photo that was taken in a span of time, when it
// comes in.
type Event struct {
	Name        string    `toml:"name"` // unique without regard to case
	From        time.Time `toml:"from"`
	To          time.Time `toml:"to"`              // included
	Title       string    `toml:"title,omitempty"` // a [Template]
	Description string    `toml:"description,omitempty"`
	Tags        []string  `toml:"tags,omitempty"`  // templates
	Album       string    `toml:"album,omitempty"` // a [Template]
}

// Camera corrects the clock of a camera.
type Camera struct {
	Model string   `toml:"model"` // as the camera writes it, with or without its make; upper and lower case are the same
	Add   Duration `toml:"add"`   // what its clock lacks; negative for one that is ahead
}

// Bounds of the settings.
const (
	MaxParallel    = 8
	MaxBattery     = 101
	MinRescanEvery = Duration(time.Second)
	MaxRescanEvery = Duration(24 * time.Hour)
	MaxCool        = Duration(30 * 24 * time.Hour)
	MaxClock       = Duration(100 * 365 * 24 * time.Hour)
)

// Default returns the settings of a program that was never configured.
func Default() Settings {
	return Settings{General: General{
		Parallel:      3,
		RescanEvery:   Duration(15 * time.Minute),
		Notifications: true,
		Theme:         "system",
		Language:      "system",
		BatteryBelow:  20,
		LogLevel:      "info",
	}}
}

// NewID returns a new account ID: 26 lower-case letters and digits from 130
// random bits.
func NewID() string { return strings.ToLower(rand.Text()) }

// Account returns the account of that name, which must match exactly.
func (s Settings) Account(name string) (Account, bool) {
	for _, a := range s.Accounts {
		if a.Name == name {
			return a, true
		}
	}
	return Account{}, false
}

// AccountByID returns the account with that ID.
func (s Settings) AccountByID(id string) (Account, bool) {
	for _, a := range s.Accounts {
		if a.ID == id {
			return a, true
		}
	}
	return Account{}, false
}

// clone returns a copy that shares no memory with s.
func (s Settings) clone() Settings {
	c := s
	c.Accounts = append([]Account(nil), s.Accounts...)
	for i, a := range c.Accounts {
		c.Accounts[i].Options = nil
		for k, v := range a.Options {
			if c.Accounts[i].Options == nil {
				c.Accounts[i].Options = make(map[string]string, len(a.Options))
			}
			c.Accounts[i].Options[k] = v
		}
	}
	c.Folders = append([]Folder(nil), s.Folders...)
	for i, f := range c.Folders {
		c.Folders[i].Accounts = append([]string(nil), f.Accounts...)
		c.Folders[i].Tags = append([]string(nil), f.Tags...)
		c.Folders[i].Include = append([]string(nil), f.Include...)
		c.Folders[i].Exclude = append([]string(nil), f.Exclude...)
	}
	c.Cameras = append([]Camera(nil), s.Cameras...)
	c.Events = append([]Event(nil), s.Events...)
	for i, e := range c.Events {
		c.Events[i].Tags = append([]string(nil), e.Tags...)
	}
	return c
}

// normal returns a copy in the one form in which settings are compared and
// written: paths clean and with ~ expanded, fingerprints in plain lower case,
// empty lists and maps nil.
func (s Settings) normal() Settings {
	c := s.clone()
	for i := range c.Accounts {
		c.Accounts[i].Fingerprint = strings.ToLower(strings.ReplaceAll(c.Accounts[i].Fingerprint, ":", ""))
	}
	for i := range c.Folders {
		c.Folders[i].Path = expand(c.Folders[i].Path)
	}
	return c
}

// expand cleans a path and replaces a leading ~ by the user's home. A path
// that it cannot make absolute is left for Validate to refuse.
func expand(path string) string {
	if path == "" {
		return ""
	}
	rest, ok := strings.CutPrefix(path, "~")
	if ok && (rest == "" || os.IsPathSeparator(rest[0])) {
		home, err := os.UserHomeDir()
		if err != nil {
			return path
		}
		path = filepath.Join(home, rest)
	}
	return filepath.Clean(path)
}
