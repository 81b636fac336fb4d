package universal

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// TestMeanings goes through all codes of all methods, by both tables.
func TestMeanings(t *testing.T) {
	const unlisted = upload.Transient
	for _, tt := range []struct {
		m     method
		kinds map[int]upload.Kind
	}{
		{createToken, map[int]upload.Kind{
			1: upload.Transient, 2: upload.Denied, 94: upload.Denied, 95: upload.Denied, 97: upload.Denied, 99: upload.Denied,
			100: upload.Denied, 101: upload.Denied, 105: upload.Busy, 112: upload.Denied,
			4: unlisted, 102: unlisted, 104: unlisted, 321: unlisted, 9999: unlisted, -1: unlisted,
		}},
		{getSession, map[int]upload.Kind{
			1: upload.Transient, 2: upload.Busy, 4: upload.Busy, 5: upload.Denied, 100: upload.Denied, 101: upload.Denied,
			102: upload.Denied, 104: upload.Denied, 112: upload.Denied, 94: unlisted, 95: unlisted, 105: unlisted, 9999: unlisted,
		}},
		{getAlbums, map[int]upload.Kind{
			1: upload.Transient, 2: upload.Busy, 4: upload.Busy, 5: upload.Denied, 100: upload.Denied, 101: upload.Denied,
			102: upload.Denied, 103: upload.Transient, 104: upload.Denied, 120: upload.Transient, 200: upload.Denied, 260: upload.Denied,
			105: unlisted, -1: unlisted,
		}},
		{createAlbum, map[int]upload.Kind{100: upload.Rejected, 101: upload.Denied, 102: upload.Denied}},
		{uploadPhoto, map[int]upload.Kind{
			1: upload.Transient, 2: upload.Busy, 4: upload.Busy, 5: upload.Denied, 100: upload.Rejected, 101: upload.Denied,
			102: upload.Denied, 103: upload.Transient, 104: upload.Denied, 120: upload.Transient, 200: upload.Denied, 260: upload.Denied,
			321: upload.Full, 324: upload.Rejected, 325: upload.Full, 112: upload.Denied, 999: unlisted,
		}},
	} {
		for code, want := range tt.kinds {
			t.Run(tt.m.name+" "+strconv.Itoa(code), func(t *testing.T) {
				e := refused(opUpload, tt.m, code, "words of s3cret-session", false, "s3cret-session")
				if e.Kind != want || e.Op == "" || e.Reason == "" || codeOf(e) != code {
					t.Errorf("%+v is %v, want %v", e, e.Kind, want)
				}
				if (e.Kind == upload.Denied || e.Kind == upload.Full) && e.Hint == "" {
					t.Errorf("%v has no hint", e)
				}
				if e.Kind == upload.Busy && e.RetryAfter < time.Minute {
					t.Errorf("%v waits for %v only", e, e.RetryAfter)
				}
				if strings.Contains(e.Error(), "s3cret-session") {
					t.Errorf("%v tells a secret", e)
				}
				if strings.HasSuffix(e.Reason, ".") {
					t.Errorf("%q ends with a full stop", e.Reason)
				}
			})
		}
	}
}

func TestSignatureOfASessionThatEnded(t *testing.T) {
	e := refused(opCheck, getAlbums, codeSignature, "", true)
	if e.Kind != upload.Denied || e.Hint != hintSignIn {
		t.Errorf("%+v", e)
	}
	e = refused(opCheck, getAlbums, codeSignature, "", false)
	if e.Kind != upload.Denied || e.Hint != hintKey {
		t.Errorf("%+v", e)
	}
}

func TestMayBeStored(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	for _, tt := range []struct {
		name string
		ctx  context.Context
		err  error
		want bool
	}{
		{"the person gave up", ended, context.Canceled, true},
		{"an error of an unknown class", t.Context(), errors.New("x"), true},
		{"a cut connection", t.Context(), &upload.Error{}, true},
		{"a status that says no", t.Context(), &upload.Error{Kind: upload.Rejected}, false},
		{"a busy server", t.Context(), &upload.Error{Kind: upload.Busy}, false},
		{"an internal error", t.Context(), refused(opUpload, uploadPhoto, 1, "", false), true},
		{"a code that nobody knows", t.Context(), refused(opUpload, uploadPhoto, 777, "", false), true},
		{"no code", t.Context(), refused(opUpload, uploadPhoto, -1, "", false), true},
		{"a call out of order", t.Context(), refused(opUpload, uploadPhoto, 103, "", false), false},
		{"an album that is none", t.Context(), refused(opUpload, uploadPhoto, 120, "", false), false},
		{"a full album", t.Context(), refused(opUpload, uploadPhoto, 321, "", false), false},
		{"an ended session", t.Context(), refused(opUpload, uploadPhoto, 102, "", false), false},
	} {
		if got := mayBeStored(tt.ctx, tt.err); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

// TestErrorsTellNoSecrets lets a site repeat all that it was sent, as its
// documents say that it does, and more.
func TestErrorsTellNoSecrets(t *testing.T) {
	const appSecret, sessionKey, sessionSecret = "app-secret-0815", "session-key-0815", "session-secret-0815"
	for _, format := range []string{"json", "xml"} {
		for _, code := range []string{"102", "104", "777", "none", "1"} {
			var mu sync.Mutex
			secrets := []string{"0815", "session_key"}
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_ = r.ParseMultipartForm(1 << 20)
				sig := r.FormValue("sig") + r.FormValue("apiSig")
				mu.Lock()
				secrets = append(secrets, sig)
				mu.Unlock()
				msg := "no: " + r.FormValue("session_key") + " " + appSecret + " " + sessionSecret + " " + sig
				if format == "json" {
					_, _ = w.Write([]byte(`{"error_code":"` + code + `","error_msg":"` + msg + `","request_args":[{"key":"session_key","value":"` + sessionKey + `"}]}`))
					return
				}
				_, _ = w.Write([]byte(`<error_response><error_code>` + code + `</error_code><error_msg>` + msg + `</error_msg><request_args list="true"><arg><key>sig</key><value>` + sig + `</value></arg></request_args></error_response>`))
			}))
			a := upload.Account{
				URL: web.URL, Secret: appSecret, Token: tokenOf(session{Key: sessionKey, Secret: sessionSecret, UID: "8055"}),
				Options: map[string]string{optionAPIKey: "key", optionCommunity: "c", optionFormat: format},
			}
			hc := upload.NewClient(upload.ClientOptions{Account: a})
			c, err := New(a, hc)
			if err != nil {
				t.Fatal(err)
			}
			var errs []error
			l, err := c.Check(t.Context())
			errs = append(errs, err)
			for _, tick := range l.Ticks {
				errs = append(errs, errors.New(tick.Detail))
			}
			it := newMarked("a.jpg", 2000)
			_, err = c.Upload(t.Context(), it.Item)
			errs = append(errs, err)
			_, _, err = c.Begin(t.Context())
			errs = append(errs, err)
			_, err = c.Finish(t.Context(), "the-token-0815")
			errs = append(errs, err)
			for _, err := range errs {
				for _, secret := range secrets {
					if err == nil || strings.Contains(err.Error(), secret) {
						t.Errorf("%s, %s: %v", format, code, err)
					}
				}
			}
			if strings.Contains(it.Mark, "0815") {
				t.Errorf("mark %s", it.Mark)
			}
			hc.CloseIdleConnections()
			web.Close()
		}
	}
}
