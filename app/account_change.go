package app

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/app/upload"
)

// AccountSpec implements [control.Engine].
func (a *App) AccountSpec(name string) (control.AccountSpec, error) {
	acc, err := a.account(name)
	if err != nil {
		return control.AccountSpec{}, err
	}
	c := acc.cfg
	return control.AccountSpec{
		Service: c.Service, Name: c.Name, URL: c.URL, User: c.User, Options: c.Options, Fingerprint: c.Fingerprint,
		Strip: c.Strip, Home: c.Home, LongestSide: c.LongestSide, Quality: c.Quality,
	}, nil
}

// ChangeAccount implements [control.Engine]. The server is asked with the new
// values before anything is stored; a new name alone needs no question.
func (a *App) ChangeAccount(ctx context.Context, c control.AccountChange) (control.CheckReport, error) {
	acc, err := a.account(c.Account)
	if err != nil {
		return control.CheckReport{}, err
	}
	old, err := a.credentials(ctx, acc)
	if err != nil {
		return control.CheckReport{}, a.accountProblem(c.Account, err)
	}
	cfg, creds, err := changedAccount(acc, old, c)
	if err != nil {
		return control.CheckReport{}, err
	}
	report := control.CheckReport{Account: cfg.Name, OK: true, Ticks: []control.Tick{}}
	if !c.NoCheck && (c.URL != nil || c.User != nil || len(c.Options) > 0 || c.Fingerprint != nil) {
		up, err := a.newUploader(acc.service, cfg, creds)
		if err != nil {
			return report, a.accountProblem(cfg.Name, err)
		}
		if report, err = checkReport(ctx, up, cfg.Name); err != nil {
			return report, nil // an answer: nothing was changed
		}
	}
	if err := a.storeOptions(ctx, acc.id, old, creds); err != nil {
		return report, err
	}
	return report, a.updateSettings(func(s *settings.Settings) error {
		for i := range s.Accounts {
			if s.Accounts[i].ID == acc.id {
				s.Accounts[i] = cfg
			}
		}
		for i := range s.Folders {
			for j, n := range s.Folders[i].Accounts {
				if n == c.Account {
					s.Folders[i].Accounts[j] = cfg.Name
				}
			}
		}
		return nil
	})
}

// changedAccount returns what an account becomes by a change: what stands in
// the settings, and its secrets.
func changedAccount(acc *account, creds credentials, c control.AccountChange) (settings.Account, credentials, error) {
	cfg := acc.cfg
	set(&cfg.Name, c.Name)
	set(&cfg.User, c.User)
	set(&cfg.Fingerprint, c.Fingerprint)
	if c.URL != nil {
		url, err := upload.CleanURL(*c.URL)
		if err != nil {
			return cfg, creds, faulty("url", nil, fmt.Sprintf("%q is not an address: %v", *c.URL, err), "Write it like https://photos.example.org")
		}
		cfg.URL = url
	}
	set(&cfg.Strip, c.Strip)
	set(&cfg.Home, c.Home)
	set(&cfg.LongestSide, c.LongestSide)
	set(&cfg.Quality, c.Quality)
	if err := checkCopies(cfg); err != nil {
		return cfg, creds, err
	}
	open, private := splitOptions(c.Options, acc.service)
	cfg.Options, creds.options = merged(cfg.Options, open), merged(creds.options, private)
	for _, key := range acc.service.Needs {
		if cfg.Options[key] == "" && creds.options[key] == "" {
			return cfg, creds, faulty("options."+key, nil, fmt.Sprintf("%s needs the option %s: %s", acc.service.Name, key, acc.service.Options[key]), "Give it a value.")
		}
	}
	return cfg, creds, nil
}

// merged returns old with the changes; those to "" take a key away.
func merged(old, changes map[string]string) map[string]string {
	out := make(map[string]string)
	maps.Copy(out, old)
	maps.Copy(out, changes)
	maps.DeleteFunc(out, func(_, v string) bool { return v == "" })
	return out
}

// storeOptions stores private options, if they have changed.
func (a *App) storeOptions(ctx context.Context, account string, old, now credentials) error {
	if maps.Equal(old.options, now.options) {
		return nil
	}
	if len(now.options) == 0 {
		a.forgetSecret(ctx, optionsID(account))
		return nil
	}
	text, err := json.Marshal(now.options)
	if err != nil {
		return err
	}
	if err := a.secrets.Set(ctx, optionsID(account), string(text)); err != nil {
		return secretProblem(err)
	}
	return nil
}
