package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"gopkg.in/natefinch/lumberjack.v2"

	"github.com/photoferry/photoferry/app"
	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/settings"
)

// runCmd is the engine.
type runCmd struct {
	Tray      bool `help:"Show the tray icon."`
	UntilIdle bool `help:"End when nothing is left to send: 0 all delivered, 3 some failed, 4 an account needs you."`
	Detached  bool `hidden:"" help:"Write to the log only."`
}

// engineWait is how long an engine waits for a short command that has the
// files open.
const engineWait = time.Minute

// ran is the result of run.
type ran struct {
	Failed   int  `json:"failed"`
	NeedsYou bool `json:"needs_you"`
}

// Run runs the engine until SIGTERM, SIGINT or a call to quit.
func (c *runCmd) Run(s *session) (err error) {
	if c.Tray && s.hooks.Tray == nil {
		return failure("This build has no tray", "Leave --tray away.")
	}
	places, err := app.FindPlaces(s.home)
	if err != nil {
		return err
	}
	file, err := openLog(places.Log)
	if err != nil {
		return err
	}
	defer file.Close()
	var level slog.LevelVar
	var sink io.Writer = file
	if !c.Detached {
		sink = io.MultiWriter(file, s.err)
	}
	log := slog.New(slog.NewTextHandler(sink, &slog.HandlerOptions{Level: &level}))

	a, err := app.Open(s.ctx, app.Options{
		Home: s.home, Version: s.version(), Log: log, Engine: true,
		Passphrase: s.passphrase(), SecretsWork: secretsWork, CardsBelow: cardsBelow, LockWait: engineWait, Start: s.startCommand(),
		Applied: func(st settings.Settings) {
			if err := level.UnmarshalText([]byte(st.General.LogLevel)); err != nil {
				log.Warn("Log level not understood", "err", err)
			}
		},
	})
	if err != nil {
		return interrupted(err)
	}
	defer func() { err = errors.Join(err, closing(a)) }()
	l, err := control.Listen(places.Socket)
	if err != nil {
		return failure(err.Error(), "Without the socket no window and no command could reach the engine.")
	}
	handler := control.Handler(a, log)

	// The socket and the tray end after the engine, so that its last words
	// are heard.
	beside, cancel := context.WithCancel(context.WithoutCancel(s.ctx))
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	wg.Go(func() {
		untilRunning(beside, a)
		if err := control.Serve(beside, l, handler); err != nil {
			log.Error("Control socket ended", "err", err)
		}
	})
	if c.Tray {
		wg.Go(func() {
			o := TrayOptions{OpenWindow: func(p control.Page) { s.openWindow(log, p) }, Log: log}
			if err := s.hooks.Tray(beside, control.InProcess(handler), o); err != nil {
				log.Warn("No tray icon", "err", err)
			}
		})
	}
	wg.Go(func() { s.revivePractice(beside, log, places, a.Settings()) })
	tellSystemd(log, "READY=1")
	defer tellSystemd(log, "STOPPING=1")
	if !c.UntilIdle {
		if err := a.Run(s.ctx); err != nil {
			return interrupted(err)
		}
		return s.show(ran{}, func(io.Writer) {})
	}
	r, err := a.RunUntilIdle(s.ctx)
	if err != nil {
		return interrupted(err)
	}
	if err := s.show(ran{r.Failed, r.NeedsYou}, func(io.Writer) {}); err != nil {
		return err
	}
	switch {
	case r.NeedsYou:
		s.note("An account needs you: photoferry status tells why.")
		return outcome(exitNeedsYou)
	case r.Failed > 0:
		s.note("%s failed: photoferry list --state failed tells why.", count(r.Failed, "photo"))
		return outcome(exitFailed)
	}
	return nil
}

// untilRunning waits for the moment in which the engine begins, so that nobody
// who reaches the socket is told that nothing runs. Callers wait in the
// socket's queue meanwhile.
func untilRunning(ctx context.Context, a *app.App) {
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for !a.Status().Running {
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}
}

// interrupted makes the end by a signal a clean one.
func interrupted(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// openLog returns the log file, which rotates by itself.
func openLog(name string) (io.WriteCloser, error) {
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		return nil, failure("The program's folder cannot be used: "+err.Error(), "Choose another with --home, or make it writable.")
	}
	// A first try tells now what would otherwise be lost line by line.
	f, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, failure("The log cannot be written: "+err.Error(), "Choose another folder with --home, or make it writable.")
	}
	if err := f.Close(); err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return &lumberjack.Logger{Filename: name, MaxSize: 5, MaxBackups: 3}, nil
}

// tellSystemd reports the engine's state to a service manager that asked for
// it.
func tellSystemd(log *slog.Logger, state string) {
	name := os.Getenv("NOTIFY_SOCKET")
	if name == "" {
		return
	}
	if name[0] == '@' {
		name = "\x00" + name[1:] // the abstract name space
	}
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		log.Warn("Service manager not told", "state", state, "err", err)
		return
	}
	defer c.Close()
	if _, err := c.Write([]byte(state)); err != nil {
		log.Warn("Service manager not told", "state", state, "err", err)
	}
}
