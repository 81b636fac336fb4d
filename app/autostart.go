package app

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"

	"github.com/photoferry/photoferry/app/desktop"
)

// autostart is [desktop.Autostart], but in tests.
type autostart interface {
	State() (desktop.AutostartState, error)
	Set(on bool) error
}

// noAutostart is that of a program that does not know how it is started.
type noAutostart struct{}

func (noAutostart) State() (desktop.AutostartState, error) {
	return desktop.AutostartState{}, errors.ErrUnsupported
}

func (noAutostart) Set(bool) error { return errors.ErrUnsupported }

// newAutostart starts command with the computer. An installation in a folder
// of its own has an entry of its own.
func newAutostart(command []string, home string) autostart {
	if len(command) == 0 {
		return noAutostart{}
	}
	entry := "photoferry"
	if home != "" {
		sum := sha256.Sum256([]byte(home))
		entry += hex.EncodeToString(sum[:4])
	}
	return desktop.Autostart{Name: "PhotoFerry", Entry: entry, Icon: "io.github.photoferry.photoferry", Command: command}
}

// starts reports whether this program starts with the computer, or why nobody
// can tell.
func (a *App) starts() (on bool, why string) {
	st, err := a.autostart.State()
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return false, string(desktop.NotHere)
	case err != nil:
		return false, sentence(err.Error())
	}
	return st.On, ""
}

// startWithComputer lets this program start with the computer, or not. undo
// takes it back. Another copy that starts in its place is left alone, unless
// this one is to be started.
func (a *App) startWithComputer(on bool) (undo func(), err error) {
	was, err := a.autostart.State()
	if err == nil && was.On != on {
		err = a.autostart.Set(on)
	}
	switch {
	case errors.Is(err, errors.ErrUnsupported):
		return nil, problem(1, "The program cannot start with the computer here", string(desktop.NotHere))
	case err != nil:
		return nil, problem(1, sentence(err.Error()), "Nothing was changed.")
	}
	return func() {
		if was.On != on {
			if err := a.autostart.Set(was.On); err != nil {
				a.log.Error("Start with the computer not taken back", "err", err)
			}
		}
	}, nil
}
