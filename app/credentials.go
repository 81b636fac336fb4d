package app

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/photoferry/photoferry/app/settings"
	"github.com/photoferry/photoferry/app/upload"
)

// Under these names the secrets store keeps what belongs to an account, beside
// its secret, which is there under the account's ID.
func tokenID(account string) string   { return account + ".token" }   // what a sign-in in the browser has brought
func pendingID(account string) string { return account + ".login" }   // what one that is not confirmed yet still needs
func optionsID(account string) string { return account + ".options" } // private options, as JSON

// credentials are an account's secrets; what there is none of is empty.
type credentials struct {
	secret  string
	token   string
	options map[string]string // private ones, see [upload.Service.Private]
}

// credentials reads an account's secrets. A store that cannot be opened is an
// error of kind Denied that says what to do.
func (a *App) credentials(ctx context.Context, acc *account) (c credentials, err error) {
	if c.secret, err = a.secret(ctx, acc.id); err != nil {
		return c, err
	}
	if acc.service.Browser {
		if c.token, err = a.secret(ctx, tokenID(acc.id)); err != nil {
			return c, err
		}
	}
	if len(acc.service.Private) > 0 {
		text, err := a.secret(ctx, optionsID(acc.id))
		if err != nil {
			return c, err
		}
		if text != "" && json.Unmarshal([]byte(text), &c.options) != nil {
			return c, &upload.Error{Kind: upload.Denied, Op: "read the secret", Reason: "the account's private options cannot be read", Hint: "Remove the account and add it again."}
		}
	}
	return c, nil
}

// secret reads one secret, "" when there is none.
func (a *App) secret(ctx context.Context, id string) (string, error) {
	s, err := a.secrets.Get(ctx, id)
	if err != nil && !errors.Is(err, settings.ErrNoSecret) {
		return "", secretError(err)
	}
	return s, nil
}

// storeCredentials stores the secrets of a new account.
func (a *App) storeCredentials(ctx context.Context, account string, c credentials) error {
	if c.secret != "" {
		if err := a.secrets.Set(ctx, account, c.secret); err != nil {
			return secretProblem(err)
		}
	}
	err := a.storeOptions(ctx, account, credentials{}, c)
	if err != nil {
		a.forgetSecret(ctx, account)
	}
	return err
}

// forgetAll deletes every secret of an account that is gone.
func (a *App) forgetAll(ctx context.Context, account string, s upload.Service) {
	a.forgetSecret(ctx, account)
	if s.Browser {
		a.forgetSecret(ctx, tokenID(account))
		a.forgetSecret(ctx, pendingID(account))
	}
	if len(s.Private) > 0 {
		a.forgetSecret(ctx, optionsID(account))
	}
}

// forgetSecret deletes one secret of an account that is gone.
func (a *App) forgetSecret(ctx context.Context, id string) {
	if err := a.secrets.Delete(ctx, id); err != nil && !errors.Is(err, settings.ErrNoSecret) {
		a.log.Warn("Secret of a removed account stays", "err", err)
	}
}

// splitOptions takes the private options of a service out of the others.
func splitOptions(options map[string]string, s upload.Service) (open, private map[string]string) {
	open, private = make(map[string]string), make(map[string]string)
	for k, v := range options {
		if slices.Contains(s.Private, k) {
			private[k] = v
		} else {
			open[k] = v
		}
	}
	return open, private
}
