package tray

import (
	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// What an item of the menu does.
const (
	actOpen = iota
	actPause
	actResume
	actScan
	actEject
	actRecent
	actQuit
)

// action is an item that was chosen.
type action struct {
	what  int
	page  control.Page // of actOpen
	pause say.Pause    // of actPause
	index int          // of actEject and actRecent
}
