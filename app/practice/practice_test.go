package practice

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/jpeg"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/textproto"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/photoferry/photoferry/app/practice/picapport"
)

func start(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

func stop(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Close(context.WithoutCancel(t.Context())); err != nil {
		t.Error(err)
	}
}

// fetch gets a page, over https if the account has a fingerprint, which is checked.
func fetch(t *testing.T, method, url, fingerprint, kind string, body io.Reader) (int, string) {
	t.Helper()
	transport := &http.Transport{TLSClientConfig: &tls.Config{
		InsecureSkipVerify: true, // the fingerprint is checked instead
		VerifyConnection: func(c tls.ConnectionState) error {
			sum := sha256.Sum256(c.PeerCertificates[0].Raw)
			if hex.EncodeToString(sum[:]) != fingerprint {
				t.Error("another certificate")
			}
			return c.PeerCertificates[0].VerifyHostname("127.0.0.1")
		},
	}}
	defer transport.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	res, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		return 0, err.Error()
	}
	defer res.Body.Close()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error()
	}
	return res.StatusCode, string(out)
}

func get(t *testing.T, a Account, call string) (int, string) {
	t.Helper()
	return fetch(t, http.MethodGet, a.URL+"/picapportapi/1.0/"+call, a.Fingerprint, "", nil)
}

func upload(t *testing.T, a Account) (int, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	p, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="photos"; filename="a.jpg"`}, "Content-Type": {"image/jpeg"},
	})
	if err == nil {
		err = jpeg.Encode(p, image.NewRGBA(image.Rect(0, 0, 8, 8)), nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	return fetch(t, http.MethodPost, a.URL+"/picapportapi/1.0/upload?apisid=admin", a.Fingerprint, w.FormDataContentType(), &b)
}

func TestPracticeServesPicApportWithAnAccountThatStays(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	only := []string{"picapport"}
	s := start(t, Options{Dir: dir, Services: only, PicApport: picapport.Options{NoEncryption: true}})
	a := s.Accounts()["picapport"]
	text, err := json.Marshal(a)
	if err != nil || !strings.HasPrefix(string(text), `{"url":"http://127.0.0.1:`) || strings.Contains(string(text), "fingerprint") {
		t.Errorf("account is %s, %v", text, err)
	}
	info, err := os.Stat(filepath.Join(dir, "accounts.json"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("accounts.json: %v, %v", info.Mode(), err)
	}

	_, body := get(t, a, "createWebApiSession")
	var session struct{ APISID string }
	if err := json.Unmarshal([]byte(body), &session); err != nil {
		t.Fatal(err)
	}
	signIn := "authorizeWebApiSession?apisid=" + session.APISID + "&uid=" + a.User + "&pw="
	if status, _ := get(t, a, signIn+"wrong"); status != 403 {
		t.Errorf("wrong password: %d", status)
	}
	if status, body := get(t, a, signIn+a.Password); status != 200 {
		t.Errorf("sign-in: %d %s", status, body)
	}
	if status, body := upload(t, a); status != 200 || !strings.Contains(body, `"OK"`) {
		t.Errorf("upload: %d %s", status, body)
	}
	if n := len(s.PicApport().Received()); n != 1 {
		t.Errorf("received %d", n)
	}
	if kept, err := os.ReadDir(filepath.Join(dir, "picapport", "received")); err != nil || len(kept) != 1 {
		t.Errorf("kept %v, %v", kept, err)
	}

	address := strings.TrimPrefix(a.URL, "http://")
	stop(t, s)
	again := start(t, Options{Dir: dir, Services: only, Listen: address})
	if b := again.Accounts()["picapport"]; !reflect.DeepEqual(b, a) {
		t.Errorf("account was %+v, is %+v", a, b)
	}
	if n := len(again.PicApport().Received()); n != 1 {
		t.Errorf("received %d after a restart", n)
	}
}

func TestPracticeOverTLSKeepsItsCertificate(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Options{Dir: dir, TLS: true})
	a := s.Accounts()["picapport"]
	if !strings.HasPrefix(a.URL, "https://127.0.0.1:") || len(a.Fingerprint) != 64 || a.Fingerprint != s.Fingerprint() {
		t.Errorf("account %+v", a)
	}
	if status, body := get(t, a, "createWebApiSession"); status != 200 {
		t.Errorf("over TLS: %d %s", status, body)
	}
	if status, body := fetch(t, http.MethodGet, strings.Replace(a.URL, "https", "http", 1), "", "", nil); status != 400 {
		t.Errorf("without TLS: %d %s", status, body)
	}
	s.Faults("picapport").Set(Fault{Kind: ResetAfter, Times: 1})
	if status, _ := upload(t, a); status != 0 || len(s.PicApport().Received()) != 1 {
		t.Errorf("reset over TLS: %d, received %d", status, len(s.PicApport().Received()))
	}
	stop(t, s)
	if again := start(t, Options{Dir: dir, TLS: true}); again.Fingerprint() != a.Fingerprint {
		t.Error("the certificate has changed")
	}
}

func TestPracticeFaultsAreInForceFromTheStart(t *testing.T) {
	dir := t.TempDir()
	s := start(t, Options{Dir: dir, DropReceived: true, Faults: []string{
		"picapport/upload:reset-before:times=1", "picapport/upload:reset-after:times=1", "picapport/upload:diskfull:times=1", "picapport/checkPhotoId:expire:times=1",
	}})
	a := s.Accounts()["picapport"]
	stored := func() int { return len(s.PicApport().Received()) }
	for i, want := range []struct{ status, stored int }{{0, 0}, {0, 1}, {500, 1}, {200, 2}} {
		if status, body := upload(t, a); status != want.status || stored() != want.stored {
			t.Errorf("upload %d: %d %s, stored %d", i, status, body, stored())
		}
	}
	if kept, err := os.ReadDir(filepath.Join(dir, "picapport", "received")); err != nil || len(kept) != 0 {
		t.Errorf("kept %v, %v", kept, err)
	}
	if s.PicApport().Sessions() != 1 {
		t.Errorf("%d sessions", s.PicApport().Sessions())
	}
	get(t, a, "runQuery?apisid=picapport&query=@")
	get(t, a, "checkPhotoId?apisid=nobody&photoid=x")
	if n := s.PicApport().Sessions(); n != 0 {
		t.Errorf("%d sessions after they were forgotten", n)
	}
	if s.Faults("picapport").Hits() != 4 || s.Faults("piwigo").Hits() != 0 {
		t.Errorf("%+v", s.Faults("picapport").Armed())
	}
}

func TestPracticeRefusesWhatCannotWork(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer busy.Close()
	locked := t.TempDir()
	start(t, Options{Dir: locked})
	damaged := t.TempDir()
	if err := os.WriteFile(filepath.Join(damaged, "accounts.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(damaged, "tls.pem"), []byte("pem"), 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(damaged, "tls.pem")
	for want, o := range map[string]Options{
		"no directory given":              {},
		"not a directory":                 {Dir: file},
		"in use by another process":       {Dir: locked},
		"accounts.json is damaged":        {Dir: damaged},
		"address already in use":          {Listen: busy.Addr().String()},
		"want HOST:PORT":                  {Listen: "localhost"},
		"port is not a number":            {Listen: "localhost:http"},
		"this machine only":               {Listen: "0.0.0.0:0"},
		"unknown service \"flickr\"":      {Services: []string{"flickr"}},
		"named twice":                     {Services: []string{"picapport", "picapport"}},
		"unknown fault":                   {Faults: []string{"picapport:explode"}},
		"service \"piwigo\" does not run": {Services: []string{"picapport"}, Faults: []string{"piwigo:stall"}},
		"has no function \"Upload\"":      {Faults: []string{"picapport/Upload:stall"}},
		"unknown profile":                 {PicApport: picapport.Options{Profile: 1}},
	} {
		if o.Dir == "" && want != "no directory given" {
			o.Dir = t.TempDir()
		}
		s, err := Start(o)
		if err == nil {
			stop(t, s)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q: %v", want, err)
		}
	}
	if err := os.Remove(filepath.Join(damaged, "accounts.json")); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(Options{Dir: damaged, TLS: true}); err == nil || !strings.Contains(err.Error(), "tls.pem is damaged") {
		t.Errorf("damaged certificate: %v", err)
	}
}

func TestFaultsReachTheFunctionsOfEveryService(t *testing.T) {
	form := "application/x-www-form-urlencoded"
	for name, tt := range map[string]struct {
		function, path, body string // a call that needs no sign-in
		carrier, full        string // the function that carries photos, and what a full quota answers
	}{
		"picapport": {"getSharedGallerys", "/picapportapi/1.0/getSharedGallerys", "", "upload", "Internal Server Error"},
		"piwigo":    {"pwg.getVersion", "/ws.php?format=json", "method=pwg.getVersion", "pwg.images.addSimple", "{"},
		"ipernity":  {"test.hello", "/api/test.hello/json", "", "upload.file", `"code":"4"`},
		"universal": {"up.community.getList", "/api.php", "method=up.community.getList", "up.photos.upload", "325"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, Options{Dir: t.TempDir(), Services: []string{name}, Faults: []string{
				name + "/" + tt.function + ":status:code=418:times=1", name + "/" + tt.carrier + ":quota",
			}})
			a := s.Accounts()[name]
			if a.User == "" || a.Password == "" || (a.Secret != "") != (a.Options["api_key"] != "") {
				t.Errorf("account %+v", a)
			}
			call := func(path, body string) (int, string) {
				method := http.MethodGet
				if body != "" {
					method = http.MethodPost
				}
				return fetch(t, method, a.URL+path, "", form, strings.NewReader(body))
			}
			if status, _ := call(tt.path, tt.body); status != 418 {
				t.Errorf("the fault did not happen: %d", status)
			}
			if status, body := call(tt.path, tt.body); status == 418 {
				t.Errorf("the fault happened twice: %s", body)
			}
			path, body := strings.ReplaceAll(tt.path, tt.function, tt.carrier), strings.ReplaceAll(tt.body, tt.function, tt.carrier)
			if _, answer := call(path, body); !strings.Contains(answer, tt.full) {
				t.Errorf("a full quota answers %q, want %q in it", answer, tt.full)
			}
			if n := s.Faults(name).Hits(); n != 2 {
				t.Errorf("%d faults happened", n)
			}
		})
	}
}

func TestPracticeClosesWhileAFaultStalls(t *testing.T) {
	s := start(t, Options{Dir: t.TempDir(), Faults: []string{"picapport:stall"}})
	a := s.Accounts()["picapport"]
	done := make(chan int)
	go func() {
		status, _ := get(t, a, "createWebApiSession")
		done <- status
	}()
	waitFor(t, func() bool { return s.Faults("picapport").Hits() == 1 })
	stop(t, s)
	if status := <-done; status != 0 {
		t.Errorf("a stalled call got %d", status)
	}
	if status, _ := get(t, a, "createWebApiSession"); status != 0 {
		t.Errorf("a closed server answers %d", status)
	}
}
