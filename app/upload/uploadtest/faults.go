package uploadtest

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/photoferry/photoferry/app/upload"
)

func lyingFiles(t *testing.T, s *suite) {
	honest := func(it upload.Item) io.Reader {
		r, _ := it.Open()
		return r
	}
	broken := errors.New("the card was pulled out")
	x := s.start(t)
	for _, tt := range []struct {
		name string
		open func(it upload.Item) func() (io.ReadCloser, error)
		want error
	}{
		{"cannot be opened", func(upload.Item) func() (io.ReadCloser, error) {
			return func() (io.ReadCloser, error) { return nil, &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist} }
		}, fs.ErrNotExist},
		{"is shorter", func(it upload.Item) func() (io.ReadCloser, error) {
			return func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(honest(it), it.Size-1)), nil }
		}, upload.ErrChanged},
		{"is empty", func(it upload.Item) func() (io.ReadCloser, error) {
			return func() (io.ReadCloser, error) { return io.NopCloser(io.LimitReader(honest(it), 0)), nil }
		}, upload.ErrChanged},
		{"is longer by a byte", func(it upload.Item) func() (io.ReadCloser, error) {
			return func() (io.ReadCloser, error) {
				return io.NopCloser(io.MultiReader(honest(it), io.LimitReader(zeros{}, 1))), nil
			}
		}, upload.ErrChanged},
		{"grows without end", func(it upload.Item) func() (io.ReadCloser, error) {
			return func() (io.ReadCloser, error) { return io.NopCloser(io.MultiReader(honest(it), zeros{})), nil }
		}, upload.ErrChanged},
		{"breaks off", func(it upload.Item) func() (io.ReadCloser, error) {
			return func() (io.ReadCloser, error) {
				return io.NopCloser(io.MultiReader(io.LimitReader(honest(it), it.Size/2), failing{broken})), nil
			}
		}, broken},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := x.with(t, patient)
			it := Item("lying "+tt.name+".jpg", 400_000)
			lying := it
			lying.Open = tt.open(it)
			_, err := x.up.Upload(t.Context(), lying)
			if !errors.Is(err, tt.want) {
				t.Errorf("Upload: %v, want %v", err, tt.want)
			}
			mustBe(t, err, upload.Transient)
			x.mustNotHave(it)
			x.mustUpload(it)
			x.mustHaveOnce(it)
		})
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// faultTable says what each misbehaviour is to the engine. An answer is lost
// when the server may have kept the photo for all that we know.
var faultTable = []struct {
	fault Fault
	kind  upload.Kind
	lost  bool
}{
	{ResetBefore, upload.Transient, true},
	{ResetAfter, upload.Transient, true},
	{Stall, upload.Transient, true},
	{Status401, upload.Denied, false},
	{Status403, upload.Denied, false},
	{Status413, upload.Rejected, false},
	{Status413At, upload.Rejected, false},
	{Status429, upload.Busy, false},
	{Status500, upload.Transient, true},
	{Status503, upload.Busy, false},
	{HTML502, upload.Transient, true},
	{HTML200, upload.Transient, true},
	{Empty200, upload.Transient, true},
	{Cut, upload.Transient, true},
	{Endless, upload.Transient, true},
	{Redirect, upload.Denied, false},
	{Quota, upload.Full, false},
	{DiskFull, upload.Full, false},
}

// faults checks the kind of every misbehaviour, and that afterwards the photo
// gets there once.
func faults(t *testing.T, s *suite) {
	site := s.start(t)
	site.needsFaults()
	for _, tt := range faultTable {
		t.Run(string(tt.fault), func(t *testing.T) {
			limits := patient
			if tt.fault == Stall {
				limits = quick
			}
			x := site.with(t, limits)
			x.signIn()
			it := Item("fault.jpg", 30_000)
			var mark marks
			it.SetMark = mark.set
			x.Fault(tt.fault, 0)
			_, err := x.up.Upload(t.Context(), it)

			want, lost := tt.kind, tt.lost
			if k, ok := s.Kinds[tt.fault]; ok {
				want, lost = k, k == upload.Transient
			}
			kinds := []upload.Kind{want}
			if lost && s.CannotFind {
				kinds = []upload.Kind{upload.Unsure}
				if tt.fault == ResetBefore { // may or may not have swallowed it
					kinds = append(kinds, want)
				}
			}
			e := mustBe(t, err, kinds...)
			if tt.fault == Status429 && e.RetryAfter != 7*time.Second {
				t.Errorf("RetryAfter is %v, want 7s", e.RetryAfter)
			}

			x.Fault("", 0)
			x = site.with(t, patient)
			it.Mark = mark.get()
			if e.Kind == upload.Unsure {
				mustStayUnsure(t, x, it)
				return
			}
			_, err = x.deliver(t.Context(), it)
			if lost && s.FindsMarked && err != nil {
				mustBe(t, err, upload.Unsure)
				x.mustHaveAtMostOnce(it)
				return
			}
			if err != nil {
				t.Errorf("after the fault: %v", err)
			}
			x.mustHaveOnce(it)
		})
	}
}

// mustStayUnsure checks that a photo whose answer was lost is not sent again,
// also by an app that was started anew.
func mustStayUnsure(t *testing.T, x *site, it upload.Item) {
	t.Helper()
	before := len(x.wire.lengths())
	_, err := x.deliver(t.Context(), it)
	mustBe(t, err, upload.Unsure)
	for _, n := range x.wire.lengths()[before:] {
		if n >= it.Size {
			t.Errorf("a request with %d bytes after a lost answer", n)
		}
	}
}

// marks is a job's mark.
type marks struct {
	mu   sync.Mutex
	mark string
}

func (m *marks) set(mark string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.mark = mark
	return nil
}

func (m *marks) get() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.mark
}

// lostReply stores the photo and loses the answer, three times over.
func lostReply(t *testing.T, s *suite) {
	site := s.start(t)
	site.needsFaults()
	for _, fault := range []Fault{ResetAfter, Cut} {
		t.Run(string(fault), func(t *testing.T) {
			x := site.with(t, patient)
			it := Item("lost.jpg", 30_000)
			var mark marks
			it.SetMark = mark.set
			x.Fault(fault, 3)
			var err error
			for range 5 {
				it.Mark = mark.get()
				if _, err = x.deliver(t.Context(), it); err == nil || upload.KindOf(err) == upload.Unsure {
					break
				}
			}
			switch {
			case s.CannotFind, s.FindsMarked && err != nil:
				mustBe(t, err, upload.Unsure)
			case err != nil:
				t.Errorf("after the lost reply: %v", err)
			}
			x.mustHaveOnce(it)
		})
	}
}

// within is how long a cancelled call may take.
const within = time.Second

func cancellation(t *testing.T, s *suite) {
	site := s.start(t)
	site.needsFaults()
	limited := patient
	limited.Limiter = upload.NewLimiter(2000)
	hung := make(chan struct{})
	defer close(hung)
	for _, tt := range []struct {
		name    string
		options upload.ClientOptions
		fault   Fault
		reader  func(r io.ReadCloser, begun func()) io.ReadCloser
	}{
		{"while the server does not answer", patient, Stall, nil},
		{"while the line is slow", patient, Slow, nil},
		{"while the bandwidth limit holds it", limited, "", nil},
		{"while the file cannot be read", patient, "", func(r io.ReadCloser, begun func()) io.ReadCloser {
			return struct {
				io.Reader
				io.Closer
			}{io.MultiReader(io.LimitReader(r, 10_000), hanging{hung, begun}), r}
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			x := site.with(t, tt.options)
			x.signIn()
			leaks := goleak.IgnoreCurrent()
			x.Fault(tt.fault, 0)
			it := Item("cancelled "+tt.name+".jpg", 400_000)
			begun := make(chan struct{})
			var once sync.Once
			begin := func() { once.Do(func() { close(begun) }) }
			if tt.reader != nil {
				open := it.Open
				it.Open = func() (io.ReadCloser, error) {
					r, err := open()
					return tt.reader(r, begin), err
				}
			}
			var o opener
			ctx, cancel := context.WithCancel(t.Context())
			ctx = upload.WithProgress(ctx, func(sent int64) {
				if sent > 0 {
					begin()
				}
			})
			done := make(chan error, 1)
			go func() {
				_, err := x.up.Upload(ctx, o.count(it))
				done <- err
			}()
			select {
			case <-begun:
			case err := <-done:
				t.Fatalf("Upload ended before it was cancelled: %v", err)
			}
			start := time.Now()
			cancel()
			err := <-done
			if took := time.Since(start); took > within {
				t.Errorf("Upload returned %v after it was cancelled", took)
			}
			if !errors.Is(err, context.Canceled) {
				t.Errorf("Upload: %v, want context.Canceled", err)
			}
			x.mustNotHave(it)
			if tt.reader != nil {
				return // the read that hangs ends with the test
			}
			if o.opened.Load() != o.closed.Load() {
				t.Errorf("the file was opened %d times and closed %d times", o.opened.Load(), o.closed.Load())
			}
			if err := goleak.Find(leaks); err != nil {
				t.Error(err)
			}
		})
	}
}

// hanging never returns from Read while the test runs, as a dead network drive
// does.
type hanging struct {
	end   <-chan struct{}
	begun func()
}

func (h hanging) Read([]byte) (int, error) {
	h.begun()
	<-h.end
	return 0, io.ErrUnexpectedEOF
}
