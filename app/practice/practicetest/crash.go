package practicetest

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// A child process serves the state in the directory crashDir and kills itself at the nth
// time that it comes to a step, both given in crashAt as "step n".
const (
	crashDir = "PRACTICETEST_DIR"
	crashAt  = "PRACTICETEST_AT"
)

// Serve opens the server whose state is in dir and that calls at between the steps of its
// work. What it says is Child.Said.
type Serve func(dir string, at func(step string)) (server http.Handler, says string, err error)

// Main is the body of TestMain: it serves, if the process is a child of Crash, and
// otherwise runs the tests and looks for goroutines that are left.
func Main(m *testing.M, serve Serve) {
	if dir := os.Getenv(crashDir); dir != "" {
		panic(serveUntilKilled(dir, serve))
	}
	goleak.VerifyTestMain(m)
}

func serveUntilKilled(dir string, serve Serve) error {
	step, nth, _ := strings.Cut(os.Getenv(crashAt), " ")
	n, _ := strconv.ParseInt(nth, 10, 64) // none: the kill comes from outside
	var left atomic.Int64
	left.Store(n)
	server, says, err := serve(dir, func(at string) {
		if at != step || left.Add(-1) != 0 {
			return
		}
		self, err := os.FindProcess(os.Getpid())
		if err == nil {
			err = self.Kill()
		}
		if err != nil {
			panic(err)
		}
		select {} // until the kill arrives
	})
	if err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr(), says)
	return (&http.Server{Handler: server, ReadHeaderTimeout: time.Minute}).Serve(l)
}

// Child is a process that serves an emulator and will be killed.
type Child struct {
	URL  string // without a slash at the end
	Said string // what Serve gave

	t      *testing.T
	client *http.Client
}

// Do sends a request and returns the body of the answer. An error means that the child is
// dead.
func (c *Child) Do(req *http.Request) ([]byte, error) {
	res, err := c.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	return io.ReadAll(res.Body)
}

// Request makes a request for Do. The path may have a query.
func (c *Child) Request(method, path, contentType string, body []byte) *http.Request {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.URL+path, bytes.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	return req
}

// atAnyMoment is how many children are killed from outside.
const atAnyMoment = 8

// Crash runs a child on dir until it is killed, then another one, and so on: they die at
// the first and at the third time that they come to each of the steps, and some at any
// moment. It calls use for as long as that reports that the child is alive, and check,
// with a description of the kill, once it is dead. It returns the number of children.
func Crash(t *testing.T, dir string, steps []string, use func(*Child) (alive bool), check func(kill string)) int {
	t.Helper()
	var rounds []string
	for _, step := range steps {
		rounds = append(rounds, step+" 1", step+" 3")
	}
	rounds = append(rounds, make([]string, atAnyMoment)...)
	for _, at := range rounds {
		kill := "killed at " + at
		cmd, c := start(t, dir, at)
		if at == "" {
			kill = "killed from outside"
			time.AfterFunc(time.Duration(rand.IntN(100))*time.Millisecond, func() { _ = cmd.Process.Kill() })
		}
		for use(c) {
		}
		c.client.CloseIdleConnections()
		if err := cmd.Wait(); err == nil {
			t.Fatalf("%s: the child ended by itself", kill)
		}
		check(kill)
	}
	return len(rounds)
}

// start runs the test binary as a child.
func start(t *testing.T, dir, at string) (*exec.Cmd, *Child) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), crashDir+"="+dir, crashAt+"="+at)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		_ = cmd.Wait() // so that stderr is whole
		t.Fatalf("child did not start: %v\n%s", err, stderr.String())
	}
	address, said, _ := strings.Cut(strings.TrimSpace(line), " ")
	return cmd, &Child{"http://" + address, said, t, &http.Client{Transport: &http.Transport{}}}
}
