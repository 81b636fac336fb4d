package ui

import "fyne.io/fyne/v2/lang"

// tr translates a text. Its fields, such as {{.Name}}, are filled from data.
func tr(text string, data ...any) string { return lang.L(text, data...) }

// fields are what a text's {{.Name}} stand for.
type fields = map[string]any
