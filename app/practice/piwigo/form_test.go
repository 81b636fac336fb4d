package piwigo

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestParametersAreReadAsPHPReadsThem(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		"a=1&a=2":              "a=2",
		"a[]=1&a[]=2":          "a=[1 2]",
		"a[x]=1&a[y]=2":        "a=[1 2]",
		"a%5B%5D=1":            "a=[1]",
		"a.b=1":                "a_b=1",
		"a%20b=1":              "a_b=1",
		"a=x+y%21":             "a=x y!",
		"a":                    "a=",
		"=1&&":                 "",
		"a=%zz":                "a=%zz",
		"a[=1":                 "a=1",
		"method=pwg.x&a=1;b=2": "a=1;b=2 method=pwg.x",
	} {
		p := params{}
		p.addEncoded(query)
		var got []string
		for _, name := range []string{"a", "a_b", "b", "method"} {
			if v, ok := p[name]; ok && v.isList {
				got = append(got, fmt.Sprintf("%s=%v", name, v.list))
			} else if ok {
				got = append(got, name+"="+v.text)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q", query, strings.Join(got, " "), want)
		}
	}
}

func TestDispositionIsReadAsPHPReadsIt(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		`form-data; name="a"`:                                       "a||false",
		`form-data; name="a"; filename="b.jpg"`:                     "a|b.jpg|true",
		`form-data; name=a; filename=b.jpg`:                         "a|b.jpg|true",
		`form-data; name="a"; filename="q\"u\\o.jpg"`:               `a|q"u\o.jpg|true`,
		`form-data; name="a"; filename=""`:                          "a||true",
		`form-data; name="a;b"; filename="x;y.jpg"`:                 "a;b|x;y.jpg|true",
		`form-data; name="a"; filename*=UTF-8''n%C3%A4.jpg`:         "a||false",
		`form-data; filename="C:\dir\b.jpg"; x; name = "a"`:         `a|C:\dir\b.jpg|true`,
		`form-data; name="a"; filename="Gr` + "\u00fc\u00dfe" + `"`: "a|Gr\u00fc\u00dfe|true",
		`form-data; name="unfinished`:                               "unfinished||false",
		"":                                                          "||false",
	} {
		name, filename, isFile := disposition(header)
		if got := fmt.Sprintf("%s|%s|%v", name, filename, isFile); got != want {
			t.Errorf("%s: %s, want %s", header, got, want)
		}
	}
}

func functionRequest(method, target, kind string, body []byte) *http.Request {
	r := httptest.NewRequest(method, target, bytes.NewReader(body))
	r.Header.Set("Content-Type", kind)
	return r
}

func TestFunctionOf(t *testing.T) {
	t.Parallel()
	multi, multiKind := fields{{"method", "pwg.m"}, {"file", fileField{"a", make([]byte, 200_000)}}}.encode()
	late, lateKind := fields{{"file", fileField{"a", make([]byte, 200_000)}}, {"method", "pwg.m"}}.encode()
	asFile, asFileKind := fields{{"method", fileField{"a", []byte("pwg.m")}}}.encode()
	const encoded = "application/x-www-form-urlencoded"
	for _, c := range []struct {
		name string
		r    *http.Request
		want string
	}{
		{"address", functionRequest("GET", "/ws.php?format=json&method=pwg.a", "", nil), "pwg.a"},
		{"address of a POST", functionRequest("POST", "/ws.php?method=pwg.a", encoded, []byte("method=pwg.b")), "pwg.a"},
		{"form", functionRequest("POST", "/ws.php", encoded, []byte("x=1&method=pwg.b")), "pwg.b"},
		{"long form", functionRequest("POST", "/ws.php", encoded, []byte("method=pwg.b&x="+strings.Repeat("y", 100_000))), "pwg.b"},
		{"too late in a form", functionRequest("POST", "/ws.php", encoded, []byte("x="+strings.Repeat("y", 100_000)+"&method=pwg.b")), ""},
		{"multipart", functionRequest("POST", "/ws.php", multiKind, multi), "pwg.m"},
		{"too late in a multipart", functionRequest("POST", "/ws.php", lateKind, late), ""},
		{"a file of that name", functionRequest("POST", "/ws.php", asFileKind, asFile), ""},
		{"JSON", functionRequest("POST", "/ws.php", "application/json", []byte(`{"method":"pwg.b"}`)), ""},
		{"nothing", functionRequest("POST", "/", "", nil), ""},
	} {
		if got := FunctionOf(c.r); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
		if got := FunctionOf(c.r); got != c.want {
			t.Errorf("%s: %q the second time", c.name, got)
		}
	}
	if !slicesSorted(Functions()) || len(Functions()) < 25 {
		t.Errorf("functions %v", Functions())
	}
}

func slicesSorted(s []string) bool {
	for i := 1; i < len(s); i++ {
		if s[i-1] >= s[i] {
			return false
		}
	}
	return true
}

// FuzzFunctionOf: whatever the body, it can still be read as a whole, and the form says
// the same.
func FuzzFunctionOf(f *testing.F) {
	body, kind := fields{{"method", "pwg.m"}, {"file", fileField{"a", []byte("x")}}}.encode()
	f.Add(kind, body)
	f.Add("application/x-www-form-urlencoded", []byte("a[]=1&method=pwg.b&%zz=%"))
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\nContent-Disposition: form-data; name=\"method\"\r\n\r\npwg.x"))
	f.Add("multipart/form-data; boundary=x", []byte("--x\r\n\r\n--x--"))
	f.Add("nonsense", []byte("a"))
	dir := f.TempDir()
	o := Options{Dir: dir, NoSync: true}.withDefaults()
	st, err := openStore(o)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { st.close() })
	f.Fuzz(func(t *testing.T, kind string, body []byte) {
		r := functionRequest("POST", "/ws.php?format=json", "", body)
		r.Header["Content-Type"] = []string{kind}
		name := FunctionOf(r)
		rest, err := io.ReadAll(r.Body)
		if err != nil || !bytes.Equal(rest, body) {
			t.Fatalf("%d bytes left of %d: %v", len(rest), len(body), err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		form, err := st.readForm(r, o)
		if err != nil {
			t.Fatal(err)
		}
		defer form.discard()
		if name != "" && strings.Count(string(body), "method") == 1 && form.method() != name {
			t.Fatalf("%q, but the form says %q", name, form.method())
		}
	})
}

func FuzzDisposition(f *testing.F) {
	f.Add(`form-data; name="a"; filename="q\"u\\o.jpg"`)
	f.Add(`;;==""; name`)
	f.Fuzz(func(t *testing.T, header string) {
		name, filename, _ := disposition(header)
		if len(name)+len(filename) > len(header) {
			t.Fatalf("%q and %q from %q", name, filename, header)
		}
	})
}

func FuzzInspect(f *testing.F) {
	f.Add(dated(1))
	f.Add(picture(2)[:40])
	f.Add([]byte("\xff\xd8\xff\xe1\x00\x10Exif\x00\x00MM\x00*\x00\x00\x00\x08"))
	f.Add([]byte("GIF89a"))
	path := f.TempDir() + "/x"
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := inspect(path); err != nil {
			t.Fatal(err)
		}
	})
}

func TestWordsOfPHP(t *testing.T) {
	t.Parallel()
	for _, c := range [][2]string{
		{stripTags(`a <b>b</b> < c <i`, false), "a b < c "},
		{stripTags(`<b>b</b><p>c</p>`, true), "<b>b</b>c"},
		{htmlSpecialChars(`<"&'>`), "&lt;&quot;&amp;&#039;&gt;"},
		{addSlashes("a\"b\\c'd"), `a\"b\\c\'d`},
		{nameFromFile("IMG_0001.tar.JPG"), "IMG 0001.tar"},
		{urlName("Rock, Roll's [x]"), "rock_roll_s_x_"},
		{fmt.Sprint(intval(" 12abc"), intval("x"), intval("-3"), intval("+4"), intval("")), "12 0 -3 4 0"},
	} {
		if c[0] != c[1] {
			t.Errorf("%q, want %q", c[0], c[1])
		}
	}
	if got, err := encodeJSON(map[string]any{"a": "/\u00fc\U0001f389<&>"}); err != nil || string(got) != `{"a":"\/\u00fc\ud83c\udf89<&>"}` {
		t.Errorf("%s %v", got, err)
	}
	for date, want := range map[string]string{
		"2026-01-02 03:04:05": "2026-01-02 03:04:05", "2026:01:02T03": "2026-01-02 03:00:00", "2026-01-02": "2026-01-02 00:00:00",
		"yesterday": "", "2026-13-01": "", "2026-02-30": "", "2026-01-02 25:00:00": "",
	} {
		if got, ok := sqlDate(date); got != want || ok != (want != "") {
			t.Errorf("%s: %q", date, got)
		}
	}
}
