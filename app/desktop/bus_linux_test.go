package desktop

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// daemon is a bus of our own.
type daemon struct {
	t       *testing.T
	address string
	cmd     *exec.Cmd
}

// newDaemon takes the place of the system bus and of the session bus.
func newDaemon(t *testing.T) *daemon {
	t.Helper()
	if _, err := exec.LookPath("dbus-daemon"); err != nil {
		t.Skip("dbus-daemon is not installed")
	}
	dir, err := os.MkdirTemp("", "bus") // short, and without a comma
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	d := &daemon{t: t, address: "unix:path=" + dir + "/bus"}
	t.Setenv("DBUS_SYSTEM_BUS_ADDRESS", d.address)
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", d.address)
	d.start()
	t.Cleanup(d.stop)
	return d
}

func (d *daemon) start() {
	d.t.Helper()
	d.cmd = exec.Command("dbus-daemon", "--session", "--nofork", "--print-address=1", "--address="+d.address)
	out, err := d.cmd.StdoutPipe()
	must(d.t, err)
	must(d.t, d.cmd.Start())
	_, err = bufio.NewReader(out).ReadString('\n')
	must(d.t, err)
}

func (d *daemon) stop() {
	if d.cmd != nil {
		_ = d.cmd.Process.Kill()
		_ = d.cmd.Wait()
		d.cmd = nil
	}
}

// connect is the connection of a fake service.
func (d *daemon) connect() *dbus.Conn {
	d.t.Helper()
	conn, err := dbus.Connect(d.address)
	must(d.t, err)
	d.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func request(t *testing.T, conn *dbus.Conn, name string) {
	t.Helper()
	r, err := conn.RequestName(name, dbus.NameFlagDoNotQueue)
	if err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("taking the name %s: %v, %v", name, r, err)
	}
}

// export gives an object properties whose changes are told.
func export(t *testing.T, conn *dbus.Conn, path dbus.ObjectPath, iface string, values map[string]any) *prop.Properties {
	t.Helper()
	props := map[string]*prop.Prop{}
	for name, v := range values {
		props[name] = &prop.Prop{Value: v, Emit: prop.EmitTrue}
	}
	p, err := prop.Export(conn, path, prop.Map{iface: props})
	must(t, err)
	return p
}

// receive waits for a value.
func receive[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		t.Fatalf("not within ten seconds: %s", what)
		panic("unreachable")
	}
}

// waitFor receives until a value is right.
func waitFor[T any](t *testing.T, c <-chan T, what string, right func(T) bool) T {
	t.Helper()
	for {
		if v := receive(t, c, what); right(v) {
			return v
		}
	}
}

func TestForeignTextIsFitForALine(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"target is busy", "target is busy"},
		{"two\nlines\tand \x1b[31mcolour", "two lines and [31mcolour"},
		{strings.Repeat("ä", 300), strings.Repeat("ä", 200) + "…"},
		{"\xff", "\ufffd"},
	} {
		if got := foreign(tt.text); got != tt.want {
			t.Errorf("%q: %q", tt.text, got)
		}
	}
}
