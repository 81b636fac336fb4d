package ui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// fillTicks shows a check line by line.
func fillTicks(box *fyne.Container, r *control.CheckReport) {
	for _, t := range r.Ticks {
		pic, text := icon{"state-idle", theme.ColorNameSuccess}, engine(t.What)
		switch {
		case !t.OK && r.OK: // good to know, and no obstacle
			pic = icon{"state-attention", theme.ColorNameWarning}
		case !t.OK:
			pic = icon{"state-gone", theme.ColorNameError}
		}
		if t.Detail != "" {
			text += ": " + engine(t.Detail)
		}
		box.Add(padded(container.NewBorder(nil, nil, container.NewVBox(padded(picture(pic, 18), 8, 4)), nil,
			wrapped(clean(text), widget.MediumImportance)), -4, 0))
	}
	var facts []string
	if r.Server != "" {
		facts = append(facts, r.Server)
	}
	if r.User != "" {
		facts = append(facts, tr("signed in as {{.User}}", fields{"User": r.User}))
	}
	if r.MaxBytes > 0 {
		facts = append(facts, tr("files up to {{.Size}}", fields{"Size": say.Bytes(r.MaxBytes)}))
	}
	if r.Free > 0 {
		facts = append(facts, tr("{{.Size}} free", fields{"Size": say.Bytes(r.Free)}))
	}
	if len(facts) > 0 {
		box.Add(padded(newCaption(strings.Join(facts, " · ")), 4, 8))
	}
	if r.Reason != "" {
		box.Add(wrapped(clean(sentence(engine(r.Reason))+" "+engine(r.Hint)), widget.DangerImportance))
	}
}

// showReport shows the outcome of a live check of an account. Where a sign-in
// in the browser is left to do, it offers that.
func (w *Window) showReport(title string, r *control.CheckReport, a *control.Account) {
	box := stacked(2)
	fillTicks(box, r)
	s := w.newSheet(title, box)
	if !r.LoginNext {
		s.buttons(s.closer(tr("Close")))
		s.show()
		return
	}
	box.Add(wrapped(tr("One step is left: sign in on the pages of {{.Service}}, and let PhotoFerry in there.",
		fields{"Service": clean(w.serviceName(a.Service))}), widget.MediumImportance))
	s.buttons(s.closer(tr("Later")), newPrimary(tr("Sign in in the browser"), "open", func() { s.hide(); w.signIn(a) }))
	s.show()
}

// checkAccount asks an account's server, and shows the answer.
func (w *Window) checkAccount(a *control.Account) {
	name := a.Name
	w.notice.say(tr("Asking the server of {{.Account}} …", fields{"Account": name}))
	w.report(a, func(ctx context.Context) (control.CheckReport, error) { return w.client.CheckAccount(ctx, name) })
}

func (w *Window) report(a *control.Account, ask func(ctx context.Context) (control.CheckReport, error)) {
	var r control.CheckReport
	w.call(func(ctx context.Context) (err error) {
		r, err = ask(ctx)
		return err
	}, func(err error) {
		w.notice.hide()
		if err != nil {
			w.fail(err)
			return
		}
		w.showOutcome(a, &r)
	})
}

// showOutcome shows a live check of an account under what it comes to.
func (w *Window) showOutcome(a *control.Account, r *control.CheckReport) {
	name := fields{"Account": shorten(clean(a.Name), 40)}
	title := tr("{{.Account}} is ready", name)
	switch {
	case !r.OK:
		title = tr("{{.Account}} cannot be used yet", name)
	case r.LoginNext:
		title = tr("{{.Account}} is nearly ready", name)
	}
	w.showReport(title, r, a)
}

// askTrust asks whether a certificate is the right one, and carries the answer
// out.
func (w *Window) askTrust(url, fingerprint string, trust func(ctx context.Context) error) {
	w.askPin(url, fingerprint, func() { w.do(tr("The certificate is trusted from now on"), trust) })
}

// askPin asks whether a certificate is the right one.
func (w *Window) askPin(url, fingerprint string, yes func()) {
	print := wrapped(pairs(fingerprint), widget.MediumImportance)
	print.TextStyle.Monospace, print.Selectable = true, true
	s := w.newSheet(tr("Is this the right server?"), form(
		wrapped(tr("No authority vouches for the certificate of {{.Server}}. That is usual for a server of your own.", fields{"Server": clean(url)})+" "+
			tr("Compare this SHA-256 fingerprint with the one that the server shows. If it differs, somebody may be listening."), widget.MediumImportance),
		print,
	))
	s.buttons(s.closer(tr("Cancel")), newPrimary(tr("It is the same, trust it"), "certificate", func() { s.hide(); yes() }))
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
