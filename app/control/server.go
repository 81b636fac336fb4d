package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"runtime/debug"
	"strings"
)

type server struct {
	engine Engine
	log    *slog.Logger
	routes map[string]route
}

// Handler serves the control API over e. It is safe only behind [Listen], or
// inside a process: it knows nothing of users. A nil log discards.
//
// It answers no browser: a request must name the host "photoferry", carry no
// Origin, and send its body as application/json.
func Handler(e Engine, log *slog.Logger) http.Handler {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &server{engine: e, log: log, routes: make(map[string]route, len(routes))}
	for _, r := range routes {
		s.routes[r.path] = r
	}
	return s
}

// ServeHTTP implements [http.Handler].
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	cw := &countingWriter{ResponseWriter: w}
	defer func() {
		p := recover()
		if p == nil {
			return
		}
		if p != http.ErrAbortHandler { //nolint:errorlint // what was recovered is no chain of errors
			s.log.Error("Control call panicked", "path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			if !cw.started {
				s.refuse(cw, http.StatusInternalServerError, &Problem{Message: "The program met a fault of its own", Hint: "Its log says more. Please report it with `photoferry doctor --bundle FILE`.", Exit: 1})
				return
			}
		}
		panic(http.ErrAbortHandler) // cuts the answer, so that nobody takes it for whole
	}()
	w = cw
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if why := foreign(r); why != "" {
		s.refuse(w, http.StatusForbidden, &Problem{Message: why, Hint: "The control API is for programs of the same user; see docs/control-api.md.", Exit: 1})
		return
	}
	rt, ok := s.routes[r.URL.Path]
	switch {
	case !ok:
		s.refuse(w, http.StatusNotFound, &Problem{Message: "There is no call " + printable(r.URL.Path), Hint: "The calls are listed in docs/control-api.md. An engine of another version may know others.", Exit: 2})
		return
	case r.Method != rt.method:
		w.Header().Set("Allow", rt.method)
		s.refuse(w, http.StatusMethodNotAllowed, &Problem{Message: rt.path + " wants " + rt.method, Exit: 2})
		return
	case rt.method == http.MethodPost && !isJSON(r):
		s.refuse(w, http.StatusUnsupportedMediaType, &Problem{Message: "The body must be application/json", Exit: 2})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, rt.body)
	if err := rt.serve(s, w, r); err != nil {
		s.fail(w, r, err)
	}
}

// foreign returns why a request does not come from a program of ours, or "".
// A page in a browser cannot open a unix socket, but a careless proxy in front
// of it could; these headers give it away.
func foreign(r *http.Request) string {
	switch {
	case r.Host != host:
		return "The Host header must be " + host
	case r.Header.Get("Origin") != "", r.Header.Get("Referer") != "", r.Header.Get("Sec-Fetch-Site") != "":
		return "Browsers are not answered"
	}
	return ""
}

func isJSON(r *http.Request) bool {
	t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && t == "application/json"
}

// fail answers with what a call returned as its error.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	var tooLarge *http.MaxBytesError
	var p *Problem
	switch {
	case r.Context().Err() != nil: // nobody listens
	case errors.As(err, &tooLarge):
		s.refuse(w, http.StatusRequestEntityTooLarge, &Problem{Message: fmt.Sprintf("The request is larger than %d bytes", tooLarge.Limit), Hint: "Send it in parts.", Exit: 2})
	case errors.As(err, &p):
		code := http.StatusUnprocessableEntity
		if p.Exit == 2 {
			code = http.StatusBadRequest
		}
		s.refuse(w, code, p)
	default:
		s.log.Error("Control call failed", "path", r.URL.Path, "err", err)
		s.refuse(w, http.StatusInternalServerError, asProblem(err))
	}
}

// asProblem gives any error the shape that goes over the wire.
func asProblem(err error) *Problem {
	if p, ok := errors.AsType[*Problem](err); ok {
		return p
	}
	if errors.Is(err, context.Canceled) {
		return &Problem{Message: "It was interrupted", Exit: 1}
	}
	return &Problem{Message: err.Error(), Exit: 1}
}

func (s *server) refuse(w http.ResponseWriter, code int, p *Problem) {
	body, err := encode(p)
	if err != nil {
		s.log.Error("Answer not encoded", "err", err)
	}
	write(w, code, body)
}

// answer sends v as JSON.
func answer(w http.ResponseWriter, v any) error {
	body, err := encode(v)
	if err != nil {
		return fmt.Errorf("encode the answer: %w", err)
	}
	write(w, http.StatusOK, body)
	return nil
}

func write(w http.ResponseWriter, code int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	_, _ = w.Write(body) // an error says that the client has gone
}

func encode(v any) ([]byte, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return []byte(b.String()), nil
}

// decode reads the request's body into v. It wants exactly one JSON value
// without unknown members, so that a misspelt name is told instead of ignored.
func decode(r *http.Request, v any) error {
	dec := json.NewDecoder(r.Body)
	dec.DisallowUnknownFields()
	err := dec.Decode(v)
	if err == nil {
		if _, err = dec.Token(); errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = errors.New("more than one value")
		}
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return err
	}
	return &Problem{Message: "The request cannot be read: " + strings.TrimPrefix(err.Error(), "json: "), Exit: 2}
}

// printable makes text from outside fit for a message.
func printable(s string) string {
	const most = 200
	if len(s) > most {
		s = s[:most] + "..."
	}
	return fmt.Sprintf("%q", s)
}

// countingWriter knows whether an answer was begun.
type countingWriter struct {
	http.ResponseWriter
	started bool
}

// WriteHeader implements [http.ResponseWriter].
func (w *countingWriter) WriteHeader(code int) {
	w.started = true
	w.ResponseWriter.WriteHeader(code)
}

// Write implements [http.ResponseWriter].
func (w *countingWriter) Write(b []byte) (int, error) {
	w.started = true
	return w.ResponseWriter.Write(b)
}

// Unwrap lets [http.ResponseController] reach the writer below.
func (w *countingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
