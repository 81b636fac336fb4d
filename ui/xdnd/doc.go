// Package xdnd receives files that are dragged onto a window of X11, however
// many they are, and says while they hover over it.
//
// It exists because GLFW, below the toolkit, asks for a drop's list of
// addresses in one piece. X11 has no room for more than about 256 KiB in one
// piece; a longer list comes in parts (INCR), which GLFW does not know: the
// drop is lost without a word. It also never says that something hovers.
//
// A [Receiver] announces itself as the window's stand-in: a source of drags
// that finds the property XdndProxy on a window speaks to the window that is
// named there, which belongs to a connection of our own. Where that is not so,
// on Wayland, Windows, macOS and with sources that do not look for a stand-in,
// the toolkit's own way of dropping goes on working.
//
// What comes from a source is foreign: lists are bounded, addresses that are
// not files of this computer are refused and counted, and a source that dies or
// hangs ends the drag and nothing else.
//
// The protocol: https://freedesktop.org/wiki/Specifications/XDND/, and the
// chapter "Incremental Transfers" of the ICCCM.
package xdnd
