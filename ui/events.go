package ui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// eventsSheet lists the events: spans of time whose photos get words when they
// come in.
type eventsSheet struct {
	win    *Window
	sheet  *sheet
	list   *fyne.Container
	none   *widget.Label
	events []control.PlannedEvent
}

// showEvents opens the list of events.
func (w *Window) showEvents() {
	e := &eventsSheet{win: w, list: stacked(6)}
	e.none = wrapped(tr("Asking for the events …"), widget.LowImportance)
	e.sheet = w.newSheet(tr("Events"), form(
		wrapped(tr("Photos that were taken during an event get its title, tags and album when they come in. Photos that came in before keep theirs."), widget.MediumImportance),
		e.list, e.none,
	))
	e.sheet.buttons(e.sheet.closer(tr("Close")), newPrimary(tr("Add event"), "add", func() { w.editEvent(nil, e.events, e.ask) }))
	e.sheet.show()
	e.ask()
}

// ask gets the events.
func (e *eventsSheet) ask() {
	var events []control.PlannedEvent
	e.win.call(func(ctx context.Context) (err error) {
		events, err = e.win.client.Events(ctx)
		return err
	}, func(err error) {
		if err != nil {
			text, hint := explain(err)
			setLabel(e.none, strings.TrimSpace(text+" "+hint), widget.DangerImportance)
			e.none.Show()
			e.sheet.refit()
			return
		}
		e.events = events
		e.fill()
	})
}

func (e *eventsSheet) fill() {
	e.list.RemoveAll()
	for _, ev := range e.events {
		e.list.Add(e.row(ev))
	}
	setLabel(e.none, tr("There is no event yet. Add one for a wedding, a journey or a birthday."), widget.LowImportance)
	setShown(e.none, len(e.events) == 0)
	e.sheet.refit()
}

// row is one event of the list.
func (e *eventsSheet) row(ev control.PlannedEvent) fyne.CanvasObject {
	name, when, what := newText(ev.Name), newCaption(spanWords(ev.From, ev.To, e.win.now())), newCaption(eventWords(&ev))
	name.bold = true
	change := newButton(tr("Change"), "", func() { e.win.editEvent(&ev, e.events, e.ask) })
	remove := newButton("", "remove", func() { e.askRemove(ev.Name) })
	change.onEscape(e.sheet.hide)
	remove.onEscape(e.sheet.hide)
	return container.NewStack(newCard(), padded(
		container.NewBorder(nil, nil, nil, container.NewCenter(beside(4, change, remove)), stacked(1, name, when, what)), 8, 10))
}

// eventWords says what photos of an event get.
func eventWords(ev *control.PlannedEvent) string {
	var parts []string
	if ev.Title != "" {
		parts = append(parts, ev.Title)
	}
	if ev.Album != "" {
		parts = append(parts, tr("album {{.Name}}", fields{"Name": ev.Album}))
	}
	if len(ev.Tags) > 0 {
		parts = append(parts, tr("tags {{.Tags}}", fields{"Tags": strings.Join(ev.Tags, ", ")}))
	}
	if ev.Description != "" {
		parts = append(parts, tr("with a description"))
	}
	return strings.Join(parts, " · ")
}

func (e *eventsSheet) askRemove(name string) {
	w := e.win
	s := w.newSheet(tr("Remove the event “{{.Name}}”?", fields{"Name": shorten(clean(name), 40)}), wrapped(
		tr("Photos that have its words keep them. No photo is removed."), widget.MediumImportance))
	s.buttons(s.closer(tr("Cancel")), newPrimary(tr("Remove"), "remove", func() {
		s.hide()
		w.call(func(ctx context.Context) error { return w.client.RemoveEvent(ctx, name) }, func(err error) {
			if err != nil {
				w.fail(err)
				return
			}
			w.notice.say(tr("The event was removed"))
			e.ask()
		})
	}))
	s.show()
}
