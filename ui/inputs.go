package ui

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// The toolkit gives a key to the widget with the focus and to nobody else; so
// the inputs of a sheet pass Escape on themselves.

// button is a push button whose drawing follows its importance.
type button struct {
	widget.Button
	drawing string
	escape  func()
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

func (b *button) onEscape(f func()) { b.escape = f }

// TypedKey implements [fyne.Focusable].
func (b *button) TypedKey(e *fyne.KeyEvent) {
	if !escaped(e, b.escape) {
		b.Button.TypedKey(e)
	}
}

func escaped(e *fyne.KeyEvent, escape func()) bool {
	if e.Name != fyne.KeyEscape || escape == nil {
		return false
	}
	escape()
	return true
}

// entry is a line to type into.
type entry struct {
	widget.Entry
	escape func()
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

func (e *entry) onEscape(f func()) { e.escape = f }

// TypedKey implements [fyne.Focusable].
func (e *entry) TypedKey(k *fyne.KeyEvent) {
	switch {
	case escaped(k, e.escape):
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
	escape func()
}

func newCheck(label string, on bool, changed func(bool)) *check {
	c := &check{}
	c.Text, c.Checked, c.OnChanged = label, on, changed
	c.ExtendBaseWidget(c)
	return c
}

func (c *check) onEscape(f func()) { c.escape = f }

// TypedKey implements [fyne.Focusable].
func (c *check) TypedKey(k *fyne.KeyEvent) {
	if !escaped(k, c.escape) {
		c.Check.TypedKey(k)
	}
}

// choice is a list to choose one from.
type choice struct {
	widget.Select
	escape func()
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

func (c *choice) onEscape(f func()) { c.escape = f }

// TypedKey implements [fyne.Focusable].
func (c *choice) TypedKey(k *fyne.KeyEvent) {
	if !escaped(k, c.escape) {
		c.Select.TypedKey(k)
	}
}
