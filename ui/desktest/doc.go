// Package screentest gives tests a screen of X11 that nobody sees, and a
// program that files are dragged from: a file manager without a window and
// without a mouse, so that what it does depends on no layout.
package screentest
