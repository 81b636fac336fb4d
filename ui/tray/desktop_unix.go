//go:build linux || freebsd || openbsd || netbsd

package tray

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html"
	"image"
	"image/draw"
	"image/png"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/godbus/dbus/v5"

	"github.com/photoferry/photoferry/assets"
)

const (
	watcherName = "org.kde.StatusNotifierWatcher"
	notesName   = "org.freedesktop.Notifications"
	notesPath   = "/org/freedesktop/Notifications"
)

// desktop is the session bus: it says when there is a place for the icon, shows
// notifications, and says when one was clicked.
type desktop struct {
	place   chan struct{} // capacity 1
	clicked chan struct{} // capacity 1

	log  *slog.Logger
	conn *dbus.Conn
	done sync.WaitGroup

	sending sync.Mutex // notifications go out one after the other
	markup  *bool      // the desktop reads the text as markup; nil: not asked yet

	mu  sync.Mutex
	ids [kinds]uint32 // of the last notification of each kind
}

// openDesktop connects to the session bus.
func openDesktop(ctx context.Context, log *slog.Logger) (*desktop, error) {
	// Without an address the library would start a bus of its own, and leave it
	// behind.
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		socket := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")
		if _, err := os.Stat(socket); os.Getenv("XDG_RUNTIME_DIR") == "" || err != nil {
			return nil, errors.New("no address of a session bus")
		}
	}
	conn, err := dbus.ConnectSessionBus(dbus.WithContext(ctx))
	if err != nil {
		return nil, fmt.Errorf("connecting to the session bus: %w", err)
	}
	d := &desktop{place: make(chan struct{}, 1), clicked: make(chan struct{}, 1), log: log, conn: conn}
	signals := make(chan *dbus.Signal, 32)
	conn.Signal(signals)
	err = errors.Join(
		conn.AddMatchSignal(dbus.WithMatchSender("org.freedesktop.DBus"), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, watcherName)),
		conn.AddMatchSignal(dbus.WithMatchInterface(notesName), dbus.WithMatchMember("ActionInvoked")),
	)
	if err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("listening on the session bus: %w", err)
	}
	d.done.Go(func() { d.listen(signals) })
	var there bool
	if err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, watcherName).Store(&there); err != nil {
		d.close()
		return nil, fmt.Errorf("asking for a place for the icon: %w", err)
	}
	if there {
		signal(d.place)
	} else {
		log.Info("The desktop has no place for a tray icon now; it appears when there is one")
	}
	return d, nil
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// listen runs until the connection is closed.
func (d *desktop) listen(signals <-chan *dbus.Signal) {
	for s := range signals {
		switch s.Name {
		case "org.freedesktop.DBus.NameOwnerChanged":
			if len(s.Body) != 3 {
				continue
			}
			if owner, _ := s.Body[2].(string); owner != "" {
				signal(d.place)
			}
		case notesName + ".ActionInvoked":
			var id uint32
			if len(s.Body) > 0 {
				id, _ = s.Body[0].(uint32)
			}
			d.mu.Lock()
			ours := id != 0 && slices.Contains(d.ids[:], id)
			d.mu.Unlock()
			if ours {
				signal(d.clicked)
			}
		}
	}
}

// imageData is the picture of a notification as the specification has it.
type imageData struct {
	Width, Height, Stride int32
	Alpha                 bool
	Bits, Channels        int32
	Pixels                []byte
}

// appImage decodes the program's icon, once.
var appImage = sync.OnceValue(func() imageData {
	img, err := png.Decode(bytes.NewReader(assets.AppIcon))
	if err != nil {
		return imageData{}
	}
	n := image.NewNRGBA(img.Bounds())
	draw.Draw(n, n.Bounds(), img, img.Bounds().Min, draw.Src)
	return imageData{int32(n.Rect.Dx()), int32(n.Rect.Dy()), int32(n.Stride), true, 8, 4, n.Pix}
})

// notify shows a notification in place of the last one of its kind. It does
// not wait for the desktop.
func (d *desktop) notify(n note) {
	d.done.Go(func() {
		hints := map[string]dbus.Variant{
			"urgency":       dbus.MakeVariant(byte(1)),
			"desktop-entry": dbus.MakeVariant("io.github.photoferry.photoferry"),
			"category":      dbus.MakeVariant("transfer.complete"),
		}
		if n.kind != kindBatch {
			hints["category"] = dbus.MakeVariant("transfer.error")
		}
		if i := appImage(); i.Width > 0 {
			hints["image-data"] = dbus.MakeVariant(i)
		}
		d.sending.Lock()
		defer d.sending.Unlock()
		d.mu.Lock()
		id := d.ids[n.kind]
		d.mu.Unlock()
		// -1 lets the desktop take it away after its usual time: 0 would be never.
		call := d.conn.Object(notesName, notesPath).Call(notesName+".Notify", 0,
			"PhotoFerry", id, "", n.title, d.text(n.body), []string{"default", "Open"}, hints, int32(-1))
		if err := call.Store(&id); err != nil {
			d.log.Debug("Notification was not shown", "err", err)
			return
		}
		d.mu.Lock()
		d.ids[n.kind] = id
		d.mu.Unlock()
	})
}

// text protects a text from being read as markup. It is called with sending
// locked.
func (d *desktop) text(s string) string {
	if d.markup == nil {
		var caps []string
		if err := d.conn.Object(notesName, notesPath).Call(notesName+".GetCapabilities", 0).Store(&caps); err != nil {
			return s // the notification will say why
		}
		yes := slices.Contains(caps, "body-markup")
		d.markup = &yes
	}
	if *d.markup {
		return html.EscapeString(s)
	}
	return s
}

// close waits until nothing is under way any more.
func (d *desktop) close() {
	_ = d.conn.Close() // ends listen, and calls that wait
	d.done.Wait()
}
