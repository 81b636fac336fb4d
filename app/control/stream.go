package control

import (
	"encoding/json"
	"net/http"
	"sync"
	"time"
)

// flushEvery bounds how long a line may wait in the buffer. Flushing every line
// would make adding 100,000 files slow.
const flushEvery = 50 * time.Millisecond

// stream writes an answer as lines of JSON. Its methods may be called from
// several goroutines.
type stream struct {
	w  http.ResponseWriter
	rc *http.ResponseController

	mu     sync.Mutex
	enc    *json.Encoder // nil until the first line
	timer  *time.Timer   // set while a flush is due
	err    error
	closed bool
}

func newStream(w http.ResponseWriter) *stream {
	return &stream{w: w, rc: http.NewResponseController(w)}
}

// send writes one line. It reaches the client within flushEvery.
func (s *stream) send(v any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil || s.closed {
		return s.err
	}
	if s.enc == nil {
		s.w.Header().Set("Content-Type", "application/x-ndjson")
		s.w.WriteHeader(http.StatusOK)
		s.enc = json.NewEncoder(s.w)
		s.enc.SetEscapeHTML(false)
	}
	if s.err = s.enc.Encode(v); s.err == nil && s.timer == nil {
		s.timer = time.AfterFunc(flushEvery, func() { _ = s.flush() })
	}
	return s.err
}

func (s *stream) flush() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	if s.err == nil && !s.closed {
		s.err = s.rc.Flush()
	}
	return s.err
}

func (s *stream) started() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.enc != nil
}

// end sends the last line. A line that cannot be encoded, with the client
// still there, cuts the answer.
func (s *stream) end(r *http.Request, v any) error {
	if s.send(v) != nil && r.Context().Err() == nil {
		panic(http.ErrAbortHandler)
	}
	return nil
}

// close keeps a pending flush from touching the writer after the call.
func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.timer != nil {
		s.timer.Stop()
	}
}
