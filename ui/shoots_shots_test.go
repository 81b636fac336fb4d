package ui

import (
	"context"
	"fmt"
	"image"
	"os"
	"testing"
	"time"

	"fyne.io/fyne/v2"

	"github.com/photoferry/photoferry/app/control"
)

// TestPicturesOfShootsAndCards makes pictures of the shoots, the events and the
// banners of memory cards, as TestPicturesOfThePages does.
func TestPicturesOfShootsAndCards(t *testing.T) {
	dir := os.Getenv("PHOTOFERRY_SHOTS")
	if dir == "" {
		t.Skip("PHOTOFERRY_SHOTS is not set")
	}
	for _, theme := range []string{"light", "dark"} {
		for _, size := range []fyne.Size{fyne.NewSize(1200, 800), fyne.NewSize(640, 480)} {
			picturesOfShoots(t, dir, theme, size)
		}
	}
}

func picturesOfShoots(t *testing.T, dir, theme string, size fyne.Size) {
	e := album()
	e.status.Theme = theme
	e.shoots, e.events = someShoots(time.Now()), someEvents(time.Now())
	e.status.Language = os.Getenv("PHOTOFERRY_LANGUAGE")
	w := newTestWindow(t, e, Options{})
	w.win.Resize(size)
	w.home = "/home/anna"
	n := 0
	w.thumbs.make = func(context.Context, string) image.Image { n++; return landscape(n, 96, 96) }
	w.tiles.make = w.thumbs.make
	snap := func(page string) {
		settle(w)
		for w.thumbs.step(t.Context()) || w.tiles.step(t.Context()) {
		}
		w.pages[w.current].refresh()
		shoot(t, w, dir, fmt.Sprintf("%s-%s-%v", page, theme, size.Width))
	}
	refreshed(w, e.status)
	w.show(pageHistory)
	h := w.pages[pageHistory].(*historyPage)
	h.tabs.buttons[tabShoots].OnTapped()
	settle(w)
	snap("shoots-1")
	h.shoots.open(0)
	snap("shoots-2-describe")
	w.escape()
	h.shoots.open(2)
	snap("shoots-3-sent")
	w.escape()
	e.events = nil
	w.showEvents()
	snap("events-1-none")
	w.escape()
	e.events = someEvents(time.Now())
	w.showEvents()
	snap("events-2")
	w.editEvent(&e.events[0], e.events, func() {})
	snap("events-3-edit")
	w.escape()
	w.editEvent(nil, e.events, func() {})
	settle(w)
	press(t, w, tr("Save"))
	snap("events-4-wrong")
	w.escape()
	w.escape()

	w.show(pageNow)
	s := e.status
	s.Cards = []control.Card{{ID: "1", Name: "EOS_DIGITAL", Path: "/media/anna/EOS_DIGITAL", State: control.CardNew, Photos: 143, Bytes: 480e6}}
	refreshed(w, s)
	snap("card-1-new")
	w.importCard(s.Cards[0])
	snap("card-2-sheet")
	w.escape()
	with := func(change func(c *control.Card)) {
		c := s.Cards[0]
		change(&c)
		s.Cards = []control.Card{c}
		refreshed(w, s)
	}
	with(func(c *control.Card) {
		c.Remembered, c.Accounts, c.Album = true, []string{"Piwigo"}, "Holiday"
	})
	snap("card-3-remembered")
	with(func(c *control.Card) { c.State, c.Left = control.CardImporting, 120 })
	with(func(c *control.Card) { c.Left = 40 })
	snap("card-4-importing")
	e.verdict = control.CardVerdict{Photos: 143, Clear: 134, Others: 4, Missing: []string{"/media/anna/EOS_DIGITAL/DCIM/100/IMG_0009.JPG"},
		Accounts: []control.CardAccountCount{{Account: "Piwigo", Delivered: 134, Verified: 134, Failed: 9}}}
	with(func(c *control.Card) { c.State, c.Left = control.CardDone, 0 })
	snap("card-5-missing")
	w.banners.all[0].details()
	snap("card-6-details")
	w.escape()
	e.verdict = control.CardVerdict{Safe: true, Photos: 143, Clear: 143, Others: 4, Accounts: []control.CardAccountCount{{Account: "Piwigo", Delivered: 143, Verified: 143}}}
	w.banners.all[0].again()
	snap("card-7-safe")
	w.banners.all[0].askClear()
	snap("card-8-clear")
	w.escape()
	w.banners.all[0].cleared = 143
	w.banners.all[0].show()
	snap("card-9-cleared")
	with(func(c *control.Card) { c.State = control.CardDeclined })
	snap("card-10-declined")
	w.app.Settings().SetTheme(newTheme(""))
}

// someShoots are three: one that waits, one that is half sent, one that is sent.
func someShoots(now time.Time) []control.Shoot {
	day := time.Date(now.Year(), now.Month(), now.Day(), 14, 2, 0, 0, now.Location())
	paths := func(from int) (ps []string) {
		for i := range 5 {
			ps = append(ps, fmt.Sprintf("/home/anna/Pictures/2026/Sea/IMG_%04d.JPG", from+i))
		}
		return ps
	}
	return []control.Shoot{
		{From: day.AddDate(0, 0, -9), To: day.AddDate(0, 0, -8), Photos: 12, Bytes: 36e6, Paths: paths(1), Accounts: []string{"Piwigo"}, Delivered: 12},
		{From: day.AddDate(0, 0, -1), To: day.AddDate(0, 0, -1).Add(90 * time.Minute), Photos: 40, Bytes: 120e6, Paths: paths(10)[:2], Accounts: []string{"PicApport", "Piwigo"},
			Jobs: 76, Held: 70, Leaving: 2, Delivered: 4, Folder: "/home/anna/Pictures"},
		{From: day, To: day.Add(time.Hour), Photos: 37, Bytes: 99e6, Paths: paths(20), Accounts: []string{"Piwigo"}, Jobs: 37, Held: 37,
			Title: "Picnic", Tags: []string{"family"}, Album: "2026/Picnic"},
	}
}

func someEvents(now time.Time) []control.PlannedEvent {
	day := time.Date(now.Year(), 5, 1, 14, 0, 0, 0, now.Location())
	return []control.PlannedEvent{
		{Name: "Anna's wedding", From: day, To: day.Add(10 * time.Hour), Title: "Wedding of Anna and Tom", Tags: []string{"family", "wedding"}, Album: "2026/Wedding"},
		{Name: "Harz", From: day.AddDate(0, 1, 0), To: day.AddDate(0, 1, 6), Album: "2026/Harz", Description: "A week in the mountains"},
	}
}
