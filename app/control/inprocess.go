package control

import (
	"context"
	"io"
	"net/http"
	"sync"
)

// inProcess is a RoundTripper that calls a handler, with streaming answers as
// over a connection.
type inProcess struct{ h http.Handler }

// RoundTrip implements [http.RoundTripper]. The handler runs in a goroutine
// that has ended when the answer's body was read to its end, or closed.
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancel(r.Context())
	in := r.Clone(ctx)
	in.RequestURI = r.URL.RequestURI()
	if in.Body == nil {
		in.Body = http.NoBody
	}
	pr, pw := io.Pipe()
	w := &pipeWriter{header: make(http.Header), pipe: pw, begun: make(chan struct{})}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer cancel()
		if r.Body != nil {
			defer r.Body.Close()
		}
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler { //nolint:errorlint // what was recovered is no chain of errors
				panic(p) // a fault of the handler's own must not pass unseen
			} else if p != nil {
				w.WriteHeader(http.StatusInternalServerError)
				_ = pw.CloseWithError(io.ErrUnexpectedEOF)
			}
		}()
		t.h.ServeHTTP(w, in)
		w.WriteHeader(http.StatusOK)
		_ = pw.Close()
	}()
	select {
	case <-w.begun:
	case <-ctx.Done():
		select {
		case <-w.begun: // the handler has ended, which cancels as well
		default:
			_ = pr.CloseWithError(ctx.Err())
			<-done
			return nil, r.Context().Err()
		}
	}
	return &http.Response{
		Status:        http.StatusText(w.code),
		StatusCode:    w.code,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        w.sent,
		Body:          &pipeBody{PipeReader: pr, cancel: cancel, done: done},
		ContentLength: -1,
		Request:       r,
	}, nil
}

// pipeWriter is the handler's end of an answer.
type pipeWriter struct {
	header http.Header
	pipe   *io.PipeWriter

	once  sync.Once
	begun chan struct{} // closed once code and sent are set
	code  int
	sent  http.Header
}

// Header implements [http.ResponseWriter].
func (w *pipeWriter) Header() http.Header { return w.header }

// WriteHeader implements [http.ResponseWriter].
func (w *pipeWriter) WriteHeader(code int) {
	w.once.Do(func() {
		w.code, w.sent = code, w.header.Clone()
		close(w.begun)
	})
}

// Write implements [http.ResponseWriter].
func (w *pipeWriter) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.pipe.Write(b)
}

// Flush implements [http.Flusher]: nothing is buffered.
func (w *pipeWriter) Flush() { w.WriteHeader(http.StatusOK) }

// pipeBody is the client's end of an answer.
type pipeBody struct {
	*io.PipeReader
	cancel context.CancelFunc
	done   <-chan struct{}
}

// Close ends the call as a closed connection would, and waits for the handler.
func (b *pipeBody) Close() error {
	b.cancel()
	_ = b.PipeReader.Close()
	<-b.done
	return nil
}
