//go:build unix

package cli_test

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/photoferry/photoferry/app"
	"github.com/photoferry/photoferry/app/cli"
	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/convert"
	servers "github.com/photoferry/photoferry/app/practice"
	"github.com/photoferry/photoferry/app/practice/visit"
)

func TestMain(m *testing.M) {
	convert.Main()
	cli.LowerSecretsWork()
	cli.HurryPractice()
	cli.LookForCardsBelow(os.Getenv("CARDS_BELOW"))
	testscript.Main(m, map[string]func(){
		"photoferry": func() { os.Exit(cli.Main(os.Args[1:], cli.Hooks{Version: "1.2.3"})) },
		// The same program with a window, of sorts.
		"photoferry-desktop": func() {
			os.Exit(cli.Main(os.Args[1:], cli.Hooks{Version: "1.2.3", Window: pretendWindow, Tray: pretendTray}))
		},
		"holdfiles": holdFiles,
	})
}

// pretendWindow is a window that says what it was given, and quits the engine
// when $WINDOW says so. With $WINDOW=stay it stays until its engine quits.
func pretendWindow(ctx context.Context, c *control.Client, o cli.WindowOptions) error {
	st, err := c.Status(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("window running=%v files=%q passphrase=%q\n", st.Running, o.Files, os.Getenv("PHOTOFERRY_PASSPHRASE"))
	if os.Getenv("WINDOW") == "practice" {
		if err := pretendPractice(ctx, c, o); err != nil {
			return err
		}
	}
	if os.Getenv("WINDOW") == "stay" {
		for m, err := range c.Changes(ctx, true) {
			switch {
			case err != nil:
				return nil
			case m.Files != nil:
				fmt.Printf("window offered %q\n", m.Files)
			case m.Raise:
				fmt.Println("window raised")
			}
		}
	}
	if ctx.Err() != nil {
		return nil
	}
	return c.Quit(ctx)
}

// pretendPractice is somebody who tries the program without a server, twice.
func pretendPractice(ctx context.Context, c *control.Client, o cli.WindowOptions) error {
	spec, err := o.StartPractice(ctx)
	if err != nil {
		return err
	}
	r, err := c.AddAccount(ctx, spec)
	if err != nil {
		return err
	}
	again, err := o.StartPractice(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("practice %s %s ok=%v same=%v\n", spec.Service, spec.URL, r.OK, again.URL == spec.URL)
	return nil
}

func pretendTray(ctx context.Context, c *control.Client, o cli.TrayOptions) error {
	o.Log.Info("Pretend tray shown")
	<-ctx.Done()
	return nil
}

// holdFiles has the files of $PHOTOFERRY_HOME open until its stdin ends, as a
// command that takes long.
func holdFiles() {
	a, err := app.Open(context.Background(), app.Options{Home: os.Getenv("PHOTOFERRY_HOME")})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("held")
	_, _ = io.Copy(io.Discard, os.Stdin)
	_ = a.Close()
	os.Exit(0)
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			e.Setenv("PHOTOFERRY_HOME", filepath.Join(e.WorkDir, "home"))
			e.Setenv("PHOTOFERRY_KEYRING", "off")
			e.Setenv("PHOTOFERRY_PASSPHRASE", "lantern harbour")
			e.Setenv("DISPLAY", "")
			e.Values[childrenKey{}] = &children{byName: make(map[string]*child)}
			e.Defer(func() { e.Values[childrenKey{}].(*children).end() })
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits":      exits,
			"waitfor":    waitFor,
			"start":      start,
			"term":       term,
			"practice":   practice,
			"allow":      allow,
			"unzip":      unzip,
			"photo":      photo,
			"json":       jsonIs,
			"secretfree": secretFree,
			"mode":       mode,
		},
	})
}

// patience bounds every wait for a condition.
const patience = 60 * time.Second

// exits CODE PROG ARG... runs a program and wants this exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	err = ts.Exec(args[1], args[2:]...)
	got := 0
	if e, ok := errors.AsType[*exec.ExitError](err); ok {
		got = e.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d\n%s%s", got, want, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

// waitfor REGEXP PROG ARG... runs a program until it succeeds with a stdout
// that matches.
func waitFor(ts *testscript.TestScript, _ bool, args []string) {
	re, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	for deadline := time.Now().Add(patience); ; {
		var stdout, stderr bytes.Buffer
		cmd := command(ts, args[1:])
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		if err := cmd.Run(); err == nil && re.Match(stdout.Bytes()) {
			_, _ = ts.Stdout().Write(stdout.Bytes())
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%q never came\n%s%s", args[0], &stdout, &stderr)
		}
	}
}

// command makes a process with the script's folder and environment.
func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	exe, err := lookPath(ts.Getenv("PATH"), args[0])
	ts.Check(err)
	cmd := exec.Command(exe, args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	for _, k := range []string{"PATH", "HOME", "TMPDIR", "PHOTOFERRY_HOME", "PHOTOFERRY_KEYRING", "PHOTOFERRY_PASSPHRASE", "PHOTOFERRY_SECRET", "DISPLAY", "WINDOW", "NOTIFY_SOCKET", "CARDS_BELOW"} {
		if v := ts.Getenv(k); v != "" {
			cmd.Env = append(cmd.Env, k+"="+v)
		}
	}
	return cmd
}

type childrenKey struct{}

// children are the processes that a script started.
type children struct{ byName map[string]*child }

type child struct {
	cmd    *exec.Cmd
	stdin  io.Closer
	first  string // first line of stdout
	stderr bytes.Buffer
	ended  chan struct{}
}

func (c *children) end() {
	for _, ch := range c.byName {
		_ = ch.cmd.Process.Kill()
		<-ch.ended
	}
}

// start NAME PROG ARG... starts a program that lives on. With a NAME that
// begins with + it waits for the first line of stdout.
func start(ts *testscript.TestScript, _ bool, args []string) {
	name, talks := strings.CutPrefix(args[0], "+")
	launch(ts, name, talks, args[1:])
}

func launch(ts *testscript.TestScript, name string, talks bool, args []string) *child {
	ch := &child{cmd: command(ts, args), ended: make(chan struct{})}
	ch.cmd.Stderr = &ch.stderr
	stdout, err := ch.cmd.StdoutPipe()
	ts.Check(err)
	stdin, err := ch.cmd.StdinPipe()
	ts.Check(err)
	ch.stdin = stdin
	ts.Check(ch.cmd.Start())
	ts.Value(childrenKey{}).(*children).byName[name] = ch
	out := bufio.NewReader(stdout)
	if talks {
		ch.first, err = out.ReadString('\n')
		if err != nil {
			_ = ch.cmd.Wait()
			close(ch.ended)
			ts.Fatalf("%v: %v\n%s", args, err, &ch.stderr)
		}
	}
	go func() {
		defer close(ch.ended)
		_, _ = io.Copy(io.Discard, out)
		_ = ch.cmd.Wait()
	}()
	return ch
}

func lookPath(path, name string) (string, error) {
	for _, dir := range filepath.SplitList(path) {
		exe := filepath.Join(dir, name)
		if _, err := os.Stat(exe); err == nil {
			return exe, nil
		}
	}
	return "", fmt.Errorf("%s: %w", name, exec.ErrNotFound)
}

// term NAME CODE sends SIGTERM to what start started (or, for a CODE of "eof",
// closes its stdin) and wants this exit code.
func term(ts *testscript.TestScript, _ bool, args []string) {
	ch := ts.Value(childrenKey{}).(*children).byName[args[0]]
	if ch == nil {
		ts.Fatalf("%s was not started", args[0])
	}
	want := 0
	if args[1] == "eof" {
		_ = ch.stdin.Close()
	} else {
		want, _ = strconv.Atoi(args[1])
		_ = ch.cmd.Process.Signal(syscall.SIGTERM)
	}
	select {
	case <-ch.ended:
	case <-time.After(patience):
		ts.Fatalf("%s does not end\n%s", args[0], &ch.stderr)
	}
	if got := ch.cmd.ProcessState.ExitCode(); got != want {
		ts.Fatalf("exit code %d, want %d\n%s", got, want, &ch.stderr)
	}
}

// practice ARG... starts practice mode under the name practice and sets $URL,
// $USER, $PASSWORD and $FINGERPRINT of PicApport's, and $PIWIGO_URL and so on,
// $IPERNITY_SECRET and $IPERNITY_API_KEY among them, of the others.
func practice(ts *testscript.TestScript, _ bool, args []string) {
	ch := launch(ts, "practice", true, append([]string{"photoferry", "practice", "--dir", ts.MkAbs("servers")}, args...))
	var accounts map[string]servers.Account
	ts.Check(json.Unmarshal([]byte(ch.first), &accounts))
	for name, a := range accounts {
		prefix := strings.ToUpper(name) + "_"
		if name == "picapport" {
			prefix = ""
		}
		ts.Setenv(prefix+"URL", a.URL)
		ts.Setenv(prefix+"USER", a.User)
		ts.Setenv(prefix+"PASSWORD", a.Password)
		ts.Setenv(prefix+"FINGERPRINT", a.Fingerprint)
		ts.Setenv(prefix+"SECRET", a.Secret)
		for key, value := range a.Options {
			ts.Setenv(prefix+strings.ToUpper(key), value)
		}
	}
}

var pageAddress = regexp.MustCompile(`https?://\S+`)

// allow USER PASSWORD opens the page that the last command named, and lets
// PhotoFerry in there.
func allow(ts *testscript.TestScript, _ bool, args []string) {
	page := pageAddress.FindString(ts.ReadFile("stdout"))
	if page == "" {
		ts.Fatalf("no page was named")
	}
	ts.Check(visit.Allow(context.Background(), page, args[0], args[1]))
}

// unzip FILE DIR unpacks a bundle.
func unzip(ts *testscript.TestScript, _ bool, args []string) {
	r, err := zip.OpenReader(ts.MkAbs(args[0]))
	ts.Check(err)
	defer r.Close()
	ts.Check(os.CopyFS(ts.MkAbs(args[1]), r))
}

// photo FILE... makes JPEG files that all differ.
func photo(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args {
		img := image.NewRGBA(image.Rect(0, 0, 64, 48))
		for i, b := range []byte(name) {
			img.Set(i%64, i/64, color.RGBA{b, b ^ 0x5a, byte(i), 255})
		}
		var b bytes.Buffer
		ts.Check(jpeg.Encode(&b, img, nil))
		ts.Check(os.MkdirAll(filepath.Dir(ts.MkAbs(name)), 0o755))
		ts.Check(os.WriteFile(ts.MkAbs(name), b.Bytes(), 0o644))
	}
}

// json wants stdout to be exactly one JSON value. json PATH VALUE wants a
// member, such as accounts.0.name; len is the length of a list, and a VALUE of
// "*" is anything.
func jsonIs(ts *testscript.TestScript, _ bool, args []string) {
	dec := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		ts.Fatalf("stdout is no JSON: %v", err)
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		ts.Fatalf("stdout has more than one value")
	}
	if len(args) == 0 {
		return
	}
	for _, key := range strings.Split(args[0], ".") {
		switch c := v.(type) {
		case map[string]any:
			m, ok := c[key]
			if !ok {
				ts.Fatalf("%s: no member %q", args[0], key)
			}
			v = m
		case []any:
			if key == "len" {
				v = len(c)
				continue
			}
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(c) {
				ts.Fatalf("%s: no element %q of %d", args[0], key, len(c))
			}
			v = c[i]
		default:
			ts.Fatalf("%s: %v has no members", args[0], v)
		}
	}
	if got := fmt.Sprint(v); args[1] != "*" && got != args[1] {
		ts.Fatalf("%s is %q, want %q", args[0], got, args[1])
	}
}

// secretfree TEXT wants that no file below $WORK (except those of the practice
// servers and of the script) has TEXT in it, and no process on its command line.
func secretFree(ts *testscript.TestScript, _ bool, args []string) {
	secret := []byte(args[0])
	ts.Check(filepath.WalkDir(ts.MkAbs("home"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if bytes.Contains(b, secret) {
			ts.Fatalf("%s has the secret in it", path)
		}
		return err
	}))
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	ts.Check(err)
	for _, name := range lines {
		if b, err := os.ReadFile(name); err == nil && bytes.Contains(b, secret) {
			ts.Fatalf("%s has the secret in it: %q", name, b)
		}
	}
}

// mode PERM FILE... wants files to have these permission bits.
func mode(ts *testscript.TestScript, _ bool, args []string) {
	for _, name := range args[1:] {
		fi, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if got := fmt.Sprintf("%04o", fi.Mode().Perm()); got != args[0] {
			ts.Fatalf("%s has mode %s, want %s", name, got, args[0])
		}
	}
}
