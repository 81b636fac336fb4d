package ui

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/photoferry/photoferry/app/control"
)

func TestValuesWithCommasBetweenThem(t *testing.T) {
	for text, want := range map[string][]string{
		"":                            nil,
		" , ":                         nil,
		"a, b c ,a":                   {"a", "b c"},
		"*.{jpg,png}, *.heic":         {"*.{jpg,png}", "*.heic"},
		"{date:2 Jan, 2006}, sea":     {"{date:2 Jan, 2006}", "sea"},
		"{year, sea":                  {"{year", "sea"},
		"}, x":                        {"}", "x"},
		"Äpfel,Birnen, {date:02, 01}": {"Äpfel", "Birnen", "{date:02, 01}"},
	} {
		if got := splitListed(text); !slices.Equal(got, want) {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestTheFaultIsCutOut(t *testing.T) {
	for _, tt := range []struct {
		text            string
		at              int
		good, bad, rest string
	}{
		{"ü/{nme}/x", 3, "ü/", "{nme}", "/x"},
		{"x {date:2006/ ", 3, "x ", "{date:2006/ ", ""},
		{"a}b", 2, "a", "}", "b"},
		{"{a", 1, "", "{a", ""},
		{"abc", 0, "abc", "", ""},
		{"abc", 4, "abc", "", ""},
	} {
		if good, bad, rest := cutFault(tt.text, tt.at); good != tt.good || bad != tt.bad || rest != tt.rest {
			t.Errorf("%q at %d: %q %q %q", tt.text, tt.at, good, bad, rest)
		}
	}
}

func TestWhatAnErrorIsAbout(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{&control.Problem{Field: "album", At: 3}, "album -1 3"},
		{fmt.Errorf("x: %w", &control.Problem{Field: "tags[12]", At: 1}), "tags 12 1"},
		{&control.Problem{Field: "options.api_key"}, "options.api_key -1 0"},
		{&control.Problem{}, " -1 0"},
		{errors.New("x"), " -1 0"},
	} {
		name, index, at := faultOf(tt.err)
		if got := fmt.Sprint(name, " ", index, " ", at); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.err, got, tt.want)
		}
	}
	if text, at := whole([]string{"äb", "c}"}, 1, 2); text != "äb, c}" || at != 6 {
		t.Errorf("got %q at %d", text, at)
	}
}
