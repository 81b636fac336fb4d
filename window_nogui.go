//go:build nogui

package main

import (
	"context"

	"github.com/photoferry/photoferry/app/cli"
	"github.com/photoferry/photoferry/app/control"
)

// window is absent from builds for machines without a screen.
var window func(ctx context.Context, c *control.Client, o cli.WindowOptions) error
