package settings

import (
	"strings"
	"testing"
)

func TestTemplate(t *testing.T) {
	value := func(field, arg string) string { return "<" + field + "|" + arg + ">" }
	for in, want := range map[string]string{
		"":                          "",
		"Holiday":                   "Holiday",
		"{folder}":                  "<folder|>",
		"Import/{date:2006/01} x":   "Import/<date|2006/01> x",
		"{date}":                    "<date|2006-01-02>",
		"{year}{camera}":            "<year|><camera|>",
		"a {{b}} {{{name}}}":        "a {b} {<name|>}",
		"{parent}/{path}/Ü":         "<parent|>/<path|>/Ü",
		"{date:Monday: 2 January }": "<date|Monday: 2 January >",
	} {
		if err := Template(in).Check(); err != nil {
			t.Errorf("%q: %v", in, err)
		}
		if got := Template(in).Render(value); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	for in, want := range map[string]string{
		"a{":             `at character 2: "{" without "}"`,
		"ü}":             `at character 2: "}" without "{"`,
		"{Folder}":       "at character 1: there is no field {Folder}; there are {folder}, ",
		"ab{}":           "at character 3: there is no field {}",
		"{folder:x}":     "the field {folder} takes nothing after it",
		"{date:}":        "the layout of the date is missing",
		"x {date:2006/ ": "at character 3",
	} {
		err := Template(in).Check()
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", in, err, want)
		}
		if got := Template(in).Render(value); got != in {
			t.Errorf("%q became %q, want it as it is", in, got)
		}
	}
}

func TestTemplateHas(t *testing.T) {
	for in, want := range map[string]bool{
		"": false, "year": false, "{folder}": false, "{year}": true, "a/{date:2006}": true, "{{year}}": false, "{year": false,
	} {
		if got := Template(in).Has("year", "date"); got != want {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}

func FuzzTemplate(f *testing.F) {
	for _, s := range []string{"", "{folder}", "{{}}", "{date:2006}", "}{", "ä{name}/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		err := Template(s).Check()
		fields := 0
		out := Template(s).Render(func(string, string) string { fields++; return "" })
		if err != nil && (fields > 0 || out != s) {
			t.Errorf("%q is refused and rendered as %q", s, out)
		}
		if err == nil && len(out) > len(s) {
			t.Errorf("%q grew to %q", s, out)
		}
	})
}
