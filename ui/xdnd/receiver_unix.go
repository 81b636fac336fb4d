//go:build linux || freebsd || openbsd || netbsd

package xdnd

import (
	"fmt"
	"io"
	"log"
	"os"
	"sync"
	"time"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"
)

const (
	// version of the protocol that is spoken here.
	version = 5
	// patience is how long a source may take for the next part of its list.
	patience = 10 * time.Second
	// pieceWords is how much of a property is read at once, in units of 4 bytes.
	pieceWords = 64 << 10
	// maxTypes is how many types of data of one drag are looked at.
	maxTypes = 1024
)

// Receiver takes the drops of one window. Make it with [Listen].
type Receiver struct {
	x      *xgb.Conn
	atom   atoms
	root   xproto.Window
	target xproto.Window // whose drops are taken
	proxy  xproto.Window // its stand-in, ours
	events Events

	host     string
	patience time.Duration
	stalled  *time.Timer

	drag     drag      // what hovers
	transfer *transfer // what was dropped and is being read; nil: nothing

	stopOnce sync.Once
	stop     chan struct{}
	done     chan struct{}
}

// drag is one drag while it hovers. The zero value is none.
type drag struct {
	source  xproto.Window
	version uint32
	files   bool // it has addresses of files
	over    bool // Events.Over was told
	time    xproto.Timestamp
}

// transfer is a list of addresses that is being read. Each has a window of its
// own to be written to, so that a source that comes too late writes into
// nothing.
type transfer struct {
	drag
	to   xproto.Window
	data []byte
	incr bool // it comes in parts
}

// silence keeps the library from writing to our standard error: all that it
// would say there is returned as an error, or is of no importance.
var silence = sync.OnceFunc(func() { xgb.Logger = log.New(io.Discard, "", 0) })

// Listen begins to take drops for a window of the display named by DISPLAY.
// window is its number in X11. A window that is not there is an error.
func Listen(window uintptr, e Events) (*Receiver, error) { return listen(window, e, patience) }

func listen(window uintptr, e Events, patience time.Duration) (*Receiver, error) {
	silence()
	x, err := xgb.NewConn()
	if err != nil {
		return nil, fmt.Errorf("connecting to the display: %w", err)
	}
	r := &Receiver{
		x: x, target: xproto.Window(window), events: e, patience: patience, stalled: time.NewTimer(patience),
		stop: make(chan struct{}), done: make(chan struct{}),
	}
	r.stalled.Stop()
	r.host, _ = os.Hostname() // without one, addresses that name it are refused
	if err := r.announce(); err != nil {
		x.Close()
		for range r.queue() { // until the library has ended
		}
		return nil, fmt.Errorf("announcing that drops are taken: %w", err)
	}
	go r.run()
	return r, nil
}

// Close stops taking drops: the toolkit's own way is open again. It waits until
// everything has ended, so it must not be called by one of the events. It may
// be called twice, and on nil.
func (r *Receiver) Close() {
	if r == nil {
		return
	}
	r.stopOnce.Do(func() { close(r.stop) })
	<-r.done
}

// announce makes the stand-in and names it on the window.
func (r *Receiver) announce() error {
	if err := r.atom.intern(r.x); err != nil {
		return err
	}
	r.root = xproto.Setup(r.x).DefaultScreen(r.x).Root
	var err error
	if r.proxy, err = r.newWindow(); err != nil {
		return err
	}
	if err := r.put(r.proxy, r.atom.aware, xproto.AtomAtom, version); err != nil {
		return err
	}
	// Named on itself too, by which sources see that it is not a leftover.
	if err := r.put(r.proxy, r.atom.proxy, xproto.AtomWindow, uint32(r.proxy)); err != nil {
		return err
	}
	return r.put(r.target, r.atom.proxy, xproto.AtomWindow, uint32(r.proxy))
}

// newWindow makes a window that is never shown.
func (r *Receiver) newWindow() (xproto.Window, error) {
	w, err := xproto.NewWindowId(r.x)
	if err != nil {
		return 0, err
	}
	return w, xproto.CreateWindowChecked(r.x, 0, w, r.root, -10, -10, 1, 1, 0, xproto.WindowClassInputOnly, 0,
		xproto.CwEventMask, []uint32{xproto.EventMaskPropertyChange}).Check()
}

func (r *Receiver) put(w xproto.Window, name, kind xproto.Atom, value uint32) error {
	b := make([]byte, 4)
	xgb.Put32(b, value)
	return xproto.ChangePropertyChecked(r.x, xproto.PropModeReplace, w, name, kind, 32, 1, b).Check()
}

// queue hands on events until the connection has ended. Errors belong to
// requests to windows that have gone meanwhile; nothing follows from them.
func (r *Receiver) queue() <-chan xgb.Event {
	events := make(chan xgb.Event)
	go func() {
		defer close(events)
		for {
			e, err := r.x.WaitForEvent()
			if e == nil && err == nil {
				return
			}
			if e != nil {
				events <- e
			}
		}
	}()
	return events
}

func (r *Receiver) run() {
	defer close(r.done)
	defer r.stalled.Stop()
	events := r.queue()
	for {
		select {
		case e, ok := <-events:
			if !ok { // the display has gone
				r.leave()
				return
			}
			r.handle(e)
		case <-r.stalled.C:
			r.fail(ErrNoAnswer)
		case <-r.stop:
			if r.transfer != nil {
				r.finished(r.transfer.drag, false)
			}
			// Fails when the window has gone already.
			_ = xproto.DeletePropertyChecked(r.x, r.target, r.atom.proxy).Check()
			r.x.Close()
			for range events {
			}
			return
		}
	}
}

func (r *Receiver) handle(e xgb.Event) {
	switch e := e.(type) {
	case xproto.ClientMessageEvent:
		if d := e.Data.Data32; e.Format == 32 && len(d) == 5 {
			r.message(e.Type, d)
		}
	case xproto.SelectionNotifyEvent:
		if t := r.transfer; t != nil && e.Requestor == t.to && !t.incr {
			r.answered(t, e.Property)
		}
	case xproto.PropertyNotifyEvent:
		t := r.transfer
		if t != nil && t.incr && e.Window == t.to && e.Atom == r.atom.list && e.State == xproto.PropertyNewValue {
			r.part(t)
		}
	case xproto.DestroyNotifyEvent:
		if e.Window == r.drag.source {
			r.leave()
		}
		if t := r.transfer; t != nil && e.Window == t.source {
			r.fail(ErrNoAnswer)
		}
	}
}

// message is one step of a drag; d[0] is always its source.
func (r *Receiver) message(kind xproto.Atom, d []uint32) {
	source := xproto.Window(d[0])
	if kind == r.atom.enter {
		r.leave() // of a drag that never said so
		r.enter(source, d)
		return
	}
	if source == 0 || source != r.drag.source {
		return
	}
	switch kind {
	case r.atom.position:
		r.position(d)
	case r.atom.leave:
		r.leave()
	case r.atom.drop:
		r.drop(d)
	}
}

func (r *Receiver) enter(source xproto.Window, d []uint32) {
	speaks := min(d[1]>>24, version)
	types := d[2:]
	if d[1]&1 != 0 { // more than three
		types = r.types(source)
	}
	files := false
	for _, t := range types {
		files = files || xproto.Atom(t) == r.atom.uriList
	}
	if source == 0 || r.watch(source, xproto.EventMaskStructureNotify) != nil {
		return // it has gone
	}
	r.drag = drag{source: source, version: speaks, files: files}
}

// watch asks to be told, or not any more, when a source's window goes.
func (r *Receiver) watch(source xproto.Window, mask uint32) error {
	return xproto.ChangeWindowAttributesChecked(r.x, source, xproto.CwEventMask, []uint32{mask}).Check()
}

// types reads the list of types that did not fit into the message.
func (r *Receiver) types(source xproto.Window) []uint32 {
	p, err := xproto.GetProperty(r.x, false, source, r.atom.typeList, xproto.AtomAtom, 0, maxTypes).Reply()
	if err != nil || p.Format != 32 {
		return nil
	}
	types := make([]uint32, 0, len(p.Value)/4)
	for v := p.Value; len(v) >= 4; v = v[4:] {
		types = append(types, xgb.Get32(v))
	}
	return types
}

func (r *Receiver) position(d []uint32) {
	takes := r.drag.files && r.transfer == nil
	r.status(takes)
	r.drag.time = xproto.Timestamp(d[3])
	if !takes {
		return
	}
	at, err := xproto.TranslateCoordinates(r.x, r.root, r.target, int16(d[2]>>16), int16(d[2])).Reply()
	if err != nil {
		return
	}
	r.drag.over = true
	r.events.Over(int(at.DstX), int(at.DstY))
}

// leave forgets what hovers.
func (r *Receiver) leave() {
	over := r.drag.over
	if r.drag.source != 0 {
		_ = r.watch(r.drag.source, 0) // fails when it has gone
	}
	r.drag = drag{}
	if over {
		r.events.Left()
	}
}

func (r *Receiver) drop(d []uint32) {
	if !r.drag.files || r.transfer != nil {
		r.finished(r.drag, false)
		r.leave()
		return
	}
	t := &transfer{drag: r.drag}
	if t.version >= 1 && d[2] != 0 {
		t.time = xproto.Timestamp(d[2])
	}
	r.drag, r.transfer = drag{}, t
	var err error
	if t.to, err = r.newWindow(); err != nil {
		r.fail(ErrNoAnswer)
		return
	}
	xproto.ConvertSelection(r.x, t.to, r.atom.selection, r.atom.uriList, r.atom.list, t.time)
	r.stalled.Reset(r.patience)
}

// answered is called when the source has written its list, or the beginning of
// its list, or nothing.
func (r *Receiver) answered(t *transfer, property xproto.Atom) {
	if property == 0 {
		r.fail(ErrNoAnswer)
		return
	}
	kind, b, err := r.read(t)
	switch {
	case err != nil:
		r.fail(err)
	case kind == r.atom.incr:
		if len(b) >= 4 && xgb.Get32(b) > MaxList { // at least so much will come
			r.fail(ErrTooMuch)
			return
		}
		t.incr = true
		r.stalled.Reset(r.patience)
	case kind == 0:
		r.fail(ErrNoAnswer)
	default:
		t.data = b
		r.complete(t)
	}
}

// part is called when the next part may be there. An empty one is the end.
func (r *Receiver) part(t *transfer) {
	kind, b, err := r.read(t)
	switch {
	case err != nil:
		r.fail(err)
	case kind == 0: // read already
	case len(b) == 0:
		r.complete(t)
	default:
		t.data = append(t.data, b...)
		r.stalled.Reset(r.patience)
	}
}

// read takes what the source has written. Taking it away asks for the next
// part. Its kind is 0 when there is nothing.
func (r *Receiver) read(t *transfer) (kind xproto.Atom, data []byte, err error) {
	for {
		p, err := xproto.GetProperty(r.x, false, t.to, r.atom.list, xproto.GetPropertyTypeAny, uint32(len(data))/4, pieceWords).Reply()
		if err != nil {
			return 0, nil, ErrNoAnswer
		}
		if len(t.data)+len(data)+len(p.Value)+int(p.BytesAfter) > MaxList {
			return 0, nil, ErrTooMuch
		}
		kind, data = p.Type, append(data, p.Value...)
		if p.BytesAfter == 0 || len(p.Value) == 0 {
			xproto.DeleteProperty(r.x, t.to, r.atom.list)
			return kind, data, nil
		}
	}
}

func (r *Receiver) complete(t *transfer) {
	paths, refused := parse(t.data, r.host)
	r.end(len(paths) > 0)
	r.events.Drop(paths, refused)
}

func (r *Receiver) fail(err error) {
	if r.transfer == nil {
		return // the clock was faster than its being stopped
	}
	r.end(false)
	r.events.Failed(err)
}

// end tells the source what became of its drop.
func (r *Receiver) end(taken bool) {
	t := r.transfer
	r.transfer = nil
	r.stalled.Stop()
	r.finished(t.drag, taken)
	if r.drag.source != t.source {
		_ = r.watch(t.source, 0) // fails when it has gone
	}
	if t.to != 0 {
		xproto.DestroyWindow(r.x, t.to)
	}
}

// status answers a position: whether a drop would be taken. Files are always
// copied, so no source may delete them afterwards.
func (r *Receiver) status(takes bool) {
	if takes {
		r.send(r.drag.source, r.atom.status, 1|2, 0, 0, uint32(r.atom.copy)) // 2: tell every move
	} else {
		r.send(r.drag.source, r.atom.status, 2, 0, 0, 0)
	}
}

func (r *Receiver) finished(d drag, taken bool) {
	switch {
	case d.version < 2: // does not know it
	case taken:
		r.send(d.source, r.atom.finished, 1, uint32(r.atom.copy), 0, 0)
	default:
		r.send(d.source, r.atom.finished, 0, 0, 0, 0)
	}
}

func (r *Receiver) send(to xproto.Window, kind xproto.Atom, a, b, c, d uint32) {
	m := xproto.ClientMessageEvent{
		Format: 32, Window: to, Type: kind,
		Data: xproto.ClientMessageDataUnionData32New([]uint32{uint32(r.target), a, b, c, d}),
	}
	xproto.SendEvent(r.x, false, to, 0, string(m.Bytes()))
}
