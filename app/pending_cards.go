package app

import (
	"context"

	"github.com/photoferry/photoferry/app/control"
)

func (a *App) ImportCard(context.Context, control.CardImport) error { return nil }
func (a *App) DeclineCard(string) error                             { return nil }
func (a *App) ForgetCard(string) error                              { return nil }
func (a *App) CardVerdict(context.Context, string) (control.CardVerdict, error) {
	return control.CardVerdict{}, nil
}
func (a *App) ClearCard(context.Context, string) (int, error) { return 0, nil }
func (a *App) EjectCard(context.Context, string) error        { return nil }
