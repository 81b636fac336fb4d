package say

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// written is a text in the engine's source, with what it is for.
type written struct {
	text, where, use string
	alone            bool // it is all that is said there
}

// engineSource reads the texts of the engine. A file's path is relative to this
// package.
func engineSource(t *testing.T, patterns ...string) []written {
	t.Helper()
	var all []written
	for _, pattern := range patterns {
		files, err := filepath.Glob(filepath.FromSlash(pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files: %v", pattern, len(files), err)
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
			all = append(all, textsOf(fset, f)...)
		}
	}
	return all
}

func textsOf(fset *token.FileSet, f *ast.File) []written {
	var all []written
	var stack []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		if n == nil {
			stack = stack[:len(stack)-1]
			return false
		}
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if text, err := strconv.Unquote(lit.Value); err == nil {
				w := written{text: text, where: fset.Position(lit.Pos()).String(), alone: true}
				w.use, w.alone = useOf(stack, lit)
				all = append(all, w)
			}
		}
		stack = append(stack, n)
		return true
	})
	return all
}

// useOf names the field, variable or row type that a literal is given to.
func useOf(stack []ast.Node, lit ast.Expr) (use string, alone bool) {
	alone = true
	below := ast.Node(lit)
	for _, n := range slices.Backward(stack) {
		switch n := n.(type) {
		case *ast.BinaryExpr, *ast.CallExpr:
			alone = false
		case *ast.KeyValueExpr:
			if id, ok := n.Key.(*ast.Ident); ok && n.Value == below {
				return id.Name, alone
			}
		case *ast.AssignStmt:
			for i, rhs := range n.Rhs {
				if rhs == below && len(n.Lhs) == len(n.Rhs) {
					switch to := n.Lhs[i].(type) {
					case *ast.SelectorExpr:
						return to.Sel.Name, alone
					case *ast.Ident:
						return to.Name, alone
					}
				}
			}
			return "", alone
		case *ast.ValueSpec:
			return n.Names[0].Name, alone
		case *ast.FuncDecl:
			return "", alone
		}
		below = n
	}
	return "", alone
}

var verb = regexp.MustCompile(`%[+#]?[a-z]`)

// TestTheEngineSaysWhatIsKnown keeps the phrasebook true: each of its texts is
// written in the engine, so that one that changes there is noticed here.
func TestTheEngineSaysWhatIsKnown(t *testing.T) {
	var source []string
	for _, w := range engineSource(t, "../../app/*.go", "../../app/upload/*.go", "../../app/upload/*/*.go", "../../queue/*.go", "../../watcher/*.go") {
		source = append(source, verb.Split(w.text, -1)...)
	}
	for _, text := range append(engineTexts(), eventTexts...) {
		for _, part := range fieldInText.Split(text, -1) {
			if strings.ContainsFunc(part, unicode.IsLetter) && !writtenIn(source, part) {
				t.Errorf("%q: the engine does not write %q any more", text, part)
			}
		}
	}
	if writtenIn(source, "the cow jumps over the moon") {
		t.Error("this search finds everything")
	}
}

// writtenIn says whether a text is in the source, or put together of the end of
// one literal there and the beginning of another.
func writtenIn(source []string, text string) bool {
	if slices.ContainsFunc(source, func(s string) bool { return strings.Contains(s, text) }) {
		return true
	}
	for i := 2; i < len(text)-1; i++ {
		end := func(s string) bool { return strings.HasSuffix(s, text[:i]) }
		begin := func(s string) bool { return strings.HasPrefix(s, text[i:]) }
		if slices.ContainsFunc(source, end) && slices.ContainsFunc(source, begin) {
			return true
		}
	}
	return false
}

// TestWhatTheEngineSaysIsKnown makes sure that what the engine says most has
// words in the other languages.
func TestWhatTheEngineSaysIsKnown(t *testing.T) {
	tests := []struct {
		files []string
		uses  []string
		least int
	}{
		{[]string{"../../app/upload/classify.go"}, []string{"Reason", "Hint", "transportFaults"}, 25},
		{[]string{"../../app/upload/status.go"}, []string{"reason", "hint", "statusKinds", "row"}, 35},
		{[]string{"../../app/status.go"}, []string{"Text", "Hint"}, 15},
		{[]string{"../../app/attempt.go", "../../app/worker.go", "../../app/account.go"}, []string{"Reason", "Hint", "reason", "hint"}, 12},
		{
			[]string{"../../app/upload/*.go", "../../app/upload/*/*.go"},
			[]string{"Reason", "Hint", "reason", "hint", "common", "ofMethod", "methodMeanings", "underscoreMeanings", "camelMeanings"}, 200,
		},
	}
	texts := append(engineTexts(), "{{.N}} photos", "{{.N}} files", "{{.N}} new files", "{{.N}} folders", "{{.N}} albums")
	for _, tt := range tests {
		found := 0
		for _, w := range engineSource(t, tt.files...) {
			if !slices.Contains(tt.uses, w.use) || !strings.Contains(strings.TrimSpace(w.text), " ") {
				continue
			}
			found++
			if w.alone && !phrases().fixed[w.text] {
				t.Errorf("%s: %s %q is not known", w.where, w.use, w.text)
			}
			for _, part := range verb.Split(w.text, -1) {
				part = strings.Trim(part, ". ")
				if len(part) > 3 && !slices.ContainsFunc(texts, func(s string) bool { return strings.Contains(s, part) }) {
					t.Errorf("%s: %s: %q is in no known text", w.where, w.use, part)
				}
			}
		}
		if found < tt.least {
			t.Errorf("%v: only %d texts were found", tt.files, found)
		}
	}
}
