package practice

import (
	"io"
	"net/http"
	"time"
)

// slow passes request and answer on at the fault's rate.
func (f *Faults) slow(w http.ResponseWriter, r *http.Request, x Fault) {
	bps := x.BPS
	if bps == 0 {
		bps = 1000
	}
	pace := pace{faults: f, request: r, bps: bps}
	slowed := r.WithContext(r.Context())
	if r.Body != nil {
		slowed.Body = &slowBody{r.Body, pace}
	}
	f.Next.ServeHTTP(&slowWriter{w, pace}, slowed)
}

// pace cuts a stream into tenths of a second, or into single bytes.
type pace struct {
	faults  *Faults
	request *http.Request
	bps     int
}

func (p pace) chunk(n int) int { return min(n, max(1, p.bps/10)) }

func (p pace) wait(n int) error {
	if !p.faults.pause(p.request, time.Duration(n)*time.Second/time.Duration(p.bps)) {
		return io.ErrUnexpectedEOF
	}
	return nil
}

type slowBody struct {
	io.ReadCloser
	pace
}

func (b *slowBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p[:b.chunk(len(p))])
	if n > 0 {
		if err := b.wait(n); err != nil {
			return 0, err
		}
	}
	return n, err
}

type slowWriter struct {
	http.ResponseWriter
	pace
}

// Unwrap is for http.ResponseController.
func (w *slowWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *slowWriter) Write(p []byte) (int, error) {
	done := 0
	for done < len(p) {
		n, err := w.ResponseWriter.Write(p[done : done+w.chunk(len(p)-done)])
		done += n
		if err == nil {
			err = http.NewResponseController(w.ResponseWriter).Flush()
		}
		if err == nil {
			err = w.wait(n)
		}
		if err != nil {
			return done, err
		}
	}
	return done, nil
}
