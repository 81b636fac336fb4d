package cli

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/photoferry/photoferry/app/control"
)

// Variables that hold secrets.
const (
	secretVariable     = "PHOTOFERRY_SECRET"
	passphraseVariable = "PHOTOFERRY_PASSPHRASE"
)

// environ is the environment for a process that is started. Only the engine
// gets the passphrase: it has to open the secrets file by itself.
func environ(engine bool) []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if name == secretVariable || name == passphraseVariable && !engine {
			continue
		}
		env = append(env, kv)
	}
	return env
}

// longestSecret bounds what is read from stdin.
const longestSecret = 64 << 10

// readSecret returns the account's secret: from stdin if that was asked for,
// else from the environment, else from the terminal. "" means that there is
// none.
func (s *session) readSecret(fromStdin bool, question string) (string, error) {
	switch {
	case fromStdin:
		b, err := io.ReadAll(io.LimitReader(s.in, longestSecret+1))
		if err != nil {
			return "", fmt.Errorf("read the secret from stdin: %w", err)
		}
		if len(b) > longestSecret {
			return "", usage("The secret on stdin is too long", "")
		}
		secret := strings.TrimRight(string(b), "\r\n")
		if secret == "" {
			return "", usage("There is no secret on stdin", "Write it there, as in: photoferry account ... --secret-stdin < FILE")
		}
		return secret, nil
	case s.secret != "":
		return s.secret, nil
	case s.asks != nil:
		return s.askHidden(question)
	}
	return "", nil
}

// trusting calls do, and when the server's certificate is not trusted asks the
// user about it, calls trust and then do again. Without somebody to ask it ends
// with 4 and says how to answer beforehand.
func (s *session) trusting(do func() (control.CheckReport, error), trust func(fingerprint string) error, how string) (control.CheckReport, error) {
	r, err := do()
	print := r.Fingerprint
	if p, ok := errors.AsType[*control.Problem](err); ok && p.Fingerprint != "" {
		print = p.Fingerprint
	}
	if print == "" || err == nil && r.OK {
		return r, err
	}
	if s.asks == nil {
		return r, &control.Problem{
			Message:     "The server's certificate is not trusted. Its SHA-256 fingerprint is " + print,
			Hint:        fmt.Sprintf("Compare it with the server's own. If it is the same, trust it with %s%s", how, print),
			Exit:        exitNeedsYou,
			Fingerprint: print,
		}
	}
	fmt.Fprintf(s.asks, "The server's certificate is not trusted. Its SHA-256 fingerprint is\n\n  %s\n\nCompare it with the server's own. Trust it from now on? [yes/no] ", grouped(print))
	line, rerr := bufio.NewReader(s.in).ReadString('\n')
	if rerr != nil && !errors.Is(rerr, io.EOF) {
		return r, fmt.Errorf("read the answer: %w", rerr)
	}
	if strings.ToLower(strings.TrimSpace(line)) != "yes" {
		return r, &control.Problem{Message: "The certificate was not trusted; nothing was changed", Exit: exitNeedsYou, Fingerprint: print}
	}
	if err := trust(print); err != nil {
		return r, err
	}
	return do()
}

// grouped writes a fingerprint in groups, to be compared by eye.
func grouped(hex string) string {
	var b strings.Builder
	for i, r := range hex {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
