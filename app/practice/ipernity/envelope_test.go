package ipernity

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestEnvelopeInEveryForm(t *testing.T) {
	payload := object{
		{"docs", object{{"total", 2}, {"ok", true}, {"lat", -1.5}, {"doc", list{
			{{"doc_id", int64(7)}, {"title", `a "b" <c>`}, {"description", text("d & e")}},
		}}, {"none", list{}}}},
	}
	api := object{{"status", "ok"}, {"at", int64(9)}}
	for _, c := range []struct {
		name, format string
		o            Options
		want         string
	}{
		{"json", "json", Options{}, `{"docs":{"total":"2","ok":"1","lat":"-1.5","doc":[{"doc_id":"7","title":"a \"b\" \u003cc\u003e","description":"d \u0026 e"}]},"api":{"status":"ok","at":"9"}}`},
		{"numbers", "json", Options{Numbers: true, APIFirst: true}, `{"api":{"status":"ok","at":9},"docs":{"total":2,"ok":1,"lat":-1.5,"doc":[{"doc_id":7,"title":"a \"b\" \u003cc\u003e","description":"d \u0026 e"}]}}`},
		{"empty arrays", "json", Options{KeepEmptyArrays: true}, `{"docs":{"total":"2","ok":"1","lat":"-1.5","doc":[{"doc_id":"7","title":"a \"b\" \u003cc\u003e","description":"d \u0026 e"}],"none":[]},"api":{"status":"ok","at":"9"}}`},
		{"xml", "xml", Options{}, `<?xml version="1.0" encoding="utf-8"?>` + "\n" + `<api status="ok"><docs total="2" ok="1" lat="-1.5"><doc doc_id="7" title="a &#34;b&#34; &lt;c&gt;"><description>d &amp; e</description></doc></docs></api>` + "\n"},
		{"php", "php", Options{}, `a:2:{s:4:"docs";a:4:{s:5:"total";s:1:"2";s:2:"ok";s:1:"1";s:3:"lat";s:4:"-1.5";s:3:"doc";a:1:{i:0;a:3:{s:6:"doc_id";s:1:"7";s:5:"title";s:9:"a "b" <c>";s:11:"description";s:5:"d & e";}}}s:3:"api";a:2:{s:6:"status";s:2:"ok";s:2:"at";s:1:"9";}}`},
	} {
		if got := string(encode(c.format, payload, api, c.o)); got != c.want {
			t.Errorf("%s:\n%s, want\n%s", c.name, got, c.want)
		}
	}
}

func TestFormatsOverTheWire(t *testing.T) {
	r := newRig(t, Options{})
	p := r.sign("auth.getFrob", nil)
	a := r.post("/api/auth.getFrob/xml", p)
	var root struct {
		XMLName xml.Name `xml:"api"`
		Status  string   `xml:"status,attr"`
		Code    string   `xml:"code,attr"`
		Message string   `xml:"message,attr"`
		Frob    string   `xml:"auth>frob"`
	}
	if err := xml.Unmarshal(a.body, &root); err != nil || root.Status != "ok" || root.Frob == "" || !strings.HasPrefix(a.header.Get("Content-Type"), "text/xml") {
		t.Errorf("%s: %v", a.body, err)
	}
	a = r.post("/api/auth.getFrob/xml", nil)
	if err := xml.Unmarshal(a.body, &root); err != nil || root.Status != "error" || root.Code != "100" || root.Message != "API Key is missing" {
		t.Errorf("%s: %v", a.body, err)
	}
	if a := r.post("/api/auth.getFrob/php", p); !strings.HasPrefix(string(a.body), "a:2:{") {
		t.Errorf("%s", a.body)
	}
	if a := r.post("/api/auth.getFrob/JSON", p); code(t, a) != formatInvalid || !strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		t.Errorf("%s", a.body)
	}
	// The payload comes first, api last, and both have what clients count on.
	a = r.post("/api/auth.getFrob", p)
	if !bytes.HasPrefix(a.body, []byte(`{"auth":{"frob":"`)) || !bytes.Contains(a.body, []byte(`"},"api":{"status":"ok","at":"`)) {
		t.Errorf("%s", a.body)
	}
}

func TestErrorStatusAndRefusals(t *testing.T) {
	r := newRig(t, Options{Refuse: map[string]int{"test.hello": 501, "": 503, "test.echo": 0}})
	r.wantCode(501, "test.hello", nil)
	r.wantCode(503, "auth.getFrob", nil)
	r.wantCode(0, "test.echo", params{"echo": "x"})
	if a := r.post("/api/auth.getFrob", nil); code(t, a) != keyMissing {
		t.Errorf("refused before the checks: %s", a.body)
	}
	r.set(func(o *Options) { o.ErrorStatus = 503 })
	if a := r.call("test.hello", nil); a.status != 503 || code(t, a) != 501 {
		t.Errorf("%d %s", a.status, a.body)
	}
	me := r.as("member")
	for c := range commonTexts {
		r.set(func(o *Options) { o.Refuse = map[string]int{"upload.file": c} })
		if got := code(t, r.send("upload.file", me, filePart("a.jpg", picture(8, 8, 1)))); got != c {
			t.Errorf("refused with %d: %d", c, got)
		}
	}
	if len(r.Received()) != 0 {
		t.Errorf("refused and stored: %v", r.Received())
	}
}

func TestFullAnswersAsTheServiceDoes(t *testing.T) {
	r := newRig(t, Options{})
	for _, c := range []struct {
		path string
		disk bool
		want string
	}{
		{"/api/upload.file/json", false, `"code":"4"`},
		{"/api/upload.file", true, `"code":"500"`},
		{"/api/upload.file/xml", false, `code="4"`},
	} {
		w := httptest.NewRecorder()
		r.Full(w, httptest.NewRequest(http.MethodPost, c.path, nil), c.disk)
		if w.Code != 200 || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s, disk %v: %d %s", c.path, c.disk, w.Code, w.Body)
		}
	}
}

func TestMD5IsWhereTheSwitchSays(t *testing.T) {
	r := newRig(t, Options{})
	me := r.as("member")
	id := r.stored(me, "a.jpg", picture(8, 8, 1))
	sum := r.last().MD5
	for _, c := range []struct {
		form             MD5Form
		inDoc, inOrignal bool
		right            bool
	}{{MD5InDoc, true, false, true}, {MD5InOriginal, false, true, true}, {MD5Absent, false, false, true}, {MD5Other, true, false, false}} {
		r.set(func(o *Options) { o.MD5 = c.form })
		doc := r.ok("doc.get", me.with("doc_id", id, "extra", "md5"))["doc"]
		line := array(r.ok("doc.getList", me.with("user_id", "12345", "extra", "md5")), "docs", "doc")[0]
		for name, x := range map[string]any{"doc.get": doc, "doc.getList": line} {
			in, original := dig(x, "md5"), dig(x, "original", "md5")
			if in != "" != c.inDoc || original != "" != c.inOrignal || in+original != "" && (in+original == sum) != c.right {
				t.Errorf("form %d: %s has %q and %q", c.form, name, in, original)
			}
		}
		if doc := r.ok("doc.get", me.with("doc_id", id))["doc"]; dig(doc, "md5")+dig(doc, "original", "md5") != "" {
			t.Errorf("form %d: MD5 that nobody asked for", c.form)
		}
	}
}

func TestEmptyListsOverTheWire(t *testing.T) {
	r := newRig(t, Options{})
	p := params{"user_id": "12345"}
	if a := r.call("doc.getList", p); !bytes.HasPrefix(a.body, []byte(`{"docs":{"total":"0","per_page":"20","page":"1","pages":"0"},`)) {
		t.Errorf("%s", a.body)
	}
	r.set(func(o *Options) { o.KeepEmptyArrays, o.Numbers = true, true })
	if a := r.call("doc.getList", p); !bytes.HasPrefix(a.body, []byte(`{"docs":{"total":0,"per_page":20,"page":1,"pages":0,"doc":[]},`)) || !json.Valid(a.body) {
		t.Errorf("%s", a.body)
	}
}

func TestOptionsAreChecked(t *testing.T) {
	for name, o := range map[string]Options{
		"no directory":        {},
		"key":                 {Key: "x"},
		"secret":              {Secret: strings.Repeat("A", 16)},
		"MD5 form":            {MD5: 9},
		"negative limit":      {Checks: -1},
		"HTTP status":         {ErrorStatus: 1},
		"method":              {Refuse: map[string]int{"doc.remove": 500}},
		"code":                {Refuse: map[string]int{"": 7}},
		"user without ID":     {Users: []User{{Name: "x"}}},
		"user twice":          {Users: []User{{ID: 1, Name: "x"}, {ID: 2, Name: "x"}}},
		"user's limit":        {Users: []User{{ID: 1, Name: "x", Monthly: -1}}},
		"nobody is signed in": {SignedIn: "nobody"},
	} {
		if name != "no directory" {
			o.Dir = t.TempDir()
		}
		if s, err := New(o); err == nil {
			s.Close()
			t.Errorf("%s is accepted", name)
		}
	}
	r := newRig(t, Options{})
	if err := r.Configure(func(o *Options) { o.Users[0].Name = "" }); err == nil {
		t.Error("a user without a name is accepted")
	}
	r.set(func(o *Options) { o.Dir = "/elsewhere" })
	if r.options.Load().Dir == "/elsewhere" || r.options.Load().Users[0].Name != "member" || r.Key() != DefaultKey || r.Secret() != DefaultSecret {
		t.Errorf("options are %+v", r.options.Load())
	}
}
