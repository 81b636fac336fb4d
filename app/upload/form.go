package upload

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"sync"
	"time"
)

// ErrChanged is wrapped by the error of an upload whose file did not have the
// announced number of bytes. The transmission was broken off before its last
// bytes, so that the server cannot have taken it for whole.
var ErrChanged = errors.New("file changed while it was being sent")

// Form is a multipart/form-data request with one file. Its body has a known
// Content-Length and is streamed in constant memory, as often as the HTTP
// client needs it.
type Form struct {
	Fields []Field // in this order, before the file
	File   FormFile

	// Commit, which may be nil, is called once per transmission when all but
	// the file's last bytes have been handed over. Until then the server
	// cannot have the whole file; from then on it may. An error breaks the
	// transmission off.
	Commit func() error
}

// Field is a text part.
type Field struct{ Name, Value string }

// FormFile is the file part.
type FormFile struct {
	Name        string // of the field
	FileName    string
	ContentType string
	Size        int64 // bytes that Open yields; anything else is ErrChanged
	Open        func() (io.ReadCloser, error)
}

// Sending is one request made from a [Form].
type Sending struct {
	Request *http.Request

	form       Form
	head, tail []byte
	progress   func(int64)

	mu       sync.Mutex
	stopped  bool
	complete bool
	err      error // of the file
	open     sync.WaitGroup
}

// Post opens the file and returns the POST request that carries it. The
// progress function of ctx, if any, is told the number of file bytes sent; see
// [WithProgress]. The caller must call [Sending.Stop] when it has the answer
// or an error. The error is or wraps an [*Error]; what Open returned is in its
// chain.
func (f Form) Post(ctx context.Context, url string) (*Sending, error) {
	var head bytes.Buffer
	w := multipart.NewWriter(&head)
	// Writing to a buffer cannot fail.
	for _, field := range f.Fields {
		part, _ := w.CreatePart(partHeader(`form-data; name="` + quote(field.Name) + `"`))
		_, _ = io.WriteString(part, field.Value)
	}
	h := partHeader(`form-data; name="` + quote(f.File.Name) + `"; filename="` + quote(f.File.FileName) + `"`)
	h.Set("Content-Type", f.File.ContentType)
	_, _ = w.CreatePart(h)

	s := &Sending{form: f, head: head.Bytes(), tail: []byte("\r\n--" + w.Boundary() + "--\r\n"), progress: progressOf(ctx)}
	body, err := s.body()
	if err != nil {
		return nil, err
	}
	s.Request, err = http.NewRequestWithContext(ctx, http.MethodPost, url, body)
	if err != nil {
		body.Close()
		return nil, &Error{Kind: Denied, Reason: "the account's address cannot be used"}
	}
	s.Request.ContentLength = int64(len(s.head)) + f.File.Size + int64(len(s.tail))
	s.Request.GetBody = s.body
	s.Request.Header.Set("Content-Type", w.FormDataContentType())
	return s, nil
}

func partHeader(disposition string) textproto.MIMEHeader {
	return textproto.MIMEHeader{"Content-Disposition": {disposition}}
}

// quote escapes as browsers do (WHATWG HTML, multipart/form-data encoding):
// a backslash before a quote, as mime/multipart writes it, is taken for part
// of the name by many servers.
var quote = strings.NewReplacer(`"`, "%22", "\r", "%0D", "\n", "%0A").Replace

// body opens the file for one transmission.
func (s *Sending) body() (io.ReadCloser, error) {
	src, err := s.form.File.Open()
	if err != nil {
		if !isA[*Error](err) {
			err = &Error{Reason: "the file cannot be opened", Err: err}
		}
		return nil, s.fail(err)
	}
	s.mu.Lock()
	s.complete, s.err = false, nil
	s.mu.Unlock()
	s.open.Add(1)
	file := &fileReader{s: s, src: src, left: s.form.File.Size}
	return &formBody{
		Reader: io.MultiReader(bytes.NewReader(s.head), file, bytes.NewReader(s.tail)),
		close: sync.OnceValue(func() error {
			defer s.open.Done()
			return src.Close()
		}),
	}, nil
}

type formBody struct {
	io.Reader
	close func() error
}

func (b *formBody) Close() error { return b.close() }

// Complete reports whether the file's last bytes have been handed to the
// network, so that the server may have all of it.
func (s *Sending) Complete() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.complete
}

// stopWait is how long Stop waits for the HTTP client to let go of the file.
const stopWait = 250 * time.Millisecond

// Stop ends the transmission: afterwards no more of the file is sent, and
// neither Commit nor the progress function is called again. The file is
// closed, unless a read of it hangs.
func (s *Sending) Stop() {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	closed := make(chan struct{})
	go func() {
		s.open.Wait()
		close(closed)
	}()
	timer := time.NewTimer(stopWait)
	defer timer.Stop()
	select {
	case <-closed:
	case <-timer.C:
	}
}

// Failed is [Failed] for an error of sending this form: what is wrong with the
// file itself goes before what the network made of it.
func (s *Sending) Failed(op string, err error) error {
	s.mu.Lock()
	cause := s.err
	s.mu.Unlock()
	if cause != nil {
		err = cause
	}
	return Failed(s.Request.Context(), op, err)
}

func (s *Sending) fail(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = err
	return err
}

var errStopped = errors.New("transmission was stopped")

// step reports progress unless the transmission was stopped.
func (s *Sending) step(sent int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return errStopped
	}
	if s.progress != nil {
		s.progress(sent)
	}
	return nil
}

// commit is called before the last bytes are handed over.
func (s *Sending) commit() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return errStopped
	}
	if s.form.Commit != nil {
		if err := s.form.Commit(); err != nil {
			s.err = &Error{Reason: "the upload cannot be noted in the queue", Err: err}
			return s.err
		}
	}
	s.complete = true
	return nil
}

// fileReader yields exactly the announced number of bytes, or an error before
// the last of them.
type fileReader struct {
	s    *Sending
	src  io.Reader
	left int64
	done bool
}

func (f *fileReader) Read(p []byte) (int, error) {
	// What was read before has been written to the network by now.
	if err := f.s.step(f.s.form.File.Size - f.left); err != nil {
		return 0, err
	}
	if f.done {
		return 0, io.EOF
	}
	if f.left == 0 {
		return 0, f.end()
	}
	n, err := f.src.Read(p[:min(int64(len(p)), f.left)])
	f.left -= int64(n)
	switch {
	case f.left == 0:
		if err := f.end(); !errors.Is(err, io.EOF) {
			return 0, err
		}
		return n, nil
	case err == io.EOF:
		return 0, f.s.fail(changed("shorter"))
	case err != nil:
		return 0, f.s.fail(&Error{Reason: "the file cannot be read", Err: err})
	}
	return n, nil
}

// end returns io.EOF when the file ends where it should and its last bytes may
// go out.
func (f *fileReader) end() error {
	var more [1]byte
	for range 100 {
		n, err := f.src.Read(more[:])
		switch {
		case n > 0:
			return f.s.fail(changed("longer"))
		case err == io.EOF:
			if err := f.s.commit(); err != nil {
				return err
			}
			f.done = true
			return io.EOF
		case err != nil:
			return f.s.fail(&Error{Reason: "the file cannot be read", Err: err})
		}
	}
	return f.s.fail(&Error{Reason: "the file cannot be read", Err: io.ErrNoProgress})
}

func changed(how string) error {
	return &Error{
		Reason: "the file changed while it was being sent: it became " + how,
		Hint:   "It is sent again when it has stopped changing.",
		Err:    ErrChanged,
	}
}
