package say

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Bounds of [Engine]. What goes beyond them is said as it came: it is no
// sentence of the engine's own.
const (
	engineBytes     = 2 << 10
	engineSentences = 32
	engineDepth     = 3 // "Home: upload: the server cannot be reached: dial tcp"
	engineRun       = 3 // sentences that are known only together
)

// Engine says what the engine wrote, which is English, in the language that is
// spoken. What is not known stays as it came, in the midst of what is known
// too: what a server or the system said, names and paths. They are never taken
// for a template.
func Engine(text string) string {
	if Language() == "en" || len(text) > engineBytes {
		return text
	}
	b := phrases()
	if b.events[text] {
		return T(text)
	}
	s, _ := b.text(text, 0)
	return s
}

// known marks a text that the engine writes, whose fields are those of
// [engineFields], or stand for anything that is said as it came.
func known(text string) string { return text }

// phrasebook holds what the engine says.
type phrasebook struct {
	events  map[string]bool // words that are known alone only
	fixed   map[string]bool
	phrases []phrase // the one with the most words of its own first
	fields  map[string]engineField
}

// phrase is a known text with fields.
type phrase struct {
	text   string
	fields []string
	own    []string // what stands before, between and after the fields
	re     *regexp.Regexp
}

// engineField is what a field of the engine's texts holds.
type engineField struct {
	is  string // a regular expression without groups
	say func(b *phrasebook, value string, depth int) string
}

// anything is what a field holds that is not in engineFields.
const anything = `.+?`

// engineFields are the fields that are said in the language too.
func engineFields() map[string]engineField {
	number := engineField{`\d+`, func(_ *phrasebook, v string, _ int) string {
		n, err := strconv.Atoi(v)
		if err != nil {
			return v // more than an int holds
		}
		return Number(n)
	}}
	size := engineField{`\d+(?:\.\d+)? [KMG]?B`, func(_ *phrasebook, v string, _ int) string { return decimals(v) }}
	when := engineField{
		`(?:\d{1,2} \pL+ )?(?:\d{4},? )?\d{1,2}:\d{2}(?::\d{2})?`,
		func(_ *phrasebook, v string, _ int) string { return engineTime(v) },
	}
	sentence := engineField{anything, func(b *phrasebook, v string, depth int) string {
		s, _ := b.text(v, depth+1)
		return s
	}}
	folders := counted(Later("{{.N}} folders"))
	folders.is += `(?: (?:is|are))?`
	return map[string]engineField{
		"N": number, "All": number, "Size": size, "Limit": size, "When": when, "Reason": sentence,
		"Photos":   counted(Later("{{.N}} photos")),
		"Files":    counted(Later("{{.N}} files")),
		"Folders":  folders,
		"NewFiles": counted(Later("{{.N}} new files")),
		"Albums":   counted(Later("{{.N}} albums")),
	}
}

// counted is a field with a number of things, which the engine writes as text
// does: "1 photo", "131 photos".
func counted(text string) engineField {
	one, _ := strings.CutSuffix(strings.TrimPrefix(text, "{{.N}}"), "s")
	return engineField{`\d+` + one + `s?`, func(_ *phrasebook, v string, _ int) string {
		digits, _, _ := strings.Cut(v, " ")
		n, err := strconv.Atoi(digits)
		if err != nil {
			return v
		}
		return N(text, n)
	}}
}

// engineTime says a moment that the engine wrote: "14:02", "3 Nov 14:02", "3
// November 2026 14:02".
func engineTime(s string) string {
	if t, err := time.Parse("2 January 2006 15:04", strings.Replace(s, ",", "", 1)); err == nil {
		return Day(t, "2 Jan 2006") + " " + t.Format("15:04")
	}
	if t, err := time.Parse("2 Jan 15:04", s); err == nil {
		return Day(t, "2 Jan") + " " + t.Format("15:04")
	}
	if t, err := time.Parse("2 Jan 15:04:05", s); err == nil {
		return Day(t, "2 Jan") + " " + t.Format("15:04:05")
	}
	return s
}

// engineTexts are all sentences that the engine's source has, and the parts that
// they are put together of.
func engineTexts() []string {
	return slices.Concat(stateTexts, photoTexts, problemTexts, faultTexts, doingTexts, checkTexts, siteTexts, piwigoTexts, optionTexts)
}

var fieldInText = regexp.MustCompile(`\{\{\.(\w+)\}\}`)

// phrases is the phrasebook, made when it is needed first: English never does.
var phrases = sync.OnceValue(func() *phrasebook {
	b := &phrasebook{events: make(map[string]bool), fixed: make(map[string]bool), fields: engineFields()}
	for _, text := range eventTexts {
		b.events[text] = true
	}
	for _, text := range append(engineTexts(), systemTexts...) {
		names := fieldInText.FindAllStringSubmatch(text, -1)
		if len(names) == 0 {
			b.fixed[text] = true
			continue
		}
		own := fieldInText.Split(text, -1)
		p := phrase{text: text, own: own}
		expr := "(?s)^" + regexp.QuoteMeta(own[0])
		for i, name := range names {
			p.fields = append(p.fields, name[1])
			expr += "(" + cmp.Or(b.fields[name[1]].is, anything) + ")" + regexp.QuoteMeta(own[i+1])
		}
		p.re = regexp.MustCompile(expr + "$")
		b.phrases = append(b.phrases, p)
	}
	slices.SortStableFunc(b.phrases, func(x, y phrase) int { return cmp.Compare(y.length(), x.length()) })
	return b
})

// text says several sentences; ok is false when nothing of them is known.
func (b *phrasebook) text(text string, depth int) (s string, ok bool) {
	if depth > engineDepth {
		return text, false
	}
	if s, ok := b.whole(text, depth); ok {
		return s, true
	}
	sentences := strings.SplitAfter(text, ". ")
	if len(sentences) > engineSentences {
		return text, false
	}
	var out strings.Builder
	for i := 0; i < len(sentences); {
		said, n, found := b.run(sentences[i:], depth)
		out.WriteString(said)
		i += n
		ok = ok || found
	}
	return out.String(), ok
}

// run says as many of the sentences as are known together, or the first one
// alone. It returns how many those were.
func (b *phrasebook) run(sentences []string, depth int) (s string, n int, ok bool) {
	for n := min(engineRun, len(sentences)); n > 0; n-- {
		text, space := cutSpace(strings.Join(sentences[:n], ""))
		if s, ok := b.whole(text, depth); ok {
			return s + space, n, true
		}
	}
	text, space := cutSpace(sentences[0])
	for i, clause := range strings.Split(text, "; ") {
		said, found := b.clause(clause, depth)
		ok = ok || found
		if i == 0 {
			s = said
		} else {
			s = T("{{.First}}; {{.Next}}", Fields{"First": s, "Next": said})
		}
	}
	if !ok {
		s = text
	}
	return s + space, 1, ok
}

func cutSpace(s string) (text, space string) {
	text = strings.TrimRight(s, " ")
	return text, s[len(text):]
}

// clause says what is no known text as a whole, and may be one with a name or
// what was being done before it, and a cause behind it.
func (b *phrasebook) clause(text string, depth int) (s string, ok bool) {
	if s, ok := b.whole(text, depth); ok {
		return s, true
	}
	head, rest, more := strings.Cut(text, ": ")
	if !more {
		return text, false
	}
	what, knowsWhat := b.whole(head, depth)
	why, knowsWhy := b.text(rest, depth+1)
	if !knowsWhat && !knowsWhy {
		return text, false
	}
	return T("{{.What}}: {{.Why}}", Fields{"What": what, "Why": why}), true
}

// whole says a text that is known as it stands, with or without its full stop.
func (b *phrasebook) whole(text string, depth int) (s string, ok bool) {
	if b.fixed[text] {
		return T(text), true
	}
	bare, stop := strings.CutSuffix(text, ".")
	switch {
	case stop && b.fixed[bare]:
		return T(bare) + ".", true
	case !stop && b.fixed[text+"."]:
		return strings.TrimSuffix(T(text+"."), "."), true
	}
	if s, ok := b.filled(text, depth); ok || !stop {
		return s, ok
	}
	if s, ok := b.filled(bare, depth); ok {
		return s + ".", true
	}
	return text, false
}

// length is how much of a phrase is its own.
func (p *phrase) length() int { return len(strings.Join(p.own, "")) }

// mayBe says quickly that a text is no such phrase.
func (p *phrase) mayBe(text string) bool {
	if !strings.HasPrefix(text, p.own[0]) || !strings.HasSuffix(text, p.own[len(p.own)-1]) {
		return false
	}
	for _, own := range p.own {
		_, rest, ok := strings.Cut(text, own)
		if !ok {
			return false
		}
		text = rest
	}
	return true
}

// filled says a text that is a known one with its fields filled.
func (b *phrasebook) filled(text string, depth int) (s string, ok bool) {
	for i := range b.phrases {
		p := &b.phrases[i]
		if !p.mayBe(text) {
			continue
		}
		found := p.re.FindStringSubmatch(text)
		if found == nil || p.own[0] == "" && joined(found[1]) {
			continue
		}
		d := make(Fields, len(p.fields))
		for i, name := range p.fields {
			d[name] = b.field(name, found[i+1], depth)
		}
		return T(p.text, d), true
	}
	return text, false
}

// joined says whether a text is more than a name: one that a phrase begins with
// would swallow the sentence before.
func joined(s string) bool {
	return slices.ContainsFunc([]string{": ", ". ", "; "}, func(j string) bool { return strings.Contains(s, j) })
}

func (b *phrasebook) field(name, value string, depth int) string {
	if f, ok := b.fields[name]; ok {
		return f.say(b, value, depth)
	}
	return value
}
