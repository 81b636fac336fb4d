package settings

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// Rate is a number of bytes a second; 0 is unlimited. In the file it is a text
// such as "2 MB".
type Rate int64

// Bounds of a rate that is not unlimited. Below the lower one no upload would
// ever look alive.
const (
	MinRate Rate = 1e3
	MaxRate Rate = 100e9
)

var (
	errRate     = errors.New(`must be a text such as "500 KB" or "2 MB", or "unlimited"`)
	errDuration = errors.New(`must be a duration in quotes such as "30s", "10m" or "1h30m"`)
)

// ParseRate reads a rate as people write it: "2 MB", "500kb", "1.5 MiB/s",
// "unlimited" or "0".
func ParseRate(text string) (Rate, error) {
	t := strings.ToLower(strings.TrimSpace(text))
	t = strings.TrimSpace(strings.TrimSuffix(t, "/s"))
	if t == "unlimited" || t == "0" {
		return 0, nil
	}
	n, err := humanize.ParseBytes(t)
	if err != nil || n > math.MaxInt64 {
		return 0, errRate
	}
	return Rate(n), nil
}

// String returns the rate so that ParseRate reads the same number again.
func (r Rate) String() string {
	if r == 0 {
		return "unlimited"
	}
	for _, u := range []struct {
		name string
		size Rate
	}{{"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}} {
		if r%u.size == 0 {
			return strconv.FormatInt(int64(r/u.size), 10) + " " + u.name
		}
	}
	return strconv.FormatInt(int64(r), 10) + " B"
}

// MarshalText implements [encoding.TextMarshaler].
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (r *Rate) UnmarshalText(text []byte) (err error) {
	*r, err = ParseRate(string(text))
	return err
}

// Duration is a length of time, in the file a text such as "1h30m".
type Duration time.Duration

// String returns the duration without empty tails: "15m", not "15m0s".
func (d Duration) String() string {
	s := time.Duration(d).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}

// MarshalText implements [encoding.TextMarshaler].
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText implements [encoding.TextUnmarshaler].
func (d *Duration) UnmarshalText(text []byte) error {
	v, err := time.ParseDuration(string(text))
	if err != nil {
		return errDuration
	}
	*d = Duration(v)
	return nil
}
