package ui

import (
	"strings"
	"time"

	"github.com/photoferry/photoferry/ui/say"
)

// momentForms are how a moment is written in each language.
var momentForms = map[string]string{"en": "2006-01-02 15:04", "de": "02.01.2006 15:04", "fr": "02/01/2006 15:04"}

// momentText writes a moment as people type it; the zero time is "".
func momentText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(momentForms[say.Language()])
}

// readMoment reads what momentText writes in the language of the window, or in
// the English form, with or without the time of day. The end of a span is the
// last moment of the minute, or of the day, that is named.
func readMoment(text string, end bool, here *time.Location) (time.Time, bool) {
	text = strings.Join(strings.Fields(strings.Replace(text, "T", " ", 1)), " ")
	for _, l := range []string{say.Language(), "en"} {
		form := loose(momentForms[l])
		if t, err := time.ParseInLocation(form, text, here); err == nil {
			if end {
				t = t.Add(time.Minute - time.Nanosecond)
			}
			return t, true
		}
		day, _, _ := strings.Cut(form, " ")
		if t, err := time.ParseInLocation(day, text, here); err == nil {
			if end {
				t = t.AddDate(0, 0, 1).Add(-time.Nanosecond)
			}
			return t, true
		}
	}
	return time.Time{}, false
}

// loose lets day and month have one digit.
func loose(form string) string {
	return strings.NewReplacer("02", "2", "01", "1").Replace(form)
}
