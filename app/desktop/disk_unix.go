//go:build linux || freebsd || openbsd || netbsd

package desktop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/godbus/dbus/v5"
)

const (
	disksName  = "org.freedesktop.UDisks2"
	disksPath  = "/org/freedesktop/UDisks2"
	blockName  = disksName + ".Block"
	driveName  = disksName + ".Drive"
	mountsName = disksName + ".Filesystem"
)

// object is what UDisks2 tells of one thing: its properties by interface.
type object map[string]map[string]dbus.Variant

// Eject writes everything out to the drive that has a block device, such as
// /dev/sdb1, unmounts all that is mounted of it, and ejects or powers off the
// drive if it can do that. After nil it may be pulled out. It takes as long as
// the disk has to write, and ends early with ctx, which leaves the disk mounted
// or not.
func Eject(ctx context.Context, device string) error {
	conn, err := connect(ctx, dbus.ConnectSystemBus)
	if ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		return ErrNoDiskService
	}
	defer conn.Close()
	var all map[dbus.ObjectPath]object
	if err := ask(ctx, conn.Object(disksName, disksPath), 0, "org.freedesktop.DBus.ObjectManager.GetManagedObjects", nil, &all); err != nil {
		return diskError("asking UDisks2 for its disks", err)
	}
	drive, parts := driveOf(all, device)
	if len(parts) == 0 {
		return ErrNoDisk
	}
	for _, part := range parts {
		err := conn.Object(disksName, part).CallWithContext(ctx, mountsName+".Unmount", dbus.FlagAllowInteractiveAuthorization, map[string]dbus.Variant{}).Err
		if err = diskError("unmounting", err); err != nil {
			return err
		}
	}
	// Everything is written and nothing is mounted: the disk may be pulled out,
	// whatever comes of this.
	props := all[drive][driveName]
	method := ""
	switch {
	case property[bool](props, "Ejectable"):
		method = driveName + ".Eject"
	case property[bool](props, "CanPowerOff"):
		method = driveName + ".PowerOff"
	default:
		return nil
	}
	_ = conn.Object(disksName, drive).CallWithContext(ctx, method, dbus.FlagAllowInteractiveAuthorization, map[string]dbus.Variant{}).Err
	return nil
}

// driveOf returns the drive that a device is on, and all that is mounted of it,
// the device itself first. Without the device there are none.
func driveOf(all map[dbus.ObjectPath]object, device string) (drive dbus.ObjectPath, mounted []dbus.ObjectPath) {
	isDevice := func(o object) bool {
		for _, key := range []string{"Device", "PreferredDevice"} {
			if name := bytes.TrimRight(property[[]byte](o[blockName], key), "\x00"); len(name) > 0 && string(name) == device {
				return true
			}
		}
		return false
	}
	var own dbus.ObjectPath
	for path, o := range all {
		if isDevice(o) {
			own, drive = path, property[dbus.ObjectPath](o[blockName], "Drive")
		}
	}
	if own == "" {
		return "", nil
	}
	mounted = []dbus.ObjectPath{own}
	for _, path := range slices.Sorted(maps.Keys(all)) {
		o := all[path]
		if path == own || drive == "" || drive == "/" || property[dbus.ObjectPath](o[blockName], "Drive") != drive {
			continue
		}
		if len(property[[][]byte](o[mountsName], "MountPoints")) > 0 {
			mounted = append(mounted, path)
		}
	}
	return drive, mounted
}

// diskError gives an error of UDisks2 its meaning. Not mounted is none.
func diskError(doing string, err error) error {
	if err == nil {
		return nil
	}
	e, ok := errors.AsType[dbus.Error](err)
	if !ok {
		return fmt.Errorf("%s: %w", doing, err)
	}
	const udisks = "org.freedesktop.UDisks2.Error."
	switch e.Name {
	case udisks + "NotMounted":
		return nil
	case udisks + "DeviceBusy":
		return ErrDiskInUse
	case udisks + "NotAuthorized", udisks + "NotAuthorizedCanObtain", udisks + "NotAuthorizedDismissed", "org.freedesktop.DBus.Error.AccessDenied":
		return ErrNotAllowed
	case "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner", "org.freedesktop.DBus.Error.NoReply":
		return ErrNoDiskService
	case "org.freedesktop.DBus.Error.UnknownObject":
		return ErrNoDisk
	}
	return fmt.Errorf("%s: %s", doing, foreign(e.Error()))
}
