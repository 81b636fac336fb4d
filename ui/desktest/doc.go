// Package desktest gives tests the parts of a desktop: a screen of X11 that
// nobody sees, a session bus with a panel for tray icons and a service for
// notifications, and a program that files are dragged from, without a window and
// without a mouse, so that what it does depends on no layout. States are what all
// of it has to show.
//
// Each test has parts of its own, which end with it. Where a part needs a
// program that is not installed, the test is skipped.
package desktest
