package picapport

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
)

// Keys of [upload.Account.Options].
const (
	optionAPIKey = "api_key"
	optionVerify = "verify"
)

// Service is PicApport. An account's secret is the user's password. Without a
// password the user's ID itself names the session, which servers allow when
// both are the same; without a user the server's default user is taken.
var Service = upload.Service{
	ID:    "picapport",
	Name:  "PicApport",
	Takes: takes,

	ByOriginal: true,
	New: func(a upload.Account, hc *http.Client) (upload.Uploader, error) {
		return New(a, hc)
	},
	Options: map[string]string{
		optionAPIKey: "the server's webapi.apikey, if it has one",
		optionVerify: `"no" trusts the answer to an upload; otherwise the server is asked for each photo after it`,
	},
	Private: []string{optionAPIKey},
}

// takes knows that every server takes JPEG, and that since 9.2 it tells which
// videos. Formats that its plug-ins can show are refused by upload.
func takes(l upload.Limits, kind photo.Kind) bool {
	return kind == photo.JPEG || slices.Contains(l.Kinds, kind)
}

// Client is one account on one server.
type Client struct {
	account upload.Account
	root    string // without trailing slash
	hc      *http.Client
	verify  bool

	sessions *upload.Sessions[session]
	modern   atomic.Bool // the server has been seen to be 8.3 or newer
}

var (
	_ upload.Uploader = (*Client)(nil)
	_ upload.Viewer   = (*Client)(nil)
)

// New returns a client. It does no I/O; the error says what is wrong with the
// account, for people.
func New(a upload.Account, hc *http.Client) (*Client, error) {
	root, err := cleanRoot(a.URL)
	if err != nil {
		return nil, &upload.Error{Kind: upload.Denied, Op: "read the account", Reason: err.Error(), Hint: "Correct the account's address."}
	}
	c := &Client{account: a, root: root, hc: hc}
	c.sessions = upload.NewSessions(c.signIn)
	switch v := a.Options[optionVerify]; v {
	case "", "yes", "true":
		c.verify = true
	case "no", "false":
	default:
		return nil, &upload.Error{Kind: upload.Denied, Op: "read the account", Reason: `the option "verify" is neither "yes" nor "no"`, Hint: "Correct the account's settings."}
	}
	return c, nil
}

// cleanRoot accepts the addresses of the server's own pages as well, because
// that is what people copy from their browser.
func cleanRoot(typed string) (string, error) {
	root, err := upload.CleanURL(typed)
	if err != nil {
		return "", err
	}
	for _, page := range []string{"/picapportapi/1.0", "/picapportapi", "/picapport-webapitest.html", "/picapport"} {
		root = strings.TrimSuffix(root, page)
	}
	return root, nil
}

// What is being done, as errors name it.
const (
	opReach  = "reach the server"
	opSignIn = "sign in"
	opStatus = "ask for the server's status"
	opFind   = "ask for the photo"
	opUpload = "upload"
	opView   = "show the photo"
)

// Check implements [upload.Uploader].
func (c *Client) Check(ctx context.Context) (upload.Limits, error) {
	l := upload.Limits{Free: -1}
	tick := func(what string, ok bool, format string, args ...any) {
		l.Ticks = append(l.Ticks, upload.Tick{What: what, OK: ok, Detail: fmt.Sprintf(format, args...)})
	}
	var signedIn *session
	err := c.inSession(ctx, opStatus, func(s *session) error {
		signedIn = s
		return c.refresh(ctx, s)
	})
	if err != nil {
		e, ok := errors.AsType[*upload.Error](err)
		switch {
		case !ok:
			return l, err
		case e.Op == opReach:
			tick("Address", false, "%s", e.Reason)
		default:
			tick("Address", true, "%s", c.root)
			tick("Sign-in", false, "%s", e.Reason)
		}
		return l, err
	}

	st := signedIn.status.Load()
	l.Server, l.User = st.product(), st.user(c.account)
	l.MaxBytes, l.Kinds, l.CanFind = st.maxBytes(), st.kinds(), st != nil
	tick("Address", true, "%s at %s", l.Server, signedIn.root)
	if signedIn.exposed {
		tick("Sign-in", true, "as %s; the password travels unencrypted, because the server wants it so", l.User)
	} else {
		tick("Sign-in", true, "as %s", l.User)
	}
	if st == nil {
		tick("May upload", true, "this server does not tell")
		tick("Largest photo", true, "this server does not tell")
		tick("Duplicate check", false, "PicApport has it since 8.3; when an answer is lost, you will be asked")
		return l, nil
	}
	if !st.CanUpload {
		tick("May upload", false, "%s may not", l.User)
		return l, noRight(st, c.account)
	}
	tick("May upload", true, "")
	if l.MaxBytes > 0 {
		tick("Largest photo", true, "%s", megabytes(l.MaxBytes))
	} else {
		tick("Largest photo", true, "this server does not tell")
	}
	tick("Duplicate check", true, "by photo ID")
	return l, nil
}

// Find implements [upload.Uploader].
func (c *Client) Find(ctx context.Context, it upload.Item) (upload.Receipt, error) {
	var r upload.Receipt
	err := c.inSession(ctx, opFind, func(s *session) (err error) {
		r, err = c.find(ctx, s, PhotoID(it.SHA256))
		return err
	})
	return r, err
}

// find asks for one photo ID.
func (c *Client) find(ctx context.Context, s *session, id string) (upload.Receipt, error) {
	if s.status.Load() == nil {
		return upload.Receipt{}, errors.ErrUnsupported
	}
	var a photoCheck
	err := c.get(ctx, s, opFind, "checkPhotoId", url.Values{"photoid": {id}}, &a)
	if isMissingFunction(err) {
		err = vanished(err) // it came together with getServerStatus, which is there
	}
	if err != nil {
		return upload.Receipt{}, err
	}
	r := upload.Receipt{RemoteID: id, URL: c.link(s, id), Known: true}
	switch {
	case a.Exists == nil, a.PhotoID != "" && a.PhotoID != id:
		return upload.Receipt{}, &upload.Error{Op: opFind, Reason: "the server answered something else than was asked"}
	case bool(*a.Exists):
		r.Verified = verifiedByID
		return r, nil
	case a.AlreadySynced != nil && bool(*a.AlreadySynced):
		r.Gone, r.URL = true, ""
		return r, nil
	}
	return upload.Receipt{}, upload.ErrNotFound
}

const verifiedByID = "the server was asked for the photo's ID and has it"

// Upload implements [upload.Uploader].
func (c *Client) Upload(ctx context.Context, it upload.Item) (upload.Receipt, error) {
	var r upload.Receipt
	err := c.inSession(ctx, opUpload, func(s *session) (err error) {
		if err = c.admit(ctx, s, it); err != nil {
			return err
		}
		r, err = c.send(ctx, s, it)
		return err
	})
	return r, err
}

// admit refuses what the server is known to refuse, before any byte is sent.
// What was learned at sign-in may be out of date, so it is asked again before
// a photo is refused for it.
func (c *Client) admit(ctx context.Context, s *session, it upload.Item) error {
	if s.status.Load() == nil && it.Mark == markSent {
		return unsure(nil)
	}
	err := s.status.Load().objection(it, c.account)
	if err == nil {
		return nil
	}
	if err := c.refresh(ctx, s); err != nil {
		return err
	}
	return s.status.Load().objection(it, c.account)
}

// markSent is the mark of a job whose last bytes went to a server that cannot
// be asked whether it got them.
const markSent = "sent"

func unsure(cause error) error {
	return &upload.Error{
		Kind: upload.Unsure, Op: opUpload, Err: cause,
		Reason: "the photo was sent, but its answer was lost, and this server cannot be asked whether it has it",
		Hint:   "Look for it on the server; then send it again or mark it as sent.",
	}
}

// send makes one transmission and judges what the server says about it.
func (c *Client) send(ctx context.Context, s *session, it upload.Item) (upload.Receipt, error) {
	askable := s.status.Load() != nil
	form, err := c.form(s, it)
	if err != nil {
		return upload.Receipt{}, err
	}
	if !askable && it.SetMark != nil {
		form.Commit = func() error { return it.SetMark(markSent) }
	}
	answer, whole, err := c.post(ctx, s, form)
	if err == nil {
		var r upload.Receipt
		r, err = c.judge(ctx, s, it, answer)
		if err == nil {
			return r, nil
		}
	}
	if askable || !whole {
		return upload.Receipt{}, err
	}
	if mayBeStored(ctx, err) {
		if ctx.Err() != nil {
			return upload.Receipt{}, err // the mark remembers
		}
		return upload.Receipt{}, unsure(err)
	}
	if it.SetMark != nil {
		if merr := it.SetMark(""); merr != nil {
			return upload.Receipt{}, errors.Join(err, merr)
		}
	}
	return upload.Receipt{}, err
}

// mayBeStored reports whether a server that got all of a photo may have kept
// it although the upload ended with err.
func mayBeStored(ctx context.Context, err error) bool {
	if ctx.Err() != nil {
		return true
	}
	if isLost(err) {
		return false
	}
	e, ok := errors.AsType[*upload.Error](err)
	return !ok || e.Kind == upload.Transient && !errors.Is(err, errRefused)
}

// post sends the form. Whole reports whether all of the photo was handed to
// the network.
func (c *Client) post(ctx context.Context, s *session, form upload.Form) (a *uploadAnswer, whole bool, err error) {
	sending, err := form.Post(ctx, s.url("upload", url.Values{}))
	if err != nil {
		return nil, false, upload.Failed(ctx, opUpload, err)
	}
	defer sending.Stop()
	resp, err := c.hc.Do(sending.Request)
	if err != nil {
		return nil, sending.Complete(), sending.Failed(opUpload, err)
	}
	a = new(uploadAnswer)
	err = c.read(ctx, opUpload, resp, a)
	if e, ok := errors.AsType[*upload.Error](err); ok && e.Status == http.StatusBadRequest {
		// Nothing that is wrong with a photo gives this status, but a server that
		// goes down while it reads one takes it for cut off.
		e.Kind, e.Reason, e.Hint = upload.Transient, "the server did not understand the upload", "It may have been restarting. If this goes on, its log says more."
	}
	return a, sending.Complete(), err
}

// judge turns the outcome of a photo into a receipt or an error.
func (c *Client) judge(ctx context.Context, s *session, it upload.Item, a *uploadAnswer) (upload.Receipt, error) {
	s.adopt(a.session)
	if len(a.photos) != 1 {
		return c.ask(ctx, s, it, &upload.Error{Op: opUpload, Reason: fmt.Sprintf("the server's answer is about %d photos, not one", len(a.photos))})
	}
	p := a.photos[0]
	switch classOf(p.outcome) {
	case outcomeStored:
		r := upload.Receipt{RemoteID: p.photoID, Name: p.name()}
		if r.RemoteID == "" && s.status.Load() != nil {
			r.RemoteID = PhotoID(it.SHA256)
		}
		r.URL = c.link(s, r.RemoteID)
		r.Verified = c.confirm(ctx, s, r.RemoteID)
		return r, nil
	case outcomeTooBig:
		return upload.Receipt{}, tooBig(it.Size, s.status.Load().maxBytes())
	case outcomeType:
		return upload.Receipt{}, notTaken(it.Kind)
	}
	said := upload.Foreign(p.outcome, c.account.Secret, c.account.Options[optionAPIKey], s.name())
	if said == "" {
		return c.ask(ctx, s, it, &upload.Error{Op: opUpload, Reason: "the server's answer names no outcome"})
	}
	return c.ask(ctx, s, it, &upload.Error{Op: opUpload, Reason: "the server refused the photo: " + said, Err: errRefused})
}

// errRefused marks answers that say that the photo was not stored.
var errRefused = errors.New("refused by the server")

// ask resolves an answer that leaves open whether the photo is on the server,
// or why it was refused; otherwise is the error if asking does not help.
func (c *Client) ask(ctx context.Context, s *session, it upload.Item, otherwise error) (upload.Receipt, error) {
	r, err := c.find(ctx, s, PhotoID(it.SHA256))
	if err == nil {
		return r, nil
	}
	if ctx.Err() != nil {
		return upload.Receipt{}, ctx.Err()
	}
	return upload.Receipt{}, otherwise
}

// confirmations are the pauses before each question whether a new photo is
// there: PicApport does not say whether it is at once or after indexing.
var confirmations = []time.Duration{0, 100 * time.Millisecond, 400 * time.Millisecond}

// confirm asks the server for a photo that it said it has stored, and returns
// how that was confirmed. A photo that does not show up yet is not an error.
func (c *Client) confirm(ctx context.Context, s *session, id string) string {
	if !c.verify || id == "" {
		return ""
	}
	for _, pause := range confirmations {
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ""
		case <-timer.C:
		}
		r, err := c.find(ctx, s, id)
		switch {
		case err == nil && !r.Gone:
			return r.Verified
		case err != nil && !errors.Is(err, upload.ErrNotFound):
			return ""
		}
	}
	return ""
}

// link returns an address where a person can look at a photo. It never
// contains a session: where looking needs a sign-in it is the server's own
// page.
func (c *Client) link(s *session, id string) string {
	if id == "" || c.account.Secret != "" || c.account.Options[optionAPIKey] != "" {
		return s.root + "/picapport"
	}
	q := url.Values{"photoid": {id}}
	if c.account.User != "" {
		q.Set("apisid", c.account.User)
	}
	return endpoint(s.root, "getPhoto", q)
}
