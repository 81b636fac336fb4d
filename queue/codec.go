package queue

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// A stored value is
//
//	version byte | fields | CRC-32C over key, version and fields
//
// because bbolt's data pages carry no checksum: without it a flipped bit would come back as another digest. Fields are
// fixed-width big-endian numbers, varints, or strings and bytes after their length; nothing is ever found by a separator.
// A new layout gets a new version byte and the decoder keeps reading the old ones, so that rows are rewritten only when
// they change anyway.
const (
	codecVersion  = 1 // of what has had one layout only
	jobVersion    = 2 // 2: session, reason, words, time taken
	recordVersion = 2 // 2: session
)

var (
	castagnoli = crc32.MakeTable(crc32.Castagnoli)
	errCodec   = errors.New("malformed value")
)

// never stands for the zero time.
const never = math.MinInt64

// nanos is t as stored. What does not fit (years before 1678 or after 2261, as broken cameras write) becomes the nearest
// time that does.
func nanos(t time.Time) int64 {
	switch {
	case t.IsZero():
		return never
	case t.Year() < 1678:
		return never + 1
	case t.Year() > 2261:
		return math.MaxInt64
	}
	return t.UnixNano()
}

// fromNanos is the inverse of nanos.
func fromNanos(n int64) time.Time {
	if n == never {
		return time.Time{}
	}
	return time.Unix(0, n)
}

// seal appends the checksum for key to body.
func seal(key, body []byte) []byte {
	return binary.BigEndian.AppendUint32(body, checksum(key, body))
}

// unseal returns the body of a sealed value after comparing its checksum.
func unseal(key, value []byte) ([]byte, error) {
	n := len(value) - 4
	if n < 1 {
		return nil, fmt.Errorf("%w: %d bytes", errCodec, len(value))
	}
	if binary.BigEndian.Uint32(value[n:]) != checksum(key, value[:n]) {
		return nil, fmt.Errorf("%w: checksum differs", errCodec)
	}
	return value[:n], nil
}

func checksum(key, body []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, castagnoli), castagnoli, body)
}

// encoder appends fields; its zero value starts an empty body.
type encoder struct{ b []byte }

func (e *encoder) u8(v uint8)       { e.b = append(e.b, v) }
func (e *encoder) u64(v uint64)     { e.b = binary.BigEndian.AppendUint64(e.b, v) }
func (e *encoder) uint(v int)       { e.b = binary.AppendUvarint(e.b, uint64(v)) }
func (e *encoder) int64(v int64)    { e.b = binary.AppendVarint(e.b, v) }
func (e *encoder) time(t time.Time) { e.u64(uint64(nanos(t))) }
func (e *encoder) raw(b []byte)     { e.b = append(e.b, b...) }
func (e *encoder) str(s string)     { e.uint(len(s)); e.b = append(e.b, s...) }

// decoder reads fields in the same order. After the first one that does not fit, err is set and all others are zero.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) take(n int) []byte {
	if d.err != nil || n < 0 || n > len(d.b) {
		d.fail()
		return nil
	}
	b := d.b[:n]
	d.b = d.b[n:]
	return b
}

func (d *decoder) fail() {
	if d.err == nil {
		d.err = fmt.Errorf("%w: too short", errCodec)
	}
}

func (d *decoder) u8() uint8 {
	if b := d.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (d *decoder) u64() uint64 {
	if b := d.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (d *decoder) uint() int {
	v, n := binary.Uvarint(d.b)
	if n <= 0 || v > math.MaxInt32 {
		d.fail()
		return 0
	}
	d.take(n)
	return int(v)
}

func (d *decoder) int64() int64 {
	v, n := binary.Varint(d.b)
	if n <= 0 {
		d.fail()
		return 0
	}
	d.take(n)
	return v
}

func (d *decoder) time() time.Time { return fromNanos(int64(d.u64())) }
func (d *decoder) bytes() []byte   { return d.take(d.uint()) }
func (d *decoder) str() string     { return string(d.bytes()) }

// version reads the version of a layout that has had newest of them.
func (d *decoder) version(newest uint8) uint8 {
	v := d.u8()
	if d.err == nil && (v == 0 || v > newest) {
		d.err = fmt.Errorf("%w: version %d", errCodec, v)
	}
	return v
}

// end returns the first error, or one for bytes that are left over.
func (d *decoder) end() error {
	if d.err == nil && len(d.b) > 0 {
		d.err = fmt.Errorf("%w: %d bytes too many", errCodec, len(d.b))
	}
	return d.err
}

// encodeRecord leaves out account and digest: they are the key.
func encodeRecord(r *Record) []byte {
	e := encoder{b: make([]byte, 0, 96+len(r.Path)+len(r.URL))}
	e.u8(recordVersion)
	e.time(r.At)
	e.u64(r.Session)
	e.str(r.Path)
	var gone uint8
	if r.Gone {
		gone = 1
	}
	e.u8(gone)
	e.raw(r.MD5[:])
	e.int64(r.Size)
	e.str(string(r.Outcome))
	e.str(r.RemoteID)
	e.str(r.URL)
	e.str(r.Album)
	e.str(r.Verified)
	return e.b
}

// decodeDelivery reads the part of a record that its places in delivered and bysession depend on.
func decodeDelivery(d *decoder) (at int64, session uint64) {
	v := d.version(recordVersion)
	at = int64(d.u64())
	if v > 1 {
		session = d.u64()
	}
	return at, session
}

func decodeRecord(body []byte) (Record, error) {
	var r Record
	d := decoder{b: body}
	var at int64
	at, r.Session = decodeDelivery(&d)
	r.At = fromNanos(at)
	r.Path = d.str()
	r.Gone = d.u8() == 1
	copy(r.MD5[:], d.take(16))
	r.Size = d.int64()
	r.Outcome = Outcome(d.str())
	r.RemoteID = d.str()
	r.URL = d.str()
	r.Album = d.str()
	r.Verified = d.str()
	return r, d.end()
}

// encodeSeen leaves out the path: it is the key.
func encodeSeen(s *Seen) []byte {
	e := encoder{b: make([]byte, 0, 80+len(s.Note))}
	e.u8(codecVersion)
	e.time(s.ModTime)
	e.int64(s.Size)
	e.raw(s.SHA256[:])
	e.raw(s.MD5[:])
	e.str(s.Note)
	return e.b
}

// decodeStamp reads the part of a Seen row that says whether the file has changed.
func decodeStamp(d *decoder) (modTime, size int64) {
	d.version(codecVersion)
	modTime = int64(d.u64())
	return modTime, d.int64()
}

func decodeSeen(body []byte) (Seen, error) {
	d := decoder{b: body}
	modTime, size := decodeStamp(&d)
	s := Seen{ModTime: fromNanos(modTime), Size: size}
	copy(s.SHA256[:], d.take(32))
	copy(s.MD5[:], d.take(16))
	s.Note = d.str()
	return s, d.end()
}

func encodeEvent(ev *Event) []byte {
	e := encoder{b: make([]byte, 0, 80+len(ev.Path)+len(ev.Text))}
	e.u8(codecVersion)
	e.str(ev.Path)
	e.time(ev.At)
	e.str(ev.Account)
	e.raw(ev.SHA256[:])
	e.str(ev.What)
	e.str(ev.Text)
	return e.b
}

// decodeEventPath reads the part of an event that says whose it is; the slice aliases the value.
func decodeEventPath(d *decoder) []byte {
	d.version(codecVersion)
	return d.bytes()
}

func decodeEvent(body []byte) (Event, error) {
	d := decoder{b: body}
	ev := Event{Path: string(decodeEventPath(&d))}
	ev.At = d.time()
	ev.Account = d.str()
	copy(ev.SHA256[:], d.take(32))
	ev.What = d.str()
	ev.Text = d.str()
	return ev, d.end()
}

// encodeHold leaves out account and By: they are the key.
func encodeHold(h *Hold) []byte {
	var e encoder
	e.u8(codecVersion)
	e.time(h.Since)
	e.time(h.Until)
	e.str(h.Reason)
	e.str(h.Hint)
	e.str(h.Kind)
	return e.b
}

func decodeHold(body []byte) (Hold, error) {
	var h Hold
	d := decoder{b: body}
	d.version(codecVersion)
	h.Since = d.time()
	h.Until = d.time()
	h.Reason = d.str()
	h.Hint = d.str()
	h.Kind = d.str()
	return h, d.end()
}

// maxText bounds texts that come from outside, such as a server's error page.
const maxText = 2000

// clip cuts s after maxText bytes, between characters.
func clip(s string) string {
	if len(s) <= maxText {
		return s
	}
	n := maxText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.TrimSpace(s[:n]) + "…"
}
