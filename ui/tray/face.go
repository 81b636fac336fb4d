package tray

import (
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/say"
)

// recentShown is how many delivered photos the menu offers.
const recentShown = 5

// cardsShown is for how many memory cards the menu has room.
const cardsShown = 3

// face is everything that the tray shows for one status.
type face struct {
	state   control.State
	words   string // what the engine says, without its numbers
	tooltip string
	line    string // first menu line
	last    string // "Last upload: today 14:02", "" when there was none
	paused  bool
	failed  int
	recent  []recent
	cards   []inserted
}

type recent struct{ title, url string }

// inserted is a memory card that can be taken out.
type inserted struct{ title, id string }

func faceOf(s *control.Status, now time.Time) face {
	text := textOf(s, now)
	f := face{state: s.State, words: withoutNumbers(text), line: lineOf(s, text), paused: s.State == control.StatePaused, failed: s.Counts.Failed}
	f.tooltip = say.T("PhotoFerry: {{.State}}", say.Fields{"State": f.line})
	if len(s.Recent) > 0 {
		f.last = say.T("Last upload: {{.When}}", say.Fields{"When": say.Clock(s.Recent[0].At, now)})
	}
	for _, r := range s.Recent[:min(len(s.Recent), recentShown)] {
		f.recent = append(f.recent, recent{short(filepath.Base(r.Path)) + " · " + r.Account, r.URL})
	}
	for _, c := range s.Cards[:min(len(s.Cards), cardsShown)] {
		name := say.Fields{"Name": short(c.Name)}
		title := say.T("Eject card “{{.Name}}”", name)
		if c.Safe {
			title = say.T("Eject card “{{.Name}}” · safe to format", name)
		}
		f.cards = append(f.cards, inserted{title, c.ID})
	}
	return f
}

// held is f as it may be shown after old, when the first line and the tooltip
// have been as they are for so long: what differs in numbers only waits its
// time, and anything else is shown at once.
func held(f, old face, line, tooltip time.Duration) face {
	if f.state != old.state || f.words != old.words {
		return f
	}
	if line < lineEvery {
		f.line = old.line
	}
	if tooltip < tooltipEvery {
		f.tooltip = old.tooltip
	}
	return f
}

// textOf is what the engine says of its state.
func textOf(s *control.Status, now time.Time) string {
	switch {
	case s.Text != "":
		return say.Engine(s.Text)
	case s.State == control.StatePaused && s.PausedUntil != nil:
		return say.T("Paused until {{.When}}", say.Fields{"When": say.Clock(*s.PausedUntil, now)})
	}
	return say.State(s.State)
}

// lineOf is the state in one line: "Sending 12 of 143 · 4.1 MB/s · about 6 min".
func lineOf(s *control.Status, text string) string {
	parts := []string{text}
	if s.State == control.StateSending {
		if v := say.Speed(s.Transfer.Speed); v != "" {
			parts = append(parts, v)
		}
		if v := say.Left(s.Transfer.Left); v != "" {
			parts = append(parts, v)
		}
	}
	return strings.Join(parts, " · ")
}

func withoutNumbers(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, text)
}

// short keeps a name within what a menu has room for.
func short(s string) string {
	const letters = 40
	if r := []rune(s); len(r) > letters {
		return string(r[:letters-1]) + "…"
	}
	return s
}
