package desktest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"github.com/photoferry/photoferry/app/control"
)

// States returns all states that the engine can be in, in the order of their
// constants. They are read from the source, so that none is forgotten.
func States(t testing.TB) []control.State {
	t.Helper()
	_, here, _, _ := runtime.Caller(0)
	file := filepath.Join(filepath.Dir(here), "..", "..", "app", "control", "types.go")
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var states []control.State
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok || len(v.Values) != 1 {
			return true
		}
		of, _ := v.Type.(*ast.Ident)
		value, _ := v.Values[0].(*ast.BasicLit)
		if of == nil || of.Name != "State" || value == nil {
			return true
		}
		s, err := strconv.Unquote(value.Value)
		if err != nil {
			t.Fatal(err)
		}
		states = append(states, control.State(s))
		return true
	})
	if len(states) == 0 {
		t.Fatalf("%s has no constants of the type State", file)
	}
	return states
}
