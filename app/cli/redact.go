package cli

import (
	"cmp"
	"encoding/json"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/photoferry/photoferry/app/settings"
)

const redacted = "[redacted]"

var (
	addresses = regexp.MustCompile(`(?i)\bhttps?://[^\s"'<>\\]+`)
	// headers hold a secret up to the end of the line or of a quoted value.
	headers = regexp.MustCompile(`(?i)\b(authorization|cookie|set-cookie)("?\s*[:=]\s*"?)[^"\r\n]+`)
	// keyed are values whose name says that they are secret.
	keyed = regexp.MustCompile(`(?i)([\w-]*(?:password|passwd|passphrase|secret|token|api_?key|session_?id|sessionid|frob|signature|api_sig))("?\s*[=:]\s*)("[^"]*"|[^\s"&,;}\]]+)`)
)

// redactor takes out of text what is nobody else's business.
type redactor struct {
	literal *strings.Replacer
	words   []*regexp.Regexp // short secrets, which are parts of other words too
	users   []*regexp.Regexp
}

// newRedactor knows the user names of cfg, and secrets by their very text.
func newRedactor(cfg settings.Settings, secrets []string) *redactor {
	r := &redactor{}
	// A secret that contains another one must go first.
	secrets = slices.Clone(secrets)
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	var pairs []string
	for _, s := range secrets {
		if s == "" {
			continue
		}
		quoted, err := json.Marshal(s)
		if err != nil {
			continue
		}
		if len(s) < longEnough {
			r.words = append(r.words, word(s))
			continue
		}
		for _, form := range []string{s, string(quoted[1 : len(quoted)-1]), url.QueryEscape(s), url.PathEscape(s)} {
			pairs = append(pairs, form, redacted)
		}
	}
	if home, err := os.UserHomeDir(); err == nil && len(home) > 1 {
		pairs = append(pairs, home, "~")
	}
	r.literal = strings.NewReplacer(pairs...)
	for _, a := range cfg.Accounts {
		if a.User != "" {
			r.users = append(r.users, word(a.User))
		}
	}
	return r
}

func (r *redactor) clean(b []byte) []byte {
	s := r.literal.Replace(string(b))
	s = addresses.ReplaceAllStringFunc(s, originOf)
	s = headers.ReplaceAllString(s, "${1}${2}"+redacted)
	s = keyed.ReplaceAllStringFunc(s, func(m string) string {
		parts := keyed.FindStringSubmatch(m)
		value := redacted
		if strings.HasPrefix(parts[3], `"`) {
			value = `"` + redacted + `"`
		}
		return parts[1] + parts[2] + value
	})
	for _, w := range r.words {
		s = replaceWord(s, w, redacted)
	}
	for _, u := range r.users {
		s = replaceWord(s, u, "[user]")
	}
	return []byte(s)
}

// longEnough is the length from which a secret is looked for inside words.
const longEnough = 8

func word(text string) *regexp.Regexp {
	return regexp.MustCompile(`(^|[^\pL\pN_])` + regexp.QuoteMeta(text) + `($|[^\pL\pN_])`)
}

func replaceWord(s string, word *regexp.Regexp, by string) string {
	// Twice, because neighbours share the character between them.
	for range 2 {
		s = word.ReplaceAllString(s, "${1}"+by+"${2}")
	}
	return s
}

// originOf keeps scheme and host of an address.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return redacted
	}
	return u.Scheme + "://" + u.Host
}
