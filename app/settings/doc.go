// Package settings keeps what the user configured: the settings file and the
// secrets that must never be in it.
//
// The settings file is TOML, meant to be read and edited by people. [Load]
// reports every problem of a file at once, each with line, column and key, and
// never returns half of a file. [Update] is the only way in which a running
// program changes it: under a lock, so that the window, the command line and
// the engine do not lose each other's change. [Save] never writes what [Load]
// would refuse, and never leaves a partly written file behind.
//
// Secrets (a password, an application's secret) live in the system keyring
// or, where there is none, in a file encrypted with a passphrase; see
// [Secrets]. They are found by the account's ID, which never changes. No
// secret is ever written in plain text, and none appears in an error.
//
// What must not be here: anything that knows what a service, a queue or a
// screen is. The services' names and option keys are handed in as a plain map.
//
// Terms: an account is one configured sign-in on one service; a folder is a
// directory to be watched together with its rules.
package settings
