package cards

import (
	"context"
	"errors"
	"strings"

	"github.com/photoferry/photoferry/app/desktop"
)

// Card is a memory card that is mounted.
type Card struct {
	// ID is the same whenever this card is put in, until it is formatted. Two
	// cards have the same ID only where neither has a number of its own and
	// they look the same: same label, same size, same folders.
	ID string
	// Name is the card's label, or the name of the camera's folder; empty when
	// there is neither. It is one line.
	Name string
	// Root is the folder where the card is mounted.
	Root string
	// Device is the block device, such as /dev/sdb1.
	Device string
	// ReadOnly is set when nothing can be deleted.
	ReadOnly bool
	// AtStart is set when the card was in already when it was first looked. Such
	// a card is not news, and nobody is to be asked about it.
	AtStart bool
}

// Event says that a card has come, or is gone.
type Event struct {
	Card Card
	Gone bool
}

// ErrGone means that the card is not there any more, or that another one is in
// its place.
var ErrGone = errors.New("the card is not there any more")

// InUseError means that a card cannot be ejected because of programs that have
// files of it open, or are in one of its folders. It wraps
// [desktop.ErrDiskInUse].
type InUseError struct {
	Programs []string // names of those that could be found, at most a few
}

func (e *InUseError) Error() string {
	if len(e.Programs) == 0 {
		return "the card is in use by a program"
	}
	return "the card is in use by " + strings.Join(e.Programs, ", ")
}

func (e *InUseError) Unwrap() error { return desktop.ErrDiskInUse }

// System is where cards are looked for. The zero value is this machine.
type System struct {
	// Top is the folder below which the kernel's files, the devices and the
	// cards lie; "" but for tests.
	Top string
}

// Eject writes everything out, unmounts the card, and ejects it where its reader
// can do that. After nil it may be pulled out. It fails with [ErrGone], with an
// [InUseError], or as [desktop.Eject] does.
func (s System) Eject(ctx context.Context, c Card) error {
	if err := s.present(c); err != nil {
		return err
	}
	err := desktop.Eject(ctx, c.Device)
	if errors.Is(err, desktop.ErrDiskInUse) {
		return &InUseError{s.users(c.Root)}
	}
	if errors.Is(err, desktop.ErrNoDisk) {
		return ErrGone
	}
	return err
}
