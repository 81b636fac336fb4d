package ipernity

import (
	"errors"
	"fmt"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// refusal is the error of a call that the site itself answered with a code.
type refusal struct {
	code int
	as   *upload.Error
}

func (r *refusal) Error() string { return r.as.Error() }
func (r *refusal) Unwrap() error { return r.as }

// codeOf returns the code of a refusal, 0 when err is none.
func codeOf(err error) int {
	if r, ok := errors.AsType[*refusal](err); ok {
		return r.code
	}
	return 0
}

// meaning is one row of the tables of codes.
type meaning struct {
	kind         upload.Kind
	reason, hint string
	after        time.Duration // how long to leave the site alone
}

// Hints that several codes share.
const (
	hintKey      = "Enter API key and secret as https://www.ipernity.com/apps/key shows them for your application."
	hintLogin    = "Sign in again: on the Accounts page, or with `photoferry account login`."
	hintOwnFault = "Please report this with the support bundle: photoferry doctor --bundle FILE."
	hintBusy     = "It goes on by itself."
)

// common are the codes that mean the same for all methods.
var common = map[int]meaning{
	100: {upload.Denied, "the API key is missing", hintKey, 0},
	101: {upload.Denied, "the site does not know the API key, or has disabled it", hintKey, 0},
	102: {upload.Denied, "the site does not know the form of the answer that was asked for", "Check the address.", 0},
	103: {upload.Denied, "the site does not have this function", "Check the address; the site may have changed.", 0},
	104: {upload.Denied, "the site misses the signature", hintOwnFault, 0},
	105: {upload.Denied, "the site does not accept the signature: the application's secret is wrong", hintKey, 0},
	106: {upload.Denied, "the account is not signed in", hintLogin, 0},
	107: {upload.Denied, "the sign-in is not valid any more", hintLogin, 0},
	108: {upload.Denied, "the account on the site is closed or suspended", "Ask the site's team.", 0},
	109: {upload.Denied, "the site blocks this, because of a block list", "Look into the settings of the account on the site.", 0},
	110: {upload.Denied, "the sign-in does not give the right to do this", "Sign in again and let PhotoFerry write: on the Accounts page, or with `photoferry account login`.", 0},
	111: {upload.Denied, "the application may not be used from this network address", "Look into the application's settings at https://www.ipernity.com/apps.", 0},
	112: {upload.Busy, "the application has asked the site as often as it may", hintBusy, 30 * time.Minute},
	113: {upload.Busy, "the site asks for fewer requests from this network address", hintBusy, 5 * time.Minute},
	120: {upload.Denied, "the site wants this request in another way", hintOwnFault, 0},
	121: {upload.Denied, "the site does not understand the request", hintOwnFault, 0},
	122: {upload.Denied, "the site does not understand the request", hintOwnFault, 0},
	130: {upload.Denied, "the site does not accept this way to sign in", hintOwnFault, 0},
	131: {upload.Denied, "the site does not accept this way to sign in", hintOwnFault, 0},
	132: {upload.Transient, "the site does not agree with this computer's clock", "Set the clock.", 0},
	133: {upload.Transient, "the site has seen this request before", "", 0},
	134: {upload.Transient, "the site does not agree with this computer's clock", "Set the clock.", 0},
	135: {upload.Denied, "the site does not accept this way to sign in", hintOwnFault, 0},
	500: {upload.Transient, "the site has an internal error", "", 0},
	501: {upload.Busy, "the site is being maintained", hintBusy, 15 * time.Minute},
	503: {upload.Busy, "the site is not available at the moment", hintBusy, 3 * time.Minute},
}

// Methods of the API.
const (
	getFrob      = "auth.getFrob"
	getToken     = "auth.getToken"
	checkToken   = "auth.checkToken"
	getQuota     = "account.getQuota"
	hello        = "test.hello"
	uploadFile   = "upload.file"
	checkTickets = "upload.checkTickets"
	docGet       = "doc.get"
	docGetList   = "doc.getList"
	docSearch    = "doc.search"
	albumGetList = "album.getList"
	albumCreate  = "album.create"
	albumAdd     = "album.docs.add"
)

// ofMethod are the codes that mean something for one method. Those below 100
// of methods that are not here are faults that should not happen.
var ofMethod = map[string]map[int]meaning{
	getToken: {
		1: {upload.Denied, "the sign-in was not begun", "Begin the sign-in again.", 0},
		2: {upload.Denied, "the sign-in was not confirmed yet, or too long ago", "Confirm it on the site's page and finish it then. If you have confirmed it already, begin the sign-in again.", 0},
	},
	uploadFile: {
		1: {upload.Rejected, "the site says that the file is empty", "", 0},
		2: {upload.Rejected, "the photo is too big for the account", "Send a smaller version. Club members may send bigger ones.", 0},
		3: {upload.Rejected, "the site does not accept this file", "Convert it to JPEG.", 0},
		4: {upload.Full, "the account has sent as much as it may this month", "It goes on when the month turns. Club members may send more.", 0},
	},
	checkTickets: {
		1: {upload.Transient, "the site does not know the upload any more", "It is looked for among your photos before it is sent again.", 0},
	},
	docGet: {
		1: {upload.Rejected, "the site has no such photo", "", 0},
	},
	docGetList: {
		1: {upload.Denied, "the site does not know the account's user", hintLogin, 0},
	},
	docSearch: {
		1: {upload.Denied, "the site does not know the account's user", hintLogin, 0},
	},
	albumGetList: {
		1: {upload.Denied, "the site does not know the account's user", hintLogin, 0},
	},
	albumCreate: {
		1: {upload.Rejected, "the album has no title", "Give it one in the account's settings.", 0},
		4: {upload.Full, "the account has as many albums as it may have", "Delete an album on the site, or choose another in the account's settings.", 0},
	},
	albumAdd: {
		1: {upload.Transient, "the album was deleted while it was being used", "", 0},
		2: {upload.Transient, "the site does not find the photo for its album", "", 0},
		3: {upload.Transient, "the album is full", "", 0},
		4: {upload.Transient, "the album is full", "", 0},
	},
}

// refused turns the site's code into an error. Said are its words, fit for
// people; now is its clock.
func refused(op, method string, code int, said string, now time.Time) *refusal {
	row, ok := ofMethod[method][code]
	if !ok {
		row, ok = common[code]
	}
	e := &upload.Error{Kind: row.kind, Op: op, Reason: row.reason, Hint: row.hint, RetryAfter: row.after}
	if !ok {
		e.Reason = fmt.Sprintf("the site refused it with the code %d", code)
		if said != "" {
			e.Reason += ": " + said
		}
	}
	if method == uploadFile && code == 4 {
		e.RetryAfter = untilNextMonth(now)
	}
	return &refusal{code, e}
}

// untilNextMonth returns how long the month still lasts. Whose midnight counts
// is not documented; UTC's is taken.
func untilNextMonth(now time.Time) time.Duration {
	now = now.UTC()
	return time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, time.UTC).Sub(now)
}
