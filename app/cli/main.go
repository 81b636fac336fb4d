package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"github.com/photoferry/photoferry/app/control"
)

// Hooks are what only some builds have. The zero value is a build without
// window and tray.
type Hooks struct {
	// Version is the program's version; "" takes it from the build.
	Version string
	// Window shows the window until it is closed. It is called on the
	// goroutine that called Main.
	Window func(ctx context.Context, c *control.Client, o WindowOptions) error
	// Tray shows the tray icon until ctx ends. It runs beside the engine.
	Tray func(ctx context.Context, c *control.Client, o TrayOptions) error
}

// WindowOptions are a window's surroundings.
type WindowOptions struct {
	Files       []string                        // offered in the add sheet, absolute
	Page        control.Page                    // that is shown first; "": the usual one
	StateFile   string                          // where the window keeps what it was told once
	StartEngine func(ctx context.Context) error // starts an engine that outlives the window
	// StartPractice starts a practice server that ends with the engine, unless it
	// runs, and returns the account to add on it.
	StartPractice func(ctx context.Context) (control.AccountSpec, error)
	FindPictures  func() []string // folders that people keep photos in
	Log           *slog.Logger
}

// TrayOptions are a tray's surroundings.
type TrayOptions struct {
	OpenWindow func(page control.Page) // opens or raises the window, at a page or as it is
	Log        *slog.Logger
}

// secretsWork is [app.Options.SecretsWork] of every command.
var secretsWork int

// cardsBelow is [app.Options.CardsBelow] of every command.
var cardsBelow string

// Main runs the command line args, without the program's name, and returns the
// exit code.
func Main(args []string, h Hooks) int {
	s := &session{
		ctx:    context.Background(),
		hooks:  h,
		in:     os.Stdin,
		out:    os.Stdout,
		err:    os.Stderr,
		asks:   terminal(),
		shows:  term.IsTerminal(int(os.Stderr.Fd())),
		secret: os.Getenv(secretVariable),
	}
	// Nothing that this process starts needs the secret.
	_ = os.Unsetenv(secretVariable)
	ctx, stop := signal.NotifyContext(s.ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	s.ctx = ctx
	return s.main(args)
}

// exited is what help ends the parsing with.
type exited int

func (s *session) main(args []string) (code int) {
	defer func() {
		if p := recover(); p != nil {
			e, ok := p.(exited)
			if !ok {
				panic(p)
			}
			code = int(e)
		}
	}()
	var g grammar
	parser, err := newParser(&g, func(code int) { panic(exited(code)) }, kong.Writers(s.out, s.err))
	if err != nil {
		return s.fail(fmt.Errorf("build the command line: %w", err))
	}
	s.json = slices.Contains(args, "--json") // also for what is wrong with the line itself
	c, err := parser.Parse(args)
	if err != nil {
		return s.fail(usageOf(err))
	}
	s.home, s.json = g.Home, g.JSON
	return s.fail(c.Run(s))
}

// usageOf gives kong's message a hint.
func usageOf(err error) error {
	hint := "photoferry --help lists the commands."
	if e, ok := errors.AsType[*kong.ParseError](err); ok && e.Context != nil {
		if cmd := commandOf(e.Context); cmd != "" {
			hint = fmt.Sprintf("photoferry %s --help explains it.", cmd)
		}
	}
	return usage(err.Error(), hint)
}

// commandOf returns the words of the command that was being parsed.
func commandOf(c *kong.Context) string {
	n := c.Selected()
	if n == nil {
		for _, p := range c.Path {
			if p.Command != nil {
				n = p.Command
			}
		}
	}
	if n == nil || n.Hidden {
		return ""
	}
	words := n.Name
	for p := n.Parent; p != nil && p.Type == kong.CommandNode; p = p.Parent {
		words = p.Name + " " + words
	}
	return words
}

// session is one run of a command.
type session struct {
	ctx    context.Context // ends with SIGINT or SIGTERM
	hooks  Hooks
	in     io.Reader
	out    io.Writer
	err    io.Writer
	asks   io.Writer // where a person can be asked; nil where nobody can
	shows  bool      // progress can be shown
	secret string    // from the environment
	json   bool
	home   string
}
