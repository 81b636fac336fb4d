package visit

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// pages is a site that asks in one step or in two.
func pages(t *testing.T, steps int) (site string, allowed func() int) {
	n := 0
	mux := http.NewServeMux()
	mux.HandleFunc("/ask", func(w http.ResponseWriter, r *http.Request) {
		signedIn := r.PostFormValue("user") == "anna" && r.PostFormValue("password") == "a&b"
		if c, err := r.Cookie("who"); err == nil {
			signedIn = signedIn || c.Value == "anna"
		}
		if r.Method == http.MethodPost && r.PostFormValue("form") != `7"<` {
			http.Error(w, "forged", http.StatusForbidden)
			return
		}
		switch r.PostFormValue("do") {
		case "allow":
			if signedIn {
				n++
				fmt.Fprint(w, "<p>Go back to the program.<br>Bye")
				return
			}
		case "signin":
			if signedIn {
				http.SetCookie(w, &http.Cookie{Name: "who", Value: "anna"})
			}
		}
		fields, buttons := `<input name=user><input name="password" type="password">`, `<button name="do" value="allow">Allow</button>`
		if steps == 2 && !signedIn {
			buttons = `<button name="do" value="signin">Sign in</button>`
		} else if steps == 2 {
			fields = ""
		}
		fmt.Fprintf(w, `<!DOCTYPE html><html><head><meta charset="utf-8"></head><body><form action="/search"><input name="q"></form>
<form method="post" action="?page=2"><input type="hidden" name="form" value="7&quot;&lt;">%s<button name="do" value="deny">No</button>%s</form></body></html>`, fields, buttons)
	})
	mux.HandleFunc("/go", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/ask", http.StatusFound) })
	mux.HandleFunc("/none", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<p>Too old") })
	srv := httptest.NewServer(mux)
	t.Cleanup(srv.Close)
	return srv.URL, func() int { return n }
}

func TestAllow(t *testing.T) {
	for steps := 1; steps <= 2; steps++ {
		site, allowed := pages(t, steps)
		if err := Allow(t.Context(), site+"/go", "anna", "a&b"); err != nil || allowed() != 1 {
			t.Errorf("%d steps: %v, allowed %d times", steps, err, allowed())
		}
		if err := Allow(t.Context(), site+"/ask", "anna", "wrong"); !errors.Is(err, ErrRefused) || allowed() != 1 {
			t.Errorf("%d steps, wrong password: %v", steps, err)
		}
		if err := Allow(t.Context(), site+"/none", "anna", "a&b"); !errors.Is(err, ErrRefused) {
			t.Errorf("a page without a form: %v", err)
		}
	}
}

func FuzzReadForm(f *testing.F) {
	f.Add(`<form action="x"><input name=user><button name=a value=allow></form>`)
	f.Add("<form><form></form><!-- &nbsp; <p>")
	f.Fuzz(func(t *testing.T, page string) {
		form, err := readForm(strings.NewReader(page))
		if form != nil && err != nil {
			t.Error("a form and an error")
		}
	})
}
