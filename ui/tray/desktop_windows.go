package tray

import (
	"context"
	"log/slog"

	"github.com/photoferry/photoferry/app/control"
)

// session always has a place for the icon here, and shows no notifications.
type session struct {
	place   chan struct{}
	clicked chan control.Page // never: there is nothing to click
}

func openSession(context.Context, *slog.Logger) (*session, error) {
	s := &session{place: make(chan struct{}, 1)}
	s.place <- struct{}{}
	return s, nil
}

func (s *session) notify(note) {}
func (s *session) close()      {}
