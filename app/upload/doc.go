// Package upload is the contract between the engine and the services.
//
// An [Uploader] talks to one account of one service. It makes one attempt per
// call and classifies what went wrong as a [Kind]; it never retries beyond
// what can be repaired inside the call (an expired session), never waits
// longer than the second that a server may need to show a new photo, and
// knows nothing of the queue. Waiting, retrying, holding and counting attempts
// belong to the engine, so that every delay is durable and visible.
//
// What all services share lives here as well: the HTTP client with its
// no-progress watchdog, bandwidth limit, certificate trust and bounded
// answers ([NewClient]), the streamed multipart body ([Form]), and the two
// tables that sort failures into kinds ([Classify] below HTTP,
// [ClassifyStatus] for HTTP). Decorate the RoundTripper or the reader, not the
// Uploader.
//
// Sub-packages are the services. They import this package and never each
// other; the table of services is a literal in package app.
//
// # Invariants
//
//   - A photo goes out with exactly the announced number of bytes or is broken
//     off before its last ones ([ErrChanged]).
//   - No error text holds a request's address, a session or a secret. Words
//     that came from a server pass through [Foreign].
//   - Credentials go to the account's own host only, and a certificate is
//     trusted by a public root or by the fingerprint that the user confirmed.
package upload
