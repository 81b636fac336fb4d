//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxEntry bounds a desktop entry that is read.
const maxEntry = 64 << 10

// State reads the entry. One that the user or the desktop has switched off
// counts as none.
func (a Autostart) State() (AutostartState, error) {
	path, err := a.path()
	if err != nil {
		return AutostartState{}, err
	}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return AutostartState{}, nil
	} else if err != nil {
		return AutostartState{}, fmt.Errorf("reading what starts with the computer: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxEntry))
	if err != nil {
		return AutostartState{}, fmt.Errorf("reading what starts with the computer: %w", err)
	}
	keys := readEntry(string(text))
	if keys["Hidden"] == "true" || keys["X-GNOME-Autostart-enabled"] == "false" {
		return AutostartState{}, nil
	}
	args := splitExec(unescape(keys["Exec"]))
	switch {
	case len(args) == 0:
		return AutostartState{}, nil
	case !sameProgram(args[0], a.Command[0]):
		return AutostartState{Elsewhere: args[0]}, nil
	}
	return AutostartState{On: true}, nil
}

// Set writes the entry, in place of whatever is there, or removes it.
func (a Autostart) Set(on bool) error {
	path, err := a.path()
	if err != nil {
		return err
	}
	if !on {
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("the program still starts with the computer: %w", err)
		}
		return nil
	}
	text, err := a.text()
	if err != nil {
		return err
	}
	if err := replaceFile(path, text); err != nil {
		return fmt.Errorf("the program does not start with the computer yet: %w", err)
	}
	return nil
}

func (a Autostart) path() (string, error) {
	config, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("looking for the autostart folder: %w", err)
	}
	return filepath.Join(config, "autostart", a.Entry+".desktop"), nil
}

// text is the entry as the Desktop Entry Specification has it.
func (a Autostart) text() (string, error) {
	command, err := quoteExec(a.Command)
	if err != nil {
		return "", err
	}
	lines := []string{"[Desktop Entry]", "Type=Application", "Name=" + escape(a.Name), "Exec=" + escape(command)}
	if a.Icon != "" {
		lines = append(lines, "Icon="+escape(a.Icon))
	}
	lines = append(lines, "Terminal=false", "X-GNOME-Autostart-enabled=true")
	return strings.Join(lines, "\n") + "\n", nil
}

// replaceFile writes a file in one step: the desktop never sees half of it.
func replaceFile(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".autostart-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // finds nothing after the rename
	_, err = f.WriteString(text)
	if err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
