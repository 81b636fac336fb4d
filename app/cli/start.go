package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app"
	"github.com/photoferry/photoferry/app/control"
)

// startWait is how long an engine may take to answer after it was started.
const startWait = 10 * time.Second

// engineArgs are the arguments of an engine in the background.
func (s *session) engineArgs() []string {
	args := []string{"run", "--detached"}
	if s.hooks.Tray != nil {
		args = append(args, "--tray")
	}
	if s.home != "" {
		args = append(args, "--home", s.home)
	}
	return args
}

// startCommand is what the computer may start by itself, nil if this program
// cannot be found.
func (s *session) startCommand() []string {
	exe, err := os.Executable()
	if err != nil {
		return nil
	}
	return append([]string{exe}, s.engineArgs()...)
}

// startEngine starts this program again as a detached engine and waits until
// it answers. An engine that dies is reported with its own words.
func (s *session) startEngine(ctx context.Context, places app.Places, env []string) (*control.Client, error) {
	exe, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the program to start the engine: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(places.Log), 0o700); err != nil {
		return nil, failure("The program's folder cannot be used: "+err.Error(), "Choose another with --home, or make it writable.")
	}
	log, err := os.OpenFile(places.Log, os.O_CREATE|os.O_APPEND|os.O_RDWR, 0o600)
	if err != nil {
		return nil, failure("The log cannot be written: "+err.Error(), "Choose another folder with --home, or make it writable.")
	}
	defer log.Close()
	from, err := log.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}

	cmd := exec.Command(exe, s.engineArgs()...) //nolint:noctx // the engine outlives this process
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Env = env
	cmd.Dir = filepath.Dir(places.Log) // never a drive that the user may want to unplug
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the engine: %w", err)
	}
	died := make(chan struct{})
	go func() { // ends with the engine, or with this process
		_ = cmd.Wait()
		close(died)
	}()

	ctx, cancel := context.WithTimeout(ctx, startWait)
	defer cancel()
	look := time.NewTicker(dialEvery / 2)
	defer look.Stop()
	for {
		c, err := control.Dial(ctx, places.Socket)
		if err == nil {
			return c, nil
		}
		if !errors.Is(err, control.ErrNotRunning) {
			return nil, err
		}
		select {
		case <-died:
			// It may have lost against an engine that was started at the same moment.
			if c, err := control.Dial(ctx, places.Socket); err == nil {
				return c, nil
			}
			return nil, lastWords(log, from, places.Log)
		case <-ctx.Done():
			return nil, failure("The engine has not come up in time", "It may still be starting; its log is "+places.Log)
		case <-look.C:
		}
	}
}

// lastWords finds what a dead engine said: the lines that [session.tell]
// printed after the log's offset from.
func lastWords(log io.ReaderAt, from int64, name string) error {
	const most = 64 << 10
	b, err := io.ReadAll(io.NewSectionReader(log, from, most))
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	_, said, found := strings.Cut("\n"+string(b), "\nphotoferry: ")
	if !found {
		return failure("The engine ended at once", "Its log is "+name)
	}
	var message, hint []string
	for line := range strings.Lines(said) {
		line = strings.TrimRight(line, "\n")
		if h, ok := strings.CutPrefix(line, "  "); ok {
			hint = append(hint, h)
		} else {
			message = append(message, line)
		}
	}
	return failure(strings.Join(message, "\n"), strings.Join(hint, "\n"))
}

// openWindow starts this program again to open or raise the window, at a page
// or as it is.
func (s *session) openWindow(log *slog.Logger, page control.Page) {
	exe, err := os.Executable()
	if err != nil {
		log.Error("Program not found to open the window", "err", err)
		return
	}
	var args []string
	if s.home != "" {
		args = append(args, "--home", s.home)
	}
	if page != "" {
		args = append(args, "--page", string(page))
	}
	cmd := exec.Command(exe, args...) //nolint:noctx // the window outlives this process
	cmd.Env = environ(false)
	detach(cmd)
	if err := cmd.Start(); err != nil {
		log.Error("Window not opened", "err", err)
		return
	}
	go func() { _ = cmd.Wait() }() // ends with the window
}
