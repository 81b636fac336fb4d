package queue

import (
	"bytes"
	"encoding/binary"
)

// The buckets; doc.go says what they hold.
var (
	bucketMeta      = []byte("meta")
	bucketHolds     = []byte("holds")
	bucketJobs      = []byte("jobs")
	bucketIndex     = []byte("index")
	bucketLive      = []byte("live")
	bucketLedger    = []byte("ledger")
	bucketDelivered = []byte("delivered")
	bucketSeen      = []byte("seen")
	bucketHistory   = []byte("history")
	bucketSessions  = []byte("sessions")
	bucketBySession = []byte("bysession")
)

var allBuckets = [][]byte{
	bucketMeta, bucketHolds, bucketJobs, bucketIndex, bucketLive, bucketLedger, bucketDelivered, bucketSeen, bucketHistory,
	bucketSessions, bucketBySession,
}

// u64key is a number as a key: ascending numbers are ascending keys.
func u64key(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// earliest and latest turn nanoseconds into numbers of which the smallest is the earliest or latest time.
func earliest(n int64) uint64 { return uint64(n) ^ 1<<63 }
func latest(n int64) uint64   { return ^earliest(n) }

// appendIndexKey appends the one key under which the index must hold the job:
//
//	state · account · 0 · order · id
//
// Order is what the state is sorted by: Ready by priority, then newest file first; Waiting by due time; Leased by the
// time of the lease; Failed and Skipped latest first.
func appendIndexKey(k []byte, h *head, id uint64) []byte {
	k = appendIndexPrefix(k, h.state, h.account)
	switch h.state {
	case Ready:
		k = append(k, byte(h.priority))
		k = binary.BigEndian.AppendUint64(k, latest(h.modTime))
	case Waiting:
		k = binary.BigEndian.AppendUint64(k, earliest(h.due))
	case Leased:
		k = binary.BigEndian.AppendUint64(k, earliest(h.updated))
	default:
		k = binary.BigEndian.AppendUint64(k, latest(h.updated))
	}
	return binary.BigEndian.AppendUint64(k, id)
}

func appendIndexPrefix[S string | []byte](k []byte, s State, account S) []byte {
	k = append(k, byte(s))
	k = append(k, account...)
	return append(k, 0)
}

// appendIndexValue appends what the index holds under the key, so that a pass over the index gives all counts:
//
//	size [· session [· reason]]
//
// What is zero at the end is left out.
func appendIndexValue(v []byte, h *head) []byte {
	v = binary.AppendVarint(v, h.size)
	if h.session == 0 && h.reason == 0 {
		return v
	}
	v = binary.AppendUvarint(v, h.session)
	if h.reason == 0 {
		return v
	}
	return binary.BigEndian.AppendUint64(v, h.reason)
}

// indexValue is what an index key stands for, beside what it says itself.
type indexValue struct {
	size            int64
	session, reason uint64
}

// parseIndexValue is the inverse of appendIndexValue; ok is false for a value of another shape.
func parseIndexValue(b []byte) (v indexValue, ok bool) {
	size, n := binary.Varint(b)
	if n <= 0 {
		return v, false
	}
	v.size, b = size, b[n:]
	if len(b) == 0 {
		return v, true
	}
	if v.session, n = binary.Uvarint(b); n <= 0 {
		return v, false
	}
	if b = b[n:]; len(b) == 0 {
		return v, true
	}
	if len(b) != 8 {
		return v, false
	}
	v.reason = binary.BigEndian.Uint64(b)
	return v, true
}

// splitIndexKey takes an index key apart; rest is order · id. ok is false for a key of another shape.
func splitIndexKey(k []byte) (s State, account, rest []byte, ok bool) {
	if len(k) < 2 {
		return 0, nil, nil, false
	}
	end := bytes.IndexByte(k[1:], 0)
	if end < 0 {
		return 0, nil, nil, false
	}
	s, account, rest = State(k[0]), k[1:1+end], k[2+end:]
	return s, account, rest, s >= Leased && s <= Skipped && len(rest) == orderLen(s)+8
}

func orderLen(s State) int {
	if s == Ready {
		return 9
	}
	return 8
}

// idOf is the id at the end of an index key.
func idOf(k []byte) uint64 { return binary.BigEndian.Uint64(k[len(k)-8:]) }

// appendPair appends account · 0 · rest: the key of live (rest: path) and ledger (rest: digest).
func appendPair[A, R string | []byte](k []byte, account A, rest R) []byte {
	k = append(k, account...)
	k = append(k, 0)
	return append(k, rest...)
}

// appendDeliveredKey appends account · 0 · latest(at) · digest.
func appendDeliveredKey[A string | []byte](k []byte, account A, at int64, digest []byte) []byte {
	k = append(k, account...)
	k = append(k, 0)
	k = binary.BigEndian.AppendUint64(k, latest(at))
	return append(k, digest...)
}

// appendBySessionKey appends session · account · 0 · latest(at) · digest.
func appendBySessionKey[A string | []byte](k []byte, session uint64, account A, at int64, digest []byte) []byte {
	return appendDeliveredKey(binary.BigEndian.AppendUint64(k, session), account, at, digest)
}

// splitPair takes account · 0 · rest apart.
func splitPair(k []byte) (account, rest []byte, ok bool) { return bytes.Cut(k, []byte{0}) }
