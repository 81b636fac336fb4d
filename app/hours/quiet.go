package hours

import "time"

// Quiet reports whether the hours hold at a moment, by the clocks of a place,
// and until when that stays so. A zero time means for ever: there are no hours,
// or they leave nothing out.
func (h Hours) Quiet(at time.Time, place *time.Location) (quiet bool, until time.Time) {
	at = at.In(place)
	quiet = h.holds(at)
	if len(h.spans) == 0 || h.spans[0] == (span{0, week}) {
		return quiet, time.Time{}
	}
	// Between two changes of the clocks, the clock on the wall goes like any
	// other. So it is enough to look at the beginnings and ends of spans, and
	// at the moments when clocks are changed.
	for next := h.step(at); ; next = h.step(next) {
		if h.holds(next) != quiet {
			return quiet, next
		}
	}
}

// holds reports whether a clock that shows t is within the hours.
func (h Hours) holds(t time.Time) bool {
	now := onTheWall(t)
	for _, s := range h.spans {
		if s.from <= now && now < s.to {
			return true
		}
	}
	return false
}

// step returns the next moment after t at which it may become quiet or loud.
func (h Hours) step(t time.Time) time.Time {
	now := onTheWall(t)
	wait := week - now
	for _, s := range h.spans {
		for _, edge := range []time.Duration{s.from, s.to} {
			if edge > now {
				wait = min(wait, edge-now)
			}
		}
	}
	next := t.Add(wait)
	if _, change := t.ZoneBounds(); !change.IsZero() && change.Before(next) {
		return change
	}
	return next
}

// onTheWall is how far into the week a clock that shows t is.
func onTheWall(t time.Time) time.Duration {
	hour, minute, second := t.Clock()
	return time.Duration(t.Weekday())*day + time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute +
		time.Duration(second)*time.Second + time.Duration(t.Nanosecond())
}
