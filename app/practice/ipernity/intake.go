package ipernity

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

const bufferSize = 256 << 10

var (
	bodyPool  = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, bufferSize) }}
	chunkPool = sync.Pool{New: func() any { return new([bufferSize]byte) }}
)

// headSize is how much of a file is looked at to tell what it is: the metadata of a
// JPEG lies within.
const headSize = 128 << 10

// intake is a file that has come in and is not yet a document.
type intake struct {
	temp    string // in incoming
	name    string
	kind    string // content type as it was sent
	size    int64
	tooBig  bool // larger than anybody's limit: only counted
	head    []byte
	sha256  string
	md5     string
	pending bool // it still lies in incoming
}

// take streams a part into incoming. Errors are an httpError where the client's
// connection is to blame; after one nothing is left of the file.
func (st *store) take(part io.Reader, limit int64) (_ *intake, err error) {
	in := &intake{temp: tempName(), pending: true}
	f, err := os.OpenFile(st.incoming(in.temp), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("creating the upload: %w", err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			st.discard(in)
		}
	}()
	st.at(stepCreated)
	sha, sum := sha256.New(), md5.New()
	var head bytes.Buffer
	chunk := chunkPool.Get().(*[bufferSize]byte)
	defer chunkPool.Put(chunk)
	for end := false; !end; {
		n, err := fill(part, chunk[:])
		if end = errors.Is(err, io.EOF); err != nil && !end {
			return nil, errBadRequest
		}
		in.size += int64(n)
		if in.tooBig = in.size > limit; in.tooBig {
			continue
		}
		sha.Write(chunk[:n])
		sum.Write(chunk[:n])
		head.Write(chunk[:min(n, headSize-head.Len())])
		if _, err := f.Write(chunk[:n]); err != nil {
			return nil, fmt.Errorf("writing the upload: %w", err)
		}
	}
	st.at(stepWritten)
	in.head = head.Bytes()
	in.sha256, in.md5 = hex.EncodeToString(sha.Sum(nil)), hex.EncodeToString(sum.Sum(nil))
	return in, nil
}

// fill reads until p is full or r ends or breaks off.
func fill(r io.Reader, p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		var m int
		m, err = r.Read(p[n:])
		n += m
	}
	return n, err
}

// discard removes an upload that has not become a document.
func (st *store) discard(in *intake) {
	if !in.pending {
		return
	}
	in.pending = false
	if err := os.Remove(st.incoming(in.temp)); err != nil && !errors.Is(err, os.ErrNotExist) {
		st.log.Warn("Unfinished upload stays until the next start", "path", st.incoming(in.temp), "err", err)
	}
}

func tempName() string {
	var b [16]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}
