package ui

import (
	"context"
	"errors"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// accountPhase is how far the step of the account is.
type accountPhase int

const (
	phaseChoose  accountPhase = iota // a service, or practice
	phaseFill                        // what the service asks for
	phaseBrowser                     // signing in on its pages
	phaseReady                       // the account is there
)

// accountStep adds an account: a service is chosen, what it asks for is typed
// and checked, and where it wants that, the person signs in in the browser.
type accountStep struct {
	g        *wizard
	box      *fyne.Container // of the phase in front
	choices  *fyne.Container
	services *fyne.Container
	tiles    []*pickTile // one for each service
	practice *pickTile   // nil where there is no practice
	there    *fyne.Container
	problem  *widget.Label
	form     *accountForm
	filling  *fyne.Container
	login    *browserLogin // nil before the first
	ready    *fyne.Container
}

func newAccountStep(g *wizard) *accountStep {
	s := &accountStep{
		g: g, box: container.NewStack(), services: pickTiles(), there: column(0), problem: wrapped("", widget.DangerImportance), ready: column(10),
		form: g.win.newAccountForm(),
	}
	s.problem.Hide()
	s.choices = column(10, wrapped(tr("Where do your photos go? Choose the service that your gallery is on."), widget.MediumImportance), s.there, s.services, s.problem)
	if g.win.opts.StartPractice != nil {
		s.practice = newPickTile("practice", tr("Try it without a server"),
			tr("A practice server runs on this computer. Photos sent there stay on this computer."), s.startPractice)
		s.choices.Objects = slices.Insert(s.choices.Objects, 3, fyne.CanvasObject(s.practice))
	}
	s.filling = column(6, s.form.box)
	s.restore()
	s.form.grown, s.form.told = g.changed, func() { g.changed(); g.up.ScrollToBottom() }
	s.form.busy = g.busy
	s.form.added = s.added
	return s
}

// restore shows what was typed before the guide was made again.
func (s *accountStep) restore() {
	t := &s.g.made.typed
	s.form.name.SetText(t.Name)
	s.form.url.SetText(t.URL)
	s.form.user.SetText(t.User)
	s.form.secret.SetText(t.Secret)
	s.form.pin = t.Fingerprint
	if i := s.serviceAt(t.Service); i >= 0 {
		s.form.choose(&s.g.win.services[i])
		for _, o := range s.form.options {
			o.entry.SetText(t.Options[o.Key])
		}
	}
	if s.g.made.phase == phaseBrowser { // its page has to be asked for again
		s.g.made.phase = phaseReady
	}
}

// keep writes down what is typed.
func (s *accountStep) keep() {
	if s.form.service != nil {
		s.g.made.typed, _, _ = s.form.spec()
	}
}

func (s *accountStep) serviceAt(id string) int {
	return slices.IndexFunc(s.g.win.services, func(o control.Service) bool { return o.ID == id })
}

func (s *accountStep) name() string {
	switch {
	case s.g.made.phase == phaseFill && s.form.service != nil:
		return tr("Your account on {{.Service}}", fields{"Service": clean(s.form.service.Name)})
	case s.g.made.phase == phaseBrowser && s.login != nil:
		return tr("Sign in to {{.Account}}", fields{"Account": shorten(clean(s.login.account.Name), 40)})
	}
	return tr("Your account")
}

func (s *accountStep) content() fyne.CanvasObject { return s.box }

func (s *accountStep) enter() {
	w := s.g.win
	if len(w.services) == 0 {
		w.askServices(func(err error) {
			if err != nil {
				why, hint := explain(err)
				s.say(why + " " + hint)
				return
			}
			s.restore()
			s.show()
		})
	}
	s.show()
}

// show shows the phase.
func (s *accountStep) show() {
	m := s.g.made
	if m.phase == phaseFill && s.form.service == nil || m.phase == phaseBrowser && s.login == nil {
		m.phase = phaseChoose
	}
	var o fyne.CanvasObject
	switch m.phase {
	case phaseFill:
		o = s.filling
	case phaseBrowser:
		o = s.login.box
	case phaseReady:
		s.fillReady()
		o = s.ready
	default:
		s.fillChoices()
		o = s.choices
	}
	s.box.Objects = []fyne.CanvasObject{o}
	s.box.Refresh()
	s.g.title.set(s.name(), s.g.title.color)
	s.g.changed()
}

// move goes to another phase.
func (s *accountStep) move(to accountPhase) {
	s.g.made.phase = to
	s.show()
	s.g.up.ScrollToTop()
	s.g.focus()
}

func (s *accountStep) fillChoices() {
	if services := s.g.win.services; len(s.tiles) != len(services) {
		s.tiles = nil
		s.services.RemoveAll()
		for i := range services {
			words := tr("You sign in with a name and a password.")
			if services[i].SignIn == control.SignInBrowser {
				words = tr("You sign in on its pages, in the browser.")
			}
			t := newPickTile("account", clean(services[i].Name), words, func() { s.choose(i) })
			s.tiles = append(s.tiles, t)
			s.services.Add(t)
		}
	}
	for i, t := range s.tiles {
		t.choose(s.form.service != nil && s.g.win.services[i].ID == s.form.service.ID)
	}
	s.there.RemoveAll()
	s.g.accountLines(s.there)
}

// choose takes a service, and goes on to what it asks for.
func (s *accountStep) choose(i int) {
	services := s.g.win.services
	chosen := &services[i]
	if name := strings.TrimSpace(s.form.name.Text); name == "" || slices.ContainsFunc(services, func(o control.Service) bool { return o.Name == name }) {
		s.form.name.SetText(chosen.Name)
	}
	if s.form.service == nil || s.form.service.ID != chosen.ID {
		s.form.choose(chosen)
	}
	s.say("")
	s.move(phaseFill)
}

func (s *accountStep) buttons() (next, icon, skip string) {
	skip = tr("Skip")
	switch s.g.made.phase {
	case phaseFill:
		return tr("Check and add"), "check", skip
	case phaseBrowser:
		return tr("Done"), "check", tr("Later")
	case phaseReady:
		return tr("Next"), "next", ""
	}
	return tr("Next"), "next", skip
}

func (s *accountStep) next() {
	switch m := s.g.made; {
	case m.phase == phaseFill:
		s.form.run()
	case m.phase == phaseBrowser:
		s.login.finish()
	case m.phase == phaseChoose && s.form.service != nil:
		s.move(phaseFill)
	case m.phase == phaseReady || len(s.g.accounts()) > 0:
		s.g.forward(true, stepFolder)
	case s.practice == nil:
		s.say(tr("Choose a service, or skip this step."))
	default:
		s.say(tr("Choose a service, try it without a server, or skip this step."))
	}
}

func (s *accountStep) retreat() bool {
	switch s.g.made.phase {
	case phaseFill:
		s.move(phaseChoose)
	case phaseBrowser:
		s.move(phaseReady)
	default:
		return false
	}
	return true
}

func (s *accountStep) first() fyne.Focusable {
	switch m := s.g.made; {
	case m.phase == phaseFill && s.form.url.Text == "":
		return s.form.url
	case m.phase == phaseFill && s.form.service.SignIn != control.SignInBrowser:
		return s.form.user
	case m.phase == phaseFill:
		return s.form.name
	case m.phase == phaseChoose && len(s.tiles) > 0:
		return s.tiles[0]
	}
	return nil
}

func (s *accountStep) say(text string) {
	setLabel(s.problem, clean(text), widget.DangerImportance)
	setShown(s.problem, text != "")
	s.g.changed()
	if text != "" {
		s.g.up.ScrollToBottom()
	}
}

// added goes on when an account was added: to its sign-in in the browser, where
// it needs one.
func (s *accountStep) added(spec *control.AccountSpec, r *control.CheckReport) {
	m := s.g.made
	m.report, m.practice = r, false
	m.accounts = append(m.accounts, spec.Name)
	m.account = control.Account{Name: spec.Name, Service: spec.Service, URL: spec.URL, SignIn: s.form.service.SignIn}
	if r.LoginNext {
		m.unsigned = append(m.unsigned, spec.Name)
	}
	s.form.service = nil // the next account is another one
	for _, e := range []*entry{s.form.name, s.form.url, s.form.user, s.form.secret} {
		e.SetText("")
	}
	if !r.LoginNext {
		s.move(phaseReady)
		return
	}
	s.signIn()
}

// signIn begins a sign-in in the browser.
func (s *accountStep) signIn() {
	w, a := s.g.win, s.g.made.account
	s.g.busy(true)
	w.askLoginPage(&a, func(page string, err error) {
		s.g.busy(false)
		if err != nil {
			s.move(phaseReady)
			if !errors.Is(err, errAsked) {
				w.fail(err)
			}
			return
		}
		b := w.newBrowserLogin(&a, page)
		b.grown, b.busy = s.g.changed, s.g.busy
		b.again = s.signIn
		b.over = func(r *control.CheckReport) {
			m := s.g.made
			if m.report = r; r.OK && !r.LoginNext {
				m.unsigned = slices.DeleteFunc(m.unsigned, func(n string) bool { return n == a.Name })
			}
			s.move(phaseReady)
		}
		s.login = b
		s.move(phaseBrowser)
		b.open()
	})
}

// fillReady says what the check of the new account found.
func (s *accountStep) fillReady() {
	m := s.g.made
	s.ready.RemoveAll()
	if m.report != nil {
		text := tr("The account was added.")
		if m.report.LoginNext {
			text = tr("The account was added. It still needs a sign-in: now, or later on the page Accounts.")
		}
		s.ready.Add(wrapped(text, widget.MediumImportance))
		if m.report.LoginNext {
			s.ready.Add(container.NewHBox(newButton(tr("Sign in in the browser"), "open", s.signIn)))
		}
		if m.practice {
			s.ready.Add(wrapped(tr("It is for practice: photos sent there stay on this computer, and nobody else sees them. Remove the account when you have seen enough."), widget.WarningImportance))
		}
		ticks := column(2)
		fillTicks(ticks, m.report)
		s.ready.Add(carded(ticks, 6, 6))
	}
	s.ready.Add(container.NewHBox(newButton(tr("Add another account"), "add", func() { s.move(phaseChoose) })))
}

// startPractice starts the practice server and adds an account on it.
func (s *accountStep) startPractice() {
	w, m := s.g.win, s.g.made
	if s.g.next.Disabled() {
		return
	}
	s.g.busy(true)
	s.practice.say(tr("Starting the practice server …"))
	s.say("")
	var report control.CheckReport
	var spec control.AccountSpec
	there := false
	accounts := w.status.Accounts
	w.call(func(ctx context.Context) (err error) {
		if spec, err = w.opts.StartPractice(ctx); err != nil {
			return err
		}
		if there = slices.ContainsFunc(accounts, func(a control.Account) bool { return a.URL == spec.URL }); there {
			return nil
		}
		report, err = w.client.AddAccount(ctx, spec)
		return err
	}, func(err error) {
		s.g.busy(false)
		s.practice.say(tr("A practice server runs on this computer. Photos sent there stay on this computer."))
		switch {
		case err != nil:
			why, hint := explain(err)
			s.say(strings.TrimSpace(why + " " + hint))
		case there:
			s.g.forward(true, stepFolder)
		default:
			m.report, m.practice = &report, true
			if report.OK {
				m.accounts = append(m.accounts, spec.Name)
				s.move(phaseReady)
				return
			}
			s.say(strings.TrimSpace(sentence(engine(report.Reason)) + " " + engine(report.Hint)))
		}
	})
}
