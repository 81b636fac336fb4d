package app

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/adrg/xdg"
)

// Places are the files of one installation.
type Places struct {
	Home     string // the folder that was asked for, or the one of the queue
	Settings string // settings.toml
	Queue    string // the bbolt file
	Log      string // the engine's log
	Socket   string // the control socket
	Secrets  string // folder of secrets.age, used where there is no keyring
	Copies   string // folder of what is sent in the place of originals, until it is delivered
	Lock     string // held by the engine as long as it lives
}

// FindPlaces names the files below home, or, when home is empty, in the
// platform's own places (XDG on Linux). It creates nothing.
func FindPlaces(home string) (Places, error) {
	if home != "" {
		dir, err := filepath.Abs(home)
		if err != nil {
			return Places{}, fmt.Errorf("find the home %s: %w", home, err)
		}
		return places(dir, dir, dir, dir, filepath.Join(dir, "cache")), nil
	}
	const name = "photoferry"
	return places(
		filepath.Join(xdg.ConfigHome, name),
		filepath.Join(xdg.DataHome, name),
		filepath.Join(xdg.StateHome, name),
		filepath.Join(xdg.RuntimeDir, name),
		filepath.Join(xdg.CacheHome, name),
	), nil
}

func places(config, data, state, runtime, cache string) Places {
	return Places{
		Home:     data,
		Settings: filepath.Join(config, "settings.toml"),
		Queue:    filepath.Join(data, "queue.db"),
		Log:      filepath.Join(state, "photoferry.log"),
		Socket:   filepath.Join(runtime, "control.sock"),
		Secrets:  data,
		Copies:   filepath.Join(cache, "copies"),
		Lock:     filepath.Join(data, "engine.lock"),
	}
}

// make creates the folders that the places lie in, for their owner only.
func (p Places) make() error {
	for _, dir := range []string{p.Home, p.Secrets, filepath.Dir(p.Settings), filepath.Dir(p.Log), filepath.Dir(p.Queue)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return fmt.Errorf("make a folder for the program's files: %w", err)
		}
	}
	return nil
}
