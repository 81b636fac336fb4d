package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/photoferry/photoferry/app"
	"github.com/photoferry/photoferry/app/settings"
)

// settingsCmd works on the file itself, so that it can tell what is wrong with
// a file that no engine would take. A running engine notices a changed file.
type settingsCmd struct {
	Path   settingsPathCmd   `cmd:"" help:"Where the settings file is."`
	Check  settingsCheckCmd  `cmd:"" help:"What is wrong with the settings file."`
	Show   settingsShowCmd   `cmd:"" help:"What concerns the whole program."`
	Set    settingsSetCmd    `cmd:"" help:"Change one of the settings that show lists."`
	Export settingsExportCmd `cmd:"" help:"Print the settings, without secrets, to take them elsewhere."`
	Import settingsImportCmd `cmd:"" help:"Replace the settings by exported ones."`
}

type settingsPathCmd struct{}

type placesAnswer struct {
	Settings string `json:"settings"`
	Home     string `json:"home"`
	Queue    string `json:"queue"`
	Log      string `json:"log"`
	Socket   string `json:"socket"`
	Secrets  string `json:"secrets"`
}

// Run prints where the files are.
func (settingsPathCmd) Run(s *session) error {
	p, err := app.FindPlaces(s.home)
	if err != nil {
		return err
	}
	return s.show(placesAnswer{p.Settings, p.Home, p.Queue, p.Log, p.Socket, p.Secrets}, func(w io.Writer) {
		fmt.Fprintln(w, p.Settings)
	})
}

type settingsCheckCmd struct{}

type settingsReport struct {
	File     string             `json:"file"`
	OK       bool               `json:"ok"`
	Problems []settings.Problem `json:"problems"`
}

// Run reports everything that is wrong with the file.
func (settingsCheckCmd) Run(s *session) error {
	p, err := app.FindPlaces(s.home)
	if err != nil {
		return err
	}
	_, err = settings.Load(p.Settings, app.SettingsServices())
	report := settingsReport{File: p.Settings, OK: err == nil, Problems: []settings.Problem{}}
	if invalid, ok := errors.AsType[*settings.Invalid](err); ok {
		report.Problems = invalid.Problems
	} else if err != nil {
		return err
	}
	if serr := s.show(report, func(w io.Writer) {
		if report.OK {
			fmt.Fprintf(w, "%s is in order.\n", printable(p.Settings))
			return
		}
		fmt.Fprintln(w, printable(err.Error()))
	}); serr != nil {
		return serr
	}
	if !report.OK {
		return outcome(exitError)
	}
	return nil
}

type settingsExportCmd struct{}

type exported struct {
	TOML string `json:"toml"`
}

// Run prints the settings.
func (settingsExportCmd) Run(s *session) error {
	p, err := app.FindPlaces(s.home)
	if err != nil {
		return err
	}
	cfg, err := loadSettings(p)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := settings.Export(cfg, &b); err != nil {
		return fmt.Errorf("export the settings: %w", err)
	}
	return s.show(exported{b.String()}, func(w io.Writer) { _, _ = b.WriteTo(w) })
}

func loadSettings(p app.Places) (settings.Settings, error) {
	cfg, err := settings.Load(p.Settings, app.SettingsServices())
	if err != nil {
		return cfg, failure(err.Error(), "Correct the file, or move it away to start with a new one: "+p.Settings)
	}
	return cfg, nil
}

type settingsImportCmd struct {
	File string `arg:"" help:"Exported settings; - is stdin."`
}

type imported struct {
	File     string `json:"file"`
	Accounts int    `json:"accounts"`
	Folders  int    `json:"folders"`
}

// longestSettings bounds what is read as settings.
const longestSettings = 4 << 20

// Run replaces the settings.
func (c *settingsImportCmd) Run(s *session) error {
	p, err := app.FindPlaces(s.home)
	if err != nil {
		return err
	}
	in := s.in
	if c.File != "-" {
		f, err := os.Open(c.File)
		if err != nil {
			return failure("The exported settings cannot be read: "+err.Error(), "")
		}
		defer f.Close()
		in = f
	}
	cfg, err := settings.Import(io.LimitReader(in, longestSettings), app.SettingsServices())
	if err != nil {
		return failure(err.Error(), "Nothing was changed.")
	}
	if err := os.MkdirAll(p.Home, 0o700); err != nil {
		return failure("The program's folder cannot be used: "+err.Error(), "Choose another with --home, or make it writable.")
	}
	if err := settings.Save(p.Settings, cfg); err != nil {
		return failure(err.Error(), "Nothing was changed.")
	}
	return s.show(imported{p.Settings, len(cfg.Accounts), len(cfg.Folders)}, func(w io.Writer) {
		fmt.Fprintf(w, "%s and %s imported. Secrets are not part of an export: photoferry account login NAME takes them.\n",
			count(len(cfg.Accounts), "account"), count(len(cfg.Folders), "folder"))
	})
}
