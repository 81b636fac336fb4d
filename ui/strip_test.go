package ui

import (
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/desktest"
	"github.com/photoferry/photoferry/ui/say"
)

// TestStripHasEveryStatesWord compares the strip with what the tray says too:
// the word of the state, and all of the engine's text.
func TestStripHasEveryStatesWord(t *testing.T) {
	defer speak(say.Language())
	drawn := map[string]control.State{}
	for _, s := range desktest.States(t) {
		name := stateIcon(s).Name()
		if other, twice := drawn[name]; twice || name == stateIcon(stateGone).Name() {
			t.Errorf("%s has the icon of %q", s, other)
		}
		drawn[name] = s
		for _, language := range say.Languages {
			speak(language)
			word := say.State(s)
			for _, text := range []string{"Home: it does so", word, word + " 12 of 143", word + ". 3 photos", word + "s otherwise"} {
				v := wordsOf(&control.Status{State: s, Text: text})
				if v.word != word {
					t.Errorf("%s in %s: the word is %q, want %q", s, language, v.word, word)
				}
				all := strings.TrimSpace(v.word + " " + v.text)
				if v.text != text && strings.ReplaceAll(all, ".", "") != strings.ReplaceAll(text, ".", "") {
					t.Errorf("%s in %s: %q is said as %q", s, language, text, all)
				}
			}
		}
	}
}
