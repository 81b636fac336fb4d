package app

import (
	"context"

	"github.com/photoferry/photoferry/app/control"
)

func (a *App) General(context.Context) (control.General, error) { return control.General{}, nil }
func (a *App) ChangeGeneral(context.Context, control.GeneralChange) (control.General, error) {
	return control.General{}, nil
}
func (a *App) ExportSettings() (control.SettingsText, error) { return control.SettingsText{}, nil }
func (a *App) ImportSettings(context.Context, control.SettingsText) (control.Imported, error) {
	return control.Imported{}, nil
}
func (a *App) AccountSpec(string) (control.AccountSpec, error) { return control.AccountSpec{}, nil }
func (a *App) ChangeAccount(context.Context, control.AccountChange) (control.CheckReport, error) {
	return control.CheckReport{}, nil
}
