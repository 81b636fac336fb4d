package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app"
	"github.com/photoferry/photoferry/app/practice"
)

// practiceCmd runs the emulators.
type practiceCmd struct {
	Dir     string   `help:"Keep the servers' photos under DIR (default: practice, beside the queue)." placeholder:"DIR" type:"path"`
	Listen  string   `help:"Address of the first server; the others take the next ports (default: free ports of this machine only)." placeholder:"HOST:PORT"`
	Service []string `help:"Run only this service; repeat it for more." placeholder:"NAME" sep:"none"`
	Fault   []string `help:"Misbehave, such as picapport/upload:status:code=503:times=3; repeat it for more." placeholder:"SPEC" sep:"none"`
	TLS     bool     `name:"tls" help:"Serve https with a self-signed certificate."`

	BesideEngine bool `hidden:"" help:"End when no engine runs any more."`
}

// Run prints one line of JSON, then serves until SIGTERM.
func (c *practiceCmd) Run(s *session) error {
	places, err := app.FindPlaces(s.home)
	if err != nil {
		return err
	}
	if c.Dir == "" {
		c.Dir = filepath.Join(places.Home, "practice")
	}
	for _, name := range c.Service {
		if !slices.Contains(practice.Services(), name) {
			return usage(fmt.Sprintf("There is no practice server for %q", name), "There are: "+strings.Join(practice.Services(), ", "))
		}
	}
	for _, spec := range c.Fault {
		if _, err := practice.ParseFault(spec); err != nil {
			return usage(err.Error(), "docs/cli.md describes faults.")
		}
	}
	srv, err := practice.Start(practice.Options{
		Dir: c.Dir, Listen: c.Listen, Services: c.Service, Faults: c.Fault, TLS: c.TLS,
		Log: slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelWarn})),
	})
	if err != nil {
		return fmt.Errorf("start practice mode: %w", err)
	}
	line, err := json.Marshal(srv.Accounts())
	if err == nil {
		_, err = fmt.Fprintf(s.out, "%s\n", line)
	}
	if err == nil {
		s.note("Practice servers run until Ctrl+C; their photos are under %s", c.Dir)
		if c.BesideEngine {
			untilNoEngine(s.ctx, places.Socket)
		} else {
			<-s.ctx.Done()
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if cerr := srv.Close(ctx); cerr != nil && err == nil {
		err = fmt.Errorf("end practice mode: %w", cerr)
	}
	return err
}
