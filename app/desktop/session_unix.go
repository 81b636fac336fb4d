//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"context"
	"errors"
	"fmt"
	"html"
	"image"
	"image/draw"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	trayName  = "org.kde.StatusNotifierWatcher"
	notesName = "org.freedesktop.Notifications"
	notesPath = "/org/freedesktop/Notifications"
)

// Session is the user's session on this desktop, until it ends or is closed.
// Its methods may be called from any goroutine.
type Session struct {
	opts  SessionOptions
	icon  *imageData // nil without one
	conn  *dbus.Conn
	place chan struct{} // capacity 1
	done  sync.WaitGroup

	mu     sync.Mutex
	wake   chan struct{}    // capacity 1: there is something in waiting
	queue  []string         // kinds in waiting, oldest first
	todo   map[string]*note // the newest of each kind; nil: withdraw it
	shown  map[string]*note // the last one of each kind
	markup *bool            // bodies are read as markup; nil: not known
	ends   int              // how many programs that showed notifications have ended
}

// note is a notification and what the desktop calls it.
type note struct {
	Notification
	id     uint32
	closed bool
}

// OpenSession connects to the session bus, and fails where there is none.
func OpenSession(ctx context.Context, o SessionOptions) (*Session, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	conn, err := connectSession(ctx)
	if err != nil {
		return nil, fmt.Errorf("connecting to the session bus: %w", err)
	}
	s := &Session{
		opts: o, icon: newImageData(o.Icon), conn: conn, place: make(chan struct{}, 1), wake: make(chan struct{}, 1),
		todo: map[string]*note{}, shown: map[string]*note{},
	}
	signals := make(chan *dbus.Signal, 32)
	conn.Signal(signals)
	owner := func(name string) error {
		return conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(busName), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name))
	}
	err = errors.Join(owner(trayName), owner(notesName),
		conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(notesName), dbus.WithMatchObjectPath(notesPath), dbus.WithMatchInterface(notesName)))
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("listening on the session bus: %w", err)
	}
	s.done.Go(func() { s.listen(signals) })
	s.done.Go(s.send)
	var there bool
	if err := ask(ctx, conn.BusObject(), 0, busName+".NameHasOwner", []any{trayName}, &there); err != nil {
		s.Close()
		return nil, fmt.Errorf("asking for a place for the icon: %w", err)
	}
	if there {
		signal(s.place)
	} else {
		o.Log.Info("The desktop has no place for a tray icon now; it appears when there is one")
	}
	return s, nil
}

// TrayPlace gets a value when there is a place for a tray icon: soon, if there
// is one already, and each time that one appears.
func (s *Session) TrayPlace() <-chan struct{} { return s.place }

// Notify shows a notification, as soon as the desktop takes it. Of several of
// one kind that wait for that, only the newest is shown.
func (s *Session) Notify(n Notification) { s.put(n.Kind, &note{Notification: n}) }

// Withdraw takes the last notification of a kind away, if it is still there. Its
// buttons do nothing any more.
func (s *Session) Withdraw(kind string) { s.put(kind, nil) }

// Close waits until nothing is under way any more. What is shown stays.
func (s *Session) Close() {
	_ = s.conn.Close() // ends listen and send, and calls that wait
	s.done.Wait()
}

func (s *Session) put(kind string, n *note) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, waits := s.todo[kind]; !waits {
		s.queue = append(s.queue, kind)
	}
	s.todo[kind] = n
	signal(s.wake)
}

// next takes the oldest kind in waiting.
func (s *Session) next() (kind string, n *note, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return "", nil, false
	}
	kind = s.queue[0]
	s.queue = s.queue[1:]
	n = s.todo[kind]
	delete(s.todo, kind)
	return kind, n, true
}

// send carries out what waits until the connection is closed.
func (s *Session) send() {
	ctx := s.conn.Context()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.wake:
		}
		for kind, n, ok := s.next(); ok && ctx.Err() == nil; kind, n, ok = s.next() {
			if n == nil {
				s.withdraw(ctx, kind)
			} else {
				s.show(ctx, n)
			}
		}
	}
}

func (s *Session) show(ctx context.Context, n *note) {
	notes := s.conn.Object(notesName, notesPath)
	category := "transfer.complete"
	if n.Trouble {
		category = "transfer.error"
	}
	hints := map[string]dbus.Variant{
		"urgency":       dbus.MakeVariant(byte(1)),
		"desktop-entry": dbus.MakeVariant(s.opts.Entry),
		"category":      dbus.MakeVariant(category),
	}
	if s.icon != nil {
		hints["image-data"] = dbus.MakeVariant(*s.icon)
	}
	var actions []string
	for _, a := range n.Actions {
		actions = append(actions, a.Key, a.Label)
	}
	expire := int32(-1) // the desktop's usual time; 0 would be never
	if n.Expire > 0 {
		expire = int32(min(max(n.Expire/time.Millisecond, 1), 1<<31-1))
	}
	body := n.Body
	if s.readsMarkup(ctx, notes) {
		body = html.EscapeString(body)
	}
	s.mu.Lock()
	var replaces uint32
	if old := s.shown[n.Kind]; old != nil && !old.closed {
		replaces = old.id
	}
	ends := s.ends
	s.mu.Unlock()
	var id uint32
	if err := ask(ctx, notes, 0, notesName+".Notify", []any{s.opts.App, replaces, "", n.Title, body, actions, hints, expire}, &id); err != nil {
		s.opts.Log.Debug("Notification was not shown", "err", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if ends == s.ends {
		n.id = id
		s.shown[n.Kind] = n
	}
}

func (s *Session) withdraw(ctx context.Context, kind string) {
	s.mu.Lock()
	n := s.shown[kind]
	there := n != nil && !n.closed
	delete(s.shown, kind)
	s.mu.Unlock()
	if !there {
		return
	}
	if err := ask(ctx, s.conn.Object(notesName, notesPath), dbus.FlagNoAutoStart, notesName+".CloseNotification", []any{n.id}); err != nil {
		s.opts.Log.Debug("Notification was not taken away", "err", err)
	}
}

// readsMarkup reports whether the desktop reads bodies as markup.
func (s *Session) readsMarkup(ctx context.Context, notes dbus.BusObject) bool {
	s.mu.Lock()
	known, ends := s.markup, s.ends
	s.mu.Unlock()
	if known != nil {
		return *known
	}
	var caps []string
	if err := ask(ctx, notes, 0, notesName+".GetCapabilities", nil, &caps); err != nil {
		return false // the notification will say why
	}
	yes := slices.Contains(caps, "body-markup")
	s.mu.Lock()
	defer s.mu.Unlock()
	if ends == s.ends {
		s.markup = &yes
	}
	return yes
}

// listen runs until the connection is closed.
func (s *Session) listen(signals <-chan *dbus.Signal) {
	for sig := range signals {
		switch sig.Name {
		case busName + ".NameOwnerChanged":
			switch name, before, now := owners(sig); {
			case name == trayName && now != "":
				signal(s.place)
			case name == notesName && before != "":
				s.forget()
			}
		case notesName + ".ActionInvoked":
			if n := s.about(sig); n != nil && len(sig.Body) > 1 {
				key, _ := sig.Body[1].(string)
				offered := slices.ContainsFunc(n.Actions, func(a Action) bool { return a.Key == key })
				if offered && n.Clicked != nil {
					n.Clicked(key)
				}
			}
		case notesName + ".NotificationClosed":
			// It stays known: some desktops close it first and then say what
			// was clicked.
			if n := s.about(sig); n != nil {
				s.mu.Lock()
				n.closed = true
				s.mu.Unlock()
			}
		}
	}
}

// about returns the notification that a signal is about, nil if it is not ours.
func (s *Session) about(sig *dbus.Signal) *note {
	if len(sig.Body) == 0 {
		return nil
	}
	id, _ := sig.Body[0].(uint32)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.shown {
		if n.id == id && id != 0 {
			return n
		}
	}
	return nil
}

// forget is called when the program that shows the notifications has ended: the
// next one has other numbers.
func (s *Session) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.shown)
	s.markup = nil
	s.ends++
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// imageData is the picture of a notification as the specification has it.
type imageData struct {
	Width, Height, Stride int32
	Alpha                 bool
	Bits, Channels        int32
	Pixels                []byte
}

func newImageData(img image.Image) *imageData {
	if img == nil {
		return nil
	}
	n := image.NewNRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(n, n.Bounds(), img, img.Bounds().Min, draw.Src)
	return &imageData{int32(n.Rect.Dx()), int32(n.Rect.Dy()), int32(n.Stride), true, 8, 4, n.Pix}
}
