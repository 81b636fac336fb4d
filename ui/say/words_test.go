package say

import (
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// speaking says everything in a language until the test ends.
func speaking(t *testing.T, tag string) {
	t.Helper()
	old := Language()
	SetLanguage(tag)
	t.Cleanup(func() { SetLanguage(old) })
}

func TestEachLanguageHasItsNumbersAndDates(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ tag, photos, one, size, day, date, speed string }{
		{"en", "8,200 photos", "1 photo", "4.1 MB", "today 09:05", "2 May 2024", "4.1 MB/s"},
		{"de", "8.200 Fotos", "1 Foto", "4,1 MB", "heute 09:05", "2. Mai 2024", "4,1 MB/s"},
		{"fr", "8\u202f200 photos", "1 photo", "4,1 MB", "aujourd’hui 09:05", "2 mai 2024", "4,1 MB/s"},
	} {
		t.Run(tt.tag, func(t *testing.T) {
			speaking(t, tt.tag)
			for _, c := range []struct{ got, want string }{
				{Photos(8200), tt.photos}, {Photos(1), tt.one}, {Bytes(4_100_000), tt.size},
				{Clock(time.Date(2026, 3, 1, 9, 5, 0, 0, time.UTC), now), tt.day},
				{Clock(time.Date(2024, 5, 2, 9, 5, 0, 0, time.UTC), now), tt.date},
				{Speed(4.1e6), tt.speed},
			} {
				if c.got != c.want {
					t.Errorf("got %q, want %q", c.got, c.want)
				}
			}
		})
	}
}

func TestTheLanguageOfTheDesktop(t *testing.T) {
	for _, tt := range []struct{ tag, lang, languages, want string }{
		{"system", "de_AT.UTF-8", "", "de"},
		{"system", "nl_NL.UTF-8", "nl:fr:en", "fr"},
		{"system", "nl_NL.UTF-8", "", "en"},
		{"system", "C.UTF-8", "", "en"},
		{"fr", "de_DE.UTF-8", "", "fr"},
		{"xx", "de_DE.UTF-8", "", "en"},
		{"", "de_DE.UTF-8", "", "en"},
	} {
		t.Setenv("LC_ALL", "")
		t.Setenv("LC_MESSAGES", "")
		t.Setenv("LANG", tt.lang)
		t.Setenv("LANGUAGE", tt.languages)
		if got := Spoken(tt.tag); got != tt.want {
			t.Errorf("%q on a desktop in %s %s: got %s, want %s", tt.tag, tt.lang, tt.languages, got, tt.want)
		}
	}
}

func TestWhatHasNoTranslationIsSaidInEnglish(t *testing.T) {
	speaking(t, "de")
	if got := T("Nobody translated {{.What}}", Fields{"What": "this"}); got != "Nobody translated this" {
		t.Errorf("got %q", got)
	}
	if got := State(control.State("new")); got != "new" {
		t.Errorf("got %q", got)
	}
}
