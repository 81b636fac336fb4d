package tray

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"

	"github.com/photoferry/photoferry/app/control"
)

func TestTrayOnAPanel(t *testing.T) {
	address, conn := bus(t)
	w := newPanel(t, conn)
	p := start(t, address)
	ic := w.icon(t)

	now := time.Now()
	idle := control.Status{Running: true, State: control.StateIdle, Text: "Everything sent"}
	p.send(idle)
	want := []string{"Everything sent", "Open window", "Add photos…", "Pause", "10 minutes", "1 hour", "Until tomorrow", "Until I resume", "Check folders now", "Settings…", "Quit"}
	until(t, "the menu of an idle engine", func() bool { return slices.Equal(ic.labels(), want) })
	if es := ic.entries(); es[0].on || !es[1].on {
		t.Errorf("the state line can be clicked, or Open window cannot: %+v", es[:2])
	}
	tick := pixels(t, ic)
	open, scan := ic.id("Open window"), ic.id("Check folders now")

	busy := idle
	busy.State, busy.Text = control.StateChecking, "Checking 3 folders, 8,200 files so far"
	busy.Counts.Failed = 2
	busy.Recent = []control.Record{{Path: "/p/IMG_1.jpg", Account: "Home", At: now, URL: "https://photos.example.org/1"}, {Path: "/p/evil.jpg", Account: "Home", At: now, URL: "file:///etc/passwd"}}
	p.send(busy)
	until(t, "failed and recent", func() bool {
		ls := ic.labels()
		return ls[0] == busy.Text && strings.HasPrefix(ls[1], "Last upload: today ") && slices.Contains(ls, "Failed (2)…") && slices.Contains(ls, "IMG_1.jpg · Home")
	})
	until(t, "an icon without the tick", func() bool { return !bytes.Equal(pixels(t, ic), tick) })
	v, err := ic.item.GetProperty("org.kde.StatusNotifierItem.ToolTip")
	must(t, err)
	if !strings.Contains(fmt.Sprint(v.Value()), busy.Text) {
		t.Errorf("tooltip: %v", v)
	}

	// An id that was read before the menu changed still works.
	ic.click(open)
	p.want("open \"\"")
	ic.click(scan)
	p.want("scan")
	ic.click(ic.id("Failed (2)…"))
	p.want("open \"failed\"")
	ic.click(ic.id("1 hour"))
	p.want("pause true")
	ic.click(ic.id("Until I resume"))
	p.want("pause false")
	ic.click(ic.id("evil.jpg · Home"))
	p.want("Tray command failed")
	ic.click(ic.id("IMG_1.jpg · Home"))
	p.want("browse https://photos.example.org/1")
	must(t, ic.item.Call("org.kde.StatusNotifierItem.Activate", 0, int32(0), int32(0)).Err)
	p.want("open \"\"")

	ic.click(ic.id("Settings…"))
	p.want("open \"settings\"")
	ic.click(ic.id("Add photos…"))
	p.want("open \"add\"")

	card := idle
	card.Cards = []control.Card{{ID: "eos", Name: "EOS"}, {ID: "old", Name: "OLD", Safe: true}}
	p.send(card)
	until(t, "the cards", func() bool {
		ls := ic.labels()
		return slices.Contains(ls, "Eject card “EOS”") && slices.Contains(ls, "Eject card “OLD” · safe to format")
	})
	ic.click(ic.id("Eject card “EOS”"))
	p.want("eject eos")

	german := idle
	german.Language = "de"
	p.send(german)
	until(t, "German", func() bool { return slices.Contains(ic.labels(), "Beenden") && !slices.Contains(ic.labels(), "Quit") })
	german.Language = "en"
	p.send(german)
	until(t, "English again", func() bool { return slices.Contains(ic.labels(), "Quit") })

	paused := idle
	paused.State, paused.Text = control.StatePaused, "Paused until 15:30"
	p.send(paused)
	until(t, "Resume in place of Pause", func() bool {
		ls := ic.labels()
		return slices.Contains(ls, "Resume") && !slices.Contains(ls, "Pause") && !slices.Contains(ls, "Failed (2)…")
	})
	ic.click(ic.id("Resume"))
	p.want("resume")
	ic.click(ic.id("Quit"))
	p.want("quit")
}

func TestProgressDoesNotChangeTheMenu(t *testing.T) {
	address, conn := bus(t)
	w := newPanel(t, conn)
	p := start(t, address)
	ic := w.icon(t)
	s := control.Status{State: control.StateSending, Text: "Sending 0 of 500"}
	p.send(s)
	until(t, "the first line", func() bool { return ic.labels()[0] == s.Text })

	must(t, conn.AddMatchSignal(dbus.WithMatchInterface("com.canonical.dbusmenu")))
	signals := make(chan *dbus.Signal, 1000)
	conn.Signal(signals)
	for n := range 500 {
		s.Text = fmt.Sprintf("Sending %d of 500", n)
		p.send(s)
	}
	end := s
	end.State, end.Text = control.StateIdle, "Everything sent"
	p.send(end)
	until(t, "the last line", func() bool { return ic.labels()[0] == end.Text })
	if n := len(signals); n > 12 {
		t.Errorf("500 steps of progress changed the menu %d times", n)
	}
}

func TestIconAppearsWhenThereIsAPlaceForIt(t *testing.T) {
	address, conn := bus(t)
	p := start(t, address)
	p.send(control.Status{State: control.StateIdle, Text: "Everything sent"})
	p.want("The desktop has no place for a tray icon now")
	ic := newPanel(t, conn).icon(t)
	until(t, "the state from before", func() bool { return ic.labels()[0] == "Everything sent" })
}

func TestWithoutASessionBusItEndsAtOnce(t *testing.T) {
	p := start(t, "")
	p.want("No tray icon and no notifications")
	p.want("ended <nil>")
}

func TestNotificationsReplaceEachOtherAndOpenTheWindow(t *testing.T) {
	address, conn := bus(t)
	b := &bubbles{}
	must(t, conn.Export(b, notesPath, notesName))
	request(t, conn, notesName)
	p := start(t, address)
	p.send(control.Status{State: control.StateStopped, Text: "Nobody wants to be told this"})
	p.send(control.Status{State: control.StateStopped, Text: "Sign in to Home again", Hint: "The server said <b>no</b> & goodbye", Notifications: true})
	until(t, "one notification", func() bool { return len(b.all()) == 1 })
	p.send(control.Status{State: control.StateStopped, Text: "Sign in to Home again", Notifications: true})
	p.send(control.Status{State: control.StateStopped, Text: "Club is full", Notifications: true})
	until(t, "two notifications", func() bool { return len(b.all()) == 2 })

	first, second := b.all()[0], b.all()[1]
	if first.title != "Sign in to Home again" || first.expire != -1 || !first.image || !slices.Equal(first.actions, []string{"default", "Open", "show", "Show accounts"}) {
		t.Errorf("first: %+v", first)
	}
	if first.body != "The server said &lt;b&gt;no&lt;/b&gt; &amp; goodbye" {
		t.Errorf("text is read as markup: %q", first.body)
	}
	if first.replaces != 0 || second.replaces != 41 || second.title != "Club is full" {
		t.Errorf("second: %+v", second)
	}
	must(t, conn.Emit(notesPath, notesName+".ActionInvoked", uint32(7), "default")) // of another program
	must(t, conn.Emit(notesPath, notesName+".ActionInvoked", uint32(41), "default"))
	p.want("open \"accounts\"")
	select {
	case l := <-p.lines:
		t.Errorf("a click on another program's notification did something: %s", l)
	default:
	}
	p.send(control.Status{State: control.StateIdle, Text: "Everything sent"})
	until(t, "the end of a notification that is out of date", func() bool { return slices.Equal(b.takenAway(), []uint32{41}) })
}
