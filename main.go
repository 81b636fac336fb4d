// Command photoferry ferries new photos from folders to photo servers, each exactly
// once. This file only joins the parts; app/cli is the command line, app the
// engine, ui the window.
package main

import (
	"context"
	"os"

	"github.com/photoferry/photoferry/app/cli"
	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/convert"
	"github.com/photoferry/photoferry/ui/tray"
)

// version is set by the linker; empty takes what the build itself knows.
var version string

func main() {
	convert.Main() // this process may be there to convert one photo only
	os.Exit(cli.Main(os.Args[1:], cli.Hooks{Version: version, Window: window, Tray: showTray}))
}

func showTray(ctx context.Context, c *control.Client, o cli.TrayOptions) error {
	return tray.Run(ctx, c, tray.Options{OpenWindow: o.OpenWindow, Log: o.Log})
}
