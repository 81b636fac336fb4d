// Package ui is the window of PhotoFerry: pages, dialogs and list models over
// the control API.
//
// It is a client and nothing more. What it shows comes from a [control.Client],
// what the user wants goes back through it, and closing the window changes
// nothing about what is sent. It must not import the engine, the queue or the
// watcher, nor fyne.io/fyne/v2/app: the caller makes the [fyne.App], so that
// the tests here need no cgo, no GL and no display.
//
// # Goroutines
//
// Widgets belong to Fyne's own goroutine. One goroutine, the pump, hands work
// to it: at most ten times a second it takes what has gathered in the mailbox,
// namely the newest status and the results of finished calls, and applies all
// of it in one fyne.Do. The reader of the event stream, the workers that call
// the engine, and the worker that decodes thumbnails only put things into the
// mailbox. The pump is stopped, and waited for, before Fyne is: after Quit,
// fyne.Do would run on its caller.
//
// No callback of a widget blocks: it starts a call with Window.call and
// returns.
//
// # Words
//
// A page is what a button of the left bar opens. The strip is the status line
// above all pages; below it lies a banner for each memory card that is in. A row is one photo in a list, with its state for every
// account. A mark is that state for one account: a drawing, the account's name or
// its initials, and a colour. A sheet is a dialog that asks for a few choices and
// then acts. The wizard, for people the guide, is what the first start shows in
// place of the pages: six steps from the language to the first photo. A tile is one
// of several things to choose from.
package ui
