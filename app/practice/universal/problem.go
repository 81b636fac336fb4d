package universal

import (
	"errors"
	"fmt"
	"net/http"
)

// generation is the age of a method's page; see the package comment.
type generation int

const (
	genA generation = iota
	genB
	genC
)

// namespaces of the roots: A's is in the reply on U-createtoken, C's on U-isappadded.
var namespaces = map[generation]string{
	genA: "http://api.universalplatform.com/",
	genC: "http://api.universalplatform.com/1.0/",
}

// cause is why a call was not done.
type cause int

const (
	internal cause = iota
	outage
	noMethod
	unknownMethod
	badFormat
	noKey
	badKey
	noCommunity
	badCommunity
	badSignature
	badSession
	badCallID
	tooMany
	badAddress
	badParameter
	badAlbum
	albumFull
	badImage
	tooPending
)

// codes are the error codes of generation A, and of B and C, by cause. A has no code
// for what only happens with sessions and photos. 103 is on U-isappadded and
// U-friends_get only. 321, 324 and 325 are Facebook's, and 100 with PlainCodes.
var codes = map[cause]struct{ a, b int }{
	internal:      {1, 1},
	outage:        {105, 2},
	noMethod:      {2, 100},
	unknownMethod: {112, 112},
	badFormat:     {97, 100},
	noKey:         {101, 101},
	badKey:        {100, 101},
	noCommunity:   {99, 100},
	badCommunity:  {94, 100},
	badSignature:  {95, 104},
	badSession:    {94, 102},
	badCallID:     {94, 103},
	tooMany:       {105, 4},
	badAddress:    {1, 5},
	badParameter:  {94, 100},
	badAlbum:      {94, 120},
	albumFull:     {1, 321},
	badImage:      {1, 324},
	tooPending:    {1, 325},
}

// messagesA and messagesB are the texts of the codes: B's are those on U-upload where
// it has the code.
var (
	messagesA = map[int]string{
		1:   "Internal error",
		2:   "Method was not provided",
		94:  "Parameter is missing or invalid",
		95:  "Invalid request signature",
		97:  "Invalid response format",
		99:  "Community was not provided",
		100: "Invalid api key",
		101: "Empty api key",
		105: "Service is temporarily unavailable",
		112: "Method was not found",
	}
	messagesB = map[int]string{
		1:   "An unknown error occurred. Please resubmit the request.",
		2:   "The service is not available at this time.",
		4:   "The application has reached the maximum number of requests allowed. More requests are allowed once the time window has completed.",
		5:   "The request came from a remote address not allowed by this application.",
		100: "One of the parameters specified was missing or invalid.",
		101: "The api key submitted is not associated with any known application.",
		102: "The session key was improperly submitted or has reached its timeout. Direct the user to log in again to obtain another key.",
		103: "The submitted call_id was not greater than the previous call_id for this session.",
		104: "Incorrect signature.",
		112: "Method was not found",
		120: "Invalid album id.",
		200: "Permissions error",
		260: "Modifying existing photos requires the extended permission photo_upload",
		321: "Album is full",
		324: "Missing or invalid image file",
		325: "Too many unapproved photos pending",
	}
)

func message(g generation, code int) string {
	texts := messagesB
	if g == genA {
		texts = messagesA
	}
	if m := texts[code]; m != "" {
		return m
	}
	return "Unknown error"
}

// problem is an answer that is an error. The detail is for the log: no page shows more
// than code and text.
type problem struct {
	cause  cause
	code   int // instead of the cause's
	detail string
}

func (e *problem) Error() string { return e.detail }

func refuse(c cause, format string, args ...any) error {
	return &problem{cause: c, detail: fmt.Sprintf(format, args...)}
}

// codeOf is a problem's code in a generation. An error that is no problem is internal.
func codeOf(err error, g generation, plain bool) int {
	p, ok := errors.AsType[*problem](err)
	if !ok {
		p = &problem{cause: internal}
	}
	both := codes[p.cause]
	switch {
	case p.code != 0:
		return p.code
	case g == genA:
		return both.a
	case plain && both.b > 300:
		return 100
	}
	return both.b
}

// answerProblem is the error envelope [FB, no page of U shows one]: code, text, and
// every parameter of the call, session_key and api_key among them.
func (c *call) answerProblem(err error) {
	code := codeOf(err, c.gen, c.o.PlainCodes)
	if _, ok := errors.AsType[*problem](err); ok {
		c.o.Log.Debug("Call refused", "method", c.p["method"], "code", code, "reason", err)
	} else {
		c.o.Log.Error("Call failed", "method", c.p["method"], "err", err)
	}
	args := list("request_args")
	for _, name := range sortedNames(c.p) {
		args.items = append(args.items, object("arg", text("key", name), text("value", c.p[name])))
	}
	number := number("error_code", int64(code))
	if c.o.StringCodes {
		number.kind = kindText
	}
	c.write(c.o.ErrorStatus, object("error_response", number, text("error_msg", message(c.gen, code)), args))
}

// Full answers as the server does when there is no room left. No quota is documented:
// for a full disk that is error 1, otherwise 325 [FB], in the generation and the
// format of the call. The request may have been read, by way of [FunctionOf].
func (s *Server) Full(w http.ResponseWriter, r *http.Request, disk bool) {
	c := &call{Server: s, o: *s.options.Load(), w: w, r: r, p: peek(r)}
	c.identify()
	err := &problem{cause: tooPending, code: 325, detail: "told to have no room"}
	if disk || c.gen == genA {
		err = &problem{cause: internal, detail: "told to have a full disk"}
	}
	c.answerProblem(err)
}
