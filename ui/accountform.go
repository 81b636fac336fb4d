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

// accountForm asks for what a service needs to know of a new account, and adds
// it: the server is asked before anything is saved, and every line of that
// check is shown. It is a part of what it lies in, which its functions tell of.
type accountForm struct {
	win     *Window
	box     *fyne.Container
	service *control.Service // never nil once choose was called
	name    *entry
	url     *entry
	user    *entry
	secret  *entry
	fields  *fyne.Container // what the service asks for
	options []optionField
	others  *fyne.Container // options that may be left out
	more    *button         // shows them
	ticks   *fyne.Container
	asking  bool
	pin     string // fingerprint that the user has accepted for the address

	grown func()                                                    // it may have another height
	told  func()                                                    // the ticks, at its end, have changed
	busy  func(asking bool)                                         // the server is being asked, or not any more
	added func(s *control.AccountSpec, report *control.CheckReport) // the account is there
}

// optionField is an option of a service, and what is typed for it.
type optionField struct {
	control.ServiceOption
	entry *entry
}

// newAccountForm makes a form for no service yet.
func (w *Window) newAccountForm() *accountForm {
	f := &accountForm{win: w, fields: column(6), ticks: column(2), grown: func() {}, told: func() {}, busy: func(bool) {}}
	f.name = newEntry(tr("Home"))
	f.url = newEntry(tr("https://photos.example.org"))
	f.url.OnChanged = func(string) { f.pin = "" } // it was another server's
	f.user = newEntry("")
	f.secret = newSecret()
	f.secret.OnSubmitted = func(string) { f.run() }
	f.more = newButton(tr("More settings"), "add", f.unfold)
	f.more.Importance, f.more.Alignment = widget.LowImportance, widget.ButtonAlignLeading
	f.box = column(6,
		field(tr("Name, as you want to see it"), f.name),
		field(tr("Address"), f.url),
		f.fields,
		f.ticks,
	)
	return f
}

// choose shows the fields of a service.
func (f *accountForm) choose(s *control.Service) {
	f.service = s
	services := f.win.services
	if typed := strings.TrimSpace(f.url.Text); typed == "" || slices.ContainsFunc(services, func(o control.Service) bool { return o.URL == typed }) {
		f.url.SetText(s.URL)
	}
	f.options = nil
	f.others = column(6)
	f.others.Hide()
	f.fields.RemoveAll()
	f.ticks.RemoveAll()
	if s.SignIn != control.SignInBrowser {
		f.fields.Add(container.NewGridWithColumns(2, field(tr("User"), f.user), field(tr("Password"), f.secret)))
	}
	for _, o := range s.Options {
		of := optionField{o, newEntry("")}
		if o.Secret {
			of.entry = newSecret()
		}
		of.entry.OnSubmitted = func(string) { f.run() }
		f.options = append(f.options, of)
		into := f.others
		if o.Needed {
			into = f.fields
		}
		into.Add(field(optionLabel(o.Key), of.entry))
		if o.Help != "" {
			into.Add(note(sentence(clean(engine(o.Help)))))
		}
	}
	if s.SignIn == control.SignInBrowser {
		f.fields.Add(field(tr("The application's secret"), f.secret))
		f.fields.Add(note(tr("You sign in on the pages of {{.Service}}, after the account was added.", fields{"Service": clean(s.Name)})))
	}
	if len(f.others.Objects) > 0 {
		f.setMore(tr("More settings"), "add")
		f.fields.Add(f.more)
		f.fields.Add(f.others)
	}
	f.grown()
}

// unfold shows the options that may be left out, or hides them again.
func (f *accountForm) unfold() {
	if f.others.Visible() {
		f.others.Hide()
		f.setMore(tr("More settings"), "add")
	} else {
		f.others.Show()
		f.setMore(tr("Fewer settings"), "close")
	}
	f.grown()
}

func (f *accountForm) setMore(label, drawing string) {
	f.more.drawing, f.more.Icon = drawing, glyph(drawing)
	f.more.SetText(label)
}

// note is an explanation below an input.
func note(text string) *widget.Label {
	l := wrapped(text, widget.LowImportance)
	l.SizeName = theme.SizeNameCaptionText
	return l
}

// spec puts what was typed together. problem says what is missing, "" for
// nothing; at is where.
func (f *accountForm) spec() (spec control.AccountSpec, problem string, at *entry) {
	s := f.service
	spec = control.AccountSpec{
		Service: s.ID, Name: strings.TrimSpace(f.name.Text), URL: strings.TrimSpace(f.url.Text),
		Secret: f.secret.Text, Fingerprint: f.pin,
	}
	if s.SignIn != control.SignInBrowser {
		spec.User = strings.TrimSpace(f.user.Text)
	}
	switch {
	case spec.Name == "":
		return spec, tr("Give the account a name."), f.name
	case spec.URL == "":
		return spec, tr("The address is missing."), f.url
	}
	for _, o := range f.options {
		v := strings.TrimSpace(o.entry.Text)
		switch {
		case v != "":
			if spec.Options == nil {
				spec.Options = make(map[string]string)
			}
			spec.Options[o.Key] = v
		case o.Needed:
			return spec, tr("{{.Option}} is missing: {{.Help}}", fields{"Option": optionLabel(o.Key), "Help": sentence(clean(engine(o.Help)))}), o.entry
		}
	}
	return spec, "", nil
}

// run adds the account.
func (f *accountForm) run() {
	if f.asking {
		return
	}
	spec, problem, at := f.spec()
	if problem != "" {
		f.say(problem)
		f.win.win.Canvas().Focus(at)
		return
	}
	f.add(spec)
}

// add asks the engine to add an account.
func (f *accountForm) add(spec control.AccountSpec) {
	w := f.win
	f.setBusy(true)
	f.ticks.RemoveAll()
	f.ticks.Add(newCaption(tr("Asking {{.Server}} …", fields{"Server": spec.URL})))
	f.told()
	var report control.CheckReport
	w.call(func(ctx context.Context) (err error) {
		report, err = w.client.AddAccount(ctx, spec)
		return err
	}, func(err error) {
		f.setBusy(false)
		f.outcome(&spec, &report, err)
	})
}

func (f *accountForm) setBusy(yes bool) {
	f.asking = yes
	f.busy(yes)
}

func (f *accountForm) outcome(spec *control.AccountSpec, r *control.CheckReport, err error) {
	pin := r.Fingerprint
	if p := certificateIn(err); pin == "" {
		pin = p
	}
	switch {
	case pin != "" && pin != f.pin:
		f.ticks.RemoveAll()
		f.told()
		f.win.askPin(spec.URL, pin, func() {
			f.pin = pin
			f.run()
		})
	case err != nil:
		text, hint := explain(err)
		f.say(strings.TrimSpace(text + " " + hint))
	default:
		f.ticks.RemoveAll()
		fillTicks(f.ticks, r)
		if f.told(); r.OK {
			f.added(spec, r)
		}
	}
}

// say shows what is wrong.
func (f *accountForm) say(text string) {
	f.ticks.RemoveAll()
	f.ticks.Add(wrapped(clean(text), widget.DangerImportance))
	f.told()
}

// certificateIn returns the fingerprint that an error asks about, or "".
func certificateIn(err error) string {
	if p, ok := errors.AsType[*control.Problem](err); ok {
		return p.Fingerprint
	}
	return ""
}
