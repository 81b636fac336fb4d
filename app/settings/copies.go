package settings

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// What is taken out of the copies that an account gets.
const (
	StripNothing = ""
	StripPlace   = "place" // where photos were taken
	StripAll     = "all"   // all metadata
)

// What becomes of photos in a format that an account does not take.
const (
	UnsupportedConvert = "convert" // pictures are sent as JPEG
	UnsupportedSkip    = "skip"
)

// Which files of a shot are sent: a raw file or a HEIC and its JPEG.
const (
	PairsBoth = "both"
	PairsJPEG = "jpeg"
	PairsRaw  = "raw" // or HEIC
)

// Bounds of the copies that an account gets.
const (
	MinSide    = 200    // pixels
	MaxSide    = 30_000 // pixels
	MaxQuality = 100
	maxRadius  = 100_000 // metres
)

// Circle is a piece of the Earth around a place.
type Circle struct {
	Lat, Lon float64 // degrees; north and east positive
	Radius   float64 // metres
}

var errCircle = errors.New(`must be latitude, longitude and metres, such as "48.1374, 11.5755, 500"`)

// ParseCircle reads a circle as it stands in the file.
func ParseCircle(text string) (Circle, error) {
	parts := strings.Split(text, ",")
	if len(parts) != 3 {
		return Circle{}, errCircle
	}
	var v [3]float64
	for i, p := range parts {
		p = strings.TrimSpace(p)
		if i == 2 {
			p = strings.TrimSpace(strings.TrimSuffix(p, "m"))
		}
		n, err := strconv.ParseFloat(p, 64)
		if err != nil || math.IsNaN(n) {
			return Circle{}, errCircle
		}
		v[i] = n
	}
	c := Circle{v[0], v[1], v[2]}
	switch {
	case math.Abs(c.Lat) > 90 || math.Abs(c.Lon) > 180:
		return Circle{}, errors.New("is not on the Earth: the latitude comes first, -90 to 90, then the longitude, -180 to 180")
	case c.Radius < 1 || c.Radius > maxRadius:
		return Circle{}, fmt.Errorf("has a radius that is out of range: use 1 to %d metres", maxRadius)
	}
	return c, nil
}

// Contains reports whether a place lies in the circle.
func (c Circle) Contains(lat, lon float64) bool {
	const earth, degree = 6_371_000, math.Pi / 180
	a := math.Pow(math.Sin((lat-c.Lat)*degree/2), 2) +
		math.Cos(c.Lat*degree)*math.Cos(lat*degree)*math.Pow(math.Sin((lon-c.Lon)*degree/2), 2)
	return 2*earth*math.Asin(math.Min(1, math.Sqrt(a))) <= c.Radius
}

// copies checks what an account wants its copies to be like.
func (v *validator) copies(at string, a Account) {
	if a.Strip != StripNothing {
		v.oneOf(at+".strip", a.Strip, StripPlace, StripAll)
	}
	if a.Home != "" {
		if _, err := ParseCircle(a.Home); err != nil {
			v.add(at+".home", err.Error(), "")
		} else if a.Strip != StripPlace {
			v.add(at+".home", "is of no use without strip", `add strip = "place": places in this circle are taken out, others stay`)
		}
	}
	if a.LongestSide != 0 && (a.LongestSide < MinSide || a.LongestSide > MaxSide) {
		v.add(at+".longest_side", fmt.Sprintf("%d is out of range", a.LongestSide), fmt.Sprintf("use %d to %d pixels, or 0 for no limit", MinSide, MaxSide))
	}
	if a.Quality < 0 || a.Quality > MaxQuality {
		v.add(at+".quality", fmt.Sprintf("%d is out of range", a.Quality), fmt.Sprintf("use 1 to %d; 0 is the usual, 90", MaxQuality))
	}
}
