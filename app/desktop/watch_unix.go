//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/godbus/dbus/v5"
)

const (
	networkName = "org.freedesktop.NetworkManager"
	networkPath = "/org/freedesktop/NetworkManager"
	powerName   = "org.freedesktop.UPower"
	powerPath   = "/org/freedesktop/UPower"
	batteryName = "org.freedesktop.UPower.Device"
	batteryPath = "/org/freedesktop/UPower/devices/DisplayDevice" // all batteries as one
)

// Watch reports the surroundings soon, and again whenever they change, until ctx
// ends. Services and the bus itself may come and go meanwhile. Where the system
// has no such thing it reports that and returns. report is called on the
// caller's goroutine and must not block.
func Watch(ctx context.Context, report func(Surroundings)) { watch(ctx, report, time.Second) }

// watch tries a bus that is gone again after a time that doubles up to 64 times
// of retry.
func watch(ctx context.Context, report func(Surroundings), retry time.Duration) {
	var last *Surroundings
	news := func(s Surroundings) {
		if ctx.Err() == nil && (last == nil || *last != s) {
			last = &s
			report(s)
		}
	}
	for wait := retry; ctx.Err() == nil; wait = min(2*wait, 64*retry) {
		if conn, err := connect(ctx, dbus.ConnectSystemBus); err == nil {
			if follow(ctx, conn, news) == nil {
				wait = retry
			}
			_ = conn.Close()
		}
		news(missing(NoBus, NoBus))
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
}

// follow reports until the connection ends. An error means that it could not
// even begin.
func follow(ctx context.Context, conn *dbus.Conn, news func(Surroundings)) error {
	signals := make(chan *dbus.Signal, 16)
	conn.Signal(signals)
	changed := func(name, path, iface string) error {
		return conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(name), dbus.WithMatchObjectPath(dbus.ObjectPath(path)),
			dbus.WithMatchInterface("org.freedesktop.DBus.Properties"), dbus.WithMatchMember("PropertiesChanged"), dbus.WithMatchArg(0, iface))
	}
	owner := func(name string) error {
		return conn.AddMatchSignalContext(ctx, dbus.WithMatchSender(busName), dbus.WithMatchMember("NameOwnerChanged"), dbus.WithMatchArg(0, name))
	}
	if err := errors.Join(
		owner(networkName), changed(networkName, networkPath, networkName),
		owner(powerName), changed(powerName, powerPath, powerName), changed(powerName, batteryPath, batteryName),
	); err != nil {
		return err
	}
	s := Surroundings{readNetwork(ctx, conn), readPower(ctx, conn, 0)} // UPower is started by being asked
	for {
		if conn.Context().Err() != nil {
			return nil // and not the services are missing, but the bus
		}
		news(s)
		signal, ok := <-signals
		if !ok {
			return nil
		}
		network, power := false, false
		for more := true; more && ok; { // many at once are one question
			name, _, _ := owners(signal)
			network = network || name == networkName || signal.Path == networkPath
			power = power || name == powerName || signal.Path == powerPath || signal.Path == batteryPath
			select {
			case signal, ok = <-signals:
			default:
				more = false
			}
		}
		if !ok {
			return nil
		}
		if network {
			s.Network = readNetwork(ctx, conn)
		}
		if power {
			s.Power = readPower(ctx, conn, dbus.FlagNoAutoStart)
		}
	}
}

func readNetwork(ctx context.Context, conn *dbus.Conn) Network {
	var v dbus.Variant
	err := ask(ctx, conn.Object(networkName, networkPath), dbus.FlagNoAutoStart, "org.freedesktop.DBus.Properties.Get", []any{networkName, "Metered"}, &v)
	metered, ok := v.Value().(uint32)
	switch {
	case err != nil || !ok:
		return Network{Missing: NoNetworkManager}
	case metered > uint32(MeteredGuessNo):
		return Network{}
	}
	return Network{Metered: Metered(metered)}
}

func readPower(ctx context.Context, conn *dbus.Conn, flags dbus.Flags) Power {
	p := Power{Percent: -1}
	var v dbus.Variant
	err := ask(ctx, conn.Object(powerName, powerPath), flags, "org.freedesktop.DBus.Properties.Get", []any{powerName, "OnBattery"}, &v)
	on, ok := v.Value().(bool)
	if err != nil || !ok {
		p.Missing = NoUPower
		return p
	}
	p.OnBattery = on
	var battery map[string]dbus.Variant
	if ask(ctx, conn.Object(powerName, batteryPath), flags, "org.freedesktop.DBus.Properties.GetAll", []any{batteryName}, &battery) != nil {
		return p // an old UPower has no such device, and says what matters all the same
	}
	if percent := property[float64](battery, "Percentage"); property[bool](battery, "IsPresent") && percent >= 0 && percent <= 100 {
		p.Percent = int(math.Round(percent))
	}
	return p
}
