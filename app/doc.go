// Package app is the engine: it takes what the watcher found, keeps it in the
// queue, and lets one worker pool per account deliver it.
//
// The way of a photo reads from top to bottom in three files: intake.go (found
// -> rules, digest, ledger -> queue), worker.go (lease, gate, what a kind of
// error means) and attempt.go (one delivery). Manual drops, watched files and
// the command line all pass through this same way.
//
// The engine knows no screen. It implements [control.Engine]; the window, the
// tray and the command line are clients of that.
//
// # Rules
//
// Originals are opened read-only. Whatever is not certain is asked before
// bytes are sent. Retries live in the queue alone. An account that cannot be
// reached is a state of the account, held in its gate, never of its photos.
package app
