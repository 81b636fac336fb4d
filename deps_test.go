package main_test

import (
	"encoding/json"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/photoferry/photoferry"

// pkg is what `go list -json` says of a package.
type pkg struct {
	ImportPath   string
	Name         string
	Standard     bool
	Imports      []string
	TestImports  []string
	XTestImports []string
	Module       *struct{ Path string }
}

// goList lists packages and what they are made of, as they are built on Linux
// with the window unless args say otherwise. Nothing is compiled, so no C is
// needed.
func goList(t *testing.T, args ...string) map[string]pkg {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", append([]string{"list", "-e", "-json=ImportPath,Name,Standard,Imports,TestImports,XTestImports,Module"}, args...)...)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=1", "GOFLAGS=-buildvcs=false")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pkgs := map[string]pkg{}
	for dec := json.NewDecoder(out); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("go list %v: %v", args, err)
		}
		pkgs[p.ImportPath] = p
	}
	if err := cmd.Wait(); err != nil {
		t.Fatalf("go list %v: %v", args, err)
	}
	return pkgs
}

// ours returns the packages of this module by folder ("." is main).
func ours(t *testing.T) map[string]pkg {
	t.Helper()
	folders := map[string]pkg{}
	for p, info := range goList(t, "./...") {
		folders[folder(p)] = info
	}
	return folders
}

// folder returns a package of this module as the folder it is in, "" for others.
func folder(importPath string) string {
	if importPath == module {
		return "."
	}
	rel, ok := strings.CutPrefix(importPath, module+"/")
	if !ok {
		return ""
	}
	return rel
}

// reach returns every folder of this module that a folder's code, without its
// tests, is made of.
func reach(pkgs map[string]pkg, from string) []string {
	seen := map[string]bool{}
	var walk func(string)
	walk = func(f string) {
		for _, imp := range pkgs[f].Imports {
			if to := folder(imp); to != "" && !seen[to] {
				seen[to] = true
				walk(to)
			}
		}
	}
	walk(from)
	return slices.Sorted(maps.Keys(seen))
}

// TestImportsPointDownward holds the rules of docs/design.md, section Rooms.
func TestImportsPointDownward(t *testing.T) {
	pkgs := ours(t)
	under := func(dir, f string) bool { return f == dir || strings.HasPrefix(f, dir+"/") }
	shared := []string{"uploadtest", "practicetest", "journal", "visit", "demo"}
	service := func(base, f string) string { // app/upload/picapport -> picapport
		rest, ok := strings.CutPrefix(f, base+"/")
		name, _, _ := strings.Cut(rest, "/")
		if !ok || slices.Contains(shared, name) {
			return ""
		}
		return name
	}
	for _, rule := range []struct {
		why     string
		applies func(from string) bool
		refuses func(from, to string) bool
	}{
		{
			"queue, watcher and what knows nothing of an engine are leaves",
			func(f string) bool {
				return slices.Contains([]string{"queue", "watcher", "app/photo", "app/settings", "app/control", "app/desktop", "app/hours"}, f)
			},
			func(_, to string) bool { return to != "app/hours" }, // a word of the settings file
		},
		{
			"cards are ejected by the desktop, and know nothing of an engine",
			func(f string) bool { return f == "app/cards" },
			func(_, to string) bool { return to != "app/desktop" },
		},
		{
			"a picture is converted by what knows files, and nothing of an engine",
			func(f string) bool { return f == "app/convert" },
			func(_, to string) bool { return to != "app/photo" },
		},
		{
			"one service's client knows nothing of another's",
			func(f string) bool { return service("app/upload", f) != "" },
			func(from, to string) bool {
				s := service("app/upload", to)
				return s != "" && s != service("app/upload", from)
			},
		},
		{
			"what services have in common knows none of them",
			func(f string) bool { return f == "app/upload" },
			func(_, to string) bool { return service("app/upload", to) != "" },
		},
		{
			"an emulator builds on the journal, and on nothing else of ours",
			func(f string) bool { return service("app/practice", f) != "" },
			func(_, to string) bool { return to != "app/practice/journal" },
		},
		{
			"what emulators have in common knows none of them",
			func(f string) bool {
				return slices.Contains([]string{"app/practice/journal", "app/practice/practicetest", "app/practice/visit"}, f)
			},
			func(string, string) bool { return true },
		},
		{
			"a client is written from the service's documents, not from our emulator",
			func(f string) bool { return under("app/upload", f) },
			func(_, to string) bool { return under("app/practice", to) },
		},
		{
			"an emulator answers what the documents say, not what our client likes",
			func(f string) bool { return under("app/practice", f) },
			func(_, to string) bool { return under("app/upload", to) },
		},
		{
			"the window and the tray are clients of the control API; the tray knows the desktop too",
			func(f string) bool { return under("ui", f) },
			func(from, to string) bool {
				if from == "ui/tray" && to == "app/desktop" {
					return false
				}
				return !under("ui", to) && !under("assets", to) && to != "app/control" && to != "app/photo"
			},
		},
		{
			"nothing imports the command line but main, and nothing main",
			func(f string) bool { return f != "." },
			func(from, to string) bool {
				return to == "." || under("app/cli", to) && !under("app/cli", from)
			},
		},
	} {
		applied := false
		for from := range pkgs {
			if !rule.applies(from) {
				continue
			}
			applied = true
			for _, to := range reach(pkgs, from) {
				if rule.refuses(from, to) {
					t.Errorf("%s imports %s, maybe through others: %s", from, to, rule.why)
				}
			}
		}
		if !applied {
			t.Errorf("no package is under the rule %q: it needs to follow the folders", rule.why)
		}
	}
}

// TestOnlyTheWindowReachesFyne keeps GL out of the engine: of our packages only
// main, ui and assets import Fyne, only main its drivers, and a program built
// without window has none of it.
func TestOnlyTheWindowReachesFyne(t *testing.T) {
	const fyne = "fyne.io/fyne/v2"
	for from, p := range ours(t) {
		for _, imp := range slices.Concat(p.Imports, p.TestImports, p.XTestImports) {
			isFyne := imp == fyne || strings.HasPrefix(imp, fyne+"/")
			allowed := from == "." || from == "assets" || from == "ui" || strings.HasPrefix(from, "ui/") && from != "ui/tray"
			if isFyne && !allowed {
				t.Errorf("%s imports %s", from, imp)
			}
			if imp == fyne+"/app" && from != "." {
				t.Errorf("%s imports %s, which needs cgo and GL", from, imp)
			}
		}
	}
	for _, args := range [][]string{
		{"-deps", "-tags", "nogui", "."},
		{"-deps", "-tags", "nogui", "./app/...", "./queue/...", "./ui/tray/...", "./watcher/..."},
	} {
		pkgs := goList(t, args...)
		if len(pkgs) < 100 {
			t.Errorf("go list %v found %d packages only", args, len(pkgs))
		}
		for p := range pkgs {
			if p == fyne || strings.HasPrefix(p, fyne+"/") || strings.HasPrefix(p, "github.com/go-gl/") {
				t.Errorf("%s is part of go list %v", p, args)
			}
		}
	}
}

// homes names, for every module that our code imports, the folders that may
// import it, and do; ui/say counts as ui. "several" is for golang.org/x/sys only: system calls are made
// where they are needed.
var homes = map[string][]string{
	"filippo.io/age":                   {"app/settings"},
	"fyne.io/fyne/v2":                  {".", "ui"},
	"fyne.io/systray":                  {"ui/tray"},
	"github.com/adrg/xdg":              {"app"},
	"github.com/alecthomas/kong":       {"app/cli"},
	"github.com/bep/imagemeta":         {"app/photo"},
	"github.com/bmatcuk/doublestar/v4": {"app/settings", "watcher"},
	"github.com/dustin/go-humanize":    {"app/cli", "app/settings", "ui"},
	"github.com/fsnotify/fsnotify":     {"watcher"},
	"github.com/gen2brain/heic":        {"app/convert"},
	"github.com/godbus/dbus/v5":        {"app/desktop", "ui/desktest"},
	"github.com/gofrs/flock":           {"app", "app/practice", "app/settings", "queue"},
	"github.com/jeandeaual/go-locale":  {"ui"},
	"github.com/nicksnyder/go-i18n/v2": {"ui"},
	"github.com/jezek/xgb":             {"ui/desktest", "ui/xdnd"},
	"github.com/pelletier/go-toml/v2":  {"app/settings"},
	"github.com/rwcarlsen/goexif":      {"app/photo"},
	"github.com/zalando/go-keyring":    {"app/settings"},
	"go.etcd.io/bbolt":                 {"queue"},
	"golang.org/x/image":               {"app/convert", "app/photo", "app/practice/ipernity", "app/practice/picapport", "app/practice/piwigo", "ui"},
	"golang.org/x/sync":                {"app", "app/photo"},
	"golang.org/x/sys":                 {"several"},
	"golang.org/x/term":                {"app/cli"},
	"golang.org/x/text":                {"ui"},
	"golang.org/x/time":                {"app/upload", "app/upload/ipernity"},
	"gopkg.in/natefinch/lumberjack.v2": {"app/cli"},
}

// testModules may be imported by every test, and by nothing else.
var testModules = []string{"github.com/chromedp/chromedp", "github.com/rogpeppe/go-internal", "go.uber.org/goleak", "pgregory.net/rapid"}

// TestEachLibraryHasOneHome checks imports and the README against homes.
func TestEachLibraryHasOneHome(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	pkgs := ours(t)
	moduleOf := map[string]string{}
	for p, info := range goList(t, "-deps", "-test", "./...") {
		if info.Module != nil {
			moduleOf[p] = info.Module.Path
		}
	}
	used := map[string][]string{}
	check := func(from string, imports []string, test bool) {
		for _, imp := range imports {
			m := moduleOf[imp]
			if m == "" || m == module {
				continue
			}
			if slices.Contains(testModules, m) {
				if !test && !strings.HasSuffix(from, "test") {
					t.Errorf("%s imports %s, which is for tests", from, imp)
				}
				continue
			}
			allowed, ok := homes[m]
			if !ok {
				t.Errorf("%s imports %s: give the module %s a home here and a sentence in the README", from, imp, m)
				continue
			}
			if test {
				continue // a test may look at the work of another package
			}
			home := strings.TrimSuffix(from, "/say")
			used[m] = append(used[m], home)
			if allowed[0] != "several" && !slices.Contains(allowed, home) {
				t.Errorf("%s imports %s, whose home is %s", from, imp, strings.Join(allowed, ", "))
			}
		}
	}
	for from, p := range pkgs {
		check(from, p.Imports, false)
		check(from, slices.Concat(p.TestImports, p.XTestImports), true)
	}
	for m, allowed := range homes {
		for _, home := range allowed {
			if !slices.Contains(used[m], home) && home != "several" {
				t.Errorf("%s has a home in %s, but is not imported there", m, home)
			}
		}
		if got, want := readmeHomes(string(readme), m), readmeNames(allowed); !slices.Equal(got, want) {
			t.Errorf("the README gives %s the homes %v, this test %v", m, got, want)
		}
	}
}

// readmeNames returns homes as the README calls them: main for the top folder.
func readmeNames(folders []string) []string {
	names := slices.Clone(folders)
	for i, f := range names {
		if f == "." {
			names[i] = "main"
		}
	}
	slices.Sort(names)
	return names
}

// readmeHomes returns the homes in a module's row of the README's table.
func readmeHomes(readme, module string) []string {
	row := regexp.MustCompile(`(?m)^\| ` + regexp.QuoteMeta(module) + ` \| ([^|]+) \| [^|]+ \|$`).FindStringSubmatch(readme)
	if row == nil {
		return nil
	}
	var names []string
	for name := range strings.SplitSeq(row[1], ",") {
		names = append(names, strings.Trim(strings.TrimSpace(name), "`"))
	}
	slices.Sort(names)
	return names
}
