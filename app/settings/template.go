package settings

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Template is a text with fields in braces, which stand for something about a
// photo: "{folder}/{date:2006-01}". Two braces of a
// kind are one as it is.
type Template string

// Fields are what may stand in the braces of a [Template]. Only date takes an
// argument, after a colon: a layout as package time has it.
var Fields = []string{"folder", "parent", "path", "name", "camera", "year", "date"}

// defaultDate is the layout of {date}.
const defaultDate = "2006-01-02"

// part is a piece of a template: a text, or a field with its argument.
type part struct{ text, field, arg string }

// TemplateError is what is wrong with a [Template].
type TemplateError struct {
	At     int // character where the fault begins; the first is 1
	Reason string
}

func (e *TemplateError) Error() string { return fmt.Sprintf("at character %d: %s", e.At, e.Reason) }

// Check returns what is wrong with the template, as a [*TemplateError].
func (t Template) Check() error {
	_, err := t.parse()
	return err
}

// Has reports whether one of the fields stands in the template.
func (t Template) Has(fields ...string) bool {
	parts, err := t.parse()
	return err == nil && slices.ContainsFunc(parts, func(p part) bool { return slices.Contains(fields, p.field) })
}

// Render replaces the fields by their values. What is not a field, in a
// template that Check refuses, stays as it is.
func (t Template) Render(value func(field, arg string) string) string {
	parts, err := t.parse()
	if err != nil {
		return string(t)
	}
	var b strings.Builder
	for _, p := range parts {
		if p.field == "" {
			b.WriteString(p.text)
		} else {
			b.WriteString(value(p.field, p.arg))
		}
	}
	return b.String()
}

func (t Template) parse() (parts []part, err error) {
	rest := string(t)
	bad := func(format string, args ...any) ([]part, error) {
		at := utf8.RuneCountInString(string(t)[:len(t)-len(rest)]) + 1
		return nil, &TemplateError{at, fmt.Sprintf(format, args...)}
	}
	for rest != "" {
		i := strings.IndexAny(rest, "{}")
		switch {
		case i < 0:
			return append(parts, part{text: rest}), nil
		case i > 0:
			parts = append(parts, part{text: rest[:i]})
			rest = rest[i:]
		case strings.HasPrefix(rest, "{{"), strings.HasPrefix(rest, "}}"):
			parts = append(parts, part{text: rest[:1]})
			rest = rest[2:]
		case rest[0] == '}':
			return bad(`"}" without "{"; write two of them for one as it is`)
		default:
			inside, after, ok := strings.Cut(rest[1:], "}")
			if !ok {
				return bad(`"{" without "}"`)
			}
			field, arg, hasArg := strings.Cut(inside, ":")
			switch {
			case !slices.Contains(Fields, field):
				return bad("there is no field {%s}; there are {%s}", field, strings.Join(Fields, "}, {"))
			case hasArg && field != "date":
				return bad("the field {%s} takes nothing after it", field)
			case hasArg && arg == "":
				return bad(`the layout of the date is missing; write it like {date:2006-01}`)
			case field == "date" && arg == "":
				arg = defaultDate
			}
			parts = append(parts, part{field: field, arg: arg})
			rest = after
		}
	}
	return parts, nil
}
