package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/photoferry/photoferry/app/control"
)

// The exit codes, as docs/cli.md has them.
const (
	exitDone       = 0
	exitError      = 1
	exitUsage      = 2
	exitFailed     = 3 // some photos failed, or are missing
	exitNeedsYou   = 4 // an account needs the user
	exitNotRunning = 5
)

// outcome ends a command with a code after it has said everything.
type outcome int

// Error implements error.
func (o outcome) Error() string { return fmt.Sprintf("exit code %d", int(o)) }

func usage(message, hint string) error {
	return &control.Problem{Message: message, Hint: hint, Exit: exitUsage}
}

func failure(message, hint string) error {
	return &control.Problem{Message: message, Hint: hint, Exit: exitError}
}

func notRunning() error {
	return &control.Problem{
		Message: "PhotoFerry is not running",
		Hint:    "Start it with `photoferry`, or without a screen with `photoferry run`.",
		Exit:    exitNotRunning,
	}
}

// problemOf gives any error the shape that is printed.
func problemOf(err error) *control.Problem {
	var p *control.Problem
	switch {
	case errors.As(err, &p):
		out := *p
		if out.Exit == 0 {
			out.Exit = exitError
		}
		return &out
	case errors.Is(err, context.Canceled):
		return &control.Problem{Message: "Interrupted", Exit: exitError}
	default:
		return &control.Problem{Message: err.Error(), Exit: control.ExitCode(err)}
	}
}

// fail prints an error and returns the exit code.
func (s *session) fail(err error) int {
	if err == nil {
		return exitDone
	}
	if o, ok := errors.AsType[outcome](err); ok {
		return int(o)
	}
	p := problemOf(err)
	if s.json {
		if err := s.encode(p); err != nil {
			fmt.Fprintf(s.err, "photoferry: %v\n", err)
		}
	}
	s.tell(p)
	return p.Exit
}

// tell prints a problem for people.
func (s *session) tell(p *control.Problem) {
	fmt.Fprintf(s.err, "photoferry: %s\n", printable(p.Message))
	if p.Hint != "" {
		fmt.Fprintf(s.err, "  %s\n", printable(p.Hint))
	}
}
