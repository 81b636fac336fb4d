package queue

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// This file reads a bbolt file through plain reads, page by page, before (and beside) bbolt itself. bbolt trusts its
// pages: behind its mapping a truncated file is a SIGBUS, a flipped offset a fault at a wild address, a page that points
// at its parent a stack overflow, and only some of these can be recovered from. Reading costs no resident memory either,
// which a walk through the mapping would.

// The parts of bbolt's file format (version 2) that a reader needs. Numbers are in the byte order of the machine.
const (
	boltMagic   = 0xED0CDAED
	boltVersion = 2

	pageBranch   = 0x01
	pageLeaf     = 0x02
	pageFreelist = 0x10

	pageHeader  = 16 // id 8, flags 2, count 2, overflow 4
	elemSize    = 16 // branch: pos 4, ksize 4, child 8; leaf: flags 4, pos 4, ksize 4, vsize 4
	elemBucket  = 0x01
	bucketSize  = 16 // root page 8 (0: the page follows inline), sequence 8
	metaSize    = 64 // magic 4, version 4, page size 4, flags 4, root 16, freelist 8, high water 8, txid 8, checksum 8
	noFreelist  = ^uint64(0)
	maxDepth    = 64
	maxOverflow = 1 << 20
)

var native = binary.NativeEndian

// pageFile is one consistent state of a bbolt file.
type pageFile struct {
	f         io.ReaderAt
	size      int64 // bytes of the file
	pageSize  int64
	root      uint64
	highWater uint64 // pages in use or free; all others are beyond the end of the data
	free      int    // pages on the freelist
	badMetas  int    // of the two meta pages, how many do not hold a valid meta
	used      []byte // one bit per page: reached or free
	levels    [maxDepth][]byte
}

// openPages finds the newest valid meta page and reads the freelist.
func openPages(f io.ReaderAt, size int64) (*pageFile, error) {
	p := &pageFile{f: f, size: size}
	var best []byte
	for i := range 15 {
		at := int64(1024) << i
		if i == 0 {
			at = 0
		}
		m := p.meta(at)
		if m == nil {
			continue
		}
		p.pageSize = int64(native.Uint32(m[8:]))
		best = m
		other := p.meta(p.pageSize)
		switch {
		case at != 0 || other == nil:
			p.badMetas++
		case native.Uint64(other[48:]) > native.Uint64(m[48:]):
			best = other
		}
		break
	}
	if best == nil {
		return nil, errors.New("neither of the two head pages is readable")
	}
	p.root = native.Uint64(best[16:])
	p.highWater = native.Uint64(best[40:])
	if p.pageSize < 1024 || p.pageSize&(p.pageSize-1) != 0 || p.highWater < 4 || p.highWater > uint64(1)<<40/uint64(p.pageSize) {
		return nil, errors.New("the head page makes no sense")
	}
	if need := int64(p.highWater) * p.pageSize; size < need {
		return nil, fmt.Errorf("the file is cut off: %d bytes instead of %d", size, need)
	}
	p.used = make([]byte, p.highWater/8+1)
	for id := range uint64(2) {
		p.claim(id)
	}
	if free := native.Uint64(best[32:]); free != noFreelist {
		if err := p.readFreelist(free); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// meta returns the meta at a byte offset, nil if there is no valid one.
func (p *pageFile) meta(at int64) []byte {
	b := make([]byte, pageHeader+metaSize)
	if _, err := p.f.ReadAt(b, at); err != nil {
		return nil
	}
	m := b[pageHeader:]
	h := fnv.New64a()
	_, _ = h.Write(m[:56])
	if native.Uint32(m) != boltMagic || native.Uint32(m[4:]) != boltVersion || native.Uint64(m[56:]) != h.Sum64() {
		return nil
	}
	return m
}

// claim notes that a page is in use; false if it was already.
func (p *pageFile) claim(id uint64) bool {
	bit := byte(1) << (id % 8)
	if p.used[id/8]&bit != 0 {
		return false
	}
	p.used[id/8] |= bit
	return true
}

// page reads a page with its overflow into buf and returns it with its flags and number of elements.
func (p *pageFile) page(id uint64, buf []byte) (b []byte, flags uint16, count int, err error) {
	if id < 2 || id >= p.highWater {
		return nil, 0, 0, fmt.Errorf("page %d is outside of the file", id)
	}
	b = grow(buf, int(p.pageSize))
	if _, err := p.f.ReadAt(b, int64(id)*p.pageSize); err != nil {
		return nil, 0, 0, fmt.Errorf("read page %d: %w", id, err)
	}
	over := uint64(native.Uint32(b[12:]))
	if native.Uint64(b) != id || over > maxOverflow || id+over >= p.highWater {
		return nil, 0, 0, fmt.Errorf("page %d has a wrong head", id)
	}
	for i := range over + 1 {
		if !p.claim(id + i) {
			return nil, 0, 0, fmt.Errorf("page %d is used twice", id+i)
		}
	}
	if over > 0 {
		b = grow(b, int(p.pageSize)*int(over+1))
		if _, err := p.f.ReadAt(b, int64(id)*p.pageSize); err != nil {
			return nil, 0, 0, fmt.Errorf("read page %d: %w", id, err)
		}
	}
	return b, native.Uint16(b[8:]), int(native.Uint16(b[10:])), nil
}

func grow(b []byte, n int) []byte {
	if cap(b) < n {
		return make([]byte, n)
	}
	return b[:n]
}

func (p *pageFile) readFreelist(id uint64) error {
	b, flags, count, err := p.page(id, nil)
	if err != nil {
		return fmt.Errorf("list of free pages: %w", err)
	}
	ids := b[pageHeader:]
	if count == 0xFFFF && len(ids) >= 8 {
		count = int(min(native.Uint64(ids), uint64(len(b))))
		ids = ids[8:]
	}
	if flags != pageFreelist || count*8 > len(ids) {
		return errors.New("the list of free pages is not one")
	}
	for i := range count {
		free := native.Uint64(ids[i*8:])
		if free < 2 || free >= p.highWater || !p.claim(free) {
			return fmt.Errorf("the list of free pages holds page %d", free)
		}
	}
	p.free = count
	return nil
}

// buckets returns the root pages of the top-level buckets by name; a bucket that is stored inline comes as its page.
func (p *pageFile) buckets() (map[string]bucketRoot, error) {
	roots := map[string]bucketRoot{}
	w := walker{p: p, each: func(flags uint32, k, v []byte) error {
		if flags&elemBucket == 0 || len(v) < bucketSize {
			return fmt.Errorf("%q is not a bucket", k)
		}
		r := bucketRoot{page: native.Uint64(v)}
		if r.page == 0 {
			r.inline = bytes.Clone(v[bucketSize:])
		}
		roots[string(k)] = r
		return nil
	}}
	if err := w.tree(p.root); err != nil {
		return nil, fmt.Errorf("list of buckets: %w", err)
	}
	return roots, nil
}

type bucketRoot struct {
	page   uint64
	inline []byte
}

// walk calls each for every pair of the bucket in the order of keys. The slices are only valid during the call.
func (p *pageFile) walk(r bucketRoot, each func(k, v []byte) error) error {
	w := walker{p: p, each: func(flags uint32, k, v []byte) error {
		if flags != 0 {
			return fmt.Errorf("unexpected bucket %q", k)
		}
		return each(k, v)
	}}
	if r.page == 0 {
		if len(r.inline) < pageHeader {
			return errors.New("an inline page is cut off")
		}
		return w.leaf(r.inline, int(native.Uint16(r.inline[10:])), nil)
	}
	return w.tree(r.page)
}

// walker goes through one tree and checks that keys ascend, within pages and between a branch and its children.
type walker struct {
	p    *pageFile
	each func(flags uint32, k, v []byte) error
	last []byte
	any  bool
}

func (w *walker) tree(root uint64) error { return w.node(root, 0, nil, nil) }

// node visits a page of which all keys must be at least low and, if high is not nil, less than high.
func (w *walker) node(id uint64, depth int, low, high []byte) error {
	if depth == maxDepth {
		return errors.New("the tree of pages is too deep")
	}
	b, flags, count, err := w.p.page(id, w.p.levels[depth])
	if err != nil {
		return err
	}
	w.p.levels[depth] = b
	switch flags {
	case pageLeaf:
		if count > 0 && low != nil {
			if k, _, err := leafPair(b, 0, count); err != nil || bytes.Compare(k, low) < 0 {
				return fmt.Errorf("page %d: keys are not where they belong", id)
			}
		}
		if err := w.leaf(b, count, high); err != nil {
			return fmt.Errorf("page %d: %w", id, err)
		}
		return nil
	case pageBranch:
		return w.branch(b, id, count, depth, high)
	}
	return fmt.Errorf("page %d is of no known type", id)
}

func (w *walker) branch(b []byte, id uint64, count, depth int, high []byte) error {
	if count == 0 || count*elemSize > len(b)-pageHeader {
		return fmt.Errorf("page %d: wrong number of children", id)
	}
	key := func(i int) ([]byte, uint64, error) {
		at := pageHeader + i*elemSize
		pos, n := int(native.Uint32(b[at:])), int(native.Uint32(b[at+4:]))
		if pos > len(b) || n > len(b) || at+pos+n > len(b) {
			return nil, 0, fmt.Errorf("page %d: a key lies outside", id)
		}
		return b[at+pos : at+pos+n], native.Uint64(b[at+8:]), nil
	}
	low, child, err := key(0)
	for i := range count {
		if err != nil {
			return err
		}
		next, nextChild, limit := []byte(nil), uint64(0), high
		if i+1 < count {
			if next, nextChild, err = key(i + 1); err != nil {
				return err
			}
			limit = next
		}
		if err := w.node(child, depth+1, low, limit); err != nil {
			return err
		}
		low, child = next, nextChild
	}
	return nil
}

func (w *walker) leaf(b []byte, count int, high []byte) error {
	if count*elemSize > len(b)-pageHeader {
		return errors.New("wrong number of pairs")
	}
	for i := range count {
		k, v, err := leafPair(b, i, count)
		if err != nil {
			return err
		}
		if w.any && bytes.Compare(k, w.last) <= 0 || high != nil && bytes.Compare(k, high) >= 0 {
			return errors.New("keys are not in order")
		}
		w.last, w.any = append(w.last[:0], k...), true
		if err := w.each(native.Uint32(b[pageHeader+i*elemSize:]), k, v); err != nil {
			return err
		}
	}
	return nil
}

func leafPair(b []byte, i, count int) (k, v []byte, err error) {
	if count*elemSize > len(b)-pageHeader {
		return nil, nil, errors.New("wrong number of pairs")
	}
	at := pageHeader + i*elemSize
	pos, kn, vn := int(native.Uint32(b[at+4:])), int(native.Uint32(b[at+8:])), int(native.Uint32(b[at+12:]))
	if pos > len(b) || kn > len(b) || vn > len(b) || at+pos+kn+vn > len(b) {
		return nil, nil, errors.New("a pair lies outside")
	}
	return b[at+pos : at+pos+kn], b[at+pos+kn : at+pos+kn+vn], nil
}

// readAhead reads the file once from front to back, so that what follows finds it in the page cache (random reads of a
// cold gigabyte take 20 s, reading it through takes one), and so that a bad sector is an error here and not a SIGBUS later.
func readAhead(f *os.File) error {
	buf := make([]byte, 1<<20)
	for at := int64(0); ; {
		n, err := f.ReadAt(buf, at)
		at += int64(n)
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read at byte %d: %w", at, err)
		}
	}
}
