package say

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"slices"
	"sync/atomic"

	"github.com/jeandeaual/go-locale"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"

	"github.com/photoferry/photoferry/assets"
)

// Fields are what the {{.Name}} of a text stand for.
type Fields = map[string]any

// Languages are those that there are translations for, English first.
var Languages = []string{"en", "de", "fr"}

// System stands for the language of the desktop, wherever a language is named.
const System = "system"

// Translator translates texts, whose keys are the English ones.
type Translator interface {
	// Text returns text in the language, with its fields filled.
	Text(text string, data Fields) string
	// Plural does so in the form that a number asks for.
	Plural(text string, n int, data Fields) string
}

// spoken is the language that everything is said in.
type spoken struct {
	Translator
	tag string
}

var current atomic.Pointer[spoken]

// speaker is who translates: into English before anything else was chosen.
func speaker() *spoken {
	if s := current.Load(); s != nil {
		return s
	}
	current.CompareAndSwap(nil, &spoken{newWords("en"), "en"})
	return current.Load()
}

// Language is the language that is spoken now, one of [Languages].
func Language() string { return speaker().tag }

// SetLanguage makes everything be said in a language: one of [Languages], or
// [System]. Anything else is English.
func SetLanguage(tag string) { Speak(tag, newWords) }

// Speak is SetLanguage with another translator, such as that of the window's
// toolkit.
func Speak(tag string, by func(tag string) Translator) {
	tag = Spoken(tag)
	current.Store(&spoken{Translator: by(tag), tag: tag})
}

// Spoken returns which of [Languages] is spoken for a setting.
func Spoken(tag string) string {
	if tag == System {
		tag = systemLanguage()
	}
	if slices.Contains(Languages, tag) {
		return tag
	}
	return "en"
}

// systemLanguage is the first of the desktop's languages that we have words for.
func systemLanguage() string {
	wanted, err := locale.GetLocales()
	if err != nil {
		return "en"
	}
	for _, w := range wanted {
		tag, err := language.Parse(w)
		if err != nil {
			continue
		}
		base, _ := tag.Base()
		if l := base.String(); slices.Contains(Languages, l) {
			return l
		}
	}
	return "en"
}

// Later returns a text as it is. It marks one that is translated where it is
// shown, for the test that looks for what has no translation.
func Later(text string) string { return text }

// T translates a text, with the fields that it has.
func T(text string, data ...Fields) string {
	var d Fields
	if len(data) > 0 {
		d = data[0]
	}
	return speaker().Text(text, d)
}

// N translates a text about n things. Its field {{.N}} is n as people write it;
// more fields may come with data.
func N(text string, n int, data ...Fields) string {
	d := Fields{"N": Number(n)}
	for _, more := range data {
		for k, v := range more {
			d[k] = v
		}
	}
	return speaker().Plural(text, n, d)
}

// words translates by package i18n, for programs without the window's toolkit.
type words struct{ localizer *i18n.Localizer }

func newWords(tag string) Translator {
	b := i18n.NewBundle(language.English)
	b.RegisterUnmarshalFunc("json", json.Unmarshal)
	for _, l := range []string{"en", tag} {
		name := "words/" + l + ".json"
		text, err := fs.ReadFile(assets.Words, name)
		if err == nil {
			_, err = b.ParseMessageFileBytes(text, name)
		}
		if err != nil {
			panic(fmt.Sprintf("say: the words of %q: %v", l, err)) // they are part of the program, and tested
		}
	}
	return words{i18n.NewLocalizer(b, tag)}
}

func (w words) Text(text string, data Fields) string {
	return w.say(&i18n.LocalizeConfig{DefaultMessage: &i18n.Message{ID: text, Other: text}, TemplateData: data}, text)
}

func (w words) Plural(text string, n int, data Fields) string {
	return w.say(&i18n.LocalizeConfig{DefaultMessage: &i18n.Message{ID: text, Other: text}, PluralCount: n, TemplateData: data}, text)
}

func (w words) say(c *i18n.LocalizeConfig, text string) string {
	s, err := w.localizer.Localize(c)
	if s == "" && err != nil {
		return text
	}
	return s
}
