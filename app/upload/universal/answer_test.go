package universal

import (
	"strings"
	"testing"
)

// The answers of the service's documents, with their faults.
const (
	sampleToken = `<?xml version="1.0" encoding="UTF-8"?>
<auth_createToken_response xmlns="http://api.universalplatform.com/">
 122ba2c40b54a450180ab5923ec02544d7d202
</auth_createToken_response>`
	sampleSession = `<?xml version="1.0" encoding="UTF-8"?> <auth_getSession_response>
<session_key>5f34e11bfb97c762e439e6a5<session_key> <uid>8055</uid> <expires>1173309298</expires> <secret>9b74c989</secret>
</auth_getSession_response>`
	sampleUpload = `<?xml version="1.0" encoding="UTF-8"?> <photos_upload_response> <pid>940915697041656</pid> <aid>940915667462717</aid> <owner>219074</owner> <src>http://media.universalplatform.com/v67/161/72/219074/s219074_31637752_5455.jpg</src> <src_big>http://media.universalplatform.com/q34/161/72/219074/n219074_31637752_5455.jpg</src_big> <src_small>http://media.universalplatform.com/v67/161/72/219074/t219074_31637752_5455.jpg</src_small> <link>place link to photko here</link> <caption>After the sunrise</caption> </photos_upload_response>`
	sampleError  = `<?xml version="1.0" encoding="UTF-8"?>
<error_response xmlns="http://api.universalplatform.com/1.0/"><error_code>102</error_code><error_msg>Session key invalid or no longer valid</error_msg>
<request_args list="true"><arg><key>session_key</key><value>5f34e11bfb97c762e439e6a5</value></arg><arg><key>error_code</key><value>1</value></arg></request_args></error_response>`
)

func TestAnswers(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     map[string]string // by name, at any depth; nil: not understood
	}{
		{"a token in XML", sampleToken, map[string]string{"": "122ba2c40b54a450180ab5923ec02544d7d202"}},
		{"a token in JSON", `"122ba2c4"`, map[string]string{"": "122ba2c4"}},
		{"a token in an object", ` {"token":"122ba2c4"}`, map[string]string{"": "", "token": "122ba2c4"}},
		{"a session without a slash", sampleSession, map[string]string{"session_key": "5f34e11bfb97c762e439e6a5", "uid": "8055", "expires": "1173309298", "secret": "9b74c989"}},
		{"a session in JSON", `{"session_key":"5f34","uid":"8055","expires":1173309298}`, map[string]string{"session_key": "5f34", "uid": "8055", "expires": "1173309298", "secret": ""}},
		{"IDs as numbers", `{"uid":940915697041656,"session_key":"s"}`, map[string]string{"uid": "940915697041656"}},
		{"a photo", sampleUpload, map[string]string{"pid": "940915697041656", "aid": "940915667462717", "src_big": "http://media.universalplatform.com/q34/161/72/219074/n219074_31637752_5455.jpg"}},
		{"another spelling", `{"srcBig":"b","PID":1}`, map[string]string{"src_big": "b", "pid": "1"}},
		{"entities", `<a_response><caption>&lt;&eacute; &amp; 100%&gt;</caption></a_response>`, map[string]string{"caption": "<é & 100%>"}},
		{"Latin-1", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a_response><caption>M\xf6we</caption></a_response>", map[string]string{"caption": "Möwe"}},
		{"a byte order mark", "\uFEFF{\"pid\":\"1\"}", map[string]string{"pid": "1"}},
		{"CDATA and comments", `<a_response><!-- x --><caption><![CDATA[a<b]]> c</caption></a_response>`, map[string]string{"caption": "a<b c"}},
		{"null", `null`, map[string]string{"": ""}},
		{"nothing", ``, nil},
		{"words", `Fatal error`, nil},
		{"two values", `{"pid":1} {"pid":2}`, nil},
		{"half of it", sampleUpload[:200], nil},
		{"half of JSON", `{"pid":"1","aid":`, nil},
		{"a web page", `<!DOCTYPE html><html><head><title>Login</title></head><body>x</body></html>`, nil},
		{"another XML", `<rss><pid>1</pid></rss>`, nil},
		{"a charset that nobody knows", `<?xml version="1.0" encoding="KOI8-R"?><a_response></a_response>`, nil},
		{"a deep hole", strings.Repeat("[", 100000), nil},
		{"a deep hole in XML", strings.Repeat("<a_response>", 100000), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, err := parse([]byte(tt.in))
			if (err == nil) != (tt.want != nil) {
				t.Fatalf("%+v, %v", n, err)
			}
			for name, want := range tt.want {
				got := n.text
				if name != "" {
					got = n.first(name)
				}
				if got != want {
					t.Errorf("%q is %q, want %q", name, got, want)
				}
			}
		})
	}
}

func TestLists(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		want     string // pids; "-": not understood
	}{
		{"XML", `<photos_get_response list="true"><photo><pid>1</pid></photo><photo><pid>2</pid></photo></photos_get_response>`, "1 2"},
		{"JSON", `[{"pid":"1"},{"pid":2}]`, "1 2"},
		{"JSON, by name", `{"photo":[{"pid":"1"},{"pid":2}]}`, "1 2"},
		{"JSON, by number", `{"0":{"pid":"1"},"1":{"pid":2}}`, "1 2"},
		{"one alone", sampleUpload, "940915697041656"},
		{"empty XML", `<photos_get_response list="true"/>`, ""},
		{"empty XML with blanks", "<photos_get_response list=\"true\">\n</photos_get_response>", ""},
		{"an empty array", `[]`, ""},
		{"an empty object", `{}`, ""},
		{"an empty string", `""`, ""},
		{"an empty list by name", `{"photo":[]}`, ""},
		{"something else", `{"count":3}`, "-"},
		{"words", `"down for maintenance"`, "-"},
		{"albums", `[{"aid":"1"}]`, "-"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, err := parse([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			nodes, err := n.records("pid")
			var ids []string
			for _, n := range nodes {
				ids = append(ids, readPicture(n).id)
			}
			got := strings.Join(ids, " ")
			if err != nil {
				got = "-"
			}
			if got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		code     int
		words    string
		ok       bool
	}{
		{"XML", sampleError, 102, "Session key invalid or no longer valid", true},
		{"JSON", `{"error_code":102,"error_msg":"Session key invalid","request_args":[{"key":"error_msg","value":"x"}]}`, 102, "Session key invalid", true},
		{"JSON, as text", `{"error_code":"102","error_msg":"x"}`, 102, "x", true},
		{"JSON, under its name", `{"error_response":{"error_code":4,"error_msg":"x"}}`, 4, "x", true},
		{"a code that is none", `{"error_code":"","error_msg":"x"}`, -1, "x", true},
		{"XML without a code", `<error_response><error_msg>x</error_msg></error_response>`, -1, "x", true},
		{"a photo with such a caption", `{"pid":"1","caption":"error_code 102"}`, 0, "", false},
		{"a list", `[{"error_code":5}]`, 0, "", false},
		{"a photo", sampleUpload, 0, "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n, err := parse([]byte(tt.in))
			if err != nil {
				t.Fatal(err)
			}
			code, words, ok := n.refusal()
			if code != tt.code || words != tt.words || ok != tt.ok {
				t.Errorf("%d, %q, %v", code, words, ok)
			}
		})
	}
}

func FuzzAnswer(f *testing.F) {
	for _, s := range []string{
		sampleToken, sampleSession, sampleUpload, sampleError, `"122ba2c4"`, `[{"pid":"1"},{"pid":2,"created":1e400}]`, `""`, `{}`,
		`{"error_code":"102","error_msg":"x","request_args":[{"key":"k","value":"v"}]}`, `<a_response><pid>1<pid><aid/></a_response>`,
		`<photos_getAlbums_response list="true"><album><aid>1</aid><size>-1</size><name>&amp;</name></album></photos_getAlbums_response>`,
		"<?xml version=\"1.0\" encoding=\"latin1\"?><a_response>\xff</a_response>", `<html>`, `{"a":{"a":[[[]]]}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		n, err := parse(in)
		if err != nil {
			return
		}
		code, _, ok := n.refusal()
		if ok && code < -1 {
			t.Errorf("code %d", code)
		}
		n.first("session_key")
		for _, id := range []string{"pid", "aid"} {
			nodes, err := n.records(id)
			if err != nil {
				continue
			}
			for _, n := range nodes {
				if a := readAlbum(n); a.size < 0 {
					t.Errorf("album %+v", a)
				}
				if p := readPicture(n); p.created < 0 {
					t.Errorf("photo %+v", p)
				}
				if n.member(id) == "" {
					t.Error("a record without its ID")
				}
			}
		}
	})
}
