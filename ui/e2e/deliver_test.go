//go:build linux

package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/ui/desktest"
)

func TestQuitWhileUploadingLosesNothing(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	site := d.site("piwigo", "piwigo:slow:bps=400000")
	var names []string
	for i := range 12 {
		names = append(names, fmt.Sprintf("home/Bilder/IMG_%02d.jpg", i))
	}
	photos := d.photos(200_000, names...)
	d.open(photos...)
	d.appears()
	tray := d.panel.Icon()
	d.click("Add")
	d.until("some photos are delivered and others on their way", func() bool {
		c := d.status().Counts
		return c.Delivered >= 2 && c.Leased > 0
	})
	tray.Click("Quit")
	d.closed()
	d.until("the engine has ended", func() bool { return !d.status().Running })
	before := site.count(photos)
	if before == len(photos) {
		t.Fatal("all photos were there already: the test shows nothing")
	}

	d.open()
	d.appears()
	d.until("all photos are delivered", func() bool { return d.status().Counts.Delivered == len(photos) })
	must(t, site.has(photos))
	if c := d.status().Counts; c.Failed+c.Skipped+c.Ready+c.Waiting > 0 {
		t.Errorf("counts: %+v", c)
	}
}

func TestDropOfFilesAndFolders(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	site := d.site("picapport")
	d.open()
	d.appears()
	photos := d.photos(0,
		"home/Bilder/Urlaub #1 2026/a b.jpg", "home/Bilder/Urlaub #1 2026/Höhe.jpg", "home/Bilder/Urlaub #1 2026/Tag 2/100% Sonne.jpg",
		"home/Bilder/einzeln ü#?.jpg")
	window := d.drags.Find(title)
	if window == 0 || d.drags.Proxy(window) == 0 {
		t.Fatalf("the window %#x takes no drops, or has no stand-in", window)
	}

	const zone = "Drop photos and folders anywhere"
	d.drags.Enter(window, "text/plain")
	if d.drags.Move(200, 200) {
		t.Error("a text would be taken")
	}
	d.drags.Leave()
	d.drags.Enter(window, desktest.URIList)
	if !d.drags.Move(200, 200) {
		t.Error("files would not be taken")
	}
	d.sees(zone)
	d.drags.Leave()
	d.misses(zone)

	d.drags.Enter(window, "x/x", "y/y", "z/z", desktest.URIList)
	d.drags.Move(300, 300)
	d.sees(zone)
	if !d.drags.Drop(desktest.List{Data: desktest.Addresses(filepath.Dir(photos[0]), photos[3])}) {
		t.Error("the drop is refused")
	}
	d.misses(zone)
	d.click("Add")
	d.until("all are delivered", func() bool { return d.status().Counts.Delivered == len(photos) })
	must(t, site.has(photos))

	// A program that never looks for a stand-in.
	more := d.photos(0, "home/Bilder/noch eins.jpg")
	d.drags.IgnoreProxy = true
	d.drags.Enter(window, desktest.URIList)
	d.drags.Move(200, 200)
	d.drags.Drop(desktest.List{Data: desktest.Addresses(more...)})
	d.click("Add")
	d.until("that one is delivered", func() bool { return d.status().Counts.Delivered == len(photos)+1 })
	must(t, site.has(more))
}

func TestDropOfMoreThanX11HasRoomFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	d.site("picapport")
	d.open()
	d.appears()
	d.call("pause")

	// One picture; each file has a number in a comment behind its first two bytes.
	picture, err := os.ReadFile(d.photos(0, "home/one.jpg")[0])
	must(t, err)
	var paths []string
	folder := d.file("home/" + strings.Repeat("Übersicht ", 20))
	must(t, os.MkdirAll(folder, 0o755))
	for i := range 1500 {
		b := append([]byte(nil), picture[:2]...)
		b = append(append(b, 0xff, 0xfe, 0, 8), fmt.Sprintf("%06d", i)...)
		paths = append(paths, filepath.Join(folder, fmt.Sprintf("IMG_%06d.jpg", i)))
		must(t, os.WriteFile(paths[i], append(b, picture[2:]...), 0o644))
	}
	list := desktest.Addresses(paths...)
	if len(list) < 2*256<<10 {
		t.Fatalf("the list has %d bytes only", len(list))
	}
	window := d.drags.Find(title)
	d.drags.Enter(window, desktest.URIList)
	d.drags.Move(200, 200)
	if !d.drags.Drop(desktest.List{Data: list}) {
		t.Error("the drop is refused")
	}
	d.click("Add")
	d.until("all are in the queue", func() bool { return d.status().Counts.Ready == len(paths) })
}
