package ui

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// cardSheet asks where the photos of a memory card go.
type cardSheet struct {
	win      *Window
	sheet    *sheet
	card     control.Card
	to       *targets
	album    *entry
	remember *check
	problem  *widget.Label
	load     *button
}

// importCard opens the sheet for a card.
func (w *Window) importCard(c control.Card) {
	s := &cardSheet{win: w, card: c, to: w.newTargets(c.Accounts), problem: wrapped("", widget.DangerImportance)}
	w.loading = s
	if len(c.Accounts) == 0 {
		s.to.tick(true)
	}
	s.problem.Hide()
	s.album = newEntry(tr("None"))
	s.album.SetText(c.Album)
	pick := newButton(tr("Choose"), "album", func() { w.pickAlbum(s.to.chosen(), s.album.Text, s.album.SetText) })
	s.remember = newCheck(tr("Remember for this card: it is imported so by itself next time"), c.Remembered, nil)
	s.sheet = w.newSheet(tr("Import the card “{{.Name}}”", fields{"Name": cardName(&c)}), form(
		wrapped(tr("Each photo is sent once. The files stay on the card."), widget.MediumImportance),
		field(tr("To"), s.to.box),
		field(tr("Album"), container.NewBorder(nil, nil, nil, pick, s.album)),
		s.remember,
		s.problem,
	))
	s.load = newPrimary(tr("Import"), "import", s.run)
	s.sheet.buttons(s.sheet.closer(tr("Cancel")), s.load)
	s.sheet.show()
}

func (s *cardSheet) run() {
	w := s.win
	r := asRemembered(&s.card)
	r.Accounts, r.Album, r.Remember = nil, strings.TrimSpace(s.album.Text), s.remember.Checked
	if !s.to.all() { // those that are added meanwhile belong to all
		r.Accounts = s.to.chosen()
	}
	if len(s.to.chosen()) == 0 {
		s.say(tr("Tick at least one account."))
		return
	}
	s.load.enable(false)
	forget := s.card.Remembered && !r.Remember
	w.call(func(ctx context.Context) error {
		if forget {
			if err := w.client.ForgetCard(ctx, r.Card); err != nil {
				return err
			}
		}
		return w.client.ImportCard(ctx, r)
	}, func(err error) {
		s.load.enable(true)
		if err != nil {
			text, hint := explain(err)
			s.say(strings.TrimSpace(text + " " + hint))
			return
		}
		s.sheet.hide()
	})
}

func (s *cardSheet) say(text string) {
	setLabel(s.problem, text, widget.DangerImportance)
	s.problem.Show()
	s.sheet.refit()
}

// askClear asks once more before files are deleted from a card.
func (b *cardBanner) askClear() {
	d := b.verdict
	if !b.clearable() {
		return
	}
	w, id := b.set.win, b.card.ID
	body := form(wrapped(trn("{{.N}} files are deleted from the card for good: a card has no bin. Every account has confirmed each of them.", d.Clear), widget.MediumImportance))
	if n := unsafeOn(d); n > 0 {
		body.Add(wrapped(trn("{{.N}} photos that are not safe stay on the card.", n), widget.WarningImportance))
	}
	body.Add(wrapped(tr("Each file is read once more before it is deleted. One that has changed since it was sent is left, and so are files that are no photos."), widget.LowImportance))
	s := w.newSheet(tr("Delete the photos from “{{.Name}}”?", fields{"Name": cardName(&b.card)}), body)
	s.buttons(s.closer(tr("Keep files")), b.clearAct(func() { s.hide(); b.clear(id) }).button())
	s.show()
}

// clear deletes what is safe. Whatever happens, the old verdict is worth no more.
func (b *cardBanner) clear(id string) {
	w := b.set.win
	var n int
	b.busy = true
	b.show()
	w.call(func(ctx context.Context) (err error) {
		n, err = w.client.ClearCard(ctx, id)
		return err
	}, func(err error) {
		b.busy = false
		if err != nil {
			w.fail(err)
			b.askVerdict()
		} else {
			b.cleared = n
		}
		b.show()
	})
}

// details says for each account what it has of the card, and which photos are
// not safe.
func (b *cardBanner) details() {
	d := b.verdict
	if d == nil {
		return
	}
	w := b.set.win
	body := stacked(4)
	for _, a := range d.Accounts {
		body.Add(wrapped(accountCounts(&a), widget.MediumImportance))
	}
	if d.Unreadable > 0 {
		body.Add(wrapped(trn("{{.N}} files cannot be read, or are of no kind that is known.", d.Unreadable), widget.MediumImportance))
	}
	if d.Outside > 0 {
		body.Add(wrapped(trn("{{.N}} photos or films do not lie in the folder DCIM, and are sent nowhere.", d.Outside), widget.MediumImportance))
	}
	if len(d.Missing) > 0 {
		body.Add(newCaption(tr("Not safe yet, the first of them:")))
		for _, p := range d.Missing {
			body.Add(padded(newText(filepath.Base(p)), 0, 8))
		}
	}
	var s *sheet
	if slices.ContainsFunc(d.Accounts, func(a control.CardAccountCount) bool { return a.Failed+a.Skipped > 0 }) {
		body.Add(beside(0, newButton(tr("Show what failed"), "failed", func() { s.hide(); w.show(pageFailed) })))
	}
	s = w.newSheet(tr("Memory card “{{.Name}}”", fields{"Name": cardName(&b.card)}), body)
	buttons := []*button{s.closer(tr("Close"))}
	if b.clearable() {
		buttons = append(buttons, b.clearAct(func() { s.hide(); b.askClear() }).button())
	}
	s.buttons(buttons...)
	s.show()
}

// accountCounts says what an account has of a card: "Piwigo: 134 confirmed, 9
// failed".
func accountCounts(a *control.CardAccountCount) string {
	var parts []string
	for _, p := range []struct {
		n    int
		text string
	}{
		{a.Verified, later("{{.N}} confirmed by the server")}, {a.Delivered - a.Verified, later("{{.N}} sent and not confirmed")},
		{a.Waiting, later("{{.N}} not sent yet")}, {a.Failed, later("{{.N}} failed")}, {a.Skipped, later("{{.N}} not taken")}, {a.Missing, later("{{.N}} not there")},
	} {
		if p.n > 0 {
			parts = append(parts, tr(p.text, fields{"N": say.Number(p.n)}))
		}
	}
	return tr("{{.Account}}: {{.What}}", fields{"Account": a.Account, "What": strings.Join(parts, ", ")})
}

// cardButton offers to import a card that was declined, or was in when the
// program started: nobody is asked about those.
type cardButton struct {
	*button
	win *Window
	in  *fyne.Container // that is laid out again when the button comes or goes
}

func newCardButton(w *Window) *cardButton {
	c := &cardButton{win: w}
	c.button = newButton("", "card", c.press)
	c.Importance = widget.LowImportance
	c.Hide()
	return c
}

func declined(s *control.Status) []control.Card {
	var cards []control.Card
	for _, c := range s.Cards {
		if c.State == control.CardDeclined && s.State != stateGone && len(s.Accounts) > 0 {
			cards = append(cards, c)
		}
	}
	return cards
}

func (c *cardButton) apply(s *control.Status) {
	if shown := len(declined(s)) > 0; shown != c.Visible() {
		setShown(c.button, shown)
		c.in.Refresh()
	}
}

func (c *cardButton) press() {
	cards := declined(c.win.status)
	if len(cards) == 1 {
		c.win.importCard(cards[0])
		return
	}
	items := make([]menuItem, len(cards))
	for i, card := range cards {
		items[i] = menuItem{tr("Import the card “{{.Name}}”", fields{"Name": cardName(&card)}), "card", func() { c.win.importCard(card) }}
	}
	at := c.win.app.Driver().AbsolutePositionForObject(c.button)
	c.win.popup(items, at.AddXY(0, c.Size().Height+theme.Padding()))
}
