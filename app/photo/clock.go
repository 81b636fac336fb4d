package photo

import (
	"strings"
	"time"
)

// Clocks are corrections of camera clocks: what to add to the time that a
// camera wrote, by its model or by its make and model ("X100V", "FUJIFILM
// X100V"). Upper and lower case are the same; the longer name goes first.
type Clocks map[string]time.Duration

// Correct returns m with the time that its camera's clock should have shown.
//
// A zone that the camera wrote stays. One that follows from the satellites'
// stamp is found anew, since it was found with the wrong time: a clock that is
// an hour ahead looks like the zone to the east of it.
func (c Clocks) Correct(m Meta) Meta {
	shift := c.of(m)
	if shift == 0 || m.Taken.IsZero() {
		return m
	}
	if m.Zoned && !m.ZoneByGPS {
		m.Taken = m.Taken.Add(shift)
		return m
	}
	m.Taken, m.Zoned = zoneByGPS(wallClock(m.Taken).Add(shift), m.GPSTime)
	m.ZoneByGPS = m.Zoned
	return m
}

func (c Clocks) of(m Meta) time.Duration {
	if m.Model == "" {
		return 0
	}
	for _, name := range []string{m.Make + " " + m.Model, m.Model} {
		for camera, shift := range c {
			if strings.EqualFold(strings.TrimSpace(camera), strings.TrimSpace(name)) {
				return shift
			}
		}
	}
	return 0
}
