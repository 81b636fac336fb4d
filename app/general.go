package app

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/desktop"
	"github.com/photoferry/photoferry/app/hours"
	"github.com/photoferry/photoferry/app/settings"
)

// General implements [control.GeneralEngine].
func (a *App) General(context.Context) (control.General, error) {
	g := a.Settings().General
	out := control.General{
		Parallel: g.Parallel, Bandwidth: g.Bandwidth.String(), QuietHours: g.QuietHours, Metered: g.Metered,
		BatteryBelow: g.BatteryBelow, RescanEvery: time.Duration(g.RescanEvery).String(), Notifications: g.Notifications,
		Theme: g.Theme, Language: g.Language, LogLevel: g.LogLevel,
		Files:   control.Files{Settings: a.places.Settings, Queue: a.places.Queue, Secrets: a.secrets.Where(), Log: a.places.Log},
		Missing: make(map[string]string),
	}
	around := a.brake.surroundings()
	for name, why := range map[string]desktop.Missing{"metered": around.Network.Missing, "battery_below": around.Power.Missing} {
		if why != "" {
			out.Missing[name] = string(why)
		}
	}
	var why string
	if out.Autostart, why = a.starts(); why != "" {
		out.Missing["autostart"] = why
	}
	return out, nil
}

// ChangeGeneral implements [control.GeneralEngine].
func (a *App) ChangeGeneral(ctx context.Context, c control.GeneralChange) (control.General, error) {
	var rate settings.Rate
	if c.Bandwidth != nil {
		if err := rate.UnmarshalText([]byte(*c.Bandwidth)); err != nil {
			return control.General{}, problem(2, "The limit cannot be understood: "+err.Error(), `Write it like "500 KB" or "2 MB", or "unlimited".`)
		}
	}
	var rescan settings.Duration
	if c.RescanEvery != nil {
		if err := rescan.UnmarshalText([]byte(*c.RescanEvery)); err != nil {
			return control.General{}, problem(2, "The duration cannot be understood: "+err.Error(), "Write it like 15m or 1h.")
		}
	}
	if c.QuietHours != nil {
		if _, err := hours.Parse(*c.QuietHours); err != nil {
			return control.General{}, problem(2, "The quiet hours cannot be understood: "+err.Error(), "Write them like 22:00-07:00, or nothing for none.")
		}
	}
	undo := func() {}
	if c.Autostart != nil {
		var err error
		if undo, err = a.startWithComputer(*c.Autostart); err != nil {
			return control.General{}, err
		}
	}
	err := a.updateSettings(func(s *settings.Settings) error {
		g := &s.General
		set(&g.Parallel, c.Parallel)
		set(&g.QuietHours, c.QuietHours)
		set(&g.Metered, c.Metered)
		set(&g.BatteryBelow, c.BatteryBelow)
		set(&g.Notifications, c.Notifications)
		set(&g.Theme, c.Theme)
		set(&g.Language, c.Language)
		set(&g.LogLevel, c.LogLevel)
		if c.Bandwidth != nil {
			g.Bandwidth = rate
		}
		if c.RescanEvery != nil {
			g.RescanEvery = rescan
		}
		return nil
	})
	if err != nil {
		undo()
		return control.General{}, err
	}
	return a.General(ctx)
}

// set changes a value, if there is a new one.
func set[T any](value, changed *T) {
	if changed != nil {
		*value = *changed
	}
}

// ExportSettings implements [control.GeneralEngine].
func (a *App) ExportSettings() (control.SettingsText, error) {
	var b bytes.Buffer
	if err := settings.Export(a.Settings(), &b); err != nil {
		return control.SettingsText{}, err
	}
	return control.SettingsText{Text: b.String()}, nil
}

// ImportSettings implements [control.GeneralEngine]. A folder comes in only
// with all of its accounts; one that is watched already, or lies in or around
// one that is, stays as it is.
func (a *App) ImportSettings(_ context.Context, t control.SettingsText) (control.Imported, error) {
	var out control.Imported
	in, err := settings.Import(strings.NewReader(t.Text), SettingsServices())
	if err != nil {
		return out, problem(2, "The settings cannot be used: "+err.Error(), "Choose a file that PhotoFerry exported. Nothing was changed.")
	}
	err = a.updateSettings(func(s *settings.Settings) error {
		out = control.Imported{}
		s.General = in.General
		for _, acc := range in.Accounts {
			if slices.ContainsFunc(s.Accounts, func(o settings.Account) bool {
				return o.ID == acc.ID || strings.EqualFold(o.Name, acc.Name)
			}) {
				out.Kept = append(out.Kept, acc.Name)
				continue
			}
			s.Accounts = append(s.Accounts, acc)
			out.Accounts = append(out.Accounts, acc.Name)
		}
		for _, f := range in.Folders {
			tried := *s
			tried.Folders = append(slices.Clip(s.Folders), f)
			if len(tried.Validate(nil)) > 0 {
				out.Kept = append(out.Kept, f.Path)
				continue
			}
			s.Folders = tried.Folders
			out.Folders = append(out.Folders, f.Path)
		}
		for _, c := range in.Cameras {
			if !slices.ContainsFunc(s.Cameras, func(o settings.Camera) bool { return strings.EqualFold(o.Model, c.Model) }) {
				s.Cameras = append(s.Cameras, c)
			}
		}
		for _, e := range in.Events {
			if !slices.ContainsFunc(s.Events, func(o settings.Event) bool { return strings.EqualFold(o.Name, e.Name) }) {
				s.Events = append(s.Events, e)
			}
		}
		return nil
	})
	if err != nil {
		return control.Imported{}, err
	}
	return out, nil
}
