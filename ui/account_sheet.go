package ui

import (
	"github.com/photoferry/photoferry/app/control"
)

// accountSheet asks for a new account on any service.
type accountSheet struct {
	*accountForm
	sheet    *sheet
	services []control.Service
	service  *choice
	add      *button
}

// addAccount opens the sheet for a new account.
func (w *Window) addAccount() {
	if len(w.sheets) > 0 {
		return
	}
	w.askServices(func(err error) {
		switch {
		case err != nil:
			w.fail(err)
		case len(w.services) > 0 && len(w.sheets) == 0:
			w.newAccountSheet().sheet.show()
		}
	})
}

// newAccountSheet makes the sheet. There is a service at least.
func (w *Window) newAccountSheet() *accountSheet {
	a := &accountSheet{accountForm: w.newAccountForm(), services: w.services}
	names := make([]string, len(a.services))
	for i := range a.services {
		names[i] = clean(a.services[i].Name)
	}
	a.service = newChoice(names, 0, func(string) { a.choose() })
	a.sheet = w.newSheet(tr("Add account"), column(6, field(tr("Service"), a.service), a.box))
	a.add = newPrimary(tr("Check and add"), "check", a.run)
	a.sheet.buttons(a.sheet.closer(tr("Cancel")), a.add)
	a.grown = func() { w.wire(a.fields, a.sheet); a.sheet.refit() }
	a.told = func() { a.sheet.refit(); a.sheet.scroll.ScrollToBottom() }
	a.busy = func(asking bool) { a.add.enable(!asking) }
	a.added = func(spec *control.AccountSpec, r *control.CheckReport) {
		a.sheet.hide()
		w.showReport(tr("The account was added"), r, &control.Account{
			Name: spec.Name, Service: spec.Service, URL: spec.URL, SignIn: a.chosen().SignIn,
		})
	}
	a.choose()
	return a
}

// chosen is the service that the account is to be on.
func (a *accountSheet) chosen() *control.Service {
	return &a.services[max(a.service.SelectedIndex(), 0)]
}

func (a *accountSheet) choose() { a.accountForm.choose(a.chosen()) }
