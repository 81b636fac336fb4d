package watcher

import (
	"io"
	"log/slog"
	"time"
)

// Root is one folder to watch, with its rules. Two Roots with equal fields are the same Root.
type Root struct {
	// Path is the folder. A relative path is taken from the working directory at the time of New or SetRoots.
	Path string
	// Flat leaves out the sub-folders.
	Flat bool
	// Include and Exclude are doublestar patterns, matched without regard to case. A pattern without a slash is
	// matched with the name at any depth, one with a slash with the whole path relative to Path. Include chooses
	// files, Exclude refuses files and whole folders; a pattern that ends in a slash is for folders only.
	// No Include means DefaultInclude; DefaultExclude always applies, and Exclude goes before Include.
	Include, Exclude []string
}

// File is a file that Root takes.
type File struct {
	Path      string // absolute if Root.Path is
	Root      string // Root.Path as it was given; empty for a file that came by Recheck from outside of all roots
	Size      int64  // bytes
	ModTime   time.Time
	FirstScan bool // found by the first scan of its root in this Run
}

// Ending says what the end of a file tells about its completeness.
type Ending uint8

// What the end of a file can tell.
const (
	Unknown Ending = iota // the kind of file has no end mark
	Missing               // the kind has an end mark, and it is not there
	Present               // the end mark is there: proof that the last byte has been written
)

// Config is what New needs. Only Roots is usually needed to get going; every zero value works.
type Config struct {
	Roots []Root
	// Known says whether a file needs no attention because these very bytes have been seen before. A known file is
	// never opened. It is called from several goroutines, once for each file of each scan. A file that Known does
	// not know is offered again by every scan. nil: nothing is known.
	Known func(path string, size int64, mtime time.Time) bool
	// Ended looks at the end of a file. It is called from several goroutines. nil: Unknown for every file.
	Ended func(r io.ReaderAt, size int64) Ending
	// Log gets what a person may want to know. nil: nothing is logged.
	Log *slog.Logger
	// Changed is the hint that a State may have changed. It must not block. nil: no hints.
	Changed func()

	// The times below are tuning; zero means the measured default.

	Quiet    time.Duration // no event and no change for so long, at least: 250 ms
	Unmarked time.Duration // the same for a kind that has no end mark: 2 s
	Unproven time.Duration // the same where the end mark is missing, or nobody can say whether there is a writer: 10 s
	Rescan   time.Duration // between two scans of a root whose events are followed: 15 min
	Poll     time.Duration // least time between two scans of a polled root: 60 s, and 50 times as long as a scan takes
	Away     time.Duration // between two looks for a root that is away or broken: 5 s
	Retry    time.Duration // first delay after found has failed, doubling up to 64 times as much: 1 s
}

// Phase is what a root is doing.
type Phase uint8

// The phases of a root.
const (
	Scanning Phase = iota // a scan of the whole root is running or about to start
	Watching              // events are followed, and a scan is made now and then
	Polling               // there are no events, or not all of them: frequent scans
	Away                  // the folder is not there now, such as an unplugged drive; nothing is forgotten
	Broken                // the folder is there but cannot be watched; Reason says why
)

// String returns the phase as a lower-case word.
func (p Phase) String() string {
	switch p {
	case Scanning:
		return "scanning"
	case Watching:
		return "watching"
	case Polling:
		return "polling"
	case Away:
		return "away"
	default:
		return "broken"
	}
}

// State is the state of one root.
type State struct {
	Path     string // Root.Path
	Phase    Phase
	Reason   string    // why the phase is not Watching, or what is not watched; empty when all is well
	Files    int       // seen in the last or running scan
	Settling int       // files that are being waited for
	LastScan time.Time // end of the last complete scan; zero if there was none
	Scans    int       // complete scans in this Run
}
