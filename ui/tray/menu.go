package tray

import "github.com/photoferry/photoferry/ui/say"

// What an item of the menu does.
const (
	actOpen = iota
	actAdd
	actPause
	actResume
	actScan
	actFailed
	actRecent
	actQuit
)

// action is an item that was chosen.
type action struct {
	what  int
	pause say.Pause // of actPause
	index int       // of actRecent
}
