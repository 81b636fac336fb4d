package app

import (
	"context"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

func (a *App) Forecast(context.Context, control.AddRequest, func(control.Forecast)) (control.Forecast, error) {
	return control.Forecast{}, nil
}
func (a *App) Shoots(time.Duration) ([]control.Shoot, error) { return nil, nil }
func (a *App) Describe(control.Description) (int, error)     { return 0, nil }
func (a *App) Events() ([]control.PlannedEvent, error)       { return nil, nil }
func (a *App) SetEvent(control.PlannedEvent) error           { return nil }
func (a *App) RemoveEvent(string) error                      { return nil }
func (a *App) ChangeFolder(context.Context, control.FolderSpec) (control.Folder, error) {
	return control.Folder{}, nil
}
func (a *App) PreviewFolder(context.Context, control.FolderSpec, string) (control.FolderPreview, error) {
	return control.FolderPreview{}, nil
}
