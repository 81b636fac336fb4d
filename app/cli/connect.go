package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime"
	"time"

	"golang.org/x/term"

	"github.com/photoferry/photoferry/app"
	"github.com/photoferry/photoferry/app/control"
)

// dialEvery is how often a command that waits for the files looks whether an
// engine has come up.
const dialEvery = 100 * time.Millisecond

// with calls do with a client: of the engine when one runs, otherwise over the
// files. Another command that has the files open is waited for; an engine that
// starts meanwhile is used.
func (s *session) with(do func(c *control.Client) error) error {
	places, err := app.FindPlaces(s.home)
	if err != nil {
		return err
	}
	c, err := control.Dial(s.ctx, places.Socket)
	if err == nil {
		defer c.Close()
		return do(c)
	}
	if !errors.Is(err, control.ErrNotRunning) {
		return err
	}
	return s.withFiles(places, do)
}

func (s *session) withFiles(places app.Places, do func(c *control.Client) error) (err error) {
	type opened struct {
		app *app.App
		err error
	}
	ctx, cancel := context.WithCancel(s.ctx)
	defer cancel()
	files := make(chan opened, 1)
	log := slog.New(slog.NewTextHandler(s.err, &slog.HandlerOptions{Level: slog.LevelError}))
	go func() {
		a, err := app.Open(ctx, app.Options{Home: s.home, Version: s.version(), Log: log, Passphrase: s.passphrase(), SecretsWork: secretsWork, CardsBelow: cardsBelow, Start: s.startCommand()})
		files <- opened{a, err}
	}()
	look := time.NewTicker(dialEvery)
	defer look.Stop()
	for {
		select {
		case o := <-files:
			if o.err == nil {
				defer func() { err = errors.Join(err, closing(o.app)) }()
				return do(control.InProcess(control.Handler(o.app, log)))
			}
			c, err := control.Dial(s.ctx, places.Socket)
			if err != nil {
				return o.err
			}
			defer c.Close()
			return do(c)
		case <-look.C:
			c, err := control.Dial(s.ctx, places.Socket)
			if err != nil {
				continue
			}
			defer c.Close()
			cancel()
			if o := <-files; o.err == nil {
				if err := closing(o.app); err != nil {
					return err
				}
			}
			return do(c)
		}
	}
}

func closing(c io.Closer) error {
	if err := c.Close(); err != nil {
		return fmt.Errorf("close the files: %w", err)
	}
	return nil
}

// withEngine calls do with the running engine's client; without an engine the
// command ends with 5.
func (s *session) withEngine(do func(c *control.Client) error) error {
	places, err := app.FindPlaces(s.home)
	if err != nil {
		return err
	}
	c, err := control.Dial(s.ctx, places.Socket)
	if errors.Is(err, control.ErrNotRunning) {
		return notRunning()
	}
	if err != nil {
		return err
	}
	defer c.Close()
	return do(c)
}

// passphrase asks for the passphrase of the secrets file, where somebody can
// be asked.
func (s *session) passphrase() func() (string, error) {
	if s.asks == nil {
		return nil
	}
	return func() (string, error) { return s.askHidden("Passphrase of the secrets file: ") }
}

// askHidden reads one line without showing it.
func (s *session) askHidden(question string) (string, error) {
	f, ok := s.in.(interface{ Fd() uintptr })
	if !ok {
		return "", errors.New("there is no terminal to ask on")
	}
	fmt.Fprint(s.asks, question)
	b, err := term.ReadPassword(int(f.Fd()))
	fmt.Fprintln(s.asks)
	if err != nil {
		return "", fmt.Errorf("read from the terminal: %w", err)
	}
	return string(b), nil
}

// terminal returns where to write questions to the person whose terminal is
// stdin, nil when it is none.
func terminal() io.Writer {
	if !term.IsTerminal(int(os.Stdin.Fd())) {
		return nil
	}
	if term.IsTerminal(int(os.Stderr.Fd())) {
		return os.Stderr
	}
	name := "/dev/tty"
	if runtime.GOOS == "windows" {
		name = "CONOUT$"
	}
	tty, err := os.OpenFile(name, os.O_WRONLY, 0)
	if err != nil {
		return nil
	}
	return tty // until the process ends
}
