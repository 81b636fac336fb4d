// Package tray is the icon in the panel, its menu, and the notifications.
//
// It runs in the engine's process and is pure Go: no GL, and not the toolkit of
// the window. Everything it shows is made from one status of the control API,
// so that icon, tooltip, first menu line and notification cannot disagree.
//
// The menu is built once. Afterwards items are only shown, hidden or renamed,
// which keeps their ids, so that a click on an open menu is never lost; and they
// are renamed seldom, because desktops close an open menu when it changes.
//
// A notification that has become untrue is taken away: nobody has to sign in
// again an hour after that was done.
//
// A desktop without a place for such icons is no error: notifications work all
// the same, and the icon appears as soon as there is a place. Without a session
// bus there is neither, and the engine goes on.
package tray
