package ui

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"github.com/photoferry/photoferry/app/control"
)

// faultField is an input below its caption, with what is wrong with it below:
// the text with the bad part marked, and the reason.
type faultField struct {
	box    *fyne.Container
	input  fyne.Focusable // gets the focus when it is at fault; may be nil
	marked *widget.RichText
	reason *widget.Label
	text   string // that is marked
	at     int    // where, the first letter being 1; 0 for nowhere
}

// newFaultField makes a field; below are what is always said about the input.
func newFaultField(caption string, o fyne.CanvasObject, input fyne.Focusable, below ...fyne.CanvasObject) *faultField {
	f := &faultField{input: input, marked: widget.NewRichText(), reason: wrapped("", widget.DangerImportance)}
	f.reason.SizeName = theme.SizeNameCaptionText
	f.marked.Wrapping = fyne.TextWrapBreak
	f.marked.Hide()
	f.reason.Hide()
	f.box = column(2, field(caption, o), column(-12, append([]fyne.CanvasObject{f.marked, f.reason}, below...)...))
	return f
}

// clear says that nothing is wrong.
func (f *faultField) clear() {
	setShown(f.marked, false)
	setShown(f.reason, false)
}

// say says what is wrong with the field as a whole.
func (f *faultField) say(reason string) {
	f.at = 0
	setShown(f.marked, false)
	setLabel(f.reason, clean(reason), widget.DangerImportance)
	setShown(f.reason, true)
}

// focus gives the input the focus, with the cursor at the fault.
func (f *faultField) focus(c fyne.Canvas) {
	if f.input == nil {
		return
	}
	c.Focus(f.input)
	if e, ok := f.input.(*entry); ok && f.at > 0 && e.Text == f.text {
		e.CursorRow, e.CursorColumn = 0, f.at-1
		e.Refresh()
	}
}

// mark says what is wrong with a text, beginning at a character of it; the first
// is 1, and 0 is none.
func (f *faultField) mark(text string, at int, reason string) {
	f.say(reason)
	good, bad, rest := cutFault(text, at)
	if bad == "" {
		return
	}
	f.text, f.at = text, at
	f.marked.Segments = nil
	for _, p := range []struct {
		text  string
		color fyne.ThemeColorName
	}{{good, colorMuted}, {bad, theme.ColorNameError}, {rest, colorMuted}} {
		if p.text != "" {
			f.marked.Segments = append(f.marked.Segments, &widget.TextSegment{Text: clean(p.text), Style: widget.RichTextStyle{
				ColorName: p.color, Inline: true, SizeName: theme.SizeNameText, TextStyle: fyne.TextStyle{Bold: p.color == theme.ColorNameError},
			}})
		}
	}
	f.marked.Refresh()
	setShown(f.marked, true)
}

// cutFault cuts the part out of a template that begins at a character of it, and
// is at fault: a field with its braces, or what is left of one.
func cutFault(text string, at int) (good, bad, rest string) {
	rs := []rune(text)
	if at < 1 || at > len(rs) {
		return text, "", ""
	}
	end := at
	if rs[at-1] == '{' {
		for end < len(rs) && rs[end-1] != '}' {
			end++
		}
	}
	return string(rs[:at-1]), string(rs[at-1 : end]), string(rs[end:])
}

// faultOf finds the value that an error is about: its name, its place where it
// is one of a list (otherwise -1), and the character in it, 0 for none. "" is an
// error about nothing in particular.
func faultOf(err error) (name string, index, at int) {
	p, ok := errors.AsType[*control.Problem](err)
	if !ok {
		return "", -1, 0
	}
	name, place, listed := strings.Cut(p.Field, "[")
	index, bad := strconv.Atoi(strings.TrimSuffix(place, "]"))
	if !listed || bad != nil {
		index = -1
	}
	return name, index, p.At
}

// whyOf is an error with what to do, as one text.
func whyOf(err error) string {
	text, hint := explain(err)
	return strings.TrimSpace(text + " " + hint)
}

// splitListed takes values apart that have commas between them. A comma in braces
// belongs to a value.
func splitListed(text string) []string {
	var all []string
	depth, from := 0, 0
	rs := []rune(text)
	add := func(to int) {
		if v := strings.TrimSpace(string(rs[from:to])); v != "" && !slices.Contains(all, v) {
			all = append(all, v)
		}
		from = to + 1
	}
	for i, r := range rs {
		switch {
		case r == '{':
			depth++
		case r == '}':
			depth = max(depth-1, 0)
		case r == ',' && (depth == 0 || !slices.Contains(rs[i:], '}')):
			add(i)
		}
	}
	add(len(rs))
	return all
}
