package desktop

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// program makes a file that could be started.
func program(t *testing.T, path string) string {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755))
	return path
}

// configHome is a folder for settings in which nothing is yet.
func configHome(t *testing.T) (entry string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "config")
	t.Setenv("XDG_CONFIG_HOME", dir)
	return filepath.Join(dir, "autostart", "photoferry.desktop")
}

func state(t *testing.T, a Autostart) AutostartState {
	t.Helper()
	s, err := a.State()
	must(t, err)
	return s
}

func TestAutostartOnAndOff(t *testing.T) {
	for _, name := range []string{
		"photoferry", "my photo ferry", `a"b`, `c\d`, "e$HOME", "f`id`", "100%u", "it's", "ä ü", "(x)", "a=b", " lead", "trail ", "#1", "-v", "%%", `\\s`,
	} {
		t.Run(name, func(t *testing.T) {
			path := configHome(t)
			bin := program(t, filepath.Join(t.TempDir(), name, name))
			a := Autostart{Name: "PhotoFerry", Entry: "photoferry", Icon: "photoferry", Command: []string{bin, "run", "--tray"}}
			if s := state(t, a); s != (AutostartState{}) {
				t.Errorf("before: %+v", s)
			}
			must(t, a.Set(false)) // of nothing
			must(t, a.Set(true))
			if s := state(t, a); s != (AutostartState{On: true}) {
				t.Errorf("on: %+v", s)
			}
			b, err := os.ReadFile(path)
			must(t, err)
			if got := splitExec(unescape(readEntry(string(b))["Exec"])); !slices.Equal(got, a.Command) {
				t.Errorf("Exec is read as %q", got)
			}
			if check, err := exec.LookPath("desktop-file-validate"); err == nil {
				if out, err := exec.Command(check, path).CombinedOutput(); err != nil {
					t.Errorf("%s\n%s", out, b)
				}
			}
			must(t, a.Set(true)) // again
			must(t, a.Set(false))
			if s := state(t, a); s != (AutostartState{}) {
				t.Errorf("off: %+v", s)
			}
			if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestAutostartThatIsNotOurs(t *testing.T) {
	dir := t.TempDir()
	bin := program(t, dir+"/bin/photoferry")
	other := program(t, dir+"/other copy/photoferry")
	must(t, os.Symlink(bin, dir+"/link"))
	t.Setenv("PATH", dir+"/bin")
	a := Autostart{Name: "PhotoFerry", Entry: "photoferry", Command: []string{bin, "run"}}
	on, elsewhere := AutostartState{On: true}, func(s string) AutostartState { return AutostartState{Elsewhere: s} }
	entry := func(lines ...string) string { return "[Desktop Entry]\nType=Application\n" + strings.Join(lines, "\n") }
	for _, tt := range []struct {
		name, text string
		want       AutostartState
	}{
		{"ours, by hand", entry("Exec=" + bin + " run --more %U"), on},
		{"through a link", entry("Exec=" + dir + "/link"), on},
		{"by name", entry("Exec=photoferry run"), on},
		{"another copy", entry(`Exec="` + other + `" run`), elsewhere(other)},
		{"moved away", entry("Exec=/opt/old/photoferry run"), elsewhere("/opt/old/photoferry")},
		{"hidden", entry("Exec="+bin, "Hidden=true"), AutostartState{}},
		{"hidden is false", entry("Exec="+bin, "Hidden=false", "X-GNOME-Autostart-enabled=true"), on},
		{"switched off in GNOME", entry("X-GNOME-Autostart-enabled = false", "Exec="+bin), AutostartState{}},
		{"switched off, but in another group", entry("Exec="+bin, "[Desktop Action x]", "Hidden=true", "Exec=/other"), on},
		{"only a comment", entry("Exec="+bin, "# Hidden=true"), on},
		{"with the ends of lines of Windows", strings.ReplaceAll(entry("Exec="+bin, "Hidden=true", ""), "\n", "\r\n"), AutostartState{}},
		{"no command", entry("Name=x"), AutostartState{}},
		{"an empty command", entry("Exec="), AutostartState{}},
		{"no entry at all", "Exec=" + bin, AutostartState{}},
		{"empty", "", AutostartState{}},
		{"a quote that is left open", entry(`Exec="` + bin), on},
		{"bytes", "\x00\xff=\n[", AutostartState{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := configHome(t)
			must(t, os.MkdirAll(filepath.Dir(path), 0o755))
			must(t, os.WriteFile(path, []byte(tt.text), 0o600))
			if got := state(t, a); got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
			must(t, a.Set(true))
			if got := state(t, a); got != on {
				t.Errorf("after it was switched on: %+v", got)
			}
		})
	}
}

func TestAutostartSaysWhyNot(t *testing.T) {
	configHome(t)
	for _, bin := range []string{"/opt/a\nHidden=true/photoferry", "/opt/\xff/photoferry"} {
		if err := (Autostart{Entry: "photoferry", Command: []string{bin}}).Set(true); err == nil {
			t.Errorf("%q is started with the computer", bin)
		}
	}
	t.Setenv("XDG_CONFIG_HOME", "relative")
	if _, err := (Autostart{Entry: "photoferry", Command: []string{"/x"}}).State(); err == nil {
		t.Error("a folder that is not the user's is taken")
	}
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	t.Setenv("XDG_CONFIG_HOME", file)
	if err := (Autostart{Entry: "photoferry", Command: []string{"/x"}}).Set(true); err == nil {
		t.Error("written into a file that is no folder")
	}
}

func FuzzExecIsReadAsItWasWritten(f *testing.F) {
	f.Add("/usr/bin/photoferry", "run")
	f.Add(`/a b/"\$%`, "")
	f.Fuzz(func(t *testing.T, program, arg string) {
		s, err := quoteExec([]string{program, arg})
		if err != nil {
			return
		}
		entry := readEntry("[Desktop Entry]\nExec=" + escape(s) + "\n")
		if got := splitExec(unescape(entry["Exec"])); !slices.Equal(got, []string{program, arg}) {
			t.Errorf("%q %q: written as %q, read as %q", program, arg, s, got)
		}
	})
}
