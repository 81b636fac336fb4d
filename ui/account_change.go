package ui

import (
	"context"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// albumOption is the option of services that have albums: where photos go that
// no folder names an album for.
const albumOption = "album"

// accountRules changes an account in place. The server is asked before anything
// is kept, and every line of that check is shown; what was typed stays until it
// was taken.
type accountRules struct {
	win     *Window
	sheet   *sheet
	account control.Account
	was     control.AccountSpec

	name    *entry
	url     *entry
	options []changedOption
	copied  copyRules
	faults  map[string]*faultField // by their names in control.AccountChange
	ticks   *fyne.Container        // of the last check, or what is wrong
	more    *fyne.Container        // options for few people
	fold    *button
	save    *button
	asking  bool
	pin     string // fingerprint that the person has accepted for the address
}

// changedOption is an option of the service. What is secret is never shown; it
// stays unless another one is typed, or it is taken away.
type changedOption struct {
	control.ServiceOption
	entry *entry
	gone  *check // takes a secret away; nil where there is none to take
}

// changeAccount opens the sheet that changes an account.
func (w *Window) changeAccount(a *control.Account) {
	if len(w.sheets) > 0 {
		return
	}
	account := *a
	var spec control.AccountSpec
	var services []control.Service
	w.call(func(ctx context.Context) (err error) {
		if services, err = w.client.Services(ctx); err != nil {
			return err
		}
		spec, err = w.client.AccountSpec(ctx, account.Name)
		return err
	}, func(err error) {
		switch {
		case err != nil:
			w.fail(err)
		case len(w.sheets) == 0:
			w.services = services
			w.newAccountRules(&account, &spec).sheet.show()
		}
	})
}

func (w *Window) newAccountRules(a *control.Account, spec *control.AccountSpec) *accountRules {
	r := &accountRules{win: w, account: *a, was: *spec, faults: make(map[string]*faultField), ticks: column(2), more: column(8)}
	r.name = newEntry("")
	r.name.SetText(spec.Name)
	r.url = newEntry(tr("https://photos.example.org"))
	r.url.SetText(spec.URL)
	r.url.OnChanged = func(string) { r.pin = "" } // it was another server's
	who := clean(w.serviceName(spec.Service))
	if spec.User != "" {
		who = tr("{{.User}} at {{.Server}}", fields{"User": spec.User, "Server": who})
	}
	body := column(8, newCaption(who),
		r.fault("name", tr("Name, as you want to see it"), r.name, r.name),
		r.fault("url", tr("Address"), r.url, r.url))
	for _, o := range w.optionsOf(spec.Service) {
		into := r.more
		if o.Needed || o.Key == albumOption || spec.Options[o.Key] != "" {
			into = body
		}
		into.Add(r.option(o))
	}
	for _, o := range r.copies() {
		r.more.Add(o)
	}
	r.fold = newButton("", "", func() { r.unfold(!r.more.Visible()) })
	r.fold.Importance, r.fold.Alignment = widget.LowImportance, widget.ButtonAlignLeading
	r.unfold(spec.Strip != "" || spec.LongestSide > 0 || spec.Quality > 0)
	body.Add(r.fold)
	body.Add(r.more)
	body.Add(r.ticks)
	r.sheet = w.newSheet(tr("Change the account {{.Account}}", fields{"Account": shorten(clean(spec.Name), 40)}), body)
	follow(body, r.sheet.scroll)
	r.save = newPrimary(tr("Check and save"), "check", r.run)
	r.sheet.buttons(r.sheet.closer(tr("Cancel")), r.save)
	return r
}

// optionsOf are the options of a service; none while it is not known.
func (w *Window) optionsOf(id string) []control.ServiceOption {
	for i := range w.services {
		if w.services[i].ID == id {
			return w.services[i].Options
		}
	}
	return nil
}

func (r *accountRules) fault(name, caption string, o fyne.CanvasObject, input fyne.Focusable, below ...fyne.CanvasObject) fyne.CanvasObject {
	ff := newFaultField(caption, o, input, below...)
	r.faults[name] = ff
	return ff.box
}

// option makes the input of an option.
func (r *accountRules) option(o control.ServiceOption) fyne.CanvasObject {
	c := changedOption{ServiceOption: o, entry: newEntry("")}
	if o.Secret {
		c.entry = newSecret()
		c.entry.PlaceHolder = tr("Unchanged")
	} else {
		c.entry.SetText(r.was.Options[o.Key])
	}
	c.entry.OnSubmitted = func(string) { r.run() }
	var below []fyne.CanvasObject
	if o.Help != "" {
		below = append(below, note(sentence(engine(clean(o.Help)))))
	}
	if o.Secret && !o.Needed {
		c.gone = newCheck(tr("Forget the one that is kept"), false, func(yes bool) { setEnabled(c.entry, !yes) })
		below = append(below, c.gone)
	}
	r.options = append(r.options, c)
	var input fyne.CanvasObject = c.entry
	caption := optionLabel(o.Key)
	if o.Key == albumOption {
		caption = tr("Album of photos that no folder has one for")
		input = container.NewBorder(nil, nil, nil, newButton(tr("Choose"), "album", func() {
			r.win.pickAlbum([]string{r.account.Name}, c.entry.Text, c.entry.SetText)
		}), c.entry)
	}
	return r.fault("options."+o.Key, caption, input, c.entry, below...)
}

// unfold shows the options for few people, or hides them.
func (r *accountRules) unfold(yes bool) {
	r.fold.drawing, r.fold.Text = "add", tr("More settings")
	if yes {
		r.fold.drawing, r.fold.Text = "close", tr("Fewer settings")
	}
	r.fold.Icon = glyph(r.fold.drawing)
	r.fold.Refresh()
	setShown(r.more, yes)
	if r.sheet != nil {
		r.sheet.refit()
	}
}

// change is what the sheet changes; some says whether that is anything. at is the
// field that is wrong, and why; "" for none.
func (r *accountRules) change() (c control.AccountChange, some bool, at, why string) {
	c.Account = r.was.Name
	name, url := strings.TrimSpace(r.name.Text), strings.TrimSpace(r.url.Text)
	switch {
	case name == "":
		return c, false, "name", tr("Give the account a name.")
	case name != r.was.Name && r.win.hasAccount(name):
		return c, false, "name", tr("Another account has this name.")
	case url == "":
		return c, false, "url", tr("The address is missing.")
	}
	if name != r.was.Name {
		c.Name, some = &name, true
	}
	if url != r.was.URL {
		c.URL, some = &url, true
	}
	if r.pin != "" {
		c.Fingerprint, some = &r.pin, true
	}
	for _, o := range r.options {
		v, old := strings.TrimSpace(o.entry.Text), r.was.Options[o.Key]
		switch {
		case o.gone != nil && o.gone.Checked:
			v, old = "", "kept"
		case o.Secret && v == "":
			continue
		case o.Needed && v == "":
			return c, some, "options." + o.Key, tr("{{.Option}} is missing: {{.Help}}", fields{"Option": optionLabel(o.Key), "Help": sentence(engine(clean(o.Help)))})
		}
		if v != old {
			if c.Options == nil {
				c.Options = make(map[string]string)
			}
			c.Options[o.Key], some = v, true
		}
	}
	copies, at, why := r.copied.change(&c)
	return c, some || copies, at, why
}

func (w *Window) hasAccount(name string) bool {
	return slices.ContainsFunc(w.status.Accounts, func(a control.Account) bool { return a.Name == name })
}

// run makes the change.
func (r *accountRules) run() {
	if r.asking {
		return
	}
	for _, ff := range r.faults {
		ff.clear()
	}
	r.ticks.RemoveAll()
	c, some, at, why := r.change()
	switch {
	case why != "":
		r.faults[at].say(why)
		r.lead(at)
		return
	case !some:
		r.sheet.hide()
		return
	}
	w := r.win
	r.asking = true
	r.save.enable(false)
	r.tell(newCaption(tr("Asking {{.Server}} …", fields{"Server": strings.TrimSpace(r.url.Text)})))
	var report control.CheckReport
	w.call(func(ctx context.Context) (err error) {
		report, err = w.client.ChangeAccount(ctx, c)
		return err
	}, func(err error) {
		r.asking = false
		r.save.enable(true)
		r.ticks.RemoveAll()
		r.outcome(&c, &report, err)
	})
}

// tell shows something at the end of the sheet.
func (r *accountRules) tell(o fyne.CanvasObject) {
	r.ticks.Add(o)
	r.sheet.refit()
	r.sheet.scroll.ScrollToBottom()
}

// lead brings a field that is at fault into view, with the focus in it.
func (r *accountRules) lead(name string) {
	ff := r.faults[name]
	if slices.Contains(r.more.Objects, fyne.CanvasObject(ff.box)) {
		r.unfold(true)
	}
	r.sheet.refit()
	bringIntoView(r.sheet.scroll, ff.box)
	ff.focus(r.win.win.Canvas())
}

func (r *accountRules) outcome(c *control.AccountChange, report *control.CheckReport, err error) {
	pin := report.Fingerprint
	if p := certificateIn(err); pin == "" {
		pin = p
	}
	name, _, at := faultOf(err)
	switch ff := r.faults[name]; {
	case pin != "" && pin != r.pin:
		r.sheet.refit()
		r.win.askPin(strings.TrimSpace(r.url.Text), pin, func() {
			r.pin = pin
			r.run()
		})
	case ff != nil:
		ff.mark("", at, whyOf(err))
		r.lead(name)
	case err != nil:
		r.tell(wrapped(clean(whyOf(err)), widget.DangerImportance))
	case !report.OK:
		fillTicks(r.ticks, report)
		r.tell(wrapped(tr("Nothing was changed."), widget.MediumImportance))
	default:
		r.sheet.hide()
		r.changed(c, report)
	}
}

// changed says what came of a change.
func (r *accountRules) changed(c *control.AccountChange, report *control.CheckReport) {
	a := r.account
	if c.Name != nil {
		a.Name = *c.Name
	}
	if c.URL != nil {
		a.URL = *c.URL
	}
	if len(report.Ticks) == 0 && !report.LoginNext {
		r.win.notice.say(tr("The account was changed"))
		return
	}
	r.win.showReport(tr("The account was changed"), report, &a)
}
