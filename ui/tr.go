package ui

import (
	"os"

	"fyne.io/fyne/v2/lang"

	"github.com/photoferry/photoferry/assets"
	"github.com/photoferry/photoferry/ui/say"
)

// fields are what the {{.Name}} of a text stand for.
type fields = say.Fields

// tr translates a text, whose key is the English one, and fills its fields.
func tr(text string, data ...fields) string { return say.T(text, data...) }

// trn translates a text about n things, in the form that n asks for. Its field
// {{.N}} is n as people write it.
func trn(text string, n int, data ...fields) string { return say.N(text, n, data...) }

// later marks a text that is translated where it is shown, for the test that
// looks for what has no translation.
func later(text string) string { return say.Later(text) }

// speak makes the window, the toolkit's own words included, speak a language:
// one of [say.Languages], or [say.System].
func speak(tag string) { say.Speak(tag, newToolkitWords) }

// toolkitWords translates by the toolkit, so that its words and ours are always
// in the same language.
type toolkitWords struct{}

// newToolkitWords makes the toolkit speak a language. It knows only that of the
// desktop, which it reads from the environment whenever words are added; what
// the window starts must find the environment as it was.
func newToolkitWords(tag string) say.Translator {
	for _, name := range []string{"LANGUAGE", "LC_ALL"} {
		old, there := os.LookupEnv(name)
		_ = os.Setenv(name, tag) // fails for no name and value like these
		defer func() {
			if there {
				_ = os.Setenv(name, old)
			} else {
				_ = os.Unsetenv(name)
			}
		}()
	}
	if err := lang.AddTranslationsFS(assets.Words, "words"); err != nil {
		panic("ui: the words: " + err.Error()) // they are part of the program, and tested
	}
	return toolkitWords{}
}

// Text implements [say.Translator].
func (toolkitWords) Text(text string, data fields) string { return lang.L(text, data) }

// Plural implements [say.Translator].
func (toolkitWords) Plural(text string, n int, data fields) string { return lang.N(text, n, data) }
