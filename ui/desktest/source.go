//go:build linux || freebsd || openbsd || netbsd

package desktest

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

// URIList is the type of data that file managers offer.
const URIList = "text/uri-list"

const (
	// answerWithin is how long a target may take for each of its answers.
	answerWithin = 20 * time.Second
	// onePiece is what is written at once; more is sent in pieces.
	onePiece = 200 << 10
	piece    = 64 << 10
)

// Source is a program that files are dragged from. It drags one thing at a time:
// Enter, Move as often as wanted, then Leave or Drop.
type Source struct {
	// Version is the version of the protocol that it speaks; NewSource sets 5.
	Version byte
	// IgnoreProxy makes it one of the sources that never look for a stand-in.
	IgnoreProxy bool

	t      testing.TB
	x      *xgb.Conn
	events chan xgb.Event
	root   xproto.Window
	own    xproto.Window
	atoms  map[string]xproto.Atom
	target xproto.Window // the window below the mouse
	to     xproto.Window // who is spoken to: the target or its stand-in
	closed bool
}

// NewSource connects to a display until the test ends.
func NewSource(t testing.TB, display string) *Source {
	t.Helper()
	x, err := xgb.NewConnDisplay(display)
	if err != nil {
		t.Fatal(err)
	}
	s := &Source{Version: 5, t: t, x: x, events: make(chan xgb.Event, 64), atoms: map[string]xproto.Atom{}}
	s.root = xproto.Setup(x).DefaultScreen(x).Root
	s.own, err = xproto.NewWindowId(x)
	if err != nil {
		t.Fatal(err)
	}
	s.check(xproto.CreateWindowChecked(x, 0, s.own, s.root, -10, -10, 1, 1, 0, xproto.WindowClassInputOnly, 0, 0, nil).Check())
	go func() {
		defer close(s.events)
		for {
			e, err := x.WaitForEvent()
			if e == nil && err == nil {
				return
			}
			if e != nil { // an error tells of a target that has gone
				s.events <- e
			}
		}
	}()
	t.Cleanup(s.Close)
	return s
}

// Close ends the program, whatever it was doing.
func (s *Source) Close() {
	if s.closed {
		return
	}
	s.closed = true
	s.x.Close()
	for range s.events {
	}
}

func (s *Source) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *Source) atom(name string) xproto.Atom {
	s.t.Helper()
	a, ok := s.atoms[name]
	if !ok {
		r, err := xproto.InternAtom(s.x, false, uint16(len(name)), name).Reply()
		s.check(err)
		a = r.Atom
		s.atoms[name] = a
	}
	return a
}

// property returns a short property, or nothing.
func (s *Source) property(w xproto.Window, name string) []byte {
	r, err := xproto.GetProperty(s.x, false, w, s.atom(name), xproto.GetPropertyTypeAny, 0, 1024).Reply()
	if err != nil {
		return nil
	}
	return r.Value
}

// Find returns the number of a window that takes drops, by its title; 0 when
// there is none.
func (s *Source) Find(title string) uint32 { return uint32(s.find(s.root, title)) }

func (s *Source) find(w xproto.Window, title string) xproto.Window {
	if string(s.property(w, "_NET_WM_NAME")) == title && len(s.property(w, "XdndAware")) > 0 {
		return w
	}
	tree, err := xproto.QueryTree(s.x, w).Reply()
	if err != nil {
		return 0
	}
	for _, c := range tree.Children {
		if f := s.find(c, title); f != 0 {
			return f
		}
	}
	return 0
}

// Proxy returns the stand-in of a window that is good for use, or 0.
func (s *Source) Proxy(window uint32) uint32 {
	of := func(w uint32) uint32 {
		if v := s.property(xproto.Window(w), "XdndProxy"); len(v) == 4 {
			return xgb.Get32(v)
		}
		return 0
	}
	p := of(window)
	if p == 0 || of(p) != p {
		return 0
	}
	return p
}

// Enter begins a drag of data of some types onto a window.
func (s *Source) Enter(window uint32, types ...string) {
	s.t.Helper()
	s.target = xproto.Window(window)
	s.to = s.target
	if p := s.Proxy(window); p != 0 && !s.IgnoreProxy {
		s.to = xproto.Window(p)
	}
	d := []uint32{uint32(s.Version) << 24, 0, 0, 0}
	list := make([]byte, 0, 4*len(types))
	for i, name := range types {
		a := uint32(s.atom(name))
		if i < 3 {
			d[1+i] = a
		}
		list = append(list, byte(a), byte(a>>8), byte(a>>16), byte(a>>24))
	}
	if len(types) > 3 {
		d[0] |= 1
		s.check(xproto.ChangePropertyChecked(s.x, xproto.PropModeReplace, s.own, s.atom("XdndTypeList"), xproto.AtomAtom, 32, uint32(len(types)), list).Check())
	}
	s.check(xproto.SetSelectionOwnerChecked(s.x, s.own, s.atom("XdndSelection"), xproto.TimeCurrentTime).Check())
	s.send("XdndEnter", d...)
}

// Move moves the drag to a place in the window, waits for the answer, and
// returns whether a drop would be taken there.
func (s *Source) Move(x, y int) bool {
	s.t.Helper()
	at, err := xproto.TranslateCoordinates(s.x, s.target, s.root, int16(x), int16(y)).Reply()
	s.check(err)
	s.send("XdndPosition", 0, uint32(uint16(at.DstX))<<16|uint32(uint16(at.DstY)), xproto.TimeCurrentTime, uint32(s.atom("XdndActionCopy")))
	return s.wait("XdndStatus", nil)[1]&1 != 0
}

// Leave gives the drag up.
func (s *Source) Leave() {
	s.t.Helper()
	s.send("XdndLeave")
}

// List is what a drop hands over. A large one is sent in pieces.
type List struct {
	Data []byte
	// Piece, if set, sends it in pieces of so many bytes, however short it is.
	Piece int
	// Claim is the size that is announced for pieces; 0 is the true one.
	Claim uint32
	// Refuse answers that there is nothing.
	Refuse bool
	// Silent never answers the question for the list; StopAfter stops after so
	// many pieces, below zero before the first.
	Silent    bool
	StopAfter int

	to   xproto.Window // of pieces: where they are written to
	prop xproto.Atom
	sent int // pieces
}

// Drop lets the mouse go, hands over the list, waits for the last answer, and
// returns whether the target says that it has taken the drop.
func (s *Source) Drop(l List) bool {
	s.t.Helper()
	s.Release()
	return s.Finished(l)
}

// Release lets the mouse go and waits for nothing.
func (s *Source) Release() {
	s.t.Helper()
	s.send("XdndDrop", 0, xproto.TimeCurrentTime)
}

// Asked waits until the target asks for the list, and does not answer.
func (s *Source) Asked() {
	s.t.Helper()
	deadline := time.After(answerWithin)
	for {
		select {
		case e, ok := <-s.events:
			if !ok {
				s.t.Fatal("the display has gone")
			}
			if _, ok := e.(xproto.SelectionRequestEvent); ok {
				return
			}
		case <-deadline:
			s.t.Fatalf("not asked for the list within %v", answerWithin)
		}
	}
}

// Finished hands over the list and waits for the last answer.
func (s *Source) Finished(l List) bool {
	s.t.Helper()
	return s.wait("XdndFinished", &l)[1]&1 != 0
}

func (s *Source) send(name string, d ...uint32) {
	s.t.Helper()
	all := make([]uint32, 5)
	all[0] = uint32(s.own)
	copy(all[1:], d)
	m := xproto.ClientMessageEvent{Format: 32, Window: s.target, Type: s.atom(name), Data: xproto.ClientMessageDataUnionData32New(all)}
	s.check(xproto.SendEventChecked(s.x, false, s.to, 0, string(m.Bytes())).Check())
}

// wait serves questions for the list until a message comes.
func (s *Source) wait(name string, l *List) []uint32 {
	s.t.Helper()
	deadline := time.After(answerWithin)
	for {
		var e xgb.Event
		select {
		case e = <-s.events:
		case <-deadline:
			s.t.Fatalf("no %s within %v", name, answerWithin)
		}
		switch e := e.(type) {
		case nil:
			s.t.Fatal("the display has gone")
		case xproto.ClientMessageEvent:
			if e.Type == s.atom(name) {
				if w := xproto.Window(e.Data.Data32[0]); w != s.target {
					s.t.Fatalf("%s speaks of window %#x, and the target is %#x", name, w, s.target)
				}
				return e.Data.Data32
			}
		case xproto.SelectionRequestEvent:
			if err := s.answer(e, l); err != nil {
				s.t.Logf("handing over the list: %v", err) // a target may have turned away
			}
		case xproto.PropertyNotifyEvent:
			if l != nil && e.Window == l.to && e.Atom == l.prop && e.State == xproto.PropertyDelete {
				if err := s.next(l); err != nil {
					s.t.Logf("handing over a piece of the list: %v", err)
				}
			}
		}
	}
}

// answer hands over the list, or its beginning.
func (s *Source) answer(e xproto.SelectionRequestEvent, l *List) error {
	if l == nil || l.Silent {
		return nil
	}
	property := e.Property
	var err error
	switch {
	case l.Refuse || e.Target != s.atom(URIList):
		property = 0
	case l.Piece > 0 || len(l.Data) > onePiece:
		if l.Piece == 0 {
			l.Piece = piece
		}
		l.to, l.prop = e.Requestor, e.Property
		size := l.Claim
		if size == 0 {
			size = uint32(len(l.Data))
		}
		err = errors.Join(
			xproto.ChangeWindowAttributesChecked(s.x, l.to, xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange}).Check(),
			xproto.ChangePropertyChecked(s.x, xproto.PropModeReplace, l.to, l.prop, s.atom("INCR"), 32, 1,
				[]byte{byte(size), byte(size >> 8), byte(size >> 16), byte(size >> 24)}).Check(),
		)
	default:
		err = xproto.ChangePropertyChecked(s.x, xproto.PropModeReplace, e.Requestor, property, e.Target, 8, uint32(len(l.Data)), l.Data).Check()
	}
	n := xproto.SelectionNotifyEvent{Time: e.Time, Requestor: e.Requestor, Selection: e.Selection, Target: e.Target, Property: property}
	return errors.Join(err, xproto.SendEventChecked(s.x, false, e.Requestor, 0, string(n.Bytes())).Check())
}

// next writes one piece; after the last one it writes an empty one, which says
// that it was the last.
func (s *Source) next(l *List) error {
	if l.StopAfter != 0 && l.sent >= l.StopAfter {
		return nil
	}
	n := min(len(l.Data), l.Piece)
	err := xproto.ChangePropertyChecked(s.x, xproto.PropModeReplace, l.to, l.prop, s.atom(URIList), 8, uint32(n), l.Data[:n]).Check()
	l.Data, l.sent = l.Data[n:], l.sent+1
	if n == 0 {
		l.to = 0
	}
	if err != nil {
		return fmt.Errorf("piece %d: %w", l.sent, err)
	}
	return nil
}
