package piwigo

import (
	"errors"
	"net/http"
	"regexp"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// meaning is what an answer says beyond its kind, for what can be repaired
// within the call.
type meaning uint8

const (
	plain      meaning = iota
	refused            // signed out, or no right: only getStatus tells which
	badLogin           // user and password do not fit
	staleToken         // the token is of an earlier sign-in
	overLimit          // the request is bigger than something on the way takes
	badSum             // other bytes than announced arrived, or none: see overLimit
	noMethod           // the server has no such method
	notThere           // no such photo or album
	already            // what is to be made is there
	race               // passes by itself within a second
)

// fault is an answer of the server that is no success.
type fault struct {
	is    *upload.Error
	means meaning
	said  bool // in the server's own form, so that nothing was done
}

func (f *fault) Error() string { return f.is.Error() }
func (f *fault) Unwrap() error { return f.is }

func asFault(err error) (*fault, bool) { return errors.AsType[*fault](err) }

// means reports whether err is an answer with that meaning.
func means(err error, m meaning) bool {
	f, ok := asFault(err)
	return ok && f.means == m
}

// failureRow is one row of the table of failures. What is empty fits
// everything; code -1 fits answers without one.
type failureRow struct {
	status int    // HTTP
	code   number // the answer's own
	says   *regexp.Regexp
	around bool // in the warnings around the answer as well

	means        meaning
	kind         upload.Kind
	reason, hint string
	quote        bool // the server's own words help
}

func says(expr string) *regexp.Regexp { return regexp.MustCompile(`(?i)` + expr) }

const noCode = -1

// hintLimits is what to do about a request that is too big.
const hintLimits = "Raise upload_max_filesize and post_max_size in the server's php.ini, and client_max_body_size in nginx."

// failures are looked through from the top; the first row that fits counts.
// What is in none of them is sorted by its HTTP status.
var failures = []failureRow{
	// Sign-in and rights.
	{code: 40101, kind: upload.Denied, reason: "two-factor sign-in is on for this user",
		hint: "Make an API key in the user's profile on the site (Piwigo 16 or newer), and enter it in the place of user and password."},
	{code: 999, means: badLogin, kind: upload.Denied, reason: "user or password is wrong", hint: "Enter them again."},
	{code: 401, says: says(`invalid api.?key`), kind: upload.Denied, reason: "the API key is not valid any more",
		hint: "Keys expire and can be revoked. Make a new one in the user's profile on the site and enter it."},
	{code: 401, means: refused, kind: upload.Denied, reason: "the server refuses access", hint: "Check the user's rights on the server."},
	{code: 403, says: says(`security token`), means: staleToken, kind: upload.Transient, reason: "the server takes the token for an old one"},
	{status: 401, code: noCode, kind: upload.Denied, reason: "the web server in front of Piwigo asks for a sign-in of its own",
		hint: "Enter its user and password in the account's options front_user and front_password."},
	{code: noCode, says: says(`name="login_form"`), kind: upload.Denied, reason: "the server answered with its sign-in page",
		hint: "Two-factor sign-in may be on: make an API key in the user's profile on the site and enter it in the place of user and password."},
	{status: 403, code: noCode, kind: upload.Denied, reason: "the web server in front of Piwigo forbids the request",
		hint: "A web firewall (ModSecurity) may have taken a text or the photo for an attack; its log tells the rule."},

	// The server has no room.
	{says: says(`no space left|disk (is )?full|quota`), around: true, kind: upload.Full, reason: "the server has no space left", hint: "Make room on the server, or raise the quota."},
	{code: 500, says: says(`failed to write file to disk|missing a temporary folder`), kind: upload.Full, reason: "the server cannot store the photo in its temporary folder",
		hint: "Its disk may be full, or PHP may not write to upload_tmp_dir."},
	{code: 102, kind: upload.Full, reason: "the server cannot write to its folder upload/buffer", hint: "Its disk may be full, or the web server may not write there."},
	{code: 500, says: says(`buffer directory creation|creating merged|merging chunk`), kind: upload.Full, reason: "the server cannot write to its folder upload/buffer",
		hint: "Its disk may be full, or the web server may not write there."},

	// Requests that are too big.
	{status: 413, means: overLimit, kind: upload.Rejected, reason: "the request is too big for the server", hint: hintLimits},
	{code: 501, says: says(`missing "?method`), means: overLimit, kind: upload.Rejected, reason: "the request is too big for the server's PHP (post_max_size)", hint: hintLimits},
	{code: 405, says: says(`requires http post`), means: overLimit, kind: upload.Rejected, reason: "the request is too big for the server's PHP (post_max_size)", hint: hintLimits},
	{code: 405, says: says(`file\) is missing`), means: overLimit, kind: upload.Rejected, reason: "the request is too big for the server's PHP", hint: hintLimits},
	{code: 500, says: says(`upload_max_filesize|max_file_size`), means: overLimit, kind: upload.Rejected, reason: "the file is too big for the server's PHP (upload_max_filesize)", hint: hintLimits},
	{code: 103, means: overLimit, kind: upload.Full, reason: "the server could not take over the file",
		hint: "It may be bigger than upload_max_filesize in the server's php.ini, or the disk there is full."},
	{code: 500, says: says(`chunk file mismatched`), means: badSum, kind: upload.Transient, reason: "other bytes arrived at the server than were sent",
		hint: "If it lasts: " + hintLimits},
	{code: 500, says: says(`merged file mismatched`), kind: upload.Transient, reason: "the server put the photo together wrongly", hint: "It is sent again from its beginning."},
	{code: 500, says: says(`partially uploaded`), kind: upload.Transient, reason: "the photo arrived in part only"},

	// This photo.
	{says: says(`(forbidden|unexpected) file type`), kind: upload.Rejected, reason: "the server refuses this type of file",
		hint: "Piwigo tells types by name and content. An administrator can allow more of them (upload_form_all_types)."},
	{says: says(`incorrect string value`), kind: upload.Rejected, reason: "the server's database cannot store a character of the photo's texts", hint: "Remove unusual characters from its name, title and tags."},
	{code: 404, means: notThere, kind: upload.Rejected, reason: "the server has no such photo or album"},
	{code: 500, says: says(`already exists`), means: already, kind: upload.Transient, reason: "the server has it already"},
	{code: 1003, says: says(`already exists`), means: already, kind: upload.Transient, reason: "the server has it already"},
	{code: 1002, kind: upload.Rejected, reason: "the server misses a part of the request", quote: true},
	{code: 1003, kind: upload.Rejected, reason: "the server does not accept a part of the request", quote: true},

	// The server itself.
	{code: 501, means: noMethod, kind: upload.Denied, reason: "the server lacks this function", hint: "Piwigo may be too old: 2.10 or newer is needed."},
	{code: noCode, says: says(`prepare_directory|cannot create directory`), means: race, kind: upload.Transient, reason: "the server could not make its folder for the day",
		hint: "If it lasts, the web server may not write to the folder upload."},
	// Piwigo itself never answers so; what goes down while it reads a photo may.
	{status: 400, code: noCode, kind: upload.Transient, reason: "the web server did not understand the request", hint: "It may have been restarting. If this goes on, its log says more."},
	{status: 503, code: noCode, says: says(`rebuilding user cache`), kind: upload.Busy, reason: "the server rebuilds its cache"},
	{code: noCode, says: says(`allowed memory size|maximum execution time`), kind: upload.Transient, reason: "the server's PHP came to its limit of memory or time",
		hint: "Raise memory_limit and max_execution_time in its php.ini."},
	{code: noCode, says: says(`fatal error`), kind: upload.Transient, reason: "the server's PHP ended with an error", hint: "Its error log says more."},
}

// fits reports whether an answer is the row's.
func (row *failureRow) fits(status int, code number, words, body []byte) bool {
	if row.around {
		words = body
	}
	return (row.status == 0 || row.status == status) &&
		(row.code == 0 || row.code == code) &&
		(row.says == nil || row.says.Match(words))
}

// maxPatience bounds how long a rebuilding cache is waited for: the server says
// 15 minutes whatever the size of the gallery.
const maxPatience = 2 * time.Minute

// failure sorts an answer that is no success. Nothing else looks at status,
// codes and words.
func (c *Client) failure(op string, resp *http.Response, body []byte, a answer, found bool) *fault {
	code, words := a.Err, []byte(a.Message)
	switch {
	case !found:
		code, words = noCode, body
	case a.Error != nil:
		code, words = a.Error.Code, []byte(a.Error.Message)
	}
	for i := range failures {
		row := &failures[i]
		if !row.fits(resp.StatusCode, code, words, body) {
			continue
		}
		// The sorting by status reads Retry-After as well.
		e := upload.ClassifyStatus(op, resp, nil)
		e.Kind, e.Reason, e.Hint = row.kind, row.reason, row.hint
		if row.quote {
			e.Reason += ": " + c.foreign(string(words))
		}
		if row.kind == upload.Busy {
			e.RetryAfter = min(e.RetryAfter, maxPatience)
		}
		return &fault{e, row.means, found}
	}
	if !found {
		if resp.StatusCode == http.StatusOK {
			return &fault{is: upload.Unreadable(op, resp, body)}
		}
		return &fault{is: upload.ClassifyStatus(op, resp, body)}
	}
	e := &upload.Error{Op: op, Status: resp.StatusCode, Reason: "the server refused"}
	if said := c.foreign(string(words)); said != "" {
		e.Reason += ": " + said
	} else {
		e.Reason += " with error " + code.String()
	}
	return &fault{is: e, said: true}
}

// foreign makes the server's words fit for people.
func (c *Client) foreign(words string) string {
	secrets := []string{c.account.Secret, c.login.secret, c.front.password}
	if s := c.sessions.Current(); s != nil {
		secrets = append(secrets, s.token())
	}
	return upload.Foreign(words, secrets...)
}
