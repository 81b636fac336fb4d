package ui

import (
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

const (
	// typingPause is how long nothing is typed before it is taken over.
	typingPause  = 900 * time.Millisecond
	inputWidth   = 240
	settingInset = 8 // of text in a label, which other inputs have to follow
)

// settingWords are what a setting says about itself.
type settingWords struct {
	title string
	help  string // "" for none
	key   string // its JSON name in [control.General]
}

// settingLine is what all settings have: words, the reason why it can have no
// effect here, and what the engine said against the last change.
type settingLine struct {
	page    *settingsPage
	key     string
	missing *widget.Label
	problem *widget.Label
	absent  bool // it can have no effect here
}

func (p *settingsPage) newLine(key string) settingLine {
	l := settingLine{page: p, key: key, missing: note(""), problem: wrapped("", widget.DangerImportance)}
	l.missing.Importance = widget.WarningImportance
	l.missing.Hide()
	l.problem.Hide()
	return l
}

// words are the title and the help, one below the other.
func (s *settingWords) words() *fyne.Container {
	c := column(-12, wrapped(s.title, widget.MediumImportance))
	if s.help != "" {
		c.Add(note(s.help))
	}
	return c
}

// below puts what goes wrong below an object.
func (l *settingLine) below(o fyne.CanvasObject) fyne.CanvasObject {
	return column(-6, o, l.missing, l.problem)
}

func (l *settingLine) about(g *control.General) {
	why, absent := g.Missing[l.key]
	l.absent = absent
	if absent {
		setLabel(l.missing, sentence(clean(why)), widget.WarningImportance)
	}
	setShown(l.missing, absent)
}

// outcome implements [setting].
func (l *settingLine) outcome(err error) {
	text := ""
	if err != nil {
		why, hint := explain(err)
		text = strings.TrimSpace(clean(why + " " + hint))
	}
	l.say(text)
}

func (l *settingLine) say(text string) {
	if l.problem.Text == text && l.problem.Visible() == (text != "") {
		return
	}
	setLabel(l.problem, text, widget.DangerImportance)
	setShown(l.problem, text != "")
	relayout(l.page.outer)
}

// setEnabled lets an input be used, or not.
func setEnabled(o fyne.Disableable, yes bool) {
	switch {
	case yes && o.Disabled():
		o.Enable()
	case !yes && !o.Disabled():
		o.Disable()
	}
}

// tickSetting is on or off.
type tickSetting struct {
	settingLine
	check *check
	read  func(*control.General) bool
}

func (p *settingsPage) tick(words settingWords, read func(*control.General) bool, change func(bool) control.GeneralChange) fyne.CanvasObject {
	s := &tickSetting{settingLine: p.newLine(words.key), read: read}
	s.check = newCheck(words.title, false, func(on bool) {
		if !p.showing {
			s.say("")
			p.change(s, change(on))
		}
	})
	p.rows = append(p.rows, s)
	c := column(-12, s.check)
	if words.help != "" {
		c.Add(margin(note(words.help), 0, 24))
	}
	return s.below(c)
}

func (s *tickSetting) show(g *control.General) {
	s.about(g)
	s.check.SetChecked(s.read(g))
}

func (s *tickSetting) enable(yes bool) { setEnabled(s.check, yes && !s.absent) }

// option is one choice of a setting: as the engine names it, and for people.
type option struct{ value, label string }

// choiceSetting is one of several values.
type choiceSetting struct {
	settingLine
	choice  *choice
	options []option
	known   int // of the options, those that are always offered
	read    func(*control.General) string
}

func (p *settingsPage) choose(words settingWords, options []option, read func(*control.General) string, change func(string) control.GeneralChange) fyne.CanvasObject {
	s := &choiceSetting{settingLine: p.newLine(words.key), options: options, known: len(options), read: read}
	s.choice = newChoice(labels(options), -1, nil)
	s.choice.PlaceHolder = " "
	s.choice.OnChanged = func(string) {
		if i := s.choice.SelectedIndex(); i >= 0 && !p.showing {
			s.say("")
			p.change(s, change(s.options[i].value))
		}
	}
	p.rows = append(p.rows, s)
	return s.below(container.New(settingLayout{inputWidth}, words.words(), s.choice))
}

func labels(options []option) []string {
	ls := make([]string, len(options))
	for i, o := range options {
		ls[i] = o.label
	}
	return ls
}

func (s *choiceSetting) show(g *control.General) {
	s.about(g)
	v := s.read(g)
	i := slices.IndexFunc(s.options, func(o option) bool { return o.value == v })
	if i < 0 { // somebody wrote it into the settings file
		s.options = append(s.options[:s.known:s.known], option{v, clean(v)})
		s.choice.SetOptions(labels(s.options))
		i = s.known
	}
	s.choice.SetSelectedIndex(i)
}

func (s *choiceSetting) enable(yes bool) { setEnabled(s.choice, yes && !s.absent) }

// textSetting is typed. It is taken over after a pause, with Enter, or when the
// input is left.
type textSetting struct {
	settingLine
	entry  *leftEntry
	read   func(*control.General) string
	change func(string) control.GeneralChange

	dirty bool // something was typed that the engine has not taken over
	typed int  // how often something was
	sent  int  // typed, when it was sent last
}

func (p *settingsPage) newText(key, placeholder string, read func(*control.General) string, change func(string) control.GeneralChange) *textSetting {
	s := &textSetting{settingLine: p.newLine(key), entry: newLeftEntry(placeholder), read: read, change: change}
	s.entry.OnChanged = func(string) {
		if p.showing {
			return
		}
		s.dirty = true
		s.typed++
		typed := s.typed
		p.win.after(typingPause, func() {
			if typed == s.typed {
				s.send()
			}
		})
	}
	s.entry.OnSubmitted = func(string) { s.send() }
	s.entry.left = func() {
		s.send()
		if s.problem.Visible() { // it was refused, and nobody corrects it
			s.dirty = false
			p.present()
		}
	}
	return s
}

// typing is a setting that is typed.
func (p *settingsPage) typing(words settingWords, placeholder string, read func(*control.General) string, change func(string) control.GeneralChange) fyne.CanvasObject {
	s := p.newText(words.key, placeholder, read, change)
	p.rows = append(p.rows, s)
	return s.below(container.New(settingLayout{inputWidth}, words.words(), s.entry))
}

// send takes over what was typed.
func (s *textSetting) send() {
	if s.dirty && s.sent != s.typed {
		s.sent = s.typed
		s.say("")
		s.page.change(s, s.change(strings.TrimSpace(s.entry.Text)))
	}
}

func (s *textSetting) outcome(err error) {
	if s.sent == s.typed && (err == nil || !s.entry.typing) {
		s.dirty = false
	}
	s.settingLine.outcome(err)
}

func (s *textSetting) show(g *control.General) {
	s.about(g)
	if v := s.read(g); !s.dirty && s.entry.Text != v {
		s.entry.SetText(v)
	}
}

func (s *textSetting) enable(yes bool) { setEnabled(s.entry, yes && !s.absent) }

// leftEntry is an entry that says when it is left.
type leftEntry struct {
	entry
	typing bool // it has the focus
	left   func()
}

func newLeftEntry(placeholder string) *leftEntry {
	e := &leftEntry{}
	e.PlaceHolder = placeholder
	e.Scroll = fyne.ScrollHorizontalOnly
	e.ExtendBaseWidget(e)
	return e
}

// FocusGained implements [fyne.Focusable].
func (e *leftEntry) FocusGained() {
	e.typing = true
	e.entry.FocusGained()
}

// FocusLost implements [fyne.Focusable].
func (e *leftEntry) FocusLost() {
	e.entry.FocusLost()
	e.typing = false
	if e.left != nil {
		e.left()
	}
}
