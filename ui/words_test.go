package ui

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/photoferry/photoferry/assets"
	"github.com/photoferry/photoferry/ui/say"
)

// spoken are the packages whose texts people see.
var spoken = []string{".", "say", "tray"}

// translators are the functions whose first text is translated, and whether it
// is about a number of things.
var translators = map[string]bool{
	"tr": false, "T": false, "later": false, "Later": false, "known": false,
	"trn": true, "N": true, "count": true,
}

// literal is a text in the source.
type literal struct {
	text, where string
	plural      bool
}

// TestEveryTextIsTranslated looks for texts that people see and that have no
// translation, or that never pass a translation.
func TestEveryTextIsTranslated(t *testing.T) {
	words := map[string]map[string]any{}
	for _, l := range say.Languages {
		b, err := fs.ReadFile(assets.Words, "words/"+l+".json")
		if err != nil {
			t.Fatal(err)
		}
		m := map[string]any{}
		if err := json.Unmarshal(b, &m); err != nil {
			t.Fatalf("%s: %v", l, err)
		}
		words[l] = m
	}
	used := map[string]bool{}
	for _, l := range translated(t) {
		used[l.text] = true
		for lang, m := range words {
			_, there := m[l.text]
			switch {
			case !there && (lang != "en" || l.plural):
				t.Errorf("%s: no %s words for %q", l.where, lang, l.text)
			case lang != "en" && there:
				sameFields(t, lang, l, m[l.text])
			}
		}
	}
	for lang, m := range words {
		for key := range m {
			if !used[key] && !month(key) {
				t.Errorf("assets/words/%s.json: nothing says %q any more", lang, key)
			}
		}
	}
}

var fieldOf = regexp.MustCompile(`\{\{\.\w+\}\}`)

// sameFields checks that a translation has no field that the text does not have.
// A form for one thing may leave its number out, and no other field.
func sameFields(t *testing.T, lang string, l literal, translation any) {
	t.Helper()
	want := fieldOf.FindAllString(l.text, -1)
	forms := map[string]any{"other": translation}
	if m, ok := translation.(map[string]any); ok {
		forms = m
	}
	for form, s := range forms {
		text, _ := s.(string)
		got := fieldOf.FindAllString(text, -1)
		slices.Sort(got)
		less := slices.DeleteFunc(slices.Clone(want), func(f string) bool { return form == "one" && f == "{{.N}}" && !slices.Contains(got, f) })
		slices.Sort(less)
		if !slices.Equal(slices.Compact(got), slices.Compact(less)) && text != "" {
			t.Errorf("%s: %s of %q has the fields %v, not %v", lang, form, l.text, got, less)
		}
	}
}

func month(s string) bool {
	return len(s) == 3 && strings.Contains("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec", s)
}

// TestNoTextPassesByTheTranslation looks for sentences in the source that are
// given to no translation.
func TestNoTextPassesByTheTranslation(t *testing.T) {
	for where, text := range untranslated(t) {
		t.Errorf("%s: %q is not translated: give it to tr, or say here why not", where, text)
	}
}

// names are no sentences: what is said the same in every language.
var names = []string{
	"PhotoFerry", "PhotoFerry: ", "API", "URL", "ID", "GPS", "HTTP", "HTTPS", "EXIF", "LANGUAGE", "LC_ALL",
	"not a photo", // what the engine calls it in its answers
	"500 KB", "1 MB", "2 MB", "5 MB", "10 MB", "English", "Deutsch", "Français",
}

// silent are functions whose texts are for logs and programs.
var silent = []string{
	"Errorf", "New", "panic", "Debug", "Info", "Warn", "Error", "Format", "Sprintf", "Join", "Contains", "HasPrefix", "CutPrefix", "TrimPrefix", "Index",
	"LogAttrs", "String", "With", "Day", "Open", "ReplaceAll", "Sprint", "Fprintf", "Command", "MustCompile", "CreateTemp", "Trim", "TrimLeft", "Parse", "FieldsFunc",
}

func each(t *testing.T, visit func(fset *token.FileSet, f *ast.File, stack []ast.Node, lit *ast.BasicLit)) {
	t.Helper()
	for _, dir := range spoken {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, name, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			var stack []ast.Node
			ast.Inspect(f, func(n ast.Node) bool {
				if n == nil {
					stack = stack[:len(stack)-1]
					return false
				}
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					visit(fset, f, stack, lit)
				}
				stack = append(stack, n)
				return true
			})
		}
	}
}

func called(c *ast.CallExpr) string {
	switch f := c.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

func translated(t *testing.T) []literal {
	t.Helper()
	var ls []literal
	each(t, func(fset *token.FileSet, _ *ast.File, stack []ast.Node, lit *ast.BasicLit) {
		name, ok := "", false
		if len(stack) > 0 {
			if c, is := stack[len(stack)-1].(*ast.CallExpr); is {
				name = called(c)
				_, ok = translators[name]
			}
		}
		if !ok {
			return
		}
		text, _ := strconv.Unquote(lit.Value)
		if text == "" || !strings.ContainsFunc(text, unicode.IsLetter) {
			return
		}
		plural := translators[name]
		if name == "later" || name == "Later" {
			plural = strings.HasPrefix(text, "{{.N}} ")
		}
		ls = append(ls, literal{text, fset.Position(lit.Pos()).String(), plural})
	})
	if len(ls) < 200 {
		t.Fatalf("only %d texts were found", len(ls))
	}
	return ls
}

func untranslated(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	each(t, func(fset *token.FileSet, _ *ast.File, stack []ast.Node, lit *ast.BasicLit) {
		text, _ := strconv.Unquote(lit.Value)
		if !sentenceLike(text) || slices.Contains(names, text) {
			return
		}
		for _, n := range slices.Backward(stack) {
			switch n := n.(type) {
			case *ast.ImportSpec, *ast.Field, *ast.IndexExpr:
				return
			case *ast.KeyValueExpr:
				if n.Key == lit {
					return
				}
			case *ast.CaseClause: // compared with, and not said
				if slices.Contains(n.List, ast.Expr(lit)) {
					return
				}
			case *ast.CallExpr:
				if _, ok := translators[called(n)]; ok || slices.Contains(silent, called(n)) {
					return
				}
			}
		}
		found[fset.Position(lit.Pos()).String()] = text
	})
	return found
}

// sentenceLike says whether a text has words for people: it begins with a
// capital that is followed by small letters, or has a space between two words.
func sentenceLike(s string) bool {
	first, n := utf8.DecodeRuneInString(s)
	if unicode.IsUpper(first) && len(s) > n+1 && unicode.IsLower(rune(s[n])) {
		return true
	}
	words := strings.Fields(s)
	return len(words) > 1 && slices.ContainsFunc(words, func(w string) bool { return len(w) > 2 && strings.IndexFunc(w, unicode.IsLetter) == 0 })
}

// TestTheTestOfTexts makes sure that the search above can find something.
func TestTheTestOfTexts(t *testing.T) {
	for s, want := range map[string]bool{"Cancel": true, "a photo": true, "state-idle": false, "{{.N}}": false, "GPS": false, "": false} {
		if got := sentenceLike(s); got != want {
			t.Errorf("sentenceLike(%q) = %v", s, got)
		}
	}
}
