package desktop

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/godbus/dbus/v5"
)

// disks is a fake UDisks2 with a card in a reader (sdb with two partitions),
// a stick (sdc), a card in the computer's own slot (mmcblk0), and the
// computer's own disk (sda).
type disks struct {
	mu    sync.Mutex
	calls []string
	fails map[string]string // error by call
}

const blocks, drives = "/org/freedesktop/UDisks2/block_devices/", "/org/freedesktop/UDisks2/drives/"

func (d *disks) GetManagedObjects() (map[dbus.ObjectPath]object, *dbus.Error) {
	all := map[dbus.ObjectPath]object{}
	drive := func(name string, props map[string]dbus.Variant) {
		all[dbus.ObjectPath(drives+name)] = object{driveName: props}
	}
	block := func(name, drive, preferred string, mounts ...string) {
		points := [][]byte{}
		for _, m := range mounts {
			points = append(points, []byte(m+"\x00"))
		}
		o := object{blockName: {
			"Device":          dbus.MakeVariant([]byte("/dev/" + name + "\x00")),
			"PreferredDevice": dbus.MakeVariant([]byte(preferred + "\x00")),
			"Drive":           dbus.MakeVariant(dbus.ObjectPath(drives + drive)),
		}}
		if len(mounts) > 0 || strings.HasSuffix(name, "1") {
			o[mountsName] = map[string]dbus.Variant{"MountPoints": dbus.MakeVariant(points)}
		}
		all[dbus.ObjectPath(blocks+name)] = o
	}
	yes, no := dbus.MakeVariant(true), dbus.MakeVariant(false)
	drive("reader", map[string]dbus.Variant{"Ejectable": yes, "CanPowerOff": yes})
	drive("stick", map[string]dbus.Variant{"Ejectable": no, "CanPowerOff": yes})
	drive("slot", map[string]dbus.Variant{"Ejectable": no, "CanPowerOff": no})
	drive("disk", map[string]dbus.Variant{"Ejectable": no, "CanPowerOff": no})
	block("sda1", "disk", "/dev/sda1", "/")
	block("sdb", "reader", "/dev/sdb")
	block("sdb1", "reader", "/dev/sdb1", "/media/u/EOS")
	block("sdb2", "reader", "/dev/sdb2", "/media/u/FILM", "/mnt/film")
	block("sdb3", "reader", "/dev/sdb3")
	block("sdc1", "stick", "/dev/disk/by-id/stick-part1", "/media/u/STICK")
	block("mmcblk0p1", "slot", "/dev/mmcblk0p1", "/media/u/SLOT")
	return all, nil
}

// part is a block device or a drive of the fake.
type part struct {
	d    *disks
	name string
}

func (p part) call(verb string) *dbus.Error {
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	p.d.calls = append(p.d.calls, verb+" "+p.name)
	if name := p.d.fails[verb+" "+p.name]; name != "" {
		return dbus.NewError(name, []any{"Error unmounting /dev/" + p.name + ": target is\nbusy"})
	}
	return nil
}

func (p part) Unmount(map[string]dbus.Variant) *dbus.Error  { return p.call("unmount") }
func (p part) Eject(map[string]dbus.Variant) *dbus.Error    { return p.call("eject") }
func (p part) PowerOff(map[string]dbus.Variant) *dbus.Error { return p.call("power off") }

func newDisks(t *testing.T, conn *dbus.Conn, fails map[string]string) *disks {
	t.Helper()
	d := &disks{fails: fails}
	must(t, conn.Export(d, disksPath, "org.freedesktop.DBus.ObjectManager"))
	for _, name := range []string{"sda1", "sdb", "sdb1", "sdb2", "sdb3", "sdc1", "mmcblk0p1"} {
		must(t, conn.Export(part{d, name}, dbus.ObjectPath(blocks+name), mountsName))
	}
	for _, name := range []string{"reader", "stick", "slot", "disk"} {
		must(t, conn.Export(part{d, name}, dbus.ObjectPath(drives+name), driveName))
	}
	request(t, conn, disksName)
	return d
}

func TestEject(t *testing.T) {
	const e = "org.freedesktop.UDisks2.Error."
	for _, tt := range []struct {
		name, device string
		fails        map[string]string
		want         []string
		err          error
	}{
		{"a card, and what else is mounted of it", "/dev/sdb1", nil, []string{"unmount sdb1", "unmount sdb2", "eject reader"}, nil},
		{"a stick is powered off", "/dev/sdc1", nil, []string{"unmount sdc1", "power off stick"}, nil},
		{"under its other name", "/dev/disk/by-id/stick-part1", nil, []string{"unmount sdc1", "power off stick"}, nil},
		{"a slot can do neither", "/dev/mmcblk0p1", nil, []string{"unmount mmcblk0p1"}, nil},
		{"unmounted already", "/dev/sdc1", map[string]string{"unmount sdc1": e + "NotMounted"}, []string{"unmount sdc1", "power off stick"}, nil},
		{"unmounted is enough", "/dev/sdb1", map[string]string{"eject reader": e + "Failed"}, []string{"unmount sdb1", "unmount sdb2", "eject reader"}, nil},
		{"in use", "/dev/sdb1", map[string]string{"unmount sdb1": e + "DeviceBusy"}, []string{"unmount sdb1"}, ErrDiskInUse},
		{"the other half in use", "/dev/sdb1", map[string]string{"unmount sdb2": e + "DeviceBusy"}, []string{"unmount sdb1", "unmount sdb2"}, ErrDiskInUse},
		{"not allowed", "/dev/sdc1", map[string]string{"unmount sdc1": e + "NotAuthorizedCanObtain"}, []string{"unmount sdc1"}, ErrNotAllowed},
		{"pulled out meanwhile", "/dev/sdc1", map[string]string{"unmount sdc1": "org.freedesktop.DBus.Error.UnknownObject"}, []string{"unmount sdc1"}, ErrNoDisk},
		{"not there", "/dev/sdz1", nil, nil, ErrNoDisk},
		{"no name at all", "", nil, nil, ErrNoDisk},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d := newDisks(t, newDaemon(t).connect(), tt.fails)
			if err := Eject(context.Background(), tt.device); !errors.Is(err, tt.err) {
				t.Errorf("error %v, want %v", err, tt.err)
			}
			d.mu.Lock()
			defer d.mu.Unlock()
			if !slices.Equal(d.calls, tt.want) {
				t.Errorf("called %q, want %q", d.calls, tt.want)
			}
		})
	}
}

func TestEjectInTheSystemsWords(t *testing.T) {
	newDisks(t, newDaemon(t).connect(), map[string]string{"unmount sdc1": "org.freedesktop.UDisks2.Error.Failed"})
	err := Eject(context.Background(), "/dev/sdc1")
	if err == nil || err.Error() != "unmounting: Error unmounting /dev/sdc1: target is busy" {
		t.Errorf("%v", err)
	}
}

func TestEjectWithoutUDisks(t *testing.T) {
	d := newDaemon(t)
	if err := Eject(context.Background(), "/dev/sdb1"); !errors.Is(err, ErrNoDiskService) {
		t.Errorf("without the service: %v", err)
	}
	d.stop()
	if err := Eject(context.Background(), "/dev/sdb1"); !errors.Is(err, ErrNoDiskService) {
		t.Errorf("without a bus: %v", err)
	}
}

func TestEjectEndsWithItsContext(t *testing.T) {
	newDisks(t, newDaemon(t).connect(), nil)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Eject(ctx, "/dev/sdb1"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
