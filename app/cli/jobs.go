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

// pageSize is how many rows are asked for at once.
const pageSize = 1000

type listCmd struct {
	State   string `help:"Only this state: ready, leased, waiting, failed or skipped." placeholder:"STATE"`
	Account string `help:"Only this account." placeholder:"NAME"`
	Limit   int    `help:"At most this many; all when left out." placeholder:"N"`
}

var jobStates = []string{"ready", "leased", "waiting", "failed", "skipped"}

// Run lists jobs.
func (c *listCmd) Run(s *session) error {
	if c.State != "" && !slices.Contains(jobStates, c.State) {
		return usage(fmt.Sprintf("There is no state %q", c.State), "States: "+strings.Join(jobStates, ", "))
	}
	if c.Limit < 0 {
		return usage("--limit must not be negative", "Leave it away for all.")
	}
	return s.with(func(cl *control.Client) error {
		q := control.JobQuery{State: c.State, Account: c.Account}
		return pages(s, "jobs", c.Limit, []string{"ID", "STATE", "ACCOUNT", "PHOTO", "SIZE", "REASON"},
			func(after string, limit int) ([]control.Job, string, error) {
				q.After, q.Limit = after, limit
				p, err := cl.Jobs(s.ctx, q)
				return p.Jobs, p.Next, err
			}, jobRow)
	})
}

func jobRow(j control.Job) []string {
	reason := j.Error
	switch {
	case j.Cooling && j.Due != nil:
		reason = "cooling until " + j.Due.Local().Format("15:04:05")
	case j.Due != nil:
		reason += fmt.Sprintf(" (again %s)", ago(*j.Due))
	}
	return []string{strconv.FormatUint(j.ID, 10), j.State, j.Account, j.Path, size(j.Size), reason}
}

// pages prints a list that comes in pages, without holding more than one.
func pages[T any](s *session, name string, limit int, head []string, page func(after string, limit int) ([]T, string, error), row func(T) []string) error {
	list := s.newList(name)
	shown, after := 0, ""
	for {
		want := pageSize
		if limit > 0 {
			want = min(want, limit-shown)
		}
		rows, next, err := page(after, want)
		if err != nil {
			if s.json {
				return list.fail(s, err)
			}
			return err
		}
		if s.json {
			for _, r := range rows {
				list.item(r)
			}
		} else if len(rows) > 0 {
			t := newTable(s.out)
			if shown == 0 {
				t.row(head...)
			}
			for _, r := range rows {
				t.row(row(r)...)
			}
			t.end()
		}
		shown += len(rows)
		if after = next; after == "" || limit > 0 && shown >= limit {
			break
		}
	}
	if s.json {
		return list.end(nil)
	}
	if shown == 0 {
		s.note("Nothing here.")
	}
	return nil
}

type retryCmd struct {
	ID    []uint64 `arg:"" optional:"" name:"id" help:"Numbers from photoferry list; all when left out."`
	Again bool     `xor:"word" help:"Send although the photo may be there already."`
	Sent  bool     `xor:"word" help:"Do not send: you have seen that the photo is there."`
}

// Run makes jobs ready again.
func (c *retryCmd) Run(s *session) error {
	if (c.Again || c.Sent) && len(c.ID) == 0 {
		return usage("No photo was named", "photoferry list --state failed shows their numbers.")
	}
	return s.with(func(cl *control.Client) error {
		do, done := cl.Retry, "tried again"
		switch {
		case c.Again:
			do = cl.Again
		case c.Sent:
			do, done = cl.Sent, "marked as sent"
		}
		n, err := do(s.ctx, c.ID)
		if err != nil {
			return err
		}
		return s.show(control.Done{Count: n}, func(w io.Writer) {
			fmt.Fprintf(w, "%s %s.\n", count(n, "photo"), done)
		})
	})
}

type cancelCmd struct {
	ID []uint64 `arg:"" name:"id" help:"Numbers from photoferry list."`
}

// Run removes jobs.
func (c *cancelCmd) Run(s *session) error {
	return s.with(func(cl *control.Client) error {
		n, err := cl.Cancel(s.ctx, c.ID)
		if err != nil {
			return err
		}
		return s.show(control.Done{Count: n}, func(w io.Writer) {
			fmt.Fprintf(w, "%s taken out of the queue. The files stay where they are.\n", count(n, "photo"))
		})
	})
}

type pauseCmd struct {
	Duration string `arg:"" optional:"" help:"How long, such as 10m or 1h, or tomorrow; until resumed when left out."`
	Account  string `help:"Only this account." placeholder:"NAME"`
}

type paused struct {
	Paused  bool       `json:"paused"`
	Account string     `json:"account,omitempty"`
	Until   *time.Time `json:"until,omitempty"`
}

// Run pauses the engine.
func (c *pauseCmd) Run(s *session) error {
	until, err := pauseEnd(c.Duration, time.Now())
	if err != nil {
		return err
	}
	return s.withEngine(func(cl *control.Client) error {
		if err := cl.Pause(s.ctx, control.PauseRequest{Account: c.Account, Until: until}); err != nil {
			return err
		}
		return s.show(paused{true, c.Account, until}, func(w io.Writer) {
			if until == nil {
				fmt.Fprintln(w, "Paused. photoferry resume ends it.")
				return
			}
			fmt.Fprintf(w, "Paused until %s.\n", until.Format("Mon 15:04"))
		})
	})
}

// pauseEnd reads a duration, or "tomorrow": the next midnight here. nil is
// without end.
func pauseEnd(text string, now time.Time) (*time.Time, error) {
	switch text {
	case "":
		return nil, nil
	case "tomorrow":
		t := time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, now.Location())
		return &t, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d <= 0 {
		return nil, usage(fmt.Sprintf("%q is not a duration", text), "Write it like 10m or 1h30m, or tomorrow.")
	}
	t := now.Add(d)
	return &t, nil
}

type resumeCmd struct {
	Account string `help:"Only this account." placeholder:"NAME"`
}

// Run ends the pause.
func (c *resumeCmd) Run(s *session) error {
	return s.withEngine(func(cl *control.Client) error {
		if err := cl.Resume(s.ctx, c.Account); err != nil {
			return err
		}
		return s.show(paused{false, c.Account, nil}, func(w io.Writer) { fmt.Fprintln(w, "Going on.") })
	})
}

type releaseCmd struct {
	Dir string `arg:"" optional:"" help:"Folder; all when left out."`
}

// Run ends the cooling time.
func (c *releaseCmd) Run(s *session) error {
	dir := ""
	if c.Dir != "" {
		var err error
		if dir, err = absolute(c.Dir); err != nil {
			return err
		}
	}
	return s.withEngine(func(cl *control.Client) error {
		n, err := cl.Release(s.ctx, dir)
		if err != nil {
			return err
		}
		return s.show(control.Done{Count: n}, func(w io.Writer) { fmt.Fprintf(w, "%s released.\n", count(n, "photo")) })
	})
}
