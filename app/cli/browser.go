package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os/exec"
	"runtime"
	"strings"

	"github.com/photoferry/photoferry/app/control"
)

// inBrowser signs in on the service's own page: it names the page, opens it
// where there is a browser, and waits for the person's word.
func (c *accountLoginCmd) inBrowser(s *session) error {
	if !c.Done {
		if err := c.begin(s); err != nil {
			return err
		}
	}
	return s.with(func(cl *control.Client) error {
		return s.checkTrusting(cl, c.Name, c.Fingerprint, func() (control.CheckReport, error) {
			return cl.FinishLogin(s.ctx, c.Name)
		})
	})
}

// begin returns when the person says that the page was confirmed. The files are
// let go meanwhile, so that an engine can start and other commands work.
func (c *accountLoginCmd) begin(s *session) error {
	var page control.LoginPage
	err := s.with(func(cl *control.Client) (err error) {
		page, err = cl.BeginLogin(s.ctx, c.Name)
		return err
	})
	if err != nil {
		return err
	}
	w := s.out
	if s.json {
		w = s.err // stdout is for the one value at the end
	}
	fmt.Fprintf(w, "Let PhotoFerry in on this page:\n\n  %s\n\nThen come back and press Enter.\n", printable(page.Page))
	s.openPage(page.Page)
	if s.waitForEnter() {
		return nil
	}
	if s.ctx.Err() != nil {
		return s.ctx.Err()
	}
	return &control.Problem{
		Message: "The sign-in to " + c.Name + " is not finished",
		Hint:    "When you have let PhotoFerry in on the page: photoferry account login " + shellWord(c.Name) + " --done",
		Exit:    exitNeedsYou,
	}
}

// waitForEnter reports whether a line came; false at the end of stdin, or of
// the session.
func (s *session) waitForEnter() bool {
	line := make(chan bool, 1)
	go func() { // a read from a terminal cannot be given up; it ends with the process
		_, err := bufio.NewReader(io.LimitReader(s.in, longestSecret)).ReadString('\n')
		line <- err == nil
	}()
	select {
	case ok := <-line:
		return ok
	case <-s.ctx.Done():
		return false
	}
}

// openPage opens a web page where there is a browser to see it in. It may
// fail: the address has been named.
func (s *session) openPage(page string) {
	u, err := url.Parse(page)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || s.asks == nil || !display() {
		return
	}
	name, args := "xdg-open", []string{u.String()}
	switch runtime.GOOS {
	case "windows":
		name, args = "rundll32", []string{"url.dll,FileProtocolHandler", u.String()}
	case "darwin":
		name = "open"
	}
	if err := exec.CommandContext(s.ctx, name, args...).Run(); err != nil && !errors.Is(err, exec.ErrNotFound) {
		fmt.Fprintln(s.err, "The browser could not be opened; open the address yourself.")
	}
}

// shellWord quotes a word for a command line that people copy.
func shellWord(w string) string {
	if w != "" && !strings.ContainsFunc(w, func(r rune) bool {
		return r != '-' && r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z')
	}) {
		return w
	}
	return "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
}
