package practicetest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
)

// Server is an emulator.
type Server interface {
	http.Handler
	Close() error
}

// Front serves an emulator until the test ends, and closes it then.
func Front(t *testing.T, s Server) *httptest.Server {
	t.Helper()
	front := httptest.NewServer(s)
	t.Cleanup(func() {
		front.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return front
}

// Do sends a request that must be answered, and returns the answer and its body, read to
// the end.
func Do(t *testing.T, client *http.Client, req *http.Request) (*http.Response, []byte) {
	t.Helper()
	res, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, body
}
