package control_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/control"
)

func request(method, target, body string, header ...string) *http.Request {
	r := httptest.NewRequest(method, "http://photoferry"+target, strings.NewReader(body))
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func TestRequestsThatAreRefused(t *testing.T) {
	for _, tt := range []struct {
		name string
		req  *http.Request
		code int
		exit int
		says string
	}{
		{"a call that does not exist", request("GET", "/v1/nothing", ""), 404, 2, "no call"},
		{"another version", request("GET", "/v2/status", ""), 404, 2, "no call"},
		{"a wrong method", request("POST", "/v1/status", "{}"), 405, 2, "GET"},
		{"a change by GET", request("GET", "/v1/quit", ""), 405, 2, "POST"},
		{"HEAD", request("HEAD", "/v1/status", ""), 405, 2, "GET"},
		{"a web page", request("GET", "/v1/status", "", "Origin", "https://evil.example"), 403, 1, "Browsers"},
		{"a page without origin", request("GET", "/v1/status", "", "Sec-Fetch-Site", "none"), 403, 1, "Browsers"},
		{"a form", request("POST", "/v1/quit", "{}", "Content-Type", "text/plain"), 415, 2, "application/json"},
		{"no content type", request("POST", "/v1/quit", "{}", "Content-Type", ""), 415, 2, "application/json"},
		{"no body", request("POST", "/v1/pause", ""), 400, 2, "cannot be read"},
		{"no JSON", request("POST", "/v1/pause", "pause"), 400, 2, "cannot be read"},
		{"a wrong type", request("POST", "/v1/jobs/retry", `{"ids":["1"]}`), 400, 2, "ids"},
		{"a negative ID", request("POST", "/v1/jobs/retry", `{"ids":[-1]}`), 400, 2, "ids"},
		{"an unknown member", request("POST", "/v1/add", `{"paths":["/a"],"no_sync":true}`), 400, 2, "no_sync"},
		{"two values", request("POST", "/v1/quit", `{}{}`), 400, 2, "more than one"},
		{"rubbish after the value", request("POST", "/v1/quit", `{}]`), 400, 2, "cannot be read"},
		{"a body too large", request("POST", "/v1/pause", `{"account":"`+strings.Repeat("a", 2<<20)+`"}`), 413, 2, "larger"},
		{"a body on a GET", request("GET", "/v1/status", "x"), 200, 0, ""},
		{"an unknown parameter", request("GET", "/v1/jobs?stat=failed", ""), 400, 2, "stat"},
		{"a limit that is no number", request("GET", "/v1/jobs?limit=all", ""), 400, 2, "number"},
		{"a broken query", request("GET", "/v1/jobs?text=%zz", ""), 400, 2, "query"},
		{"window neither true nor false", request("GET", "/v1/changes?window=perhaps", ""), 400, 2, "window"},
		{"why without a name", request("GET", "/v1/why", ""), 400, 2, "name"},
		{"an add of nothing", request("POST", "/v1/add", `{"paths":[]}`), 400, 2, "paths"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := &fake{}
			w := httptest.NewRecorder()
			control.Handler(f, nil).ServeHTTP(w, tt.req)
			if w.Code != tt.code {
				t.Fatalf("got %d %s, want %d", w.Code, w.Body, tt.code)
			}
			if tt.code == 200 {
				return
			}
			var p control.Problem
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
				t.Fatalf("answer %q: %v", w.Body, err)
			}
			if p.Exit != tt.exit || !strings.Contains(p.Message, tt.says) {
				t.Errorf("got %+v, want exit %d and %q", p, tt.exit, tt.says)
			}
			equal(t, "engine asked", f.last(), "")
		})
	}
}

func TestAnotherHostIsRefused(t *testing.T) {
	r := request("GET", "/v1/status", "")
	r.Host = "rebound.example"
	w := httptest.NewRecorder()
	control.Handler(&fake{}, nil).ServeHTTP(w, r)
	equal(t, "code", w.Code, 403)
}

func TestAFaultOfTheEngineIsLoggedAndAnswered(t *testing.T) {
	var log bytes.Buffer
	c := control.InProcess(control.Handler(&fake{panics: true}, slog.New(slog.NewTextHandler(&log, nil))))
	_, err := c.Status(t.Context())
	if p := problemOf(t, err); p.Exit != 1 || strings.Contains(p.Message, "exploded") {
		t.Errorf("got %+v", p)
	}
	if !strings.Contains(log.String(), "exploded") || !strings.Contains(log.String(), "server_test.go") && !strings.Contains(log.String(), "fake_test.go") {
		t.Errorf("the log lacks the fault and its place: %s", log.String())
	}
}

func TestAWrongMethodIsToldTheRightOne(t *testing.T) {
	w := httptest.NewRecorder()
	control.Handler(&fake{}, nil).ServeHTTP(w, request("DELETE", "/v1/add", ""))
	equal(t, "Allow", w.Header().Get("Allow"), "POST")
}

func TestNoSecretIsLogged(t *testing.T) {
	var log bytes.Buffer
	h := control.Handler(&fake{err: &control.Problem{Message: "No", Exit: 4}}, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	c := control.InProcess(h)
	_, _ = c.Login(t.Context(), "home", "hunter2")
	_, _ = c.AddAccount(t.Context(), control.AccountSpec{Name: "home", Secret: "hunter2"})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, request("POST", "/v1/accounts/login", `{"account":"home","secret":["hunter2"]}`))
	if strings.Contains(log.String(), "hunter2") || strings.Contains(w.Body.String(), "hunter2") {
		t.Errorf("secret in the log %q or answer %q", &log, w.Body)
	}
}

func FuzzRequests(f *testing.F) {
	for _, r := range control.Routes() {
		f.Add(r.Method, r.Path, `{"ids":[1],"paths":["/a"],"account":"a"}`)
	}
	f.Add("GET", "/v1/jobs?limit=99999999999999999999", "")
	f.Add("POST", "/v1/add", `{"paths":["/a"],"paths":null}`)
	f.Add("POST", "/v1/pause", `{"until":"2026-13-01T00:00:00Z"}`)
	f.Add("POST", "/v1/picture", `{"quality":1e999}`)
	messages := make(chan control.Message)
	close(messages)
	h := control.Handler(&fake{messages: messages}, nil)
	f.Fuzz(func(t *testing.T, method, target, body string) {
		r, err := http.NewRequest(method, "http://photoferry/", strings.NewReader(body))
		if err != nil {
			t.Skip("no request")
		}
		path, query, _ := strings.Cut(target, "?")
		r.URL.Path, r.URL.RawQuery = path, query
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code == http.StatusOK {
			return
		}
		var p control.Problem
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Message == "" || p.Exit < 1 || p.Exit > 5 {
			t.Errorf("%d %q: %v", w.Code, w.Body, err)
		}
	})
}

func TestEveryCallIsDocumented(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "control-api.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range control.Routes() {
		if heading := "### " + r.Method + " " + r.Path + "\n"; !strings.Contains(string(page), heading) {
			t.Errorf("docs/control-api.md lacks %q", heading)
		}
	}
	if n, want := strings.Count(string(page), "\n### "), len(control.Routes()); n != want {
		t.Errorf("docs/control-api.md has %d headings for %d calls", n, want)
	}
}
