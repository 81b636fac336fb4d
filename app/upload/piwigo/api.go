package piwigo

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/photoferry/photoferry/app/upload"
)

// answer is what every method answers.
type answer struct {
	Stat    text            `json:"stat"`
	Err     number          `json:"err"`
	Message text            `json:"message"`
	Result  json.RawMessage `json:"result"`

	// Error is of the upload form's library, which pwg.images.upload repeats.
	Error *struct {
		Code    number `json:"code"`
		Message text   `json:"message"`
	} `json:"error"`
}

// answerStart is where an answer begins in a body.
var answerStart = regexp.MustCompile(`\{\s*"(?:stat|jsonrpc)"\s*:`)

// maxStarts bounds how often the beginning of an answer is looked for: a
// warning may quote one.
const maxStarts = 8

// findAnswer looks for the answer among what PHP wrote around it.
func findAnswer(body []byte) (answer, bool) {
	for range maxStarts {
		at := answerStart.FindIndex(body)
		if at == nil {
			break
		}
		var a answer
		if json.NewDecoder(bytes.NewReader(body[at[0]:])).Decode(&a) == nil && (a.Stat != "" || a.Error != nil) {
			return a, true
		}
		body = body[at[1]:]
	}
	return answer{}, false
}

// text is a string that may be written as a number or be missing.
type text string

// UnmarshalJSON implements [json.Unmarshaler]. What is no plain value is "".
func (t *text) UnmarshalJSON(data []byte) error {
	var s string
	switch {
	case json.Unmarshal(data, &s) == nil:
		*t = text(s)
	case len(data) > 0 && (data[0] == '-' || data[0] >= '0' && data[0] <= '9'):
		*t = text(data)
	default:
		*t = ""
	}
	return nil
}

// number is a whole number that may be written as a string; anything that is
// none counts as 0.
type number int64

// UnmarshalJSON implements [json.Unmarshaler].
func (n *number) UnmarshalJSON(data []byte) error {
	s := strings.TrimSpace(strings.Trim(string(data), `"`))
	v, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		if f, ferr := strconv.ParseFloat(s, 64); ferr == nil && f > -1<<53 && f < 1<<53 {
			v = int64(f)
		} else {
			v = 0
		}
	}
	*n = number(v)
	return nil
}

func (n number) String() string { return strconv.FormatInt(int64(n), 10) }

// photoID is the ID of a photo. Quoted tells an old photo from a new one: it
// comes from the server's database as a string, and as a number otherwise.
type photoID struct {
	number
	quoted bool
}

// UnmarshalJSON implements [json.Unmarshaler].
func (p *photoID) UnmarshalJSON(data []byte) error {
	p.quoted = len(data) > 0 && data[0] == '"'
	return p.number.UnmarshalJSON(data)
}

// table is a JSON object by key. PHP writes an empty one as a list.
type table[V any] struct {
	rows map[string]V
	list bool
}

// UnmarshalJSON implements [json.Unmarshaler].
func (t *table[V]) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		t.rows, t.list = nil, true
		return nil
	}
	return json.Unmarshal(data, &t.rows)
}

// status is what pwg.session.getStatus answers.
type status struct {
	Username text `json:"username"`
	Status   text `json:"status"` // guest, generic, normal, admin, webmaster
	Token    text `json:"pwg_token"`
	Version  text `json:"version"`
	Types    text `json:"upload_file_types"` // "jpg,jpeg,png", for those who may upload
}

// guest reports whether nobody is signed in.
func (st *status) guest() bool { return st.Status == "guest" || st.Status == "" }

// mayUpload reports whether the user has the right, or is said by the Community
// plugin to have it.
func (st *status) mayUpload() bool { return st.Status == "admin" || st.Status == "webmaster" }

// photoInfo is what is of use in the answer of pwg.images.getInfo, which is
// that of a finished pwg.images.uploadAsync as well.
type photoInfo struct {
	ID          number            `json:"id"`
	File        text              `json:"file"`
	MD5         text              `json:"md5sum"`
	Level       number            `json:"level"`
	ElementURL  text              `json:"element_url"`
	Derivatives table[derivative] `json:"derivatives"`
	Categories  []struct {
		ID number `json:"id"`
	} `json:"categories"`
	Message text `json:"message"` // of an uploadAsync that is not finished
}

type derivative struct {
	URL    text   `json:"url"`
	Width  number `json:"width"`
	Height number `json:"height"`
}

// endpoint is the address of a method. Everything else goes into the body: with
// an API key in the header the server overlooks parameters in the address.
// The method is repeated there, so that a body that the server dropped for its
// size can be told from a mistake of ours.
func endpoint(root, method string) string {
	return root + "/ws.php?format=json&method=" + url.QueryEscape(method)
}

// post calls a method. A status is not looked at.
func (c *Client) post(ctx context.Context, s *session, method string, q url.Values) (*http.Response, error) {
	if q == nil {
		q = url.Values{}
	}
	q.Set("method", method) // a body without anything is no POST to PHP
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, endpoint(s.root, method), strings.NewReader(q.Encode()))
	if err != nil {
		return nil, &upload.Error{Kind: upload.Denied, Op: opReach, Reason: "the account's address cannot be used", Hint: "Correct the account's address."}
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return c.do(ctx, s, req)
}

// do sends a request with what the session and the web server in front want.
func (c *Client) do(ctx context.Context, s *session, req *http.Request) (*http.Response, error) {
	c.dress(s, req)
	resp, err := s.hc.Do(req)
	if err != nil {
		return nil, upload.Failed(ctx, opReach, err)
	}
	return resp, nil
}

func (c *Client) dress(s *session, req *http.Request) {
	if s.key != "" {
		req.Header.Set("X-PIWIGO-API", s.key)
	}
	if c.front.user != "" || c.front.password != "" {
		req.SetBasicAuth(c.front.user, c.front.password)
	}
}

// call calls a method and decodes its result into v, which may be nil. An error
// is the context's own, or is or wraps an [*upload.Error]; what the server
// itself said is a [*fault].
func (c *Client) call(ctx context.Context, s *session, op, method string, q url.Values, v any) error {
	resp, err := c.post(ctx, s, method, q)
	if err != nil {
		return err
	}
	err = c.read(ctx, op, resp, v)
	// What is said about a photo is none when no photo was sent.
	if f, ok := asFault(err); ok && f.is.Kind == upload.Rejected && f.means != notThere {
		f.is.Kind = upload.Transient
	}
	return err
}

// read reads and closes an answer and decodes its result into v.
func (c *Client) read(ctx context.Context, op string, resp *http.Response, v any) error {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	a, found := findAnswer(body)
	switch {
	case found && a.Stat == "ok":
		if v == nil || json.Unmarshal(a.Result, v) == nil {
			return nil
		}
		return &fault{is: upload.Unreadable(op, resp, body)}
	case err != nil && !found && resp.StatusCode == http.StatusOK:
		return upload.Failed(ctx, op, err)
	}
	return c.failure(op, resp, body, a, found)
}
