// Package cards notices memory cards: file systems with a folder DCIM at their
// top, as cameras make them, that are mounted where removable ones are, or are
// on a removable disk. [System.Watch] tells when one comes and goes, [System.Files] walks its
// photos, [System.Remove] deletes exactly those that the caller names, [System.Eject] makes
// the card ready to be pulled out.
//
// The kernel says when something is mounted, so that nothing is looked at until
// then. What is on a card is not trusted: its names, its links, and how much of
// it there is.
//
// Nothing here decides that photos are safe, or deletes any by itself. Whether a
// card may be cleared is for the one to say who knows what has arrived.
//
// Cards are noticed on Linux only; elsewhere there are none, and [System.Watch] says so.
package cards
