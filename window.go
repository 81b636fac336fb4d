//go:build !nogui

package main

import (
	"context"
	"os"

	"fyne.io/fyne/v2/app"

	"github.com/photoferry/photoferry/app/cli"
	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui"
)

// appID is the one in FyneApp.toml.
const appID = "io.github.photoferry.photoferry"

var window = func(ctx context.Context, c *control.Client, o cli.WindowOptions) error {
	ui.New(app.NewWithID(appID), c, ui.Options{
		Files: o.Files, Page: o.Page, StateFile: o.StateFile, StartEngine: o.StartEngine, StartPractice: o.StartPractice,
		FindPictures: o.FindPictures, Exit: func() { os.Exit(0) }, Log: o.Log,
	}).Run(ctx)
	return nil
}
