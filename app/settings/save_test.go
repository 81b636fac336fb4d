package settings

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// TestMain turns the test program into one of the processes that the tests of
// concurrent use start.
func TestMain(m *testing.M) {
	if role := os.Getenv("SETTINGS_TEST_ROLE"); role != "" {
		if err := play(role, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func play(role string, args []string) error {
	switch role {
	case "update": // FILE NAME TIMES
		n, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		for i := range n {
			if _, err := Update(args[0], nil, func(s *Settings) error {
				s.Accounts = append(s.Accounts, Account{ID: NewID(), Name: fmt.Sprint(args[1], i), Service: "x", URL: "http://h"})
				return nil
			}); err != nil {
				return err
			}
		}
		return nil
	case "secrets": // DIR NAME TIMES
		n, err := strconv.Atoi(args[2])
		if err != nil {
			return err
		}
		s := openCheap(SecretOptions{Dir: args[0], NoKeyring: true})
		for i := range n {
			id := fmt.Sprint(args[1], i)
			if err := s.Set(context.Background(), id, "secret of "+id); err != nil {
				return err
			}
		}
		return nil
	}
	return fmt.Errorf("no such role: %s", role)
}

// together runs the test program in a role several times at once, each with
// its own name, and waits for all.
func together(t *testing.T, role string, names []string, env []string, args func(name string) []string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, name := range names {
		wg.Go(func() {
			cmd := exec.CommandContext(t.Context(), exe, args(name)...)
			cmd.Env = append(append(os.Environ(), "SETTINGS_TEST_ROLE="+role), env...)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("process %s: %v\n%s", name, err, out)
			}
		})
	}
	wg.Wait()
}

func one(name string) Settings {
	s := Default()
	s.Accounts = []Account{{ID: "a", Name: name, Service: "x", URL: "http://h"}}
	return s
}

func TestSaveWritesForTheOwnerOnlyAndLeavesNothingElse(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "folder")
	file := filepath.Join(dir, "settings.toml")
	for _, name := range []string{"first", "second"} {
		if err := Save(file, one(name)); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(file, 0o644); err != nil { // the next Save takes it back
			t.Fatal(err)
		}
	}
	if err := Save(file, one("third")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode is %v", info.Mode())
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("folder has %v, %v", entries, err)
	}
}

func TestSaveKeepsASymbolicLink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, tt := range []struct{ name, target string }{
		{"absolute", filepath.Join(dir, "real", "absolute.toml")},
		{"relative", filepath.Join("real", "relative.toml")},
	} {
		link := filepath.Join(dir, tt.name)
		if err := os.Symlink(tt.target, link); err != nil {
			t.Skip("no symbolic links here: ", err)
		}
		for _, name := range []string{"first", "second"} { // dangling at first
			if err := Save(link, one(name)); err != nil {
				t.Fatal(err)
			}
		}
		info, err := os.Lstat(link)
		if err != nil || info.Mode().Type() != os.ModeSymlink {
			t.Errorf("%s: the link is gone: %v, %v", tt.name, info, err)
		}
		if s, err := Load(filepath.Join(dir, "real", tt.name+".toml"), nil); err != nil || s.Accounts[0].Name != "second" {
			t.Errorf("%s: got %+v, %v", tt.name, s, err)
		}
	}
	loop := filepath.Join(dir, "loop")
	if err := os.Symlink("loop", loop); err != nil {
		t.Fatal(err)
	}
	if err := Save(loop, one("x")); err == nil || !strings.Contains(err.Error(), "too many symbolic links") {
		t.Errorf("loop: got %v", err)
	}
}

func TestSaveNeverWritesWhatLoadWouldRefuse(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "settings.toml")
	s := one("x")
	s.General.Parallel = 0
	var invalid *Invalid
	if err := Save(file, s); !errors.As(err, &invalid) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a file was written")
	}
}

// cannotWrite checks that Save, Update and secrets leave everything as it was
// and say what is wrong.
func cannotWrite(t *testing.T, file string, want error) {
	t.Helper()
	before, _ := os.ReadFile(file)
	err := Save(file, one("new"))
	if err == nil || want != nil && !errors.Is(err, want) {
		t.Errorf("Save: got %v, want %v", err, want)
	} else if !strings.Contains(err.Error(), filepath.Dir(file)) {
		t.Errorf("Save: the error does not say where: %v", err)
	}
	if _, err := Update(file, nil, func(s *Settings) error { *s = one("new"); return nil }); err == nil || want != nil && !errors.Is(err, want) {
		t.Errorf("Update: got %v, want %v", err, want)
	}
	if after, _ := os.ReadFile(file); string(after) != string(before) {
		t.Errorf("the file changed to\n%s", after)
	}
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".settings.toml.*"))
	if left != nil {
		t.Errorf("left behind: %v", left)
	}
}

func TestSaveLeavesAReadOnlyFileAlone(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "settings.toml")
	if err := Save(file, one("old")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(file, 0o400); err != nil {
		t.Fatal(err)
	}
	cannotWrite(t, file, ErrReadOnly)
}

func TestSaveBelowAFileFails(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	cannotWrite(t, filepath.Join(dir, "settings.toml"), nil)
}

func TestUpdateKeepsWhatConcurrentProcessesChange(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "settings.toml")
	names, times := []string{"a", "b", "c"}, 8
	together(t, "update", names, nil, func(name string) []string { return []string{file, name, strconv.Itoa(times)} })
	s, err := Load(file, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		for i := range times {
			if _, ok := s.Account(fmt.Sprint(name, i)); !ok {
				t.Errorf("account %s%d was lost", name, i)
			}
		}
	}
	if len(s.Accounts) != len(names)*times {
		t.Errorf("got %d accounts", len(s.Accounts))
	}
}

func TestUpdateThatFailsWritesNothing(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "settings.toml")
	if err := Save(file, one("old")); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	cause := errors.New("changed my mind")
	if _, err := Update(file, nil, func(s *Settings) error { s.Accounts = nil; return cause }); err != cause {
		t.Errorf("got %v", err)
	}
	var invalid *Invalid
	if _, err := Update(file, map[string][]string{}, func(s *Settings) error { return nil }); !errors.As(err, &invalid) || invalid.Problems[0].Line == 0 {
		t.Errorf("a file that is invalid before: got %v", err)
	}
	if _, err := Update(file, nil, func(s *Settings) error { s.Folders = []Folder{{Path: "x"}}; return nil }); !errors.As(err, &invalid) {
		t.Errorf("a change that is invalid: got %v", err)
	}
	if after, _ := os.ReadFile(file); string(after) != string(before) {
		t.Errorf("the file changed to\n%s", after)
	}
}

func TestUpdateThatChangesNothingLeavesTheFileAlone(t *testing.T) {
	t.Parallel()
	file := write(t, "# mine\n[general]\n")
	if _, err := Update(file, nil, func(s *Settings) error { s.General.Parallel = 3; return nil }); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(file); string(text) != "# mine\n[general]\n" {
		t.Errorf("the file changed to\n%s", text)
	}
}

func TestUpdateCannotReachWhatItHandedOut(t *testing.T) {
	t.Parallel()
	file := write(t, complete)
	var kept *Settings
	after, err := Update(file, nil, func(s *Settings) error {
		kept = s
		s.Folders[0].Path = "~"
		s.Accounts[0].Fingerprint = strings.ToUpper(s.Accounts[0].Fingerprint)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	kept.Accounts[0].Options["apikey"] = "changed later"
	kept.Folders[0].Accounts[0] = "changed later"
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	if after.Folders[0].Path != home || !validFingerprint.MatchString(after.Accounts[0].Fingerprint) {
		t.Errorf("not in normal form: %+v", after)
	}
	if after.Accounts[0].Options["apikey"] != "x y" || !slices.Equal(after.Folders[0].Accounts, []string{"Zuhause", "club"}) {
		t.Errorf("changed from outside: %+v", after)
	}
}

func TestUpdateDoesNotWaitForEverForALock(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "settings.toml")
	unlock, err := lock(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := lock(ctx, file); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "settings.toml.lock") {
		t.Errorf("got %v", err)
	}
}
