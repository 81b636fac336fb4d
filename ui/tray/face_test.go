package tray

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/assets"
	"github.com/photoferry/photoferry/ui/desktest"
	"github.com/photoferry/photoferry/ui/say"
)

func TestEveryStateHasItsIconAndItsWord(t *testing.T) {
	t.Cleanup(func() { say.SetLanguage("en") })
	have := assets.TrayStates()
	for _, s := range desktest.States(t) {
		if !slices.Contains(have, string(s)) {
			t.Errorf("no icon for %s", s)
		}
		for _, language := range say.Languages {
			say.SetLanguage(language)
			f := faceOf(&control.Status{State: s}, noon)
			if word := say.State(s); f.state != s || f.line != word || word == string(s) || !strings.Contains(f.tooltip, word) {
				t.Errorf("%s in %s: %+v, want the word %q", s, language, f, word)
			}
			f = faceOf(&control.Status{State: s, Text: "Home: it does so"}, noon)
			if f.line != "Home: it does so" || !strings.Contains(f.tooltip, f.line) {
				t.Errorf("%s in %s: %+v, want the engine's text", s, language, f)
			}
		}
	}
}

func TestOnlyNumbersWaitForTheirTime(t *testing.T) {
	says := func(s control.State, text string) face { return faceOf(&control.Status{State: s, Text: text}, noon) }
	paused, sending := control.StatePaused, control.StateSending
	for _, tt := range []struct {
		name          string
		old, news     face
		since         time.Duration
		line, tooltip bool // shown
	}{
		{"the first of all", face{}, says(sending, "Sending 1 of 9"), 0, true, true},
		{"another state", says(sending, "Sending 1 of 9"), says(control.StateWaiting, "8 photos waiting"), 0, true, true},
		{"the same state, which is another thing now", says(paused, "Paused"), says(paused, "Paused until 15:30"), 0, true, true},
		{"the end of a pause that has none any more", says(paused, "Paused until 15:30"), says(paused, "Paused"), 0, true, true},
		{"numbers", says(sending, "Sending 1 of 9"), says(sending, "Sending 2 of 9"), tooltipEvery - 1, false, false},
		{"numbers, after a while", says(sending, "Sending 1 of 9"), says(sending, "Sending 3 of 9"), tooltipEvery, false, true},
		{"numbers, in time", says(sending, "Sending 1 of 9"), says(sending, "Sending 8 of 9"), lineEvery, true, true},
	} {
		f := held(tt.news, tt.old, tt.since, tt.since)
		if line, tooltip := f.line == tt.news.line, f.tooltip == tt.news.tooltip; line != tt.line || tooltip != tt.tooltip {
			t.Errorf("%s: the line is %q and the tooltip %q", tt.name, f.line, f.tooltip)
		}
	}
}
