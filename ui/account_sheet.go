package ui

import (
	"context"
	"errors"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// accountSheet asks for a new account. The server is asked before anything is
// saved, and every line of that check is shown.
type accountSheet struct {
	win    *Window
	sheet  *sheet
	name   *entry
	url    *entry
	user   *entry
	secret *entry
	ticks  *fyne.Container
	add    *button
	pin    string // fingerprint that the user has accepted
}

// addAccount opens the sheet for a new account.
func (w *Window) addAccount() {
	if len(w.sheets) > 0 {
		return
	}
	w.newAccountSheet().sheet.show()
}

func (w *Window) newAccountSheet() *accountSheet {
	a := &accountSheet{win: w, ticks: stacked(2)}
	a.name = newEntry("Home")
	a.url = newEntry("https://photos.example.org")
	a.user = newEntry("")
	a.secret = newSecret()
	a.secret.OnSubmitted = func(string) { a.run() }
	body := form(
		field("Service", newText(services[0].name)),
		field("Name, as you want to see it", a.name),
		field("Address", a.url),
		container.NewGridWithColumns(2, field("User", a.user), field("Password", a.secret)),
		a.ticks,
	)
	a.sheet = w.newSheet("Add account", body)
	a.add = newPrimary("Check and add", "check", a.run)
	a.sheet.buttons(a.sheet.closer("Cancel"), a.add)
	return a
}

func (a *accountSheet) run() {
	if a.add.Disabled() {
		return
	}
	spec := control.AccountSpec{
		Service: services[0].id, Name: strings.TrimSpace(a.name.Text), URL: strings.TrimSpace(a.url.Text),
		User: strings.TrimSpace(a.user.Text), Secret: a.secret.Text, Fingerprint: a.pin,
	}
	if spec.URL != "" && !strings.Contains(spec.URL, "://") {
		spec.URL = "https://" + spec.URL
	}
	switch {
	case spec.Name == "":
		a.say("Give the account a name.")
		return
	case spec.URL == "":
		a.say("The address is missing.")
		return
	}
	w := a.win
	a.add.enable(false)
	a.ticks.RemoveAll()
	a.ticks.Add(newCaption("Asking " + spec.URL + " …"))
	a.sheet.fit()
	var report control.CheckReport
	w.call(func(ctx context.Context) (err error) {
		report, err = w.client.AddAccount(ctx, spec)
		return err
	}, func(err error) {
		a.add.enable(true)
		a.outcome(spec.URL, &report, err)
	})
}

func (a *accountSheet) outcome(url string, r *control.CheckReport, err error) {
	pin := r.Fingerprint
	if p, ok := errors.AsType[*control.Problem](err); ok && pin == "" {
		pin = p.Fingerprint
	}
	switch {
	case pin != "" && pin != a.pin:
		a.ticks.RemoveAll()
		a.win.askPin(url, pin, func() {
			a.pin = pin
			a.run()
		})
	case err != nil:
		text, hint := explain(err)
		a.say(strings.TrimSpace(text + " " + hint))
	case !r.OK:
		a.ticks.RemoveAll()
		fillTicks(a.ticks, r)
		a.sheet.fit()
	default:
		a.sheet.hide()
		a.win.showReport("The account was added", r)
	}
}

func (a *accountSheet) say(text string) {
	a.ticks.RemoveAll()
	a.ticks.Add(wrapped(clean(text), widget.DangerImportance))
	a.sheet.fit()
}

// fillTicks shows a check line by line.
func fillTicks(box *fyne.Container, r *control.CheckReport) {
	for _, t := range r.Ticks {
		pic, text := icon{"state-idle", theme.ColorNameSuccess}, t.What
		if !t.OK {
			pic = icon{"state-gone", theme.ColorNameError}
		}
		if t.Detail != "" {
			text += ": " + t.Detail
		}
		box.Add(container.NewBorder(nil, nil, padded(picture(pic, 18), 2, 6), nil, centred(newText(text))))
	}
	var facts []string
	if r.Server != "" {
		facts = append(facts, r.Server)
	}
	if r.User != "" {
		facts = append(facts, "signed in as "+r.User)
	}
	if r.MaxBytes > 0 {
		facts = append(facts, "files up to "+say.Bytes(r.MaxBytes))
	}
	if r.Free > 0 {
		facts = append(facts, say.Bytes(r.Free)+" free")
	}
	if len(facts) > 0 {
		box.Add(padded(newCaption(strings.Join(facts, " · ")), 4, 8))
	}
	if r.Reason != "" {
		box.Add(wrapped(clean(sentence(r.Reason)+" "+r.Hint), widget.DangerImportance))
	}
}

// showReport shows the outcome of a live check.
func (w *Window) showReport(title string, r *control.CheckReport) {
	box := stacked(2)
	fillTicks(box, r)
	s := w.newSheet(title, box)
	s.buttons(s.closer("Close"))
	s.show()
}

// checkAccount asks an account's server, and shows the answer.
func (w *Window) checkAccount(name string) {
	w.notice.say("Asking the server of " + name + " …")
	w.report(name, func(ctx context.Context) (control.CheckReport, error) { return w.client.CheckAccount(ctx, name) })
}

func (w *Window) report(name string, ask func(ctx context.Context) (control.CheckReport, error)) {
	var r control.CheckReport
	w.call(func(ctx context.Context) (err error) {
		r, err = ask(ctx)
		return err
	}, func(err error) {
		w.notice.hide()
		switch {
		case err != nil:
			w.fail(err)
		case r.OK:
			w.showReport(shorten(clean(name), 40)+" is ready", &r)
		default:
			w.showReport(shorten(clean(name), 40)+" cannot be used yet", &r)
		}
	})
}

// signIn asks for a new password, and checks it.
func (w *Window) signIn(a *control.Account) {
	name := a.Name
	secret := newSecret()
	text := "The password is kept in the system's keyring. Leave it empty to try the old one again."
	if r := sentenceOrNothing(a.Reason); r != "" {
		text = r + " " + text
	}
	s := w.newSheet("Sign in to "+shorten(clean(name), 40), form(
		wrapped(clean(text), widget.MediumImportance),
		field("Password of "+a.User, secret),
	))
	run := func() {
		typed := secret.Text
		s.hide()
		w.notice.say("Signing in to " + name + " …")
		w.report(name, func(ctx context.Context) (control.CheckReport, error) { return w.client.Login(ctx, name, typed) })
	}
	secret.OnSubmitted = func(string) { run() }
	s.buttons(s.closer("Cancel"), newPrimary("Sign in", "sign-in", run))
	s.show()
	w.win.Canvas().Focus(secret)
}

// askTrust asks whether a certificate is the right one, and carries the answer
// out.
func (w *Window) askTrust(url, fingerprint string, trust func(ctx context.Context) error) {
	w.askPin(url, fingerprint, func() { w.do("The certificate is trusted from now on", trust) })
}

// askPin asks whether a certificate is the right one.
func (w *Window) askPin(url, fingerprint string, yes func()) {
	print := wrapped(pairs(fingerprint), widget.MediumImportance)
	print.TextStyle.Monospace, print.Selectable = true, true
	s := w.newSheet("Is this the right server?", form(
		wrapped("No authority vouches for the certificate of "+clean(url)+". That is usual for a server of your own. "+
			"Compare this SHA-256 fingerprint with the one that the server shows. If it differs, somebody may be listening.", widget.MediumImportance),
		print,
	))
	s.buttons(s.closer("Cancel"), newPrimary("It is the same, trust it", "certificate", func() { s.hide(); yes() }))
	s.show()
}

// pairs writes hex the way that certificates are shown: AB:CD:EF.
func pairs(hex string) string {
	hex = strings.ToUpper(strings.ReplaceAll(hex, ":", ""))
	var b strings.Builder
	for i, r := range hex {
		if i > 0 && i%2 == 0 {
			b.WriteByte(':')
		}
		b.WriteRune(r)
	}
	return b.String()
}
