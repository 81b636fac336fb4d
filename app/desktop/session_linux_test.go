package desktop

import (
	"context"
	"image"
	"image/color"
	"slices"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
)

// bubbles is a desktop's notification service.
type bubbles struct {
	caps  []string
	first uint32 // the number of its first notification
	shown chan bubble
	taken chan uint32
}

type bubble struct {
	id, replaces     uint32
	app, title, body string
	actions          []string
	hints            map[string]dbus.Variant
	expire           int32
}

func (b *bubbles) GetCapabilities() ([]string, *dbus.Error) { return b.caps, nil }

func (b *bubbles) Notify(app string, replaces uint32, _, title, body string, actions []string, hints map[string]dbus.Variant, expire int32) (uint32, *dbus.Error) {
	id := replaces
	if id == 0 {
		id = b.first
		b.first++
	}
	b.shown <- bubble{id, replaces, app, title, body, actions, hints, expire}
	return id, nil
}

func (b *bubbles) CloseNotification(id uint32) *dbus.Error {
	b.taken <- id
	return nil
}

func newBubbles(t *testing.T, conn *dbus.Conn, first uint32, caps ...string) *bubbles {
	t.Helper()
	return newBubblesThat(t, conn, &bubbles{caps: caps, first: first, shown: make(chan bubble, 100), taken: make(chan uint32, 100)})
}

func newBubblesThat(t *testing.T, conn *dbus.Conn, b *bubbles) *bubbles {
	t.Helper()
	must(t, conn.Export(b, notesPath, notesName))
	request(t, conn, notesName)
	return b
}

func session(t *testing.T, o SessionOptions) *Session {
	t.Helper()
	s, err := OpenSession(context.Background(), o)
	must(t, err)
	t.Cleanup(s.Close)
	return s
}

func TestANotificationAsTheDesktopGetsIt(t *testing.T) {
	d := newDaemon(t)
	b := newBubbles(t, d.connect(), 40, "body", "body-markup", "actions")
	icon := image.NewNRGBA(image.Rect(3, 3, 5, 4))
	icon.SetNRGBA(4, 3, color.NRGBA{1, 2, 3, 4})
	s := session(t, SessionOptions{App: "PhotoFerry", Entry: "org.example.App", Icon: icon})
	s.Notify(Notification{
		Kind: "batch", Title: "Sent & done", Body: "143 photos to <b>Home</b> & Club",
		Actions: []Action{{BodyAction, "Open"}, {"failed", "Show failed"}},
	})
	got := receive(t, b.shown, "the notification")
	if got.app != "PhotoFerry" || got.title != "Sent & done" || got.replaces != 0 || got.expire != -1 {
		t.Errorf("%+v", got)
	}
	if got.body != "143 photos to &lt;b&gt;Home&lt;/b&gt; &amp; Club" {
		t.Errorf("the body is read as markup: %q", got.body)
	}
	if !slices.Equal(got.actions, []string{"default", "Open", "failed", "Show failed"}) {
		t.Errorf("actions: %q", got.actions)
	}
	if got.hints["desktop-entry"].Value() != "org.example.App" || got.hints["category"].Value() != "transfer.complete" || got.hints["urgency"].Value() != byte(1) {
		t.Errorf("hints: %v", got.hints)
	}
	var img imageData
	must(t, got.hints["image-data"].Store(&img))
	if img.Width != 2 || img.Height != 1 || img.Stride != 8 || !slices.Equal(img.Pixels, []byte{0, 0, 0, 0, 1, 2, 3, 4}) {
		t.Errorf("icon: %+v", img)
	}

	s.Notify(Notification{Kind: "trouble", Title: "No", Trouble: true, Expire: 90 * time.Second})
	got = receive(t, b.shown, "the second notification")
	if got.replaces != 0 || got.hints["category"].Value() != "transfer.error" || got.expire != 90000 || len(got.actions) != 0 {
		t.Errorf("another kind: %+v", got)
	}
}

func TestTextIsPlainWhereTheDesktopKnowsNoMarkup(t *testing.T) {
	d := newDaemon(t)
	b := newBubbles(t, d.connect(), 1, "body")
	session(t, SessionOptions{}).Notify(Notification{Kind: "k", Title: "t", Body: "<3 & more"})
	if got := receive(t, b.shown, "the notification"); got.body != "<3 & more" || got.hints["image-data"].Value() != nil {
		t.Errorf("%+v", got)
	}
}

func TestClicks(t *testing.T) {
	d := newDaemon(t)
	conn := d.connect()
	b := newBubbles(t, conn, 40)
	s := session(t, SessionOptions{})
	clicks := make(chan string, 10)
	note := func(kind, title string) Notification {
		return Notification{
			Kind: kind, Title: title, Actions: []Action{{BodyAction, "Open"}, {"failed", "Show failed"}},
			Clicked: func(key string) { clicks <- title + " " + key },
		}
	}
	click := func(id any, key string) { must(t, conn.Emit(notesPath, notesName+".ActionInvoked", id, key)) }

	s.Notify(note("batch", "first"))
	s.Notify(note("needs you", "other"))
	first, other := receive(t, b.shown, "one"), receive(t, b.shown, "two")
	// The answers with the numbers are in when a later call has been answered.
	s.Notify(note("third", "third"))
	receive(t, b.shown, "three")

	click(uint32(7), BodyAction) // of another program
	click("40", BodyAction)
	click(first.id, "format the disk") // never offered
	click(first.id, "failed")
	if got := receive(t, clicks, "a click"); got != "first failed" {
		t.Errorf("clicked %q", got)
	}
	click(other.id, BodyAction)
	if got := receive(t, clicks, "a click"); got != "other default" {
		t.Errorf("clicked %q", got)
	}

	// Another one of the kind takes its place.
	s.Notify(note("batch", "second"))
	second := receive(t, b.shown, "the second batch")
	if second.replaces != first.id {
		t.Errorf("replaces %d, want %d", second.replaces, first.id)
	}
	s.Notify(note("third", "third"))
	receive(t, b.shown, "three again")
	click(second.id, BodyAction)
	if got := receive(t, clicks, "a click"); got != "second default" {
		t.Errorf("clicked %q", got)
	}

	// What is closed is clicked all the same where a desktop says it in that
	// order, and is not replaced.
	must(t, conn.Emit(notesPath, notesName+".NotificationClosed", second.id, uint32(2)))
	click(second.id, "failed")
	if got := receive(t, clicks, "a click"); got != "second failed" {
		t.Errorf("clicked %q", got)
	}
	s.Notify(note("batch", "after"))
	if got := receive(t, b.shown, "a third batch"); got.replaces != 0 {
		t.Errorf("a closed notification is replaced: %d", got.replaces)
	}
}

func TestWithdraw(t *testing.T) {
	d := newDaemon(t)
	conn := d.connect()
	b := newBubbles(t, conn, 40)
	s := session(t, SessionOptions{})
	clicks := make(chan string, 10)
	note := func(kind string) Notification {
		return Notification{Kind: kind, Actions: []Action{{BodyAction, "Open"}}, Clicked: func(string) { clicks <- kind }}
	}
	s.Withdraw("never shown")
	s.Notify(note("needs you"))
	gone := receive(t, b.shown, "the notification")
	s.Withdraw("needs you")
	if id := receive(t, b.taken, "its end"); id != gone.id {
		t.Errorf("took %d away, want %d", id, gone.id)
	}
	s.Notify(note("batch"))
	receive(t, b.shown, "another")
	s.Notify(note("needs you"))
	again := receive(t, b.shown, "a new one")
	if again.replaces != 0 {
		t.Errorf("what was taken away is replaced: %d", again.replaces)
	}
	s.Notify(note("last"))
	receive(t, b.shown, "the last")
	must(t, conn.Emit(notesPath, notesName+".ActionInvoked", gone.id, BodyAction))
	must(t, conn.Emit(notesPath, notesName+".ActionInvoked", again.id, BodyAction))
	receive(t, clicks, "a click")
	if len(clicks) > 0 {
		t.Error("what was taken away can be clicked")
	}
	must(t, conn.Emit(notesPath, notesName+".NotificationClosed", again.id, uint32(1)))
	must(t, conn.Emit(notesPath, notesName+".ActionInvoked", again.id, BodyAction))
	receive(t, clicks, "a click that tells that the other signal was read")
	s.Withdraw("needs you")
	s.Withdraw("batch")
	if id := receive(t, b.taken, "the end of the batch"); id == again.id {
		t.Error("what the user has closed is taken away")
	}
}

// A desktop that is slow, or not there yet, gets the newest of each kind.
func TestOnlyTheNewestOfAKindWaits(t *testing.T) {
	d := newDaemon(t)
	b := newBubblesThat(t, d.connect(), &bubbles{first: 1, shown: make(chan bubble)}) // hangs until it is looked at
	s := session(t, SessionOptions{})
	s.Notify(Notification{Kind: "first"})
	for range 1000 {
		s.Notify(Notification{Kind: "batch", Title: "old"})
		s.Notify(Notification{Kind: "offline", Title: "old"})
	}
	s.Withdraw("offline")
	s.Notify(Notification{Kind: "batch", Title: "new"})
	s.Notify(Notification{Kind: "end"})
	var titles []string
	for {
		got := receive(t, b.shown, "notifications")
		titles = append(titles, got.title)
		if got.title == "new" {
			break
		}
	}
	if len(titles) > 3 {
		t.Errorf("shown: %q", titles)
	}
	receive(t, b.shown, "the end")
}

func TestNumbersOfAnotherServiceMeanNothing(t *testing.T) {
	d := newDaemon(t)
	old := d.connect()
	b := newBubbles(t, old, 40, "body-markup")
	s := session(t, SessionOptions{})
	s.Notify(Notification{Kind: "batch", Body: "&"})
	if got := receive(t, b.shown, "the notification"); got.body != "&amp;" {
		t.Errorf("%+v", got)
	}
	must(t, old.Close())
	b = newBubbles(t, d.connect(), 40)
	// The session learns of it after a signal that it can be asked for.
	newPlace(t, d.connect())
	receive(t, s.TrayPlace(), "a place")
	s.Notify(Notification{Kind: "batch", Body: "&"})
	if got := receive(t, b.shown, "the notification"); got.replaces != 0 || got.body != "&" {
		t.Errorf("the new service is taken for the old one: %+v", got)
	}
}

func newPlace(t *testing.T, conn *dbus.Conn) {
	t.Helper()
	request(t, conn, trayName)
}

func TestAPlaceForTheIcon(t *testing.T) {
	d := newDaemon(t)
	s := session(t, SessionOptions{})
	select {
	case <-s.TrayPlace():
		t.Fatal("there is no place yet")
	default:
	}
	panel := d.connect()
	newPlace(t, panel)
	receive(t, s.TrayPlace(), "a place that appears")
	receive(t, session(t, SessionOptions{}).TrayPlace(), "a place that is there")
	must(t, panel.Close())
	newPlace(t, d.connect())
	receive(t, s.TrayPlace(), "a place that appears again")
}

func TestWithoutASessionBus(t *testing.T) {
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "")
	t.Setenv("XDG_RUNTIME_DIR", t.TempDir())
	if _, err := OpenSession(context.Background(), SessionOptions{}); err == nil {
		t.Error("opened a session that is not there")
	}
}

func TestASessionThatEndsIsSilent(t *testing.T) {
	d := newDaemon(t)
	s := session(t, SessionOptions{})
	d.stop()
	<-s.conn.Context().Done()
	s.Notify(Notification{Kind: "k"})
	s.Withdraw("k")
}
