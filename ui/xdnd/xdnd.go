package xdnd

import "errors"

// MaxList is the longest list of addresses, in bytes, that is taken. A million
// photos need about as much.
const MaxList = 64 << 20

// What [Events.Failed] is told.
var (
	ErrTooMuch  = errors.New("the list of dropped files is too long")
	ErrNoAnswer = errors.New("the program that the files were dragged from did not hand them over")
)

// ErrNotHere is returned by [Listen] on systems without X11.
var ErrNotHere = errors.New("this system has no X11")

// Events are what a drag can bring. All must be set. They are called one after
// the other on a goroutine of the receiver and must not block it: the source of
// the drag waits meanwhile.
//
// After Over comes exactly one of Left, Drop and Failed. Drop and Failed can
// also come without an Over before them. After [Receiver.Close] comes nothing.
type Events struct {
	// Over says that files hover over the window, at a place in pixels from its
	// upper left corner. It is called for every move.
	Over func(x, y int)
	// Left says that they are gone: dragged away, given up, or their source has ended.
	Left func()
	// Drop hands over the files and folders that were dropped, in their order:
	// absolute paths without duplicates. Addresses of anything else are only
	// counted.
	Drop func(paths []string, refused int)
	// Failed says that something was dropped that could not be read: it is
	// [ErrTooMuch] or [ErrNoAnswer].
	Failed func(err error)
}
