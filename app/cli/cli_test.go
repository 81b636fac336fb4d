package cli

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/control"
)

func TestTheEndOfAPause(t *testing.T) {
	zone := time.FixedZone("CET", 3600)
	now := time.Date(2026, 12, 31, 23, 50, 0, 0, zone)
	for _, tt := range []struct {
		text string
		want time.Time // zero: without end
		ok   bool
	}{
		{"", time.Time{}, true},
		{"10m", now.Add(10 * time.Minute), true},
		{"1h30m", now.Add(90 * time.Minute), true},
		{"tomorrow", time.Date(2027, 1, 1, 0, 0, 0, 0, zone), true},
		{"0", time.Time{}, false},
		{"-1h", time.Time{}, false},
		{"10", time.Time{}, false},
		{"next week", time.Time{}, false},
	} {
		got, err := pauseEnd(tt.text, now)
		switch {
		case tt.ok != (err == nil):
			t.Errorf("%q: got error %v", tt.text, err)
		case err != nil:
			if code := problemOf(err).Exit; code != exitUsage {
				t.Errorf("%q: exit code %d", tt.text, code)
			}
		case tt.want.IsZero() != (got == nil), got != nil && !got.Equal(tt.want):
			t.Errorf("%q: got %v, want %v", tt.text, got, tt.want)
		}
	}
}

func TestExitCodesOfErrors(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want int
	}{
		{nil, 0},
		{errors.New("x"), 1},
		{usage("x", ""), 2},
		{outcome(exitFailed), 3},
		{&control.Problem{Message: "x", Exit: 4}, 4},
		{&control.Problem{Message: "x"}, 1},
		{notRunning(), 5},
		{errors.Join(usage("x", ""), errors.New("close the files")), 2},
	} {
		s := &session{out: io.Discard, err: io.Discard}
		if got := s.fail(tt.err); got != tt.want {
			t.Errorf("%v: exit code %d, want %d", tt.err, got, tt.want)
		}
	}
}

func TestAListThatBreaksOffIsStillOneValue(t *testing.T) {
	var out, errs bytes.Buffer
	s := &session{out: &out, err: &errs, json: true}
	broken := &control.Problem{Message: "the disk is gone", Hint: "plug {it} in", Exit: 4}
	calls := 0
	err := pages(s, "jobs", 0, nil, func(string, int) ([]control.Job, string, error) {
		if calls++; calls == 2 {
			return nil, "", broken
		}
		return []control.Job{{ID: 1}}, "next", nil
	}, nil)
	if code := s.fail(err); code != 4 {
		t.Errorf("exit code %d, want 4", code)
	}
	var got struct {
		Jobs  []control.Job `json:"jobs"`
		Error string        `json:"error"`
		Hint  string        `json:"hint"`
		Exit  int           `json:"exit"`
	}
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in %s", err, &out)
	}
	if len(got.Jobs) != 1 || got.Error != broken.Message || got.Hint != broken.Hint || got.Exit != 4 {
		t.Errorf("got %+v", got)
	}
	if !strings.Contains(errs.String(), broken.Message) {
		t.Errorf("people are told %q", &errs)
	}
}

func TestALimitIsKeptOverPages(t *testing.T) {
	var out bytes.Buffer
	s := &session{out: &out, err: io.Discard, json: true}
	err := pages(s, "jobs", pageSize+5, nil, func(after string, limit int) ([]control.Job, string, error) {
		return make([]control.Job, limit), "more", nil
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Jobs []control.Job }
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Jobs) != pageSize+5 {
		t.Errorf("got %d jobs", len(got.Jobs))
	}
}

func TestNamesCannotPlayTricksOnTheTerminal(t *testing.T) {
	for in, want := range map[string]string{
		"plain ü 写真.jpg":   "plain ü 写真.jpg",
		"a\x1b[2Jb\rc\x07": `a\x1b[2Jb\rc\a`,
		"a\u202egpj.exe":   `a\u202egpj.exe`,
		"two\nlines":       "two\nlines",
	} {
		if got := printable(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
	var b bytes.Buffer
	tb := newTable(&b)
	tb.row("a\nb", "c")
	tb.end()
	if got := b.String(); got != "a b  c\n" {
		t.Errorf("a row became %q", got)
	}
}

func TestWhatADeadEngineSaid(t *testing.T) {
	for _, tt := range []struct{ name, log, message, hint string }{
		{"a problem", "time=1 level=INFO msg=x\nphotoferry: it is wrong\n  do this\n", "it is wrong", "do this"},
		{"several lines", "photoferry: one\ntwo\n  do\n  this\n", "one\ntwo", "do\nthis"},
		{"nothing", "time=1 level=INFO msg=x\n", "The engine ended at once", "Its log is LOG"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := "photoferry: an older one\n"
			p := problemOf(lastWords(strings.NewReader(before+tt.log), int64(len(before)), "LOG"))
			if p.Message != tt.message || p.Hint != tt.hint || p.Exit != exitError {
				t.Errorf("got %+v", p)
			}
		})
	}
}

func TestChildrenDoNotInheritSecrets(t *testing.T) {
	t.Setenv(secretVariable, "s")
	t.Setenv(passphraseVariable, "p")
	if env := environ(false); slices.Contains(env, secretVariable+"=s") || slices.Contains(env, passphraseVariable+"=p") {
		t.Error("a child gets a secret")
	}
	if env := environ(true); slices.Contains(env, secretVariable+"=s") || !slices.Contains(env, passphraseVariable+"=p") {
		t.Error("the engine gets the secret, or lacks the passphrase")
	}
}

func TestAFileThatBreaksOffIsNotWritten(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "a.jpg")
	if err := os.WriteFile(name, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	cut := io.MultiReader(strings.NewReader("half"), errorReader{})
	if _, err := writeFile(name, cut); err == nil {
		t.Error("the cut file was taken for a whole one")
	}
	if b, err := os.ReadFile(name); err != nil || string(b) != "old" {
		t.Errorf("the old file is now %q, %v", b, err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, errors.New("cut") }

func TestTheServiceManagerIsTold(t *testing.T) {
	name := filepath.Join(t.TempDir(), "notify")
	l, err := net.ListenPacket("unixgram", name)
	if err != nil {
		t.Skip("no datagram sockets here: ", err)
	}
	defer l.Close()
	t.Setenv("NOTIFY_SOCKET", name)
	tellSystemd(slog.New(slog.DiscardHandler), "READY=1")
	if err := l.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 64)
	n, _, err := l.ReadFrom(b)
	if err != nil || string(b[:n]) != "READY=1" {
		t.Errorf("got %q, %v", b[:n], err)
	}
}

func TestTheTimeLeftIsWrittenAsPeopleDo(t *testing.T) {
	for seconds, want := range map[float64]string{0.2: "1 second", 42: "42 seconds", 61: "1 minute", 400: "7 minutes", 5400: "1.5 hours"} {
		if got := left(seconds); got != want {
			t.Errorf("%v: got %q, want %q", seconds, got, want)
		}
	}
}
