package ui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// forecastStep says what is going to be sent, and begins.
type forecastStep struct {
	g        *wizard
	box      *fyne.Container
	what     *widget.Label
	forecast *forecastView
	card     *fyne.Container
	problem  *widget.Label
}

func newForecastStep(g *wizard) *forecastStep {
	s := &forecastStep{g: g, what: wrapped("", widget.MediumImportance), problem: wrapped("", widget.DangerImportance)}
	s.problem.Hide()
	s.forecast = newForecastView(g.win, g.changed)
	s.card = carded(s.forecast.box, 4, 6)
	s.box = column(10, s.what, s.card,
		note(tr("The originals stay as they are, whatever happens. You can stop at any time with Pause.")), s.problem)
	return s
}

func (s *forecastStep) name() string               { return tr("Ready to start") }
func (s *forecastStep) content() fyne.CanvasObject { return s.box }
func (s *forecastStep) retreat() bool              { s.forecast.close(); return false }
func (s *forecastStep) first() fyne.Focusable      { return nil }

func (s *forecastStep) buttons() (next, icon, skip string) {
	return tr("Start"), "check", tr("Later")
}

func (s *forecastStep) enter() {
	m := s.g.made
	about := fields{"Folder": shortPath(clean(m.folder.Path), s.g.win.home), "Accounts": clean(strings.Join(m.folder.Accounts, ", "))}
	setLabel(s.what, tr("From {{.Folder}} to {{.Accounts}}:", about), widget.MediumImportance)
	setShown(s.problem, false)
	if m.folder.Everything {
		s.forecast.ask(control.AddRequest{Paths: []string{m.folder.Path}, Accounts: m.folder.Accounts})
		return
	}
	s.forecast.close()
	text := tr("Nothing is sent now. PhotoFerry waits for new photos; what is in the folder is left alone.")
	if m.preview.Photos > 0 && !m.preview.More {
		text = trn("Nothing is sent now: PhotoFerry waits for new photos. The {{.N}} in the folder are left alone.", m.preview.Photos)
	}
	s.forecast.show(text, widget.MediumImportance)
}

// next watches the folder from now on.
func (s *forecastStep) next() {
	w, m := s.g.win, s.g.made
	s.forecast.close()
	spec := m.folder
	s.g.busy(true)
	var added control.FolderAdded
	again := m.watched.Path == spec.Path // the guide was gone back in
	w.call(func(ctx context.Context) (err error) {
		if again {
			_, err = w.client.ChangeFolder(ctx, spec)
			return err
		}
		added, err = w.client.AddFolder(ctx, spec)
		return err
	}, func(err error) {
		s.g.busy(false)
		if err != nil {
			why, hint := explain(err)
			setLabel(s.problem, strings.TrimSpace(clean(why+" "+hint)), widget.DangerImportance)
			setShown(s.problem, true)
			s.g.changed()
			return
		}
		if m.watched = spec; !again {
			m.added = added
		}
		s.g.forward(true, stepEnd)
	})
}

// endStep says what is set up, how the work goes on without the window, and
// offers to start with the computer.
type endStep struct {
	g       *wizard
	box     *fyne.Container
	sum     *fyne.Container
	start   *check
	missing *widget.Label
	setting bool // the check is set by us
}

func newEndStep(g *wizard) *endStep {
	s := &endStep{g: g, sum: column(2), missing: note("")}
	s.missing.Importance = widget.WarningImportance
	s.missing.Hide()
	s.start = newCheck(tr("Start PhotoFerry with the computer"), false, s.choose)
	s.start.Disable() // until the engine has said how it is
	s.box = column(10,
		s.sum,
		carded(column(-8, s.start, margin(note(tr("Then new photos are found even if nobody opens this window.")), 0, 24), s.missing), 4, 6),
		wrapped(tr("PhotoFerry goes on when you close this window. You find it in the tray, among the small icons beside the clock, if your desktop has one; starting it once more opens the window again."), widget.MediumImportance),
		container.NewHBox(newButton(tr("Add another account"), "add", s.another)),
	)
	return s
}

func (s *endStep) name() string               { return tr("That is all") }
func (s *endStep) content() fyne.CanvasObject { return s.box }
func (s *endStep) retreat() bool              { return false }
func (s *endStep) first() fyne.Focusable      { return nil }

func (s *endStep) buttons() (next, icon, skip string) { return tr("Finish"), "check", "" }

func (s *endStep) enter() {
	w, m := s.g.win, s.g.made
	s.sum.RemoveAll()
	s.g.accountLines(s.sum)
	if m.watched.Path != "" {
		text := tr("{{.Folder}} is watched", fields{"Folder": shortPath(clean(m.watched.Path), w.home)})
		s.sum.Add(doneLine(text))
		if n := m.added.Photos - m.added.Baseline; n > 0 && m.watched.Everything {
			s.sum.Add(doneLine(tr("Found in it: {{.Photos}}", fields{"Photos": say.Photos(n)})))
		}
	} else if len(w.status.Folders) == 0 {
		s.sum.Add(wrapped(tr("No folder is watched yet. You can add one on the page Folders, or drop photos on the window."), widget.MediumImportance))
	}
	var g control.General
	w.call(func(ctx context.Context) (err error) {
		g, err = w.client.General(ctx)
		return err
	}, func(err error) {
		if err != nil {
			s.show(nil, err)
			return
		}
		s.show(&g, nil)
	})
}

// show shows whether the program starts with the computer, as far as the engine
// says so, and why that was not changed.
func (s *endStep) show(g *control.General, err error) {
	why, usable := "", g != nil
	if err != nil {
		text, hint := explain(err)
		why = strings.TrimSpace(text + " " + hint)
	}
	if g != nil {
		s.setting = true
		s.start.SetChecked(g.Autostart)
		s.setting = false
		if m, missing := g.Missing["autostart"]; missing {
			why, usable = sentence(m), false
		}
	}
	setEnabled(s.start, usable)
	setLabel(s.missing, clean(why), widget.WarningImportance)
	setShown(s.missing, why != "")
	s.g.changed()
}

// choose starts the program with the computer, or not.
func (s *endStep) choose(on bool) {
	if !s.setting {
		s.g.win.changeGeneral(control.GeneralChange{Autostart: &on}, s.show)
	}
}

// another goes back to the account, for one more.
func (s *endStep) another() {
	s.g.made.phase = phaseChoose
	s.g.forward(true, stepAccount)
}

func (s *endStep) next() {
	s.g.made.done[stepEnd] = true
	s.g.win.memory.SaidClose = true // it was said here
	s.g.end()
}
