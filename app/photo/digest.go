package photo

import (
	"context"
	"crypto/md5" // the identity that Piwigo asks for, not a safeguard
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"sync"
)

// Digests is what one reading of a whole file gives.
type Digests struct {
	Size   int64 // bytes read
	SHA256 [32]byte
	MD5    [16]byte
	Kind   Kind
}

const (
	// chunkLen fits two chunks into a core's L2 cache, where 32 to 256 KiB
	// measure the same and 4 MiB measures slower.
	chunkLen = 128 << 10
	// chunksMost is how many chunks one digest uses: MD5, the slower hash, may
	// lag behind by all but one of them.
	chunksMost = 5
)

var chunks = sync.Pool{New: func() any { return new([chunkLen]byte) }}

// Digest reads r to its end and returns both digests, the number of bytes and
// the kind, which it tells from the first bytes and the name as [Sniff] does.
//
// Memory is constant: five pooled buffers, whatever the size. The two hashes
// of a file larger than one buffer run in two goroutines over the same
// buffers; on two free cores that takes the time of MD5 alone. The context is
// looked at between buffers; a Read that blocks is the caller's to unblock.
// The error is the context's or the reader's, and the Digests are then zero.
func Digest(ctx context.Context, r io.Reader, name string) (Digests, error) {
	if err := ctx.Err(); err != nil {
		return Digests{}, fmt.Errorf("digest: %w", err)
	}
	sha, sum := sha256.New(), md5.New()

	first := chunks.Get().(*[chunkLen]byte)
	n, err := io.ReadFull(r, first[:])
	d := Digests{Size: int64(n), Kind: Sniff(first[:min(n, SniffLen)], name)}

	switch {
	case err == nil:
		var rest int64
		rest, err = digestRest(ctx, r, sha, sum, first)
		d.Size += rest
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF): // all of it is in the first buffer
		sha.Write(first[:n])
		sum.Write(first[:n])
		chunks.Put(first)
		err = nil
	default:
		chunks.Put(first)
	}
	if err != nil {
		return Digests{}, fmt.Errorf("digest: %w", err)
	}
	sha.Sum(d.SHA256[:0])
	sum.Sum(d.MD5[:0])
	return d, nil
}

// filled is a chunk on its way from the reader to MD5.
type filled struct {
	chunk *[chunkLen]byte
	n     int
}

// digestRest hashes the first chunk, which is full, and everything after it.
// The caller's goroutine reads and does SHA-256, a second one does MD5 and
// gives the chunks back; it has ended when digestRest returns. The returned
// count leaves the first chunk out.
func digestRest(ctx context.Context, r io.Reader, sha, sum hash.Hash, first *[chunkLen]byte) (rest int64, err error) {
	next := make(chan filled, chunksMost)
	free := make(chan *[chunkLen]byte, chunksMost)
	go func() {
		defer close(free)
		for f := range next {
			sum.Write(f.chunk[:f.n])
			free <- f.chunk // never blocks: it holds all there are
		}
	}()
	defer func() {
		close(next)
		for chunk := range free {
			chunks.Put(chunk)
		}
	}()

	sha.Write(first[:])
	next <- filled{first, chunkLen}
	for taken := 1; ; taken++ {
		if err := ctx.Err(); err != nil {
			return rest, err
		}
		var chunk *[chunkLen]byte
		if taken < chunksMost {
			chunk = chunks.Get().(*[chunkLen]byte)
		} else {
			chunk = <-free
		}
		n, err := io.ReadFull(r, chunk[:])
		rest += int64(n)
		// SHA-256 comes first, for MD5 gives the chunk away when it is done.
		sha.Write(chunk[:n])
		next <- filled{chunk, n} // also an empty one: it has to be given back
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return rest, nil
		default:
			return rest, err
		}
	}
}
