package settings

import (
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/photoferry/photoferry/app/hours"
)

var (
	validID          = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	validOption      = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	validFingerprint = regexp.MustCompile(`^[0-9a-f]{64}$`)
)

// secretAdvice is where secrets belong, for people who put one in the file.
const secretAdvice = `delete it here: secrets are kept in the system keyring or in an encrypted file, and "photoferry account add" asks for them`

// Validate returns everything that is wrong with s, in the order of a file, or
// nil. services has the option keys of each service by the service's ID; nil
// leaves services and options unchecked.
func (s Settings) Validate(services map[string][]string) []Problem {
	v := &validator{s: s, services: services}
	v.general()
	for i := range s.Accounts {
		v.account(i)
	}
	for i := range s.Folders {
		v.folder(i)
	}
	for i := range s.Events {
		v.event(i)
	}
	for i := range s.Cameras {
		v.camera(i)
	}
	return v.found
}

type validator struct {
	s        Settings
	services map[string][]string
	found    []Problem
}

func (v *validator) add(path, message, hint string) {
	v.found = append(v.found, newProblem(path, message, hint))
}

func (v *validator) general() {
	g := v.s.General
	if g.Parallel < 1 || g.Parallel > MaxParallel {
		v.add("general.parallel", fmt.Sprintf("%d is out of range", g.Parallel), fmt.Sprintf("use 1 to %d", MaxParallel))
	}
	if g.Bandwidth != 0 && (g.Bandwidth < MinRate || g.Bandwidth > MaxRate) {
		v.add("general.bandwidth", fmt.Sprintf("%q is out of range", g.Bandwidth), fmt.Sprintf(`use %q to %q, or "unlimited"`, MinRate, MaxRate))
	}
	if g.RescanEvery < MinRescanEvery || g.RescanEvery > MaxRescanEvery {
		v.add("general.rescan_every", fmt.Sprintf("%q is out of range", g.RescanEvery), fmt.Sprintf("use %q to %q", MinRescanEvery, MaxRescanEvery))
	}
	if _, err := hours.Parse(g.QuietHours); err != nil {
		v.add("general.quiet_hours", err.Error(), `use hours such as "22:00-07:00", or "" for none`)
	}
	if g.BatteryBelow < 0 || g.BatteryBelow > MaxBattery {
		v.add("general.battery_below", fmt.Sprintf("%d is out of range", g.BatteryBelow), fmt.Sprintf("use 0 to %d", MaxBattery))
	}
	v.oneOf("general.theme", g.Theme, "system", "light", "dark")
	v.oneOf("general.language", g.Language, "system", "en", "de", "fr")
	v.oneOf("general.log_level", g.LogLevel, "warn", "info", "debug")
}

func (v *validator) oneOf(path, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		v.add(path, fmt.Sprintf("%q is not known", value), "use "+list(allowed))
	}
}

func (v *validator) account(i int) {
	a := v.s.Accounts[i]
	at := fmt.Sprintf("account[%d]", i)
	switch {
	case a.ID == "":
		v.add(at+".id", "is missing", fmt.Sprintf("add the line: id = %q", NewID()))
	case !validID.MatchString(a.ID):
		v.add(at+".id", "may only have letters, digits, - and _", "")
	case slices.ContainsFunc(v.s.Accounts[:i], func(b Account) bool { return b.ID == a.ID }):
		v.add(at+".id", fmt.Sprintf("%q is the ID of another account", a.ID), fmt.Sprintf("each account has its own: id = %q", NewID()))
	}
	if why := badText(a.Name, 64); why != "" {
		v.add(at+".name", why, "")
	} else if j := slices.IndexFunc(v.s.Accounts[:i], func(b Account) bool { return strings.EqualFold(b.Name, a.Name) }); j >= 0 {
		v.add(at+".name", fmt.Sprintf("another account is called %q already", v.s.Accounts[j].Name), "choose another name")
	}
	v.service(at, a)
	if message, hint := badURL(a.URL); message != "" {
		v.add(at+".url", message, hint)
	}
	if a.User != "" {
		if why := badText(a.User, 256); why != "" {
			v.add(at+".user", why, "")
		}
	}
	if a.Fingerprint != "" && !validFingerprint.MatchString(a.Fingerprint) {
		v.add(at+".fingerprint", "is not the SHA-256 of a certificate: 64 hex digits", "delete the line; the program asks again")
	}
	v.copies(at, a)
}

func (v *validator) service(at string, a Account) {
	options := make([]string, 0, len(a.Options))
	for key := range a.Options {
		options = append(options, key)
	}
	sort.Strings(options)
	allowed, known := v.services[a.Service]
	switch {
	case a.Service == "":
		v.add(at+".service", "is missing", v.serviceHint())
	case badText(a.Service, 64) != "":
		v.add(at+".service", badText(a.Service, 64), v.serviceHint())
	case v.services != nil && !known:
		v.add(at+".service", fmt.Sprintf("%q is not a service", a.Service), v.serviceHint())
	}
	for _, key := range options {
		path := at + ".options." + key
		switch {
		case !slices.Contains(allowed, key) && secretLooking(key):
			v.add(path, "looks like a secret", secretAdvice)
		case !validOption.MatchString(key):
			v.add(at+".options", fmt.Sprintf("%q is not a name of an option", key), "use letters, digits, - and _")
		case known && !slices.Contains(allowed, key):
			hint := a.Service + " has no options"
			if len(allowed) > 0 {
				hint = "use " + list(allowed)
			}
			v.add(path, "is not an option of "+a.Service, hint)
		case a.Options[key] != "" && badText(a.Options[key], 4096) != "":
			v.add(path, badText(a.Options[key], 4096), "")
		}
	}
}

func (v *validator) serviceHint() string {
	if v.services == nil {
		return ""
	}
	names := make([]string, 0, len(v.services))
	for name := range v.services {
		names = append(names, name)
	}
	sort.Strings(names)
	return "use " + list(names)
}

func (v *validator) folder(i int) {
	f := v.s.Folders[i]
	at := fmt.Sprintf("folder[%d]", i)
	if f.Path == "" {
		v.add(at+".path", "is missing", "")
	} else if why := badPath(f.Path); why != "" {
		v.add(at+".path", why, "")
	} else if !filepath.IsAbs(f.Path) {
		v.add(at+".path", fmt.Sprintf("%q is not a full path", f.Path), "begin with / or ~/")
	} else {
		v.overlap(at, i)
	}
	if len(f.Accounts) == 0 {
		v.add(at+".accounts", "names no account", `name at least one, such as accounts = ["home"]`)
	}
	for j, name := range f.Accounts {
		path := fmt.Sprintf("%s.accounts[%d]", at, j)
		if slices.Contains(f.Accounts[:j], name) {
			v.add(path, fmt.Sprintf("%q is there twice", name), "")
		} else if _, ok := v.s.Account(name); !ok {
			v.add(path, fmt.Sprintf("there is no account %q", name), v.accountHint(name))
		}
	}
	v.template(at+".album", f.Album)
	v.template(at+".title", f.Title)
	v.tags(at+".tags", f.Tags)
	if f.Unsupported != "" {
		v.oneOf(at+".unsupported", f.Unsupported, UnsupportedConvert, UnsupportedSkip)
	}
	if f.Pairs != "" {
		v.oneOf(at+".pairs", f.Pairs, PairsBoth, PairsJPEG, PairsRaw)
	}
	if f.Edited != "" {
		v.oneOf(at+".edited", f.Edited, EditedBoth, EditedReplace, EditedIgnore)
	}
	if f.Cool < 0 || f.Cool > MaxCool {
		v.add(at+".cool", fmt.Sprintf("%q is out of range", f.Cool), fmt.Sprintf("use %q to %q", Duration(0), MaxCool))
	}
	v.globs(at+".include", f.Include)
	v.globs(at+".exclude", f.Exclude)
}

// template checks a text with fields; "" is none.
func (v *validator) template(at, text string) {
	if text == "" {
		return
	}
	if why := badText(text, 1024); why != "" {
		v.add(at, why, "")
	} else if err := Template(text).Check(); err != nil {
		v.add(at, err.Error(), "")
	}
}

func (v *validator) tags(at string, tags []string) {
	for i, tag := range tags {
		path := fmt.Sprintf("%s[%d]", at, i)
		if tag == "" {
			v.add(path, "is empty", "")
		}
		v.template(path, tag)
	}
}

func (v *validator) event(i int) {
	e := v.s.Events[i]
	at := fmt.Sprintf("event[%d]", i)
	if why := badText(e.Name, 64); why != "" {
		v.add(at+".name", why, "")
	} else if slices.ContainsFunc(v.s.Events[:i], func(o Event) bool { return strings.EqualFold(o.Name, e.Name) }) {
		v.add(at+".name", fmt.Sprintf("another event is called %q already", e.Name), "choose another name")
	}
	switch {
	case e.From.IsZero():
		v.add(at+".from", "is missing", "write a time such as 2026-05-01T12:00:00+02:00")
	case e.To.IsZero():
		v.add(at+".to", "is missing", "write a time such as 2026-05-01T18:00:00+02:00")
	case e.To.Before(e.From):
		v.add(at+".to", "lies before from", "")
	}
	v.template(at+".title", e.Title)
	v.template(at+".album", e.Album)
	v.tags(at+".tags", e.Tags)
	if len(e.Description) > 4096 || !utf8.ValidString(e.Description) {
		v.add(at+".description", "is not a text of at most 4096 bytes", "")
	}
}

func (v *validator) camera(i int) {
	c := v.s.Cameras[i]
	at := fmt.Sprintf("camera[%d]", i)
	if why := badText(c.Model, 256); why != "" {
		v.add(at+".model", why, "")
	} else if slices.ContainsFunc(v.s.Cameras[:i], func(o Camera) bool { return strings.EqualFold(o.Model, c.Model) }) {
		v.add(at+".model", fmt.Sprintf("%q is there twice", c.Model), "one correction is for all of its photos")
	}
	if c.Add == 0 || c.Add < -MaxClock || c.Add > MaxClock {
		v.add(at+".add", fmt.Sprintf("%q is out of range", c.Add), `write what its clock lacks, such as "1h"; "-1h" for one that is an hour ahead`)
	}
}

// overlap refuses a folder that another one covers already: its photos would
// be taken under two sets of rules.
func (v *validator) overlap(at string, i int) {
	f := v.s.Folders[i]
	for _, other := range v.s.Folders[:i] {
		switch {
		case other.Path == f.Path:
			v.add(at+".path", fmt.Sprintf("%q is there twice", f.Path), "keep one of the two; a folder can have several accounts")
			return
		case !other.Flat && within(f.Path, other.Path):
			v.add(at+".path", fmt.Sprintf("%q is inside of %q, which is watched with its sub-folders", f.Path, other.Path), "remove one of the two, or set flat = true on the outer one")
			return
		case !f.Flat && within(other.Path, f.Path):
			v.add(at+".path", fmt.Sprintf("%q contains %q, which is watched already", f.Path, other.Path), "remove one of the two, or set flat = true on the outer one")
			return
		}
	}
}

// within reports whether path lies below dir; both absolute and clean.
func within(path, dir string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && rel != "." && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

func (v *validator) accountHint(name string) string {
	names := make([]string, 0, len(v.s.Accounts))
	for _, a := range v.s.Accounts {
		if strings.EqualFold(a.Name, strings.TrimSpace(name)) {
			return fmt.Sprintf("did you mean %q?", a.Name)
		}
		if a.Name != "" {
			names = append(names, a.Name)
		}
	}
	if len(names) == 0 {
		return `add one with "photoferry account add"`
	}
	return "there is " + list(names)
}

func (v *validator) globs(path string, patterns []string) {
	for i, p := range patterns {
		at := fmt.Sprintf("%s[%d]", path, i)
		switch {
		case p == "":
			v.add(at, "is empty", "")
		case badPath(p) != "":
			v.add(at, badPath(p), "")
		case !doublestar.ValidatePattern(p):
			v.add(at, fmt.Sprintf("%q is not a valid pattern", p), `patterns look like "*.jpg", "**/export/**" or "*.{jpg,png}"`)
		}
	}
}

// badText returns what is wrong with a text that is shown, compared and
// written in one line, or "".
func badText(text string, longest int) string {
	switch {
	case text == "":
		return "is missing"
	case !utf8.ValidString(text):
		return "is not valid UTF-8"
	case len(text) > longest:
		return fmt.Sprintf("is longer than %d bytes", longest)
	case strings.ContainsFunc(text, unicode.IsControl):
		return "has a control character in it"
	case strings.TrimSpace(text) != text:
		return "begins or ends with a space"
	}
	return ""
}

// badPath returns what is wrong with a path or a pattern as such, or "". File
// names may have blanks and control characters where texts may not.
func badPath(path string) string {
	switch {
	case !utf8.ValidString(path):
		return "is not valid UTF-8"
	case len(path) > 4096:
		return "is longer than 4096 bytes"
	case strings.ContainsRune(path, 0):
		return "has a NUL character in it"
	}
	return ""
}

// badURL returns what is wrong with a site's root and what to do. It does not
// repeat an address that may have a password in it.
func badURL(raw string) (message, hint string) {
	const example = `use the site's root, such as "https://photos.example.org"`
	if raw == "" {
		return "is missing", example
	}
	if strings.Contains(raw, "@") {
		return "must not have a user or a password in it", "put the user's name under user; " + secretAdvice
	}
	u, err := url.Parse(raw)
	switch {
	case err != nil || badText(raw, 2048) != "" || u.Opaque != "":
		return "is not an address", example
	case u.Scheme != "http" && u.Scheme != "https":
		return "must begin with https:// or http://", example
	case u.Hostname() == "":
		return "has no host", example
	case u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
		return "must end before the first ? or #", example
	}
	return "", ""
}

// secretLooking reports whether a key is one that people put secrets under.
func secretLooking(key string) bool {
	k := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(key))
	for _, s := range []string{"password", "passwd", "passwort", "passphrase", "pwd", "secret", "token", "credential"} {
		if strings.Contains(k, s) {
			return true
		}
	}
	return k == "pass"
}

// list returns `"a", "b" or "c"`.
func list(words []string) string {
	q := make([]string, len(words))
	for i, w := range words {
		q[i] = fmt.Sprintf("%q", w)
	}
	if len(q) < 2 {
		return strings.Join(q, "")
	}
	return strings.Join(q[:len(q)-1], ", ") + " or " + q[len(q)-1]
}
