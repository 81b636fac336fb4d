//go:build linux

package storm

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

// engine is the real program.
type engine struct {
	bin, home string
	uid       int
	words     string // the file that takes what it says
	http      http.Client

	mu        sync.Mutex
	cmd       *exec.Cmd
	ended     chan struct{} // closed when the process has ended
	since     time.Time
	suspended bool
	wanted    bool // nobody has ended it
	slowest   time.Duration
}

func newEngine(bin, home, words string, uid int) *engine {
	e := &engine{bin: bin, home: home, words: words, uid: uid}
	socket := filepath.Join(home, "control.sock")
	e.http = http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
	return e
}

// command makes a process of the program under the engine's user.
func (e *engine) command(ctx context.Context, args ...string) *exec.Cmd {
	return e.process(ctx, e.bin, args...)
}

// limit sets how many descriptors a process may have. Only its own user may do
// that to a process, and root not everywhere.
func (e *engine) limit(pid int, n uint64) error {
	cmd := e.process(context.Background(), "prlimit", "--pid", strconv.Itoa(pid), "--nofile="+strconv.FormatUint(n, 10)+":")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("limit descriptors: %w: %s", err, out)
	}
	return nil
}

func (e *engine) process(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + e.home, "PHOTOFERRY_HOME=" + e.home, "PHOTOFERRY_PASSPHRASE=storm",
		"PHOTOFERRY_KEYRING=off", "GORACE=halt_on_error=0", "LANG=C.UTF-8",
	}
	cmd.Dir = e.home
	if os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(e.uid), Gid: uint32(e.uid), NoSetGroups: true}}
	}
	return cmd
}

// start starts the program and returns when it answers. The error of one that
// ended instead has its words.
func (e *engine) start() error {
	f, err := os.OpenFile(e.words, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer f.Close()
	var last bytes.Buffer
	cmd := e.command(context.Background(), "run")
	cmd.Stdout, cmd.Stderr = &last, f
	before, err := f.Seek(0, 2)
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // how it ended is in cmd.ProcessState
		close(ended)
	}()
	e.mu.Lock()
	e.cmd, e.ended, e.since, e.wanted, e.suspended = cmd, ended, time.Now(), true, false
	e.mu.Unlock()
	for range 1200 {
		if _, err := e.status(); err == nil {
			return nil
		}
		select {
		case <-ended:
			e.mu.Lock()
			e.wanted = false
			e.mu.Unlock()
			b, _ := os.ReadFile(e.words)
			return fmt.Errorf("the program ended with %d: %s", cmd.ProcessState.ExitCode(), strings.TrimSpace(string(b[min(int(before), len(b)):])))
		case <-time.After(50 * time.Millisecond):
		}
	}
	return errors.New("the program does not answer after a minute")
}

// running returns the process, nil if there is none.
func (e *engine) running() (*exec.Cmd, chan struct{}) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cmd == nil || e.ended == nil {
		return nil, nil
	}
	select {
	case <-e.ended:
		return nil, nil
	default:
		return e.cmd, e.ended
	}
}

// died returns how the program ended if nobody wanted it to, "" otherwise.
func (e *engine) died() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cmd == nil || !e.wanted {
		return ""
	}
	select {
	case <-e.ended:
		e.wanted = false
		return e.cmd.ProcessState.String()
	default:
		return ""
	}
}

func (e *engine) unwanted() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.wanted, e.suspended = false, false
}

// kill ends the program in the middle of its work.
func (e *engine) kill() {
	cmd, ended := e.running()
	if cmd == nil {
		return
	}
	e.unwanted()
	_ = cmd.Process.Kill()
	<-ended
}

// term asks the program to end. The error tells of one that does not, or not
// with 0.
func (e *engine) term() error {
	cmd, ended := e.running()
	if cmd == nil {
		return nil
	}
	e.unwanted()
	began := time.Now()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-ended:
	case <-time.After(time.Minute):
		_ = cmd.Process.Signal(syscall.SIGQUIT) // where it hangs stands in its words
		<-ended
		return errors.New("the program did not end within a minute of SIGTERM")
	}
	e.mu.Lock()
	e.slowest = max(e.slowest, time.Since(began))
	e.mu.Unlock()
	if code := cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("SIGTERM ended the program with %d", code)
	}
	return nil
}

// suspend stops the process, or lets it go on.
func (e *engine) suspend(on bool) {
	cmd, _ := e.running()
	if cmd == nil {
		return
	}
	e.mu.Lock()
	e.suspended = on
	if !on {
		e.since = time.Now()
	}
	e.mu.Unlock()
	s := syscall.SIGCONT
	if on {
		s = syscall.SIGSTOP
	}
	_ = cmd.Process.Signal(s)
}

// steady reports for how long the program has run without a break.
func (e *engine) steady() time.Duration {
	if cmd, _ := e.running(); cmd == nil {
		return 0
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.suspended {
		return 0
	}
	return time.Since(e.since)
}

// get calls the control API as the window does.
func (e *engine) get(path string, into any) error {
	req, err := http.NewRequest(http.MethodGet, "http://photoferry"+path, nil)
	if err != nil {
		return err
	}
	resp, err := e.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", path, resp.Status)
	}
	return json.NewDecoder(resp.Body).Decode(into)
}

func (e *engine) status() (st control.Status, err error) {
	err = e.get("/v1/status", &st)
	return st, err
}

// jobs returns all jobs that are not finished.
func (e *engine) jobs() (all []control.Job, err error) {
	for after := ""; ; {
		var page control.JobPage
		if err := e.get("/v1/jobs?after="+url.QueryEscape(after), &page); err != nil {
			return nil, err
		}
		if all = append(all, page.Jobs...); page.Next == "" {
			return all, nil
		}
		after = page.Next
	}
}

// records returns all receipts.
func (e *engine) records() (all []control.Record, err error) {
	for after := ""; ; {
		var page control.RecordPage
		if err := e.get("/v1/records?after="+url.QueryEscape(after), &page); err != nil {
			return nil, err
		}
		if all = append(all, page.Records...); page.Next == "" {
			return all, nil
		}
		after = page.Next
	}
}

var errSuspended = errors.New("the program is stopped")

// user runs a command as a person does, with what is typed. The error has the
// command's words.
func (e *engine) user(typed string, args ...string) (string, error) {
	e.mu.Lock()
	suspended := e.suspended
	e.mu.Unlock()
	if suspended {
		return "", errSuspended
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	cmd := e.command(ctx, args...)
	var out, errs bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(typed), &out, &errs
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s: %w: %s", strings.Join(args[:min(2, len(args))], " "), err, strings.TrimSpace(errs.String()+out.String()))
	}
	return out.String(), nil
}

// bad are words that a sound program never says.
var bad = regexp.MustCompile(`(?m)^(panic: |fatal error: |WARNING: DATA RACE|unexpected fault|SIGSEGV).*|msg="[^"]*panicked.*`)

// cries returns such words of the whole storm.
func (e *engine) cries() ([]string, error) {
	b, err := os.ReadFile(e.words)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, at := range bad.FindAllIndex(b, 20) {
		out = append(out, string(b[at[0]:min(at[0]+3000, len(b))]))
	}
	return out, nil
}
