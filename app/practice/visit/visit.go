package visit

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
)

// maxSteps is how many pages may follow each other, and maxPage the length of
// one in bytes.
const (
	maxSteps = 4
	maxPage  = 1 << 20
)

// ErrRefused says that the service did not let the person on: wrong user or
// password, or a page that is too old.
var ErrRefused = errors.New("the page does not go on")

// Allow opens a page, signs in where it asks for that, and lets the program in.
// It is done when a page without such a form follows the one that asked.
func Allow(ctx context.Context, page, user, password string) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	b := browser{client: http.Client{Jar: jar}, user: user, password: password}
	defer b.client.CloseIdleConnections()
	at, f, err := b.open(ctx, http.MethodGet, page, nil)
	if err != nil {
		return err
	}
	if f == nil {
		return fmt.Errorf("%s: %w", at, ErrRefused)
	}
	for range maxSteps {
		pressed, values := f.fill(user, password)
		if pressed == "" {
			return fmt.Errorf("%s asks something that is not understood", at)
		}
		next, g, err := b.open(ctx, http.MethodPost, at.ResolveReference(f.action).String(), values)
		switch {
		case err != nil:
			return err
		case g == nil && pressed == allow:
			return nil
		case g == nil:
			return fmt.Errorf("%s: %w", next, ErrRefused)
		}
		if again, _ := g.fill(user, password); again == pressed {
			return fmt.Errorf("%s: %w", next, ErrRefused)
		}
		at, f = next, g
	}
	return fmt.Errorf("%s: %w", at, ErrRefused)
}

type browser struct {
	client         http.Client
	user, password string
}

// open returns where a page lies after redirects, and its form, nil if it has
// none that goes on.
func (b *browser) open(ctx context.Context, method, page string, values url.Values) (*url.URL, *form, error) {
	req, err := http.NewRequestWithContext(ctx, method, page, strings.NewReader(values.Encode()))
	if err != nil {
		return nil, nil, err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", req.URL.Scheme+"://"+req.URL.Host)
	}
	resp, err := b.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	f, err := readForm(io.LimitReader(resp.Body, maxPage))
	return resp.Request.URL, f, err
}

// form is a page's form as a person sees it.
type form struct {
	action  *url.URL
	values  url.Values // hidden fields
	inputs  []string   // names of fields to fill in
	buttons [][2]string
}

// Values of the buttons that go on, the likelier first.
const (
	signIn = "signin"
	allow  = "allow"
)

// fill fills the form in. It returns the value of the button to press, "" if
// there is none.
func (f *form) fill(user, password string) (button string, values url.Values) {
	values = url.Values{}
	for k, v := range f.values {
		values[k] = slices.Clone(v)
	}
	for _, name := range f.inputs {
		switch name {
		case "user":
			values.Set(name, user)
		case "password":
			values.Set(name, password)
		}
	}
	for _, want := range []string{signIn, allow} {
		for _, b := range f.buttons {
			if b[1] == want {
				values.Set(b[0], b[1])
				return want, values
			}
		}
	}
	return "", values
}

// readForm returns the first form of a page that has a button to go on, nil if
// there is none.
func readForm(r io.Reader) (*form, error) {
	dec := xml.NewDecoder(r)
	dec.Strict, dec.AutoClose, dec.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var f *form
	for {
		token, err := dec.Token()
		if _, ends := errors.AsType[*xml.SyntaxError](err); ends || errors.Is(err, io.EOF) {
			return nil, nil // HTML may leave elements open
		}
		if err != nil {
			return nil, fmt.Errorf("read the page: %w", err)
		}
		switch t := token.(type) {
		case xml.StartElement:
			if f, err = f.add(t); err != nil {
				return nil, err
			}
		case xml.EndElement:
			if t.Name.Local != "form" || f == nil {
				continue
			}
			if button, _ := f.fill("", ""); button != "" {
				return f, nil
			}
			f = nil
		}
	}
}

// add takes an element into the form that it belongs to.
func (f *form) add(e xml.StartElement) (*form, error) {
	attr := func(name string) string {
		i := slices.IndexFunc(e.Attr, func(a xml.Attr) bool { return a.Name.Local == name })
		if i < 0 {
			return ""
		}
		return e.Attr[i].Value
	}
	switch tag := e.Name.Local; {
	case tag == "form":
		action, err := url.Parse(attr("action"))
		if err != nil {
			return nil, fmt.Errorf("read the page's form: %w", err)
		}
		return &form{action: action, values: url.Values{}}, nil
	case f == nil || attr("name") == "":
	case tag == "button":
		f.buttons = append(f.buttons, [2]string{attr("name"), attr("value")})
	case tag == "input" && attr("type") == "hidden":
		f.values.Add(attr("name"), attr("value"))
	case tag == "input":
		f.inputs = append(f.inputs, attr("name"))
	}
	return f, nil
}
