package cli

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"github.com/photoferry/photoferry/app"
	"github.com/photoferry/photoferry/app/control"
	"github.com/photoferry/photoferry/app/practice"
	"github.com/photoferry/photoferry/app/settings"
)

// The window offers practice to people who have no server yet. Its practice
// server is a process of its own that ends with the engine. It keeps its address,
// so that an engine that has an account on it starts it again.

const (
	practiceService = "picapport" // signed in to at once, with a name and a password
	practiceName    = "Practice"

	// practiceWait is how long a practice server may take to say how to sign in.
	practiceWait = 15 * time.Second
)

// practiceGrace is how long a practice server waits for an engine that is
// started again.
var practiceGrace = 20 * time.Second

// practicePlace is where the window's practice server keeps its photos, and the
// note of its address.
type practicePlace struct{ dir, note, log string }

func practiceAt(places app.Places) practicePlace {
	dir := filepath.Join(places.Home, "practice-window")
	return practicePlace{dir: dir, note: filepath.Join(dir, "window.json"), log: filepath.Join(dir, "practice.log")}
}

// known returns how to sign in to the server that ran last.
func (p practicePlace) known() (practice.Account, error) {
	var a practice.Account
	b, err := os.ReadFile(p.note)
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal(b, &a); err != nil {
		return a, fmt.Errorf("read %s: %w", p.note, err)
	}
	if _, err := practiceHost(a); err != nil {
		return a, err
	}
	return a, nil
}

// practiceHost is the host and port of a practice server.
func practiceHost(a practice.Account) (string, error) {
	u, err := url.Parse(a.URL)
	if err != nil || u.Port() == "" {
		return "", fmt.Errorf("%q is not the address of a practice server", a.URL)
	}
	return u.Host, nil
}

func practiceSpec(a practice.Account) control.AccountSpec {
	return control.AccountSpec{
		Service: practiceService, Name: practiceName, URL: a.URL, User: a.User, Secret: a.Password, Options: a.Options,
	}
}

// startPractice returns an account on the window's practice server. It starts
// the server unless it runs.
func (s *session) startPractice(ctx context.Context, places app.Places) (control.AccountSpec, error) {
	p := practiceAt(places)
	was, err := p.known()
	if err == nil && answers(ctx, was) {
		return practiceSpec(was), nil
	}
	if err == nil {
		if host, err := practiceHost(was); err == nil {
			if a, err := s.spawnPractice(ctx, p, host); err == nil {
				return practiceSpec(a), nil
			} // another program has taken its port
		}
	}
	a, err := s.spawnPractice(ctx, p, "127.0.0.1:0")
	if err != nil {
		return control.AccountSpec{}, err
	}
	return practiceSpec(a), nil
}

// revivePractice starts the window's practice server again when an account is on
// it: it has ended with the last engine.
func (s *session) revivePractice(ctx context.Context, log *slog.Logger, places app.Places, st settings.Settings) {
	p := practiceAt(places)
	was, err := p.known()
	if err != nil || !slices.ContainsFunc(st.Accounts, func(a settings.Account) bool { return a.URL == was.URL }) || answers(ctx, was) {
		return
	}
	host, err := practiceHost(was)
	if err == nil {
		_, err = s.spawnPractice(ctx, p, host)
	}
	if err != nil {
		log.Warn("Practice server not started", "url", was.URL, "err", err)
	}
}

// answers reports whether something listens where a practice server did.
func answers(ctx context.Context, a practice.Account) bool {
	host, err := practiceHost(a)
	if err != nil {
		return false
	}
	c, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", host)
	if err != nil {
		return false
	}
	_ = c.Close()
	return true
}

// spawnPractice starts this program again as a practice server that listens at
// host, and notes how to sign in to it.
func (s *session) spawnPractice(ctx context.Context, p practicePlace, host string) (practice.Account, error) {
	var a practice.Account
	exe, err := os.Executable()
	if err != nil {
		return a, fmt.Errorf("find the program to start the practice server: %w", err)
	}
	if err := os.MkdirAll(p.dir, 0o700); err != nil {
		return a, failure("The practice server has no place for its photos: "+err.Error(), "Make the folder writable.")
	}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_TRUNC|os.O_RDWR, 0o600)
	if err != nil {
		return a, failure("The practice server's log cannot be written: "+err.Error(), "Make the folder writable.")
	}
	defer log.Close()
	args := []string{"practice", "--beside-engine", "--dir", p.dir, "--listen", host, "--service", practiceService}
	if s.home != "" {
		args = append(args, "--home", s.home)
	}
	cmd := exec.Command(exe, args...) //nolint:noctx // the server outlives this process
	cmd.Stderr, cmd.Env, cmd.Dir = log, environ(false), p.dir
	out, err := cmd.StdoutPipe()
	if err != nil {
		return a, fmt.Errorf("start the practice server: %w", err)
	}
	detach(cmd)
	if err := cmd.Start(); err != nil {
		return a, fmt.Errorf("start the practice server: %w", err)
	}
	said := make(chan []byte, 1)
	go func() { // ends with the server, or with this process
		line, _ := bufio.NewReader(io.LimitReader(out, 64<<10)).ReadBytes('\n')
		said <- line
		_ = cmd.Wait()
	}()
	select {
	case line := <-said:
		accounts := map[string]practice.Account{}
		if json.Unmarshal(line, &accounts) != nil || accounts[practiceService].URL == "" {
			return a, lastWords(log, 0, p.log)
		}
		a = accounts[practiceService]
	case <-time.After(practiceWait):
		_ = cmd.Process.Kill() // nobody would find it
		return a, failure("The practice server has not come up in time", "Its log is "+p.log)
	case <-ctx.Done():
		_ = cmd.Process.Kill()
		return a, ctx.Err()
	}
	b, err := json.Marshal(a)
	if err == nil {
		err = os.WriteFile(p.note, b, 0o600)
	}
	if err != nil {
		return a, fmt.Errorf("note the practice server: %w", err)
	}
	return a, nil
}

// untilNoEngine returns when no engine has answered for a while, or ctx ends.
func untilNoEngine(ctx context.Context, socket string) {
	seen := time.Now()
	again := time.NewTicker(time.Second)
	defer again.Stop()
	for time.Since(seen) < practiceGrace {
		if c, err := control.Dial(ctx, socket); err == nil {
			for _, err := range c.Changes(ctx, false) {
				if err != nil {
					break
				}
			}
			_ = c.Close()
			seen = time.Now()
		}
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
	}
}
