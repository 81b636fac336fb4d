package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/app/upload"
)

// BeginLogin implements [control.Engine].
func (a *App) BeginLogin(ctx context.Context, name string) (control.LoginPage, error) {
	acc, login, err := a.browserLogin(ctx, name)
	if err != nil {
		return control.LoginPage{}, err
	}
	page, note, err := login.Begin(ctx)
	if err != nil {
		return control.LoginPage{}, a.accountProblem(name, err)
	}
	if err := a.secrets.Set(ctx, pendingID(acc.id), note); err != nil {
		return control.LoginPage{}, secretProblem(err)
	}
	return control.LoginPage{Account: acc.cfg.Name, Page: page}, nil
}

// FinishLogin implements [control.Engine]. The token is stored only when the
// server lets it in, and then lifts what held the account.
func (a *App) FinishLogin(ctx context.Context, name string) (control.CheckReport, error) {
	report := control.CheckReport{Account: name, Ticks: []control.Tick{}}
	acc, login, err := a.browserLogin(ctx, name)
	if err != nil {
		return report, err
	}
	note, err := a.secrets.Get(ctx, pendingID(acc.id))
	switch {
	case errors.Is(err, settings.ErrNoSecret):
		return report, problem(1, "No sign-in to "+name+" was begun", "Begin one: photoferry account login "+name)
	case err != nil:
		return report, a.accountProblem(name, secretError(err))
	}
	token, err := login.Finish(ctx, note)
	if err != nil {
		return report, a.accountProblem(name, err)
	}
	c, err := a.credentials(ctx, acc)
	if err != nil {
		return report, a.accountProblem(name, err)
	}
	c.token = token
	up, err := a.newUploader(acc.service, acc.cfg, c)
	if err != nil {
		return report, a.accountProblem(name, err)
	}
	if report, err = checkReport(ctx, up, acc.cfg.Name); err != nil && classified(err).Kind == upload.Denied {
		return report, a.accountProblem(name, err)
	}
	// A server that is out of reach just now takes nothing from the token.
	if err := a.secrets.Set(ctx, tokenID(acc.id), token); err != nil {
		return report, secretProblem(err)
	}
	if err := a.secrets.Delete(ctx, pendingID(acc.id)); err != nil {
		a.log.Warn("Note of a finished sign-in stays", "err", err)
	}
	acc.forget()
	return report, a.lift(acc)
}

// browserLogin returns an account that is signed in to in the browser, and
// what signs in to it.
func (a *App) browserLogin(ctx context.Context, name string) (*account, upload.BrowserLogin, error) {
	acc, err := a.account(name)
	if err != nil {
		return nil, nil, err
	}
	if !acc.service.Browser {
		return nil, nil, problem(1, acc.service.Name+" is signed in to with a password, not in the browser", "Enter it with: photoferry account login "+name)
	}
	up, err := acc.open(ctx)
	if err != nil {
		return nil, nil, a.accountProblem(name, err)
	}
	login, err := browserOf(up, acc.service)
	return acc, login, err
}

func browserOf(up upload.Uploader, s upload.Service) (upload.BrowserLogin, error) {
	login, ok := up.(upload.BrowserLogin)
	if !ok {
		return nil, fmt.Errorf("the client of %s has no sign-in in the browser", s.Name)
	}
	return login, nil
}

// checkKeys asks a service whether an application's key and secret are good,
// which its sign-in in the browser needs. The sign-in itself is for later.
func checkKeys(ctx context.Context, up upload.Uploader, s upload.Service, name string) (control.CheckReport, error) {
	r := control.CheckReport{Account: name, Ticks: []control.Tick{}}
	login, err := browserOf(up, s)
	if err != nil {
		return r, err
	}
	if _, _, err := login.Begin(ctx); err != nil {
		e := classified(err)
		r.Reason, r.Hint, r.Kind, r.Fingerprint = e.Reason, e.Hint, e.Kind.String(), e.Fingerprint
		r.Ticks = append(r.Ticks, control.Tick{What: "Address and keys", Detail: e.Reason})
		return r, err
	}
	r.OK, r.Server, r.LoginNext = true, s.Name, true
	r.Ticks = append(r.Ticks,
		control.Tick{What: "Address and keys", OK: true},
		control.Tick{What: "Sign-in", Detail: "not yet"})
	return r, nil
}

// Services implements [control.Engine].
func (a *App) Services() []control.Service {
	var out []control.Service
	for _, s := range Services() {
		c := control.Service{ID: s.ID, Name: s.Name, SignIn: signIn(s), URL: s.Site}
		for key, help := range s.Options {
			c.Options = append(c.Options, control.ServiceOption{Key: key, Help: help, Needed: slices.Contains(s.Needs, key), Secret: slices.Contains(s.Private, key)})
		}
		slices.SortFunc(c.Options, func(x, y control.ServiceOption) int {
			if x.Needed != y.Needed {
				return map[bool]int{true: -1, false: 1}[x.Needed]
			}
			return strings.Compare(x.Key, y.Key)
		})
		out = append(out, c)
	}
	return out
}

func signIn(s upload.Service) control.SignIn {
	if s.Browser {
		return control.SignInBrowser
	}
	return control.SignInPassword
}
