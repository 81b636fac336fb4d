package practice

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Fault is one misbehaviour and when it happens. See the package comment.
type Fault struct {
	Service  string // empty means any
	Function string // empty means any
	Kind     FaultKind

	Skip  int     // requests that pass first
	Every int     // 0 means each
	Rate  float64 // 0 means always
	Seed  uint64
	Times int // 0 means for ever

	Code       int    // Status, HTML, Redirect; 0 means their default
	RetryAfter int    // seconds, Status; 0 means no such header
	BPS        int    // bytes a second, Slow; 0 means 1000
	To         string // address, Redirect
	Early      bool   // answer without reading the request
}

// FaultKind says what goes wrong.
type FaultKind string

// The faults of the package comment.
const (
	ResetBefore FaultKind = "reset-before"
	ResetAfter  FaultKind = "reset-after"
	Stall       FaultKind = "stall"
	Slow        FaultKind = "slow"
	Status      FaultKind = "status"
	HTML        FaultKind = "html"
	Empty       FaultKind = "empty"
	Cut         FaultKind = "cut"
	Redirect    FaultKind = "redirect"
	Endless     FaultKind = "endless"
	Expire      FaultKind = "expire"
	Quota       FaultKind = "quota"
	DiskFull    FaultKind = "diskfull"
)

// FaultKinds returns all faults, in the order of the package comment.
func FaultKinds() []FaultKind {
	return []FaultKind{ResetBefore, ResetAfter, Stall, Slow, Status, HTML, Empty, Cut, Redirect, Endless, Expire, Quota, DiskFull}
}

// keyFaults are the keys that only some faults have.
var keyFaults = map[string][]FaultKind{
	"code":        {Status, HTML, Redirect},
	"retry-after": {Status},
	"bps":         {Slow},
	"to":          {Redirect},
	"early":       {Status, HTML, Empty, Redirect, Endless, Quota, DiskFull},
}

const faultGrammar = "SERVICE[/FUNCTION]:FAULT[:key=value]..."

var keyPattern = regexp.MustCompile(`^[a-z-]+=`)

// ParseFault reads the written form of a fault. The error of a bad one says what is
// wrong with it and what would be right.
func ParseFault(spec string) (Fault, error) {
	f, err := parseFault(spec)
	if err != nil {
		return Fault{}, fmt.Errorf("fault %q: %w", spec, err)
	}
	return f, nil
}

func parseFault(spec string) (Fault, error) {
	parts := strings.Split(spec, ":")
	if len(parts) < 2 {
		return Fault{}, errors.New("want " + faultGrammar)
	}
	var f Fault
	var slash bool
	f.Service, f.Function, slash = strings.Cut(parts[0], "/")
	if f.Service == "" || slash && f.Function == "" || strings.Contains(f.Function, "/") {
		return Fault{}, fmt.Errorf("%q is no service: want %s", parts[0], faultGrammar)
	}
	f.Kind = FaultKind(parts[1])
	if !slices.Contains(FaultKinds(), f.Kind) {
		return Fault{}, fmt.Errorf("unknown fault %q: want one of %s", parts[1], join(FaultKinds()))
	}
	seen := map[string]bool{}
	for _, pair := range joinValues(parts[2:]) {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			return Fault{}, fmt.Errorf("%q is not key=value", pair)
		}
		if seen[key] {
			return Fault{}, fmt.Errorf("key %q is there twice", key)
		}
		seen[key] = true
		if err := f.set(key, value); err != nil {
			return Fault{}, err
		}
	}
	if f.Kind == Redirect && f.To == "" {
		return Fault{}, errors.New("redirect needs to=URL")
	}
	return f, nil
}

// joinValues puts values together that have a colon in them, as addresses do: a part
// that does not begin with a key belongs to the value before it.
func joinValues(parts []string) []string {
	var out []string
	for _, p := range parts {
		if n := len(out); n > 0 && !keyPattern.MatchString(p) {
			out[n-1] += ":" + p
		} else {
			out = append(out, p)
		}
	}
	return out
}

//
//nolint:gocyclo // one case for each key
func (f *Fault) set(key, value string) error {
	if kinds, ok := keyFaults[key]; ok && !slices.Contains(kinds, f.Kind) {
		return fmt.Errorf("key %q is for %s only", key, join(kinds))
	}
	number := func(into *int, low, high int) error {
		n, err := strconv.Atoi(value)
		if err != nil || n < low || n > high {
			return fmt.Errorf("%s=%q: want a number from %d to %d", key, value, low, high)
		}
		*into = n
		return nil
	}
	const many = 1_000_000_000
	switch key {
	case "skip":
		return number(&f.Skip, 0, many)
	case "every":
		return number(&f.Every, 1, many)
	case "times":
		return number(&f.Times, 0, many)
	case "seed":
		n, err := strconv.ParseUint(value, 10, 64)
		if err != nil {
			return fmt.Errorf("seed=%q: want a whole number", value)
		}
		f.Seed = n
	case "rate":
		p, err := strconv.ParseFloat(value, 64)
		if err != nil || !(p > 0 && p <= 1) {
			return fmt.Errorf("rate=%q: want a number above 0, at most 1", value)
		}
		f.Rate = p
	case "code":
		if f.Kind == Redirect {
			return number(&f.Code, 300, 399)
		}
		return number(&f.Code, 200, 599)
	case "retry-after":
		return number(&f.RetryAfter, 1, many)
	case "bps":
		return number(&f.BPS, 1, many)
	case "to":
		u, err := url.Parse(value)
		if err != nil || value == "" || strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' }) {
			return fmt.Errorf("to=%q: want an address", value)
		}
		f.To = u.String()
	case "early":
		on, err := strconv.ParseBool(value)
		if err != nil {
			return fmt.Errorf("early=%q: want true or false", value)
		}
		f.Early = on
	default:
		return fmt.Errorf("unknown key %q: want times, skip, every, rate, seed, code, retry-after, bps, to or early", key)
	}
	return nil
}

// String returns the written form.
func (f Fault) String() string {
	var b strings.Builder
	b.WriteString(f.Service)
	if f.Function != "" {
		b.WriteString("/" + f.Function)
	}
	b.WriteString(":" + string(f.Kind))
	for _, n := range []struct {
		key   string
		value int
	}{{"skip", f.Skip}, {"every", f.Every}, {"times", f.Times}, {"code", f.Code}, {"retry-after", f.RetryAfter}, {"bps", f.BPS}} {
		if n.value != 0 {
			fmt.Fprintf(&b, ":%s=%d", n.key, n.value)
		}
	}
	if f.Rate != 0 {
		fmt.Fprintf(&b, ":rate=%s", strconv.FormatFloat(f.Rate, 'g', -1, 64))
	}
	if f.Seed != 0 {
		fmt.Fprintf(&b, ":seed=%d", f.Seed)
	}
	if f.Early {
		b.WriteString(":early=true")
	}
	if f.To != "" {
		b.WriteString(":to=" + f.To)
	}
	return b.String()
}

// code returns the status to answer with.
func (f Fault) code() int {
	switch {
	case f.Code != 0:
		return f.Code
	case f.Kind == HTML:
		return http.StatusOK
	case f.Kind == Redirect:
		return http.StatusFound
	}
	return http.StatusInternalServerError
}

func join(kinds []FaultKind) string {
	words := make([]string, len(kinds))
	for i, k := range kinds {
		words[i] = string(k)
	}
	return strings.Join(words, ", ")
}
