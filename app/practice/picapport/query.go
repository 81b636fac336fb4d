package picapport

import (
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// runQuery is runQuery [S24]: the result stays with the session, under vid.
func (c *call) runQuery() error {
	who, err := c.caller()
	if err != nil {
		return err
	}
	text, err := c.need("query")
	if err != nil {
		return err
	}
	match, err := parseQuery(text, c.o.Profile)
	if err != nil {
		return refuse(http.StatusBadRequest, "Query: %v", err) // [CHOICE]
	}
	view := []string{}
	c.store.each(func(p *photo) {
		if match(p, who.user.UID) {
			view = append(view, p.ID)
		}
	})

	s := c.sessions
	s.mu.Lock()
	vid := 0
	t := s.byID[who.apisid]
	if t != nil {
		t.lastView++
		vid = t.lastView
		t.views[vid] = view
		delete(t.views, vid-maxViews)
	}
	s.mu.Unlock()
	if t == nil {
		return refuse(http.StatusForbidden, "Session is unknown or has expired")
	}
	return c.answer(map[string]any{"apisid": who.apisid, "vid": vid, "count": len(view)})
}

// matcher reports whether a photo answers a query of a user.
type matcher func(p *photo, uid string) bool

// maxQueryDepth bounds parentheses and nots.
const maxQueryDepth = 50

// parseQuery understands the part of PicApport's query language that a test of uploads
// needs: words of at least three letters, "and" (also between words without it), "or",
// "not", parentheses, "@" for the user's own uploads, the wildcards * and ? since 9, and
// the fields title:, person: and tag: [S12, S15, S24, S25]. Other fields are errors.
// Letter case does not matter, and a word matches whole words [CHOICE].
func parseQuery(text string, profile Profile) (matcher, error) {
	p := &queryParser{profile: profile, tokens: tokenize(text)}
	m, err := p.or()
	if err == nil && len(p.tokens) > 0 {
		err = fmt.Errorf("unexpected %q", p.tokens[0])
	}
	return m, err
}

func tokenize(text string) []string {
	text = strings.NewReplacer("(", " ( ", ")", " ) ").Replace(strings.ToLower(text))
	return strings.Fields(text)
}

type queryParser struct {
	profile Profile
	tokens  []string
	depth   int
}

func (p *queryParser) next(word string) bool {
	if len(p.tokens) > 0 && p.tokens[0] == word {
		p.tokens = p.tokens[1:]
		return true
	}
	return false
}

func (p *queryParser) or() (matcher, error) {
	m, err := p.and()
	for err == nil && p.next("or") {
		var right matcher
		left := m
		right, err = p.and()
		m = func(ph *photo, uid string) bool { return left(ph, uid) || right(ph, uid) }
	}
	return m, err
}

func (p *queryParser) and() (matcher, error) {
	m, err := p.not()
	for err == nil && len(p.tokens) > 0 && p.tokens[0] != "or" && p.tokens[0] != ")" {
		p.next("and")
		var right matcher
		left := m
		right, err = p.not()
		m = func(ph *photo, uid string) bool { return left(ph, uid) && right(ph, uid) }
	}
	return m, err
}

func (p *queryParser) not() (matcher, error) {
	if p.depth++; p.depth > maxQueryDepth {
		return nil, errors.New("too deep")
	}
	defer func() { p.depth-- }()
	switch {
	case len(p.tokens) == 0:
		return nil, errors.New("something is missing at the end")
	case p.next("not"):
		m, err := p.not()
		return func(ph *photo, uid string) bool { return !m(ph, uid) }, err
	case p.next("("):
		m, err := p.or()
		if err == nil && !p.next(")") {
			err = errors.New("a parenthesis is not closed")
		}
		return m, err
	case p.next("@"):
		return func(ph *photo, uid string) bool { return ph.Uploader == uid }, nil
	}
	word := p.tokens[0]
	p.tokens = p.tokens[1:]
	return p.word(word)
}

func (p *queryParser) word(word string) (matcher, error) {
	field, rest, ok := strings.Cut(word, ":")
	if ok {
		word = rest
	} else {
		field = ""
	}
	if !slices.Contains([]string{"", "title", "person", "tag"}, field) {
		return nil, fmt.Errorf("unknown field %q", field)
	}
	wild := strings.ContainsAny(word, "*?")
	if wild && p.profile < 90000 {
		return nil, errors.New("wildcards are newer than this server")
	}
	if utf8.RuneCountInString(strings.Trim(word, "*?")) < 3 {
		return nil, fmt.Errorf("word %q is shorter than three letters", word)
	}
	if strings.ContainsAny(word, `[]\`) || word == "and" || word == "or" {
		return nil, fmt.Errorf("unexpected %q", word)
	}
	return func(ph *photo, _ string) bool {
		return slices.ContainsFunc(ph.words(field), func(w string) bool {
			if !wild {
				return w == word
			}
			ok, err := path.Match(word, w)
			return ok && err == nil
		})
	}, nil
}

// words returns the lower-case words of a photo that a search looks at.
func (p *photo) words(field string) []string {
	var m metadata
	if p.Meta != nil {
		m = *p.Meta
	}
	var texts []string
	switch field {
	case "title":
		texts = []string{m.Title}
	case "person":
		texts = m.Persons
	case "tag":
		texts = m.Tags
	default:
		texts = slices.Concat([]string{m.Title, m.Description, p.Name}, m.Tags, m.Persons)
	}
	var out []string
	for _, t := range texts {
		t = strings.ToLower(t)
		out = append(out, strings.FieldsFunc(t, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })...)
		out = append(out, strings.Fields(t)...)
	}
	return out
}
