package desktop

import (
	"errors"
	"fmt"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"
)

const (
	runKey = `Software\Microsoft\Windows\CurrentVersion\Run`
	// approvedKey is where the Task Manager keeps what the user switched off:
	// a binary value whose first byte is odd.
	approvedKey = `Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run`
)

// State returns what is in the registry.
func (a Autostart) State() (AutostartState, error) {
	line, err := a.line()
	if errors.Is(err, registry.ErrNotExist) {
		return AutostartState{}, nil
	} else if err != nil {
		return AutostartState{}, fmt.Errorf("reading what starts with the computer: %w", err)
	}
	if k, err := registry.OpenKey(registry.CURRENT_USER, approvedKey, registry.QUERY_VALUE); err == nil {
		defer k.Close()
		if b, _, err := k.GetBinaryValue(a.Entry); err == nil && len(b) > 0 && b[0]&1 == 1 {
			return AutostartState{}, nil
		}
	}
	args, err := windows.DecomposeCommandLine(line)
	if err != nil || len(args) == 0 {
		return AutostartState{Elsewhere: line}, nil
	}
	if !sameProgram(args[0], a.Command[0]) {
		return AutostartState{Elsewhere: args[0]}, nil
	}
	return AutostartState{On: true}, nil
}

func (a Autostart) line() (string, error) {
	k, err := registry.OpenKey(registry.CURRENT_USER, runKey, registry.QUERY_VALUE)
	if err != nil {
		return "", err
	}
	defer k.Close()
	line, _, err := k.GetStringValue(a.Entry)
	return line, err
}

// Set starts this program with the computer, or does not.
func (a Autostart) Set(on bool) error {
	err := a.set(on)
	if err != nil && !errors.Is(err, registry.ErrNotExist) {
		return fmt.Errorf("changing what starts with the computer: %w", err)
	}
	return nil
}

func (a Autostart) set(on bool) error {
	if k, err := registry.OpenKey(registry.CURRENT_USER, approvedKey, registry.SET_VALUE); err == nil {
		err := k.DeleteValue(a.Entry)
		_ = k.Close()
		if err != nil && !errors.Is(err, registry.ErrNotExist) {
			return err
		}
	}
	k, _, err := registry.CreateKey(registry.CURRENT_USER, runKey, registry.SET_VALUE)
	if err != nil {
		return err
	}
	defer k.Close()
	if !on {
		return k.DeleteValue(a.Entry)
	}
	return k.SetStringValue(a.Entry, windows.ComposeCommandLine(a.Command))
}
