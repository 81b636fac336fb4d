package app

import (
	"github.com/photoferry/photoferry/app/control"
)

func (a *App) Sessions(control.SessionQuery) (control.SessionPage, error) {
	return control.SessionPage{}, nil
}
func (a *App) Groups(string) ([]control.JobGroup, error) { return nil, nil }
func (a *App) RetryGroup(string) (int, error)            { return 0, nil }
func (a *App) Ignore([]uint64) (int, error)              { return 0, nil }
func (a *App) IgnoreGroup(string) (int, error)           { return 0, nil }
