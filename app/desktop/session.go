package desktop

import (
	"image"
	"log/slog"
	"time"
)

// SessionOptions say whose session it is.
type SessionOptions struct {
	App   string       // the program's name, for notifications
	Entry string       // the name of its desktop entry, without .desktop
	Icon  image.Image  // may be nil
	Log   *slog.Logger // may be nil
}

// Notification is a short message in a corner of the screen.
type Notification struct {
	// Kind is a word of the caller's. A notification takes the place of the
	// last one of its kind.
	Kind string
	// Title and Body are plain text.
	Title, Body string
	// Trouble is set when something has gone wrong, rather than well.
	Trouble bool
	// Expire is how long it is shown. 0 leaves that to the desktop, which most
	// desktops do anyway.
	Expire time.Duration
	// Actions are its buttons, [BodyAction] among them or not. Some desktops
	// have no buttons.
	Actions []Action
	// Clicked is called when an action is chosen, on the session's goroutine:
	// it must not block. It may be nil.
	Clicked func(key string)
}

// Action is something that can be clicked.
type Action struct {
	Key   string // a word of the caller's
	Label string // what the button says
}

// BodyAction is the key of the click on the notification itself. Desktops where
// that cannot be clicked may show its label.
const BodyAction = "default"
