//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/godbus/dbus/v5"
)

const (
	busName = "org.freedesktop.DBus"

	// answerWithin bounds a question whose answer a service has at hand.
	answerWithin = 5 * time.Second
)

// connect opens a connection that is closed when ctx ends, by open. Its signals
// keep their order.
func connect(ctx context.Context, open func(...dbus.ConnOption) (*dbus.Conn, error)) (*dbus.Conn, error) {
	ctx, cancel := context.WithCancel(ctx)
	late := time.AfterFunc(answerWithin, cancel)
	conn, err := open(dbus.WithContext(ctx), dbus.WithSignalHandler(dbus.NewSequentialSignalHandler()))
	if err == nil && !late.Stop() {
		err = context.DeadlineExceeded
	}
	if err != nil {
		cancel()
		return nil, err
	}
	context.AfterFunc(conn.Context(), cancel)
	return conn, nil
}

// connectSession connects to the session bus, if there is one.
func connectSession(ctx context.Context) (*dbus.Conn, error) {
	// Without an address the library would start a bus of its own, and leave it
	// behind.
	if os.Getenv("DBUS_SESSION_BUS_ADDRESS") == "" {
		socket := filepath.Join(os.Getenv("XDG_RUNTIME_DIR"), "bus")
		if _, err := os.Stat(socket); os.Getenv("XDG_RUNTIME_DIR") == "" || err != nil {
			return nil, errors.New("no address of a session bus")
		}
	}
	return connect(ctx, dbus.ConnectSessionBus)
}

// ask calls a method whose answer is at hand, and stores it.
func ask(ctx context.Context, o dbus.BusObject, flags dbus.Flags, method string, args []any, answer ...any) error {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	return o.CallWithContext(ctx, method, flags, args...).Store(answer...)
}

// owners returns the name that a NameOwnerChanged signal is about, and who had
// it before and has it now; empty for nobody.
func owners(s *dbus.Signal) (name, before, now string) {
	if s.Name != busName+".NameOwnerChanged" || len(s.Body) != 3 {
		return "", "", ""
	}
	name, _ = s.Body[0].(string)
	before, _ = s.Body[1].(string)
	now, _ = s.Body[2].(string)
	return name, before, now
}

// property returns a property, or the zero value where it is missing or of another
// type.
func property[T any](props map[string]dbus.Variant, name string) T {
	v, _ := props[name].Value().(T)
	return v
}

// foreign makes a text from a bus fit for a line on the screen.
func foreign(s string) string {
	const most = 200
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.Join(strings.FieldsFunc(s, func(r rune) bool { return !unicode.IsGraphic(r) || unicode.IsSpace(r) }), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}
