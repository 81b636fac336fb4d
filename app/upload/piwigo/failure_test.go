package piwigo

import (
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/photoferry/photoferry/app/upload"
)

// answers are what servers were seen to answer, and what it is to the engine.
var answers = []struct {
	name   string
	status int
	header string // "Name: value"
	body   string
	kind   upload.Kind
	means  meaning
}{
	{"wrong password", 200, "", `{"stat":"fail","err":999,"message":"Invalid username\/password"}`, upload.Denied, badLogin},
	{"second factor", 200, "", `{"stat":"fail","err":40101,"message":"2FA is enabled. Please use an API Key"}`, upload.Denied, plain},
	{"session over, or no right", 401, "", `{"stat":"fail","err":401,"message":"Access denied"}`, upload.Denied, refused},
	{"API key over", 401, "", `{"stat":"fail","err":401,"message":"Invalid api_key"}`, upload.Denied, plain},
	{"no sign-in with a key", 401, "", `{"stat":"fail","err":401,"message":"Cannot use this method with an api key"}`, upload.Denied, refused},
	{"basic auth in front", 401, `WWW-Authenticate: Basic realm="lab"`, "<html><head><title>401 Authorization Required</title></head></html>", upload.Denied, plain},
	{"sign-in page", 200, "", `<!DOCTYPE html><form method="post" action="identification.php" name="login_form">`, upload.Denied, plain},
	{"web firewall", 403, "", "<html><title>403 Forbidden</title></html>", upload.Denied, plain},
	{"old token", 403, "", `{"stat":"fail","err":403,"message":"Invalid security token"}`, upload.Transient, staleToken},
	{"no token", 200, "", `{"stat":"fail","err":1002,"message":"Missing parameters: pwg_token"}`, upload.Rejected, plain},
	{"bad parameter", 200, "", `{"stat":"fail","err":1003,"message":"category must only contain positive and not null integers"}`, upload.Rejected, plain},
	{"unknown method", 501, "", `{"stat":"fail","err":501,"message":"Method name is not valid"}`, upload.Denied, noMethod},
	{"over post_max_size", 501, "", `{"stat":"fail","err":501,"message":"Missing \"method\" name"}`, upload.Rejected, overLimit},
	{"over post_max_size, method in the address", 405, "", `{"stat":"fail","err":405,"message":"This method requires HTTP POST"}`, upload.Rejected, overLimit},
	{"over upload_max_filesize by upload", 200, "Content-Type: text/html", `{"jsonrpc" : "2.0", "error" : {"code": 103, "message": "Failed to move uploaded file."}, "id" : "id"}`, upload.Full, overLimit},
	{"over upload_max_filesize by addSimple", 500, "", `{"stat":"fail","err":500,"message":"The uploaded file exceeds the upload_max_filesize directive in php.ini."}`, upload.Rejected, overLimit},
	{"over upload_max_filesize by uploadAsync", 500, "", "<br />\n<b>Warning</b>:  md5_file(./upload/buffer/x.chunk): Failed to open stream<br />\n" + `{"stat":"fail","err":500,"message":"MD5 checksum chunk file mismatched"}`, upload.Transient, badSum},
	{"over nginx's limit", 413, "", "<html><head><title>413 Request Entity Too Large</title></head></html>", upload.Rejected, overLimit},
	{"merged wrongly", 500, "", `{"stat":"fail","err":500,"message":"MD5 checksum merged file mismatched"}`, upload.Transient, plain},
	{"type refused", 200, "Content-Type: text/html", "forbidden file type", upload.Rejected, plain},
	{"type refused behind a notice", 200, "Content-Type: text/html", "<br />\n<b>Notice</b>: x<br />\nunexpected file type", upload.Rejected, plain},
	{"type refused by 17", 415, "", `{"stat":"fail","err":415,"message":"forbidden file type"}`, upload.Rejected, plain},
	{"photo unknown", 404, "", `{"stat":"fail","err":404,"message":"image_id not found"}`, upload.Rejected, notThere},
	{"tag is there", 200, "", `{"stat":"fail","err":1003,"message":"Tag \"sea\" already exists"}`, upload.Transient, already},
	{"photo is there", 500, "", `{"stat":"fail","err":500,"message":"file already exists"}`, upload.Transient, already},
	{"emoji", 200, "Content-Type: text/html", "<br />\n<b>Fatal error</b>:  Uncaught mysqli_sql_exception: Incorrect string value: '\\xF0\\x9F' for column", upload.Rejected, plain},
	{"emoji with errors hidden", 500, "", "", upload.Transient, plain},
	{"PHP out of memory", 200, "Content-Type: text/html", "<br />\n<b>Fatal error</b>:  Allowed memory size of 134217728 bytes exhausted", upload.Transient, plain},
	{"PHP out of time", 500, "Content-Type: text/html", "<b>Fatal error</b>:  Maximum execution time of 30 seconds exceeded", upload.Transient, plain},
	{"some fatal error", 200, "Content-Type: text/html", "<b>Fatal error</b>:  Uncaught TypeError", upload.Transient, plain},
	{"nginx waited in vain", 504, "", "<html><title>504 Gateway Time-out</title></html>", upload.Transient, plain},
	{"day's folder", 200, "Content-Type: text/html", `[prepare_directory] cannot create directory "././upload/2026/11/22"`, upload.Transient, race},
	{"rebuilding", 503, "Retry-After: 900", "Rebuilding user cache takes long. Please, come back later.", upload.Busy, plain},
	{"disk full", 500, "", `{"stat":"fail","err":500,"message":"Failed to write file to disk."}`, upload.Full, plain},
	{"disk full in a warning", 500, "", "<b>Warning</b>: fwrite(): No space left on device\n" + `{"stat":"fail","err":500,"message":"MD5 checksum chunk file mismatched"}`, upload.Full, plain},
	{"quota of a plug-in", 403, "", `{"stat":"fail","err":403,"message":"Your quota of disk space is exhausted"}`, upload.Full, plain},
	{"buffer", 200, "", `{"jsonrpc" : "2.0", "error" : {"code": 102, "message": "Failed to open output stream."}, "id" : "id"}`, upload.Full, plain},
	{"something new", 200, "", `{"stat":"fail","err":1234,"message":"The moon is full"}`, upload.Transient, plain},
	{"nothing", 200, "", "", upload.Transient, plain},
	{"cut in the middle", 200, "", `{"stat":"ok","result":{"image_id":1`, upload.Transient, plain},
	{"web server going down", 400, "", "Bad Request", upload.Transient, plain},
	{"patience", 429, "Retry-After: 7", "", upload.Busy, plain},
}

func testClient(t testing.TB) *Client {
	t.Helper()
	c, err := New(upload.Account{URL: "http://127.0.0.1:1", User: "ann", Secret: "geheimes Wort"}, http.DefaultClient)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func response(status int, header, body string) *http.Response {
	h := http.Header{}
	if name, value, ok := strings.Cut(header, ": "); ok {
		h.Set(name, value)
	}
	return &http.Response{StatusCode: status, Header: h, Body: readCloser{strings.NewReader(body)}}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

func TestFailures(t *testing.T) {
	c := testClient(t)
	for _, tt := range answers {
		t.Run(tt.name, func(t *testing.T) {
			err := c.read(t.Context(), opUpload, response(tt.status, tt.header, tt.body), new(photoInfo))
			f, ok := asFault(err)
			if !ok {
				t.Fatalf("%v (%T), want a fault", err, err)
			}
			if f.is.Kind != tt.kind || f.means != tt.means || f.is.Op != opUpload || f.is.Reason == "" {
				t.Errorf("%+v means %d, want kind %v and meaning %d", f.is, f.means, tt.kind, tt.means)
			}
			if (f.is.Kind == upload.Denied || f.is.Kind == upload.Full) && f.is.Hint == "" {
				t.Errorf("%v has no hint", f)
			}
			if f.is.RetryAfter > maxPatience {
				t.Errorf("wants %v of patience", f.is.RetryAfter)
			}
			if upload.KindOf(err) != f.is.Kind {
				t.Error("the fault does not wrap its error")
			}
		})
	}
}

func TestFailuresKeepSecrets(t *testing.T) {
	c := testClient(t)
	err := c.read(t.Context(), opUpload, response(200, "", `{"stat":"fail","err":1003,"message":"bad geheimes Wort <b>\u0007"}`), nil)
	if text := err.Error(); strings.Contains(text, "geheimes") || strings.Contains(text, "\a") {
		t.Errorf("%q", text)
	}
}

func TestAnswersAmongWarnings(t *testing.T) {
	c := testClient(t)
	for name, body := range map[string]string{
		"bare":               `{"stat":"ok","result":{"id":"7"}}`,
		"deprecated":         "<br />\n<b>Deprecated</b>:  trim(): Passing null in <b>/x.php</b> on line <b>1</b><br />\n" + `{"stat":"ok","result":{"id":7}}`,
		"with blanks":        `  { "stat" : "ok" , "result" : { "id" : 7.0 } }`,
		"behind it":          `{"stat":"ok","result":{"id":7}}` + "<br />\n<b>Warning</b>: something at shutdown",
		"quoted beginning":   `<b>Warning</b>: json {"stat": broken` + "\n" + `{"stat":"ok","result":{"id":7}}`,
		"byte order mark":    "\uFEFF" + `{"stat":"ok","result":{"id":7}}`,
		"unknown new fields": `{"stat":"ok","save_visits":false,"result":{"id":7,"categories":[],"derivatives":[],"new":{"x":[1]}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			var info photoInfo
			if err := c.read(t.Context(), opUpload, response(200, "", body), &info); err != nil || info.ID != 7 {
				t.Errorf("%+v, %v", info, err)
			}
		})
	}
	// An odd status does not spoil a good answer.
	if err := c.read(t.Context(), opUpload, response(500, "", `{"stat":"ok","result":null}`), nil); err != nil {
		t.Error(err)
	}
}

func TestCancelledWhileReading(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	resp := response(200, "", "")
	resp.Body = io.NopCloser(iotest.ErrReader(iotest.ErrTimeout))
	if err := testClient(t).read(ctx, opUpload, resp, nil); err != context.Canceled {
		t.Error(err)
	}
}

func FuzzAnswer(f *testing.F) {
	for _, a := range answers {
		f.Add(a.status, a.body)
	}
	f.Add(200, `{"stat":"ok","result":{"image_id":"1","derivatives":{"thumb":{"url":"x"}}}}`)
	c := testClient(f)
	f.Fuzz(func(t *testing.T, status int, body string) {
		if status < 100 || status > 999 {
			return
		}
		for _, v := range []any{new(photoInfo), new(table[number]), new(albumList), new(sessionStatus), nil} {
			err := c.read(t.Context(), opUpload, response(status, "", body), v)
			if _, ok := asFault(err); err != nil && !ok {
				t.Fatalf("%v (%T)", err, err)
			}
		}
	})
}

// sessionStatus is status, a word that the fuzz function needs itself.
type sessionStatus = status
