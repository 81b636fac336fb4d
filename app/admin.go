package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/queue"
)

// AddAccount implements [control.Engine]. The account is checked live first
// and is added only when the server lets it in, or when the spec says not to
// ask.
func (a *App) AddAccount(ctx context.Context, spec control.AccountSpec) (control.CheckReport, error) {
	report := control.CheckReport{Account: spec.Name, Ticks: []control.Tick{}}
	s, ok := service(spec.Service)
	if !ok {
		return report, problem(2, fmt.Sprintf("There is no service named %q", spec.Service), "Services: "+serviceNames())
	}
	if spec.Name == "" {
		return report, problem(2, "The account has no name", "Give one with --name, such as home.")
	}
	if slices.ContainsFunc(a.Settings().Accounts, func(c settings.Account) bool { return c.Name == spec.Name }) {
		return report, problem(1, fmt.Sprintf("There is an account named %q already", spec.Name), "Choose another name, or remove the old one first.")
	}
	url, err := upload.CleanURL(cmp.Or(spec.URL, s.Site))
	if err != nil {
		return report, problem(2, fmt.Sprintf("%q is not an address: %v", spec.URL, err), "Write it like https://photos.example.org")
	}
	creds := credentials{secret: spec.Secret}
	cfg := settings.Account{
		ID: settings.NewID(), Name: spec.Name, Service: spec.Service, URL: url, User: spec.User,
		Fingerprint: spec.Fingerprint, Strip: spec.Strip, Home: spec.Home, LongestSide: spec.LongestSide, Quality: spec.Quality,
	}
	if err := checkCopies(cfg); err != nil {
		return report, err
	}
	cfg.Options, creds.options = splitOptions(spec.Options, s)
	for _, key := range s.Needs {
		if spec.Options[key] == "" {
			return report, problem(2, fmt.Sprintf("%s needs the option %s: %s", s.Name, key, s.Options[key]), fmt.Sprintf("Give it with --option %s=...", key))
		}
	}
	up, err := a.newUploader(s, cfg, creds)
	if err != nil {
		return report, a.accountProblem(spec.Name, err)
	}
	if !spec.NoCheck {
		if s.Browser {
			report, err = checkKeys(ctx, up, s, spec.Name)
		} else {
			report, err = checkReport(ctx, up, spec.Name)
		}
		if err != nil {
			return report, a.accountProblem(spec.Name, err)
		}
	}
	if err := a.storeCredentials(ctx, cfg.ID, creds); err != nil {
		return report, err
	}
	if err := a.updateSettings(func(s *settings.Settings) error {
		s.Accounts = append(s.Accounts, cfg)
		return nil
	}); err != nil {
		a.forgetAll(ctx, cfg.ID, s)
		return report, err
	}
	return report, nil
}

func serviceNames() string {
	var ids []string
	for _, s := range Services() {
		ids = append(ids, s.ID)
	}
	return strings.Join(ids, ", ")
}

// checkReport asks an uploader and puts the answer into the control API's
// words. The error is the check's own; the report is filled either way.
func checkReport(ctx context.Context, up upload.Uploader, name string) (control.CheckReport, error) {
	l, err := up.Check(ctx)
	r := control.CheckReport{Account: name, OK: err == nil, Server: l.Server, User: l.User, MaxBytes: l.MaxBytes, Ticks: []control.Tick{}}
	if l.Free > 0 {
		r.Free = l.Free
	}
	for _, k := range l.Kinds {
		r.Kinds = append(r.Kinds, k.String())
	}
	for _, t := range l.Ticks {
		r.Ticks = append(r.Ticks, control.Tick{What: t.What, OK: t.OK, Detail: t.Detail})
	}
	if err != nil {
		e := classified(err)
		r.Reason, r.Hint, r.Kind, r.Fingerprint = e.Reason, e.Hint, e.Kind.String(), e.Fingerprint
	}
	return r, err
}

// CheckAccount implements [control.Engine]. A check that succeeds lifts what
// held the account; a failed one is an answer, not an error, except that the
// account's secret must be readable.
func (a *App) CheckAccount(ctx context.Context, name string) (control.CheckReport, error) {
	acc, err := a.account(name)
	if err != nil {
		return control.CheckReport{}, err
	}
	up, err := acc.open(ctx)
	if err != nil {
		return control.CheckReport{Account: name, Ticks: []control.Tick{}}, a.accountProblem(name, err)
	}
	r, err := checkReport(ctx, up, acc.cfg.Name)
	if err != nil {
		if a.isRunning() {
			acc.judge(ctx, err)
		}
		return r, nil
	}
	return r, a.lift(acc)
}

// lift lets an account go on that was held or out of reach.
func (a *App) lift(acc *account) error {
	acc.gate.open()
	defer a.touch()
	return a.queue.Resume(acc.id, queue.ByService)
}

// Login implements [control.Engine]. A new secret is stored only when the
// server accepts it.
func (a *App) Login(ctx context.Context, name, secret string) (control.CheckReport, error) {
	acc, err := a.account(name)
	if err != nil {
		return control.CheckReport{}, err
	}
	if secret == "" {
		acc.forget()
		return a.CheckAccount(ctx, name)
	}
	if acc.service.Browser {
		return a.changeKeys(ctx, acc, secret)
	}
	c, err := a.credentials(ctx, acc)
	if err != nil {
		return control.CheckReport{Account: name, Ticks: []control.Tick{}}, a.accountProblem(name, err)
	}
	c.secret = secret
	up, err := a.newUploader(acc.service, acc.cfg, c)
	if err != nil {
		return control.CheckReport{Account: name, Ticks: []control.Tick{}}, a.accountProblem(name, err)
	}
	r, err := checkReport(ctx, up, acc.cfg.Name)
	if err != nil {
		return r, a.accountProblem(name, err)
	}
	if err := a.secrets.Set(ctx, acc.id, secret); err != nil {
		return r, secretProblem(err)
	}
	acc.forget()
	return r, a.lift(acc)
}

// changeKeys stores another secret of the application. Whoever was signed in
// with the old one signs in again.
func (a *App) changeKeys(ctx context.Context, acc *account, secret string) (control.CheckReport, error) {
	up, err := a.newUploader(acc.service, acc.cfg, credentials{secret: secret})
	if err != nil {
		return control.CheckReport{Account: acc.cfg.Name, Ticks: []control.Tick{}}, a.accountProblem(acc.cfg.Name, err)
	}
	r, err := checkKeys(ctx, up, acc.service, acc.cfg.Name)
	if err != nil {
		return r, a.accountProblem(acc.cfg.Name, err)
	}
	if err := a.secrets.Set(ctx, acc.id, secret); err != nil {
		return r, secretProblem(err)
	}
	acc.forget()
	return r, nil
}

// Trust implements [control.Engine]: the user has compared the fingerprint.
func (a *App) Trust(name, fingerprint string) error {
	acc, err := a.account(name)
	if err != nil {
		return err
	}
	return a.updateSettings(func(s *settings.Settings) error {
		for i := range s.Accounts {
			if s.Accounts[i].ID == acc.id {
				s.Accounts[i].Fingerprint = fingerprint
			}
		}
		return nil
	})
}

// Albums implements [control.Engine].
func (a *App) Albums(ctx context.Context, name string) ([]string, error) {
	acc, err := a.account(name)
	if err != nil {
		return nil, err
	}
	up, err := acc.open(ctx)
	if err != nil {
		return nil, a.accountProblem(name, err)
	}
	lister, ok := up.(upload.AlbumLister)
	if !ok {
		return nil, problem(1, acc.service.Name+" has no albums", "Its photos are found by title, tags and date.")
	}
	albums, err := lister.Albums(ctx)
	if err != nil {
		return nil, a.accountProblem(name, err)
	}
	return albums, nil
}

// RemoveAccount implements [control.Engine]. Its jobs go; the records of what
// it delivered stay, so that adding it again does not send everything again.
func (a *App) RemoveAccount(name string) error {
	acc, err := a.account(name)
	if err != nil {
		return err
	}
	if err := a.updateSettings(func(s *settings.Settings) error {
		s.Accounts = slices.DeleteFunc(s.Accounts, func(c settings.Account) bool { return c.ID == acc.id })
		for i := range s.Folders {
			s.Folders[i].Accounts = slices.DeleteFunc(s.Folders[i].Accounts, func(n string) bool { return n == acc.cfg.Name })
		}
		s.Folders = slices.DeleteFunc(s.Folders, func(f settings.Folder) bool { return len(f.Accounts) == 0 })
		return nil
	}); err != nil {
		return err
	}
	a.forgetAll(context.Background(), acc.id, acc.service)
	return errors.Join(a.queue.DropNotes(memoryKey(acc.id)), a.queue.DropNotes(editedKeys(acc.id)), a.queue.DropAccount(acc.id))
}

func (a *App) isRunning() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.running
}

// accountProblem is what a command says about an account that cannot work: exit
// 4 where the user must do something, 1 where it may pass.
func (a *App) accountProblem(name string, err error) error {
	e, ok := errors.AsType[*upload.Error](err)
	if !ok {
		return err
	}
	exit := 1
	if e.Kind == upload.Denied || e.Kind == upload.Full {
		exit = 4
	}
	p := problem(exit, fmt.Sprintf("%s: %s", name, e.Error()), e.Hint)
	p.Fingerprint = e.Fingerprint
	return p
}

func secretProblem(err error) error {
	p := problem(4, "The secret cannot be stored: "+err.Error(), "")
	if errors.Is(err, settings.ErrLocked) {
		p.Hint = "Unlock the keyring, or set PHOTOFERRY_PASSPHRASE or the systemd credential \"photoferry\"."
	}
	return p
}
