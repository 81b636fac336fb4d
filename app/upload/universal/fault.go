package universal

import (
	"fmt"
	"time"

	"github.com/photoferry/photoferry/app/upload"
)

// generation tells which of the service's two tables of error codes a method
// answers from; the same number means different things in them.
type generation uint8

const (
	camel      generation = iota // apiKey, apiSig: createToken
	underscore                   // api_key, sig: getSession and all of photos
)

// method is a function of the service.
type method struct {
	name string
	generation
	session bool // called with a session
}

var (
	createToken = method{"up.auth.createToken", camel, false}
	getSession  = method{"up.auth.getSession", underscore, false}
	getAlbums   = method{"up.photos.getAlbums", underscore, true}
	createAlbum = method{"up.photos.createAlbum", underscore, true}
	getPhotos   = method{"up.photos.get", underscore, true}
	uploadPhoto = method{"up.photos.upload", underscore, true}
)

// Codes that this package repairs by itself.
const (
	codeUnknown   = 1
	codeParameter = 100 // of the underscore generation
	codeSession   = 102
	codeCallID    = 103
	codeSignature = 104
	codeAlbum     = 120
	codeAlbumFull = 321
)

// apiError is the cause in an error that the service has answered with.
type apiError struct{ code int }

func (e *apiError) Error() string {
	if e.code < 0 {
		return "an error without a code"
	}
	return fmt.Sprintf("error %d", e.code)
}

// meaning says what a code is to the engine.
type meaning struct {
	kind         upload.Kind
	reason, hint string
	wait         time.Duration // before anything is tried again; 0 leaves it to the engine
}

const (
	waitService = 10 * time.Minute // for a service that is down
	waitLimit   = time.Hour        // for an application's request limit, whose window is not told
	waitApprove = 3 * time.Hour    // for people who approve photos
)

const (
	hintSignIn = "Sign in to the account again."
	hintKey    = "Check the account's application key and secret."
)

// camelMeanings are the codes of createToken.
var camelMeanings = map[int]meaning{
	1:   {upload.Transient, "the site has an internal error", "", 0},
	2:   {upload.Denied, "the site does not offer sign-in for applications", "Check the address.", 0},
	94:  {upload.Denied, "the site misses something in the request or cannot use it", "Check the account's community and the spelling of parameters.", 0},
	95:  {upload.Denied, "the signature is wrong", hintKey, 0},
	97:  {upload.Denied, "the site does not answer in this format", "Choose the other format in the account.", 0},
	99:  {upload.Denied, "the site misses the community", "Check the account's community, by its system name, and the spelling of parameters.", 0},
	100: {upload.Denied, "the site does not know the application's key", hintKey, 0},
	101: {upload.Denied, "the site misses the application's key", "Check the account's application key and the spelling of parameters.", 0},
	105: {upload.Busy, "the site is not available at the moment", "", waitService},
	112: {upload.Denied, "the site does not know the function", "Check the address.", 0},
}

// underscoreMeanings are the codes of getSession and of all photo functions.
// Those from 200 on are not in the service's documents but in those of the
// interface that it copies.
var underscoreMeanings = map[int]meaning{
	codeUnknown:   {upload.Transient, "the site has an internal error", "", 0},
	2:             {upload.Busy, "the site is not available at the moment", "", waitService},
	4:             {upload.Busy, "the application's request limit is used up for the moment", "It goes on by itself.", waitLimit},
	5:             {upload.Denied, "the site does not let the application in from this computer's address", "Ask the site's administrator to allow this address for the application.", 0},
	codeParameter: {upload.Denied, "the site misses something in the request or cannot use it", "Check the account's community and the spelling of parameters.", 0},
	101:           {upload.Denied, "the site does not know the application's key", hintKey, 0},
	codeSession:   {upload.Denied, "the session has ended", hintSignIn, 0},
	codeCallID:    {upload.Transient, "the site has counted more calls of this session than we have", "Another program may use the same session.", 0},
	codeSignature: {upload.Denied, "the signature is wrong", hintKey, 0},
	112:           {upload.Denied, "the site does not know the function", "Check the address.", 0},
	codeAlbum:     {upload.Transient, "the site does not know the album", "", 0},
	200:           {upload.Denied, "the application has no right to do this", "Allow it on the site, or sign in to the account again.", 0},
	260:           {upload.Denied, "the application has no right to upload", "Grant it the right to upload photos on the site.", 0},
	codeAlbumFull: {upload.Full, "the album is full", "Choose another album, or make room in this one.", waitApprove},
	324:           {upload.Rejected, "the site cannot use this photo", "It may be broken, or of a kind that the site does not take.", 0},
	325:           {upload.Full, "too many photos wait for your approval on the site", "Approve or reject them there; it goes on by itself.", waitApprove},
}

// methodMeanings are codes that mean something else where they stand.
var methodMeanings = map[string]map[int]meaning{
	getSession.name: {
		codeParameter: {upload.Denied, "the sign-in has not been confirmed yet", "Confirm it on the site's page, then finish again. If the page was opened long ago, begin anew.", 0},
	},
	uploadPhoto.name: {
		codeParameter: {upload.Rejected, "the site cannot use this photo or its caption", "It may be broken, too big, or of a kind that the site does not take.", 0},
	},
	createAlbum.name: {
		codeParameter: {upload.Rejected, "the site does not accept the album's name", "Choose another album.", 0},
	},
}

// refused makes an error of an answer's code. The service's own words are used
// only where the code says nothing; hidden are the secrets that they may hold.
// With signed, the session's own secret was used, which ends with it.
func refused(op string, m method, code int, words string, signed bool, hidden ...string) *upload.Error {
	row, ok := methodMeanings[m.name][code]
	if !ok {
		table := underscoreMeanings
		if m.generation == camel {
			table = camelMeanings
		}
		row, ok = table[code]
	}
	if !ok {
		row.reason = "the site answered with an error"
		if words = upload.Foreign(words, hidden...); words != "" {
			row.reason = "the site says: " + words
		}
	}
	if signed && code == codeSignature && m.generation == underscore {
		row.reason, row.hint = "the session's signature is not accepted any more", hintSignIn
	}
	return &upload.Error{
		Kind: row.kind, Op: op, Reason: row.reason, Hint: row.hint, RetryAfter: row.wait, Err: &apiError{code},
	}
}
