package upload

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

const secretAddress = "http://photos.home/upload?apisid=the-session&pw=the-password"

// asSent wraps an error as http.Client does.
func asSent(err error) error { return &url.Error{Op: "Post", URL: secretAddress, Err: err} }

func dialError(err error) error {
	return asSent(&net.OpError{Op: "dial", Net: "tcp", Err: err})
}

func TestClassifySortsTransportErrors(t *testing.T) {
	if len(refused)+len(reset)+len(unreachable) == 0 {
		t.Fatal("no error numbers on this system")
	}
	for _, tt := range []struct {
		name    string
		err     error
		kind    Kind
		offline bool
		reason  string // a part of it
		hint    bool
	}{
		{"nothing moves", asSent(&stallError{after: time.Second}), Transient, false, "nothing moved for 1s", true},
		{"no answer", asSent(&stallError{after: time.Second, waiting: true}), Transient, false, "no answer for 1s", true},
		{"endless answer", &errTooLong{8 << 20}, Transient, false, "no end", true},
		{"redirect elsewhere", asSent(&redirectError{to: "http://elsewhere"}), Denied, false, "redirect to http://elsewhere", true},
		{"redirect in a circle", asSent(&redirectError{loop: true}), Denied, false, "more than 5", true},
		{"redirect that loses the photo", asSent(&redirectError{to: "https://photos.home", lost: true}), Denied, false, "redirect of an upload to https://photos.home", true},
		{"unknown name", dialError(&net.DNSError{Err: "no such host", Name: "photos.home", IsNotFound: true}), Transient, true, "name is not known", true},
		{"no name server", dialError(&net.DNSError{Err: "timeout", Name: "photos.home", IsTimeout: true}), Transient, true, "cannot be looked up", true},
		{"refused", dialError(os.NewSyscallError("connect", refused[0])), Transient, true, "does not accept connections", true},
		{"no descriptors", dialError(os.NewSyscallError("socket", spent[0])), Transient, false, "on this computer", true},
		{"no route", dialError(os.NewSyscallError("connect", unreachable[0])), Transient, true, "no way to the server", true},
		{"host down", dialError(os.NewSyscallError("connect", unreachable[1])), Transient, true, "no way to the server", true},
		{"dial takes too long", dialError(os.ErrDeadlineExceeded), Transient, true, "cannot be reached", true},
		{"https to an http port", asSent(http.ErrSchemeMismatch), Denied, false, "does not speak https", true},
		{"https to something else", asSent(tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}), Denied, false, "does not speak https", true},
		{"http to an https port", asSent(errors.New(`net/http: HTTP/1.x transport connection broken: malformed HTTP response "\x15\x03\x01\x00\x02\x02"`)), Denied, false, "only https", true},
		{"TLS alert", asSent(&net.OpError{Op: "remote error", Err: tls.AlertError(40)}), Transient, false, "no secure connection", false},
		{"no http at all", asSent(errors.New(`net/http: HTTP/1.x transport connection broken: malformed HTTP status code "the-password"`)), Transient, false, "does not speak http", true},
		{"reset", asSent(&net.OpError{Op: "read", Err: os.NewSyscallError("read", reset[0])}), Transient, false, "was cut", false},
		{"broken pipe", asSent(&net.OpError{Op: "write", Err: os.NewSyscallError("write", syscall.EPIPE)}), Transient, false, "was cut", false},
		{"end of file", asSent(io.EOF), Transient, false, "was cut", false},
		{"cut answer", io.ErrUnexpectedEOF, Transient, false, "was cut", false},
		{"closed while idle", asSent(errors.New("http: server closed idle connection")), Transient, false, "was cut", false},
		{"some other time limit", asSent(os.ErrDeadlineExceeded), Transient, false, "took too long", false},
		{"anything else", asSent(errors.New("frobnicated")), Transient, false, "connection failed", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			e := Classify("upload", tt.err)
			if e.Kind != tt.kind || e.Offline != tt.offline || e.Op != "upload" || (e.Hint != "") != tt.hint {
				t.Errorf("%+v", e)
			}
			if !strings.Contains(e.Reason, tt.reason) || strings.HasSuffix(e.Reason, ".") {
				t.Errorf("reason %q, want %q in it", e.Reason, tt.reason)
			}
			for _, secret := range []string{"the-session", "the-password"} {
				if text := fmt.Sprintf("%v %+v %#v", e, e, e); strings.Contains(text, secret) {
					t.Errorf("the secret is in %s", text)
				}
			}
		})
	}
}

func TestClassifyKeepsWhatIsClassified(t *testing.T) {
	in := &Error{Kind: Full, Reason: "full"}
	out := Classify("upload", asSent(fmt.Errorf("wrapped: %w", in)))
	if out.Kind != Full || out.Reason != "full" || out.Op != "upload" {
		t.Errorf("%+v", out)
	}
	if in.Op != "" {
		t.Error("the error given was changed")
	}
	if out = Classify("other", out); out.Op != "upload" {
		t.Errorf("the operation became %q", out.Op)
	}
}

func TestFailedReturnsTheContextsOwnError(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	if err := Failed(ctx, "upload", io.EOF); KindOf(err) != Transient || errors.Is(err, context.Canceled) {
		t.Errorf("before: %v", err)
	}
	cancel()
	if err := Failed(ctx, "upload", io.EOF); err != context.Canceled {
		t.Errorf("after: %v", err)
	}
}

func TestClassifyStatusSortsAnswers(t *testing.T) {
	for _, tt := range []struct {
		status int
		body   string
		kind   Kind
		reason string
		hint   bool
	}{
		{400, "", Rejected, "does not understand", true},
		{401, "", Denied, "sign-in of its own", true},
		{403, "", Denied, "forbids", true},
		{404, "", Denied, "no such service", true},
		{405, "", Denied, "does not offer", true},
		{407, "", Denied, "proxy", true},
		{410, "", Denied, "given up", true},
		{411, "", Rejected, "form", false},
		{413, "", Rejected, "too big", true},
		{414, "", Rejected, "too long", true},
		{415, "", Rejected, "type of file", false},
		{422, "", Rejected, "cannot use", false},
		{429, "", Busy, "fewer requests", false},
		{431, "", Rejected, "too long", true},
		{500, "", Transient, "internal error", true},
		{500, "java.io.IOException: No space left on device", Full, "no space", true},
		{500, "Quota exceeded for user", Full, "no space", true},
		{501, "", Denied, "lacks this function", true},
		{502, "<html>Bad gateway</html>", Transient, "proxy", false},
		{503, "", Busy, "not available", false},
		{504, "", Transient, "proxy", false},
		{507, "", Full, "no space", true},
		{508, "", Denied, "circle", true},
		{509, "", Busy, "traffic", false},
		{511, "", Transient, "sign-in", true},
		{307, "", Transient, "elsewhere", true},
		{418, "", Transient, "418", false},
		{599, "", Transient, "599", false},
	} {
		t.Run(fmt.Sprint(tt.status, " ", tt.body), func(t *testing.T) {
			e := ClassifyStatus("upload", &http.Response{StatusCode: tt.status, Header: http.Header{}}, []byte(tt.body))
			if e.Kind != tt.kind || !strings.Contains(e.Reason, tt.reason) || e.Status != tt.status || e.Op != "upload" || (e.Hint != "") != tt.hint {
				t.Errorf("%+v", e)
			}
			if tt.body != "" && strings.Contains(e.Error()+e.Hint, tt.body) {
				t.Errorf("the server's words are in %v", e)
			}
			delete(untested, tt.status)
		})
	}
	for status := range untested {
		t.Errorf("status %d stands in the table and is not tested", status)
	}
}

var untested = func() map[int]bool {
	m := map[int]bool{}
	for status := range statusKinds {
		m[status] = true
	}
	return m
}()

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for in, want := range map[string]time.Duration{
		"":                              0,
		"0":                             0,
		"7":                             7 * time.Second,
		"-5":                            0,
		"soon":                          0,
		"1e3":                           0,
		"999999999":                     24 * time.Hour,
		"9999999999999999999999":        0,
		"Sun, 22 Nov 2026 12:00:30 GMT": 30 * time.Second,
		"Sun, 22 Nov 2026 11:00:00 GMT": 0,
		"Sun, 22 Nov 2099 11:00:00 GMT": 24 * time.Hour,
	} {
		if got := retryAfter(in, now); got != want {
			t.Errorf("%q: %v, want %v", in, got, want)
		}
	}
}

func TestReadJSON(t *testing.T) {
	for _, tt := range []struct {
		name   string
		status int
		kind   string // content type
		body   string
		reason string // "" for success
	}{
		{"good", 200, "application/json", `{"a":1}`, ""},
		{"good with a byte order mark", 200, "application/json", "\uFEFF" + `{"a":1}`, ""},
		{"good under another type", 200, "text/plain", `{"a":1}`, ""},
		{"empty", 200, "application/json", "", "empty"},
		{"cut", 200, "application/json", `{"a":`, "broken off"},
		{"more than one", 200, "application/json", `{"a":1}{"a":2}`, "broken off"},
		{"web page", 200, "text/html", "<p>hello", "web page"},
		{"web page without a type", 200, "", "<!DOCTYPE html><p>hello", "web page"},
		{"other status", 500, "application/json", `{"a":1}`, "internal error"},
		{"no content", 204, "", "", "answered 204"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			resp := &http.Response{StatusCode: tt.status, Header: http.Header{"Content-Type": {tt.kind}}, Body: io.NopCloser(strings.NewReader(tt.body))}
			var v struct{ A int }
			body, err := ReadJSON(t.Context(), "ask", resp, &v)
			if !bytes.Equal(body, []byte(tt.body)) {
				t.Errorf("body %q", body)
			}
			if tt.reason == "" {
				if err != nil || v.A != 1 {
					t.Errorf("%+v, %v", v, err)
				}
				return
			}
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Kind != Transient || !strings.Contains(e.Reason, tt.reason) || e.Status != tt.status {
				t.Errorf("%v, want %q", err, tt.reason)
			}
		})
	}
}
