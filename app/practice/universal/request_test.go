package universal

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

const urlencoded = "application/x-www-form-urlencoded"

func TestFunctionOfPeeksWithoutConsuming(t *testing.T) {
	big := strings.Repeat("x", maxPeek)
	upload := params{"method": "up.photos.upload", "caption": "C"}
	body := func(p params, files ...file) (string, string) {
		b, kind := form(p, files...)
		return string(b), kind
	}
	plain, plainKind := body(upload, file{"data", "a.jpg", []byte(big)})
	bare, bareKind := body(params{"caption": "C"}, file{"data", "a.jpg", []byte(big)})
	late, lateKind := body(params{"a": big, "method": "up.photos.upload"})
	trap, trapKind := body(params{"caption": "C"}, file{"data", "a.jpg", []byte("\r\nContent-Disposition: form-data; name=\"method\"\r\n\r\nup.x\r\n")})
	for _, c := range []struct {
		name, method, target, kind, body, want string
	}{
		{"query", "GET", "/api.php?method=up.photos.get", "", "", "up.photos.get"},
		{"nothing", "GET", "/api.php", "", "", ""},
		{"GET with a body", "GET", "/api.php?method=up.a", urlencoded, "method=up.b", "up.a"},
		{"urlencoded", "POST", "/api.php", urlencoded, "format=json&method=up.photos.get&x=y", "up.photos.get"},
		{"urlencoded, last", "POST", "/api.php", urlencoded + "; charset=utf-8", "x=y&method=up.photos%2Eget", "up.photos.get"},
		{"urlencoded, twice", "POST", "/api.php", urlencoded, "method=a&method=b", "b"},
		{"body wins", "POST", "/api.php?method=up.a", urlencoded, "method=up.b", "up.b"},
		{"query with a body", "POST", "/api.php?method=up.a", urlencoded, "x=y", "up.a"},
		{"multipart", "POST", "/api.php", plainKind, plain, "up.photos.upload"},
		{"multipart with the query's", "POST", "/api.php?method=up.a", bareKind, bare, "up.a"},
		{"not behind 64 KiB", "POST", "/api.php", lateKind, late, ""},
		{"not in a file", "POST", "/api.php", trapKind, trap, ""},
		{"not behind 64 KiB, urlencoded", "POST", "/api.php", urlencoded, "a=" + big + "&method=up.b", ""},
		{"not half of it", "POST", "/api.php", urlencoded, "a=" + big[:maxPeek-2-len("&method=up")] + "&method=up.b", ""},
		{"text", "POST", "/api.php", "text/plain", "method=up.a", ""},
		{"no type", "POST", "/api.php", "", "method=up.a", ""},
		{"damaged", "POST", "/api.php?method=up.a", urlencoded, "%zz", "up.a"},
		{"login", "GET", "/login.php?api_key=k&auth_token=t", "", "", "login"},
		{"login without anything", "GET", "/login.php", "", "", "login"},
		{"login elsewhere", "POST", "/signin?api_key=k&auth_token=t", urlencoded, "action=allow", "login"},
		{"album", "GET", "/album.php?aid=1", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for name, reader := range map[string]io.Reader{
				"at once": strings.NewReader(c.body), "byte by byte": iotest.OneByteReader(strings.NewReader(c.body)),
				"data with its end": iotest.DataErrReader(strings.NewReader(c.body)),
			} {
				r := httptest.NewRequest(c.method, c.target, reader)
				r.Header.Set("Content-Type", c.kind)
				for range 2 {
					if got := FunctionOf(r); got != c.want {
						t.Errorf("%s: %q, want %q", name, got, c.want)
					}
				}
				if rest, err := io.ReadAll(r.Body); err != nil || string(rest) != c.body {
					t.Errorf("%s: the body has %d bytes left of %d: %v", name, len(rest), len(c.body), err)
				}
			}
		})
	}
	if got := FunctionOf(&http.Request{Method: "POST", URL: &url.URL{Path: "/api.php", RawQuery: "method=up.a"}}); got != "up.a" {
		t.Errorf("without a body: %q", got)
	}
}

func TestFunctionOfKeepsTheBodysError(t *testing.T) {
	broken := errors.New("broken")
	for _, kind := range []string{urlencoded, "multipart/form-data; boundary=B", "text/plain"} {
		body := "--B\r\nContent-Disposition: form-data; name=\"method\"\r\n\r\nup"
		src := io.MultiReader(strings.NewReader(body), iotest.ErrReader(broken), strings.NewReader("more"))
		r := httptest.NewRequest("POST", "/api.php", src)
		r.Header.Set("Content-Type", kind)
		if got := FunctionOf(r); got != "" {
			t.Errorf("%s: %q of a broken body", kind, got)
		}
		if rest, err := io.ReadAll(r.Body); !errors.Is(err, broken) || string(rest) != body {
			t.Errorf("%s: left %q, %v", kind, rest, err)
		}
	}
}

// TestAPeekedRequestIsServedAsBefore puts FunctionOf in front of the server, as
// practice mode does.
func TestAPeekedRequestIsServedAsBefore(t *testing.T) {
	r := newRig(t, Options{})
	var names []string
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		names = append(names, FunctionOf(req))
		r.ServeHTTP(w, req)
	}))
	defer front.Close()
	behind := *r
	behind.base = front.URL
	u := behind.as("ann")
	pic := append(picture("1"), make([]byte, 300_000)...)
	u.upload(params{"caption": "C"}, "a.jpg", pic)
	u.must("up.photos.getAlbums", params{"uid": "8055"})
	if got := r.Received(); len(got) != 1 || got[0].Size != int64(len(pic)) || got[0].Caption != "C" {
		t.Errorf("received %+v", got)
	}
	if !slices.Equal(names, []string{"up.photos.upload", "up.photos.getAlbums"}) {
		t.Errorf("functions %v", names)
	}
	for _, name := range names {
		if !slices.Contains(Functions(), name) {
			t.Errorf("%s is not among %v", name, Functions())
		}
	}
	if !slices.Contains(Functions(), "login") || len(Functions()) != 11 {
		t.Errorf("functions %v", Functions())
	}
}

func TestFullAnswersInTheFormOfTheCall(t *testing.T) {
	r := newRig(t, Options{})
	full := func(disk, drained, seen bool, target, kind, body string) answer {
		req := httptest.NewRequest("POST", target, strings.NewReader(body))
		req.Header.Set("Content-Type", kind)
		if seen {
			FunctionOf(req)
		}
		if drained {
			io.Copy(io.Discard, req.Body)
		}
		w := httptest.NewRecorder()
		r.Full(w, req, disk)
		return answer{t, w.Code, w.Header(), w.Body.String()}
	}
	data, kind := form(params{"method": "up.photos.upload", "format": "json", "caption": "C"}, file{"data", "a.jpg", picture("1")})
	for _, drained := range []bool{false, true} {
		a := full(false, drained, true, "/api.php", kind, string(data))
		if a.want(325, "quota"); !strings.Contains(a.body, `{"key":"caption","value":"C"}`) || !strings.Contains(a.body, "pending") {
			t.Errorf("quota: %s", a.body)
		}
		full(true, drained, true, "/api.php", kind, string(data)).want(1, "disk")
	}
	if a := full(false, false, false, "/api.php", kind, string(data)); a.code() != 325 || a.header.Get("Content-Type")[:16] != "application/json" {
		t.Errorf("never looked at: %s", a.body)
	}
	a := full(false, true, false, "/api.php?method=up.photos.upload", kind, string(data))
	if a.want(325, "gone by"); a.xml().XMLName.Space != "" {
		t.Errorf("gone by: %s", a.body)
	}
	a = full(false, true, true, "/api.php", urlencoded, "method=up.auth.createToken&apiKey=x")
	if a.want(1, "generation A"); a.xml().XMLName.Space != "http://api.universalplatform.com/" {
		t.Errorf("generation A: %s", a.body)
	}
}

// FuzzFunctionOf: whatever the request, its body stays as it was, and what is found is
// what the server finds in the part that was looked at.
func FuzzFunctionOf(f *testing.F) {
	data, kind := form(params{"method": "up.photos.upload", "caption": "C"}, file{"data", "a.jpg", []byte("x")})
	f.Add("method=up.a", kind, data)
	f.Add("", urlencoded, []byte("a=b&method=up.b&c"))
	f.Add("%zz&method=", "multipart/form-data; boundary=B", []byte("--B\r\nContent-Disposition: form-data; name=\"method\"\r\n\r\nx\r\n--B"))
	f.Add("&&=&a", "multipart/form-data", []byte("--"))
	f.Fuzz(func(t *testing.T, query, kind string, body []byte) {
		r := httptest.NewRequest("POST", "/api.php", bytes.NewReader(body))
		r.URL.RawQuery = query
		r.Header["Content-Type"] = []string{kind}
		name := FunctionOf(r)
		if rest, err := io.ReadAll(r.Body); err != nil || !bytes.Equal(rest, body) {
			t.Fatalf("%d bytes left of %d: %v", len(rest), len(body), err)
		}
		p := params{}
		if p.addQuery(query) != nil || len(body) >= maxPeek {
			return
		}
		seen := func(filePart) error { return errSeen }
		if err := p.addBody(bytes.NewReader(body), kind, seen); err != nil && !errors.Is(err, errSeen) {
			return
		}
		if p["method"] != name {
			t.Fatalf("FunctionOf says %q, the server %q", name, p["method"])
		}
	})
}

// FuzzParams: whatever the body, reading it ends without a panic, takes no more than
// it may, and finds what the standard library finds where that accepts it.
func FuzzParams(f *testing.F) {
	data, kind := form(params{"method": "up.photos.upload", "caption": "C"}, file{"data", "a.jpg", []byte("x")}, file{"", "", nil})
	f.Add(kind, data)
	f.Add(urlencoded, []byte("a=b&a=%63&d;e=f&=g"))
	f.Add("multipart/form-data; boundary=B", []byte("--B\nContent-Disposition: form-data; name=\"a\"\n\nb\n--B--"))
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		p := params{}
		files := 0
		err := p.addBody(bytes.NewReader(body), kind, func(f filePart) error {
			files++
			if strings.ContainsAny(f.name, `/\`) {
				t.Fatalf("file name %q", f.name)
			}
			_, err := io.Copy(io.Discard, f.content)
			return err
		})
		total := 0
		for name, value := range p {
			total += len(name) + len(value)
		}
		if total > len(body) {
			t.Fatalf("%d bytes of parameters in %d", total, len(body))
		}
		if err == nil {
			compare(t, kind, body, p, files)
		}
	})
}

// compare reads a body with the standard library's own form reader.
func compare(t *testing.T, kind string, body []byte, p params, files int) {
	media, attributes, err := mime.ParseMediaType(kind)
	switch {
	case err != nil:
	case media == urlencoded:
		v, err := url.ParseQuery(string(body))
		if err != nil { // it minds semicolons
			return
		}
		for name, values := range v {
			if p[name] != values[len(values)-1] {
				t.Fatalf("%q is %q, want %q", name, p[name], values)
			}
		}
	case media == "multipart/form-data":
		form, err := multipart.NewReader(bytes.NewReader(body), attributes["boundary"]).ReadForm(1 << 20)
		if err != nil {
			return
		}
		defer form.RemoveAll()
		n := 0
		for _, one := range form.File {
			n += len(one)
		}
		if n > files {
			t.Fatalf("%d files, want at least %d", files, n)
		}
	}
}
