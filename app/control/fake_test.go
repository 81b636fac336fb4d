package control_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/photoferry/photoferry/app/control"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fake is an engine that writes down what it is asked and answers with what
// is easy to recognise.
type fake struct {
	mu    sync.Mutex
	calls []string
	err   error // every call that can fail does

	messages chan control.Message // what Changes yields
	picture  func() io.ReadCloser
	panics   bool
	quit     func()
}

func (f *fake) note(format string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls = append(f.calls, fmt.Sprintf(format, args...))
	return f.err
}

func (f *fake) last() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.calls) == 0 {
		return ""
	}
	return f.calls[len(f.calls)-1]
}

// waitFor waits until the last call is the one that is wanted: an engine is
// told to quit after the answer is out.
func (f *fake) waitFor(t *testing.T, call string) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	for f.last() != call {
		select {
		case <-deadline:
			t.Fatalf("engine asked: got %s, want %s", f.last(), call)
		case <-time.After(time.Millisecond):
		}
	}
}

func (f *fake) Status() control.Status {
	if f.panics {
		panic("exploded")
	}
	_ = f.note("status")
	return control.Status{Running: true, State: control.StateSending, Text: "Sending 1 of 2 <now>"}
}

func (f *fake) Changes(ctx context.Context, window bool) iter.Seq[control.Message] {
	_ = f.note("changes window=%v", window)
	return func(yield func(control.Message) bool) {
		for {
			select {
			case <-ctx.Done():
				return
			case m, ok := <-f.messages:
				if !ok || !yield(m) {
					return
				}
			}
		}
	}
}

func (f *fake) Hello(files []string, page control.Page) control.Hello {
	_ = f.note("hello %q %s", files, page)
	return control.Hello{Window: true}
}

func (f *fake) Quit() {
	_ = f.note("quit")
	if f.quit != nil {
		f.quit()
	}
}

func (f *fake) Jobs(q control.JobQuery) (control.JobPage, error) {
	return control.JobPage{Jobs: []control.Job{{ID: 7, Path: "/a b/ü&?.jpg", Created: at}}, Next: "n"}, f.note("jobs %+v", q)
}

func (f *fake) Records(q control.RecordQuery) (control.RecordPage, error) {
	return control.RecordPage{Records: []control.Record{{Path: "/a", At: at, Outcome: "sent"}}, Next: "m"}, f.note("records %+v", q)
}

func (f *fake) Why(name string) ([]control.Story, error) {
	return []control.Story{{Path: name, Verdict: "It is there.", Accounts: []control.StoryAccount{}, Events: []control.Event{}}}, f.note("why %s", name)
}

func (f *fake) Add(_ context.Context, r control.AddRequest, result func(control.AddResult)) (control.AddSummary, error) {
	for _, p := range r.Paths {
		result(control.AddResult{Path: p, Result: "queued"})
	}
	return control.AddSummary{Files: len(r.Paths), Queued: len(r.Paths)}, f.note("add %+v", r)
}

func (f *fake) Retry(ids []uint64) (int, error)  { return 3, f.note("retry %v", ids) }
func (f *fake) Cancel(ids []uint64) (int, error) { return 4, f.note("cancel %v", ids) }
func (f *fake) First(ids []uint64) (int, error)  { return 5, f.note("first %v", ids) }
func (f *fake) Again(ids []uint64) (int, error)  { return 6, f.note("again %v", ids) }
func (f *fake) Sent(ids []uint64) (int, error)   { return 7, f.note("sent %v", ids) }

func (f *fake) Pause(r control.PauseRequest) error {
	until := "never"
	if r.Until != nil {
		until = r.Until.Format(time.RFC3339)
	}
	return f.note("pause %s %s", r.Account, until)
}
func (f *fake) Resume(account string) error        { return f.note("resume %s", account) }
func (f *fake) Release(folder string) (int, error) { return 8, f.note("release %s", folder) }

func (f *fake) Services() []control.Service {
	_ = f.note("services")
	return []control.Service{{ID: "piwigo", Name: "Piwigo", SignIn: control.SignInPassword}}
}

func (f *fake) AddAccount(_ context.Context, s control.AccountSpec) (control.CheckReport, error) {
	return report, f.note("addAccount %+v", s)
}

func (f *fake) CheckAccount(_ context.Context, name string) (control.CheckReport, error) {
	return report, f.note("check %s", name)
}

func (f *fake) Login(_ context.Context, name, secret string) (control.CheckReport, error) {
	return report, f.note("login %s %s", name, secret)
}

func (f *fake) BeginLogin(_ context.Context, name string) (control.LoginPage, error) {
	return control.LoginPage{Account: name, Page: "https://x/allow?frob=1&sig=2"}, f.note("beginLogin %s", name)
}

func (f *fake) FinishLogin(_ context.Context, name string) (control.CheckReport, error) {
	return report, f.note("finishLogin %s", name)
}

func (f *fake) Trust(name, print string) error { return f.note("trust %s %s", name, print) }
func (f *fake) Albums(_ context.Context, name string) ([]string, error) {
	return []string{"Holiday"}, f.note("albums %s", name)
}
func (f *fake) RemoveAccount(name string) error { return f.note("removeAccount %s", name) }
func (f *fake) AddFolder(_ context.Context, s control.FolderSpec) (control.FolderAdded, error) {
	return control.FolderAdded{Folder: control.Folder{Path: s.Path, Accounts: s.Accounts}, Photos: 2, Baseline: 1}, f.note("addFolder %+v", s)
}
func (f *fake) ScanFolder(_ context.Context, path string) error { return f.note("scan %s", path) }
func (f *fake) RemoveFolder(path string) error                  { return f.note("removeFolder %s", path) }

func (f *fake) Verify(_ context.Context, account string, result func(control.VerifyResult)) (control.VerifySummary, error) {
	result(control.VerifyResult{Record: control.Record{Path: "/a", At: at}, Result: "missing"})
	return control.VerifySummary{Checked: 1, Missing: 1}, f.note("verify %s", account)
}

func (f *fake) Picture(_ context.Context, r control.PictureRequest) (io.ReadCloser, string, error) {
	if f.picture != nil {
		return f.picture(), "image/jpeg", nil
	}
	return io.NopCloser(strings.NewReader("jpeg")), "image/jpeg", f.note("picture %+v", r)
}

func (f *fake) Doctor(context.Context) []control.Finding {
	_ = f.note("doctor")
	return []control.Finding{{What: "Queue", OK: true}}
}

var (
	at     = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	report = control.CheckReport{Account: "home", OK: true, Ticks: []control.Tick{{What: "Address", OK: true}}}
)

// clients returns a client over a socket and one in the process, for the same
// engine.
func clients(t *testing.T, e control.Engine) map[string]*control.Client {
	t.Helper()
	h := control.Handler(e, nil)
	socket := filepath.Join(t.TempDir(), "s", "control.sock")
	serve(t, socket, h)
	c, err := control.Dial(t.Context(), socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return map[string]*control.Client{"socket": c, "in process": control.InProcess(h)}
}

// serve serves h on socket until the test ends, or the returned function is
// called.
func serve(t *testing.T, socket string, h http.Handler) (stop func()) {
	t.Helper()
	l, err := control.Listen(socket)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- control.Serve(ctx, l, h) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
	t.Cleanup(stop)
	return stop
}

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %+v, want %+v", what, got, want)
	}
}

// problemOf wants err to be a problem.
func problemOf(t *testing.T, err error) *control.Problem {
	t.Helper()
	p, ok := errors.AsType[*control.Problem](err)
	if !ok {
		t.Fatalf("got %v, want a problem", err)
	}
	return p
}
