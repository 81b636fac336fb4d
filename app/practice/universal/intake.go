package universal

import (
	"bufio"
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"
)

// buffers are what one request with a body needs, whatever its size.
type buffers struct {
	body *bufio.Reader // over the request: few, large reads from the connection
	copy []byte
}

const bufferSize = 256 << 10

var bufferPool = sync.Pool{New: func() any {
	return &buffers{bufio.NewReaderSize(nil, bufferSize), make([]byte, bufferSize)}
}}

func borrowBuffers(body io.Reader) *buffers {
	b := bufferPool.Get().(*buffers)
	b.body.Reset(body)
	return b
}

func (b *buffers) giveBack() {
	b.body.Reset(nil)
	bufferPool.Put(b)
}

// onlyReader and onlyWriter hide every other method, so that a copy uses its buffer.
type (
	onlyReader struct{ io.Reader }
	onlyWriter struct{ io.Writer }
)

// extensions are the kinds of image that are taken, by their content type. Facebook
// took more [FB]; no page of the platform names any.
var extensions = map[string]string{
	"image/jpeg": ".jpg",
	"image/png":  ".png",
	"image/gif":  ".gif",
	"":           ".bin", // none of them: such a photo is refused before it gets a place
}

// imageType tells the kind of an image by its first bytes. The part's Content-Type
// does not count: the sample has image/jpg, which is none [U-upload].
func imageType(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xd8\xff")):
		return "image/jpeg"
	case bytes.HasPrefix(head, []byte("\x89PNG\r\n\x1a\n")):
		return "image/png"
	case bytes.HasPrefix(head, []byte("GIF87a")), bytes.HasPrefix(head, []byte("GIF89a")):
		return "image/gif"
	}
	return ""
}

// receive streams a file into incoming and fills the record's type, size and digests.
// After an error nothing is left of it. It returns errMalformed if the body ends early.
func (st *store) receive(r *record, content io.Reader, b *buffers, o Options) (err error) {
	r.Temp = randomHex(32)
	f, err := os.OpenFile(st.incoming(r.Temp), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("creating the photo: %w", err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			st.discard(*r)
		}
	}()
	st.at(stepCreated)

	digest, sum := sha256.New(), hash.Hash(nil)
	sinks := []io.Writer{f, digest}
	if !o.NoMD5 {
		sum = md5.New()
		sinks = append(sinks, sum)
	}
	all := io.MultiWriter(sinks...)
	for ended := false; !ended; {
		n, err := fill(content, b.copy)
		if ended = errors.Is(err, io.EOF); err != nil && !ended {
			return errMalformed
		}
		if r.Size == 0 {
			r.Type = imageType(b.copy[:n])
		}
		r.Size += int64(n)
		if _, err := all.Write(b.copy[:n]); err != nil {
			return fmt.Errorf("storing the photo: %w", err)
		}
		st.at(stepWriting)
	}
	st.at(stepWritten)
	r.SHA256 = hex.EncodeToString(digest.Sum(nil))
	if sum != nil {
		r.MD5 = hex.EncodeToString(sum.Sum(nil))
	}
	return nil
}

// fill reads until b is full, or until an error that tells an end from a break.
func fill(r io.Reader, b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var m int
		m, err = r.Read(b[n:])
		n += m
	}
	return n, err
}

// discard removes what receive has made.
func (st *store) discard(r record) {
	if err := os.Remove(st.incoming(r.Temp)); err != nil && !errors.Is(err, os.ErrNotExist) {
		st.log.Warn("Unfinished upload stays until the next start", "path", st.incoming(r.Temp), "err", err)
	}
}
