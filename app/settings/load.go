package settings

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"
	"github.com/pelletier/go-toml/v2/unstable"
)

const (
	tables     = "the tables are [general], [[account]] and [[folder]]"
	unreadable = "cannot be read"
)

// maxFile bounds what is read as settings, in bytes.
const maxFile = 1 << 20

// document is the shape of a whole file.
type document struct {
	General  General   `toml:"general"`
	Accounts []Account `toml:"account"`
	Folders  []Folder  `toml:"folder"`
	Events   []Event   `toml:"event"`
	Cameras  []Camera  `toml:"camera"`
}

// keys are all keys of a file with what belongs behind each: for the message
// about a wrong value, and to find the key that a mistyped one was meant to be.
var keys = []struct{ key, wanted string }{
	{"general.parallel", "a number without quotes, such as 3"},
	{"general.bandwidth", `a text in quotes such as "500 KB" or "2 MB", or "unlimited"`},
	{"general.quiet_hours", `a text in quotes such as "22:00-07:00"`},
	{"general.metered", "true or false, without quotes"},
	{"general.battery_below", "a number without quotes, such as 20"},
	{"general.rescan_every", `a duration in quotes such as "30s", "15m" or "1h30m"`},
	{"general.notifications", "true or false, without quotes"},
	{"general.theme", "a text in quotes"},
	{"general.language", "a text in quotes"},
	{"general.log_level", "a text in quotes"},
	{"account.id", "a text in quotes"},
	{"account.name", "a text in quotes"},
	{"account.service", "a text in quotes"},
	{"account.url", "a text in quotes"},
	{"account.user", "a text in quotes"},
	{"account.options", `texts in quotes by name, such as { album = "Import" }`},
	{"account.fingerprint", "a text in quotes"},
	{"account.strip", "a text in quotes"},
	{"account.home", `a text in quotes such as "48.1374, 11.5755, 500"`},
	{"account.longest_side", "a number without quotes, such as 2048"},
	{"account.quality", "a number without quotes, such as 90"},
	{"folder.path", "a text in quotes"},
	{"folder.accounts", `a list of names, such as ["home", "club"]`},
	{"folder.everything", "true or false, without quotes"},
	{"folder.sync_check", "true or false, without quotes"},
	{"folder.flat", "true or false, without quotes"},
	{"folder.album", "a text in quotes"},
	{"folder.title", "a text in quotes"},
	{"folder.tags", `a list of texts, such as ["family", "{year}"]`},
	{"folder.unsupported", "a text in quotes"},
	{"folder.pairs", "a text in quotes"},
	{"folder.edited", "a text in quotes"},
	{"folder.cool", `a duration in quotes such as "30s", "10m" or "1h30m"`},
	{"folder.include", `a list of patterns, such as ["*.jpg"]`},
	{"folder.exclude", `a list of patterns, such as ["**/export/**"]`},
	{"event.name", "a text in quotes"},
	{"event.from", "a time without quotes, such as 2026-05-01T12:00:00+02:00"},
	{"event.to", "a time without quotes, such as 2026-05-01T18:00:00+02:00"},
	{"event.title", "a text in quotes"},
	{"event.description", "a text in quotes"},
	{"event.tags", `a list of texts, such as ["wedding"]`},
	{"event.album", "a text in quotes"},
	{"camera.model", "a text in quotes"},
	{"camera.add", `a duration in quotes such as "1h" or "-3m20s"`},
}

// Load reads a settings file. A missing file is [Default]. services has the
// option keys of each service by the service's ID; nil leaves services and
// options unchecked. The error is an [*Invalid] with every problem of the
// file when the file can be read but not used; no settings are returned then.
func Load(file string, services map[string][]string) (Settings, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return Default(), nil
	}
	if err != nil {
		return Settings{}, fmt.Errorf("open settings: %w", err)
	}
	defer f.Close()
	return read(f, file, services)
}

// Import reads settings that [Export] wrote, on this machine or another, and
// checks them as [Load] does. It changes nothing.
func Import(r io.Reader, services map[string][]string) (Settings, error) {
	return read(r, "", services)
}

func read(r io.Reader, file string, services map[string][]string) (Settings, error) {
	doc, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return Settings{}, fmt.Errorf("read settings: %w", err)
	}
	if len(doc) > maxFile {
		return Settings{}, &Invalid{File: file, Problems: []Problem{{Message: fmt.Sprintf("is larger than %d bytes", maxFile), Hint: "this is not a settings file"}}}
	}
	s, problems := parse(doc, services)
	if len(problems) > 0 {
		return Settings{}, &Invalid{File: file, Problems: problems}
	}
	return s, nil
}

// parse decodes and validates a document. What cannot be decoded is noted, set
// aside, and the rest decoded again, so that every problem is found at once.
func parse(doc []byte, services map[string][]string) (Settings, []Problem) {
	doc = bytes.TrimPrefix(doc, []byte("\uFEFF"))
	if p, ok := checkSyntax(doc); !ok {
		return Settings{}, []Problem{p}
	}
	d := &decoder{outline: newOutline(bytes.Clone(doc))}
	d.checkKinds()
	s := d.decode()
	for _, p := range s.Validate(services) {
		if !d.consequence(p) {
			d.found = append(d.found, p)
		}
	}
	for i := range d.found {
		p := &d.found[i]
		if at, ok := d.outline.offset(p.path); ok && p.Line == 0 {
			p.Line, p.Column = d.outline.position(at)
		}
	}
	slices.SortStableFunc(d.found, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return s, d.found
}

// checkSyntax finds what is wrong with a document as TOML, whatever its keys.
func checkSyntax(doc []byte) (Problem, bool) {
	var any map[string]any
	err := toml.Unmarshal(doc, &any)
	if err == nil {
		return Problem{}, true
	}
	p := Problem{Message: strings.TrimPrefix(err.Error(), "toml: ")}
	var de *toml.DecodeError
	if errors.As(err, &de) {
		p.Line, p.Column = de.Position()
		p.Key = strings.Join(de.Key(), ".")
	}
	if p.Key == "" {
		p.Hint = "texts are in quotes, lists in brackets, one key to a line"
	}
	return p, false
}

type decoder struct {
	outline *outline
	found   []Problem
	aside   []string // paths of expressions that were set aside, in lower case
}

// checkKinds sets aside what the library would take although it means
// something else or is not TOML's way: a number for a duration or a rate,
// [folder] where each folder needs its own [[folder]], and capital letters.
func (d *decoder) checkKinds() {
	for _, e := range d.outline.expressions {
		if e.kind == unstable.Table && slices.Contains([]string{"account", "folder", "event", "camera"}, e.path) {
			d.setAside(e, newProblem(e.path, fmt.Sprintf("must be written with two pairs of brackets: [[%s]]", e.path), ""))
		}
	}
	for _, path := range slices.Sorted(maps.Keys(d.outline.places)) {
		at := d.outline.places[path]
		if meant, ok := misspelt(plain(path)); ok {
			e, _ := d.outline.around(at.offset)
			d.setAside(e, newProblem(path, "is not a known name", "did you mean "+meant+"?"))
		}
		switch key := plain(path); key {
		case "general.bandwidth", "general.rescan_every", "folder.cool", "camera.add":
			if at.kind != unstable.String {
				e, _ := d.outline.around(at.offset)
				d.setAside(e, newProblem(path, "must be "+wanted(key), ""))
			}
		}
	}
}

// decode returns what can be decoded, noting what cannot.
func (d *decoder) decode() Settings {
	for range len(d.outline.expressions) + 1 {
		def := Default()
		doc := document{General: def.General}
		err := toml.NewDecoder(bytes.NewReader(d.outline.doc)).DisallowUnknownFields().Decode(&doc)
		var missing *toml.StrictMissingError
		var wrong *toml.DecodeError
		switch {
		case errors.As(err, &missing):
			for i := range missing.Errors {
				d.unknown(&missing.Errors[i])
			}
		case errors.As(err, &wrong):
			line, column := wrong.Position()
			e, ok := d.outline.at(line, column)
			if !ok {
				d.add(Problem{Line: line, Column: column, Message: unreadable})
				return def
			}
			d.setAside(e, d.mistyped(e))
			continue
		case err != nil:
			d.add(Problem{Message: unreadable})
			return def
		}
		return d.settings(doc)
	}
	return Default()
}

// settings fills in what is true unless the file says otherwise.
func (d *decoder) settings(doc document) Settings {
	for i := range doc.Folders {
		if !d.outline.has(fmt.Sprintf("folder[%d].sync_check", i)) {
			doc.Folders[i].SyncCheck = true
		}
	}
	return Settings(doc).normal()
}

func (d *decoder) add(p Problem) { d.found = append(d.found, p) }

func (d *decoder) setAside(e expression, p Problem) {
	d.outline.blank(e)
	d.aside = append(d.aside, strings.ToLower(e.path))
	d.add(p)
}

func (d *decoder) mistyped(e expression) Problem {
	key := plain(e.path)
	if w := wanted(key); w != "" {
		return newProblem(e.path, "must be "+w, "")
	}
	switch {
	case strings.HasPrefix(key, "account.options."):
		return newProblem(e.path, "must be a text in quotes", "")
	case key == "general":
		return newProblem(e.path, "must be a table", "write [general] on a line of its own, and one key to a line below it")
	case key == "account" || key == "folder":
		return newProblem(e.path, "must be a table", fmt.Sprintf("write [[%s]] on a line of its own, and one key to a line below it", key))
	}
	return newProblem(e.path, "does not belong here", "")
}

func (d *decoder) unknown(missing *toml.DecodeError) {
	line, column := missing.Position()
	k := missing.Key()
	name := k[len(k)-1]
	path := d.outline.pathAt(line, column)
	if path == "" {
		path = strings.Join(k, ".")
	}
	p := newProblem(path, "is not a known key", suggestion(plain(path)))
	if e, _ := d.outline.at(line, column); e.kind == unstable.Table || e.kind == unstable.ArrayTable {
		p.Message, p.Hint = "is not a known table", tables
	}
	if secretLooking(name) {
		p.Message, p.Hint = "looks like a secret", secretAdvice
	}
	p.Line, p.Column = line, column
	d.add(p)
}

// misspelt reports whether a key is a known one but for capital letters, and
// which. Below a misspelt table, keys are not looked at.
func misspelt(key string) (meant string, ok bool) {
	for _, k := range keys {
		table, _, _ := strings.Cut(k.key, ".")
		if strings.EqualFold(key, table) {
			return table, key != table
		}
		if t, _, _ := strings.Cut(key, "."); t == table && strings.EqualFold(key, k.key) {
			return k.key, key != k.key
		}
	}
	return "", false
}

// consequence reports whether a problem only follows from what was set aside
// and has been noted already.
func (d *decoder) consequence(p Problem) bool {
	if _, ok := d.outline.offset(p.path); !ok && len(d.aside) > 0 {
		return true
	}
	for _, path := range d.aside {
		if p.path == path || strings.HasPrefix(p.path, path+".") || strings.HasPrefix(p.path, path+"[") {
			return true
		}
		lost := plain(path)
		if (lost == "account" || lost == "account.name") && p.Key == "folder.accounts" {
			return true
		}
	}
	return false
}

func wanted(key string) string {
	for _, k := range keys {
		if k.key == key {
			return k.wanted
		}
	}
	return ""
}

// plain returns a path without positions: "folder.accounts" for
// "folder[1].accounts[0]".
func plain(path string) string {
	var b strings.Builder
	depth := 0
	for _, r := range path {
		switch {
		case r == '[':
			depth++
		case r == ']':
			depth--
		case depth == 0:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// suggestion returns the hint for a key that is not known.
func suggestion(key string) string {
	table, name, ok := strings.Cut(key, ".")
	if !ok {
		table, name = "", key
	}
	best, distance := "", 3
	var names []string
	for _, k := range keys {
		t, n, _ := strings.Cut(k.key, ".")
		if n == name {
			return fmt.Sprintf("%s belongs into the table %s", n, t)
		}
		if t != table {
			continue
		}
		names = append(names, n)
		if d := edits(strings.ToLower(name), n); d < distance {
			best, distance = n, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %s?", best)
	case names == nil:
		return tables
	}
	return "known are " + strings.Join(names, ", ")
}

// edits returns the Levenshtein distance of two short texts.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := last
			if a[i] != b[j] {
				cost++
			}
			last = row[j+1]
			row[j+1] = min(cost, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
