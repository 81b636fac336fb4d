package cards

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"slices"
	"testing"

	"github.com/godbus/dbus/v5"

	"github.com/photoferry/photoferry/app/desktop"
)

// disks is a fake UDisks2 with one card.
type disks struct {
	busy    bool
	ejected chan string
}

type properties = map[string]map[string]dbus.Variant

func (d *disks) GetManagedObjects() (map[dbus.ObjectPath]properties, *dbus.Error) {
	return map[dbus.ObjectPath]properties{
		"/disk/sdb1":   {"org.freedesktop.UDisks2.Block": {"Device": dbus.MakeVariant([]byte("/dev/sdb1\x00")), "Drive": dbus.MakeVariant(dbus.ObjectPath("/disk/reader"))}},
		"/disk/reader": {"org.freedesktop.UDisks2.Drive": {"Ejectable": dbus.MakeVariant(true)}},
	}, nil
}

func (d *disks) Unmount(map[string]dbus.Variant) *dbus.Error {
	if d.busy {
		return dbus.NewError("org.freedesktop.UDisks2.Error.DeviceBusy", []any{"target is busy"})
	}
	d.ejected <- "unmount"
	return nil
}

func (d *disks) Eject(map[string]dbus.Variant) *dbus.Error {
	d.ejected <- "eject"
	return nil
}

func newDisks(t *testing.T, busy bool) *disks {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		t.Skip("dbus-daemon is not installed")
	}
	dir, err := os.MkdirTemp("", "bus")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	cmd := exec.Command("dbus-daemon", "--session", "--nofork", "--print-address=1", "--address=unix:path="+dir+"/bus")
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	_, err = bufio.NewReader(out).ReadString('\n')
	must(t, err)
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path="+dir+"/bus")
	conn, err := dbus.Connect("unix:path=" + dir + "/bus")
	must(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	d := &disks{busy, make(chan string, 10)}
	must(t, conn.Export(d, "/org/freedesktop/UDisks2", "org.freedesktop.DBus.ObjectManager"))
	must(t, conn.Export(d, "/disk/sdb1", "org.freedesktop.UDisks2.Filesystem"))
	must(t, conn.Export(d, "/disk/reader", "org.freedesktop.UDisks2.Drive"))
	_, err = conn.RequestName("org.freedesktop.UDisks2", dbus.NameFlagDoNotQueue)
	must(t, err)
	return d
}

func TestEject(t *testing.T) {
	m := newMachine(t)
	c := m.card()
	d := newDisks(t, false)
	must(t, m.Eject(t.Context(), c))
	if a, b := <-d.ejected, <-d.ejected; a != "unmount" || b != "eject" {
		t.Errorf("%s, then %s", a, b)
	}
	m.mounted()
	if err := m.Eject(t.Context(), c); !errors.Is(err, ErrGone) || len(d.ejected) > 0 {
		t.Errorf("a card that is gone: %v", err)
	}
}

func TestEjectSaysWhoUsesTheCard(t *testing.T) {
	m := newMachine(t)
	c := m.card()
	process := func(pid, name, cwd, file string) {
		m.write("/proc/"+pid+"/comm", name+"\n")
		m.link("/proc/"+pid+"/cwd", cwd)
		m.link("/proc/"+pid+"/fd/3", file)
	}
	process("10", "bash", "/media/u/EOS/DCIM", "/dev/null")
	process("11", "gimp", "/home/u", "/media/u/EOS/DCIM/100CANON/IMG_0001.JPG")
	process("12", "gimp", "/media/u/EOS", "/dev/null")
	process("13", "innocent", "/media/u/EOS2", "/media/u/EOS (deleted)x")
	process("14", "other", "/", "socket:[1]")
	m.write("/proc/15/comm", "hidden\n") // of another user
	newDisks(t, true)
	err := m.Eject(t.Context(), c)
	use, ok := errors.AsType[*InUseError](err)
	if !ok || !slices.Equal(use.Programs, []string{"bash", "gimp"}) || !errors.Is(err, desktop.ErrDiskInUse) {
		t.Fatalf("%v", err)
	}
	if err.Error() != "the card is in use by bash, gimp" {
		t.Errorf("%v", err)
	}
	for _, pid := range []string{"10", "11", "12"} {
		must(t, os.RemoveAll(m.Top+"/proc/"+pid))
	}
	if err := m.Eject(t.Context(), c); err == nil || err.Error() != "the card is in use by a program" {
		t.Errorf("%v", err)
	}
}
