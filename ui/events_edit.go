package ui

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// eventSheet asks for an event, a new one or one that is changed. What is wrong
// is said at the input that it is about.
type eventSheet struct {
	win    *Window
	sheet  *sheet
	old    control.PlannedEvent   // zero for a new one
	others []control.PlannedEvent // all that there are
	saved  func()

	name, from, to, album, title, tags *judged
	problem                            *judged // of no input alone
	save                               *button
}

// judged is an input with what is wrong about it below.
type judged struct {
	*entry // nil where there is no input
	wrong  *widget.Label
}

func newJudged(placeholder, text string) *judged {
	j := &judged{newEntry(placeholder), wrapped("", widget.DangerImportance)}
	j.SetText(text)
	j.wrong.Hide()
	return j
}

func (j *judged) text() string { return strings.TrimSpace(j.Text) }

func (j *judged) say(text string) {
	setLabel(j.wrong, clean(text), widget.DangerImportance)
	setShown(j.wrong, text != "")
}

func (j *judged) field(caption string, beside fyne.CanvasObject) fyne.CanvasObject {
	input := fyne.CanvasObject(j.entry)
	if beside != nil {
		input = container.NewBorder(nil, nil, nil, beside, j.entry)
	}
	return stacked(2, newCaption(caption), input, j.wrong)
}

// editEvent opens the sheet; ev is nil for a new event. others are all that
// there are. saved is called after it was saved.
func (w *Window) editEvent(ev *control.PlannedEvent, others []control.PlannedEvent, saved func()) {
	e := &eventSheet{win: w, others: others, saved: saved}
	w.planning = e
	title := tr("Add event")
	if ev != nil {
		e.old, title = *ev, tr("Change the event")
	}
	here := w.now().Location()
	example := time.Date(w.now().Year(), time.May, 1, 14, 0, 0, 0, here)
	e.name = newJudged(tr("Anna's wedding"), e.old.Name)
	e.from = newJudged(momentText(example), momentText(e.old.From.In(here)))
	e.to = newJudged(momentText(example.Add(9*time.Hour)), momentText(e.old.To.In(here)))
	e.album = newJudged(tr("None"), e.old.Album)
	e.title = newJudged(tr("As in the photo"), e.old.Title)
	e.tags = newJudged(tr("Besides those in the photo, with commas between them"), strings.Join(e.old.Tags, ", "))
	e.problem = &judged{wrong: wrapped("", widget.DangerImportance)}
	e.problem.wrong.Hide()
	pick := newButton(tr("Choose"), "album", func() {
		w.pickAlbum(w.newTargets(nil).names, e.album.Text, e.album.SetText)
	})
	e.sheet = w.newSheet(title, form(
		e.name.field(tr("Name"), nil),
		container.NewGridWithColumns(2, e.from.field(tr("From"), nil), e.to.field(tr("To, included"), nil)),
		e.title.field(tr("Title"), nil),
		e.album.field(tr("Album"), pick),
		e.tags.field(tr("Tags"), nil),
		e.problem.wrong,
	))
	e.save = newPrimary(tr("Save"), "tick", e.run)
	e.sheet.buttons(e.sheet.closer(tr("Cancel")), e.save)
	e.sheet.show()
	w.win.Canvas().Focus(e.name.entry)
}

// request reads the sheet. It says at the inputs what cannot be; false then.
func (e *eventSheet) request() (control.PlannedEvent, bool) {
	ev := control.PlannedEvent{
		Name: e.name.text(), Title: e.title.text(), Description: e.old.Description, Album: e.album.text(), Tags: splitTags(e.tags.Text),
	}
	for _, j := range []*judged{e.name, e.from, e.to, e.album, e.title, e.tags, e.problem} {
		j.say("")
	}
	good := true
	wrong := func(j *judged, text string) {
		good = false
		j.say(text)
	}
	switch taken := slices.ContainsFunc(e.others, func(o control.PlannedEvent) bool {
		return strings.EqualFold(o.Name, ev.Name) && o.Name != e.old.Name
	}); {
	case ev.Name == "":
		wrong(e.name, tr("Give the event a name."))
	case taken:
		wrong(e.name, tr("There is an event of this name already."))
	}
	here := e.win.now().Location()
	var ok, until bool
	if ev.From, ok = e.moment(e.from, e.old.From, false, here); !ok {
		good = false
	}
	if ev.To, until = e.moment(e.to, e.old.To, true, here); !until {
		good = false
	}
	if ok && until && ev.To.Before(ev.From) {
		wrong(e.to, tr("The event ends before it begins."))
	}
	if ev.Title == "" && ev.Description == "" && ev.Album == "" && len(ev.Tags) == 0 {
		wrong(e.problem, tr("Say what its photos get: a title, an album or tags."))
	}
	return ev, good
}

// moment reads one end of the span. What was not touched stays as it was to the
// second.
func (e *eventSheet) moment(j *judged, old time.Time, end bool, here *time.Location) (time.Time, bool) {
	text := j.text()
	if !old.IsZero() && text == momentText(old.In(here)) {
		return old, true
	}
	t, ok := readMoment(text, end, here)
	if !ok {
		j.say(tr("Write it like {{.Example}}.", fields{"Example": j.PlaceHolder}))
	}
	return t, ok
}

func (e *eventSheet) run() {
	w := e.win
	ev, ok := e.request()
	if !ok {
		e.sheet.refit()
		return
	}
	e.save.enable(false)
	old := e.old.Name
	w.call(func(ctx context.Context) error {
		if err := w.client.SetEvent(ctx, ev); err != nil {
			return err
		}
		if old != "" && !strings.EqualFold(old, ev.Name) {
			return w.client.RemoveEvent(ctx, old) // it has another name now
		}
		return nil
	}, func(err error) {
		e.save.enable(true)
		if err != nil {
			e.blame(err, &ev)
			return
		}
		e.sheet.hide()
		w.notice.say(tr("The event is kept. It is for photos that come in from now on."))
		e.saved()
	})
}

// blame says at its input what the engine does not take.
func (e *eventSheet) blame(err error, ev *control.PlannedEvent) {
	message := err.Error()
	if p, ok := errors.AsType[*control.Problem](err); ok {
		message = p.Message // in the engine's English, whatever the window speaks
	}
	j := e.problem
	about := func(s string) bool { return s != "" && strings.Contains(message, strconv.Quote(s)) }
	key := func(s string) bool { return strings.Contains(message, "event's "+strconv.Quote(s)) }
	switch {
	case ev.Album != "" && strings.Contains(message, "album"):
		j = e.album
	case key("name"):
		j = e.name
	case key("from"):
		j = e.from
	case key("to"):
		j = e.to
	case about(ev.Title), key("title"):
		j = e.title
	case key("tags"), slices.ContainsFunc(ev.Tags, about), strings.Contains(message, "too many tags"):
		j = e.tags
	}
	text, hint := explain(err)
	j.say(strings.TrimSpace(text + " " + hint))
	e.sheet.refit()
}
