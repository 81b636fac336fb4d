package ui

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// albumRules are the rules for albums that most people want; the last is their
// own.
var albumRules = []struct{ label, template string }{
	{later("An album for each month"), "{date:2006}/{date:2006-01}"},
	{later("An album for each day"), "{date:2006}/{date:2006-01-02}"},
	{later("An album for each sub-folder"), "{path}"},
	{later("No album"), ""},
	{later("A rule of my own"), ""},
}

const ownRule = 4 // of albumRules

// albumStep says by what rule photos get their album, with an example from the
// chosen folder.
type albumStep struct {
	g       *wizard
	box     *fyne.Container
	rule    *choice
	own     *entry
	ownBox  *fyne.Container
	problem *widget.Label
	example *widget.Label
	typed   int // how often something was

	asked  string // the template of the last question
	good   bool   // which was answered without a complaint
	asking bool
	ahead  bool // go forward when it is answered well
}

func newAlbumStep(g *wizard) *albumStep {
	s := &albumStep{g: g, problem: wrapped("", widget.DangerImportance), example: wrapped("", widget.MediumImportance)}
	s.problem.Hide()
	names := make([]string, len(albumRules))
	for i, r := range albumRules {
		names[i] = tr(r.label)
	}
	s.rule = newChoice(names, g.made.rule, func(string) { s.choose() })
	s.own = newEntry("{date:2006}/{folder}")
	s.own.SetText(g.made.own)
	s.own.OnChanged = func(string) { s.typing() }
	s.ownBox = column(2, s.own, note(tr("Fields are {folder}, {parent}, {path}, {name}, {camera}, {year} and {date:2006-01-02}; a “/” begins an album inside another.")))
	s.box = column(10,
		wrapped(tr("How are the photos put into albums? Where a service has no albums, this is left out."), widget.MediumImportance),
		field(tr("Albums"), s.rule), s.ownBox, s.problem,
		carded(column(2, margin(newCaption(tr("For example")), 4, settingInset), s.example), 6, 6),
	)
	return s
}

func (s *albumStep) name() string               { return tr("Albums") }
func (s *albumStep) content() fyne.CanvasObject { return s.box }
func (s *albumStep) retreat() bool              { return false }

func (s *albumStep) buttons() (next, icon, skip string) {
	return tr("Next"), "next", tr("Skip")
}

func (s *albumStep) first() fyne.Focusable {
	if s.g.made.rule == ownRule {
		return s.own
	}
	return nil
}

func (s *albumStep) enter() {
	s.ahead = false
	setShown(s.ownBox, s.g.made.rule == ownRule)
	s.ask()
}

// template is the rule that is chosen now.
func (s *albumStep) template() string {
	if s.g.made.rule == ownRule {
		return strings.TrimSpace(s.g.made.own)
	}
	return albumRules[s.g.made.rule].template
}

func (s *albumStep) choose() {
	s.g.made.rule = max(s.rule.SelectedIndex(), 0)
	setShown(s.ownBox, s.g.made.rule == ownRule)
	if s.g.made.rule == ownRule {
		s.g.win.win.Canvas().Focus(s.own)
	}
	s.ask()
}

// typing takes over what was typed, after a pause.
func (s *albumStep) typing() {
	s.g.made.own = s.own.Text
	s.typed++
	typed := s.typed
	s.g.win.after(typingPause, func() {
		if typed == s.typed {
			s.ask()
		}
	})
}

// ask asks what the rule makes of a photo of the folder.
func (s *albumStep) ask() {
	w, m := s.g.win, s.g.made
	spec := m.folder
	spec.Album = s.template()
	if s.asking {
		return // asked again when the answer is there
	}
	s.asked, s.asking, s.good = spec.Album, true, false
	s.g.changed()
	var p control.FolderPreview
	w.call(func(ctx context.Context) (err error) {
		p, err = w.client.PreviewFolder(ctx, spec, "")
		return err
	}, func(err error) {
		s.asking = false
		if s.asked != s.template() {
			s.ask()
			return
		}
		s.answer(&p, err)
	})
}

func (s *albumStep) answer(p *control.FolderPreview, err error) {
	m := s.g.made
	s.good = err == nil
	text := ""
	if err != nil {
		why, hint := explain(err)
		text = strings.TrimSpace(clean(why + " " + hint))
		s.ahead = false
	} else {
		m.preview, m.folder.Album = *p, s.asked
	}
	setLabel(s.problem, text, widget.DangerImportance)
	setShown(s.problem, text != "")
	setLabel(s.example, s.words(), widget.MediumImportance)
	if s.g.changed(); s.ahead {
		s.g.forward(true, stepForecast)
	}
}

// words say what becomes of the example.
func (s *albumStep) words() string {
	p := &s.g.made.preview
	if !s.good {
		return tr("With this rule, none.")
	}
	if p.Path == "" {
		return tr("No photo is in this folder yet that could show it.")
	}
	text := clean(filepath.Base(p.Path))
	if p.Taken != nil {
		text = tr("{{.Name}}, taken on {{.Day}}", fields{"Name": text, "Day": say.Day(*p.Taken, "2 Jan 2006")})
	}
	if p.Album == "" {
		return text + "\n" + tr("goes into no album.")
	}
	return text + "\n" + tr("goes into the album {{.Album}}", fields{"Album": clean(strings.ReplaceAll(p.Album, "/", " › "))})
}

// next goes on once the engine has found the rule good.
func (s *albumStep) next() {
	s.typed++ // what waits for a pause is asked now
	if s.asking || s.asked != s.template() || !s.good {
		s.ahead = true
		s.ask()
		return
	}
	s.g.forward(true, stepForecast)
}

// skipped takes the rule back, so that there is none.
func (s *albumStep) skipped() {
	s.g.made.folder.Album = ""
	s.g.made.rule = slices.IndexFunc(albumRules[:ownRule], func(r struct{ label, template string }) bool { return r.template == "" })
	s.rule.Selected = tr(albumRules[s.g.made.rule].label)
	s.rule.Refresh()
}
