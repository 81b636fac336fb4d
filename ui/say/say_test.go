package say

import (
	"math"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

func TestTimeLeftIsCoarse(t *testing.T) {
	for _, tt := range []struct {
		seconds float64
		want    string
	}{
		{0, ""}, {-5, ""}, {math.NaN(), ""}, {0.2, "less than a minute"}, {49, "less than a minute"},
		{60, "about 1 min"}, {61, "about 2 min"}, {360, "about 6 min"}, {2 * 3600, "about 2 h"},
		{3 * 86400, "about 3 days"}, {1e12, "more than a year"}, {math.Inf(1), "more than a year"},
	} {
		if got := Left(tt.seconds); got != tt.want {
			t.Errorf("Left(%v) = %q, want %q", tt.seconds, got, tt.want)
		}
	}
}

func TestSpeedOfNothingIsNotShown(t *testing.T) {
	for _, v := range []float64{0, -1, 0.5, math.NaN(), math.Inf(1)} {
		if got := Speed(v); got != "" {
			t.Errorf("Speed(%v) = %q", v, got)
		}
	}
	if got := Speed(4.1e6); got != "4.1 MB/s" {
		t.Errorf("got %q", got)
	}
}

func TestClockNamesTheDayThatPeopleWouldName(t *testing.T) {
	zone := time.FixedZone("there", 2*3600)
	now := time.Date(2026, 3, 1, 0, 30, 0, 0, zone)
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{now.Add(-10 * time.Minute), "today 00:20"},
		{now.Add(-31 * time.Minute), "yesterday 23:59"},
		{now.Add(24 * time.Hour), "tomorrow 00:30"},
		{time.Date(2026, 2, 27, 22, 30, 0, 0, time.UTC), "yesterday 00:30"},
		{time.Date(2026, 1, 2, 9, 5, 0, 0, zone), "2 Jan 09:05"},
		{time.Date(2024, 12, 31, 9, 5, 0, 0, zone), "31 Dec 2024"},
	} {
		if got := Clock(tt.at, now); got != tt.want {
			t.Errorf("Clock(%v) = %q, want %q", tt.at, got, tt.want)
		}
	}
}

func TestDistanceToATimeToCome(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for d, want := range map[time.Duration]string{
		-time.Hour: "now", 40 * time.Second: "in 40 s", 5 * time.Minute: "in 5 min",
		3 * time.Hour: "in 3 h", 25 * time.Hour: "tomorrow 13:00",
	} {
		if got := In(now.Add(d), now); got != want {
			t.Errorf("In(%v) = %q, want %q", d, got, want)
		}
	}
}

func TestManySmallFilesMoveTheBar(t *testing.T) {
	half := control.Transfer{Files: 500, FilesTotal: 1000}
	if got := Fraction(half); got != 0.5 {
		t.Errorf("500 of 1000 known files: %v", got)
	}
	if got := Fraction(control.Transfer{}); got != 0 {
		t.Errorf("nothing to do: %v", got)
	}
	if got := Fraction(control.Transfer{Files: 3, FilesTotal: 2, Bytes: 9, BytesTotal: 1}); got != 1 {
		t.Errorf("more done than there was: %v", got)
	}
}

func TestProgressShowsBytesUntilTheTimeLeftIsStable(t *testing.T) {
	tr := control.Transfer{Files: 12, FilesTotal: 1430, Bytes: 40e6, BytesTotal: 480e6, Speed: 4.1e6}
	if got, want := Progress(tr), "12 of 1,430 · 40 MB of 480 MB · 4.1 MB/s"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	tr.Left = 360
	if got, want := Progress(tr), "12 of 1,430 · 4.1 MB/s · about 6 min"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := Progress(control.Transfer{}); got != "" {
		t.Errorf("0 of 0 is shown: %q", got)
	}
}

func TestPauseChoices(t *testing.T) {
	now := time.Date(2026, 12, 31, 23, 15, 0, 0, time.UTC)
	want := []string{"2026-12-31T23:25:00Z", "2027-01-01T00:15:00Z", "2027-01-01T06:00:00Z", ""}
	for i, p := range Pauses {
		got := ""
		if u := p.Request(now).Until; u != nil {
			got = u.Format(time.RFC3339)
		}
		if got != want[i] {
			t.Errorf("%s: until %q, want %q", p.Label(), got, want[i])
		}
	}
}

func TestEveryStateHasAWord(t *testing.T) {
	for _, s := range []control.State{
		control.StateStopped, control.StatePaused, control.StateSending, control.StateSettling, control.StateChecking,
		control.StateOffline, control.StateWaiting, control.StateAttention, control.StateIdle,
	} {
		if w := State(s); w == "" || w == string(s) {
			t.Errorf("%s has no word", s)
		}
	}
	if got := State("newer"); got != "newer" {
		t.Errorf("an unknown state is shown as %q", got)
	}
}
