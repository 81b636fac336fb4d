package ipernity

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/upload"
	"github.com/photoferry/photoferry/app/upload/uploadtest"
)

// TestCodes has every code that the documents list, and what the engine makes
// of it.
func TestCodes(t *testing.T) {
	const d, b, f, r, p = upload.Denied, upload.Busy, upload.Full, upload.Rejected, upload.Transient
	for _, tt := range []struct {
		method string
		code   int
		kind   upload.Kind
		hint   string // part of it
		after  bool   // the site is to be left alone for minutes
	}{
		{uploadFile, 1, r, "", false}, {uploadFile, 2, r, "", false}, {uploadFile, 3, r, "", false}, {uploadFile, 4, f, "month", true},
		{checkTickets, 1, p, "", false},
		{getToken, 1, d, "again", false}, {getToken, 2, d, "again", false},
		{docGet, 1, r, "", false}, {docGetList, 1, d, "Sign in", false}, {docSearch, 1, d, "Sign in", false}, {albumGetList, 1, d, "Sign in", false},
		{albumCreate, 1, r, "", false}, {albumCreate, 4, f, "album", false},
		{albumAdd, 1, p, "", false}, {albumAdd, 2, p, "", false}, {albumAdd, 3, p, "", false}, {albumAdd, 4, p, "", false},
		{uploadFile, 99, p, "", false}, {docGet, 2, p, "", false}, {docGet, 599, p, "", false}, {docGet, 0, p, "", false},

		{uploadFile, 100, d, "API key", false}, {uploadFile, 101, d, "API key", false}, {uploadFile, 102, d, "address", false}, {uploadFile, 103, d, "address", false},
		{uploadFile, 104, d, "report", false}, {uploadFile, 105, d, "secret", false},
		{uploadFile, 106, d, "account login", false}, {uploadFile, 107, d, "account login", false}, {uploadFile, 110, d, "account login", false},
		{uploadFile, 108, d, "site", false}, {uploadFile, 109, d, "site", false}, {uploadFile, 111, d, "application", false},
		{uploadFile, 112, b, "", true}, {uploadFile, 113, b, "", true},
		{uploadFile, 120, d, "", false}, {uploadFile, 121, d, "", false}, {uploadFile, 122, d, "", false},
		{uploadFile, 130, d, "", false}, {uploadFile, 131, d, "", false}, {uploadFile, 132, p, "clock", false}, {uploadFile, 133, p, "", false},
		{uploadFile, 134, p, "clock", false}, {uploadFile, 135, d, "", false},
		{uploadFile, 500, p, "", false}, {uploadFile, 501, b, "", true}, {uploadFile, 503, b, "", true},
	} {
		err := refused("do it", tt.method, tt.code, "Some words", time.Unix(1388534400, 0))
		e, ok := errors.AsType[*upload.Error](err)
		if !ok || e.Kind != tt.kind || e.Op != "do it" || e.Reason == "" || !strings.Contains(e.Hint, tt.hint) || codeOf(err) != tt.code {
			t.Errorf("%s %d: %+v, want %v with %q", tt.method, tt.code, e, tt.kind, tt.hint)
		}
		if (e.RetryAfter >= time.Minute) != tt.after {
			t.Errorf("%s %d: the site is left alone for %v", tt.method, tt.code, e.RetryAfter)
		}
		if (e.Kind == d || e.Kind == f) && e.Hint == "" {
			t.Errorf("%s %d stops the account without a hint", tt.method, tt.code)
		}
	}
}

// TestCodesOnTheWire checks that codes are read from answers of any status, and
// that the site's words are shown only where we have none, without secrets.
func TestCodesOnTheWire(t *testing.T) {
	s := newStub(t, map[string]string{
		docGet: `{"api":{"status":"error","code":77,"message":"no <b>way</b>, ` + vectorToken + ` and ` + vectorSecret + `\n"}}`,
	})
	c := testClient(t, s.URL, nil)
	_, err := c.Verify(t.Context(), uploadtest.Item("a.jpg", 2000), "1")
	if want := "ask for the photo: the site refused it with the code 77: no <b>way</b>, *** and ***"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	for answer, want := range map[string]upload.Kind{
		refusalOf(107): upload.Denied, refusalOf(113): upload.Busy, refusalOf(503): upload.Busy, refusalOf(500): upload.Transient,
		`{"api":{"status":"weird"}}`: upload.Transient, `{"doc":{}}`: upload.Transient, `[]`: upload.Transient, `"ok"`: upload.Transient,
		`null`: upload.Transient, `{"api":null}`: upload.Transient, `{"api":"ok"}`: upload.Transient, ``: upload.Transient,
		`{"doc":{"doc_id":"2"},` + okAPI + `}`: upload.Transient, // another one than was asked for
		`<html>`:                               upload.Transient,
	} {
		s.answer(docGet, answer)
		_, err := c.Verify(t.Context(), uploadtest.Item("a.jpg", 2000), "1")
		if e, ok := errors.AsType[*upload.Error](err); !ok || e.Kind != want || e.Op == "" || e.Reason == "" {
			t.Errorf("%s: %v, want %v", answer, err, want)
		}
	}
	s.answer(docGet, refusalOf(1))
	if _, err := c.Verify(t.Context(), uploadtest.Item("a.jpg", 2000), "1"); !errors.Is(err, upload.ErrNotFound) {
		t.Errorf("a doc that is not there: %v", err)
	}
}

func TestMonths(t *testing.T) {
	for now, want := range map[string]time.Duration{
		"2013-12-31T23:59:00Z":      time.Minute,
		"2014-02-01T00:00:00Z":      28 * 24 * time.Hour,
		"2014-01-01T00:30:00+01:00": 30 * time.Minute, // still December in UTC
	} {
		at, err := time.Parse(time.RFC3339, now)
		if err != nil {
			t.Fatal(err)
		}
		if got := untilNextMonth(at); got != want {
			t.Errorf("%s: %v, want %v", now, got, want)
		}
	}
}
