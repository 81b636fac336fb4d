package practice

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestFaultsAreReadAndWritten(t *testing.T) {
	for spec, want := range map[string]Fault{
		"picapport/upload:status:code=500:times=3":    {Service: "picapport", Function: "upload", Kind: Status, Code: 500, Times: 3},
		"picapport/upload:reset-after:times=1":        {Service: "picapport", Function: "upload", Kind: ResetAfter, Times: 1},
		"picapport:stall":                             {Service: "picapport", Kind: Stall},
		"p:slow:bps=10:skip=2:every=3":                {Service: "p", Kind: Slow, BPS: 10, Skip: 2, Every: 3},
		"p:status:code=503:retry-after=7":             {Service: "p", Kind: Status, Code: 503, RetryAfter: 7},
		"p:expire:rate=0.25:seed=9":                   {Service: "p", Kind: Expire, Rate: 0.25, Seed: 9},
		"p:html:code=502:early=true":                  {Service: "p", Kind: HTML, Code: 502, Early: true},
		"p:redirect:to=http://[::1]:80/a?b=c:times=1": {Service: "p", Kind: Redirect, To: "http://[::1]:80/a?b=c", Times: 1},
	} {
		got, err := ParseFault(spec)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v", spec, got, err)
		}
		if again, err := ParseFault(got.String()); err != nil || again != got {
			t.Errorf("%s is written as %s: %v", spec, got, err)
		}
	}
	for _, kind := range FaultKinds() {
		if _, err := ParseFault("p:" + string(kind)); (err != nil) != (kind == Redirect) {
			t.Errorf("%s alone: %v", kind, err)
		}
	}
}

func TestBadFaultsSayWhatIsWrong(t *testing.T) {
	for spec, want := range map[string]string{
		"":                            "want SERVICE[/FUNCTION]:FAULT[:key=value]...",
		"picapport":                   "want SERVICE[/FUNCTION]:FAULT[:key=value]...",
		":status":                     `"" is no service`,
		"p/:status":                   `"p/" is no service`,
		"p/a/b:status":                "is no service",
		"p:explode":                   `unknown fault "explode": want one of reset-before, reset-after,`,
		"p:status:500":                `"500" is not key=value`,
		"p:status:colour=red":         `unknown key "colour": want times,`,
		"p:status:code=999":           `code="999": want a number from 200 to 599`,
		"p:redirect:code=200:to=/":    `want a number from 300 to 399`,
		"p:stall:code=500":            `key "code" is for status, html, redirect only`,
		"p:status:times=-1":           `times="-1"`,
		"p:status:times=1:times=2":    `key "times" is there twice`,
		"p:status:every=0":            `every="0"`,
		"p:status:rate=0":             "above 0, at most 1",
		"p:status:rate=NaN":           "above 0, at most 1",
		"p:status:seed=x":             "seed=",
		"p:status:early=maybe":        "want true or false",
		"p:redirect":                  "redirect needs to=URL",
		"p:redirect:to=http://a b":    "want an address",
		"p:redirect:to=http://[::1:x": "want an address",
	} {
		_, err := ParseFault(spec)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), fmt.Sprintf("%q", spec)) {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

func FuzzParseFault(f *testing.F) {
	for _, s := range []string{
		"picapport/upload:status:code=500:times=3", "p:redirect:to=http://[::1]:80/a?b=c:times=1", "p:slow:bps=1:rate=0.5:seed=3",
		"p:html:early=true", "::::", "p:status:a=b:c", "p:redirect:to=a:b:c:skip=1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, spec string) {
		x, err := ParseFault(spec)
		if err != nil {
			return
		}
		if again, err := ParseFault(x.String()); err != nil || again != x {
			t.Fatalf("%q is written as %q, which is %+v, %v", spec, x, again, err)
		}
	})
}

// echo is a service that answers with what it got, and counts.
type echo struct{ calls, sessions atomic.Int64 }

func (e *echo) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	e.calls.Add(1)
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"got":%q}`, body)
}

func newFaults(t *testing.T, specs ...string) (*Faults, *echo, *httptest.Server) {
	t.Helper()
	e := &echo{}
	f := &Faults{Next: e, Service: "p", Expire: func() { e.sessions.Add(1) }}
	for _, s := range specs {
		x, err := ParseFault(s)
		if err != nil {
			t.Fatal(err)
		}
		f.Add(x)
	}
	front := httptest.NewServer(f)
	t.Cleanup(func() {
		f.Close()
		front.Close()
	})
	return f, e, front
}

func ask(ctx context.Context, front *httptest.Server, function, body string) (status int, answer string, header http.Header, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, front.URL+"/api/"+function, strings.NewReader(body))
	if err != nil {
		return 0, "", nil, err
	}
	client := *front.Client()
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, err := client.Do(req)
	if err != nil {
		return 0, "", nil, err
	}
	defer res.Body.Close()
	out, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	return res.StatusCode, string(out), res.Header, err
}

func TestFaultsAnswerInsteadOfTheService(t *testing.T) {
	for _, c := range []struct {
		spec   string
		status int
		answer string // in the body
		header [2]string
		calls  int64
	}{
		{"p:status", 500, "Internal Server Error", [2]string{}, 0},
		{"p:status:code=429:retry-after=3", 429, "Too Many", [2]string{"Retry-After", "3"}, 0},
		{"p:html", 200, "<html>", [2]string{"Content-Type", "text/html; charset=utf-8"}, 0},
		{"p:html:code=502", 502, "<h1>", [2]string{}, 0},
		{"p:empty", 200, "", [2]string{"Content-Length", "0"}, 0},
		{"p:redirect:to=http://127.0.0.1:1/x", 302, "", [2]string{"Location", "http://127.0.0.1:1/x"}, 0},
		{"p:redirect:code=308:to=/x", 308, "", [2]string{"Location", "/x"}, 0},
		{"p:quota", 500, "Internal", [2]string{}, 0},
		{"p:diskfull:early=true", 500, "Internal", [2]string{}, 0},
		{"p:expire", 200, `{"got":"hello"}`, [2]string{}, 1},
		{"p:slow:bps=1000000", 200, `{"got":"hello"}`, [2]string{}, 1},
		{"p:slow", 200, `{"got":"hello"}`, [2]string{}, 1},
	} {
		t.Run(c.spec, func(t *testing.T) {
			f, e, front := newFaults(t, c.spec)
			status, answer, header, err := ask(t.Context(), front, "upload", "hello")
			if err != nil || status != c.status || !strings.Contains(answer, c.answer) || c.header[0] != "" && header.Get(c.header[0]) != c.header[1] {
				t.Errorf("%d %q %v: %v", status, answer, header, err)
			}
			if e.calls.Load() != c.calls || f.Hits() != 1 {
				t.Errorf("%d calls, %d hits", e.calls.Load(), f.Hits())
			}
			if want := map[bool]int64{true: 1}[strings.Contains(c.spec, "expire")]; e.sessions.Load() != want {
				t.Errorf("sessions forgotten %d times", e.sessions.Load())
			}
		})
	}
}

func TestFaultsThatBreakTheConnection(t *testing.T) {
	for _, c := range []struct {
		spec   string
		calls  int64
		broken func(status int, answer string, err error) bool
	}{
		{"p:reset-before", 0, func(_ int, _ string, err error) bool { return isReset(err) }},
		{"p:reset-after", 1, func(_ int, _ string, err error) bool { return isReset(err) }},
		{"p:cut", 1, func(status int, answer string, err error) bool {
			return status == 200 && errors.Is(err, io.ErrUnexpectedEOF) && len(answer) == len(`{"got":"hello"}`)/2
		}},
		{"p:endless", 0, func(status int, answer string, err error) bool {
			return status == 200 && err == nil && len(answer) == 1<<20 && strings.HasPrefix(answer, `{"endless":"x`)
		}},
	} {
		t.Run(c.spec, func(t *testing.T) {
			f, e, front := newFaults(t, c.spec)
			status, answer, _, err := ask(t.Context(), front, "upload", "hello")
			if !c.broken(status, answer, err) {
				t.Errorf("%d %.40q: %v", status, answer, err)
			}
			if e.calls.Load() != c.calls || f.Hits() != 1 {
				t.Errorf("%d calls, %d hits", e.calls.Load(), f.Hits())
			}
		})
	}
}

func isReset(err error) bool {
	return errors.Is(err, syscall.ECONNRESET) || errors.Is(err, io.EOF) || errors.Is(err, syscall.EPIPE)
}

func TestResetWithoutAConnectionEndsTheHandler(t *testing.T) {
	f := &Faults{Next: &echo{}}
	f.Set(Fault{Kind: ResetBefore})
	defer func() {
		if got := recover(); got != http.ErrAbortHandler {
			t.Errorf("recovered %v", got)
		}
	}()
	f.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/x", nil))
}

func TestStallLastsUntilTheClientGoesOrTheFaultsEnd(t *testing.T) {
	f, e, front := newFaults(t, "p:stall")
	stalled := func(ctx context.Context) chan error {
		done := make(chan error, 1)
		hits := f.Hits()
		go func() {
			_, _, _, err := ask(ctx, front, "upload", "hello")
			done <- err
		}()
		waitFor(t, func() bool { return f.Hits() == hits+1 })
		return done
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := stalled(ctx)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	done = stalled(t.Context())
	f.Close()
	f.Close()
	if err := <-done; !isReset(err) {
		t.Errorf("ended: %v", err)
	}
	if e.calls.Load() != 0 {
		t.Errorf("%d calls", e.calls.Load())
	}
}

func TestSlowIsSlow(t *testing.T) {
	_, _, front := newFaults(t, "p:slow:bps=2000")
	start := time.Now()
	if _, answer, _, err := ask(t.Context(), front, "upload", strings.Repeat("x", 300)); err != nil || len(answer) < 300 {
		t.Errorf("%q: %v", answer, err)
	}
	if took := time.Since(start); took < 300*time.Millisecond {
		t.Errorf("600 bytes at 2000 a second took %v", took)
	}
}

func TestASlowRequestEndsWithTheFaults(t *testing.T) {
	f, e, front := newFaults(t, "p:slow:bps=1")
	done := make(chan error, 1)
	go func() {
		_, _, _, err := ask(t.Context(), front, "upload", strings.Repeat("x", 1000))
		done <- err
	}()
	waitFor(t, func() bool { return f.Hits() == 1 })
	f.Close()
	if err := <-done; err == nil || e.calls.Load() != 0 {
		t.Errorf("ended with %v, %d calls", err, e.calls.Load())
	}
}

func TestFaultsHappenWhenTheyShould(t *testing.T) {
	for _, c := range []struct {
		specs []string
		want  string // x for a fault, . for none, y for the second fault
	}{
		{[]string{"p:status"}, "xxxxxxxxxx"},
		{[]string{"p:status:times=3"}, "xxx......."},
		{[]string{"p:status:skip=2:times=1"}, "..x......."},
		{[]string{"p:status:every=3"}, "x..x..x..x"},
		{[]string{"p:status:skip=1:every=4:times=2"}, ".x...x...."},
		{[]string{"p/upload:status"}, "xxxxxxxxxx"},
		{[]string{"p/other:status"}, ".........."},
		{[]string{"other:status"}, ".........."},
		{[]string{"p:status:times=2", "p:status:code=400:times=4"}, "xxyyyy...."},
	} {
		f, _, front := newFaults(t, c.specs...)
		got := ""
		for range len(c.want) {
			status, _, _, err := ask(t.Context(), front, "upload", "")
			if err != nil {
				t.Fatal(err)
			}
			got += map[int]string{200: ".", 500: "x", 400: "y"}[status]
		}
		if got != c.want {
			t.Errorf("%v: %s, want %s", c.specs, got, c.want)
		}
		if n := len(c.want) - strings.Count(c.want, "."); f.Hits() != n {
			t.Errorf("%v: %d hits, want %d", c.specs, f.Hits(), n)
		}
	}
}

func TestRateIsTheSameForTheSameSeed(t *testing.T) {
	draw := func(seed uint64) (out []bool) {
		f := &Faults{}
		f.Add(Fault{Kind: Status, Rate: 0.3, Seed: seed})
		for range 1000 {
			_, hit := f.pick("x")
			out = append(out, hit)
		}
		if n := f.Hits(); n < 230 || n > 370 {
			t.Errorf("%d of 1000 at a rate of 0.3", n)
		}
		return out
	}
	if !reflect.DeepEqual(draw(1), draw(1)) || reflect.DeepEqual(draw(1), draw(2)) {
		t.Error("the seed does not decide")
	}
}

func TestFaultsCanBeChangedWhileServing(t *testing.T) {
	f, _, front := newFaults(t, "p:status")
	f.Function = nil
	f.Clear()
	if status, _, _, err := ask(t.Context(), front, "upload", ""); status != 200 || err != nil || len(f.Armed()) != 0 {
		t.Errorf("cleared: %d, %v", status, err)
	}
	f.Set(Fault{Kind: Empty, Function: "upload"}, Fault{Kind: Status})
	if _, answer, _, err := ask(t.Context(), front, "upload", ""); answer != "" || err != nil {
		t.Errorf("set: %q, %v", answer, err)
	}
	if a := f.Armed(); len(a) != 2 || a[0].Seen != 1 || a[0].Hits != 1 || a[1].Seen != 1 || a[1].Hits != 0 {
		t.Errorf("armed %+v", a)
	}
}

func TestHooksTellFunctionAndFullness(t *testing.T) {
	f := &Faults{
		Next:     &echo{},
		Function: func(r *http.Request) string { return r.URL.Query().Get("method") },
		Full: func(w http.ResponseWriter, _ *http.Request, kind FaultKind) {
			http.Error(w, string(kind), http.StatusInsufficientStorage)
		},
	}
	f.Set(Fault{Function: "pwg.images.upload", Kind: Quota})
	for method, want := range map[string]int{"pwg.images.upload": 507, "pwg.session.login": 200} {
		w := httptest.NewRecorder()
		f.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/ws.php?method="+method, bytes.NewReader(nil)))
		if w.Code != want {
			t.Errorf("%s: %d %s", method, w.Code, w.Body)
		}
	}
}

// waitFor waits for something that another goroutine brings about.
func waitFor(t *testing.T, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it never happened")
		}
	}
}
