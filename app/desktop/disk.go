package desktop

import "errors"

// Reasons for which [Eject] fails. Other errors come from the disk or from the
// system, in its own words.
var (
	ErrNoDiskService = errors.New("UDisks2 is not running: eject the disk in the file manager")
	ErrNoDisk        = errors.New("the disk is not there any more")
	ErrDiskInUse     = errors.New("a program is still using the disk")
	ErrNotAllowed    = errors.New("this user may not eject the disk")
)
