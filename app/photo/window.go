package photo

import (
	"errors"
	"io"
)

// windowLen is how much of a file a window holds. The directories and values
// of a camera's EXIF lie close together, so most files need one or two reads.
const windowLen = 8 << 10

// window is an [io.ReaderAt] over another that answers small reads from one
// buffered piece. It also keeps the first error of the reader beneath that is
// not an early end, so that a failing disk is not mistaken for a photo without
// metadata. It is for one goroutine.
type window struct {
	r    io.ReaderAt
	size int64
	at   int64
	buf  []byte
	mem  [windowLen]byte
	err  error
}

func newWindow(r io.ReaderAt, size int64) *window { return &window{r: r, size: size} }

// ReadAt implements [io.ReaderAt]. What lies beyond size is not there, even if
// the reader beneath has it.
func (w *window) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off >= w.size {
		return 0, io.EOF
	}
	if len(p) > windowLen/2 {
		return w.through(p, off)
	}
	if off < w.at || off+int64(len(p)) > w.at+int64(len(w.buf)) {
		// Some of the bytes before it: a file's directories do not always
		// come before their values.
		w.at = max(0, off-windowLen/8)
		n, err := w.through(w.mem[:], w.at)
		w.buf = w.mem[:n]
		if off >= w.at+int64(n) {
			return 0, err
		}
	}
	n := copy(p, w.buf[off-w.at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (w *window) through(p []byte, off int64) (int, error) {
	want := int(min(int64(len(p)), w.size-off))
	n, err := w.r.ReadAt(p[:want], off)
	n = max(0, min(n, want))
	if n == want {
		err = nil
	} else if err == nil {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && w.err == nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		w.err = err
	}
	if err == nil && n < len(p) {
		err = io.EOF
	}
	return n, err
}

// span is a piece of a reader: the bytes [off, off+n). Its own offsets start at 0.
type span struct {
	r      io.ReaderAt
	off, n int64
}

// within returns the part [off, off+n) of s, cut off at the end of s, and
// whether any of it is there.
func (s span) within(off, n int64) (span, bool) {
	if off < 0 || n <= 0 || off >= s.n {
		return span{}, false
	}
	return span{s.r, s.off + off, min(n, s.n-off)}, true
}

// read fills p from off, and reports whether all of it was there.
func (s span) read(p []byte, off int64) bool {
	if off < 0 || off > s.n || int64(len(p)) > s.n-off {
		return false
	}
	n, _ := s.r.ReadAt(p, s.off+off)
	return n == len(p)
}

// head fills p from off as far as the span goes, and returns what was read.
func (s span) head(p []byte, off int64) []byte {
	if off < 0 || off >= s.n {
		return nil
	}
	n, _ := s.r.ReadAt(p[:min(int64(len(p)), s.n-off)], s.off+off)
	return p[:n]
}

// section returns the span as a reader for a decoder.
func (s span) section() *io.SectionReader { return io.NewSectionReader(s.r, s.off, s.n) }
