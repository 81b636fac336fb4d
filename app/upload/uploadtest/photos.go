package uploadtest

import (
	"bytes"
	"crypto/md5"
	"crypto/sha256"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"sync"
	"sync/atomic"

	"github.com/photoferry/photoferry/app/photo"
	"github.com/photoferry/photoferry/app/upload"
)

// tiny is a real JPEG of a few hundred bytes.
var tiny = sync.OnceValue(func() []byte {
	m := image.NewGray(image.Rect(0, 0, 32, 24))
	for i := range m.Pix {
		m.Pix[i] = color.Gray{Y: uint8(i)}.Y
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		panic(err)
	}
	return b.Bytes()
})

// serial makes every photo of a process another one; it begins anywhere, so
// that a real server has none of them from an earlier run.
var serial = func() *atomic.Uint64 {
	n := new(atomic.Uint64)
	n.Store(rand.Uint64())
	return n
}()

// Item returns a JPEG of the given size (at least 1000 bytes) that no other
// call has returned. It takes no memory however big it is: its bytes are made
// as they are read.
func Item(name string, size int64) upload.Item {
	seed := serial.Add(1)
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytesOf(seed, size)), nil }
	it := upload.Item{
		Name: name, Size: size, Kind: photo.JPEG, SyncCheck: true, Open: open,
		SetMark: func(string) error { return nil },
	}
	sha, sum := sha256.New(), md5.New()
	if n, err := io.Copy(io.MultiWriter(sha, sum), bytesOf(seed, size)); err != nil || n != size {
		panic("uploadtest: photo of a wrong size")
	}
	it.SHA256, it.MD5 = [32]byte(sha.Sum(nil)), [16]byte(sum.Sum(nil))
	return it
}

// bytesOf is a JPEG with the seed in a comment, and noise behind its end up to
// the size.
func bytesOf(seed uint64, size int64) io.Reader {
	var head bytes.Buffer
	head.Write(tiny()[:2])
	head.Write([]byte{0xff, 0xfe, 0, 10})
	head.Write(binary.BigEndian.AppendUint64(nil, seed))
	head.Write(tiny()[2:])
	return io.LimitReader(io.MultiReader(&head, &noise{}), size)
}

// block is random, so that nothing on the way can make it smaller.
var block = sync.OnceValue(func() []byte {
	b := make([]byte, 64<<10)
	_, _ = rand.NewChaCha8([32]byte{1}).Read(b) // never fails
	return b
})

// noise repeats the block without end, in reads of any size.
type noise struct{ at int }

func (n *noise) Read(p []byte) (int, error) {
	got := copy(p, block()[n.at:])
	n.at = (n.at + got) % len(block())
	return got, nil
}

// opener counts how often an item's file is opened and closed.
type opener struct{ opened, closed atomic.Int32 }

// count makes the item's Open count.
func (o *opener) count(it upload.Item) upload.Item {
	open := it.Open
	it.Open = func() (io.ReadCloser, error) {
		r, err := open()
		if err != nil {
			return nil, err
		}
		o.opened.Add(1)
		return &counted{ReadCloser: r, o: o}, nil
	}
	return it
}

type counted struct {
	io.ReadCloser
	o    *opener
	once sync.Once
}

func (c *counted) Close() error {
	c.once.Do(func() { c.o.closed.Add(1) })
	return c.ReadCloser.Close()
}
