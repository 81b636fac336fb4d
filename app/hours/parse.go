package hours

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	day  = 24 * time.Hour
	week = 7 * day

	maxText = 1000 // bytes
)

// Hours are quiet hours. The zero value has none.
type Hours struct {
	// spans are sorted, do not touch each other and lie within a week that
	// begins on Sunday at 0:00.
	spans []span
}

// span is a part of a week, without its end.
type span struct{ from, to time.Duration }

// SyntaxError says which part of a text is no quiet hours, and why.
type SyntaxError struct {
	Part   string // the wrong part, as it was written; empty where something is missing
	Offset int    // where it begins in the text, in bytes
	Reason string // a sentence for the person who wrote it
}

func (e *SyntaxError) Error() string {
	if e.Part == "" {
		return e.Reason
	}
	return fmt.Sprintf("%q: %s", e.Part, e.Reason)
}

// Parse reads quiet hours. An empty text has none and is no error. Any other
// error is a *SyntaxError.
func Parse(text string) (Hours, error) {
	if strings.TrimSpace(text) == "" {
		return Hours{}, nil
	}
	if len(text) > maxText {
		return Hours{}, &SyntaxError{Reason: fmt.Sprintf("Quiet hours are at most %d characters long.", maxText)}
	}
	if !utf8.ValidString(text) {
		return Hours{}, &SyntaxError{Reason: "Quiet hours are plain text like 22:00-07:00."}
	}
	var spans []span
	offset := 0
	for part := range strings.SplitSeq(text, ",") {
		s, err := parsePart(part)
		if err != nil {
			if e, ok := errors.AsType[*SyntaxError](err); ok {
				e.Offset += offset
			}
			return Hours{}, err
		}
		spans = append(spans, s...)
		offset += len(part) + len(",")
	}
	return Hours{merge(spans)}, nil
}

// merge sorts spans, cuts them at the end of the week and joins those that
// touch.
func merge(spans []span) []span {
	var cut []span
	for _, s := range spans {
		if s.to > week {
			cut = append(cut, span{0, s.to - week})
			s.to = week
		}
		cut = append(cut, s)
	}
	slices.SortFunc(cut, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var merged []span
	for _, s := range cut {
		if n := len(merged); n > 0 && s.from <= merged[n-1].to {
			merged[n-1].to = max(merged[n-1].to, s.to)
			continue
		}
		merged = append(merged, s)
	}
	return merged
}

// word is a piece of a text and where it begins.
type word struct {
	text   string
	offset int
}

func (w word) wrong(reason string, args ...any) error {
	return &SyntaxError{Part: w.text, Offset: w.offset, Reason: fmt.Sprintf(reason, args...)}
}

// trim leaves out the space around a word.
func (w word) trim() word {
	left := strings.TrimLeft(w.text, " \t")
	return word{strings.TrimRight(left, " \t"), w.offset + len(w.text) - len(left)}
}

// cut splits a word at its first dash, of which people and phones write several.
func (w word) cut() (before, after word, found bool) {
	i := strings.IndexAny(w.text, "-–—")
	if i < 0 {
		return w, word{"", w.offset + len(w.text)}, false
	}
	_, n := utf8.DecodeRuneInString(w.text[i:])
	return word{w.text[:i], w.offset}.trim(), word{w.text[i+n:], w.offset + i + n}.trim(), true
}

// parsePart reads what stands between two commas.
func parsePart(text string) ([]span, error) {
	part := word{text, 0}.trim()
	if part.text == "" {
		return nil, part.wrong("There is nothing between two commas, or after the last one.")
	}
	days, times := word{"", part.offset}, part
	if i := strings.IndexAny(part.text, "0123456789"); i < 0 {
		return nil, part.wrong("The hours are missing, as in Sat 10:00-12:00.")
	} else if i > 0 {
		days, times = word{part.text[:i], part.offset}.trim(), word{part.text[i:], part.offset + i}
	}
	first, count, err := parseDays(days)
	if err != nil {
		return nil, err
	}
	from, to, ok := times.cut()
	if !ok {
		return nil, times.wrong("Hours have a beginning and an end, as in 22:00-07:00.")
	}
	begin, err := parseTime(from)
	if err != nil {
		return nil, err
	}
	end, err := parseTime(to)
	if err != nil {
		return nil, err
	}
	switch {
	case begin == day:
		return nil, from.wrong("A day begins at 00:00.")
	case begin == end:
		return nil, times.wrong("These hours end when they begin; a whole day is 00:00-24:00.")
	case end < begin:
		end += day
	}
	spans := make([]span, 0, count)
	for i := range count {
		at := time.Duration((first+i)%7) * day
		spans = append(spans, span{at + begin, at + end})
	}
	return spans, nil
}

var dayNames = []string{"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"}

// parseDays reads "Mon" or "Mon-Fri"; nothing stands for every day.
func parseDays(w word) (first, count int, err error) {
	if w.text == "" {
		return 0, 7, nil
	}
	from, to, isRange := w.cut()
	if first, err = parseDay(from); err != nil {
		return 0, 0, err
	}
	if !isRange {
		return first, 1, nil
	}
	last, err := parseDay(to)
	if err != nil {
		return 0, 0, err
	}
	return first, (last-first+7)%7 + 1, nil
}

func parseDay(w word) (int, error) {
	name := strings.ToLower(w.text)
	for i, full := range dayNames {
		if name == full || name == full[:3] {
			return i, nil
		}
	}
	return 0, w.wrong("A day is one of Mon, Tue, Wed, Thu, Fri, Sat, Sun.")
}

// parseTime reads 7:00, 07:00 or 24:00.
func parseTime(w word) (time.Duration, error) {
	hour, minute, ok := strings.Cut(w.text, ":")
	h, okHour := number(hour)
	m, okMinute := number(minute)
	switch {
	case !ok || !okHour || !okMinute || len(minute) != 2:
		return 0, w.wrong("A time has hours and minutes, as in 07:00.")
	case h > 24 || h == 24 && m > 0:
		return 0, w.wrong("A day has 24 hours.")
	case m > 59:
		return 0, w.wrong("An hour has 60 minutes.")
	}
	return time.Duration(h)*time.Hour + time.Duration(m)*time.Minute, nil
}

// number reads one or two digits.
func number(s string) (int, bool) {
	if len(s) < 1 || len(s) > 2 {
		return 0, false
	}
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}
