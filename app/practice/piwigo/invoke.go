package piwigo

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// kind is what PwgServer::checkType asks of a parameter.
type kind int

const (
	anything kind = iota
	boolean
	positive // 0 and up
	id       // 1 and up
)

// listing is whether a parameter may be a list.
type listing int

const (
	never  listing = iota
	may            // WS_PARAM_ACCEPT_ARRAY
	always         // WS_PARAM_FORCE_ARRAY
)

// param is one parameter of a method's signature.
type param struct {
	name string
	need bool
	kind kind
	list listing
	max  int    // larger values become it; 0 means none
	def  string // "" means NULL
}

// highestLevel is the last of $conf['available_permission_levels'] [R8].
const highestLevel = 8

// method is a method of the web service.
type method struct {
	since     Version
	community bool // comes with that plug-in
	admin     bool
	post      bool
	params    []param
	serve     func(*call) (any, error)
}

// fail is a PwgError. Codes from 400 to 599 are the answer's status too [F1].
type fail struct {
	code int
	text string
}

func (e *fail) Error() string { return e.text }

func failure(code int, format string, args ...any) error {
	return &fail{code, fmt.Sprintf(format, args...)}
}

// The codes of ws_core.inc.php.
const (
	codeMissing = 1002
	codeInvalid = 1003
)

var (
	errDenied  = &fail{401, "Access denied"}
	errToken   = &fail{403, "Invalid security token"}
	errNoImage = &fail{404, "image_id not found"}
)

// page is an answer that is no JSON. Status 0 means 200, and kind "" means text/html.
type page struct {
	status   int
	kind     string
	location string
	body     string
	php      bool // notices may stand before it
}

func (e *page) Error() string { return e.body }

// nginx is a page of nginx itself, such as "404 Not Found".
func nginx(status int, title string) *page {
	return &page{status: status, kind: "text/html", body: nginxPage(title)}
}

// die is PHP's: plain words as a page with status 200.
func die(format string, args ...any) *page {
	return &page{php: true, body: fmt.Sprintf(format, args...)}
}

// fatal is an uncaught exception [R4].
func (c *call) fatal(format string, args ...any) *page {
	if c.o.HideErrors {
		return &page{status: 500}
	}
	text := fmt.Sprintf(format, args...)
	return &page{php: true, body: errorPage("Fatal error", "Uncaught "+text+" in /var/www/piwigo/include/dblayer/functions_mysqli.inc.php:132\nStack trace:\n#0 {main}\n  thrown",
		"include/dblayer/functions_mysqli.inc.php", 132)}
}

// invoke is PwgServer::invoke: which check comes first decides which answer comes.
func (c *call) invoke(name string) (any, error) {
	m, ok := c.methods()[name]
	switch {
	case !ok:
		return nil, failure(501, "Method name is not valid")
	case m.post && len(c.form.post) == 0:
		return nil, failure(405, "This method requires HTTP POST")
	case m.admin && !c.admin:
		return nil, errDenied
	}
	args, err := checkParams(m.params, c.form.params())
	if err != nil {
		return nil, err
	}
	c.args = args
	return m.serve(c)
}

// methods are those that this server has for this user.
func (c *call) methods() map[string]method {
	out := map[string]method{}
	for name, m := range methods {
		if m.since <= c.o.Version && (!m.community || c.o.Community) {
			out[name] = m
		}
	}
	if c.actsForCommunity() && c.form.params().text("faked_by_community") != "false" {
		out["pwg.categories.getList"] = methods["community.categories.getList"] // [C]
	}
	return out
}

// args are parameters after the checks. What is absent has no entry: NULL.
type args map[string]value

// checkParams also passes on what the signature does not list, as PHP does: that is how
// addSimple comes to heed date_creation [T addsimple_date].
func checkParams(signature []param, given params) (args, error) {
	out := args(maps.Clone(given))
	var missing []string
	for _, p := range signature {
		v, ok := given[p.name]
		if !ok && !p.need {
			if p.def != "" {
				out[p.name] = scalar(p.def)
			}
			continue
		}
		if p.need && (!ok || !v.isList && v.text == "") {
			missing = append(missing, p.name)
			continue
		}
		if v.isList && p.list == never {
			return nil, failure(codeInvalid, "%s must be scalar", p.name)
		}
		if p.list == always && !v.isList {
			v = value{isList: true}
			if t := given[p.name].text; t != "" {
				v.list = []string{t}
			}
		}
		v, err := p.check(v)
		if err != nil {
			return nil, err
		}
		out[p.name] = v
	}
	if len(missing) > 0 {
		return nil, failure(codeMissing, "Missing parameters: %s", strings.Join(missing, ","))
	}
	return out, nil
}

// check is PwgServer::checkType.
func (p param) check(v value) (value, error) {
	if v.isList {
		out := make([]string, len(v.list))
		for i, s := range v.list {
			one, ok := p.canonical(s)
			if !ok {
				return v, failure(codeInvalid, "%s must only contain%s", p.name, map[kind]string{
					boolean: " booleans", positive: " positive integers", id: " positive and not null integers",
				}[p.kind])
			}
			out[i] = one
		}
		return value{list: out, isList: true}, nil
	}
	if v.text == "" {
		return v, nil
	}
	one, ok := p.canonical(v.text)
	if !ok {
		return v, failure(codeInvalid, "%s must be %s", p.name, map[kind]string{
			boolean: "a boolean", positive: "an positive integer", id: "an positive and not null integer",
		}[p.kind])
	}
	return scalar(one), nil
}

func (p param) canonical(s string) (string, bool) {
	switch p.kind {
	case boolean:
		on, ok := toBool(s)
		return strconv.FormatBool(on), ok
	case positive, id:
		n, ok := toInt(s)
		if n < 0 || p.kind == id && n < 1 {
			ok = false
		}
		if p.max > 0 {
			n = min(n, p.max)
		}
		return strconv.Itoa(n), ok
	}
	return s, true
}

func (a args) has(name string) bool    { _, ok := a[name]; return ok }
func (a args) text(name string) string { return a[name].text }
func (a args) num(name string) int     { return intval(a[name].text) }
func (a args) yes(name string) bool    { return a[name].text == "true" }

// ids is a list of numbers that may also be one string of them.
func (a args) ids(name string) []int {
	list := a[name].list
	if !a[name].isList {
		list = splitList(a[name].text)
	}
	var out []int
	for _, s := range list {
		if n := intval(s); n > 0 {
			out = append(out, n)
		}
	}
	return out
}

// Functions returns the names of all methods, of every version, sorted.
func Functions() []string {
	var out []string
	for name := range methods {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// methodList is reflection.getMethodList.
func (c *call) methodList() (any, error) {
	var out []string
	for name := range c.methods() {
		out = append(out, name)
	}
	slices.Sort(out)
	return map[string]any{"methods": out}, nil
}

// version is pwg.getVersion [R3].
func (c *call) version() (any, error) { return c.o.Version.String(), nil }
