package app

import (
	"fmt"
	"slices"
	"strings"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/settings"
)

// Events implements [control.ShootEngine]: in the order of time.
func (a *App) Events() ([]control.PlannedEvent, error) {
	out := []control.PlannedEvent{}
	for _, e := range a.Settings().Events {
		out = append(out, control.PlannedEvent{
			Name: e.Name, From: e.From, To: e.To, Title: e.Title, Description: e.Description, Tags: slices.Clone(e.Tags), Album: e.Album,
		})
	}
	slices.SortStableFunc(out, func(x, y control.PlannedEvent) int { return x.From.Compare(y.From) })
	return out, nil
}

// SetEvent implements [control.ShootEngine].
func (a *App) SetEvent(p control.PlannedEvent) error {
	e := settings.Event{
		Name: strings.TrimSpace(p.Name), From: p.From, To: p.To,
		Title: p.Title, Description: p.Description, Tags: cleanTags(p.Tags), Album: p.Album,
	}
	if err := checkEvent(e); err != nil {
		return err
	}
	return a.updateSettings(func(s *settings.Settings) error {
		if i := eventNamed(s.Events, e.Name); i >= 0 {
			s.Events[i] = e
			return nil
		}
		s.Events = append(s.Events, e)
		return nil
	})
}

// checkEvent tells a person what is wrong with an event.
func checkEvent(e settings.Event) error {
	if e.Title == "" && e.Description == "" && len(e.Tags) == 0 && e.Album == "" {
		return problem(2, "The event says nothing about its photos", "Give it a title, a description, tags or an album.")
	}
	if err := (words{e.Title, e.Description, e.Tags}).check(); err != nil {
		return err
	}
	if err := checkAlbum(e.Album); err != nil {
		return err
	}
	s := settings.Default()
	s.Events = []settings.Event{e}
	if found := s.Validate(nil); len(found) > 0 {
		what := strings.TrimPrefix(found[0].Key, "event.")
		return problem(2, fmt.Sprintf("The event's %q: %s", what, found[0].Message), found[0].Hint)
	}
	return nil
}

// RemoveEvent implements [control.ShootEngine].
func (a *App) RemoveEvent(name string) error {
	return a.updateSettings(func(s *settings.Settings) error {
		i := eventNamed(s.Events, strings.TrimSpace(name))
		if i < 0 {
			return problem(1, fmt.Sprintf("There is no event named %q", name), "`photoferry event list` shows the names.")
		}
		s.Events = slices.Delete(s.Events, i, i+1)
		return nil
	})
}

func eventNamed(events []settings.Event, name string) int {
	return slices.IndexFunc(events, func(e settings.Event) bool { return strings.EqualFold(e.Name, name) })
}
