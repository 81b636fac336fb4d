// Package cli is the command line: what a person or a script types, and what
// they read.
//
// Every command talks to a [control.Client]. When an engine runs, that client
// speaks over the engine's socket; otherwise the command opens the files itself
// and calls the same handler in its own process. No command has a second way,
// so that what works with the engine works without it.
//
// Names, flags, JSON members and exit codes are a contract with scripts; they
// are documented in docs/cli.md, and a test compares that page with the
// grammar.
//
// Results go to stdout, everything for people (messages, questions, progress)
// to stderr. With --json stdout holds exactly one JSON value, also when the
// command fails. A secret is read from the environment, from stdin or from the
// terminal, never from an argument, and is never printed.
//
// What must not be here: decisions about photos, accounts or the queue. They
// are the engine's.
package cli
