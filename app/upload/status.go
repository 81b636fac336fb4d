package upload

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// statusKind says what an HTTP status means to every service. Where one knows
// better (an expired session that shows as 403), it looks at the status
// before it comes here.
type statusKind struct {
	kind         Kind
	reason, hint string
}

var statusKinds = map[int]statusKind{
	400: {Rejected, "the server does not understand the request", "The photo or one of its texts may be something that this server does not expect."},
	401: {Denied, "the server asks for a sign-in of its own", "Check user and password. A proxy in front of the server may ask for its own."},
	403: {Denied, "the server forbids it", "Check the user's rights on the server."},
	404: {Denied, "the server has no such service at this address", "Check the address, and that the service is switched on."},
	405: {Denied, "the server does not offer this at this address", "Check the address."},
	407: {Denied, "a proxy on the way asks for a sign-in", "Check this computer's proxy settings."},
	410: {Denied, "the server has given up this address", "Check the address."},
	411: {Rejected, "the server does not accept the upload's form", ""},
	413: {Rejected, "the photo is too big for the server", "Raise the limit on the server, or on the proxy in front of it."},
	414: {Rejected, "the request is too long for the server", "Shorten the photo's texts."},
	415: {Rejected, "the server does not take this type of file", ""},
	422: {Rejected, "the server cannot use this photo", ""},
	429: {Busy, "the server asks for fewer requests", ""},
	431: {Rejected, "the request is too long for the server", "Shorten the photo's texts."},
	500: {Transient, "the server has an internal error", "Its log says more."},
	501: {Denied, "the server lacks this function", "It may be too old."},
	502: {Transient, "the proxy gets no answer from the server behind it", ""},
	503: {Busy, "the server is not available at the moment", ""},
	504: {Transient, "the proxy waited in vain for the server behind it", ""},
	507: {Full, "the server has no space left", "Make room on the server, or raise the quota."},
	508: {Denied, "the server's address leads in a circle", "Check the address."},
	509: {Busy, "the server's traffic is used up", ""},
	511: {Transient, "the network asks for a sign-in", "Open a web page to sign in to this network."},
}

// noSpace recognises a full disk in the text of an internal error.
var noSpace = regexp.MustCompile(`(?i)no space left|disk (is )?full|quota exceeded|not enough space`)

// ClassifyStatus turns an HTTP status other than 200 into an [*Error]; op says
// what was being done. Body is what has been read of the answer; it may be
// empty, and nothing of it gets into the error.
func ClassifyStatus(op string, resp *http.Response, body []byte) *Error {
	status := resp.StatusCode
	e := &Error{Op: op, Status: status, RetryAfter: retryAfter(resp.Header.Get("Retry-After"), time.Now())}
	row, known := statusKinds[status]
	switch {
	case status/100 == 5 && noSpace.Match(body):
		row = statusKinds[http.StatusInsufficientStorage]
	case known:
	case status/100 == 3:
		row = statusKind{Transient, "the server sends us elsewhere without saying where", "Check the address."}
	default:
		row = statusKind{Transient, "the server answered " + strconv.Itoa(status), ""}
	}
	e.Kind, e.Reason, e.Hint = row.kind, row.reason, row.hint
	return e
}

// maxRetryAfter bounds what a server can ask for.
const maxRetryAfter = 24 * time.Hour

// retryAfter reads a Retry-After header: seconds, or a date. It is 0 for
// anything else and for the past.
func retryAfter(h string, now time.Time) time.Duration {
	if s, err := strconv.ParseInt(h, 10, 64); err == nil {
		return time.Duration(min(max(s, 0), int64(maxRetryAfter/time.Second))) * time.Second
	}
	if t, err := http.ParseTime(h); err == nil {
		return min(max(t.Sub(now), 0), maxRetryAfter)
	}
	return 0
}

// ReadJSON reads and closes an answer and decodes it into v. Any status but
// 200 is an [*Error] by [ClassifyStatus]; a web page, an empty or broken
// answer is one by [Unreadable]. It returns the body as well, as far as it was
// read, for services that look for more in it.
func ReadJSON(ctx context.Context, op string, resp *http.Response, v any) ([]byte, error) {
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	switch {
	case ctx.Err() != nil:
		return body, ctx.Err()
	case resp.StatusCode != http.StatusOK:
		// The status says enough even if the rest was cut off.
		return body, ClassifyStatus(op, resp, body)
	case err != nil:
		return body, Failed(ctx, op, err)
	}
	if json.Unmarshal(bytes.TrimPrefix(body, []byte("\uFEFF")), v) != nil {
		return body, Unreadable(op, resp, body)
	}
	return body, nil
}
