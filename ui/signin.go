package ui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// signIn signs in to an account in the way of its service.
func (w *Window) signIn(a *control.Account) {
	if a.SignIn == control.SignInBrowser {
		w.beginLogin(a)
		return
	}
	w.askSecret(a)
}

// askSecret asks for a new secret, and checks it.
func (w *Window) askSecret(a *control.Account) {
	name := a.Name
	secret := newSecret()
	text := "The password is kept in the system's keyring. Leave it empty to try the old one again."
	caption := "Password of " + a.User
	if a.User == "" {
		caption = "Password"
	}
	if a.SignIn == control.SignInBrowser {
		text = "The secret that belongs to the application's key at " + clean(w.serviceName(a.Service)) +
			". It is kept in the system's keyring. With another one, sign in again afterwards."
		caption = "The application's secret"
	} else if r := sentenceOrNothing(a.Reason); r != "" {
		text = r + " " + text
	}
	s := w.newSheet("Sign in to "+shorten(clean(name), 40), form(
		wrapped(clean(text), widget.MediumImportance),
		field(caption, secret),
	))
	run := func() {
		typed := secret.Text
		s.hide()
		w.notice.say("Signing in to " + name + " …")
		w.report(a, func(ctx context.Context) (control.CheckReport, error) { return w.client.Login(ctx, name, typed) })
	}
	secret.OnSubmitted = func(string) { run() }
	s.buttons(s.closer(tr("Cancel")), newPrimary(tr("Sign in"), "sign-in", run))
	s.show()
	w.win.Canvas().Focus(secret)
}

// browserSheet accompanies a sign-in on the pages of a service: it says what
// to do there, and asks the engine to go on when that was done.
type browserSheet struct {
	win     *Window
	sheet   *sheet
	account control.Account
	page    string
	outcome *fyne.Container // of the last attempt
	done    *button
}

// beginLogin starts a sign-in in the browser.
func (w *Window) beginLogin(a *control.Account) {
	account := *a
	w.notice.say("Asking for the sign-in page of " + account.Name + " …")
	var page control.LoginPage
	w.call(func(ctx context.Context) (err error) {
		page, err = w.client.BeginLogin(ctx, account.Name)
		return err
	}, func(err error) {
		w.notice.hide()
		pin := certificateIn(err)
		switch {
		case pin != "":
			w.askTrust(account.URL, pin, func(ctx context.Context) error { return w.client.Trust(ctx, account.Name, pin) })
		case err != nil:
			w.fail(err)
		default:
			b := w.newBrowserSheet(&account, page.Page)
			b.sheet.show()
			b.open()
		}
	})
}

func (w *Window) newBrowserSheet(a *control.Account, page string) *browserSheet {
	b := &browserSheet{win: w, account: *a, page: page, outcome: stacked(2)}
	service := clean(w.serviceName(a.Service))
	address := note(clean(page))
	address.Wrapping, address.Selectable = fyne.TextWrapBreak, true
	b.sheet = w.newSheet("Sign in to "+shorten(clean(a.Name), 40), form(
		wrapped("1.  A page of "+service+" opens in your browser. Sign in there, if it asks.\n"+
			"2.  Allow PhotoFerry to add photos.\n"+
			"3.  Come back here, and press Done.", widget.MediumImportance),
		field(tr("If no page has opened, copy this address into your browser"), address),
		beside(6,
			newButton(tr("Open the page again"), "open", b.open),
			newButton(tr("Copy address"), "", func() { w.copyText(b.page, "The address was copied") })),
		b.outcome,
	))
	b.done = newPrimary(tr("Done"), "check", b.finish)
	b.sheet.buttons(b.sheet.closer(tr("Cancel")), b.done)
	return b
}

// open opens the page in the system's browser.
func (b *browserSheet) open() {
	if err := b.win.visit(b.page); err != nil {
		b.say(tr("No browser could be opened here. Copy the address instead."))
	}
}

// finish ends the sign-in, as far as the service knows of it. If it does not,
// the sheet stays for another attempt.
func (b *browserSheet) finish() {
	if b.done.Disabled() {
		return
	}
	w, name := b.win, b.account.Name
	b.done.enable(false)
	b.outcome.RemoveAll()
	b.outcome.Add(newCaption("Asking " + w.serviceName(b.account.Service) + " …"))
	b.sheet.refit()
	var r control.CheckReport
	w.call(func(ctx context.Context) (err error) {
		r, err = w.client.FinishLogin(ctx, name)
		return err
	}, func(err error) {
		b.done.enable(true)
		if err != nil {
			text, hint := explain(err)
			b.say(strings.TrimSpace(text + " " + hint))
			b.outcome.Add(beside(0, newButton(tr("Begin again"), "retry", func() { b.sheet.hide(); w.beginLogin(&b.account) })))
			b.sheet.refit()
			return
		}
		b.sheet.hide()
		w.showOutcome(&b.account, &r)
	})
}

func (b *browserSheet) say(text string) {
	b.outcome.RemoveAll()
	b.outcome.Add(wrapped(clean(text), widget.DangerImportance))
	b.sheet.refit()
	b.sheet.scroll.ScrollToBottom()
}
