package ui

import (
	"context"
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// accountSheet asks for a new account on any service. The server is asked
// before anything is saved, and every line of that check is shown.
type accountSheet struct {
	win      *Window
	sheet    *sheet
	services []control.Service
	service  *choice
	name     *entry
	url      *entry
	user     *entry
	secret   *entry
	fields   *fyne.Container // what the chosen service asks for
	options  []optionField
	others   *fyne.Container // options that may be left out
	more     *button         // shows them
	ticks    *fyne.Container
	add      *button
	pin      string // fingerprint that the user has accepted for the address
}

// optionField is an option of a service, and what is typed for it.
type optionField struct {
	control.ServiceOption
	entry *entry
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
	a := &accountSheet{win: w, services: w.services, fields: form(), ticks: stacked(2)}
	names := make([]string, len(a.services))
	for i := range a.services {
		names[i] = clean(a.services[i].Name)
	}
	a.service = newChoice(names, 0, func(string) { a.choose() })
	a.name = newEntry(tr("Home"))
	a.url = newEntry(tr("https://photos.example.org"))
	a.url.OnChanged = func(string) { a.pin = "" } // it was another server's
	a.user = newEntry("")
	a.secret = newSecret()
	a.secret.OnSubmitted = func(string) { a.run() }
	body := form(
		field(tr("Service"), a.service),
		field(tr("Name, as you want to see it"), a.name),
		field(tr("Address"), a.url),
		a.fields,
		a.ticks,
	)
	a.sheet = w.newSheet(tr("Add account"), body)
	a.more = newButton(tr("More settings"), "add", a.unfold)
	a.more.Importance, a.more.Alignment = widget.LowImportance, widget.ButtonAlignLeading
	a.add = newPrimary(tr("Check and add"), "check", a.run)
	a.sheet.buttons(a.sheet.closer(tr("Cancel")), a.add)
	a.choose()
	return a
}

// chosen is the service that the account is to be on.
func (a *accountSheet) chosen() *control.Service {
	return &a.services[max(a.service.SelectedIndex(), 0)]
}

// choose shows the fields of the chosen service.
func (a *accountSheet) choose() {
	s := a.chosen()
	if typed := strings.TrimSpace(a.url.Text); typed == "" || slices.ContainsFunc(a.services, func(o control.Service) bool { return o.URL == typed }) {
		a.url.SetText(s.URL)
	}
	a.options = nil
	a.others = form()
	a.others.Hide()
	a.fields.RemoveAll()
	a.ticks.RemoveAll()
	if s.SignIn != control.SignInBrowser {
		a.fields.Add(container.NewGridWithColumns(2, field(tr("User"), a.user), field(tr("Password"), a.secret)))
	}
	for _, o := range s.Options {
		f := optionField{o, newEntry("")}
		if o.Secret {
			f.entry = newSecret()
		}
		a.options = append(a.options, f)
		into := a.others
		if o.Needed {
			into = a.fields
		}
		into.Add(field(optionLabel(o.Key), f.entry))
		if o.Help != "" {
			into.Add(note(sentence(clean(o.Help))))
		}
	}
	if s.SignIn == control.SignInBrowser {
		a.fields.Add(field(tr("The application's secret"), a.secret))
		a.fields.Add(note("You sign in on the pages of " + clean(s.Name) + ", after the account was added."))
	}
	if len(a.others.Objects) > 0 {
		a.setMore("More settings", "add")
		a.fields.Add(a.more)
		a.fields.Add(a.others)
	}
	a.win.wire(a.fields, a.sheet)
	a.sheet.refit()
}

// unfold shows the options that may be left out, or hides them again.
func (a *accountSheet) unfold() {
	if a.others.Visible() {
		a.others.Hide()
		a.setMore("More settings", "add")
	} else {
		a.others.Show()
		a.setMore("Fewer settings", "close")
	}
	a.sheet.refit()
}

func (a *accountSheet) setMore(label, drawing string) {
	a.more.drawing, a.more.Icon = drawing, glyph(drawing)
	a.more.SetText(label)
}

// note is an explanation below an input.
func note(text string) *widget.Label {
	l := wrapped(text, widget.LowImportance)
	l.SizeName = theme.SizeNameCaptionText
	return l
}

// spec puts what was typed together. problem says what is missing, "" for
// nothing.
func (a *accountSheet) spec() (spec control.AccountSpec, problem string) {
	s := a.chosen()
	spec = control.AccountSpec{
		Service: s.ID, Name: strings.TrimSpace(a.name.Text), URL: strings.TrimSpace(a.url.Text),
		Secret: a.secret.Text, Fingerprint: a.pin,
	}
	if s.SignIn != control.SignInBrowser {
		spec.User = strings.TrimSpace(a.user.Text)
	}
	switch {
	case spec.Name == "":
		return spec, "Give the account a name."
	case spec.URL == "":
		return spec, "The address is missing."
	}
	for _, o := range a.options {
		v := strings.TrimSpace(o.entry.Text)
		switch {
		case v != "":
			if spec.Options == nil {
				spec.Options = make(map[string]string)
			}
			spec.Options[o.Key] = v
		case o.Needed:
			return spec, optionLabel(o.Key) + " is missing: " + sentence(clean(o.Help))
		}
	}
	return spec, ""
}

func (a *accountSheet) run() {
	if a.add.Disabled() {
		return
	}
	spec, problem := a.spec()
	if problem != "" {
		a.say(problem)
		return
	}
	w := a.win
	a.add.enable(false)
	a.ticks.RemoveAll()
	a.ticks.Add(newCaption("Asking " + spec.URL + " …"))
	a.sheet.fit()
	a.sheet.scroll.ScrollToBottom()
	var report control.CheckReport
	w.call(func(ctx context.Context) (err error) {
		report, err = w.client.AddAccount(ctx, spec)
		return err
	}, func(err error) {
		a.add.enable(true)
		a.outcome(&spec, &report, err)
	})
}

func (a *accountSheet) outcome(spec *control.AccountSpec, r *control.CheckReport, err error) {
	pin := r.Fingerprint
	if p := certificateIn(err); pin == "" {
		pin = p
	}
	switch {
	case pin != "" && pin != a.pin:
		a.ticks.RemoveAll()
		a.win.askPin(spec.URL, pin, func() {
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
		a.sheet.scroll.ScrollToBottom()
	default:
		a.sheet.hide()
		a.win.showReport(tr("The account was added"), r, &control.Account{
			Name: spec.Name, Service: spec.Service, URL: spec.URL, SignIn: a.chosen().SignIn,
		})
	}
}

func (a *accountSheet) say(text string) {
	a.ticks.RemoveAll()
	a.ticks.Add(wrapped(clean(text), widget.DangerImportance))
	a.sheet.fit()
	a.sheet.scroll.ScrollToBottom()
}

// certificateIn returns the fingerprint that an error asks about, or "".
func certificateIn(err error) string {
	if p, ok := errors.AsType[*control.Problem](err); ok {
		return p.Fingerprint
	}
	return ""
}
