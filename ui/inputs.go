package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// The toolkit gives a key to the widget with the focus and to nobody else; so
// the inputs of a sheet pass Escape on themselves, and those of the wizard Enter
// too.

// keys are what a key does that an input has no use for.
type keys struct {
	escape, enter func() // may be nil
	focus         func() // called when it gets the focus; may be nil
}

func (k *keys) onEscape(f func()) { k.escape = f }
func (k *keys) onEnter(f func())  { k.enter = f }
func (k *keys) onFocus(f func())  { k.focus = f }

// focused tells that the input has got the focus.
func (k *keys) focused() {
	if k.focus != nil {
		k.focus()
	}
}

// took says whether a key was for us.
func (k *keys) took(e *fyne.KeyEvent) bool {
	f := k.escape
	switch e.Name {
	case fyne.KeyEscape:
	case fyne.KeyReturn, fyne.KeyEnter:
		f = k.enter
	default:
		return false
	}
	if f == nil {
		return false
	}
	f()
	return true
}

// button is a push button whose drawing follows its importance.
type button struct {
	widget.Button
	drawing string
	keys
}

func newButton(label, drawing string, tapped func()) *button {
	b := &button{drawing: drawing}
	b.Text, b.OnTapped = label, tapped
	if drawing != "" {
		b.Icon = glyph(drawing)
	}
	b.ExtendBaseWidget(b)
	return b
}

// newPrimary is the button for what is meant to be done here.
func newPrimary(label, drawing string, tapped func()) *button {
	b := newButton(label, drawing, tapped)
	b.Importance = widget.HighImportance
	if drawing != "" {
		b.Icon = glyphOn(drawing)
	}
	return b
}

// enable lets the button be used, or not.
func (b *button) enable(yes bool) {
	if yes != b.Disabled() {
		return
	}
	if b.drawing != "" {
		switch {
		case !yes:
			b.Icon = icon{b.drawing, theme.ColorNameDisabled}
		case b.Importance == widget.HighImportance:
			b.Icon = glyphOn(b.drawing)
		default:
			b.Icon = glyph(b.drawing)
		}
	}
	if yes {
		b.Enable()
	} else {
		b.Disable()
	}
}

// FocusGained implements [fyne.Focusable].
func (b *button) FocusGained() {
	b.Button.FocusGained()
	b.focused()
}

// TypedKey implements [fyne.Focusable]. Enter presses the button, as Space does.
func (b *button) TypedKey(e *fyne.KeyEvent) {
	switch {
	case b.took(e):
	case e.Name == fyne.KeyReturn || e.Name == fyne.KeyEnter:
		b.Tapped(nil)
	default:
		b.Button.TypedKey(e)
	}
}

// entry is a line to type into.
type entry struct {
	widget.Entry
	keys
	window func(fyne.Shortcut) // takes the shortcuts that are not about text; may be nil
}

func newEntry(placeholder string) *entry {
	e := &entry{}
	e.PlaceHolder = placeholder
	e.Scroll = fyne.ScrollHorizontalOnly
	e.ExtendBaseWidget(e)
	return e
}

// newSecret is an entry that does not show what is typed.
func newSecret() *entry {
	e := &entry{}
	e.Password = true
	e.ExtendBaseWidget(e)
	return e
}

// FocusGained implements [fyne.Focusable].
func (e *entry) FocusGained() {
	e.Entry.FocusGained()
	e.focused()
}

// TypedKey implements [fyne.Focusable].
func (e *entry) TypedKey(k *fyne.KeyEvent) {
	switch {
	case e.took(k):
	case k.Name == fyne.KeyF1 && e.window != nil:
		e.window(nil)
	default:
		e.Entry.TypedKey(k)
	}
}

// TypedShortcut implements [fyne.Shortcutable]. The toolkit gives shortcuts to
// the input with the focus, and to nobody else.
func (e *entry) TypedShortcut(s fyne.Shortcut) {
	if c, ok := s.(*desktop.CustomShortcut); ok && e.window != nil && c.KeyName == fyne.KeyF {
		e.window(s)
		return
	}
	e.Entry.TypedShortcut(s)
}

// check is a box to tick.
type check struct {
	widget.Check
	keys
}

func newCheck(label string, on bool, changed func(bool)) *check {
	c := &check{}
	c.Text, c.Checked, c.OnChanged = label, on, changed
	c.ExtendBaseWidget(c)
	return c
}

// FocusGained implements [fyne.Focusable].
func (c *check) FocusGained() {
	c.Check.FocusGained()
	c.focused()
}

// TypedKey implements [fyne.Focusable].
func (c *check) TypedKey(k *fyne.KeyEvent) {
	if !c.took(k) {
		c.Check.TypedKey(k)
	}
}

// choice is a list to choose one from.
type choice struct {
	widget.Select
	keys
}

func newChoice(options []string, selected int, changed func(string)) *choice {
	c := &choice{}
	c.Options, c.OnChanged = options, changed
	if selected >= 0 && selected < len(options) {
		c.Selected = options[selected]
	}
	c.ExtendBaseWidget(c)
	return c
}

// FocusGained implements [fyne.Focusable].
func (c *choice) FocusGained() {
	c.Select.FocusGained()
	c.focused()
}

// TypedKey implements [fyne.Focusable].
func (c *choice) TypedKey(k *fyne.KeyEvent) {
	if !c.took(k) {
		c.Select.TypedKey(k)
	}
}
