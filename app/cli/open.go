package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/photoferry/photoferry/app"
	"github.com/photoferry/photoferry/app/control"
)

// openCmd is what the program does without a command.
type openCmd struct {
	Page  string   `help:"Page of the window to show: ${enum}." enum:",now,failed,history,folders,accounts,settings,add" default:""`
	Files []string `arg:"" optional:"" name:"file" help:"Files and folders to offer for sending."`
}

// opened is the answer of a start without a command.
type opened struct {
	Raised bool `json:"raised"` // a window was open already
}

// Run starts the engine if none runs, then raises the window or opens one.
func (c *openCmd) Run(s *session) error {
	files, err := c.absolute()
	if err != nil {
		return err
	}
	if s.hooks.Window == nil {
		return failure("This build has no window",
			"Use `photoferry run` for the engine and `photoferry add FILE...` to send files; photoferry --help lists everything.")
	}
	if !display() {
		return failure("There is no display to open a window on",
			"Use `photoferry run` for the engine and `photoferry add FILE...` to send files. On a desktop, DISPLAY or WAYLAND_DISPLAY must be set.")
	}
	places, err := app.FindPlaces(s.home)
	if err != nil {
		return err
	}
	env := environ(true)
	client, err := s.ensureEngine(s.ctx, places, env)
	if err != nil {
		return err
	}
	defer client.Close()
	h, err := client.Hello(s.ctx, files, control.Page(c.Page))
	if err != nil {
		return err
	}
	if !h.Window {
		// The window is a client: what it starts has no use for the passphrase.
		_ = os.Unsetenv(passphraseVariable)
		err := s.hooks.Window(s.ctx, client, WindowOptions{
			Files:     files,
			Page:      control.Page(c.Page),
			StateFile: filepath.Join(filepath.Dir(places.Log), "window.json"),
			StartEngine: func(ctx context.Context) error {
				c, err := s.ensureEngine(ctx, places, env)
				if err != nil {
					return err
				}
				return c.Close()
			},
			StartPractice: func(ctx context.Context) (control.AccountSpec, error) { return s.startPractice(ctx, places) },
			FindPictures:  app.PictureFolders,
			Log:           slog.New(slog.NewTextHandler(s.err, nil)),
		})
		if err != nil {
			return err
		}
	}
	return s.show(opened{h.Window}, func(io.Writer) {})
}

// absolute returns the files' full paths. A word that is neither a file nor a
// command is most likely a command with a slip in it.
func (c *openCmd) absolute() ([]string, error) {
	var files []string
	for _, f := range c.Files {
		abs, err := filepath.Abs(f)
		if err != nil {
			return nil, fmt.Errorf("find %s: %w", f, err)
		}
		if _, err := os.Lstat(abs); err != nil {
			if filepath.Ext(f) == "" && !strings.ContainsAny(f, `/\`) {
				return nil, usage(fmt.Sprintf("%q is neither a command nor a file", f), "photoferry --help lists the commands.")
			}
			return nil, failure(fmt.Sprintf("%s cannot be found", f), "Check the name.")
		}
		files = append(files, abs)
	}
	return files, nil
}

// display reports whether a window can be opened at all.
func display() bool {
	switch runtime.GOOS {
	case "windows", "darwin":
		return true
	}
	return os.Getenv("DISPLAY") != "" || os.Getenv("WAYLAND_DISPLAY") != ""
}

// ensureEngine returns a client of the running engine. When none runs it
// starts one, with the environment env, that outlives this process.
func (s *session) ensureEngine(ctx context.Context, places app.Places, env []string) (*control.Client, error) {
	c, err := control.Dial(ctx, places.Socket)
	if errors.Is(err, control.ErrNotRunning) {
		return s.startEngine(ctx, places, env)
	}
	return c, err
}
