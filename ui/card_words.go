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
	case b.card.State == control.CardDeclined:
		b.wordsFailed(&v)
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
	v.more = engine(c.Reason)
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
			r := asRemembered(&c)
			b.act("", func(ctx context.Context) error { return w.client.ImportCard(ctx, r) })
		}},
	}
}

// asRemembered is the import of a card as it was remembered for it.
func asRemembered(c *control.Card) control.CardImport {
	return control.CardImport{
		Card: c.ID, Accounts: c.Accounts, Album: c.Album, Title: c.Title, Description: c.Description, Tags: c.Tags, Remember: c.Remembered,
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

// wordsFailed is about a card whose import did not come to its end.
func (b *cardBanner) wordsFailed(v *bannerView) {
	w, c := b.set.win, b.card
	v.sub, v.subHue, v.hue = tr("The import has failed: {{.Why}}", fields{"Why": engine(c.Reason)}), theme.ColorNameWarning, theme.ColorNameWarning
	v.acts = []cardAct{b.closeAct(tr("Close")), {tr("Try again"), "", widget.HighImportance, func() { w.importCard(c) }}}
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
	keep := b.closeAct(tr("Keep files"))
	v.more = engine(b.card.Reason)
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
	switch {
	case v.more != "":
	case b.card.ReadOnly && d.Safe:
		v.more = tr("The card is write-protected: nothing can be deleted from it")
	case d.Others > 0:
		v.more = trn("{{.N}} other files on it are not sent", d.Others)
	}
	switch {
	case d.Photos+d.Outside == 0:
		v.sub = tr("There is no photo on the card.")
		v.acts = []cardAct{b.closeAct(tr("Close")), b.eject(widget.HighImportance)}
	case !d.Safe:
		v.sub, v.subHue, v.hue = trn("{{.N}} of {{.Photos}} photos are not safe yet", unsafeOn(d), fields{"Photos": say.Number(d.Photos + d.Outside)}), theme.ColorNameWarning, theme.ColorNameWarning
		v.acts = []cardAct{{tr("Details"), "", widget.MediumImportance, b.details}, keep, b.eject(widget.MediumImportance), again}
	default:
		v.sub, v.subHue, v.hue = trn("{{.N}} of {{.N}} photos are safe on every account", d.Photos), theme.ColorNameSuccess, theme.ColorNameSuccess
		v.acts = []cardAct{keep, b.eject(widget.MediumImportance)}
		if b.clearable() {
			v.acts = append(v.acts, b.clearAct(b.askClear))
		}
	}
}

// unsafeOn is how many photos and films of a card are not safe.
func unsafeOn(d *control.CardVerdict) int { return max(d.Photos-d.Clear, 0) + d.Outside }

// clearable says whether files can be deleted from the card.
func (b *cardBanner) clearable() bool {
	return b.verdict != nil && b.verdict.Clear > 0 && !b.card.ReadOnly
}

// clearAct is the button that deletes what is safe, after a question.
func (b *cardBanner) clearAct(run func()) cardAct {
	return cardAct{trn("Delete {{.N}} verified files", b.verdict.Clear), "remove", widget.DangerImportance, run}
}

func (b *cardBanner) wordsCleared(v *bannerView) {
	v.sub, v.subHue, v.hue = trn("{{.N}} files were deleted from the card", b.cleared), theme.ColorNameSuccess, theme.ColorNameSuccess
	if left := b.verdict.Photos + b.verdict.Outside - b.cleared; left > 0 {
		v.more = trn("{{.N}} photos are still on it", left)
	}
	v.acts = []cardAct{b.closeAct(tr("Close")), b.eject(widget.HighImportance)}
}

func (b *cardBanner) eject(rank widget.Importance) cardAct {
	w, id := b.set.win, b.card.ID
	return cardAct{tr("Eject"), "", rank, func() {
		b.act(tr("The card can be taken out now"), func(ctx context.Context) error { return w.client.EjectCard(ctx, id) })
	}}
}

// closeAct leaves the card as it is, and takes the banner away.
func (b *cardBanner) closeAct(label string) cardAct {
	return cardAct{label, "", widget.MediumImportance, func() {
		b.set.kept[b.card.ID] = b.card.State
		b.set.apply(b.set.win.status)
	}}
}
