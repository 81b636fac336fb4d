package ui

import (
	"context"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// bannerView is a card in words.
type bannerView struct {
	title, sub, more string
	hue, subHue      fyne.ThemeColorName
	done             float64 // of the bar; below zero: no bar
	acts             []cardAct
}

// cardAct is a button of a banner.
type cardAct struct {
	label, drawing string
	rank           widget.Importance
	run            func()
}

func (a cardAct) button() *button {
	b := newButton(a.label, a.drawing, a.run)
	b.Importance = a.rank
	switch {
	case a.drawing == "":
	case a.rank == widget.HighImportance:
		b.Icon = glyphOn(a.drawing)
	case a.rank == widget.DangerImportance:
		b.Icon = icon{a.drawing, theme.ColorNameForegroundOnError}
	}
	return b
}

// cardName is what a card is called on the screen.
func cardName(c *control.Card) string {
	name := c.Name
	if name == "" {
		name = filepath.Base(c.Path)
	}
	return shorten(clean(name), 30)
}

// words puts the card into words, with what can be done with it now.
func (b *cardBanner) words() bannerView {
	v := bannerView{
		title: tr("Memory card “{{.Name}}”", fields{"Name": cardName(&b.card)}), hue: theme.ColorNamePrimary, subHue: colorMuted, done: -1,
	}
	switch {
	case b.card.State == control.CardNew:
		b.wordsNew(&v)
	case b.card.State == control.CardImporting:
		b.wordsImporting(&v)
	case b.cleared >= 0:
		b.wordsCleared(&v)
	default:
		b.wordsDone(&v)
	}
	return v
}

func (b *cardBanner) wordsNew(v *bannerView) {
	w, c := b.set.win, b.card
	if c.Photos > 0 {
		v.title += " · " + say.Photos(c.Photos) + ", " + say.Bytes(c.Bytes)
	}
	notNow := cardAct{tr("Not now"), "", widget.MediumImportance, func() {
		b.act("", func(ctx context.Context) error { return w.client.DeclineCard(ctx, c.ID) })
	}}
	if len(w.status.Accounts) == 0 {
		v.sub = tr("Add an account first: the photos need a place to go to.")
		v.acts = []cardAct{notNow, {tr("Add account"), "account", widget.HighImportance, w.addAccount}}
		return
	}
	v.sub = b.plan()
	v.acts = []cardAct{
		notNow,
		{tr("Change"), "", widget.MediumImportance, func() { w.importCard(c) }},
		{tr("Import"), "import", widget.HighImportance, func() {
			r := control.CardImport{Card: c.ID, Accounts: c.Accounts, Album: c.Album, Remember: c.Remembered}
			b.act("", func(ctx context.Context) error { return w.client.ImportCard(ctx, r) })
		}},
	}
}

// plan says what an import does.
func (b *cardBanner) plan() string {
	to := b.card.Accounts
	if len(to) == 0 {
		for i := range b.set.win.status.Accounts {
			to = append(to, b.set.win.status.Accounts[i].Name)
		}
	}
	f := fields{"Accounts": strings.Join(to, ", "), "Album": b.card.Album}
	if b.card.Album != "" {
		return tr("To {{.Accounts}}, album {{.Album}}; the files stay on the card", f)
	}
	return tr("To {{.Accounts}}; the files stay on the card", f)
}

func (b *cardBanner) wordsImporting(v *bannerView) {
	n := b.card.Left
	switch {
	case n == 0:
		v.sub = tr("Its photos are being looked through. Leave the card in.")
		return
	case len(b.card.Accounts) > 1 || len(b.card.Accounts) == 0 && len(b.set.win.status.Accounts) > 1:
		v.sub = trn("{{.N}} photos are still to be sent, counted for each account. Leave the card in.", n)
	default:
		v.sub = trn("{{.N}} photos are still to be sent. Leave the card in.", n)
	}
	v.done = 1 - float64(n)/float64(max(b.most, 1))
}

func (b *cardBanner) wordsDone(v *bannerView) {
	again := cardAct{tr("Check again"), "", widget.MediumImportance, b.again}
	keep := cardAct{tr("Keep files"), "", widget.MediumImportance, b.keep}
	switch {
	case b.failed != "":
		v.sub, v.subHue, v.hue = tr("It is not known whether its photos are safe: {{.Why}}", fields{"Why": b.failed}), theme.ColorNameWarning, theme.ColorNameWarning
		v.acts = []cardAct{keep, again, b.eject(widget.MediumImportance)}
		return
	case b.verdict == nil:
		v.sub = tr("Looking whether every photo of it is safe …")
		return
	}
	d := b.verdict
	if d.Others > 0 {
		v.more = trn("{{.N}} files on it are no photos, and are not saved anywhere", d.Others)
	}
	details := cardAct{tr("Details"), "", widget.MediumImportance, b.details}
	switch {
	case d.Photos == 0 && len(d.Missing) == 0:
		v.sub = tr("There is no photo on the card.")
		v.acts = []cardAct{{tr("Close"), "", widget.MediumImportance, b.keep}, b.eject(widget.HighImportance)}
	case !d.Safe:
		v.sub, v.subHue, v.hue = missingWords(d), theme.ColorNameWarning, theme.ColorNameWarning
		v.acts = []cardAct{details, keep, b.eject(widget.MediumImportance), again}
	default:
		v.sub, v.subHue, v.hue = trn("{{.N}} of {{.N}} photos are safe on every account", d.Photos), theme.ColorNameSuccess, theme.ColorNameSuccess
		v.acts = []cardAct{keep, b.eject(widget.MediumImportance), {clearLabel(d), "remove", widget.DangerImportance, b.askClear}}
	}
}

func (b *cardBanner) wordsCleared(v *bannerView) {
	v.sub, v.subHue, v.hue = trn("{{.N}} files were deleted from the card", b.cleared), theme.ColorNameSuccess, theme.ColorNameSuccess
	if d := b.verdict; d != nil && d.Photos > b.cleared {
		v.more = trn("{{.N}} photos were left: they are not the files that were looked at any more, or cannot be deleted", d.Photos-b.cleared)
	}
	v.acts = []cardAct{{tr("Close"), "", widget.MediumImportance, b.keep}, b.eject(widget.HighImportance)}
}

// missingWords says which accounts lack photos.
func missingWords(d *control.CardVerdict) string {
	var parts []string
	for _, a := range d.Accounts {
		if a.Missing > 0 {
			parts = append(parts, trn("{{.N}} of {{.Photos}} photos are not safe at {{.Account}}", a.Missing,
				fields{"Photos": say.Number(d.Photos), "Account": a.Account}))
		}
	}
	if len(parts) == 0 {
		return engine(sentence(d.Reason))
	}
	return strings.Join(parts, " · ")
}

// unconfirmed is how many photos some server could not be asked for.
func unconfirmed(d *control.CardVerdict) int {
	n := 0
	for _, a := range d.Accounts {
		n = max(n, a.Delivered-a.Verified)
	}
	return n
}

// clearLabel names what would be deleted. Files are called verified only if
// every server has confirmed them.
func clearLabel(d *control.CardVerdict) string {
	if unconfirmed(d) > 0 {
		return trn("Delete {{.N}} delivered files", d.Photos)
	}
	return trn("Delete {{.N}} verified files", d.Photos)
}

func (b *cardBanner) eject(rank widget.Importance) cardAct {
	w, id := b.set.win, b.card.ID
	return cardAct{tr("Eject"), "", rank, func() {
		b.act(tr("The card can be taken out now"), func(ctx context.Context) error { return w.client.EjectCard(ctx, id) })
	}}
}

// keep leaves the card as it is, and takes the banner away.
func (b *cardBanner) keep() {
	b.set.kept[b.card.ID] = true
	b.set.apply(b.set.win.status)
}
