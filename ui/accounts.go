package ui

import (
	"context"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// accountsPage lists the accounts with their state, and for each the one thing
// that repairs it.
type accountsPage struct {
	win   *Window
	box   *fyne.Container
	cards *cards
	none  *widget.Label
}

func newAccountsPage(w *Window) *accountsPage {
	p := &accountsPage{win: w, cards: newCards(w), none: wrapped(tr("No account yet. An account is a sign-in at the place that your photos go to."), widget.LowImportance)}
	p.none.Alignment = fyne.TextAlignCenter
	head := heading(tr("Accounts"), newButton(tr("Add account"), "add", w.addAccount))
	p.box = container.NewBorder(head, nil, nil, nil, container.NewStack(p.cards.box, centred(p.none)))
	return p
}

func (p *accountsPage) content() fyne.CanvasObject { return p.box }
func (p *accountsPage) refresh()                   {}

func (p *accountsPage) apply(s *control.Status) {
	setShown(p.none, len(s.Accounts) == 0)
	now := p.win.now()
	gone := s.State == stateGone
	p.cards.show(len(s.Accounts), func(i int, c *card) {
		a := s.Accounts[i]
		c.set(accountView(&a, p.win.serviceName(a.Service), gone, now))
		c.press = func() { p.win.repair(&a) }
		c.menu = func() []menuItem { return p.win.accountMenu(&a) }
	})
}

var accountWords = map[control.AccountState]struct {
	word string
	hue  fyne.ThemeColorName
}{
	control.AccountOK:      {later("Ready"), theme.ColorNameSuccess},
	control.AccountSending: {later("Sending"), theme.ColorNamePrimary},
	control.AccountOffline: {later("Cannot be reached"), colorMuted},
	control.AccountBusy:    {later("Asked us to wait"), colorMuted},
	control.AccountHeld:    {later("Needs you"), theme.ColorNameError},
	control.AccountPaused:  {later("Paused"), colorMuted},
}

// isFull reports whether an account waits for room on its server: no sign-in
// helps then.
func isFull(a *control.Account) bool { return a.State == control.AccountHeld && a.Kind == "full" }

// repairOf is the one thing to do about an account now.
func repairOf(a *control.Account) (label, icon string) {
	switch {
	case a.State == control.AccountHeld && a.Fingerprint != "":
		return tr("Check the certificate"), "certificate"
	case isFull(a):
		return tr("Check again"), "check"
	case a.State == control.AccountHeld && a.SignIn == control.SignInBrowser:
		return tr("Sign in"), "open"
	case a.State == control.AccountHeld:
		return tr("Sign in again"), "sign-in"
	case a.State == control.AccountPaused:
		return tr("Resume"), "resume"
	}
	return tr("Check"), "check"
}

// accountView puts an account into words; service is its service's name.
func accountView(a *control.Account, service string, gone bool, now time.Time) cardView {
	w, ok := accountWords[a.State]
	if !ok {
		w.word, w.hue = string(a.State), colorMuted
	}
	if isFull(a) {
		w.word, w.hue = later("Full"), theme.ColorNameWarning
	}
	if gone {
		w.word, w.hue = "", colorMuted
	}
	v := cardView{
		icon: "account", title: a.Name, state: tr(w.word), hue: w.hue, faded: gone,
		path: service + " · " + a.URL, urgent: a.State == control.AccountHeld && !isFull(a),
	}
	if a.User != "" {
		v.path = service + " · " + tr("{{.User}} at {{.Server}}", fields{"User": a.User, "Server": a.URL})
	}
	if a.Next != nil && !gone && (a.State == control.AccountOffline || a.State == control.AccountBusy) {
		v.state += ", " + tr("next try {{.When}}", fields{"When": say.In(*a.Next, now)})
	}
	facts := []string{trn("{{.N}} delivered", a.Delivered)}
	for _, n := range []struct {
		n    int
		word string
	}{{a.Ready + a.Leased, later("{{.N}} to send")}, {a.Waiting, later("{{.N}} waiting")}, {a.Failed, later("{{.N}} failed")}, {a.Skipped, later("{{.N}} skipped")}} {
		if n.n > 0 {
			facts = append(facts, trn(n.word, n.n))
		}
	}
	v.facts = strings.Join(facts, " · ")
	if a.State != control.AccountOK && a.State != control.AccountSending {
		v.reason = strings.TrimSpace(engine(a.Reason))
		if a.Hint != "" {
			v.reason = strings.TrimSpace(sentenceOrNothing(v.reason) + " " + engine(a.Hint))
		}
	}
	v.act, v.actIcon = repairOf(a)
	return v
}

func sentenceOrNothing(s string) string {
	if s == "" {
		return ""
	}
	return sentence(s)
}

// repair does the one thing that an account's button offers.
func (w *Window) repair(a *control.Account) {
	switch {
	case a.State == control.AccountHeld && a.Fingerprint != "":
		w.askTrust(a.URL, a.Fingerprint, func(ctx context.Context) error {
			return w.client.Trust(ctx, a.Name, a.Fingerprint)
		})
	case a.State == control.AccountHeld && !isFull(a):
		w.signIn(a)
	case a.State == control.AccountPaused:
		w.do("", func(ctx context.Context) error { return w.client.Resume(ctx, a.Name) })
	default:
		w.checkAccount(a)
	}
}

func (w *Window) accountMenu(a *control.Account) []menuItem {
	name := a.Name
	items := []menuItem{{tr("Check"), "check", func() { w.checkAccount(a) }}, {tr("Change"), "settings", func() { w.changeAccount(a) }}}
	if a.SignIn == control.SignInBrowser {
		items = append(items,
			menuItem{tr("Sign in"), "open", func() { w.signIn(a) }},
			menuItem{tr("Change the application's secret"), "sign-in", func() { w.askSecret(a) }})
	} else {
		items = append(items, menuItem{tr("Sign in again"), "sign-in", func() { w.signIn(a) }})
	}
	items = append(items, menuItem{tr("Albums"), "picture", func() { w.showAlbums(name) }})
	if a.State == control.AccountPaused {
		items = append(items, menuItem{tr("Resume"), "resume", func() {
			w.do("", func(ctx context.Context) error { return w.client.Resume(ctx, name) })
		}})
	} else {
		items = append(items, menuItem{tr("Pause"), "pause", func() {
			w.do("", func(ctx context.Context) error { return w.client.Pause(ctx, control.PauseRequest{Account: name}) })
		}})
	}
	return append(items, menuItem{tr("Remove"), "remove", func() { w.askRemoveAccount(a) }})
}

func (w *Window) askRemoveAccount(a *control.Account) {
	name := a.Name
	text := tr("PhotoFerry forgets the sign-in. What is on the server stays there, and the files here stay where they are.")
	if n := a.Ready + a.Leased + a.Waiting + a.Failed; n > 0 {
		text += " " + trn("{{.N}} photos that are not delivered yet will not be sent to it.", n)
	}
	s := w.newSheet(tr("Remove the account {{.Account}}?", fields{"Account": shorten(clean(name), 40)}), wrapped(text, widget.MediumImportance))
	remove := newPrimary(tr("Remove"), "remove", func() {
		s.hide()
		w.do(tr("The account was removed"), func(ctx context.Context) error { return w.client.RemoveAccount(ctx, name) })
	})
	s.buttons(s.closer(tr("Cancel")), remove)
	s.show()
}
