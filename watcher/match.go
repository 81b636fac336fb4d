package watcher

import (
	"fmt"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Match says whether r takes the file with the path rel, relative to r.Path, and which rule decides, in words such as
// `exclude "@eaDir"`. It looks at names only; whether there is such a file does not matter.
func Match(r Root, rel string) (ok bool, rule string) {
	rs, err := compile(r)
	if err != nil {
		return false, err.Error()
	}
	return rs.take(filepath.ToSlash(rel))
}

// Validate returns an error that names the first pattern of r that is not well-formed. A root with such a pattern is
// Broken and offers no file, since what its owner wanted to keep back is not known.
func (r Root) Validate() error {
	_, err := compile(r)
	return err
}

// rules are the compiled patterns of a root. Paths are relative to the root, with slashes.
type rules struct {
	flat             bool
	include, exclude patterns
}

func compile(r Root) (*rules, error) {
	rs := &rules{flat: r.Flat}
	include, source := r.Include, "include "
	if len(include) == 0 {
		include, source = DefaultInclude, "default include "
	}
	for _, list := range []struct {
		into   *patterns
		texts  []string
		source string
	}{
		{&rs.exclude, r.Exclude, "exclude "},
		{&rs.exclude, DefaultExclude, "default exclude "},
		{&rs.include, include, source},
	} {
		for _, text := range list.texts {
			if err := list.into.add(text, list.source+strconv.Quote(text)); err != nil {
				return nil, err
			}
		}
	}
	return rs, nil
}

// take decides about a file from its path alone, its folders included.
func (rs *rules) take(rel string) (bool, string) {
	rel = strings.TrimPrefix(path.Clean("/"+rel), "/")
	if rel == "" {
		return false, "the folder itself"
	}
	for i, c := range rel {
		if c != '/' {
			continue
		}
		if rs.flat {
			return false, "sub-folders are left out"
		}
		if rule, no := rs.refuseDir(rel[:i]); no {
			return false, rule
		}
	}
	return rs.takeName(rel)
}

// takeName decides about a file whose folders are taken already.
func (rs *rules) takeName(rel string) (bool, string) {
	name := lowerName(rel)
	if rule, no := rs.exclude.match(rel, name, false); no {
		return false, rule
	}
	if rule, yes := rs.include.match(rel, name, false); yes {
		return true, rule
	}
	return false, "no include pattern matches"
}

// refuseDir decides about a folder whose own folders are taken already.
func (rs *rules) refuseDir(rel string) (rule string, no bool) {
	return rs.exclude.match(rel, lowerName(rel), true)
}

// lowerName returns the last part of a path in lower case.
func lowerName(rel string) string {
	return strings.ToLower(rel[strings.LastIndexByte(rel, '/')+1:])
}

// patterns is a list of patterns, sorted by how cheaply they are matched: a scan asks for every name it meets, and
// nearly all patterns are a plain name, a beginning or an ending.
type patterns struct {
	names    map[string]pattern // plain names
	endings  map[string]pattern // "*.jpg", by ".jpg"
	suffixes []pattern          // "*_original"
	prefixes []pattern          // ".*"
	globs    []pattern          // other patterns for a name
	paths    []pattern          // patterns with a slash, for the whole path
}

// pattern is one pattern in lower case; glob is what is left of it for its place in patterns.
type pattern struct {
	glob    string
	start   string // what comes before its first special character
	rule    string
	dirOnly bool
}

const meta = `*?[]{}\!^`

func (ps *patterns) add(text, rule string) error {
	glob := strings.ToLower(text)
	p := pattern{rule: rule}
	if trimmed := strings.TrimSuffix(glob, "/"); trimmed != glob {
		glob, p.dirOnly = trimmed, true
	}
	whole := strings.Contains(glob, "/")
	glob = strings.TrimPrefix(strings.TrimPrefix(glob, "./"), "/")
	if glob == "" || !doublestar.ValidatePattern(glob) {
		return fmt.Errorf("%s is not a well-formed pattern", rule)
	}
	p.glob = glob
	rest, plain := strings.CutPrefix(glob, "*")
	switch {
	case whole:
		ps.paths = append(ps.paths, p)
	case !strings.ContainsAny(glob, meta):
		setFirst(&ps.names, glob, p)
	case plain && rest != "" && !strings.ContainsAny(rest, meta):
		if p.glob = rest; strings.LastIndexByte(rest, '.') == 0 {
			setFirst(&ps.endings, rest, p)
		} else {
			ps.suffixes = append(ps.suffixes, p)
		}
	case len(glob) > 1 && !strings.ContainsAny(glob[:len(glob)-1], meta) && strings.HasSuffix(glob, "*"):
		p.glob = glob[:len(glob)-1]
		ps.prefixes = append(ps.prefixes, p)
	default:
		p.start = glob[:strings.IndexAny(glob, meta)]
		ps.globs = append(ps.globs, p)
	}
	return nil
}

// setFirst keeps the first of two equal patterns, except that one for folders only gives way to one for everything.
func setFirst(m *map[string]pattern, key string, p pattern) {
	if *m == nil {
		*m = map[string]pattern{}
	}
	if old, ok := (*m)[key]; !ok || old.dirOnly && !p.dirOnly {
		(*m)[key] = p
	}
}

// match returns the rule of a pattern that matches rel, whose last part in lower case is name.
//
//nolint:gocyclo // the order of the rules is the rule
func (ps *patterns) match(rel, name string, dir bool) (rule string, ok bool) {
	if p, ok := ps.names[name]; ok && (dir || !p.dirOnly) {
		return p.rule, true
	}
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		if p, ok := ps.endings[name[i:]]; ok && (dir || !p.dirOnly) {
			return p.rule, true
		}
	}
	for _, p := range ps.prefixes {
		if strings.HasPrefix(name, p.glob) && (dir || !p.dirOnly) {
			return p.rule, true
		}
	}
	for _, p := range ps.suffixes {
		if strings.HasSuffix(name, p.glob) && (dir || !p.dirOnly) {
			return p.rule, true
		}
	}
	for _, p := range ps.globs {
		if (dir || !p.dirOnly) && strings.HasPrefix(name, p.start) && doublestar.MatchUnvalidated(p.glob, name) {
			return p.rule, true
		}
	}
	if len(ps.paths) == 0 {
		return "", false
	}
	rel = strings.ToLower(rel)
	for _, p := range ps.paths {
		if (dir || !p.dirOnly) && doublestar.MatchUnvalidated(p.glob, rel) {
			return p.rule, true
		}
	}
	return "", false
}
