package cli

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

type shootsCmd struct {
	Gap time.Duration `default:"2h" help:"A shoot ends where no photo was taken for this long, such as 30m." placeholder:"DURATION"`
}

type shootList struct {
	Shoots []control.Shoot `json:"shoots"`
}

// Run lists shoots, oldest first.
func (c *shootsCmd) Run(s *session) error {
	if c.Gap <= 0 {
		return usage("--gap must be positive", "Write it like 2h or 30m.")
	}
	return s.with(func(cl *control.Client) error {
		shoots, err := cl.Shoots(s.ctx, c.Gap)
		if err != nil {
			return err
		}
		return s.show(shootList{shoots}, func(w io.Writer) {
			if len(shoots) == 0 {
				fmt.Fprintln(w, "No photos are waiting, and none was delivered lately.")
				return
			}
			t := newTable(w, "FROM", "TO", "PHOTOS", "LEFT", "DELIVERED", "WORDS")
			for _, sh := range shoots {
				left := strconv.Itoa(sh.Jobs)
				if sh.Held > 0 {
					left += fmt.Sprintf(" (%d cooling)", sh.Held)
				}
				t.row(moment(sh.From), moment(sh.To), strconv.Itoa(sh.Photos), left, strconv.Itoa(sh.Delivered),
					wordsOf(sh.Title, sh.Description, sh.Tags, sh.Album))
			}
			t.end()
		})
	})
}

type describeCmd struct {
	From        string   `required:"" help:"When the first of them was taken." placeholder:"TIME"`
	To          string   `required:"" help:"When the last of them was taken." placeholder:"TIME"`
	Account     []string `help:"Only for this account; repeat it for more." placeholder:"NAME" sep:"none"`
	Title       *string  `help:"Title, or a template for it; empty for the photo's own." placeholder:"TEMPLATE"`
	Description *string  `help:"Description; empty for the photo's own." placeholder:"TEXT"`
	Tag         []string `help:"Tag, or a template for it; repeat it for more, once empty for none." placeholder:"TEMPLATE" sep:"none"`
	Album       *string  `help:"Album, or a template for it; empty for the account's own." placeholder:"TEMPLATE"`
	Release     bool     `help:"Also end their cooling time."`
}

// Run gives words to the photos of a shoot.
func (c *describeCmd) Run(s *session) error {
	from, to, err := span(c.From, c.To)
	if err != nil {
		return err
	}
	d := control.Description{
		From: from, To: to, Accounts: c.Account, Title: c.Title, Description: c.Description, Album: c.Album, Release: c.Release,
	}
	if len(c.Tag) > 0 {
		tags := []string{}
		givenList(&tags, c.Tag)
		d.Tags = &tags
	}
	return s.with(func(cl *control.Client) error {
		done, err := cl.Describe(s.ctx, d)
		if err != nil {
			return err
		}
		return s.show(done, func(w io.Writer) {
			fmt.Fprintf(w, "Changed: %d.\n", done.Count)
			if done.Leaving > 0 {
				fmt.Fprintf(w, "On their way, and left as they were: %d.\n", done.Leaving)
			}
			if done.Delivered > 0 {
				fmt.Fprintf(w, "Delivered before, and left as they are there: %d.\n", done.Delivered)
			}
		})
	})
}

type eventCmd struct {
	Add    eventAddCmd    `cmd:"" help:"Give words to photos that will be taken in a span of time."`
	List   eventListCmd   `cmd:"" help:"All events."`
	Remove eventRemoveCmd `cmd:"" help:"Remove an event; photos that have its words keep them."`
}

type eventAddCmd struct {
	Name        string   `arg:"" help:"What to call it here; an event of that name is replaced."`
	From        string   `required:"" help:"When it begins." placeholder:"TIME"`
	To          string   `required:"" help:"When it ends." placeholder:"TIME"`
	Title       string   `help:"Title of its photos, or a template for it." placeholder:"TEMPLATE"`
	Description string   `help:"Description of its photos." placeholder:"TEXT"`
	Tag         []string `help:"Tag for its photos, or a template; repeat it for more." placeholder:"TEMPLATE" sep:"none"`
	Album       string   `help:"Album, or a template for it." placeholder:"TEMPLATE"`
}

type eventAdded struct {
	Event control.PlannedEvent `json:"event"`
}

// Run adds an event.
func (c *eventAddCmd) Run(s *session) error {
	from, to, err := span(c.From, c.To)
	if err != nil {
		return err
	}
	e := control.PlannedEvent{Name: c.Name, From: from, To: to, Title: c.Title, Description: c.Description, Tags: c.Tag, Album: c.Album}
	return s.with(func(cl *control.Client) error {
		if err := cl.SetEvent(s.ctx, e); err != nil {
			return err
		}
		return s.show(eventAdded{e}, func(w io.Writer) {
			fmt.Fprintf(w, "Photos taken from %s to %s get the words of %s when they come in.\n", moment(from), moment(to), printable(c.Name))
		})
	})
}

type eventListCmd struct{}

type eventList struct {
	Events []control.PlannedEvent `json:"events"`
}

// Run lists the events.
func (eventListCmd) Run(s *session) error {
	return s.with(func(cl *control.Client) error {
		events, err := cl.Events(s.ctx)
		if err != nil {
			return err
		}
		return s.show(eventList{events}, func(w io.Writer) {
			if len(events) == 0 {
				fmt.Fprintln(w, "No events. photoferry event add NAME --from TIME --to TIME --title TITLE adds one.")
				return
			}
			t := newTable(w, "EVENT", "FROM", "TO", "WORDS")
			for _, e := range events {
				t.row(e.Name, moment(e.From), moment(e.To), wordsOf(e.Title, e.Description, e.Tags, e.Album))
			}
			t.end()
		})
	})
}

type eventRemoveCmd struct {
	Name string `arg:"" help:"Event."`
}

// Run removes an event.
func (c *eventRemoveCmd) Run(s *session) error {
	return s.with(func(cl *control.Client) error {
		if err := cl.RemoveEvent(s.ctx, c.Name); err != nil {
			return err
		}
		return s.show(removed{c.Name}, func(w io.Writer) {
			fmt.Fprintf(w, "%s is removed. Photos that have its words keep them.\n", printable(c.Name))
		})
	})
}

// wordsOf writes what photos are given in one line.
func wordsOf(title, description string, tags []string, album string) string {
	var out []string
	for _, p := range []struct{ what, value string }{{"title ", title}, {"description ", description}, {"album ", album}} {
		if p.value != "" {
			out = append(out, p.what+p.value)
		}
	}
	for _, t := range tags {
		out = append(out, "tag "+t)
	}
	return strings.Join(out, ", ")
}

// momentLayout is how times are shown, so that they can be typed again.
const momentLayout = "2006-01-02T15:04:05"

func moment(t time.Time) string { return t.Local().Format(momentLayout) }

// momentLayouts are the ways of typing a time, each with how long it is.
var momentLayouts = []struct {
	layout string
	unit   time.Duration // 0: a day
}{
	{"2006-01-02", 0}, {"2006-01-02T15:04", time.Minute}, {momentLayout, time.Second}, {time.RFC3339, time.Second},
}

// span reads the ends of a span of time. A day, minute or second counts as a
// whole, so that "to" is included.
func span(from, to string) (first, last time.Time, err error) {
	if first, _, err = readMoment("--from", from); err != nil {
		return first, last, err
	}
	_, last, err = readMoment("--to", to)
	if err == nil && last.Before(first) {
		err = usage("--to lies before --from", "Name the earlier time with --from.")
	}
	return first, last, err
}

// readMoment returns the first and the last moment of what was typed.
func readMoment(flag, text string) (first, last time.Time, err error) {
	text = strings.Replace(strings.TrimSpace(text), " ", "T", 1)
	i := slices.IndexFunc(momentLayouts, func(l struct {
		layout string
		unit   time.Duration
	}) bool {
		first, err = time.ParseInLocation(l.layout, text, time.Local)
		return err == nil
	})
	if i < 0 {
		return first, last, usage(fmt.Sprintf("%s: %q is not a time", flag, text), "Write it like 2026-05-01, 2026-05-01T14:30 or 2026-05-01T14:30:00+02:00.")
	}
	if unit := momentLayouts[i].unit; unit > 0 {
		return first, first.Truncate(time.Second).Add(unit - 1), nil
	}
	return first, first.AddDate(0, 0, 1).Add(-1), nil
}
