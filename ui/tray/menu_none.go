//go:build !(linux || freebsd || openbsd || netbsd || windows)

package tray

import (
	"context"

	"github.com/photoferry/photoferry/app/control"
)

// menu is empty here: the icon would have to own the main thread. See openDesktop.
type menu struct {
	ready  chan struct{}
	chosen chan action
}

func newMenu() *menu                  { return &menu{} }
func (m *menu) start(context.Context) {}
func (m *menu) stop()                 {}
func (m *menu) icon(control.State)    {}
func (m *menu) tooltip(string)        {}
func (m *menu) show(face)             {}
func (m *menu) speak()                {}
