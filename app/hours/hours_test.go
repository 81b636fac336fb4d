package hours

import (
	"errors"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones of the tables, on a machine without them too
)

func place(t testing.TB, name string) *time.Location {
	t.Helper()
	l, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

const layout = "Mon 2006-01-02 15:04:05 MST"

func TestQuiet(t *testing.T) {
	for _, tt := range []struct {
		name, hours, zone string
		at                string // 2026-01-02 15:04:05, by the zone's clocks
		quiet             bool
		until             string // as layout, or empty for ever
	}{
		{"no hours", "", "Europe/Berlin", "2026-11-26 12:00:00", false, ""},
		{"every hour", "00:00-24:00", "Europe/Berlin", "2026-11-26 12:00:00", true, ""},
		{"every hour in two pieces", "00:00-12:00, 12:00-24:00", "Europe/Berlin", "2026-11-26 12:00:00", true, ""},
		{"in the evening, across midnight", "22:00-07:00", "Europe/Berlin", "2026-11-26 23:00:00", true, "Fri 2026-11-27 07:00:00 CET"},
		{"in the morning, across midnight", "22:00-07:00", "Europe/Berlin", "2026-11-27 06:59:59", true, "Fri 2026-11-27 07:00:00 CET"},
		{"the end is not quiet", "22:00-07:00", "Europe/Berlin", "2026-11-27 07:00:00", false, "Fri 2026-11-27 22:00:00 CET"},
		{"the beginning is", "22:00-07:00", "Europe/Berlin", "2026-11-27 22:00:00", true, "Sat 2026-11-28 07:00:00 CET"},
		{"the next of several", "12:30-13:15, 22:00-07:00", "Europe/Berlin", "2026-11-27 13:15:00", false, "Fri 2026-11-27 22:00:00 CET"},
		{"two that touch end together", "12:00-13:00, 13:00-14:00", "Europe/Berlin", "2026-11-27 12:30:00", true, "Fri 2026-11-27 14:00:00 CET"},
		{"until midnight", "20:00-24:00", "Europe/Berlin", "2026-11-27 21:00:00", true, "Sat 2026-11-28 00:00:00 CET"},
		{"until midnight, written as 0:00", "20:00-0:00", "Europe/Berlin", "2026-11-27 21:00:00", true, "Sat 2026-11-28 00:00:00 CET"},
		{"on a weekday", "Mon-Fri 08:00-17:00", "Europe/Berlin", "2026-11-27 08:00:00", true, "Fri 2026-11-27 17:00:00 CET"},
		{"over the weekend", "Mon-Fri 08:00-17:00", "Europe/Berlin", "2026-11-27 17:00:00", false, "Mon 2026-11-30 08:00:00 CET"},
		{"a night belongs to the day on which it begins", "Fri 22:00-07:00", "Europe/Berlin", "2026-11-28 06:00:00", true, "Sat 2026-11-28 07:00:00 CET"},
		{"and not to the one before", "Fri 22:00-07:00", "Europe/Berlin", "2026-11-27 06:00:00", false, "Fri 2026-11-27 22:00:00 CET"},
		{"days across the end of the week", "Fri-Mon 10:00-11:00", "Europe/Berlin", "2026-11-30 11:00:00", false, "Fri 2026-12-04 10:00:00 CET"},
		{"a night across the end of the week", "Sat 22:00-07:00", "Europe/Berlin", "2026-11-28 23:00:00", true, "Sun 2026-11-29 07:00:00 CET"},
		{"one day a week", "Sun 00:00-24:00", "Europe/Berlin", "2026-11-30 00:00:00", false, "Sun 2026-12-06 00:00:00 CET"},

		{"a short night when clocks go forward", "22:00-07:00", "Europe/Berlin", "2026-03-28 22:00:00", true, "Sun 2026-03-29 07:00:00 CEST"},
		{"a long night when they go back", "22:00-07:00", "Europe/Berlin", "2026-10-24 22:00:00", true, "Sun 2026-10-25 07:00:00 CET"},
		{"hours that the clock leaves out", "02:15-02:45", "Europe/Berlin", "2026-03-29 01:00:00", false, "Mon 2026-03-30 02:15:00 CEST"},
		{"an end that the clock leaves out", "22:00-02:30", "Europe/Berlin", "2026-03-29 01:00:00", true, "Sun 2026-03-29 03:00:00 CEST"},
		{"a beginning that the clock leaves out", "02:30-07:00", "Europe/Berlin", "2026-03-29 01:00:00", false, "Sun 2026-03-29 03:00:00 CEST"},
		{"an end that the clock shows twice", "22:00-02:30", "Europe/Berlin", "2026-10-25 01:00:00", true, "Sun 2026-10-25 02:30:00 CEST"},
		{"a change by half an hour", "01:45-03:00", "Australia/Lord_Howe", "2026-10-04 01:00:00", false, "Sun 2026-10-04 01:45:00 +1030"},
		{"across a change by half an hour", "01:45-03:00", "Australia/Lord_Howe", "2026-10-04 01:45:00", true, "Sun 2026-10-04 03:00:00 +11"},
		{"a change at midnight", "23:00-00:30", "Africa/Cairo", "2026-04-23 23:30:00", true, "Fri 2026-04-24 01:00:00 EEST"},
		{"a day that never was", "Fri 10:00-11:00", "Pacific/Apia", "2011-12-29 12:00:00", false, "Fri 2012-01-06 10:00:00 +14"},
		{"no changes at all", "22:00-07:00", "UTC", "2026-03-29 01:00:00", true, "Sun 2026-03-29 07:00:00 UTC"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h, err := Parse(tt.hours)
			if err != nil {
				t.Fatal(err)
			}
			zone := place(t, tt.zone)
			at, err := time.ParseInLocation("2006-01-02 15:04:05", tt.at, zone)
			if err != nil {
				t.Fatal(err)
			}
			quiet, until := h.Quiet(at.UTC(), zone)
			if quiet != tt.quiet {
				t.Errorf("quiet %v, want %v", quiet, tt.quiet)
			}
			got := ""
			if !until.IsZero() {
				got = until.In(zone).Format(layout)
			}
			if got != tt.until {
				t.Errorf("until %q, want %q", got, tt.until)
			}
		})
	}
}

// When an hour comes twice, it is quiet, loud and quiet again: the clock on the
// wall says so.
func TestAnHourThatComesTwice(t *testing.T) {
	berlin := place(t, "Europe/Berlin")
	h, err := Parse("22:00-02:30")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 10, 25, 1, 0, 0, 0, berlin)
	var got []string
	for range 4 {
		_, at = h.Quiet(at, berlin)
		got = append(got, at.Format("15:04 MST"))
	}
	if want := "02:30 CEST, 02:00 CET, 02:30 CET, 22:00 CET"; strings.Join(got, ", ") != want {
		t.Errorf("changes at %v, want %s", got, want)
	}
}

func TestWaysOfWriting(t *testing.T) {
	for _, tt := range []struct{ one, other string }{
		{"22:00-07:00", " 22:00 - 7:00 "},
		{"22:00-07:00", "22:00–07:00"},
		{"Mon-Fri 08:00-17:00", "monday – FRIDAY 8:00-17:00"},
		{"Mon-Fri 08:00-17:00", "Mon-Fri08:00-17:00"},
		{"Sun-Sat 08:00-17:00", "08:00-17:00"},
		{"22:00-07:00", "22:00-07:00,23:00-01:00"},
		{"Sat 00:00-24:00, Sun 00:00-24:00", "Sat-Sun 00:00-24:00"},
	} {
		one, err := Parse(tt.one)
		if err != nil {
			t.Fatal(err)
		}
		other, err := Parse(tt.other)
		if err != nil {
			t.Errorf("%s: %v", tt.other, err)
			continue
		}
		if len(one.spans) != len(other.spans) {
			t.Fatalf("%q is %v, and %q is %v", tt.one, one.spans, tt.other, other.spans)
		}
		for i := range one.spans {
			if one.spans[i] != other.spans[i] {
				t.Errorf("%q is %v, and %q is %v", tt.one, one.spans, tt.other, other.spans)
			}
		}
	}
}

func TestMistakes(t *testing.T) {
	for _, tt := range []struct {
		text   string
		part   string
		offset int
		reason string // a part of it
	}{
		{"22:00", "22:00", 0, "a beginning and an end"},
		{"22:00-25:00", "25:00", 6, "24 hours"},
		{"22:00-24:01", "24:01", 6, "24 hours"},
		{"24:00-07:00", "24:00", 0, "begins at 00:00"},
		{"22:60-07:00", "22:60", 0, "60 minutes"},
		{"22:00-07:00, 8-9", "8", 13, "hours and minutes"},
		{"22:00-07:00,", "", 12, "nothing"},
		{",22:00-07:00", "", 0, "nothing"},
		{"22:00-", "", 6, "hours and minutes"},
		{"22:00-07:0", "07:0", 6, "hours and minutes"},
		{"22:00-07:00:00", "07:00:00", 6, "hours and minutes"},
		{"22:00-07:00-08:00", "07:00-08:00", 6, "hours and minutes"},
		{"10 pm-7 am", "10 pm", 0, "hours and minutes"},
		{"22:00-22:00", "22:00-22:00", 0, "00:00-24:00"},
		{"22:00-07:00, Mo-Fr 08:00-17:00", "Mo", 13, "Mon, Tue"},
		{"Mon-Fry 08:00-17:00", "Fry", 4, "Mon, Tue"},
		{"Mon- 08:00-17:00", "", 4, "Mon, Tue"},
		{"-08:00-17:00", "", 0, "Mon, Tue"},
		{"Sat, Sun 10:00-12:00", "Sat", 0, "hours are missing"},
		{"nachts", "nachts", 0, "hours are missing"},
		{"22:00-07:00\x00", "07:00\x00", 6, "hours and minutes"},
		{"\xff22:00-07:00", "", 0, "plain text"},
		{strings.Repeat("22:00-07:00,", 100), "", 0, "at most"},
	} {
		h, err := Parse(tt.text)
		e, ok := errors.AsType[*SyntaxError](err)
		if !ok {
			t.Errorf("%q: %v, %v", tt.text, h, err)
			continue
		}
		if e.Part != tt.part || e.Offset != tt.offset || !strings.Contains(e.Reason, tt.reason) {
			t.Errorf("%q: part %q at %d: %s", tt.text, e.Part, e.Offset, e.Reason)
		}
	}
}

func FuzzParse(f *testing.F) {
	berlin := place(f, "Europe/Berlin")
	for _, s := range []string{
		"22:00-07:00", "Mon-Fri 08:00-17:00, Sat 10:00-12:00", "Sun 00:00-24:00", "02:15-02:45", "Sat 23:59-00:01,Sun–Wed 1:00 — 2:00",
		"22:00", ",", "Mon", "é-ü 1:00-2:00",
	} {
		f.Add(s, int64(1774742400), uint16(100))
		f.Add(s, int64(1792886400), uint16(59))
	}
	f.Fuzz(func(t *testing.T, text string, unix int64, step uint16) {
		h, err := Parse(text)
		if e, ok := errors.AsType[*SyntaxError](err); ok {
			if e.Offset < 0 || e.Offset > len(text) || !strings.HasPrefix(text[e.Offset:], e.Part) {
				t.Fatalf("%q: part %q is not at %d", text, e.Part, e.Offset)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		at := time.Unix(unix&(1<<32-1), 0)
		quiet, until := h.Quiet(at, berlin)
		if until.IsZero() {
			until = at.AddDate(0, 0, 14)
		} else if now, _ := h.Quiet(until, berlin); now == quiet {
			t.Fatalf("%q: nothing changes at %v", text, until)
		}
		if !until.After(at) || until.After(at.AddDate(0, 0, 15)) {
			t.Fatalf("%q: %v to %v", text, at, until)
		}
		for s := at; s.Before(until); s = s.Add(time.Duration(step%3600+60) * time.Second) {
			if now, _ := h.Quiet(s, berlin); now != quiet {
				t.Fatalf("%q: changes at %v, before %v", text, s, until)
			}
		}
	})
}
