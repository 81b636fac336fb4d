package ui

import (
	"strings"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// line is one line of text that is cut off with an ellipsis where room ends.
// It never asks for the width of its text unless fit is set, so that data
// cannot widen the window. It is lighter than a label and has no padding,
// which is what a list row needs.
type line struct {
	widget.BaseWidget
	text  string
	color fyne.ThemeColorName
	size  fyne.ThemeSizeName
	bold  bool
	align fyne.TextAlign
	fit   bool
}

func newLine(text string, color fyne.ThemeColorName, size fyne.ThemeSizeName) *line {
	l := &line{text: clean(text), color: color, size: size}
	l.ExtendBaseWidget(l)
	return l
}

func newTitle(text string) *line {
	l := newLine(text, theme.ColorNameForeground, theme.SizeNameSubHeadingText)
	l.bold = true
	return l
}

func newText(text string) *line {
	return newLine(text, theme.ColorNameForeground, theme.SizeNameText)
}

func newCaption(text string) *line {
	return newLine(text, colorMuted, theme.SizeNameCaptionText)
}

// set shows another text; nothing is redrawn if nothing changed.
func (l *line) set(text string, color fyne.ThemeColorName) {
	text = clean(text)
	if text == l.text && color == l.color {
		return
	}
	l.text, l.color = text, color
	l.Refresh()
}

// clean takes out what would break a line, or turn its direction, from text
// that may come from a file name or a server.
func clean(s string) string {
	if strings.IndexFunc(s, unprintable) < 0 {
		return s
	}
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Bidi_Control, r) {
			return -1
		}
		if unprintable(r) {
			return ' '
		}
		return r
	}, s)
}

// shorten cuts text at n letters.
func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}

func unprintable(r rune) bool {
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// CreateRenderer implements [fyne.Widget].
func (l *line) CreateRenderer() fyne.WidgetRenderer {
	r := &lineRenderer{line: l, text: canvas.NewText("", nil)}
	r.style()
	return r
}

type lineRenderer struct {
	line *line
	text *canvas.Text
}

func (r *lineRenderer) style() {
	th := r.line.Theme()
	r.text.Color = th.Color(r.line.color, fyne.CurrentApp().Settings().ThemeVariant())
	r.text.TextSize = th.Size(r.line.size)
	r.text.TextStyle = fyne.TextStyle{Bold: r.line.bold}
	r.text.Alignment = r.line.align
}

func (r *lineRenderer) measure(s string) fyne.Size {
	return fyne.MeasureText(s, r.text.TextSize, r.text.TextStyle)
}

// MinSize implements [fyne.WidgetRenderer].
func (r *lineRenderer) MinSize() fyne.Size {
	if r.line.fit {
		return r.measure(r.line.text).AddWidthHeight(1, 0)
	}
	return fyne.NewSize(16, r.measure("M").Height)
}

// Layout implements [fyne.WidgetRenderer].
func (r *lineRenderer) Layout(size fyne.Size) {
	r.text.Resize(size)
	r.cut(size.Width)
}

// cut finds the longest beginning of the text that fits.
func (r *lineRenderer) cut(width float32) {
	full := r.line.text
	if full == "" || len(full) < 1000 && r.measure(full).Width <= width {
		r.text.Text = full
		return
	}
	runes := []rune(full)
	lo, hi := 0, min(len(runes), 1000) // no line is wider than that
	for lo < hi {
		mid := (lo + hi + 1) / 2
		if r.measure(string(runes[:mid])+"…").Width <= width {
			lo = mid
		} else {
			hi = mid - 1
		}
	}
	r.text.Text = strings.TrimRight(string(runes[:lo]), " ") + "…"
}

// Refresh implements [fyne.WidgetRenderer].
func (r *lineRenderer) Refresh() {
	r.style()
	r.cut(r.line.Size().Width)
	r.text.Refresh()
}

// Objects implements [fyne.WidgetRenderer].
func (r *lineRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.text} }

// Destroy implements [fyne.WidgetRenderer].
func (r *lineRenderer) Destroy() {}
