package upload

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
)

// Failed turns an error of the HTTP client into the error of an [Uploader]'s
// method: the context's own error when the caller has given up, and what
// [Classify] makes of it otherwise.
func Failed(ctx context.Context, op string, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return Classify(op, err)
}

// Classify turns an error below HTTP into an [*Error]; op says what was being
// done. An [*Error] in the chain keeps its kind and gets op unless it has one.
// The result never holds the request's address, which may contain secrets.
func Classify(op string, err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		e := *e
		if e.Op == "" {
			e.Op = op
		}
		return &e
	}
	// Its text is the whole address; only what lies below is of use.
	if e, ok := errors.AsType[*url.Error](err); ok {
		err = e.Err
	}
	for _, row := range transportFaults {
		if row.is(err) {
			e := row.as
			e.Op = op
			if e.Reason == "" {
				e.Reason = err.Error()
			} else if !row.plain {
				e.Err = err
			}
			return &e
		}
	}
	return &Error{Op: op, Reason: "the connection failed", Err: err}
}

// transportFault is one row of the table of what can go wrong below HTTP. An
// empty reason takes the error's own text; plain leaves that text away because
// it adds nothing or repeats what the server sent.
type transportFault struct {
	is    func(error) bool
	as    Error
	plain bool
}

// transportFaults are looked through from the top; the first that fits counts.
var transportFaults = []transportFault{
	{isA[*stallError], Error{Hint: "The line or the server hangs; it is tried again."}, false},
	{isA[*errTooLong], Error{Reason: "the answer has no end", Hint: "Check that the address belongs to the photo server."}, true},
	{isRedirect, Error{Kind: Denied, Hint: "Enter the new address in the account, if it is yours."}, false},

	{isOneOf(spent), Error{Reason: "no more files and connections can be opened on this computer", Hint: "It is tried again by itself. Ending other programs helps."}, false},

	{isNoSuchHost, Error{Offline: true, Reason: "the server's name is not known", Hint: "Check the address and this computer's network."}, false},
	{isA[*net.DNSError], Error{Offline: true, Reason: "the server's name cannot be looked up", Hint: "Check this computer's network."}, false},
	{isOneOf(refused), Error{Offline: true, Reason: "the server does not accept connections", Hint: "Check that it is running and that the port in the address is right."}, false},
	{isOneOf(unreachable), Error{Offline: true, Reason: "there is no way to the server", Hint: "Check this computer's network."}, false},
	{isDial, Error{Offline: true, Reason: "the server cannot be reached", Hint: "Check the address, and that the server is on."}, false},

	{is(http.ErrSchemeMismatch), Error{Kind: Denied, Reason: "the server does not speak https on this port", Hint: "Check the port, or enter an address that begins with http://."}, true},
	{isTLSAnswer, Error{Kind: Denied, Reason: "the server speaks only https on this port", Hint: "Enter an address that begins with https://."}, true},
	{isA[tls.RecordHeaderError], Error{Kind: Denied, Reason: "the server does not speak https on this port", Hint: "Check the port, or enter an address that begins with http://."}, true},
	{isA[tls.AlertError], Error{Reason: "no secure connection could be agreed on"}, false},
	{isMalformed, Error{Reason: "the server does not speak http", Hint: "Check the address and its port."}, true},

	{isOneOf(reset), Error{Reason: "the connection was cut"}, false},
	{isCut, Error{Reason: "the connection was cut"}, false},
	{isTimeout, Error{Reason: "the server took too long"}, false},
}

func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

func isA[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func isOneOf(numbers []syscall.Errno) func(error) bool {
	return func(err error) bool {
		e, ok := errors.AsType[syscall.Errno](err)
		return ok && slices.Contains(numbers, e)
	}
}

func isRedirect(err error) bool { return isA[*redirectError](err) }

func isNoSuchHost(err error) bool {
	e, ok := errors.AsType[*net.DNSError](err)
	return ok && e.IsNotFound
}

func isDial(err error) bool {
	e, ok := errors.AsType[*net.OpError](err)
	return ok && (e.Op == "dial" || e.Op == "proxyconnect" || e.Op == "socks connect")
}

// isTLSAnswer recognises a TLS alert where an HTTP answer was expected. Go has
// no type for it.
func isTLSAnswer(err error) bool {
	return strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`)
}

func isMalformed(err error) bool {
	return strings.Contains(err.Error(), "malformed ")
}

func isCut(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		strings.Contains(err.Error(), "server closed idle connection")
}

func isTimeout(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

// Unreadable is the error of an answer that came with status 200 and is not
// what was asked for: such an answer proves nothing about the photo.
func Unreadable(op string, resp *http.Response, body []byte) *Error {
	e := &Error{Op: op, Status: resp.StatusCode}
	switch {
	case len(body) == 0:
		e.Reason = "the server's answer is empty"
	case isHTML(resp, body):
		e.Reason = "the server answered with a web page"
		e.Hint = "Check the address. A router or proxy may answer in the server's place."
	default:
		e.Reason = fmt.Sprintf("the server's answer of %d bytes is broken off or not understood", len(body))
	}
	return e
}

func isHTML(resp *http.Response, body []byte) bool {
	if strings.Contains(strings.ToLower(resp.Header.Get("Content-Type")), "html") {
		return true
	}
	return strings.HasPrefix(http.DetectContentType(body), "text/html")
}
