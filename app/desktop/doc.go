// Package desktop is what the desktop around the program knows and can do: is
// the connection metered, is the computer on its battery ([Watch]); show a
// notification and say where it was clicked ([Session]); start the program with
// the computer ([Autostart]); unmount and eject a disk ([Eject]).
//
// On Linux and BSD these are services on D-Bus, and this package is the only one
// that speaks to it. Each of them may be missing, may come later and may go
// away. That is a fact to be told, never a reason to end.
//
// Signals are hints only: when one comes, the service itself is asked. What
// comes from a bus is not trusted to be of the right type or of any decent size.
//
// What must not be here: anything that knows what a photo, an account or a
// window is.
package desktop
