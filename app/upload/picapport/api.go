package picapport

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
)

// newSessionAnswer is what createWebApiSession answers.
type newSessionAnswer struct {
	APISID     string  `json:"apisid"`
	Authorised boolish `json:"authorised"` // webapi.default.uid is set
	Algorithm  string  `json:"algorithm"`  // "RSA" or "none"
	Exponent   string  `json:"exponent"`   // hexadecimal
	Modulus    string  `json:"modulus"`    // hexadecimal
}

// serverStatus is what getServerStatus answers. A nil *serverStatus stands for
// servers before 8.3, which have no such function.
type serverStatus struct {
	Major     number   `json:"versionMajor"`
	Minor     number   `json:"versionMinor"`
	Version   string   `json:"version"` // "V8.3.0 06.05.2020"
	IsValid   *boolish `json:"isValid"`
	UID       string   `json:"uid"`
	Name      string   `json:"name"`
	CanUpload boolish  `json:"canUpload"`
	MaxMB     *number  `json:"uploadMaxFilesizeMB"` // since 9.2; 1 MB is 1,000,000 bytes
	Videos    []string `json:"supportedVideoTypes"` // since 9.2: ".mov"
}

// photoCheck is what checkPhotoId answers.
type photoCheck struct {
	PhotoID       string   `json:"photoID"`
	Exists        *boolish `json:"exists"`
	AlreadySynced *boolish `json:"alreadySynced"` // since 9.1.04
}

// boolish is a boolean that may be written as a string or number.
type boolish bool

// UnmarshalJSON implements [json.Unmarshaler].
func (b *boolish) UnmarshalJSON(data []byte) error {
	switch strings.ToLower(strings.Trim(string(data), `"`)) {
	case "true", "1":
		*b = true
	case "false", "0", "null":
		*b = false
	default:
		return errors.New("not a boolean")
	}
	return nil
}

// number is a number that may be written as a string; anything that is none
// counts as 0.
type number float64

// UnmarshalJSON implements [json.Unmarshaler].
func (n *number) UnmarshalJSON(data []byte) error {
	text := strings.Replace(strings.TrimSpace(strings.Trim(string(data), `"`)), ",", ".", 1)
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		f = 0
	}
	*n = number(f)
	return nil
}

// product returns the server's name and version for people.
func (st *serverStatus) product() string {
	if st == nil {
		return "PicApport before 8.3"
	}
	version, _, _ := strings.Cut(upload.Foreign(st.Version), " ")
	if version == "" {
		return "PicApport"
	}
	return "PicApport " + version
}

// user returns the signed-in user's name for people.
func (st *serverStatus) user(a upload.Account) string {
	if st != nil {
		for _, name := range []string{st.Name, st.UID} {
			if name := upload.Foreign(name, a.Secret); name != "" {
				return name
			}
		}
	}
	if a.User == "" {
		return "the default user"
	}
	return a.User
}

// maxBytes returns the largest file in bytes; 0 when the server does not tell.
func (st *serverStatus) maxBytes() int64 {
	if st == nil || st.MaxMB == nil || *st.MaxMB <= 0 || *st.MaxMB > 1e12 {
		return 0
	}
	return int64(float64(*st.MaxMB) * 1e6)
}

// kinds returns what upload takes: JPEG always, and the videos that the server
// names.
func (st *serverStatus) kinds() []photo.Kind {
	kinds := []photo.Kind{photo.JPEG}
	if st == nil {
		return kinds
	}
	for _, k := range []photo.Kind{photo.MP4, photo.MOV} {
		if slices.ContainsFunc(st.Videos, func(ext string) bool {
			return strings.EqualFold(strings.TrimPrefix(ext, "."), strings.TrimPrefix(k.Ext(), "."))
		}) {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

// knowsSyncCheck reports whether the server understands doSyncCheck, which
// came with 9.1.04. To 9.1.03 it is one more key that is passed over.
func (st *serverStatus) knowsSyncCheck() bool {
	return st != nil && (st.Major > 9 || st.Major == 9 && st.Minor >= 1 || st.MaxMB != nil)
}

// objection returns why the server would refuse the item, as far as it tells.
func (st *serverStatus) objection(it upload.Item, a upload.Account) error {
	switch {
	case !slices.Contains(st.kinds(), it.Kind):
		return notTaken(it.Kind)
	case st == nil:
		return nil
	case !bool(st.CanUpload):
		return noRight(st, a)
	case st.maxBytes() > 0 && it.Size > st.maxBytes():
		return tooBig(it.Size, st.maxBytes())
	}
	return nil
}

func notTaken(k photo.Kind) error {
	return &upload.Error{
		Kind: upload.Rejected, Op: opUpload,
		Reason: fmt.Sprintf("this PicApport server does not take files of the kind %s", k),
		Hint:   "Upload takes JPEG, and since PicApport 9.2 the videos that the server has a plug-in for. Convert the file to JPEG.",
	}
}

func tooBig(size, limit int64) error {
	e := &upload.Error{
		Kind: upload.Rejected, Op: opUpload,
		Reason: "the file is too big for the server: " + megabytes(size),
		Hint:   "Raise upload.max.filesize.mb on the server, or send a smaller version.",
	}
	if limit > 0 {
		e.Reason += ", and it takes " + megabytes(limit)
	}
	return e
}

// megabytes writes a size as PicApport counts: in units of 1,000,000 bytes.
func megabytes(n int64) string {
	return strconv.FormatFloat(math.Ceil(float64(n)/1e5)/10, 'f', -1, 64) + " MB"
}

// do sends a GET request. A status is not looked at.
func (c *Client) do(ctx context.Context, op, address string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, &upload.Error{Kind: upload.Denied, Op: op, Reason: "the account's address cannot be used"}
	}
	req.Header.Set("Cache-Control", "no-cache")
	resp, err := c.hc.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		e := upload.Classify(opReach, err)
		return nil, e
	}
	return resp, nil
}

// get calls a function in a session and decodes its answer. A status that is
// about a photo is none here.
func (c *Client) get(ctx context.Context, s *session, op, function string, q url.Values, v any) error {
	resp, err := c.do(ctx, op, s.url(function, q))
	if err != nil {
		return err
	}
	err = c.read(ctx, op, resp, v)
	if e, ok := errors.AsType[*upload.Error](err); ok && e.Kind == upload.Rejected {
		e.Kind = upload.Transient
	}
	return err
}

// read decodes an answer. What may come from a session that the server has
// forgotten is a [lostSession]: 403, and other refusals that speak of it.
func (c *Client) read(ctx context.Context, op string, resp *http.Response, v any) error {
	body, err := upload.ReadJSON(ctx, op, resp, v)
	e, ok := errors.AsType[*upload.Error](err)
	if !ok {
		return err
	}
	switch e.Status {
	case http.StatusForbidden:
		return &lostSession{e}
	case http.StatusBadRequest, http.StatusNotFound, http.StatusInternalServerError:
		if bytes.Contains(bytes.ToLower(body), []byte("session")) {
			return &lostSession{e}
		}
	}
	return e
}

// isMissingFunction reports whether the server is too old for a function: the
// documents list both statuses and say for none when it is given.
func isMissingFunction(err error) bool {
	e, ok := errors.AsType[*upload.Error](err)
	return ok && (e.Status == http.StatusNotFound || e.Status == http.StatusNotImplemented)
}

// uploadAnswer is what upload answers: a session, and an outcome per photo.
type uploadAnswer struct {
	session string
	photos  []uploadedPhoto
}

type uploadedPhoto struct {
	fileName    string
	contentType string
	photoID     string
	outcome     string
	size        int64
}

// name returns the file's name on the server without its folders, which some
// functions name as well.
func (p uploadedPhoto) name() string {
	name := p.fileName[strings.LastIndexAny(p.fileName, `/\`)+1:]
	return upload.Foreign(name)
}

// UnmarshalJSON implements [json.Unmarshaler]. Three names of the answer are
// not known: those of the list, of a photo's size and of its outcome. They are
// told by what they hold.
func (a *uploadAnswer) UnmarshalJSON(data []byte) error {
	*a = uploadAnswer{}
	var list []json.RawMessage
	if err := json.Unmarshal(data, &list); err != nil {
		all, err := members(data)
		if err != nil {
			return err
		}
		found := false
		for _, m := range all {
			if m.name == "apisid" {
				a.session = m.text()
			}
			if !found && json.Unmarshal(m.value, &list) == nil && isObjects(list) {
				found = true
			}
		}
		if !found {
			return errors.New("no list of photos")
		}
	} else if !isObjects(list) {
		return errors.New("not a list of photos")
	}
	for _, raw := range list {
		p, err := parseUploaded(raw)
		if err != nil {
			return err
		}
		a.photos = append(a.photos, p)
	}
	return nil
}

// isObjects reports whether all elements are objects. An empty list is one of
// no photos.
func isObjects(list []json.RawMessage) bool {
	return list != nil && !slices.ContainsFunc(list, func(raw json.RawMessage) bool {
		return !bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{"))
	})
}

// outcomeNames are the names that the outcome may have, likeliest first.
var outcomeNames = []string{"result", "status", "resultCode", "message", "msg", "error"}

func parseUploaded(raw json.RawMessage) (uploadedPhoto, error) {
	all, err := members(raw)
	if err != nil {
		return uploadedPhoto{}, err
	}
	var p uploadedPhoto
	rank := len(outcomeNames) + 1
	sized := false
	for _, m := range all {
		switch m.name {
		case "fileName":
			p.fileName = m.text()
			continue
		case "contentType":
			p.contentType = m.text()
			continue
		case "photoID":
			p.photoID = m.text()
			continue
		}
		if text := m.text(); text != "" {
			r := slices.Index(outcomeNames, m.name)
			if r < 0 && looksLikeOutcome(text) {
				r = len(outcomeNames)
			}
			if r >= 0 && r < rank {
				p.outcome, rank = text, r
			}
			continue
		}
		var size float64
		if !sized && json.Unmarshal(m.value, &size) == nil && size >= 0 && size < 1<<62 {
			p.size, sized = int64(size), true
		}
	}
	return p, nil
}

type member struct {
	name  string
	value json.RawMessage
}

// text returns the value if it is a string, "" otherwise.
func (m member) text() string {
	var s string
	_ = json.Unmarshal(m.value, &s) // anything else leaves ""
	return s
}

// members returns an object's members in their order.
func members(data []byte) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return nil, errors.New("not an object")
	}
	var all []member
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return nil, err
		}
		name, ok := t.(string)
		if !ok {
			return nil, errors.New("not an object")
		}
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		all = append(all, member{name, value})
	}
	return all, nil
}

// outcomeClass is what an outcome text means.
type outcomeClass uint8

const (
	outcomeOther outcomeClass = iota // not documented: ask, then try again
	outcomeStored
	outcomeTooBig
	outcomeType
)

// classOf reads an outcome text. The documented ones are compared without
// regard to case, blanks around and a full stop, on which the copies differ.
func classOf(text string) outcomeClass {
	switch strings.ToLower(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(text), "."))) {
	case "ok":
		return outcomeStored
	case "server error: file too big":
		return outcomeTooBig
	case "server error: invalid content type":
		return outcomeType
	}
	return outcomeOther
}

func looksLikeOutcome(text string) bool {
	return classOf(text) != outcomeOther || strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), "server error")
}
