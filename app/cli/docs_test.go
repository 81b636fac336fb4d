package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestThePageDescribesExactlyWhatCanBeTyped compares docs/cli.md with the
// grammar: a heading for every command, and in its section every flag, and no
// others.
func TestThePageDescribesExactlyWhatCanBeTyped(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "cli.md"))
	if err != nil {
		t.Fatal(err)
	}
	var g grammar
	parser, err := newParser(&g, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	sections := make(map[string]string)
	for _, s := range strings.Split(string(page), "\n### ")[1:] {
		heading, text, _ := strings.Cut(s, "\n")
		text, _, _ = strings.Cut(text, "\n## ")
		sections[heading] = text
	}
	written := regexp.MustCompile("`(--[a-z-]+)")
	for _, n := range parser.Model.Leaves(true) {
		name := "photoferry " + n.Path()
		text, ok := sections[name]
		if !ok {
			t.Errorf("docs/cli.md has no section %q", name)
			continue
		}
		delete(sections, name)
		var flags []string
		for _, f := range n.Flags {
			if f.Hidden {
				continue
			}
			flags = append(flags, "--"+f.Name)
			if !strings.Contains(text, "`--"+f.Name) {
				t.Errorf("%s: --%s is not described", name, f.Name)
			}
		}
		for _, p := range n.Positional {
			if !strings.Contains(text, strings.ToUpper(p.Name)) {
				t.Errorf("%s: the argument %s is not described", name, strings.ToUpper(p.Name))
			}
		}
		for _, m := range written.FindAllStringSubmatch(text, -1) {
			if !slices.Contains(flags, m[1]) {
				t.Errorf("%s: %s is described but does not exist", name, m[1])
			}
		}
	}
	for name := range sections {
		if name != "photoferry" {
			t.Errorf("docs/cli.md describes %q, which does not exist", name)
		}
	}
	if _, ok := sections["photoferry"]; !ok {
		t.Error("docs/cli.md does not describe the start without a command")
	}
	for _, f := range parser.Model.Flags {
		if !strings.Contains(string(page), "`--"+f.Name) {
			t.Errorf("--%s is not described", f.Name)
		}
	}
}

func TestEveryCommandHasHelp(t *testing.T) {
	var g grammar
	parser, err := newParser(&g, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	err = kong.Visit(parser.Model, func(v kong.Visitable, next kong.Next) error {
		switch n := v.(type) {
		case *kong.Value:
			if n.Help == "" {
				t.Errorf("%s has no help", n.Name)
			}
		case *kong.Flag:
			if n.Help == "" {
				t.Errorf("--%s has no help", n.Name)
			}
		case *kong.Node:
			if n.Type == kong.CommandNode && n.Help == "" {
				t.Errorf("%s has no help", n.Path())
			}
		}
		return next(nil)
	})
	if err != nil {
		t.Fatal(err)
	}
}
