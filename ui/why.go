package ui

import (
	"context"
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

const (
	storiesShown = 5
	eventsShown  = 50
)

// why shows everything that is known about a file.
func (w *Window) why(path string) {
	var stories []control.Story
	w.call(func(ctx context.Context) (err error) {
		stories, err = w.client.Why(ctx, path)
		return err
	}, func(err error) {
		if err != nil {
			w.fail(err)
			return
		}
		w.tell(path, stories)
	})
}

func (w *Window) tell(path string, stories []control.Story) {
	body := stacked(4)
	if len(stories) == 0 {
		body.Add(wrapped(tr("Nothing is known about this file."), widget.MediumImportance))
	}
	for i := range stories[:min(len(stories), storiesShown)] {
		w.story(body, &stories[i])
	}
	if n := len(stories) - storiesShown; n > 0 {
		body.Add(newCaption(trn("and {{.N}} more files of that name", n)))
	}
	s := w.newSheet(clean(filepath.Base(path)), body)
	s.buttons(s.closer(tr("Close")))
	s.show()
}

// story adds one file's story to a sheet.
func (w *Window) story(body *fyne.Container, s *control.Story) {
	verdict := wrapped(clean(s.Verdict), widget.MediumImportance)
	verdict.TextStyle.Bold = true
	body.Add(verdict)
	where := wrapped(clean(shortPath(s.Path, w.home)), widget.LowImportance)
	where.Wrapping, where.Selectable = fyne.TextWrapBreak, true
	body.Add(where)
	for _, a := range s.Accounts {
		text := newText(a.Account + ": " + a.Text)
		text.color = theme.ColorNameForeground
		body.Add(padded(text, 2, 8))
		if a.Hint != "" {
			body.Add(wrapped(clean(a.Hint), widget.LowImportance))
		}
		if a.Job != nil && unsure(a.Job) {
			p := picked{[]uint64{a.Job.ID}, 1, []string{a.Account}}
			body.Add(beside(4,
				newButton(tr("Send again"), "send-again", func() { w.askAgain(p) }),
				newButton(tr("Mark as sent"), "check", func() { w.askSent(p) })))
		}
		if a.Record != nil && a.Record.URL != "" {
			url := a.Record.URL
			open := newButton(tr("Open on the server"), "open", func() { w.openURL(url) })
			open.Importance = widget.LowImportance
			open.Alignment = widget.ButtonAlignLeading
			body.Add(open)
		}
	}
	if len(s.Events) > 0 {
		body.Add(padded(newCaption(tr("What happened")), 6, 8))
	}
	now := w.now()
	events := s.Events
	if n := len(events) - eventsShown; n > 0 {
		body.Add(padded(newCaption(trn("{{.N}} earlier events", n)), 0, 8))
		events = events[n:]
	}
	for _, e := range events {
		text := say.Clock(e.At, now) + "  " + e.What
		if e.Account != "" {
			text += ", " + e.Account
		}
		if e.Text != "" {
			text += ": " + e.Text
		}
		body.Add(padded(newCaption(text), 1, 8))
	}
}
