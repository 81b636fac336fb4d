// Package control is the way into the engine from outside: HTTP with JSON over
// a unix socket that only its owner may use.
//
// It holds the types that go over the wire, the server (an [http.Handler] over
// an [Engine]), and the client that the window and the command line share. It
// knows neither the queue nor the watcher, so that the window can import it
// without them. The wire format is documented in docs/control-api.md; names in
// JSON are a contract with scripts and never change their meaning.
//
// The command line uses the same client whether or not an engine runs: without
// one it opens the files itself and calls the handler in its own process.
package control
