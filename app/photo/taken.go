package photo

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/rwcarlsen/goexif/exif"
)

const (
	// zoneStep and zoneReach are the grid of the world's time zones: whole
	// quarters of an hour, none further than this from UTC.
	zoneStep  = 15 * time.Minute
	zoneReach = 15 * time.Hour
	// fixAge is how far the satellites' stamp may be from the shutter's time
	// for the difference between the two to be taken for a zone.
	fixAge = 30 * time.Second
)

// taken applies the time rule. The time is DateTimeOriginal with its
// sub-seconds, or else DateTimeDigitized with its own; DateTime, which editors
// change, does not count. The zone is the offset beside that time, else
// OffsetTime, else what the satellites' UTC stamp implies, else not known.
func (f fields) taken(m *Meta) {
	m.GPSTime, _ = f.stamp()
	at, ok := parseTime(f.text(exif.DateTimeOriginal), f.text(exif.SubSecTimeOriginal))
	offset := f.text("OffsetTimeOriginal")
	if !ok {
		at, ok = parseTime(f.text(exif.DateTimeDigitized), f.text(exif.SubSecTimeDigitized))
		offset = f.text("OffsetTimeDigitized")
	}
	if !ok {
		return
	}
	for _, o := range []string{offset, f.text("OffsetTime")} {
		if seconds, ok := parseOffset(o); ok {
			m.Taken, m.Zoned = inZone(at, seconds), true
			return
		}
	}
	m.Taken, m.Zoned = zoneByGPS(at, m.GPSTime)
	m.ZoneByGPS = m.Zoned
}

// zoneByGPS gives a wall clock's reading the zone that the satellites' stamp
// implies, if it implies one.
func zoneByGPS(wall, stamp time.Time) (at time.Time, zoned bool) {
	if stamp.IsZero() {
		return wall, false
	}
	seconds, ok := impliedOffset(wall, stamp)
	if !ok {
		return wall, false
	}
	return inZone(wall, seconds), true
}

// isoLayouts are the forms of XMP's dates, and what IPTC's become. Fractions
// of a second are read though they are not in the layout.
var isoLayouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04Z07:00",
	"2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02", "2006-01", "2006",
}

// parseISO reads a date of XMP's. What is left out of it is the first of its
// kind: a date without a time is midnight. Without a zone the result is the
// wall clock's reading in UTC, as for [parseTime].
func parseISO(s string) (at time.Time, zoned bool) {
	for _, layout := range isoLayouts {
		at, err := time.ParseInLocation(layout, strings.TrimSpace(s), time.UTC)
		if err != nil || at.Year() < 1 {
			continue
		}
		if !strings.HasSuffix(layout, "Z07:00") {
			return at, false
		}
		// Parse gives this machine's zone where the offset is the same.
		_, seconds := at.Zone()
		if time.Duration(seconds).Abs() > zoneReach/time.Second {
			return time.Time{}, false
		}
		if seconds == 0 {
			return at.UTC(), true
		}
		return at.In(time.FixedZone("", seconds)), true
	}
	return time.Time{}, false
}

// parseTime reads "2006:01:02 15:04:05" with the fraction in a string of its
// own, strictly: the zeros and blanks that cameras without a set clock write
// are no time. The result is the wall clock's reading, in UTC.
func parseTime(s, fraction string) (time.Time, bool) {
	at, err := time.ParseInLocation("2006:01:02 15:04:05", s, time.UTC)
	if err != nil || at.Year() < 1 {
		return time.Time{}, false
	}
	if fraction = strings.TrimSpace(fraction); fraction != "" && len(fraction) <= 9 && strings.Trim(fraction, "0123456789") == "" {
		n, err := strconv.Atoi((fraction + "000000000")[:9])
		if err == nil {
			at = at.Add(time.Duration(n))
		}
	}
	return at, true
}

var offsetPattern = regexp.MustCompile(`^[+-]\d\d:\d\d$`)

// parseOffset reads "+02:00"; cameras also write "   :  ".
func parseOffset(s string) (seconds int, ok bool) {
	if !offsetPattern.MatchString(s) {
		return 0, false
	}
	hours, _ := strconv.Atoi(s[1:3])
	minutes, _ := strconv.Atoi(s[4:6])
	seconds = (hours*60 + minutes) * 60
	if minutes > 59 || time.Duration(seconds)*time.Second > zoneReach {
		return 0, false
	}
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, true
}

// stamp is the time that the satellites gave, in UTC.
func (f fields) stamp() (time.Time, bool) {
	date := f.text(exif.GPSDateStamp)
	day, err := time.ParseInLocation("2006:01:02", date, time.UTC)
	if err != nil {
		if day, err = time.ParseInLocation("2006-01-02", date, time.UTC); err != nil {
			return time.Time{}, false
		}
	}
	h, m, s := f.rational(exif.GPSTimeStamp, 0), f.rational(exif.GPSTimeStamp, 1), f.rational(exif.GPSTimeStamp, 2)
	seconds := h*3600 + m*60 + s
	if math.IsNaN(seconds) || seconds < 0 || seconds > 86400 {
		return time.Time{}, false
	}
	return day.Add(time.Duration(seconds * float64(time.Second))), true
}

// impliedOffset is the zone in which the wall clock shows wall at the moment
// utc, if there can be one.
func impliedOffset(wall, utc time.Time) (seconds int, ok bool) {
	diff := wall.Sub(utc)
	zone := diff.Round(zoneStep)
	if zone.Abs() > zoneReach || (diff-zone).Abs() > fixAge {
		return 0, false
	}
	return int(zone / time.Second), true
}

// inZone is the instant at which a clock that is seconds east of UTC shows wall.
func inZone(wall time.Time, seconds int) time.Time {
	zone := time.UTC
	if seconds != 0 {
		zone = time.FixedZone("", seconds)
	}
	return wall.Add(-time.Duration(seconds) * time.Second).In(zone)
}

// wallClock is what a clock in the zone of an instant shows then, in UTC.
func wallClock(at time.Time) time.Time {
	_, seconds := at.Zone()
	return at.UTC().Add(time.Duration(seconds) * time.Second)
}
