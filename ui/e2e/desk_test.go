//go:build linux

package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/ui/desktest"
)

// within is how long anything may take; nothing needs a tenth of it on a
// machine that is not busy with other things.
const within = time.Minute

// desk is a desktop with the program on it.
type desk struct {
	t       *testing.T
	dir     string // for all files of the test; a short name, since sockets are in it
	env     []string
	display string
	panel   *desktest.Panel
	bubbles *desktest.Bubbles
	drags   *desktest.Source
	eye     *eye

	mu       sync.Mutex
	programs []*program
}

// newDesk makes a desktop, without the program.
func newDesk(t *testing.T) *desk {
	t.Helper()
	if missing != "" {
		t.Skip(missing)
	}
	dir, err := os.MkdirTemp("", "pf-")
	must(t, err)
	d := &desk{t: t, dir: dir, display: desktest.Screen(t)}
	address, conn := desktest.Bus(t)
	d.env = []string{
		"PATH=" + os.Getenv("PATH"), "LANG=C.UTF-8", "LC_ALL=C.UTF-8", "TZ=UTC",
		"DISPLAY=" + d.display, "DBUS_SESSION_BUS_ADDRESS=" + address,
		"PHOTOFERRY_KEYRING=off", "PHOTOFERRY_PASSPHRASE=e2e",
		"GORACE=halt_on_error=0 exitcode=0 log_path=" + d.file("race"),
	}
	for name, folder := range map[string]string{
		"HOME": "home", "XDG_CONFIG_HOME": "home/.config", "XDG_CACHE_HOME": "home/.cache", "XDG_DATA_HOME": "home/.local/share",
		"XDG_STATE_HOME": "home/.local/state", "XDG_RUNTIME_DIR": "run", "TMPDIR": "tmp",
	} {
		must(t, os.MkdirAll(d.file(folder), 0o700))
		d.env = append(d.env, name+"="+d.file(folder))
	}
	t.Cleanup(func() {
		if !t.Failed() {
			_ = os.RemoveAll(dir)
		}
	})
	d.panel, d.bubbles = desktest.NewPanel(t, conn), desktest.NewBubbles(t, conn)
	d.drags, d.eye = desktest.NewSource(t, d.display), newEye(t, d.display)
	t.Cleanup(d.clear)
	d.start("openbox", "openbox", "--sm-disable")
	d.until("the window manager is there", func() bool { return d.tool("wmctrl", "-m") == nil })
	return d
}

// guided lets the window believe that the first-run guide was seen.
func (d *desk) guided() {
	d.t.Helper()
	state := d.file("home/.local/state/photoferry")
	must(d.t, os.MkdirAll(state, 0o700))
	must(d.t, os.WriteFile(filepath.Join(state, "window.json"), []byte(`{"guided":true}`), 0o600))
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// file is a name in the test's folder.
func (d *desk) file(name string) string { return filepath.Join(d.dir, filepath.FromSlash(name)) }

// until waits for a condition.
func (d *desk) until(what string, ok func() bool) {
	d.t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(within); !ok(); <-tick.C {
		if time.Now().After(end) {
			d.t.Fatalf("not within %v: %s", within, what)
		}
	}
}

// program is a process of the test.
type program struct {
	d    *desk
	name string
	cmd  *exec.Cmd
	out  *output
	done chan struct{} // closed when it has ended
	err  error         // how it ended
	dump bool          // its output ends with its goroutines, because a test asked for them
}

// output can be read while it is written.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// start starts a process on the desktop; name is for reports.
func (d *desk) start(name, file string, args ...string) *program {
	d.t.Helper()
	p := &program{d: d, name: name, cmd: exec.Command(file, args...), out: &output{}, done: make(chan struct{})}
	p.cmd.Env, p.cmd.Dir = d.env, d.file("home")
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.WaitDelay = time.Second // what it leaves behind may hold its output
	must(d.t, p.cmd.Start())
	d.mu.Lock()
	d.programs = append(d.programs, p)
	d.mu.Unlock()
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	return p
}

func (p *program) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// ends waits for the process to end well.
func (p *program) ends() {
	p.d.t.Helper()
	p.d.until(p.name+" ends", p.ended)
	if p.err != nil && !errors.Is(p.err, exec.ErrWaitDelay) {
		p.d.t.Errorf("%s: %v\n%s", p.name, p.err, p.out)
	}
}

// tool runs a program of the desktop, such as xdotool, to its end.
func (d *desk) tool(name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Env = d.env
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %q: %w\n%s", name, args, err, out)
	}
	return nil
}

// open starts PhotoFerry as a click on its icon does: the first time with an
// engine that goes on when the window is closed.
func (d *desk) open(files ...string) *program {
	d.t.Helper()
	return d.start("window", binary, files...)
}

// call runs a command of PhotoFerry to its end and returns what it printed.
func (d *desk) call(args ...string) []byte {
	d.t.Helper()
	cmd := exec.Command(binary, args...)
	cmd.Env = d.env
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		d.t.Fatalf("photoferry %q: %v\n%s%s", args, err, out, &stderr)
	}
	return out
}

// client is a connection to the engine; nil when none runs.
func (d *desk) client() *control.Client {
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	c, err := control.Dial(ctx, d.file("run/photoferry/control.sock"))
	if err != nil {
		return nil
	}
	return c
}

// status is what the engine says of itself; the zero value when none runs.
func (d *desk) status() control.Status {
	c := d.client()
	if c == nil {
		return control.Status{}
	}
	defer c.Close()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	s, err := c.Status(ctx)
	if err != nil {
		return control.Status{}
	}
	return s
}

// site is a practice server with an account on it.
type site struct {
	d       *desk
	folder  string // of the photos that it has
	program *program
}

// received are the folders below a practice server's own in which photos lie.
var received = map[string]string{"picapport": "picapport/received", "piwigo": "piwigo/upload"}

// site runs a practice server of a service, misbehaving as the faults say, and
// adds an account named like the service.
func (d *desk) site(service string, faults ...string) *site {
	d.t.Helper()
	dir := d.file("server-" + service)
	args := []string{"practice", "--dir", dir, "--service", service}
	for _, f := range faults {
		args = append(args, "--fault", f)
	}
	p := d.start(service, binary, args...)
	var accounts map[string]struct{ URL, User, Password string }
	d.until("the practice server runs", func() bool {
		line, _, ok := strings.Cut(p.out.String(), "\n")
		return ok && json.Unmarshal([]byte(line), &accounts) == nil
	})
	a := accounts[service]
	d.env = append(d.env, "PHOTOFERRY_SECRET="+a.Password)
	d.call("account", "add", service, "--name", service, "--url", a.URL, "--user", a.User)
	d.env = slices.DeleteFunc(d.env, func(kv string) bool { return strings.HasPrefix(kv, "PHOTOFERRY_SECRET=") })
	return &site{d, filepath.Join(dir, filepath.FromSlash(received[service])), p}
}

// clear ends everything and looks at what was said. What the programs left
// behind is found by their environment, which names the test's folder.
func (d *desk) clear() {
	if d.t.Failed() {
		d.report()
	}
	if c := d.client(); c != nil {
		ctx, cancel := context.WithTimeout(context.Background(), within)
		if err := c.Quit(ctx); err != nil {
			d.t.Errorf("ending the engine: %v", err)
		}
		cancel()
		_ = c.Close()
	}
	for _, p := range slices.Backward(d.programs) {
		if !p.ended() {
			_ = p.cmd.Process.Signal(syscall.SIGTERM)
		}
	}
	end := time.Now().Add(within)
	for pids := d.left(); len(pids) > 0; pids = d.left() {
		if time.Now().After(end) {
			for pid, args := range pids {
				d.t.Errorf("a process did not end: %s", args)
				_ = syscall.Kill(pid, syscall.SIGQUIT) // says what it does, see verdict
				time.Sleep(time.Second)
				_ = syscall.Kill(pid, syscall.SIGKILL)
			}
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	for _, p := range d.programs {
		<-p.done
	}
	d.verdict()
}

// left are the processes of the test that still run, with their arguments.
func (d *desk) left() map[int]string {
	left := map[int]string{}
	names, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, name := range names {
		env, err := os.ReadFile(name)
		if err != nil || !bytes.Contains(env, []byte("HOME="+d.file("home")+"\x00")) {
			continue
		}
		proc := filepath.Dir(name)
		args, _ := os.ReadFile(filepath.Join(proc, "cmdline"))
		if pid, err := strconv.Atoi(filepath.Base(proc)); err == nil && len(args) > 0 { // a zombie has none
			left[pid] = strings.ReplaceAll(string(args), "\x00", " ")
		}
	}
	return left
}

// logs are what the programs said, by their names.
func (d *desk) logs() map[string]string {
	logs := map[string]string{}
	d.mu.Lock()
	for i, p := range d.programs {
		if p.dump {
			continue
		}
		logs[fmt.Sprintf("%d-%s", i, p.name)] = p.out.String()
	}
	d.mu.Unlock()
	engine, _ := os.ReadFile(d.file("home/.local/state/photoferry/photoferry.log"))
	logs["engine"] = string(engine)
	return logs
}

// verdict fails the test for what no program may say.
func (d *desk) verdict() {
	for name, text := range d.logs() {
		for _, bad := range []string{"Error in Fyne call thread", "panic:", "fatal error:", "SIGQUIT:"} {
			if i := strings.Index(text, bad); i >= 0 {
				d.t.Errorf("%s said:\n%s", name, text[i:min(len(text), i+20_000)])
			}
		}
	}
	reports, _ := filepath.Glob(d.file("race") + ".*")
	for _, name := range reports {
		b, err := os.ReadFile(name)
		must(d.t, err)
		for _, r := range strings.Split(string(b), "WARNING: DATA RACE")[1:] {
			// The library has a race of its own between GetLayout and its refresh.
			if !strings.Contains(r, "fyne.io/systray") && !endOfToolkit(r) {
				d.t.Errorf("data race:%s", r)
			}
		}
	}
}

// endOfToolkit says whether a race is the toolkit's own (2.8.1): the goroutine of
// its lifecycle may still hand over an event, such as the window's losing the
// focus, while its main loop ends and closes the queue of such events. Nothing of
// ours is in either stack.
func endOfToolkit(race string) bool {
	accesses, _, _ := strings.Cut(race, "Goroutine ")
	return strings.Contains(accesses, "app.(*Lifecycle).RunEventQueue()") &&
		strings.Contains(accesses, "fyne.io/fyne/v2/internal/async.(*UnboundedChan[") &&
		strings.Contains(accesses, "runtime.closechan()") &&
		!strings.Contains(accesses, "github.com/photoferry/")
}

// report keeps what may explain a failure.
func (d *desk) report() {
	folder := filepath.Join("..", "..", "build", "e2e")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		d.t.Log(err)
		return
	}
	name := filepath.Join(folder, strings.ReplaceAll(d.t.Name(), "/", "-"))
	if err := d.eye.look().save(name + ".png"); err != nil {
		d.t.Log(err)
	}
	var b strings.Builder
	for name, text := range d.logs() {
		fmt.Fprintf(&b, "== %s\n%s\n", name, text)
	}
	s, _ := json.MarshalIndent(d.status(), "", "  ")
	fmt.Fprintf(&b, "== status\n%s\n", s)
	if err := os.WriteFile(name+".log", []byte(b.String()), 0o644); err != nil {
		d.t.Log(err)
	}
	d.t.Logf("the screen and what the programs said: %s.png and .log\n%s", name, tail(b.String(), 6000))
}

func tail(s string, n int) string { return s[max(len(s)-n, 0):] }
