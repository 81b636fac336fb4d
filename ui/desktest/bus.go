//go:build linux || freebsd || openbsd || netbsd

package desktest

import (
	"bufio"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/godbus/dbus/v5/prop"
)

const (
	watcherName = "org.kde.StatusNotifierWatcher"
	watcherPath = "/StatusNotifierWatcher"
	itemName    = "org.kde.StatusNotifierItem"
	menuName    = "com.canonical.dbusmenu"
	notesName   = "org.freedesktop.Notifications"
	notesPath   = "/org/freedesktop/Notifications"

	// busWithin is how long a program may take to answer on the bus.
	busWithin = 20 * time.Second
)

// Bus starts a session bus for the time of a test. It returns its address, for
// DBUS_SESSION_BUS_ADDRESS, and a connection.
func Bus(t testing.TB) (string, *dbus.Conn) {
	t.Helper()
	daemon, err := exec.LookPath("dbus-daemon")
	if err != nil {
		t.Skip("dbus-daemon is not installed; packaging/setup.sh desktop installs it")
	}
	cmd := exec.Command(daemon, "--session", "--nofork", "--print-address=1", "--address=unix:path="+filepath.Join(t.TempDir(), "bus")) //nolint:noctx // ended by the cleanup, after what uses it
	out, err := cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	check(t, err)
	address = strings.TrimSpace(address)
	conn, err := dbus.Connect(address)
	check(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return address, conn
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func own(t testing.TB, conn *dbus.Conn, name string) {
	t.Helper()
	r, err := conn.RequestName(name, dbus.NameFlagDoNotQueue)
	if err != nil || r != dbus.RequestNameReplyPrimaryOwner {
		t.Fatalf("taking the name %s: %v, %v", name, r, err)
	}
}

// Panel is the place for tray icons: a StatusNotifierWatcher.
type Panel struct {
	t     testing.TB
	conn  *dbus.Conn
	items chan string // bus names of icons
}

// NewPanel puts a panel on a bus.
func NewPanel(t testing.TB, conn *dbus.Conn) *Panel {
	t.Helper()
	p := &Panel{t: t, conn: conn, items: make(chan string, 32)}
	check(t, conn.Export(watcher{p}, watcherPath, watcherName))
	_, err := prop.Export(conn, watcherPath, prop.Map{watcherName: {
		"IsStatusNotifierHostRegistered": {Value: true}, "ProtocolVersion": {Value: int32(0)},
	}})
	check(t, err)
	own(t, conn, watcherName)
	return p
}

// watcher is what the bus sees of a panel.
type watcher struct{ p *Panel }

func (w watcher) RegisterStatusNotifierItem(_ string, sender dbus.Sender) *dbus.Error {
	w.p.items <- string(sender)
	return nil
}

// Icon waits for the next icon that a program puts on the panel.
func (p *Panel) Icon() *Icon {
	p.t.Helper()
	select {
	case name := <-p.items:
		return &Icon{p.t, p.conn.Object(name, "/StatusNotifierItem"), p.conn.Object(name, "/StatusNotifierItem/menu")}
	case <-time.After(busWithin):
		p.t.Fatalf("no tray icon was registered within %v", busWithin)
		return nil
	}
}

// Icon is a program's icon as the panel sees it.
type Icon struct {
	t    testing.TB
	item dbus.BusObject
	menu dbus.BusObject
}

type layout struct {
	ID       int32
	Props    map[string]dbus.Variant
	Children []dbus.Variant
}

type item struct {
	id    int32
	label string
}

// items are the visible entries of the menu that have a label, sub-menus
// included, in order.
func (i *Icon) items() []item {
	i.t.Helper()
	var revision uint32
	var root layout
	for range 2 { // the first answer is one level deep on purpose
		check(i.t, i.menu.Call(menuName+".GetLayout", 0, int32(0), int32(-1), []string{}).Store(&revision, &root))
	}
	var all []item
	var walk func(l layout)
	walk = func(l layout) {
		if v, ok := l.Props["visible"]; ok && v.Value() == false {
			return
		}
		if label, _ := l.Props["label"].Value().(string); label != "" {
			all = append(all, item{l.ID, label})
		}
		for _, c := range l.Children {
			var k layout
			check(i.t, dbus.Store([]any{c.Value()}, &k))
			walk(k)
		}
	}
	walk(root)
	return all
}

// Menu returns the labels of the menu's visible entries, sub-menus included, in order.
func (i *Icon) Menu() []string {
	i.t.Helper()
	var labels []string
	for _, it := range i.items() {
		labels = append(labels, it.label)
	}
	return labels
}

// Click chooses an entry of the menu by its label.
func (i *Icon) Click(label string) {
	i.t.Helper()
	items := i.items()
	at := slices.IndexFunc(items, func(it item) bool { return it.label == label })
	if at < 0 {
		i.t.Fatalf("the tray's menu has no %q: %q", label, items)
	}
	check(i.t, i.menu.Call(menuName+".Event", 0, items[at].id, "clicked", dbus.MakeVariant(int32(0)), uint32(0)).Err)
}

// Tap clicks the icon itself.
func (i *Icon) Tap() {
	i.t.Helper()
	check(i.t, i.item.Call(itemName+".Activate", 0, int32(0), int32(0)).Err)
}

// Property returns a text that the icon shows, such as Status, Title or ToolTip.
func (i *Icon) Property(name string) any {
	i.t.Helper()
	v, err := i.item.GetProperty(itemName + "." + name)
	check(i.t, err)
	return v.Value()
}

// Picture returns the icon's pixels, as the bus carries them.
func (i *Icon) Picture() []byte {
	i.t.Helper()
	v, err := i.item.GetProperty(itemName + ".IconPixmap")
	check(i.t, err)
	var pictures []struct {
		W, H   int32
		Pixels []byte
	}
	check(i.t, v.Store(&pictures))
	if len(pictures) == 0 || len(pictures[0].Pixels) == 0 {
		i.t.Fatal("the tray icon has no picture")
	}
	return pictures[0].Pixels
}

// Bubble is one notification.
type Bubble struct {
	ID, Replaces uint32
	Title, Body  string
	Actions      []string
	Expire       int32 // milliseconds; -1 as the desktop likes, 0 never
}

// Bubbles is a desktop's service for notifications.
type Bubbles struct {
	t    testing.TB
	conn *dbus.Conn

	mu    sync.Mutex
	shown []Bubble
}

// NewBubbles puts a service for notifications on a bus.
func NewBubbles(t testing.TB, conn *dbus.Conn) *Bubbles {
	t.Helper()
	b := &Bubbles{t: t, conn: conn}
	check(t, conn.Export(notifier{b}, notesPath, notesName))
	own(t, conn, notesName)
	return b
}

// notifier is what the bus sees of bubbles.
type notifier struct{ b *Bubbles }

func (notifier) GetCapabilities() ([]string, *dbus.Error) {
	return []string{"body", "body-markup", "actions"}, nil
}

func (n notifier) Notify(_ string, replaces uint32, _, title, body string, actions []string, _ map[string]dbus.Variant, expire int32) (uint32, *dbus.Error) {
	n.b.mu.Lock()
	defer n.b.mu.Unlock()
	id := replaces
	if id == 0 {
		id = uint32(41 + len(n.b.shown))
	}
	n.b.shown = append(n.b.shown, Bubble{id, replaces, title, body, actions, expire})
	return id, nil
}

// All returns what was shown until now, in order.
func (b *Bubbles) All() []Bubble {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.shown)
}

// Click clicks a notification.
func (b *Bubbles) Click(id uint32) {
	b.t.Helper()
	check(b.t, b.conn.Emit(notesPath, notesName+".ActionInvoked", id, "default"))
}
