package ui

import (
	"context"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

const (
	storiesShown = 20
	eventsShown  = 50
	eventTime    = 118 // width of when something happened
)

// whySheet asks for a photo, by name or by a file that is dropped on it, and
// tells why it is online, or why not.
type whySheet struct {
	win     *Window
	sheet   *sheet
	find    *entry
	body    *fyne.Container
	asked   string
	stories []control.Story
	told    int // story that is told, -1 for none
}

// findPhoto asks for a photo.
func (w *Window) findPhoto() { w.findNamed("") }

// why tells everything that is known about a file.
func (w *Window) why(path string) { w.findNamed(path) }

// findNamed opens the sheet with a name that is asked for, "" for none yet. One
// that is open is used again.
func (w *Window) findNamed(name string) {
	s := w.asking
	if s == nil || !s.onTop() {
		if name == "" && len(w.sheets) > 0 {
			return // another question is open
		}
		s = w.newWhySheet()
		s.sheet.show()
	}
	w.win.Canvas().Focus(s.find)
	if name != "" {
		s.look(name)
	}
}

func (w *Window) newWhySheet() *whySheet {
	s := &whySheet{win: w, body: stacked(4), told: -1}
	w.asking = s
	s.find = newEntry(tr("Name of the photo, or its path"))
	s.find.OnSubmitted = s.look
	look := newButton("", "scan", func() { s.look(s.find.Text) })
	s.body.Add(wrapped(tr("Type the name of a photo, or drop the file here. What is known about it is told from when it was first seen to its receipt."), widget.LowImportance))
	s.sheet = w.newSheet(tr("Why is a photo online, or why not?"), form(container.NewBorder(nil, nil, nil, look, s.find), s.body))
	s.sheet.buttons(s.sheet.closer(tr("Close")))
	return s
}

// onTop says that the sheet is what a drop is meant for.
func (s *whySheet) onTop() bool {
	n := len(s.win.sheets)
	return n > 0 && s.win.sheets[n-1] == s.sheet
}

// look asks for a name or a path.
func (s *whySheet) look(name string) {
	if name = strings.TrimSpace(name); name == "" {
		return
	}
	w := s.win
	s.asked = name
	s.find.SetText(clean(name))
	var stories []control.Story
	w.call(func(ctx context.Context) (err error) {
		stories, err = w.client.Why(ctx, name)
		return err
	}, func(err error) {
		switch {
		case s.asked != name: // something else is asked for by now
		case err != nil:
			w.fail(err)
		default:
			s.stories, s.told = stories, -1
			if len(stories) == 1 {
				s.told = 0
			}
			s.fill()
		}
	})
}

// fill tells the stories: of one file at once, of several the one that is
// chosen.
func (s *whySheet) fill() {
	s.body.RemoveAll()
	n := len(s.stories)
	switch {
	case n == 0:
		s.body.Add(wrapped(tr("Nothing is known about this file."), widget.MediumImportance))
	case n > 1:
		s.body.Add(wrapped(trn("{{.N}} files have this name. Which one is it?", n), widget.MediumImportance))
	}
	for i := range s.stories[:min(n, storiesShown)] {
		st := &s.stories[i]
		if n > 1 {
			s.body.Add(s.choice(i, st))
		}
		if i == s.told {
			s.story(st)
		}
	}
	if more := n - storiesShown; more > 0 {
		s.body.Add(newCaption(trn("and {{.N}} more files of that name", more)))
	}
	s.win.wire(s.body, s.sheet)
	s.sheet.refit()
}

// choice is the button of one of several files.
func (s *whySheet) choice(i int, st *control.Story) fyne.CanvasObject {
	name := "fold-shut"
	if i == s.told {
		name = "fold-open"
	}
	b := newButton(shortenFront(clean(shortPath(st.Path, s.win.home)), 56), name, func() {
		if s.told == i {
			s.told = -1
		} else {
			s.told = i
		}
		s.fill()
	})
	b.Alignment, b.Importance = widget.ButtonAlignLeading, widget.LowImportance
	return b
}

// shortenFront cuts the beginning of a text of more than n letters: of a path
// the end tells more.
func shortenFront(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return "…" + string(r[len(r)-n+1:])
	}
	return s
}

// story adds one file's story.
func (s *whySheet) story(st *control.Story) {
	w := s.win
	verdict := wrapped(clean(engine(st.Verdict)), widget.MediumImportance)
	verdict.TextStyle.Bold = true
	s.body.Add(verdict)
	where := wrapped(clean(shortPath(st.Path, w.home)), widget.LowImportance)
	where.Wrapping, where.Selectable = fyne.TextWrapBreak, true
	s.body.Add(tight(where))
	for i := range st.Accounts {
		s.account(st, &st.Accounts[i])
	}
	if st.Exists && len(st.Accounts) == 0 && filepath.IsAbs(st.Path) {
		path := st.Path
		s.body.Add(container.NewHBox(newButton(tr("Add this photo"), "add-photo", func() { s.sheet.hide(); w.offer([]string{path}) })))
	}
	if len(st.Events) > 0 {
		s.events(st.Events)
	}
}

// account says what a file's state is for one account, with what can be done.
func (s *whySheet) account(st *control.Story, a *control.StoryAccount) {
	w := s.win
	pic := icon{"state-gone", colorMuted}
	if m, ok := w.scene().storyMark(a); ok {
		pic = icon{m.icon, m.hue}
	}
	text := wrapped(clean(a.Account+": "+engine(a.Text)), widget.MediumImportance)
	s.body.Add(container.NewBorder(nil, nil, container.NewVBox(padded(picture(pic, 18), 8, 4)), nil, text))
	if a.Hint != "" {
		s.body.Add(padded(tight(wrapped(clean(engine(a.Hint)), widget.LowImportance)), 0, 26))
	}
	var items []menuItem
	if j := a.Job; j != nil {
		r := row{rowKey: rowKey{photoKey: photoKey{st.Path, st.SHA256}}, jobs: []*control.Job{j}}
		items = w.jobActions([]*row{&r})
	}
	if r := a.Record; r != nil {
		items = append(items, menuItem{tr("Details"), "details", func() { w.details([]*control.Record{r}) }})
		if r.URL != "" {
			items = append(items, menuItem{tr("Open on the server"), "open", func() { w.openURL(r.URL) }})
		}
	}
	if len(items) == 0 {
		return
	}
	line := container.New(linesLayout{4, sheetWidth - 90})
	for _, it := range items {
		b := newButton(it.label, it.icon, it.run)
		b.Importance = widget.LowImportance
		line.Add(b)
	}
	s.body.Add(padded(line, 0, 22))
}

// events tells what happened, from the first to the last.
func (s *whySheet) events(events []control.Event) {
	s.body.Add(padded(newCaption(tr("What happened")), 6, 8))
	if n := len(events) - eventsShown; n > 0 {
		s.body.Add(padded(newCaption(trn("{{.N}} earlier events", n)), 0, 8))
		events = events[n:]
	}
	now := s.win.now()
	for _, e := range events {
		parts := []string{capital(engine(e.What))}
		for _, p := range []string{e.Account, engine(e.Text)} {
			if p != "" {
				parts = append(parts, p)
			}
		}
		text := newText(strings.Join(parts, " · "))
		text.size = theme.SizeNameCaptionText
		s.body.Add(padded(container.New(leadLayout{eventTime}, newCaption(say.Clock(e.At, now)), text), 1, 8))
	}
}
