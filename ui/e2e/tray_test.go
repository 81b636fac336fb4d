//go:build linux

package e2e

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/control"
)

func TestTrayPausesAndShowsIt(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	site := d.site("picapport")
	d.open()
	d.appears()
	tray := d.panel.Icon()
	d.until("the tray shows that the engine is at rest", func() bool {
		s := d.status()
		return s.State == control.StateIdle && tray.Menu()[0] == s.Text
	})
	for _, label := range []string{"Open window", "Add photos…", "Pause", "Until I resume", "Quit"} {
		d.until("the tray's menu has "+label, func() bool { return slices.Contains(tray.Menu(), label) })
	}
	calm := tray.Picture()

	tray.Click("Until I resume")
	d.until("the engine is paused", func() bool { return d.status().State == control.StatePaused })
	d.until("the icon shows it", func() bool { return !bytes.Equal(tray.Picture(), calm) })
	d.until("the first line of the menu says it", func() bool { return strings.HasPrefix(tray.Menu()[0], "Paused") })
	d.sees("Paused")
	var s control.Status
	must(t, json.Unmarshal(d.call("status", "--json"), &s))
	if s.State != control.StatePaused {
		t.Errorf("status --json says %q", s.State)
	}

	photos := d.photos(0, "home/x.jpg")
	d.call("add", photos[0])
	if c := d.status().Counts; c.Ready != 1 || c.Delivered != 0 {
		t.Errorf("paused, and the counts are %+v", c)
	}
	tray.Click("Resume")
	d.until("the photo is delivered", func() bool { return d.status().Counts.Delivered == 1 })
	must(t, site.has(photos))
	d.until("the icon is calm again", func() bool { return bytes.Equal(tray.Picture(), calm) })
	d.misses("Paused")
}

func TestOneNotificationForOneBatch(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	site := d.site("picapport")
	d.start("engine", binary, "run", "--tray")
	tray := d.panel.Icon()
	d.until("the tray knows what was before", func() bool { return tray.Menu()[0] == d.status().Text })
	photos := d.photos(0, "home/Bilder/a.jpg", "home/Bilder/b.jpg", "home/Bilder/c.jpg")
	d.call("add", d.file("home/Bilder"))
	d.until("all photos are delivered", func() bool { return site.count(photos) == 3 })
	d.until("it is said", func() bool { return len(d.bubbles.All()) > 0 })
	b := d.bubbles.All()
	if len(b) != 1 || b[0].Title != "3 photos delivered" || b[0].Expire == 0 {
		t.Errorf("notifications: %+v", b)
	}
	if n := len(d.shown()); n != 0 {
		t.Errorf("%d windows", n)
	}
	d.bubbles.Click(b[0].ID)
	d.appears()
	tray.Click("Quit")
	d.closed()
}
