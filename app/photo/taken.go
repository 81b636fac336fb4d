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
func (f fields) taken() (at time.Time, zoned bool) {
	at, ok := parseTime(f.text(exif.DateTimeOriginal), f.text(exif.SubSecTimeOriginal))
	offset := f.text("OffsetTimeOriginal")
	if !ok {
		at, ok = parseTime(f.text(exif.DateTimeDigitized), f.text(exif.SubSecTimeDigitized))
		offset = f.text("OffsetTimeDigitized")
	}
	if !ok {
		return time.Time{}, false
	}
	for _, o := range []string{offset, f.text("OffsetTime")} {
		if seconds, ok := parseOffset(o); ok {
			return inZone(at, seconds), true
		}
	}
	if utc, ok := f.stamp(); ok {
		if seconds, ok := impliedOffset(at, utc); ok {
			return inZone(at, seconds), true
		}
	}
	return at, false
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
