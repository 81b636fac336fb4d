package picapport

import (
	"bufio"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"math"
	"net/http"
	"os"
	"sync"
)

// receivedSuffix marks the bytes as received beside the photo in incoming.
const receivedSuffix = ".received"

// errTooBig is the end of a part that is longer than the limit.
var errTooBig = errors.New("file is too big")

// buffers are what one upload needs, whatever its size.
type buffers struct {
	body *bufio.Reader // over the request: few, large reads from the connection
	part *bufio.Reader // over the photo's part, wide enough to peek any JPEG segment
	out  *bufio.Writer // to the file
}

const bufferSize = 256 << 10

var bufferPool = sync.Pool{New: func() any {
	return &buffers{
		body: bufio.NewReaderSize(nil, bufferSize),
		part: bufio.NewReaderSize(nil, bufferSize),
		out:  bufio.NewWriterSize(nil, 16<<10),
	}
}}

func borrowBuffers(body io.Reader) *buffers {
	b := bufferPool.Get().(*buffers)
	b.body.Reset(body)
	return b
}

func (b *buffers) giveBack() {
	b.body.Reset(nil)
	b.part.Reset(nil)
	b.out.Reset(nil)
	bufferPool.Put(b)
}

// intake reads a part in large pieces and shows each of them to its sinks before
// anybody else sees it.
type intake struct {
	src   io.Reader
	limit int64
	read  int64
	sinks []io.Writer
	err   error // sticky
}

func (in *intake) Read(p []byte) (int, error) {
	if in.err != nil {
		return 0, in.err
	}
	n := 0
	for n < len(p) && in.err == nil {
		var m int
		m, in.err = in.src.Read(p[n:])
		n += m
	}
	in.read += int64(n)
	if in.read > in.limit && (in.err == nil || errors.Is(in.err, io.EOF)) {
		in.err = errTooBig // next time: what has been read may still tell the type
	}
	for _, w := range in.sinks {
		if _, err := w.Write(p[:n]); err != nil {
			in.err = err
			return 0, err
		}
	}
	return n, nil
}

// ignore lets the rest of the part pass by, whatever its size.
func (in *intake) ignore() {
	in.limit, in.sinks = math.MaxInt64, nil
	if errors.Is(in.err, errTooBig) {
		in.err = nil
	}
}

// attach adds the sinks and catches them up with what r has buffered of in.
func (in *intake) attach(r *bufio.Reader, sinks ...io.Writer) error {
	seen, err := r.Peek(r.Buffered())
	if err != nil {
		return err
	}
	for _, w := range sinks {
		if _, err := w.Write(seen); err != nil {
			return err
		}
	}
	in.sinks = sinks
	return nil
}

// write streams a part into incoming, with its metadata spliced in if it is a JPEG, and
// fills the record's sizes and digests. After an error nothing is left of it.
func (st *store) write(r *record, in *intake, b *buffers, o Options, video bool) (err error) {
	var packet []byte
	if !video {
		if packet, err = xmpSegment(*r.Meta, r.ID); err != nil {
			return refuse(http.StatusBadRequest, "Part metadata: %v", err)
		}
	}
	r.Temp = tempName()
	f, err := os.OpenFile(st.incoming(r.Temp), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("creating the photo: %w", err)
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err != nil {
			st.discard(*r)
		}
	}()
	st.at(stepCreated)

	digest, sum := sha256.New(), hash.Hash(nil)
	sinks := []io.Writer{digest}
	if !o.NoMD5 {
		sum = md5.New()
		sinks = append(sinks, sum)
	}
	if o.KeepReceived {
		k, err := os.OpenFile(st.incoming(r.Temp+receivedSuffix), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("creating the received file: %w", err)
		}
		defer k.Close() // what counts is that all bytes were written
		sinks = append(sinks, k)
		r.Kept = true
	}
	if err := in.attach(b.part, sinks...); err != nil {
		return fmt.Errorf("storing the photo: %w", err)
	}
	dst := &counter{w: f}
	b.out.Reset(dst)
	if video {
		_, err = b.part.WriteTo(onlyWriter{dst})
	} else if err = spliceXMP(b.out, b.part, packet); err == nil {
		if err = b.out.Flush(); err == nil {
			st.at(stepWriting)
			_, err = b.part.WriteTo(onlyWriter{dst})
		}
	}
	var onDisk *os.PathError
	switch {
	case errors.Is(err, errTooBig):
		return err
	case errors.As(err, &onDisk):
		return fmt.Errorf("storing the photo: %w", err)
	case err != nil: // everything else is the client's connection
		return errMalformed
	}
	st.at(stepWritten)
	r.Size, r.Stored = in.read, dst.n
	r.SHA256 = hex.EncodeToString(digest.Sum(nil))
	if sum != nil {
		r.MD5 = hex.EncodeToString(sum.Sum(nil))
	}
	return nil
}

// discard removes what write has made.
func (st *store) discard(r record) {
	for _, name := range []string{r.Temp, r.Temp + receivedSuffix} {
		if err := os.Remove(st.incoming(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			st.log.Warn("Unfinished upload stays until the next start", "path", st.incoming(name), "err", err)
		}
	}
}

func tempName() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// counter counts what goes into a file.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}

// onlyWriter hides every other method, so that a copy keeps its large pieces.
type onlyWriter struct{ io.Writer }
