package piwigo

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// capture is one exchange with a real server: see testdata/captured/README.md.
type capture struct {
	Name, Note, Setup string
	Request           struct {
		Method, Path string
		Headers      map[string]string
		Form         map[string]any
		Multipart    []struct {
			Name, Value, Filename string
			ContentType           string `json:"content_type"`
			Bytes                 int
			MD5                   string
		}
	}
	Response struct {
		Status      int
		ContentType string `json:"content_type"`
		Headers     map[string]string
		Body        string
		FullLength  int `json:"full_length"`
	}
}

func loadCaptures(t *testing.T) map[string]capture {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "captured", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no captures: %v", err)
	}
	out := map[string]capture{}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var c capture
		if err := json.Unmarshal(data, &c); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
		out[c.Name] = c
	}
	return out
}

// replay is a story being told to the emulator.
type replay struct {
	*rig
	story    story
	captures map[string]capture
	visits   map[string]*visit
	made     map[string][]byte // by the MD5 in the captures: bytes of our own
	sums     map[string]string // those MD5s -> the ones of our own bytes
}

var hex32 = regexp.MustCompile(`(?i)\b[0-9a-f]{32}\b`)

// bytes are a file that stands for one in the captures, of which only the MD5 is known.
func (r *replay) bytes(md5sum, filename string) []byte {
	if b, ok := r.made[md5sum]; ok {
		return b
	}
	seed := len(r.made) + 100
	data := dated(seed)
	switch filename {
	case "nodate.jpg":
		data = picture(seed)
	case "note.jpg":
		data = []byte("hello world")
	case "empty.jpg":
		data = nil
	case "half.jpg":
		data = data[:len(data)-200]
	case "really.jpg":
		var b bytes.Buffer
		if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 160, 120))); err != nil {
			r.t.Fatal(err)
		}
		data = b.Bytes()
	case "IMG_0001.HEIC", "movie.xyz":
		data = []byte("\x00\x00\x00\x18ftypheic and the rest of it")
	case "big.jpg":
		data = append(data, make([]byte, 3_000_000)...)
	case "huge.jpg":
		data = append(data, make([]byte, 9_000_000)...)
	}
	r.made[md5sum] = data
	r.sums[md5sum] = sum(data)
	return data
}

// text puts our own MD5s in the place of those in the captures.
func (r *replay) text(s string) string {
	return hex32.ReplaceAllStringFunc(s, func(m string) string {
		ours, ok := r.sums[strings.ToLower(m)]
		switch {
		case !ok:
			return m
		case m == strings.ToUpper(m):
			return strings.ToUpper(ours)
		}
		return ours
	})
}

// learn makes the files that the captures of a story are about, chunks as parts of
// their photos.
func (r *replay) learn() {
	for _, s := range r.story.steps {
		c := r.captures[s.capture]
		values := map[string]string{}
		for _, p := range c.Request.Multipart {
			values[p.Name] = p.Value
		}
		for _, p := range c.Request.Multipart {
			if p.MD5 == "" {
				continue
			}
			whole, chunks := values["original_sum"], max(1, intval(values["chunks"]))
			switch {
			case whole != "" && whole != p.MD5 && chunks > 1: // one of several chunks
				part := slice(r.bytes(whole, ""), intval(values["chunk"]), chunks)
				r.made[p.MD5], r.sums[p.MD5] = part, sum(part)
			case whole == "" && chunks > 1:
				part := slice(r.bytes("buffer "+values["name"], ""), intval(values["chunk"]), chunks)
				r.made[p.MD5], r.sums[p.MD5] = part, sum(part)
			case p.Bytes > 8<<20:
				r.bytes(p.MD5, "huge.jpg")
			case p.Bytes > 1<<20:
				r.bytes(p.MD5, "big.jpg")
			default:
				r.bytes(p.MD5, p.Filename)
			}
		}
		if sum, ok := c.Request.Form["original_sum"].(string); ok {
			r.bytes(sum, "")
		}
	}
}

var sessionName = regexp.MustCompile(`session0*(\d+)`)

// visit is the session that a capture's cookie stands for.
func (r *replay) visit(n string) *visit {
	if v := r.visits[n]; v != nil {
		return v
	}
	v := r.stranger()
	if user := r.story.sessions[n]; user != "" {
		v = r.as(user)
	}
	r.visits[n] = v
	return v
}

// send sends a capture's request as it would be here.
func (r *replay) send(c capture) answer {
	v := r.stranger()
	if m := sessionName.FindStringSubmatch(c.Request.Headers["Cookie"]); m != nil {
		v = r.visit(m[1])
	}
	v = &visit{rig: r.rig, cookie: v.cookie, token: v.token, header: http.Header{}}
	for name, value := range c.Request.Headers {
		if name != "Cookie" && name != "Content-Type" {
			v.header.Set(name, value)
		}
	}
	value := func(name, text string) any {
		if name == "pwg_token" && strings.HasPrefix(text, "feed") {
			return v.token
		}
		if name == "data" && c.Name == "addchunk_ok" {
			return base64.StdEncoding.EncodeToString(r.bytes(c.Request.Form["original_sum"].(string), ""))
		}
		return r.text(text)
	}
	var f fields
	for _, p := range c.Request.Multipart {
		if p.MD5 != "" {
			f = append(f, field{p.Name, fileField{p.Filename, r.made[p.MD5]}})
		} else {
			f = append(f, field{p.Name, value(p.Name, p.Value)})
		}
	}
	for name, x := range c.Request.Form {
		if list, ok := x.([]any); ok {
			for _, one := range list {
				f = append(f, field{name, value(name, fmt.Sprint(one))})
			}
			continue
		}
		f = append(f, field{name, value(name, fmt.Sprint(x))})
	}
	var got answer
	if c.Request.Method == http.MethodGet {
		got = v.get(c.Request.Path)
	} else {
		got = v.raw(c.Request.Path, f)
	}
	if m := sessionName.FindStringSubmatch(c.Response.Headers["Set-Cookie"]); m != nil && r.visits[m[1]] == nil && r.story.sessions[m[1]] == "" {
		r.visits[m[1]] = &visit{rig: r.rig, cookie: v.cookie, header: http.Header{}}
	}
	return got
}

func TestAnswersHaveTheShapeOfARealServers(t *testing.T) {
	t.Parallel()
	captures := loadCaptures(t)
	told := map[string]bool{}
	for _, s := range stories() {
		for _, st := range s.steps {
			told[st.capture] = true
		}
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.options.Users, s.options.APIKeys = labUsers(), labKeys()
			r := &replay{
				rig: newRig(t, s.options), story: s, captures: captures,
				visits: map[string]*visit{}, made: map[string][]byte{}, sums: map[string]string{},
			}
			r.learn()
			for _, st := range s.steps {
				c, ok := captures[st.capture]
				if !ok {
					t.Errorf("there is no capture %s", st.capture)
					continue
				}
				if st.before != nil {
					st.before(r)
				}
				compare(t, c, r.send(c))
			}
		})
	}
	for name := range captures {
		if !told[name] && elsewhere[name] == "" {
			t.Errorf("capture %s is in no story", name)
		}
	}
}

// telling are members whose values are compared as well as their types.
var telling = []string{"message", "info", "add_status", "file", "status", "username", "connected_with", "ready_for_upload",
	"real_user_status", "state", "upload_file_types", "date_creation", "author", "comment", "label", "upload_categories_getList_method"}

// compare checks what a client could see: status, type, PHP's messages, and the shape of
// the JSON or the words of a page.
func compare(t *testing.T, c capture, got answer) {
	t.Helper()
	want := parseAnswer(c.Response.Status, nil, c.Response.Body)
	if c.Response.FullLength > 0 && strings.HasPrefix(want.body, `{"stat":"ok"`) {
		compareBeginning(t, c.Name, got, want)
		return
	}
	if got.status != want.status || got.json != want.json || got.Stat != want.Stat || got.Err != want.Err {
		t.Errorf("%s: %d %.300s\nwant %d %.300s", c.Name, got.status, got.body, want.status, want.body)
		return
	}
	kind, _, _ := strings.Cut(got.header.Get("Content-Type"), ";")
	if wantKind, _, _ := strings.Cut(c.Response.ContentType, ";"); kind != wantKind {
		t.Errorf("%s: content type %s, want %s", c.Name, kind, wantKind)
	}
	if got.Message != want.Message {
		t.Errorf("%s: message %q, want %q", c.Name, got.Message, want.Message)
	}
	if !slices.Equal(masked(got.notices), masked(want.notices)) {
		t.Errorf("%s: PHP says %q, want %q", c.Name, got.notices, want.notices)
	}
	for _, name := range []string{"Retry-After", "WWW-Authenticate", "Set-Cookie"} {
		w, g := c.Response.Headers[name], got.header.Get(name)
		kindOf := func(s string) string { return s[:strings.IndexAny(s+"= ", "= ")] } // Basic, pwg_id
		if c.Name == "tf_login" {
			continue // there are several cookies, of which the capture has another one
		}
		if name == "Retry-After" && g != w || kindOf(w) != "" && kindOf(g) != kindOf(w) {
			t.Errorf("%s: %s is %q, want %q", c.Name, name, g, w)
		}
	}
	switch {
	case strings.HasPrefix(c.Name, "exist_"): // what is there differs, and so do the MD5s
		if g, w := fmt.Sprintf("%T", got.Result), fmt.Sprintf("%T", want.Result); g != w {
			t.Errorf("%s: %s, want %s", c.Name, g, w)
		}
	case c.Name == "method_list":
		compareMethods(t, got.Result, want.Result)
	case want.json:
		shape(t, c.Name, "result", anyMD5(got.Result), anyMD5(want.Result))
	case len(want.notices) == 0 && want.status == 200 && c.Name != "login_page" && strings.TrimSpace(got.body) != strings.TrimSpace(want.body):
		t.Errorf("%s: %q, want %q", c.Name, got.body, want.body)
	}
}

var beginning = regexp.MustCompile(`"(file|name|date_creation|comment|author|level)":("(?:[^"\\]|\\.)*"|null)`)

// compareBeginning compares what there is of an answer that was cut: the words in front,
// of the photo itself.
func compareBeginning(t *testing.T, name string, got, want answer) {
	t.Helper()
	if got.status != want.status || !got.json || got.Stat != "ok" {
		t.Errorf("%s: %d %.300s", name, got.status, got.body)
		return
	}
	members := got.Result.(map[string]any)
	seen := map[string]bool{}
	for _, m := range beginning.FindAllStringSubmatch(want.body, -1) {
		var w any
		if err := json.Unmarshal([]byte(m[2]), &w); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if g := members[m[1]]; !seen[m[1]] && g != w {
			t.Errorf("%s: %s is %v, want %v", name, m[1], g, w)
		}
		seen[m[1]] = true
	}
}

// masked takes out of PHP's messages what is of that one moment.
func masked(notices []string) []string {
	var out []string
	for _, n := range notices {
		out = append(out, hex32.ReplaceAllString(n, "md5"))
	}
	return out
}

// compareMethods: all methods here are real ones.
func compareMethods(t *testing.T, got, want any) {
	t.Helper()
	real := want.(map[string]any)["methods"].([]any)
	for _, m := range got.(map[string]any)["methods"].([]any) {
		if !slices.Contains(real, m) {
			t.Errorf("a real server has no method %s", m)
		}
	}
}

// anyMD5 makes the MD5s that are names of members equal.
func anyMD5(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return v
	}
	out := map[string]any{}
	for key, one := range m {
		out[hex32.ReplaceAllString(key, "md5")] = one
	}
	return out
}

// shape compares members and types, of lists those of the first elements.
func shape(t *testing.T, name, at string, got, want any) {
	t.Helper()
	if fmt.Sprintf("%T", got) != fmt.Sprintf("%T", want) {
		t.Errorf("%s: %s is %T %v, want %T %v", name, at, got, got, want, want)
		return
	}
	switch want := want.(type) {
	case map[string]any:
		got := got.(map[string]any)
		for key, w := range want {
			g, ok := got[key]
			if !ok {
				t.Errorf("%s: %s.%s is missing", name, at, key)
				continue
			}
			if slices.Contains(telling, key) && fmt.Sprint(g) != fmt.Sprint(w) && g != nil && w != nil {
				t.Errorf("%s: %s.%s is %v, want %v", name, at, key, g, w)
			}
			shape(t, name, at+"."+key, g, w)
		}
		for key := range got {
			if _, ok := want[key]; !ok {
				t.Errorf("%s: %s.%s is not there on a real server", name, at, key)
			}
		}
	case []any:
		got := got.([]any)
		if (len(got) == 0) != (len(want) == 0) {
			t.Errorf("%s: %s has %d elements, want %d", name, at, len(got), len(want))
		} else if len(want) > 0 {
			shape(t, name, at+"[0]", got[0], want[0])
		}
	}
}
