package universal

import (
	"encoding/json"
	"encoding/xml"
	"reflect"
	"strings"
	"testing"
)

func TestTokenIsTheTextOfTheRootWithWhiteSpace(t *testing.T) {
	r := newRig(t, Options{})
	a := r.post(r.guide("up.auth.createToken", nil))
	e := a.xml()
	if e.XMLName != (xml.Name{Space: "http://api.universalplatform.com/", Local: "auth_createToken_response"}) {
		t.Errorf("root %v", e.XMLName)
	}
	if e.Text == strings.TrimSpace(e.Text) || e.Text[0] != '\n' || len(e.Items) != 0 {
		t.Errorf("text %q", e.Text)
	}
	token, ok := r.post(r.guide("up.auth.createToken", params{"format": "json"})).json().(string)
	if !ok || len(token) != 38 {
		t.Errorf("JSON is %q", token)
	}
	r.configure(func(o *Options) { o.TokenObject = true })
	got := r.post(r.guide("up.auth.createToken", params{"format": "json"})).json().(map[string]any)
	if len(got["auth_token"].(string)) != 38 {
		t.Errorf("JSON object is %v", got)
	}
}

func TestErrorsEchoWhatWasSent(t *testing.T) {
	r := newRig(t, Options{})
	u := r.as("ann")
	p := u.sign("up.photos.get", params{"odd<&\x01\xff": "]]>\x00", "format": ""})
	a := r.post(p)
	e := a.xml()
	if e.XMLName != (xml.Name{Local: "error_response"}) || e.get("error_code") != "100" || !strings.HasPrefix(e.get("error_msg"), "One of the parameters") {
		t.Fatalf("error %s", a.body)
	}
	args := e.Items[2]
	got := map[string]string{}
	for _, arg := range args.Items {
		got[arg.get("key")] = arg.get("value")
	}
	if args.List != "true" || got["session_key"] != u.key || got["api_key"] != r.Key() || got["sig"] != p["sig"] || got["odd<&\uFFFD\uFFFD"] != "]]>\uFFFD" || len(got) != len(p) {
		t.Errorf("arguments %v", got)
	}

	p = u.sign("up.photos.get", params{"format": "json", "caption": `"`})
	var out struct {
		Code int    `json:"error_code"`
		Text string `json:"error_msg"`
		Args []struct{ Key, Value string }
	}
	raw := r.post(p).body
	if err := json.Unmarshal([]byte(strings.Replace(raw, "request_args", "args", 1)), &out); err != nil {
		t.Fatal(err)
	}
	echo := params{}
	for _, arg := range out.Args {
		echo[arg.Key] = arg.Value
	}
	if out.Code != 100 || !reflect.DeepEqual(echo, p) {
		t.Errorf("error %s", raw)
	}
	if e := r.post(params{"apiKey": "x"}).xml(); e.XMLName.Space != "http://api.universalplatform.com/" {
		t.Errorf("namespace of A is %q", e.XMLName.Space)
	}
}

func TestEveryCodeHasAText(t *testing.T) {
	for c, both := range codes {
		if c == badAddress || c >= albumFull {
			both.a = 1
		}
		if message(genA, both.a) == "Unknown error" || message(genB, both.b) == "Unknown error" {
			t.Errorf("cause %d has codes %v without texts", c, both)
		}
	}
	if len(codes) != int(tooPending)+1 {
		t.Errorf("%d causes have codes", len(codes))
	}
}

func TestJSONSwitches(t *testing.T) {
	r := newRig(t, Options{})
	u := r.as("ann")
	json := params{"format": "json"}
	for form, want := range map[EmptyList]string{"": "[]", EmptyArray: "[]", EmptyString: `""`, EmptyObject: "{}"} {
		r.configure(func(o *Options) { o.EmptyList = form })
		if a := u.call("up.photos.getAlbums", json.with(params{"uid": "8055"})); a.body != want {
			t.Errorf("empty list as %q: %s", form, a.body)
		}
	}
	if a := u.call("up.photos.getAlbums", params{"uid": "8055"}); a.xml().List != "true" || len(a.xml().Items) != 0 {
		t.Errorf("empty list in XML: %s", a.body)
	}
	first := u.upload(nil, "a.jpg", picture("1"))
	for name, want := range map[string]bool{"pid": true, "aid": true, "owner": true, "caption": true} {
		if _, ok := first[name].(string); ok != want {
			t.Errorf("%s is %v", name, first[name])
		}
	}
	r.configure(func(o *Options) { o.NumericIDs, o.StringCodes = true, true })
	second := u.upload(nil, "a.jpg", picture("1"))
	for _, name := range []string{"pid", "aid", "owner"} {
		if _, ok := second[name].(float64); !ok {
			t.Errorf("%s is %v", name, second[name])
		}
	}
	if got := u.must("up.friends.get", nil).([]any); got[0] != 219074.0 {
		t.Errorf("friends %v", got)
	}
	if got := u.call("up.photos.get", json).json().(map[string]any); got["error_code"] != "100" {
		t.Errorf("code %v", got["error_code"])
	}
	u.call("up.photos.get", nil).want(100, "the code in XML")
}

func TestOtherSwitches(t *testing.T) {
	r := newRig(t, Options{})
	u := r.as("ann")
	if a := u.call("up.photos.get", nil); a.status != 200 {
		t.Errorf("errors have status %d", a.status)
	}
	r.configure(func(o *Options) { o.ErrorStatus, o.PadText, o.MaxCaption = 400, true, 3 })
	a := u.call("up.photos.get", nil)
	if a.want(100, "with a status"); a.status != 400 {
		t.Errorf("status %d", a.status)
	}
	e := u.tryUpload(params{"caption": "Été & plage"}, "a.jpg", picture("1")).xml()
	if e.get("caption") != "Été" {
		t.Errorf("caption %q", e.get("caption"))
	}
	for _, item := range e.Items {
		if item.Text == strings.TrimSpace(item.Text) {
			t.Errorf("%s is not padded: %q", item.XMLName.Local, item.Text)
		}
	}
	r.configure(func(o *Options) { o.NoMD5 = true })
	u.upload(nil, "b.jpg", picture("2"))
	if got := r.Received()[1]; got.MD5 != "" || got.SHA256 == "" {
		t.Errorf("received %+v", got)
	}
	r.configure(func(o *Options) { o.PlainCodes = true })
	u.tryUpload(nil, "a.jpg", nil).want(100, "bad image in plain codes")
	r.configure(func(o *Options) { o.Users = o.Users[1:] })
	u.call("up.friends.get", nil).want(102, "a user who is gone")
}
