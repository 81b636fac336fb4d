package ui

import (
	"fmt"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// walkShoots shows what can be done with shoots and events.
func walkShoots(t *testing.T, c *camera) {
	e := album()
	e.shoots, e.events = someShoots(pictured), someEvents(pictured)
	w := c.window(t, e, Options{})
	w.show(pageHistory)
	h := w.pages[pageHistory].(*historyPage)
	h.tabs.buttons[tabShoots].OnTapped()
	settle(w)
	c.snap(t, "shoots")
	h.shoots.open(0)
	c.snap(t, "shoots-describe")
	w.escape()
	h.shoots.open(2)
	c.snap(t, "shoots-sent")
	w.escape()
	e.events = nil
	w.showEvents()
	c.snap(t, "events-none")
	w.escape()
	e.events = someEvents(pictured)
	w.showEvents()
	c.snap(t, "events")
	w.editEvent(&e.events[0], e.events, func() {})
	c.snap(t, "events-edit")
	w.escape()
	w.editEvent(nil, e.events, func() {})
	settle(w)
	press(t, w, tr("Save"))
	c.snap(t, "events-wrong")
	w.escape()
	w.escape()
}

// walkCards shows a memory card from its coming to its being cleared.
func walkCards(t *testing.T, c *camera) {
	e := album()
	w := c.window(t, e, Options{})
	w.show(pageNow)
	s := e.status
	s.Cards = []control.Card{{ID: "1", Name: "EOS_DIGITAL", Path: "/media/anna/EOS_DIGITAL", State: control.CardNew, Photos: 143, Bytes: 480e6}}
	refreshed(w, s)
	c.snap(t, "card-new")
	w.importCard(s.Cards[0])
	c.snap(t, "card-sheet")
	w.escape()
	with := func(change func(k *control.Card)) {
		k := s.Cards[0]
		change(&k)
		s.Cards = []control.Card{k}
		refreshed(w, s)
	}
	with(func(k *control.Card) {
		k.Remembered, k.Accounts, k.Album = true, []string{"Piwigo"}, "Holiday"
	})
	c.snap(t, "card-remembered")
	with(func(k *control.Card) { k.State, k.Left = control.CardImporting, 120 })
	with(func(k *control.Card) { k.Left = 40 })
	c.snap(t, "card-importing")
	e.verdict = control.CardVerdict{Photos: 143, Clear: 134, Others: 4, Missing: []string{"/media/anna/EOS_DIGITAL/DCIM/100/IMG_0009.JPG"},
		Accounts: []control.CardAccountCount{{Account: "Piwigo", Delivered: 134, Verified: 134, Failed: 9}}}
	with(func(k *control.Card) { k.State, k.Left = control.CardDone, 0 })
	c.snap(t, "card-missing")
	w.banners.all[0].details()
	c.snap(t, "card-details")
	w.escape()
	e.verdict = control.CardVerdict{Safe: true, Photos: 143, Clear: 143, Others: 4, Accounts: []control.CardAccountCount{{Account: "Piwigo", Delivered: 143, Verified: 143}}}
	w.banners.all[0].again()
	c.snap(t, "card-safe")
	w.banners.all[0].askClear()
	c.snap(t, "card-clear")
	w.escape()
	w.banners.all[0].cleared = 143
	w.banners.all[0].show()
	c.snap(t, "card-cleared")
	with(func(k *control.Card) { k.State = control.CardDeclined })
	c.snap(t, "card-declined")
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
