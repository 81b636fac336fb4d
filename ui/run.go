package ui

import (
	"context"
	"slices"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
	"github.com/photoferry/photoferry/ui/xdnd"
)

// Run shows the window and returns when it has been closed, ctx has ended, or
// the engine has asked it to end. It must be called on the main goroutine, and
// only once. When it returns, everything that it started has ended; calls that
// were under way have been cancelled.
func (w *Window) Run(ctx context.Context) {
	ctx, w.stop = context.WithCancel(ctx)
	defer w.stop()
	w.ctx = ctx
	var drops *xdnd.Receiver
	returned := make(chan struct{})
	w.app.Lifecycle().SetOnStarted(func() {
		drops = w.hear()
		go func() {
			defer close(w.stopped)
			w.mail.pump(ctx, &w.quitting, fyne.Do, w.apply)
		}()
		w.work.Go(func() { w.listen(ctx) })
		w.work.Go(func() { w.thumbs.run(ctx) })
		w.work.Go(func() { w.abandon(ctx, returned) })
		w.work.Go(func() { w.tiles.run(ctx) })
		if w.opts.Page != "" {
			w.mail.post(func() { w.visitPage(w.opts.Page) })
		}
		w.work.Go(func() {
			<-ctx.Done()
			if !w.quitting.Load() { // ended from outside: the window is still there
				fyne.Do(w.close)
			}
		})
	})
	w.speakIn(say.System) // until the engine says another
	w.win.ShowAndRun()
	close(returned)
	w.quitting.Store(true)
	drops.Close()
	w.stop()
	w.work.Wait()
}

// endWithin is how long the toolkit may take to end.
const endWithin = 5 * time.Second

// abandon ends the process when the toolkit does not end with the window. Fyne
// (2.8.1) gives its last event to a queue that it may already have stopped
// reading, and then waits for it for ever; that is rare. The window keeps
// nothing that could be lost.
func (w *Window) abandon(ctx context.Context, returned <-chan struct{}) {
	<-ctx.Done()
	select {
	case <-returned:
	case <-time.After(endWithin):
		if w.opts.Exit != nil {
			w.log.Warn("The toolkit has not ended; the process ends without it")
			w.opts.Exit()
		}
	}
}

// close ends the window: first what could still ask for the widgets, then the
// widgets.
func (w *Window) close() {
	if w.quitting.Swap(true) {
		return
	}
	if w.stop != nil {
		w.stop()
		<-w.stopped // soon: the pump waits for nothing but ctx
	}
	w.app.Quit()
}

const (
	listenAgain    = 300 * time.Millisecond
	listenAgainMax = 5 * time.Second
)

// listen reads the engine's event stream, and begins anew when it breaks off.
func (w *Window) listen(ctx context.Context) {
	wait := listenAgain
	for ctx.Err() == nil {
		var cause error
		for m, err := range w.client.Changes(ctx, true) {
			if err != nil {
				cause = err
				break
			}
			wait = listenAgain
			w.receive(m)
		}
		if ctx.Err() != nil {
			return
		}
		w.log.Debug("Event stream has ended", "err", cause)
		w.mail.post(w.lost)
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		wait = min(wait*2, listenAgainMax)
	}
}

// receive sorts one message into the mailbox.
func (w *Window) receive(m control.Message) {
	switch {
	case m.Status != nil:
		w.mail.putStatus(*m.Status)
	case m.Raise:
		w.mail.post(w.raise)
	case len(m.Files) > 0:
		w.mail.post(func() { w.raise(); w.offer(m.Files) })
	case m.Page != "":
		w.mail.post(func() { w.raise(); w.visitPage(m.Page) })
	case m.Quit:
		w.mail.post(w.close)
	}
}

// lost shows that no engine answers. What was known stays on the screen, but
// nothing is said to be going on.
func (w *Window) lost() {
	s := *w.status
	s.State, s.Running, s.Active, s.Transfer = stateGone, false, nil, control.Transfer{}
	s.Text, s.Hint = tr("The engine is not running"), tr("Nothing is sent now. What is in the queue waits safely.")
	s.Folders = append([]control.Folder(nil), s.Folders...)
	for i := range s.Folders {
		s.Folders[i].State = control.FolderIdle
	}
	w.apply(mail{status: &s})
}

// visitPage shows what somebody outside of the window asked for. While the guide
// is shown, that comes first.
func (w *Window) visitPage(p control.Page) {
	if w.guide != nil {
		return
	}
	if p == control.PageAdd {
		w.chooseFile()
		return
	}
	if i := slices.Index(placesOfPages, p); i >= 0 {
		w.show(i)
	}
}

func (w *Window) raise() {
	w.win.Show()
	w.win.RequestFocus()
}

// closing is called when the user closes the window. The first time it says
// that the work goes on.
func (w *Window) closing() {
	if w.memory.SaidClose || w.status.State == stateGone {
		w.close()
		return
	}
	if w.leaving != nil && w.leaving.open {
		return
	}
	s := w.newSheet(tr("PhotoFerry goes on in the background"), wrapped(
		tr("Closing this window stops nothing: new photos are still found and sent. Open it again from the tray, or by starting PhotoFerry once more."),
		widget.MediumImportance))
	quit := newButton(tr("Quit everything"), "quit", func() { s.hide(); w.askQuit() })
	leave := newPrimary(tr("Close the window"), "", func() {
		w.memory.SaidClose = true
		w.remember()
		s.hide()
		w.close()
	})
	s.buttons(s.closer(tr("Cancel")), quit, leave)
	w.leaving = s
	s.show()
}

// askQuit ends the engine and the window, after a question.
func (w *Window) askQuit() {
	if w.status.State == stateGone {
		w.close()
		return
	}
	text := tr("No photo is found or sent until PhotoFerry is started again. Nothing is lost: the queue is kept.")
	s := w.newSheet(tr("Quit everything?"), wrapped(text, widget.MediumImportance))
	s.buttons(s.closer(tr("Cancel")), newPrimary(tr("Quit everything"), "quit", func() {
		s.hide()
		w.call(w.client.Quit, func(err error) {
			if err != nil {
				w.fail(err)
				return
			}
			w.close()
		})
	}))
	s.show()
}

// keys sets the shortcuts. Those of text fields go before them.
func (w *Window) keys() {
	c := w.win.Canvas()
	ctrl := func(k fyne.KeyName, f func()) {
		c.AddShortcut(&desktop.CustomShortcut{KeyName: k, Modifier: fyne.KeyModifierShortcutDefault}, func(fyne.Shortcut) { f() })
	}
	ctrl(fyne.KeyO, w.chooseFile)
	ctrl(fyne.KeyP, w.togglePause)
	ctrl(fyne.KeyF, w.find)
	c.AddShortcut(&fyne.ShortcutSelectAll{}, func(fyne.Shortcut) { w.selectAll() })
	ctrl(fyne.KeyW, w.closing)
	ctrl(fyne.KeyQ, w.closing)
	for i, k := range []fyne.KeyName{fyne.Key1, fyne.Key2, fyne.Key3, fyne.Key4, fyne.Key5, fyne.Key6} {
		ctrl(k, func() { w.show(i) })
	}
	c.SetOnTypedKey(w.typed)
}

// typed handles keys that no widget with the focus takes.
func (w *Window) typed(e *fyne.KeyEvent) {
	switch e.Name {
	case fyne.KeyEscape:
		w.escape()
	case fyne.KeyF1:
		w.findPhoto()
	case fyne.KeyF5:
		w.scan("")
	case fyne.KeyReturn, fyne.KeyEnter:
		if w.guide != nil {
			w.guide.goOn()
		}
	}
}

// escape closes the topmost sheet, or else takes the selection away.
func (w *Window) escape() {
	if n := len(w.sheets); n > 0 {
		w.sheets[n-1].hide()
		return
	}
	if top := w.win.Canvas().Overlays().Top(); top != nil {
		top.Hide()
		w.win.Canvas().Overlays().Remove(top)
		return
	}
	if w.guide != nil {
		w.guide.askLeave()
		return
	}
	if c, ok := w.pages[w.current].(interface{ clear() }); ok {
		c.clear()
	}
}
