package ui

import (
	"context"
	"errors"
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
	text := tr("The password is kept in the system's keyring. Leave it empty to try the old one again.")
	caption := tr("Password of {{.User}}", fields{"User": a.User})
	if a.User == "" {
		caption = tr("Password")
	}
	if a.SignIn == control.SignInBrowser {
		text = tr("The secret that belongs to the application's key at {{.Service}}. It is kept in the system's keyring. With another one, sign in again afterwards.",
			fields{"Service": clean(w.serviceName(a.Service))})
		caption = tr("The application's secret")
	} else if r := sentenceOrNothing(engine(a.Reason)); r != "" {
		text = r + " " + text
	}
	s := w.newSheet(tr("Sign in to {{.Account}}", fields{"Account": shorten(clean(name), 40)}), form(
		wrapped(clean(text), widget.MediumImportance),
		field(caption, secret),
	))
	run := func() {
		typed := secret.Text
		s.hide()
		w.notice.say(tr("Signing in to {{.Account}} …", fields{"Account": name}))
		w.report(a, func(ctx context.Context) (control.CheckReport, error) { return w.client.Login(ctx, name, typed) })
	}
	secret.OnSubmitted = func(string) { run() }
	s.buttons(s.closer(tr("Cancel")), newPrimary(tr("Sign in"), "sign-in", run))
	s.show()
	w.win.Canvas().Focus(secret)
}

// beginLogin starts a sign-in in the browser.
func (w *Window) beginLogin(a *control.Account) {
	account := *a
	w.notice.say(tr("Asking for the sign-in page of {{.Account}} …", fields{"Account": account.Name}))
	w.askLoginPage(&account, func(page string, err error) {
		w.notice.hide()
		if errors.Is(err, errAsked) {
			return
		}
		if err != nil {
			w.fail(err)
			return
		}
		b := w.newBrowserSheet(&account, page)
		b.sheet.show()
		b.open()
	})
}

// errAsked is the error of what has to wait for the answer about a certificate.
var errAsked = errors.New("the certificate is not trusted yet")

// askLoginPage asks for the page on which a person signs in. A certificate that
// is not trusted yet is asked about; then the error is errAsked.
func (w *Window) askLoginPage(a *control.Account, done func(page string, err error)) {
	name, url := a.Name, a.URL
	var page control.LoginPage
	w.call(func(ctx context.Context) (err error) {
		page, err = w.client.BeginLogin(ctx, name)
		return err
	}, func(err error) {
		if pin := certificateIn(err); pin != "" {
			done("", errAsked)
			w.askTrust(url, pin, func(ctx context.Context) error { return w.client.Trust(ctx, name, pin) })
			return
		}
		done(page.Page, err)
	})
}

// browserLogin accompanies a sign-in on the pages of a service: it says what to
// do there, and asks the engine to go on when that was done. It is a part of
// what it lies in, which its functions tell of.
type browserLogin struct {
	win     *Window
	account control.Account
	page    string
	box     *fyne.Container
	outcome *fyne.Container // of the last attempt
	asking  bool

	grown func()                       // it has another height
	busy  func(asking bool)            // the service is being asked, or not any more
	over  func(r *control.CheckReport) // the sign-in has ended
	again func()                       // it has to begin again
}

func (w *Window) newBrowserLogin(a *control.Account, page string) *browserLogin {
	b := &browserLogin{win: w, account: *a, page: page, outcome: column(2)}
	service := fields{"Service": clean(w.serviceName(a.Service))}
	address := note(clean(page))
	address.Wrapping, address.Selectable = fyne.TextWrapBreak, true
	steps := tr("1.  A page of {{.Service}} opens in your browser. Sign in there, if it asks.", service) + "\n" +
		tr("2.  Allow PhotoFerry to add photos.") + "\n" + tr("3.  Come back here, and press Done.")
	b.box = column(6,
		wrapped(steps, widget.MediumImportance),
		field(tr("If no page has opened, copy this address into your browser"), address),
		beside(6,
			newButton(tr("Open the page again"), "open", b.open),
			newButton(tr("Copy address"), "copy", b.copy)),
		b.outcome,
	)
	return b
}

// copy puts the address of the page on the clipboard.
func (b *browserLogin) copy() {
	b.win.app.Clipboard().SetContent(b.page)
	b.outcome.RemoveAll()
	b.outcome.Add(margin(newCaption(tr("The address was copied")), 2, 8))
	b.grown()
}

// open opens the page in the system's browser.
func (b *browserLogin) open() {
	if err := b.win.visit(b.page); err != nil {
		b.say(tr("No browser could be opened here. Copy the address instead."))
	}
}

// finish ends the sign-in, as far as the service knows of it. If it does not,
// there can be another attempt.
func (b *browserLogin) finish() {
	if b.asking {
		return
	}
	w, name := b.win, b.account.Name
	b.setBusy(true)
	b.outcome.RemoveAll()
	b.outcome.Add(newCaption(tr("Asking {{.Server}} …", fields{"Server": w.serviceName(b.account.Service)})))
	b.grown()
	var r control.CheckReport
	w.call(func(ctx context.Context) (err error) {
		r, err = w.client.FinishLogin(ctx, name)
		return err
	}, func(err error) {
		b.setBusy(false)
		if err != nil {
			text, hint := explain(err)
			b.say(strings.TrimSpace(text + " " + hint))
			b.outcome.Add(beside(0, newButton(tr("Begin again"), "retry", func() { b.again() })))
			b.grown()
			return
		}
		b.over(&r)
	})
}

func (b *browserLogin) setBusy(yes bool) {
	b.asking = yes
	b.busy(yes)
}

func (b *browserLogin) say(text string) {
	b.outcome.RemoveAll()
	b.outcome.Add(wrapped(clean(text), widget.DangerImportance))
	b.grown()
}

// browserSheet is a sign-in in the browser as a sheet.
type browserSheet struct {
	*browserLogin
	sheet *sheet
	done  *button
}

func (w *Window) newBrowserSheet(a *control.Account, page string) *browserSheet {
	b := &browserSheet{browserLogin: w.newBrowserLogin(a, page)}
	b.sheet = w.newSheet(tr("Sign in to {{.Account}}", fields{"Account": shorten(clean(a.Name), 40)}), b.box)
	b.grown = func() { b.sheet.refit(); b.sheet.scroll.ScrollToBottom() }
	b.busy = func(asking bool) { b.done.enable(!asking) }
	b.over = func(r *control.CheckReport) { b.sheet.hide(); w.showOutcome(&b.account, r) }
	b.again = func() { b.sheet.hide(); w.beginLogin(&b.account) }
	b.done = newPrimary(tr("Done"), "check", b.finish)
	b.sheet.buttons(b.sheet.closer(tr("Cancel")), b.done)
	return b
}
