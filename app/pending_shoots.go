package app

import (
	"time"

	"github.com/photoferry/photoferry/app/control"
)

func (a *App) Shoots(time.Duration) ([]control.Shoot, error) { return nil, nil }
func (a *App) Describe(control.Description) (int, error)     { return 0, nil }
func (a *App) Events() ([]control.PlannedEvent, error)       { return nil, nil }
func (a *App) SetEvent(control.PlannedEvent) error           { return nil }
func (a *App) RemoveEvent(string) error                      { return nil }
