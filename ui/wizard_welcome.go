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

// welcomeStep says in a sentence what the program does, and asks for the
// language.
type welcomeStep struct {
	g        *wizard
	box      *fyne.Container
	language *choice
	problem  *widget.Label
	setting  bool // the choice is set by us
}

func newWelcomeStep(g *wizard) *welcomeStep {
	s := &welcomeStep{g: g, problem: wrapped("", widget.DangerImportance)}
	s.problem.Hide()
	text := wrapped(tr("It brings your photos to your gallery, each one once, and tells you when they are there."), widget.MediumImportance)
	text.Alignment = fyne.TextAlignCenter
	s.language = newChoice(labels(languageOptions()), -1, nil)
	s.language.PlaceHolder = " "
	s.language.OnChanged = func(string) { s.choose() }
	s.box = column(10,
		container.NewCenter(picture(AppIcon(), 72)),
		text,
		container.NewCenter(stacked(4,
			tickLine(tr("It finds new photos by itself")),
			tickLine(tr("It never changes the originals")),
			tickLine(tr("It works in the background")))),
		margin(field(tr("Language"), s.language), 10, 60),
		s.problem,
	)
	return s
}

func (s *welcomeStep) name() string               { return tr("Welcome to PhotoFerry") }
func (s *welcomeStep) content() fyne.CanvasObject { return s.box }
func (s *welcomeStep) retreat() bool              { return false }
func (s *welcomeStep) first() fyne.Focusable      { return nil }
func (s *welcomeStep) next()                      { s.g.forward(true, stepAccount) }
func (s *welcomeStep) buttons() (next, icon, skip string) {
	return tr("Next"), "next", ""
}

func (s *welcomeStep) enter() {
	s.setting = true
	s.language.SetSelectedIndex(slices.IndexFunc(languageOptions(), func(o option) bool { return o.value == s.g.win.status.Language }))
	s.setting = false
}

// choose makes another language the program's. The window follows the status,
// which tells of it.
func (s *welcomeStep) choose() {
	i := s.language.SelectedIndex()
	if s.setting || i < 0 {
		return
	}
	w, tag := s.g.win, languageOptions()[i].value
	w.call(func(ctx context.Context) error {
		_, err := w.client.ChangeGeneral(ctx, control.GeneralChange{Language: &tag})
		return err
	}, func(err error) {
		text := ""
		if err != nil {
			why, hint := explain(err)
			text = strings.TrimSpace(why + " " + hint)
			s.enter()
		}
		setLabel(s.problem, text, widget.DangerImportance)
		setShown(s.problem, err != nil)
		s.g.changed()
	})
}
