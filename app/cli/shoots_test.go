package cli

import (
	"testing"
	"time"
)

func TestATimeCountsAsAWhole(t *testing.T) {
	at := func(day, hour, minute, second, nano int) time.Time {
		return time.Date(2026, 5, day, hour, minute, second, nano, time.Local)
	}
	zone := time.FixedZone("", 2*3600)
	for _, tt := range []struct {
		text        string
		first, last time.Time
	}{
		{"2026-05-01", at(1, 0, 0, 0, 0), at(1, 23, 59, 59, 999_999_999)},
		{"2026-05-01T14:30", at(1, 14, 30, 0, 0), at(1, 14, 30, 59, 999_999_999)},
		{" 2026-05-01 14:30 ", at(1, 14, 30, 0, 0), at(1, 14, 30, 59, 999_999_999)},
		{"2026-05-01T14:30:07", at(1, 14, 30, 7, 0), at(1, 14, 30, 7, 999_999_999)},
		{"2026-05-01T14:30:07+02:00", time.Date(2026, 5, 1, 14, 30, 7, 0, zone), time.Date(2026, 5, 1, 14, 30, 7, 999_999_999, zone)},
	} {
		first, last, err := readMoment("--from", tt.text)
		if err != nil || !first.Equal(tt.first) || !last.Equal(tt.last) {
			t.Errorf("%q: %s to %s, want %s to %s: %v", tt.text, first, last, tt.first, tt.last, err)
		}
	}
	for _, text := range []string{"", "tomorrow", "2026-13-01", "14:30", "2026-05-01T25:00"} {
		if _, _, err := readMoment("--from", text); err == nil {
			t.Errorf("%q is taken for a time", text)
		}
	}
	if _, _, err := span("2026-05-02", "2026-05-01"); err == nil {
		t.Error("a span ends before it begins")
	}
	if first, last, err := span("2026-05-01", "2026-05-01"); err != nil || !first.Before(last) {
		t.Errorf("one day is %s to %s: %v", first, last, err)
	}
}
