// Package say puts numbers, times and states into words for people. The window
// and the tray both use it, so that they say the same; it knows no toolkit.
package say

import (
	"math"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/photoferry/photoferry/app/control"
)

// Title is the name of the program.
const Title = "PhotoFerry"

// Bytes returns a size with a decimal unit: "4.1 MB".
func Bytes(n int64) string { return decimals(humanize.Bytes(uint64(max(n, 0)))) }

// decimals writes the point of a number as the language has it.
func decimals(s string) string {
	if Language() == "en" {
		return s
	}
	return strings.Replace(s, ".", ",", 1)
}

// Speed returns bytes a second as "4.1 MB/s", and "" for none.
func Speed(v float64) string {
	if !(v >= 1) || v > math.MaxInt64 { // also not a number
		return ""
	}
	return T("{{.Size}}/s", Fields{"Size": Bytes(int64(v))})
}

// Left returns an estimate in seconds as "about 6 min", and "" for none. It is
// coarse on purpose: an estimate with seconds in it claims too much.
func Left(seconds float64) string {
	switch {
	case !(seconds > 0):
		return ""
	case seconds < 50:
		return T("less than a minute")
	case seconds < 90*60:
		return T("about {{.N}} min", Fields{"N": int(math.Ceil(seconds / 60))})
	case seconds < 36*3600:
		return T("about {{.N}} h", Fields{"N": int(math.Round(seconds / 3600))})
	case seconds < 365*86400:
		return T("about {{.N}} days", Fields{"N": int(math.Round(seconds / 86400))})
	}
	return T("more than a year")
}

// separators stand between the thousands of a number.
var separators = map[string]string{"de": ".", "fr": "\u202f"}

// Number returns n with separators: "8,200".
func Number(n int) string {
	s := humanize.Comma(int64(n))
	if sep, ok := separators[Language()]; ok {
		s = strings.ReplaceAll(s, ",", sep)
	}
	return s
}

// Photos returns a number of photos: "1 photo", "8,200 photos".
func Photos(n int) string { return N("{{.N}} photos", n) }

// Files returns a number of files.
func Files(n int) string { return N("{{.N}} files", n) }

// Folders returns a number of folders.
func Folders(n int) string { return N("{{.N}} folders", n) }

// Clock returns a moment as seen from now: "today 14:02", "yesterday 14:02",
// "3 Nov 14:02", "3 Nov 2024". It uses now's time zone.
func Clock(t, now time.Time) string {
	t = t.In(now.Location())
	day := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, now.Location())
	}
	at := Fields{"Time": t.Format("15:04")}
	switch {
	case day(t).Equal(day(now)):
		return T("today {{.Time}}", at)
	case day(t).Equal(day(now).AddDate(0, 0, -1)):
		return T("yesterday {{.Time}}", at)
	case day(t).Equal(day(now).AddDate(0, 0, 1)):
		return T("tomorrow {{.Time}}", at)
	case t.Year() == now.Year():
		return Day(t, "2 Jan") + " " + t.Format("15:04")
	}
	return Day(t, "2 Jan 2006")
}

// Day writes a date in the language: "2 Jan" with or without " 2006".
func Day(t time.Time, layout string) string {
	d := Fields{"Day": t.Day(), "Month": T(t.Format("Jan")), "Year": t.Year()}
	if strings.Contains(layout, "2006") {
		return T("{{.Day}} {{.Month}} {{.Year}}", d)
	}
	return T("{{.Day}} {{.Month}}", d)
}

// In returns a time to come as a distance: "now", "in 40 s", "in 5 min", "in
// 3 h"; beyond a day as Clock.
func In(t, now time.Time) string {
	d := t.Sub(now)
	switch {
	case d < time.Second:
		return T("now")
	case d < 90*time.Second:
		return T("in {{.N}} s", Fields{"N": int(d.Seconds())})
	case d < 90*time.Minute:
		return T("in {{.N}} min", Fields{"N": int(d.Round(time.Minute).Minutes())})
	case d < 24*time.Hour:
		return T("in {{.N}} h", Fields{"N": int(d.Round(time.Hour).Hours())})
	}
	return Clock(t, now)
}

// states holds the words that a state is shown with.
var states = map[control.State]string{
	control.StateStopped:   Later("Needs you"),
	control.StatePaused:    Later("Paused"),
	control.StateSending:   Later("Sending"),
	control.StateSettling:  Later("Waiting for files"),
	control.StateChecking:  Later("Checking"),
	control.StateOffline:   Later("Offline"),
	control.StateWaiting:   Later("Waiting"),
	control.StateAttention: Later("Attention"),
	control.StateIdle:      Later("Up to date"),
}

// State returns the word for a state. One that is not known stays as it is.
func State(s control.State) string {
	if w, ok := states[s]; ok {
		return T(w)
	}
	return string(s)
}

// unit is what one finished file adds to the bar beside its bytes, so that a
// thousand small or known files still move it.
const unit = 64 << 10

// Fraction returns how much of a batch is done, from 0 to 1.
func Fraction(t control.Transfer) float64 {
	total := float64(t.BytesTotal) + unit*float64(t.FilesTotal)
	if !(total > 0) {
		return 0
	}
	return min(max((float64(t.Bytes)+unit*float64(t.Files))/total, 0), 1)
}

// Progress returns the numbers of a running batch: "12 of 143 · 40 MB of
// 480 MB · 4.1 MB/s · about 6 min". The bytes give way to the time left once
// there is one. It is "" when there is no batch.
func Progress(t control.Transfer) string {
	if t.FilesTotal <= 0 {
		return ""
	}
	parts := []string{Of(Number(t.Files), Number(t.FilesTotal))}
	if t.Left <= 0 && t.BytesTotal > 0 {
		parts = append(parts, Of(Bytes(t.Bytes), Bytes(t.BytesTotal)))
	}
	if s := Speed(t.Speed); s != "" {
		parts = append(parts, s)
	}
	if s := Left(t.Left); s != "" {
		parts = append(parts, s)
	}
	return strings.Join(parts, " · ")
}

// Of says a part of a whole: "12 of 143".
func Of(part, whole string) string {
	return T("{{.Part}} of {{.Whole}}", Fields{"Part": part, "Whole": whole})
}

// Pause is one choice of how long to pause.
type Pause struct {
	label string                        // English
	until func(now time.Time) time.Time // nil: until resumed
}

// Pauses are the choices, in their order.
var Pauses = []Pause{
	{Later("10 minutes"), func(now time.Time) time.Time { return now.Add(10 * time.Minute) }},
	{Later("1 hour"), func(now time.Time) time.Time { return now.Add(time.Hour) }},
	{Later("Until tomorrow"), func(now time.Time) time.Time {
		// At six rather than at midnight: whoever works late means the morning.
		d := time.Date(now.Year(), now.Month(), now.Day(), 6, 0, 0, 0, now.Location())
		if now.Hour() >= 4 {
			d = d.AddDate(0, 0, 1)
		}
		return d
	}},
	{Later("Until I resume"), nil},
}

// Label is the choice as it is offered.
func (p Pause) Label() string { return T(p.label) }

// Request is the call that carries the choice out for everything.
func (p Pause) Request(now time.Time) control.PauseRequest {
	if p.until == nil {
		return control.PauseRequest{}
	}
	t := p.until(now)
	return control.PauseRequest{Until: &t}
}
