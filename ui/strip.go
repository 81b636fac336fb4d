package ui

import (
	"context"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// strip is the status line above every page: what the program is doing, how
// far it is, and the button that pauses it. Its height never changes.
type strip struct {
	win   *Window
	box   *fyne.Container
	icon  *canvas.Image
	word  *line
	text  *line
	below *line // progress, or what to do
	bar   *bar
	pause *button // or resume, or start
}

func newStrip(w *Window) *strip {
	s := &strip{
		win: w, icon: picture(stateIcon(stateGone), 30), word: newTitle(""), text: newText(""), below: newCaption(""), bar: newBar(),
	}
	s.word.fit = true
	s.pause = newButton(tr("Pause"), "pause", func() { w.pausePressed(s.pause) })
	words := container.NewBorder(nil, nil, s.word, nil, padded(s.text, 2, 8))
	body := container.NewBorder(nil, nil, padded(s.icon, 0, 4), centred(s.pause), stacked(1, words, s.below))
	s.box = container.NewStack(
		newPanel(colorBar),
		container.NewBorder(nil, s.bar, nil, nil, padded(body, 10, 12)),
	)
	return s
}

func (s *strip) content() fyne.CanvasObject { return s.box }

// stripWords are the parts of the strip for one status.
type stripWords struct {
	word, text, below string
	belowHue          fyne.ThemeColorName
	done              float64 // below zero: no bar
	barHue            fyne.ThemeColorName
}

func wordsOf(st *control.Status) stripWords {
	v := stripWords{word: say.State(st.State), text: engine(st.Text), belowHue: colorMuted, done: -1, barHue: stateColor(st.State)}
	switch {
	case st.State != stateGone:
	case st.Text == lookingText:
		v.word, v.text, v.below = tr("Looking for the engine"), "", " "
		return v
	default:
		v.word = tr("Not running")
	}
	// The word need not be said twice: "Sending", "Sending 12 of 143".
	if rest, ok := strings.CutPrefix(v.text, v.word); ok && (rest == "" || rest[0] == ' ' || rest[0] == '.' || rest[0] == ',') {
		v.text = strings.TrimLeft(rest, " .,")
	}
	v.below = strings.TrimPrefix(say.Progress(st.Transfer), v.text+" · ")
	if st.Transfer.FilesTotal > 0 && st.State != stateGone {
		v.done = say.Fraction(st.Transfer)
	}
	if st.Hint != "" {
		v.below = engine(st.Hint)
		switch st.State {
		case control.StateStopped, control.StateAttention:
			v.belowHue = stateColor(st.State)
		}
	}
	if v.below == "" {
		v.below = trn("{{.N}} photos delivered", st.Counts.Delivered)
	}
	return v
}

func (s *strip) apply(st *control.Status) {
	v := wordsOf(st)
	setPicture(s.icon, stateIcon(st.State))
	before := s.word.text
	s.word.set(v.word, theme.ColorNameForeground)
	if before != v.word {
		s.box.Refresh() // the word has the width that it needs
	}
	s.text.set(v.text, theme.ColorNameForeground)
	s.below.set(v.below, v.belowHue)
	s.bar.set(v.done, v.barHue)
	label, name := tr("Pause"), "pause"
	switch {
	case st.State == stateGone:
		label, name = tr("Start"), "resume"
	case st.State == control.StatePaused:
		label, name = tr("Resume"), "resume"
	}
	if s.pause.Text != label {
		s.pause.drawing, s.pause.Icon = name, glyph(name)
		s.pause.SetText(label)
	}
	setShown(s.pause, st.State != stateGone || s.win.opts.StartEngine != nil)
}

// pausePressed offers how long to pause, or resumes, or starts the engine.
func (w *Window) pausePressed(at fyne.CanvasObject) {
	switch w.status.State {
	case stateGone:
		w.do("", w.opts.StartEngine)
	case control.StatePaused:
		w.resume()
	default:
		items := make([]menuItem, len(say.Pauses))
		for i, p := range say.Pauses {
			items[i] = menuItem{label: p.Label(), run: func() { w.pauseFor(p) }}
		}
		pos := w.app.Driver().AbsolutePositionForObject(at)
		w.popup(items, pos.AddXY(0, at.Size().Height+2))
	}
}

func (w *Window) pauseFor(p say.Pause) {
	w.do("", func(ctx context.Context) error { return w.client.Pause(ctx, p.Request(w.now())) })
}

func (w *Window) resume() {
	w.do("", func(ctx context.Context) error { return w.client.Resume(ctx, "") })
}

// togglePause is the shortcut: it pauses until resumed, or resumes.
func (w *Window) togglePause() {
	switch w.status.State {
	case stateGone:
	case control.StatePaused:
		w.resume()
	default:
		w.pauseFor(say.Pauses[len(say.Pauses)-1])
	}
}

// scan looks through a folder now; "" is all of them.
func (w *Window) scan(path string) {
	w.do("", func(ctx context.Context) error { return w.client.ScanFolder(ctx, path) })
}

// notice is a line at the bottom that says what has been done.
type notice struct {
	box  *fyne.Container
	text *line
	in   *fyne.Container // that the box lies in
}

func newNotice() *notice {
	n := &notice{text: newText("")}
	shut := newButton("", "close", func() { n.hide() })
	shut.Importance = widget.LowImportance
	n.box = container.NewStack(newPanel(colorBar), padded(container.NewBorder(nil, nil, nil, shut, centred(n.text)), 2, 16))
	n.box.Hide()
	return n
}

// say shows a sentence until the next one, or until it is closed.
func (n *notice) say(text string) {
	n.text.set(text, theme.ColorNameForeground)
	if !n.box.Visible() {
		n.box.Show()
		relayout(n.in)
	}
}

func (n *notice) hide() {
	if n.box.Visible() {
		n.box.Hide()
		relayout(n.in)
	}
}
