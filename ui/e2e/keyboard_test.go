//go:build linux

package e2e

import "testing"

func TestPhotosAreAddedWithoutAMouse(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	site := d.site("picapport")
	photos := d.photos(0, "home/one.jpg")
	d.open()
	d.appears()
	for key, page := range map[string]string{"ctrl+4": "Folders", "ctrl+3": "History"} {
		d.keys(key)
		d.until("the page "+page+" is in front", func() bool { return len(d.eye.look().find(page)) >= 2 }) // its button and its title
	}

	// In the toolkit's dialog the list of files has the second place, and the
	// button that opens one the last.
	d.keys("ctrl+o")
	d.sees("Open File")
	d.keys("Tab", "Tab", "Right", "space")
	d.keys("shift+Tab", "shift+Tab", "space")
	d.sees("one.jpg")
	d.keys("shift+Tab", "space") // what is meant to be done is last
	d.until("the photo is delivered", func() bool { return d.status().Counts.Delivered == 1 })
	must(t, site.has(photos))

	d.keys("ctrl+w")
	d.sees("Close the window")
	d.keys("Escape")
	d.misses("Close the window")
	d.keys("ctrl+w")
	d.sees("Close the window")
	d.keys("shift+Tab", "space")
	d.closed()
}
