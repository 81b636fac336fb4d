package ui

import (
	"errors"
	"slices"
	"testing"
	"time"

	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// withCard is a status with one memory card.
func withCard(change func(c *control.Card)) control.Status {
	s := oneAccount()
	c := control.Card{ID: "1", Name: "EOS", Path: "/media/me/EOS", State: control.CardNew, Photos: 143, Bytes: 480e6}
	if change != nil {
		change(&c)
	}
	s.Cards = []control.Card{c}
	return s
}

func TestNewCardIsAskedAbout(t *testing.T) {
	e := &fakeEngine{status: oneAccount()}
	w := newTestWindow(t, e, Options{})
	before := w.stage.Size()
	hides(t, w, "Memory card")
	if w.banners.box.Visible() {
		t.Error("without a card there is room for a banner")
	}
	w.show(pageSettings)
	settle(w)
	e.took()
	refreshed(w, withCard(nil))
	e.took()
	shows(t, w, "Memory card “EOS” · 143 photos, 480 MB", "To Home; the files stay on the card")
	press(t, w, "Import")
	wants(t, e, "import card 1")
	if got := e.card; got.Remember || len(got.Accounts) > 0 || got.Album != "" {
		t.Errorf("imported with %+v", got)
	}
	press(t, w, "Not now")
	wants(t, e, "decline card 1")
	refreshed(w, withCard(func(c *control.Card) { c.State = control.CardDeclined }))
	hides(t, w, "Memory card")
	refreshed(w, withCard(func(c *control.Card) { c.State = control.CardDeclined }))
	hides(t, w, "Memory card")
	if after := w.stage.Size(); after != before {
		t.Errorf("the page has %v after the banner, and had %v before", after, before)
	}
}

func TestDeclinedCardIsImportedOnlyWhenAskedFor(t *testing.T) {
	s := withCard(func(c *control.Card) { c.State = control.CardDeclined })
	e := &fakeEngine{status: s}
	w := newTestWindow(t, e, Options{})
	refreshed(w, s)
	e.took()
	hides(t, w, "Memory card")
	if !w.nowTab.card.Visible() {
		t.Fatal("the card cannot be imported at all")
	}
	w.nowTab.card.OnTapped()
	shows(t, w, "Import the card “EOS”")
	press(t, w, "Import")
	wants(t, e, "import card 1")
	refreshed(w, oneAccount())
	if w.nowTab.card.Visible() {
		t.Error("the card is gone, its button is not")
	}
}

func TestCardIsImportedAsChosenAndRemembered(t *testing.T) {
	s := withCard(nil)
	s.Accounts = accounts("Home", "Club")
	e := &fakeEngine{status: s}
	w := newTestWindow(t, e, Options{})
	shows(t, w, "To Home, Club; the files stay on the card")
	press(t, w, "Change")
	sheet := w.importCardSheet(t)
	sheet.to.tick(false)
	press(t, w, "Import")
	shows(t, w, "Tick at least one account.")
	wants(t, e)
	sheet.to.checks[1].SetChecked(true)
	sheet.album.SetText(" Holiday ")
	sheet.remember.SetChecked(true)
	press(t, w, "Import")
	wants(t, e, "import card 1")
	if got := e.card; !got.Remember || got.Album != "Holiday" || len(got.Accounts) != 1 || got.Accounts[0] != "Club" {
		t.Errorf("imported with %+v", got)
	}
	if sheet.sheet.open {
		t.Error("the sheet stays open")
	}
}

func TestWhatIsRememberedCanBeUpdatedAndForgotten(t *testing.T) {
	s := withCard(func(c *control.Card) { c.Remembered, c.Accounts, c.Album = true, []string{"Club"}, "Holiday" })
	s.Cards[0].Title, s.Cards[0].Tags = "{name}", []string{"family"}
	s.Accounts = accounts("Home", "Club")
	e := &fakeEngine{status: s}
	w := newTestWindow(t, e, Options{})
	shows(t, w, "To Club, album Holiday; the files stay on the card", "Remembered")
	press(t, w, "Import")
	wants(t, e, "import card 1")
	if got := e.card; !got.Remember || got.Album != "Holiday" || len(got.Accounts) != 1 || got.Title != "{name}" || len(got.Tags) != 1 {
		t.Errorf("imported with %+v", got)
	}
	press(t, w, "Remembered")
	chooseItem(t, w, "Update")
	sheet := w.importCardSheet(t)
	if sheet.album.Text != "Holiday" || !sheet.remember.Checked || sheet.to.checks[0].Checked || !sheet.to.checks[1].Checked {
		t.Error("the sheet does not say what is remembered")
	}
	sheet.remember.SetChecked(false)
	press(t, w, "Import")
	wants(t, e, "forget card 1", "import card 1")
	press(t, w, "Remembered")
	chooseItem(t, w, "Forget")
	wants(t, e, "forget card 1")
	shows(t, w, "The card is not remembered any more")
	s.Cards[0].Remembered = false
	refreshed(w, s)
	hides(t, w, "Remembered")
}

// importCardSheet is the sheet that is open.
func (w *Window) importCardSheet(t *testing.T) *cardSheet {
	t.Helper()
	if w.loading == nil || !w.loading.sheet.open {
		t.Fatal("no sheet for the import is open")
	}
	return w.loading
}

func TestImportSaysHowFarItIs(t *testing.T) {
	importing := func(left int) control.Status {
		return withCard(func(c *control.Card) { c.State, c.Left = control.CardImporting, left })
	}
	e := &fakeEngine{status: importing(0)}
	w := newTestWindow(t, e, Options{})
	shows(t, w, "Its photos are being looked through. Leave the card in.")
	b := w.banners.all[0]
	if b.bar.value >= 0 {
		t.Error("a bar shows progress that nobody knows")
	}
	refreshed(w, importing(120))
	shows(t, w, "120 photos are still to be sent. Leave the card in.")
	refreshed(w, importing(30))
	shows(t, w, "30 photos are still to be sent. Leave the card in.")
	if b.bar.value != 0.75 {
		t.Errorf("the bar is at %v", b.bar.value)
	}
	if len(b.acts) > 0 {
		t.Error("something can be done with a card that is read")
	}
}

func doneCard() control.Status {
	return withCard(func(c *control.Card) { c.State = control.CardDone })
}

func TestVerdictIsAskedOnceAndFilesAreDeletedAfterAQuestion(t *testing.T) {
	e := &fakeEngine{status: doneCard()}
	e.verdict = control.CardVerdict{Safe: true, Photos: 143, Clear: 143, Others: 2, Accounts: []control.CardAccountCount{{Account: "Home", Delivered: 143, Verified: 143}}}
	w := newTestWindow(t, e, Options{})
	shows(t, w, "143 of 143 photos are safe on every account", "2 other files on it are not sent")
	refreshed(w, doneCard())
	if slices.Contains(e.took(), "card verdict 1") {
		t.Error("the verdict is asked for again though nothing has changed")
	}
	press(t, w, "Eject")
	wants(t, e, "eject card 1")
	shows(t, w, "The card can be taken out now")
	press(t, w, "Delete 143 verified files")
	wants(t, e)
	shows(t, w, "143 files are deleted from the card for good", "Each file is read once more")
	hides(t, w, "photos that are not safe")
	press(t, w, "Keep files")
	wants(t, e)
	press(t, w, "Delete 143 verified files") // of the banner
	press(t, w, "Delete 143 verified files") // of the question
	wants(t, e, "clear card 1")
	shows(t, w, "1 file was deleted from the card", "142 photos are still on it")
	hides(t, w, "are safe on")
	press(t, w, "Close")
	hides(t, w, "Memory card")
	refreshed(w, doneCard())
	hides(t, w, "Memory card")
	refreshed(w, withCard(nil)) // it was put in again
	shows(t, w, "Memory card “EOS”")
}

func TestOnlyWhatIsSafeCanBeDeleted(t *testing.T) {
	e := &fakeEngine{status: doneCard()}
	e.verdict = control.CardVerdict{Photos: 143, Outside: 1, Unreadable: 1, Clear: 140, Missing: []string{"/media/me/EOS/DCIM/IMG_9.JPG"}, Accounts: []control.CardAccountCount{
		{Account: "Home", Delivered: 142, Verified: 140, Failed: 1}, {Account: "Club", Delivered: 141, Verified: 141, Waiting: 1, Missing: 1},
	}}
	w := newTestWindow(t, e, Options{})
	shows(t, w, "4 of 144 photos are not safe yet")
	for _, b := range w.banners.all[0].acts {
		if b.Importance == widget.DangerImportance {
			t.Errorf("%q is offered", b.Text)
		}
	}
	press(t, w, "Details")
	shows(t, w, "Home: 140 confirmed by the server, 2 sent and not confirmed, 1 failed", "Club: 141 confirmed by the server, 1 not sent yet, 1 not there",
		"1 file cannot be read", "1 photo or film does not lie in the folder DCIM", "IMG_9.JPG")
	e.took()
	press(t, w, "Delete 140 verified files")
	shows(t, w, "4 photos that are not safe stay on the card.")
	wants(t, e)

	// The engine has found that something has changed: it is looked at again.
	e.err = &control.Problem{Message: "12 files deleted, 128 kept", Hint: "Look at the card again."}
	press(t, w, "Delete 140 verified files")
	wants(t, e, "clear card 1", "card verdict 1")
	shows(t, w, "12 files deleted, 128 kept.", "It is not known whether its photos are safe")
	w.escape()
	e.err = nil
	e.verdict = control.CardVerdict{Safe: true, Photos: 128, Clear: 128}
	press(t, w, "Check again")
	shows(t, w, "128 of 128 photos are safe on every account")
	press(t, w, "Keep files")
	hides(t, w, "Memory card")
}

func TestNothingIsDeletedFromAWriteProtectedCard(t *testing.T) {
	s := withCard(func(c *control.Card) { c.State, c.ReadOnly = control.CardDone, true })
	e := &fakeEngine{status: s}
	e.verdict = control.CardVerdict{Safe: true, Photos: 3, Clear: 3, Others: 2}
	w := newTestWindow(t, e, Options{})
	shows(t, w, "3 of 3 photos are safe on every account", "The card is write-protected")
	hides(t, w, "Delete")
}

func TestVerdictWaitsForTheEngine(t *testing.T) {
	e := &fakeEngine{status: withCard(nil)}
	w := newTestWindow(t, e, Options{})
	var later func()
	w.after = func(_ time.Duration, f func()) { later = f }
	e.err = &control.Problem{Message: "The card is being looked at just now", Hint: "Wait until that is done."}
	w.banners.apply(new(doneCard()))
	settle(w)
	shows(t, w, "Looking whether every photo of it is safe …")
	e.err = nil
	e.verdict = control.CardVerdict{Safe: true, Photos: 3, Clear: 3}
	if later == nil {
		t.Fatal("nobody asks again")
	}
	later()
	settle(w)
	shows(t, w, "3 of 3 photos are safe on every account")

	// The engine doubts it: a photo was deleted there.
	safe := withCard(func(c *control.Card) { c.State, c.Safe = control.CardDone, true })
	refreshed(w, safe)
	e.took()
	e.verdict = control.CardVerdict{Photos: 3, Clear: 2}
	w.apply(mail{status: new(doneCard())})
	settle(w)
	shows(t, w, "1 of 3 photos is not safe yet")
}

func TestFailedImportIsToldUntilItIsRead(t *testing.T) {
	s := withCard(func(c *control.Card) { c.State, c.Reason = control.CardDeclined, "The card is not there any more." })
	e := &fakeEngine{status: s}
	w := newTestWindow(t, e, Options{})
	shows(t, w, "The import has failed: The card is not there any more.")
	press(t, w, "Try again")
	shows(t, w, "Import the card “EOS”")
	w.escape()
	press(t, w, "Close")
	hides(t, w, "Memory card")
	refreshed(w, s)
	hides(t, w, "Memory card")
}

func TestWithoutAVerdictNothingIsPromised(t *testing.T) {
	e := &fakeEngine{status: withCard(nil)}
	w := newTestWindow(t, e, Options{})
	e.err = errors.New("the card cannot be read")
	refreshed(w, withCard(func(c *control.Card) { c.State = control.CardDone }))
	shows(t, w, "It is not known whether its photos are safe: The card cannot be read.")
	hides(t, w, "Delete", "are safe on")
	e.err = nil
	press(t, w, "Check again")
	shows(t, w, "There is no photo on the card.")
	hides(t, w, "Delete")
}

func TestCardNeedsAnAccount(t *testing.T) {
	s := withCard(nil)
	s.Accounts = nil
	e := &fakeEngine{status: s}
	w := newTestWindow(t, e, Options{})
	shows(t, w, "Add an account first: the photos need a place to go to.")
	press(t, w, "Add account")
	if len(w.sheets) == 0 {
		t.Error("no account is asked for")
	}
}

func TestCardsTakeTurns(t *testing.T) {
	s := withCard(nil)
	for _, id := range []string{"2", "3"} {
		c := s.Cards[0]
		c.ID, c.Name = id, "CARD"+id
		s.Cards = append(s.Cards, c)
	}
	e := &fakeEngine{status: s}
	w := newTestWindow(t, e, Options{})
	shows(t, w, "“EOS”", "“CARD2”")
	hides(t, w, "“CARD3”")
	s.Cards = s.Cards[1:]
	refreshed(w, s)
	shows(t, w, "“CARD2”", "“CARD3”")
	w.lost()
	hides(t, w, "Memory card")
}
