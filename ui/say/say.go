// Package say puts numbers, times and states into words for people. The window
// and the tray both use it, so that they say the same; it knows no toolkit.
package say

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"github.com/photoferry/photoferry/app/control"
)

// Bytes returns a size with a decimal unit: "4.1 MB".
func Bytes(n int64) string { return humanize.Bytes(uint64(max(n, 0))) }

// Speed returns bytes a second as "4.1 MB/s", and "" for none.
func Speed(v float64) string {
	if !(v >= 1) || v > math.MaxInt64 { // also not a number
		return ""
	}
	return Bytes(int64(v)) + "/s"
}

// Left returns an estimate in seconds as "about 6 min", and "" for none. It is
// coarse on purpose: an estimate with seconds in it claims too much.
func Left(seconds float64) string {
	switch {
	case !(seconds > 0):
		return ""
	case seconds < 50:
		return "less than a minute"
	case seconds < 90*60:
		return fmt.Sprintf("about %d min", int(math.Ceil(seconds/60)))
	case seconds < 36*3600:
		return fmt.Sprintf("about %d h", int(math.Round(seconds/3600)))
	case seconds < 365*86400:
		return fmt.Sprintf("about %d days", int(math.Round(seconds/86400)))
	}
	return "more than a year"
}

// Number returns n with separators: "8,200".
func Number(n int) string { return humanize.Comma(int64(n)) }

// Count returns a number with its noun: "1 photo", "8,200 photos".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// Photos is Count for photos.
func Photos(n int) string { return Count(n, "photo", "photos") }

// Clock returns a moment as seen from now: "today 14:02", "yesterday 14:02",
// "3 Nov 14:02", "3 Nov 2024". It uses now's time zone.
func Clock(t, now time.Time) string {
	t = t.In(now.Location())
	day := func(t time.Time) time.Time {
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, now.Location())
	}
	switch {
	case day(t).Equal(day(now)):
		return "today " + t.Format("15:04")
	case day(t).Equal(day(now).AddDate(0, 0, -1)):
		return "yesterday " + t.Format("15:04")
	case day(t).Equal(day(now).AddDate(0, 0, 1)):
		return "tomorrow " + t.Format("15:04")
	case t.Year() == now.Year():
		return t.Format("2 Jan 15:04")
	}
	return t.Format("2 Jan 2006")
}

// In returns a time to come as a distance: "now", "in 40 s", "in 5 min", "in
// 3 h"; beyond a day as Clock.
func In(t, now time.Time) string {
	d := t.Sub(now)
	switch {
	case d < time.Second:
		return "now"
	case d < 90*time.Second:
		return fmt.Sprintf("in %d s", int(d.Seconds()))
	case d < 90*time.Minute:
		return fmt.Sprintf("in %d min", int(d.Round(time.Minute).Minutes()))
	case d < 24*time.Hour:
		return fmt.Sprintf("in %d h", int(d.Round(time.Hour).Hours()))
	}
	return Clock(t, now)
}

// states holds the words that a state is shown with.
var states = map[control.State]string{
	control.StateStopped:   "Needs you",
	control.StatePaused:    "Paused",
	control.StateSending:   "Sending",
	control.StateSettling:  "Waiting for files",
	control.StateChecking:  "Checking",
	control.StateOffline:   "Offline",
	control.StateWaiting:   "Waiting",
	control.StateAttention: "Attention",
	control.StateIdle:      "Up to date",
}

// State returns the word for a state. One that is not known stays as it is.
func State(s control.State) string {
	if w, ok := states[s]; ok {
		return w
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
	parts := []string{Number(t.Files) + " of " + Number(t.FilesTotal)}
	if t.Left <= 0 && t.BytesTotal > 0 {
		parts = append(parts, Bytes(t.Bytes)+" of "+Bytes(t.BytesTotal))
	}
	if s := Speed(t.Speed); s != "" {
		parts = append(parts, s)
	}
	if s := Left(t.Left); s != "" {
		parts = append(parts, s)
	}
	return strings.Join(parts, " · ")
}

// Pause is one choice of how long to pause.
type Pause struct {
	Label string
	until func(now time.Time) time.Time // nil: until resumed
}

// Pauses are the choices, in their order.
var Pauses = []Pause{
	{"10 minutes", func(now time.Time) time.Time { return now.Add(10 * time.Minute) }},
	{"1 hour", func(now time.Time) time.Time { return now.Add(time.Hour) }},
	{"Until tomorrow", func(now time.Time) time.Time {
		// At six rather than at midnight: whoever works late means the morning.
		d := time.Date(now.Year(), now.Month(), now.Day(), 6, 0, 0, 0, now.Location())
		if now.Hour() >= 4 {
			d = d.AddDate(0, 0, 1)
		}
		return d
	}},
	{"Until I resume", nil},
}

// Request is the call that carries the choice out for everything.
func (p Pause) Request(now time.Time) control.PauseRequest {
	if p.until == nil {
		return control.PauseRequest{}
	}
	t := p.until(now)
	return control.PauseRequest{Until: &t}
}
