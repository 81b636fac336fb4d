//go:build linux

package e2e

import "testing"

// TestFromTheFirstStartToTheFirstPhoto goes through the guide, as somebody does
// who has nothing but a folder of photos.
func TestFromTheFirstStartToTheFirstPhoto(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	photos := d.photos(0, "home/Pictures/2026/Höhe #1.jpg", "home/Pictures/2026/two.jpg")
	d.start("window", binary)
	d.sees("Welcome to PhotoFerry")
	d.click("Next")

	d.click("Try it without a server")
	d.click("Next")
	d.sees("The account was added.")
	d.click("Next")

	d.click("~/Pictures")
	d.click("Everything")
	d.click("Next")

	d.sees("For example")
	d.click("Next")

	d.sees("From ~/Pictures to Practice:") // what would be sent, before anything is
	d.click("Start")

	d.until("the photos are delivered", func() bool { return d.status().Counts.Delivered == len(photos) })
	d.click("Finish")
	d.sees("Up to date")
	if s := d.status(); len(s.Folders) != 1 || !s.Folders[0].Everything || s.Counts.Failed != 0 {
		t.Errorf("after the guide: %+v", s)
	}
}
