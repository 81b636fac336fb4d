package uploadtest

import (
	"net"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
)

func checkGood(t *testing.T, s *suite) {
	x := s.start(t)
	l, err := x.up.Check(t.Context())
	if err != nil {
		t.Fatalf("Check: %v", err)
	}
	if l.Server == "" || l.User == "" || len(l.Ticks) == 0 {
		t.Errorf("Check: limits %+v, want server, user and ticks", l)
	}
	if l.CanFind == s.blind() {
		t.Errorf("Check: CanFind is %v", l.CanFind)
	}
	if !s.Service.Takes(l, photo.JPEG) {
		t.Error("the account does not take JPEG")
	}
	x.mustHave()
	if _, err := x.up.Check(t.Context()); err != nil {
		t.Errorf("second Check: %v", err)
	}
	if x.Logins != nil && x.Logins() != 1 {
		t.Errorf("two checks signed in %d times, want once", x.Logins())
	}
}

func checkWrongPassword(t *testing.T, s *suite) {
	x := s.start(t)
	a := x.Wrong
	if a.URL == "" {
		a = x.Account
		a.Secret = "quite-another-secret"
	}
	up, _ := s.uploader(t, a, patient)
	l, err := up.Check(t.Context())
	mustBe(t, err, upload.Denied)
	if n := len(l.Ticks); n == 0 || l.Ticks[n-1].OK {
		t.Errorf("ticks %+v do not end with what failed", l.Ticks)
	}
	if _, err := up.Upload(t.Context(), Item("a.jpg", 2000)); err == nil {
		t.Error("Upload with a wrong password succeeded")
	} else {
		mustBe(t, err, upload.Denied)
	}
	x.mustHave()
	if x.Logins != nil && x.Logins() != 0 {
		t.Errorf("%d sign-ins with a wrong password", x.Logins())
	}
}

func checkWrongAddress(t *testing.T, s *suite) {
	x := s.start(t)
	for _, tt := range []struct {
		name  string
		serve http.HandlerFunc
		kinds []upload.Kind
	}{
		{"another web server that knows no such page", http.NotFound, []upload.Kind{upload.Denied}},
		{"a web server with a page for everything", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = w.Write([]byte("<!DOCTYPE html><title>Router</title>"))
		}, []upload.Kind{upload.Denied, upload.Transient}},
		{"a server that sends us elsewhere", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "http://127.0.0.9:9/", http.StatusFound)
		}, []upload.Kind{upload.Denied}},
		{"a server that sends us in a circle", func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, r.URL.Path, http.StatusFound)
		}, []upload.Kind{upload.Denied}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := httptest.NewServer(tt.serve)
			defer srv.Close()
			a := x.Account
			a.URL = srv.URL
			up, _ := s.uploader(t, a, patient)
			l, err := up.Check(t.Context())
			e := mustBe(t, err, tt.kinds...)
			if e.Hint == "" {
				t.Errorf("%v has no hint", err)
			}
			if len(l.Ticks) == 0 || l.Ticks[len(l.Ticks)-1].OK {
				t.Errorf("ticks %+v do not end with what failed", l.Ticks)
			}
		})
	}
	x.mustHave()
}

func checkNoRight(t *testing.T, s *suite) {
	x := s.start(t)
	if x.NoRight.URL == "" {
		t.Skip("this server has no account without the right to upload")
	}
	up, _ := s.uploader(t, x.NoRight, patient)
	if !s.blind() { // servers that cannot be asked do not tell rights either
		_, err := up.Check(t.Context())
		mustBe(t, err, upload.Denied)
	}
	_, err := up.Upload(t.Context(), Item("a.jpg", 2000))
	mustBe(t, err, upload.Denied)
	x.mustHave()
}

func refusedConnections(t *testing.T, s *suite) {
	x := s.start(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	a := x.Account
	a.URL = "http://" + l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	up, _ := s.uploader(t, a, patient)
	_, err = up.Check(t.Context())
	checkOffline(t, "Check", err)
	_, err = up.Upload(t.Context(), Item("a.jpg", 2000))
	checkOffline(t, "Upload", err)
	if s.FindsMarked {
		return // and there is no mark
	}
	_, err = up.Find(t.Context(), Item("a.jpg", 2000))
	checkOffline(t, "Find", err)
}

func checkOffline(t *testing.T, what string, err error) {
	t.Helper()
	if e := mustBe(t, err, upload.Transient); !e.Offline {
		t.Errorf("%s: %v does not say that the server cannot be reached", what, err)
	}
}
