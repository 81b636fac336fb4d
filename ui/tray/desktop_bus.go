//go:build !windows

package tray

import (
	"bytes"
	"context"
	"image/png"
	"log/slog"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/desktop"
	"github.com/photoferry/photoferry/assets"
	"github.com/photoferry/photoferry/ui/say"
)

// session says when there is a place for the icon, shows notifications, and says
// when one was clicked.
type session struct {
	place   <-chan struct{}
	clicked chan control.Page // the page to open; capacity 1
	bus     *desktop.Session
}

func openSession(ctx context.Context, log *slog.Logger) (*session, error) {
	icon, err := png.Decode(bytes.NewReader(assets.AppIcon))
	if err != nil {
		return nil, err
	}
	bus, err := desktop.OpenSession(ctx, desktop.SessionOptions{App: "PhotoFerry", Entry: "io.github.photoferry.photoferry", Icon: icon, Log: log})
	if err != nil {
		return nil, err
	}
	return &session{place: bus.TrayPlace(), clicked: make(chan control.Page, 1), bus: bus}, nil
}

// kindNames are the kinds of notes as the desktop package has them.
var kindNames = [kinds]string{kindBatch: "batch", kindNeedsYou: "needs-you", kindOffline: "offline"}

// notify shows a note in place of the last one of its kind, or takes that away.
// It does not wait for the desktop.
func (s *session) notify(n note) {
	if n.over {
		s.bus.Withdraw(kindNames[n.kind])
		return
	}
	s.bus.Notify(desktop.Notification{
		Kind: kindNames[n.kind], Title: n.title, Body: n.body, Trouble: n.kind != kindBatch,
		Actions: actionsOf(n),
		Clicked: func(string) {
			select {
			case s.clicked <- n.page:
			default:
			}
		},
	})
}

// showAction is the button of a note. Not every desktop takes a click on the note
// itself.
const showAction = "show"

func actionsOf(n note) []desktop.Action {
	label := say.T("Show")
	switch n.page {
	case control.PageFailed:
		label = say.T("Show failed")
	case control.PageAccounts:
		label = say.T("Show accounts")
	}
	return []desktop.Action{{Key: desktop.BodyAction, Label: say.T("Open")}, {Key: showAction, Label: label}}
}

// close waits until nothing is under way any more.
func (s *session) close() { s.bus.Close() }
